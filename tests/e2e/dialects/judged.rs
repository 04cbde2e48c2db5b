//! What is judged of a message request: every leaf of it, what cannot be read, what is asked now, and what was private before.

use hearthgate_tests::anthropic::ask;
use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, client_key, cloud_first, device_only, hard_to_cloud, home_and_cloud,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::Setup;
use serde_json::{Value, json};

use super::anthropic_in::with_anthropic;

/// Such a card in every place of a body in which a text can stand.
fn placed() -> Vec<(&'static str, Value)> {
    let messages = |content: Value| {
        json!([
            { "role": "user", "content": "Look it up." },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
            { "role": "user", "content": content }
        ])
    };
    let result =
        |content: Value| messages(json!([{ "type": "tool_result", "tool_use_id": "a", "content": content }]));
    let document = |source: Value| messages(json!([{ "type": "document", "source": source, "title": "t" }]));
    let said = |block: Value| json!([{ "role": "user", "content": "x" }, { "role": "assistant", "content": [block] }, { "role": "user", "content": "y" }]);
    vec![
        ("system", json!(PRIVATE)),
        ("system", json!([{ "type": "text", "text": PRIVATE }])),
        ("messages", json!([{ "role": "user", "content": PRIVATE }])),
        ("messages", json!([{ "role": "user", "content": [{ "type": "text", "text": PRIVATE }] }])),
        ("messages", result(json!(PRIVATE))),
        ("messages", result(json!([{ "type": "text", "text": PRIVATE }]))),
        (
            "messages",
            result(
                json!([{ "type": "search_result", "source": "s", "title": "t", "content": [{ "type": "text", "text": PRIVATE }] }]),
            ),
        ),
        ("messages", document(json!({ "type": "text", "media_type": "text/plain", "data": PRIVATE }))),
        (
            "messages",
            document(json!({ "type": "content", "content": [{ "type": "text", "text": PRIVATE }] })),
        ),
        (
            "messages",
            messages(
                json!([{ "type": "document", "title": PRIVATE, "source": { "type": "text", "media_type": "text/plain", "data": "x" } }]),
            ),
        ),
        (
            "messages",
            said(
                json!({ "type": "tool_use", "id": "a", "name": "f", "input": { "note": { "deep": [PRIVATE] } } }),
            ),
        ),
        ("messages", said(json!({ "type": "tool_use", "id": "a", "name": "f", "input": { PRIVATE: 1 } }))),
        (
            "messages",
            said(
                json!({ "type": "tool_use", "id": "a", "name": "f", "input": { "card": 4_539_148_803_410_009_u64 } }),
            ),
        ),
        ("messages", said(json!({ "type": "thinking", "thinking": PRIVATE, "signature": "" }))),
        ("messages", said(json!({ "type": "something_new", "inner": { "text": PRIVATE } }))),
        ("tools", json!([{ "name": "f", "description": PRIVATE, "input_schema": { "type": "object" } }])),
        (
            "tools",
            json!([{ "name": "f", "input_schema": { "type": "object", "properties": { "x": { "description": PRIVATE } } } }]),
        ),
        ("metadata", json!({ "user_id": PRIVATE })),
        ("stop_sequences", json!([PRIVATE])),
        ("something_new", json!({ "a": [PRIVATE] })),
    ]
}

#[tokio::test]
async fn what_is_private_is_found_wherever_it_stands() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    for (name, value) in placed() {
        let mut body = ask("auto", EASY);
        body[name] = value;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_ne!(answer.header("x-hearthgate-zone"), "cloud", "{body}");
    }
    assert!(cloud.connections().is_empty());
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn what_cannot_be_read_is_no_more_public() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    let source = |kind: &str| json!({ "type": kind, "media_type": "image/png", "data": "iVBO", "url": "https://x.example/a.png", "file_id": "f" });
    let blocks = [
        json!({ "type": "image", "source": source("base64") }),
        json!({ "type": "image", "source": source("url") }),
        json!({ "type": "document", "source": source("base64") }),
        json!({ "type": "document", "source": source("url") }),
        json!({ "type": "document", "source": source("file") }),
        json!({ "type": "container_upload", "file_id": "f" }),
        json!({ "type": "tool_result", "tool_use_id": "a", "content": [{ "type": "image", "source": source("base64") }] }),
        json!({ "type": "redacted_thinking", "data": "c2VhbGVk" }),
        json!({ "type": "thinking", "thinking": "x", "signature": "c2VhbGVk" }),
    ];
    for block in blocks {
        let mut body = ask("auto", EASY);
        body["messages"] = json!([{ "role": "user", "content": [block] }]);
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    let fields = [
        ("container", json!("c-1")),
        ("mcp_servers", json!([{ "type": "url", "url": "https://x.example", "name": "x" }])),
        ("tools", json!([{ "type": "web_search_20250305", "name": "web_search" }])),
        ("tools", json!([{ "type": "code_execution_20250522", "name": "code" }])),
    ];
    for (name, value) in fields {
        let mut body = ask("auto", EASY);
        body[name] = value;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn the_current_demand_is_judged_and_the_wish_to_think_is_heard() {
    let (_cloud, gateway) = with_anthropic(&hard_to_cloud()).await;
    let zone =
        async |body: &Value| gateway.client().post("/v1/messages", body).await.header("x-hearthgate-zone");
    assert_eq!(zone(&ask("auto", HARD)).await, "cloud");
    assert_eq!(zone(&ask("auto", EASY)).await, "device");
    let mut after = ask("auto", HARD);
    after["messages"] = json!([
        { "role": "user", "content": HARD },
        { "role": "assistant", "content": [{ "type": "text", "text": "Done." }] },
        { "role": "user", "content": "Thanks!" }
    ]);
    assert_eq!(zone(&after).await, "device");
    after["messages"] = json!([
        { "role": "user", "content": HARD },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "yes" }] }
    ]);
    assert_eq!(zone(&after).await, "cloud", "the demand is still that of the first turn");

    let device = Setup::new(&device_only("hello")).policy(&cloud_first()).start().await;
    for (wish, effort) in [("adaptive", "deliberate"), ("disabled", "quick")] {
        let mut body = ask("auto", EASY);
        body["thinking"] = json!({ "type": wish });
        let answer = device.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-effort"), effort, "{wish}: {}", answer.text());
        let thought = answer.text().contains("\"type\":\"thinking\"");
        assert_eq!(thought, wish == "adaptive", "{}", answer.text());
    }
}

/// What made a conversation private is remembered of its turns, as of any other dialect's.
#[tokio::test]
async fn a_trimmed_conversation_stays_at_home() {
    let (cloud, gateway) = with_anthropic(&hard_to_cloud()).await;
    let private =
        "The patient Margaret Holloway, born 14.03.1961, was diagnosed with diabetes. Write her a letter.";
    let later = format!("{HARD} Explain it to Margaret Holloway and seal it with 14.03.1961.");
    let mut first = ask("auto", EASY);
    first["messages"] = json!([
        { "role": "user", "content": "Look it up." },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": private }] }
    ]);
    for (body, zone, label) in [
        (&first, "device", "restricted"),
        (&ask("auto", &later), "device", "restricted"),
        (&ask("auto", HARD), "cloud", "public"),
    ] {
        let answer = gateway.client().post("/v1/messages", body).await;
        let told = (answer.header("x-hearthgate-zone"), answer.header("x-hearthgate-label"));
        assert_eq!(told, (zone.to_owned(), label.to_owned()), "{body} {}", answer.text());
    }
    assert!(!cloud.contains(b"Holloway"));
}

fn base64_of(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = text.as_bytes().chunks_exact(3).flat_map(|three| {
        let number = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(number >> shift & 63) as usize]))
    });
    letters.collect()
}

/// A thought that a provider has sealed comes back in the next turn: it may go to that provider again, and to no other.
#[tokio::test]
async fn what_a_provider_has_sealed_goes_back_to_it_and_to_no_other() {
    let (cloud, other) = (FakeCloud::start().await, FakeCloud::start().await);
    let second = format!(
        "\n[[upstream]]\nname = \"other\"\nzone = \"cloud\"\ndialect = \"anthropic\"\nbase_url = \"{}\"\nmodels = [\"m\"]\n",
        other.base_url()
    );
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("dialect = \"openai\"", "dialect = \"anthropic\"")
        .replace("effort_field = \"reasoning_effort\"\n", "")
        + &second
        + &client_key("ann", "")
        + &client_key("bob", "");
    let gateway = Setup::new(&config).policy(&cloud_first()).start().await;
    let ann = gateway.client().with("x-api-key", "key-of-ann");
    let seals: Vec<String> = ["c2VhbGVk", "d2hvbGU0"].iter().map(|text| text.repeat(40)).collect();
    for (seal, streamed) in seals.iter().zip([false, true]) {
        let thought = json!({ "type": "thinking", "thinking": "Hm.", "signature": seal });
        let kept = json!({ "type": "redacted_thinking", "data": format!("{seal}cmVkYWN0") });
        let call = json!({ "type": "tool_use", "id": "a", "name": "f", "input": {} });
        let content = json!([thought, kept, call]);
        cloud.set(Behaviour::Message(json!({ "content": content, "stop_reason": "tool_use" })));
        let mut body = ask("cloud/fake-frontier", EASY);
        body["tools"] = json!([{ "name": "f", "input_schema": { "type": "object" } }]);
        body["thinking"] = json!({ "type": "adaptive" });
        body["stream"] = json!(streamed);
        let mut next = body.clone();
        next["messages"] = json!([
            { "role": "user", "content": EASY },
            { "role": "assistant", "content": content },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "yes" }] }
        ]);
        let zone = async |client: &hearthgate_tests::client::Client, body: &Value| {
            let answer = client.post("/v1/messages", body).await;
            (answer.header("x-hearthgate-zone"), answer.header("x-hearthgate-label"))
        };
        let (device, out) = ("device".to_owned(), "cloud".to_owned());
        assert_eq!(
            zone(&ann, &next).await,
            (device.clone(), "confidential".to_owned()),
            "nobody knows it yet"
        );
        assert_eq!(zone(&ann, &body).await.0, out);
        assert_eq!(zone(&ann, &next).await, (out, "public".to_owned()));
        let sent = cloud.chats().last().unwrap().json();
        assert_eq!(sent["messages"], next["messages"], "unchanged");
        // A seal that is known hides nothing else: what stands beside it is read.
        for beside in ["thinking", "data", "note"] {
            let mut hiding = next.clone();
            let hidden = json!(base64_of(&format!("{PRIVATE} ").repeat(8)));
            hiding["messages"][1]["content"][0][beside] = hidden;
            assert_eq!(zone(&ann, &hiding).await.0, device, "{beside}");
        }
        let bob = gateway.client().with("x-api-key", "key-of-bob");
        assert_eq!(
            zone(&bob, &next).await,
            (device.clone(), "confidential".to_owned()),
            "it was not given to him"
        );
        next["model"] = json!("other/m");
        assert_eq!(zone(&ann, &next).await.0, "cloud", "another may go on without the thought");
        let sent = other.chats().last().unwrap().json();
        assert_eq!(sent["messages"][1]["content"], json!([call]));
        assert_eq!(
            (&sent["messages"][0], &sent["messages"][2]),
            (&next["messages"][0], &next["messages"][2])
        );
        assert!(!other.contains(seal.as_bytes()));
    }
}
