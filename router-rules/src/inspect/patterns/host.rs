//! Names and addresses of machines inside a house: `db01.acme.internal`, `10.0.0.5:5432`.

use core::net::Ipv4Addr;
use std::sync::LazyLock;

use super::Leads;
use crate::inspect::cursor::{at, before, ended, is_word, run, run_back, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples;
use crate::inspect::hits::INTERNAL_HOST;
use crate::inspect::scan::Scan;
use crate::inspect::words::Words;

/// Last labels that no public name has: `internal` (ICANN, 2024), `local` (RFC 6762), and those that houses chose.
pub(super) const LEADS: &Leads = &[(&[INTERNAL_HOST], Topic::Host, "internal, corp, local, lan, intranet")];

/// The longest name (RFC 1035, 2.3.4).
const NAME_MAX: usize = 253;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "host",
        "server",
        "ssh ",
        "ping ",
        "connect",
        "node",
        "url",
        "endpoint",
        "dns",
        "machine",
        "domain",
        "vpn",
        "database",
        "gateway",
        "router",
        "proxy",
        "scp ",
        "rsync",
        "telnet",
        "hôte",
        "serveur",
        "rechner",
        "servidor",
        "сервер",
        "хост",
        "服务器",
        "主机",
        "サーバ",
        "ホスト",
        "서버",
        "호스트",
        "خادم",
        "सर्वर",
        "sunucu",
        "serwer",
    ])
});

/// A name that ends with one of the labels.
pub(in crate::inspect) fn at_label(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let goes_on =
        matches!(at(text, end), b'(' | b'_' | b'-') || at(text, end) == b'.' && is_word(at(text, end + 1));
    if before(text, start) != b'.' || goes_on {
        return;
    }
    let label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let from = run_back(text, start - 1, NAME_MAX, label);
    let host = slice(text, from, start - 1);
    let empty = host.split(|byte| *byte == b'.').any(<[u8]>::is_empty);
    if empty
        || before(text, from) == b'_'
        || examples::is_host(slice(text, from, end))
        || is_code(text, host, end)
    {
        return;
    }
    let port = at(text, end) == b':' && at(text, end + 1).is_ascii_digit();
    let linked = ended(text, from, "://") || before(text, from) == b'@' || port;
    let named = host.iter().any(|byte| byte.is_ascii_digit() || *byte == b'-' || *byte == b'.');
    if linked || named || WORDS.before(text, from, 32) {
        let to = if port { run(text, end + 1, 5, |byte| byte.is_ascii_digit()) } else { end };
        scan.hits.push(INTERNAL_HOST, from, to, if linked { 0.9 } else { 0.7 });
    }
}

/// A member of an object rather than a name of a machine.
fn is_code(text: &[u8], host: &[u8], end: usize) -> bool {
    let first = host.split(|byte| *byte == b'.').next().unwrap_or_default();
    let own = ["self", "this", "cls", "super", "std", "crate", "window", "config", "settings"];
    let after = run(text, end, 2, |byte| byte == b' ');
    own.iter().any(|word| first.eq_ignore_ascii_case(word.as_bytes())) || at(text, after) == b'='
}

/// An address of RFC 1918 with a port after it, a name beside it, or where machines are spoken of.
pub(super) fn at_ipv4(scan: &mut Scan<'_>, start: usize, end: usize, address: Ipv4Addr) {
    if !address.is_private() || !scan.detectors.wanted.has(INTERNAL_HOST) {
        return;
    }
    let text = scan.text;
    let port = at(text, end) == b':' && at(text, end + 1).is_ascii_digit();
    let gap = run(text, end, 8, |byte| byte == b' ' || byte == b'\t');
    let name_end = run(text, gap, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let name = slice(text, gap, name_end);
    let beside = gap > end
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && name.iter().any(|byte| byte.is_ascii_digit() || *byte == b'-')
        && !name.ends_with(b".");
    if port {
        let to = run(text, end + 1, 5, |byte| byte.is_ascii_digit());
        scan.hits.push(INTERNAL_HOST, start, to, 0.9);
    } else if beside || at(text, end) != b'/' && WORDS.before(text, start, 24) {
        scan.hits.push(INTERNAL_HOST, start, end, 0.7);
    }
}
