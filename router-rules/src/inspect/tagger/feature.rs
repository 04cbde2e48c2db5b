//! Tokens to rows of the table: hashes of the word, its pieces, its shape and its place.
//!
//! Whatever is changed here is changed in the trainer too (`tagger/text.py`); a golden test compares the two.

use super::script::{Class, class, digit};
use super::token::{Token, TokenKind};

/// The most features that a token can have: a word of 24 letters, each of which may grow to three in lower case.
const CHARS_MAX: usize = 80;

const WORD: u32 = 1;
const GRAM: u32 = 2;
const SHAPE: u32 = 3;
const CONTEXT: u32 = 4;
const NUMBER: u32 = 5;
const SYMBOL: u32 = 6;
const SINGLE: u32 = 7;
const PAIR: u32 = 8;
const THREE: u32 = 10;

/// Takes the features of a token, as hashes.
pub(super) trait Sink {
    /// One that counts fully.
    fn whole(&mut self, hash: u32);
    /// One of several pieces, which count together.
    fn piece(&mut self, hash: u32);
}

/// A 32-bit hash of small numbers.
fn digest(seed: u32, values: impl IntoIterator<Item = u32>) -> u32 {
    let mut state = seed.wrapping_mul(0x9E37_79B1);
    for value in values {
        state = (state ^ value).wrapping_mul(0x85EB_CA6B);
        state ^= state >> 13;
    }
    state = state.wrapping_mul(0xC2B2_AE35);
    state ^ (state >> 16)
}

/// Gives the features of a token; its neighbours are those of the text, where there are any.
pub(super) fn features(
    text: &str,
    before: Option<&Token>,
    token: &Token,
    after: Option<&Token>,
    sink: &mut impl Sink,
) {
    let script = token.class.number();
    let place = [token.kind as u32, u32::from(token.glued), u32::from(token.first), script];
    sink.whole(digest(CONTEXT, place));
    let own = text.get(token.start..token.end).unwrap_or_default();
    match token.kind {
        TokenKind::Word => word(own, token.class, sink),
        TokenKind::Number => number(own, sink),
        TokenKind::Newline => {
            let lines = own.bytes().filter(|byte| *byte == b'\n').take(2).count();
            sink.whole(digest(SYMBOL, [10, small(lines)]));
        }
        TokenKind::Symbol => {
            let repeated = token.end - token.start > token.lead.len_utf8();
            sink.whole(digest(SYMBOL, [u32::from(token.lead), u32::from(repeated)]));
        }
        TokenKind::Single => {
            let touching = |other: Option<&Token>, touches: fn(&Token, &Token) -> bool| {
                other
                    .filter(|other| other.kind == TokenKind::Single && touches(other, token))
                    .map(|other| u32::from(other.lead))
            };
            let left = touching(before, |other, token| other.end == token.start);
            let right = touching(after, |other, token| other.start == token.end);
            single(u32::from(token.lead), left, right, sink);
        }
    }
}

fn single(point: u32, left: Option<u32>, right: Option<u32>, sink: &mut impl Sink) {
    sink.whole(digest(SINGLE, [point]));
    if let Some(left) = left {
        sink.piece(digest(PAIR, [left, point]));
    }
    if let Some(right) = right {
        sink.piece(digest(PAIR, [point, right]));
    }
    if let (Some(left), Some(right)) = (left, right) {
        sink.piece(digest(THREE, [left, point, right]));
    }
}

fn number(own: &str, sink: &mut impl Sink) {
    let digits = own.chars().filter(|char| class(*char) == Class::Digit);
    let count = digits.clone().count();
    sink.whole(digest(NUMBER, [100, small(count.min(12))]));
    if count <= 2 {
        sink.whole(digest(NUMBER, std::iter::once(small(count)).chain(digits.map(digit))));
    } else if count == 4 {
        sink.whole(digest(NUMBER, std::iter::once(4).chain(digits.take(2).map(digit))));
    }
}

fn word(own: &str, script: Class, sink: &mut impl Sink) {
    // The word in lower case between two marks.
    let mut edged = [2_u32; CHARS_MAX];
    let mut length = 1;
    let (mut count, mut upper, mut any_lower, mut lead_upper) = (0_usize, 0_usize, false, false);
    for char in own.chars() {
        if class(char) == Class::Ignorable {
            continue;
        }
        if char.is_ascii() {
            push(&mut edged, &mut length, char.to_ascii_lowercase());
        } else {
            for low in char.to_lowercase() {
                push(&mut edged, &mut length, low);
            }
        }
        let capital = char.is_uppercase();
        lead_upper |= capital && count == 0;
        upper += usize::from(capital);
        any_lower |= char.is_lowercase();
        count += 1;
    }
    if let Some(last) = edged.get_mut(length) {
        *last = 3;
    }
    let low = edged.get(1..length).unwrap_or_default();
    let edged = edged.get(..=length).unwrap_or_default();
    sink.whole(digest(WORD, low.iter().copied()));
    let capitals = match upper {
        0 if any_lower => 0,
        0 => 5,
        _ if count == 1 => 3,
        _ if upper == count => 2,
        1 if lead_upper => 1,
        _ => 4,
    };
    sink.whole(digest(SHAPE, [capitals, small(low.len().min(8)), script.number()]));
    let sizes = if script == Class::Hangul { [2, 3] } else { [3, 4] };
    for size in sizes {
        for gram in edged.windows(size) {
            sink.piece(digest(GRAM, gram.iter().copied()));
        }
    }
}

fn push(edged: &mut [u32; CHARS_MAX], length: &mut usize, char: char) {
    // The last place is kept for the closing mark.
    if *length < CHARS_MAX - 1
        && let Some(place) = edged.get_mut(*length)
    {
        *place = u32::from(char);
        *length += 1;
    }
}

fn small(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
