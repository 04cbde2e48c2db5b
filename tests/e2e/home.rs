//! Completions and embeddings: answered at home, and nowhere else.

use std::fs;

use base64::Engine as _;
use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{all_at_home, client_key, device_only};
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

async fn gateway(more: &str) -> Gateway {
    let config = device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"");
    let embedder = "[[model]]\nname = \"finder\"\nsource = \"bundled:starter\"\nembeddings = true\ncontext_tokens = 256\n";
    Setup::new(&format!("{config}{embedder}{more}")).policy(&all_at_home()).start().await
}

#[tokio::test]
async fn every_request_stands_in_the_record_and_none_of_its_words() {
    const WORD: &str = "Zanzibarquux";
    let mut gateway = gateway(&client_key("ann", "tenant = \"finance\"")).await;
    let ann = gateway.client().with("x-api-key", "key-of-ann");
    let ask = async |path: &str, body: Value| {
        let answer = ann.post(path, &body).await;
        (answer.header("x-request-id"), answer.status.as_u16())
    };
    let counted = json!({"model": WORD, "max_tokens": 9, "messages": [{"role": "user", "content": WORD}]});
    let asked = [
        ("/v1/completions", ask("/v1/completions", complete(&[("prompt", json!(WORD))])).await),
        (
            "/v1/completions",
            ask("/v1/completions", complete(&[("prompt", json!(WORD)), ("stream", json!(true))])).await,
        ),
        ("/v1/embeddings", ask("/v1/embeddings", json!({"model": "finder", "input": [WORD, WORD]})).await),
        ("/v1/messages/count_tokens", ask("/v1/messages/count_tokens", counted).await),
        ("/v1/embeddings", ask("/v1/embeddings", json!({"model": WORD, "input": WORD})).await),
        ("/v1/completions", ask("/v1/completions", complete(&[("best_of", json!(WORD))])).await),
    ];
    let broken = ann.post_bytes("/v1/embeddings", format!("{{\"{WORD}")).await;
    let stranger = gateway.client().post("/v1/embeddings", &json!({"input": WORD})).await;
    assert_eq!((broken.status.as_u16(), stranger.status.as_u16()), (400, 401));
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    assert!(!gateway.leaks(WORD.as_bytes()));

    let text = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: &str| {
        let two: Vec<_> = lines.iter().filter(|line| line["id"] == id).collect();
        assert_eq!(two.len(), 2, "{id}: {text}");
        assert_eq!((&two[0]["kind"], &two[1]["kind"]), (&json!("home"), &json!("outcome")));
        (two[0].clone(), two[1].clone())
    };
    let mut statuses = Vec::new();
    for (path, (id, status)) in &asked {
        let (home, outcome) = of(id);
        assert_eq!((&home["caller"], &home["tenant"]), (&json!("ann"), &json!("finance")));
        assert_eq!((&home["path"], &home["zone"]), (&json!(path), &json!("device")));
        assert_eq!(outcome["status"], *status);
        assert_eq!(outcome["error"].is_null(), *status == 200, "{outcome}");
        statuses.push(*status);
    }
    assert_eq!(&statuses[..5], [200, 200, 200, 200, 404]);
    assert!((400..500).contains(&statuses[5]), "{statuses:?}");
    for (_, (id, _)) in &asked[..2] {
        let (_, outcome) = of(id);
        assert_eq!((&outcome["target"], &outcome["finish"]), (&json!("device/home"), &json!("length")));
        assert!(outcome["tokens_in"].as_u64().unwrap() > 0 && outcome["tokens_out"] == 9, "{outcome}");
        assert!(outcome["engine"]["seeds"].is_array(), "{outcome}");
    }
    let (_, embedded) = of(&asked[2].1.0);
    assert_eq!(embedded["target"], "device/finder");
    assert!(embedded["tokens_in"].as_u64().unwrap() > 0);
    assert_eq!(embedded["engine"]["model"].as_str().unwrap().len(), 64);
    assert_eq!(of(&broken.header("x-request-id")).1["status"], 400);
    assert_eq!(lines.len(), 14, "nobody knows who the stranger was");

    let setup = Setup::new(&device_only("hello")).policy(&all_at_home()).file("audit.jsonl", &text);
    let run = async |line: &str| setup.command(&line.split(' ').collect::<Vec<_>>(), b"").await;
    let verified = run("audit verify audit.jsonl").await;
    assert!(verified.code == Some(0) && verified.stdout.contains("14 records"), "{}", verified.stdout);
    let shown = run("audit show audit.jsonl --caller ann --zone device").await;
    assert_eq!(shown.stdout.lines().count(), 7, "{}", shown.stdout);
    assert!(shown.stdout.contains("home      /v1/embeddings by ann within device"));
    let replayed = run("replay --config hearthgate.toml --policy policy.toml --strict").await;
    assert_eq!(replayed.code, Some(0), "{}{}", replayed.stdout, replayed.stderr);
    let line = format!("replay --config hearthgate.toml {} --request -", asked[2].1.0);
    let refused = run(&line).await;
    assert_eq!(refused.code, Some(64));
    assert!(refused.stderr.contains("asked for /v1/embeddings, which is not replayed"), "{}", refused.stderr);
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn without_a_record_nothing_is_answered_at_home() {
    let config = device_only("hello").replace("audit.jsonl", "/dev/full");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let count = json!({"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]});
    for (path, body) in [
        ("/v1/completions", complete(&[])),
        ("/v1/embeddings", json!({"input": "hello"})),
        ("/v1/messages/count_tokens", count),
    ] {
        let answer = post(&gateway, path, &body).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
    }
}

async fn post(gateway: &Gateway, path: &str, body: &Value) -> Response {
    gateway.client().post(path, body).await
}

fn complete(more: &[(&str, Value)]) -> Value {
    let mut body = json!({"model": "auto", "prompt": "Once upon a time", "seed": 3, "max_tokens": 9});
    for (key, value) in more {
        body[*key] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_text_is_gone_on_with() {
    let gateway = gateway("").await;
    let whole = post(&gateway, "/v1/completions", &complete(&[])).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert_eq!(whole.header("x-hearthgate-target"), "device/home");
    let whole = whole.json();
    assert_eq!(whole["object"], "text_completion");
    let text = whole["choices"][0]["text"].as_str().unwrap().to_owned();
    assert!(!text.is_empty() && whole["usage"]["completion_tokens"].as_u64().unwrap() <= 9);

    let stream = json!(true);
    let streamed = post(&gateway, "/v1/completions", &complete(&[("stream", stream)])).await;
    let events = streamed.events();
    let joined: String = events
        .iter()
        .filter(|event| !event.is_done())
        .filter_map(|event| event.json()["choices"][0]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(joined, text);
    assert!(events.last().unwrap().is_done());
}

#[tokio::test]
async fn prompts_choices_and_probabilities() {
    let gateway = gateway("").await;
    let many = complete(&[("prompt", json!(["One", "Two"])), ("n", json!(2)), ("logprobs", json!(2))]);
    let whole = post(&gateway, "/v1/completions", &many).await.json();
    let choices = whole["choices"].as_array().unwrap();
    assert_eq!(choices.len(), 4, "{whole}");
    for choice in choices {
        let told = &choice["logprobs"];
        let tokens: String =
            told["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap()).collect();
        assert_eq!(tokens, choice["text"].as_str().unwrap());
        assert_eq!(told["top_logprobs"][0].as_object().unwrap().len(), 2);
        assert_eq!(told["text_offset"][0], 0);
    }
    let one = complete(&[("logprobs", json!(0)), ("seed", json!(4))]);
    let whole = post(&gateway, "/v1/completions", &one).await.json();
    let mut streamed = one.clone();
    streamed["stream"] = json!(true);
    let events = post(&gateway, "/v1/completions", &streamed).await.events();
    let parts = events.iter().filter(|event| !event.is_done()).map(|event| event.json());
    let offsets = parts.filter_map(|part| part["choices"][0]["logprobs"]["text_offset"].as_array().cloned());
    let offsets: Vec<Value> = offsets.flatten().collect();
    assert_eq!(
        json!(offsets),
        whole["choices"][0]["logprobs"]["text_offset"],
        "they count on from part to part"
    );
    assert!(offsets.len() > 1);
    let tokens = post(&gateway, "/v1/completions", &complete(&[("prompt", json!([5, 6, 7]))])).await.json();
    assert_eq!(tokens["usage"]["prompt_tokens"], 3);
}

#[tokio::test]
async fn what_is_not_at_home_or_cannot_be_done_is_refused_by_name() {
    let gateway = gateway("").await;
    for (path, body, status, param) in [
        ("/v1/completions", complete(&[("echo", json!(true))]), 400, "echo"),
        ("/v1/completions", complete(&[("prompt", json!([]))]), 400, "prompt"),
        ("/v1/completions", complete(&[("prompt", json!([-1]))]), 400, "prompt"),
        ("/v1/completions", complete(&[("model", json!("gpt-5.1"))]), 404, "model"),
        ("/v1/completions", complete(&[("model", json!("device/finder"))]), 404, "model"),
        ("/v1/embeddings", json!({"model": "home", "input": "x"}), 404, "model"),
        ("/v1/embeddings", json!({"model": "finder"}), 400, "input"),
        ("/v1/embeddings", json!({"model": "finder", "input": ["x", ""]}), 400, "input"),
        ("/v1/embeddings", json!({"model": "finder", "input": "x", "dimensions": 3}), 400, "dimensions"),
        (
            "/v1/embeddings",
            json!({"model": "finder", "input": "x", "encoding_format": "hex"}),
            400,
            "encoding_format",
        ),
    ] {
        let answer = post(&gateway, path, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert_eq!(answer.json()["error"]["param"], param, "{body}");
    }
    let long =
        post(&gateway, "/v1/embeddings", &json!({"model": "finder", "input": "word ".repeat(900)})).await;
    assert_eq!(long.json()["error"]["code"], "context_length_exceeded", "never cut off in silence");
    assert_eq!(gateway.client().get("/v1/embeddings").await.status, 405);
}

#[tokio::test]
async fn embeddings_have_length_one_and_their_order() {
    let gateway = gateway("").await;
    let ask =
        |input: Value, format: &str| json!({"model": "finder", "input": input, "encoding_format": format});
    let numbers =
        |embedding: &Value| -> Vec<f32> { serde_json::from_value(embedding["embedding"].clone()).unwrap() };
    let texts = json!(["a red rose", "a blue sea", "a red rose"]);
    let answer = post(&gateway, "/v1/embeddings", &ask(texts.clone(), "float")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let whole = answer.json();
    let data = whole["data"].as_array().unwrap();
    let (first, second, third) = (numbers(&data[0]), numbers(&data[1]), numbers(&data[2]));
    assert_eq!(first, third, "what stands beside a text does not matter");
    assert_ne!(first, second);
    for embedding in [&first, &second] {
        let length: f32 = embedding.iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-4, "{length}");
    }
    assert_eq!(whole["usage"]["prompt_tokens"], whole["usage"]["total_tokens"]);
    let packed = post(&gateway, "/v1/embeddings", &ask(texts, "base64")).await.json();
    let bytes = packed["data"][1]["embedding"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(bytes).unwrap();
    let unpacked: Vec<f32> =
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(unpacked, second);
}

#[tokio::test]
async fn keys_and_the_list_of_models_hold_here_too() {
    let shut = gateway(&client_key("ann", "")).await;
    let input = json!({"model": "finder", "input": "x"});
    assert_eq!(post(&shut, "/v1/embeddings", &input).await.status, 401);
    assert_eq!(post(&shut, "/v1/completions", &complete(&[])).await.status, 401);
    let known = shut.client().with("authorization", "Bearer key-of-ann");
    assert_eq!(known.post("/v1/embeddings", &input).await.status, 200);

    let open = gateway("").await;
    let models = open.client().get("/v1/models").await.json();
    let find =
        |id: &str| models["data"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap().clone();
    assert_eq!(find("device/finder")["capabilities"]["embeddings"], true);
    assert_eq!(find("device/home")["capabilities"]["chat"], true);
    assert!(find("device/home")["context_length"].as_u64().unwrap() >= 64);
    let chat = json!({"model": "device/finder", "messages": [{"role": "user", "content": "hello"}]});
    let refused = open.client().chat(&chat).await;
    assert_eq!(refused.status, 404, "{}", refused.text());
}
