//! Numbers written digit by digit, or in short groups that no one writes: `4 5 3 9 1 4 8 8`, `45-39-148-80`.

use super::mapped::Mapped;
use super::runs;

/// Single digits that are a row; fewer where a capital letter is stuck to them, as in the numbers of papers.
const SINGLES_MIN: usize = 7;
const STUCK_MIN: u32 = 5;

/// Digits in short groups that are a row.
const GROUPED_MIN: usize = 12;

/// Groups of a row that does not consist of single digits, and the longest of them.
const GROUPS_MIN: usize = 5;
const GROUP_MAX: usize = 3;

/// More rows than these are a table.
const ROWS_MAX: usize = 12;

/// A text whose rows are joined.
pub(super) struct Joined {
    pub(super) view: Mapped,
    pub(super) rows: Vec<Row>,
}

/// A row that was joined.
pub(super) struct Row {
    /// Where it stands in the view.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where it stands in the text.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether no list or table is written so: single digits with marks between, once.
    pub(super) odd: bool,
    /// Whether it is likely to be a number that is somebody's, whatever its kind.
    pub(super) is_number: bool,
}

/// The text with such rows joined; none where there is none, or it is a table.
pub(super) fn joined(text: &str) -> Option<Joined> {
    let bytes = text.as_bytes();
    if !runs::crowded(bytes, STUCK_MIN) {
        return None;
    }
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let row = Found::read(bytes, at);
        at = row.end;
        if row.is_row(bytes) {
            if found.len() == ROWS_MAX {
                return None;
            }
            found.push(row);
        }
    }
    if found.is_empty() {
        return None;
    }
    let alone = found.len() <= 3;
    let mut joined = Joined { view: Mapped::with_capacity(text.len()), rows: Vec::new() };
    let mut copied = 0;
    for row in found {
        joined.view.copy(text.get(copied..row.start).unwrap_or_default(), copied);
        let start = joined.view.text.len();
        for place in row.start..row.end {
            if let Some(digit) = bytes.get(place).filter(|byte| byte.is_ascii_digit()) {
                joined.view.replace(place, 1, |out| out.push(char::from(*digit)));
            }
        }
        copied = row.end;
        let odd = row.singles() && matches!(row.gap, b" " | b"." | b"-" | b"/");
        let digits = joined.view.text.get(start..).unwrap_or_default().as_bytes();
        let opens = digits.first() == Some(&b'0') || super::super::cursor::before(bytes, row.start) == b'+';
        let is_number = alone && odd && (opens || row.gap != b" ") && is_number(digits);
        let end = joined.view.text.len();
        joined.rows.push(Row { start, end, from: row.start, to: row.end, odd: odd && alone, is_number });
    }
    joined.view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(joined)
}

/// Whether digits that are told one by one can be somebody's number: of many sorts, neither counting nor one of
/// those that everybody tells.
pub(super) fn is_number(digits: &[u8]) -> bool {
    const KNOWN: [&[u8]; 4] = [b"314159", b"271828", b"161803", b"141421"];
    (9..=19).contains(&digits.len())
        && super::super::cursor::variety(digits) >= 4
        && !super::super::examples::is_run(digits)
        && !KNOWN.iter().any(|known| digits.starts_with(known))
        && !digits.windows(6).any(super::super::examples::is_run)
}

/// A row as it is met.
struct Found<'a> {
    start: usize,
    end: usize,
    gap: &'a [u8],
    groups: usize,
    digits: usize,
    longest: usize,
}

impl<'a> Found<'a> {
    fn read(bytes: &'a [u8], start: usize) -> Self {
        let mut row = Self { start, end: start, gap: b"", groups: 0, digits: 0, longest: 0 };
        let mut at = start;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            // A group that is too long is no part of the row, nor is a longer one after single digits.
            let breaks = length > GROUP_MAX || row.groups >= SINGLES_MIN && row.longest == 1 && length > 1;
            if length == 0 || breaks && row.groups > 0 {
                return row;
            }
            row.groups += 1;
            row.digits += length;
            row.longest = row.longest.max(length);
            row.end = at + length;
            let rest = bytes.get(row.end..).unwrap_or_default();
            let gap = gap(rest);
            if breaks || gap.is_empty() || row.groups > 1 && gap != row.gap {
                return row;
            }
            row.gap = gap;
            at = row.end + gap.len();
        }
    }

    fn singles(&self) -> bool {
        self.longest == 1
    }

    fn is_row(&self, bytes: &[u8]) -> bool {
        let stuck = super::super::cursor::before(bytes, self.start).is_ascii_uppercase()
            || bytes.get(self.end).is_some_and(u8::is_ascii_uppercase);
        let least = if stuck { STUCK_MIN as usize } else { SINGLES_MIN };
        let dotted = matches!(self.gap, b" " | b"." | b"-" | b"/");
        self.singles() && self.digits >= least
            || dotted
                && self.longest <= GROUP_MAX
                && self.groups >= GROUPS_MIN
                && (GROUPED_MIN..=19).contains(&self.digits)
    }
}

/// What stands between two groups.
fn gap(rest: &[u8]) -> &[u8] {
    let length = match rest {
        [b',', b' ', b'0'..=b'9', ..] | [b'\r', b'\n', b'0'..=b'9', ..] => 2,
        [b' ', b'-' | b'.' | b'/', b' ', b'0'..=b'9', ..] => 3,
        [b' ' | b'.' | b'-' | b'/' | b',' | b'\n' | b'\t' | b'_', b'0'..=b'9', ..] => 1,
        _ => 0,
    };
    rest.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str) -> Option<String> {
        joined(text).map(|joined| joined.view.text)
    }

    #[test]
    fn rows_are_joined_and_other_numbers_stay() {
        assert_eq!(text_of("DE0 8 1 0 5 5 5 5, then 12").as_deref(), Some("DE08105555, then 12"));
        assert_eq!(text_of("4-5-3-9-1-4-8-8 of 2 3").as_deref(), Some("45391488 of 2 3"));
        assert_eq!(text_of("45 39 148 80 34 3").as_deref(), Some("453914880343"));
        for text in ["call 4155 5501", "1.2.3.4", "2026-11-22 10:00", "10 20 30", "192.168.100.200"] {
            assert_eq!(text_of(text), None, "{text}");
        }
    }

    #[test]
    fn what_counts_is_nobodys() {
        assert!(is_number(b"453914880343"));
        for digits in [&b"123456789"[..], b"0101010101", b"31415926535", b"4539", b"71234567892"] {
            assert!(!is_number(digits), "{digits:?}");
        }
    }
}
