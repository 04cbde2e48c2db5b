//! Texts in tag characters (Unicode, block Tags): they show nothing, and a model may read them all the same.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::mapped::Mapped;

/// What every tag character begins with in UTF-8.
static HEAD: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\xF3\xA0"));

/// Begins the flag of a region, which tags then name.
const FLAG: char = '\u{1F3F4}';

/// The text with tags as the ASCII characters that they stand for; none where there is none but in flags.
pub(super) fn resolve(text: &str) -> Option<Mapped> {
    HEAD.find(text.as_bytes())?;
    let mut view = Mapped::with_capacity(text.len());
    let (mut copied, mut shows, mut flag) = (0, false, false);
    for (at, char) in text.char_indices() {
        let tag = matches!(char, '\u{E0020}'..='\u{E007F}');
        flag = char == FLAG || flag && tag;
        if !tag || flag {
            continue;
        }
        view.copy(text.get(copied..at).unwrap_or_default(), copied);
        copied = at + char.len_utf8();
        let ascii = u32::from(char).checked_sub(0xE0000).and_then(char::from_u32);
        // The last of them only ends a flag.
        if let Some(ascii) = ascii.filter(|ascii| !ascii.is_control()) {
            view.replace(at, char.len_utf8(), |out| out.push(ascii));
            shows = true;
        }
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    shows.then_some(view)
}
