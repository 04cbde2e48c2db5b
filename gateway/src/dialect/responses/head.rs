//! Answers as OpenAI's responses: the events of a stream, and whole ones.

use std::sync::Arc;

use hearthgate_rules::json::{Value, quote};

use crate::dialect::event::{Event, Finish, Gathered, Usage};
use crate::dialect::openai::usd;
use crate::dialect::write::{Object, array};

/// Whom a response is told to that may be gone on from: its id, and all of it.
pub type Keep = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// What is the same in every event of one answer, what of it is done, and what is open. It holds texts, and so has no `Debug`.
#[derive(Clone)]
pub struct Head {
    /// The exchange's id, which those of the answer and of its items are made of.
    id: String,
    /// Seconds since the Unix epoch.
    created: u64,
    /// The model that answers.
    model: String,
    /// Whether the client asked for what the model thought.
    thoughts: bool,
    /// What the answer repeats of the request, as members of an object.
    echo: Vec<(&'static str, String)>,
    /// Events so far.
    sequence: u64,
    /// Items that have come to their end.
    items: Vec<String>,
    open: Option<Open>,
    finish: Option<Finish>,
    /// Whether nobody listens to the events.
    silent: bool,
    /// Who is told of it once it is over; nobody where it is not stored.
    keep: Option<Keep>,
}

/// The item that is being written.
#[derive(Clone)]
enum Open {
    Thought(String),
    Message {
        /// Parts that have come to their end.
        parts: Vec<String>,
        said: Said,
        text: String,
    },
    Call {
        index: usize,
        call_id: String,
        name: String,
        arguments: String,
    },
}

/// What a part of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Text,
    Refusal,
}

/// What the answer repeats of the request, and what stands there where the request is silent.
const ECHO: [(&str, &str); 13] = [
    ("background", "false"),
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("previous_response_id", "null"),
    ("reasoning", "{\"effort\":null,\"summary\":null}"),
    ("temperature", "null"),
    ("text", "{\"format\":{\"type\":\"text\"}}"),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "null"),
    ("truncation", "\"disabled\""),
];

impl Head {
    /// Of an answer that has not begun.
    #[must_use]
    pub fn new(id: &str, created: u64, model: &str, request: Value<'_>) -> Self {
        let summary = |name: &str| request.present("reasoning").and_then(|reasoning| reasoning.present(name));
        let told = |name: &str| request.present(name).map(Value::render);
        let echo = ECHO.map(|(name, silent)| (name, told(name).unwrap_or_else(|| silent.to_owned())));
        Self {
            id: id.to_owned(),
            created,
            model: model.to_owned(),
            thoughts: summary("summary").or_else(|| summary("generate_summary")).is_some(),
            echo: echo.into(),
            sequence: 0,
            items: Vec::new(),
            open: None,
            finish: None,
            silent: false,
            keep: None,
        }
    }

    /// Of an answer that goes on from this one, and may be gone on from where somebody keeps it.
    #[must_use]
    pub fn in_thread(mut self, previous: Option<&str>, keep: Option<Keep>) -> Self {
        self.keep = keep;
        if let Some(previous) = previous {
            let echo = self.echo.iter_mut().filter(|(name, _)| *name == "previous_response_id");
            echo.for_each(|(_, told)| *told = quote(previous));
        }
        self
    }

    /// The first events: an answer without items.
    pub fn first(&mut self, out: &mut Vec<u8>) {
        let begun = self.response("in_progress", None, None);
        for kind in ["response.created", "response.in_progress"] {
            self.event(kind, Object::new().json("response", &begun), out);
        }
    }

    /// The events for one part.
    pub fn part(&mut self, part: &Event, out: &mut Vec<u8>) {
        match part {
            Event::Text(more) => self.say(Said::Text, more, out),
            Event::Refusal(more) => self.say(Said::Refusal, more, out),
            Event::Reasoning(more) if self.thoughts => self.think(more, out),
            Event::Call { index, id, name, arguments } => {
                self.call(*index, id.as_deref(), name.as_deref(), arguments, out);
            }
            Event::End(finish) => self.finish = Some(*finish),
            // They were not asked for.
            Event::Reasoning(_) | Event::Logprobs(_) => {}
            // No item of it has a place for them.
            Event::Seal(_) | Event::SealOfNext(_) | Event::Redacted(_) => {}
        }
    }

    /// What follows the last part.
    pub fn last(&mut self, usage: &Usage, cost_usd: Option<f64>, out: &mut Vec<u8>) {
        let status = self.end(out);
        let response = self.response(status, Some(&usage_json(usage, cost_usd)), None);
        self.over(&response);
        let kind = format!("response.{status}");
        self.event(&kind, Object::new().json("response", &response), out);
    }

    /// What follows where the answer could not come to its end.
    #[must_use]
    pub fn failed(&mut self, code: &str, message: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let error = Object::new().text("code", code).text("message", message);
        self.event("error", error.json("param", "null"), &mut out);
        // A response's error has a code of OpenAI's, of which two may be; ours stands in the event before.
        let code = if code == "upstream_rate_limited" { "rate_limit_exceeded" } else { "server_error" };
        let error = Object::new().text("code", code).text("message", message).done();
        let response = self.response("failed", None, Some(&error));
        self.event("response.failed", Object::new().json("response", &response), &mut out);
        out
    }

    /// An answer in one piece.
    #[must_use]
    pub fn whole(&self, gathered: &Gathered, usage: &Usage, cost_usd: Option<f64>) -> String {
        let mut head = Self { silent: true, finish: gathered.finish, ..self.clone() };
        let mut unheard = Vec::new();
        gathered.parts.iter().for_each(|part| head.part(part, &mut unheard));
        let status = head.end(&mut unheard);
        let response = head.response(status, Some(&usage_json(usage, cost_usd)), None);
        self.over(&response);
        response
    }

    /// It has come to its end.
    fn over(&self, response: &str) {
        if let Some(keep) = &self.keep {
            keep(&self.response_id(), response);
        }
    }

    fn response_id(&self) -> String {
        format!("resp_{}", self.id)
    }

    /// Closes what is open. The status of the whole.
    fn end(&mut self, out: &mut Vec<u8>) -> &'static str {
        let status = match self.finish {
            Some(Finish::Length | Finish::Filter) => "incomplete",
            _ => "completed",
        };
        self.close(status, out);
        status
    }

    fn think(&mut self, more: &str, out: &mut Vec<u8>) {
        if !matches!(self.open, Some(Open::Thought(_))) {
            self.close("completed", out);
            self.open = Some(Open::Thought(String::new()));
            let item = thought(&self.item_id("rs"), "in_progress", None);
            self.added(&item, out);
            let part = summary_text("");
            self.event(
                "response.reasoning_summary_part.added",
                self.within("rs").json("summary_index", "0").json("part", &part),
                out,
            );
        }
        if let Some(Open::Thought(text)) = &mut self.open {
            text.push_str(more);
        }
        let delta = self.within("rs").json("summary_index", "0").text("delta", more);
        self.event("response.reasoning_summary_text.delta", delta, out);
    }

    fn say(&mut self, kind: Said, more: &str, out: &mut Vec<u8>) {
        match &mut self.open {
            Some(Open::Message { said, .. }) if *said == kind => {}
            Some(Open::Message { .. }) => {
                self.close_part(out);
                if let Some(Open::Message { said, .. }) = &mut self.open {
                    *said = kind;
                }
                self.open_part(kind, out);
            }
            _ => {
                self.close("completed", out);
                self.open = Some(Open::Message { parts: Vec::new(), said: kind, text: String::new() });
                let item = message(&self.item_id("msg"), "in_progress", &[]);
                self.added(&item, out);
                self.open_part(kind, out);
            }
        }
        if let Some(Open::Message { text, .. }) = &mut self.open {
            text.push_str(more);
        }
        let delta = self.content().text("delta", more);
        match kind {
            Said::Text => self.event("response.output_text.delta", delta.json("logprobs", "[]"), out),
            Said::Refusal => self.event("response.refusal.delta", delta, out),
        }
    }

    fn open_part(&mut self, kind: Said, out: &mut Vec<u8>) {
        let added = self.content().json("part", &content_part(kind, ""));
        self.event("response.content_part.added", added, out);
    }

    /// Ends the open part of the open message.
    fn close_part(&mut self, out: &mut Vec<u8>) {
        let at = self.content();
        let Some(Open::Message { parts, said, text }) = &mut self.open else { return };
        let (said, text) = (*said, std::mem::take(text));
        let part = content_part(said, &text);
        parts.push(part.clone());
        match said {
            Said::Text => {
                self.event("response.output_text.done", at.text("text", &text).json("logprobs", "[]"), out);
            }
            Said::Refusal => self.event("response.refusal.done", at.text("refusal", &text), out),
        }
        // The part that has just ended is the last of those that have.
        let done = self.content_at(1).json("part", &part);
        self.event("response.content_part.done", done, out);
    }

    fn call(&mut self, wanted: usize, id: Option<&str>, name: Option<&str>, more: &str, out: &mut Vec<u8>) {
        if !matches!(&self.open, Some(Open::Call { index, .. }) if *index == wanted) {
            self.close("completed", out);
            let call_id = id.map_or_else(|| self.item_id("call"), str::to_owned);
            let name = name.unwrap_or_default().to_owned();
            let item = call(&self.item_id("fc"), "in_progress", &call_id, &name, "");
            self.open = Some(Open::Call { index: wanted, call_id, name, arguments: String::new() });
            self.added(&item, out);
        }
        if let Some(Open::Call { arguments, .. }) = &mut self.open {
            arguments.push_str(more);
        }
        if !more.is_empty() {
            let delta = self.within("fc").text("delta", more);
            self.event("response.function_call_arguments.delta", delta, out);
        }
    }

    /// Ends the open item.
    fn close(&mut self, status: &str, out: &mut Vec<u8>) {
        if matches!(self.open, Some(Open::Message { .. })) {
            self.close_part(out);
        }
        let item = match self.open.take() {
            None => return,
            Some(Open::Thought(text)) => {
                let at = self.within("rs").json("summary_index", "0");
                self.event("response.reasoning_summary_text.done", at.text("text", &text), out);
                let at = self.within("rs").json("summary_index", "0").json("part", &summary_text(&text));
                self.event("response.reasoning_summary_part.done", at, out);
                thought(&self.item_id("rs"), status, Some(&text))
            }
            Some(Open::Message { parts, .. }) => message(&self.item_id("msg"), status, &parts),
            Some(Open::Call { call_id, name, arguments, .. }) => {
                let done = self.within("fc").text("name", &name).text("arguments", &arguments);
                self.event("response.function_call_arguments.done", done, out);
                call(&self.item_id("fc"), status, &call_id, &name, &arguments)
            }
        };
        let done = Object::new().json("output_index", &self.items.len().to_string()).json("item", &item);
        self.items.push(item);
        self.event("response.output_item.done", done, out);
    }

    fn added(&mut self, item: &str, out: &mut Vec<u8>) {
        let added = Object::new().json("output_index", &self.items.len().to_string()).json("item", item);
        self.event("response.output_item.added", added, out);
    }

    /// The open item's id, which its kind begins.
    fn item_id(&self, kind: &str) -> String {
        format!("{kind}_{}_{}", self.id, self.items.len())
    }

    /// The place of the open item.
    fn within(&self, kind: &str) -> Object {
        let place = self.items.len().to_string();
        Object::new().text("item_id", &self.item_id(kind)).json("output_index", &place)
    }

    /// The place of the open part of the open message.
    fn content(&self) -> Object {
        self.content_at(0)
    }

    /// The place of the part that stands so many before it.
    fn content_at(&self, before: usize) -> Object {
        let parts = if let Some(Open::Message { parts, .. }) = &self.open { parts.len() } else { 0 };
        self.within("msg").json("content_index", &parts.saturating_sub(before).to_string())
    }

    fn event(&mut self, kind: &str, told: Object, out: &mut Vec<u8>) {
        if self.silent {
            return;
        }
        let told = told.json("sequence_number", &self.sequence.to_string()).text("type", kind).done();
        self.sequence += 1;
        out.extend_from_slice(format!("event: {kind}\ndata: {told}\n\n").as_bytes());
    }

    fn response(&self, status: &str, usage: Option<&str>, error: Option<&str>) -> String {
        let reason = match self.finish.filter(|_| status == "incomplete") {
            Some(Finish::Length) => "{\"reason\":\"max_output_tokens\"}",
            Some(_) => "{\"reason\":\"content_filter\"}",
            None => "null",
        };
        let response = Object::new()
            .text("id", &self.response_id())
            .text("object", "response")
            .json("created_at", &self.created.to_string())
            .text("status", status)
            .json("error", error.unwrap_or("null"))
            .json("incomplete_details", reason)
            .text("model", &self.model)
            .json("output", &array(&self.items))
            .json("store", if self.keep.is_some() { "true" } else { "false" })
            .json("usage", usage.unwrap_or("null"));
        self.echo.iter().fold(response, |response, (name, told)| response.json(name, told)).done()
    }
}

fn thought(id: &str, status: &str, text: Option<&str>) -> String {
    let summary: Vec<_> = text.map(summary_text).into_iter().collect();
    Object::new()
        .text("id", id)
        .text("type", "reasoning")
        .text("status", status)
        .json("summary", &array(&summary))
        .done()
}

fn summary_text(text: &str) -> String {
    Object::new().text("type", "summary_text").text("text", text).done()
}

fn message(id: &str, status: &str, parts: &[String]) -> String {
    Object::new()
        .text("id", id)
        .text("type", "message")
        .text("status", status)
        .text("role", "assistant")
        .json("content", &array(parts))
        .done()
}

fn content_part(kind: Said, text: &str) -> String {
    match kind {
        Said::Text => Object::new()
            .text("type", "output_text")
            .text("text", text)
            .json("annotations", "[]")
            .json("logprobs", "[]")
            .done(),
        Said::Refusal => Object::new().text("type", "refusal").text("refusal", text).done(),
    }
}

fn call(id: &str, status: &str, call_id: &str, name: &str, arguments: &str) -> String {
    Object::new()
        .text("id", id)
        .text("type", "function_call")
        .text("status", status)
        .text("call_id", call_id)
        .text("name", name)
        .text("arguments", arguments)
        .done()
}

fn usage_json(usage: &Usage, cost_usd: Option<f64>) -> String {
    let input = Object::new()
        .json("cached_tokens", &usage.cached.to_string())
        .json("cache_write_tokens", &usage.written.to_string());
    let output = Object::new().json("reasoning_tokens", &usage.reasoning.unwrap_or(0).to_string());
    Object::new()
        .json("input_tokens", &usage.input.to_string())
        .json("input_tokens_details", &input.done())
        .json("output_tokens", &usage.output.to_string())
        .json("output_tokens_details", &output.done())
        .json("total_tokens", &usage.input.saturating_add(usage.output).to_string())
        .json_if("cost_usd", cost_usd.map(usd).as_deref())
        .done()
}
