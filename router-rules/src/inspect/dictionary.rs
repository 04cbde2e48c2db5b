//! Words that make the scan stop and look: one small table for terms, key prefixes and cues alike.
//!
//! A word is looked up by its first eight bytes and its length up to eight, first in a filter of 64 Ki bits
//! that almost every ordinary word fails. That is several times faster here than an automaton over all terms.

use super::KindId;
use super::cursor::{at, is_word, joins, load8};

/// What a word may be the beginning of.
#[derive(Clone, Debug)]
pub(super) enum Cue {
    /// A term of a list, whole.
    Term(Term),
    /// A key of one of the formats, by its place in their table.
    Key(usize),
    /// The armour of a private key.
    Armour,
    /// A JSON web token.
    Jwt,
    /// `Bearer` or `Basic`.
    Scheme,
    /// A word that tells of a person, by what it is.
    Person(PersonCue),
    /// A word that calls for another view.
    Sign(&'static str, Sign),
    /// A word or phrase that says what stands near it.
    Lead(Lead),
}

/// What a word is a sign of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    /// It is a digit.
    Digit,
    /// It is a frequent word backwards.
    Reversed,
    /// It is a frequent word in rot13.
    Rotated,
}

/// A word or phrase, folded and in lower case, near which something of its topic may stand.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    pub(super) phrase: Box<str>,
    pub(super) topic: Topic,
    /// Whether its last word may go on: endings of languages that decline.
    pub(super) open: bool,
}

/// What a lead promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic {
    /// A password, after an English word for it.
    Password,
    /// The same, after a word of another language in Latin letters.
    PasswordLatin,
    /// The same, after a word of another script.
    PasswordScript,
    /// A short number that opens something.
    Pin,
    /// A key of a wireless network, where one is spoken of.
    NetworkKey,
    /// A code of a door or an alarm.
    Code,
    /// The combination of a safe.
    Combination,
    /// A date of birth, after a noun.
    Birth,
    /// The same, around a verb.
    Born,
    /// A postal address whose number stands before its street's name.
    NumberThenStreet,
    /// The same with the number right before the word: `12 rue …`.
    NumberThenWord,
    /// The same with the number after the name: `Via Roma 12`.
    StreetThenNumber,
    /// The words of a wallet.
    Seed,
    /// The address of a network card.
    Mac,
    /// The last label of a name inside a house.
    Host,
    /// A manifest of Kubernetes.
    Manifest,
    /// A link to a place on a map.
    Map,
    /// The file of a key in PuTTY's own format.
    Putty,
    /// A password of Terraform's cloud.
    Terraform,
    /// A command that takes a password after a letter.
    Command,
    /// A seed of one-time passwords.
    Totp,
    /// A key of Brazil's instant payments.
    Pix,
    /// The code of a card.
    CardCode,
    /// What the law protects most.
    Special,
    /// A crime of somebody's.
    Offence,
    /// A heading of what is between a lawyer and a client.
    Privilege,
    /// The same, where it is the whole of its line.
    PrivilegeAlone,
    /// A sentence of counsel.
    Counsel,
    /// A heading of a source file that is a firm's own.
    Source,
    /// The same, where it is the whole of its line.
    SourceAlone,
}

impl Topic {
    /// Whether its words are also written in capitals, as headings are, or with a capital.
    pub(super) fn is_written_large(self) -> bool {
        matches!(
            self,
            Self::Special
                | Self::Offence
                | Self::Privilege
                | Self::PrivilegeAlone
                | Self::Counsel
                | Self::Source
                | Self::SourceAlone
        )
    }
}

/// Words that names follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PersonCue {
    Honorific,
    Name,
    Role,
    Kin,
    Salutation,
    Close,
}

/// A word or phrase, folded and in lower case.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) kind: KindId,
    pub(super) text: Box<str>,
    /// How many bytes of it stand before its first word.
    pub(super) lead: usize,
    pub(super) confidence: f32,
}

const FILTER_WORDS: usize = 1024;

/// The table.
#[derive(Clone)]
pub(super) struct Dictionary {
    filter: Box<[u64; FILTER_WORDS]>,
    /// Sorted by key.
    keys: Vec<u64>,
    cues: Vec<Cue>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("cues", &self.cues.len()).finish_non_exhaustive()
    }
}

impl Dictionary {
    /// A table of words and what they may begin. Each text begins with a word.
    pub(super) fn new(cues: Vec<(String, Cue)>) -> Self {
        let mut keyed: Vec<_> = cues.into_iter().map(|(text, cue)| (key_of(&text), cue)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let mut filter = Box::new([0; FILTER_WORDS]);
        for (key, _) in &keyed {
            let (word, bit) = place(*key);
            if let Some(word) = filter.get_mut(word) {
                *word |= bit;
            }
        }
        let (keys, cues) = keyed.into_iter().unzip();
        Self { filter, keys, cues }
    }

    /// Whether a word may be in the table.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = place(key);
        self.filter.get(word).is_some_and(|word| word & bit != 0)
    }

    /// What a word may begin.
    pub(super) fn cues(&self, key: u64) -> &[Cue] {
        let first = self.keys.partition_point(|known| *known < key);
        let count =
            self.keys.get(first..).unwrap_or_default().iter().take_while(|known| **known == key).count();
        self.cues.get(first..first + count).unwrap_or_default()
    }
}

/// The key of the word at `start`, of which `length` bytes are known to be there.
#[inline]
pub(super) fn key_at(text: &[u8], start: usize, length: u32) -> u64 {
    let mask = if length >= 8 { u64::MAX } else { (1 << (length * 8)) - 1 };
    (load8(text, start) | 0x2020_2020_2020_2020) & mask
}

fn key_of(text: &str) -> u64 {
    let length = text.bytes().take(8).take_while(|&byte| is_word(byte)).count();
    key_at(text.as_bytes(), 0, u32::try_from(length).unwrap_or(8))
}

#[inline]
fn place(key: u64) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    // Ten bits name the word of the filter, six the bit in it.
    (usize::try_from(hash >> 6).unwrap_or(0), 1 << (hash & 63))
}

impl Term {
    /// Where the term ends, if it stands with its first word at `start`.
    pub(super) fn ends(&self, text: &[u8], start: usize) -> Option<usize> {
        let end = phrase_end(text, start.checked_sub(self.lead)?, &self.text)?;
        let last_is_word = self.text.as_bytes().last().copied().is_some_and(is_word);
        let cut = last_is_word && joins(text, end);
        (!cut).then_some(end)
    }
}

impl Lead {
    /// Where the phrase ends, if it stands at `start`.
    pub(super) fn ends(&self, text: &[u8], start: usize) -> Option<usize> {
        let end = phrase_end(text, start, &self.phrase)?;
        (self.open || !joins(text, end)).then_some(end)
    }
}

/// Where a phrase in lower case ends that begins at `start`; spaces in it stand for any gap.
fn phrase_end(text: &[u8], start: usize, phrase: &str) -> Option<usize> {
    let mut here = start;
    for byte in phrase.bytes() {
        if byte == b' ' {
            let gap = super::cursor::run(text, here, 3, |byte| {
                byte.is_ascii_whitespace() || byte == b'-' || byte == b'_'
            });
            if gap == here {
                return None;
            }
            here = gap;
        } else if at(text, here).to_ascii_lowercase() == byte {
            here += 1;
        } else {
            return None;
        }
    }
    Some(here)
}
