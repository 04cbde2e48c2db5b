//! More content, a word of the caller's or a longer conversation never widens what a request may reach.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::{Follows, Leaning, Pace, Signals};
use hearthgate_rules::decision::{Decision, EncodeError, Outcome, Refusal};
use hearthgate_rules::inspect::OpaqueKind;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::{Policy, SHIPPED};
use hearthgate_rules::prove::Case;
use hearthgate_rules::target::Zone;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use super::support::{policy, prompt};

const TARGETS: [&str; 4] = ["device/starter", "rack/qwen", "frontier/big", "second/big"];

/// Sentences with and without something to find; check digits are right.
const SENTENCES: [&str; 12] = [
    "The weather in Lisbon is mild today.",
    "Please write to maria.keller@keller-bakery.de about it.",
    "The card is 4539 1488 0341 0009, valid until May.",
    "Transfer it to DE07 3704 0044 0812 0139 00.",
    "SSN 501-21-1001 belongs to the file.",
    "Call +49 30 23125042 tomorrow.",
    "AKIAIOSFODNN7ABCDEFG is the key.",
    "password = \"tr0ub4dor&3xyz\"",
    "She was diagnosed with diabetes.",
    "The host is 93.184.216.34.",
    "Prove that the series converges, step by step, and derive the bound.",
    "fn main() { println!(\"hello\"); }",
];

fn parts() -> Vec<Value> {
    vec![
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}),
        json!({"type": "image_url", "image_url": {"url": "https://intranet.example.org/a.png"}}),
        json!({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}),
        json!({"type": "file", "file": {"file_id": "file-1"}}),
        json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}),
        json!({"type": "hologram", "hologram": {}}),
    ]
}

fn message() -> impl Strategy<Value = Value> {
    let role = select(vec!["system", "user", "assistant"]);
    (role, proptest::collection::vec(select(SENTENCES.to_vec()), 1..3))
        .prop_map(|(role, sentences)| json!({"role": role, "content": sentences.join(" ")}))
}

/// Something more in a request.
#[derive(Clone, Debug)]
enum More {
    Message(Value),
    Part(Value),
    Field(&'static str),
    Key(&'static str),
}

fn more() -> impl Strategy<Value = More> {
    prop_oneof![
        message().prop_map(More::Message),
        select(parts()).prop_map(More::Part),
        select(SENTENCES.to_vec()).prop_map(More::Field),
        select(SENTENCES.to_vec()).prop_map(More::Key),
    ]
}

fn with(body: &Value, more: &More) -> Value {
    let mut body = body.clone();
    let place = format!("field-{}", body.as_object().unwrap().len());
    match more {
        More::Message(message) => body["messages"].as_array_mut().unwrap().push(message.clone()),
        More::Part(part) => {
            body["messages"].as_array_mut().unwrap().push(json!({"role": "user", "content": [part]}))
        }
        // Never in the place of another: what is added, is added.
        More::Field(text) => body[place] = json!(text),
        More::Key(text) => body[place] = json!({ *text: 1 }),
    }
    body
}

fn judge(policy: &Arc<Policy>, body: &Value, caller: Caller) -> (Label, Zone) {
    let judged = policy.judge(ChatRequest::openai(body.to_string()).unwrap(), caller);
    (judged.verdict().label, judged.ceiling())
}

fn reach(decision: &Decision) -> Option<Zone> {
    match &decision.outcome {
        Outcome::Allow(permit) => {
            assert!(permit.targets().iter().all(|target| target.zone() <= permit.zone()));
            Some(permit.zone())
        }
        Outcome::Refuse(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn more_in_a_request_never_widens_its_ceiling(
        messages in proptest::collection::vec(message(), 1..4),
        additions in proptest::collection::vec(more(), 1..4),
    ) {
        let policy = policy(SHIPPED);
        let mut body = json!({"model": "auto", "messages": messages});
        let (mut label, mut ceiling) = judge(&policy, &body, Caller::default());
        for addition in &additions {
            body = with(&body, addition);
            let (label_after, ceiling_after) = judge(&policy, &body, Caller::default());
            prop_assert!(label_after >= label && ceiling_after <= ceiling, "{addition:?}");
            (label, ceiling) = (label_after, ceiling_after);
        }
    }

    #[test]
    fn what_the_caller_and_the_conversation_say_only_tightens(
        message in message(),
        label in 0_usize..4,
        conversation in 0_usize..4,
        zone in select(Zone::ALL.to_vec()),
        model in select(vec!["auto", "device/starter", "rack/qwen", "frontier/big", "big"]),
        down in subsequence(vec!["device/starter", "rack/qwen", "frontier/big", "second/big"], 0..=4),
    ) {
        let policy = policy(SHIPPED);
        let labels: Vec<Label> = policy.labels().all().collect();
        let (label, conversation) = (labels[label], labels[conversation]);
        let request = || ChatRequest::openai(json!({"model": model, "messages": [message]}).to_string()).unwrap();
        let signals = Signals { down: down.into_iter().map(str::to_owned).collect(), ..Signals::default() };
        let plain = policy.judge(request(), Caller::default()).decide(&signals);
        let caller = Caller { label: Some(label), zone: Some(zone), ..Caller::default() };
        let told = policy.judge(request(), caller).decide(&Signals { conversation: Some(conversation), ..signals });
        prop_assert!(told.verdict.label >= plain.verdict.label.join(label).join(conversation));
        prop_assert!(reach(&told) <= reach(&plain));
        prop_assert!(reach(&told) <= Some(zone.min(policy.ceiling(told.verdict.label))));
    }

    #[test]
    fn what_a_decision_leans_on_orders_targets_and_names_no_other(
        message in message(),
        workflow in proptest::option::of(Just("autocomplete".to_owned())),
        label in 0_usize..4,
        model in select(vec!["auto", "device/starter", "rack/qwen", "frontier/big", "big"]),
        down in subsequence(TARGETS.to_vec(), 0..=4),
        late in subsequence(TARGETS.to_vec(), 0..=4).prop_shuffle(),
        dear in subsequence(TARGETS.to_vec(), 0..=4).prop_shuffle(),
        pace in proptest::collection::vec(proptest::option::of(select(Pace::ALL.to_vec())), 4),
        follows in proptest::option::of((select(TARGETS.to_vec()), subsequence(TARGETS.to_vec(), 0..=4))),
    ) {
        let policy = policy(include_str!("language/leaning.policy.toml"));
        let names = |of: Vec<&str>| of.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let label = policy.labels().all().nth(label);
        let judged = || {
            let body = json!({"model": model, "messages": [message]}).to_string();
            let caller = Caller { workflow: workflow.clone(), label, ..Caller::default() };
            policy.judge(ChatRequest::openai(body).unwrap(), caller)
        };
        let signals = Signals { down: names(down).into_iter().collect(), ..Signals::default() };
        let plain = judged().decide(&signals);
        // In the same band: another one may be another route's.
        let band = plain.verdict.difficulty.map(|difficulty| difficulty.band).unwrap();
        let paces = TARGETS.iter().zip(pace).filter_map(|(name, pace)| Some(((*name).to_owned(), pace?)));
        let leaning = Leaning {
            late: names(late),
            dear: names(dear),
            pace: paces.collect(),
            follows: follows.map(|(target, saves)| Follows {
                target: target.to_owned(),
                band,
                saves: names(saves).into_iter().collect(),
            }),
        };
        let leant = judged().decide(&Signals { leaning, ..signals });
        let permitted = |decision: &Decision| match &decision.outcome {
            Outcome::Allow(permit) => permit.targets().iter().map(|target| target.name().to_owned()).collect(),
            Outcome::Refuse(_) => std::collections::BTreeSet::new(),
        };
        prop_assert_eq!(permitted(&leant), permitted(&plain));
        prop_assert_eq!(leant.rule, plain.rule);
        prop_assert_eq!(leant.verdict.label, plain.verdict.label);
    }

    #[test]
    fn more_in_a_case_never_widens_its_ceiling(
        kinds in subsequence(vec!["email", "phone", "card", "iban", "us-ssn", "ip", "api-key", "password", "person", "health"], 0..5),
        opaque in subsequence(OpaqueKind::ALL.to_vec(), 0..2),
        added in any::<Index>(),
        raise in 0_usize..4,
    ) {
        let policy = policy(SHIPPED);
        let mut case = Case { raise: policy.labels().all().nth(raise).unwrap(), ..Case::default() };
        case.counts.extend(kinds.iter().map(|kind| (policy.kinds().named(kind).unwrap(), 1)));
        case.opaque.extend(opaque);
        let before = case.outcome(&policy);
        let kinds: Vec<_> = policy.kinds().names().map(|name| policy.kinds().named(name).unwrap()).collect();
        let at = added.index(kinds.len() + OpaqueKind::ALL.len());
        match kinds.get(at) {
            Some(kind) => *case.counts.entry(*kind).or_default() += 1,
            None => drop(case.opaque.insert(OpaqueKind::ALL[at - kinds.len()])),
        }
        let after = case.outcome(&policy);
        prop_assert!(after.label >= before.label && after.ceiling <= before.ceiling);
    }
}

#[test]
fn targets_asked_for_come_first_as_far_as_the_permit_goes() {
    let policy = policy(
        "[[rule]]\nname = \"big-is-private\"\nwhen = { model = \"rack/qwen\" }\nlabel = \"confidential\"\n\
         [[route]]\nname = \"home\"\nto = [\"device/*\"]\n",
    );
    let names = |model: &str| {
        let decision = policy.judge(prompt(model, "hello"), Caller::default()).decide(&Signals::default());
        let Outcome::Allow(permit) = &decision.outcome else { return vec!["refused".to_owned()] };
        permit.targets().iter().map(|target| target.name().to_owned()).collect()
    };
    assert_eq!(names("auto"), ["device/starter"]);
    assert_eq!(names("big"), ["frontier/big", "second/big", "device/starter"]);
    assert_eq!(names("rack/qwen"), ["rack/qwen", "device/starter"]);
    assert_eq!(names("nothing"), ["refused"]);
}

#[test]
fn a_route_with_nothing_in_reach_gives_way_to_the_next() {
    let policy = policy(
        "[[route]]\nname = \"out\"\nto = [\"zone:cloud\"]\n[[route]]\nname = \"home\"\nwhen = { label = \"restricted\" }\nto = [\"device/*\"]\n",
    );
    let decide = |label: &str| {
        let label = policy.labels().named(label).unwrap();
        let caller = Caller { label: Some(label), ..Caller::default() };
        policy.judge(prompt("auto", "hello"), caller).decide(&Signals::default())
    };
    assert_eq!(decide("public").rule.as_deref(), Some("out"));
    let restricted = decide("restricted");
    assert_eq!(restricted.rule.as_deref(), Some("home"));
    assert!(restricted.reasons_as_text().contains(&"route out has no target within device".to_owned()));
    let stranded = decide("confidential");
    assert!(matches!(stranded.outcome, Outcome::Refuse(Refusal::NoTarget)));
    assert_eq!(stranded.rule.as_deref(), Some("out"));
}

#[test]
fn the_outermost_zone_caps_every_ceiling() {
    use hearthgate_rules::policy::PolicyFile;
    let file = PolicyFile::parse(SHIPPED).unwrap();
    let policy = Arc::new(Policy::compile(&file, super::support::catalogue(), Zone::Device).unwrap());
    for model in ["auto", "frontier/big", "big", "rack/qwen"] {
        let decision = policy.judge(prompt(model, "hello"), Caller::default()).decide(&Signals::default());
        assert_eq!(reach(&decision), Some(Zone::Device));
    }

    let file = PolicyFile::parse(
        "[[ceiling_for]]\ntenant = \"clinic\"\nceiling = { public = \"premises\" }\n\
         [[route]]\nname = \"out\"\nto = [\"zone:cloud\", \"zone:premises\", \"device/*\"]\n",
    );
    let policy = Policy::compile(&file.unwrap(), super::support::catalogue(), Zone::Device);
    let caller = Caller { tenant: Some("clinic".to_owned()), ..Caller::default() };
    let decision =
        Arc::new(policy.unwrap()).judge(prompt("auto", "hello"), caller).decide(&Signals::default());
    assert_eq!(reach(&decision), Some(Zone::Device));
}

#[test]
fn a_permit_narrowed_to_one_target_names_no_other_and_reaches_no_further() {
    let policy = policy("[[route]]\nname = \"all\"\nto = [\"frontier/big\", \"rack/qwen\", \"device/*\"]\n");
    for (target, zone) in
        [("frontier/big", Zone::Cloud), ("rack/qwen", Zone::Premises), ("device/starter", Zone::Device)]
    {
        let decision = policy.judge(prompt("auto", "Hello!"), Caller::default()).decide(&Signals::default());
        let Outcome::Allow(permit) = decision.outcome else { panic!("refused") };
        let permit = permit.only(target);
        let names: Vec<_> = permit.targets().iter().map(|target| target.name()).collect();
        assert_eq!((names, permit.zone()), (vec![target], zone));
        // What it does not name is not won back, and leaves nothing to be sent.
        let none = permit.only("second/big");
        assert!(none.targets().is_empty() && none.zone() == Zone::Device);
        let wire = none.wire(0, |request, _, _| Ok(request.document().render(&[])));
        assert_eq!(wire.err(), Some(EncodeError::NotPermitted));
    }
}
