//! `hearthgate audit`: verify the chain of the decision record, or read it.

use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, Ended, load};
use crate::audit::{Filter, show, utc, verify};

#[derive(Subcommand)]
pub(super) enum Arguments {
    /// Walk the chain and name its first break.
    ///
    /// Prints the number of records, the times of the first and the last, and the head hash: noted elsewhere,
    /// it shows later whether the end was cut off. Exits with 0 or 1.
    #[command(after_help = "Examples:
  hearthgate audit verify
  hearthgate audit verify /var/lib/hearthgate/audit.jsonl")]
    Verify {
        /// The record; that of the configuration where none is named.
        file: Option<PathBuf>,
    },
    /// Print records for people.
    #[command(after_help = "Examples:
  hearthgate audit show --last 20
  hearthgate audit show --zone cloud --caller team-a
  hearthgate audit show --request req-0123456789abcdef00000001")]
    Show(Show),
}

#[derive(Args)]
pub(super) struct Show {
    /// The record; that of the configuration where none is named.
    file: Option<PathBuf>,
    /// Only of this request.
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only decisions for this caller.
    #[arg(long, value_name = "NAME")]
    caller: Option<String>,
    /// Only decisions that let the request as far as this zone.
    #[arg(long, value_name = "ZONE")]
    zone: Option<hearthgate_rules::target::Zone>,
    /// Only the last so many.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

/// Verifies or prints.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    match arguments {
        Arguments::Verify { file } => verify_file(&record(config, file.as_deref())?),
        Arguments::Show(arguments) => {
            let path = record(config, arguments.file.as_deref())?;
            let filter = Filter {
                request: arguments.request.clone(),
                caller: arguments.caller.clone(),
                zone: arguments.zone.map(|zone| zone.as_str().to_owned()),
                last: arguments.last,
            };
            show(open(&path)?, &filter, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify_file(path: &Path) -> Ended {
    let mut out = io::stdout().lock();
    match verify(open(path)?)? {
        Ok(verified) => {
            write!(out, "{}: {} records, unbroken", path.display(), verified.records)?;
            if let Some((first, last)) = verified.span {
                write!(out, "\nfrom {} to {}", utc(first), utc(last))?;
            }
            writeln!(out, "\nhead {}", verified.head)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            writeln!(out, "{}: broken at line {}: {}", path.display(), broken.line, broken.why)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn record(config: Option<&Path>, file: Option<&Path>) -> Result<PathBuf, CliError> {
    if let Some(file) = file {
        return Ok(file.to_owned());
    }
    load(config)?.audit.file.ok_or_else(|| {
        CliError::Unusable("the configuration keeps no decision record; name a file".to_owned())
    })
}

fn open(path: &Path) -> Result<BufReader<File>, CliError> {
    let file = File::open(path)
        .map_err(|error| CliError::Failed(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(BufReader::new(file))
}
