//! Private keys in armour, JSON web tokens, HTTP credentials and bot tokens.

use memchr::memmem;

use crate::inspect::cursor::{at, before, ended, goes_on, run, run_back, slice, variety};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples;
use crate::inspect::hits::{API_KEY, JWT, PASSWORD, PRIVATE_KEY};
use crate::inspect::scan::Scan;

/// The longest armoured key that is taken whole.
const ARMOUR_MAX: usize = 16 * 1024;

/// The longest title of an armour, such as `OPENSSH PRIVATE KEY`.
const TITLE_MAX: usize = 48;

/// `-----BEGIN … PRIVATE KEY-----` (RFC 7468, RFC 4880, PuTTY, OpenSSH), from its `BEGIN`.
pub(in crate::inspect) fn armour(scan: &mut Scan<'_>, begin: usize) {
    let text = scan.text;
    if begin < scan.key_end || !scan.detectors.wanted.has(PRIVATE_KEY) || !ended(text, begin, "-----") {
        return;
    }
    let title_end = run(text, begin, TITLE_MAX, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    let title = slice(text, begin, title_end);
    let private = title.ends_with(b"PRIVATE KEY") || title.ends_with(b"PRIVATE KEY BLOCK");
    if !private || !goes_on(text, title_end, "-----") {
        return;
    }
    let body = slice(text, title_end, title_end + ARMOUR_MAX);
    // Without its end it is cut off, and still a key.
    let end = memmem::find(body, b"-----END").map_or(body.len(), |close| {
        let after = close + b"-----END".len();
        after + memmem::find(slice(body, after, after + TITLE_MAX), b"-----").map_or(0, |dashes| dashes + 5)
    });
    scan.key_end = title_end + end;
    scan.hits.push(PRIVATE_KEY, begin - 5, title_end + end, 0.99);
}

/// What else is looked up by a word.
pub(super) const LEADS: &super::Leads =
    &[(&[PRIVATE_KEY], Topic::Putty, "putty"), (&[API_KEY], Topic::Terraform, "atlasv1")];

/// A key in PuTTY's format, from `PuTTY-User-Key-File-3:` to its check.
pub(in crate::inspect) fn putty(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    if start < scan.key_end || !goes_on(text, start, "PuTTY-User-Key-File-") {
        return;
    }
    let body = slice(text, start, start + ARMOUR_MAX);
    let Some(lines) = memmem::find(body, b"Private-Lines:") else { return };
    let end = memmem::find(slice(body, lines, body.len()), b"Private-MAC: ").map_or(body.len(), |check| {
        run(body, lines + check + "Private-MAC: ".len(), 64, |byte| byte.is_ascii_hexdigit())
    });
    scan.key_end = start + end;
    scan.hits.push(PRIVATE_KEY, start, start + end, 0.99);
}

/// `<14 characters>.atlasv1.<60 or more>`: a token of Terraform's cloud, from its `atlasv1`.
pub(in crate::inspect) fn terraform(scan: &mut Scan<'_>, word: usize, word_end: usize) {
    let text = scan.text;
    let point = word.saturating_sub(1);
    let start = run_back(text, point, 15, |byte| byte.is_ascii_alphanumeric());
    let end = run(text, word_end + 1, 96, is_base64url);
    if at(text, point) == b'.' && point - start == 14 && at(text, word_end) == b'.' && end - word_end > 60 {
        scan.key_end = end;
        scan.hits.push(API_KEY, start, end, 0.95);
    }
}

/// The longest part of a token that is read.
const PART_MAX: usize = 8 * 1024;

/// Three base64url parts whose head is a JSON object (RFC 7519); the last may be empty or cut off.
pub(in crate::inspect) fn jwt(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    if start < scan.key_end || !scan.detectors.wanted.has(JWT) || is_base64url(before(text, start)) {
        return;
    }
    let head_end = run(text, start, PART_MAX, is_base64url);
    scan.key_end = head_end;
    if head_end - start < 12 || at(text, head_end) != b'.' || !is_json_head(slice(text, start, head_end)) {
        return;
    }
    let claims_end = run(text, head_end + 1, PART_MAX, is_base64url);
    if claims_end - head_end < 5 {
        return;
    }
    let mut end = claims_end;
    // An encrypted token has five parts (RFC 7516).
    for _ in 0..3 {
        if at(text, end) == b'.' && is_base64url(at(text, end + 1)) {
            end = run(text, end + 1, PART_MAX, is_base64url);
        }
    }
    scan.key_end = end;
    if !examples::is_jwt(slice(text, start, end)) {
        scan.hits.push(JWT, start, end, 0.98);
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether a token's head decodes to a JSON object with an algorithm or a type.
fn is_json_head(head: &[u8]) -> bool {
    let decoded = decode(head);
    let object = decoded.first() == Some(&b'{') && decoded.last() == Some(&b'}');
    object && (memmem::find(&decoded, b"\"alg\"").is_some() || memmem::find(&decoded, b"\"typ\"").is_some())
}

/// Base64 for URLs, without padding (RFC 4648, section 5).
fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend((bits >> count & 0xFF).to_le_bytes().first());
        }
    }
    bytes
}

/// `Bearer …` and `Basic …` (RFC 6750, RFC 7617).
pub(in crate::inspect) fn scheme(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    let word_end = run(text, start, 8, |byte| byte.is_ascii_alphabetic());
    let basic = goes_on(text, start, "basic");
    if start < scan.key_end || at(text, word_end) != b' ' {
        return;
    }
    let header = || spoken_in(slice(text, start.saturating_sub(24), start), b"uthorization");
    let token = word_end + 1;
    let end = run(text, token, 1024, |byte| is_base64url(byte) || b"./+=~".contains(&byte));
    let length = end - token;
    let kind = if basic { PASSWORD } else { API_KEY };
    let dotted = slice(text, token, end).iter().filter(|byte| **byte == b'.').count();
    let known_elsewhere = goes_on(text, token, "eyJ") && dotted >= 2;
    let digits = slice(text, token, end).iter().any(u8::is_ascii_digit);
    let fits =
        if basic { length >= 8 && header() } else { length >= 16 && digits || length >= 8 && header() };
    if fits && !known_elsewhere && variety(slice(text, token, end)) >= 5 && scan.detectors.wanted.has(kind) {
        scan.key_end = end;
        scan.hits.push(kind, token, end, 0.85);
    }
}

fn spoken_in(window: &[u8], words: &[u8]) -> bool {
    window.windows(words.len()).any(|part| part.eq_ignore_ascii_case(words))
}

/// `123456789:AA…`: a bot's token of Telegram.
pub(in crate::inspect) fn at_colon(scan: &mut Scan<'_>, colon: usize) {
    let text = scan.text;
    if !before(text, colon).is_ascii_digit() || !at(text, colon + 1).is_ascii_alphanumeric() {
        return;
    }
    let start = run_back(text, colon, 11, |byte| byte.is_ascii_digit());
    let end = run(text, colon + 1, 36, is_base64url);
    let fits = (8..=10).contains(&(colon - start)) && end - colon == 36;
    // Addresses of the service have `bot` before it.
    let fits = fits && (!is_base64url(before(text, start)) || ended(text, start, "bot"));
    if fits && scan.detectors.wanted.has(API_KEY) {
        scan.key_end = end;
        scan.hits.push(API_KEY, start, end, 0.95);
    }
}
