//! A text turned round, and a text in rot13.

use super::mapped::Mapped;

/// Frequent English words that a text must hold in disguise before it is read so.
pub(super) const WORDS_MIN: u32 = 2;

/// Frequent words backwards, and the ends of addresses; none is a word itself.
pub(in crate::inspect) const REVERSED: [&str; 20] = [
    "eht", "ym", "siht", "htiw", "rof", "eman", "tneitap", "drowssap", "liame", "sserdda", "rebmun", "drac",
    "moc", "gro", "morf", "uoy", "evah", "ruoy", "esaelp", "tnuocca",
];

/// Frequent words in rot13; none is a word itself.
pub(in crate::inspect) const ROTATED: [&str; 20] = [
    "gur", "naq", "sbe", "zl", "lbhe", "jvgu", "anzr", "cnffjbeq", "rznvy", "nqqerff", "ahzore", "pneq",
    "pbz", "cyrnfr", "cngvrag", "gung", "guvf", "sebz", "unir", "vf",
];

/// The text from its last byte to its first. Characters beyond ASCII, of which no pattern is made, are spaces.
pub(super) fn reversed(text: &str) -> Mapped {
    let bytes = text.bytes().rev();
    Mapped::reversed(bytes.map(|byte| if byte.is_ascii() { char::from(byte) } else { ' ' }).collect())
}

/// The text with its ASCII letters turned by thirteen places.
pub(super) fn rotated(text: &str) -> Mapped {
    let turn = |char: char| match char {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(char) + 13).unwrap_or(char),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(char) - 13).unwrap_or(char),
        _ => char,
    };
    let mut view = Mapped::default();
    view.copy(&text.chars().map(turn).collect::<String>(), 0);
    view
}
