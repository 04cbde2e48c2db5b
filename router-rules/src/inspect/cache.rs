//! What was found in texts read before, so that a conversation pays only for its new turn.
//!
//! It holds no text: a text is known by its SHA-256 (with whose it is, so that nobody learns from a quick answer
//! what another has sent), and what is kept is where findings stand. Reading is a function of text and detectors
//! alone, and a cache belongs to one set of detectors, so an answer from here is what reading would say, budget
//! included.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::hits::Hit;
use super::view::Reading;

/// The shortest text that is kept; shorter ones are read as quickly as looked up.
pub(super) const TEXT_MIN: usize = 48;

/// Parts that are locked by themselves: requests that are judged at once seldom meet in one.
const SHARDS: usize = 8;

/// What one generation of a shard may hold, in bytes, about. Two are kept: what has not been asked for since the last but
/// one filled up is forgotten.
const GENERATION_BYTES: usize = 1 << 20;

/// Bytes of an entry besides its hits.
const ENTRY_BYTES: usize = 96;

/// A text and whose it is.
pub(super) type Key = [u8; 32];

/// What a text is known by.
pub(super) fn key(whose: &str, matters: bool, text: &str) -> Key {
    let mut hash = Sha256::new();
    hash.update(u64::try_from(whose.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.update(whose);
    hash.update([u8::from(matters)]);
    hash.update(text);
    hash.finalize().into()
}

/// What a text after others is known by: nobody's name is as long as the number that it begins with.
pub(super) fn pair(before: &Key, after: &Key) -> Key {
    let mut hash = Sha256::new();
    hash.update(u64::MAX.to_le_bytes());
    hash.update(before);
    hash.update(after);
    hash.finalize().into()
}

/// Keys are digests: eight bytes of them are as good a hash as any.
#[derive(Clone, Copy, Default)]
pub(super) struct Head(u64);

impl Hasher for Head {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(head) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*head);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

type Map = HashMap<Key, Known, BuildHasherDefault<Head>>;

/// What was found in a text.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) hits: Box<[Hit]>,
    pub(super) reading: Reading,
    /// Bytes that a site's own patterns read of it.
    pub(super) spent: usize,
}

impl Known {
    /// Bytes of the budget.
    pub(super) fn cost(&self) -> usize {
        self.reading.bytes.saturating_add(self.spent)
    }
}

/// The cache of one set of detectors.
#[derive(Default)]
pub(super) struct Cache([Mutex<Generations>; SHARDS]);

#[derive(Default)]
struct Generations {
    young: Map,
    old: Map,
    young_bytes: usize,
}

impl Cache {
    pub(super) fn get(&self, key: &Key) -> Option<Known> {
        let mut generations = self.shard(key)?;
        if let Some(known) = generations.young.get(key) {
            return Some(known.clone());
        }
        let known = generations.old.remove(key)?;
        generations.add(*key, known.clone());
        Some(known)
    }

    pub(super) fn put(&self, key: Key, known: Known) {
        if let Some(mut generations) = self.shard(&key) {
            generations.add(key, known);
        }
    }

    /// The last byte of a key chooses, since the first ones place it within.
    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Generations>> {
        let [.., last] = key;
        let shard = self.0.get(usize::from(*last) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Generations {
    fn add(&mut self, key: Key, known: Known) {
        let bytes = ENTRY_BYTES + known.hits.len() * size_of::<Hit>();
        if self.young_bytes + bytes > GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if bytes <= GENERATION_BYTES && self.young.insert(key, known).is_none() {
            self.young_bytes += bytes;
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_what_is_asked_for() {
        let cache = Cache::default();
        let known = Known { hits: Box::default(), reading: Reading::default(), spent: 0 };
        let key = |number: usize| super::key("somebody", true, &number.to_string());
        let per_generation = SHARDS * GENERATION_BYTES / ENTRY_BYTES;
        for number in 0..per_generation * 5 {
            cache.put(key(number), known.clone());
            assert!(cache.get(&key(0)).is_some(), "what is asked for stays: {number}");
        }
        let held = |shard: &Mutex<Generations>| {
            let generations = shard.lock().unwrap();
            generations.young.len() + generations.old.len()
        };
        assert!(cache.0.iter().map(held).sum::<usize>() <= per_generation * 2);
        assert!(cache.get(&key(1)).is_none(), "what nobody asked for is gone");
    }

    #[test]
    fn what_is_one_callers_is_not_anothers() {
        assert_ne!(key("a", true, "bc"), key("ab", true, "c"));
        assert_ne!(key("a", true, "text"), key("b", true, "text"));
    }
}
