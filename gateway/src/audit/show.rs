//! Printing records so that a person can read them.

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};

use serde_json::Value;

use super::verify::next_line;

/// Which records to print. What is not named does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The request's id.
    pub request: Option<String>,
    /// The caller's name.
    pub caller: Option<String>,
    /// The zone of the permit.
    pub zone: Option<String>,
    /// Only so many, the last ones.
    pub last: Option<usize>,
}

impl Filter {
    fn takes(&self, record: &Value) -> bool {
        let is = |name: &str, wanted: &Option<String>| {
            wanted.as_deref().is_none_or(|wanted| field(record, name) == Some(wanted))
        };
        is("id", &self.request) && is("caller", &self.caller) && is("zone", &self.zone)
    }
}

/// Prints the records that a filter takes, one line each.
///
/// # Errors
/// When the file cannot be read or the output not written.
pub fn show(mut file: impl BufRead, filter: &Filter, out: &mut impl Write) -> io::Result<()> {
    let mut kept = VecDeque::new();
    let mut bytes = Vec::new();
    while next_line(&mut file, &mut bytes)? {
        let Ok(record) = serde_json::from_slice::<Value>(&bytes) else {
            writeln!(out, "(a line that is no record; see `hearthgate audit verify`)")?;
            continue;
        };
        if !filter.takes(&record) {
            continue;
        }
        match filter.last {
            None => writeln!(out, "{}", readable(&record))?,
            Some(last) => {
                kept.push_back(readable(&record));
                if kept.len() > last {
                    kept.pop_front();
                }
            }
        }
    }
    kept.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn readable(record: &Value) -> String {
    let number = |name| record.get(name).and_then(Value::as_u64);
    let at = number("at").map_or_else(String::new, utc);
    let head = format!("{:>6}  {at}", number("seq").unwrap_or(0));
    let text = |name| field(record, name).unwrap_or("-");
    match text("kind") {
        "decision" => {
            let target = record.pointer("/targets/0").and_then(Value::as_str).unwrap_or("-");
            format!(
                "{head}  {}  decision  {} by {}: {}{}{} -> {target} within {} ({}){}",
                text("id"),
                text("treatment"),
                text("caller"),
                text("label"),
                counts(record),
                field(record, "band").map_or_else(String::new, |band| format!(", {band}")),
                text("zone"),
                field(record, "rule").map_or_else(|| "no route".to_owned(), |rule| format!("route {rule}")),
                reasons(record),
            )
        }
        "outcome" => format!(
            "{head}  {}  outcome   {} from {}: {} tokens in, {} out, {} attempts, {} fallbacks{}{}{}",
            text("id"),
            number("status").unwrap_or(0),
            text("target"),
            number("tokens_in").unwrap_or(0),
            number("tokens_out").unwrap_or(0),
            number("attempts").unwrap_or(0),
            number("fallbacks").unwrap_or(0),
            field(record, "finish").map_or_else(String::new, |finish| format!(", finish {finish}")),
            if record.get("stored") == Some(&Value::Bool(true)) { ", content stored" } else { "" },
            field(record, "error").map_or_else(String::new, |error| format!(", error {error}")),
        ),
        "home" => format!(
            "{head}  {}  home      {} by {} within {}",
            text("id"),
            text("path"),
            text("caller"),
            text("zone"),
        ),
        "torn" => format!("{head}  a torn line of {} bytes was set aside here", number("bytes").unwrap_or(0)),
        other => format!("{head}  {other}"),
    }
}

fn counts(record: &Value) -> String {
    let Some(counts) = record.get("counts").and_then(Value::as_object) else { return String::new() };
    let counts: Vec<_> = counts.iter().map(|(kind, count)| format!("{kind} x{count}")).collect();
    format!(" [{}]", counts.join(", "))
}

fn reasons(record: &Value) -> String {
    let Some(reasons) = record.get("reasons").and_then(Value::as_array) else { return String::new() };
    let reasons: Vec<_> = reasons.iter().filter_map(Value::as_str).collect();
    format!("; {}", reasons.join("; "))
}

fn field<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

/// Microseconds since the Unix epoch as UTC, by Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub fn utc(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let (days, of_day) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = micros % 1_000_000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_time_in_utc() {
        assert_eq!(utc(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(utc(951_827_696_789_012), "2000-02-29T12:34:56.789012Z");
        assert_eq!(utc(4_107_542_399_000_000), "2100-02-28T23:59:59.000000Z");
        assert_eq!(utc(4_107_542_400_000_000), "2100-03-01T00:00:00.000000Z");
    }
}
