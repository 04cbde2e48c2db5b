//! What one target may take of the time that is left until a request's deadline, so that one which says nothing does not use up
//! that of those after it.

use std::time::{Duration, Instant};

use super::CloudError;
use crate::clock;

/// The time of one target, for all attempts at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    until: Instant,
    /// An attempt that was given less tells nothing against its target: others had used up the time.
    fair: Duration,
}

impl Share {
    /// Of the time between now and `deadline`, which is `within` after the request came, where `left` of `targets` are to be
    /// asked yet, this one included.
    #[must_use]
    pub fn of(deadline: Instant, within: Duration, (left, targets): (usize, usize), now: Instant) -> Self {
        let count = |targets: usize| u32::try_from(targets).unwrap_or(u32::MAX).max(1);
        let until = match left {
            0 | 1 => deadline,
            left => now + deadline.saturating_duration_since(now) / count(left),
        };
        Self { until, fair: within / count(targets) / 2 }
    }

    /// When it ends.
    #[must_use]
    pub fn until(self) -> Instant {
        self.until
    }

    /// For an attempt that begins now.
    #[must_use]
    pub fn begin(self, now: Instant) -> Bound {
        Bound { share: self, since: now }
    }
}

/// What bounds one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    share: Share,
    since: Instant,
}

impl Bound {
    fn error(self, now: Instant) -> CloudError {
        let had = now.saturating_duration_since(self.since);
        if had >= self.share.fair { CloudError::FirstByteTimeout } else { CloudError::CutShort }
    }
}

/// Waits for a part of an attempt within its bound, if there is one.
///
/// # Errors
/// Those of the attempt, and that its time is up.
pub async fn within<T>(
    bound: Option<Bound>,
    part: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    let Some(bound) = bound else { return part.await };
    let ended = tokio::time::timeout_at(bound.share.until.into(), part).await;
    ended.unwrap_or_else(|_| Err(bound.error(clock::now())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn targets_share_what_is_left() {
        let now = clock::now();
        let share = |left, at| Share::of(now + 12 * SECOND, 12 * SECOND, (left, 3), now + at * SECOND);
        assert_eq!(share(3, 0).until(), now + 4 * SECOND);
        assert_eq!(share(2, 2).until(), now + 7 * SECOND, "what one leaves the others have");
        assert_eq!(share(1, 2).until(), now + 12 * SECOND);
        assert_eq!(share(2, 13).until(), now + 13 * SECOND);
    }

    #[test]
    fn too_little_time_tells_nothing_against_a_target() {
        let now = clock::now();
        let share = Share::of(now + SECOND, 12 * SECOND, (1, 3), now);
        assert!(matches!(share.begin(now).error(now + SECOND), CloudError::CutShort));
        assert!(matches!(share.begin(now).error(now + 2 * SECOND), CloudError::FirstByteTimeout));
        assert!(!CloudError::CutShort.counts_against_health());
    }
}
