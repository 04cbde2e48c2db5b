//! Secrets of Kubernetes: the values under `data` and `stringData` of a manifest whose kind is `Secret`.

use super::Leads;
use crate::inspect::cursor::{at, run, run_back, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples::is_placeholder;
use crate::inspect::hits::SECRET;
use crate::inspect::scan::Scan;

pub(super) const LEADS: &Leads = &[(&[SECRET], Topic::Manifest, "kind")];

/// How far before and after its kind a manifest is read: `kubectl get -o yaml` writes the data first.
const MANIFEST_MAX: usize = 4096;

/// `kind: Secret` or `"kind": "Secret"`.
pub(in crate::inspect) fn at_kind(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let colon = run(text, end, 1, |byte| byte == b'"');
    let value = run(text, colon + 1, 3, |byte| matches!(byte, b' ' | b'"'));
    let close = run(text, value, 12, |byte| byte.is_ascii_alphanumeric());
    if start < scan.manifest_end || at(text, colon) != b':' || slice(text, value, close) != b"Secret" {
        return;
    }
    let from = start.saturating_sub(MANIFEST_MAX).max(scan.manifest_end);
    let before = slice(text, from, start);
    let from = from + memchr::memmem::rfind(before, b"\n---").unwrap_or(0);
    let to = close.saturating_add(MANIFEST_MAX).min(text.len());
    let to = memchr::memmem::find(slice(text, close, to), b"\n---").map_or(to, |found| close + found);
    scan.manifest_end = to;
    let mut here = from;
    let mut inside = None;
    while here < to {
        let line_end = run(text, here, to - here, |byte| byte != b'\n');
        let line = member(text, here, line_end);
        let indent = run(text, here, line_end - here, |byte| byte == b' ') - here;
        // A member that stands no deeper than `data` itself ends it.
        inside = inside.filter(|data| indent > *data);
        if let Some((name, value, value_end)) = line {
            if matches!(name, b"data" | b"stringData") && !matches!(at(text, value), b'A'..=b'z') {
                inside = Some(indent);
            } else if inside.is_some() && is_value(slice(text, value, value_end)) {
                scan.hits.push(SECRET, value, value_end, 0.9);
            }
        }
        here = line_end + 1;
    }
}

fn is_value(value: &[u8]) -> bool {
    value.len() >= 4 && !matches!(value.first(), Some(b'|' | b'>' | b'{')) && !is_placeholder(value)
}

/// The name and the value of a line `name: value`, without quotes.
fn member(text: &[u8], start: usize, end: usize) -> Option<(&[u8], usize, usize)> {
    let quotes = |byte: u8| matches!(byte, b' ' | b'"' | b'\'' | b'{');
    let name = run(text, start, end - start, quotes);
    let colon = name + slice(text, name, end).iter().position(|byte| *byte == b':')?;
    let name_end = run_back(text, colon, 2, |byte| byte == b'"' || byte == b'\'');
    let value = run(text, colon + 1, end - colon - 1, |byte| matches!(byte, b' ' | b'"' | b'\''));
    let value_end = run_back(text, end, 6, |byte| matches!(byte, b'"' | b'\'' | b',' | b' ' | b'\r' | b'}'));
    Some((slice(text, name, name_end), value, value_end.max(value)))
}
