//! What was found in a request and where, told without its text.

use std::collections::BTreeMap;
use std::io::Write as _;

use hearthgate_rules::inspect::Span;
use hearthgate_rules::json::{Document, NodeId, Step};
use hearthgate_rules::judge::Judged;

use super::line::{self, list, number_field, text, text_field};

/// The most findings, and the most opaque places, that a record names; counts are always complete.
const PLACES_MAX: usize = 32;

/// The most bytes of a pointer in a record; a longer one ends in `/…`.
const POINTER_BYTES_MAX: usize = 160;

/// Keys that the dialects themselves have. Any other is the caller's own making.
const KNOWN_KEYS: [&str; 75] = [
    "arguments",
    "audio",
    "cache_control",
    "call_id",
    "content",
    "custom",
    "data",
    "description",
    "detail",
    "enum",
    "file",
    "file_data",
    "file_id",
    "file_url",
    "filename",
    "format",
    "frequency_penalty",
    "function",
    "function_call",
    "functions",
    "id",
    "image_url",
    "include_usage",
    "input",
    "input_audio",
    "instructions",
    "items",
    "json_schema",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "media_type",
    "messages",
    "metadata",
    "min_p",
    "modalities",
    "model",
    "n",
    "name",
    "output",
    "parallel_tool_calls",
    "parameters",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "properties",
    "reasoning_content",
    "reasoning_effort",
    "refusal",
    "repeat_penalty",
    "required",
    "response_format",
    "role",
    "safety_identifier",
    "schema",
    "seed",
    "service_tier",
    "source",
    "stop",
    "store",
    "stream",
    "stream_options",
    "strict",
    "system",
    "temperature",
    "text",
    "tool_call_id",
    "tool_calls",
    "tool_choice",
    "tools",
    "type",
    "url",
    "user",
    "web_search_options",
];

/// What was found in a request, ready for its record.
///
/// Taken from the judged request, since the decision may no longer hold it.
#[derive(Debug, Default)]
pub struct Found {
    /// JSON fields, or nothing where nothing was found.
    fields: Vec<u8>,
}

impl Found {
    /// Tells what was found.
    pub fn of(judged: &Judged, policy: &hearthgate_rules::policy::Policy) -> Self {
        let verdict = judged.verdict();
        let document = judged.request().document();
        let mut fields = Vec::new();
        if !verdict.findings.is_empty() {
            let mut counts = BTreeMap::new();
            for finding in &verdict.findings {
                *counts.entry(finding.kind).or_insert(0_u64) += 1;
            }
            line::key(&mut fields, "counts");
            list(&mut fields, *b"{}", counts, |out, (kind, count)| {
                text(out, policy.kinds().name(kind));
                out.push(b':');
                line::number(out, count);
            });
            line::key(&mut fields, "findings");
            list(&mut fields, *b"[]", verdict.findings.iter().take(PLACES_MAX), |out, finding| {
                out.extend_from_slice(b"{\"kind\":");
                text(out, policy.kinds().name(finding.kind));
                place(out, document, finding.span);
                number_field(out, "parts", u64::try_from(finding.parts.len()).unwrap_or(u64::MAX));
                out.push(b'}');
            });
        }
        if !verdict.remembered.is_empty() {
            let count = verdict.remembered.len();
            number_field(&mut fields, "remembered_count", u64::try_from(count).unwrap_or(u64::MAX));
            line::key(&mut fields, "remembered");
            list(&mut fields, *b"[]", verdict.remembered.iter().take(PLACES_MAX), |out, known| {
                out.extend_from_slice(b"{\"kind\":");
                text(out, known.kind.map_or("remembered", |kind| policy.kinds().name(kind)));
                place(out, document, known.span);
                out.push(b'}');
            });
        }
        if !verdict.opaque.is_empty() {
            number_field(
                &mut fields,
                "opaque_count",
                u64::try_from(verdict.opaque.len()).unwrap_or(u64::MAX),
            );
            line::key(&mut fields, "opaque");
            list(&mut fields, *b"[]", verdict.opaque.iter().take(PLACES_MAX), |out, opaque| {
                out.extend_from_slice(b"{\"kind\":");
                text(out, opaque.kind.as_str());
                text_field(out, "pointer", &masked_pointer(document, opaque.node));
                out.push(b'}');
            });
        }
        Self { fields }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.fields);
    }
}

fn place(out: &mut Vec<u8>, document: &Document, span: Span) {
    text_field(out, "pointer", &masked_pointer(document, span.node));
    if span.in_key {
        text_field(out, "in", "key");
    }
    number_field(out, "start", u64::from(span.start));
    number_field(out, "end", u64::from(span.end));
}

/// The way to a node, with every key of the caller's own making as `*`.
fn masked_pointer(document: &Document, node: NodeId) -> String {
    let mut pointer = Vec::new();
    for step in document.steps(node) {
        if pointer.len() > POINTER_BYTES_MAX {
            pointer.extend_from_slice("/…".as_bytes());
            break;
        }
        pointer.push(b'/');
        match step {
            Step::Index(index) => {
                let _ = write!(pointer, "{index}");
            }
            Step::Key(key) if KNOWN_KEYS.binary_search(&key).is_ok() => {
                pointer.extend_from_slice(key.as_bytes());
            }
            Step::Key(_) => pointer.push(b'*'),
        }
    }
    String::from_utf8(pointer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_sorted() {
        assert!(KNOWN_KEYS.is_sorted());
    }

    #[test]
    fn own_keys_show_as_stars() {
        let body = r#"{"messages":[{"tool_calls":[{"Jane Doe":{"name":"x"}}]}]}"#;
        let document = Document::parse(body).unwrap();
        let pointers: Vec<_> = document.leaves().map(|leaf| masked_pointer(&document, leaf.node)).collect();
        assert!(pointers.contains(&"/messages/0/tool_calls/0/*/name".to_owned()), "{pointers:?}");
        assert!(pointers.iter().all(|pointer| !pointer.contains("Jane")));
    }
}
