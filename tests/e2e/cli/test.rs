//! `test`: policy cases.

use std::fs;

use hearthgate_tests::gateway::Setup;

use super::{repository, setup};

const GOOD: &str = "[[case]]
name = \"small talk\"
prompt = \"What is the capital of France?\"
expect = { label = \"public\", zone = \"device\" }
";

#[tokio::test]
async fn the_cases_that_ship_hold_with_the_policies_that_ship() {
    let cases = repository("deploy/policy-cases.toml");
    let cases = cases.to_str().unwrap();
    let count = fs::read_to_string(cases).unwrap().matches("[[case]]").count();
    let example = repository("deploy/hearthgate.toml");
    let configurations = [vec!["test", cases], vec!["test", "--config", example.to_str().unwrap(), cases]];
    for arguments in configurations {
        let tested = Setup::new("").env("OPENAI_API_KEY", "x").command(&arguments, b"").await;
        assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);
        assert!(tested.stdout.contains(&format!("{count} passed, 0 failed")), "{}", tested.stdout);
    }
}

#[tokio::test]
async fn what_is_known_of_a_workflow_counts_for_cases_too() {
    let (config, cases) = (repository("deploy/hearthgate.toml"), repository("deploy/workflow-cases.toml"));
    let line = ["test", "--config", config.to_str().unwrap(), cases.to_str().unwrap()];
    let tested = Setup::new("").env("OPENAI_API_KEY", "x").command(&line, b"").await;
    assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);
    assert!(tested.stdout.contains("8 passed, 0 failed"), "{}", tested.stdout);
}

#[tokio::test]
async fn a_case_that_fails_is_told_with_what_differs() {
    let bad = GOOD.replace("\"device\"", "\"cloud\"").replace("small talk", "wrong on purpose");
    let setup =
        setup(&hearthgate_tests::configs::hard_to_cloud()).file("cases.toml", &(GOOD.to_owned() + &bad));
    let tested = setup.command(&["test", "--config", "hearthgate.toml", "cases.toml"], b"").await;
    assert_eq!(tested.code, Some(1), "{}", tested.stdout);
    assert!(tested.stdout.contains("1 passed, 1 failed"), "{}", tested.stdout);
    for words in ["wrong on purpose", "zone", "device", "cloud"] {
        assert!(tested.stdout.contains(words), "{words}: {}", tested.stdout);
    }
    assert!(!tested.stdout.contains("capital"), "what a case says is not repeated");
}

#[tokio::test]
async fn a_folder_is_walked_and_a_file_of_no_cases_is_refused() {
    let setup =
        setup(&hearthgate_tests::configs::hard_to_cloud()).file("one.toml", GOOD).file("two.toml", GOOD);
    let tested = setup.command(&["test", "--config", "hearthgate.toml", "."], b"").await;
    assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);
    assert!(tested.stdout.contains("2 passed, 0 failed"), "{}", tested.stdout);

    let broken = ["[[case]]\nname = \"x\"\npromt = \"y\"\nexpect = {}\n", "not toml"];
    for text in broken {
        let setup = Setup::new("").file("cases.toml", text);
        let refused = setup.command(&["test", "cases.toml"], b"").await;
        assert_eq!(refused.code, Some(64), "{}", refused.stdout);
        assert!(refused.stderr.contains("cases.toml"), "{}", refused.stderr);
    }
    let nowhere = Setup::new("").command(&["test", "nowhere.toml"], b"").await;
    assert_eq!(nowhere.code, Some(64), "{}", nowhere.stderr);
}
