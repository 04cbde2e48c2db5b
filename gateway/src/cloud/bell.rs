//! Tells a task that its connection has something to do.
//!
//! A connection is driven by the task that waits for its answer, in the same poll that takes the answer
//! out. Its two ends wake each other in doing so, which would have the whole task polled again for nothing;
//! a bell keeps what rings within a poll to itself.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

const OUTSIDE: u8 = 0;
const WITHIN: u8 = 1;
const RUNG: u8 = 2;

/// The waker of a connection, and how much it has read.
#[derive(Default)]
pub struct Bell {
    state: AtomicU8,
    task: Mutex<Option<Waker>>,
    read_bytes: AtomicU64,
}

impl Bell {
    /// From here to [`Self::leave`], ringing is only remembered.
    pub fn enter(&self, cx: &Context<'_>) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            *task = Some(cx.waker().clone());
        }
        self.state.store(WITHIN, Ordering::Release);
    }

    /// Forgets what has rung, as everything is about to be looked at.
    pub fn hush(&self) {
        self.state.store(WITHIN, Ordering::Release);
    }

    /// Ends what [`Self::enter`] began. A ring that has not been heard is passed on.
    pub fn leave(&self, cx: &Context<'_>) {
        if self.state.swap(OUTSIDE, Ordering::AcqRel) == RUNG {
            cx.waker().wake_by_ref();
        }
    }

    /// Nobody waits for this connection.
    pub fn forget_task(&self) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Counts bytes that were read.
    pub fn count_read(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.read_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes read so far.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let heard = self.state.compare_exchange(WITHIN, RUNG, Ordering::AcqRel, Ordering::Acquire);
        if heard == Err(OUTSIDE)
            && let Some(task) = &*self.task.lock().unwrap_or_else(PoisonError::into_inner)
        {
            task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn rings_outside_at_once_and_within_only_if_unheard() {
        let (woken, bell) = (Arc::new(Woken::default()), Arc::new(Bell::default()));
        let waker = Waker::from(Arc::clone(&woken));
        let cx = Context::from_waker(&waker);
        let count = || woken.0.load(Ordering::Relaxed);

        bell.enter(&cx);
        bell.wake_by_ref();
        bell.hush();
        bell.leave(&cx);
        assert_eq!(count(), 0, "heard");

        bell.enter(&cx);
        bell.wake_by_ref();
        bell.leave(&cx);
        assert_eq!(count(), 1, "unheard");

        bell.wake_by_ref();
        assert_eq!(count(), 2, "outside");

        bell.forget_task();
        bell.wake_by_ref();
        assert_eq!(count(), 2, "nobody waits");
    }
}
