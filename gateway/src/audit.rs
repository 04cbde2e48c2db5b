//! The decision record: what was decided, why and how it went, one JSON line each, in a hash chain. What is answered at home
//! without a decision stands in it with lines of its own kind.
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
mod past;
mod record;
mod show;
mod verify;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearthgate_rules::policy::Policy;
use thiserror::Error;

pub use found::Found;
pub use open::{private_file, private_folder};
pub use past::{Decided, Reader};
pub use record::{DecisionRecord, HomeRecord, OutcomeRecord};
pub use show::{Filter, show, utc};
pub use verify::{Broken, Verified, verify};

use line::Hash;

/// The most bytes of one line. Names come from the configuration, and lists in it are bounded.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// The most bytes of lines that wait to be written.
const WAITING_BYTES_MAX: usize = 64 * 1024;

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
    /// Whether lines wait for [`Audit::flush`].
    waiting: AtomicBool,
}

/// The open end of a chain.
#[derive(Debug)]
struct Chain {
    /// Locked for as long as it is open.
    file: File,
    /// Bytes up to the end of the last whole line.
    len: u64,
    /// The end of the chain, with the lines that wait.
    end: End,
    /// Whether a torn line stands at the end of the file.
    torn: bool,
    /// Whole lines that wait to be written.
    waiting: Vec<u8>,
    /// The policy of the latest decision: what it can tell stands in a line already.
    policy: Option<Arc<Policy>>,
}

/// What the next line follows.
#[derive(Debug, Clone, Copy)]
struct End {
    seq: u64,
    head: Hash,
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
        Ok(Self { chain: chain.map(Mutex::new), waiting: AtomicBool::new(false) })
    }

    /// Records a decision. When this returns, the line is with the operating system.
    ///
    /// # Errors
    /// When it could not be written whole. The request must not leave then.
    pub fn decision(&self, record: &DecisionRecord<'_>) -> Result<Seq, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Seq(0)) };
        let policy = record.decision.policy();
        let mut chain = lock(chain);
        let first = chain.policy.as_ref().is_none_or(|known| !Arc::ptr_eq(known, policy));
        let seq = chain.write("decision", |line| record.write(line, first))?;
        if first {
            chain.policy = Some(Arc::clone(policy));
        }
        Ok(seq)
    }

    /// Records a request that has no way out. When this returns, the line is with the operating system.
    ///
    /// # Errors
    /// When it could not be written whole. The request must not be answered then.
    pub fn home(&self, record: &HomeRecord<'_>) -> Result<Seq, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Seq(0)) };
        lock(chain).write("home", |line| record.write(line))
    }

    /// Records how a request ended. The line goes out with the next decision or [`flush`](Self::flush): what
    /// has ended can no longer leave, and a system call per line is most of what a line costs.
    ///
    /// # Errors
    /// When it is too long, or so many lines wait that they had to be written and could not.
    pub fn outcome(&self, record: &OutcomeRecord<'_>) -> Result<Seq, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Seq(0)) };
        let mut chain = lock(chain);
        let line = |out: &mut Vec<u8>| record.write(out);
        let seq = if chain.waiting.len() < WAITING_BYTES_MAX {
            chain.append("outcome", line)?
        } else {
            chain.write("outcome", line)?
        };
        self.waiting.store(true, Ordering::Release);
        Ok(seq)
    }

    /// Writes the lines that wait. Cheap where none do.
    ///
    /// # Errors
    /// When they could not be written; they wait on.
    pub fn flush(&self) -> Result<(), AuditError> {
        let Some(chain) = self.chain.as_ref().filter(|_| self.waiting.swap(false, Ordering::AcqRel)) else {
            return Ok(());
        };
        lock(chain).write_waiting().inspect_err(|_| self.waiting.store(true, Ordering::Release))
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _unwritten = self.flush();
    }
}

impl Chain {
    /// Appends a line and writes it, with those that wait; if that fails, the line is taken back.
    fn write(&mut self, kind: &str, body: impl FnOnce(&mut Vec<u8>)) -> Result<Seq, AuditError> {
        let (end, length) = (self.end, self.waiting.len());
        let seq = self.append(kind, body)?;
        self.write_waiting().inspect_err(|_| {
            self.end = end;
            self.waiting.truncate(length);
        })?;
        Ok(seq)
    }

    /// Appends a line to those that wait.
    fn append(&mut self, kind: &str, body: impl FnOnce(&mut Vec<u8>)) -> Result<Seq, AuditError> {
        let start = self.waiting.len();
        let seq = self.end.seq.saturating_add(1);
        line::begin(&mut self.waiting, seq, &self.end.head, crate::clock::unix_micros(), kind);
        body(&mut self.waiting);
        let head = line::end(&mut self.waiting, start);
        let bytes = self.waiting.len() - start;
        if bytes > LINE_BYTES_MAX {
            self.waiting.truncate(start);
            return Err(AuditError::TooLong { bytes });
        }
        self.end = End { seq, head };
        Ok(Seq(seq))
    }

    fn write_waiting(&mut self) -> Result<(), AuditError> {
        if self.torn {
            return Err(AuditError::Torn);
        }
        if let Err(error) = self.file.write_all(&self.waiting) {
            // Part of a line may be there, as on a full disk: it is taken back, so that the lines can follow
            // the last whole one when they are written again.
            self.torn = self.file.set_len(self.len).is_err();
            return Err(error.into());
        }
        self.len = self.len.saturating_add(u64::try_from(self.waiting.len()).unwrap_or(u64::MAX));
        self.waiting.clear();
        Ok(())
    }
}

/// A panic while the lock was held leaves the state as it was before the line, or the line whole.
fn lock(chain: &Mutex<Chain>) -> MutexGuard<'_, Chain> {
    chain.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
