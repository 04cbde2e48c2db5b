//! Which target answered a conversation's last turn, so that the next one can stay there.
//!
//! A conversation is known by an HMAC of its caller and of how it begins; never is the text kept. What is forgotten is decided
//! as if it began anew.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearthgate_rules::difficulty::Band;

use super::origins::Print;

/// Conversations that are known at most; the oldest are forgotten first.
const KNOWN_MAX: usize = 65_536;

/// A conversation's last turn.
#[derive(Clone, PartialEq, Debug)]
pub struct Turn {
    /// The target that answered.
    pub target: Arc<str>,
    /// The band that it was decided in.
    pub band: Band,
    /// Tokens of its beginning that the target's provider has read and keeps.
    pub read: u64,
    /// When it was answered.
    pub at: Instant,
}

/// The last turns of conversations.
#[derive(Default)]
pub struct Turns(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    turns: HashMap<Print, Turn>,
    order: VecDeque<Print>,
}

impl Turns {
    /// Remembers a conversation's turn, in place of the one before.
    pub fn keep(&self, print: Print, turn: Turn) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        if kept.turns.insert(print, turn).is_none() {
            kept.order.push_back(print);
        }
        while kept.order.len() > KNOWN_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.turns.remove(&oldest);
            }
        }
    }

    /// A conversation's last turn, where it is not longer ago than this.
    pub fn last(&self, print: &Print, within: Duration, now: Instant) -> Option<Turn> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = kept.turns.get(print)?;
        (now.saturating_duration_since(turn.at) <= within).then(|| turn.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_counts_for_its_time_and_the_oldest_are_forgotten() {
        let (turns, now) = (Turns::default(), crate::clock::now());
        let minute = Duration::from_secs(60);
        let turn = |target: &str| Turn { target: target.into(), band: Band::Hard, read: 0, at: now };
        let print = |number: usize| {
            let mut print = [0; 32];
            print[..8].copy_from_slice(&number.to_le_bytes());
            print
        };
        turns.keep(print(0), turn("a"));
        turns.keep(print(0), turn("b"));
        assert_eq!(turns.last(&print(0), minute, now + minute), Some(turn("b")));
        assert_eq!(turns.last(&print(0), minute, now + 2 * minute), None);
        assert_eq!(turns.last(&print(1), minute, now), None);
        (1..=KNOWN_MAX).for_each(|number| turns.keep(print(number), turn("c")));
        assert_eq!(turns.last(&print(0), minute, now), None);
        assert_eq!(turns.0.lock().expect("whole").turns.len(), KNOWN_MAX);
    }
}
