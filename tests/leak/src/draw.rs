//! Choices that look random and are the same on every machine: a hash of names, then SplitMix64.

use sha2::{Digest, Sha256};

/// A stream of numbers that depends on names only.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of these names.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for name in names {
            hash.update(name.as_bytes());
            hash.update([0]);
        }
        let first: [u8; 8] = hash.finalize().first_chunk().copied().unwrap_or_default();
        Self(u64::from_be_bytes(first))
    }

    /// The next number. Steele, Lea and Flood, «Fast splittable pseudorandom number generators», 2014.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Whether one in `count` has come up.
    pub fn one_in(&mut self, count: u64) -> bool {
        self.next_u64().is_multiple_of(count.max(1))
    }

    /// One of `choices`; none where there are none.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let count = u64::try_from(choices.len()).ok().filter(|count| *count > 0)?;
        choices.get(usize::try_from(self.next_u64() % count).ok()?).copied()
    }
}
