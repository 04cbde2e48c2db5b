//! The policy loader and the proof: any text is refused or a valid policy, and what is proved of it is so.

use std::sync::{Arc, LazyLock};

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::policy::{Policy, PolicyFile, table};
use hearthgate_rules::prove::{self, Counterexample, Proof, prove};
use hearthgate_rules::target::Zone;

use crate::site::catalogue;

/// How much longer than its policy what is said of it may be.
const GROWTH_MAX: usize = 64;
const SAID_MAX: usize = 64 << 10;

/// Requests that every policy is asked about.
static REQUESTS: LazyLock<Vec<ChatRequest>> = LazyLock::new(|| {
    [
        r#"{"model":"auto","messages":[{"role":"user","content":"Hello!"}]}"#,
        r#"{"model":"frontier/big","messages":[{"role":"user","content":"Charge 4539 1488 0343 6467, please."}]}"#,
        r#"{"model":"big","messages":[{"role":"user","content":"Write to jo.hendriks@acme-widgets.eu and to k@acme-widgets.eu."}]}"#,
        r#"{"model":"auto","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]}]}"#,
        r#"{"model":"auto","messages":[{"role":"user","content":"Prove that there are infinitely many primes, and generalise to arithmetic progressions."}]}"#,
    ]
    .map(|body| ChatRequest::openai(body).expect("a sound body"))
    .into()
});

/// Loads a policy, proves it, and asks it about a few requests.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = CaseFile::parse(text) {
        assert!(error.line <= text.lines().count() + 1 && error.to_string().len() <= most(text));
    }
    let loaded = PolicyFile::parse(text).and_then(|file| Policy::compile(&file, catalogue(), Zone::Cloud));
    let policy = match loaded {
        Ok(policy) => Arc::new(policy),
        Err(error) => return assert!(error.to_string().len() <= most(text)),
    };
    assert!(!policy.routes().is_empty());
    match prove(&policy) {
        Ok(proof) => proved(&policy, &proof, text),
        Err(error) => assert!(error.to_string().len() <= most(text)),
    }
}

fn most(text: &str) -> usize {
    text.len() * GROWTH_MAX + SAID_MAX
}

fn proved(policy: &Arc<Policy>, proof: &Proof, text: &str) {
    assert!(proof.to_string().len() <= most(text) && proof.statements.len() >= 3);
    assert!(!table::table(policy).is_empty());
    for (_, counterexample) in proof.broken() {
        assert!(counterexample.line.len() <= most(text) && counterexample.sentence.len() <= most(text));
        shown(policy, counterexample);
    }
    let decisions: Vec<Decision> = REQUESTS.iter().map(|request| decided(policy, request)).collect();
    for statement in &proof.statements {
        if matches!(statement.outcome, prove::Outcome::Holds) {
            decisions.iter().for_each(|decision| holds(policy, &statement.text, decision));
        }
    }
}

/// The case of a counterexample reaches what it should not, and its line is a request on one line.
fn shown(policy: &Arc<Policy>, counterexample: &Counterexample) {
    let outcome = counterexample.case.outcome(policy);
    if let Some(name) = &counterexample.target {
        let targets = outcome.targets.as_ref().expect("a target is reached");
        assert!(targets.iter().any(|target| target.name() == name), "{}", counterexample.sentence);
    }
    assert!(!counterexample.line.contains('\n'));
    ChatRequest::openai(&counterexample.line).expect("the line of a counterexample is a request");
}

fn decided(policy: &Arc<Policy>, request: &ChatRequest) -> Decision {
    let decision = policy.judge(request.clone(), Caller::default()).decide(&Signals::default());
    if let Outcome::Allow(permit) = &decision.outcome {
        assert!(permit.zone() <= policy.ceiling(decision.verdict.label));
        assert!(permit.targets().iter().all(|target| target.zone() <= permit.zone()));
    }
    decision
}

/// What was proved of every case holds of this one: `never "LABEL" beyond "ZONE"`.
fn holds(policy: &Policy, text: &str, decision: &Decision) {
    let words: Vec<&str> = text.split('"').collect();
    let ["never ", name, " beyond ", zone, ""] = words.as_slice() else { return };
    let (Ok(label), Ok(zone)) = (policy.labels().named(name), zone.parse::<Zone>()) else { return };
    if let Outcome::Allow(permit) = &decision.outcome
        && decision.verdict.label >= label
    {
        assert!(permit.targets().iter().all(|target| target.zone() <= zone), "{text}");
    }
}
