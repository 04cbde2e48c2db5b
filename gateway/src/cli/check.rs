//! `hearthgate check`: what the policy decides, and that what it promises holds.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use hearthgate_rules::policy::table;
use hearthgate_rules::prove::{Outcome, Proof};

use super::{Ended, load};
use crate::config::{Config, ConfigError};
use crate::serve::EXIT_CONFIG;

/// Prints the table and the proof, or the case that breaks it.
pub(super) fn run(config: Option<&Path>) -> Ended {
    let mut out = io::stdout().lock();
    match load(config) {
        Ok(config) => {
            good(&config, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(super::CliError::Config(ConfigError::Unproved { policy, proof })) => {
            bad(&policy, &proof, &mut out)?;
            Ok(ExitCode::from(EXIT_CONFIG))
        }
        Err(error) => Err(error),
    }
}

fn good(config: &Config, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", table::table(&config.policy).trim_end())?;
    writeln!(out, "\nwhat holds, whatever the request ({} predicates)", config.proof.atoms)?;
    for statement in &config.proof.statements {
        writeln!(out, "  {}", statement.text)?;
    }
    if !config.warnings.is_empty() {
        writeln!(out, "\nwarnings")?;
        config.warnings.iter().try_for_each(|warning| writeln!(out, "  {warning}"))?;
    }
    if !config.proof.notes.is_empty() {
        writeln!(out, "\ngood to know")?;
        config.proof.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    }
    writeln!(out, "\nthe configuration is good")
}

fn bad(policy: &str, proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    for (statement, counterexample) in proof.broken() {
        writeln!(out, "{policy} breaks: {}", statement.text)?;
        writeln!(out, "  {}", counterexample.sentence)?;
        writeln!(out, "  to see it, a line for `hearthgate explain --jsonl`:")?;
        writeln!(out, "{}", counterexample.line)?;
    }
    let holding = proof.statements.iter().filter(|statement| matches!(statement.outcome, Outcome::Holds));
    for statement in holding {
        writeln!(out, "holds: {}", statement.text)?;
    }
    writeln!(out, "\nthe policy is refused: a gateway with it does not start")
}
