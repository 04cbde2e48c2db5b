//! International bank account numbers (ISO 13616): country, length, check.

use crate::inspect::checksum::mod97;
use crate::inspect::cursor::{at, before, slice};
use crate::inspect::examples;
use crate::inspect::hits::IBAN;
use crate::inspect::scan::Scan;

/// Characters of a country's numbers (SWIFT IBAN registry).
const LENGTHS: [(&[u8; 2], usize); 86] = [
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
];

const LENGTH_MAX: usize = 34;

/// Looks for a number whose check digits begin at `start`.
pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize) -> bool {
    if !scan.detectors.wanted.has(IBAN) {
        return false;
    }
    let text = scan.text;
    // `DE 89 …` is written too.
    let letters = start - usize::from(before(text, start) == b' ');
    let Some(first) = letters.checked_sub(2) else { return false };
    let country = slice(text, first, letters).to_ascii_uppercase();
    let known = LENGTHS.iter().find(|(code, _)| code.as_slice() == country);
    let Some((_, length)) = known else { return false };
    let second = start + 1 + usize::from(is_gap(at(text, start + 1)));
    if before(text, first).is_ascii_alphanumeric() || !at(text, second).is_ascii_digit() {
        return false;
    }
    let mut characters = [0_u8; LENGTH_MAX];
    let Some(places) = characters.get_mut(..*length) else { return false };
    let mut here = first;
    for place in places.iter_mut() {
        if is_gap(at(text, here)) && at(text, here + 1).is_ascii_alphanumeric() {
            here += 1;
        }
        if !at(text, here).is_ascii_alphanumeric() {
            return false;
        }
        *place = at(text, here);
        here += 1;
    }
    if at(text, here).is_ascii_alphanumeric() || !mod97(places) {
        return false;
    }
    if !examples::is_iban(places) {
        scan.hits.push(IBAN, first, here, 0.98);
    }
    scan.number_end = here;
    true
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b',' | b'\n' | b'\t')
}
