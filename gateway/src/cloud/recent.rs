//! How many requests and retries there were in the last ten seconds: counted in short parts of that time, so that it takes as much
//! memory for ten thousand requests per second as for one.

use std::time::Instant;

/// Parts of the time for which requests and retries are remembered. What is oldest is forgotten a part at a time.
const PARTS: usize = 20;

/// How long one of them is.
const PART_MILLIS: u128 = 500;

/// What there was lately.
#[derive(Default)]
pub struct Recent {
    /// When the first part began.
    since: Option<Instant>,
    /// One more than there are, for the one that is under way.
    parts: [Part; PARTS + 1],
}

/// What there was in one part of the time.
#[derive(Default, Clone, Copy)]
struct Part {
    number: usize,
    requests: usize,
    retries: usize,
}

impl Recent {
    /// Counts a request.
    pub fn request(&mut self, now: Instant) {
        self.part(now).requests += 1;
    }

    /// Counts a retry.
    pub fn retry(&mut self, now: Instant) {
        self.part(now).retries += 1;
    }

    /// Requests and retries.
    pub fn counts(&mut self, now: Instant) -> (usize, usize) {
        let number = self.number(now);
        let lately = self.parts.iter().filter(|part| part.number + PARTS >= number);
        lately.fold((0, 0), |(requests, retries), part| (requests + part.requests, retries + part.retries))
    }

    fn number(&mut self, now: Instant) -> usize {
        let since = *self.since.get_or_insert(now);
        let millis = now.saturating_duration_since(since).as_millis();
        usize::try_from(millis / PART_MILLIS).unwrap_or_default()
    }

    fn part(&mut self, now: Instant) -> &mut Part {
        let number = self.number(now);
        #[expect(
            clippy::indexing_slicing,
            reason = "the rest of a division by their number is the place of one"
        )]
        let part = &mut self.parts[number % (PARTS + 1)];
        // A clock that another thread has read a moment earlier counts into what is there.
        if part.number < number {
            *part = Part { number, ..Part::default() };
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn all_of_the_time_counts_and_nothing_before_it() {
        let (mut recent, start) = (Recent::default(), crate::clock::now());
        let at = |millis: u64| start + Duration::from_millis(millis);
        // 10,000 per second for a minute.
        for millis in (0..60_000).step_by(10) {
            (0..100).for_each(|_| recent.request(at(millis)));
        }
        let (requests, retries) = recent.counts(at(60_000));
        assert!((100_000..=105_000).contains(&requests) && retries == 0, "{requests}");
        recent.retry(at(60_000));
        recent.retry(start);
        assert_eq!(recent.counts(at(60_000)).1, 2, "a clock that was read a moment earlier");
        assert_eq!(recent.counts(at(70_000)).1, 1);
        assert_eq!(recent.counts(at(71_000)), (0, 0));
        recent.request(at(3_600_000));
        assert_eq!(recent.counts(at(3_600_000)), (1, 0));
    }
}
