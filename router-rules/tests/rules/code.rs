//! What speaks of code and what does not: cases as data, and what must not change the answer.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::difficulty;
use hearthgate_rules::judge::{Caller, JudgingFault};
use hearthgate_rules::policy::cases::CaseFile;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::support::{policy, prompt, try_policy};

const POLICY: &str = "[[route]]\nname = \"code\"\nwhen = { code = true }\nto = [\"rack/*\", \"device/*\"]\neffort = \"deliberate\"\n\
    [[route]]\nname = \"otherwise\"\nto = [\"device/*\"]\neffort = \"quick\"\n";

const CASES: &str = include_str!("code.toml");

/// Short demands of many languages.
const TAUGHT: &str = include_str!("../../difficulty/data/own.txt");

fn demands() -> Vec<String> {
    let lines = TAUGHT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.splitn(3, ' ').nth(2)).map(|text| text.replace("\\n", "\n")).collect()
}

fn code(text: &str) -> bool {
    difficulty::speaks_of_code(&prompt("auto", text))
}

#[test]
fn every_case_is_told_and_goes_where_it_should() {
    let reports = CaseFile::parse(CASES).unwrap_or_else(|error| panic!("{error}")).run(&policy(POLICY));
    let wrong: Vec<_> = reports.iter().filter(|report| !report.differences.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(reports.len() > 80);
}

#[test]
fn a_case_that_expects_the_opposite_says_so() {
    let text =
        "[[case]]\nname = \"c\"\nprompt = \"What is the capital of France?\"\nexpect = { code = true }\n";
    let report = CaseFile::parse(text).unwrap().run(&policy(POLICY)).remove(0);
    assert_eq!(report.differences, ["code: expected true, got false"]);
}

#[test]
fn a_route_may_ask_for_its_absence_and_a_rule_for_neither() {
    let text = POLICY.replace("code = true", "code = false");
    let decide = |text: &str, asked: &str| {
        let decision =
            policy(text).judge(prompt("auto", asked), Caller::default()).decide(&Signals::default());
        (decision.rule.clone().unwrap(), decision.reasons_as_text())
    };
    let (programs, flowers) = ("How do I sort a list in Python?", "Which flowers like shade?");
    let says = |text: &str| vec![text.to_owned()];
    assert_eq!(decide(&text, programs), ("otherwise".to_owned(), says("it speaks of code")));
    assert_eq!(decide(&text, flowers), ("code".to_owned(), says("it does not speak of code")));
    assert_eq!(decide(POLICY, programs).0, "code");
    // A policy that does not ask is told nothing of it.
    let unasked = "[[route]]\nname = \"all\"\nto = [\"device/*\"]\n";
    assert_eq!(decide(unasked, programs).1, Vec::<String>::new());
    let rule = "[[rule]]\nname = \"r\"\nwhen = { code = true }\nlabel = \"internal\"\n";
    let refused = try_policy(&format!("{rule}{POLICY}")).unwrap_err().to_string();
    assert!(refused.contains("`r`") && refused.contains("code"), "{refused}");
}

#[test]
fn what_could_not_be_judged_does_not_speak_of_code() {
    let request = prompt("auto", "How do I sort a list in Python?");
    let judged = policy(POLICY).give_up(JudgingFault::Timeout, request, Caller::default());
    let decision = judged.decide(&Signals::default());
    assert_eq!(decision.rule.as_deref(), Some("otherwise"));
    assert!(decision.reasons_as_text().iter().all(|reason| !reason.contains("code")));
}

proptest! {
    #[test]
    fn every_dialect_is_told_the_same_and_what_was_answered_before_does_not_count(
        text in select(demands()),
        before in select(demands()),
    ) {
        // Turns that send the demand before them back are tried elsewhere.
        let turns = json!([{"role": "user", "content": before}, {"role": "assistant", "content": "Here it is."},
            {"role": "user", "content": text}]);
        let alone = code(&text);
        let bodies = [
            (Dialect::OpenAiChat, json!({"model": "auto", "messages": turns})),
            (Dialect::AnthropicMessages, json!({"model": "auto", "max_tokens": 9, "messages": turns})),
            (Dialect::OpenAiResponses, json!({"model": "auto", "input": turns})),
        ];
        let told = bodies.map(|(dialect, body)| {
            difficulty::speaks_of_code(&ChatRequest::read(dialect, body.to_string()).unwrap())
        });
        prop_assert!(told == [told[0]; 3]);
        prop_assert!(told[0] == alone || told[0] && code(&before), "{} after {}", text, before);
    }

    #[test]
    fn code_that_is_shown_is_never_overlooked(text in select(demands()), behind: bool) {
        let shown = "```python\ndef total(items):\n    return sum(items)\n```";
        let text = if behind { format!("{text}\n\n{shown}") } else { format!("{shown}\n\n{text}") };
        prop_assert!(code(&text), "{}", text);
    }

    #[test]
    fn every_text_is_told_and_always_the_same(text in "\\PC{0,400}") {
        prop_assert_eq!(code(&text), code(&text));
    }
}
