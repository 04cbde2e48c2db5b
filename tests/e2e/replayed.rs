//! Answers that were given among random neighbours, and what `hearthgate replay` makes of them from the record alone.

use std::time::Duration;

use hearthgate_tests::configs::{all_at_home, device_only};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn config() -> String {
    device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"\ndeterministic = true\nslots = 4")
}

/// What is asked again and again.
fn asked() -> [Value; 4] {
    let with = |mut body: Value, more: Value| {
        body["max_tokens"] = json!(16);
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let schema = json!({"type": "object", "properties": {"pet": {"enum": ["cat", "dog"]}}, "required": ["pet"],
        "additionalProperties": false});
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "pet", "strict": true, "schema": schema}});
    [
        with(chat("auto", "What is the capital of France?"), json!({"seed": 1, "temperature": 1.2})),
        with(chat("auto", "Name a pet."), json!({"seed": 2, "response_format": format})),
        with(chat("auto", &"Say something kind about gardens. ".repeat(12)), json!({"seed": 3, "n": 2})),
        with(chat("auto", "Think of a river."), json!({"seed": 4, "reasoning_effort": "high"})),
    ]
}

/// Other people's requests: short and long, streamed and whole, some left before they are answered.
async fn crowd(gateway: &Gateway, random: &mut Random) {
    let mut all = JoinSet::new();
    for _ in 0..=random.below(3) {
        let text = ["Tell me of rivers. ", "And of lakes, ", "17 plus 25?"]
            [usize::try_from(random.below(3)).unwrap()];
        let text = text.repeat(usize::try_from(1 + random.below(20)).unwrap());
        let mut body = if random.below(2) == 0 { chat("auto", &text) } else { chat_stream("auto", &text) };
        body["max_tokens"] = json!(1 + random.below(30));
        let patience = if random.below(3) == 0 { random.below(200) } else { 60_000 };
        let client = gateway.client();
        all.spawn(async move {
            // Whoever loses patience hangs up.
            let _ = tokio::time::timeout(Duration::from_millis(patience), client.chat(&body)).await;
        });
    }
    all.join_all().await;
}

/// 200 answers with `HEARTHGATE_FULL`.
#[tokio::test]
async fn answers_given_among_random_neighbours_are_replayed_from_the_record() {
    let mut gateway = Setup::new(&config()).policy(&all_at_home()).start().await;
    let rounds = if std::env::var_os("HEARTHGATE_FULL").is_some() { 50 } else { 3 };
    let mut random = Random(4);
    let bodies = asked();
    let mut given: Vec<Vec<(String, Value)>> = vec![Vec::new(); bodies.len()];
    for _ in 0..rounds {
        for (body, answers) in bodies.iter().zip(&mut given) {
            let client = gateway.client();
            let (answer, ()) = tokio::join!(client.chat(body), crowd(&gateway, &mut random));
            assert_eq!(answer.status, 200, "{}", answer.text());
            answers.push((answer.header("x-request-id"), answer.json()["choices"].clone()));
        }
    }
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let log = gateway.folder().join("audit.jsonl");
    for (body, answers) in bodies.iter().zip(&given) {
        let (_, first) = &answers[0];
        assert!(answers.iter().all(|(_, choices)| choices == first), "{answers:?}");
        let (id, _) = answers.last().unwrap();
        let setup = Setup::new(&config()).policy(&all_at_home());
        let line =
            ["replay", "--config", "hearthgate.toml", id, "--log", log.to_str().unwrap(), "--request", "-"];
        let replayed = setup.command(&line, body.to_string().as_bytes()).await;
        assert_eq!(replayed.code, Some(0), "{}", replayed.stderr);
        let same = replayed.stderr.matches("the same answer").count();
        assert_eq!(same, first.as_array().unwrap().len(), "{}", replayed.stderr);
        for choice in first.as_array().unwrap() {
            let content = choice["message"]["content"].as_str().unwrap_or_default();
            assert!(replayed.stdout.contains(content), "{}", replayed.stdout);
        }
    }
}
