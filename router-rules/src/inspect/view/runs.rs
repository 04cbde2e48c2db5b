//! Where long runs of one class of bytes stand, found block by block.

use wide::u8x32;

/// Bytes in a block: the bits of a mask.
const BLOCK: usize = 64;

/// Shows a text block by block, with the masks of each block and the one after it: bit `n` of a mask is byte `n`
/// from the block's beginning. The last block is filled up with zeros.
pub(super) fn each_block<const N: usize>(
    bytes: &[u8],
    classify: impl Fn(u8x32) -> [u8x32; N],
    mut look: impl FnMut(usize, [u128; N]),
) {
    let masks = |block: &[u8; BLOCK]| {
        let mut masks = [0_u128; N];
        for (half, shift) in block.as_chunks::<32>().0.iter().zip([0, 32]) {
            for (mask, class) in masks.iter_mut().zip(classify(u8x32::from(*half))) {
                *mask |= u128::from(class.to_bitmask()) << shift;
            }
        }
        masks
    };
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [0_u8; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let mut here = masks(blocks.first().unwrap_or(&last));
    for index in 0..=blocks.len() {
        let next = match blocks.get(index + 1) {
            Some(block) => masks(block),
            None if index + 1 == blocks.len() => masks(&last),
            None => [0; N],
        };
        let mut both = here;
        for (both, next) in both.iter_mut().zip(next) {
            *both |= next << BLOCK;
        }
        look(index * BLOCK, both);
        here = next;
    }
}

/// The bits from which on so many bits of a mask are set.
pub(super) fn long(mask: u128, least: u32) -> u128 {
    let (mut long, mut have) = (mask, 1);
    while have < least {
        let step = have.min(least - have);
        long &= long >> step;
        have += step;
    }
    long
}

/// The bits of a block itself, of a mask that goes on into the next.
pub(super) fn within(mask: u128) -> u64 {
    u64::try_from(mask & u128::from(u64::MAX)).unwrap_or_default()
}

/// Whether so many digits stand near one another: in some stretch of 17 bytes, or not much more.
pub(super) fn crowded(bytes: &[u8], least: u32) -> bool {
    let mut crowded = false;
    each_block(
        bytes,
        |bytes| [digits(bytes)],
        |_, [digits]| {
            // Half of each stretch is the next one's too: nothing goes unseen for standing at an edge.
            let of_stretch = |at: u32| within(digits >> at) & 0xFFFF_FFFF;
            crowded |= [0, 16, 32, 48].into_iter().any(|at| of_stretch(at).count_ones() >= least);
        },
    );
    crowded
}

/// Whether a byte of a text fits, for tests that a processor does many of at a time.
pub(super) fn any_byte(bytes: &[u8], fits: impl Fn(u8) -> bool) -> bool {
    bytes.chunks(64).any(|chunk| chunk.iter().fold(false, |any, byte| any | fits(*byte)))
}

/// Letters of ASCII.
pub(super) fn letters(bytes: u8x32) -> u8x32 {
    ((bytes | u8x32::splat(0x20)) - u8x32::splat(b'a')).simd_lt(u8x32::splat(26))
}

/// Digits of ASCII.
pub(super) fn digits(bytes: u8x32) -> u8x32 {
    (bytes - u8x32::splat(b'0')).simd_lt(u8x32::splat(10))
}

/// These bytes.
pub(super) fn one_of<const N: usize>(bytes: u8x32, these: [u8; N]) -> u8x32 {
    these.into_iter().fold(u8x32::splat(0), |all, byte| all | bytes.simd_eq(u8x32::splat(byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_stand_where_they_are(text in "[a-z0-9 ]{0,300}", least in 1..40_u32) {
            let bytes = text.as_bytes();
            let mut found = Vec::new();
            each_block(bytes, |bytes| [letters(bytes)], |base, [mask]| {
                let starts = within(long(mask, least));
                found.extend((0..64).filter(|bit| starts >> bit & 1 == 1).map(|bit| base + bit));
            });
            let width = usize::try_from(least).unwrap();
            let expected: Vec<usize> = (0..bytes.len())
                .filter(|at| bytes.get(*at..at + width).is_some_and(|run| run.iter().all(u8::is_ascii_alphabetic)))
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(any_byte(bytes, |byte| byte == b'7'), text.contains('7'));
        }
    }
}
