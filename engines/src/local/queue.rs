//! The bounded queue between callers and the worker of a model.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::answer::Answer;
use super::ffi::Sampler;
use crate::stream::ChatChunk;
use crate::{EngineError, EngineStatus};

/// A job that is admitted and prepared: nothing of it can be refused any more.
pub(super) struct Ticket {
    pub(super) prompt: Vec<i32>,
    pub(super) answer: Answer,
    pub(super) sampler: Sampler,
    /// Tokens to answer at most; with the prompt they fit a slot.
    pub(super) limit: u64,
    pub(super) chunks: mpsc::Sender<Result<ChatChunk, EngineError>>,
    pub(super) admitted: Instant,
    /// Held for as long as the job is.
    pub(super) _place: Place,
}

/// What callers and worker share.
pub(super) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    admitted: AtomicUsize,
    running: AtomicUsize,
    /// Recent length of a job, for `retry-after`.
    job_ms: AtomicU64,
    slots: usize,
    depth_max: usize,
}

#[derive(Default)]
struct Inner {
    tickets: VecDeque<Ticket>,
    closing: bool,
    failed: Option<String>,
}

/// A place among the admitted jobs; free again when dropped.
pub(super) struct Place(Arc<Queue>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.admitted.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What the worker is to do next.
pub(super) enum Turn {
    /// Go on with what there is.
    Work(Vec<Ticket>),
    /// The engine is being dropped.
    End,
}

impl Queue {
    pub(super) fn new(slots: usize, depth_max: usize) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::default(),
            wake: Condvar::new(),
            admitted: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            job_ms: AtomicU64::new(1000),
            slots,
            depth_max,
        })
    }

    /// A place for one more job, taken before any work is done for it.
    pub(super) fn admit(self: &Arc<Self>) -> Result<Place, EngineError> {
        if let Some(place) = self.place() {
            return Ok(place);
        }
        // Jobs whose readers have gone give their places up.
        let gone: VecDeque<Ticket> = {
            let mut inner = self.lock();
            let (gone, kept) = inner.tickets.drain(..).partition(|ticket: &Ticket| ticket.chunks.is_closed());
            inner.tickets = kept;
            gone
        };
        drop(gone);
        self.place().ok_or_else(|| EngineError::QueueFull { retry_after_ms: self.retry_after_ms() })
    }

    /// Hands a job to the worker.
    pub(super) fn push(&self, ticket: Ticket) -> Result<(), EngineError> {
        let mut inner = self.lock();
        if let Some(reason) = &inner.failed {
            return Err(EngineError::WorkerGone { reason: reason.clone() });
        }
        inner.tickets.push_back(ticket);
        drop(inner);
        self.wake.notify_one();
        Ok(())
    }

    /// At most `free` jobs in the order of their admission. Waits for one, unless the worker is `busy`;
    /// a wait for readers that are slow is a short one.
    pub(super) fn turn(&self, free: usize, busy: bool, stalled: bool) -> Turn {
        let mut inner = self.lock();
        if !busy {
            inner = self
                .wake
                .wait_while(inner, |inner| inner.tickets.is_empty() && !inner.closing)
                .unwrap_or_else(PoisonError::into_inner);
        } else if stalled && inner.tickets.is_empty() && !inner.closing {
            let wait = self.wake.wait_timeout(inner, Duration::from_millis(2));
            inner = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        if inner.closing {
            return Turn::End;
        }
        let mut next = Vec::new();
        while next.len() < free {
            match inner.tickets.pop_front() {
                Some(ticket) if ticket.chunks.is_closed() => drop(ticket),
                Some(ticket) => next.push(ticket),
                None => break,
            }
        }
        Turn::Work(next)
    }

    /// Ends the worker at its next turn.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.wake.notify_all();
    }

    /// The worker is gone: tells every waiting job, and every later one.
    pub(super) fn fail(&self, reason: &str) {
        let mut inner = self.lock();
        inner.failed = Some(reason.to_owned());
        let tickets = std::mem::take(&mut inner.tickets);
        drop(inner);
        self.running(0);
        for ticket in tickets {
            let _ = ticket.chunks.try_send(Err(EngineError::WorkerGone { reason: reason.to_owned() }));
        }
    }

    pub(super) fn status(&self) -> EngineStatus {
        match &self.lock().failed {
            Some(reason) => EngineStatus::Failed { reason: reason.clone() },
            None => EngineStatus::Ready,
        }
    }

    pub(super) fn running(&self, slots: usize) {
        self.running.store(slots, Ordering::Release);
    }

    /// Takes note of a job's length.
    pub(super) fn job_took(&self, took: Duration) {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).min(3_600_000);
        let before = self.job_ms.load(Ordering::Relaxed);
        self.job_ms.store((before * 7 + took) / 8, Ordering::Relaxed);
    }

    pub(super) fn load(&self) -> crate::EngineLoad {
        let running = self.running.load(Ordering::Acquire);
        let admitted = self.admitted.load(Ordering::Acquire);
        crate::EngineLoad {
            slots: self.slots,
            running,
            queued: admitted.saturating_sub(running),
            queue_depth_max: self.depth_max,
        }
    }

    fn place(self: &Arc<Self>) -> Option<Place> {
        let bound = self.slots.saturating_add(self.depth_max);
        let more = |admitted: usize| (admitted < bound).then_some(admitted + 1);
        let taken = self.admitted.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.is_ok().then(|| Place(Arc::clone(self)))
    }

    /// A slot is free again after a job's length over the number of slots, on average.
    fn retry_after_ms(&self) -> u64 {
        let slots = u64::try_from(self.slots.max(1)).unwrap_or(1);
        (self.job_ms.load(Ordering::Relaxed) / slots).clamp(100, 60_000)
    }

    // Nothing under this lock can panic half-way, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
