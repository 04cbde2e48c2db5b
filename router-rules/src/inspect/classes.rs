//! Which bytes of a text are worth a second look: bit masks over blocks of 64 bytes.
//!
//! The loops are written so that the compiler turns them into vector instructions; a bit per byte is then
//! cheap to walk.

/// Bytes in a block: the bits of a mask.
pub(super) const BLOCK: usize = 64;

/// One bit per byte of a block, the first byte lowest.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// ASCII letters and digits, and every byte beyond ASCII.
    pub(super) word: u64,
    /// ASCII digits.
    pub(super) digit: u64,
    /// `@`, `:` and `=`.
    pub(super) mark: u64,
}

const WORD: u8 = 1;
const DIGIT: u8 = 2;
const MARK: u8 = 4;

/// Classifies a block.
#[inline]
pub(super) fn classify(block: &[u8; BLOCK]) -> Masks {
    let mut flags = [0_u8; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        let mark = (byte == b'@') | (byte == b':') | (byte == b'=');
        let word = letter | digit | (byte >= 0x80);
        *flag = (u8::from(word) * WORD) | (u8::from(digit) * DIGIT) | (u8::from(mark) * MARK);
    }
    let (eights, _) = flags.as_chunks::<8>();
    let any = eights.iter().fold(0, |any, eight| any | u64::from_le_bytes(*eight));
    let mask = |flag: u8| {
        let shift = flag.trailing_zeros();
        // Most blocks of prose hold no digit and no mark.
        if any >> shift & LOWEST == 0 {
            return 0;
        }
        let bits = |(eight, at): (&[u8; 8], u32)| gather(u64::from_le_bytes(*eight) >> shift) << at;
        eights.iter().zip((0..).step_by(8)).map(bits).fold(0, |mask, bits| mask | bits)
    };
    Masks { word: mask(WORD), digit: mask(DIGIT), mark: mask(MARK) }
}

/// The lowest bit of each of eight bytes.
const LOWEST: u64 = 0x0101_0101_0101_0101;

/// The lowest bits of eight bytes as eight bits.
fn gather(lanes: u64) -> u64 {
    // Each lane's bit is multiplied to its own place in the top byte; no two of them meet.
    (lanes & LOWEST).wrapping_mul(0x0102_0408_1020_4080) >> 56
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
                    assert_eq!(bit(masks.digit), byte.is_ascii_digit());
                    assert_eq!(bit(masks.mark), matches!(byte, b'@' | b':' | b'='));
                }
            }
        }
    }
}
