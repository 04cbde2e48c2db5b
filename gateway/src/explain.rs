//! A decision told in full: as JSON for programs, as text for people.
//!
//! Places are told by pointer and offsets. What stands there is never repeated, not even to its writer: what
//! this prints ends up in tickets and logs.

use std::fmt::Write as _;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::difficulty::{self, Chance};
use hearthgate_rules::inspect::{Finding, Span};
use hearthgate_rules::json::Document;
use hearthgate_rules::memory::Remembered;
use hearthgate_rules::target::{Effort, Zone};
use serde_json::{Map, Value, json};

/// The decision as one JSON object.
///
/// `document` is the body that was judged: a refused decision no longer holds it. `id` is handed through, and
/// `elapsed_us` is how long judging and deciding took.
pub fn to_json(decision: &Decision, document: &Document, id: &Value, elapsed_us: u64) -> Value {
    let kinds = decision.policy().kinds();
    let verdict = &decision.verdict;
    let found = verdict.findings.iter().map(|found| finding(kinds.name(found.kind), found, document));
    let recalled = verdict.remembered.iter().map(|known| remembered(decision, known, document));
    let findings: Vec<Value> = found.chain(recalled).collect();
    let opaque: Vec<Value> = verdict
        .opaque
        .iter()
        .map(|opaque| json!({"kind": opaque.kind.as_str(), "pointer": document.pointer(opaque.node)}))
        .collect();
    let difficulty = verdict.difficulty.map(|d| {
        let mut difficulty = json!({"score": thousandths(d.score), "band": d.band.as_str()});
        if let (Some(chance), Some(members)) = (&decision.chance, difficulty.as_object_mut()) {
            members.insert("chance".to_owned(), json!(thousandths(chance.fails)));
            members.insert("chance_of".to_owned(), json!(chance.target.name()));
        }
        difficulty
    });
    let target = decision.target();
    json!({
        "id": id,
        "label": decision.label(),
        "findings": findings,
        "opaque": opaque,
        "difficulty": difficulty,
        "effort": decision.effort.map(Effort::as_str),
        "zone": target.map(|target| target.zone().as_str()),
        "target": target.map(|target| target.name()),
        "treatment": treatment(decision),
        "rule": decision.rule,
        "reasons": decision.reasons_as_text(),
        "elapsed_us": elapsed_us,
    })
}

fn finding(kind: &str, finding: &Finding, document: &Document) -> Value {
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!(kind));
    place(&mut object, finding.span, document);
    object.insert("confidence".to_owned(), json!(thousandths(finding.confidence)));
    if !finding.parts.is_empty() {
        // All of its stretches, the first one too, so that a reader of `parts` needs nothing else.
        let spans = std::iter::once(&finding.span).chain(&finding.parts);
        let parts = spans.map(|span| {
            let mut part = Map::new();
            place(&mut part, *span, document);
            Value::Object(part)
        });
        object.insert("parts".to_owned(), parts.collect());
    }
    Value::Object(object)
}

/// What stood in an earlier request of the same caller: a finding, by memory.
fn remembered(decision: &Decision, known: &Remembered, document: &Document) -> Value {
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!(kind_of(decision, known)));
    place(&mut object, known.span, document);
    object.insert("confidence".to_owned(), json!(1.0));
    object.insert("remembered".to_owned(), json!(true));
    Value::Object(object)
}

fn kind_of<'a>(decision: &'a Decision, known: &Remembered) -> &'a str {
    known.kind.map_or("remembered", |kind| decision.policy().kinds().name(kind))
}

fn place(object: &mut Map<String, Value>, span: Span, document: &Document) {
    object.insert("pointer".to_owned(), json!(document.pointer(span.node)));
    object.insert("start".to_owned(), json!(span.start));
    object.insert("end".to_owned(), json!(span.end));
    if span.in_key {
        object.insert("in".to_owned(), json!("key"));
    }
}

/// Rounded, since a third decimal is more than a score means; what is no number is null.
fn thousandths(score: f32) -> Option<f64> {
    score.is_finite().then(|| (f64::from(score) * 1000.0).round() / 1000.0)
}

fn treatment(decision: &Decision) -> &'static str {
    match decision.outcome {
        Outcome::Allow(_) => "as-is",
        Outcome::Refuse(_) => "refuse",
    }
}

/// The decision as text for people.
pub fn to_text(decision: &Decision, document: &Document, elapsed_us: u64) -> String {
    let mut text = Lines::default();
    text.line("label", decision.label());
    let reasons = decision.reasons_as_text();
    let (of_label, of_route) = reasons.split_at(reasons.len().saturating_sub(decision.reasons.len()));
    for reason in of_label {
        text.line("", reason);
    }
    found(decision, document, &mut text);
    match decision.verdict.difficulty {
        Some(difficulty) => {
            text.line("difficulty", &format!("{} ({:.3})", difficulty.band.as_str(), difficulty.score));
            if let Some(Chance { target, fails }) = &decision.chance {
                text.line(
                    "",
                    &format!("{} fails {fails:.3} of such, which the band is cut by", target.name()),
                );
            }
            features(document, &mut text);
        }
        None => text.line("difficulty", "not asked by this policy"),
    }
    text.line("route", decision.rule.as_deref().unwrap_or("none matches"));
    match &decision.outcome {
        Outcome::Allow(permit) => {
            let targets = permit.targets().iter();
            for (index, target) in targets.enumerate() {
                let name = format!("{} ({})", target.name(), target.zone());
                text.line(if index == 0 { "goes to" } else { "else to" }, &name);
            }
            text.line("effort", permit.effort().as_str());
            text.line("no further", &format!("than {}", permit.zone()));
            if permit.zone() == Zone::Device {
                text.line("", "nothing of it leaves this process");
            }
        }
        Outcome::Refuse(refusal) => text.line("refused", refusal.code()),
    }
    for reason in of_route {
        text.line("because", reason);
    }
    text.line("judged in", &format!("{elapsed_us} us"));
    text.0
}

/// What moved the score, and by how much of the log odds.
fn features(document: &Document, text: &mut Lines) {
    let Ok(request) = ChatRequest::from_document(document.clone()) else { return };
    for feature in difficulty::features(&request).iter().filter(|feature| feature.value > 0.0) {
        text.line("", &format!("{:+.2} {}", feature.value * feature.weight, feature.name));
    }
}

fn found(decision: &Decision, document: &Document, text: &mut Lines) {
    let kinds = decision.policy().kinds();
    for finding in &decision.verdict.findings {
        let mut line = kinds.name(finding.kind).to_owned();
        for (index, span) in std::iter::once(&finding.span).chain(&finding.parts).enumerate() {
            let joint = if index == 0 { " in" } else { ", and in" };
            let key = if span.in_key { "the key of " } else { "" };
            let pointer = document.pointer(span.node);
            // Writing to a string cannot fail.
            let _ = write!(line, "{joint} {key}{pointer}, bytes {} to {}", span.start, span.end);
        }
        let _ = write!(line, " (confidence {:.2})", finding.confidence);
        text.line("found", &line);
    }
    for known in &decision.verdict.remembered {
        let key = if known.span.in_key { "the key of " } else { "" };
        let pointer = document.pointer(known.span.node);
        let (start, end) = (known.span.start, known.span.end);
        let kind = kind_of(decision, known);
        text.line("remembered", &format!("{kind} in {key}{pointer}, bytes {start} to {end}"));
    }
    for opaque in &decision.verdict.opaque {
        text.line("unreadable", &format!("{} at {}", opaque.kind.as_str(), document.pointer(opaque.node)));
    }
    let verdict = &decision.verdict;
    if verdict.findings.is_empty() && verdict.remembered.is_empty() && verdict.opaque.is_empty() {
        text.line("found", "nothing");
    }
}

/// Lines with a name in front.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, name: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{name:<12}{value}");
    }
}

#[cfg(test)]
mod tests;
