//! Bodies that are refused before they are judged: what could be read in two ways, or has another type than
//! the dialect gives it.

use hearthgate_tests::client::Client;
use hearthgate_tests::configs::{EASY, all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;

/// Body, code, JSON pointer (empty for the whole body). All are answered 400.
const BODIES: &[(&str, &str, &str)] = &[
    ("", "invalid_json", ""),
    ("{", "invalid_json", ""),
    ("nonsense", "invalid_json", ""),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}]} {}"#, "invalid_json", ""),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],}"#, "invalid_json", ""),
    (r#"{'model':'auto'}"#, "invalid_json", ""),
    ("[]", "invalid_type", ""),
    ("null", "invalid_type", ""),
    (r#""text""#, "invalid_type", ""),
    ("{}", "missing_required_parameter", "/model"),
    (r#"{"model":"auto"}"#, "missing_required_parameter", "/messages"),
    (r#"{"messages":[{"role":"user","content":"x"}]}"#, "missing_required_parameter", "/model"),
    (r#"{"model":"","messages":[{"role":"user","content":"x"}]}"#, "invalid_value", "/model"),
    (r#"{"model":7,"messages":[{"role":"user","content":"x"}]}"#, "invalid_type", "/model"),
    (r#"{"model":"auto","messages":[]}"#, "invalid_value", "/messages"),
    (r#"{"model":"auto","messages":{}}"#, "invalid_type", "/messages"),
    (r#"{"model":"auto","messages":"x"}"#, "invalid_type", "/messages"),
    (r#"{"model":"auto","messages":["x"]}"#, "invalid_type", "/messages/0"),
    (r#"{"model":"auto","messages":[{"content":"x"}]}"#, "missing_required_parameter", "/messages/0/role"),
    (r#"{"model":"auto","messages":[{"role":"robot","content":"x"}]}"#, "invalid_value", "/messages/0/role"),
    (r#"{"model":"auto","messages":[{"role":1,"content":"x"}]}"#, "invalid_type", "/messages/0/role"),
    (r#"{"model":"auto","messages":[{"role":"user","content":7}]}"#, "invalid_type", "/messages/0/content"),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x"},{"role":"user","content":["x"]}]}"#,
        "invalid_type",
        "/messages/1/content/0",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":[{"text":"x"}]}]}"#,
        "missing_required_parameter",
        "/messages/0/content/0/type",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"stream":"yes"}"#,
        "invalid_type",
        "/stream",
    ),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"n":1.5}"#, "invalid_type", "/n"),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"temperature":"hot"}"#,
        "invalid_type",
        "/temperature",
    ),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"stop":[1]}"#, "invalid_type", "/stop"),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"tools":{}}"#, "invalid_type", "/tools"),
    (
        r#"{"model":"auto","model":"auto","messages":[{"role":"user","content":"x"}]}"#,
        "duplicate_key",
        "/model",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x","content":"y"}]}"#,
        "duplicate_key",
        "/messages/0/content",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x","conten\u0074":"y"}]}"#,
        "duplicate_key",
        "/messages/0/content",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"x":{"a/b":1,"a\/b":2}}"#,
        "duplicate_key",
        "/x/a~1b",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"\ud800"}]}"#,
        "lone_surrogate",
        "/messages/0/content",
    ),
    (
        r#"{"model":"auto","messages":[{"role":"user","content":"\udc00\ud800"}]}"#,
        "lone_surrogate",
        "/messages/0/content",
    ),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"n":01}"#, "invalid_json", "/n"),
    (r#"{"model":"auto","messages":[{"role":"user","content":"x"}],"seed":NaN}"#, "invalid_json", "/seed"),
];

async fn refused(client: &Client, body: &[u8], code: &str, pointer: &str) {
    let answer = client.post_bytes("/v1/chat/completions", body.to_vec()).await;
    let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
    let error = &answer.json()["error"];
    assert_eq!(error["type"], "invalid_request_error", "{shown}");
    assert_eq!(error["code"], code, "{shown}");
    assert_eq!(error["param"].as_str().unwrap_or_default(), pointer, "{shown}");
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{shown}");
    assert!(answer.header("x-request-id").starts_with("req-"), "{shown}");
}

#[tokio::test]
async fn bodies_that_are_no_requests_are_refused_with_their_place() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let client = gateway.client();
    for (body, code, pointer) in BODIES {
        refused(&client, body.as_bytes(), code, pointer).await;
    }
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let body = chat("auto", "HERE").to_string();
    let (before, after) = body.split_once("HERE").unwrap();
    let bad: [&[u8]; 5] = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"];
    for bytes in bad {
        let body = [before.as_bytes(), bytes, after.as_bytes()].concat();
        let answer = gateway.client().post_bytes("/v1/chat/completions", body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &"invalid_utf8".into()));
    }
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(gateway.client().post_bytes("/v1/chat/completions", utf16).await.status, 400);
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn nesting_has_a_bound() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            "{{\"model\":\"auto\",\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],\"x\":{open}{close}}}"
        )
    };
    for depth in [128, 129, 1000, 100_000] {
        let answer = gateway.client().post_bytes("/v1/chat/completions", nested(depth)).await;
        assert_eq!(answer.status, 400, "{depth}");
        assert_eq!(answer.json()["error"]["code"], "nested_too_deep", "{depth}");
    }
    assert!(cloud.requests().is_empty());
    // The outermost object counts.
    assert_eq!(gateway.client().post_bytes("/v1/chat/completions", nested(120)).await.status, 200);
}

#[tokio::test]
async fn a_model_that_nobody_knows_is_named_as_the_fault() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let answer = gateway.client().chat(&chat("a-model-that-nobody-knows", EASY)).await;
    assert_eq!(answer.status, 404);
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["param"]), (&"model_not_found".into(), &"model".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("auto") && message.contains("cloud/fake-frontier"), "{message}");
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn what_the_policy_refuses_is_told_in_its_words() {
    let cloud = FakeCloud::start().await;
    let policy = "packs = [\"pii\"]

[[route]]
name = \"no-reviews\"
when = { workflow = \"code-review\" }
refuse = \"code review is not set up here\"

[[route]]
name = \"all\"
to = [\"zone:cloud\"]
";
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(policy).start().await;
    let client = gateway.client();
    let by_policy =
        client.clone().with("x-hearthgate-workflow", "code-review").chat(&chat("auto", EASY)).await;
    assert_eq!(by_policy.status, 403);
    assert_eq!(by_policy.json()["error"]["code"], "refused_by_policy");
    assert_eq!(by_policy.json()["error"]["message"], "code review is not set up here");
    assert_eq!(by_policy.header("x-hearthgate-rule"), "no-reviews");

    let out_of_reach = client.chat(&chat("auto", hearthgate_tests::configs::PRIVATE)).await;
    assert_eq!(out_of_reach.status, 403, "{}", out_of_reach.text());
    assert_eq!(out_of_reach.json()["error"]["code"], "no_permitted_target");
    assert_eq!(out_of_reach.header("x-hearthgate-label"), "restricted");
    assert!(!out_of_reach.text().contains("4539"), "{}", out_of_reach.text());
    assert!(cloud.requests().is_empty());
}
