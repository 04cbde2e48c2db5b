//! The inspection: whatever a text says, findings lie in it, the budget holds, and reading it again says the same.

use std::cell::Cell;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::inspect::{Detectors, Finding, Inspection, Span, inspect_for, lay_out};
use hearthgate_rules::json::{Document, LeafKind, NodeId, quote};

use crate::site::POLICIES;

/// Bytes that may be read of one request.
const BYTES_MAX: usize = 8 << 20;

/// The largest view that may be begun while there is any budget left: what is unpacked of one run, grown by folding.
const VIEW_MAX: usize = 8 << 20;

/// Findings that may be kept of one request.
const FINDINGS_MAX: usize = 10_000;

/// The longest text that repeating may come to.
const REPEATED_MAX: usize = 16 << 10;

/// Ends one text of a request.
const SEPARATOR: char = '\u{1e}';

/// The longest body that is read by a stranger too, to be read anew.
const ANEW_MAX: usize = 1 << 10;

/// Reads texts. The first byte says in which places they stand, whether the tagger is asked (of one in four), and how
/// often they are repeated.
pub fn check(data: &[u8]) {
    let Some((&how, data)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(data);
    let times = [1, 1, 1, 1, 4, 16, 256, 4096][usize::from(how >> 5)];
    let times = times.min(REPEATED_MAX / text.len().max(1)).max(1);
    let texts: Vec<String> = text.split(SEPARATOR).map(|text| text.repeat(times)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let policy = usize::from(how >> 3 & 3 != 3);
    inspected(&body(how & 7, &texts), POLICIES[policy].detectors());
}

/// A body in which these texts stand as messages, parts of one, arguments of tools, or keys and values.
fn body(place: u8, texts: &[&str]) -> String {
    let roles = ["user", "assistant", "user", "tool", "system"];
    let joined = |each: &dyn Fn(usize, &str) -> String| {
        texts.iter().enumerate().map(|(index, text)| each(index, text)).collect::<Vec<_>>().join(",")
    };
    let message = |content: &str| format!(r#"{{"role":"user","content":{content}}}"#);
    let messages = match place {
        0 | 1 => joined(&|index, text| {
            let role = if place == 0 { "user" } else { roles[index % roles.len()] };
            format!(r#"{{"role":"{role}","content":{}}}"#, quote(text))
        }),
        2 => message(&format!(
            "[{}]",
            joined(&|_, text| format!(r#"{{"type":"text","text":{}}}"#, quote(text)))
        )),
        3 => joined(&|_, text| {
            let arguments = quote(&format!("{{\"q\":{}}}", quote(text)));
            format!(r#"{{"role":"assistant","tool_calls":[{{"function":{{"arguments":{arguments}}}}}]}}"#)
        }),
        _ => message("\"Hello\""),
    };
    let around = match place {
        // Keys must differ from one another.
        4 => joined(&|index, text| format!("{}:{index}", quote(&format!("{text}{index}")))),
        5 => joined(&|index, text| format!(r#""field{index}":{}"#, quote(text))),
        6 => joined(&|index, text| {
            format!(
                r#""env{index}":{{"name":{},"value":{}}}"#,
                quote(text),
                quote(texts[texts.len() - 1 - index])
            )
        }),
        _ => joined(&|index, text| format!(r#""password{index}":{{"api_key":{}}}"#, quote(text))),
    };
    let around = if place < 4 { String::new() } else { format!(r#","metadata":{{{around}}}"#) };
    format!(r#"{{"model":"auto","messages":[{messages}]{around}}}"#)
}

/// Inspects a body and looks over what is said of it.
pub(crate) fn inspected(body: &str, detectors: &Detectors) {
    let request = ChatRequest::openai(body).expect("a sound body");
    let (caller, stranger) = (fresh(), fresh());
    let found = inspect_for(&caller, &request, detectors);
    sound(&found, request.document());
    let remembered = inspect_for(&caller, &request, detectors);
    assert_eq!(said(&found), said(&remembered), "what is remembered is not what was read");
    if body.len() <= ANEW_MAX {
        let anew = inspect_for(&stranger, &request, detectors);
        assert_eq!(said(&found), said(&anew), "reading a text twice says two things");
    }
    let end = lay_out(&request).map(|(_, stretch)| stretch.begins + stretch.room).max().unwrap_or(0);
    assert!(end <= request.document().source_bytes() * 2);
}

/// A caller that nothing is remembered of.
fn fresh() -> String {
    thread_local! { static LAST: Cell<u64> = const { Cell::new(0) } }
    LAST.set(LAST.get() + 1);
    format!("caller {}", LAST.get())
}

fn said(inspection: &Inspection) -> String {
    format!("{inspection:?}")
}

fn sound(found: &Inspection, document: &Document) {
    assert!(found.bytes <= BYTES_MAX + VIEW_MAX, "{} bytes were read", found.bytes);
    assert!(found.findings.len() <= FINDINGS_MAX && found.opaque.len() <= FINDINGS_MAX + 1);
    for finding in &found.findings {
        assert!((0.0..=1.0).contains(&finding.confidence), "{finding:?}");
        std::iter::once(&finding.span).chain(&finding.parts).for_each(|span| lies(span, finding, document));
    }
}

/// A span lies in its text, between characters, and is of something.
fn lies(span: &Span, finding: &Finding, document: &Document) {
    let text = text(span.node, span.in_key, document);
    let range = usize::try_from(span.start).expect("small")..usize::try_from(span.end).expect("small");
    assert!(!range.is_empty(), "{finding:?} is of nothing");
    assert!(text.get(range).is_some(), "{finding:?} does not lie in its text of {} bytes", text.len());
}

fn text(node: NodeId, in_key: bool, document: &Document) -> &str {
    let leaf = document.leaves().find(|leaf| leaf.node == node).expect("a finding is in a leaf");
    assert_eq!(leaf.kind == LeafKind::Key, in_key);
    leaf.text
}
