//! What the fake cloud answers: a behaviour and a request give steps for the socket, and an end.

mod answer;

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use self::answer::Answer;
use super::{Received, State};
use crate::openai;

/// How a chat request is answered. Each holds for plain and for streamed requests.
#[derive(Clone)]
pub enum Behaviour {
    /// A short answer, streamed if asked, with usage as asked.
    Chat,
    /// The same with this text.
    Text(String),
    /// The same; the text is the request's body.
    Echo,
    /// This `content` and `stop_reason` of a message; to be asked in Anthropic's dialect.
    Message(Value),
    /// This `message` and `finish_reason` of a choice, and this `usage`; to be asked in OpenAI's.
    Choice(Value),
    /// These `parts` of a candidate, and this `finishReason`; to be asked in Gemini's.
    Candidate(Value),
    /// This `content` of a message, and this `stopReason`; to be asked in Bedrock's.
    Converse(Value),
    /// Stands still at this point until [`super::FakeCloud::release`], then goes on to the end.
    Stall(Point),
    /// Stands still before the first byte until [`super::FakeCloud::release`], then answers like this.
    Hold(Box<Behaviour>),
    /// Stands still at this point until [`super::FakeCloud::release`], then goes on like this.
    HoldAt(Point, Box<Behaviour>),
    /// Resets the connection at this point.
    Reset(Point),
    /// Closes the connection at this point as if all were well.
    Close(Point),
    /// After one event, half of the next chunk and a close; of a plain answer, half of the body.
    HalfChunk,
    /// A stream with lines that are no events and an event that is no JSON, between good ones.
    MalformedSse,
    /// A stream whose event after so many good ones is no JSON.
    MalformedAfter(usize),
    /// Status 200 with an HTML page.
    WrongContentType,
    /// Well-formed HTTP whose JSON stops in the middle.
    TruncatedJson,
    /// A status with a body; where none is given, an error in OpenAI's form.
    Status {
        /// The status code.
        code: u16,
        /// The body, sent as `application/json`.
        body: Option<String>,
        /// The value of a `retry-after` header.
        retry_after: Option<String>,
    },
    /// The n-th request gets the n-th; further ones the last.
    Sequence(Vec<Behaviour>),
    /// The stream's bytes cut at these offsets, each piece a write and a chunk of its own.
    SplitAt(Vec<usize>),
    /// After so many events an error event, and an end without `[DONE]`; of a plain answer, status 500.
    StreamError(usize),
    /// A stream that ends without `[DONE]`.
    NoDone,
    /// One event (or one message) with a text of so many bytes.
    HugeEvent(usize),
    /// These bytes as they are, then a close.
    Raw(Vec<u8>),
    /// Decided by the request.
    By(Arc<dyn Fn(&Received) -> Behaviour + Send + Sync>),
}

/// A place within an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before the first byte.
    BeforeHeaders,
    /// After the head.
    AfterHeaders,
    /// After so many events; of a plain answer, after half of the body.
    AfterEvents(usize),
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Behaviour")
    }
}

impl Behaviour {
    /// A status with OpenAI's error body and no `retry-after`.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Status { code, body: None, retry_after: None }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Write(Vec<u8>),
    Stall,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    KeepAlive,
    Close,
    Reset,
    HungUp,
}

type Script = (Vec<Step>, End);

/// Keeps the request and says how it is answered.
pub(super) fn answer(state: &State, request: Received) -> Script {
    let (forbidden, strict_as) = state.wants();
    let checked = check(state.key.as_deref(), &request)
        .and_then(|()| forbid(&forbidden, &request))
        .and_then(|()| strict_as.map_or(Ok(()), |server| openai::check_as(server, &request.json())));
    let (behaviour, answered) = state.note(|inner| {
        inner.record.requests.push(request.clone());
        if let Err((_, complaint)) = &checked {
            inner.record.complaints.push(complaint.clone());
        }
        let answered = inner.answered;
        inner.answered += usize::from(checked.is_ok() && request.is_chat());
        (inner.behaviour.clone(), answered)
    });
    match checked {
        Err((code, complaint)) => match request.api() {
            Some(api) => status(code, Some(&api.error(code, &complaint).to_string()), None),
            None => refusal(code, &complaint),
        },
        Ok(()) if request.is_chat() => script(&behaviour, &request, answered),
        Ok(()) => models(),
    }
}

pub(super) fn malformed(complaint: &str) -> Script {
    (refusal(400, complaint).0, End::Close)
}

/// What its provider would refuse, with its status.
fn check(key: Option<&str>, request: &Received) -> Result<(), (u16, String)> {
    let Some(api) = request.api() else { return check_models(key, request) };
    api.check(request, key)?;
    let fault = |what: &str| Err((400, what.to_owned()));
    if !request.header("content-type").is_some_and(|value| value.starts_with("application/json")) {
        return fault("Content-Type must be application/json.");
    }
    let body = match serde_json::from_slice(&request.body) {
        Ok(body @ Value::Object(_)) => body,
        _ => return fault("We could not parse the JSON body of your request."),
    };
    api.check_body(request, &body).map_err(|what| (400, what))
}

/// What a server refuses that knows less of OpenAI's dialect.
fn forbid(forbidden: &[String], request: &Received) -> Result<(), (u16, String)> {
    let body = request.json();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let developer = messages.iter().any(|message| message["role"] == "developer");
    let mut objects = messages.iter().chain([&body]);
    let extra =
        forbidden.iter().find(|field| objects.clone().any(|object| object.get(field.as_str()).is_some()));
    let extra = extra
        .map(String::as_str)
        .or((developer && objects.next().is_some() && !forbidden.is_empty()).then_some("role"));
    extra.map_or(Ok(()), |field| Err((422, format!("extra_forbidden: {field}"))))
}

fn check_models(key: Option<&str>, request: &Received) -> Result<(), (u16, String)> {
    if key.is_some_and(|key| request.header("authorization") != Some(format!("Bearer {key}"))) {
        return Err((401, "Incorrect API key provided.".to_owned()));
    }
    let models = request.method == "GET" && request.target == "/v1/models";
    if models { Ok(()) } else { Err((404, "Unknown request URL.".to_owned())) }
}

const TEXT: &str = "The fake cloud says hello.";

fn script(behaviour: &Behaviour, request: &Received, answered: usize) -> Script {
    let good = |text: &str| Answer::to(request, text);
    match behaviour {
        Behaviour::Chat => good(TEXT).whole(),
        Behaviour::Text(text) => good(text).whole(),
        Behaviour::Echo => good(&String::from_utf8_lossy(&request.body)).whole(),
        Behaviour::Message(answer) => Answer::message(request, answer).whole(),
        Behaviour::Choice(choice) => Answer::choice(request, choice).whole(),
        Behaviour::Candidate(answer) => Answer::candidate(request, answer).whole(),
        Behaviour::Converse(answer) => Answer::converse(request, answer).whole(),
        Behaviour::HugeEvent(size) => good(&"x".repeat(*size)).whole(),
        Behaviour::Stall(point) => good(TEXT).stalled(*point),
        Behaviour::Hold(then) => {
            let (mut steps, end) = script(then, request, answered);
            steps.insert(0, Step::Stall);
            (steps, end)
        }
        Behaviour::HoldAt(point, then) => {
            let (mut steps, end) = script(then, request, answered);
            let at = good(TEXT).index(*point).min(steps.len());
            steps.insert(at, Step::Stall);
            (steps, end)
        }
        Behaviour::Reset(point) => (good(TEXT).until(*point), End::Reset),
        Behaviour::Close(point) => (good(TEXT).until(*point), End::Close),
        Behaviour::HalfChunk => (good(TEXT).half_chunk(), End::Close),
        Behaviour::MalformedSse => good(TEXT).malformed(),
        Behaviour::MalformedAfter(count) => good(TEXT).malformed_after(*count),
        Behaviour::WrongContentType => {
            (vec![Step::Write(response(200, "text/html", "", b"<html>Welcome</html>"))], End::KeepAlive)
        }
        Behaviour::TruncatedJson => good(TEXT).truncated(),
        Behaviour::Status { code, body, retry_after } => {
            status(*code, body.as_deref(), retry_after.as_deref())
        }
        Behaviour::Sequence(all) => {
            let next = all.get(answered).or(all.last()).expect("a sequence has at least one behaviour");
            script(next, request, answered)
        }
        Behaviour::SplitAt(offsets) => good(TEXT).split(offsets),
        Behaviour::StreamError(after) => good(TEXT).error_after(*after),
        Behaviour::NoDone => good(TEXT).without_done(),
        Behaviour::Raw(bytes) => (vec![Step::Write(bytes.clone())], End::Close),
        Behaviour::By(choose) => script(&choose(request), request, answered),
    }
}

fn head(code: u16, content_type: &str, further: &str) -> Vec<u8> {
    format!("HTTP/1.1 {code} Said\r\ncontent-type: {content_type}\r\nx-request-id: req_fake\r\n{further}\r\n")
        .into_bytes()
}

fn response(code: u16, content_type: &str, further: &str, body: &[u8]) -> Vec<u8> {
    let further = format!("content-length: {}\r\n{further}", body.len());
    [head(code, content_type, &further), body.to_vec()].concat()
}

fn status(code: u16, body: Option<&str>, retry_after: Option<&str>) -> Script {
    let kind = if code == 429 { "rate_limit_exceeded" } else { "server_error" };
    let body =
        body.map_or_else(|| openai::error("The fake cloud says no.", kind, None).to_string(), str::to_owned);
    let retry = retry_after.map(|value| format!("retry-after: {value}\r\n")).unwrap_or_default();
    (vec![Step::Write(response(code, "application/json", &retry, body.as_bytes()))], End::KeepAlive)
}

fn refusal(code: u16, complaint: &str) -> Script {
    let body = openai::error(complaint, "invalid_request_error", None).to_string();
    status(code, Some(&body), None)
}

fn models() -> Script {
    let model =
        json!({ "id": openai::MODEL, "object": "model", "created": 1_700_000_000, "owned_by": "fake" });
    let body = json!({ "object": "list", "data": [model] }).to_string();
    (vec![Step::Write(response(200, "application/json", "", body.as_bytes()))], End::KeepAlive)
}
