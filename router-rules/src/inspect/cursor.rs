//! Small steps over bytes that cannot run out of them: beyond either end stands a zero byte.

/// The byte at an offset.
pub(super) fn at(text: &[u8], offset: usize) -> u8 {
    text.get(offset).copied().unwrap_or(0)
}

/// The byte before an offset.
pub(super) fn before(text: &[u8], offset: usize) -> u8 {
    offset.checked_sub(1).map_or(0, |offset| at(text, offset))
}

/// A stretch of the text; empty where it has none.
pub(super) fn slice(text: &[u8], start: usize, end: usize) -> &[u8] {
    text.get(start..end.min(text.len())).unwrap_or_default()
}

/// The end of the longest run from `start`, at most `most` bytes, whose bytes all fit.
pub(super) fn run(text: &[u8], start: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    let bytes = slice(text, start, start.saturating_add(most));
    start + bytes.iter().position(|&byte| !fits(byte)).unwrap_or(bytes.len())
}

/// The start of the longest run that ends at `end`, at most `most` bytes, whose bytes all fit.
pub(super) fn run_back(text: &[u8], end: usize, most: usize, fits: impl Fn(u8) -> bool) -> usize {
    let bytes = slice(text, end.saturating_sub(most), end);
    end - bytes.iter().rev().position(|&byte| !fits(byte)).unwrap_or(bytes.len())
}

/// Whether the text goes on with these ASCII words at `start`, whatever their case.
pub(super) fn goes_on(text: &[u8], start: usize, with: &str) -> bool {
    slice(text, start, start + with.len()).eq_ignore_ascii_case(with.as_bytes())
}

/// Whether the text before `end` ends with these ASCII words, whatever their case.
pub(super) fn ended(text: &[u8], end: usize, with: &str) -> bool {
    let start = end.checked_sub(with.len());
    start.is_some_and(|start| slice(text, start, end).eq_ignore_ascii_case(with.as_bytes()))
}

/// Letters, digits and everything beyond ASCII: what words are made of.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Whether a character that begins with this byte is of a script that stands right beside Latin letters and digits
/// and never within their words: from Hebrew on, but for the Latin and Greek of the extended blocks.
pub(super) fn is_apart(first: u8) -> bool {
    first >= 0xD6 && first != 0xE1
}

/// Whether what stands at `offset` belongs to the word that ends there.
pub(super) fn joins(text: &[u8], offset: usize) -> bool {
    let byte = at(text, offset);
    is_word(byte) && !(before(text, offset).is_ascii() && is_apart(byte))
}

/// Whether the character that ends at `offset` is of a script that stands apart from ASCII.
pub(super) fn apart_before(text: &[u8], offset: usize) -> bool {
    let start = run_back(text, offset, 3, |byte| (0x80..0xC0).contains(&byte));
    is_apart(before(text, start)) && start < offset
}

/// Whether one of these lower-case words begins, whole or as a prefix, in the `reach` bytes before `start`.
pub(super) fn spoken_before(text: &[u8], start: usize, reach: usize, words: &[&str]) -> bool {
    let from = start.saturating_sub(reach);
    let window = slice(text, from, start);
    let mut previous = before(text, from);
    window.iter().enumerate().any(|(offset, &byte)| {
        let begins = byte.is_ascii_alphabetic() && !is_word(previous);
        previous = byte;
        begins
            && words.iter().any(|word| {
                let head = word.as_bytes().first().copied().unwrap_or(0);
                head == byte.to_ascii_lowercase() && goes_on(window, offset, word)
            })
    })
}

/// The first eight bytes from `start`, zero beyond the end.
pub(super) fn load8(text: &[u8], start: usize) -> u64 {
    if let Some(eight) = text.get(start..).and_then(<[u8]>::first_chunk::<8>) {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0_u8; 8];
    for (to, from) in eight.iter_mut().zip(text.get(start..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(eight)
}

/// How many different bytes there are.
pub(super) fn variety(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7F)).count_ones()
}
