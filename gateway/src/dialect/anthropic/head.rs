//! Answers in Anthropic's dialect: the events of a stream, and whole ones.

use hearthgate_rules::json::{Document, quote};

use crate::dialect::event::{Event, Finish, Gathered, Usage};
use crate::dialect::openai::usd;
use crate::dialect::write::{Object, array};

/// What is the same in every part of one answer, and what of it is open.
#[derive(Debug, Clone)]
pub struct Head {
    /// `msg_…`
    pub id: String,
    /// The model that answers.
    pub model: String,
    /// Whether the client asked for the model's thoughts.
    pub thoughts: bool,
    open: Option<Open>,
    blocks: usize,
    finish: Option<Finish>,
}

/// The block that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
    Call(usize),
}

impl Head {
    /// Of an answer that has not begun.
    #[must_use]
    pub fn new(id: String, model: String, thoughts: bool) -> Self {
        Self { id, model, thoughts, open: None, blocks: 0, finish: None }
    }

    /// The first events: a message without content.
    pub fn first(&self, usage: &Usage, out: &mut Vec<u8>) {
        let message = self.message("[]", "null", &usage_json(usage, None));
        event(
            out,
            "message_start",
            &Object::new().text("type", "message_start").json("message", &message).done(),
        );
        event(out, "ping", "{\"type\":\"ping\"}");
    }

    /// The events for one part.
    pub fn part(&mut self, part: &Event, out: &mut Vec<u8>) {
        match part {
            Event::Text(text) | Event::Refusal(text) => {
                self.open(Open::Text, "{\"type\":\"text\",\"text\":\"\"}", out);
                self.delta("text_delta", "text", text, out);
            }
            Event::Reasoning(text) if self.thoughts => {
                self.open(Open::Thinking, EMPTY_THOUGHT, out);
                self.delta("thinking_delta", "thinking", text, out);
            }
            Event::Seal(seal) | Event::SealOfNext(seal) if self.thoughts => {
                self.open(Open::Thinking, EMPTY_THOUGHT, out);
                self.delta("signature_delta", "signature", seal, out);
                // Nothing follows its seal.
                self.close(out);
            }
            Event::Redacted(data) if self.thoughts => {
                self.close(out);
                self.open(Open::Thinking, &redacted(data), out);
                self.close(out);
            }
            Event::Call { index, id, name, arguments } => {
                if self.open != Some(Open::Call(*index)) {
                    let block = call(id.as_deref(), name.as_deref(), "{}");
                    self.open(Open::Call(*index), &block, out);
                }
                if !arguments.is_empty() {
                    self.delta("input_json_delta", "partial_json", arguments, out);
                }
            }
            Event::End(finish) => self.finish = Some(*finish),
            // The dialect has no words for them.
            Event::Reasoning(_) | Event::Logprobs(_) => {}
            Event::Seal(_) | Event::SealOfNext(_) | Event::Redacted(_) => {}
        }
    }

    /// What follows the last part.
    pub fn last(&mut self, usage: &Usage, cost_usd: Option<f64>, out: &mut Vec<u8>) {
        self.close(out);
        let reason = self.finish.unwrap_or(Finish::Stop).as_anthropic();
        let delta = Object::new().text("stop_reason", reason).json("stop_sequence", "null").done();
        let last = Object::new()
            .text("type", "message_delta")
            .json("delta", &delta)
            .json("usage", &usage_json(usage, cost_usd))
            .done();
        event(out, "message_delta", &last);
        event(out, "message_stop", "{\"type\":\"message_stop\"}");
    }

    /// An answer in one piece.
    #[must_use]
    pub fn whole(&self, gathered: &Gathered, usage: &Usage, cost_usd: Option<f64>) -> String {
        let mut blocks = Vec::new();
        let mut parts = gathered.parts.iter().peekable();
        while let Some(part) = parts.next() {
            blocks.extend(match part {
                Event::Text(text) | Event::Refusal(text) => {
                    Some(Object::new().text("type", "text").text("text", text).done())
                }
                Event::Reasoning(text) if self.thoughts => {
                    let is_seal = |next: &&Event| matches!(next, Event::Seal(_) | Event::SealOfNext(_));
                    Some(thought(text, parts.next_if(is_seal).and_then(Event::seal).unwrap_or_default()))
                }
                Event::Seal(seal) | Event::SealOfNext(seal) if self.thoughts => Some(thought("", seal)),
                Event::Redacted(data) if self.thoughts => Some(redacted(data)),
                Event::Call { id, name, arguments, .. } => {
                    // Those of an answer that was cut off may be cut off, too; the dialect has no place for anything but an object.
                    let input = Document::parse(arguments.as_bytes()).ok().map(|input| input.root().render());
                    let input =
                        input.filter(|input| input.starts_with('{')).unwrap_or_else(|| "{}".to_owned());
                    Some(call(id.as_deref(), name.as_deref(), &input))
                }
                _ => None,
            });
        }
        let reason = gathered.finish.unwrap_or(Finish::Stop).as_anthropic();
        self.message(&array(&blocks), &quote(reason), &usage_json(usage, cost_usd))
    }

    fn message(&self, content: &str, reason: &str, usage: &str) -> String {
        Object::new()
            .text("id", &self.id)
            .text("type", "message")
            .text("role", "assistant")
            .text("model", &self.model)
            .json("content", content)
            .json("stop_reason", reason)
            .json("stop_sequence", "null")
            .json("usage", usage)
            .done()
    }

    fn open(&mut self, wanted: Open, block: &str, out: &mut Vec<u8>) {
        if self.open == Some(wanted) {
            return;
        }
        self.close(out);
        let place = self.blocks.to_string();
        let start = Object::new().text("type", "content_block_start").json("index", &place);
        event(out, "content_block_start", &start.json("content_block", block).done());
        self.open = Some(wanted);
    }

    fn delta(&self, kind: &str, name: &str, text: &str, out: &mut Vec<u8>) {
        let delta = Object::new().text("type", kind).text(name, text).done();
        let place = self.blocks.to_string();
        let told =
            Object::new().text("type", "content_block_delta").json("index", &place).json("delta", &delta);
        event(out, "content_block_delta", &told.done());
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            let place = self.blocks.to_string();
            let stop = Object::new().text("type", "content_block_stop").json("index", &place);
            event(out, "content_block_stop", &stop.done());
            self.blocks += 1;
        }
    }
}

const EMPTY_THOUGHT: &str = "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}";

fn thought(text: &str, seal: &str) -> String {
    Object::new().text("type", "thinking").text("thinking", text).text("signature", seal).done()
}

fn redacted(data: &str) -> String {
    Object::new().text("type", "redacted_thinking").text("data", data).done()
}

fn call(id: Option<&str>, name: Option<&str>, input: &str) -> String {
    let call = Object::new().text("type", "tool_use").text("id", id.unwrap_or_default());
    call.text("name", name.unwrap_or_default()).json("input", input).done()
}

fn usage_json(usage: &Usage, cost_usd: Option<f64>) -> String {
    let own = usage.input.saturating_sub(usage.cached).saturating_sub(usage.written);
    Object::new()
        .json("input_tokens", &own.to_string())
        .json("cache_creation_input_tokens", &usage.written.to_string())
        .json("cache_read_input_tokens", &usage.cached.to_string())
        .json("output_tokens", &usage.output.to_string())
        .json_if("cost_usd", cost_usd.map(usd).as_deref())
        .done()
}

fn event(out: &mut Vec<u8>, name: &str, data: &str) {
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}
