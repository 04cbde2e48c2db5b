//! The form of a line, and its hash.
//!
//! A line is one JSON object: `{"seq":N,"prev":"HEX","at":MICROS,"kind":"…", … ,"hash":"HEX"}`. The hash is
//! the SHA-256 of every byte of the line before `,"hash":`; `prev`, which it covers, is the hash of the line
//! before, or zeros in the first. Both are lower-case hex, and the form is exact, so that no byte of a file
//! can change unseen.

use sha2::{Digest as _, Sha256};

/// A SHA-256 as lower-case hex.
pub(super) type Hash = [u8; 64];

/// What the first line names as the one before it.
pub(super) const GENESIS: Hash = [b'0'; 64];

const HASH_KEY: &[u8] = b",\"hash\":\"";
const END: &[u8] = b"\"}\n";

/// What stands between a line's fields and its end.
const TAIL_BYTES: usize = HASH_KEY.len() + 64 + END.len();

/// Begins a line.
pub(super) fn begin(out: &mut Vec<u8>, seq: u64, prev: &Hash, at: u64, kind: &str) {
    out.extend_from_slice(b"{\"seq\":");
    number(out, seq);
    out.extend_from_slice(b",\"prev\":\"");
    out.extend_from_slice(prev);
    out.extend_from_slice(b"\",\"at\":");
    number(out, at);
    text_field(out, "kind", kind);
}

/// Ends the line that begins at `start` with its hash, and gives it.
pub(super) fn end(out: &mut Vec<u8>, start: usize) -> Hash {
    let hash = hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(HASH_KEY);
    out.extend_from_slice(&hash);
    out.extend_from_slice(END);
    hash
}

/// What a line says of its place in the chain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Its number.
    pub seq: u64,
    /// The hash of the line before it.
    pub prev: Hash,
    /// When it was written, in microseconds since the Unix epoch.
    pub at: u64,
    /// Its own hash, which fits its bytes.
    pub hash: Hash,
}

/// Reads a line, its newline included, and checks its hash.
///
/// # Errors
/// Why it is no line of a chain.
pub(super) fn read(line: &[u8]) -> Result<Link, &'static str> {
    const FORM: &str = "it has not the form of a record";
    let split = line.len().checked_sub(TAIL_BYTES).and_then(|at| line.split_at_checked(at)).ok_or(FORM)?;
    let (fields, tail) = split;
    let found = tail.strip_prefix(HASH_KEY).and_then(|tail| tail.strip_suffix(END)).ok_or(FORM)?;
    let hash = hash(fields);
    if found != hash {
        return Err("its hash does not fit its content");
    }
    let rest = fields.strip_prefix(b"{\"seq\":").ok_or(FORM)?;
    let (seq, rest) = leading_number(rest).ok_or(FORM)?;
    let rest = rest.strip_prefix(b",\"prev\":\"").ok_or(FORM)?;
    let (prev, rest) = rest.split_first_chunk::<64>().ok_or(FORM)?;
    let rest = rest.strip_prefix(b"\",\"at\":").ok_or(FORM)?;
    let (at, _) = leading_number(rest).ok_or(FORM)?;
    Ok(Link { seq, prev: *prev, at, hash })
}

fn leading_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at_checked(digits)?;
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

fn hash(bytes: &[u8]) -> Hash {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut hash = GENESIS;
    for (pair, byte) in hash.as_chunks_mut::<2>().0.iter_mut().zip(Sha256::digest(bytes)) {
        let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    hash
}

/// A hash as text.
pub(super) fn as_text(hash: &Hash) -> &str {
    std::str::from_utf8(hash).unwrap_or_default()
}

/// Writes `,"name":`. Names are the record's own.
pub(super) fn key(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a field with a text.
pub(super) fn text_field(out: &mut Vec<u8>, name: &str, value: &str) {
    key(out, name);
    text(out, value);
}

/// Writes a field with a text, if there is one.
pub(super) fn text_field_if(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text_field(out, name, value);
    }
}

/// Writes a field with a number.
pub(super) fn number_field(out: &mut Vec<u8>, name: &str, value: u64) {
    key(out, name);
    number(out, value);
}

/// Writes `open`, the items with commas between them, and `close`.
pub(super) fn list<T>(
    out: &mut Vec<u8>,
    [open, close]: [u8; 2],
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(open);
    for (index, value) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item(out, value);
    }
    out.push(close);
}

/// Writes a number.
pub(super) fn number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0_u8; 20];
    let mut rest = value;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// Writes a JSON string.
pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    out.push(b'"');
    // Nearly every text is a name of the configuration's or a digest, with nothing to escape.
    let plain = value.as_bytes().iter().position(special).unwrap_or(value.len());
    let (plain, rest) = value.as_bytes().split_at_checked(plain).unwrap_or_default();
    out.extend_from_slice(plain);
    for &byte in rest {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

/// Writes a score as the shortest number that reads back as the same; what is no number is null.
pub(super) fn score(out: &mut Vec<u8>, score: f32) {
    use std::io::Write as _;
    let written = if score.is_finite() { write!(out, "{score}") } else { write!(out, "null") };
    // Writing to a vector cannot fail.
    debug_assert!(written.is_ok(), "a vector takes every byte");
}
