//! The fault table, `docs/faults.md`: each fault of each provider, as each of the gateway's surfaces tells it, how often it is
//! tried, and what is counted.
//!
//! `HEARTHGATE_GOLDEN=write` writes it anew; the difference is then for a person to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{one_anthropic, one_bedrock, one_cloud, one_gemini};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat};
use hearthgate_tests::{anthropic, bedrock, gemini, golden, sse};
use serde_json::{Value, json};

use super::ASKED;
use crate::exposition::Exposition;

const HEAD: &str = "# Faults of providers

What a client sees when a provider fails, how often the provider is asked, what is counted, and whether it tells against the health of
the target. Each row is a real gateway before a provider that fails so each time, with `retries = 2` and no other target; where the
permit has another, that one is asked next, unless the fault is the request's own (400, 409, 413, 422). What is counted is the `code`
of `hearthgate_upstream_errors_total`. Statuses in **bold** are the provider's own words, passed on in the client's dialect. An answer
that has begun keeps its status; its stream ends with an error event, and without the mark of a good end.

Written by `tests/e2e/faults/table.rs` (`HEARTHGATE_GOLDEN=write`), which fails where a gateway does otherwise.
";

/// The words by which a provider refuses; a client that is shown them has them from there.
const WORDS: &str = "The provider's own words.";

/// The gateway's surfaces.
const SURFACES: [&str; 4] = ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/api/chat"];

#[derive(Clone, Copy, PartialEq)]
enum Provider {
    OpenAi,
    Anthropic,
    Gemini,
    Bedrock,
}

impl Provider {
    fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
        }
    }

    /// A gateway's configuration with this provider as its only upstream.
    fn config(self, cloud: &FakeCloud) -> String {
        match self {
            Self::OpenAi => one_cloud(&cloud.base_url()),
            Self::Anthropic => one_anthropic(&cloud.base_url()),
            Self::Gemini => one_gemini(&cloud.url_below("/v1beta")),
            Self::Bedrock => one_bedrock(&cloud.url_below("")),
        }
    }

    /// A stream whose only event is longer than any may be.
    fn endless(self) -> Behaviour {
        let long = "a".repeat(3 << 20);
        let head = |media_type: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\n\r\n");
        let bytes = if self == Self::Bedrock {
            let event = bedrock::frame(&[(":message-type", "event")], &json!(long));
            [head("application/vnd.amazon.eventstream").into_bytes(), event].concat()
        } else {
            format!("{}data: {long}", head("text/event-stream")).into_bytes()
        };
        Behaviour::Raw(bytes)
    }

    fn refusal(self, code: u16, retry_after: Option<&str>) -> Behaviour {
        let kind = match code {
            400 | 409 => "invalid_request_error",
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            _ => "api_error",
        };
        let body = match self {
            Self::OpenAi => json!({"error": {"message": WORDS, "type": kind, "param": null, "code": null}}),
            Self::Anthropic => anthropic::error(WORDS, kind),
            Self::Gemini => gemini::error(code, WORDS, "OF_SOME_KIND"),
            Self::Bedrock => bedrock::error(WORDS),
        };
        Behaviour::Status { code, body: Some(body.to_string()), retry_after: retry_after.map(str::to_owned) }
    }
}

struct Fault {
    name: &'static str,
    behaviour: Behaviour,
    /// Of plain answers, of streams.
    modes: &'static [bool],
    /// On a stream, what comes before it reaches the client first.
    held: bool,
}

/// Events after which an answer of any dialect has begun.
const MIDWAY: usize = 5;

const BOTH: &[bool] = &[false, true];
const PLAIN: &[bool] = &[false];
const STREAMED: &[bool] = &[true];

fn faults(provider: Provider) -> Vec<Fault> {
    let fault = |name, behaviour, modes| Fault { name, behaviour, modes, held: false };
    let held = |name, behaviour| Fault { held: true, ..fault(name, behaviour, STREAMED) };
    let said = |code| provider.refusal(code, None);
    vec![
        fault("says nothing", Behaviour::Stall(Point::BeforeHeaders), BOTH),
        fault("stalls after its head", Behaviour::Stall(Point::AfterHeaders), BOTH),
        fault("stalls midway", Behaviour::Stall(Point::AfterEvents(MIDWAY)), BOTH),
        fault("resets before its head", Behaviour::Reset(Point::BeforeHeaders), BOTH),
        Fault { held: true, ..fault("resets midway", Behaviour::Reset(Point::AfterEvents(MIDWAY)), BOTH) },
        Fault { held: true, ..fault("closes midway", Behaviour::Close(Point::AfterEvents(MIDWAY)), BOTH) },
        fault("ends without its last event", Behaviour::NoDone, STREAMED),
        fault("half of its JSON", Behaviour::TruncatedJson, PLAIN),
        fault("a page of HTML", Behaviour::WrongContentType, BOTH),
        fault("a malformed first event", Behaviour::MalformedAfter(0), STREAMED),
        held("a malformed later event", Behaviour::MalformedAfter(MIDWAY)),
        fault("an event without an end", provider.endless(), STREAMED),
        fault("an error as its first event", Behaviour::StreamError(0), STREAMED),
        held("an error as a later event", Behaviour::StreamError(MIDWAY)),
        fault("400", said(400), BOTH),
        fault("401", said(401), BOTH),
        fault("403", said(403), BOTH),
        fault("404", said(404), BOTH),
        fault("408", said(408), BOTH),
        fault("409", said(409), BOTH),
        fault("413", said(413), BOTH),
        fault("429", said(429), BOTH),
        fault("429, `retry-after: 0`", provider.refusal(429, Some("0")), BOTH),
        fault("429, `retry-after: 30`", provider.refusal(429, Some("30")), BOTH),
        fault("500", said(500), BOTH),
        fault("503", said(503), BOTH),
        fault("503, `retry-after: 30`", provider.refusal(503, Some("30")), BOTH),
        fault("529", said(529), BOTH),
    ]
}

async fn gateway(provider: Provider, cloud: &FakeCloud, keys: &str) -> Gateway {
    let keys = format!("first_byte_timeout_ms = 700\nidle_timeout_ms = 700\n{keys}\nmodels =");
    let config = provider.config(cloud).replace("models =", &keys);
    let config = config.replace("[server]\n", "[server]\nworkers = 1\n");
    let policy = format!("[[route]]\nname = \"all\"\nto = [\"cloud/{MODEL}\"]\n");
    Setup::new(&config).policy(&policy).start().await
}

/// A question on a surface.
fn question(surface: &str, streamed: bool) -> Value {
    let mut body = match surface {
        "/v1/messages" => anthropic::ask("auto", ASKED),
        "/v1/responses" => json!({"model": "auto", "input": ASKED}),
        "/api/chat" => json!({"model": "auto", "messages": [{"role": "user", "content": ASKED}]}),
        _ => chat("auto", ASKED),
    };
    body["stream"] = json!(streamed);
    body
}

/// What a client is told: a status and the error's name, and of a stream how it ends.
fn told(surface: &str, answer: &Response) -> String {
    let status = answer.status.as_u16();
    let name = |error: &Value| {
        // Ollama's errors are sentences, with our name for them at their end.
        if let Some(sentence) = error.as_str() {
            return sentence.rsplit_once('(').map_or_else(String::new, |(_, name)| name.replace(')', ""));
        }
        let name = if surface == "/v1/messages" { &error["type"] } else { &error["code"] };
        name.as_str().or_else(|| error["type"].as_str()).unwrap_or("?").to_owned()
    };
    if answer.header("content-type").contains("ndjson") {
        let text = answer.text();
        let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
        let whole = last["done"] == true;
        assert!(whole != last["error"].is_string(), "{text}");
        return match name(&last["error"]).as_str() {
            _ if whole => format!("{status}, a whole stream"),
            // The provider's own words.
            "" => format!("{status}, then an error"),
            name => format!("{status}, then `{name}`"),
        };
    }
    if !answer.header("content-type").starts_with("text/event-stream") {
        let body = answer.json();
        let after = answer.header("retry-after");
        let after = if after.is_empty() { String::new() } else { format!(", retry-after {after}") };
        return match (&body["error"], answer.text().contains(WORDS)) {
            (Value::Null, _) => format!("{status}, an answer"),
            (error, true) if error.is_string() => format!("**{status}**{after}"),
            (error, true) => format!("**{status}** `{}`{after}", name(error)),
            (error, false) => format!("{status} `{}`{after}", name(error)),
        };
    }
    let events = answer.events();
    let last = events.last().expect("an event");
    let good = last.is_done() || matches!(last.name.as_deref(), Some("message_stop" | "response.completed"));
    if good {
        return format!("{status}, a whole stream");
    }
    let marks: Vec<_> = events.iter().filter(|event| sse::Event::is_done(event)).collect();
    assert!(marks.is_empty(), "an error and a good end: {events:?}");
    let said = last.json();
    if surface == "/v1/responses" {
        // Our name stands in the event before.
        let error = events[events.len() - 2].json();
        assert!(said["response"]["error"].is_object() && error["type"] == "error", "{events:?}");
        return format!("{status}, then `{}`", error["code"].as_str().unwrap_or("?"));
    }
    assert!(said["error"].is_object(), "{surface}: {events:?}");
    format!("{status}, then `{}`", name(&said["error"]))
}

/// What one fault does on one surface: what the client is told, how often the provider is asked, and the codes that are counted.
type Seen = (String, usize, Vec<String>);

async fn counted(gateway: &Gateway) -> BTreeMap<String, f64> {
    let metrics = Exposition::scrape(gateway).await;
    let codes = metrics.text.lines().filter(|line| line.starts_with("hearthgate_upstream_errors_total{"));
    let parsed = codes.filter_map(|line| {
        let code = line.split("code=\"").nth(1)?.split('"').next()?;
        Some((code.to_owned(), line.rsplit(' ').next()?.parse().ok()?))
    });
    parsed.collect()
}

/// The answer to a streamed question whose provider waits with its fault until the client has what came before.
async fn held(cloud: &FakeCloud, gateway: &Gateway, surface: &str, fault: Behaviour) -> Response {
    cloud.set(Behaviour::HoldAt(Point::AfterEvents(MIDWAY), Box::new(fault)));
    let question = question(surface, true).to_string();
    let mut stream = gateway.client().open("POST", surface, question.into()).await;
    let mut body = stream.part().await.unwrap_or_default().to_vec();
    cloud.release();
    while let Some(part) = stream.part().await {
        body.extend_from_slice(&part);
    }
    Response {
        status: stream.status,
        headers: stream.headers.clone(),
        body: body.into(),
        complete: !stream.is_broken(),
    }
}

/// Every fault of a provider on one surface, in the table's order.
async fn on_surface(provider: Provider, surface: &'static str) -> Vec<Seen> {
    let cloud = FakeCloud::start().await;
    let gateway =
        gateway(provider, &cloud, "retries = 2\nbreaker_faults = 1000\nidle_connections_max = 0").await;
    let mut seen = Vec::new();
    for fault in faults(provider) {
        for streamed in fault.modes {
            let (before, asked) = (counted(&gateway).await, cloud.chats().len());
            let answer = if fault.held && *streamed {
                held(&cloud, &gateway, surface, fault.behaviour.clone()).await
            } else {
                cloud.set(fault.behaviour.clone());
                gateway.client().post(surface, &question(surface, *streamed)).await
            };
            let told = told(surface, &answer);
            let asked = cloud.chats().len() - asked;
            // What fails within a stream is counted a little after its client has seen it.
            let failed = !told.ends_with("an answer") && !told.ends_with("a whole stream");
            let metrics = Exposition::until(&gateway, "the fault to be counted", |metrics| {
                let all = metrics.sum("hearthgate_upstream_errors_total", &[]);
                !failed || all > before.values().sum::<f64>()
            });
            metrics.await;
            let after = counted(&gateway).await;
            let codes = after.iter().filter(|(code, count)| before.get(*code) != Some(count));
            seen.push((told, asked, codes.map(|(code, _)| format!("`{code}`")).collect()));
            cloud.release();
        }
    }
    seen
}

/// Whether each fault tells against the target's health: one such opens this breaker, which the next request may close.
async fn health(provider: Provider) -> Vec<bool> {
    let cloud = FakeCloud::start().await;
    let keys = "retries = 0\nbreaker_faults = 1\nbreaker_open_ms = 1\nidle_connections_max = 0";
    let gateway = gateway(provider, &cloud, keys).await;
    let mut against = Vec::new();
    for fault in faults(provider) {
        for streamed in fault.modes {
            cloud.set(fault.behaviour.clone());
            gateway.client().post(SURFACES[0], &question(SURFACES[0], *streamed)).await;
            let state = Exposition::scrape(&gateway).await.sum("hearthgate_breaker_state", &[]);
            against.push(state > 0.0);
            cloud.set(Behaviour::Chat);
            let closes = async {
                while gateway.client().post(SURFACES[0], &question(SURFACES[0], false)).await.status != 200 {}
            };
            hearthgate_tests::bounded("the breaker to close", closes).await;
        }
    }
    against
}

/// The rows of one provider.
async fn rows(provider: Provider) -> String {
    let (chats, messages, responses, ollama, health) = tokio::join!(
        on_surface(provider, SURFACES[0]),
        on_surface(provider, SURFACES[1]),
        on_surface(provider, SURFACES[2]),
        on_surface(provider, SURFACES[3]),
        health(provider)
    );
    let mut out = format!("\n## A provider of the dialect `{}`\n\n", provider.name());
    let columns = SURFACES.map(|surface| format!("`{surface}`")).join(" | ");
    let _ = writeln!(
        out,
        "| the provider | asked | counted | health | {columns} |\n|---|---|---|---|---|---|---|---|"
    );
    let cases: Vec<_> = faults(provider)
        .iter()
        .flat_map(|fault| fault.modes.iter().map(|streamed| (fault.name, *streamed)))
        .collect();
    for (at, (name, streamed)) in cases.into_iter().enumerate() {
        let all = [&chats[at], &messages[at], &responses[at], &ollama[at]];
        // Whoever asks, the provider is asked as often and the same is counted.
        assert!(all.iter().all(|seen| (seen.1, &seen.2) == (all[0].1, &all[0].2)), "{name}: {all:?}");
        let mode = if streamed { ", streamed" } else { "" };
        let against = if health[at] { "yes" } else { "no" };
        let told = all.map(|seen| seen.0.as_str()).join(" | ");
        let counted = if all[0].2.is_empty() { "nothing".to_owned() } else { all[0].2.join(", ") };
        let _ = writeln!(out, "| {name}{mode} | {} | {counted} | {against} | {told} |", all[0].1);
    }
    out
}

#[tokio::test]
async fn the_fault_table_is_what_happens() {
    let (openai, anthropic) = tokio::join!(rows(Provider::OpenAi), rows(Provider::Anthropic));
    let (gemini, bedrock) = tokio::join!(rows(Provider::Gemini), rows(Provider::Bedrock));
    let rows = [openai, anthropic, gemini, bedrock].concat();
    golden::check("../../docs/faults.md", format!("{HEAD}{rows}").as_bytes());
}
