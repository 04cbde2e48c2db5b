//! The command line.
//!
//! Exit codes: 0 when all is well, 1 when a case, a chain or a demonstration failed, a bound is broken or a target cannot
//! be met, 2 for a command line that cannot be read, 3 where `replay` could not tell all that it was asked, 64 for a
//! configuration or policy that cannot be used.

mod audit;
mod calibrate;
mod check;
mod demo;
mod eval;
mod explain;
mod labelled;
mod models;
mod policy;
mod replay;
mod store;
mod test;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use thiserror::Error;

use crate::config::{Config, ConfigError, Env};

/// A hybrid routing gateway for language models.
///
/// Applications speak to it as they speak to OpenAI or Anthropic. It reads each request, judges how private and how hard
/// it is, answers private or easy ones with a model in its own process, and lets out only what its policy
/// permits.
#[derive(Parser)]
#[command(name = "hearthgate", version, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Examples:
  hearthgate demo                                  see it work, with nothing to set up
  hearthgate serve                                 answer on 127.0.0.1:8080 with the default configuration
  hearthgate check --config hearthgate.toml        prove the policy and print what it decides
  hearthgate models pull qwen3-4b                  a model that answers in this process
  hearthgate explain \"Is 4539 1488 0343 6467 valid?\"

Exit codes: 0 fine, 1 something failed, 2 wrong usage, 64 unusable configuration or policy.")]
struct Cli {
    /// The configuration; without it, the device model and each cloud whose usual key variable is set.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve clients until SIGTERM; SIGHUP reloads configuration and policy.
    ///
    /// Everything is loaded and proved before anything binds. One JSON line on standard output says where it
    /// listens.
    #[command(after_help = "Examples:
  hearthgate serve
  HEARTHGATE_SERVER__LISTEN=127.0.0.1:9000 hearthgate serve --config hearthgate.toml")]
    Serve,
    /// Parse the configuration, prove its policy and print what it decides.
    ///
    /// Prints the decision table, what holds in every case, and warnings; or a case that breaks an invariant,
    /// ready to be pasted into `hearthgate explain --jsonl`. Exits with 0 or 64.
    #[command(after_help = "Example:
  hearthgate check --config hearthgate.toml")]
    Check,
    /// Say what would happen to a request, and why. Nothing is sent, and no model is loaded.
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Arguments),
    /// Run policy cases: requests with the decisions that they should get.
    #[command(after_help = test::EXAMPLES)]
    Test(test::Arguments),
    /// Score the policy on labelled prompts: shares, quality, cost, and how sure they are. Nothing is sent.
    #[command(after_help = eval::examples())]
    Eval(eval::Arguments),
    /// Find the thresholds of difficulty for a share of the cloud, a quality or a budget, or how often a model fails, from
    /// labelled prompts, which it may ask for itself.
    #[command(after_help = calibrate::examples())]
    Calibrate(Box<calibrate::Arguments>),
    /// Show the gateway at work: a dozen prompts, and a stand-in for the cloud on this machine.
    ///
    /// Starts a gateway on free ports, sends it telling prompts, and prints where each one went, how long it
    /// took and what it cost; then what the stand-in cloud got to see. Nothing leaves this machine.
    Demo,
    /// Say what a new policy would have made of the decisions in the record, and which requests would newly leave.
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::Arguments),
    /// Pull models from a hub, and see to those that are there.
    #[command(subcommand)]
    Models(models::Arguments),
    /// Verify or read the decision record.
    #[command(subcommand)]
    Audit(audit::Arguments),
    /// Make the key that the content of requests is stored for.
    #[command(subcommand)]
    Store(store::Arguments),
}

/// Why a command did not succeed.
#[derive(Debug, Error)]
enum CliError {
    /// A configuration or policy that cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something that was named on the command line, or by the configuration, and cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// Something that went wrong on the way.
    #[error("{0}")]
    Failed(String),
    /// Input or output.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a command ended with.
type Ended = Result<ExitCode, CliError>;

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let config = cli.config.as_deref();
    let ended = match cli.command {
        Command::Serve => return crate::serve::run(config),
        Command::Check => check::run(config),
        Command::Explain(arguments) => explain::run(config, &arguments),
        Command::Test(arguments) => test::run(config, &arguments),
        Command::Eval(arguments) => eval::run(config, &arguments),
        Command::Calibrate(arguments) => calibrate::run(config, &arguments),
        Command::Demo => demo::run(),
        Command::Replay(arguments) => replay::run(config, &arguments),
        Command::Models(arguments) => models::run(config, &arguments),
        Command::Audit(arguments) => audit::run(config, &arguments),
        Command::Store(arguments) => store::run(&arguments),
    };
    ended.unwrap_or_else(|error| exit_code(&error))
}

fn load(config: Option<&Path>) -> Result<Config, CliError> {
    Ok(Config::load(config, &Env::process())?)
}

fn exit_code(error: &CliError) -> ExitCode {
    let code = match error {
        // Whoever read the output has seen enough.
        CliError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        CliError::Config(_) | CliError::Unusable(_) => crate::serve::EXIT_CONFIG,
        CliError::Failed(_) | CliError::Io(_) => 1,
    };
    crate::log::warn(&error.to_string());
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_configuration_may_stand_before_and_after_the_command() {
        for line in [["hearthgate", "--config", "a", "check"], ["hearthgate", "check", "--config", "a"]] {
            let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(cli.config.as_deref(), Some(Path::new("a")));
        }
    }
}
