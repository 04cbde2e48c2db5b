//! Client keys and the admin key: which header, which caller, and what a caller brings with it.

use hearthgate_tests::client::{Client, Response};
use hearthgate_tests::configs::{EASY, client_key, home_and_cloud, with_server};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat};

/// Two callers with nothing special, one that stays home, one with a label, one of a tenant.
async fn gateway(cloud: &FakeCloud) -> Gateway {
    let keys = [
        client_key("ann", ""),
        client_key("ben", ""),
        client_key("stay-home", "zone = \"device\""),
        client_key("secretive", "label = \"restricted\""),
        client_key("person-of-hr", "tenant = \"hr\""),
        client_key("reviewer", "workflow = \"code-review\""),
    ];
    let policy = "packs = [\"pii\"]

[[rule]]
name = \"everything-of-hr\"
when = { tenant = \"hr\" }
label = \"confidential\"

[[route]]
name = \"reviews\"
when = { workflow = \"code-review\" }
to = [\"device/*\"]

[[route]]
name = \"rest\"
to = [\"zone:cloud\", \"device/*\"]
";
    Setup::new(&(home_and_cloud("hello", &cloud.base_url()) + &keys.concat())).policy(policy).start().await
}

fn bearer(client: &Client, name: &str) -> Client {
    client.clone().with("authorization", &format!("Bearer key-of-{name}"))
}

async fn ask(client: &Client) -> Response {
    client.chat(&chat("auto", EASY)).await
}

#[tokio::test]
async fn a_key_is_taken_from_any_of_three_headers() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let right = "key-of-ann";
    let cases: [(&[(&str, &str)], u16); 17] = [
        (&[("authorization", "Bearer key-of-ann")], 200),
        (&[("authorization", "bearer key-of-ann")], 200),
        (&[("authorization", "BEARER  key-of-ann ")], 200),
        (&[("x-api-key", right)], 200),
        (&[("api-key", right)], 200),
        (&[("x-api-key", "key-of-ben")], 200),
        (&[("authorization", "Bearer "), ("api-key", right)], 200),
        (&[], 401),
        (&[("authorization", "")], 401),
        (&[("authorization", right)], 401),
        (&[("authorization", "Basic key-of-ann")], 401),
        (&[("authorization", "Bearer key-of-ann2")], 401),
        (&[("authorization", "Bearer key-of-an")], 401),
        (&[("authorization", "Bearer KEY-OF-ANN")], 401),
        (&[("x-api-key", "key-of-nobody")], 401),
        (&[("authorization", "Bearer wrong"), ("x-api-key", right)], 401),
        (&[("cookie", right)], 401),
    ];
    for (headers, status) in cases {
        let client = headers.iter().fold(gateway.client(), |client, (name, value)| client.with(name, value));
        for client in [client.clone(), client.http2()] {
            let answer = ask(&client).await;
            assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
            assert_eq!(client.get("/v1/models").await.status, status, "{headers:?}");
            if status == 401 {
                let error = &answer.json()["error"];
                assert_eq!(error["type"], "authentication_error", "{headers:?}");
                assert!(error["code"].is_string() && error["message"].is_string(), "{error}");
            }
        }
    }
    let long = gateway.client().with("x-api-key", &"k".repeat(5000));
    assert_eq!(ask(&long).await.status, 401);
}

#[tokio::test]
async fn the_hash_of_a_key_is_no_key() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let hash = hearthgate_tests::configs::sha256("key-of-ann");
    assert_eq!(ask(&gateway.client().with("x-api-key", &hash)).await.status, 401);
}

#[tokio::test]
async fn keys_show_nowhere() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    assert_eq!(ask(&bearer(&gateway.client(), "ann")).await.status, 200);
    let refused = ask(&gateway.client().with("x-api-key", "key-of-nobody")).await;
    assert!(!refused.text().contains("key-of-nobody"));
    assert!(!gateway.leaks(b"key-of-"));
    assert!(!gateway.admin().get("/metrics").await.text().contains("key-of-"));
    assert!(!cloud.contains(b"key-of-"), "a client's key is the gateway's, not the cloud's");
}

#[tokio::test]
async fn a_key_brings_its_zone_label_tenant_and_workflow() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let cases = [
        ("ann", "public", "cloud"),
        ("stay-home", "public", "device"),
        ("secretive", "restricted", "device"),
        ("person-of-hr", "confidential", "device"),
        ("reviewer", "public", "device"),
    ];
    for (name, label, zone) in cases {
        let answer = ask(&bearer(&gateway.client(), name)).await;
        assert_eq!(answer.header("x-hearthgate-label"), label, "{name}");
        assert_eq!(answer.header("x-hearthgate-zone"), zone, "{name}");
    }
    let answer = ask(&bearer(&gateway.client(), "reviewer").with("x-hearthgate-workflow", "other")).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "cloud", "a header names the workflow instead");
}

#[tokio::test]
async fn no_header_and_no_model_name_loosens_what_a_key_says() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let outwards = [("x-hearthgate-zone", "cloud"), ("x-hearthgate-label", "public")];
    for name in ["stay-home", "secretive", "person-of-hr"] {
        let client = outwards.iter().fold(bearer(&gateway.client(), name), |c, (n, v)| c.with(n, v));
        for model in ["auto", &format!("cloud/{MODEL}")] {
            let answer = client.chat(&chat(model, EASY)).await;
            assert_eq!(answer.header("x-hearthgate-zone"), "device", "{name} asking for {model}");
        }
    }
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn a_header_tightens_what_a_key_says() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let ann = bearer(&gateway.client(), "ann");
    let home = ask(&ann.clone().with("x-hearthgate-zone", "device")).await;
    assert_eq!(home.header("x-hearthgate-zone"), "device");
    let labelled = ask(&ann.with("x-hearthgate-label", "confidential")).await;
    assert_eq!(labelled.header("x-hearthgate-label"), "confidential");
    assert_eq!(labelled.header("x-hearthgate-zone"), "device");
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn a_caller_sees_the_models_that_it_may_reach() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let names = async |name: &str| {
        let list = bearer(&gateway.client(), name).get("/v1/models").await.json();
        let models = list["data"].as_array().unwrap().clone();
        models.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let cloud_model = format!("cloud/{MODEL}");
    assert!(names("ann").await.contains(&cloud_model));
    let home = names("stay-home").await;
    assert!(home.contains(&"device/home".to_owned()) && !home.contains(&cloud_model), "{home:?}");
}

#[tokio::test]
async fn health_needs_no_key() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    assert_eq!(gateway.client().get("/livez").await.status, 200);
    assert_eq!(gateway.client().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn the_admin_port_has_a_key_of_its_own() {
    let cloud = FakeCloud::start().await;
    let hash = hearthgate_tests::configs::sha256("key-of-admin");
    let config = home_and_cloud("hello", &cloud.base_url()) + &client_key("ann", "");
    let config = with_server(&config, &format!("admin_key_sha256 = \"{hash}\""));
    let policy = hearthgate_tests::configs::all_at_home();
    let gateway = Setup::new(&config).policy(&policy).start().await;
    for path in ["/metrics", "/nothing-here"] {
        assert_eq!(gateway.admin().get(path).await.status, 401, "{path}");
        assert_eq!(bearer(&gateway.admin(), "ann").get(path).await.status, 401, "a client's key on {path}");
    }
    assert_eq!(gateway.admin().post_bytes("/reload", "").await.status, 401);
    let admin = bearer(&gateway.admin(), "admin");
    assert_eq!(admin.get("/metrics").await.status, 200);
    assert_eq!(admin.get("/nothing-here").await.status, 404);
    assert_eq!(admin.post_bytes("/reload", "").await.status, 200);
    assert_eq!(ask(&bearer(&gateway.client(), "admin")).await.status, 401, "the admin key is no client key");
}
