//! The canonical form of a text: lower case, letters and digits alone; and where words begin in it.

use super::Heads;

/// A text as it is compared.
#[derive(Default)]
pub(super) struct Canonical {
    pub text: Vec<u8>,
    /// Where words begin, in bytes of it, in order.
    starts: Vec<u32>,
}

/// What a character is to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Mark,
    Digit,
    Lower,
    Upper,
    /// Of a script that writes no spaces: a word may begin with any.
    Unspaced,
}

/// What each ASCII character is, and what stands for it; zero for a mark.
static ASCII: [(Class, u8); 128] = ascii();

const fn ascii() -> [(Class, u8); 128] {
    let mut classes = [(Class::Mark, 0); 128];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(
            clippy::indexing_slicing,
            reason = "the loop ends at the table's length; a constant is made"
        )]
        {
            classes[byte as usize] = match byte {
                b'0'..=b'9' => (Class::Digit, byte),
                b'a'..=b'z' => (Class::Lower, byte),
                b'A'..=b'Z' => (Class::Upper, byte.to_ascii_lowercase()),
                _ => (Class::Mark, 0),
            };
        }
        byte += 1;
    }
    classes
}

impl Canonical {
    /// The canonical form of a folded text.
    pub fn of(text: &str) -> Self {
        let mut made =
            Self { text: Vec::with_capacity(text.len()), starts: Vec::with_capacity(text.len() / 5) };
        let mut before = Class::Mark;
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Some(&(class, stands)) = ASCII.get(usize::from(byte)) {
                at += 1;
                if class != Class::Mark {
                    made.begin(before, class);
                    made.text.push(stands);
                }
                before = class;
            } else {
                let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                at += char.len_utf8();
                before = made.push(before, char);
            }
        }
        made
    }

    /// Adds a character beyond ASCII.
    fn push(&mut self, before: Class, char: char) -> Class {
        let class = class(char);
        if class != Class::Mark {
            self.begin(before, class);
            for lower in char.to_lowercase() {
                self.text.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        class
    }

    fn begin(&mut self, before: Class, class: Class) {
        if !goes_on(before, class) {
            self.starts.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        }
    }

    /// Where words begin.
    pub fn starts(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().filter_map(|start| usize::try_from(*start).ok())
    }

    /// Whether a word begins, or the text ends, at this byte.
    pub fn is_edge(&self, at: usize) -> bool {
        at == self.text.len() || u32::try_from(at).is_ok_and(|at| self.starts.binary_search(&at).is_ok())
    }
}

/// Whether a word goes on from one character to the next.
fn goes_on(before: Class, class: Class) -> bool {
    matches!(
        (before, class),
        (Class::Digit, Class::Digit)
            | (Class::Lower, Class::Lower)
            | (Class::Upper, Class::Lower | Class::Upper)
    )
}

/// How each word of an ASCII text begins, in its canonical form, and where: nothing is made of the rest.
pub(super) fn heads(text: &str, mut look: impl FnMut(usize, [u8; Heads::BYTES])) {
    let bytes = text.as_bytes();
    let mut before = Class::Mark;
    for (at, byte) in bytes.iter().enumerate() {
        let (class, _) = of_ascii(*byte);
        if class != Class::Mark
            && !goes_on(before, class)
            && let Some(head) = head(bytes.get(at..).unwrap_or_default())
        {
            look(at, head);
        }
        before = class;
    }
}

/// The first letters and digits of an ASCII text; none where there are too few.
#[inline]
fn head(bytes: &[u8]) -> Option<[u8; Heads::BYTES]> {
    let mut head = [0; Heads::BYTES];
    let mut next = 0;
    for byte in bytes {
        let (class, stands) = of_ascii(*byte);
        if class == Class::Mark {
            continue;
        }
        *head.get_mut(next)? = stands;
        next += 1;
        if next == Heads::BYTES {
            return Some(head);
        }
    }
    None
}

#[inline]
fn of_ascii(byte: u8) -> (Class, u8) {
    ASCII.get(usize::from(byte)).copied().unwrap_or((Class::Mark, 0))
}

/// Where each byte of the canonical form of a text comes from: the character's first byte, and its length.
pub(super) fn sources(text: &str) -> Vec<(usize, usize)> {
    let mut sources = Vec::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        let bytes = match class(char) {
            Class::Mark => 0,
            _ => char.to_lowercase().map(char::len_utf8).sum(),
        };
        sources.extend(std::iter::repeat_n((at, char.len_utf8()), bytes));
    }
    sources
}

fn class(char: char) -> Class {
    if let Some((class, _)) = usize::try_from(u32::from(char)).ok().and_then(|code| ASCII.get(code)) {
        return *class;
    }
    match char {
        _ if is_unspaced(char) => Class::Unspaced,
        _ if char.is_numeric() => Class::Digit,
        // Capitals beyond ASCII are folded already.
        _ if char.is_alphabetic() => Class::Lower,
        _ => Class::Mark,
    }
}

/// Whether a letter is of a script that writes no spaces between words.
fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{0E00}'..='\u{0EFF}' | '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        && char.is_alphabetic()
}

/// How much a canonical string says, in letters of an alphabet: a sign of a word or a syllable counts as four.
pub(super) fn weight(canonical: &[u8]) -> usize {
    let chars = std::str::from_utf8(canonical).unwrap_or_default().chars();
    let dense = |char: char| is_unspaced(char) || matches!(char, '\u{AC00}'..='\u{D7AF}');
    chars.map(|char| if dense(char) { 4 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (String, Vec<usize>) {
        let canonical = Canonical::of(text);
        let starts = canonical.starts().collect();
        (String::from_utf8(canonical.text).unwrap(), starts)
    }

    #[test]
    fn words_begin_after_marks_and_where_the_class_changes() {
        assert_eq!(parts("Jane  O'Neill-Ross"), ("janeoneillross".to_owned(), vec![0, 4, 5, 10]));
        assert_eq!(parts("patientJane4539"), ("patientjane4539".to_owned(), vec![0, 7, 11]));
        assert_eq!(parts("4539 1488.0343"), ("453914880343".to_owned(), vec![0, 4, 8]));
        assert_eq!(parts("患者王"), ("患者王".to_owned(), vec![0, 3, 6]));
        assert_eq!(weight("王小明".as_bytes()), 12);
    }

    proptest! {
        #[test]
        fn words_begin_alike_where_nothing_else_is_made(text in "[a-cA-C0-2 .]{0,60}") {
            let mut found = Vec::new();
            heads(&text, |at, head| found.push((at, head)));
            let (canonical, sources) = (Canonical::of(&text), sources(&text));
            let expected: Vec<_> = canonical
                .starts()
                .filter_map(|start| Some((sources[start].0, *canonical.text[start..].first_chunk()?)))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn every_byte_has_a_source(text in "\\PC{0,60}") {
            let canonical = Canonical::of(&text);
            let sources = sources(&text);
            prop_assert_eq!(sources.len(), canonical.text.len());
            for (at, length) in sources {
                prop_assert!(text.get(at..at + length).is_some());
            }
        }
    }
}
