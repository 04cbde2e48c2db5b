//! The breaker: a target that fails too often is left alone, and then tried by one request.

use hearthgate_tests::bounded;
use hearthgate_tests::client::Response;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{chat, chat_stream};

use super::{ASKED, Setting};

/// Never closes by itself within a test.
const OPENS: &str = "retries = 0\nbreaker_faults = 3\nbreaker_open_ms = 3600000\n";

/// Lets a request try again at once.
const REOPENS: &str = "retries = 0\nbreaker_faults = 3\nbreaker_open_ms = 100\n";

async fn ask(gateway: &Gateway) -> Response {
    gateway.client().chat(&chat("auto", ASKED)).await
}

async fn state(gateway: &Gateway) -> String {
    let metrics = gateway.admin().get("/metrics").await.text();
    let line = metrics.lines().find(|line| line.starts_with("hearthgate_breaker_state")).unwrap().to_owned();
    line.rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_open_breaker_sends_nothing() {
    for behaviour in [Behaviour::status(500), Behaviour::status(429), Behaviour::Reset(Point::BeforeHeaders)]
    {
        let cloud = FakeCloud::start().await;
        let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
        cloud.set(behaviour);
        for _ in 0..3 {
            assert_ne!(ask(&gateway).await.json()["error"]["code"], "upstream_breaker_open");
        }
        cloud.set(Behaviour::Chat);
        for _ in 0..5 {
            let answer = ask(&gateway).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["error"]["code"].as_str()),
                (503, Some("upstream_breaker_open"))
            );
            assert!(answer.header("retry-after").parse::<u64>().unwrap() > 3000);
        }
        assert_eq!(cloud.chats().len(), 3);
        assert_eq!(state(&gateway).await, "2");
    }
}

#[tokio::test]
async fn answers_that_are_none_open_it_too() {
    let plain = || chat("auto", ASKED);
    let streamed = || chat_stream("auto", ASKED);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let unfinished = format!("{head}data: {{\"choices\":[]}}\n\n");
    let garbled = format!("{head}data: {{\"choices\":\n\n");
    for (name, behaviour, body) in [
        ("half of the JSON", Behaviour::TruncatedJson, plain()),
        ("a page", Behaviour::WrongContentType, plain()),
        ("a page for a stream", Behaviour::WrongContentType, streamed()),
        ("a bad event", Behaviour::MalformedSse, streamed()),
        ("a bad first event", Behaviour::Raw(garbled.into()), streamed()),
        ("no end of the answer", Behaviour::Raw(unfinished.into()), streamed()),
        ("an error as an event", Behaviour::StreamError(1), streamed()),
    ] {
        let cloud = FakeCloud::start().await;
        let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
        cloud.set(behaviour);
        for _ in 0..3 {
            let answer = gateway.client().chat(&body).await;
            assert!(!answer.text().contains("upstream_breaker_open"), "{name}: {}", answer.text());
        }
        assert_eq!(state(&gateway).await, "2", "{name}");
        cloud.set(Behaviour::Chat);
        assert_eq!(ask(&gateway).await.json()["error"]["code"], "upstream_breaker_open", "{name}");
        assert_eq!(cloud.chats().len(), 3, "{name}");
    }
}

#[tokio::test]
async fn good_streams_keep_it_closed() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
    let bad = || Behaviour::MalformedSse;
    cloud.set(Behaviour::Sequence(vec![bad(), bad(), Behaviour::Chat, bad(), bad(), Behaviour::Chat]));
    for _ in 0..6 {
        gateway.client().chat(&chat_stream("auto", ASKED)).await;
    }
    assert_eq!(state(&gateway).await, "0");
    assert_eq!(cloud.chats().len(), 6);
}

#[tokio::test]
async fn a_reload_does_not_close_it() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
    cloud.set(Behaviour::status(500));
    for _ in 0..3 {
        ask(&gateway).await;
    }
    assert_eq!(gateway.admin().post_bytes("/reload", "").await.status, 200);
    assert_eq!(ask(&gateway).await.json()["error"]["code"], "upstream_breaker_open");
    assert_eq!((cloud.chats().len(), state(&gateway).await.as_str()), (3, "2"));
}

#[tokio::test]
async fn an_open_breaker_leads_home() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, OPENS).device("hello").start().await;
    cloud.set(Behaviour::status(500));
    for _ in 0..10 {
        assert_eq!(ask(&gateway).await.header("x-hearthgate-zone"), "device");
    }
    assert_eq!(cloud.chats().len(), 3);
}

#[tokio::test]
async fn refusals_of_a_request_do_not_open_it() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
    for code in [400, 401, 404, 413, 422, 400, 401, 404] {
        cloud.set(Behaviour::status(code));
        ask(&gateway).await;
    }
    cloud.set(Behaviour::Chat);
    assert_eq!(ask(&gateway).await.status, 200);
    assert_eq!(state(&gateway).await, "0");
}

#[tokio::test]
async fn faults_apart_do_not_open_it() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, OPENS).start().await;
    let fault = || Behaviour::status(500);
    cloud.set(Behaviour::Sequence(vec![
        fault(),
        fault(),
        Behaviour::Chat,
        fault(),
        fault(),
        Behaviour::Chat,
    ]));
    for status in [502, 502, 200, 502, 502, 200, 200] {
        assert_eq!(ask(&gateway).await.status, status);
    }
}

#[tokio::test]
async fn one_request_tries_and_a_good_answer_closes_it() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, REOPENS).start().await;
    cloud.set(Behaviour::status(500));
    for _ in 0..3 {
        ask(&gateway).await;
    }
    // The next attempt that is let through stands still, and no other is let through beside it.
    cloud.set(Behaviour::Hold(Box::new(Behaviour::Chat)));
    let client = gateway.client();
    let probe = tokio::spawn(async move {
        bounded("the breaker to try", async {
            loop {
                let answer = client.chat(&chat("auto", ASKED)).await;
                if answer.status == 200 {
                    return answer;
                }
                assert_eq!(answer.json()["error"]["code"], "upstream_breaker_open");
            }
        })
        .await
    });
    cloud.stalled(1).await;
    for _ in 0..5 {
        assert_eq!(ask(&gateway).await.json()["error"]["code"], "upstream_breaker_open");
    }
    assert_eq!(cloud.chats().len(), 4);
    cloud.release();
    assert_eq!(probe.await.unwrap().content(), "The fake cloud says hello.");
    assert_eq!(state(&gateway).await, "0");
    assert_eq!(ask(&gateway).await.status, 200);
}

#[tokio::test]
async fn a_bad_try_opens_it_again() {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, REOPENS).start().await;
    cloud.set(Behaviour::status(500));
    for _ in 0..3 {
        ask(&gateway).await;
    }
    let tried = async {
        while cloud.chats().len() < 4 {
            ask(&gateway).await;
        }
    };
    bounded("the breaker to try", tried).await;
    assert_eq!(cloud.chats().len(), 4);
    assert_eq!(ask(&gateway).await.json()["error"]["code"], "upstream_breaker_open");
}
