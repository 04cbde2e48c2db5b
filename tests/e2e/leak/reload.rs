//! A reload that tightens holds for what is still on its way: no further attempt leaves under the old policy.

use hearthgate_tests::client::Response;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::Value;

const CANARY: &str = "canary-of-the-reload";

/// What is reloaded while the first attempt stands.
struct Change {
    name: &'static str,
    file: &'static str,
    content: fn(&str) -> String,
}

fn config(cloud: &str) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\n\
         [[model]]\nname = \"home\"\nsource = \"scripted:hello\"\n\n\
         [[upstream]]\nname = \"one\"\nzone = \"cloud\"\nbase_url = \"{cloud}\"\nmodels = [\"{MODEL}\"]\n\n\
         [policy]\nfile = \"policy.toml\"\n"
    )
}

fn policy(rest: &str) -> String {
    format!(
        "packs = [\"pii\", \"secrets\", \"health\"]\n{rest}\n\
         [[route]]\nname = \"all\"\nto = [\"one/{MODEL}\", \"device/*\"]\n"
    )
}

const CHANGES: [Change; 5] = [
    Change { name: "ceiling", file: "policy.toml", content: |_| policy(&super::ceilings("device")) },
    Change {
        name: "terms",
        file: "policy.toml",
        content: |_| {
            policy(
                "[[terms]]\nname = \"codename\"\nwords = [\"canary-of-the-reload\"]\nlabel = \"restricted\"\n",
            )
        },
    },
    Change {
        name: "route",
        file: "policy.toml",
        content: |_| policy("[[route]]\nname = \"first\"\nto = [\"device/*\"]\n"),
    },
    Change {
        name: "outermost zone",
        file: "hearthgate.toml",
        content: |cloud| config(cloud).replace("[server]", "[server]\noutermost_zone = \"device\""),
    },
    Change {
        name: "label of unknown content",
        file: "policy.toml",
        content: |_| policy("").replacen("packs", "unlabelled = \"restricted\"\npacks", 1),
    },
];

/// Holds the first attempt, changes the configuration, fails the attempt, and gives what came of it.
async fn held(
    cloud: &FakeCloud,
    gateway: &Gateway,
    failure: Behaviour,
    body: Value,
    change: (&str, &str),
) -> Response {
    cloud.set(Behaviour::Sequence(vec![Behaviour::Hold(Box::new(failure)), Behaviour::Chat]));
    let client = gateway.client();
    let answer = tokio::spawn(async move { client.chat(&body).await });
    cloud.stalled(1).await;
    gateway.reload(change.0, change.1);
    let said = gateway.said("configuration").await;
    assert!(said.contains("configuration reloaded"), "{said}");
    cloud.release();
    answer.await.unwrap()
}

async fn start(cloud: &FakeCloud) -> Gateway {
    Setup::new(&config(&cloud.base_url())).policy(&policy("")).start().await
}

fn failures() -> [(&'static str, Behaviour); 5] {
    [
        ("500", Behaviour::status(500)),
        ("429", Behaviour::status(429)),
        ("reset", Behaviour::Reset(Point::BeforeHeaders)),
        ("no JSON", Behaviour::TruncatedJson),
        ("unauthorized", Behaviour::status(401)),
    ]
}

#[tokio::test]
async fn no_attempt_leaves_once_the_policy_is_tighter() {
    for change in &CHANGES {
        for (name, failure) in failures() {
            let cloud = FakeCloud::start().await;
            let gateway = start(&cloud).await;
            let content = (change.content)(&cloud.base_url());
            let answer = held(&cloud, &gateway, failure, chat("auto", CANARY), (change.file, &content)).await;
            let case = format!("{} after {name}: {}", change.name, answer.text());
            assert_eq!(answer.header("x-hearthgate-zone"), "device", "{case}");
            assert_eq!(cloud.chats().len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_has_not_begun_is_held_to_it_too() {
    for failure in [Behaviour::status(503), Behaviour::StreamError(0)] {
        let cloud = FakeCloud::start().await;
        let gateway = start(&cloud).await;
        let content = (CHANGES[0].content)(&cloud.base_url());
        let answer =
            held(&cloud, &gateway, failure, chat_stream("auto", CANARY), (CHANGES[0].file, &content)).await;
        assert_eq!(answer.header("x-hearthgate-zone"), "device");
        assert_eq!(cloud.chats().len(), 1);
    }
}

#[tokio::test]
async fn a_reload_that_changes_nothing_lets_the_retry_go() {
    let cloud = FakeCloud::start().await;
    let gateway = start(&cloud).await;
    let same = policy("");
    let failure = Behaviour::status(500);
    let answer = held(&cloud, &gateway, failure, chat("auto", CANARY), ("policy.toml", &same)).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "cloud", "{}", answer.text());
    assert_eq!(cloud.chats().len(), 2);
}

#[tokio::test]
async fn a_reload_that_does_not_hold_changes_nothing() {
    let cloud = FakeCloud::start().await;
    let gateway = start(&cloud).await;
    // Restricted text would leave, against what the policy itself asks.
    let broken = format!(
        "[ceiling]\nrestricted = \"cloud\"\n[[invariant]]\ntext = 'never \"restricted\" beyond \"device\"'\n\
         [[route]]\nname = \"all\"\nto = [\"one/{MODEL}\"]\n"
    );
    gateway.reload("policy.toml", &broken);
    gateway.said("the old configuration stays").await;
    let card = chat("auto", "My card is 4539 1488 0343 6467.");
    assert_eq!(gateway.client().chat(&card).await.header("x-hearthgate-zone"), "device");
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn a_reload_right_after_the_start_is_none_too_early() {
    for _ in 0..20 {
        let gateway = Setup::new(&config("http://127.0.0.1:9/v1")).policy(&policy("")).start().await;
        gateway.sighup();
        gateway.said("configuration reloaded").await;
    }
}

#[tokio::test]
async fn a_connection_that_was_kept_gives_no_second_attempt_under_the_old_policy() {
    let cloud = FakeCloud::start().await;
    // One worker, so that the second request finds the first one's connection.
    let config = config(&cloud.base_url()).replace("[server]", "[server]\nworkers = 1");
    let gateway = Setup::new(&config).policy(&policy("")).start().await;
    assert_eq!(gateway.client().chat(&chat("auto", "Hello.")).await.header("x-hearthgate-zone"), "cloud");
    let tighter = policy(&super::ceilings("device"));
    let failure = Behaviour::Reset(Point::BeforeHeaders);
    let answer = held(&cloud, &gateway, failure, chat("auto", CANARY), ("policy.toml", &tighter)).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "device");
    assert_eq!(cloud.chats().len(), 2, "the first request, and one attempt of the second");
}
