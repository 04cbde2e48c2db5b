//! A good answer of the fake cloud, and the ways in which it can be broken.

use serde_json::{Value, json};

use super::{End, Point, Script, Step, head, status};
use crate::fake_cloud::{Api, Received};
use crate::{anthropic, bedrock, gemini, openai};

/// A good answer, in the parts at which it can be broken.
pub(super) struct Answer {
    streamed: bool,
    /// Frames of a stream without the closing mark; of a plain answer, the two halves of its body.
    parts: Vec<Vec<u8>>,
    /// The closing mark of a stream.
    last: Vec<u8>,
    /// An error in the dialect.
    error: Value,
    /// The same as it stands in a stream.
    error_frame: Vec<u8>,
    /// What stands in a stream and is no event.
    broken: Vec<u8>,
    media_type: &'static str,
}

impl Answer {
    pub(super) fn to(request: &Received, text: &str) -> Self {
        match request.api() {
            Some(Api::Anthropic) => return Self::message(request, &anthropic::text(text)),
            Some(Api::Gemini) => return Self::candidate(request, &gemini::text(text)),
            Some(Api::Bedrock) => return Self::converse(request, &bedrock::text(text)),
            _ => {}
        }
        let body = request.json();
        let model = body["model"].as_str().unwrap_or_default();
        let words = |text: &str| text.split_whitespace().count();
        let usage = openai::usage(words(&body["messages"].to_string()), words(text));
        let streamed = body["stream"] == Value::Bool(true);
        if streamed {
            let asked = body.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
            let events = openai::events(model, text, asked.then_some(&usage));
            Self::of_openai(events.iter().map(openai::frame).collect())
        } else {
            Self::plain(&openai::completion(model, text, &usage))
        }
    }

    fn of_openai(parts: Vec<Vec<u8>>) -> Self {
        let error =
            openai::error("The server had an error while processing your request.", "server_error", None);
        let error_frame = openai::frame(&error);
        let broken = b"this line is no field\nnor: this\n\ndata: {\"choices\": [{\"delta\": \n\n".to_vec();
        let last = openai::DONE.to_vec();
        Self { streamed: true, parts, last, error, error_frame, broken, media_type: "text/event-stream" }
    }

    fn plain(answer: &Value) -> Self {
        let bytes = answer.to_string().into_bytes();
        let (first, second) = bytes.split_at(bytes.len() / 2);
        Self { streamed: false, ..Self::of_openai(vec![first.to_vec(), second.to_vec()]) }
    }

    pub(super) fn message(request: &Received, answer: &Value) -> Self {
        let body = request.json();
        let words = |value: &Value| value.to_string().split_whitespace().count();
        let usage = anthropic::usage(words(&body["messages"]), words(&answer["content"]));
        let error = anthropic::error("Overloaded", "overloaded_error");
        let whole = if body["stream"] == Value::Bool(true) {
            Self::of_openai(anthropic::events(answer, &usage).iter().map(anthropic::frame).collect())
        } else {
            Self::plain(&anthropic::message(answer, &usage))
        };
        Self { last: anthropic::STOP.to_vec(), error_frame: anthropic::frame(&error), error, ..whole }
    }

    pub(super) fn candidate(request: &Received, answer: &Value) -> Self {
        let model = Api::Gemini.model_of(request);
        let words = |value: &Value| value.to_string().split_whitespace().count();
        let usage = gemini::usage(words(&request.json()["contents"]), words(&answer["parts"]));
        let error = gemini::error(503, "The model is overloaded.", "UNAVAILABLE");
        let error_frame = openai::frame(&error);
        if !request.target.contains("alt=sse") {
            return Self { error, error_frame, ..Self::plain(&gemini::answer(&model, answer, &usage)) };
        }
        let mut frames: Vec<_> = gemini::events(&model, answer, &usage).iter().map(openai::frame).collect();
        let last = frames.pop().unwrap();
        Self { last, error, error_frame, ..Self::of_openai(frames) }
    }

    /// On a stream, each of a message's members in a delta of its own, and each call's arguments in two.
    pub(super) fn choice(request: &Received, choice: &Value) -> Self {
        let body = request.json();
        let model = body["model"].as_str().unwrap_or_default();
        let mut whole = choice.clone();
        whole["index"] = json!(0);
        if body["stream"] != Value::Bool(true) {
            let mut answer = openai::completion(model, "", &choice["usage"]);
            whole.as_object_mut().unwrap().remove("usage");
            answer["choices"] = json!([whole]);
            return Self::plain(&answer);
        }
        let part = |delta: Value, finish: &Value| {
            let choices = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
            openai::frame(&openai::chunk(model, &choices, Some(&Value::Null)))
        };
        let mut parts = vec![part(json!({ "role": "assistant", "content": "" }), &Value::Null)];
        for name in ["reasoning_content", "content", "refusal", "tool_calls"] {
            match (name, &choice["message"][name]) {
                (_, Value::Null) => {}
                ("tool_calls", calls) => {
                    for (index, call) in calls.as_array().unwrap().iter().enumerate() {
                        let arguments = call["function"]["arguments"].as_str().unwrap();
                        let (first, second) = arguments.split_at(arguments.len() / 2);
                        let mut begin = call.clone();
                        begin["index"] = json!(index);
                        begin["function"]["arguments"] = json!(first);
                        parts.push(part(json!({ "tool_calls": [begin] }), &Value::Null));
                        let rest = json!({ "index": index, "function": { "arguments": second } });
                        parts.push(part(json!({ "tool_calls": [rest] }), &Value::Null));
                    }
                }
                (name, value) => parts.push(part(json!({ name: value }), &Value::Null)),
            }
        }
        parts.push(part(json!({}), &choice["finish_reason"]));
        parts.push(openai::frame(&openai::chunk(model, &json!([]), Some(&choice["usage"]))));
        Self::of_openai(parts)
    }

    pub(super) fn converse(request: &Received, answer: &Value) -> Self {
        let words = |value: &Value| value.to_string().split_whitespace().count();
        let usage = bedrock::usage(words(&request.json()["messages"]), words(&answer["content"]));
        let error = bedrock::error("The system encountered an unexpected error.");
        let error_frame =
            bedrock::exception("internalServerException", "The system encountered an unexpected error.");
        if !request.target.ends_with("-stream") {
            return Self { error, error_frame, ..Self::plain(&bedrock::answer(answer, &usage)) };
        }
        let (frames, last) = bedrock::frames(answer, &usage);
        let mut broken = frames[0].clone();
        broken[9] ^= 1;
        let media_type = "application/vnd.amazon.eventstream";
        Self { last, error, error_frame, broken, media_type, ..Self::of_openai(frames) }
    }

    fn head(&self) -> Vec<u8> {
        if self.streamed {
            let further = "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n";
            return head(200, self.media_type, further);
        }
        let length: usize = self.parts.iter().map(Vec::len).sum();
        head(200, "application/json", &format!("content-length: {length}\r\n"))
    }

    fn framed(&self, part: &[u8]) -> Vec<u8> {
        if self.streamed { chunk(part) } else { part.to_vec() }
    }

    /// Head, parts and the stream's end, each a write of its own.
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Write(self.head())];
        steps.extend(self.parts.iter().map(|part| Step::Write(self.framed(part))));
        if self.streamed {
            steps.push(Step::Write([chunk(&self.last), LAST_CHUNK.to_vec()].concat()));
        }
        steps
    }

    /// How many steps stand before `point`.
    pub(super) fn index(&self, point: Point) -> usize {
        match point {
            Point::BeforeHeaders => 0,
            Point::AfterHeaders => 1,
            Point::AfterEvents(count) if self.streamed => 1 + count.min(self.parts.len()),
            Point::AfterEvents(_) => 2,
        }
    }

    pub(super) fn whole(self) -> Script {
        (self.steps(), End::KeepAlive)
    }

    pub(super) fn stalled(self, point: Point) -> Script {
        let mut steps = self.steps();
        steps.insert(self.index(point), Step::Stall);
        (steps, End::KeepAlive)
    }

    pub(super) fn until(self, point: Point) -> Vec<Step> {
        let mut steps = self.steps();
        steps.truncate(self.index(point));
        steps
    }

    pub(super) fn half_chunk(self) -> Vec<Step> {
        let mut steps = self.steps();
        if self.streamed {
            let whole = self.framed(&self.parts[1]);
            steps.truncate(2);
            steps.push(Step::Write(whole[..whole.len() / 2].to_vec()));
        } else {
            steps.truncate(2);
        }
        steps
    }

    pub(super) fn malformed(mut self) -> Script {
        if !self.streamed {
            return self.truncated();
        }
        self.parts.insert(2, self.broken.clone());
        self.whole()
    }

    pub(super) fn malformed_after(mut self, count: usize) -> Script {
        let broken = match self.media_type {
            "text/event-stream" => b"data: {\"choices\": [{\"delta\": \n\n".to_vec(),
            _ => self.broken.clone(),
        };
        self.parts.insert(count.min(self.parts.len()), broken);
        self.whole()
    }

    pub(super) fn truncated(mut self) -> Script {
        if self.streamed {
            let cut = self.parts[1].len() / 2;
            self.parts.truncate(2);
            self.parts[1].truncate(cut);
            self.parts[1].extend_from_slice(b"\n\n");
            return self.without_done();
        }
        self.parts.truncate(1);
        self.whole()
    }

    pub(super) fn without_done(self) -> Script {
        let mut steps = self.steps();
        if self.streamed {
            steps.pop();
            steps.push(Step::Write(LAST_CHUNK.to_vec()));
        }
        (steps, End::KeepAlive)
    }

    pub(super) fn error_after(mut self, count: usize) -> Script {
        if !self.streamed {
            return status(500, Some(&self.error.to_string()), None);
        }
        self.parts.truncate(count);
        self.parts.push(self.error_frame.clone());
        self.without_done()
    }

    pub(super) fn split(self, offsets: &[usize]) -> Script {
        if !self.streamed {
            return self.whole();
        }
        let stream = [self.parts.concat(), self.last.clone()].concat();
        let mut steps = vec![Step::Write(self.head())];
        let mut from = 0;
        for &offset in offsets.iter().chain([&stream.len()]) {
            let to = offset.clamp(from, stream.len());
            if to > from {
                steps.push(Step::Write(chunk(&stream[from..to])));
            }
            from = to;
        }
        steps.push(Step::Write(LAST_CHUNK.to_vec()));
        (steps, End::KeepAlive)
    }
}

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
