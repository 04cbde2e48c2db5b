//! Telephone numbers: international, North American, national with a trunk zero, and bare where they are
//! spoken of.

use super::number::Groups;
use crate::inspect::cursor::{at, before, goes_on, run, spoken_before};
use crate::inspect::hits::PHONE;
use crate::inspect::scan::Scan;

/// The fewest and the most digits of a number with its country code (ITU-T E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// How far back a word such as `phone` is looked for.
const REACH: usize = 32;

const WORDS: [&str; 19] = [
    "phone",
    "telephone",
    "tel",
    "mobile",
    "cell",
    "call",
    "fax",
    "whatsapp",
    "sms",
    "text me",
    "ring",
    "dial",
    "reach me",
    "number is",
    "contact",
    "handy",
    "telefon",
    "signal",
    "hotline",
];

/// Words that follow a number in a list of ways to reach someone.
const WORDS_AFTER: [&str; 5] = [" office", " mobile", " cell", " fax", " (mobile"];

pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    let text = scan.text;
    let previous = before(text, start);
    if !scan.detectors.wanted.has(PHONE)
        || previous.is_ascii_alphanumeric()
        || matches!(previous, b'_' | b'.' | b'$' | b'/' | b'=')
    {
        return false;
    }
    let Some((first, last, confidence)) = number(text, start, groups) else { return false };
    let end = groups.end(last);
    if at(text, end).is_ascii_alphanumeric() && extension(text, end) == end || is_reserved(groups) {
        return false;
    }
    let end = extension(text, end);
    scan.hits.push(PHONE, first, end, confidence);
    scan.number_end = end;
    true
}

/// Where the number begins, its last group, and how sure it is.
fn number(text: &[u8], start: usize, groups: &Groups) -> Option<(usize, usize, f32)> {
    let bracket = before(text, start) == b'(';
    let opening = start - usize::from(bracket);
    if before(text, opening) == b'+' {
        let last = whole(groups, 15)?;
        return DIGITS.contains(&total(groups, last)).then_some((opening - 1, last, 0.9));
    }
    if let Some((last, confidence)) = north_american(groups, bracket) {
        return Some((opening, last, confidence));
    }
    if let Some(last) = trunk_zero(groups) {
        return Some((opening, last, 0.7));
    }
    let last = whole(groups, 15)?;
    let digits = total(groups, last);
    let dated = is_date(groups);
    let may_be = (7..=15).contains(&digits) && !dated && groups.len(last) >= 2;
    let spoken = || {
        let end = groups.end(last);
        WORDS_AFTER.iter().any(|word| goes_on(text, end, word)) || spoken_before(text, opening, REACH, &WORDS)
    };
    (may_be && spoken()).then_some((opening, last, 0.6))
}

/// The last group of the longest number of whole groups with no more digits than `most`.
fn whole(groups: &Groups, most: usize) -> Option<usize> {
    (0..groups.count()).rev().find(|last| total(groups, *last) <= most)
}

fn total(groups: &Groups, last: usize) -> usize {
    (0..=last).map(|group| groups.len(group)).sum()
}

/// Three, three and four digits, with or without a one before (North American Numbering Plan).
fn north_american(groups: &Groups, bracket: bool) -> Option<(usize, f32)> {
    let leads = groups.len(0) == 1 && groups.digits().first() == Some(&b'1')
        || groups.len(0) == 3
            && groups.digits().starts_with(b"001")
            && groups.len(1) == 3
            && groups.len(3) == 4;
    let shift = usize::from(leads);
    let lengths = [0, 1, 2].map(|group| groups.len(group + shift));
    let area = groups.digits().get(total(groups, 0) * shift)?;
    if lengths != [3, 3, 4] || !(b'2'..=b'9').contains(area) {
        return None;
    }
    let exchange = groups.digits().get(total(groups, 0) * shift + 3)?;
    let separators = [groups.separator(shift), groups.separator(shift + 1)];
    let spaced = separators == [b' ', b' '];
    let known = separators.iter().all(|separator| b" -.()/".contains(separator));
    let plain = bracket || leads || !spaced || (b'2'..=b'9').contains(exchange);
    (known && plain).then_some((2 + shift, if spaced && !bracket { 0.7 } else { 0.9 }))
}

/// A national number with its leading zero: `020 7123 4567`, `06 12 34 56 78`, `0049 30 1234567`.
fn trunk_zero(groups: &Groups) -> Option<usize> {
    let last = whole(groups, 15)?;
    let digits = total(groups, last);
    // Three, two and four digits are a social security number, be it one that was never given.
    let social = groups.shaped(&[3, 2, 4], b"- .");
    let leads = !social && groups.digits().first() == Some(&b'0') && (2..=5).contains(&groups.len(0));
    let kind = groups.separator(0);
    let uniform =
        (0..last).all(|group| groups.separator(group) == kind || group == 0 && b"/()".contains(&kind));
    let grouped = last >= 1 && (1..=last).all(|group| groups.len(group) >= 2);
    (leads && uniform && grouped && (9..=15).contains(&digits) && !is_date(groups)).then_some(last)
}

fn is_date(groups: &Groups) -> bool {
    let dated = match [groups.len(0), groups.len(1), groups.len(2)] {
        [1 | 2, 1 | 2, 4] => true,
        [4, 2, 2] => groups.digits().starts_with(b"19") || groups.digits().starts_with(b"20"),
        [2, 2, 2] => groups.count() == 3,
        _ => false,
    };
    // A time may follow.
    dated && b"-./ ".contains(&groups.separator(0)) && (groups.count() == 3 || groups.separator(2) == b' ')
}

/// The end of the number with its extension.
fn extension(text: &[u8], end: usize) -> usize {
    let space = usize::from(at(text, end) == b' ');
    let mark = ["extension ", "ext. ", "ext ", "ext.", "ext", "x"]
        .iter()
        .find(|mark| goes_on(text, end + space, mark));
    let Some(mark) = mark else { return end };
    let digits = end + space + mark.len();
    let after = run(text, digits, 6, |byte| byte.is_ascii_digit());
    if after == digits { end } else { after }
}

/// Numbers kept for films and documents: 555-0100 to 555-0199 (NANP), and 020 7946 0xxx (Ofcom).
fn is_reserved(groups: &Groups) -> bool {
    let digits = groups.digits();
    digits.windows(6).any(|six| six.starts_with(b"55501")) && digits.len() <= 13
        || digits.windows(8).any(|eight| eight.starts_with(b"2079460"))
}
