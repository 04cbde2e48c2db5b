//! Reloading: what changes for whom, and what stays as it was.

use std::fs;
use std::io::Write as _;
use std::time::Duration;

use hearthgate_tests::configs::{
    EASY, HARD, all_at_home, client_key, device_only, hard_to_cloud, home_and_cloud, with_server,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};

use crate::exposition::Exposition;

/// A policy that refuses everything, in these words.
fn refusing(words: &str) -> String {
    format!("[[route]]\nname = \"closed\"\nrefuse = \"{words}\"\n")
}

async fn status(gateway: &Gateway) -> u16 {
    gateway.client().chat(&chat("auto", EASY)).await.status.as_u16()
}

/// Asks by the admin port, and gives status and words.
async fn ask_for_reload(gateway: &Gateway) -> (u16, String) {
    let answer = gateway.admin().post_bytes("/reload", "").await;
    (answer.status.as_u16(), answer.text())
}

fn write(gateway: &Gateway, name: &str, content: &str) {
    fs::write(gateway.folder().join(name), content).unwrap();
}

#[tokio::test]
async fn a_signal_puts_the_new_policy_in_place() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    assert_eq!(status(&gateway).await, 200);
    gateway.reload("policy.toml", &refusing("closed for today"));
    gateway.said("configuration reloaded").await;
    let refused = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["message"], "closed for today");
    assert_eq!(refused.header("x-hearthgate-rule"), "closed");
}

#[tokio::test]
async fn a_broken_file_leaves_the_old_policy_in_place_and_says_so() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    gateway.reload("policy.toml", "[[route]]\nname = \"a\"\nto = [\"devcie/*\"]\n");
    let said = gateway.said("the old configuration stays").await;
    assert!(said.contains("devcie"), "{said}");
    assert_eq!(status(&gateway).await, 200);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_reloads_total", &[("result", "failure")]), 1.0);
    assert_eq!(metrics.sum("hearthgate_reloads_total", &[("result", "success")]), 0.0);
}

#[tokio::test]
async fn whatever_is_wrong_the_old_configuration_stays() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let unproved = hard_to_cloud()
        + "\n[ceiling]\nrestricted = \"cloud\"\n\n[[invariant]]\n\
        text = 'never \"restricted\" beyond \"device\"'\n";
    let policies = ["not toml at all", "packs = [\"pi\"]", "[ceiling]\npublic = \"moon\"", &unproved, ""];
    for policy in policies {
        write(&gateway, "policy.toml", policy);
        let (status, words) = ask_for_reload(&gateway).await;
        assert_eq!(status, 409, "{policy:?}: {words}");
        assert!(words.contains("the old configuration stays"), "{words}");
    }
    write(&gateway, "policy.toml", &hard_to_cloud());
    let configs = [
        config.replace("[policy]", "[polcy]"),
        config.replace("scripted:hello", "path:no-such-file.gguf"),
        config.replace("http://", "mailto:"),
        config.replace("models =", "api_key = \"${NOT_SET_ANYWHERE}\"\nmodels ="),
        String::new(),
    ];
    for broken in configs.iter().take(4) {
        write(&gateway, "hearthgate.toml", broken);
        let (status, words) = ask_for_reload(&gateway).await;
        assert_eq!(status, 409, "{broken}: {words}");
    }
    fs::remove_file(gateway.folder().join("hearthgate.toml")).unwrap();
    assert_eq!(ask_for_reload(&gateway).await.0, 409);
    assert_eq!(gateway.client().chat(&chat("auto", HARD)).await.header("x-hearthgate-zone"), "cloud");
    assert_eq!(status(&gateway).await, 200);

    write(&gateway, "hearthgate.toml", &config);
    assert_eq!(ask_for_reload(&gateway).await, (200, "reloaded\n".to_owned()));
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_reloads_total", &[("result", "failure")]), 10.0);
    assert_eq!(metrics.sum("hearthgate_reloads_total", &[("result", "success")]), 1.0);
}

#[tokio::test]
async fn the_admin_port_reloads_on_post_alone() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    write(&gateway, "policy.toml", &refusing("closed"));
    let got = gateway.admin().get("/reload").await;
    assert_eq!((got.status.as_u16(), got.header("allow").as_str()), (405, "POST"));
    assert_eq!(gateway.client().post_bytes("/reload", "").await.status, 404, "not on the clients' port");
    assert_eq!(status(&gateway).await, 200);
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    assert_eq!(status(&gateway).await, 403);
}

#[tokio::test]
async fn streams_that_run_are_not_disturbed() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("endless", &cloud.base_url());
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    cloud.set(Behaviour::Stall(Point::AfterEvents(2)));
    let mut from_cloud = gateway.client().chat_stream(&chat_stream("auto", HARD)).await;
    let mut from_device = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    let first = from_cloud.event().await.unwrap();
    assert!(from_device.event().await.is_some());
    cloud.stalled(1).await;

    // Neither cloud nor device model is in the new configuration.
    let other = device_only("hello").replace("\"home\"", "\"other\"");
    write(&gateway, "hearthgate.toml", &other);
    write(&gateway, "policy.toml", &all_at_home());
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    let answer = gateway.client().chat(&chat("auto", HARD)).await;
    assert_eq!(answer.header("x-hearthgate-target"), "device/other");

    cloud.release();
    let events: Vec<_> = [vec![first], from_cloud.rest().await].concat();
    let text: String = events.iter().map(hearthgate_tests::sse::Event::delta).collect();
    assert_eq!(text, "The fake cloud says hello.");
    assert!(events.last().unwrap().is_done() && !from_cloud.is_broken());
    for _ in 0..100 {
        assert!(from_device.event().await.is_some(), "the device's stream has no end");
    }
}

#[tokio::test]
async fn a_retry_after_a_reload_is_decided_again() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    cloud.set(Behaviour::Hold(Box::new(Behaviour::status(503))));
    let mut waiting = hearthgate_tests::connection::Connection::open(gateway.address()).await;
    waiting.send(&hearthgate_tests::connection::chat_request(&chat("auto", HARD))).await;
    cloud.stalled(1).await;
    write(&gateway, "policy.toml", &all_at_home());
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    cloud.release();
    let answer = waiting.answer().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-hearthgate-zone"), "device");
    assert_eq!(answer.header("x-hearthgate-rule"), "all", "it is told by the policy that decided last");
    assert_eq!(cloud.chats().len(), 1, "the new policy does not let it out again");
}

#[tokio::test]
async fn one_that_read_its_files_earlier_does_not_undo_a_later_one() {
    let config = device_only("hello");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let slow = gateway.folder().join("slow.toml");
    assert!(std::process::Command::new("mkfifo").arg(&slow).status().unwrap().success());
    gateway.reload("hearthgate.toml", &config.replace("policy.toml", "slow.toml"));
    // Opens once the first reload reads it, which waits for its words from then on.
    let pipe = tokio::task::spawn_blocking(|| fs::File::options().write(true).open(slow).unwrap());
    let mut pipe = hearthgate_tests::bounded("the first reload", pipe).await.unwrap();
    write(&gateway, "hearthgate.toml", &config);
    let admin = gateway.admin();
    let mut later = tokio::spawn(async move { admin.post_bytes("/reload", "").await.status });
    let ahead = tokio::time::timeout(Duration::from_millis(200), &mut later).await;
    pipe.write_all(refusing("closed").as_bytes()).unwrap();
    drop(pipe);
    gateway.said("configuration reloaded").await;
    assert!(ahead.is_err(), "the later one waits for the earlier");
    assert_eq!(later.await.unwrap(), 200);
    assert_eq!(status(&gateway).await, 200);
}

#[tokio::test]
async fn a_key_that_is_taken_away_opens_nothing_more() {
    let config = device_only("hello") + &client_key("ann", "") + &client_key("ben", "");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let ann = gateway.client().with("x-api-key", "key-of-ann");
    assert_eq!(ann.chat(&chat("auto", EASY)).await.status, 200);
    write(&gateway, "hearthgate.toml", &(device_only("hello") + &client_key("ben", "")));
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    assert_eq!(ann.chat(&chat("auto", EASY)).await.status, 401);
    let ben = gateway.client().with("x-api-key", "key-of-ben");
    assert_eq!(ben.chat(&chat("auto", EASY)).await.status, 200);
}

#[tokio::test]
async fn the_outermost_zone_is_drawn_in_at_once() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    assert_eq!(gateway.client().chat(&chat("auto", HARD)).await.header("x-hearthgate-zone"), "cloud");
    write(&gateway, "hearthgate.toml", &with_server(&config, "outermost_zone = \"device\""));
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    assert_eq!(gateway.client().chat(&chat("auto", HARD)).await.header("x-hearthgate-zone"), "device");
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn what_takes_a_restart_is_refused_and_named() {
    let config = with_server(&device_only("hello"), "workers = 1");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let free = "127.0.0.1:1";
    let cases = [
        ("server.listen", config.replace("\nlisten = \"127.0.0.1:0\"", &format!("\nlisten = \"{free}\""))),
        (
            "server.admin_listen",
            config.replace("admin_listen = \"127.0.0.1:0\"", &format!("admin_listen = \"{free}\"")),
        ),
        ("server.workers", config.replace("workers = 1", "workers = 2")),
        ("audit", config.replace("audit.jsonl", "elsewhere.jsonl")),
        ("connections_max", with_server(&config, "connections_max = 5")),
        ("header_bytes_max", with_server(&config, "header_bytes_max = 9000")),
        ("header_count_max", with_server(&config, "header_count_max = 5")),
        ("header_timeout_ms", with_server(&config, "header_timeout_ms = 5")),
        ("drain_timeout_ms", with_server(&config, "drain_timeout_ms = 5")),
        ("tls", with_server(&config, "tls_certificate = \"a\"\ntls_key = \"b\"")),
    ];
    for (key, changed) in cases {
        // With another policy beside it, to see that nothing of it is taken.
        write(&gateway, "hearthgate.toml", &changed);
        write(&gateway, "policy.toml", &refusing("closed"));
        let (code, words) = ask_for_reload(&gateway).await;
        assert_eq!(code, 409, "{key}: {words}");
        assert!(words.contains(key) && words.contains("restart"), "{key}: {words}");
        assert_eq!(status(&gateway).await, 200, "{key}");
    }
    assert!(!gateway.folder().join("elsewhere.jsonl").exists());
    // What can change without one, does.
    write(&gateway, "hearthgate.toml", &with_server(&config, "body_bytes_max = 10"));
    write(&gateway, "policy.toml", &all_at_home());
    assert_eq!(ask_for_reload(&gateway).await.0, 200);
    assert_eq!(status(&gateway).await, 413);
}
