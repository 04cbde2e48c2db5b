//! From one target of a permit to the next.

use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::openai::{chat, chat_stream};

use super::{ASKED, STEADY, Setting};

#[tokio::test]
async fn the_next_cloud_answers_and_then_the_device() {
    for (name, behaviour) in [
        ("reset", Behaviour::Reset(Point::BeforeHeaders)),
        ("page", Behaviour::WrongContentType),
        ("401", Behaviour::status(401)),
        ("404", Behaviour::status(404)),
        ("429", Behaviour::status(429)),
        ("500", Behaviour::status(500)),
        ("silence", Behaviour::Stall(Point::BeforeHeaders)),
        ("only a head", Behaviour::Stall(Point::AfterHeaders)),
    ] {
        let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
        // No connection is kept, so that each request is one attempt on a fresh one.
        let quick = "retries = 0\nidle_connections_max = 0\nbreaker_faults = 1000\n\
             first_byte_timeout_ms = 150\nidle_timeout_ms = 150\n";
        let setting = Setting::new().cloud("one", &one, quick).cloud("two", &two, quick).device("hello");
        let gateway = setting.start().await;
        one.set(behaviour.clone());
        for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
            assert_eq!(answer.header("x-hearthgate-target"), "two/fake-frontier", "{name}");
            assert!(answer.text().contains("hello"), "{name}: {}", answer.text());
        }
        two.set(behaviour);
        for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(answer.header("x-hearthgate-target"), "device/home", "{name}");
            assert_eq!(answer.header("x-hearthgate-zone"), "device", "{name}");
        }
        assert_eq!((one.chats().len(), two.chats().len()), (4, 4), "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_wrong_everywhere() {
    for code in [400, 409, 413, 422] {
        let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
        let gateway = Setting::new().cloud("one", &one, STEADY).cloud("two", &two, STEADY).start().await;
        one.set(Behaviour::status(code));
        assert_eq!(gateway.client().chat(&chat("auto", ASKED)).await.status, code);
        assert!(two.connections().is_empty(), "{code}");
    }
}

#[tokio::test]
async fn a_stream_that_has_begun_changes_its_target_no_more() {
    for behaviour in
        [Behaviour::StreamError(2), Behaviour::Close(Point::AfterEvents(2)), Behaviour::MalformedSse]
    {
        let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
        let gateway = Setting::new().cloud("one", &one, STEADY).cloud("two", &two, STEADY).start().await;
        one.set(Behaviour::HoldAt(Point::AfterEvents(2), Box::new(behaviour)));
        let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
        stream.event().await.unwrap();
        one.release();
        let events = stream.rest().await;
        assert!(events.last().unwrap().json()["error"].is_object(), "{events:?}");
        assert!(two.connections().is_empty());
    }
}

#[tokio::test]
async fn an_error_before_the_first_event_still_falls_back() {
    let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = Setting::new().cloud("one", &one, STEADY).cloud("two", &two, STEADY).start().await;
    one.set(Behaviour::StreamError(0));
    let answer = gateway.client().chat(&chat_stream("auto", ASKED)).await;
    assert_eq!(answer.header("x-hearthgate-target"), "two/fake-frontier");
    assert!(answer.text().ends_with("data: [DONE]\n\n"));
    let metrics = gateway.admin().get("/metrics").await.text();
    let counted = "hearthgate_fallbacks_total{from=\"one/fake-frontier\",to=\"two/fake-frontier\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_device_that_is_busy_or_cannot_lets_only_the_permitted_out() {
    for script in ["busy", "dead"] {
        let cloud = FakeCloud::start().await;
        let config = Setting::new().device(script).cloud("cloud", &cloud, STEADY);
        let gateway = config.start().await;
        let out = gateway.client().chat(&chat("auto", ASKED)).await;
        assert_eq!(out.header("x-hearthgate-zone"), "cloud", "{script}: {}", out.text());
        let kept = gateway.client().chat(&chat("auto", "My card is 4539 1488 0343 6467.")).await;
        assert!(matches!(kept.status.as_u16(), 429 | 503), "{script}: {}", kept.text());
        assert!(!kept.header("retry-after").is_empty(), "{script}");
        assert_eq!(cloud.chats().len(), 1, "{script}");
        assert!(!cloud.contains(b"4539 1488"), "{script}");
    }
}
