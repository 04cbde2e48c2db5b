//! Ollama's chats and generations: a surface in. No upstream is spoken to in it, so that what is asked is always read into
//! a chat.

pub mod head;
pub mod read;

#[cfg(test)]
mod tests;

use hearthgate_rules::json::quote;

/// An error in this dialect, as a JSON object.
#[must_use]
pub fn error(message: &str) -> String {
    format!("{{\"error\":{}}}", quote(message))
}

/// An error as the last line of a stream.
#[must_use]
pub fn error_line(message: &str) -> Vec<u8> {
    (error(message) + "\n").into_bytes()
}

/// A moment, in microseconds since the Unix epoch, as RFC 3339 writes it. Days are counted as in H. Hinnant's
/// `civil_from_days`.
#[must_use]
pub fn moment(unix_micros: u64) -> String {
    let (seconds, micros) = (unix_micros / 1_000_000, unix_micros % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}
