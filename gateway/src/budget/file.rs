//! The file of what has been spent: JSON, written whole and put in place at once.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Account;

/// The most bytes that are read: budgets are few, and have short names.
const BYTES_MAX: u64 = 1 << 20;

/// What has been spent of a budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub name: String,
    pub since: String,
    pub spent_usd: f64,
    pub unpriced: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    budgets: Vec<Row>,
}

impl Row {
    pub fn of(account: &Account) -> Self {
        Self {
            name: account.budget.name.clone(),
            since: account.since.clone(),
            spent_usd: account.spent_usd,
            unpriced: account.unpriced,
        }
    }
}

/// What a file holds; nothing where there is none yet.
///
/// # Errors
/// When it cannot be read, or holds something else.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, String> {
    let fault = |what: String| format!("`budgets.file` {}: {what}", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error.to_string())),
    };
    let mut text = String::new();
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| fault(error.to_string()))?;
    let rows: Rows = serde_json::from_str(&text)
        .map_err(|error| fault(format!("{error}; mend it, or move it away to begin anew")))?;
    let sound = rows.budgets.iter().all(|row| row.spent_usd.is_finite() && row.spent_usd >= 0.0);
    if sound { Ok(rows.budgets) } else { Err(fault("holds an amount that is none".to_owned())) }
}

/// Writes a file beside it and puts that in its place, so that there is always a whole one.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(path: &Path, budgets: Vec<Row>) -> Result<(), String> {
    let fault = |what: String| format!("`budgets.file` {}: {what}", path.display());
    let mut text = serde_json::to_vec_pretty(&Rows { budgets }).map_err(|error| fault(error.to_string()))?;
    text.push(b'\n');
    let beside = path.with_extension("new");
    let put = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    put().map_err(|error: std::io::Error| fault(error.to_string()))
}
