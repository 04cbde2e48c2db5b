//! The bounded queue between callers and the worker of a model.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::answer::Answer;
use super::ffi::Sampler;
use crate::stream::ChatChunk;
use crate::{EngineError, EngineStatus, Owner, clock};

/// A job that is admitted and prepared: nothing of it can be refused any more.
pub(super) struct Ticket {
    pub(super) prompt: Vec<i32>,
    pub(super) answer: Answer,
    pub(super) sampler: Sampler,
    /// Tokens to answer at most; with the prompt they fit a slot.
    pub(super) limit: u64,
    pub(super) logprobs: Option<u8>,
    pub(super) owner: Option<Owner>,
    pub(super) reader: Reader,
    pub(super) admitted: Instant,
    /// Held for as long as the job is.
    pub(super) _place: Place,
}

impl Ticket {
    pub(super) fn caller(&self) -> Option<&Arc<str>> {
        self.owner.as_ref().map(|owner| &owner.caller)
    }
}

/// Who waits for an answer, and for how long.
pub(super) struct Reader {
    pub(super) chunks: mpsc::Sender<Result<ChatChunk, EngineError>>,
    pub(super) deadline: Option<Instant>,
}

impl Reader {
    /// Whether nobody waits any more.
    pub(super) fn gone(&self) -> bool {
        self.chunks.is_closed() || self.late()
    }

    /// Whether the deadline has passed.
    pub(super) fn late(&self) -> bool {
        self.deadline.is_some_and(|deadline| clock::now() >= deadline)
    }

    /// Tells the reader, where it still waits, why there is no answer.
    pub(super) fn fail(&self, error: EngineError) {
        // With a full channel the reader sees the broken end instead, which is an error as well.
        let _ = self.chunks.try_send(Err(error));
    }

    /// Tells a reader whose time is over.
    pub(super) fn tell_late(&self) {
        if self.late() {
            self.fail(EngineError::Deadline);
        }
    }
}

/// What callers and worker share.
pub(super) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    admitted: AtomicUsize,
    running: AtomicUsize,
    saved_bytes: AtomicUsize,
    /// Recent length of a job, for `retry-after`.
    job_ms: AtomicU64,
    slots: usize,
    depth_max: usize,
    wait_max: Duration,
}

#[derive(Default)]
struct Inner {
    tickets: VecDeque<Ticket>,
    /// The number of the last job that was begun for each caller.
    last: HashMap<Arc<str>, u64>,
    begun: u64,
    closing: bool,
    failed: Option<String>,
}

/// Callers whose turns are remembered; beyond them all begin anew.
const CALLERS_MAX: usize = 4096;

impl Inner {
    fn remember(&mut self, caller: Option<&Arc<str>>) {
        self.begun += 1;
        let Some(caller) = caller else { return };
        if self.last.len() >= CALLERS_MAX {
            self.last.clear();
        }
        self.last.insert(Arc::clone(caller), self.begun);
    }
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
    pub(super) fn new(slots: usize, depth_max: usize, wait_max: Duration) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::default(),
            wake: Condvar::new(),
            admitted: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            saved_bytes: AtomicUsize::new(0),
            job_ms: AtomicU64::new(1000),
            slots,
            depth_max,
            wait_max,
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
            let (gone, kept) = inner.tickets.drain(..).partition(|ticket: &Ticket| ticket.reader.gone());
            inner.tickets = kept;
            gone
        };
        gone.iter().for_each(|ticket| ticket.reader.tell_late());
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

    /// At most `free` jobs: those of the callers that have the fewest at work, in the order of their admission. Waits for
    /// one, unless some are at work; a wait for readers that are slow is a short one.
    pub(super) fn turn(&self, free: usize, at_work: &mut Vec<Option<Arc<str>>>, stalled: bool) -> Turn {
        let busy = !at_work.is_empty();
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
        inner.tickets.retain(|ticket| {
            ticket.reader.tell_late();
            !ticket.reader.gone()
        });
        while next.len() < free {
            // The first job of those callers that have least, and of these of the one that has waited longest.
            let Inner { tickets, last, .. } = &*inner;
            let share = |ticket: &Ticket| {
                let at_work = at_work.iter().filter(|caller| caller.as_ref() == ticket.caller()).count();
                (at_work, ticket.caller().and_then(|caller| last.get(caller)).copied().unwrap_or(0))
            };
            let best = tickets.iter().enumerate().min_by_key(|(place, ticket)| (share(ticket), *place));
            let Some(ticket) = best.map(|(place, _)| place).and_then(|place| inner.tickets.remove(place))
            else {
                break;
            };
            inner.remember(ticket.caller());
            at_work.push(ticket.caller().cloned());
            next.push(ticket);
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
            ticket.reader.fail(EngineError::WorkerGone { reason: reason.to_owned() });
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

    /// Takes note of the bytes kept for conversations that have lost their slot.
    pub(super) fn saved(&self, bytes: usize) {
        self.saved_bytes.store(bytes, Ordering::Release);
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
            prefix_cache_bytes: self.saved_bytes.load(Ordering::Acquire),
            ..crate::EngineLoad::default()
        }
    }

    fn place(self: &Arc<Self>) -> Option<Place> {
        // As many may wait as are likely to have their turn in time.
        let wait_max = u64::try_from(self.wait_max.as_millis()).unwrap_or(u64::MAX);
        let turns = wait_max / self.turn_ms().max(1);
        let depth = self.depth_max.min(usize::try_from(turns).unwrap_or(usize::MAX));
        let bound = self.slots.saturating_add(depth);
        let more = |admitted: usize| (admitted < bound).then_some(admitted + 1);
        let taken = self.admitted.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.is_ok().then(|| Place(Arc::clone(self)))
    }

    /// A slot is free again after a job's length over the number of slots, on average.
    fn turn_ms(&self) -> u64 {
        self.job_ms.load(Ordering::Relaxed) / u64::try_from(self.slots.max(1)).unwrap_or(1)
    }

    fn retry_after_ms(&self) -> u64 {
        self.turn_ms().clamp(100, 60_000)
    }

    // Nothing under this lock can panic half-way, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
