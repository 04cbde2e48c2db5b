//! The model in the process, as a client of OpenAI's dialect meets it: formats, probabilities, several answers, turns.

use hearthgate_tests::configs::{EASY, all_at_home, device_only};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

async fn starter(more: &str) -> Gateway {
    let config = device_only("hello").replace("\"scripted:hello\"", &format!("\"bundled:starter\"\n{more}"));
    Setup::new(&config).policy(&all_at_home()).start().await
}

fn quick(mut body: Value, more: &[(&str, Value)]) -> Value {
    body["reasoning_effort"] = json!("low");
    body["seed"] = json!(7);
    for (key, value) in more {
        body[*key] = value.clone();
    }
    body
}

#[tokio::test]
async fn an_answer_keeps_to_a_schema() {
    let gateway = starter("").await;
    let schema = json!({"type": "object", "properties": {"pet": {"enum": ["cat", "dog"]}},
        "required": ["pet"], "additionalProperties": false});
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "pet", "strict": true, "schema": schema}});
    let answer = gateway.client().chat(&quick(chat("auto", EASY), &[("response_format", format)])).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let pet: Value = serde_json::from_str(&answer.content()).unwrap();
    assert!(["cat", "dog"].contains(&pet["pet"].as_str().unwrap()), "{pet}");

    let bad = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "canary"}}});
    let refused = gateway.client().chat(&quick(chat("auto", EASY), &[("response_format", bad)])).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["error"]["param"].clone()),
        (400, json!("response_format"))
    );
    let unsaid = json!({"type": "json_schema", "json_schema": {"name": "x",
        "schema": {"type": "string", "pattern": "canary"}}});
    let refused = gateway.client().chat(&quick(chat("auto", EASY), &[("response_format", unsaid)])).await;
    assert_eq!(refused.json()["error"]["code"], "unsupported_schema");
    assert!(!gateway.leaks(b"canary"), "a schema is the caller's own text");
}

/// More choices than an answer is held to, in each dialect: a sentence in its own shape, and none of the caller's words.
#[tokio::test]
async fn a_schema_that_would_cost_too_much_is_refused_in_every_dialect() {
    let gateway = starter("context_tokens = 512\n").await;
    let choices: Vec<String> = (0..9000).map(|n| format!("k{n}")).collect();
    let schema = json!({"type": "object", "properties": {"canary": {"enum": choices}}, "required": ["canary"],
        "additionalProperties": false});
    let plain = chat("auto", EASY);
    let held = quick(
        plain.clone(),
        &[(
            "response_format",
            json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}),
        )],
    );
    let respond = json!({"model": "auto", "input": EASY,
        "text": {"format": {"type": "json_schema", "name": "x", "schema": schema}}});
    let ollama = json!({"model": "auto", "stream": false,
        "messages": [{"role": "user", "content": EASY}], "format": schema});
    let messages = json!({"model": "auto", "max_tokens": 40, "messages": [{"role": "user", "content": EASY}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}}});
    for (path, body) in [
        ("/v1/chat/completions", &held),
        ("/v1/responses", &respond),
        ("/v1/messages", &messages),
        ("/api/chat", &ollama),
    ] {
        let refused = gateway.client().post(path, body).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.text());
        let error = &refused.json()["error"];
        let said = error.as_str().or(error["message"].as_str()).unwrap().to_owned();
        assert!(said.contains("too large or too ambiguous"), "{path}: {said}");
        match path {
            "/api/chat" => {}
            // Anthropic's errors have no codes.
            "/v1/messages" => assert_eq!(error["type"], "invalid_request_error", "{error}"),
            _ => assert_eq!(error["code"], "unsupported_schema", "{path}: {error}"),
        }
    }
    assert_eq!(gateway.client().chat(&quick(plain.clone(), &[])).await.status, 200);
    assert!(!gateway.leaks(b"canary"), "a schema is the caller's own text");
}

#[tokio::test]
async fn a_named_tool_is_called() {
    let gateway = starter("").await;
    let tool = |name: &str| {
        json!({"type": "function", "function": {"name": name, "parameters": {"type": "object",
        "properties": {"on": {"type": "boolean"}}, "required": ["on"], "additionalProperties": false}}})
    };
    let body = quick(
        chat("auto", EASY),
        &[
            ("tools", json!([tool("lamp"), tool("heating")])),
            ("tool_choice", json!({"type": "function", "function": {"name": "heating"}})),
        ],
    );
    let answer = gateway.client().chat(&body).await.json();
    let call = &answer["choices"][0]["message"]["tool_calls"][0]["function"];
    assert_eq!(call["name"], "heating", "{answer}");
    let arguments: Value = serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap();
    assert!(arguments["on"].is_boolean());
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn probabilities_are_told_in_one_piece_and_streamed() {
    let gateway = starter("").await;
    let told = [("logprobs", json!(true)), ("top_logprobs", json!(2)), ("max_tokens", json!(12))];
    let whole = gateway.client().chat(&quick(chat("auto", EASY), &told)).await.json();
    let tokens = whole["choices"][0]["logprobs"]["content"].as_array().unwrap().clone();
    let text: String = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
    assert_eq!(text, whole["choices"][0]["message"]["content"].as_str().unwrap());
    for token in &tokens {
        assert!(token["logprob"].as_f64().unwrap() <= 0.0);
        assert_eq!(token["top_logprobs"].as_array().unwrap().len(), 2);
        let bytes = token["bytes"].as_array().unwrap();
        assert_eq!(bytes.len(), token["token"].as_str().unwrap().len());
    }
    let mut stream = gateway.client().chat_stream(&quick(chat_stream("auto", EASY), &told)).await;
    let events = stream.rest().await;
    let streamed: Vec<Value> = events
        .iter()
        .filter(|event| !event.is_done())
        .filter_map(|event| event.json()["choices"][0]["logprobs"]["content"].as_array().cloned())
        .flatten()
        .collect();
    assert_eq!(streamed, tokens);
}

#[tokio::test]
async fn several_answers_come_at_once() {
    let gateway = starter("").await;
    // Hot and uncut: a model that is sure of its answer would give it three times.
    let three = [
        ("n", json!(3)),
        ("max_tokens", json!(10)),
        ("temperature", json!(2.0)),
        ("top_k", json!(0)),
        ("min_p", json!(0.0)),
        ("top_p", json!(1.0)),
    ];
    let whole = gateway.client().chat(&quick(chat("auto", EASY), &three)).await.json();
    let choices = whole["choices"].as_array().unwrap();
    let said: Vec<_> = choices.iter().map(|choice| choice["message"]["content"].clone()).collect();
    assert_eq!(choices.len(), 3);
    assert!(said.iter().any(|other| *other != said[0]), "each has a seed of its own: {said:?}");
    let mut stream = gateway.client().chat_stream(&quick(chat_stream("auto", EASY), &three)).await;
    let mut streamed = vec![String::new(); 3];
    let mut finished = 0;
    let events = stream.rest().await;
    for event in events.iter().filter(|event| !event.is_done()) {
        let Some(choice) = event.json()["choices"].get(0).cloned() else { continue };
        let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
        streamed[index].push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        finished += usize::from(!choice["finish_reason"].is_null());
    }
    assert_eq!(streamed, said.iter().map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>());
    assert!(finished == 3 && events.last().unwrap().is_done() && !stream.is_broken());
    for n in [0, 17] {
        let refused = gateway.client().chat(&quick(chat("auto", EASY), &[("n", json!(n))])).await;
        assert_eq!((refused.status.as_u16(), refused.json()["error"]["param"].clone()), (400, json!("n")));
    }
}

#[tokio::test]
async fn a_second_turn_is_cached_and_counted() {
    let gateway = starter("").await;
    let long = "Say something kind about gardens and rivers. ".repeat(8);
    let first = quick(chat("auto", &long), &[("max_tokens", json!(8))]);
    let one = gateway.client().chat(&first).await.json();
    let mut second = first.clone();
    let turns = second["messages"].as_array_mut().unwrap();
    turns.push(one["choices"][0]["message"].clone());
    turns.push(json!({"role": "user", "content": "And about lakes?"}));
    let two = gateway.client().chat(&second).await.json();
    let cached = |answer: &Value| answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    assert_eq!(cached(&one), 0);
    assert!(cached(&two) * 10 > one["usage"]["prompt_tokens"].as_u64().unwrap() * 9, "{two}");
    let metrics = gateway.admin().get("/metrics").await.text();
    let counted = format!("hearthgate_cached_tokens_total{{model=\"device/home\"}} {}", cached(&two));
    assert!(metrics.contains(&counted), "{metrics}");
    assert!(metrics.contains("hearthgate_quick_thought_total{model=\"device/home\"} 0"));
}

#[tokio::test]
async fn a_replayed_request_gets_the_same_answer_whatever_runs() {
    let gateway = starter("deterministic = true\n").await;
    let body = quick(chat("auto", EASY), &[("max_tokens", json!(20))]);
    let first = gateway.client().chat(&body).await.content();
    for round in 0..4 {
        let other = quick(chat("auto", "Tell me of rivers."), &[("n", json!(3)), ("seed", json!(round))]);
        let (client, neighbour) = (gateway.client(), gateway.client());
        let (again, _) = tokio::join!(client.chat(&body), neighbour.chat(&other));
        assert_eq!(again.content(), first);
    }
}

#[tokio::test]
async fn an_answer_has_its_deadline() {
    let gateway = starter("answer_timeout_ms = 1\n").await;
    let late = gateway.client().chat(&quick(chat("auto", EASY), &[])).await;
    assert_eq!((late.status.as_u16(), late.json()["error"]["code"].clone()), (504, json!("device_timeout")));
}

/// Two models and room for one: each is loaded when it is asked for, and nobody's answer is lost to the other.
#[tokio::test]
async fn models_make_room_for_one_another() {
    let second = "[[model]]\nname = \"other\"\nsource = \"bundled:starter\"\nload = \"on-demand\"\nprefix_cache_mb = 64\n";
    let memory = "[device]\nmemory_mb = 120\n\n";
    let first = "\"bundled:starter\"\nload = \"on-demand\"\nprefix_cache_mb = 64";
    let config = device_only("hello")
        .replace("\"scripted:hello\"", first)
        .replace("[audit]", &format!("{second}\n{memory}[audit]"));
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let known = gateway.client().get("/v1/models").await.json();
    let facts = known["data"].as_array().unwrap().iter().find(|model| model["id"] == "device/other").unwrap();
    assert!(facts["context_length"].as_u64().unwrap() > 0, "known before it is loaded");
    let loads = async |model: &str| {
        let metrics = gateway.admin().get("/metrics").await.text();
        let line = format!("hearthgate_model_loads{{model=\"device/{model}\"}}");
        metrics.lines().find_map(|found| found.strip_prefix(&line)).map(str::trim).map(str::to_owned)
    };
    assert_eq!(loads("home").await.as_deref(), Some("0"));
    let client = gateway.client();
    let ask = async |model: &str| client.chat(&quick(chat(model, EASY), &[])).await;
    for model in ["device/home", "device/other", "device/home"] {
        let answer = ask(model).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-hearthgate-target")),
            (200, model.to_owned()),
            "{}",
            answer.text()
        );
    }
    assert_eq!((loads("home").await.as_deref(), loads("other").await.as_deref()), (Some("2"), Some("1")));
    let (one, two) = tokio::join!(ask("device/home"), ask("device/other"));
    for answer in [one, two] {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
