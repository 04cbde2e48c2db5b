//! A case that breaks a statement: in a sentence, and as a line for `hearthgate explain --jsonl`.

use super::{Case, arrange, samples};
use crate::chat::Dialect;
use crate::inspect::{KindId, is_matter};
use crate::json::quote;
use crate::label::Label;
use crate::policy::{BudgetState, Confidence, Near, Policy};
use crate::target::{Target, Zone};

/// A case in which a statement does not hold.
#[derive(Debug, Clone)]
pub struct Counterexample {
    /// What happens, for a person.
    pub sentence: String,
    /// A body for `hearthgate explain --jsonl`, on one line.
    pub line: String,
    /// The case.
    pub case: Case,
    /// The target that should not be reached; none where the fault is another.
    pub target: Option<String>,
    /// How much tells the case from the plainest one.
    pub(super) oddities: usize,
}

impl Counterexample {
    pub(super) fn reaching(policy: &Policy, case: Case, target: &Target) -> Self {
        let outcome = case.outcome(policy);
        let route = outcome.route.unwrap_or_default();
        let what = format!("may reach {} ({}) by route `{route}`", target.name(), target.zone());
        Self { target: Some(target.name().to_owned()), ..Self::new(policy, case, &what) }
    }

    pub(super) fn without_end(policy: &Policy, case: Case) -> Self {
        let ceiling = case.outcome(policy).ceiling;
        let what = format!(
            "reaches no target although one lies within {ceiling}; end the routes with one that has no \
             `when`, to a target there or with `refuse`"
        );
        Self::new(policy, case, &what)
    }

    pub(super) fn inverted(policy: &Policy, circle: Case, lower: Label, higher: Label) -> Self {
        let name = |label| policy.labels().name(label);
        let ceiling = |label| policy.ceiling_for(label, |atom| circle.holds(atom, None));
        let what = format!(
            "may go as far as {}, but `{}` below it no further than {}; lower the ceiling of `{}` or raise \
             that of `{}`",
            ceiling(higher),
            name(lower),
            ceiling(lower),
            name(higher),
            name(lower),
        );
        Self::new(policy, Case { raise: higher, ..circle }, &what)
    }

    fn new(policy: &Policy, case: Case, what: &str) -> Self {
        let label = policy.labels().name(case.label(policy));
        let given = describe(policy, &case);
        let oddities = given.len();
        let given = if given.is_empty() { "nothing found in it".to_owned() } else { given.join(", ") };
        let sentence = format!("a request labelled `{label}` ({given}) {what}");
        Self { sentence, line: line(policy, &case), case, target: None, oddities }
    }
}

/// What tells the case from the plainest one, in words.
fn describe(policy: &Policy, case: &Case) -> Vec<String> {
    let plain = Case::default();
    let name = |kind: &KindId| policy.kinds().name(*kind).to_owned();
    let mut given: Vec<String> =
        case.counts.iter().map(|(kind, count)| format!("{count} {}", name(kind))).collect();
    let sure = |((kind, least), count): (&(KindId, Confidence), &u32)| {
        format!("{count} of {} at least {least} sure", name(kind))
    };
    given.extend(case.sure.iter().map(sure));
    given.extend(case.near.iter().map(|near| near_in_words(policy, near)));
    given.extend(case.opaque.iter().map(|kind| format!("opaque:{}", kind.as_str())));
    let mut say = |different: bool, words: String| {
        if different {
            given.push(words);
        }
    };
    let raise = policy.labels().name(case.raise);
    say(case.raise > policy.unlabelled(), format!("label raised to {raise} by its caller or conversation"));
    let by = case.declassify.as_deref().unwrap_or_default();
    say(case.declassify.is_some(), format!("declassified by {by}"));
    say(case.band != plain.band, format!("band {}", case.band.as_str()));
    say(case.code, "speaking of code".to_owned());
    say(case.model != plain.model, format!("asking for model {}", case.model));
    say(case.tenant.is_some(), format!("tenant {}", case.tenant.as_deref().unwrap_or_default()));
    say(case.workflow.is_some(), format!("workflow {}", case.workflow.as_deref().unwrap_or_default()));
    say(case.dialect != plain.dialect, format!("dialect {}", case.dialect.as_str()));
    say(case.budget != plain.budget, format!("budget {}", case.budget.as_str()));
    say(case.zone != plain.zone, format!("its caller allowing no further than {}", case.zone));
    given.extend(case.down.iter().map(|target| format!("{target} down")));
    given
}

/// How findings stand near one another, for a person.
pub(crate) fn near_in_words(policy: &Policy, near: &Near) -> String {
    let kinds = near.kinds.iter().map(|(kind, least)| finding_in_words(policy, *kind, *least));
    format!("{} (within {} bytes)", kinds.collect::<Vec<_>>().join(" near "), near.within)
}

/// A kind and how sure, for a person.
pub(crate) fn finding_in_words(policy: &Policy, kind: KindId, least: Confidence) -> String {
    let name = policy.kinds().name(kind);
    if least == Confidence::ANY { name.to_owned() } else { format!("{name} at least {least} sure") }
}

/// The case as a request that `explain` takes, with texts in which its findings are really found.
fn line(policy: &Policy, case: &Case) -> String {
    let found = arrange::findings(policy, case);
    // Where no sample falls into this band as the policy sets it, one that speaks of code as the case does.
    let mut best: Option<((bool, bool), String)> = None;
    for demand in samples::demands() {
        let body = body(policy, case, &found, &demand);
        let told = samples::difficulty(case.dialect, &body, policy);
        let fit = told.map_or((false, false), |told| (told.code == case.code, told.band == case.band));
        if fit == (true, true) {
            return body;
        }
        if best.as_ref().is_none_or(|(known, _)| *known < fit) {
            best = Some((fit, body));
        }
    }
    best.map(|(_, body)| body).unwrap_or_default()
}

fn body(policy: &Policy, case: &Case, found: &str, demand: &str) -> String {
    // Private matters stand apart: in one text they would be read as one.
    let matters = case.counts.iter().filter(|(kind, _)| is_matter(policy.kinds().name(**kind)));
    let matters = matters.flat_map(|(kind, count)| samples::findings(policy, *kind, 0..*count, |_| true));
    let anthropic = case.dialect == Dialect::AnthropicMessages;
    let system = |text: &str| {
        let (head, name) = if anthropic { ("type\":\"text", "text") } else { ("role\":\"system", "content") };
        format!("{{\"{head}\",\"{name}\":{}}}", quote(text))
    };
    let mut instructions = Vec::new();
    if !found.is_empty() {
        instructions.push(system(found));
    }
    instructions.extend(matters.map(|matter| system(&matter)));
    // Where one dialect has messages for them, the other has a field.
    let mut messages = if anthropic { Vec::new() } else { std::mem::take(&mut instructions) };
    let parts: Vec<&str> =
        case.opaque.iter().filter_map(|kind| samples::opaque_in(case.dialect, *kind)).collect();
    let ollama = case.dialect == Dialect::Ollama;
    let content = if parts.is_empty() || ollama {
        quote(demand)
    } else {
        let kind = if case.dialect == Dialect::OpenAiResponses { "input_text" } else { "text" };
        format!(r#"[{{"type":"{kind}","text":{}}},{}]"#, quote(demand), parts.join(","))
    };
    let images = if ollama && !parts.is_empty() {
        format!(r#","images":[{}]"#, parts.join(","))
    } else {
        String::new()
    };
    messages.push(format!(r#"{{"role":"user","content":{content}{images}}}"#));
    let mut fields = vec![format!(r#""model":{}"#, quote(&case.model))];
    if anthropic {
        fields.push("\"max_tokens\":1024".to_owned());
    }
    if !instructions.is_empty() {
        fields.push(format!(r#""system":[{}]"#, instructions.join(",")));
    }
    let name = if case.dialect == Dialect::OpenAiResponses { "input" } else { "messages" };
    fields.push(format!(r#""{name}":[{}]"#, messages.join(",")));
    fields.extend(case.opaque.iter().filter_map(|kind| samples::opaque_field(*kind)).map(str::to_owned));
    if ollama {
        fields.extend(case.opaque.iter().filter_map(|kind| samples::beside_ollama(*kind)).map(str::to_owned));
    }
    let around = extension(policy, case);
    if !around.is_empty() {
        fields.push(format!(r#""hearthgate":{{{}}}"#, around.join(",")));
    }
    format!("{{{}}}", fields.join(","))
}

/// What is not in the request itself, as members of `hearthgate`.
fn extension(policy: &Policy, case: &Case) -> Vec<String> {
    let plain = Case::default();
    let mut fields = Vec::new();
    let mut text = |name: &str, value: &str| fields.push(format!("\"{name}\":{}", quote(value)));
    if let Some(tenant) = &case.tenant {
        text("tenant", tenant);
    }
    if let Some(workflow) = &case.workflow {
        text("workflow", workflow);
    }
    if let Some(by) = &case.declassify {
        text("declassify", by);
    }
    // What stays unread has the highest label; no line is long enough to show it otherwise.
    let shown = |kind| samples::opaque(kind).is_some() || samples::opaque_field(kind).is_some();
    let unshown = case.opaque.iter().any(|kind| !shown(*kind));
    let raise = if unshown { policy.labels().highest() } else { case.raise };
    if raise > Label::LOWEST {
        text("label", policy.labels().name(raise));
    }
    if case.zone != Zone::Cloud {
        text("zone", case.zone.as_str());
    }
    if case.dialect != plain.dialect {
        text("dialect", case.dialect.as_str());
    }
    if case.budget != BudgetState::Ample {
        text("budget", case.budget.as_str());
    }
    if !case.down.is_empty() {
        let down: Vec<String> = case.down.iter().map(|name| format!("{}:\"down\"", quote(name))).collect();
        fields.push(format!("\"health\":{{{}}}", down.join(",")));
    }
    fields
}
