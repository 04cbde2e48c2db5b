//! A label lowered at the word of somebody who may: told everywhere, and of nobody else's doing.

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{HARD, client_key, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::chat;
use serde_json::Value;

use crate::exposition::Exposition;

const DECLASSIFY: &str = "\n[[declassify]]\nname = \"released\"\nrole = \"legal\"\nfrom = \"confidential\"\n\
    to = \"internal\"\n";

/// Hard, and confidential.
fn private() -> String {
    format!("{HARD} Send it to maria.keller@keller-bakery.de.")
}

async fn gateway(cloud: &FakeCloud) -> Gateway {
    let config = home_and_cloud("hello", &cloud.base_url())
        + &client_key("ann", "roles = [\"legal\"]")
        + &client_key("bob", "roles = [\"press\"]");
    Setup::new(&config).policy(&(hard_to_cloud() + DECLASSIFY)).start().await
}

async fn ask(gateway: &Gateway, who: &str, by: Option<&str>) -> Response {
    let client = gateway.client().with("authorization", &format!("Bearer key-of-{who}"));
    let client = by.into_iter().fold(client, |client, by| client.with("x-hearthgate-declassify", by));
    client.chat(&chat("auto", &private())).await
}

#[tokio::test]
async fn who_has_the_role_may_and_it_is_told() {
    let cloud = FakeCloud::start().await;
    let mut gateway = gateway(&cloud).await;
    let released = ask(&gateway, "ann", Some("released")).await;
    assert_eq!(released.status, 200, "{}", released.text());
    let headers =
        ["zone", "label", "declassified"].map(|name| released.header(&format!("x-hearthgate-{name}")));
    assert_eq!(headers, ["cloud", "internal", "released"]);
    assert_eq!(cloud.chats().len(), 1);
    // The next request of the same conversation has its own label again.
    let plain = ask(&gateway, "ann", None).await;
    let headers = ["zone", "label", "declassified"].map(|name| plain.header(&format!("x-hearthgate-{name}")));
    assert_eq!(headers, ["device", "confidential", ""]);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_declassified_total", &[("name", "released")]), 1.0);

    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().filter(|line| line["declassified"].is_object()).collect();
    assert_eq!(told.len(), 1, "{record}");
    assert_eq!(
        told[0]["declassified"],
        serde_json::json!({"by": "released", "from": "confidential", "to": "internal"})
    );
    assert_eq!((&told[0]["caller"], &told[0]["label"]), (&"ann".into(), &"internal".into()));
}

#[tokio::test]
async fn nobody_else_may() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    for (who, by) in [("bob", "released"), ("ann", "relaesed"), ("bob", "relaesed")] {
        let refused = ask(&gateway, who, Some(by)).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        let error = &refused.json()["error"];
        assert_eq!(error["code"], "declassification_not_allowed");
        assert_eq!(error["param"], "x-hearthgate-declassify");
        let message = error["message"].as_str().unwrap();
        assert_eq!(message.contains("`released`"), by == "released", "{message}");
        assert!(!message.contains("relaesed"), "{message}");
    }
    assert!(cloud.chats().is_empty());
}
