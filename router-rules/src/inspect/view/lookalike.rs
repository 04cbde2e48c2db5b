//! Letters of other scripts that show Latin ones, as those: `раsswоrd` with Cyrillic letters in it.

use unicode_security::confusable_detection::skeleton;

use super::mapped::Mapped;

/// The text with every look-alike as the ASCII letter or digit that it shows (Unicode Technical Standard 39);
/// none where there is none, or the text is not in Latin letters beside.
pub(super) fn resolve(text: &str) -> Option<Mapped> {
    if text.is_ascii() {
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

/// What a character of the scripts that are used for this shows, if it is a Latin letter or digit.
fn latin(char: char) -> Option<char> {
    // Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu, and the Latin extensions with letters of their own;
    // compatibility forms are the folded view's.
    let script = matches!(char, '\u{0180}'..='\u{02AF}' | '\u{0370}'..='\u{058F}' | '\u{13A0}'..='\u{13FF}'
        | '\u{1D00}'..='\u{1D7F}' | '\u{2C80}'..='\u{2CFF}' | '\u{A4D0}'..='\u{A4FF}' | '\u{A720}'..='\u{A7FF}'
        | '\u{AB70}'..='\u{ABBF}');
    if !script {
        return None;
    }
    let mut buffer = [0; 4];
    let mut shown = skeleton(char.encode_utf8(&mut buffer));
    let first = shown.next()?;
    (shown.next().is_none() && first.is_ascii_alphanumeric()).then_some(first)
}
