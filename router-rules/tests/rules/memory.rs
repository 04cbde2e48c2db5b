//! What stood in a private request gives a later one of the same caller its label, in any writing; and memory never
//! lowers one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::judge::{Caller, Judged, LabelReason};
use hearthgate_rules::memory::{Nothing, Plain};
use hearthgate_rules::policy::{Policy, SHIPPED};
use hearthgate_rules::target::Zone;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::support::{policy, prompt};

/// A private request: whose, what number, and what makes it private.
const PRIVATE: &str = "The patient Margaret Holloway, insurance number 4417 880 2291, was diagnosed with diabetes. \
    The password for her file is \"Kestrel!Morning77\".";

fn messages(messages: &[(&str, &str)]) -> ChatRequest {
    let messages: Vec<Value> =
        messages.iter().map(|(role, content)| json!({"role": role, "content": content})).collect();
    ChatRequest::openai(json!({"model": "auto", "messages": messages}).to_string()).unwrap()
}

fn after(policy: &Arc<Policy>, before: &str) -> Plain {
    Plain::after(policy, &Caller::default(), [prompt("auto", before)])
}

fn judge(policy: &Arc<Policy>, memory: &Plain, text: &str) -> Judged {
    policy.judge_remembering(prompt("auto", text), Caller::default(), memory)
}

fn label(judged: &Judged, policy: &Policy) -> String {
    policy.labels().name(judged.verdict().label).to_owned()
}

#[test]
fn what_made_it_private_may_be_trimmed() {
    let policy = policy(SHIPPED);
    let memory = after(&policy, PRIVATE);
    for text in [
        "Compare three ways to write to Margaret Holloway, step by step, and derive the best.",
        "Prove that MARGARET HOLLOWAY is well advised.",
        "What would Holloway, Margaret say to this theorem?",
        "margaret_holloway.txt is empty",
        "MARGARET ---------------------------------------------------------------------------------------------------\
         --------------------------------------------------------------------------------------------------- HOLLOWAY",
        "Margaret\u{200b} Hollo\u{ad}way",
        "Ｍａｒｇａｒｅｔ Ｈｏｌｌｏｗａｙ",
        "Mаrgаret Hоllоwаy asks about primes.",
        "The file is opened by kestrel morning 77.",
    ] {
        let judged = judge(&policy, &memory, text);
        assert_eq!(label(&judged, &policy), "restricted", "{text}");
        assert!(judged.verdict().label_reasons.iter().any(|(reason, _)| *reason == LabelReason::Remembered));
        let [known] = &judged.verdict().remembered[..] else {
            panic!("{text}: {:?}", judged.verdict().remembered)
        };
        let here = &text[known.span.start as usize..known.span.end as usize];
        assert!(
            here.to_lowercase().ends_with(['y', 't', 'ｙ', '7']) && !here.starts_with(' '),
            "{text}: {here}"
        );
        let decision = judged.decide(&Signals::default());
        assert_eq!(decision.target().unwrap().zone(), Zone::Device);
        assert!(decision.reasons_as_text().iter().any(|reason| reason.contains("remembered")));
    }
    let encoded = format!("Open {} please.", STANDARD.encode("It is for Margaret Holloway, as you know."));
    assert_eq!(label(&judge(&policy, &memory, &encoded), &policy), "restricted");
}

#[test]
fn what_is_no_more_than_alike_is_let_through() {
    let policy = policy(SHIPPED);
    let memory = after(&policy, PRIVATE);
    for text in [
        "Margaret Hollow writes about primes.",
        "Diabetes is a disease; how does it come about?",
        "Is 4417 a prime? And 2291?",
        "Kestrels hunt in the morning.",
        "insurance number and password are nouns",
    ] {
        let judged = judge(&policy, &memory, text);
        assert_eq!(judged.verdict().remembered, [], "{text}");
        let plain = policy.judge(prompt("auto", text), Caller::default());
        assert_eq!(judged.verdict().label, plain.verdict().label, "{text}");
    }
}

#[test]
fn what_is_not_private_is_not_remembered() {
    let policy = policy(SHIPPED);
    let judged = policy.judge(prompt("auto", "Who was Margaret Holloway, the painter?"), Caller::default());
    assert_eq!(judged.keepsakes(), []);
    // An operator's own messages come with every request.
    let operator = messages(&[("system", PRIVATE), ("user", "hello")]);
    let judged = policy.judge(operator, Caller::default());
    assert!(judged.verdict().label > policy.unlabelled());
    assert_eq!(judged.keepsakes(), []);
}

#[test]
fn it_is_found_wherever_it_stands() {
    let policy = policy(SHIPPED);
    let memory = after(&policy, PRIVATE);
    let bodies = [
        json!({"model": "auto", "messages": [{"role": "assistant", "content": "As Margaret Holloway said"}, {"role": "user", "content": "go on"}]}),
        json!({"model": "auto", "metadata": {"note": "margaret holloway"}, "messages": [{"role": "user", "content": "go on"}]}),
        json!({"model": "auto", "messages": [{"role": "user", "content": "go on", "Margaret Holloway": 1}]}),
        json!({"model": "auto", "messages": [{"role": "system", "content": "So far: Margaret Holloway."}, {"role": "user", "content": "go on"}]}),
    ];
    for body in bodies {
        let request = ChatRequest::openai(body.to_string()).unwrap();
        let judged = policy.judge_remembering(request, Caller::default(), &memory);
        assert_eq!(label(&judged, &policy), "restricted", "{body}");
    }
}

#[test]
fn a_sentence_of_a_long_private_text_is_known_again() {
    let policy =
        policy("packs = [\"secrets\"]\n[[route]]\nname = \"r\"\nto = [\"zone:cloud\", \"device/*\"]\n");
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n\
        MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\nNMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s\n\
        -----END PRIVATE KEY-----";
    let memory = after(&policy, &format!("Here is my key:\n{key}\n"));
    let later = "And MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\nNMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCd is what?";
    assert_eq!(label(&judge(&policy, &memory, later), &policy), "restricted");
}

#[test]
fn a_name_beside_what_is_private_is_remembered() {
    let policy = policy(SHIPPED);
    for text in [
        "Charge the card 4539 1488 0343 6467 of Jessica Miller.",
        "Jessica Miller asks us to charge her card 4539 1488 0343 6467 today. Write her a short answer.",
        "Dear Jessica Miller, your card 4539 1488 0343 6467 has been charged. Kind regards, Peter Lindqvist",
        "Please tell Jessica Miller that her IBAN DE07 3704 0044 0812 0139 00 is wrong.",
    ] {
        let judged = judge(&policy, &after(&policy, text), "Compare two plans for Jessica Miller.");
        assert_eq!(label(&judged, &policy), "restricted", "{text}");
    }
}

#[test]
fn neither_keepsakes_nor_memories_show_text() {
    let policy = policy(SHIPPED);
    let judged = policy.judge(prompt("auto", PRIVATE), Caller::default());
    let shown = format!("{:?} {:?} {:?}", judged.keepsakes(), after(&policy, PRIVATE), judged);
    assert!(!shown.to_lowercase().contains("holloway"), "{shown}");
}

#[test]
fn looking_is_bounded_and_what_is_not_looked_at_stays_home() {
    let policy = policy(SHIPPED);
    let memory = after(&policy, PRIVATE);
    let repeated = "margare ".repeat(60_000);
    assert_eq!(label(&judge(&policy, &memory, &repeated), &policy), "restricted");
}

/// Sentences with and without something to find.
const SENTENCES: [&str; 8] = [
    "The weather in Lisbon is mild today.",
    "Please write to maria.keller@keller-bakery.de about it.",
    "Transfer it to DE07 3704 0044 0812 0139 00.",
    "My patient Margaret Holloway has diabetes.",
    "Call +49 30 23125042 tomorrow.",
    "Margaret Holloway is a name.",
    "password = \"tr0ub4dor&3xyz\"",
    "Prove that the series converges, step by step, and derive the bound.",
];

proptest! {
    #[test]
    fn memory_never_lowers_a_label(
        before in proptest::collection::vec(select(SENTENCES.to_vec()), 0..4),
        now in proptest::collection::vec((select(vec!["user", "assistant", "system"]), select(SENTENCES.to_vec())), 1..4),
    ) {
        let policy = policy(SHIPPED);
        let requests: Vec<_> = before.iter().map(|text| prompt("auto", text)).collect();
        let memory = Plain::after(&policy, &Caller::default(), requests);
        let plain = policy.judge_remembering(messages(&now), Caller::default(), &Nothing);
        let remembering = policy.judge_remembering(messages(&now), Caller::default(), &memory);
        prop_assert!(remembering.verdict().label >= plain.verdict().label);
        prop_assert_eq!(remembering.own_label(), plain.verdict().label);
        prop_assert_eq!(&remembering.verdict().findings, &plain.verdict().findings);
        let highest = remembering.verdict().remembered.iter().map(|known| known.label).max();
        prop_assert!(remembering.verdict().label >= highest.unwrap_or(plain.verdict().label));
        // And what was private before is private again, alone or not.
        for text in &before {
            let first = policy.judge(prompt("auto", text), Caller::default()).verdict().label;
            if now.iter().any(|(_, said)| said == text) {
                prop_assert!(remembering.verdict().label >= first);
            }
        }
    }
}
