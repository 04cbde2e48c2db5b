//! The decision record: what was decided, why and how it went, one JSON line each, in a hash chain. What is answered at home
//! without a decision stands in it with lines of its own kind.
//!
//! It must never hold text of a request: only kinds, counts, places, names that the configuration writes,
//! and digests. Keys of the caller's own making show as `*` in pointers.
//!
//! A decision's line is written (not synced) before [`Noted::written`] returns, so whoever sends only after
//! that never sends what is not recorded. Requests that are decided at the same time are written together.
//!
//! # What the chain proves
//!
//! Every line names its number and the hash of the line before it, and ends with the SHA-256 of itself. A
//! line that was changed, taken out, put in or moved breaks the chain at that place, and `hearthgate audit
//! verify` names it. What a chain cannot show by itself: lines missing at the very end, and a chain that was
//! computed anew from some line on. Both show against a note of the head hash kept elsewhere, so `verify`
//! prints it. No digest of content is in it, so no key is needed to keep one from being guessed.

mod chain;
mod found;
mod line;
mod open;
mod past;
mod record;
mod show;
mod verify;

use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;

use hearthgate_rules::policy::Policy;
use thiserror::Error;
use tokio::sync::Notify;

pub use found::Found;
pub use open::{private_file, private_folder};
pub use past::{Decided, Reader};
pub use record::{DecisionRecord, HomeRecord, OutcomeRecord, VerifiedRecord};
pub use show::{Filter, show, utc};
pub use verify::{Broken, Verified, verify};

use chain::Chain;

/// The most bytes of one line. Names come from the configuration, and lists in it are bounded.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// How often a line that is to be written gives way to whoever is writing, before it waits for them.
const GIVES_WAY: usize = 4;

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
    chain: Option<Chain>,
    /// Rung when lines begin to wait for [`Audit::flush`].
    waiting: Notify,
}

/// A line that stands in the chain, and may not be with the operating system yet.
#[must_use = "nothing may be sent before it is written"]
#[derive(Debug)]
pub struct Noted<'a> {
    chain: Option<&'a Chain>,
    seq: Seq,
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
        Ok(Self { chain: path.map(open::chain).transpose()?, waiting: Notify::new() })
    }

    /// Notes a decision. The request must not leave before the note is [written](Noted::written).
    ///
    /// # Errors
    /// When the line is too long, or earlier ones could not be written.
    pub fn decision(&self, record: &DecisionRecord<'_>) -> Result<Noted<'_>, AuditError> {
        self.note("decision", |line, known| {
            let policy = record.decision.policy();
            let first = known.as_ref().is_none_or(|known| !Arc::ptr_eq(known, policy));
            record.write(line, first);
            if first {
                *known = Some(Arc::clone(policy));
            }
        })
    }

    /// Notes a request that has no way out. It must not be answered before the note is [written](Noted::written).
    ///
    /// # Errors
    /// When the line is too long, or earlier ones could not be written.
    pub fn home(&self, record: &HomeRecord<'_>) -> Result<Noted<'_>, AuditError> {
        self.note("home", |line, _| record.write(line))
    }

    fn note(
        &self,
        kind: &str,
        body: impl FnOnce(&mut Vec<u8>, &mut Option<Arc<Policy>>),
    ) -> Result<Noted<'_>, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Noted { chain: None, seq: Seq(0) }) };
        Ok(Noted { chain: Some(chain), seq: chain.append(kind, body)? })
    }

    /// Records how a request ended. The line goes out with the next decision or [`flush`](Self::flush): what
    /// has ended can no longer leave, and a system call per line is most of what a line costs.
    ///
    /// # Errors
    /// When it is too long, or so many lines wait that they had to be written and could not.
    pub fn outcome(&self, record: &OutcomeRecord<'_>) -> Result<Seq, AuditError> {
        let Some(chain) = &self.chain else { return Ok(Seq(0)) };
        let (seq, first) = chain.append_waiting("outcome", |out| record.write(out))?;
        if first {
            self.waiting.notify_one();
        }
        Ok(seq)
    }

    /// Waits until lines wait that nobody may write soon.
    pub async fn lines_wait(&self) {
        self.waiting.notified().await;
    }

    /// Writes the lines that wait.
    ///
    /// # Errors
    /// When they could not be written; they wait on.
    pub fn flush(&self) -> Result<(), AuditError> {
        self.chain.as_ref().map_or(Ok(()), Chain::write)
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _unwritten = self.flush();
    }
}

impl Noted<'_> {
    /// Waits until the line is with the operating system. Other requests that are ready are decided first, and
    /// whoever is the first to come back writes for all of them.
    ///
    /// # Errors
    /// When it could not be written. Nothing may be sent then. The line waits, and may be written later.
    pub async fn written(self) -> Result<Seq, AuditError> {
        let Some(chain) = self.chain else { return Ok(self.seq) };
        for _ in 0..GIVES_WAY {
            let_others_go_first().await;
            if chain.is_written(self.seq) {
                return Ok(self.seq);
            }
            if let Some(written) = chain.try_write() {
                return written.map(|()| self.seq);
            }
        }
        chain.write()?;
        Ok(self.seq)
    }
}

/// Comes back when every other task that is ready now has run.
async fn let_others_go_first() {
    let mut gone = false;
    poll_fn(|context| {
        if std::mem::replace(&mut gone, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests;
