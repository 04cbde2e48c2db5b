//! Other detectors, asked about the same texts: `others/others.py` runs them.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

/// What a detector found in a text.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer(pub Vec<Finding>, pub u64);

/// A kind, where it starts and ends in bytes, and how sure the detector is, in 0..1.
#[derive(Clone, Debug, Deserialize)]
pub struct Finding(pub String, pub usize, pub usize, pub f64);

/// The answers to every text, in order.
#[derive(Clone, Debug)]
pub struct Others {
    /// The detectors' names and versions.
    pub names: [String; 2],
    /// What presidio-analyzer and detect-secrets found, with the microseconds that it took.
    pub answers: Vec<[Answer; 2]>,
}

/// Asks both about every text.
///
/// # Errors
/// When the script cannot be run or gives other answers than it should.
pub fn ask(python: &Path, texts: &[String]) -> io::Result<Others> {
    let file = std::env::temp_dir().join(format!("hearthgate-texts-{}.jsonl", std::process::id()));
    let lines: String = texts.iter().map(|text| json!({"text": text}).to_string() + "\n").collect();
    fs::write(&file, lines)?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/others/others.py");
    let output = Command::new(python).arg(script).arg(&file).stderr(Stdio::inherit()).output();
    fs::remove_file(&file)?;
    let output = output?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{script} ended with {}", output.status)));
    }
    let said = String::from_utf8(output.stdout).map_err(io::Error::other)?;
    let mut lines = said.lines();
    let names = serde_json::from_str(lines.next().unwrap_or_default())?;
    let answers = lines.map(serde_json::from_str).collect::<Result<Vec<_>, _>>()?;
    if answers.len() != texts.len() {
        return Err(io::Error::other(format!("{} answers to {} texts", answers.len(), texts.len())));
    }
    Ok(Others { names, answers })
}
