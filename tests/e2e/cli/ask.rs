//! `calibrate --ask`: both models asked through the site's own configuration, and their answers graded.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Finished, Setup};
use serde_json::{Value, json};

/// What the stand-in for the cloud says; the model of the process says "Hello from this device.".
const SAID: &str = "Let us see: 6 times 7 is 42";

/// Right at home; right in the cloud; kept at home; right by a program, in the cloud; wrong at both.
fn five() -> Vec<Value> {
    vec![
        json!({"id": "a", "prompt": EASY, "grader": {"contains": "Hello"}}),
        json!({"messages": [{"role": "user", "content": HARD}], "band": "hard", "grader": {"number": 42}}),
        json!({"prompt": PRIVATE, "grader": {"exact": "no"}}),
        json!({"body": {"model": "auto", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50},
            "grader": {"command": {"word": "times"}}}),
        json!({"prompt": "Say something.", "grader": {"json": {"a": 1}}}),
    ]
}

async fn site(prompts: &[Value]) -> (FakeCloud, Setup) {
    let cloud = FakeCloud::start().await;
    cloud.set(Behaviour::Text(SAID.to_owned()));
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("effort_field = \"reasoning_effort\"", "effort_field = \"reasoning_effort\"\nretries = 0");
    let text: String = prompts.iter().map(|prompt| format!("{prompt}\n")).collect();
    let setup = Setup::new(&config).policy(&hard_to_cloud()).file("prompts.jsonl", &text);
    let program = setup.folder().join("grade.sh");
    fs::write(&program, "#!/bin/sh\ngrep -q '\"answer\":\"[^\"]*times.*\"expected\":{\"word\":\"times\"}'\n")
        .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    (cloud, setup)
}

async fn ask(setup: &Setup, more: &[&str]) -> Finished {
    let program = setup.folder().join("grade.sh");
    let line = ["calibrate", "--config", "hearthgate.toml", "--ask", "prompts.jsonl", "--grader-command"];
    let line = [&line[..], &[program.to_str().unwrap()], more, &["labelled.jsonl"]].concat();
    setup.command(&line, b"").await
}

fn labelled(setup: &Setup) -> Vec<Value> {
    let text = fs::read_to_string(setup.folder().join("labelled.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn both_are_asked_what_may_leave_and_the_answers_are_graded() {
    let (cloud, setup) = site(&five()).await;
    let told = ask(&setup, &["--cloud-share", "0.5", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let asked = &told["asked"];
    for (name, count) in [
        ("prompts", 5),
        ("labelled", 4),
        ("not_permitted", 1),
        ("failed", 0),
        ("ungraded", 0),
        ("requests", 8),
    ] {
        assert_eq!(asked[name], count, "{name}: {asked}");
    }
    assert!(asked["cost_usd"].as_f64().unwrap() > 0.0 && asked["stopped_by"].is_null(), "{asked}");
    assert_eq!(told["prompts"], 4);

    let lines = labelled(&setup);
    let right: Vec<_> = lines.iter().map(|line| (&line["local"], &line["cloud"])).collect();
    let (yes, no) = (&json!(true), &json!(false));
    assert_eq!(right, [(yes, no), (no, yes), (no, yes), (no, no)]);
    assert_eq!((&lines[0]["id"], &lines[1]["band"]), (&json!("a"), &json!("hard")));
    assert_eq!(lines[0]["local_target"], "device/home");
    assert!(lines.iter().all(|line| line["cloud_cost_usd"].is_number() && line["local_cost_usd"] == 0.0));
    let mode = fs::metadata(setup.folder().join("labelled.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);

    // What may not leave was asked of nobody, and what left was decided and recorded like any request.
    assert_eq!(cloud.chats().len(), 4);
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
    assert!(!cloud.contains(b"4539 1488 0341 0009"));
    let record = fs::read_to_string(setup.folder().join("audit.jsonl")).unwrap();
    assert_eq!(record.matches("\"kind\":\"decision\"").count(), 8, "{record}");
    assert_eq!(record.matches("\"kind\":\"outcome\"").count(), 8, "{record}");
    assert!(record.contains("\"caller\":\"calibrate\"") && !record.contains("capital"), "{record}");
    let verified = setup.command(&["audit", "verify", "audit.jsonl"], b"").await;
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
}

#[tokio::test]
async fn it_stops_at_its_bounds_and_goes_on_where_it_stopped() {
    let (cloud, setup) = site(&five()).await;
    let once = ask(&setup, &["--cloud-share", "1", "--requests-max", "3"]).await;
    assert!(once.stdout.contains("stopped by --requests-max"), "{}{}", once.stdout, once.stderr);
    assert_eq!((labelled(&setup).len(), cloud.chats().len()), (1, 1));
    // A run that was killed may leave a torn line.
    let path = setup.folder().join("labelled.jsonl");
    let torn = format!("{}{{\"prompt\":\"Say", fs::read_to_string(&path).unwrap());
    fs::write(&path, torn).unwrap();
    let again = ask(&setup, &["--cloud-share", "0.5", "--json"]).await;
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    let told: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&told["asked"]["labelled_before"], &told["asked"]["labelled"]), (&json!(1), &json!(3)));
    assert_eq!((labelled(&setup).len(), cloud.chats().len()), (4, 4));
    let third = ask(&setup, &["--cloud-share", "0.5"]).await;
    assert!(third.stdout.contains("0 labelled, 4 before; 1 not permitted"), "{}", third.stdout);
    assert_eq!(cloud.chats().len(), 4);

    // No request is sent that could cost more than what is left.
    let (cloud, setup) = site(&five()).await;
    let poor = ask(&setup, &["--cloud-share", "1", "--cost-max", "0.0001"]).await;
    assert_eq!(poor.code, Some(64), "{}{}", poor.stdout, poor.stderr);
    assert!(cloud.chats().is_empty() && poor.stderr.contains("holds no labelled prompt"), "{}", poor.stderr);
}

#[tokio::test]
async fn what_cannot_be_asked_is_told() {
    let (cloud, setup) = site(&five()).await;
    let misspelt = ask(&setup, &["--cloud-share", "1", "--cloud", "cloud/bgi"]).await;
    assert_eq!(misspelt.code, Some(64), "{}", misspelt.stdout);
    assert!(
        misspelt.stderr.contains("no target in the zone cloud is called `cloud/bgi`"),
        "{}",
        misspelt.stderr
    );
    let stranger = ask(&setup, &["--cloud-share", "1", "--caller", "nobody"]).await;
    assert!(stranger.stderr.contains("no configured key is called `nobody`"), "{}", stranger.stderr);
    let line = [
        "calibrate",
        "--config",
        "hearthgate.toml",
        "--ask",
        "prompts.jsonl",
        "--cloud-share",
        "1",
        "l.jsonl",
    ];
    let ungraded = setup.command(&line, b"").await;
    assert_eq!(ungraded.code, Some(64), "{}", ungraded.stdout);
    assert!(ungraded.stderr.contains("line 4: its grader is a command"), "{}", ungraded.stderr);
    assert!(cloud.chats().is_empty());

    // A cloud that is down: the run ends after some in a row, and says how to go on.
    let many: Vec<Value> =
        (0..9).map(|count| json!({"prompt": format!("{EASY} {count}"), "grader": {"exact": "x"}})).collect();
    let (cloud, setup) = site(&many).await;
    cloud.set(Behaviour::Status { code: 400, body: None, retry_after: None });
    let failed = ask(&setup, &["--cloud-share", "1"]).await;
    assert_eq!(failed.code, Some(1), "{}{}", failed.stdout, failed.stderr);
    assert!(failed.stderr.contains("goes on from there"), "{}", failed.stderr);
    assert!(cloud.chats().len() < 9, "{}", cloud.chats().len());
}

#[tokio::test]
async fn a_caller_whose_key_stays_at_home_asks_the_cloud_nothing() {
    let (cloud, setup) = site(&five()).await;
    let config = fs::read_to_string(setup.folder().join("hearthgate.toml")).unwrap();
    let key = hearthgate_tests::configs::client_key("ward", "zone = \"device\"");
    fs::write(setup.folder().join("hearthgate.toml"), format!("{config}{key}")).unwrap();
    let told = ask(&setup, &["--cloud-share", "1", "--caller", "ward"]).await;
    assert_eq!(told.code, Some(64), "{}{}", told.stdout, told.stderr);
    assert!(cloud.chats().is_empty() && labelled(&setup).is_empty());
}

#[tokio::test]
async fn a_table_is_made_of_what_was_asked_and_cuts_the_bands() {
    let prompts: Vec<Value> = (0..24)
        .map(|count| match count % 2 {
            0 => json!({"prompt": format!("{EASY} ({count})"), "grader": {"contains": "Hello"}}),
            _ => json!({"prompt": format!("{HARD} ({count})"), "grader": {"number": 42}}),
        })
        .collect();
    let (_cloud, setup) = site(&prompts).await;
    let told = ask(&setup, &["--table", "home", "--out", "table.toml", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let points = told["calibration"].as_array().unwrap();
    assert_eq!(points.len(), 2, "{told}");
    // None of twelve failed, and all of twelve.
    assert_eq!((&points[0][1], &points[1][1]), (&json!(0.038), &json!(0.962)));
    assert_eq!(told["model"], "device/home");

    let section = fs::read_to_string(setup.folder().join("table.toml")).unwrap();
    let config = fs::read_to_string(setup.folder().join("hearthgate.toml")).unwrap();
    let with =
        config.replace("source = \"scripted:hello\"", &format!("source = \"scripted:hello\"\n{section}"));
    fs::write(setup.folder().join("hearthgate.toml"), with).unwrap();
    let checked = setup.command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    assert!(
        checked.stdout.contains("how often models fail") && checked.stdout.contains("0.038 at"),
        "{}",
        checked.stdout
    );
    let explain = async |prompt: &str| -> Value {
        let told = setup.command(&["explain", "--config", "hearthgate.toml", "--json", prompt], b"").await;
        serde_json::from_str(&told.stdout).unwrap()
    };
    let (easy, hard) = (explain(EASY).await, explain(HARD).await);
    assert_eq!((&easy["difficulty"]["band"], &hard["difficulty"]["band"]), (&json!("easy"), &json!("hard")));
    assert!(easy["difficulty"]["chance"].as_f64().unwrap() < 0.2, "{easy}");
    assert_eq!(hard["difficulty"]["chance_of"], "device/home");

    // Another model's answers make no table of this one.
    let other = setup.command(
        &["calibrate", "--config", "hearthgate.toml", "--table", "elsewhere", "labelled.jsonl"],
        b"",
    );
    assert!(other.await.stderr.contains("answers chats as `elsewhere`"));
    // A table that falls is refused with its place.
    let broken = config.replace(
        "source = \"scripted:hello\"",
        "source = \"scripted:hello\"\ncalibration = [[0.1, 0.5], [0.2, 0.4]]",
    );
    fs::write(setup.folder().join("hearthgate.toml"), broken).unwrap();
    let refused = setup.command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(refused.code, Some(64));
    assert!(
        refused.stderr.contains("model[0].calibration") && refused.stderr.contains("point 2"),
        "{}",
        refused.stderr
    );
}
