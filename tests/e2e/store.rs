//! The content of requests, where a site keeps it: sealed, bounded, and enough to have an answer again.

use std::fs;
use std::path::PathBuf;

use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, client_key, device_only, hard_to_cloud, home_and_cloud,
};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Finished, Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

use crate::exposition::Exposition;

/// A word that no file, log or metric may hold.
const CANARY: &str = "Zanzibarquux";

/// A key, in the file `store.key` of its folder, and its public half as a line of `[store]`.
async fn key() -> (Setup, String) {
    let keys = Setup::new("");
    let made = keys.command(&["store", "keygen", "store.key"], b"").await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    (keys, made.stdout)
}

fn with_store(config: &str, public: &str, more: &str) -> String {
    format!("{config}\n[store]\nfolder = \"store\"\n{public}{more}\n")
}

fn deterministic() -> String {
    device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"\ndeterministic = true")
}

fn pieces(gateway: &Gateway) -> Vec<PathBuf> {
    let files = fs::read_dir(gateway.folder().join("store")).into_iter().flatten().flatten();
    files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "sealed")).collect()
}

fn stored(gateway: &Gateway) -> String {
    pieces(gateway).iter().map(|piece| fs::read_to_string(piece).unwrap()).collect()
}

fn outcome(gateway: &Gateway, id: &str) -> Value {
    let text = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.into_iter().find(|line| line["kind"] == "outcome" && line["id"] == id).unwrap()
}

/// Replays a request of a gateway that has ended, with this configuration.
async fn replay(config: &str, gateway: &Gateway, id: &str, more: &[&str], input: &str) -> Finished {
    let log = gateway.folder().join("audit.jsonl");
    let setup = Setup::new(config).policy(&all_at_home());
    let line = ["replay", "--config", "hearthgate.toml", id, "--log", log.to_str().unwrap()];
    setup.command(&[&line, more].concat(), input.as_bytes()).await
}

#[tokio::test]
async fn a_key_is_made_once_and_its_owners_alone() {
    let (keys, public) = key().await;
    assert!(public.starts_with("public_key = \"store-public-") && public.lines().count() == 1, "{public}");
    let path = keys.folder().join("store.key");
    let private = fs::read_to_string(&path).unwrap();
    assert!(private.contains("\nstore-private-") && !public.contains("private"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = keys.command(&["store", "keygen", "store.key"], b"").await;
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), ""));
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), private);
}

#[tokio::test]
async fn an_answer_comes_again_from_the_record_and_the_store() {
    let (keys, public) = key().await;
    let (other_keys, _) = key().await;
    let config = with_store(&deterministic(), &public, "");
    let mut gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let words = format!("What is the capital of {CANARY}?");
    let bodies = [
        json!({"model": "auto", "messages": [{"role": "user", "content": words}], "max_tokens": 24, "n": 2,
            "temperature": 1.1, "user": format!("\u{fc}-{CANARY}-1.0"), "top_p": 0.50}),
        json!({"model": "auto", "messages": [{"role": "user", "content": words}], "max_tokens": 12, "stream": true}),
    ];
    let mut ids = Vec::new();
    for body in &bodies {
        let answer = gateway.client().with("x-secret", CANARY).chat(body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        ids.push(answer.header("x-request-id"));
    }
    let metrics = Exposition::scrape(&gateway).await;
    assert!(!metrics.text.contains(CANARY));
    assert_eq!(metrics.sum("hearthgate_contents_stored_total", &[("result", "stored")]), 2.0);
    assert!(metrics.sum("hearthgate_store_bytes", &[]) > 300.0);
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    assert!(!gateway.leaks(CANARY.as_bytes()), "what is written holds no word of it");
    assert!(!gateway.leaks(b"capital of"));
    assert_eq!(stored(&gateway).lines().count(), 2);

    let folder = gateway.folder().join("store");
    let here = config.replace("\"store\"", &format!("\"{}\"", folder.display()));
    let private = keys.folder().join("store.key");
    let private = private.to_str().unwrap();
    for (id, body) in ids.iter().zip(&bodies) {
        assert_eq!(outcome(&gateway, id)["stored"], true);
        let given = replay(&here, &gateway, id, &["--request", "-"], &body.to_string()).await;
        let kept = replay(&here, &gateway, id, &["--store-key", private], "").await;
        assert_eq!((given.code, kept.code), (Some(0), Some(0)), "{}{}", given.stderr, kept.stderr);
        assert_eq!(given.stdout, kept.stdout);
        assert!(!kept.stdout.is_empty() && kept.stderr.contains("the same answer"), "{}", kept.stderr);
    }
    // A machine without a `[store]` of its own is told the folder.
    let elsewhere = ["--store-key", private, "--store", folder.to_str().unwrap()];
    assert_eq!(replay(&deterministic(), &gateway, &ids[1], &elsewhere, "").await.code, Some(0));

    let refused = async |id: &str, more: &[&str], words: &str| {
        let said = replay(&here, &gateway, id, more, "").await;
        assert_eq!(said.code, Some(64), "{words}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains(words) && !said.stderr.contains(CANARY), "{words}: {}", said.stderr);
    };
    let other = other_keys.folder().join("store.key");
    refused(&ids[0], &["--store-key", other.to_str().unwrap()], "was sealed for the key").await;
    refused(&ids[0], &["--store-key", "hearthgate.toml"], "is not a private key of a store").await;
    refused("req-0", &["--store-key", private], "holds no answer").await;
    let text = stored(&gateway);
    let piece = &pieces(&gateway)[0];
    fs::write(piece, text.replace(&ids[0], "req-x").replace(&ids[1], &ids[0])).unwrap();
    refused(&ids[0], &["--store-key", private], "was changed, or belongs to another request").await;
    refused(&ids[1], &["--store-key", private], "holds no content").await;
    fs::write(piece, &text[..text.len() - 20]).unwrap();
    refused(&ids[1], &["--store-key", private], "is cut short").await;
    let both = replay(&here, &gateway, &ids[0], &["--store-key", private, "--request", "-"], "").await;
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert_eq!(replay(&here, &gateway, &ids[0], &[], "").await.code, Some(2));
}

#[tokio::test]
async fn by_default_only_what_is_not_private_and_is_answered_here() {
    let (_, public) = key().await;
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    for (more, expected) in [
        ("", [true, false, false]),
        ("zone = \"cloud\"", [true, true, false]),
        ("label = \"restricted\"", [true, false, true]),
        ("label = \"restricted\"\nzone = \"cloud\"\nenabled = false", [false, false, false]),
    ] {
        let mut gateway =
            Setup::new(&with_store(&config, &public, more)).policy(&hard_to_cloud()).start().await;
        let mut ids = Vec::new();
        for body in [chat("auto", EASY), chat_stream("auto", HARD), chat("auto", PRIVATE)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            ids.push(answer.header("x-request-id"));
        }
        gateway.sigterm();
        gateway.exit().await;
        assert!(!gateway.leaks(b"4539 1488") && !gateway.leaks(b"capital of"), "{more}");
        let text = stored(&gateway);
        for (id, expected) in ids.iter().zip(expected) {
            assert_eq!(text.contains(id.as_str()), expected, "{more}: {text}");
            assert_eq!(outcome(&gateway, id)["stored"] == true, expected, "{more}");
        }
    }
}

#[tokio::test]
async fn a_label_that_was_lowered_counts_as_it_was_found() {
    let (_, public) = key().await;
    let declassify =
        "\n[[declassify]]\nname = \"released\"\nrole = \"legal\"\nfrom = \"confidential\"\nto = \"public\"\n";
    let config = device_only("hello") + &client_key("ann", "roles = [\"legal\"]");
    let gateway =
        Setup::new(&with_store(&config, &public, "")).policy(&(all_at_home() + declassify)).start().await;
    let ann = gateway.client().with("x-api-key", "key-of-ann").with("x-hearthgate-label", "confidential");
    let lowered = ann.with("x-hearthgate-declassify", "released").chat(&chat("auto", EASY)).await;
    assert_eq!((lowered.status.as_u16(), lowered.header("x-hearthgate-label")), (200, "public".to_owned()));
    assert!(pieces(&gateway).is_empty());
}

#[tokio::test]
async fn a_refused_request_is_not_kept_and_nothing_is_without_a_key() {
    let (_, public) = key().await;
    let refusing = "[[route]]\nname = \"closed\"\nrefuse = \"closed\"\n";
    let config = with_store(&device_only("hello"), &public, "");
    let gateway = Setup::new(&config).policy(refusing).start().await;
    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.status, 403);
    assert!(pieces(&gateway).is_empty());
    let off = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    assert_eq!(off.client().chat(&chat("auto", EASY)).await.status, 200);
    assert!(
        !off.folder().join("store").exists() && !off.folder().join(".local/state/hearthgate/store").exists()
    );
}

#[tokio::test]
async fn a_reload_changes_what_is_kept() {
    let (_, public) = key().await;
    let (_, other) = key().await;
    let config = device_only("hello");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let mut last = 0;
    for (more, grows) in [
        (with_store(&config, &public, ""), 1),
        (with_store(&config, &other, "label = \"restricted\""), 2),
        (with_store(&config, &other, "enabled = false"), 0),
        (config.clone(), 0),
        (with_store(&config, &public, "days = 1"), 1),
    ] {
        fs::write(gateway.folder().join("hearthgate.toml"), &more).unwrap();
        let reloaded = gateway.admin().post_bytes("/reload", "").await;
        assert_eq!(reloaded.status, 200, "{}", reloaded.text());
        for prompt in [EASY, PRIVATE] {
            assert_eq!(gateway.client().chat(&chat("auto", prompt)).await.status, 200);
        }
        let lines = stored(&gateway).lines().count();
        assert_eq!(lines - last, grows, "{more}");
        last = lines;
    }
    // One that cannot be had leaves the old one in place.
    let broken = with_store(&config, &public, "").replace("\"store\"", "\"audit.jsonl\"");
    fs::write(gateway.folder().join("hearthgate.toml"), broken).unwrap();
    let refused = gateway.admin().post_bytes("/reload", "").await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.status, 200);
    assert_eq!(stored(&gateway).lines().count(), last + 1);
}

#[tokio::test]
async fn what_is_over_its_time_is_gone_after_the_start() {
    let (_, public) = key().await;
    let config = with_store(&device_only("hello"), &public, "days = 1\nenabled = false");
    let setup = Setup::new(&config).policy(&all_at_home());
    let folder = setup.folder().join("store");
    fs::create_dir(&folder).unwrap();
    let old = folder.join("00001600000000000000.sealed");
    fs::write(&old, "{}\n").unwrap();
    let gateway = setup.start().await;
    let gone = async {
        while old.exists() {
            tokio::task::yield_now().await;
        }
    };
    hearthgate_tests::bounded("an old piece to be erased", gone).await;
    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_stored_is_answered_counted_and_told_once() {
    let (_, public) = key().await;
    let config = with_store(&device_only("hello"), &public, "");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let folder = gateway.folder().join("store");
    let ask = async || {
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    ask().await;
    fs::remove_dir_all(&folder).unwrap();
    ask().await;
    ask().await;
    let said = gateway.said("content is not stored").await;
    assert!(said.contains("cannot begin") && !said.contains("capital"), "{said}");
    assert_eq!(gateway.stderr().matches("content is not stored").count(), 1);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_contents_stored_total", &[("result", "failed")]), 2.0);
    fs::create_dir(&folder).unwrap();
    ask().await;
    gateway.said("content is stored again").await;
    assert_eq!(stored(&gateway).lines().count(), 1);
    // Nor is one kept that takes more than there may be in all.
    let small = with_store(&device_only("hello"), &public, "megabytes = 1");
    gateway.reload("hearthgate.toml", &small);
    gateway.said("configuration reloaded").await;
    let long = chat("auto", &"word ".repeat(200_000));
    assert_eq!(gateway.client().chat(&long).await.status, 200);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_contents_stored_total", &[("result", "too_long")]), 1.0);
    assert_eq!(stored(&gateway).lines().count(), 1);
}

#[tokio::test]
async fn two_gateways_do_not_write_one_store() {
    let (_, public) = key().await;
    let config = with_store(&device_only("hello"), &public, "");
    let first = Setup::new(&config).policy(&all_at_home()).start().await;
    let folder = first.folder().join("store");
    let same = config.replace("\"store\"", &format!("\"{}\"", folder.display()));
    let refused = Setup::new(&same).policy(&all_at_home()).try_start().await.unwrap_err();
    assert_eq!(refused.code, Some(64));
    assert!(refused.stderr.contains("is being written by another process"), "{}", refused.stderr);
}
