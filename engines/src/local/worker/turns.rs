//! Whose prompt is read next: callers by turns, however many prompts each of them has, and each one's own by turns.

use std::collections::HashMap;
use std::sync::Arc;

type Caller = Option<Arc<str>>;

/// A prompt that is to be read.
pub(super) struct Reading {
    pub(super) slot: usize,
    pub(super) caller: Caller,
    /// [`Turns::now`] when a part of it was read last, or when it came.
    pub(super) last: u64,
}

/// When a part was last read for each caller, counted in parts.
#[derive(Default)]
pub(super) struct Turns {
    parts: u64,
    callers: HashMap<Caller, u64>,
}

impl Turns {
    /// Parts read so far.
    pub(super) fn now(&self) -> u64 {
        self.parts
    }

    /// The slots in the order in which they are to read. Whoever is new comes after those that have waited already, so that
    /// nobody gains by coming again and again.
    pub(super) fn order(&mut self, mut readings: Vec<Reading>) -> Vec<usize> {
        self.callers.retain(|caller, _| readings.iter().any(|reading| reading.caller == *caller));
        for reading in &readings {
            self.callers.entry(reading.caller.clone()).or_insert(self.parts);
        }
        let last = |caller: &Caller| self.callers.get(caller).copied();
        readings.sort_by_key(|reading| (last(&reading.caller), reading.last, reading.slot));
        readings.into_iter().map(|reading| reading.slot).collect()
    }

    /// Notes that a part was read for a caller, and gives the time of it.
    pub(super) fn read(&mut self, caller: Caller) -> u64 {
        self.parts += 1;
        self.callers.insert(caller, self.parts);
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts read of each slot's prompt after so many turns, one part each.
    fn shares(callers: &[&str], turns: u64) -> Vec<u64> {
        let mut state = Turns::default();
        let mut last = vec![0; callers.len()];
        let mut shares = vec![0; callers.len()];
        for _ in 0..turns {
            let readings = callers.iter().enumerate().map(|(slot, caller)| Reading {
                slot,
                caller: Some((*caller).into()),
                last: last[slot],
            });
            let first = state.order(readings.collect())[0];
            last[first] = state.read(Some(callers[first].into()));
            shares[first] += 1;
        }
        shares
    }

    #[test]
    fn callers_share_alike_and_so_do_the_prompts_of_one() {
        assert_eq!(shares(&["a", "a", "a", "b"], 12), [2, 2, 2, 6]);
        assert_eq!(shares(&["a", "b", "c"], 12), [4, 4, 4]);
        assert_eq!(shares(&["a", "a"], 12), [6, 6]);
    }

    #[test]
    fn coming_again_and_again_does_not_get_ahead() {
        let mut state = Turns::default();
        let mut patient = (0, 0);
        for _ in 0..10 {
            let waits = Reading { slot: 0, caller: Some("patient".into()), last: patient.1 };
            let comes = Reading { slot: 1, caller: Some("hasty".into()), last: state.now() };
            let first = state.order(vec![waits, comes])[0];
            let caller = if first == 0 { "patient" } else { "hasty" };
            let at = state.read(Some(caller.into()));
            if first == 0 {
                patient = (patient.0 + 1, at);
            } else {
                // Its prompt was read whole, and it is gone until it comes with the next.
                let waits = Reading { slot: 0, caller: Some("patient".into()), last: patient.1 };
                assert_eq!(state.order(vec![waits]), [0]);
            }
        }
        assert_eq!(patient.0, 5);
    }
}
