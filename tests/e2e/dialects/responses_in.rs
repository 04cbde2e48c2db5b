//! What is judged of a request for a response, as `judged.rs` has it of a message request.

use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, all_to_cloud, cloud_first, device_only, hard_to_cloud, home_and_cloud,
    one_anthropic, one_cloud,
};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

const PATH: &str = "/v1/responses";

fn ask(text: &str) -> Value {
    json!({ "model": "auto", "input": text })
}

async fn with_cloud(policy: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(policy).start().await;
    (cloud, gateway)
}

/// Such a card in every place of a body in which a text can stand.
fn placed() -> Vec<(&'static str, Value)> {
    let after =
        |item: Value| json!([{ "role": "user", "content": "x" }, item, { "role": "user", "content": "y" }]);
    let said = |role: &str, part: Value| after(json!({ "type": "message", "role": role, "content": [part] }));
    let output =
        |output: Value| after(json!({ "type": "function_call_output", "call_id": "a", "output": output }));
    let called = |name: &str, arguments: &str| {
        after(json!({ "type": "function_call", "call_id": "a", "name": name, "arguments": arguments }))
    };
    let arguments = json!({ "note": { "deep": [PRIVATE] } }).to_string();
    let keyed = json!({ PRIVATE: 1 }).to_string();
    let tool = |tool: Value| json!([tool]);
    vec![
        ("input", json!(PRIVATE)),
        ("input", json!([{ "role": "user", "content": PRIVATE }])),
        ("input", json!([{ "role": "system", "content": PRIVATE }, { "role": "user", "content": "x" }])),
        ("input", said("user", json!({ "type": "input_text", "text": PRIVATE }))),
        ("input", said("developer", json!({ "type": "input_text", "text": PRIVATE }))),
        ("input", said("assistant", json!({ "type": "output_text", "text": PRIVATE }))),
        (
            "input",
            said(
                "assistant",
                json!({ "type": "output_text", "text": "x", "annotations": [{ "title": PRIVATE }] }),
            ),
        ),
        ("input", said("assistant", json!({ "type": "refusal", "refusal": PRIVATE }))),
        ("input", output(json!(PRIVATE))),
        ("input", output(json!([{ "type": "input_text", "text": PRIVATE }]))),
        ("input", called("f", &arguments)),
        ("input", called("f", &keyed)),
        ("input", called("f", "{\"card\":4539148803410009}")),
        ("input", called(PRIVATE, "{}")),
        (
            "input",
            after(json!({ "type": "function_call", "call_id": PRIVATE, "name": "f", "arguments": "{}" })),
        ),
        ("input", after(json!({ "type": "message", "status": PRIVATE, "role": "user", "content": "x" }))),
        (
            "input",
            after(
                json!({ "type": "reasoning", "id": "r", "summary": [{ "type": "summary_text", "text": PRIVATE }] }),
            ),
        ),
        (
            "input",
            after(
                json!({ "type": "reasoning", "summary": [], "content": [{ "type": "reasoning_text", "text": PRIVATE }] }),
            ),
        ),
        ("input", after(json!({ "type": "something_new", "inner": { "text": PRIVATE } }))),
        ("instructions", json!(PRIVATE)),
        ("tools", tool(json!({ "type": "function", "name": "f", "description": PRIVATE, "parameters": {} }))),
        (
            "tools",
            tool(
                json!({ "type": "function", "name": "f", "parameters": { "properties": { "x": { "description": PRIVATE } } } }),
            ),
        ),
        ("tools", tool(json!({ "type": "mcp", "server_label": PRIVATE, "headers": { "x": PRIVATE } }))),
        (
            "text",
            json!({ "format": { "type": "json_schema", "name": "x", "schema": { "description": PRIVATE } } }),
        ),
        ("metadata", json!({ "note": PRIVATE })),
        ("prompt", json!({ "id": "p", "variables": { "name": PRIVATE } })),
        ("user", json!(PRIVATE)),
        ("something_new", json!({ "a": [PRIVATE] })),
    ]
}

#[tokio::test]
async fn what_is_private_in_a_response_is_found_wherever_it_stands() {
    let (cloud, gateway) = with_cloud(&cloud_first()).await;
    for (name, value) in placed() {
        let mut body = ask(EASY);
        body[name] = value;
        let answer = gateway.client().post(PATH, &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "restricted", "{body} {}", answer.text());
        assert_ne!(answer.header("x-hearthgate-zone"), "cloud", "{body}");
    }
    assert!(cloud.connections().is_empty());
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn what_cannot_be_read_of_a_response_is_no_more_public() {
    let (cloud, gateway) = with_cloud(&cloud_first()).await;
    let part = |part: Value| json!([{ "role": "user", "content": [part] }]);
    let item = |item: Value| json!([{ "role": "user", "content": "x" }, item]);
    let image = json!({ "type": "input_image", "image_url": "data:image/png;base64,iVBO" });
    let output = json!({ "type": "function_call_output", "call_id": "a", "output": [image] });
    let blob = "QUJD".repeat(200);
    let cases = [
        ("input", part(image.clone())),
        ("input", part(json!({ "type": "input_image", "image_url": "https://x.example/a.png" }))),
        ("input", part(json!({ "type": "input_image", "file_id": "f" }))),
        (
            "input",
            part(
                json!({ "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE" }),
            ),
        ),
        ("input", part(json!({ "type": "input_file", "file_id": "f" }))),
        ("input", part(json!({ "type": "input_file", "file_url": "https://x.example/a.pdf" }))),
        ("input", part(json!({ "type": "input_audio", "input_audio": { "data": "UklG", "format": "wav" } }))),
        ("input", part(json!({ "type": "something_new" }))),
        ("input", item(output)),
        (
            "input",
            item(json!({ "type": "reasoning", "id": "r", "summary": [], "encrypted_content": "c2VhbGVk" })),
        ),
        ("input", item(json!({ "type": "reasoning", "id": "r", "summary": [], "encrypted_content": blob }))),
        ("input", item(json!({ "type": "image_generation_call", "id": "i", "result": blob }))),
        (
            "input",
            item(
                json!({ "type": "computer_call_output", "call_id": "c", "output": { "type": "computer_screenshot" } }),
            ),
        ),
        ("tools", json!([{ "type": "web_search" }])),
        ("tools", json!([{ "type": "file_search", "vector_store_ids": ["v"] }])),
        ("tools", json!([{ "type": "mcp", "server_label": "x", "server_url": "https://x.example" }])),
        ("tools", json!([{ "type": "code_interpreter", "container": { "type": "auto" } }])),
        ("tools", json!([{ "name": "f", "parameters": {} }])),
        ("prompt", json!({ "id": "p" })),
    ];
    for (name, value) in cases {
        let mut body = ask(EASY);
        body[name] = value;
        let answer = gateway.client().post(PATH, &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    assert!(cloud.connections().is_empty());
}

/// What hides beside a seal is read, and what is split over two items is read as one.
#[tokio::test]
async fn nothing_hides_between_the_items_of_a_response() {
    let (cloud, gateway) = with_cloud(&cloud_first()).await;
    let (head, tail) = PRIVATE.split_at(PRIVATE.len() / 2);
    let user =
        |text: &str| json!({ "type": "message", "status": "completed", "role": "user", "content": text });
    let output =
        |text: &str| json!({ "type": "function_call_output", "call_id": "call_0123", "output": text });
    let sealed = json!({ "type": "reasoning", "encrypted_content": "c2VhbGVk", "summary": [{ "type": "summary_text", "text": PRIVATE }] });
    for input in [
        json!([user(head), user(tail)]),
        json!([user(head), { "role": "assistant", "content": "Go on." }, user(tail)]),
        json!([output(head), output(tail)]),
        json!([user("x"), sealed]),
    ] {
        let mut body = ask(EASY);
        body["input"] = input;
        let answer = gateway.client().post(PATH, &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "restricted", "{body} {}", answer.text());
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn the_current_demand_of_a_response_is_judged_and_its_wish_to_think_heard() {
    let (_cloud, gateway) = with_cloud(&hard_to_cloud()).await;
    let zone = async |input: Value| {
        let body = json!({ "model": "auto", "input": input });
        gateway.client().post(PATH, &body).await.header("x-hearthgate-zone")
    };
    let user = |text: &str| json!({ "role": "user", "content": [{ "type": "input_text", "text": text }] });
    let said = json!({ "type": "message", "id": "m", "role": "assistant", "content": [{ "type": "output_text", "text": "Done." }] });
    let called = json!({ "type": "function_call", "call_id": "a", "name": "f", "arguments": "{}" });
    let thought = json!({ "type": "reasoning", "id": "r", "summary": [] });
    let output = json!({ "type": "function_call_output", "call_id": "a", "output": "yes" });
    assert_eq!(zone(json!(HARD)).await, "cloud");
    assert_eq!(zone(json!(EASY)).await, "device");
    assert_eq!(zone(json!([user(HARD)])).await, "cloud");
    assert_eq!(zone(json!([user(HARD), said, user("Thanks!")])).await, "device");
    for turn in [vec![&called], vec![&said, &called], vec![&thought, &called, &said]] {
        let mut input = vec![user(HARD)];
        input.extend(turn.into_iter().cloned());
        input.push(output.clone());
        assert_eq!(
            zone(json!(input)).await,
            "cloud",
            "the demand is still that of the first turn: {input:?}"
        );
    }

    let device = Setup::new(&device_only("hello")).policy(&cloud_first()).start().await;
    for (wish, effort) in [("high", "deliberate"), ("minimal", "quick")] {
        for summary in [json!(null), json!("auto")] {
            let mut body = ask(EASY);
            body["reasoning"] = json!({ "effort": wish, "summary": summary });
            let answer = device.client().post(PATH, &body).await;
            assert_eq!(answer.header("x-hearthgate-effort"), effort, "{wish}: {}", answer.text());
            let thought = answer.text().contains("\"type\":\"reasoning\"");
            assert_eq!(thought, wish == "high" && !summary.is_null(), "{}", answer.text());
        }
    }
}

/// What made a conversation private is remembered of its turns, as of any other dialect's.
#[tokio::test]
async fn a_trimmed_conversation_of_responses_stays_at_home() {
    let (cloud, gateway) = with_cloud(&hard_to_cloud()).await;
    let private =
        "The patient Margaret Holloway, born 14.03.1961, was diagnosed with diabetes. Write her a letter.";
    let later = format!("{HARD} Explain it to Margaret Holloway and seal it with 14.03.1961.");
    let first = json!({ "model": "auto", "input": [
        { "role": "user", "content": "Look it up." },
        { "type": "function_call", "call_id": "a", "name": "f", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "a", "output": private }
    ] });
    for (body, zone, label) in [
        (&first, "device", "restricted"),
        (&ask(&later), "device", "restricted"),
        (&ask(HARD), "cloud", "public"),
        (&ask(private), "device", "restricted"),
    ] {
        let answer = gateway.client().post(PATH, body).await;
        let told = (answer.header("x-hearthgate-zone"), answer.header("x-hearthgate-label"));
        assert_eq!(told, (zone.to_owned(), label.to_owned()), "{body} {}", answer.text());
    }
    assert!(!cloud.contains(b"Holloway"));
}

#[tokio::test]
async fn what_no_store_can_answer_is_refused_by_its_name() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    for (name, value) in
        [("conversation", json!("conv_1")), ("background", json!(true)), ("input", json!([]))]
    {
        let mut body = ask(EASY);
        body[name] = value;
        let answer = gateway.client().post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!(error["param"], format!("/{name}"), "{error}");
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!("invalid_request_error"), &json!("invalid_value"))
        );
    }
    let mut body = ask(EASY);
    body["max_output_tokens"] = json!(0);
    let error = gateway.client().post(PATH, &body).await.json()["error"].clone();
    assert_eq!(error["param"], "max_output_tokens");
    assert_eq!(error["message"], "`max_output_tokens` must be at least 1");
    assert_eq!(gateway.client().get(PATH).await.status, 405);
    assert_eq!(gateway.client().get("/v1/responses/resp_1").await.status, 404);
}

#[tokio::test]
async fn what_a_target_of_a_response_cannot_be_told_is_refused_by_its_place() {
    let policy = all_to_cloud()
        + "\n[opaque]\nimage = \"public\"\nblock = \"public\"\nurl = \"public\"\nreference = \"public\"\nfile = \"public\"\n";
    let item = |item: Value| json!([{ "role": "user", "content": "x" }, item]);
    let of_both = [
        ("tools", json!([{ "type": "web_search" }]), "/tools/0"),
        ("tools", json!([{ "type": "custom", "name": "x" }]), "/tools/0"),
        ("tool_choice", json!({ "type": "file_search" }), "/tool_choice"),
        ("include", json!(["message.output_text.logprobs"]), "/include"),
        ("truncation", json!("auto"), "/truncation"),
        ("max_tool_calls", json!(3), "/max_tool_calls"),
        ("prompt", json!({ "id": "p" }), "/prompt"),
        ("service_tier", json!("flex"), "/service_tier"),
        ("top_logprobs", json!(2), "/top_logprobs"),
        ("something_new", json!(1), "/something_new"),
        ("reasoning", json!({ "effort": "low", "more": 1 }), "/reasoning/more"),
        ("reasoning", json!({ "effort": "loads" }), "/reasoning/effort"),
        ("input", json!([{ "role": "user", "content": [] }]), "/input"),
        ("input", json!([{ "type": "reasoning", "summary": [] }]), "/input"),
        ("input", item(json!({ "type": "web_search_call", "id": "w" })), "/input/1"),
        (
            "input",
            json!([{ "role": "user", "content": [{ "type": "input_file", "file_id": "f" }] }]),
            "/input/0/content/0/file_id",
        ),
    ];
    let of_anthropic = [
        ("temperature", json!(1.5), "/temperature"),
        ("text", json!({ "verbosity": "low" }), "/text/verbosity"),
        ("text", json!({ "format": { "type": "json_object" } }), "/text/format"),
        ("input", json!([{ "role": "assistant", "content": "x" }]), "/input"),
    ];
    for anthropic in [false, true] {
        let cloud = FakeCloud::start().await;
        let config = if anthropic { one_anthropic(&cloud.base_url()) } else { one_cloud(&cloud.base_url()) };
        let gateway = Setup::new(&config).policy(&policy).start().await;
        let more = if anthropic { of_anthropic.as_slice() } else { &[] };
        for (name, value, pointer) in of_both.iter().chain(more) {
            let mut body = ask(EASY);
            body[name] = value.clone();
            let answer = gateway.client().post(PATH, &body).await;
            assert_eq!(answer.status, 400, "{name}: {}", answer.text());
            let error = &answer.json()["error"];
            assert_eq!(error["param"], *pointer, "{name}: {error}");
            assert_eq!(error["code"], "unsupported_parameter", "{name}");
        }
        assert!(cloud.connections().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn a_response_may_have_a_format_and_says_where_it_was_cut() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let schema = json!({ "type": "object", "properties": { "x": { "type": "string" } } });
    let format = json!({ "type": "json_schema", "name": "found", "schema": schema, "strict": true });
    let mut body = ask(EASY);
    for (format, told) in [
        (
            format,
            json!({ "type": "json_schema", "json_schema": { "name": "found", "schema": schema, "strict": true } }),
        ),
        (json!({ "type": "json_object" }), json!({ "type": "json_object" })),
    ] {
        body["text"] = json!({ "format": format, "verbosity": "low" });
        let answer = gateway.client().post(PATH, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["text"], body["text"], "it repeats what was asked");
        let sent = cloud.chats().last().unwrap().json();
        assert_eq!((&sent["response_format"], &sent["verbosity"]), (&told, &json!("low")));
    }

    let device = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let mut body = ask(EASY);
    body["max_output_tokens"] = json!(1);
    let answer = device.client().post(PATH, &body).await.json();
    let told = (&answer["status"], &answer["incomplete_details"]["reason"], &answer["output"][0]["status"]);
    assert_eq!(told, (&json!("incomplete"), &json!("max_output_tokens"), &json!("incomplete")), "{answer}");
    assert_eq!((&answer["store"], &answer["max_output_tokens"]), (&json!(true), &json!(1)));
}
