//! The bytes that mean something inside a JSON string: quotes, backslashes and bare control characters.

use wide::u8x32;

/// Where the first of them stands.
#[inline]
pub(super) fn first_special(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<32>();
    for (block, base) in blocks.iter().zip((0..).step_by(32)) {
        let bytes = u8x32::from(*block);
        let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
        let special = (is(b'"') | is(b'\\') | bytes.simd_lt(u8x32::splat(0x20))).to_bitmask();
        if special != 0 {
            return Some(base + special.trailing_zeros() as usize);
        }
    }
    let inside = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
    Some(bytes.len() - rest.len() + inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
            for at in 0..100 {
                let mut text = [b'\x7f'; 100];
                text[at] = special;
                assert_eq!(first_special(&text), Some(at));
                assert_eq!(first_special(&text[..at]), None);
            }
        }
        assert_eq!(first_special("é€\u{10ffff} !#[]".as_bytes()), None);
    }
}
