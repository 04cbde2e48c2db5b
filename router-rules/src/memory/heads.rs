//! How remembered strings begin: a filter that tells, cheaply and without them, where one may stand.

use std::fmt;

/// The beginnings of remembered strings, as bits (B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable
/// Errors", CACM 13(7), 1970, with one hash). It may take a stranger for known, never the other way round.
#[derive(Clone)]
pub struct Heads {
    keys: [u64; 2],
    bits: Box<[u64]>,
    shift: u32,
}

impl Heads {
    /// How much of a string its beginning is.
    pub const BYTES: usize = 6;

    /// Bits per string that there is room for: one stranger in sixteen passes.
    const BITS_PER_STRING: usize = 16;

    /// None yet, with room for so many. The keys are drawn at random by whoever keeps the memory, so that nobody
    /// outside can tell which beginnings share a bit.
    #[must_use]
    pub fn new(keys: [u64; 2], room: usize) -> Self {
        const LEAST: usize = 1024;
        const MOST: usize = 1 << 24;
        let bits = room.saturating_mul(Self::BITS_PER_STRING).clamp(LEAST, MOST).next_power_of_two();
        let keys = [keys[0], keys[1] | 1];
        Self { keys, bits: vec![0; bits / 64].into(), shift: u64::BITS - bits.trailing_zeros() }
    }

    /// Adds how a canonical string begins; one that is shorter than a beginning is left out.
    pub fn add(&mut self, canonical: &[u8]) {
        if let Some(mark) = self.mark(canonical) {
            self.add_mark(mark);
        }
    }

    /// The same by its [`mark`](Self::mark).
    pub fn add_mark(&mut self, mark: u64) {
        let (word, bit) = self.place(mark);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether a remembered string may begin as this canonical text does.
    #[inline]
    #[must_use]
    pub fn may_begin(&self, text: &[u8]) -> bool {
        let place = self.mark(text).map(|mark| self.place(mark));
        place.is_some_and(|(word, bit)| self.bits.get(word).is_some_and(|word| word & bit != 0))
    }

    /// A number for how a canonical text begins, which says nothing without the keys; none where it is too short.
    #[inline]
    #[must_use]
    pub fn mark(&self, text: &[u8]) -> Option<u64> {
        let [a, b, c, d, e, f] = *text.first_chunk::<{ Self::BYTES }>()?;
        let head = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
        let [add, multiply] = self.keys;
        let mixed = (head ^ add).wrapping_mul(multiply);
        Some((mixed ^ mixed >> 32).wrapping_mul(multiply))
    }

    #[inline]
    fn place(&self, mark: u64) -> (usize, u64) {
        let place = mark >> self.shift;
        (usize::try_from(place / 64).unwrap_or(usize::MAX), 1 << (place % 64))
    }
}

impl fmt::Debug for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heads").field("bits", &(self.bits.len() * 64)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_known_and_little_else_is() {
        let mut heads = Heads::new([0x1234_5678_9abc_def1, 0x9e37_79b9_7f4a_7c15], 1000);
        let text = |number: usize| format!("{:06x}{number}", number.wrapping_mul(2_654_435_761) & 0xff_ffff);
        for number in 0..1000 {
            heads.add(text(number).as_bytes());
        }
        assert!((0..1000).all(|number| heads.may_begin(text(number).as_bytes())));
        let strangers = (1000..11_000).filter(|number| heads.may_begin(text(*number).as_bytes())).count();
        assert!(strangers < 1500, "{strangers} of 10000");
        assert!(!heads.may_begin(b"short"));
    }
}
