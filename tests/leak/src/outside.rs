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
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A request with its private units.
    Units {
        /// What is sent.
        text: String,
        /// What is private in it.
        units: Vec<String>,
    },
    /// A clean prompt.
    Prompt {
        /// What is sent.
        prompt: String,
    },
    /// A row with marked spans.
    Row {
        /// What is sent.
        text: String,
        /// What is marked in it.
        spans: Vec<Span>,
    },
}

impl Line {
    /// What is sent.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Units { text, .. } | Self::Prompt { prompt: text } | Self::Row { text, .. } => text,
        }
    }
}

/// A marked span.
#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    /// What it is, in the set's own words.
    pub kind: String,
}

/// Kinds of spans that have a structure of their own, by which they can be found wherever they stand.
const STRUCTURED: [&str; 6] =
    ["CREDIT_CARD", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS", "US_SSN", "IBAN_CODE"];

/// The lines of a file.
///
/// # Errors
/// When the file cannot be read or a line has none of the known shapes; the line is named.
pub fn lines(file: &Path) -> Result<Vec<Line>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().enumerate().map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| format!("{} line {}: {error}", file.display(), at + 1))
    });
    lines.collect()
}

/// Judges every line of a file.
///
/// # Errors
/// As [`lines`].
pub fn read(file: &Path, judge: &Judge) -> Result<Outside, String> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut counts = Counts::default();
    for line in lines(file)? {
        let seen = judge.see(&body::user(line.text())).map_err(|error| format!("{name}: {error}"))?;
        counts.add(&line, seen.open);
    }
    Ok(Outside { file: name, shares: counts.shares() })
}

/// How many of each kind of line were judged open or held back.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    units: Share,
    unit_texts: Share,
    prompts: Share,
    structured: Share,
    other: Share,
    bare: Share,
}

impl Counts {
    /// Counts a line whose text was judged open, or not.
    pub fn add(&mut self, line: &Line, open: bool) {
        match line {
            Line::Units { units, .. } => {
                self.unit_texts.add(!open);
                units.iter().for_each(|_| self.units.add(open));
            }
            Line::Prompt { .. } => self.prompts.add(!open),
            Line::Row { spans, .. } => {
                if spans.iter().any(|span| STRUCTURED.contains(&span.kind.as_str())) {
                    self.structured.add(open);
                } else if spans.is_empty() {
                    self.bare.add(!open);
                } else {
                    self.other.add(open);
                }
            }
        }
    }

    /// What was counted.
    #[must_use]
    pub fn shares(self) -> Vec<(String, Share)> {
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
