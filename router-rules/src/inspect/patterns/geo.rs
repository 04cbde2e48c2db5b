//! Where somebody is: coordinates of four decimals or more beside personal words, degrees with minutes and
//! seconds, `geo:` addresses (RFC 5870) and links into maps.

use std::sync::LazyLock;

use super::Leads;
use crate::inspect::cursor::{at, before, goes_on, run, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::hits::GEO;
use crate::inspect::scan::Scan;
use crate::inspect::words::Words;

pub(super) const LEADS: &Leads = &[(&[GEO], Topic::Map, "geo, maps, openstreetmap, goo, osm, map, waze")];

/// Words that make a place somebody's.
static OWN: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "my ",
        "i'm",
        "i am",
        "we are",
        "our ",
        "his ",
        "her ",
        "home",
        "house",
        "live",
        "where i",
        "meet me",
        "user",
        "patient",
        "employee",
        "driver",
        "phone",
        "device",
        "tracked",
        "last seen",
        "current location",
        "mein",
        "wohn",
        "zuhause",
        "standort",
        "habite",
        "domicile",
        "maison",
        "ma position",
        "vivo",
        "casa",
        "mi ubic",
        "minha",
        "moro",
        "abito",
        "mio",
        "woon",
        "thuis",
        "mijn",
        "mieszka",
        "moja",
        "dom ",
        "evim",
        "konumum",
        "живу",
        "дом",
        "мое",
        "моя",
        "我",
        "家",
        "住",
        "自宅",
        "집",
        "내 위치",
        "منزلي",
        "بيتي",
        "موقعي",
        "मेरा",
        "मेरे",
        "घर",
    ])
});

/// How far before coordinates such a word may stand.
const REACH: usize = 80;

/// `52.52001, 13.40495` and `52°31'12"N 13°24'18"E`, from the first digits.
pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize, end: usize) -> bool {
    let text = scan.text;
    if !scan.detectors.wanted.has(GEO) || end - start > 3 || before(text, start) == b'.' {
        return false;
    }
    let from = start - usize::from(before(text, start) == b'-');
    let to = match at(text, end) {
        b'.' => pair(text, from),
        b' ' | b'd' | b'\'' => sexagesimal(text, start),
        _ => None,
    };
    let Some(to) = to.filter(|_| OWN.before(text, from, REACH)) else { return false };
    scan.number_end = to;
    scan.hits.push(GEO, from, to, 0.8);
    true
}

/// The end of a latitude and a longitude with four decimals or more each.
fn pair(text: &[u8], start: usize) -> Option<usize> {
    let first = decimal(text, start, 90)?;
    let gap = run(text, first, 3, |byte| matches!(byte, b',' | b' ' | b';' | b'/'));
    // `lat: 52.52001, lon: 13.40495`
    let name = run(text, gap, 12, |byte| byte.is_ascii_alphabetic() || byte == b'"');
    let mark = run(text, name, 3, |byte| matches!(byte, b':' | b'=' | b' ' | b'"'));
    let second = if name > gap && mark > name { mark } else { gap };
    (second > first).then(|| decimal(text, second, 180)).flatten()
}

fn decimal(text: &[u8], start: usize, most: u32) -> Option<usize> {
    let whole = start + usize::from(matches!(at(text, start), b'-' | b'+'));
    let point = run(text, whole, 4, |byte| byte.is_ascii_digit());
    let end = run(text, point + 1, 16, |byte| byte.is_ascii_digit());
    let value = slice(text, whole, point).iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    let fits =
        (1..=3).contains(&(point - whole)) && at(text, point) == b'.' && end - point > 4 && value <= most;
    (fits && !at(text, end).is_ascii_alphanumeric()).then_some(end)
}

/// Two angles of degrees, minutes and seconds, each with its letter. A degree sign is a space when folded.
fn sexagesimal(text: &[u8], start: usize) -> Option<usize> {
    let first = angle(text, start, b"NnSs")?;
    let gap = run(text, first, 3, |byte| matches!(byte, b',' | b' '));
    angle(text, gap, b"EeWwOo")
}

fn angle(text: &[u8], start: usize, letters: &[u8]) -> Option<usize> {
    let mut here = start;
    for _ in 0..3 {
        let end = run(text, here, 3, |byte| byte.is_ascii_digit());
        if end == here {
            break;
        }
        let fraction =
            if at(text, end) == b'.' { run(text, end + 1, 6, |byte| byte.is_ascii_digit()) } else { end };
        here = run(text, fraction, 4, |byte| matches!(byte, b' ' | b'\'' | b'"' | b'd' | b'm' | b's'));
    }
    let letter = letters.contains(&at(text, here)) && !at(text, here + 1).is_ascii_alphanumeric();
    (here > start + 5 && letter).then_some(here + 1)
}

/// The longest link that is read.
const LINK_MAX: usize = 256;

/// `geo:52.52001,13.40495`, `maps.google.com/?q=52.52001,13.40495`, `maps.app.goo.gl/…`.
pub(in crate::inspect) fn at_link(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    if start < scan.told_end {
        return;
    }
    if at(text, end) == b':' && goes_on(text, start, "geo:") {
        if let Some(to) = pair(text, end + 1) {
            scan.told_end = to;
            scan.hits.push(GEO, start, to, 0.9);
        }
        return;
    }
    if !matches!(at(text, end), b'.' | b'/' | b'=') {
        return;
    }
    let to = run(text, start, LINK_MAX, |byte| byte.is_ascii_graphic() && !b"\"'<>)]`".contains(&byte));
    let link = slice(text, start, to);
    scan.told_end = to;
    let shared = goes_on(text, start, "maps.app.goo.gl/") || goes_on(text, start, "goo.gl/maps/");
    if shared && link.len() > 20 {
        scan.hits.push(GEO, start, to, 0.8);
    } else if let Some((from, close)) = coordinates_in(text, start, to) {
        scan.hits.push(GEO, from, close, 0.8);
    }
}

/// The first pair of coordinates in a link.
fn coordinates_in(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    (start..end).find_map(|from| {
        let begins = !matches!(before(text, from), b'0'..=b'9' | b'.' | b'-');
        let number = at(text, from).is_ascii_digit() || at(text, from) == b'-';
        let to = (begins && number).then(|| pair(text, from)).flatten()?;
        Some((from, to))
    })
}
