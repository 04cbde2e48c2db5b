//! Other people's texts, read where the command line names them and never kept in the repository.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::body;
use crate::judge::Judge;
use crate::stats::Share;

/// What a file of other people's texts gave.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The file's name, without its folder.
    pub file: String,
    /// What was counted, and the count.
    pub shares: Vec<(String, Share)>,
}

/// A line of one of the shapes that are known: requests with private units, prompts with none, and rows with
/// marked spans.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Units { text: String, units: Vec<String> },
    Prompt { prompt: String },
    Row { text: String, spans: Vec<Span> },
}

#[derive(Deserialize)]
struct Span {
    kind: String,
}

/// Kinds of spans that have a structure of their own, by which they can be found wherever they stand.
const STRUCTURED: [&str; 6] =
    ["CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS", "US_SSN", "IBAN_CODE"];

/// Judges every line of a file.
///
/// # Errors
/// When the file cannot be read or a line has none of the known shapes; the line is named.
pub fn read(file: &Path, judge: &Judge) -> Result<Outside, String> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let mut counts = Counts::default();
    for (at, line) in text.lines().enumerate() {
        let line = serde_json::from_str(line).map_err(|error| error.to_string());
        let counted = line.and_then(|line| counts.add(line, judge));
        counted.map_err(|error| format!("{name} line {}: {error}", at + 1))?;
    }
    Ok(Outside { file: name, shares: counts.shares() })
}

#[derive(Default)]
struct Counts {
    units: Share,
    unit_texts: Share,
    prompts: Share,
    structured: Share,
    other: Share,
    bare: Share,
}

impl Counts {
    fn add(&mut self, line: Line, judge: &Judge) -> Result<(), String> {
        let open = |text: &str| {
            judge.see(&body::user(text)).map(|seen| seen.open).map_err(|error| error.to_string())
        };
        match line {
            Line::Units { text, units } => {
                let open = open(&text)?;
                self.unit_texts.add(!open);
                units.iter().for_each(|_| self.units.add(open));
            }
            Line::Prompt { prompt } => self.prompts.add(!open(&prompt)?),
            Line::Row { text, spans } => {
                let open = open(&text)?;
                if spans.iter().any(|span| STRUCTURED.contains(&span.kind.as_str())) {
                    self.structured.add(open);
                } else if spans.is_empty() {
                    self.bare.add(!open);
                } else {
                    self.other.add(open);
                }
            }
        }
        Ok(())
    }

    fn shares(&self) -> Vec<(String, Share)> {
        let all = [
            ("private units in texts judged open", self.units),
            ("texts with units held back", self.unit_texts),
            ("clean prompts held back", self.prompts),
            ("rows with a structured identifier judged open", self.structured),
            ("rows with other marked spans judged open", self.other),
            ("rows without marked spans held back", self.bare),
        ];
        let seen = all.into_iter().filter(|(_, share)| share.total > 0);
        seen.map(|(name, share)| (name.to_owned(), share)).collect()
    }
}
