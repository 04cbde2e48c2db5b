//! Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood 2014).

/// A generator.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Fills with numbers of this standard deviation, roughly normal: sums of four even ones.
    pub(super) fn fill(&mut self, values: &mut [f32], deviation: f32) {
        for value in values {
            let bits = self.next().to_le_bytes();
            let (pairs, _) = bits.as_chunks::<2>();
            let sum: f32 = pairs.iter().map(|pair| f32::from(u16::from_le_bytes(*pair))).sum();
            // Four even numbers in 0..1 have a mean of 2 and a variance of 1/3.
            *value = (sum / 65_536.0 - 2.0) * 3.0_f32.sqrt() * deviation;
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
