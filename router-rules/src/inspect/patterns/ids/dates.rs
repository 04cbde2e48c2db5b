//! Dates within numbers.

use crate::inspect::checksum::value;

/// Whether two digits each of a day and a month, at these places, can be a date.
pub(super) fn day_month(number: &[u8], day: usize, month: usize) -> bool {
    is_date(value(number, day..day + 2), value(number, month..month + 2))
}

/// Whether there is such a day, in a leap year at least.
pub(super) fn is_date(day: u64, month: u64) -> bool {
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 29,
        _ => 0,
    };
    (1..=last).contains(&day)
}

/// Whether eight digits are a date of the last century or this one, year first: more likely that than a number.
pub(super) fn is_day(number: &[u8]) -> bool {
    let year = value(number, 0..4);
    number.len() >= 8 && (1900..=2099).contains(&year) && day_month(number, 6, 4)
}

/// Whether four digits at this place can be hours and minutes.
pub(super) fn is_time(number: &[u8], place: usize) -> bool {
    value(number, place..place + 2) < 24 && value(number, place + 2..place + 4) < 60
}
