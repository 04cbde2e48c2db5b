//! Which bytes of a text are worth a second look: bit masks over blocks of 64 bytes.
//!
use wide::u8x32;

/// Bytes in a block: the bits of a mask.
pub(super) const BLOCK: usize = 64;

/// One bit per byte of a block, the first byte lowest.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// ASCII letters and digits, and every byte beyond ASCII.
    pub(super) word: u64,
    /// Bytes beyond ASCII.
    pub(super) wide: u64,
    /// ASCII digits.
    pub(super) digit: u64,
    /// `@`, `:` and `=`.
    pub(super) mark: u64,
}

/// Classifies a block.
#[inline]
pub(super) fn classify(block: &[u8; BLOCK]) -> Masks {
    let (halves, _) = block.as_chunks::<32>();
    let [low, high] = halves else { return Masks::default() };
    let ([low_word, low_wide, low_digit, low_mark], [high_word, high_wide, high_digit, high_mark]) =
        (half(low), half(high));
    let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    Masks {
        word: join(low_word, high_word),
        wide: join(low_wide, high_wide),
        digit: join(low_digit, high_digit),
        mark: join(low_mark, high_mark),
    }
}

/// The masks of half a block: words, bytes beyond ASCII, digits, marks.
#[inline]
fn half(bytes: &[u8; 32]) -> [u32; 4] {
    let bytes = u8x32::from(*bytes);
    let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
    let letter = ((bytes | u8x32::splat(0x20)) - u8x32::splat(b'a')).simd_lt(u8x32::splat(26));
    let digit = (bytes - u8x32::splat(b'0')).simd_lt(u8x32::splat(10));
    let beyond_ascii = bytes.simd_ge(u8x32::splat(0x80));
    let mark = is(b'@') | is(b':') | is(b'=');
    [
        (letter | digit | beyond_ascii).to_bitmask(),
        beyond_ascii.to_bitmask(),
        digit.to_bitmask(),
        mark.to_bitmask(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_classified_as_its_definition_says() {
        for start in 0..=192_u8 {
            let mut block = [0_u8; BLOCK];
            for (byte, at) in block.iter_mut().zip(0..) {
                *byte = start.wrapping_add(at);
            }
            for masks in [classify(&block)] {
                for (at, byte) in block.iter().enumerate() {
                    let bit = |mask: u64| mask >> at & 1 == 1;
                    assert_eq!(bit(masks.word), byte.is_ascii_alphanumeric() || !byte.is_ascii());
                    assert_eq!(bit(masks.wide), !byte.is_ascii());
                    assert_eq!(bit(masks.digit), byte.is_ascii_digit());
                    assert_eq!(bit(masks.mark), matches!(byte, b'@' | b':' | b'='));
                }
            }
        }
    }
}
