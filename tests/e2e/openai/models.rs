//! `/v1/models`: what may be asked for.

use hearthgate_tests::configs::{hard_to_cloud, home_and_cloud, with_server};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat};

async fn gateway(keys: &str) -> (Gateway, FakeCloud) {
    let cloud = FakeCloud::start().await;
    let config = with_server(&home_and_cloud("hello", &cloud.base_url()), keys);
    let policy = format!("{}\n[alias]\n\"gpt-4o\" = \"auto\"\nfast = \"device/*\"\n", hard_to_cloud());
    (Setup::new(&config).policy(&policy).start().await, cloud)
}

async fn listed(gateway: &Gateway) -> Vec<String> {
    let list = gateway.client().get("/v1/models").await;
    assert_eq!(list.status, 200);
    assert!(list.header("content-type").starts_with("application/json"));
    let list = list.json();
    assert_eq!(list["object"], "list");
    let models = list["data"].as_array().unwrap();
    for model in models {
        assert_eq!(model["object"], "model", "{model}");
        assert!(model["created"].is_u64() && model["owned_by"].is_string(), "{model}");
    }
    let mut names: Vec<_> = models.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn all_that_may_be_asked_for_is_listed_and_can_be_asked() {
    let (gateway, _cloud) = gateway("").await;
    let names = listed(&gateway).await;
    let frontier = format!("cloud/{MODEL}");
    assert_eq!(names, ["auto", &frontier, "device/home", "fast", "gpt-4o"]);
    for name in &names {
        assert_eq!(gateway.client().chat(&chat(name, "Say hello.")).await.status, 200, "{name}");
        for path in [name.clone(), name.replace('/', "%2F"), name.replace('/', "%2f")] {
            let one = gateway.client().get(&format!("/v1/models/{path}")).await;
            assert_eq!(one.status, 200, "{path}");
            assert_eq!(one.json()["id"], name.as_str());
            assert_eq!(one.json()["object"], "model");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (gateway, _cloud) = gateway("").await;
    for name in ["nothing", "", "device", "device/", "device/home/x", "gpt-4o-mini", "..%2Fauto"] {
        let answer = gateway.client().get(&format!("/v1/models/{name}")).await;
        assert_eq!(answer.status, 404, "{name:?}");
        assert_eq!(answer.json()["error"]["code"], "model_not_found", "{name:?}");
    }
}

#[tokio::test]
async fn what_lies_beyond_the_outermost_zone_is_not_offered() {
    let (gateway, cloud) = gateway("outermost_zone = \"device\"").await;
    let names = listed(&gateway).await;
    assert!(names.contains(&"device/home".to_owned()));
    assert!(names.iter().all(|name| !name.starts_with("cloud/")), "{names:?}");
    assert_eq!(gateway.client().get(&format!("/v1/models/cloud/{MODEL}")).await.status, 404);
    assert!(cloud.connections().is_empty());
}
