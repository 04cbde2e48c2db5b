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

/// The text from its last character to its first.
pub(super) fn reversed(text: &str) -> Mapped {
    let mut view = Mapped::with_capacity(text.len());
    view.turn(text, 0);
    view
}

/// Says that what follows is shown from right to left, character by character.
const OVERRIDE: char = '\u{202E}';

/// What ends an override, beside the end of its line.
const ENDS: [char; 6] = ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\n'];

/// The text with each stretch under an override as it is shown; none where there is none.
pub(super) fn overridden(text: &str) -> Option<Mapped> {
    let mut next = text.find(OVERRIDE)?;
    let mut view = Mapped::with_capacity(text.len());
    let mut copied = 0;
    loop {
        let from = next + OVERRIDE.len_utf8();
        let rest = text.get(from..).unwrap_or_default();
        let to = from + rest.find(ENDS).unwrap_or(rest.len());
        view.copy(text.get(copied..next).unwrap_or_default(), copied);
        view.turn(text.get(from..to).unwrap_or_default(), from);
        copied = to;
        let rest = text.get(to..).unwrap_or_default();
        let Some(further) = rest.find(OVERRIDE) else { break };
        next = to + further;
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
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
