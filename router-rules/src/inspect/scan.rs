//! One light pass over a text that stops only where something may begin, and looks there.
//!
//! Words are looked up in a [`Dictionary`](super::dictionary::Dictionary); runs of digits and the marks `@`,
//! `:` and `=` are looked at by the patterns. Every pattern reads a bounded stretch around its place, and
//! never the same failed stretch twice, so the work grows with the text and not with what it says.

use core::ops::Range;

use super::Detectors;
use super::classes::{BLOCK, Masks, classify};
use super::cursor::{apart_before, at, goes_on, is_apart, joins, run, slice};
use super::dictionary::{Cue, Sign, Topic, key_at};
use super::hits::{CRIMINAL_RECORD, Hits, SPECIAL_CATEGORY};
use super::patterns::{
    address, assign, birth, code, command, device, geo, heading, host, ids, keys, manifest, number, payment,
    person, postal, prose, seed, token, wallet,
};
use super::view::Signs;

/// Words at least this long are looked at as keys that begin with a known prefix.
const LONG_WORD: u32 = 16;

/// How near to one another words for digits are one number's.
const NEAR: usize = 24;

/// A text that is being read, and what has been found in it so far.
pub(super) struct Scan<'a> {
    pub(super) text: &'a [u8],
    pub(super) detectors: &'a Detectors,
    pub(super) hits: &'a mut Hits,
    /// Digits before this offset belong to a number that was found.
    pub(super) number_end: usize,
    /// Colons before this offset have been read as an address of the internet protocol.
    pub(super) colon_end: usize,
    /// Bytes before this offset belong to a key, or to a run that was found to be none.
    pub(super) key_end: usize,
    /// The last value that was found by its name.
    pub(super) value: Range<usize>,
    /// Bytes before this offset belong to a person's name that was found.
    pub(super) name_end: usize,
    /// What calls for another view.
    signs: Signs,
    /// Where the last word for a digit ends.
    digit_word_end: usize,
    /// The last number of a state's that was found: its format, and where it ends.
    pub(super) id_found: Option<(usize, usize)>,
    /// Words that say what a number near them is.
    pub(super) heard: ids::Heard,
    /// Bytes before this offset belong to a manifest that was read.
    pub(super) manifest_end: usize,
    /// Bytes before this offset belong to an address, a date or a phrase that was found.
    pub(super) told_end: usize,
}

/// Reads one view of a text, and says what calls for another.
pub(super) fn scan(text: &str, detectors: &Detectors, hits: &mut Hits) -> Signs {
    let bytes = text.as_bytes();
    let mut scan = Scan {
        text: bytes,
        detectors,
        hits,
        number_end: 0,
        colon_end: 0,
        key_end: 0,
        value: 0..0,
        name_end: 0,
        signs: Signs::default(),
        digit_word_end: 0,
        id_found: None,
        heard: ids::Heard::default(),
        manifest_end: 0,
        told_end: 0,
    };
    scan.pass();
    let signs = scan.signs;
    keys::at_middles(&mut scan);
    if let Some(inner) = detectors.inner.as_ref().filter(|_| !bytes.is_ascii()) {
        inner.scan(bytes, |topic, start, end| scan.topic(topic, start, end));
    }
    if let Some(loose) = &detectors.loose {
        loose.scan(bytes, hits);
    }
    signs
}

impl Scan<'_> {
    fn pass(&mut self) {
        let (blocks, rest) = self.text.as_chunks::<BLOCK>();
        let mut last = [0_u8; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let mut before = Masks::default();
        let mut here = blocks.first().map_or_else(|| classify(&last), classify);
        for index in 0..=blocks.len() {
            let next = match blocks.get(index + 1) {
                Some(block) => classify(block),
                None if index + 1 == blocks.len() => classify(&last),
                None => Masks::default(),
            };
            self.block(index * BLOCK, before, here, next);
            if self.hits.is_full() {
                return;
            }
            before = here;
            here = next;
        }
    }

    #[inline]
    fn block(&mut self, base: usize, before: Masks, here: Masks, next: Masks) {
        let mut words = here.word & !(here.word << 1 | before.word >> 63);
        while words != 0 {
            let bit = words.trailing_zeros();
            words &= words - 1;
            // The bits from this word on, of this block and the next.
            let ahead = here.word >> bit | (next.word << (63 - bit)) << 1;
            let length = (!ahead).trailing_zeros();
            let start = base + bit as usize;
            let length = if here.wide | next.wide == 0 { length } else { self.narrow(start, length) };
            let key = key_at(self.text, start, length);
            if self.detectors.dictionary.may_hold(key) {
                self.word(key, start);
            }
            if length >= LONG_WORD {
                self.long_word(start);
            }
        }
        // Words of ASCII also begin after what stands apart from them: `鍵はsk-…`.
        let mut inner = here.word & !here.wide & (here.wide << 1 | before.wide >> 63);
        while inner != 0 {
            let start = base + inner.trailing_zeros() as usize;
            inner &= inner - 1;
            if apart_before(self.text, start) {
                let end = run(self.text, start, 64, |byte| byte.is_ascii_alphanumeric());
                let length = u32::try_from(end - start).unwrap_or(64);
                let key = key_at(self.text, start, length);
                if self.detectors.dictionary.may_hold(key) {
                    self.word(key, start);
                }
                if length >= LONG_WORD {
                    self.long_word(start);
                }
            }
        }
        let mut digits = here.digit & !(here.digit << 1 | before.digit >> 63);
        while digits != 0 {
            let start = base + digits.trailing_zeros() as usize;
            digits &= digits - 1;
            if start >= self.number_end {
                number::at_digits(self, start);
            }
        }
        let mut marks = here.mark;
        while marks != 0 {
            let start = base + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            match self.text.get(start) {
                Some(b'@') => address::at_sign(self, start),
                Some(b':') => {
                    address::at_colon(self, start);
                    token::at_colon(self, start);
                    assign::at_mark(self, start);
                }
                _ => assign::at_mark(self, start),
            }
        }
    }

    /// The length of a word that begins here, without what stands apart from its ASCII letters.
    #[cold]
    fn narrow(&self, start: usize, length: u32) -> u32 {
        let most = usize::try_from(length).unwrap_or(64);
        let end = run(self.text, start, most, |byte| byte.is_ascii_alphanumeric());
        let cut = end > start && end - start < most && is_apart(at(self.text, end));
        if cut { u32::try_from(end - start).unwrap_or(length) } else { length }
    }

    #[cold]
    fn word(&mut self, key: u64, start: usize) {
        let detectors = self.detectors;
        for cue in detectors.dictionary.cues(key) {
            match cue {
                Cue::Term(term) => {
                    if let Some(end) = term.ends(self.text, start) {
                        self.hits.push(term.kind, start - term.lead, end, term.confidence);
                    }
                }
                Cue::Key(format) => keys::at_prefix(self, start, *format),
                Cue::Armour => token::armour(self, start),
                Cue::Jwt => token::jwt(self, start),
                Cue::Lead(lead) => {
                    if let Some(end) = lead.ends(self.text, start) {
                        self.topic(lead.topic, start, end);
                    }
                }
                Cue::Scheme => token::scheme(self, start),
                Cue::Person(cue) => person::at_cue(self, start, *cue),
                Cue::Sign(word, sign) => self.sign(word, *sign, start),
            }
        }
    }

    fn sign(&mut self, word: &str, sign: Sign, start: usize) {
        let end = start + word.len();
        let whole = goes_on(self.text, start, word) && !joins(self.text, end);
        if whole {
            match sign {
                Sign::Digit => {
                    self.signs.digit_words += u32::from(start.saturating_sub(self.digit_word_end) <= NEAR);
                    self.digit_word_end = end;
                }
                Sign::Reversed => self.signs.reversed += 1,
                Sign::Rotated => self.signs.rotated += 1,
            }
        }
    }

    /// Looks around a word or phrase for what it promises.
    fn topic(&mut self, topic: Topic, start: usize, end: usize) {
        match topic {
            Topic::Password
            | Topic::PasswordLatin
            | Topic::PasswordScript
            | Topic::Pin
            | Topic::NetworkKey => prose::told(self, topic, start, end),
            Topic::Code | Topic::Combination => code::told(self, topic, start, end),
            Topic::Birth | Topic::Born => birth::at_word(self, topic, start, end),
            Topic::NumberThenStreet => postal::number_then_street(self, start, end),
            Topic::NumberThenWord => postal::number_then_word(self, start, end),
            Topic::StreetThenNumber => postal::street_then_number(self, start, end),
            Topic::Seed => seed::at_phrase(self, end),
            Topic::Mac => device::at_word(self, end),
            Topic::Host => host::at_label(self, start, end),
            Topic::Manifest => manifest::at_kind(self, start, end),
            Topic::Map => geo::at_link(self, start, end),
            Topic::Putty => token::putty(self, start),
            Topic::Command => command::at_name(self, start, end),
            Topic::Totp => command::totp(self, end),
            Topic::Pix => command::pix(self, end),
            Topic::Terraform => token::terraform(self, start, end),
            Topic::CardCode => payment::code(self, end),
            Topic::Special => self.hits.push(SPECIAL_CATEGORY, start, end, 0.6),
            Topic::Offence => self.hits.push(CRIMINAL_RECORD, start, end, 0.7),
            Topic::Privilege
            | Topic::PrivilegeAlone
            | Topic::Counsel
            | Topic::Source
            | Topic::SourceAlone => {
                heading::at_phrase(self, topic, start, end);
            }
        }
    }

    #[cold]
    fn long_word(&mut self, start: usize) {
        if slice(self.text, start, start + 3) == b"eyJ" || slice(self.text, start, start + 3) == b"eyA" {
            token::jwt(self, start);
        }
        keys::at_long_word(self, start);
        wallet::at_long_word(self, start);
    }
}
