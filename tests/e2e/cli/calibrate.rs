//! `calibrate`: thresholds that a policy takes, and how sure they are.

use std::fs;

use hearthgate_tests::configs::{EASY, HARD, hard_to_cloud};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::golden;
use serde_json::{Value, json};

use super::labelled::{line, run, six, with};
use super::repository;

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
    let foreign = run(&setup, &["calibrate", "--cloud-share", "0.35", "--svg", "policy.toml"]).await;
    assert_eq!(foreign.code, Some(64), "{}", foreign.stdout);
    let policy = fs::read_to_string(setup.folder().join("policy.toml")).unwrap();
    assert!(policy.contains("[[route]]"), "{policy}");
}

#[tokio::test]
async fn a_target_that_cannot_be_met_is_said_with_the_nearest() {
    let setup = with(&six());
    for (target, words) in [
        (["--cloud-share", "0.9"], "the nearest is 83.3 %"),
        (["--quality", "0.95"], "the nearest is 83.3 % of 100.0 %"),
        (["--recovered", "0.95"], "the nearest is 71.4 %"),
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
async fn how_sure_the_choice_is_is_told_and_the_seed_tells_it_again() {
    // Twenty prompts that tell themselves apart: no draw is without both kinds.
    let lines: Vec<Value> = (0..20)
        .map(|index| match index % 2 {
            0 => line(EASY, (1.0, 1.0), "easy"),
            _ => line(HARD, (0.0, 1.0), "hard"),
        })
        .collect();
    let setup = with(&lines);
    let arguments = ["calibrate", "--quality", "0.95", "--resamples", "200", "--seed", "7"];
    let told = run(&setup, &arguments).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("chosen anew on 200 of 200 draws, seed 7: hard from "), "{}", told.stdout);
    assert!(told.stdout.contains("quality 100.0 % (all cloud: 100.0 %)"), "{}", told.stdout);
    assert!(told.stdout.contains("is met in 100.0 % of the draws"), "{}", told.stdout);
    // Ten of twenty right, and twenty of twenty.
    assert!(told.stdout.contains("27.2 % to 72.8 %"), "{}", told.stdout);
    assert!(told.stdout.contains("83.2 % to 100.0 %"), "{}", told.stdout);
    assert_eq!(run(&setup, &arguments).await.stdout, told.stdout);
    // Without a gap in what one draw holds there is nothing to be chosen by.
    let few = with(&lines[..1]);
    let told = run(&few, &["calibrate", "--cloud-share", "1"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("too few prompts to say how sure this is"), "{}", told.stdout);
}

#[tokio::test]
async fn labels_that_cannot_be_chosen_by_and_policies_without_a_cloud_are_told_so() {
    let same: Vec<Value> = [EASY, HARD].map(|prompt| line(prompt, (1.0, 1.0), "easy")).to_vec();
    let told = run(&with(&same), &["calibrate", "--recovered", "0.9"]).await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("no gap to recover"), "{}", told.stderr);

    let mut unasked = six();
    unasked[2] = json!({"prompt": EASY, "band": "easy"});
    let told = run(&with(&unasked), &["calibrate", "--cloud-share", "0.3"]).await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("line 3: `local` and `cloud` are missing"), "{}", told.stderr);

    let lines: String = six().iter().map(|line| format!("{line}\n")).collect();
    let home = Setup::new("").file("labelled.jsonl", &lines);
    let told = home.command(&["calibrate", "--cloud-share", "0.3", "labelled.jsonl"], b"").await;
    assert_eq!(told.code, Some(64), "{}", told.stdout);
    assert!(told.stderr.contains("no threshold makes a difference"), "{}", told.stderr);
}

#[tokio::test]
async fn the_example_that_ships_can_be_calibrated_and_the_help_is_as_it_was() {
    let example = fs::read_to_string(repository("deploy/labelled.jsonl")).unwrap();
    let setup = super::setup(&hard_to_cloud()).file("labelled.jsonl", &example);
    for target in
        [["--cloud-share", "0.3"], ["--quality", "0.8"], ["--recovered", "0.5"], ["--budget-usd", "5"]]
    {
        let told = run(&setup, &[&["calibrate"], &target[..]].concat()).await;
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    }
    let help = setup.command(&["calibrate", "--help"], b"").await;
    golden::check("calibrate.help.txt", help.stdout.as_bytes());
}

/// What rests on exact scores is no matter of a golden file.
fn masked(value: &mut Value) {
    const OF_SCORES: [&str; 7] = ["hard", "moderate", "hard_interval95", "from", "to", "score", "section"];
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
            if OF_SCORES.contains(&name.as_str()) && !value.is_null() {
                *value = json!("*");
            }
            masked(value);
        }),
        Value::Array(items) => items.iter_mut().for_each(masked),
        _ => {}
    }
}

fn golden_of(name: &str, told: &str) {
    let mut told: Value = serde_json::from_str(told).unwrap();
    for point in told["calibration"].as_array_mut().into_iter().flatten() {
        point[0] = json!("*");
    }
    masked(&mut told);
    golden::check(name, format!("{told:#}\n").as_bytes());
}

#[tokio::test]
async fn programs_are_told_all_of_it_in_a_shape_that_stays() {
    let priced = with(&six()[1..]);
    let told = run(&priced, &["calibrate", "--cloud-share", "0.4", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    golden_of("calibrate.cli.json", &told.stdout);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(told["section"].as_str().unwrap().contains("[difficulty]"), "{told}");

    let lines: Vec<Value> = (0..24)
        .map(|index| match index % 2 {
            0 => line(EASY, (1.0, 1.0), "easy"),
            _ => line(HARD, (0.0, 1.0), "hard"),
        })
        .collect();
    let told = run(&with(&lines), &["calibrate", "--table", "device/home", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    golden_of("calibrate.table.json", &told.stdout);
}

#[tokio::test]
async fn a_budget_may_be_of_a_request_or_a_month_and_chooses_alike() {
    let priced = with(&six()[1..]);
    let mut chosen = Vec::new();
    for target in [
        &["--budget-usd", "9"][..],
        &["--budget-usd-per-request", "0.009"],
        &["--budget-usd-per-month", "450", "--requests-per-month", "50000"],
    ] {
        let told = run(&priced, &[&["calibrate", "--json"], target].concat()).await;
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        let asked = format!("calibrate {}`", target.join(" "));
        assert!(told["section"].as_str().unwrap().contains(&asked), "{told}");
        chosen.push((told["chosen"].clone(), told["curve"].clone()));
    }
    assert!(chosen.windows(2).all(|pair| pair[0] == pair[1]), "{chosen:?}");
    let poor = run(&priced, &["calibrate", "--budget-usd-per-request", "0"]).await;
    assert_eq!(poor.code, Some(1), "{}", poor.stdout);
    assert!(poor.stderr.contains("`--budget-usd-per-request 0` cannot be met"), "{}", poor.stderr);
}

#[tokio::test]
async fn a_table_wants_enough_prompts_and_the_models_own_answers() {
    let few = run(&with(&six()), &["calibrate", "--table", "home"]).await;
    assert_eq!(few.code, Some(64), "{}", few.stdout);
    assert!(few.stderr.contains("there are 6 prompts with outcomes"), "{}", few.stderr);
    let mut others = six();
    others[3]["local_target"] = json!("device/other");
    let others = run(&with(&others), &["calibrate", "--table", "home"]).await;
    assert_eq!(others.code, Some(64), "{}", others.stdout);
    assert!(others.stderr.contains("line 4: the local answer is of `device/other`"), "{}", others.stderr);
}
