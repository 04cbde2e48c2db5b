//! The written form of a number, byte by byte.
//!
//! `9` is a digit, `A` a letter, `X` either, a space one of space, `-` and `.` (the same throughout), and
//! everything else itself. `9*6-17` stands for the forms of six to seventeen digits, and the same with `X`.

use crate::inspect::cursor::{at, before, slice};

/// The most letters and digits of one number.
pub(super) const NUMBER_MAX: usize = 24;

/// A number in the text.
pub(super) struct Written {
    pub(super) start: usize,
    pub(super) end: usize,
    characters: [u8; NUMBER_MAX],
    count: usize,
    lower: bool,
    spaced: bool,
}

impl Written {
    /// Its letters, in capitals, and digits.
    pub(super) fn number(&self) -> &[u8] {
        self.characters.get(..self.count).unwrap_or_default()
    }

    /// Whether it can be told without a word of it: in capitals, and no part of a path, a price or a longer row.
    pub(super) fn stands_alone(&self, text: &[u8]) -> bool {
        let previous = before(text, self.start);
        let further = self.start.checked_sub(1).map_or(0, |at| before(text, at));
        let next = (at(text, self.end), at(text, self.end + 1));
        let part = matches!(previous, b'-' | b'.' | b'/' | b'+' | b'\\') && further.is_ascii_alphanumeric()
            || matches!(previous, b'$' | b'_');
        let row = self.spaced && previous == b' ' && further.is_ascii_digit();
        let more = matches!(next, (b'/' | b'-', b'a'..=b'z' | b'A'..=b'Z'))
            || self.spaced && matches!(next, (b' ', b'0'..=b'9'));
        !(self.lower || part || row || more)
    }
}

/// Reads a form of which `head` bytes stand before `group`.
pub(super) fn read(form: &[u8], head: usize, text: &[u8], group: usize) -> Option<Written> {
    let start = group.checked_sub(head)?;
    let end = start + form.len();
    let written = slice(text, start, end);
    if written.len() != form.len() {
        return None;
    }
    let mut number =
        Written { start, end, characters: [0; NUMBER_MAX], count: 0, lower: false, spaced: false };
    let mut separator = 0;
    for (place, (&wanted, &byte)) in form.iter().zip(written).enumerate() {
        let fits = match wanted {
            b'9' => byte.is_ascii_digit(),
            // Words before a number are letters too: what is written apart from it is in capitals.
            b'A' => byte.is_ascii_uppercase() || place >= head && byte.is_ascii_lowercase(),
            b'X' => byte.is_ascii_alphanumeric(),
            b' ' => {
                let first = separator == 0;
                separator = if first { byte } else { separator };
                number.spaced |= byte == b' ';
                matches!(byte, b' ' | b'-' | b'.') && byte == separator
            }
            _ => byte == wanted,
        };
        if !fits {
            return None;
        }
        if matches!(wanted, b'9' | b'A' | b'X') {
            number.lower |= byte.is_ascii_lowercase();
            *number.characters.get_mut(number.count)? = byte.to_ascii_uppercase();
            number.count += 1;
        }
    }
    is_whole(text, start, end).then_some(number)
}

/// Whether neither letters nor digits go on at either end, over a separator or without.
fn is_whole(text: &[u8], start: usize, end: usize) -> bool {
    let is_ascii_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let previous = before(text, start);
    let over = |mark: u8| matches!(mark, b'-' | b'.' | b'/' | b',');
    let from_digit =
        over(previous) && start.checked_sub(1).is_some_and(|at| before(text, at).is_ascii_digit());
    let to_digit = over(at(text, end)) && at(text, end + 1).is_ascii_digit();
    !is_ascii_word(previous) && !is_ascii_word(at(text, end)) && !from_digit && !to_digit
}

/// The forms that a form with a repetition stands for.
pub(super) fn expand(form: &str) -> Vec<String> {
    let repeated = || {
        let (unit, range) = form.split_once('*')?;
        let (least, most) = range.split_once('-')?;
        let (least, most): (usize, usize) = (least.parse().ok()?, most.parse().ok()?);
        Some((least..=most).map(|count| unit.repeat(count)).collect())
    };
    repeated().unwrap_or_else(|| vec![form.to_owned()])
}
