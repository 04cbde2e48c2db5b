//! AWS Bedrock: signed requests, frames, thoughts with their seals, and its faults.

use hearthgate_tests::anthropic::{ask, ask_stream};
use hearthgate_tests::configs::{EASY, PRIVATE, all_to_cloud, cloud_first, device_only, one_bedrock};
use hearthgate_tests::fake_cloud::{Api, Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::{Value, json};

use super::cases::{Spoken, formatted, schema};

const KEY: &str = "AKIDEXAMPLE:of-an-example";

fn seal() -> String {
    "U2VhbGVk".repeat(40)
}

async fn gateway(cloud: &FakeCloud, keys: &str) -> Gateway {
    let keys = format!("retries = 0\nbreaker_faults = 1000\n{keys}\nmodels =");
    let config = one_bedrock(&cloud.url_below("")).replace("models =", &keys);
    Setup::new(&config).policy(&all_to_cloud()).start().await
}

#[tokio::test]
async fn every_surface_reaches_bedrock_with_its_signature() {
    for (key, keys) in [(KEY, "aws_session_token = \"of-a-session\""), (KEY, "aws_session_token = \"\"")] {
        let cloud = FakeCloud::start_with_key(Some(key)).await;
        // A name that has to be encoded, and is encoded once more where it is signed.
        let keys = format!("{keys}\nmodels = [\"eu.maker.model-v1:0\"]\n#");
        let config = one_bedrock(&cloud.url_below("")).replace("models =", &keys);
        let policy = all_to_cloud().replace(&format!("cloud/{MODEL}"), "cloud/*");
        let gateway = Setup::new(&config).policy(&policy).start().await;
        for (path, body) in [
            ("/v1/chat/completions", chat("auto", EASY)),
            ("/v1/chat/completions", chat_stream("auto", EASY)),
            ("/v1/messages", ask("auto", EASY)),
            ("/v1/messages", ask_stream("auto", EASY)),
            ("/v1/responses", json!({ "model": "auto", "input": EASY })),
        ] {
            let answer = gateway.client().post(path, &body).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert!(answer.text().contains("hello"), "{}", answer.text());
        }
        assert_eq!(cloud.complaints(), Vec::<String>::new());
        let chats = cloud.chats();
        let paths: Vec<_> = chats.iter().map(|request| request.target.as_str()).collect();
        let (whole, stream) =
            ("/model/eu.maker.model-v1%3A0/converse", "/model/eu.maker.model-v1%3A0/converse-stream");
        assert_eq!(paths, [whole, stream, whole, stream, whole]);
        for request in &chats {
            assert_eq!(request.api(), Some(Api::Bedrock));
            let told = request.header("x-amz-security-token");
            assert_eq!(told.as_deref(), keys.contains("of-a-session").then_some("of-a-session"));
            assert!(request.json().get("model").is_none());
        }
        assert!(!cloud.contains(b"of-an-example"), "a secret key goes nowhere");
        for trace in gateway.traces() {
            for secret in ["of-an-example", "of-a-session"] {
                assert!(memchr::memmem::find(&trace, secret.as_bytes()).is_none());
            }
        }
    }
}

/// Bedrock with keys from elsewhere.
fn keys_from(cloud: &FakeCloud, keys: &str) -> String {
    let given = "aws_access_key_id = \"AKIDEXAMPLE\"\naws_secret_access_key = \"of-an-example\"";
    let config = one_bedrock(&cloud.url_below(""));
    assert!(config.contains(given));
    config.replace(given, keys)
}

#[tokio::test]
async fn keys_of_a_file_are_those_that_it_holds_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let write = |id: &str, secret: &str| {
        let keys = format!(
            "[default]\naws_access_key_id = NOBODY\naws_secret_access_key = x\n\n[team]\n\
            aws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = of-a-session\n"
        );
        std::fs::write(&file, keys).unwrap();
    };
    write("AKIDEXAMPLE", "of-an-example");
    let cloud = FakeCloud::start_with_key(Some(KEY)).await;
    let keys = format!("aws_credentials_file = \"{}\"\naws_profile = \"team\"", file.display());
    let gateway = Setup::new(&keys_from(&cloud, &keys)).policy(&all_to_cloud()).start().await;
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(cloud.chats()[0].header("x-amz-security-token").as_deref(), Some("of-a-session"));
    write("AKIDOFANOTHER", "another-secret-than-before");
    hearthgate_tests::bounded("other keys", async {
        loop {
            gateway.client().chat(&chat("auto", EASY)).await;
            let signed = cloud.requests().last().unwrap().header("authorization").unwrap();
            if signed.contains("Credential=AKIDOFANOTHER/") {
                return;
            }
        }
    })
    .await;
    for trace in gateway.traces() {
        for secret in ["of-an-example", "another-secret-than-before", "of-a-session"] {
            assert!(memchr::memmem::find(&trace, secret.as_bytes()).is_none());
        }
    }
}

#[tokio::test]
async fn keys_that_a_command_prints_are_signed_with_until_they_expire() {
    let folder = tempfile::tempdir().unwrap();
    let print = folder.path().join("print");
    let write = |expiration: &str| {
        let keys = json!({ "Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "of-an-example",
            "SessionToken": "of-a-session", "Expiration": expiration });
        std::fs::write(&print, keys.to_string()).unwrap();
    };
    let cloud = FakeCloud::start_with_key(Some(KEY)).await;
    let keys = format!("aws_credential_process = [\"cat\", \"{}\"]", print.display());
    let config = keys_from(&cloud, &keys);
    write("2020-01-01T00:00:00Z");
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (502, &json!("upstream_no_keys")));
    assert!(cloud.requests().is_empty(), "nothing is signed with keys that have expired");
    write("2999-01-01T00:00:00Z");
    hearthgate_tests::bounded("other keys", async {
        while gateway.client().chat(&chat("auto", EASY)).await.status != 200 {}
    })
    .await;
    assert_eq!(cloud.complaints(), Vec::<String>::new());
    for trace in gateway.traces() {
        assert!(memchr::memmem::find(&trace, b"of-an-example").is_none());
    }
}

#[tokio::test]
async fn a_key_of_bedrocks_own_needs_no_signature() {
    let cloud = FakeCloud::start_with_key(Some("bedrock-api-key-1")).await;
    let config = one_bedrock(&cloud.url_below("")).replace(
        "aws_region = \"eu-central-1\"\naws_access_key_id = \"AKIDEXAMPLE\"\naws_secret_access_key = \"of-an-example\"",
        "api_key = \"bedrock-api-key-1\"",
    );
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(cloud.chats()[0].header("x-amz-date").is_none());
}

#[tokio::test]
async fn thoughts_come_back_with_their_seals_and_thinking_goes_on() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "effort_field = \"thinking_budget\"\nanswer_tokens = 16000").await;
    let sealed =
        json!({ "reasoningContent": { "reasoningText": { "text": "Hm hm.", "signature": seal() } } });
    let redacted = json!({ "reasoningContent": { "redactedContent": seal().replace('U', "V") } });
    let call = json!({ "toolUse": { "toolUseId": "t-1", "name": "f", "input": { "n": 1 } } });
    for streamed in [false, true] {
        cloud.set(Behaviour::Converse(
            json!({ "stopReason": "tool_use", "content": [sealed, redacted, call] }),
        ));
        let mut body = if streamed { ask_stream("auto", EASY) } else { ask("auto", EASY) };
        body["max_tokens"] = json!(9000);
        body["thinking"] = json!({ "type": "enabled", "budget_tokens": 2048 });
        body["tools"] = json!([{ "name": "f", "input_schema": { "type": "object", "properties": {} } }]);
        let answer = gateway.client().post("/v1/messages", &body).await;
        let content = if streamed {
            gathered(&answer.events().iter().map(|event| event.json()).collect::<Vec<_>>())
        } else {
            answer.json()["content"].clone()
        };
        let expected = json!([
            { "type": "thinking", "thinking": "Hm hm.", "signature": seal() },
            { "type": "redacted_thinking", "data": seal().replace('U', "V") },
            { "type": "tool_use", "id": "t-1", "name": "f", "input": { "n": 1 } }
        ]);
        assert_eq!(content, expected);
        let result = json!([{ "type": "tool_result", "tool_use_id": "t-1", "content": "y" }]);
        let turns = [
            json!({ "role": "assistant", "content": content }),
            json!({ "role": "user", "content": result }),
        ];
        body["messages"].as_array_mut().unwrap().extend(turns);
        cloud.set(Behaviour::Chat);
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-hearthgate-label")), (200, "public".to_owned()));
        let sent = cloud.chats().last().unwrap().json();
        assert_eq!(sent["messages"][1]["content"], json!([sealed, redacted, call]));
        assert_eq!(sent["additionalModelRequestFields"]["thinking"]["budget_tokens"], 1024);
    }
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_client_wants_cached_is_told_where_its_model_knows_of_it() {
    let marked = |kind: &str, text: &str| json!({ "type": kind, "text": text, "cache_control": { "type": "ephemeral" } });
    let mut body = ask("auto", EASY);
    body["system"] = json!([marked("text", "Be brief."), { "type": "text", "text": "Be kind." }]);
    body["tools"] = json!([{ "name": "f", "input_schema": schema(), "cache_control": { "type": "ephemeral", "ttl": "1h" } }]);
    body["messages"] =
        json!([{ "role": "user", "content": [marked("text", "Hello"), { "type": "text", "text": EASY }] }]);
    let point = json!({ "cachePoint": { "type": "default" } });
    for (model, knows) in
        [("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", true), ("amazon.some-model-v1:0", false)]
    {
        let cloud = FakeCloud::start().await;
        let keys = format!("models = [\"{model}\"]\n#");
        let config = one_bedrock(&cloud.url_below("")).replace("models =", &keys);
        let policy = all_to_cloud().replace(&format!("cloud/{MODEL}"), "cloud/*");
        let gateway = Setup::new(&config).policy(&policy).start().await;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-hearthgate-left-out"), if knows { "" } else { "cache_control" });
        let sent = cloud.chats().last().unwrap().json();
        let place = |pointer: &str| sent.pointer(pointer).cloned().unwrap_or_default();
        let places = ["/system/1", "/messages/0/content/1", "/toolConfig/tools/1"].map(place);
        let longer = json!({ "cachePoint": { "type": "default", "ttl": "1h" } });
        if knows {
            assert_eq!(places, [point.clone(), point.clone(), longer]);
        }
        assert_eq!(sent.to_string().contains("cachePoint"), knows, "{sent}");
        assert_eq!(cloud.complaints(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_another_has_sealed_is_left_out() {
    let (bedrock, anthropic) = (FakeCloud::start().await, FakeCloud::start().await);
    let other = format!(
        "[[upstream]]\nname = \"other\"\nzone = \"cloud\"\ndialect = \"anthropic\"\nbase_url = \"{}\"\nmodels = [\"m\"]\n\n[policy]",
        anthropic.base_url()
    );
    let config = one_bedrock(&bedrock.url_below("")).replace("[policy]", &other);
    let policy = all_to_cloud().replace(&format!("\"cloud/{MODEL}\""), "\"zone:cloud\"");
    let gateway = Setup::new(&config).policy(&policy).start().await;
    let thought = json!({ "type": "thinking", "thinking": "Hm.", "signature": seal() });
    let said = json!([thought, { "type": "text", "text": "Yes." }]);
    anthropic.set(Behaviour::Message(json!({ "content": said, "stop_reason": "end_turn" })));
    let mut body = ask("other/m", EASY);
    body["thinking"] = json!({ "type": "adaptive" });
    let answer = gateway.client().post("/v1/messages", &body).await.json();
    assert_eq!(answer["content"], said);
    let turns = [
        json!({ "role": "assistant", "content": answer["content"] }),
        json!({ "role": "user", "content": "And?" }),
    ];
    body["messages"].as_array_mut().unwrap().extend(turns);
    body["model"] = json!("auto");
    let answer = gateway.client().post("/v1/messages", &body).await;
    assert_eq!(answer.header("x-hearthgate-target"), format!("cloud/{MODEL}"), "{}", answer.text());
    let sent = bedrock.chats()[0].json();
    assert_eq!(sent["messages"][1]["content"], json!([{ "text": "Yes." }]));
    assert!(!bedrock.contains(seal().as_bytes()));
}

/// What a client of Anthropic's dialect gathers of a stream.
fn gathered(events: &[Value]) -> Value {
    let mut blocks: Vec<Value> = Vec::new();
    let mut input = String::new();
    for event in events {
        match event["type"].as_str().unwrap() {
            "content_block_start" => blocks.push(event["content_block"].clone()),
            "content_block_delta" => {
                let block = blocks.last_mut().unwrap();
                for name in ["thinking", "signature", "text"] {
                    if let Some(more) = event["delta"][name].as_str() {
                        block[name] = json!(block[name].as_str().unwrap().to_owned() + more);
                    }
                }
                input.push_str(event["delta"]["partial_json"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    if !input.is_empty() {
        blocks.last_mut().unwrap()["input"] = serde_json::from_str(&input).unwrap();
    }
    json!(blocks)
}

#[tokio::test]
async fn a_history_with_calls_and_no_tools_names_those_that_were_called() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "").await;
    let call = |id: &str, name: &str| json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "{}" } });
    let result = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "y" });
    let mut body = chat("auto", EASY);
    body["messages"].as_array_mut().unwrap().extend([
        json!({ "role": "assistant", "tool_calls": [call("a", "g"), call("b", "f"), call("c", "g")] }),
        result("a"),
        result("b"),
        result("c"),
    ]);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tool = |name: &str| json!({ "toolSpec": { "name": name, "inputSchema": { "json": { "type": "object", "properties": {} } } } });
    assert_eq!(cloud.chats()[0].json()["toolConfig"], json!({ "tools": [tool("f"), tool("g")] }));
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn an_exception_as_the_first_frame_keeps_its_words_and_its_status() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "").await;
    for (kind, status, shown) in [
        ("validationException", 400, true),
        ("throttlingException", 429, false),
        ("serviceUnavailableException", 503, false),
        ("modelStreamErrorException", 502, false),
    ] {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nconnection: close\r\n\r\n";
        let frame = hearthgate_tests::bedrock::exception(kind, "AWS says no.");
        cloud.set(Behaviour::Raw([head.as_bytes(), &frame].concat()));
        for (path, body) in
            [("/v1/chat/completions", chat_stream("auto", EASY)), ("/v1/messages", ask_stream("auto", EASY))]
        {
            let answer = gateway.client().post(path, &body).await;
            let said = (answer.status.as_u16(), answer.text().contains("AWS says no."));
            assert_eq!(said, (status, shown), "{kind}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn what_bedrock_cannot_be_told_is_refused_by_its_place() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "").await;
    let called = json!([{ "role": "user", "content": "x" },
        { "role": "assistant", "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "f", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "a", "content": "y" }]);
    let cases = [
        (json!({ "seed": 7 }), "/seed"),
        (json!({ "temperature": 1.5 }), "/temperature"),
        (json!({ "parallel_tool_calls": false }), "/parallel_tool_calls"),
        (json!({ "presence_penalty": 0.5 }), "/presence_penalty"),
        (json!({ "response_format": { "type": "json_object" } }), "/response_format"),
        (json!({ "tool_choice": "none", "messages": called }), "/tool_choice"),
    ];
    for (more, pointer) in cases {
        let mut body = chat("auto", EASY);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = gateway.client().chat(&body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["param"]),
            (400, &json!(pointer)),
            "{}",
            answer.text()
        );
    }
    assert!(cloud.connections().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn faults_of_awss_are_told_as_what_they_are() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "").await;
    for (code, status) in [(403, 502), (424, 502), (429, 429), (500, 502), (503, 503)] {
        let words = hearthgate_tests::bedrock::error("AWS says no.").to_string();
        cloud.set(Behaviour::Status { code, body: Some(words), retry_after: None });
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, status, "{code}");
        assert!(!answer.text().contains("AWS says no."), "{code}");
    }
    cloud.set(Behaviour::Stall(Point::AfterEvents(2)));
    let body = chat_stream("auto", EASY).to_string();
    let stream = gateway.client().open("POST", "/v1/chat/completions", body.into()).await;
    cloud.stalled(1).await;
    stream.hang_up();
    cloud.hung_up(1).await;
}

#[tokio::test]
async fn a_stream_that_fails_before_its_first_word_is_answered_at_home_and_what_is_private_is_never_signed() {
    let cloud = FakeCloud::start().await;
    let upstream = one_bedrock(&cloud.url_below(""));
    let upstream = &upstream[upstream.find("[[upstream]]").unwrap()..upstream.find("[policy]").unwrap()];
    let gateway = Setup::new(&(device_only("hello") + "\n" + upstream)).policy(&cloud_first()).start().await;
    cloud.set(Behaviour::StreamError(1));
    let answer = gateway.client().chat(&chat_stream("auto", EASY)).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "device", "{}", answer.text());
    assert!(
        answer.text().contains("Hello ") && !answer.text().contains("unexpected error"),
        "{}",
        answer.text()
    );
    cloud.set(Behaviour::Chat);
    let answer = gateway.client().chat(&chat("auto", PRIVATE)).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "device");
    assert_eq!(cloud.chats().len(), 1);
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn a_format_and_the_effort_are_told_as_the_model_has_them() {
    let (budget, adaptive) = ("eu.anthropic.claude-opus-4-5-20251101-v1:0", "anthropic.claude-opus-4-7-v1:0");
    let told = |model: &str, effort: &str, most: u64| match effort {
        _ if model == "openai.gpt-oss-120b-1:0" => {
            json!({ "reasoning_effort": if effort == "quick" { "low" } else { "high" } })
        }
        "quick" if model == adaptive => json!({ "output_config": { "effort": "low" } }),
        "quick" => Value::Null,
        _ if model == adaptive => {
            json!({ "thinking": { "type": "adaptive" }, "output_config": { "effort": "high" } })
        }
        _ => json!({ "thinking": { "type": "enabled", "budget_tokens": most.min(32_768) / 2 } }),
    };
    for model in [budget, adaptive, "openai.gpt-oss-120b-1:0"] {
        let cloud = FakeCloud::start().await;
        cloud.set(Behaviour::Text("{\"what\":\"it\"}".to_owned()));
        let config = one_bedrock(&cloud.url_below("")).replace(MODEL, model);
        let gateway = Setup::new(&config).policy(&all_to_cloud().replace(MODEL, model)).start().await;
        for effort in ["quick", "deliberate"] {
            for from in [Spoken::OpenAi, Spoken::Anthropic, Spoken::Responses] {
                let takes_formats = model != "openai.gpt-oss-120b-1:0";
                let mut body = formatted(from);
                if !takes_formats {
                    for name in ["response_format", "output_config", "text"] {
                        body.as_object_mut().unwrap().remove(name);
                    }
                }
                let answer =
                    gateway.client().with("x-hearthgate-effort", effort).post(from.path(), &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                assert!(answer.text().contains("{\\\"what\\\":\\\"it\\\"}"), "{}", answer.text());
                let sent = cloud.chats().last().unwrap().json();
                let most = if from == Spoken::Anthropic { 8000 } else { 32_000 };
                assert_eq!(
                    sent["additionalModelRequestFields"],
                    told(model, effort, most),
                    "{from:?} {model}"
                );
                let mut closed = schema();
                closed["additionalProperties"] = json!(false);
                let format = &sent["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"];
                assert_eq!(
                    format.as_str().map(|text| serde_json::from_str::<Value>(text).unwrap()),
                    takes_formats.then_some(closed)
                );
            }
        }
        assert_eq!(cloud.complaints(), Vec::<String>::new());
    }
}
