//! Addresses: e-mail, credentials in a URL, and the internet protocol's version 6.

use core::net::Ipv6Addr;

use crate::inspect::cursor::{apart_before, at, before, ended, is_word, joins, run, run_back, slice};
use crate::inspect::examples::{self, is_placeholder};
use crate::inspect::hits::{EMAIL, IP, PASSWORD};
use crate::inspect::scan::Scan;

/// The longest local part and domain (RFC 5321, 4.5.3.1).
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

/// How far before its `@` a URL's credentials may begin.
const CREDENTIALS_MAX: usize = 192;

pub(in crate::inspect) fn at_sign(scan: &mut Scan<'_>, sign: usize) {
    if !credentials(scan, sign) && scan.detectors.wanted.has(EMAIL) {
        email(scan, sign);
    }
}

fn email(scan: &mut Scan<'_>, sign: usize) {
    let text = scan.text;
    // The letters of one address are of one script: `はjane@…` begins with `jane`.
    let ascii = before(text, sign).is_ascii();
    let is_word = |byte: u8| (byte.is_ascii() || !ascii) && is_word(byte);
    let local = |byte: u8| is_word(byte) || b"._%+'-&/!#$*=?^{|}~".contains(&byte);
    let mut start = run_back(text, sign, LOCAL_MAX, local);
    // Quotes, slashes and the like stand around an address more often than in it.
    while start < sign && !is_word(at(text, start)) && at(text, start) != b'_' {
        start += 1;
    }
    let odd = slice(text, start, sign).iter().rposition(|byte| b"'/!#$*=?^{|}~".contains(byte));
    if let Some(odd) = odd {
        start += odd + 1;
    }
    if start == sign || before(text, sign) == b'.' {
        return;
    }
    let Some(end) = domain(text, sign + 1) else { return };
    let name = slice(text, sign + 1, end).to_ascii_lowercase();
    if examples::is_domain(&name) || is_service(slice(text, start, sign), &name) {
        return;
    }
    scan.hits.push(EMAIL, start, end, 0.95);
}

/// The end of a domain name with a top level of letters, if one begins here.
fn domain(text: &[u8], start: usize) -> Option<usize> {
    let ascii = at(text, start).is_ascii();
    let is_word = |byte: u8| (byte.is_ascii() || !ascii) && is_word(byte);
    let mut end = run(text, start, DOMAIN_MAX, |byte| is_word(byte) || byte == b'-' || byte == b'.');
    while end > start && matches!(before(text, end), b'.' | b'-') {
        end -= 1;
    }
    let name = slice(text, start, end);
    let dot = name.iter().rposition(|&byte| byte == b'.')?;
    let (labels, top) = (name.get(..dot)?, name.get(dot + 1..)?);
    let top_fits = (2..=24).contains(&top.len())
        && top.iter().all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    let punycode = top.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"xn--"));
    let labels_fit = labels.split(|&byte| byte == b'.').all(|label| !label.is_empty() && label.len() <= 63);
    ((top_fits || punycode) && labels_fit).then_some(end)
}

/// Accounts of services, which nobody answers: the remotes of version control.
fn is_service(local: &[u8], domain: &[u8]) -> bool {
    local == b"git" && matches!(domain, b"github.com" | b"gitlab.com" | b"bitbucket.org")
}

/// `scheme://user:password@host`.
fn credentials(scan: &mut Scan<'_>, sign: usize) -> bool {
    if !scan.detectors.wanted.has(PASSWORD) {
        return false;
    }
    let text = scan.text;
    let start = run_back(text, sign, CREDENTIALS_MAX, |byte| {
        byte.is_ascii_graphic() && !b"/@\"'<>`".contains(&byte) || !byte.is_ascii()
    });
    if !ended(text, start, "://") {
        return false;
    }
    let user_info = slice(text, start, sign);
    let Some(colon) = user_info.iter().position(|&byte| byte == b':') else { return false };
    let secret = start + colon + 1;
    if secret == sign || is_placeholder(slice(text, secret, sign)) {
        return secret != sign;
    }
    scan.hits.push(PASSWORD, secret, sign, 0.95);
    true
}

/// The longest text of an address (RFC 4291, 2.2).
const IPV6_MAX: usize = 45;

pub(in crate::inspect) fn at_colon(scan: &mut Scan<'_>, colon: usize) {
    let text = scan.text;
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.';
    if colon < scan.colon_end || !scan.detectors.wanted.has(IP) || !is_part(at(text, colon + 1)) {
        return;
    }
    let start = run_back(text, colon, 5, |byte| byte.is_ascii_hexdigit());
    let mut end = run(text, colon, IPV6_MAX, is_part);
    scan.colon_end = end;
    if is_word(before(text, start)) && !apart_before(text, start) || joins(text, end) {
        return;
    }
    while end > colon && matches!(before(text, end), b'.' | b':') && !ended(text, end, "::") {
        end -= 1;
    }
    let Ok(candidate) = std::str::from_utf8(slice(text, start, end)) else { return };
    let Ok(address) = candidate.parse::<Ipv6Addr>() else { return };
    if looks_like_address(candidate) && !examples::is_ipv6(address) {
        scan.hits.push(IP, start, end, 0.9);
    }
}

/// Paths of programming languages such as `a::b` are valid addresses too.
fn looks_like_address(text: &str) -> bool {
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let lower = text.to_ascii_lowercase();
    let known = ["fe80:", "fc", "fd", "2", "3"].iter().any(|head| lower.starts_with(head));
    text.bytes().any(|byte| byte.is_ascii_digit()) && (groups >= 3 || known && groups >= 2)
}
