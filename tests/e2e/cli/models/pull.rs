//! What a pull brings, and how it goes on after whatever happens on the way.

use std::fs;

use hearthgate_tests::fake_hub::{COMMIT, FakeHub, Fault, Manner, SIGNATURE, noise, sha256};
use hearthgate_tests::gateway::Setup;
use serde_json::Value;

use super::{BYTES, SOURCE, TOKEN, folder, machine, models, names, place};

/// A hub with one file, and a machine that knows it.
async fn world() -> (FakeHub, Setup, Vec<u8>) {
    let hub = FakeHub::start().await;
    let bytes = noise(1, BYTES);
    hub.put("own/models", "m.gguf", &bytes);
    let machine = machine(&hub);
    (hub, machine, bytes)
}

#[tokio::test]
async fn the_file_comes_whole_in_parts_and_the_token_stays_with_the_hub() {
    let (hub, machine, bytes) = world().await;
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
    assert_eq!(names(&place(&machine)), ["m.gguf", "manifest.json"]);
    let manifest: Value =
        serde_json::from_slice(&fs::read(place(&machine).join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["source"], &manifest["revision"]), (&SOURCE.into(), &COMMIT.into()));
    let file = &manifest["files"][0];
    assert_eq!((&file["bytes"], &file["checked_against"]), (&BYTES.into(), &"hub".into()));
    assert_eq!(file["sha256"], sha256(&bytes));

    let asked = hub.take_asked();
    let at_store: Vec<_> = asked.iter().filter(|asked| asked.at_store).collect();
    assert_eq!(at_store.len(), 4, "as many connections as are configured: {asked:?}");
    assert!(at_store.iter().all(|asked| asked.range().is_some() && asked.header("authorization").is_none()));
    assert!(at_store.iter().all(|asked| asked.target.contains(SIGNATURE)));
    let bearer = format!("Bearer {TOKEN}");
    let at_hub = asked.iter().filter(|asked| !asked.at_store);
    assert!(at_hub.clone().all(|asked| asked.header("authorization") == Some(&bearer)));
    let gets: Vec<_> = at_hub.filter(|asked| asked.method == "GET").collect();
    assert!(gets.iter().all(|asked| asked.target.contains(COMMIT)), "a branch may move: {gets:?}");
    assert_eq!(hub.take_sent(), BYTES);
    let told = format!("{}{}", pulled.stdout, pulled.stderr);
    assert!(
        told.contains("source = \"hf:own/models/m.gguf\"") || told.contains("cannot be served"),
        "{told}"
    );
    assert!(!pulled.stderr.contains('\r'), "no bar where there is no terminal: {}", pulled.stderr);
}

#[tokio::test]
async fn what_is_there_is_checked_and_not_brought_again() {
    let (hub, machine, _) = world().await;
    assert_eq!(models(&machine, &["pull", SOURCE]).await.code, Some(0));
    hub.take_sent();
    let again = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stdout.contains("is here, whole and as the hub has it"), "{}", again.stdout);
    assert_eq!(hub.take_sent(), 0);

    let newer = noise(2, BYTES);
    hub.put("own/models", "m.gguf", &newer);
    let newer_pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(newer_pulled.code, Some(0), "{}", newer_pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == newer);
}

#[tokio::test]
async fn it_tries_again_and_goes_on_where_it_stopped() {
    let (hub, machine, bytes) = world().await;
    let faults = vec![
        Fault::Reset(100_000),
        Fault::Stall(50_000),
        Fault::Close(70_000),
        Fault::Status(503),
        Fault::Reset(0),
        Fault::Status(403),
    ];
    hub.set(Manner { faults, ..Manner::default() });
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
    assert!(pulled.stderr.contains("trying again"), "{}", pulled.stderr);
    let sent = hub.take_sent();
    assert!(sent < BYTES + BYTES / 4, "{sent} bytes were sent for {BYTES}");
}

#[tokio::test]
async fn a_second_pull_goes_on_where_the_first_gave_up() {
    let (hub, machine, bytes) = world().await;
    let machine = machine.env("HEARTHGATE_HUB__RETRIES", "0");
    hub.set(Manner { faults: vec![Fault::Close(500_000); 4], ..Manner::default() });
    let broken = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(broken.code, Some(1), "{}", broken.stderr);
    assert!(broken.stderr.contains("run the same command again to go on"), "{}", broken.stderr);
    assert_eq!(names(&place(&machine)), ["m.gguf.part", "m.gguf.part.json"]);
    let first = hub.take_sent();
    hub.take_asked();

    hub.set(Manner::default());
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(pulled.stderr.contains("going on with m.gguf"), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
    assert_eq!(names(&place(&machine)), ["m.gguf", "manifest.json"]);
    let went_on =
        hub.take_asked().iter().filter_map(|asked| asked.range()).any(|(from, _)| from % (BYTES / 4) != 0);
    let second = hub.take_sent();
    assert!(went_on && second < BYTES, "{first} and then {second}");
}

#[tokio::test]
async fn a_hub_that_stands_still_is_given_up() {
    let (hub, machine, _) = world().await;
    let machine = machine.env("HEARTHGATE_HUB__RETRIES", "1").env("HEARTHGATE_HUB__CONNECTIONS", "1");
    hub.set(Manner { faults: vec![Fault::Stall(0); 2], ..Manner::default() });
    let stalled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(stalled.code, Some(1), "{}", stalled.stderr);
    assert!(stalled.stderr.contains("nothing came from `127.0.0.1"), "{}", stalled.stderr);
}

#[tokio::test]
async fn ctrl_c_keeps_what_has_come() {
    let (hub, machine, _) = world().await;
    // More than the buffers between hub and pull hold, so that some of it has come once the hub stands still.
    let bytes = noise(3, 24 << 20);
    hub.put("own/models", "m.gguf", &bytes);
    let machine =
        machine.env("HEARTHGATE_HUB__STALL_TIMEOUT_MS", "60000").env("HEARTHGATE_HUB__CONNECTIONS", "1");
    hub.set(Manner { faults: vec![Fault::Stall(20 << 20)], ..Manner::default() });
    let running = machine.run(&["models", "pull", SOURCE]);
    hub.stalled(1).await;
    running.interrupt();
    let interrupted = running.finished().await;
    assert_eq!(interrupted.code, Some(1), "{}", interrupted.stderr);
    assert!(interrupted.stderr.contains("run the same command again"), "{}", interrupted.stderr);

    hub.set(Manner::default());
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(pulled.stderr.contains("going on with m.gguf"), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
}

#[tokio::test]
async fn two_at_once_bring_it_once() {
    let (hub, machine, bytes) = world().await;
    let machine = machine.env("HEARTHGATE_HUB__STALL_TIMEOUT_MS", "60000");
    hub.set(Manner { faults: vec![Fault::Stall(1000); 4], ..Manner::default() });
    let first = machine.run(&["models", "pull", SOURCE]);
    hub.stalled(4).await;
    let second = machine.run(&["models", "pull", SOURCE]);
    second.said("is being pulled by another process").await;
    hub.release();
    let (first, second) = (first.finished().await, second.finished().await);
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{}{}", first.stderr, second.stderr);
    assert!(second.stdout.contains("is here, whole"), "{}", second.stdout);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
    assert_eq!(hub.take_sent(), BYTES);
}

#[tokio::test]
async fn a_file_that_changes_on_the_way_is_brought_anew() {
    for redirect in [true, false] {
        let (hub, machine, _) = world().await;
        let newer = noise(2, BYTES);
        // One part of the old file, and the rest of the new one.
        hub.set(Manner { redirect, change_at: Some((1, newer.clone())), ..Manner::default() });
        let pulled = models(&machine, &["pull", SOURCE]).await;
        assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
        assert!(pulled.stderr.contains("has changed on the hub"), "{}", pulled.stderr);
        assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == newer);
    }
}

#[tokio::test]
async fn what_was_begun_of_another_file_is_thrown_away() {
    let (hub, machine, _) = world().await;
    let machine = machine.env("HEARTHGATE_HUB__RETRIES", "0");
    hub.set(Manner { faults: vec![Fault::Reset(500_000); 4], ..Manner::default() });
    assert_eq!(models(&machine, &["pull", SOURCE]).await.code, Some(1));
    let newer = noise(2, BYTES);
    hub.put("own/models", "m.gguf", &newer);
    hub.set(Manner::default());
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(!pulled.stderr.contains("going on with"), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == newer);
}

#[tokio::test]
async fn what_came_out_wrong_after_it_was_gone_on_with_is_brought_anew() {
    let (hub, machine, bytes) = world().await;
    let machine = machine.env("HEARTHGATE_HUB__RETRIES", "0");
    hub.set(Manner { faults: vec![Fault::Close(500_000); 4], ..Manner::default() });
    assert_eq!(models(&machine, &["pull", SOURCE]).await.code, Some(1));
    let part = place(&machine).join("m.gguf.part");
    let list: Value =
        serde_json::from_slice(&fs::read(place(&machine).join("m.gguf.part.json")).unwrap()).unwrap();
    let spans = list["spans"].as_array().unwrap();
    let come = spans.iter().find(|span| span["done"] != 0).expect("bytes of one connection at least");
    let mut damaged = fs::read(&part).unwrap();
    damaged[usize::try_from(come["from"].as_u64().unwrap()).unwrap()] ^= 1;
    fs::write(&part, &damaged).unwrap();
    hub.set(Manner::default());
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(pulled.stderr.contains("came out wrong"), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
}

#[tokio::test]
async fn a_server_without_parts_sends_it_in_one_piece() {
    let (hub, machine, bytes) = world().await;
    hub.set(Manner {
        ranges: false,
        redirect: false,
        faults: vec![Fault::None, Fault::None],
        ..Manner::default()
    });
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
}

#[tokio::test]
async fn a_hub_that_names_no_digest_is_believed_and_that_is_said() {
    let (hub, machine, bytes) = world().await;
    hub.set(Manner { linked: false, redirect: false, ..Manner::default() });
    let pulled = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(pulled.stdout.contains("nobody told its digest"), "{}", pulled.stdout);
    assert!(fs::read(place(&machine).join("m.gguf")).unwrap() == bytes);
}

#[tokio::test]
async fn a_split_file_comes_with_all_its_parts() {
    let hub = FakeHub::start().await;
    let parts: Vec<_> =
        (1..=3).map(|part| (format!("q4/m-{part:05}-of-00003.gguf"), noise(part, 9000))).collect();
    for (name, bytes) in &parts {
        hub.put("own/models", name, bytes);
    }
    let machine = machine(&hub);
    let source = "hf:own/models/q4/m-00001-of-00003.gguf";
    let pulled = models(&machine, &["pull", source]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    let place = folder(&machine).join("own/models/q4/m-00001-of-00003.gguf");
    for (name, bytes) in &parts {
        assert!(&fs::read(place.join(name.strip_prefix("q4/").unwrap())).unwrap() == bytes, "{name}");
    }
    let verified = models(&machine, &["verify"]).await;
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);

    let middle = models(&machine, &["pull", "hf:own/models/q4/m-00002-of-00003.gguf"]).await;
    assert_eq!(middle.code, Some(64), "{}", middle.stdout);
    assert!(middle.stderr.contains("m-00001-of-00003.gguf"), "{}", middle.stderr);
    let lacking = models(&machine, &["pull", "hf:own/models/q4/m-00001-of-00004.gguf"]).await;
    assert_eq!(lacking.code, Some(1), "{}", lacking.stdout);
    assert!(!folder(&machine).join("own/models/q4/m-00001-of-00004.gguf").exists());
}

#[tokio::test]
async fn a_proposal_on_the_hub_can_be_pulled() {
    let (hub, machine, bytes) = world().await;
    let source = "hf:own/models@refs/pr/7/m.gguf";
    let pulled = models(&machine, &["pull", source]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    assert!(fs::read(folder(&machine).join("own/models@refs/pr/7/m.gguf/m.gguf")).unwrap() == bytes);
    assert_eq!(hub.take_asked()[0].target, "/own/models/resolve/refs%2Fpr%2F7/m.gguf");
    let listed = models(&machine, &["list", "--pulled"]).await;
    assert!(listed.stdout.contains(source), "{}", listed.stdout);
    assert_eq!(models(&machine, &["remove", source]).await.code, Some(0));
    assert_eq!(names(&folder(&machine)), [".locks"]);
}
