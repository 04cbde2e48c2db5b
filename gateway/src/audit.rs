//! The decision record: what was decided, why and how it went, one JSON line each, in a hash chain.
//!
//! It must never hold text of a request: only kinds, counts, places, names that the configuration writes,
//! and digests. Keys of the caller's own making show as `*` in pointers.
//!
//! A decision's line is written (not synced) before [`Audit::decision`] returns, so whoever sends only after
//! that never sends what is not recorded.
//!
//! # What the chain proves
//!
//! Every line names its number and the hash of the line before it, and ends with the SHA-256 of itself. A
//! line that was changed, taken out, put in or moved breaks the chain at that place, and `hearthgate audit
//! verify` names it. What a chain cannot show by itself: lines missing at the very end, and a chain that was
//! computed anew from some line on. Both show against a note of the head hash kept elsewhere, so `verify`
//! prints it. No digest of content is in it, so no key is needed to keep one from being guessed.

mod found;
mod line;
mod open;
mod record;
mod show;
mod verify;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use thiserror::Error;

pub use found::Found;
pub use record::{DecisionRecord, OutcomeRecord};
pub use show::{Filter, show, utc};
pub use verify::verify;

use line::Hash;

/// The most bytes of one line. Names come from the configuration, and lists in it are bounded.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// The number of a record in its chain; 0 where recording is off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Seq(pub u64);

/// Why a record was not written. Nothing may be sent outwards then.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The file could not be written.
    #[error("the decision record could not be written")]
    Io(#[from] io::Error),
    /// An earlier fault left a torn line that could not be taken back.
    #[error("the decision record was left torn by an earlier fault; restart to mend it")]
    Torn,
    /// The record does not fit a line.
    #[error("a decision record of {bytes} bytes is longer than {LINE_BYTES_MAX}")]
    TooLong {
        /// How long it would have been.
        bytes: usize,
    },
}

/// The decision record of one gateway.
#[derive(Debug)]
pub struct Audit {
    chain: Option<Mutex<Chain>>,
}

/// The open end of a chain.
#[derive(Debug)]
struct Chain {
    /// Locked for as long as it is open.
    file: File,
    /// Bytes up to the end of the last whole line.
    len: u64,
    seq: u64,
    head: Hash,
    /// Whether a torn line stands at the end.
    torn: bool,
    /// Kept between records, so that none allocates.
    buffer: Vec<u8>,
}

impl Audit {
    /// Opens the record and continues its chain; with no path, recording is off.
    ///
    /// The folder is made where it is missing. A torn last line, such as a crash leaves, is moved to a file
    /// beside it, and the chain says so.
    ///
    /// # Errors
    /// When it cannot be opened, another process writes it, or its last line does not fit its hash.
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        let chain = path.map(open::chain).transpose()?;
        Ok(Self { chain: chain.map(Mutex::new) })
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.chain.is_some()
    }

    /// Records a decision. When this returns, the line is with the operating system.
    ///
    /// # Errors
    /// When it could not be written whole. The request must not leave then.
    pub fn decision(&self, record: &DecisionRecord<'_>) -> Result<Seq, AuditError> {
        self.write("decision", |line| record.write(line))
    }

    /// Records how a request ended.
    ///
    /// # Errors
    /// When it could not be written whole.
    pub fn outcome(&self, record: &OutcomeRecord<'_>) -> Result<Seq, AuditError> {
        self.write("outcome", |line| record.write(line))
    }

    fn write(&self, kind: &str, body: impl FnOnce(&mut Vec<u8>)) -> Result<Seq, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Seq(0)) };
        lock(chain).append(kind, crate::clock::unix_micros(), body)
    }
}

impl Chain {
    fn append(&mut self, kind: &str, at: u64, body: impl FnOnce(&mut Vec<u8>)) -> Result<Seq, AuditError> {
        if self.torn {
            return Err(AuditError::Torn);
        }
        let seq = self.seq.saturating_add(1);
        self.buffer.clear();
        line::begin(&mut self.buffer, seq, &self.head, at, kind);
        body(&mut self.buffer);
        let head = line::end(&mut self.buffer);
        if self.buffer.len() > LINE_BYTES_MAX {
            return Err(AuditError::TooLong { bytes: self.buffer.len() });
        }
        if let Err(error) = self.file.write_all(&self.buffer) {
            // Part of the line may be there, as on a full disk: it is taken back, so that the next one can
            // follow the last whole line.
            self.torn = self.file.set_len(self.len).is_err();
            return Err(error.into());
        }
        self.len = self.len.saturating_add(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX));
        self.seq = seq;
        self.head = head;
        Ok(Seq(seq))
    }
}

/// A panic while the lock was held leaves the state as it was before the line, or the line whole.
fn lock(chain: &Mutex<Chain>) -> MutexGuard<'_, Chain> {
    chain.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
