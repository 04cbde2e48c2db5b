//! `replay`: the record of a gateway under other policies, held against what `explain` says of the same bodies.

use std::fs;
use std::path::Path;

use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, device_only, hard_to_cloud, home_and_cloud,
};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Finished, Setup};
use serde_json::{Value, json};

const STRICTER: &str = "packs = [\"pii\", \"secrets\", \"health\"]
unlabelled = \"restricted\"
[[route]]
name = \"home\"
to = [\"zone:cloud\", \"device/*\"]
effort = \"quick\"
";

const LAXER: &str = "packs = [\"pii\", \"secrets\", \"health\"]
[ceiling]
confidential = \"cloud\"
restricted = \"cloud\"
[[route]]
name = \"out\"
to = [\"zone:cloud\", \"device/*\"]
effort = \"deliberate\"
";

const MAIL: &str = "Write a short reply to jane.miller@acme-widgets.com, please.";

fn bodies() -> Vec<Value> {
    let chat =
        |model: &str, text: &str| json!({"model": model, "messages": [{"role": "user", "content": text}]});
    let picture = json!([{"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]);
    vec![
        chat("auto", EASY),
        chat("auto", HARD),
        chat("auto", PRIVATE),
        chat("auto", MAIL),
        chat("device/home", HARD),
        chat("no-such-model", EASY),
        json!({"model": "auto", "messages": [{"role": "user", "content": picture}]}),
    ]
}

/// A folder with the record of a gateway that was asked all of these, and its configuration.
async fn recorded() -> Setup {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let mut gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    for body in bodies() {
        gateway.client().chat(&body).await;
    }
    gateway.sigterm();
    gateway.exit().await;
    let record = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    // No model is loaded by these commands, so the usual one will do.
    Setup::new(&config.replace("scripted:hello", "bundled:starter"))
        .policy(&hard_to_cloud())
        .file("audit.jsonl", &record)
}

async fn replay(setup: &Setup, policy: &str, arguments: &[&str]) -> Finished {
    fs::write(setup.folder().join("new.toml"), policy).unwrap();
    let line = [&["replay", "--config", "hearthgate.toml", "--policy", "new.toml"], arguments].concat();
    setup.command(&line, b"").await
}

async fn told(setup: &Setup, policy: &str) -> (Option<i32>, Vec<Value>, Value) {
    let replayed = replay(setup, policy, &["--json"]).await;
    let mut lines: Vec<Value> =
        replayed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap_or_else(|| panic!("{}", replayed.stderr))["summary"].take();
    (replayed.code, lines, summary)
}

async fn explained(setup: &Setup, policy: &str) -> Vec<Value> {
    let config = fs::read_to_string(setup.folder().join("hearthgate.toml")).unwrap();
    fs::write(setup.folder().join("other.toml"), config.replace("policy.toml", "new.toml")).unwrap();
    fs::write(setup.folder().join("new.toml"), policy).unwrap();
    let lines: Vec<String> = bodies().iter().map(Value::to_string).collect();
    let input = lines.join("\n") + "\n";
    let explained = setup.command(&["explain", "--config", "other.toml", "--jsonl"], input.as_bytes()).await;
    explained.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_record_comes_out_under_another_policy_as_explain_says() {
    let setup = recorded().await;
    for (policy, code) in [(hard_to_cloud().as_str(), 0), (STRICTER, 0), (LAXER, 1)] {
        let (exit, replayed, summary) = told(&setup, policy).await;
        let explained = explained(&setup, policy).await;
        assert_eq!(replayed.len(), bodies().len());
        for (replayed, explained) in replayed.iter().zip(&explained) {
            for name in ["label", "zone", "target", "effort", "rule", "treatment"] {
                assert_eq!(replayed["now"][name], explained[name], "{name} of {replayed} and {explained}");
            }
        }
        assert_eq!(exit, Some(code), "{summary}");
        assert_eq!(summary["untold"], 0, "{summary}");
    }
    let (_, _, summary) = told(&setup, &hard_to_cloud()).await;
    assert_eq!((&summary["same"], &summary["moves"]), (&json!(bodies().len()), &json!(0)));
    let (_, lines, _) = told(&setup, LAXER).await;
    let leaves = |line: &Value| line["verdict"] == "leaves";
    // Easy, private, mail and picture were answered at home; the hard ones could reach the cloud as they can now.
    assert_eq!(lines.iter().map(leaves).collect::<Vec<_>>(), [true, false, true, true, false, false, true]);
}

#[tokio::test]
async fn people_get_a_table_without_a_word_of_the_requests() {
    let setup = recorded().await;
    let laxer = replay(&setup, LAXER, &[]).await;
    for words in [
        "unbroken",
        "device/home -> cloud/",
        "NEWLY LEAVES to cloud",
        "4 would newly leave",
        "0 cannot be told",
    ] {
        assert!(laxer.stdout.contains(words), "{words}: {}", laxer.stdout);
    }
    let stricter = replay(&setup, STRICTER, &[]).await;
    assert_eq!(stricter.code, Some(0), "{}", stricter.stderr);
    assert!(stricter.stdout.contains("public -> restricted"), "{}", stricter.stdout);
    for word in ["4539", "jane", "miller"] {
        assert!(!laxer.stdout.contains(word) && !stricter.stdout.contains(word), "{word}");
    }
}

#[tokio::test]
async fn what_a_new_policy_looks_for_besides_is_named() {
    let setup = recorded().await;
    let besides = format!(
        "{}
[[terms]]
name = \"codenames\"
words = [\"Nightjar\"]
label = \"restricted\"
[[pattern]]
name = \"case-number\"
regex = 'CASE-[0-9]{{8}}'
label = \"restricted\"
",
        hard_to_cloud()
    );
    let named = replay(&setup, &besides, &[]).await;
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    for words in ["`codenames`, for rule terms/codenames", "`case-number`", "7 as before"] {
        assert!(named.stdout.contains(words), "{words}: {}", named.stdout);
    }
    // Where such a finding would open a way out, whether it was there decides.
    let opening = format!(
        "{}\n[[route]]\nname = \"x\"\nto = [\"device/*\"]",
        besides.replace("restricted", "public")
    )
    .replacen(
        "[[route]]",
        "[[route]]\nname = \"known\"\nwhen = { any = [\"codenames\"] }\nto = [\"zone:cloud\"]\n[[route]]",
        1,
    );
    let untold = replay(&setup, &opening, &["--strict"]).await;
    assert_eq!(untold.code, Some(3), "{}", untold.stdout);
    assert!(untold.stdout.contains("whether there was any `codenames`"), "{}", untold.stdout);
    assert_eq!(replay(&setup, &opening, &[]).await.code, Some(0));
}

#[tokio::test]
async fn a_broken_record_is_told_first_and_only_its_sound_part_is_decided() {
    let setup = recorded().await;
    let path = setup.folder().join("audit.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let cut: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&path, [&cut[..4], &cut[5..]].concat().concat()).unwrap();
    let broken = replay(&setup, STRICTER, &[]).await;
    assert_eq!(broken.code, Some(3), "{}", broken.stderr);
    assert!(broken.stdout.contains("BROKEN at line 5"), "{}", broken.stdout);
    let (_, lines, summary) = told(&setup, STRICTER).await;
    assert_eq!(summary["broken"]["line"], 5);
    assert!(lines.iter().all(|line| line["seq"].as_u64() < Some(5)));

    let missing = setup.command(&["replay", "--policy", "no-such.toml"], b"").await;
    assert_eq!(missing.code, Some(64), "{}", missing.stderr);
    let elsewhere = replay(&setup, STRICTER, &["--log", "no-such.jsonl"]).await;
    assert_eq!(elsewhere.code, Some(1), "{}", elsewhere.stderr);
    assert!(Path::new(&path).exists());
}

#[tokio::test]
async fn an_answer_comes_again_from_the_record_and_the_request() {
    let config =
        device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"\ndeterministic = true");
    let mut gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let body = json!({"model": "auto", "messages": [{"role": "user", "content": EASY}], "max_tokens": 24, "n": 2,
        "temperature": 1.1, "reasoning_effort": "low"});
    let other = json!({"model": "auto", "messages": [{"role": "user", "content": PRIVATE}], "n": 4});
    let (asked, neighbour) = (gateway.client(), gateway.client());
    let (answer, _) = tokio::join!(asked.chat(&body), neighbour.chat(&other));
    let id = answer.header("x-request-id");
    let answer = answer.json();
    gateway.sigterm();
    gateway.exit().await;
    let record = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    assert!(record.contains("\"seeds\":[") && record.contains("\"temperature\":1.100"), "{record}");
    let setup = Setup::new(&config).policy(&all_at_home()).file("audit.jsonl", &record);
    let replay = async |body: &Value, id: &str| {
        let line = ["replay", "--config", "hearthgate.toml", id, "--request", "-"];
        setup.command(&line, body.to_string().as_bytes()).await
    };
    let again = replay(&body, &id).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    for choice in answer["choices"].as_array().unwrap() {
        assert!(again.stdout.contains(choice["message"]["content"].as_str().unwrap()), "{}", again.stdout);
    }
    let mut changed = body.clone();
    changed["messages"][0]["content"] = json!("Say something else.");
    let mut seeded = body.clone();
    seeded["seed"] = json!(4_111_111_111_111_111_u64);
    assert_eq!(
        replay(&seeded, &id).await.code,
        Some(0),
        "a seed of the record goes before one that was not asked with"
    );
    let another = replay(&changed, &id).await;
    assert_eq!(another.code, Some(1), "{}", another.stderr);
    assert!(another.stderr.contains("another answer"));
    let unknown = replay(&body, "req-0").await;
    assert_eq!((unknown.code, unknown.stderr.contains("holds no answer")), (Some(64), true));
    let changed = record.replacen("\"temperature\":1.100", "\"temperature\":1.200", 1);
    let broken = Setup::new(&config).policy(&all_at_home()).file("audit.jsonl", &changed);
    let line = ["replay", "--config", "hearthgate.toml", &id, "--request", "-"];
    assert_ne!(broken.command(&line, body.to_string().as_bytes()).await.code, Some(0));
}
