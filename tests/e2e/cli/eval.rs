//! `eval`: the figures of labelled prompts, and bounds that hold or break.

use std::fs;

use hearthgate_tests::configs::{EASY, HARD, all_at_home, hard_to_cloud};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::golden;
use serde_json::{Value, json};

use super::labelled::{line, run, six, with};
use super::{repository, setup};

#[tokio::test]
async fn the_figures_are_those_of_the_decisions() {
    let setup = with(&six());
    let told = run(&setup, &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    // Where the bands begin by default is no matter of these figures.
    let bands = told.stdout.lines().find(|line| line.starts_with("moderate from ")).unwrap();
    golden::check("eval.cli.txt", told.stdout.replace(bands, "moderate from M, hard from H").as_bytes());
    let told = run(&setup, &["eval", "--json", "--resamples", "200", "--seed", "7"]).await;
    let figures: Value = serde_json::from_str(&told.stdout).unwrap();
    let (moderate, hard) = (&figures["moderate"], &figures["hard"]);
    assert_eq!(bands, format!("moderate from {moderate}, hard from {hard}"));
    let begin = format!("\"moderate\":{moderate},\"hard\":{hard}");
    golden::check("eval.cli.json", told.stdout.replace(&begin, "\"moderate\":0,\"hard\":0").as_bytes());
    let again = run(&setup, &["eval", "--json", "--resamples", "200", "--seed", "7"]).await;
    assert_eq!(again.stdout, told.stdout);
    let value = |name: &str| figures[name]["value"].as_f64().unwrap();
    for (name, expected) in [
        ("judged_hard", 0.5),
        ("sent_to_cloud", 2.0 / 6.0),
        ("kept_home_by_privacy", 1.0 / 6.0),
        ("quality", 4.5 / 6.0),
        ("quality_all_local", 2.5 / 6.0),
        ("recovered", 2.0 / 3.5),
        ("hard_judged_easy", 1.0 / 3.0),
        ("easy_judged_hard", 0.5),
        ("agreement", 0.6),
        // Of three hard ones one may not leave.
        ("hard_kept_home", 0.5),
        ("easy_sent_out", 0.5),
        // Three wrong and judged hard; of the others 2.5 right and half a wrong one, all equal.
        ("ranking", (3.0 * 2.5 + 0.5 * 2.5 / 2.0) / (3.5 * 2.5)),
    ] {
        assert!((value(name) - expected).abs() < 1e-5, "{name}: {}", figures[name]);
    }
    // What a line does not say is unknown, never nothing.
    assert!(figures["usd_per_thousand_all_cloud"]["value"].is_null());
    assert!((value("usd_per_thousand") - 40.04 / 6.0).abs() < 1e-4);
    let expected = json!({"easy": {"easy": 1, "moderate": 0, "hard": 1},
        "moderate": {"easy": 0, "moderate": 0, "hard": 0}, "hard": {"easy": 1, "moderate": 0, "hard": 2}});
    assert_eq!(figures["confusion"], expected);
    assert_eq!(figures["hard_kept_home_lines"], json!([6]));
    assert_eq!(figures["easy_sent_out_lines"], json!([5]));
}

#[tokio::test]
async fn a_bound_holds_or_the_command_fails() {
    let setup = with(&six());
    for (bounds, code, words) in [
        (&["--at-least", "agreement=0.6", "--at-most", "easy_sent_out=0.5"][..], 0, ""),
        (&["--at-least", "agreement=0.61"], 1, "agreement at least 61.0 %: it is 60.0 %"),
        (&["--at-most", "hard_kept_home=0.08"], 1, "hard_kept_home at most 8.0 %: it is 50.0 %"),
        // Three of five are no proof of half.
        (&["--at-least", "agreement=0.5", "--sure"], 1, "its interval ends at 14.7 %"),
        (&["--at-least", "agreement=0.14", "--sure"], 0, ""),
        (&["--at-most", "usd_per_thousand_all_cloud=100"], 1, "a line lacks this cost"),
    ] {
        let told = run(&setup, &[&["eval"], bounds].concat()).await;
        assert_eq!(told.code, Some(code), "{bounds:?}: {}{}", told.stdout, told.stderr);
        assert!(told.stderr.contains(words), "{bounds:?}: {}", told.stderr);
        assert_eq!(told.stdout.contains("\nbroken  "), code == 1, "{}", told.stdout);
        assert_eq!(told.stdout.contains("\nholds   "), code == 0, "{}", told.stdout);
    }
    let told = run(&setup, &["eval", "--json", "--at-least", "agreement=0.9"]).await;
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let expected =
        json!([{"figure": "agreement", "at_least": 0.9, "sure": false, "held": 0.6, "holds": false}]);
    assert_eq!(told["bounds"], expected);
    let told = run(&setup, &["eval", "--at-least", "agrement=0.9"]).await;
    assert_eq!(told.code, Some(2), "{}", told.stdout);
    assert!(told.stderr.contains("did you mean `agreement`?"), "{}", told.stderr);
}

#[tokio::test]
async fn bands_alone_are_scored_and_what_they_cannot_tell_is_unknown() {
    let prompts = [json!({"prompt": EASY, "band": "easy"}), json!({"prompt": HARD, "band": "hard"})];
    let told = run(&with(&prompts), &["eval", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["agreement"]["value"], 1.0);
    // Two of two: 0.025^(1/2).
    assert_eq!(told["agreement"]["interval95"], json!([0.158_114, 1.0]));
    assert_eq!(told["outcomes"], 0);
    for figure in ["quality", "recovered", "area", "ranking"] {
        assert!(told[figure]["value"].is_null(), "{told}");
        assert_eq!(told[figure]["unknown"], "no line gives `local` and `cloud`");
    }
}

#[tokio::test]
async fn prompts_of_one_class_leave_open_what_they_cannot_tell() {
    let easy = [line(EASY, (1.0, 1.0), "easy"), line(EASY, (1.0, 1.0), "easy")];
    let told = run(&with(&easy), &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for words in [
        "no gap to recover",
        "the local model gets all of them right, or all of them wrong",
        "no line gives the `band` hard",
        "outcomes are known of 2: drawn intervals are too narrow for so few",
        // None of two went out, which says little.
        "0.0 %        2   0.0 % to 84.2 %",
    ] {
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
    let asked = run(&with(&easy), &["eval", "--at-most", "hard_kept_home=1"]).await;
    assert_eq!(asked.code, Some(1), "{}", asked.stdout);
}

#[tokio::test]
async fn another_policy_is_scored_in_place_of_the_configurations() {
    let setup = with(&six()).file("home.toml", &all_at_home()).file("bad.toml", "packs = [\"pi\"]");
    let told = run(&setup, &["eval", "--json", "--policy", "home.toml"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["sent_to_cloud"]["value"], 0.0);
    let told = run(&setup, &["calibrate", "--cloud-share", "0.3", "--policy", "home.toml"]).await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("no threshold makes a difference"), "{}", told.stderr);
    for command in [&["eval"][..], &["calibrate", "--quality", "0.9"]] {
        let told = run(&setup, &[command, &["--policy", "bad.toml"]].concat()).await;
        assert_eq!(told.code, Some(64), "{}", told.stdout);
        assert!(told.stderr.contains("bad.toml"), "{}", told.stderr);
    }
}

#[tokio::test]
async fn a_configuration_without_a_cloud_is_warned_of() {
    let lines: String = six().iter().map(|line| format!("{line}\n")).collect();
    let home = Setup::new("").file("labelled.jsonl", &lines);
    let told = home.command(&["eval", "labelled.jsonl"], b"").await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("no target of the configuration is in the zone cloud"), "{}", told.stderr);
}

#[tokio::test]
async fn a_fault_in_a_file_names_its_line_and_not_its_text() {
    let good = line(EASY, (0.0, 1.0), "easy").to_string();
    for (bad, words) in [
        (
            r#"{"promt":"Nightjar","local":0,"cloud":1}"#,
            "line 3: unknown key `promt`; did you mean `prompt`?",
        ),
        (r#"{"prompt":"Nightjar","local":0.5,"cloud":NaN}"#, "line 3: "),
        (r#"{"prompt":"Nightjar","local":0.5}"#, "line 3: `cloud` is missing"),
        (r#"{"prompt":"Nightjar"}"#, "line 3: nothing is known of it"),
        ("Nightjar", "line 3: "),
    ] {
        for command in [&["eval"][..], &["calibrate", "--cloud-share", "0.5"]] {
            let setup = setup(&hard_to_cloud()).file("labelled.jsonl", &format!("{good}\n\n{bad}\n"));
            let told = run(&setup, command).await;
            assert_eq!(told.code, Some(64), "{}", told.stdout);
            assert!(told.stderr.contains("labelled.jsonl") && told.stderr.contains(words), "{}", told.stderr);
            assert!(
                !told.stderr.contains("Nightjar") && !told.stdout.contains("Nightjar"),
                "{}",
                told.stderr
            );
        }
    }
    let empty = setup(&hard_to_cloud()).file("labelled.jsonl", "\n");
    let told = run(&empty, &["eval"]).await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("holds no labelled prompt"), "{}", told.stderr);
    let missing = setup(&hard_to_cloud());
    assert_eq!(run(&missing, &["eval"]).await.code, Some(64));
}

#[tokio::test]
async fn the_example_that_ships_can_be_scored_and_the_help_is_as_it_was() {
    let example = fs::read_to_string(repository("deploy/labelled.jsonl")).unwrap();
    let count = example.lines().count();
    let setup = setup(&hard_to_cloud()).file("labelled.jsonl", &example);
    let told = run(&setup, &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains(&format!("{count} prompts")), "{}", told.stdout);
    assert!(!told.stdout.contains("unknown"), "{}", told.stdout);
    assert!(!told.stderr.contains("the policy has"), "{}", told.stderr);
    let help = setup.command(&["eval", "--help"], b"").await;
    golden::check("eval.help.txt", help.stdout.as_bytes());
}

#[tokio::test]
async fn what_the_device_model_would_say_is_not_played_and_told_so() {
    let example = fs::read_to_string(repository("deploy/labelled.jsonl")).unwrap();
    let policy = hard_to_cloud()
        .replace("to = [\"device/*\"]", "to = [\"device/*\", \"zone:cloud\"]\nverify = {}")
        + "\n[difficulty.probe]\ntarget = \"device/home\"\n";
    let setup = setup(&policy).file("labelled.jsonl", &example);
    for command in [vec!["eval"], vec!["calibrate", "--cloud-share", "0.5"]] {
        let told = run(&setup, &command).await;
        for words in ["has a `[difficulty.probe]`", "has answers verified"] {
            assert!(told.stderr.contains(words), "{}", told.stderr);
        }
    }
}
