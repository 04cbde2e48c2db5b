//! Judging and deciding: labels only rise, whatever is said after; and no permit reaches beyond its ceiling.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::{Follows, Leaning, Pace, Signals};
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::difficulty::{Band, Probed};
use hearthgate_rules::json::quote;
use hearthgate_rules::judge::{Caller, LabelReason};
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::{BudgetState, Policy};
use hearthgate_rules::target::{Effort, Zone};

use crate::site::POLICIES;

/// Ends one text of a request.
const SEPARATOR: char = '\u{1e}';

/// Texts of one request.
const TEXTS_MAX: usize = 12;

const ROLES: [&str; 4] = ["user", "assistant", "system", "tool"];
const MODELS: [&str; 5] = ["auto", "big", "frontier/big", "device/starter", "nobody"];

/// Judges texts, without the last one and with it. The first two bytes are the circumstances.
pub fn check(data: &[u8]) {
    let Some((&[around, place], data)) = data.split_first_chunk::<2>() else { return };
    let text = String::from_utf8_lossy(data);
    let texts: Vec<&str> = text.split(SEPARATOR).take(TEXTS_MAX).collect();
    let policy = &POLICIES[usize::from(around >> 7)];
    let before = texts.len() - 1;
    let (less, more) = (body(&texts[..before], place), body(&texts, place));
    let (less, more) = (decided(policy, &less, around), decided(policy, &more, around));
    assert!(more.verdict.label >= less.verdict.label, "more text has a lower label");
    assert!(reach(&more) <= reach(&less).max(Zone::Device), "more text reaches further");
}

/// A greeting, and these texts after it. From the one that `place` says, they stand in fields after the messages, so
/// that every text is the last of its body.
fn body(texts: &[&str], place: u8) -> String {
    let fields_from = usize::from(place & 15).min(texts.len());
    let (messages, fields) = texts.split_at(fields_from);
    let message = |(index, text): (usize, &&str)| {
        let role = ROLES[(index * usize::from(place >> 6) + usize::from(place >> 4 & 3)) % ROLES.len()];
        format!(r#",{{"role":"{role}","content":{}}}"#, quote(text))
    };
    let field = |(index, text): (usize, &&str)| match place >> 5 & 1 {
        0 => format!(r#","field{index}":{}"#, quote(text)),
        _ => format!(r#","field{index}":{{{}:{index}}}"#, quote(text)),
    };
    format!(
        r#"{{"model":"auto","messages":[{{"role":"user","content":"Hello"}}{}]{}}}"#,
        messages.iter().enumerate().map(message).collect::<String>(),
        fields.iter().enumerate().map(field).collect::<String>(),
    )
}

/// Decides twice, and looks the decision over.
/// What the order of targets leans on.
fn leaning(policy: &Policy, around: u8) -> Leaning {
    let name = |at: u8| policy.catalogue().get(usize::from(at)).map(|target| target.name().to_owned());
    Leaning {
        late: name(around & 3).into_iter().collect(),
        dear: name(around >> 2 & 3).into_iter().collect(),
        pace: name(around >> 4 & 3).into_iter().zip(Pace::ALL).collect(),
        follows: name(around >> 6).map(|target| Follows {
            target,
            band: Band::ALL[usize::from(around % 3)],
            saves: name(around & 3).into_iter().collect(),
        }),
    }
}

fn decided(policy: &Arc<Policy>, body: &str, around: u8) -> Decision {
    let labels: Vec<Label> = policy.labels().all().collect();
    let pick = |at: u8| labels.get(usize::from(around >> at & 7)).copied();
    let caller = || Caller {
        label: pick(0),
        zone: Zone::ALL.get(usize::from(around >> 3 & 3)).copied(),
        effort: (around & 32 != 0).then_some(Effort::Quick),
        ..Caller::default()
    };
    let down = policy.catalogue().iter().enumerate().filter(|(index, _)| around >> index & 17 == 1);
    let signals = Signals {
        down: down.map(|(_, target)| target.name().to_owned()).collect(),
        budget: if around & 64 == 0 { BudgetState::Ample } else { BudgetState::Exhausted },
        stays: policy.catalogue().get(usize::from(around >> 5)).map(|target| target.name().to_owned()),
        conversation: pick(2),
        probed: Probed::ALL.get(usize::from(around & 3)).copied(),
        leaning: leaning(policy, around),
    };
    let model = MODELS[usize::from(around) % MODELS.len()];
    let body = body.replacen("\"auto\"", &quote(model), 1);
    let request = || ChatRequest::openai(&body).expect("a sound body");
    let decision = policy.judge(request(), caller()).decide(&signals);
    let again = policy.judge(request(), caller()).decide(&signals);
    assert_eq!(format!("{decision:?}"), format!("{again:?}"), "the same request is decided in two ways");
    let least = pick(0).unwrap_or(Label::LOWEST).join(pick(2).unwrap_or(Label::LOWEST));
    assert!(decision.verdict.label >= least.join(policy.unlabelled()));
    let failed = |(reason, _): &(LabelReason, Label)| matches!(reason, LabelReason::JudgingFailed(_));
    assert!(!decision.verdict.label_reasons.iter().any(failed), "judging failed");
    let ceiling = policy.ceiling(decision.verdict.label).min(caller().zone.unwrap_or(Zone::Cloud));
    if let Outcome::Allow(permit) = &decision.outcome {
        assert!(permit.zone() <= ceiling && !permit.targets().is_empty());
        assert!(permit.targets().iter().all(|target| target.zone() <= permit.zone()));
        assert_eq!(permit.request().document().render(&[]), request().document().render(&[]));
    }
    let _told = decision.reasons_as_text();
    decision
}

/// The outermost zone that a decision reaches; home, where it is refused.
fn reach(decision: &Decision) -> Zone {
    match &decision.outcome {
        Outcome::Allow(permit) => permit.zone(),
        Outcome::Refuse(_) => Zone::Device,
    }
}
