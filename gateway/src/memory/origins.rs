//! Where things came from that come back: what a provider has sealed (a thought's signature, a thought that nobody else may
//! read), and which target has begun a loop of tools.
//!
//! A conversation brings them back. They are known by an HMAC alone, of whose they are and of their text, with the name of
//! where they came from; never is the text kept.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Prints that are known at most; the oldest are forgotten first.
const KNOWN_MAX: usize = 65_536;

/// What a thing is known by.
pub type Print = [u8; 32];

/// Things with where they came from.
#[derive(Default)]
pub struct Origins(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    origins: HashMap<Print, Arc<str>>,
    order: VecDeque<Print>,
}

impl Origins {
    /// Remembers where a thing came from, for the last time that it did.
    pub fn keep(&self, print: Print, origin: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut *kept;
        if kept.origins.insert(print, origin.into()).is_none() {
            kept.order.push_back(print);
        }
        while kept.order.len() > KNOWN_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.origins.remove(&oldest);
            }
        }
    }

    /// Where a thing came from; none where that is not known.
    pub fn origin(&self, print: &Print) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).origins.get(print).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let known = Origins::default();
        let print = |number: usize| {
            let mut print = [0; 32];
            print[..8].copy_from_slice(&number.to_le_bytes());
            print
        };
        for number in 0..KNOWN_MAX + 2 {
            known.keep(print(number), "a");
            known.keep(print(number), "b");
        }
        assert_eq!(known.origin(&print(1)), None);
        assert_eq!(known.origin(&print(2)).as_deref(), Some("b"));
        assert_eq!(known.0.lock().expect("whole").order.len(), KNOWN_MAX);
    }
}
