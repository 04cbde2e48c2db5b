//! The labelled file, as it grows: a whole line at a time, so that a run that ends goes on where it stopped.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::super::CliError;
use super::question::Question;
use crate::audit::private_file;
use crate::calibrate::Costs;

/// A labelled file that is written to.
pub(super) struct Labels {
    file: File,
    path: PathBuf,
    targets: (String, String),
}

/// What of a labelled line tells that it need not be asked again.
#[derive(Deserialize)]
struct Line {
    asked: Option<String>,
    local_target: Option<String>,
    cloud_target: Option<String>,
}

impl Labels {
    /// Opens the file, or makes it its owner's alone; with what stands in it already.
    pub fn open(path: &Path, targets: (&str, &str)) -> Result<(Self, BTreeSet<String>), CliError> {
        let unusable = |error: io::Error| CliError::Unusable(format!("`{}`: {error}", path.display()));
        let mut file = private_file(path).map_err(unusable)?;
        let text = fs::read(path).map_err(unusable)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let last = text.get(whole..).unwrap_or_default();
        if serde_json::from_slice::<Line>(last).is_ok() {
            file.write_all(b"\n").map_err(unusable)?;
        } else if !last.is_empty() {
            let torn = format!("`{}`: its last line was torn off and is taken out", path.display());
            crate::log::warn(&torn);
            file.set_len(u64::try_from(whole).unwrap_or(u64::MAX)).map_err(unusable)?;
        }
        let mut done = BTreeSet::new();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            for (told, now) in [(line.local_target, targets.0), (line.cloud_target, targets.1)] {
                if let Some(other) = told.filter(|told| told != now) {
                    let why =
                        format!("it was answered by `{other}`, and now `{now}` is asked; name another file");
                    return Err(CliError::Unusable(format!("`{}`, line {number}: {why}", path.display())));
                }
            }
            done.extend(line.asked);
        }
        let targets = (targets.0.to_owned(), targets.1.to_owned());
        Ok((Self { file, path: path.to_path_buf(), targets }, done))
    }

    /// Writes one line, in one piece.
    pub fn write(
        &mut self,
        question: &Question,
        (local, cloud): (bool, bool),
        costs: Costs,
    ) -> Result<(), CliError> {
        let mut members: Vec<String> =
            question.kept.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        members.push(format!("\"local\":{local},\"cloud\":{cloud}"));
        for (name, usd) in [("local_cost_usd", costs.local_usd), ("cloud_cost_usd", costs.cloud_usd)] {
            members.extend(usd.map(|usd| format!("\"{name}\":{usd}")));
        }
        let text = |text: &str| hearthgate_rules::json::quote(text);
        let (here, there, asked) = (text(&self.targets.0), text(&self.targets.1), text(&question.asked));
        members.push(format!("\"local_target\":{here},\"cloud_target\":{there},\"asked\":{asked}"));
        let line = format!("{{{}}}\n", members.join(","));
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| CliError::Failed(format!("cannot write `{}`: {error}", self.path.display())))
    }
}
