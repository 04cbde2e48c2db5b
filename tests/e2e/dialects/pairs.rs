//! Golden files for every pair of dialects: what the provider was sent, and what the client was told.

use hearthgate_tests::configs::{
    all_at_home, all_to_cloud, device_only, one_anthropic, one_bedrock, one_cloud, one_gemini,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::golden;
use serde_json::{Value, json};

use super::cases::{CASES, Spoken, answer, request};

/// Pairs whose streams are read event by event.
const READ_AND_WRITTEN: [(Spoken, Spoken); 11] = [
    (Spoken::OpenAi, Spoken::Anthropic),
    (Spoken::Anthropic, Spoken::Anthropic),
    (Spoken::Anthropic, Spoken::OpenAi),
    (Spoken::Responses, Spoken::OpenAi),
    (Spoken::Responses, Spoken::Anthropic),
    (Spoken::OpenAi, Spoken::Gemini),
    (Spoken::Anthropic, Spoken::Gemini),
    (Spoken::Responses, Spoken::Gemini),
    (Spoken::OpenAi, Spoken::Bedrock),
    (Spoken::Anthropic, Spoken::Bedrock),
    (Spoken::Responses, Spoken::Bedrock),
];

/// A gateway before one provider that is told how long to think.
pub async fn gateway(cloud: &FakeCloud, to: Spoken) -> Gateway {
    let (config, field) = match to {
        Spoken::OpenAi | Spoken::Responses => (one_cloud(&cloud.base_url()), "reasoning_effort"),
        Spoken::Anthropic => (one_anthropic(&cloud.base_url()), "thinking_budget"),
        Spoken::Gemini => (one_gemini(&cloud.url_below("/v1beta")), "thinking_budget"),
        Spoken::Bedrock => (one_bedrock(&cloud.url_below("")), "thinking_budget"),
    };
    let keys = format!("retries = 0\neffort_field = \"{field}\"\nanswer_tokens = 16000\nmodels =");
    let policy = all_to_cloud() + "\n[opaque]\nimage = \"public\"\nblock = \"public\"\n";
    Setup::new(&config.replace("models =", &keys)).policy(&policy).start().await
}

fn streamed(body: &Value) -> Value {
    let mut body = body.clone();
    body["stream"] = json!(true);
    body
}

async fn check(from: Spoken, to: Spoken) {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, to).await;
    for case in CASES {
        cloud.set(answer(case, to));
        let mut body = request(case, from);
        if matches!(to, Spoken::Gemini | Spoken::Bedrock) {
            at_will(&mut body);
        }
        let client = gateway.client().with("x-hearthgate-effort", "quick");
        let plain = client.post(from.path(), &body).await;
        let stream = client.post(from.path(), &streamed(&body)).await;
        let [.., first, second] = &cloud.chats()[..] else { panic!("{case}: {}", plain.text()) };
        let expected = if case == "error" { 400 } else { 200 };
        assert_eq!(
            (plain.status.as_u16(), stream.status.as_u16()),
            (expected, expected),
            "{case} {}",
            plain.text()
        );
        let told = format!(
            "sent {}\n\nsent, streamed {}\n\nplain {}\n\nstreamed {}",
            String::from_utf8_lossy(&first.body),
            String::from_utf8_lossy(&second.body),
            plain.text(),
            stream.text()
        );
        golden::check(
            &format!("dialects/{case}.{}-{}.txt", from.name(), to.name()),
            golden::masked(&told).as_bytes(),
        );
    }
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
}

/// Without what holds back parallel calls: not every provider can.
fn at_will(body: &mut Value) {
    let fields = body.as_object_mut().unwrap();
    fields.remove("parallel_tool_calls");
    if let Some(choice) = fields.get_mut("tool_choice").and_then(Value::as_object_mut) {
        choice.remove("disable_parallel_tool_use");
    }
}

#[tokio::test]
async fn openai_to_openai() {
    check(Spoken::OpenAi, Spoken::OpenAi).await;
}

#[tokio::test]
async fn openai_to_anthropic() {
    check(Spoken::OpenAi, Spoken::Anthropic).await;
}

#[tokio::test]
async fn anthropic_to_openai() {
    check(Spoken::Anthropic, Spoken::OpenAi).await;
}

#[tokio::test]
async fn anthropic_to_anthropic() {
    check(Spoken::Anthropic, Spoken::Anthropic).await;
}

#[tokio::test]
async fn responses_to_openai() {
    check(Spoken::Responses, Spoken::OpenAi).await;
}

#[tokio::test]
async fn responses_to_anthropic() {
    check(Spoken::Responses, Spoken::Anthropic).await;
}

#[tokio::test]
async fn openai_to_gemini() {
    check(Spoken::OpenAi, Spoken::Gemini).await;
}

#[tokio::test]
async fn anthropic_to_gemini() {
    check(Spoken::Anthropic, Spoken::Gemini).await;
}

#[tokio::test]
async fn responses_to_gemini() {
    check(Spoken::Responses, Spoken::Gemini).await;
}

#[tokio::test]
async fn openai_to_bedrock() {
    check(Spoken::OpenAi, Spoken::Bedrock).await;
}

#[tokio::test]
async fn anthropic_to_bedrock() {
    check(Spoken::Anthropic, Spoken::Bedrock).await;
}

#[tokio::test]
async fn responses_to_bedrock() {
    check(Spoken::Responses, Spoken::Bedrock).await;
}

/// What is told apart of a model of this process, and the script by which it answers.
pub const AT_HOME: [(&str, &str); 6] = [
    ("hello", "hello"),
    ("tools", "tool"),
    ("thinking", "hello"),
    ("refusal", "declines"),
    ("error", "broken"),
    ("busy", "busy"),
];

#[tokio::test]
async fn each_to_the_device() {
    for (case, script) in AT_HOME {
        let gateway = Setup::new(&device_only(script)).policy(&all_at_home()).start().await;
        for from in [Spoken::OpenAi, Spoken::Anthropic, Spoken::Responses] {
            let mut body = request(case, from);
            if !matches!(case, "tools" | "thinking") {
                // The device sees no images.
                let messages = if from == Spoken::Responses { "input" } else { "messages" };
                body[messages] = json!([{ "role": "user", "content": "Hello" }]);
            }
            let plain = gateway.client().post(from.path(), &body).await;
            let stream = gateway.client().post(from.path(), &streamed(&body)).await;
            let told = format!("plain {}\n\nstreamed {}", plain.text(), stream.text());
            golden::check(
                &format!("dialects/{case}.{}-device.txt", from.name()),
                golden::masked(&told).as_bytes(),
            );
        }
    }
}

#[tokio::test]
async fn completions_to_the_device() {
    for (case, script) in AT_HOME.into_iter().filter(|(case, _)| !matches!(*case, "tools" | "thinking")) {
        let gateway = Setup::new(&device_only(script)).policy(&all_at_home()).start().await;
        let body = json!({ "model": "home", "prompt": "Hello", "max_tokens": 9 });
        let plain = gateway.client().post("/v1/completions", &body).await;
        let stream = gateway.client().post("/v1/completions", &streamed(&body)).await;
        let told = format!("plain {}\n\nstreamed {}", plain.text(), stream.text());
        let name = format!("dialects/{case}.completions-device.txt");
        golden::check(&name, golden::masked(&told).as_bytes());
    }
}

#[tokio::test]
async fn a_stream_is_the_same_wherever_it_is_cut() {
    for (from, to) in READ_AND_WRITTEN {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, to).await;
        let body = streamed(&request("hello", from));
        cloud.set(Behaviour::Chat);
        let whole = golden::masked(&gateway.client().post(from.path(), &body).await.text());
        for step in [1, 2, 3, 5, 17, 64] {
            cloud.set(Behaviour::SplitAt((0..4000).step_by(step).collect()));
            let cut = golden::masked(&gateway.client().post(from.path(), &body).await.text());
            assert_eq!(cut, whole, "{from:?} {to:?} {step}");
        }
    }
}

#[tokio::test]
async fn an_error_within_a_stream_is_told_in_the_clients_dialect() {
    for (from, to) in READ_AND_WRITTEN {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, to).await;
        cloud.set(Behaviour::HoldAt(Point::AfterEvents(5), Box::new(Behaviour::StreamError(5))));
        let body = streamed(&request("hello", from)).to_string();
        let mut stream = gateway.client().open("POST", from.path(), body.into()).await;
        let mut events = vec![stream.event().await.expect("its first event")];
        cloud.release();
        events.extend(stream.rest().await);
        let last = &events[events.len() - 1];
        let told = if from == Spoken::Responses { last.json()["response"].clone() } else { last.json() };
        assert!(told["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{}", last.data);
        if from == Spoken::Anthropic {
            assert_eq!((last.name.as_deref(), &last.json()["type"]), (Some("error"), &json!("error")));
        }
        if from == Spoken::Responses {
            let kinds: Vec<_> =
                events.iter().rev().take(2).map(|event| event.json()["type"].clone()).collect();
            assert_eq!(kinds, ["response.failed", "error"], "{}", last.data);
            let numbers: Vec<_> =
                events.iter().map(|event| event.json()["sequence_number"].clone()).collect();
            assert_eq!(numbers, (0..events.len()).collect::<Vec<_>>());
        }
        assert!(events.iter().all(|event| !event.is_done() && !event.data.contains("message_stop")));
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_has_no_good_end() {
    for (from, to) in READ_AND_WRITTEN {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, to).await;
        for behaviour in [
            Behaviour::Close(Point::AfterEvents(5)),
            Behaviour::Reset(Point::AfterEvents(5)),
            Behaviour::HalfChunk,
            Behaviour::TruncatedJson,
            Behaviour::HugeEvent(2 << 20),
            Behaviour::HoldAt(Point::AfterEvents(5), Box::new(Behaviour::MalformedSse)),
        ] {
            cloud.set(behaviour);
            cloud.release();
            let answer = gateway.client().post(from.path(), &streamed(&request("hello", from))).await;
            let text = answer.text();
            assert!(text.contains("error"), "{from:?} {to:?}: {text}");
            let ends = ["[DONE]", "message_stop", "response.completed", "response.incomplete"];
            assert!(ends.iter().all(|end| !text.contains(end)), "{from:?} {to:?}: {text}");
        }
    }
}
