//! Routes that have the device's answer verified: when, and that it moves no decision.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::{Leaning, Signals};
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::policy::{BudgetState, Measure, Policy, table};
use hearthgate_rules::prove::{self, prove};
use hearthgate_rules::target::{Effort, Zone};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::support::{policy, prompt, try_policy};

const EASY: &str = "What is the capital of France?";
const PRIVATE: &str = "Charge 4539 1488 0343 6467.";

fn routed(keys: &str) -> String {
    format!(
        "packs = [\"pii\"]\n[[route]]\nname = \"home-first\"\nto = [\"device/*\", \"zone:premises\", \"zone:cloud\"]\n{keys}\n"
    )
}

fn verifying() -> Arc<Policy> {
    policy(&routed("verify = { sure = 0.7, measure = \"least\" }"))
}

fn decided(policy: &Arc<Policy>, request: ChatRequest, caller: Caller, signals: &Signals) -> Decision {
    policy.judge(request, caller).decide(signals)
}

fn is_verified(decision: &Decision) -> bool {
    match &decision.outcome {
        Outcome::Allow(permit) => permit.verify(0).is_some(),
        Outcome::Refuse(_) => false,
    }
}

#[test]
fn it_is_verified_only_where_another_answer_may_be_asked_for() {
    let policy = verifying();
    let (calm, nobody) = (Signals::default(), Caller::default());
    let plain = decided(&policy, prompt("auto", EASY), nobody.clone(), &calm);
    assert!(is_verified(&plain));
    assert!(plain.reasons_as_text().join("; ").contains("what device/starter answers is verified"));
    let Outcome::Allow(permit) = plain.outcome else { panic!("it is allowed") };
    let verify = permit.verify(0).unwrap();
    assert_eq!((verify.measure, verify.sure, verify.tokens), (Measure::Least, 0.7, 1024));
    assert!(permit.verify(1).is_none(), "what others answer is not");
    assert!(permit.lower(Zone::Device).verify(0).is_none(), "nobody is left to ask");

    let body = |more: serde_json::Value| {
        let mut body = json!({"model": "auto", "messages": [{"role": "user", "content": EASY}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ChatRequest::openai(body.to_string()).unwrap()
    };
    let tools = json!([{"type": "function", "function": {"name": "ls"}}]);
    let call = json!({"id": "1", "type": "function", "function": {"name": "ls", "arguments": "{}"}});
    let turns = json!([{"role": "user", "content": EASY}, {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "a"}]);
    let quick = Caller { effort: Some(Effort::Quick), ..Caller::default() };
    let deliberate = Caller { effort: Some(Effort::Deliberate), ..Caller::default() };
    let home = Caller { zone: Some(Zone::Device), ..Caller::default() };
    let spent = Signals { budget: BudgetState::Exhausted, ..Signals::default() };
    let low = Signals { budget: BudgetState::Low, ..Signals::default() };
    let beyond = |late: &[&str], dear: &[&str]| {
        let names = |of: &[&str]| of.iter().map(|name| (*name).to_owned()).collect();
        Signals {
            leaning: Leaning { late: names(late), dear: names(dear), ..Leaning::default() },
            ..Signals::default()
        }
    };
    let (all_dear, one_late) =
        (beyond(&["rack/qwen"], &["frontier/big", "second/big"]), beyond(&["frontier/big"], &[]));
    let begun = Signals { stays: Some("device/starter".to_owned()), ..Signals::default() };
    for (what, request, caller, signals, verified) in [
        ("private", prompt("auto", PRIVATE), &nobody, &calm, false),
        ("kept by its caller", prompt("auto", EASY), &home, &calm, false),
        ("quick", prompt("auto", EASY), &quick, &calm, false),
        ("deliberate", prompt("auto", EASY), &deliberate, &calm, true),
        ("asked for by name", prompt("device/starter", EASY), &nobody, &calm, false),
        ("the budget is spent", prompt("auto", EASY), &nobody, &spent, false),
        ("little is left of the budget", prompt("auto", EASY), &nobody, &low, true),
        ("nobody keeps to what is wished", prompt("auto", EASY), &nobody, &all_dear, false),
        ("somebody does", prompt("auto", EASY), &nobody, &one_late, true),
        ("a loop has begun", prompt("auto", EASY), &nobody, &begun, false),
        ("streamed", body(json!({"stream": true})), &nobody, &calm, false),
        ("tools", body(json!({"tools": tools})), &nobody, &calm, true),
        ("an open loop", body(json!({"tools": tools, "messages": turns})), &nobody, &calm, false),
    ] {
        assert_eq!(is_verified(&decided(&policy, request, caller.clone(), signals)), verified, "{what}");
    }
}

#[test]
fn cases_may_expect_it() {
    let cases = CaseFile::parse(
        "[[case]]\nname = \"verified\"\nprompt = \"What is the capital of France?\"\nexpect = { verified = true, zone = \"device\" }\n\
         [[case]]\nname = \"private\"\nprompt = \"Charge 4539 1488 0343 6467.\"\nexpect = { verified = false }\n\
         [[case]]\nname = \"spent\"\nprompt = \"Hello\"\nbudget = \"exhausted\"\nexpect = { verified = true }\n",
    );
    let reports = cases.unwrap().run(&verifying());
    let differences: Vec<_> = reports.iter().map(|report| report.differences.join("; ")).collect();
    assert_eq!(differences, ["", "", "verified: expected true, got false"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (keys, says) in [
        ("verify = { sure = 1.5 }", "`home-first`: verify.sure must be in 0..1"),
        ("verify = { tokens = 0 }", "`home-first`: verify.tokens must be in 1..=8192"),
        ("verify = { timeout_ms = 0 }", "`home-first`: verify.timeout_ms must be in 1..=600000"),
        ("verify = { measure = \"most\" }", "unknown variant `most`"),
        ("verify = { shure = 0.5 }", "did you mean `sure`?"),
        ("verify = true", "line 5"),
    ] {
        let error = try_policy(&routed(keys)).expect_err(keys).to_string();
        assert!(error.contains(says), "{keys}: {error}");
    }
    for route in ["to = [\"zone:cloud\", \"device/*\"]", "refuse = \"no\""] {
        let text = format!("[[route]]\nname = \"out\"\n{route}\nverify = {{}}\n");
        let error = try_policy(&text).expect_err(route).to_string();
        assert!(error.contains("`out`: verify must be on a route that begins at home"), "{error}");
    }
}

#[test]
fn the_table_and_the_proof_say_so() {
    let shown = table::table(&verifying());
    for said in [
        "by route home-first, what device/starter answers is verified\n  where the likelihood of its least likely token is under 0.7",
        "rack/qwen, frontier/big, second/big is asked",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
    let proof = prove(&verifying()).unwrap();
    let escalation = proof.statements.iter().find(|statement| statement.text.contains("not sure")).unwrap();
    assert!(escalation.built_in && matches!(escalation.outcome, prove::Outcome::Holds));
    let plain = policy(&routed(""));
    assert!(!table::table(&plain).contains("verified"));
    assert!(!prove(&plain).unwrap().to_string().contains("not sure"));
}

proptest! {
    /// Whether an answer is verified moves nothing, and who may be asked after it lies within the ceiling.
    #[test]
    fn it_moves_no_decision(text in select(vec![EASY, PRIVATE]), down in any::<bool>(), zone in select(Zone::ALL.to_vec())) {
        let signals = Signals {
            down: down.then(|| "frontier/big".to_owned()).into_iter().collect(),
            ..Signals::default()
        };
        let caller = Caller { zone: Some(zone), ..Caller::default() };
        let with = decided(&verifying(), prompt("auto", text), caller.clone(), &signals);
        let without = decided(&policy(&routed("")), prompt("auto", text), caller, &signals);
        let targets = |decision: &Decision| match &decision.outcome {
            Outcome::Allow(permit) => permit.targets().iter().map(|target| target.name().to_owned()).collect(),
            Outcome::Refuse(_) => Vec::new(),
        };
        prop_assert_eq!(with.label(), without.label());
        prop_assert_eq!(targets(&with), targets(&without));
        prop_assert_eq!(with.effort, without.effort);
        if let Outcome::Allow(permit) = &with.outcome {
            prop_assert!(permit.targets().iter().all(|target| target.zone() <= permit.zone()));
            prop_assert!(permit.zone() <= zone);
        }
    }
}
