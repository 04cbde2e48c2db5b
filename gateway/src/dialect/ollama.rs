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

/// A moment, in microseconds since the Unix epoch, as RFC 3339 writes it.
#[must_use]
pub fn moment(unix_micros: u64) -> String {
    let (seconds, micros) = (unix_micros / 1_000_000, unix_micros % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = crate::clock::civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}
