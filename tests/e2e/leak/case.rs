//! Generated requests, and what must and may become of each.

use serde_json::{Value, json};

use super::canary::{Canary, HEX, Kind, LOWER};
use super::place::{PLACES, Place};
use super::random::Random;

/// Where a request may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Its content keeps it at home.
    Content,
    /// Its headers keep it at home.
    Headers,
    /// It may go out.
    None,
    /// It is no request at all.
    Malformed,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Case {
    pub bound: Bound,
    /// Where the canary stands, for a message.
    pub place: &'static str,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Canaries in the body.
    pub inside: Vec<Canary>,
    /// Canaries in headers and query.
    pub beside: Vec<Canary>,
    /// A word that may go wherever the body goes.
    pub marker: String,
}

impl Case {
    /// A canary of this kind in this place, and nothing else.
    pub fn placed(place: &'static Place, kind: Kind, random: &mut Random) -> Self {
        let mut draft = Draft::new(random);
        draft.put(place, kind, random);
        draft.finish(Bound::Content, place.name, random)
    }

    /// Whatever comes.
    pub fn any(random: &mut Random) -> Self {
        match random.below(100) {
            0..50 => {
                let kind = *random.pick(&Kind::PRIVATE);
                let place = &PLACES[random.below(PLACES.len())];
                Self::placed(place, if place.number { Kind::Card } else { kind }, random)
            }
            50..70 => Self::private_by_headers(random),
            70..75 => Self::malformed(random),
            _ => Draft::new(random).finish(Bound::None, "", random),
        }
    }

    /// Made-up words in several places; only the headers say that they are private.
    fn private_by_headers(random: &mut Random) -> Self {
        let mut draft = Draft::new(random);
        for _ in 0..=random.below(5) {
            let place = &PLACES[random.below(PLACES.len())];
            draft.put(place, if place.number { Kind::Card } else { Kind::Word }, random);
        }
        if random.chance(10) {
            let word = Canary::new(Kind::Word, random);
            draft.body["model"] = json!(word.text);
            draft.inside.push(word);
        }
        let header = *random.pick(&[
            ("x-hearthgate-label", "restricted"),
            ("x-hearthgate-label", "confidential"),
            ("x-hearthgate-zone", "device"),
            ("x-hearthgate-zone", "premises"),
        ]);
        let mut case = draft.finish(Bound::Headers, "several", random);
        case.headers.push((header.0.to_owned(), header.1.to_owned()));
        case
    }

    /// Bodies that no provider would take, with a canary where an error might quote it.
    fn malformed(random: &mut Random) -> Self {
        let mut draft = Draft::new(random);
        let canary = Canary::new(Kind::Word, random);
        let word = canary.text.clone();
        draft.inside.push(canary);
        let mut case = draft.finish(Bound::Malformed, "malformed", random);
        let rest = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
        case.body = match random.below(8) {
            0 => format!("{{\"model\":\"auto\",\"{word}\":1,\"{word}\":2,{rest}}}").into_bytes(),
            1 => format!("{{\"model\":[\"{word}\"],{rest}}}").into_bytes(),
            2 => format!("{{\"model\":\"auto\",\"metadata\":\"{word}\",{rest}}}").into_bytes(),
            3 => format!("{{\"model\":\"auto\",\"{word}\":{}1{},{rest}}}", "[".repeat(400), "]".repeat(400))
                .into_bytes(),
            4 => format!("{{\"model\":\"auto\",{rest}}} {word}").into_bytes(),
            5 => {
                let mut body = format!("{{\"model\":\"auto\",\"x\":\"{word}").into_bytes();
                body.extend_from_slice(b"\xFF\xFE\"}");
                body
            }
            6 => format!("{{\"model\":\"auto\",\"messages\":[{{\"role\":\"{word}\",\"content\":\"x\"}}]}}")
                .into_bytes(),
            _ => format!("{{\"model\":\"auto\",\"x\":\"{word} \\uD800\",{rest}}}").into_bytes(),
        };
        case
    }
}

/// A request that is being put together.
struct Draft {
    body: Value,
    inside: Vec<Canary>,
    marker: String,
}

const ASKED: [&str; 6] = [
    "Compare two ways to sort a list and say which is faster on nearly sorted input.",
    "Explain why the sky is blue to a child.",
    "Write a short poem about a lighthouse.",
    "What is the capital of Australia?",
    "Refactor this loop into an iterator chain and say what changes.",
    "Give three titles for an essay on tides.",
];

impl Draft {
    fn new(random: &mut Random) -> Self {
        let marker = format!("public{}", random.text(LOWER, 10));
        let user = |text: &str| json!({ "role": "user", "content": text });
        let mut messages = Vec::new();
        for _ in 0..random.below(3) {
            messages.push(user(random.pick::<&str>(&ASKED)));
            messages.push(json!({ "role": "assistant", "content": "Certainly. Here it is." }));
        }
        messages.push(user(&format!("{} Call it {marker}.", random.pick(&ASKED))));
        let mut body = json!({ "model": "auto", "messages": messages });
        if random.chance(40) {
            body["temperature"] = json!(0.5);
        }
        if random.chance(40) {
            body["stream"] = json!(true);
            if random.chance(50) {
                body["stream_options"] = json!({ "include_usage": random.chance(50) });
            }
        }
        Self { body, inside: Vec::new(), marker }
    }

    fn put(&mut self, place: &Place, kind: Kind, random: &mut Random) {
        let canary = Canary::new(kind, random);
        (place.put)(&mut self.body, &canary.text);
        self.inside.push(canary);
    }

    fn finish(self, bound: Bound, place: &'static str, random: &mut Random) -> Case {
        let Self { body, inside, marker } = self;
        let mut text =
            if random.chance(20) { serde_json::to_string_pretty(&body).unwrap() } else { body.to_string() };
        if random.chance(20) {
            for canary in &inside {
                text = escape(&text, &canary.text);
            }
        }
        let mut beside = Vec::new();
        let headers = headers(random, &mut beside);
        let mut target = "/v1/chat/completions".to_owned();
        if random.chance(50) {
            let word = Canary::new(Kind::Word, random);
            target.push_str(&format!("?{}={}", random.pick(&["user", "api-version", "q"]), word.text));
            beside.push(word);
        }
        Case { bound, place, target, headers, body: text.into_bytes(), inside, beside, marker }
    }
}

/// The canary within quotes as `\u` escapes, which JSON takes for the same.
fn escape(json: &str, canary: &str) -> String {
    // It may stand as a number, which has no escapes.
    if canary.bytes().all(|byte| byte.is_ascii_digit()) {
        return json.to_owned();
    }
    let quoted = Value::from(canary).to_string();
    let escaped: String = canary.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    json.replace(&quoted[1..quoted.len() - 1], &escaped)
}

/// Headers as clients, proxies and attackers send them, each with a canary.
fn headers(random: &mut Random, beside: &mut Vec<Canary>) -> Vec<(String, String)> {
    const NAMES: [&str; 22] = [
        "x-hearthgate-workflow",
        "user-agent",
        "cookie",
        "authorization",
        "x-api-key",
        "api-key",
        "referer",
        "from",
        "accept-language",
        "x-request-id",
        "x-forwarded-for",
        "forwarded",
        "via",
        "traceparent",
        "baggage",
        "idempotency-key",
        "openai-organization",
        "openai-project",
        "x-stainless-os",
        "anthropic-beta",
        "x-hearthgate-note",
        "accept",
    ];
    let mut headers: Vec<(String, String)> = Vec::new();
    for _ in 0..random.below(6) {
        let name = *random.pick(&NAMES);
        if headers.iter().any(|(taken, _)| taken == name) {
            continue;
        }
        let kind = *random.pick(&[Kind::Word, Kind::Word, Kind::Card, Kind::ApiKey, Kind::Email]);
        let canary = Canary::new(kind, random);
        let value = match name {
            "authorization" => format!("Bearer {}", canary.text),
            "cookie" => format!("session={}", canary.text),
            _ => canary.text.clone(),
        };
        headers.push((name.to_owned(), value));
        beside.push(canary);
    }
    if random.chance(20) {
        let name = Canary::new(Kind::Word, random);
        headers.push((format!("x-{}", name.text), random.text(HEX, 4)));
        beside.push(name);
    }
    headers
}
