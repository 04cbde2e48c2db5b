//! The end: what runs comes to its end, nothing new begins, and the deadline holds.

use hearthgate_tests::bounded;
use hearthgate_tests::configs::{EASY, all_at_home, all_to_cloud, device_only, one_cloud, with_server};
use hearthgate_tests::connection::{Connection, chat_request};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use hyper::body::Bytes;

use super::gateway;

/// Waits until new clients are turned away. The port may take some into its queue before it closes.
async fn closed_to_new_clients(gateway: &Gateway) {
    let refused = async {
        while gateway.client().send("GET", "/livez", Bytes::new()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    bounded("new clients to be refused", refused).await;
}

#[tokio::test]
async fn what_runs_ends_whole_and_nothing_new_begins() {
    let cloud = FakeCloud::start().await;
    let mut gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    cloud.set(Behaviour::Stall(Point::AfterEvents(2)));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    let first = stream.event().await.unwrap();
    let mut plain = Connection::open(gateway.address()).await;
    plain.send(&chat_request(&chat("auto", EASY))).await;
    cloud.stalled(2).await;

    gateway.sigterm();
    gateway.said("draining").await;
    closed_to_new_clients(&gateway).await;

    cloud.release();
    let mut events = vec![first];
    events.extend(stream.rest().await);
    let text: String = events.iter().map(hearthgate_tests::sse::Event::delta).collect();
    assert_eq!(text, "The fake cloud says hello.");
    assert!(events.last().unwrap().is_done() && !stream.is_broken());
    assert_eq!(plain.answer().await.status, 200);
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_stream_of_the_device_ends_whole_too() {
    let mut gateway = gateway("").await;
    // A client that has its answer before it and reads on later.
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    gateway.sigterm();
    gateway.said("draining").await;
    assert!(stream.rest().await.last().unwrap().is_done());
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_drain_up() {
    let mut gateway = gateway("drain_timeout_ms = 86400000\nheader_timeout_ms = 86400000").await;
    let mut connection = Connection::open(gateway.address()).await;
    assert_eq!(connection.ask(&chat_request(&chat("auto", EASY))).await.status, 200);
    gateway.sigterm();
    assert!(connection.closed().await.is_empty());
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_silent_connection_does_not_hold_the_drain_up() {
    let mut gateway = gateway("drain_timeout_ms = 86400000\nheader_timeout_ms = 86400000").await;
    let connection = Connection::open(gateway.address()).await;
    // Accepted in order, so the silent one has been, too.
    assert_eq!(gateway.client().get("/livez").await.status, 200);
    gateway.sigterm();
    assert!(connection.closed().await.is_empty());
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn the_deadline_ends_what_has_no_end() {
    let config = with_server(&device_only("endless"), "drain_timeout_ms = 200");
    let mut gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    assert!(stream.event().await.is_some());
    gateway.sigterm();
    // The stream has no end, so reading on shows when the gateway gives it up.
    while stream.part().await.is_some() {}
    assert!(stream.is_broken());
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_gateway_on_the_same_port_says_so() {
    let gateway = gateway("").await;
    let taken = gateway.address().to_string();
    let config = device_only("hello").replacen("127.0.0.1:0", &taken, 1);
    let refused = Setup::new(&config).policy(&all_at_home()).try_start().await.unwrap_err();
    assert_ne!(refused.code, Some(0));
    for words in [taken.as_str(), "server.listen", "in use"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(refused.stdout.is_empty());
    assert_eq!(gateway.client().get("/livez").await.status, 200, "the first one goes on");
}

#[tokio::test]
async fn two_gateways_do_not_write_one_record() {
    let gateway = gateway("").await;
    let record = gateway.folder().join("audit.jsonl");
    let config = device_only("hello").replace("audit.jsonl", record.to_str().unwrap());
    let refused = Setup::new(&config).policy(&all_at_home()).try_start().await.unwrap_err();
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("another process"), "{}", refused.stderr);
}
