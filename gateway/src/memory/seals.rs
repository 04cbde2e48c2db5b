//! What providers have sealed and this gateway has passed on: a thought's signature, a thought that nobody else may read.
//!
//! A conversation brings it back, and only its own provider can read it. It is known by an HMAC alone, of whose it is and
//! of its text, with the provider that it came from; never is the text kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Seals that are known at most; the oldest are forgotten first, and what is forgotten is opaque again.
const SEALS_MAX: usize = 65_536;

/// What a seal is known by.
pub type Print = [u8; 32];

/// The seals that have been passed on.
#[derive(Default)]
pub struct Seals(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    origins: HashMap<Print, Arc<str>>,
    order: VecDeque<Print>,
}

impl Seals {
    /// Remembers where a seal came from.
    pub fn keep(&self, print: Print, origin: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        if kept.origins.insert(print, origin.into()).is_none() {
            kept.order.push_back(print);
        }
        while kept.order.len() > SEALS_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.origins.remove(&oldest);
            }
        }
    }

    /// Where a seal came from; none where that is not known.
    pub fn origin(&self, print: &Print) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).origins.get(print).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let seals = Seals::default();
        let print = |number: usize| {
            let mut print = [0; 32];
            print[..8].copy_from_slice(&number.to_le_bytes());
            print
        };
        for number in 0..SEALS_MAX + 2 {
            seals.keep(print(number), "a");
            seals.keep(print(number), "b");
        }
        assert_eq!(seals.origin(&print(1)), None);
        assert_eq!(seals.origin(&print(2)).as_deref(), Some("b"));
        assert_eq!(seals.0.lock().expect("whole").order.len(), SEALS_MAX);
    }
}
