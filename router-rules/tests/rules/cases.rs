//! The runner of policy cases.

use hearthgate_rules::policy::cases::CaseFile;

use super::support::policy;

const POLICY: &str = "[[route]]\nname = \"no-nightly\"\nwhen = { workflow = \"nightly\" }\nrefuse = \"not at night\"\n\
    [[route]]\nname = \"out\"\nwhen = { budget = \"ample\" }\nto = [\"frontier/big\", \"rack/qwen\", \"device/*\"]\neffort = \"deliberate\"\n\
    [[route]]\nname = \"home\"\nto = [\"device/*\"]\neffort = \"quick\"\n";

fn run(case: &str) -> Vec<String> {
    let file =
        CaseFile::parse(&format!("[[case]]\nname = \"c\"\n{case}")).unwrap_or_else(|error| panic!("{error}"));
    file.run(&policy(POLICY)).remove(0).differences
}

#[test]
fn cases_pass_where_the_decision_is_as_expected() {
    for case in [
        "prompt = \"canary\"\nexpect = { label = \"public\", zone = \"cloud\", target = \"frontier/big\", rule = \"out\", effort = \"deliberate\", findings = [] }",
        "prompt = \"canary\"\nlabel = \"confidential\"\nexpect = { label = \"confidential\", zone = \"premises\", reasons = [\"by the caller's word\", \"frontier/big lies beyond premises\"] }",
        "prompt = \"canary\"\nconversation = \"restricted\"\nexpect = { label = \"restricted\", zone = \"device\" }",
        "prompt = \"canary\"\nzone = \"device\"\neffort = \"quick\"\nexpect = { label = \"public\", target = \"device/starter\", effort = \"quick\" }",
        "prompt = \"canary\"\nbudget = \"exhausted\"\nexpect = { rule = \"home\", effort = \"quick\" }",
        "prompt = \"canary\"\ndown = [\"frontier/big\"]\nexpect = { target = \"rack/qwen\", reasons = [\"frontier/big is down\"] }",
        "prompt = \"canary\"\nworkflow = \"nightly\"\nexpect = { refused = \"refused_by_policy\", rule = \"no-nightly\" }",
        "prompt = \"canary\"\nmodel = \"nothing\"\nexpect = { refused = \"model_not_found\" }",
        "body = '''{\"model\":\"device/starter\",\"messages\":[{\"role\":\"user\",\"content\":\"canary\"}]}'''\nexpect = { target = \"device/starter\", zone = \"device\" }",
    ] {
        assert_eq!(run(case), Vec::<String>::new(), "{case}");
    }
}

#[test]
fn differences_name_what_was_expected_and_what_came() {
    let differences = run(
        "prompt = \"canary\"\nexpect = { label = \"restricted\", zone = \"device\", rule = \"home\", refused = \"no_permitted_target\", findings = [\"email\"], reasons = [\"nonsense\"] }",
    );
    assert_eq!(
        differences,
        [
            "label: expected restricted, got public",
            "zone: expected device, got cloud",
            "rule: expected home, got out",
            "refused: expected no_permitted_target, got none",
            "findings: expected email, got none",
            "reasons: none says `nonsense`; they are: ",
        ]
    );
}

#[test]
fn cases_that_cannot_be_run_say_why_and_never_show_the_prompt() {
    for (case, says) in [
        ("expect = {}", "give either `prompt` or `body`"),
        ("prompt = \"canary\"\nbody = \"{}\"\nexpect = {}", "give either `prompt` or `body`"),
        ("body = \"{}\"\nmodel = \"auto\"\nexpect = {}", "`model` stands in the `body` itself"),
        (
            "body = '{\"model\":\"auto\",\"canary\":1,\"canary\":2}'\nexpect = {}",
            "body: an object holds the same key twice",
        ),
        ("prompt = \"canary\"\nlabel = \"restrictd\"\nexpect = {}", "did you mean `restricted`?"),
        (
            "prompt = \"canary\"\ndown = [\"rack/qwne\"]\nexpect = {}",
            "unknown target `rack/qwne`; did you mean `rack/qwen`?",
        ),
        ("prompt = \"canary\"\nbudget = \"exhaust\"\nexpect = {}", "did you mean `exhausted`?"),
        ("prompt = \"canary\"\nexpect = { rule = \"hom\" }", "unknown route `hom`; did you mean `home`?"),
        ("prompt = \"canary\"\nexpect = { findings = [\"emial\"] }", "did you mean `email`?"),
        ("prompt = \"canary\"\nexpect = { label = \"restrictd\" }", "did you mean `restricted`?"),
    ] {
        let differences = run(case);
        assert!(differences.len() == 1 && differences[0].contains(says), "{case}: {differences:?}");
        assert!(!differences[0].contains("canary"), "{differences:?}");
    }
}

#[test]
fn unknown_keys_are_refused_with_a_suggestion() {
    let error = CaseFile::parse("[[case]]\nname = \"c\"\npromt = \"canary\"\nexpect = {}").unwrap_err();
    assert_eq!(error.line, 3);
    assert!(error.message.contains("did you mean `prompt`?"), "{error}");
    let file = CaseFile::parse("[[case]]\nname = \"c\"\nprompt = \"canary\"\nexpect = {}").unwrap();
    assert!(!format!("{file:?}").contains("canary"));
}

#[test]
fn the_shipped_policy_passes_its_cases() {
    let file = CaseFile::parse(include_str!("../../../deploy/policy-cases.toml")).unwrap();
    assert!(file.case.len() > 20);
    for report in file.run(&policy(hearthgate_rules::policy::SHIPPED)) {
        assert!(report.passed(), "{}: {}", report.name, report.differences.join("; "));
    }
}
