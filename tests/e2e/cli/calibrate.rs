//! `eval` and `calibrate`: figures of labelled prompts, and thresholds that a policy takes.
//!
//! What is compared letter by letter rests on prompts that are easy or hard beyond doubt, never on their exact scores.

use std::fs;

use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud};
use hearthgate_tests::gateway::{Finished, Setup};
use hearthgate_tests::golden;
use serde_json::{Value, json};

use super::{repository, setup};

fn line(prompt: &str, (local, cloud): (f64, f64), band: &str) -> Value {
    json!({"prompt": prompt, "local": local, "cloud": cloud, "band": band,
        "local_cost_usd": 0.00001, "cloud_cost_usd": 0.02})
}

fn six() -> Vec<Value> {
    let kept = format!("{HARD} {PRIVATE}");
    let mut lines = vec![
        line(EASY, (1.0, 1.0), "easy"),
        line(HARD, (0.0, 1.0), "hard"),
        line(EASY, (1.0, 1.0), "easy"),
        line(&kept, (0.0, 1.0), "hard"),
        line(HARD, (0.0, 1.0), "easy"),
        line(EASY, (0.5, 1.0), "hard"),
    ];
    lines[0] = json!({"messages": [{"role": "user", "content": EASY}], "id": 1, "local": true, "cloud": true,
        "local_cost_usd": 0.00001});
    lines[1]["body"] = json!({"model": "auto", "messages": [{"role": "user", "content": HARD}]});
    lines[1].as_object_mut().unwrap().remove("prompt");
    lines
}

fn with(lines: &[Value]) -> Setup {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    setup(&hard_to_cloud()).file("labelled.jsonl", &text)
}

async fn run(setup: &Setup, arguments: &[&str]) -> Finished {
    let line = [arguments, &["--config", "hearthgate.toml", "labelled.jsonl"]].concat();
    setup.command(&line, b"").await
}

#[tokio::test]
async fn the_figures_are_those_of_the_decisions() {
    let setup = with(&six());
    let told = run(&setup, &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    golden::check("eval.cli.txt", told.stdout.as_bytes());
    let told = run(&setup, &["eval", "--json", "--resamples", "200", "--seed", "7"]).await;
    golden::check("eval.cli.json", told.stdout.as_bytes());
    let again = run(&setup, &["eval", "--json", "--resamples", "200", "--seed", "7"]).await;
    assert_eq!(again.stdout, told.stdout);
    let figures: Value = serde_json::from_str(&told.stdout).unwrap();
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
    ] {
        assert!((value(name) - expected).abs() < 1e-5, "{name}: {}", figures[name]);
    }
    // What a line does not say is unknown, never nothing.
    assert!(figures["usd_per_thousand_all_cloud"]["value"].is_null());
    assert!((value("usd_per_thousand") - 40.04 / 6.0).abs() < 1e-4);
}

#[tokio::test]
async fn a_section_for_a_share_is_taken_by_the_policy_and_gives_that_share() {
    let setup = with(&six());
    let arguments = ["calibrate", "--cloud-share", "0.35", "--svg", "curve.svg", "--out", "difficulty.toml"];
    let told = run(&setup, &arguments).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let table: Vec<&str> = told.stdout.lines().filter(|line| line.starts_with("> ")).collect();
    assert_eq!(table.len(), 1, "{}", told.stdout);
    assert!(table[0].contains("33.3 %") && table[0].contains("75.0 %"), "{}", told.stdout);

    let section = fs::read_to_string(setup.folder().join("difficulty.toml")).unwrap();
    fs::write(setup.folder().join("policy.toml"), format!("{}\n{section}", hard_to_cloud())).unwrap();
    let checked = setup.command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    let scored = run(&setup, &["eval", "--json"]).await;
    let scored: Value = serde_json::from_str(&scored.stdout).unwrap();
    assert_eq!(scored["sent_to_cloud"]["value"], 0.333_333, "{scored}");

    let svg = fs::read_to_string(setup.folder().join("curve.svg")).unwrap();
    assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(svg.contains("requests sent to the cloud (%)") && svg.contains("33.3 % to the cloud"), "{svg}");
    // A file of its own is written over, and nobody else's.
    assert_eq!(run(&setup, &arguments).await.code, Some(0));
    let foreign = run(&setup, &["calibrate", "--cloud-share", "0.35", "--out", "policy.toml"]).await;
    assert_eq!(foreign.code, Some(64), "{}", foreign.stdout);
    assert!(foreign.stderr.contains("policy.toml"), "{}", foreign.stderr);
}

#[tokio::test]
async fn a_target_that_cannot_be_met_is_said_with_the_nearest() {
    let setup = with(&six());
    for (target, words) in [
        (["--cloud-share", "0.9"], "the nearest is 83.3 %"),
        (["--quality", "0.95"], "the nearest is 71.4 %"),
    ] {
        let told = run(&setup, &[&["calibrate"], &target[..], &["--out", "none.toml"]].concat()).await;
        assert_eq!(told.code, Some(1), "{}", told.stdout);
        assert!(told.stderr.contains("cannot be met") && told.stderr.contains(words), "{}", told.stderr);
        assert!(told.stdout.contains("[difficulty]"), "{}", told.stdout);
        assert!(!setup.folder().join("none.toml").exists());
    }
    let unpriced = run(&setup, &["calibrate", "--budget-usd", "5"]).await;
    assert_eq!(unpriced.code, Some(64), "{}", unpriced.stdout);
    assert!(unpriced.stderr.contains("line 1: `cloud_cost_usd` is missing"), "{}", unpriced.stderr);
    let priced = with(&six()[1..]);
    let told = run(&priced, &["calibrate", "--budget-usd", "10"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("> "), "{}", told.stdout);
}

#[tokio::test]
async fn labels_without_a_gap_and_policies_without_a_cloud_are_told_so() {
    let same: Vec<Value> = [EASY, HARD].map(|prompt| line(prompt, (1.0, 1.0), "easy")).to_vec();
    let setup = with(&same);
    let told = run(&setup, &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("no gap to recover"), "{}", told.stdout);
    let told = run(&setup, &["calibrate", "--quality", "0.9"]).await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("no gap to recover"), "{}", told.stderr);

    let lines: String = six().iter().map(|line| format!("{line}\n")).collect();
    let home = Setup::new("").file("labelled.jsonl", &lines);
    let told = home.command(&["eval", "labelled.jsonl"], b"").await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("no target of the configuration is in the zone cloud"), "{}", told.stderr);
    let told = home.command(&["calibrate", "--cloud-share", "0.3", "labelled.jsonl"], b"").await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("no threshold makes a difference"), "{}", told.stderr);
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
async fn the_example_that_ships_can_be_scored_and_calibrated() {
    let example = fs::read_to_string(repository("deploy/labelled.jsonl")).unwrap();
    let count = example.lines().count();
    let setup = setup(&hard_to_cloud()).file("labelled.jsonl", &example);
    let told = run(&setup, &["eval"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains(&format!("{count} prompts")), "{}", told.stdout);
    assert!(!told.stdout.contains("unknown"), "{}", told.stdout);
    for target in [["--cloud-share", "0.3"], ["--quality", "0.5"], ["--budget-usd", "5"]] {
        let told = run(&setup, &[&["calibrate"], &target[..]].concat()).await;
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    }
}
