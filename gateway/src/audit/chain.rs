//! The open end of a chain: lines are hashed in their order under one short lock, and written together under another.

use std::fs::File;
use std::io::Write as _;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use hearthgate_rules::policy::Policy;

use super::line::{self, Hash};
use super::{AuditError, LINE_BYTES_MAX, Seq};

/// The most bytes of outcomes that wait to be written.
const WAITING_BYTES_MAX: usize = 64 * 1024;

/// A chain that lines are appended to. Whoever holds both locks took that of the file first.
#[derive(Debug)]
pub(super) struct Chain {
    tail: Mutex<Tail>,
    out: Mutex<Out>,
    /// The number of the last line that is with the operating system.
    written: AtomicU64,
    /// Whether the last attempt to write failed: no decision is taken then before what waits is written.
    failing: AtomicBool,
}

/// What the next line follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub seq: u64,
    pub head: Hash,
}

/// The lines that nobody has begun to write.
#[derive(Debug)]
pub(super) struct Tail {
    end: End,
    lines: Vec<u8>,
    /// The policy of the latest decision: what it can tell stands in a line already.
    policy: Option<Arc<Policy>>,
    /// Whether somebody was told that outcomes wait, and has not written since.
    told: bool,
}

/// The file, and the lines that are being written.
#[derive(Debug)]
struct Out {
    /// Locked for as long as it is open.
    file: File,
    /// Bytes up to the end of the last whole line.
    len: u64,
    lines: Vec<u8>,
    /// The number of the last of them.
    last: u64,
    /// Whether a torn line stands at the end of the file.
    torn: bool,
}

impl Chain {
    /// A chain that goes on from its end in a file.
    pub fn new(file: File, len: u64, end: End) -> Self {
        let tail = Tail { end, lines: Vec::with_capacity(4096), policy: None, told: false };
        let out = Out { file, len, lines: Vec::with_capacity(4096), last: end.seq, torn: false };
        Self {
            tail: Mutex::new(tail),
            out: Mutex::new(out),
            written: AtomicU64::new(end.seq),
            failing: AtomicBool::new(false),
        }
    }

    /// Appends a line that is to be written before anything leaves.
    pub fn append(
        &self,
        kind: &str,
        body: impl FnOnce(&mut Vec<u8>, &mut Option<Arc<Policy>>),
    ) -> Result<Seq, AuditError> {
        if self.failing.load(Ordering::Acquire) {
            self.write()?;
        }
        lock(&self.tail).append(kind, body)
    }

    /// Appends a line that may wait; says whether somebody is to be told that lines wait.
    pub fn append_waiting(
        &self,
        kind: &str,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(Seq, bool), AuditError> {
        let mut tail = lock(&self.tail);
        if tail.lines.len() >= WAITING_BYTES_MAX {
            drop(tail);
            self.write()?;
            tail = lock(&self.tail);
        }
        let seq = tail.append(kind, |line, _| body(line))?;
        Ok((seq, !mem::replace(&mut tail.told, true)))
    }

    /// Whether a line is with the operating system.
    pub fn is_written(&self, seq: Seq) -> bool {
        self.written.load(Ordering::Acquire) >= seq.0
    }

    /// Writes all lines that wait, unless somebody else is writing: none then.
    pub fn try_write(&self) -> Option<Result<(), AuditError>> {
        let mut out = match self.out.try_lock() {
            Ok(out) => out,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(self.write_out(&mut out))
    }

    /// Writes all lines that wait. If that fails they wait on, and are the first that is written the next time.
    pub fn write(&self) -> Result<(), AuditError> {
        self.write_out(&mut lock(&self.out))
    }

    fn write_out(&self, out: &mut Out) -> Result<(), AuditError> {
        let written = self.write_all(out);
        self.failing.store(written.is_err(), Ordering::Release);
        written
    }

    fn write_all(&self, out: &mut Out) -> Result<(), AuditError> {
        // What failed before goes first, so that no more is held in memory than what waited then and waits now.
        out.write()?;
        {
            let mut tail = lock(&self.tail);
            tail.told = false;
            mem::swap(&mut out.lines, &mut tail.lines);
            out.last = tail.end.seq;
        }
        out.write()?;
        self.written.store(out.last, Ordering::Release);
        Ok(())
    }
}

impl Tail {
    fn append(
        &mut self,
        kind: &str,
        body: impl FnOnce(&mut Vec<u8>, &mut Option<Arc<Policy>>),
    ) -> Result<Seq, AuditError> {
        let start = self.lines.len();
        let seq = self.end.seq.saturating_add(1);
        line::begin(&mut self.lines, seq, &self.end.head, crate::clock::unix_micros(), kind);
        body(&mut self.lines, &mut self.policy);
        let head = line::end(&mut self.lines, start);
        let bytes = self.lines.len() - start;
        if bytes > LINE_BYTES_MAX {
            self.lines.truncate(start);
            self.policy = None;
            return Err(AuditError::TooLong { bytes });
        }
        self.end = End { seq, head };
        Ok(Seq(seq))
    }
}

impl Out {
    fn write(&mut self) -> Result<(), AuditError> {
        if self.torn {
            return Err(AuditError::Torn);
        }
        if self.lines.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.lines) {
            // Part of a line may be there, as on a full disk: it is taken back, so that the lines can follow
            // the last whole one when they are written again.
            self.torn = self.file.set_len(self.len).is_err();
            return Err(error.into());
        }
        self.len = self.len.saturating_add(u64::try_from(self.lines.len()).unwrap_or(u64::MAX));
        self.lines.clear();
        Ok(())
    }
}

/// A panic while a lock was held leaves the state as it was before a line, or the line whole.
fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;
    use crate::audit::line::GENESIS;
    use crate::audit::verify;

    fn append(chain: &Chain) -> Result<Seq, AuditError> {
        chain.append("home", |_, _| {})
    }

    #[test]
    fn while_the_disk_is_full_nothing_is_taken_and_then_all_goes_on() {
        let full = || OpenOptions::new().append(true).open("/dev/full").unwrap();
        let chain = Chain::new(full(), 0, End { seq: 0, head: GENESIS });
        let first = append(&chain).unwrap();
        assert!(chain.write().is_err());
        assert!(!chain.is_written(first));
        assert!((0..100).all(|_| append(&chain).is_err()), "and no line is kept");
        assert!(chain.append_waiting("outcome", |_| {}).is_ok(), "outcomes wait");

        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut out = lock(&chain.out);
        out.file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        out.torn = false;
        drop(out);
        let last = append(&chain).unwrap();
        chain.write().unwrap();
        assert!(chain.is_written(last));
        assert_eq!(verify(fs::read(&path).unwrap().as_slice()).unwrap().unwrap().records, 3);
    }
}
