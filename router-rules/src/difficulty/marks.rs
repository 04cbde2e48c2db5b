//! Where marks stand in a text, found 32 bytes at a time: most stretches of a text have none, and need no closer look.
//!
//! A letter beyond ASCII counts by its first byte, which others share.

use wide::u8x32;

/// Bytes in a block.
pub(super) const BLOCK: usize = 32;

/// What may end a sentence or a claim. `।` is E0 A5 A4, `؟` D8 9F, `。` E3 80 82; the wide forms begin with EF.
pub(super) fn ends(bytes: u8x32) -> u8x32 {
    one_of(bytes, *b".!?;:\xD8\xE0\xE3\xEF")
}

/// What may begin a quotation. `«` is C2 AB; `“` and its like begin with E2, `「` with E3.
pub(super) fn quotes(bytes: u8x32) -> u8x32 {
    one_of(bytes, *b"\"'`\xC2\xE2\xE3")
}

/// What may part clauses, or be a symbol of formulas.
pub(super) fn measured(bytes: u8x32) -> u8x32 {
    one_of(bytes, *b",;:(^=<>\\\xC2\xC3\xD8\xE2\xE3\xEF")
}

/// The letters of a text that may be marks of a kind, and where they stand.
pub(super) fn marks(kind: impl Fn(u8x32) -> u8x32, text: &str) -> impl Iterator<Item = (usize, char)> {
    let places = blocks(text.as_bytes()).flat_map(move |(base, block)| {
        let mut left = kind(block).to_bitmask();
        std::iter::from_fn(move || {
            let place = (left != 0).then(|| base + left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(place)
        })
    });
    places.filter_map(|at| Some((at, text.get(at..)?.chars().next()?)))
}

/// Whether a text has what the names of files, and of things in programs, do not go without: a small letter behind a
/// dot, a capital behind a letter, an underscore.
pub(super) fn may_name(text: &str) -> bool {
    let (mut dot, mut word) = (0, 0);
    blocks(text.as_bytes()).any(|(_, block)| {
        let of = |bytes: u8x32| bytes.to_bitmask();
        let (small, capital) = (of(range(block, b'a', 26)), of(range(block, b'A', 26)));
        let (dots, words) = (of(one_of(block, [b'.'])), small | capital | of(range(block, b'0', 10)));
        let found = (dots << 1 | dot) & small | (words << 1 | word) & capital | of(one_of(block, [b'_']));
        (dot, word) = (dots >> 31, words >> 31);
        found != 0
    })
}

/// A text in blocks, and where each begins. The last is filled up with zeros.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = (usize, u8x32)> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let last = (!rest.is_empty()).then_some(last);
    let blocks = blocks.iter().copied().chain(last).map(u8x32::from);
    blocks.zip((0..).step_by(BLOCK)).map(|(block, base)| (base, block))
}

/// Which bytes are these.
pub(super) fn one_of<const N: usize>(bytes: u8x32, these: [u8; N]) -> u8x32 {
    these.into_iter().fold(u8x32::splat(0), |all, byte| all | bytes.simd_eq(u8x32::splat(byte)))
}

/// Which bytes are so many from this one on.
pub(super) fn range(bytes: u8x32, first: u8, count: u8) -> u8x32 {
    (bytes - u8x32::splat(first)).simd_lt(u8x32::splat(count))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_stand_where_they_are(text in "[a-z .,;:'\"«“「」。؟।！é]{0,120}") {
            let met = |kind: fn(u8x32) -> u8x32, letters: &'static str| {
                let met = marks(kind, &text).filter(|(_, letter)| letters.contains(*letter));
                met.eq(text.char_indices().filter(|(_, letter)| letters.contains(*letter)))
            };
            prop_assert!(met(ends, ".!?;:。؟।！") && met(quotes, "\"'«“「") && met(measured, ",;:(！"));
        }

        #[test]
        fn names_are_not_passed_over(text in "[a-zA-Z0-9_. ]{0,80}") {
            let pairs = text.as_bytes().windows(2).any(|pair| {
                pair[0] == b'.' && pair[1].is_ascii_lowercase()
                    || pair[0].is_ascii_alphanumeric() && pair[1].is_ascii_uppercase()
            });
            prop_assert_eq!(may_name(&text), pairs || text.contains('_'));
        }
    }
}
