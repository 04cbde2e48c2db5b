//! Ollama's surface: what is sent and told for it, what is judged of it, and what it refuses.

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, all_to_cloud, client_key, cloud_first, device_only, hard_to_cloud,
    home_and_cloud, one_anthropic, one_cloud,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::golden;
use serde_json::{Value, json};

use super::cases::{CASES, Spoken, answer};
use super::pairs::{AT_HOME, gateway};

const CHAT: &str = "/api/chat";
const GENERATE: &str = "/api/generate";

/// Sixteen bytes of an image.
const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUg==";

fn ask(text: &str) -> Value {
    json!({ "model": "auto", "stream": false, "messages": [{ "role": "user", "content": text }] })
}

fn prompt(text: &str) -> Value {
    json!({ "model": "auto", "stream": false, "prompt": text })
}

fn request(case: &str) -> Value {
    let call = |what: &str| json!({ "function": { "name": "look_up", "arguments": { "what": what } } });
    let schema =
        json!({ "type": "object", "properties": { "what": { "type": "string" } }, "required": ["what"] });
    match case {
        "tools" => json!({ "model": "auto",
            "tools": [{ "type": "function", "function": {
                "name": "look_up", "description": "Looks it up.", "parameters": schema } }],
            "messages": [
                { "role": "user", "content": "Compare a and b." },
                { "role": "assistant", "content": "Looking.", "thinking": "Hm.", "tool_calls": [call("a"), call("b")] },
                { "role": "tool", "content": "one", "tool_name": "look_up" },
                { "role": "tool", "content": "two" },
                { "role": "user", "content": "And c?" }
            ] }),
        "thinking" => json!({ "model": "auto", "think": true, "options": { "num_predict": 9000 },
            "messages": [{ "role": "user", "content": "Which is larger?" }] }),
        _ => json!({ "model": "auto:latest", "keep_alive": "5m",
            "options": { "temperature": 0.5, "num_predict": 200, "num_ctx": 4096, "stop": ["END"] },
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Hello" },
                { "role": "user", "content": "What is in it?", "images": [IMAGE] }
            ] }),
    }
}

/// What differs from one time to the next.
fn masked(text: &str) -> String {
    const CHANGING: [&str; 4] = ["created_at", "total_duration", "prompt_eval_duration", "eval_duration"];
    let mut text = golden::masked(text);
    for key in CHANGING {
        let mark = format!("\"{key}\":");
        let mut parts = text.split(mark.as_str());
        let mut out = parts.next().unwrap().to_owned();
        for part in parts {
            let value = part.find([',', '}']).unwrap();
            out = out + &mark + "0" + &part[value..];
        }
        text = out;
    }
    text
}

fn plain(mut body: Value) -> Value {
    body["stream"] = json!(false);
    body
}

async fn check(to: Spoken) {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, to).await;
    for case in CASES {
        cloud.set(answer(case, to));
        let client = gateway.client().with("x-hearthgate-effort", "quick");
        let whole = client.post(CHAT, &plain(request(case))).await;
        let stream = client.post(CHAT, &request(case)).await;
        let [.., first, second] = &cloud.chats()[..] else { panic!("{case}: {}", whole.text()) };
        let expected = if case == "error" { 400 } else { 200 };
        assert_eq!(
            (whole.status.as_u16(), stream.status.as_u16()),
            (expected, expected),
            "{case} {}",
            whole.text()
        );
        let told = format!(
            "sent {}\n\nsent, streamed {}\n\nplain {}\n\nstreamed {}",
            String::from_utf8_lossy(&first.body),
            String::from_utf8_lossy(&second.body),
            whole.text(),
            stream.text()
        );
        golden::check(&format!("dialects/{case}.ollama-{}.txt", to.name()), masked(&told).as_bytes());
    }
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
}

#[tokio::test]
async fn ollama_to_openai() {
    check(Spoken::OpenAi).await;
}

#[tokio::test]
async fn ollama_to_anthropic() {
    check(Spoken::Anthropic).await;
}

#[tokio::test]
async fn ollama_to_gemini() {
    check(Spoken::Gemini).await;
}

#[tokio::test]
async fn ollama_to_bedrock() {
    check(Spoken::Bedrock).await;
}

#[tokio::test]
async fn lines_are_the_same_wherever_a_providers_stream_is_cut() {
    for to in [Spoken::OpenAi, Spoken::Anthropic, Spoken::Gemini, Spoken::Bedrock] {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, to).await;
        let told = async || masked(&gateway.client().post(CHAT, &request("hello")).await.text());
        cloud.set(Behaviour::Chat);
        let whole = told().await;
        assert!(whole.contains("\"done\":true"), "{whole}");
        for step in [1, 2, 3, 5, 17, 64] {
            cloud.set(Behaviour::SplitAt((0..4000).step_by(step).collect()));
            assert_eq!(told().await, whole, "{to:?} {step}");
        }
    }
}

#[tokio::test]
async fn ollama_to_the_device() {
    for (case, script) in AT_HOME {
        let gateway = Setup::new(&device_only(script)).policy(&all_at_home()).start().await;
        let mut body = request(case);
        if !matches!(case, "tools" | "thinking" | "busy") {
            // The device sees no images.
            body["messages"] = json!([{ "role": "user", "content": "Hello" }]);
        }
        if case == "busy" {
            body = ask("Hello");
        }
        let whole = gateway.client().post(CHAT, &plain(body.clone())).await;
        body["stream"] = json!(true);
        let stream = gateway.client().post(CHAT, &body).await;
        let told = format!("plain {}\n\nstreamed {}", whole.text(), stream.text());
        golden::check(&format!("dialects/{case}.ollama-device.txt"), masked(&told).as_bytes());
    }
}

fn lines(answer: &Response) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn an_answer_is_lines_and_has_the_headers_of_any_other() {
    let cloud = FakeCloud::start().await;
    let gateway =
        Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&hard_to_cloud()).start().await;
    let mut body = prompt(HARD);
    let whole = gateway.client().post(GENERATE, &body).await;
    assert_eq!(
        (whole.header("content-type").as_str(), whole.header("x-hearthgate-zone").as_str()),
        ("application/json", "cloud")
    );
    assert!(!whole.header("x-hearthgate-cost-usd").is_empty() && !whole.header("x-request-id").is_empty());
    body.as_object_mut().unwrap().remove("stream");
    let stream = gateway.client().post(GENERATE, &body).await;
    assert_eq!(stream.header("content-type"), "application/x-ndjson");
    let lines = lines(&stream);
    let said: String = lines.iter().map(|line| line["response"].as_str().unwrap().to_owned()).collect();
    assert_eq!(json!(said), whole.json()["response"]);
    let last = lines.last().unwrap();
    assert!(
        last["done"] == json!(true)
            && last["total_duration"].as_u64().unwrap() > 0
            && last["cost_usd"].is_number()
    );
    let home = gateway.client().post(CHAT, &ask(EASY)).await;
    assert_eq!(
        (home.header("x-hearthgate-zone").as_str(), &home.json()["model"]),
        ("device", &json!("device/home"))
    );
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    assert!(record.contains("\"dialect\":\"ollama\""), "{record}");
    let metrics = gateway.admin().get("/metrics").await.text();
    assert!(metrics.contains("hearthgate_requests_total"), "{metrics}");
}

/// Such a card in every place of a body in which a text can stand.
fn placed() -> Vec<Value> {
    let with = |name: &str, value: Value| {
        let mut body = ask(EASY);
        body[name] = value;
        body
    };
    let said = |role: &str, name: &str, value: Value| {
        let mut message = json!({ "role": role, "content": "x" });
        message[name] = value;
        with(
            "messages",
            json!([{ "role": "user", "content": "x" }, message, { "role": "user", "content": "y" }]),
        )
    };
    let called = |function: Value| said("assistant", "tool_calls", json!([{ "function": function }]));
    let mut bodies = vec![
        prompt(PRIVATE),
        said("user", "content", json!(PRIVATE)),
        said("system", "content", json!(PRIVATE)),
        said("assistant", "content", json!(PRIVATE)),
        said("assistant", "thinking", json!(PRIVATE)),
        said("tool", "content", json!(PRIVATE)),
        said("tool", "tool_name", json!(PRIVATE)),
        said("user", "images", json!([PRIVATE])),
        said("user", "something_new", json!(PRIVATE)),
        called(json!({ "name": "f", "arguments": { "deep": [{ "card": PRIVATE }] } })),
        called(json!({ "name": "f", "arguments": { PRIVATE: 1 } })),
        called(json!({ "name": "f", "arguments": { "card": 4_539_148_803_410_009_u64 } })),
        with("format", json!({ "type": "object", "description": PRIVATE })),
        with("options", json!({ "stop": [PRIVATE] })),
        with("tools", json!([{ "type": "function", "function": { "name": "f", "description": PRIVATE } }])),
        with("keep_alive", json!(PRIVATE)),
        with("something_new", json!({ "a": [PRIVATE] })),
    ];
    for name in ["system", "suffix", "template"] {
        let mut body = prompt(EASY);
        body[name] = json!(PRIVATE);
        bodies.push(body);
    }
    bodies
}

async fn with_cloud(policy: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(policy).start().await;
    (cloud, gateway)
}

fn path(body: &Value) -> &'static str {
    if body["prompt"].is_string() { GENERATE } else { CHAT }
}

#[tokio::test]
async fn what_is_private_for_ollama_is_found_wherever_it_stands() {
    let (cloud, gateway) = with_cloud(&cloud_first()).await;
    for body in placed() {
        let answer = gateway.client().post(path(&body), &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "restricted", "{body} {}", answer.text());
        assert_ne!(answer.header("x-hearthgate-zone"), "cloud", "{body}");
    }
    let (head, tail) = PRIVATE.split_at(PRIVATE.len() / 2);
    let mut split = ask(EASY);
    split["messages"] =
        json!([{ "role": "user", "content": head }, { "role": "tool", "tool_name": "f", "content": tail }]);
    assert_eq!(gateway.client().post(CHAT, &split).await.header("x-hearthgate-label"), "restricted");
    assert!(cloud.connections().is_empty());
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn what_cannot_be_read_for_ollama_is_no_more_public() {
    let (cloud, gateway) = with_cloud(&cloud_first()).await;
    let mut seen = ask(EASY);
    seen["messages"][0]["images"] = json!([IMAGE]);
    let mut drawn = prompt(EASY);
    drawn["images"] = json!(["QUJD".repeat(200)]);
    let mut tool = ask(EASY);
    tool["tools"] = json!([{ "type": "web_search" }]);
    for body in [seen, drawn, tool] {
        let answer = gateway.client().post(path(&body), &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn the_current_demand_for_ollama_is_judged_and_its_wish_to_think_heard() {
    let (_cloud, gateway) = with_cloud(&hard_to_cloud()).await;
    let zone =
        async |body: Value| gateway.client().post(path(&body), &body).await.header("x-hearthgate-zone");
    assert_eq!(zone(prompt(HARD)).await, "cloud");
    assert_eq!(zone(prompt(EASY)).await, "device");
    assert_eq!(zone(ask(HARD)).await, "cloud");
    let thanked = json!({ "model": "auto", "stream": false, "messages": [
        { "role": "user", "content": HARD }, { "role": "assistant", "content": "Done." }, { "role": "user", "content": "Thanks!" }] });
    assert_eq!(zone(thanked).await, "device");
    let device = Setup::new(&device_only("hello")).policy(&cloud_first()).start().await;
    for (wish, effort) in [
        (json!("high"), "deliberate"),
        (json!(true), "deliberate"),
        (json!(false), "quick"),
        (json!("low"), "quick"),
    ] {
        let mut body = ask(EASY);
        body["think"] = wish.clone();
        let answer = device.client().post(CHAT, &body).await;
        assert_eq!(answer.header("x-hearthgate-effort"), effort, "{wish}: {}", answer.text());
        assert_eq!(
            answer.json()["message"]["thinking"].is_string(),
            effort == "deliberate",
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_told_for_ollama_is_refused_by_its_place() {
    let policy = all_to_cloud() + "\n[opaque]\nimage = \"public\"\nblock = \"public\"\n";
    let message = |message: Value| json!([{ "role": "user", "content": "x" }, message]);
    let of_both = [
        ("options", json!({ "mirostat": 2 }), "/options/mirostat"),
        ("options", json!({ "something_new": 1 }), "/options/something_new"),
        ("think", json!("loads"), "/think"),
        ("format", json!("xml"), "/format"),
        ("tools", json!([{ "type": "retrieval" }]), "/tools/0"),
        ("logprobs", json!(true), "/logprobs"),
        ("something_new", json!(1), "/something_new"),
        ("images", json!([IMAGE]), "/images/0"),
        (
            "tools",
            json!([{ "type": "function", "function": { "name": "f", "description": 7 } }]),
            "/tools/0/function/description",
        ),
        ("messages", message(json!({ "role": "tool", "content": "y" })), "/messages/1"),
        (
            "messages",
            message(json!({ "role": "system", "content": "y", "images": [IMAGE] })),
            "/messages/1/images/0",
        ),
    ];
    let of_anthropic = [
        ("options", json!({ "seed": 7 }), "/options/seed"),
        ("options", json!({ "repeat_penalty": 1.3 }), "/options/repeat_penalty"),
        ("format", json!("json"), "/format"),
    ];
    for anthropic in [false, true] {
        let cloud = FakeCloud::start().await;
        let config = if anthropic { one_anthropic(&cloud.base_url()) } else { one_cloud(&cloud.base_url()) };
        let gateway = Setup::new(&config).policy(&policy).start().await;
        let more = if anthropic { of_anthropic.as_slice() } else { &[] };
        for (name, value, pointer) in of_both.iter().chain(more) {
            let mut body = ask(EASY);
            body[name] = value.clone();
            let answer = gateway.client().post(CHAT, &body).await;
            assert_eq!(answer.status, 400, "{name}: {}", answer.text());
            let error = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(error.starts_with(&format!("`{pointer}` cannot be told")), "{error}");
        }
        for (name, value) in
            [("raw", json!(true)), ("suffix", json!("x")), ("template", json!("x")), ("context", json!([1]))]
        {
            let mut body = prompt(EASY);
            body[name] = value;
            assert_eq!(gateway.client().post(GENERATE, &body).await.status, 400, "{name}");
        }
        assert!(cloud.connections().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn an_image_alone_is_shown_all_the_same() {
    let policy = all_to_cloud() + "\n[opaque]\nimage = \"public\"\n";
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&policy).start().await;
    let body = json!({ "model": "auto", "stream": false, "images": [IMAGE] });
    let answer = gateway.client().post(GENERATE, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(cloud.contains(IMAGE.as_bytes()));
}

#[tokio::test]
async fn a_fault_is_told_in_ollamas_shape() {
    let keys = client_key("ann", "requests_per_minute = 20");
    let gateway = Setup::new(&(device_only("hello") + &keys)).policy(&all_at_home()).start().await;
    let client = gateway.client().with("authorization", "Bearer key-of-ann");
    let error = async |answer: Response| {
        (answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned())
    };
    assert_eq!(error(gateway.client().post(CHAT, &ask(EASY)).await).await.0, 401);
    assert_eq!(error(gateway.client().get("/api/tags").await).await.0, 401);
    for (status, answer) in [
        (404, client.post("/api/pull", &json!({ "model": "x" })).await),
        (405, client.get(CHAT).await),
        (405, client.post("/api/tags", &json!({})).await),
        (400, client.post_bytes(CHAT, "{").await),
        (400, client.post(CHAT, &prompt(EASY)).await),
        (400, client.post(CHAT, &json!({ "model": "auto", "images": [IMAGE] })).await),
        (400, client.post("/api/embed", &json!({ "model": "x", "input": "x", "truncate": 1 })).await),
        (
            400,
            client
                .post("/api/embed", &json!({ "model": "x", "input": "x", "options": { "num_ctx": "1" } }))
                .await,
        ),
        (
            400,
            client
                .post("/api/embed", &json!({ "model": "x", "input": "x", "encoding_format": "float" }))
                .await,
        ),
        (400, client.post(GENERATE, &ask(EASY)).await),
        (
            404,
            client
                .post(CHAT, &json!({ "model": "none", "messages": [{ "role": "user", "content": "x" }] }))
                .await,
        ),
        (404, client.post(CHAT, &json!({ "model": "none", "messages": [] })).await),
        (404, client.post("/api/show", &json!({ "model": "none" })).await),
        (400, client.post("/api/show", &json!({})).await),
        (404, client.post("/api/embed", &json!({ "model": "device/home", "input": "x" })).await),
        (400, client.post("/api/embed", &json!({ "model": "device/home" })).await),
        (400, client.post("/api/embeddings", &json!({ "model": "device/home", "prompt": ["x"] })).await),
    ] {
        let text = answer.text();
        assert_eq!(error(answer).await.0, status, "{text}");
    }
    let mut typed = ask(EASY);
    typed["options"] = json!({ "temperature": "hot" });
    let (status, said) = error(client.post(CHAT, &typed).await).await;
    assert_eq!(
        (status, said.as_str()),
        (400, "option \"temperature\" must be of type float32 (invalid_type)")
    );
    let mut last = client.post(CHAT, &ask(EASY)).await;
    for _ in 0..20 {
        last = client.post(CHAT, &ask(EASY)).await;
    }
    assert_eq!((last.status.as_u16(), last.header("retry-after").is_empty()), (429, false));
    assert!(last.json()["error"].is_string());
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_in_an_error_line() {
    for to in [Spoken::OpenAi, Spoken::Anthropic] {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, to).await;
        for behaviour in [
            Behaviour::Close(Point::AfterEvents(5)),
            Behaviour::Reset(Point::AfterEvents(5)),
            Behaviour::HoldAt(Point::AfterEvents(5), Box::new(Behaviour::StreamError(5))),
        ] {
            cloud.set(behaviour);
            cloud.release();
            let answer = gateway.client().post(CHAT, &request("hello")).await;
            let lines = lines(&answer);
            let (last, others) = lines.split_last().unwrap();
            assert!(last["error"].as_str().is_some_and(|text| !text.is_empty()), "{}", answer.text());
            assert!(others.iter().all(|line| line["done"] == json!(false)));
        }
    }
}

#[tokio::test]
async fn models_are_told_and_loaded_without_asking_anybody() {
    let config = home_and_cloud("hello", "http://127.0.0.1:9/v1")
        + "\n[[model]]\nname = \"finder\"\nsource = \"bundled:starter\"\nembeddings = true\ncontext_tokens = 256\n";
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let client = gateway.client();
    let tags = client.get("/api/tags").await.json();
    let names: Vec<&str> =
        tags["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert!(
        names.starts_with(&["auto"]) && names.contains(&"device/home") && names.contains(&"device/finder"),
        "{tags}"
    );
    assert!(
        tags["models"].as_array().unwrap().iter().all(|model| model["digest"].as_str().unwrap().len() == 64)
    );
    for (name, can) in
        [("device/home:latest", "completion"), ("device/finder", "embedding"), ("auto", "tools")]
    {
        let shown = client.post("/api/show", &json!({ "model": name })).await.json();
        assert!(shown["capabilities"].as_array().unwrap().contains(&json!(can)), "{name}: {shown}");
    }
    assert!(client.get("/api/version").await.json()["version"].is_string());
    assert!(client.get("/api/ps").await.json()["models"].is_array());
    assert_eq!(client.request("HEAD", "/", bytes::Bytes::new()).await.status, 200);
    for (path, body, said) in [
        (CHAT, json!({ "model": "auto", "messages": [] }), "/message/content"),
        (CHAT, json!({ "model": "auto" }), "/message/content"),
        (CHAT, json!({ "model": "auto:latest", "keep_alive": "5m" }), "/message/content"),
        (GENERATE, json!({ "model": "device/home", "keep_alive": 0 }), "/response"),
        (GENERATE, json!({ "model": "device/home", "prompt": "", "keep_alive": 0 }), "/response"),
    ] {
        let loaded = client.post(path, &body).await;
        assert_eq!(
            (loaded.status.as_u16(), loaded.json().pointer(said)),
            (200, Some(&json!(""))),
            "{}",
            loaded.text()
        );
        assert_eq!(loaded.json()["done_reason"], if path == CHAT { "load" } else { "unload" });
    }
    let long = |truncate: Value| json!({ "model": "device/finder", "input": "word ".repeat(2000), "truncate": truncate });
    assert_eq!(client.post("/api/embed", &long(json!(false))).await.status, 400);
    for truncate in [json!(true), Value::Null] {
        let cut = client.post("/api/embed", &long(truncate)).await;
        assert_eq!(cut.json()["prompt_eval_count"], 256, "{}", cut.text());
    }
    let many = client
        .post("/api/embed", &json!({ "model": "device/finder", "input": ["one", "two"], "truncate": true }))
        .await
        .json();
    let one = client.post("/api/embeddings", &json!({ "model": "finder", "prompt": "one" })).await.json();
    assert_eq!(many["embeddings"].as_array().unwrap().len(), 2, "{many}");
    assert_eq!(many["embeddings"][0], one["embedding"], "{one}");
    assert!(many["prompt_eval_count"].as_u64().unwrap() > 0);
}
