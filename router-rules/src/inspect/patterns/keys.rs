//! Keys of well-known services, by the formats that their makers publish.

use crate::inspect::cursor::{at, before, run, slice};
use crate::inspect::hits::API_KEY;
use crate::inspect::scan::Scan;

/// What a key's body is made of.
#[derive(Clone, Copy)]
enum Body {
    /// Letters and digits.
    Plain,
    /// Letters, digits, `_` and `-`: base64 for URLs.
    Url,
    /// Upper-case letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Like `Url`, with `.`, `/`, `+` and `=`.
    Loose,
}

/// One format: a prefix, and a body of at least so many characters.
struct Format {
    prefix: &'static str,
    body: Body,
    least: usize,
    /// The exact length of the body; zero where it varies.
    exact: usize,
}

const fn format(prefix: &'static str, body: Body, least: usize) -> Format {
    Format { prefix, body, least, exact: 0 }
}

const fn exactly(prefix: &'static str, body: Body, exact: usize) -> Format {
    Format { prefix, body, least: exact, exact }
}

/// The longest body that is read.
const BODY_MAX: usize = 512;

/// Longer prefixes stand before the shorter ones that they begin with.
const FORMATS: [Format; 77] = [
    // Model providers.
    format("sk-ant-", Body::Url, 24),
    format("sk-proj-", Body::Url, 24),
    format("sk-svcacct-", Body::Url, 24),
    format("sk-admin-", Body::Url, 24),
    format("sk-or-v1-", Body::Hex, 32),
    format("sk-", Body::Url, 20),
    format("hf_", Body::Plain, 30),
    format("gsk_", Body::Plain, 40),
    format("xai-", Body::Plain, 40),
    format("pplx-", Body::Plain, 40),
    format("r8_", Body::Plain, 36),
    format("nvapi-", Body::Url, 40),
    format("AIza", Body::Url, 35),
    // Code and packages.
    format("ghp_", Body::Plain, 36),
    format("gho_", Body::Plain, 36),
    format("ghu_", Body::Plain, 36),
    format("ghs_", Body::Plain, 36),
    format("ghr_", Body::Plain, 36),
    format("github_pat_", Body::Url, 60),
    format("glpat-", Body::Url, 20),
    format("glptt-", Body::Url, 20),
    format("gldt-", Body::Url, 20),
    format("glrt-", Body::Url, 20),
    format("npm_", Body::Plain, 36),
    format("pypi-", Body::Url, 50),
    format("rubygems_", Body::Hex, 48),
    format("dckr_pat_", Body::Url, 20),
    format("dckr_oat_", Body::Url, 20),
    format("ATATT3", Body::Loose, 50),
    format("ATCTT3", Body::Loose, 50),
    format("ATBB", Body::Plain, 28),
    format("lin_api_", Body::Plain, 32),
    format("sntrys_", Body::Loose, 40),
    format("sgp_", Body::Url, 40),
    // Clouds.
    exactly("AKIA", Body::Upper, 16),
    exactly("ASIA", Body::Upper, 16),
    exactly("ABIA", Body::Upper, 16),
    exactly("ACCA", Body::Upper, 16),
    exactly("LTAI", Body::Plain, 20),
    format("GOCSPX-", Body::Url, 24),
    format("ya29.", Body::Url, 24),
    format("dop_v1_", Body::Hex, 64),
    format("doo_v1_", Body::Hex, 64),
    format("dor_v1_", Body::Hex, 64),
    format("AccountKey=", Body::Loose, 40),
    format("SharedAccessKey=", Body::Loose, 30),
    format("SharedAccessSignature=", Body::Loose, 30),
    format("dapi", Body::Hex, 32),
    format("hvs.", Body::Url, 20),
    format("hvb.", Body::Url, 20),
    format("pul-", Body::Hex, 40),
    format("glsa_", Body::Url, 32),
    format("glc_", Body::Loose, 32),
    format("tskey-", Body::Url, 20),
    format("fo1_", Body::Url, 40),
    format("vercel_", Body::Plain, 24),
    format("nfp_", Body::Plain, 36),
    // Messages and mail.
    format("xoxb-", Body::Url, 20),
    format("xoxp-", Body::Url, 20),
    format("xoxa-", Body::Url, 20),
    format("xoxr-", Body::Url, 20),
    format("xoxs-", Body::Url, 20),
    format("xoxe.", Body::Loose, 20),
    format("xapp-", Body::Url, 20),
    format("hooks.slack.com/services/", Body::Loose, 24),
    format("SG.", Body::Loose, 50),
    exactly("SK", Body::Hex, 32),
    exactly("AC", Body::Hex, 32),
    format("key-", Body::Hex, 32),
    // Money and shops.
    format("sk_live_", Body::Plain, 16),
    format("sk_test_", Body::Plain, 16),
    format("rk_live_", Body::Plain, 16),
    format("rk_test_", Body::Plain, 16),
    format("whsec_", Body::Loose, 24),
    format("shpat_", Body::Hex, 32),
    format("sq0", Body::Url, 22),
    format("NRAK-", Body::Upper, 24),
];

/// The prefixes that are found by their first word, with their places in the table; the others begin a word.
pub(in crate::inspect) fn prefixes() -> impl Iterator<Item = (&'static str, usize)> {
    let ends_word = |prefix: &str| prefix.bytes().any(|byte| !byte.is_ascii_alphanumeric());
    FORMATS.iter().map(|format| format.prefix).zip(0..).filter(move |(prefix, _)| ends_word(prefix))
}

/// Keys that are printed in documentation.
const EXAMPLES: [&[u8]; 2] = [b"AKIAIOSFODNN7EXAMPLE", b"AKIAI44QH8DHBEXAMPLE"];

pub(in crate::inspect) fn at_prefix(scan: &mut Scan<'_>, start: usize, place: usize) {
    if let Some(format) = FORMATS.get(place) {
        key(scan, start, format);
    }
}

pub(in crate::inspect) fn at_long_word(scan: &mut Scan<'_>, start: usize) {
    let first = at(scan.text, start);
    let plain =
        FORMATS.iter().filter(|format| format.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    for format in plain.filter(|format| format.prefix.as_bytes().first() == Some(&first)) {
        key(scan, start, format);
    }
}

fn key(scan: &mut Scan<'_>, start: usize, format: &Format) {
    let text = scan.text;
    let body = start + format.prefix.len();
    // Twin words such as `sk` in `desk-` end elsewhere; `key_sk-…` does not.
    let inside = before(text, start).is_ascii_alphanumeric() || start < scan.key_end;
    if inside || slice(text, start, body) != format.prefix.as_bytes() || !scan.detectors.wanted.has(API_KEY) {
        return;
    }
    let end = run(text, body, BODY_MAX, |byte| format.body.takes(byte));
    let end = end - trailing_points(slice(text, body, end));
    let length = end - body;
    let fits = if format.exact > 0 {
        length == format.exact && !at(text, end).is_ascii_alphanumeric()
    } else {
        length >= format.least
    };
    if !fits {
        return;
    }
    // A run that is no key must not be read again from its every hyphen.
    scan.key_end = end;
    let token = slice(text, start, end);
    if !EXAMPLES.contains(&token) && is_random(slice(text, body, end), format.exact > 0) {
        scan.hits.push(API_KEY, start, end, 0.95);
    }
}

fn trailing_points(body: &[u8]) -> usize {
    body.iter().rev().take_while(|byte| **byte == b'.' || **byte == b'/').count()
}

/// Keys are drawn at random: digits among letters, and no character repeated over and over. A body of just
/// the right length may do without a digit: by chance, some keys have none.
fn is_random(body: &[u8], right_length: bool) -> bool {
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mixed = body.iter().any(u8::is_ascii_lowercase) && body.iter().any(u8::is_ascii_uppercase);
    distinct(body) >= 6 && (right_length || digits > 0 || mixed)
}

/// How many different bytes there are.
pub(super) fn distinct(body: &[u8]) -> u32 {
    body.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7F)).count_ones()
}

impl Body {
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Plain => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Loose => byte.is_ascii_alphanumeric() || b"_-./+=%".contains(&byte),
        }
    }
}
