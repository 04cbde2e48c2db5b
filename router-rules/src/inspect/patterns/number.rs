//! Numbers written in groups: cards, social security numbers, addresses of the internet protocol, and the
//! way to telephone numbers and bank accounts.

use core::net::Ipv4Addr;

use super::{geo, host, iban, ids, payment, phone, postal};
use crate::inspect::checksum::luhn;
use crate::inspect::cursor::{at, before, joins, run, run_back, slice, spoken_before};
use crate::inspect::examples;
use crate::inspect::hits::{CARD, CARD_TRACK, INTERNAL_HOST, IP, SSN};
use crate::inspect::scan::Scan;

/// Groups that are read ahead; no number here has more.
pub(super) const GROUPS_MAX: usize = 8;

/// Digits of one group that are read; longer runs are no number here.
const GROUP_DIGITS_MAX: usize = 20;

/// Digits in groups, from one place on.
pub(super) struct Groups {
    /// Where each group begins and ends.
    spans: [(usize, usize); GROUPS_MAX],
    /// The separator after each group; zero after the last.
    separators: [u8; GROUPS_MAX],
    count: usize,
    digits: [u8; 32],
    digit_count: usize,
}

impl Groups {
    fn read(text: &[u8], start: usize) -> Self {
        let (spans, separators) = ([(0, 0); GROUPS_MAX], [0; GROUPS_MAX]);
        let mut groups = Self { spans, separators, count: 0, digits: [0; 32], digit_count: 0 };
        let mut here = start;
        for (span, separator) in groups.spans.iter_mut().zip(&mut groups.separators) {
            let end = run(text, here, GROUP_DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
            *span = (here, end);
            groups.count += 1;
            for digit in slice(text, here, end) {
                if let Some(place) = groups.digits.get_mut(groups.digit_count) {
                    *place = *digit;
                    groups.digit_count += 1;
                }
            }
            let gap = separator_at(text, end);
            if gap == 0 || groups.digit_count >= 24 {
                break;
            }
            *separator = if gap == 1 { at(text, end) } else { b'(' };
            here = end + gap;
        }
        groups
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn len(&self, group: usize) -> usize {
        self.spans.get(group).map_or(0, |(start, end)| end - start)
    }

    pub(super) fn end(&self, group: usize) -> usize {
        self.spans.get(group).map_or(0, |(_, end)| *end)
    }

    pub(super) fn separator(&self, group: usize) -> u8 {
        self.separators.get(group).copied().unwrap_or(0)
    }

    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.digit_count).unwrap_or_default()
    }

    /// Whether the first groups are this long, with one kind of separator.
    pub(super) fn shaped(&self, lengths: &[usize], separators: &[u8]) -> bool {
        self.count >= lengths.len()
            && lengths.iter().enumerate().all(|(group, length)| self.len(group) == *length)
            && (1..lengths.len()).all(|group| {
                let separator = self.separator(group - 1);
                separators.contains(&separator) && separator == self.separator(0)
            })
    }
}

/// Bytes between two groups of digits; none where the number ends.
fn separator_at(text: &[u8], end: usize) -> usize {
    match (at(text, end), at(text, end + 1), at(text, end + 2)) {
        (b' ' | b'-' | b'.' | b'/', b'0'..=b'9', _) => 1,
        (b')' | b' ', b' ' | b'-' | b'(', b'0'..=b'9') => 2,
        (b')', b'0'..=b'9', _) => 1,
        _ => 0,
    }
}

pub(in crate::inspect) fn at_digits(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    let previous = before(text, start);
    let lettered = previous.is_ascii_alphabetic()
        || previous == b' '
            && start >= 3
            && slice(text, start - 3, start - 1).iter().all(u8::is_ascii_uppercase);
    if lettered && iban::at_digits(scan, start) {
        return;
    }
    let id = ids::at_digits(scan, start);
    // A number that is spoken of is what it is said to be; any other may as well be a card or a telephone.
    let spoken = id.as_ref().is_some_and(|id| id.spoken);
    let taken = !spoken && grouped(scan, start, previous);
    if let Some(id) = id.filter(|_| !taken) {
        ids::keep(scan, &id);
    }
}

/// Whether one of the other numbers begins here.
fn grouped(scan: &mut Scan<'_>, start: usize, previous: u8) -> bool {
    let text = scan.text;
    // Most numbers are short and alone: nothing begins with them.
    let end = run(text, start, GROUP_DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
    if end - start <= 5 && (geo::at_digits(scan, start, end) || postal::at_digits(scan, start, end)) {
        return true;
    }
    if end - start < 7 && separator_at(text, end) == 0 {
        return false;
    }
    // A single digit begins an address, or a telephone number with its country's code.
    if end - start == 1
        && at(text, end) != b'.'
        && !matches!(at(text, start), b'1' | b'8')
        && !matches!(previous, b'+' | b'(')
    {
        return false;
    }
    let groups = Groups::read(text, start);
    if groups.digits().len() < 7 && groups.count() < 4 {
        return false;
    }
    let found = card(scan, start, &groups)
        || previous_allows(previous) && (ipv4(scan, start, &groups) || ssn(scan, start, &groups))
        || phone::at_digits(scan, start, &groups);
    if !found && groups.len(0) > GROUP_DIGITS_MAX {
        scan.number_end = end;
    }
    found
}

fn previous_allows(previous: u8) -> bool {
    !previous.is_ascii_alphanumeric() && previous != b'_'
}

/// How a card's digits are grouped when they are.
const CARD_SHAPES: [&[usize]; 6] =
    [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 4, 2], &[4, 4, 4, 1]];

fn card(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    let text = scan.text;
    if let Some(track) = stripe(scan, start, groups) {
        scan.hits.push(CARD_TRACK, track.0, track.1, 0.95);
        if scan.detectors.wanted.has(CARD) {
            scan.hits.push(CARD, start, groups.end(0), 0.95);
        }
        scan.number_end = track.1;
        return true;
    }
    // `card4111…` is a card; a run of digits inside a hexadecimal or base64 token is none.
    let word = run_back(text, start, 24, |byte| byte.is_ascii_alphanumeric());
    let labelled = start - word >= 3 && slice(text, word, start).iter().all(u8::is_ascii_alphabetic);
    if !scan.detectors.wanted.has(CARD) || (word != start && !labelled) {
        return false;
    }
    let mut candidates = std::iter::once((0, groups.len(0))).chain(
        CARD_SHAPES
            .into_iter()
            .filter(|shape| groups.shaped(shape, b" -."))
            .map(|shape| (shape.len() - 1, shape.iter().sum())),
    );
    let fits = |(last, digits): &(usize, usize)| {
        let ends = !is_ascii_word(at(text, groups.end(*last)));
        ends && groups.digits().get(..*digits).is_some_and(|digits| issued(digits) && luhn(digits))
    };
    let Some((last, count)) = candidates.find(fits) else { return field(scan, start, groups) };
    let end = groups.end(last);
    if groups.digits().get(..count).is_some_and(examples::is_card) {
        scan.number_end = end;
        return true;
    }
    scan.hits.push(CARD, start, end, if last == 0 { 0.9 } else { 0.95 });
    scan.number_end = end;
    true
}

/// The track of a stripe around a card's number; none where no tracks are looked for, or the card is an example.
fn stripe(scan: &Scan<'_>, start: usize, groups: &Groups) -> Option<(usize, usize)> {
    if !scan.detectors.wanted.has(CARD_TRACK) {
        return None;
    }
    let digits = groups.digits().get(..groups.len(0))?;
    let card = issued(digits) && luhn(digits) && !examples::is_card(digits);
    payment::track(scan.text, start, groups.end(0)).filter(|_| card)
}

/// `pan=…`, `"card": "…"`: a field that says so holds a card, be it mistyped.
fn field(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    const NAMES: [&str; 6] = ["pan", "card", "card_number", "cardnumber", "card_no", "kart"];
    let text = scan.text;
    let end = groups.end(0);
    let open = run_back(text, start, 4, |byte| matches!(byte, b' ' | b'"' | b'\'' | b':' | b'='));
    let assigned = slice(text, open, start).iter().any(|byte| matches!(byte, b':' | b'='));
    let name = run_back(text, open, 16, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let named = || NAMES.iter().any(|known| slice(text, name, open).eq_ignore_ascii_case(known.as_bytes()));
    let whole = matches!(groups.len(0), 15 | 16) && !is_ascii_word(at(text, end));
    let digits = groups.digits().get(..groups.len(0)).unwrap_or_default();
    if !(whole && assigned && named()) || examples::is_card(digits) || digits.ends_with(b"0000") {
        return false;
    }
    scan.hits.push(CARD, start, end, 0.8);
    scan.number_end = end;
    true
}

fn is_ascii_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether an issuer's prefix and length fit (ISO/IEC 7812 ranges as the networks publish them).
fn issued(digits: &[u8]) -> bool {
    let head = |count: usize| {
        digits
            .get(..count)
            .unwrap_or_default()
            .iter()
            .fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'))
    };
    let (two, three, four) = (head(2), head(3), head(4));
    match digits.len() {
        // Visa's early numbers.
        13 => two / 10 == 4,
        // Diners Club.
        14 => matches!(three, 300..=305 | 309) || matches!(two, 36 | 38 | 39),
        // American Express; JCB's early numbers.
        15 => matches!(two, 34 | 37) || matches!(four, 2131 | 1800),
        16 => {
            two / 10 == 4                                  // Visa
                || matches!(two, 51..=55)                  // Mastercard
                || matches!(four, 2221..=2720)             // Mastercard
                || two == 35                               // JCB, of whose range some leave parts out
                || matches!(four, 6011) || matches!(three, 644..=649) || two == 65 // Discover
                || matches!(two, 36 | 38 | 39)             // Diners Club
                || matches!(four, 2200..=2204)             // Mir
                || matches!(two, 60 | 62 | 81 | 82)        // UnionPay, RuPay
                || maestro(four)
        }
        18 | 19 => two / 10 == 4 || two == 62 || maestro(four) || four == 6011 || two == 65,
        12 | 17 => maestro(four) || (two == 62 && digits.len() == 17),
        _ => false,
    }
}

fn maestro(four: u32) -> bool {
    matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6390 | 6759 | 6761..=6763)
        || matches!(four, 5600..=5899)
}

const SSN_WORDS: [&str; 4] = ["ssn", "social security", "social-security", "ss#"];

fn ssn(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    if !scan.detectors.wanted.has(SSN) {
        return false;
    }
    let text = scan.text;
    let spoken = || spoken_before(text, start, 48, &SSN_WORDS);
    let last = if groups.shaped(&[3, 2, 4], b"-") || groups.shaped(&[3, 2, 4], b" .") && spoken() {
        2
    } else if groups.len(0) == 9 && spoken() {
        0
    } else {
        return false;
    };
    let end = groups.end(last);
    let goes_on = joins(text, end) || at(text, end) == b'-' && at(text, end + 1).is_ascii_digit();
    let valid = groups.digits().get(..9).is_some_and(assigned);
    if goes_on || before(text, start) == b'-' || !valid {
        return false;
    }
    scan.hits.push(SSN, start, end, 0.9);
    scan.number_end = end;
    true
}

/// Numbers that can have been assigned (Social Security Administration, POMS RM 10201.035), less the
/// examples.
fn assigned(digits: &[u8]) -> bool {
    let never = digits.starts_with(b"000")
        || digits.starts_with(b"666")
        || digits.starts_with(b"9")
        || digits.get(3..5) == Some(b"00")
        || digits.get(5..) == Some(b"0000");
    !never && !examples::is_ssn(digits)
}

/// Words after which four numbers with points are a version or a section.
const VERSION_WORDS: [&str; 22] = [
    "version",
    "ver",
    "v.",
    "release",
    "section",
    "sec.",
    "chapter",
    "clause",
    "article",
    "paragraph",
    "appendix",
    "figure",
    "table",
    "build",
    "firmware",
    "update",
    "upgrade",
    "rule",
    "step",
    "item",
    "sections",
    "versions",
];

fn ipv4(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    let text = scan.text;
    let dots = (0..3).all(|group| groups.separator(group) == b'.');
    let wanted = scan.detectors.wanted;
    if !(wanted.has(IP) || wanted.has(INTERNAL_HOST))
        || groups.count() < 4
        || !dots
        || before(text, start) == b'.'
    {
        return false;
    }
    let end = groups.end(3);
    let goes_on = at(text, end) == b'.' && at(text, end + 1).is_ascii_digit();
    let candidate = std::str::from_utf8(slice(text, start, end)).unwrap_or_default();
    let Ok(address) = candidate.parse::<Ipv4Addr>() else { return false };
    if goes_on
        || is_ascii_word(at(text, end))
        || examples::is_ipv4(address)
        || is_section(text, start, end, address)
    {
        return false;
    }
    if wanted.has(IP) {
        scan.hits.push(IP, start, end, 0.9);
    }
    host::at_ipv4(scan, start, end, address);
    scan.number_end = end;
    true
}

fn is_section(text: &[u8], start: usize, end: usize, address: Ipv4Addr) -> bool {
    let starts_line = matches!(before(text, start), 0 | b'\n');
    let heading = starts_line && at(text, end) == b' ' && address.octets().iter().all(|octet| *octet <= 30);
    heading || spoken_before(text, start, 16, &VERSION_WORDS) || before(text, start) == 0xA7 // the last byte of `§`
}
