//! The checks that values of every section share. Each fault names the key and the mend.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::error::ConfigError;
use super::source::Source;

/// The longest wait that can be configured: a day.
const TIMEOUT_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Checks values of one source.
pub struct Check<'a> {
    /// Where they come from.
    pub source: &'a Source,
}

impl Check<'_> {
    /// An error about the value of a key.
    pub fn fault<T>(&self, key: &str, message: impl Into<String>) -> Result<T, ConfigError> {
        Err(self.source.fault(key, message))
    }

    /// A number within bounds.
    pub fn number<T: TryFrom<u64>>(
        &self,
        key: &str,
        value: u64,
        bounds: RangeInclusive<u64>,
    ) -> Result<T, ConfigError> {
        let number = T::try_from(value).ok().filter(|_| bounds.contains(&value));
        number.ok_or_else(|| {
            let (least, most) = (bounds.start(), bounds.end());
            self.source.fault(key, format!("{value} is out of bounds; write {least} to {most}"))
        })
    }

    /// A number within bounds, if one is written.
    pub fn optional<T: TryFrom<u64>>(
        &self,
        key: &str,
        value: Option<u64>,
        bounds: RangeInclusive<u64>,
    ) -> Result<Option<T>, ConfigError> {
        value.map(|value| self.number(key, value, bounds)).transpose()
    }

    /// A wait in milliseconds.
    pub fn millis(&self, key: &str, value: Option<u64>, default_ms: u64) -> Result<Duration, ConfigError> {
        let millis = self.number(key, value.unwrap_or(default_ms), 1..=TIMEOUT_MS_MAX)?;
        Ok(Duration::from_millis(millis))
    }

    /// What a word stands for.
    pub fn word<T: FromStr<Err: Display>>(&self, key: &str, text: &str) -> Result<T, ConfigError> {
        text.parse().map_err(|error: T::Err| self.source.fault(key, error.to_string()))
    }

    /// A name that may stand in targets, metrics and records.
    pub fn name(&self, key: &str, name: &str) -> Result<String, ConfigError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return self.fault(
                key,
                format!("`{name}` is not a name; use up to 64 letters, digits, `-`, `_` and `.`"),
            );
        }
        Ok(name.to_owned())
    }

    /// Free words, if there are any: not empty, and nothing that could break a line of a record.
    pub fn words(&self, key: &str, words: Option<&String>) -> Result<Option<String>, ConfigError> {
        match words {
            Some(words) if words.trim().is_empty() || words.chars().any(char::is_control) => {
                self.fault(key, "is empty or holds control characters; write a name, or leave the key out")
            }
            words => Ok(words.cloned()),
        }
    }

    /// A SHA-256 as 64 hexadecimal digits. The value itself is not repeated: somebody may have written the
    /// key where its hash belongs.
    pub fn sha256(&self, key: &str, text: &str) -> Result<[u8; 32], ConfigError> {
        unhex(text).ok_or_else(|| {
            let mend = "not 64 hexadecimal digits; write what `printf %s \"$KEY\" | sha256sum` prints";
            self.source.fault(key, mend)
        })
    }

    /// That a name does not stand twice; `seen` holds those before it.
    pub fn once<'a>(
        &self,
        key: &str,
        name: &'a str,
        seen: &mut BTreeSet<&'a str>,
    ) -> Result<(), ConfigError> {
        if seen.insert(name) {
            Ok(())
        } else {
            self.fault(key, format!("`{name}` stands twice; give each its own"))
        }
    }
}

/// The bytes of 64 hexadecimal digits.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect::<Option<_>>()?;
    bytes.try_into().ok()
}
