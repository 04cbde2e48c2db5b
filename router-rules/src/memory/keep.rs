//! What of a private request is worth remembering.

use super::canonical::{Canonical, weight};
use super::{Heads, Keepsake};
use crate::chat::ChatRequest;
use crate::inspect::{Finding, KindId, Nature, Span, each_view};
use crate::json::{NodeId, Value};

/// From so many letters on a string is told from others by itself.
pub(super) const ALONE_MIN: usize = 12;

/// From so many on a name or an address in two words is.
const NAME_MIN: usize = 8;

/// The longest string that is remembered whole, in bytes of its canonical form.
const WHOLE_MAX: usize = 96;

/// How much is remembered of each sentence of a longer one.
const PIECE: usize = 64;

/// Sentences of one finding that are remembered.
const PIECES_MAX: usize = 64;

/// The longest finding that is looked at, in bytes.
const SPAN_MAX: usize = 16 * 1024;

/// Strings of one request that are remembered: the latest.
const KEPT_MAX: usize = 1024;

/// What is worth remembering of these findings, and of the names that stand in one text with one of them.
///
/// Only what stands in messages of the conversation itself: an operator's own messages, tools and settings come with
/// every request, so that they are judged with every request, and would hold back what has nothing to do with this one.
pub(crate) fn keepsakes(request: &ChatRequest, findings: &[Finding], named: &[Span]) -> Vec<Keepsake> {
    let messages = conversation(request);
    let own = |node| stands_in(&messages, node);
    let mut kept = Vec::new();
    for finding in findings.iter().rev().filter(|finding| own(finding.span.node)) {
        let nature = finding.kind.nature();
        if nature != Nature::Common && kept.len() < KEPT_MAX {
            let whole = std::iter::once(&finding.span).chain(&finding.parts);
            let text: String = whole.filter_map(|span| written(request, span)).collect();
            strings(&text, finding.kind, nature == Nature::Name, &mut kept);
        }
    }
    let nodes: Vec<NodeId> = findings.iter().map(|finding| finding.span.node).collect();
    for name in named.iter().rev().filter(|name| own(name.node) && nodes.binary_search(&name.node).is_ok()) {
        if let Some(text) = written(request, name).filter(|_| kept.len() < KEPT_MAX) {
            strings(text, KindId::PERSON, true, &mut kept);
        }
    }
    kept.truncate(KEPT_MAX);
    kept
}

/// The messages that are no operator's, in order.
fn conversation(request: &ChatRequest) -> Vec<Value<'_>> {
    let own = |message: &Value<'_>| !matches!(request.role_of(*message), "system" | "developer");
    request.messages().filter(own).collect()
}

fn stands_in(messages: &[Value<'_>], node: NodeId) -> bool {
    let after = messages.partition_point(|message| message.id() <= node);
    after.checked_sub(1).and_then(|at| messages.get(at)).is_some_and(|message| message.holds(node))
}

fn strings(text: &str, kind: KindId, name: bool, kept: &mut Vec<Keepsake>) {
    if text.len() > SPAN_MAX {
        return;
    }
    each_view(text, &mut |view, _| {
        let canonical = Canonical::of(view);
        if canonical.text.len() > WHOLE_MAX {
            pieces(view, |piece| add(kind, piece, kept));
        } else if is_telling(&canonical, name) {
            if name {
                turned(&canonical, |string| add(kind, string, kept));
            }
            add(kind, canonical.text, kept);
        }
        true
    });
}

fn written<'a>(request: &'a ChatRequest, span: &Span) -> Option<&'a str> {
    let offset = |at| usize::try_from(at).ok();
    request.document().text_of(span.node).get(offset(span.start)?..offset(span.end)?)
}

fn add(kind: KindId, canonical: Vec<u8>, kept: &mut Vec<Keepsake>) {
    if canonical.len() >= Heads::BYTES && kept.iter().rev().take(8).all(|last| last.canonical != canonical) {
        kept.push(Keepsake { kind, canonical });
    }
}

/// Whether a string is told from what others write by itself: it is long, has a digit, or is a name in two words.
fn is_telling(canonical: &Canonical, name: bool) -> bool {
    let weight = weight(&canonical.text);
    let words = canonical.starts().count();
    weight >= ALONE_MIN
        || canonical.text.iter().any(u8::is_ascii_digit)
        || name && words > 1 && weight >= NAME_MIN
}

/// A name with its last word first.
fn turned(name: &Canonical, add: impl FnOnce(Vec<u8>)) {
    let Some(last) = name.starts().last().filter(|last| *last > 0) else { return };
    if let Some((first, last)) = name.text.split_at_checked(last) {
        add([last, first].concat());
    }
}

/// The beginning of each sentence that has one so long, whatever follows it counted in.
fn pieces(text: &str, mut add: impl FnMut(Vec<u8>)) {
    let ends = text
        .char_indices()
        .filter(|(_, char)| matches!(char, '.' | '!' | '?' | '\n' | ';' | '。' | '！' | '？'));
    let starts = std::iter::once(0).chain(ends.map(|(at, char)| at + char.len_utf8()));
    for start in starts.take(PIECES_MAX) {
        // Enough of it for a piece, whatever its letters take.
        let rest = text.get(start..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(PIECE * 8)).unwrap_or_default();
        let canonical = String::from_utf8(Canonical::of(rest).text).unwrap_or_default();
        if canonical.len() >= PIECE {
            add(canonical
                .as_bytes()
                .get(..canonical.floor_char_boundary(PIECE))
                .unwrap_or_default()
                .to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Dialect;

    #[test]
    fn whose_an_item_of_a_response_is_says_its_type_before_its_role() {
        let body = r#"{"model":"m","input":[{"role":"system","content":"a"},{"type":"message","role":"developer","content":"b"},
            {"role":"user","content":"c"},{"type":"function_call_output","role":"system","call_id":"1","output":"d"}]}"#;
        let request = ChatRequest::read(Dialect::OpenAiResponses, body).unwrap();
        let kept: Vec<_> = conversation(&request).into_iter().map(Value::pointer).collect();
        assert_eq!(kept, ["/input/2", "/input/3"]);
    }
}
