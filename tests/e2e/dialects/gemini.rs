//! Gemini by its own API: what it seals comes back to it and to nobody else, and its faults are told as what they are.

use hearthgate_tests::anthropic::ask;
use hearthgate_tests::configs::{EASY, PRIVATE, all_to_cloud, cloud_first, home_and_cloud, one_gemini};
use hearthgate_tests::fake_cloud::{Api, Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::{Value, json};

use super::cases::{Spoken, formatted, schema};

/// A model that refuses calls of its own without their seal.
const STRICT: &str = "gemini-3-pro-preview";

fn seal() -> String {
    "U2VhbGVk".repeat(40)
}

fn call() -> Behaviour {
    Behaviour::Candidate(json!({ "finishReason": "STOP", "parts": [
        { "text": "Hm.", "thought": true },
        { "functionCall": { "id": "c-1", "name": "look_up", "args": { "what": "c" } }, "thoughtSignature": seal() },
        { "functionCall": { "id": "c-2", "name": "look_up", "args": { "what": "d" } } }
    ] }))
}

/// Two providers: Gemini, whose model is asked first, and another.
async fn gateway(gemini: &FakeCloud, other: &FakeCloud) -> Gateway {
    let config = one_gemini(&gemini.url_below("/v1beta")).replace(MODEL, STRICT).replace(
        "[policy]",
        &format!(
            "[[upstream]]\nname = \"other\"\nzone = \"cloud\"\nbase_url = \"{}\"\nmodels = [\"{MODEL}\"]\n\n[policy]",
            other.base_url()
        ),
    );
    let policy = all_to_cloud().replace(&format!("\"cloud/{MODEL}\""), "\"zone:cloud\"");
    Setup::new(&config).policy(&policy).start().await
}

fn tools() -> Value {
    json!([{ "type": "function", "function": { "name": "look_up", "parameters": { "type": "object", "properties": { "what": { "type": "string" } } } } }])
}

/// What a client of OpenAI's dialect gathers of a stream: its calls, with whatever stood beside them.
fn gathered(events: &[Value]) -> Vec<Value> {
    let deltas = events.iter().filter_map(|event| event["choices"][0]["delta"]["tool_calls"].as_array());
    deltas
        .flatten()
        .map(|call| {
            let mut call = call.clone();
            call.as_object_mut().unwrap().remove("index");
            call
        })
        .collect()
}

#[tokio::test]
async fn what_gemini_seals_comes_back_to_it_through_openais_dialect_and_goes_to_no_other() {
    let (gemini, other) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&gemini, &other).await;
    for streamed in [false, true] {
        gemini.set(call());
        let mut body = if streamed { chat_stream("auto", EASY) } else { chat("auto", EASY) };
        body["tools"] = tools();
        let answer = gateway.client().chat(&body).await;
        let calls = if streamed {
            let events = answer.events();
            gathered(&events[..events.len() - 1].iter().map(|event| event.json()).collect::<Vec<_>>())
        } else {
            answer.json()["choices"][0]["message"]["tool_calls"].as_array().unwrap().clone()
        };
        assert_eq!(calls[0]["extra_content"]["google"]["thought_signature"], seal());
        gemini.set(Behaviour::Chat);
        let result = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "y" });
        let turns = [
            json!({ "role": "assistant", "content": null, "tool_calls": calls }),
            result("c-1"),
            result("c-2"),
        ];
        body["messages"].as_array_mut().unwrap().extend(turns);
        let answer = gateway.client().chat(&body).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-hearthgate-label")), (200, "public".to_owned()));
        let parts = gemini.chats().last().unwrap().json()["contents"][1]["parts"].clone();
        assert_eq!((&parts[0]["thoughtSignature"], parts[1].get("thoughtSignature")), (&json!(seal()), None));

        body["model"] = json!(format!("other/{MODEL}"));
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.header("x-hearthgate-target"), format!("other/{MODEL}"), "{}", answer.text());
        let sent = other.chats().last().unwrap().json();
        assert_eq!(sent["messages"][1]["tool_calls"][0]["function"]["name"], "look_up");
        assert!(!other.contains(seal().as_bytes()));
    }
    assert_eq!((gemini.complaints(), other.complaints()), (vec![], vec![]));
}

#[tokio::test]
async fn what_gemini_seals_comes_back_to_it_through_anthropics_dialect() {
    let (gemini, other) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&gemini, &other).await;
    gemini.set(call());
    let mut body = ask("auto", EASY);
    body["thinking"] = json!({ "type": "adaptive" });
    body["tools"] = json!([{ "name": "look_up", "input_schema": { "type": "object", "properties": { "what": { "type": "string" } } } }]);
    let answer = gateway.client().post("/v1/messages", &body).await.json();
    let expected = json!({ "type": "thinking", "thinking": "Hm.", "signature": seal() });
    assert_eq!(answer["content"][0], expected);
    let result = |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": "y" });
    let turns = [
        json!({ "role": "assistant", "content": answer["content"] }),
        json!({ "role": "user", "content": [result("c-1"), result("c-2")] }),
    ];
    body["messages"].as_array_mut().unwrap().extend(turns);
    gemini.set(Behaviour::Chat);
    let answer = gateway.client().post("/v1/messages", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let parts = gemini.chats().last().unwrap().json()["contents"][1]["parts"].clone();
    assert_eq!((&parts[0]["text"], &parts[0]["thought"]), (&json!("Hm."), &json!(true)));
    assert_eq!(parts[1]["thoughtSignature"], seal());
    assert_eq!(gemini.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_seal_that_nobody_is_known_to_have_made_is_not_public() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.url_below("/v1beta"))
        .replace("dialect = \"openai\"", "dialect = \"gemini\"")
        .replace("effort_field = \"reasoning_effort\"\n", "");
    let gateway = Setup::new(&config).policy(&cloud_first()).start().await;
    let calls = json!([{ "id": "a", "type": "function", "function": { "name": "f", "arguments": "{}" },
        "extra_content": { "google": { "thought_signature": seal() } } }]);
    let mut body = chat("auto", EASY);
    let turns = [
        json!({ "role": "assistant", "tool_calls": calls }),
        json!({ "role": "tool", "tool_call_id": "a", "content": "y" }),
    ];
    body["messages"].as_array_mut().unwrap().extend(turns);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(
        (answer.header("x-hearthgate-label"), answer.header("x-hearthgate-zone")),
        ("confidential".into(), "device".into())
    );
    // What can be read of it is read.
    body["messages"][1]["tool_calls"][0]["extra_content"]["google"]["thought_signature"] = json!(PRIVATE);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.header("x-hearthgate-label"), "restricted", "{}", answer.text());
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn a_seal_that_nobody_is_known_to_have_made_is_sent_to_nobody_where_the_request_is_written_anew() {
    let cloud = FakeCloud::start().await;
    let config = one_gemini(&cloud.url_below("/v1beta")).replace(MODEL, STRICT);
    let policy = all_to_cloud().replace(MODEL, STRICT) + "\n[opaque]\nblock = \"public\"\n";
    let gateway = Setup::new(&config).policy(&policy).start().await;
    let calls = json!([{ "id": "a", "type": "function", "function": { "name": "look_up", "arguments": "{}" },
        "extra_content": { "google": { "thought_signature": seal() } } }]);
    let mut body = chat("auto", EASY);
    body["tools"] = tools();
    body["messages"].as_array_mut().unwrap().extend([
        json!({ "role": "assistant", "tool_calls": calls }),
        json!({ "role": "tool", "tool_call_id": "a", "content": "y" }),
    ]);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!cloud.contains(seal().as_bytes()));
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn faults_of_googles_are_told_as_what_they_are() {
    let cloud = FakeCloud::start_with_key(Some("right")).await;
    let config = |key: &str| {
        one_gemini(&cloud.url_below("/v1beta")).replace(
            "models =",
            &format!("retries = 0\nbreaker_faults = 1000\napi_key = \"{key}\"\nmodels ="),
        )
    };
    // Google answers 400 to a key that is none.
    let wrong = Setup::new(&config("wrong")).policy(&all_to_cloud()).start().await;
    let answer = wrong.client().chat(&chat("auto", EASY)).await;
    let error = answer.json()["error"].clone();
    assert_eq!((answer.status.as_u16(), &error["code"]), (502, &json!("upstream_refused_our_key")));
    assert!(!answer.text().contains("API key not valid"));
    let gateway = Setup::new(&config("right")).policy(&all_to_cloud()).start().await;
    for (code, status, word) in
        [(429, 429, "RESOURCE_EXHAUSTED"), (500, 502, "INTERNAL"), (503, 503, "UNAVAILABLE")]
    {
        let words = hearthgate_tests::gemini::error(code, "Google says no.", word).to_string();
        cloud.set(Behaviour::Status { code, body: Some(words), retry_after: Some("7".to_owned()) });
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, status, "{code}");
        assert!(!answer.text().contains("Google says no."), "{code}");
    }
    // A model that fails at a call it makes, and one whose answer is held back before it begins.
    for (reason, status) in [("MALFORMED_FUNCTION_CALL", 502), ("SAFETY", 200)] {
        cloud.set(Behaviour::Candidate(json!({ "finishReason": reason, "parts": [] })));
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, status, "{reason}: {}", answer.text());
    }
    cloud.set(Behaviour::Stall(Point::AfterEvents(1)));
    let stream = gateway
        .client()
        .open("POST", "/v1/chat/completions", chat_stream("auto", EASY).to_string().into())
        .await;
    cloud.stalled(1).await;
    stream.hang_up();
    cloud.hung_up(1).await;
    assert!(cloud.chats().iter().all(|request| request.api() == Some(Api::Gemini)));
}

#[tokio::test]
async fn where_google_refuses_our_key_the_next_target_answers() {
    let (gemini, other) = (FakeCloud::start_with_key(Some("right")).await, FakeCloud::start().await);
    let gateway = gateway(&gemini, &other).await;
    for body in [chat("auto", EASY), chat_stream("auto", EASY)] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.header("x-hearthgate-target"), format!("other/{MODEL}"), "{}", answer.text());
    }
    assert_eq!(other.chats().len(), 2);
}

#[tokio::test]
async fn an_error_in_place_of_an_answer_keeps_its_words_and_its_status() {
    let cloud = FakeCloud::start().await;
    let config = one_gemini(&cloud.url_below("/v1beta")).replace("models =", "retries = 0\nmodels =");
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    for (code, word, status, shown) in
        [(429, "RESOURCE_EXHAUSTED", 429, false), (400, "INVALID_ARGUMENT", 400, true)]
    {
        let error = hearthgate_tests::gemini::error(code, "Google says no.", word);
        let stream = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {error}\n\n"
        );
        let whole =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{error}");
        for (said, body) in [(stream, chat_stream("auto", EASY)), (whole, chat("auto", EASY))] {
            cloud.set(Behaviour::Raw(said.into_bytes()));
            let answer = gateway.client().chat(&body).await;
            let told = (answer.status.as_u16(), answer.text().contains("Google says no."));
            assert_eq!(told, (status, shown), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_format_and_the_effort_are_told_as_the_model_has_them() {
    let told = |model: &str, effort: &str| match (model, effort) {
        ("gemini-2.5-pro", "quick") => json!({ "thinkingBudget": 128 }),
        ("gemini-2.5-flash", "quick") => json!({ "thinkingBudget": 0 }),
        ("gemini-3-pro-preview", "quick") => json!({ "thinkingLevel": "low" }),
        ("gemini-3-pro-preview", _) => json!({ "thinkingLevel": "high", "includeThoughts": true }),
        _ => json!({ "thinkingBudget": 16384, "includeThoughts": true }),
    };
    for model in ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview"] {
        let cloud = FakeCloud::start().await;
        cloud.set(Behaviour::Text("{\"what\":\"it\"}".to_owned()));
        let config = one_gemini(&cloud.url_below("/v1beta")).replace(MODEL, model);
        let gateway = Setup::new(&config).policy(&all_to_cloud().replace(MODEL, model)).start().await;
        for effort in ["quick", "deliberate"] {
            for from in [Spoken::OpenAi, Spoken::Anthropic, Spoken::Responses] {
                let mut body = formatted(from);
                if from == Spoken::Anthropic {
                    body["max_tokens"] = json!(64_000);
                }
                let answer =
                    gateway.client().with("x-hearthgate-effort", effort).post(from.path(), &body).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                assert!(answer.text().contains("{\\\"what\\\":\\\"it\\\"}"), "{}", answer.text());
                let config = cloud.chats().last().unwrap().json()["generationConfig"].clone();
                assert_eq!(config["thinkingConfig"], told(model, effort), "{from:?}");
                assert_eq!(config["responseJsonSchema"], schema());
            }
        }
        assert_eq!(cloud.complaints(), Vec::<String>::new());
    }
}
