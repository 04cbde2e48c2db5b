//! Letters of other scripts that show Latin ones, as those: `раsswоrd` with Cyrillic letters in it.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use unicode_security::confusable_detection::skeleton;

use super::mapped::Mapped;
use super::runs;

/// The text with every look-alike as the ASCII letter or digit that it shows (Unicode Technical Standard 39);
/// none where there is none, or the text is not in Latin letters beside.
pub(super) fn resolve(text: &str) -> Option<Mapped> {
    if !may_show(text.as_bytes()) {
        return None;
    }
    // A text wholly in another script is what it is.
    let mixed = text.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte == b'@');
    let shows = || text.chars().any(|char| latin(char).is_some());
    if !mixed || !shows() {
        return None;
    }
    let mut view = Mapped::with_capacity(text.len());
    let mut copied = 0;
    for (at, char) in text.char_indices() {
        if let Some(ascii) = latin(char) {
            view.copy(text.get(copied..at).unwrap_or_default(), copied);
            view.replace(at, char.len_utf8(), |out| out.push(ascii));
            copied = at + char.len_utf8();
        }
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// What Coptic letters begin with: symbols of Latin texts begin with the first byte of it.
static COPTIC: LazyLock<[Finder<'_>; 2]> = LazyLock::new(|| [b"\xE2\xB2", b"\xE2\xB3"].map(Finder::new));

/// Whether a text holds a character of [`SCRIPTS`], by the first bytes of theirs: most texts hold none.
fn may_show(bytes: &[u8]) -> bool {
    runs::any_byte(bytes, |byte| matches!(byte, 0xC6..=0xCA | 0xCD..=0xD6 | 0xE1 | 0xEA))
        || COPTIC.iter().any(|finder| finder.find(bytes).is_some())
}

/// Latin letters, and the Cyrillic ones that look like them.
const TWINS: [(char, char); 24] = [
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('o', 'о'),
    ('p', 'р'),
    ('x', 'х'),
    ('y', 'у'),
    ('i', 'і'),
    ('s', 'ѕ'),
    ('j', 'ј'),
    ('h', 'һ'),
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('I', 'І'),
];

/// The other way round: a text with Latin letters within Cyrillic words, as Cyrillic; none where there is none.
pub(super) fn cyrillic(text: &str) -> Option<Mapped> {
    let is_cyrillic = |char: char| matches!(char, '\u{0400}'..='\u{04FF}');
    if !runs::any_byte(text.as_bytes(), |byte| matches!(byte, 0xD0..=0xD3)) {
        return None;
    }
    let mut view: Option<Mapped> = None;
    let mut copied = 0;
    let mut at = 0;
    for word in text.split_inclusive(|char: char| !char.is_alphabetic()) {
        let start = at;
        at += word.len();
        let (ascii, other) =
            (word.bytes().any(|byte| byte.is_ascii_alphabetic()), word.chars().any(is_cyrillic));
        let twin = |char: char| TWINS.iter().find(|(latin, _)| *latin == char).map(|(_, twin)| *twin);
        if !(ascii && other) || word.chars().any(|char| char.is_ascii_alphabetic() && twin(char).is_none()) {
            continue;
        }
        let view = view.get_or_insert_with(|| Mapped::with_capacity(text.len()));
        for (offset, char) in word.char_indices() {
            if let Some(twin) = twin(char) {
                view.copy(text.get(copied..start + offset).unwrap_or_default(), copied);
                view.replace(start + offset, 1, |out| out.push(twin));
                copied = start + offset + 1;
            }
        }
    }
    let mut view = view?;
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// The scripts that are used for this: Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu, and the Latin extensions
/// with letters of their own. Compatibility forms are the folded view's.
const SCRIPTS: [RangeInclusive<u32>; 8] = [
    0x0180..=0x02AF,
    0x0370..=0x058F,
    0x13A0..=0x13FF,
    0x1D00..=0x1D7F,
    0x2C80..=0x2CFF,
    0xA4D0..=0xA4FF,
    0xA720..=0xA7FF,
    0xAB70..=0xABBF,
];

/// What every character up to the last of them shows, or zero: looking it up anew costs a hundred times as much.
static SHOWN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut shown = vec![0; 0xABC0];
    for code in SCRIPTS.into_iter().flatten() {
        let letter = char::from_u32(code).and_then(alone).and_then(|letter| u8::try_from(letter).ok());
        if let (Some(place), Some(letter)) =
            (usize::try_from(code).ok().and_then(|at| shown.get_mut(at)), letter)
        {
            *place = letter;
        }
    }
    shown
});

/// What a character shows, if it is a Latin letter or digit.
fn latin(char: char) -> Option<char> {
    if char.is_ascii() {
        return None;
    }
    let letter = *SHOWN.get(usize::try_from(u32::from(char)).ok()?)?;
    (letter != 0).then(|| char::from(letter))
}

fn alone(char: char) -> Option<char> {
    // The table of look-alikes takes a capital I for a small L.
    if let Some(capital) = match char {
        '\u{0399}' | '\u{0406}' | '\u{04C0}' => Some('I'),
        '\u{041E}' | '\u{039F}' | '\u{0555}' => Some('O'),
        '\u{04CF}' => Some('l'),
        _ => None,
    } {
        return Some(capital);
    }
    let mut buffer = [0; 4];
    let mut shown = skeleton(char.encode_utf8(&mut buffer));
    let first = shown.next()?;
    (shown.next().is_none() && first.is_ascii_alphanumeric()).then_some(first)
}
