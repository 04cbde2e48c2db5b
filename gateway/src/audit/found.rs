//! What was found in a request and where, and what else it was decided on, told without its text.
//!
//! It is enough to decide the request anew under another policy, which is what `hearthgate replay` does. `model_asked`
//! stands in every such line; lines of an older gateway have none.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use hearthgate_rules::decide::{Follows, Leaning, Signals};
use hearthgate_rules::inspect::Span;
use hearthgate_rules::json::{Document, NodeId, Step};
use hearthgate_rules::judge::{Judged, LabelReason, Verdict};
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::{BudgetState, Policy};
use hearthgate_rules::target::{Effort, Zone};

use super::line::{self, list, number_field, text, text_field, text_field_if};

/// The most findings, and the most opaque places, that a record names; counts are always complete.
const PLACES_MAX: usize = 32;

/// The most further findings that it tells in short: their kind, how sure, and where in the texts laid end to end.
const REST_MAX: usize = 512;

/// The most bytes of a pointer in a record; a longer one ends in `/…`.
const POINTER_BYTES_MAX: usize = 160;

/// Keys that the dialects themselves have. Any other is the caller's own making.
const KNOWN_KEYS: [&str; 124] = [
    "annotations",
    "arguments",
    "audio",
    "background",
    "cache_control",
    "call_id",
    "citations",
    "container",
    "content",
    "context",
    "context_management",
    "conversation",
    "custom",
    "data",
    "description",
    "detail",
    "effort",
    "encrypted_content",
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
    "generate_summary",
    "id",
    "image_url",
    "images",
    "include",
    "include_obfuscation",
    "include_usage",
    "input",
    "input_audio",
    "input_schema",
    "instructions",
    "is_error",
    "items",
    "json_schema",
    "keep_alive",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tool_calls",
    "mcp_servers",
    "media_type",
    "messages",
    "metadata",
    "min_p",
    "modalities",
    "model",
    "n",
    "name",
    "num_ctx",
    "num_predict",
    "options",
    "output",
    "output_config",
    "parallel_tool_calls",
    "parameters",
    "phase",
    "prediction",
    "presence_penalty",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "properties",
    "raw",
    "reasoning",
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
    "server_label",
    "server_url",
    "service_tier",
    "signature",
    "source",
    "status",
    "stop",
    "stop_sequences",
    "store",
    "stream",
    "stream_options",
    "strict",
    "suffix",
    "summary",
    "system",
    "temperature",
    "template",
    "text",
    "think",
    "thinking",
    "title",
    "tool_call_id",
    "tool_calls",
    "tool_choice",
    "tool_name",
    "tool_use_id",
    "tools",
    "top_k",
    "top_p",
    "truncation",
    "type",
    "url",
    "user",
    "user_id",
    "variables",
    "vector_store_ids",
    "verbosity",
    "web_search_options",
];

/// What was found in a request and what else it is decided on, ready for its record.
///
/// Taken from the judged request, since the decision may no longer hold it.
#[derive(Debug, Default)]
pub struct Found {
    /// JSON fields.
    fields: Vec<u8>,
}

impl Found {
    /// Tells what was found, and what is asked and signalled.
    pub fn of(judged: &Judged, policy: &Policy, signals: &Signals) -> Self {
        let mut fields = Vec::new();
        if !judged.verdict().findings.is_empty() {
            findings(&mut fields, judged, policy);
        }
        if !judged.verdict().remembered.is_empty() {
            remembered(&mut fields, judged, policy);
        }
        if !judged.verdict().opaque.is_empty() {
            opaque(&mut fields, judged);
        }
        if !judged.verdict().unsearched.is_empty() {
            line::key(&mut fields, "unsearched");
            list(&mut fields, *b"[]", &judged.verdict().unsearched, |out, allowed| text(out, &allowed.name));
        }
        asked(&mut fields, judged, policy);
        signalled(&mut fields, judged.verdict(), policy, signals);
        Self { fields }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.fields);
    }
}

fn remembered(fields: &mut Vec<u8>, judged: &Judged, policy: &Policy) {
    let (document, remembered) = (judged.request().document(), &judged.verdict().remembered);
    number_field(fields, "remembered_count", number(remembered.len()));
    line::key(fields, "remembered");
    list(fields, *b"[]", remembered.iter().take(PLACES_MAX), |out, known| {
        out.extend_from_slice(b"{\"kind\":");
        text(out, known.kind.map_or("remembered", |kind| policy.kinds().name(kind)));
        place(out, document, known.span);
        out.push(b'}');
    });
}

fn findings(fields: &mut Vec<u8>, judged: &Judged, policy: &Policy) {
    let (document, findings) = (judged.request().document(), &judged.verdict().findings);
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.kind).or_insert(0_u64) += 1;
    }
    line::key(fields, "counts");
    list(fields, *b"{}", counts, |out, (kind, count)| {
        text(out, policy.kinds().name(kind));
        out.push(b':');
        line::number(out, count);
    });
    let mut placed = findings.iter().zip(judged.places());
    line::key(fields, "findings");
    list(fields, *b"[]", placed.by_ref().take(PLACES_MAX), |out, (finding, (at, to))| {
        out.extend_from_slice(b"{\"kind\":");
        text(out, policy.kinds().name(finding.kind));
        place(out, document, finding.span);
        number_field(out, "parts", number(finding.parts.len()));
        line::key(out, "confidence");
        line::score(out, finding.confidence);
        number_field(out, "at", number(at));
        number_field(out, "to", number(to));
        out.push(b'}');
    });
    if findings.len() > PLACES_MAX {
        line::key(fields, "rest");
        list(fields, *b"[]", placed.take(REST_MAX), |out, (finding, (at, to))| {
            out.push(b'[');
            text(out, policy.kinds().name(finding.kind));
            out.push(b',');
            line::score(out, finding.confidence);
            for offset in [at, to] {
                out.push(b',');
                line::number(out, number(offset));
            }
            out.push(b']');
        });
    }
}

fn opaque(fields: &mut Vec<u8>, judged: &Judged) {
    let (document, opaque) = (judged.request().document(), &judged.verdict().opaque);
    number_field(fields, "opaque_count", number(opaque.len()));
    line::key(fields, "opaque");
    list(fields, *b"[]", opaque.iter().take(PLACES_MAX), |out, opaque| {
        out.extend_from_slice(b"{\"kind\":");
        text(out, opaque.kind.as_str());
        text_field(out, "pointer", &masked_pointer(document, opaque.node));
        out.push(b'}');
    });
    let kinds: BTreeSet<&str> = opaque.iter().map(|opaque| opaque.kind.as_str()).collect();
    line::key(fields, "opaque_kinds");
    list(fields, *b"[]", kinds, text);
}

/// What the caller asks for. A model's name is written only where the configuration knows it.
fn asked(fields: &mut Vec<u8>, judged: &Judged, policy: &Policy) {
    let (model, caller) = (judged.request().model(), judged.caller());
    text_field(fields, "model_asked", if policy.sight().models.contains(model) { model } else { "*" });
    text_field_if(fields, "zone_asked", caller.zone.map(Zone::as_str));
    text_field_if(fields, "effort_asked", caller.effort.map(Effort::as_str));
    let declassify = caller.declassify.as_deref().filter(|name| policy.declassification(name).is_some());
    text_field_if(fields, "declassify_asked", declassify);
}

/// The state of the world, and the label that the request has whatever is found in it.
fn signalled(fields: &mut Vec<u8>, verdict: &Verdict, policy: &Policy, signals: &Signals) {
    let by_content = |reason: &LabelReason| matches!(reason, LabelReason::Rule(_) | LabelReason::Opaque(_));
    let given =
        verdict.label_reasons.iter().filter(|(reason, _)| !by_content(reason)).map(|(_, label)| *label);
    let raised = given.chain(signals.conversation).max().filter(|label| *label > Label::LOWEST);
    text_field_if(fields, "raised", raised.map(|label| policy.labels().name(label)));
    let conversation = signals.conversation.filter(|label| *label > Label::LOWEST);
    text_field_if(fields, "conversation", conversation.map(|label| policy.labels().name(label)));
    if !signals.down.is_empty() {
        line::key(fields, "down");
        list(fields, *b"[]", &signals.down, |out, target| text(out, target));
    }
    text_field_if(fields, "stays", signals.stays.as_deref());
    if let (Some(probed), Some(probe)) = (signals.probed, policy.probe()) {
        text_field(fields, "probed", probed.as_str());
        text_field(fields, "probe", &probe.terms());
    }
    if signals.budget != BudgetState::Ample {
        text_field(fields, "budget", signals.budget.as_str());
    }
    leaning(fields, &signals.leaning);
}

/// What the order of targets leans on: names and classes of the configuration's own.
fn leaning(fields: &mut Vec<u8>, leaning: &Leaning) {
    for (name, targets) in [("late", &leaning.late), ("dear", &leaning.dear)] {
        if !targets.is_empty() {
            line::key(fields, name);
            list(fields, *b"[]", targets, |out, target| text(out, target));
        }
    }
    if !leaning.pace.is_empty() {
        line::key(fields, "pace");
        list(fields, *b"{}", &leaning.pace, |out, (target, pace)| {
            text(out, target);
            out.push(b':');
            text(out, pace.as_str());
        });
    }
    if let Some(Follows { target, band, saves }) = &leaning.follows {
        line::key(fields, "follows");
        before(fields, target, band.as_str(), saves);
    }
}

fn before(fields: &mut Vec<u8>, target: &str, band: &str, saves: &BTreeSet<String>) {
    fields.extend_from_slice(b"{\"target\":");
    text(fields, target);
    text_field(fields, "band", band);
    if !saves.is_empty() {
        line::key(fields, "saves");
        list(fields, *b"[]", saves, |out, target| text(out, target));
    }
    fields.push(b'}');
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
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
