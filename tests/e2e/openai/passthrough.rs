//! What was received is what is sent: every field, in order, digit for digit; only a closed list is added.

use hearthgate_tests::configs::{EASY, all_to_cloud, cloud_first, home_and_cloud, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::golden;
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::{Value, json};

async fn gateway(cloud: &FakeCloud) -> Gateway {
    Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await
}

/// A gateway that tells the cloud how long to think.
async fn telling_effort(cloud: &FakeCloud) -> Gateway {
    Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&cloud_first()).start().await
}

/// What the cloud received last.
fn sent(cloud: &FakeCloud) -> Value {
    cloud.chats().last().expect("the cloud was asked").json()
}

#[tokio::test]
async fn every_field_arrives_in_order() {
    let cloud = FakeCloud::start().await;
    // A search by the cloud's provider counts as a link that it would fetch; here it may.
    let policy = all_to_cloud() + "\n[opaque]\nurl = \"public\"\n";
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&policy).start().await;
    let body = golden::read("every-field.client.json");
    let answer = gateway.client().post_bytes("/v1/chat/completions", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(cloud.chats().len(), 1);
    golden::check("every-field.openai-openai.json", &cloud.chats()[0].body);
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
}

#[tokio::test]
async fn numbers_and_code_points_arrive_as_they_were_written() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let body = golden::read("lexemes.client.json");
    // The fake cloud cannot read 1e400, as a real one may not, and says so: the bytes are what counts here.
    let answer = gateway.client().post_bytes("/v1/chat/completions", body).await;
    assert_eq!(cloud.chats().len(), 1, "{}", answer.text());
    golden::check("lexemes.openai-openai.json", &cloud.chats()[0].body);
}

#[tokio::test]
async fn only_white_space_and_escapes_may_change() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let model = format!("\"model\":\"{MODEL}\"");
    let message = r#"{"role":"user","content":"Compare two ways to sort a list."}"#;
    let plain = format!("{{{model},\"messages\":[{message}]}}");
    let spaced = format!(" {{\n\t{model} ,\r\n \"messages\" : [ {message} ] }} \n");
    let escaped =
        plain.replace("Compare", "\\u0043ompare").replace("ways", "w\\u0061ys").replace("sort", "s\\u006frt");
    for body in [plain.clone(), spaced, escaped] {
        assert_eq!(gateway.client().post_bytes("/v1/chat/completions", body).await.status, 200);
    }
    for received in cloud.chats() {
        assert_eq!(String::from_utf8_lossy(&received.body), plain);
    }
}

#[tokio::test]
async fn the_head_is_the_gateways_own() {
    let cloud = FakeCloud::start_with_key(Some("sk-fake")).await;
    let config = one_cloud(&cloud.base_url()).replace("models =", "api_key = \"${CLOUD_KEY}\"\nmodels =");
    let gateway = Setup::new(&config).policy(&all_to_cloud()).env("CLOUD_KEY", "sk-fake").start().await;
    let client = gateway
        .client()
        .with("authorization", "Bearer of-the-client")
        .with("user-agent", "client/1")
        .with("cookie", "c=1")
        .with("x-forwarded-for", "203.0.113.7")
        .with("openai-organization", "org-client")
        .with("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .with("x-hearthgate-workflow", "w");
    let answer = client.post("/v1/chat/completions?query=1", &chat("auto", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let received = &cloud.chats()[0];
    assert_eq!(received.target, "/v1/chat/completions");
    let mut names: Vec<_> = received.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "content-length", "content-type", "host", "user-agent"]);
    assert_eq!(received.header("authorization").unwrap(), "Bearer sk-fake");
    assert!(received.header("user-agent").unwrap().starts_with("hearthgate/"));
    assert!(!gateway.leaks(b"sk-fake"));
}

#[tokio::test]
async fn the_usage_is_asked_for_on_streams_and_hidden_from_who_did_not_ask() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let mut body = chat_stream("auto", EASY);
    let cases = [
        (None, json!({ "include_usage": true })),
        (Some(json!({})), json!({ "include_usage": true })),
        (Some(json!({ "include_usage": false })), json!({ "include_usage": true })),
        (Some(json!({ "other": 1 })), json!({ "other": 1, "include_usage": true })),
        (Some(Value::Null), json!({ "include_usage": true })),
    ];
    for (options, expected) in cases {
        match &options {
            Some(options) => body["stream_options"] = options.clone(),
            None => drop(body.as_object_mut().unwrap().remove("stream_options")),
        }
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(sent(&cloud)["stream_options"], expected, "{options:?}");
        assert!(!answer.text().contains("usage"), "{options:?}: {}", answer.text());
        assert!(answer.events().last().unwrap().is_done());
        let text: String = answer.events().iter().map(hearthgate_tests::sse::Event::delta).collect();
        assert_eq!(text, "The fake cloud says hello.");
    }
    let asked = gateway.client().chat(&chat_stream("auto", EASY)).await;
    assert!(asked.text().contains("\"usage\":{"), "{}", asked.text());
    assert!(sent(&cloud)["stream_options"] == json!({ "include_usage": true }));

    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.status, 200);
    assert!(sent(&cloud).get("stream_options").is_none(), "not on plain requests");
}

#[tokio::test]
async fn the_effort_is_told_where_the_cloud_takes_it() {
    let cloud = FakeCloud::start().await;
    let gateway = telling_effort(&cloud).await;
    let cases = [("quick", None, "low"), ("deliberate", None, "high"), ("quick", Some("medium"), "medium")];
    for (header, own, expected) in cases {
        let mut body = chat("auto", EASY);
        if let Some(own) = own {
            body["reasoning_effort"] = json!(own);
        }
        let answer = gateway.client().with("x-hearthgate-effort", header).chat(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(sent(&cloud)["reasoning_effort"], expected, "{header} {own:?}");
    }
}

#[tokio::test]
async fn nothing_is_added_where_nothing_is_needed() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let body = chat("auto", EASY);
    assert_eq!(gateway.client().with("x-hearthgate-effort", "deliberate").chat(&body).await.status, 200);
    assert_eq!(sent(&cloud), chat(MODEL, EASY), "the model alone has changed");
}
