//! Policies that are each broken in one way, as data: `broken/*.toml`.
//!
//! Each says in its head what is wrong with it, and either what the refusal says (`# refused: …`) or which statement
//! does not hold (`# broken: …`) and what the counterexample shows (`# shows: …`). A counterexample, pasted into the
//! judge, is decided as it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearthgate_rules::decision::{Decision, Outcome, Refusal};
use hearthgate_rules::policy::Policy;
use hearthgate_rules::prove::{Counterexample, prove};

use super::support::{explain, files, try_policy};

/// What a line of the head says after its word.
fn head<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(word)?.strip_prefix(": "))
}

#[test]
fn each_is_refused_as_it_says() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for (name, text) in files("broken") {
        count += 1;
        let found = match (head(&text, "refused"), head(&text, "broken")) {
            (Some(says), None) => refusal(&text, says),
            (None, Some(statement)) => shown(&text, statement, head(&text, "shows").unwrap()),
            _ => Err("it must be either refused or broken".to_owned()),
        };
        wrong.extend(found.err().map(|why| format!("{name}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 50, "{count} policies");
}

fn refusal(text: &str, says: &str) -> Result<(), String> {
    let error = match try_policy(text) {
        Err(error) => error.to_string(),
        Ok(policy) => prove(&policy).err().ok_or("it is not refused")?.to_string(),
    };
    if error.contains(says) { Ok(()) } else { Err(format!("expected `{says}`\n  in `{error}`")) }
}

fn shown(text: &str, statement: &str, shows: &str) -> Result<(), String> {
    let policy = Arc::new(try_policy(text).map_err(|error| error.to_string())?);
    let proof = prove(&policy).map_err(|error| error.to_string())?;
    let broken: Vec<_> = proof.broken().collect();
    let [(found, counterexample)] = broken.as_slice() else {
        return Err(format!("not one statement is broken, but {}\n{proof}", broken.len()));
    };
    if found.text != statement || !counterexample.sentence.contains(shows) {
        return Err(format!("expected `{statement}` with `{shows}`\n{proof}"));
    }
    let decision = explain(&policy, &counterexample.line);
    agrees(&policy, counterexample, &decision).map_err(|why| {
        let reasons = decision.reasons_as_text();
        format!("{why}\n  {}\n  {}\n  {reasons:?}", counterexample.sentence, counterexample.line)
    })
}

/// Whether the judge says of the line what the counterexample says of its case.
fn agrees(policy: &Arc<Policy>, told: &Counterexample, decision: &Decision) -> Result<(), String> {
    let mut counts = BTreeMap::new();
    for finding in &decision.verdict.findings {
        *counts.entry(finding.kind).or_insert(0) += 1;
    }
    if counts != told.case.counts {
        return Err(format!("found {counts:?}, told {:?}", told.case.counts));
    }
    if decision.verdict.label != told.case.label(policy) {
        return Err(format!("the label is {}", decision.label()));
    }
    let outcome = told.case.outcome(policy);
    match (&decision.outcome, &outcome.targets) {
        (Outcome::Refuse(Refusal::NoTarget), Err(Refusal::NoTarget)) => Ok(()),
        (Outcome::Allow(permit), Ok(targets)) => {
            let names: Vec<_> = permit.targets().iter().map(|target| target.name()).collect();
            let same = permit.targets() == targets.as_slice();
            let named = told.target.iter().all(|target| names.contains(&target.as_str()));
            let ceiling = permit.zone() == outcome.ceiling;
            if same && named && ceiling { Ok(()) } else { Err(format!("it may reach {names:?}")) }
        }
        _ => Err("the decision is another".to_owned()),
    }
}
