//! Golden files: what went over the wire once, and must go so again.
//!
//! `HEARTHGATE_GOLDEN=write` writes them anew; the difference is then for a person to read.

use std::fs;
use std::path::{Path, PathBuf};

/// The file of this name under `tests/golden`.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// Its bytes.
///
/// # Panics
/// When there is no such file.
#[must_use]
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Compares byte for byte, a line feed at the end aside.
///
/// # Panics
/// When they differ.
pub fn check(name: &str, actual: &[u8]) {
    if std::env::var_os("HEARTHGATE_GOLDEN").is_some_and(|value| value == "write") {
        let line_feed: &[u8] = if actual.ends_with(b"\n") { b"" } else { b"\n" };
        fs::write(path(name), [actual, line_feed].concat()).unwrap();
        return;
    }
    let expected = read(name);
    let expected = if actual.ends_with(b"\n") { &expected } else { expected.trim_ascii_end() };
    assert!(
        expected == actual,
        "{name} differs\nexpected {}\nactual   {}",
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(actual)
    );
}

/// An answer with what differs each time put out of sight: the id of the request and the time.
#[must_use]
pub fn masked(answer: &str) -> String {
    let answer = mask(answer, "cmpl-req-", |c| c.is_ascii_hexdigit(), "cmpl-req-ID");
    let answer = mask(&answer, "msg_req-", |c| c.is_ascii_hexdigit(), "msg_req-ID");
    let kinds = ["resp_req-", "rs_req-", "fc_req-", "call_req-"];
    let answer = kinds
        .iter()
        .fold(answer, |answer, kind| mask(&answer, kind, |c| c.is_ascii_hexdigit(), &format!("{kind}ID")));
    let answer = mask(&answer, "\"created_at\":", |c| c.is_ascii_digit(), "\"created_at\":TIME");
    let answer = mask(&answer, "\"req-", |c| c.is_ascii_hexdigit(), "\"req-ID");
    mask(&answer, "\"created\":", |c| c.is_ascii_digit(), "\"created\":TIME")
}

fn mask(text: &str, prefix: &str, varies: fn(char) -> bool, with: &str) -> String {
    let mut parts = text.split(prefix);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + with + part.trim_start_matches(varies))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_are_masked_and_nothing_else() {
        let answer = r#"{"id":"chatcmpl-req-0af1","created":17,"n":{"created":2}} chatcmpl-req-b"#;
        let expected = r#"{"id":"chatcmpl-req-ID","created":TIME,"n":{"created":TIME}} chatcmpl-req-ID"#;
        assert_eq!(masked(answer), expected);
    }
}
