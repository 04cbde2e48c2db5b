//! Answers as Ollama's: the lines of a stream, and whole ones.

use std::time::{Duration, Instant};

use hearthgate_rules::json::{Document, Kind, Value};

use super::moment;
use crate::dialect::event::{Event, Finish, Gathered, Usage};
use crate::dialect::openai::usd;
use crate::dialect::write::{Object, array};

/// What is answered: a chat, or a text that is gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `/api/chat`
    Chat,
    /// `/api/generate`
    Generate,
}

/// What tells the time.
#[derive(Clone, Copy)]
pub struct Clock {
    /// Now, for durations.
    pub now: fn() -> Instant,
    /// Microseconds since the Unix epoch.
    pub unix_micros: fn() -> u64,
}

/// What is the same in every line of one answer, and the call that is open. It holds texts, and so has no `Debug`.
#[derive(Clone)]
pub struct Head {
    surface: Surface,
    model: String,
    /// Whether the client asked for what the model thought.
    thoughts: bool,
    clock: Clock,
    started: Instant,
    /// When the first part came.
    begun: Option<Instant>,
    finish: Option<Finish>,
    call: Option<Call>,
}

/// A call that is coming: this dialect tells it whole.
#[derive(Clone)]
struct Call {
    index: usize,
    id: Option<String>,
    name: String,
    arguments: String,
}

impl Head {
    /// Of an answer that has not begun, to a request that came at that time.
    #[must_use]
    pub fn new(surface: Surface, model: String, thoughts: bool, clock: Clock, started: Instant) -> Self {
        Self { surface, model, thoughts, clock, started, begun: None, finish: None, call: None }
    }

    /// The first part has come.
    pub fn begin(&mut self) {
        self.begun = Some((self.clock.now)());
    }

    /// The lines for one part.
    pub fn part(&mut self, part: &Event, out: &mut Vec<u8>) {
        match part {
            Event::Call { index, id, name, arguments } => {
                if self.call.as_ref().is_some_and(|open| open.index != *index) {
                    self.close(out);
                }
                let (id, name) = (id.clone(), name.clone().unwrap_or_default());
                let empty = || Call { index: *index, id, name, arguments: String::new() };
                self.call.get_or_insert_with(empty).arguments.push_str(arguments);
            }
            Event::End(finish) => self.finish = Some(*finish),
            Event::Logprobs(_) => {}
            told => {
                let said = said(told, self.thoughts);
                if let Some((name, text)) = said {
                    self.close(out);
                    let line = self.line(&Told { name: Some((name, text)), ..Told::default() }, "false");
                    write(line, out);
                }
            }
        }
    }

    /// What follows the last part.
    pub fn last(&mut self, usage: &Usage, cost_usd: Option<f64>, out: &mut Vec<u8>) {
        self.close(out);
        let line = self.line(&Told::default(), "true");
        write(self.end(line, usage, cost_usd), out);
    }

    /// An answer in one piece.
    #[must_use]
    pub fn whole(&self, gathered: &Gathered, usage: &Usage, cost_usd: Option<f64>) -> String {
        let joined = |wanted: &str| -> String {
            let all = gathered.parts.iter().filter_map(|part| said(part, self.thoughts));
            all.filter(|(name, _)| *name == wanted).map(|(_, text)| text).collect()
        };
        let (text, thinking) = (joined("content"), joined("thinking"));
        let calls = gathered.parts.iter().filter_map(|part| match part {
            Event::Call { index, id, name, arguments } => {
                Some(call(*index, id.as_deref(), name.as_deref().unwrap_or_default(), arguments))
            }
            _ => None,
        });
        let told = Told {
            text: &text,
            thinking: Some(thinking).filter(|text| !text.is_empty()),
            calls: calls.collect(),
            name: None,
        };
        let head = Self { finish: gathered.finish, ..self.clone() };
        head.end(head.line(&told, "true"), usage, cost_usd).done()
    }

    /// Tells the open call.
    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(open) = self.call.take() else { return };
        let call = call(open.index, open.id.as_deref(), &open.name, &open.arguments);
        write(self.line(&Told { calls: vec![call], ..Told::default() }, "false"), out);
    }

    /// A line, up to what only the last one has.
    fn line(&self, told: &Told<'_>, done: &str) -> Object {
        let of = |wanted: &str| told.name.as_ref().filter(|(name, _)| *name == wanted).map(|(_, text)| *text);
        let text = of("content").unwrap_or(told.text);
        let thinking = of("thinking").or(told.thinking.as_deref());
        let calls = (!told.calls.is_empty()).then(|| array(&told.calls));
        let line =
            Object::new().text("model", &self.model).text("created_at", &moment((self.clock.unix_micros)()));
        let line = match self.surface {
            Surface::Chat => {
                let message = Object::new()
                    .text("role", "assistant")
                    .text("content", text)
                    .text_if("thinking", thinking)
                    .json_if("tool_calls", calls.as_deref());
                line.json("message", &message.done())
            }
            Surface::Generate => line
                .text("response", text)
                .text_if("thinking", thinking)
                .json_if("tool_calls", calls.as_deref()),
        };
        line.json("done", done)
    }

    /// What only the last line has: why it ended, how long it took in nanoseconds, what it used.
    fn end(&self, line: Object, usage: &Usage, cost_usd: Option<f64>) -> Object {
        let reason = match self.finish {
            Some(Finish::Length) => "length",
            Some(Finish::Filter) => "content_filter",
            _ => "stop",
        };
        let now = (self.clock.now)();
        let begun = self.begun.unwrap_or(self.started);
        let nanos = |from: Instant, to: Instant| nanos(to.saturating_duration_since(from));
        line.text("done_reason", reason)
            .json("total_duration", &nanos(self.started, now))
            .json("load_duration", "0")
            .json("prompt_eval_count", &usage.input.to_string())
            .json("prompt_eval_duration", &nanos(self.started, begun))
            .json("eval_count", &usage.output.to_string())
            .json("eval_duration", &nanos(begun, now))
            .json_if("cost_usd", cost_usd.map(usd).as_deref())
    }
}

/// What a line tells: one part, or all of an answer.
#[derive(Default)]
struct Told<'a> {
    name: Option<(&'static str, &'a str)>,
    text: &'a str,
    thinking: Option<String>,
    calls: Vec<String>,
}

/// A part that is text, and where it is told; a refusal is told as the answer.
fn said(part: &Event, thoughts: bool) -> Option<(&'static str, &str)> {
    match part {
        Event::Text(text) | Event::Refusal(text) => Some(("content", text)),
        Event::Reasoning(text) if thoughts => Some(("thinking", text)),
        _ => None,
    }
}

/// Arguments are an object here. What a model wrote instead is told as the one argument `arguments`.
fn call(index: usize, id: Option<&str>, name: &str, arguments: &str) -> String {
    let parsed = Document::parse(arguments).ok();
    let object = parsed.as_ref().map(Document::root).filter(|root| root.kind() == Kind::Object);
    let arguments = match object {
        Some(object) => Value::render(object),
        None if arguments.trim().is_empty() => "{}".to_owned(),
        None => Object::new().text("arguments", arguments).done(),
    };
    let function =
        Object::new().json("index", &index.to_string()).text("name", name).json("arguments", &arguments);
    Object::new().text_if("id", id).json("function", &function.done()).done()
}

fn write(line: Object, out: &mut Vec<u8>) {
    out.extend_from_slice(line.done().as_bytes());
    out.push(b'\n');
}

fn nanos(duration: Duration) -> String {
    duration.as_nanos().to_string()
}
