//! `hearthgate test`: policy cases, and what differs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::cases::CaseFile;

use super::{CliError, Ended, load};
use crate::config::{Config, in_workflows};

/// How deep folders are walked.
const FOLDERS_DEEP_MAX: usize = 16;

pub(super) const EXAMPLES: &str = "A file of cases:
  [[case]]
  name = \"a card stays on the device\"
  prompt = \"Charge 4539 1488 0343 6467.\"
  expect = { label = \"restricted\", zone = \"device\", findings = [\"card\"] }

Examples:
  hearthgate test --config hearthgate.toml policy.test.toml
  hearthgate test cases/

Of a folder, every `.toml` file with a `[[case]]` is run. Exits with 0, with 1 where a case failed, or with
64 where a file is no file of cases.";

#[derive(Args)]
pub(super) struct Arguments {
    /// Files of cases, or folders with such.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs every case of every file.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    let config = load(config)?;
    let mut tally = Tally::default();
    let mut out = io::stdout().lock();
    for path in &arguments.paths {
        if path.is_dir() {
            folder(path, FOLDERS_DEEP_MAX, &config, &mut tally, &mut out)?;
        } else {
            let text = read(path)?;
            file(path, &text, &config, &mut tally, &mut out)?;
        }
    }
    if tally == Tally::default() {
        return Err(CliError::Unusable("no cases found; a file of cases has `[[case]]` in it".to_owned()));
    }
    writeln!(out, "{} passed, {} failed", tally.passed, tally.failed)?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Runs the files of a folder in the order of their names.
fn folder(
    path: &Path,
    deeper: usize,
    config: &Config,
    tally: &mut Tally,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let unreadable =
        |error: io::Error| CliError::Unusable(format!("cannot read `{}`: {error}", path.display()));
    let mut inside = fs::read_dir(path)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(unreadable)?;
    inside.sort();
    for path in inside {
        if path.is_dir() && !path.is_symlink() {
            if deeper > 0 {
                folder(&path, deeper - 1, config, tally, out)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = read(&path)?;
            // A policy or a configuration may stand beside its cases.
            if text.parse::<toml::Table>().is_ok_and(|table| !table.contains_key("case")) {
                crate::log::info(&format!("`{}` has no `[[case]]` and is left out", path.display()));
            } else {
                file(&path, &text, config, tally, out)?;
            }
        }
    }
    Ok(())
}

fn file(
    path: &Path,
    text: &str,
    config: &Config,
    tally: &mut Tally,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let cases =
        CaseFile::parse(text).map_err(|error| CliError::Unusable(format!("{}, {error}", path.display())))?;
    let known = |caller: &mut Caller| {
        in_workflows(caller, None, &config.workflows);
    };
    for report in cases.run_as(&config.policy, known) {
        if report.differences.is_empty() {
            tally.passed += 1;
            continue;
        }
        tally.failed += 1;
        writeln!(out, "FAILED {}: {}", path.display(), report.name)?;
        report.differences.iter().try_for_each(|difference| writeln!(out, "  {difference}"))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path)
        .map_err(|error| CliError::Unusable(format!("cannot read `{}`: {error}", path.display())))
}
