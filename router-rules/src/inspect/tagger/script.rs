//! What a character is to the tagger: a letter of a script, a digit, a space, a line's end, nothing, or a symbol.
//!
//! By the block it stands in, so that the trainer's tables and these are the same whatever Unicode's version.

/// A class of characters. Those up to [`Class::Other`] are letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Class {
    Symbol,
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Devanagari,
    Indic,
    Thai,
    Hangul,
    Kana,
    Han,
    Other,
    Digit,
    Space,
    Newline,
    Ignorable,
}

impl Class {
    /// Whether letters of this script make words together.
    pub(super) fn is_joined_letter(self) -> bool {
        self.is_letter() && !self.is_single()
    }

    /// Whether each letter of this script is a token of its own.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Han | Self::Kana)
    }

    pub(super) fn is_letter(self) -> bool {
        (Self::Latin as u8..=Self::Other as u8).contains(&(self as u8))
    }

    /// Whether no validated language is written in this script.
    pub(super) fn is_foreign(self) -> bool {
        matches!(self, Self::Greek | Self::Hebrew | Self::Indic | Self::Thai | Self::Other)
    }

    /// Its number in the features' hashes.
    pub(super) fn number(self) -> u32 {
        if self.is_letter() { u32::from(self as u8) } else { 0 }
    }
}

/// Stretches of code points; of two that overlap, the later holds.
const RANGES: &[(u32, u32, Class)] = &[
    (0x09, 0x09, Class::Space),
    (0x0A, 0x0C, Class::Newline),
    (0x0D, 0x0D, Class::Space),
    (0x20, 0x20, Class::Space),
    (0x30, 0x39, Class::Digit),
    (0x41, 0x5A, Class::Latin),
    (0x61, 0x7A, Class::Latin),
    (0x85, 0x85, Class::Newline),
    (0xA0, 0xA0, Class::Space),
    (0xAA, 0xAA, Class::Latin),
    (0xAD, 0xAD, Class::Ignorable),
    (0xB5, 0xB5, Class::Latin),
    (0xBA, 0xBA, Class::Latin),
    (0xC0, 0xD6, Class::Latin),
    (0xD8, 0xF6, Class::Latin),
    (0xF8, 0x36F, Class::Latin),
    (0x34F, 0x34F, Class::Ignorable),
    (0x370, 0x3FF, Class::Greek),
    (0x400, 0x52F, Class::Cyrillic),
    (0x530, 0x58F, Class::Other),
    (0x591, 0x5F4, Class::Hebrew),
    (0x610, 0x61A, Class::Arabic),
    (0x61C, 0x61C, Class::Ignorable),
    (0x620, 0x65F, Class::Arabic),
    (0x660, 0x669, Class::Digit),
    (0x66E, 0x6D3, Class::Arabic),
    (0x6D5, 0x6EF, Class::Arabic),
    (0x6F0, 0x6F9, Class::Digit),
    (0x6FA, 0x6FF, Class::Arabic),
    (0x700, 0x74F, Class::Other),
    (0x750, 0x77F, Class::Arabic),
    (0x780, 0x89F, Class::Other),
    (0x8A0, 0x8FF, Class::Arabic),
    (0x900, 0x963, Class::Devanagari),
    (0x966, 0x96F, Class::Digit),
    (0x970, 0x97F, Class::Devanagari),
    (0x980, 0xDFF, Class::Indic),
    (0xE00, 0xEFF, Class::Thai),
    (0xF00, 0x10FF, Class::Other),
    (0x1100, 0x11FF, Class::Hangul),
    (0x1200, 0x1CFF, Class::Other),
    (0x180E, 0x180E, Class::Ignorable),
    (0x1D00, 0x1EFF, Class::Latin),
    (0x1F00, 0x1FFF, Class::Greek),
    (0x2000, 0x200A, Class::Space),
    (0x200B, 0x200F, Class::Ignorable),
    (0x2028, 0x2029, Class::Newline),
    (0x202A, 0x202E, Class::Ignorable),
    (0x202F, 0x202F, Class::Space),
    (0x205F, 0x205F, Class::Space),
    (0x2060, 0x2064, Class::Ignorable),
    (0x2C00, 0x2DFF, Class::Other),
    (0x3000, 0x3000, Class::Space),
    (0x3005, 0x3007, Class::Han),
    (0x3040, 0x30FF, Class::Kana),
];

/// Where the table ends and the rest is decided by hand.
const TABLE_END: usize = 0x3100;

static TABLE: [Class; TABLE_END] = table();

#[expect(clippy::indexing_slicing, reason = "computed when compiling: a wrong index would not compile")]
const fn table() -> [Class; TABLE_END] {
    let mut table = [Class::Symbol; TABLE_END];
    let mut at = 0;
    while at < RANGES.len() {
        let (first, last, class) = RANGES[at];
        let mut point = first as usize;
        while point <= last as usize {
            table[point] = class;
            point += 1;
        }
        at += 1;
    }
    table
}

/// The class of a character.
pub(super) fn class(char: char) -> Class {
    if let Some(class) = usize::try_from(u32::from(char)).ok().and_then(|point| TABLE.get(point)) {
        return *class;
    }
    match u32::from(char) {
        0x31F0..=0x31FF | 0xFF66..=0xFF9F => Class::Kana,
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Class::Han,
        0x3130..=0x318F | 0xAC00..=0xD7FF | 0xFFA0..=0xFFDC => Class::Hangul,
        0xFF10..=0xFF19 => Class::Digit,
        0xFB00..=0xFB06 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => Class::Latin,
        0xFB1D..=0xFB4F => Class::Hebrew,
        0xFB50..=0xFDFF | 0xFE70..=0xFEFC => Class::Arabic,
        0xA8E0..=0xA8FF => Class::Devanagari,
        0xFE00..=0xFE0F | 0xFEFF | 0xE0000..=0xE007F => Class::Ignorable,
        // Mathematical letters, tiles and emoji stand in between and are symbols.
        0x3100..=0x312F
        | 0xA000..=0xA8DF
        | 0xA900..=0xABFF
        | 0xFB13..=0xFB17
        | 0x10000..=0x1CFFF
        | 0x1E000..=0x1EFFF => Class::Other,
        _ => Class::Symbol,
    }
}

/// The value of a decimal digit.
pub(super) fn digit(char: char) -> u32 {
    let point = u32::from(char);
    let zero = match point {
        0x660..=0x669 => 0x660,
        0x6F0..=0x6F9 => 0x6F0,
        0x966..=0x96F => 0x966,
        0xFF10..=0xFF19 => 0xFF10,
        _ => 0x30,
    };
    point.saturating_sub(zero)
}
