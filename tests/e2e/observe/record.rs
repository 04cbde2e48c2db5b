//! The decision record: written first, chained, and a condition of sending anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hearthgate_tests::configs::{EASY, HARD, cloud_first, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Received};
use hearthgate_tests::gateway::{Finished, Gateway, Setup, binary};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::Value;

use crate::exposition::Exposition;

async fn gateway(cloud: &FakeCloud) -> Gateway {
    Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&hard_to_cloud()).start().await
}

fn record(folder: &Path) -> PathBuf {
    folder.join("audit.jsonl")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    // A line that is being written just now has no end yet.
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn audit(arguments: &[&str]) -> Finished {
    Setup::new("").command(&[&["audit"], arguments].concat(), b"").await
}

#[tokio::test]
async fn each_request_leaves_a_decision_and_an_outcome_that_belong_together() {
    let cloud = FakeCloud::start().await;
    let mut gateway = gateway(&cloud).await;
    let mut ids = Vec::new();
    for (body, zone) in [
        (chat("auto", EASY), "device"),
        (chat_stream("auto", EASY), "device"),
        (chat("auto", HARD), "cloud"),
        (chat_stream("auto", HARD), "cloud"),
    ] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 200);
        ids.push((answer.header("x-request-id"), zone));
    }
    let refused = gateway.client().chat(&chat("no-such-model", EASY)).await;
    let refused = refused.header("x-request-id");
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));

    let lines = lines(&record(gateway.folder()));
    assert_eq!(lines.len(), 10);
    let of = |id: &str, kind: &str| {
        let mut found = lines.iter().filter(|line| line["id"] == id && line["kind"] == kind);
        let line = found.next().unwrap_or_else(|| panic!("no {kind} of {id}"));
        assert!(found.next().is_none(), "two {kind}s of {id}");
        line.clone()
    };
    for (id, zone) in &ids {
        let (decision, outcome) = (of(id, "decision"), of(id, "outcome"));
        assert!(decision["seq"].as_u64() < outcome["seq"].as_u64());
        assert_eq!(decision["treatment"], "as-is");
        assert_eq!((&decision["caller"], &decision["label"]), (&"local".into(), &"public".into()));
        assert!(outcome["target"].as_str().unwrap().starts_with(zone), "{outcome}");
        assert_eq!((&outcome["status"], &outcome["attempts"]), (&200.into(), &1.into()));
        assert!(outcome["tokens_out"].as_u64().unwrap() > 0);
        for digest in ["policy", "hash", "prev"] {
            let text = decision[digest].as_str().unwrap();
            assert!(text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}: {text}");
        }
    }
    let decision = of(&refused, "decision");
    assert_eq!((&decision["treatment"], &decision["zone"]), (&"refuse".into(), &Value::Null));
    assert_eq!(of(&refused, "outcome")["error"], "model_not_found");

    let path = record(gateway.folder());
    let shown = audit(&["show", path.to_str().unwrap()]).await;
    assert_eq!((shown.code, shown.stdout.lines().count()), (Some(0), 10), "{}", shown.stderr);
    assert!(ids.iter().all(|(id, _)| shown.stdout.contains(id.as_str())));
    let last = audit(&["show", "--last", "3", path.to_str().unwrap()]).await;
    assert_eq!(last.stdout.lines().count(), 3);
    let one = audit(&["show", "--request", &refused, path.to_str().unwrap()]).await;
    assert_eq!(one.stdout.lines().count(), 2);
    let out = audit(&["show", "--zone", "cloud", path.to_str().unwrap()]).await;
    assert!(out.stdout.lines().count() >= 2 && out.stdout.lines().all(|line| line.contains("decision")));
}

#[tokio::test]
async fn the_chain_holds_until_a_byte_is_changed() {
    let cloud = FakeCloud::start().await;
    let mut gateway = gateway(&cloud).await;
    for prompt in [EASY, HARD, EASY] {
        assert_eq!(gateway.client().chat(&chat("auto", prompt)).await.status, 200);
    }
    gateway.sigterm();
    gateway.exit().await;
    let path = record(gateway.folder());
    let name = path.to_str().unwrap();
    let sound = audit(&["verify", name]).await;
    assert_eq!(sound.code, Some(0), "{}", sound.stderr);
    assert!(sound.stdout.contains("6 records"), "{}", sound.stdout);
    let original = fs::read(&path).unwrap();
    let head = lines(&path).last().unwrap()["hash"].as_str().unwrap().to_owned();
    assert!(sound.stdout.contains(&head));

    let config = gateway.folder().join("hearthgate.toml");
    let by_config = audit(&["verify", "--config", config.to_str().unwrap()]).await;
    assert!(by_config.code == Some(0) && by_config.stdout.contains(&head), "{}", by_config.stderr);
    assert_eq!(audit(&["verify", "no-such-file.jsonl"]).await.code, Some(1));

    // One byte in each stretch of the file, from its first to its last.
    for at in (0..original.len()).step_by(original.len() / 23).chain([original.len() - 1]) {
        let mut edited = original.clone();
        edited[at] ^= 1;
        fs::write(&path, &edited).unwrap();
        let broken = audit(&["verify", name]).await;
        assert_eq!(broken.code, Some(1), "byte {at}: {}", broken.stdout);
        let line = 1 + original[..at].iter().filter(|byte| **byte == b'\n').count();
        assert!(broken.stdout.contains(&format!("line {line}:")), "byte {at}: {}", broken.stdout);
    }

    let whole: Vec<&[u8]> = original.split_inclusive(|byte| *byte == b'\n').collect();
    for kept in [[0, 2, 1, 3, 4, 5].as_slice(), &[0, 1, 3, 4, 5], &[1, 2, 3], &[0, 0, 1]] {
        let edited: Vec<u8> = kept.iter().flat_map(|line| whole[*line]).copied().collect();
        fs::write(&path, edited).unwrap();
        assert_eq!(audit(&["verify", name]).await.code, Some(1), "lines {kept:?}");
    }
    fs::write(&path, whole[..5].concat()).unwrap();
    let cut = audit(&["verify", name]).await;
    assert!(cut.code == Some(0) && !cut.stdout.contains(&head), "a cut end shows against the head's note");
}

#[tokio::test]
async fn a_restart_goes_on_with_the_chain() {
    let cloud = FakeCloud::start().await;
    let mut first = gateway(&cloud).await;
    assert_eq!(first.client().chat(&chat("auto", EASY)).await.status, 200);
    first.sigterm();
    first.exit().await;
    let path = record(first.folder());
    let config = home_and_cloud("hello", &cloud.base_url()).replace("audit.jsonl", path.to_str().unwrap());
    let mut second = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    assert_eq!(second.client().chat(&chat("auto", EASY)).await.status, 200);
    second.sigterm();
    second.exit().await;
    let verified = audit(&["verify", path.to_str().unwrap()]).await;
    assert!(verified.code == Some(0) && verified.stdout.contains("4 records"), "{}", verified.stdout);
}

#[tokio::test]
async fn a_decision_stands_in_the_record_before_the_cloud_hears_of_it() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let path = record(gateway.folder());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (seen_by_cloud, read) = (Arc::clone(&seen), path.clone());
    cloud.set(Behaviour::By(Arc::new(move |_: &Received| {
        // This runs when the request has just been read, and before a byte of an answer.
        let decisions = lines(&read).iter().filter(|line| line["kind"] == "decision").count();
        seen_by_cloud.lock().unwrap().push(decisions);
        Behaviour::Chat
    })));
    for number in 0..20 {
        let body = if number % 2 == 0 { chat("auto", HARD) } else { chat_stream("auto", HARD) };
        assert_eq!(gateway.client().chat(&body).await.status, 200);
    }
    assert_eq!(*seen.lock().unwrap(), (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn without_a_record_nothing_is_answered_and_nothing_sent() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url()).replace("audit.jsonl", "/dev/full");
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    for prompt in [EASY, HARD] {
        for body in [chat("auto", prompt), chat_stream("auto", prompt)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(answer.status, 503, "{}", answer.text());
            assert_eq!(answer.json()["error"]["code"], "audit_unavailable");
        }
    }
    assert!(cloud.connections().is_empty());
    let metrics = Exposition::scrape(&gateway).await;
    assert!(metrics.sum("hearthgate_audit_failures_total", &[]) >= 4.0);
}

#[tokio::test]
async fn a_record_that_fills_up_stops_what_leaves_and_stays_whole() {
    let cloud = FakeCloud::start().await;
    // No file may grow beyond 8 blocks of 512 bytes; what the signal would do is left to the error.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let program = ["/bin/sh", "-c", limited, binary().to_str().unwrap()].map(str::to_owned);
    let program: Vec<&str> = program.iter().map(String::as_str).collect();
    let setup = Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&cloud_first());
    let mut gateway = setup.program(&program).start().await;
    let mut answered = 0;
    let mut refused = 0;
    while refused < 5 {
        let answer = gateway.client().chat(&chat("auto", HARD)).await;
        match answer.status.as_u16() {
            200 => answered += 1,
            503 => refused += 1,
            other => panic!("{other}: {}", answer.text()),
        }
        assert!(answered < 100, "the bound on the file's size does not hold");
    }
    assert!(answered > 0);
    assert_eq!(cloud.chats().len(), answered, "what was refused was not sent");
    gateway.sigterm();
    gateway.exit().await;
    let path = record(gateway.folder());
    let decisions = lines(&path).iter().filter(|line| line["kind"] == "decision").count();
    assert_eq!(decisions, answered, "what was sent stands in the record");
    let verified = audit(&["verify", path.to_str().unwrap()]).await;
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}
