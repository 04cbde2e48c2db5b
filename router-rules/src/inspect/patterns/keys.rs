//! Keys of well-known services, by the formats that their makers publish.

mod formats;

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::inspect::cursor::{at, before, run, run_back, slice, variety};
use crate::inspect::examples;
use crate::inspect::hits::API_KEY;
use crate::inspect::scan::Scan;
use formats::{FORMATS, Format, WORD_FORMATS};

/// The longest body that is read.
const BODY_MAX: usize = 512;

/// The prefixes that are found by their first word, with their places in the table; the others begin a word.
pub(in crate::inspect) fn prefixes() -> impl Iterator<Item = (&'static str, usize)> {
    FORMATS.iter().map(|format| format.prefix).zip(0..)
}

pub(in crate::inspect) fn at_prefix(scan: &mut Scan<'_>, start: usize, place: usize) {
    if let Some(format) = FORMATS.get(place) {
        key(scan, start, format);
    }
}

pub(in crate::inspect) fn at_long_word(scan: &mut Scan<'_>, start: usize) {
    let first = at(scan.text, start);
    for format in WORD_FORMATS.iter().filter(|format| format.prefix.as_bytes().first() == Some(&first)) {
        key(scan, start, format);
    }
    if start >= scan.key_end && scan.detectors.wanted.has(API_KEY) {
        shaped(scan, start);
    }
}

fn key(scan: &mut Scan<'_>, start: usize, format: &Format) {
    let text = scan.text;
    let body = start + format.prefix.len();
    // Twin words such as `sk` in `desk-` end elsewhere; `key_sk-…` does not.
    let inside = before(text, start).is_ascii_alphanumeric() || start < scan.key_end;
    if inside
        || slice(text, start, body) != format.prefix.as_bytes()
        || !scan.detectors.wanted.has(format.kind)
    {
        return;
    }
    let end = run(text, body, BODY_MAX, |byte| format.body.takes(byte));
    let end = end - trailing_points(slice(text, body, end));
    let length = end - body;
    let fits = if format.exact > 0 {
        length == format.exact && !at(text, end).is_ascii_alphanumeric()
    } else {
        length >= format.least
    };
    if !fits {
        return;
    }
    // A run that is no key must not be read again from its every hyphen.
    scan.key_end = end;
    if !examples::is_key(slice(text, start, end)) && is_random(slice(text, body, end), format.exact > 0) {
        scan.hits.push(format.kind, start, end, 0.95);
    }
}

/// Keys without a prefix, by the shape of their parts.
fn shaped(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    if matches!(before(text, start), b'-' | b'_' | b'.' | b'/' | b'+') {
        return;
    }
    let end = run(text, start, 64, |byte| byte.is_ascii_alphanumeric());
    let found =
        mail_key(text, start, end).or_else(|| relic(text, start, end)).or_else(|| discord(text, start));
    if let Some(end) = found.filter(|end| is_random(slice(text, start, *end), true)) {
        scan.key_end = end;
        scan.hits.push(API_KEY, start, end, 0.9);
    }
}

/// Mailchimp's `<32 hexadecimal digits>-us12` and Mailgun's `<32>-<8>-<8>`.
fn mail_key(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if end - start != 32 || at(text, end) != b'-' || !slice(text, start, end).iter().all(|byte| hex(*byte)) {
        return None;
    }
    if slice(text, end + 1, end + 3) == b"us" {
        let close = run(text, end + 3, 3, |byte| byte.is_ascii_digit());
        return (close > end + 3 && !at(text, close).is_ascii_alphanumeric()).then_some(close);
    }
    let middle = run(text, end + 1, 9, hex);
    let close = run(text, middle + 1, 9, hex);
    let fits = middle == end + 9 && at(text, middle) == b'-' && close == middle + 9;
    fits.then_some(close)
}

/// New Relic's licences: 36 characters and `NRAL`.
fn relic(text: &[u8], start: usize, end: usize) -> Option<usize> {
    (end - start == 40 && slice(text, start, end).ends_with(b"NRAL")).then_some(end)
}

/// Discord's bots: an id in base64, a time and a check, with points between.
fn discord(text: &[u8], start: usize) -> Option<usize> {
    let url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !matches!(at(text, start), b'M' | b'N' | b'O') {
        return None;
    }
    let id = run(text, start, 29, url);
    let time = run(text, id + 1, 8, url);
    let end = run(text, time + 1, 40, url);
    let pointed = at(text, id) == b'.' && at(text, time) == b'.';
    let lengths = (24..=28).contains(&(id - start)) && time - id == 7 && (28..=39).contains(&(end - time));
    (pointed && lengths).then_some(end)
}

static AZURE_SECRET: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"Q~"));
static AZURE_KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"JQQJ99"));

/// Keys that are told by what stands in their middle: Azure's client secrets (`…8Q~…`) and access keys.
pub(in crate::inspect) fn at_middles(scan: &mut Scan<'_>) {
    let text = scan.text;
    if !scan.detectors.wanted.has(API_KEY) {
        return;
    }
    let secret = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'~' | b'.');
    for middle in AZURE_SECRET.find_iter(text) {
        let start = run_back(text, middle, 5, secret);
        let end = run(text, middle + 2, 36, secret);
        let fits = middle - start == 4 && before(text, middle).is_ascii_digit();
        if fits && (31..=34).contains(&(end - middle - 2)) && is_random(slice(text, start, end), false) {
            scan.hits.push(API_KEY, start, end, 0.95);
        }
    }
    for middle in AZURE_KEY.find_iter(text) {
        let start = run_back(text, middle, 54, |byte| byte.is_ascii_alphanumeric());
        let end = run(text, middle, 33, |byte| byte.is_ascii_alphanumeric());
        if matches!(end - start, 84 | 85) {
            scan.hits.push(API_KEY, start, end, 0.95);
        }
    }
}

fn trailing_points(body: &[u8]) -> usize {
    body.iter().rev().take_while(|byte| **byte == b'.' || **byte == b'/').count()
}

/// Keys are drawn at random: digits among letters, and no character repeated over and over. A body of just
/// the right length may do without a digit: by chance, some keys have none.
fn is_random(body: &[u8], right_length: bool) -> bool {
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mixed = body.iter().any(u8::is_ascii_lowercase) && body.iter().any(u8::is_ascii_uppercase);
    variety(body) >= 6 && (right_length || digits > 0 || mixed)
}
