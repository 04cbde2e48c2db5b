//! A client that leaves takes its work with it: upstream's and the device's.

use hearthgate_tests::bounded;
use hearthgate_tests::client::Client;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::Value;

use super::{ASKED, STEADY, Setting};

async fn start() -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, STEADY).start().await;
    (cloud, gateway)
}

fn raw(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Waits until the metrics have a line that begins and ends so.
async fn shows(gateway: &Gateway, what: &str, holds: impl Fn(&str) -> bool) {
    let shown = async {
        while !gateway.admin().get("/metrics").await.text().lines().any(&holds) {
            tokio::task::yield_now().await;
        }
    };
    bounded(what, shown).await;
}

fn counts_one_gone(line: &str) -> bool {
    line.starts_with("hearthgate_requests_total{") && line.contains("status=\"499\"") && line.ends_with(" 1")
}

#[tokio::test]
async fn a_client_that_leaves_a_stalled_stream_is_noticed() {
    for http2 in [false, true] {
        let (cloud, gateway) = start().await;
        cloud.set(Behaviour::Stall(Point::AfterEvents(2)));
        let client = if http2 { gateway.client().http2() } else { gateway.client() };
        let mut stream = client.chat_stream(&chat_stream("auto", ASKED)).await;
        stream.event().await.unwrap();
        cloud.stalled(1).await;
        assert_eq!(cloud.hang_ups(), 0);
        stream.hang_up();
        cloud.hung_up(1).await;
        shows(&gateway, "a client that left in the metrics", counts_one_gone).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_an_answer_is_noticed() {
    for point in [Point::BeforeHeaders, Point::AfterHeaders] {
        for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
            let (cloud, gateway) = start().await;
            cloud.set(Behaviour::Stall(point));
            let client = Client::new(gateway.address());
            let waiting = tokio::spawn(async move { client.raw(&raw(&body), |_| false).await });
            cloud.stalled(1).await;
            waiting.abort();
            cloud.hung_up(1).await;
            shows(&gateway, "a client that left in the metrics", counts_one_gone).await;
            // It has not been tried again for nobody.
            assert_eq!(cloud.chats().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_between_attempts_stops_them() {
    let (cloud, gateway) = start().await;
    let later = Behaviour::Status { code: 429, body: None, retry_after: Some("5".to_owned()) };
    cloud.set(Behaviour::Sequence(vec![later, Behaviour::Chat]));
    let client = Client::new(gateway.address());
    let waiting = tokio::spawn(async move { client.raw(&raw(&chat("auto", ASKED)), |_| false).await });
    cloud.received(1).await;
    waiting.abort();
    shows(&gateway, "a client that left in the metrics", counts_one_gone).await;
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_devices_work() {
    for http2 in [false, true] {
        let gateway = Setting::new().device("endless").start().await;
        let client = if http2 { gateway.client().http2() } else { gateway.client() };
        let mut stream = client.chat_stream(&chat_stream("auto", ASKED)).await;
        stream.event().await.unwrap();
        let busy = |line: &str| line == "hearthgate_slots_busy{model=\"device/home\"} 1";
        shows(&gateway, "a busy slot", busy).await;
        stream.hang_up();
        let idle = |line: &str| line == "hearthgate_slots_busy{model=\"device/home\"} 0";
        shows(&gateway, "an idle slot", idle).await;
        shows(&gateway, "a client that left in the metrics", counts_one_gone).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_plain_request_ends_the_devices_work() {
    let gateway = Setting::new().device("endless").start().await;
    let client = Client::new(gateway.address());
    let waiting = tokio::spawn(async move { client.raw(&raw(&chat("auto", ASKED)), |_| false).await });
    let busy = |line: &str| line == "hearthgate_slots_busy{model=\"device/home\"} 1";
    shows(&gateway, "a busy slot", busy).await;
    waiting.abort();
    let idle = |line: &str| line == "hearthgate_slots_busy{model=\"device/home\"} 0";
    shows(&gateway, "an idle slot", idle).await;
}
