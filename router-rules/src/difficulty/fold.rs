//! Letters as the lexicon has them: small, without the accents of Latin script, words parted by one space.

use wide::u8x32;

use super::marks::{BLOCK, blocks, one_of, range};

/// A folded sentence. A space stands before and after every word.
#[derive(Default)]
pub(super) struct Folded {
    text: String,
    /// Where the spaces are.
    spaces: Vec<usize>,
}

impl Folded {
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Where words begin: the spaces before them.
    pub(super) fn spaces(&self) -> &[usize] {
        &self.spaces
    }

    /// Its words, and where each begins.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        let between = self.spaces.iter().zip(self.spaces.iter().skip(1));
        between.filter_map(|(before, after)| Some((before + 1, self.text.get(before + 1..*after)?)))
    }
}

/// Folds a sentence.
pub(super) fn fold(text: &str) -> Folded {
    let (bytes, spaces) = plainly(text.as_bytes()).unwrap_or_else(|| {
        let out = letter_by_letter(text);
        let spaces = memchr::memchr_iter(b' ', &out).collect();
        (out, spaces)
    });
    Folded { text: String::from_utf8(bytes).unwrap_or_default(), spaces }
}

/// The same of a text of ASCII letters without apostrophes, where each byte folds by itself; none of another.
fn plainly(text: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    let (mut out, mut spaces) =
        (Vec::with_capacity(text.len() + BLOCK + 2), Vec::with_capacity(text.len() / 4));
    out.push(b' ');
    spaces.push(0);
    // Whether the byte before the block is a space.
    let mut spaced = 1;
    for (base, block) in blocks(text) {
        let (letter, digit) = (range(block | u8x32::splat(0x20), b'a', 26), range(block, b'0', 10));
        if (one_of(block, [b'\'']) | block.simd_ge(u8x32::splat(0x80))).to_bitmask() != 0 {
            return None;
        }
        let space = !(letter | digit);
        let folded = letter & (block | u8x32::splat(0x20)) | digit & block | space & u8x32::splat(b' ');
        let there = u32::MAX >> BLOCK.saturating_sub(text.len() - base).min(31);
        let space = space.to_bitmask() & there;
        // Of several spaces only the first stays.
        let mut keep = there & !(space & (space << 1 | spaced));
        spaced = space >> (there.count_ones() - 1) & 1;
        let mut kept = space & keep;
        while kept != 0 {
            let at = kept.trailing_zeros();
            kept &= kept - 1;
            spaces.push(out.len() + (keep & !(u32::MAX << at)).count_ones() as usize);
        }
        let bytes = folded.to_array();
        while keep != 0 {
            let from = keep.trailing_zeros();
            let count = (!(keep >> from)).trailing_zeros();
            out.extend_from_slice(bytes.get(from as usize..(from + count) as usize)?);
            keep = keep.checked_shr(from + count).map_or(0, |left| left << (from + count));
        }
    }
    if spaced == 0 {
        spaces.push(out.len());
        out.push(b' ');
    }
    Some((out, spaces))
}

fn letter_by_letter(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b' ');
    for (at, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' => {
                out.extend(u8::try_from(letter).ok().map(|letter| letter.to_ascii_lowercase()));
            }
            _ => push(letter, text.get(at + letter.len_utf8()..).unwrap_or_default(), &mut out),
        }
    }
    space(&mut out);
    out
}

/// Folds what is not ASCII, and apostrophes.
fn push(letter: char, rest: &str, out: &mut Vec<u8>) {
    let mut put = |letter: char| out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    match letter {
        // "l'algorithme" is two words, "don't" is one.
        '\'' | '\u{2019}' if !ends_short(rest) => space(out),
        // What is left out parts no word.
        '\'' | '\u{2019}' | '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{200B}'..='\u{200F}' => {}
        'ß' => out.extend_from_slice(b"ss"),
        'æ' | 'Æ' => out.extend_from_slice(b"ae"),
        'œ' | 'Œ' => out.extend_from_slice(b"oe"),
        // Vowel signs of Devanagari are no letters to Unicode, yet part of the word.
        '\u{900}'..='\u{963}' => put(letter),
        _ if !letter.is_alphanumeric() => space(out),
        _ => letter.to_lowercase().filter(|small| *small != '\u{307}').for_each(|small| put(base(small))),
    }
}

/// Whether a word ends with what stands behind an apostrophe in English.
fn ends_short(rest: &str) -> bool {
    let mut letters = rest.chars();
    matches!(letters.next(), Some('t' | 's')) && !letters.next().is_some_and(char::is_alphanumeric)
}

fn space(out: &mut Vec<u8>) {
    if out.last() != Some(&b' ') {
        out.push(b' ');
    }
}

/// The letter under an accent.
fn base(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ű' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_ways_of_folding_fold_alike(text in "[a-cA-C0-9 .,!-]{0,100}") {
            let (plain, spaces) = plainly(text.as_bytes()).unwrap();
            prop_assert_eq!(&plain, &letter_by_letter(&text));
            prop_assert_eq!(spaces, memchr::memchr_iter(b' ', &plain).collect::<Vec<_>>());
        }
    }

    #[test]
    fn words_are_small_and_without_accents() {
        let words = |text| fold(text).words().map(|(_, word)| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            words("  Don't  stop, l'Algorithme élevé: Straße 7!"),
            ["dont", "stop", "l", "algorithme", "eleve", "strasse", "7"]
        );
        assert_eq!(words("One, two"), ["one", "two"]);
        assert!(words("").is_empty() && words("…").is_empty());
    }
}
