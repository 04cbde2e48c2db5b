//! Reads Bedrock's answers: the events of a stream, and whole ones.

use hearthgate_rules::json::{Document, Value};

use crate::dialect::event::{CallFault, Event, Finish, Usage};
use crate::dialect::openai::answer::{Malformed, Unread};

/// Blocks of one answer at most.
const BLOCKS_MAX: usize = 4_096;

/// A block of the answer, as far as it has come.
#[derive(Default)]
struct Block {
    /// Which call it is, and whether any of its arguments have come.
    call: Option<(usize, bool)>,
    /// The seal of a thought, which may come in pieces.
    seal: String,
    redacted: String,
}

/// Reads a stream.
#[derive(Default)]
pub struct Reader {
    /// What it used, as far as it has said so.
    pub usage: Option<Usage>,
    /// Whether it has come to its end.
    pub done: bool,
    /// The upstream's own words on what went wrong: their type and their text.
    pub error: Option<(String, String)>,
    /// The block that is open, and its place.
    open: Option<(usize, Block)>,
    calls: usize,
    finish: Option<Finish>,
}

impl Reader {
    /// Takes the data of one event: an object of one member.
    ///
    /// # Errors
    /// When it is none of the dialect.
    pub fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        let event = Document::parse(data).map_err(|_| Malformed)?;
        let (kind, told) = event.root().members().next().ok_or(Malformed)?;
        match kind {
            "contentBlockStart" => {
                let at = place(told)?;
                self.close(out);
                let start = told.present("start").ok_or(Malformed)?;
                self.begin(at, start, out)?;
            }
            "contentBlockDelta" => {
                let at = place(told)?;
                if self.open.as_ref().is_none_or(|(open, _)| *open != at) {
                    // Blocks of text have no start.
                    self.close(out);
                    self.open = Some((at, Block::default()));
                }
                self.delta(told.present("delta").ok_or(Malformed)?, out)?;
            }
            "contentBlockStop" => self.close(out),
            "messageStop" => {
                self.close(out);
                let word = told.str("stopReason").ok_or(Malformed)?;
                self.error = failure(word);
                self.finish = Some(finish(word));
            }
            // The last event of a good stream.
            "metadata" => {
                self.usage = told.present("usage").and_then(usage).or(self.usage);
                if self.finish.is_some() {
                    self.end(out)?;
                }
            }
            "messageStart" => {}
            _ if kind.ends_with("Exception") => {
                self.error = Some((kind.to_owned(), told.str("message").unwrap_or_default().to_owned()));
            }
            // What the dialect has learned since.
            _ => {}
        }
        Ok(())
    }

    /// The stream is over.
    ///
    /// # Errors
    /// When the answer had not come to its end.
    pub fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Malformed> {
        out.push(Event::End(self.finish.ok_or(Malformed)?));
        self.done = true;
        Ok(())
    }

    fn begin(&mut self, at: usize, start: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let mut block = Block::default();
        if let Some(call) = start.present("toolUse") {
            block.call = Some((self.called(call, String::new(), out), false));
        }
        self.open = Some((at, block));
        Ok(())
    }

    fn called(&mut self, call: Value<'_>, arguments: String, out: &mut Vec<Event>) -> usize {
        let said = |name: &str| call.str(name).map(str::to_owned);
        let index = self.calls;
        self.calls += 1;
        out.push(Event::Call { index, id: said("toolUseId"), name: said("name"), arguments });
        index
    }

    fn delta(&mut self, delta: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let (_, block) = self.open.as_mut().ok_or(Malformed)?;
        let text = |value: Value<'_>, name: &str| value.str(name).unwrap_or_default().to_owned();
        let said = if let Some(call) = delta.present("toolUse") {
            let (index, begun) = block.call.as_mut().ok_or(Malformed)?;
            let arguments = text(call, "input");
            *begun |= !arguments.is_empty();
            (!arguments.is_empty()).then_some(Event::Call { index: *index, id: None, name: None, arguments })
        } else if let Some(thought) = delta.present("reasoningContent") {
            block.seal.push_str(thought.str("signature").unwrap_or_default());
            block.redacted.push_str(thought.str("redactedContent").unwrap_or_default());
            Some(Event::Reasoning(text(thought, "text")))
        } else {
            Some(Event::Text(delta.str("text").ok_or(Malformed)?.to_owned()))
        };
        let empty =
            |event: &Event| matches!(event, Event::Text(text) | Event::Reasoning(text) if text.is_empty());
        out.extend(said.filter(|event| !empty(event)));
        Ok(())
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        let Some((_, block)) = self.open.take() else { return };
        // A call without arguments says nothing of them; other dialects want an empty object.
        if let Some((index, false)) = block.call {
            out.push(Event::Call { index, id: None, name: None, arguments: "{}".to_owned() });
        }
        if !block.seal.is_empty() {
            out.push(Event::Seal(block.seal));
        }
        if !block.redacted.is_empty() {
            out.push(Event::Redacted(block.redacted));
        }
    }

    fn block(&mut self, block: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if let Some(text) = block.str("text") {
            out.extend((!text.is_empty()).then(|| Event::Text(text.to_owned())));
        } else if let Some(call) = block.present("toolUse") {
            let input = call.present("input").map_or_else(|| "{}".to_owned(), Value::render);
            self.called(call, input, out);
        } else {
            let thought = block.present("reasoningContent").ok_or(Malformed)?;
            let text = thought.present("reasoningText");
            let said = |name: &str| text.and_then(|text| text.str(name)).filter(|said| !said.is_empty());
            out.extend(said("text").map(|text| Event::Reasoning(text.to_owned())));
            out.extend(said("signature").map(|seal| Event::Seal(seal.to_owned())));
            out.extend(thought.str("redactedContent").map(|sealed| Event::Redacted(sealed.to_owned())));
        }
        Ok(())
    }
}

/// Reads a whole answer.
///
/// # Errors
/// When it is none of the dialect.
pub fn whole(answer: Value<'_>) -> Result<(Vec<Event>, Option<Usage>), Unread> {
    let (mut reader, mut events) = (Reader::default(), Vec::new());
    let message = answer.present("output").and_then(|output| output.present("message")).ok_or(Malformed)?;
    let blocks = message.get("content").ok_or(Malformed)?.items().take(BLOCKS_MAX);
    blocks.into_iter().try_for_each(|block| reader.block(block, &mut events))?;
    let word = answer.str("stopReason").ok_or(Malformed)?;
    if word == "malformed_tool_use" {
        return Err(Unread::Call(CallFault::Form));
    }
    if failure(word).is_some() {
        return Err(Unread::Malformed);
    }
    events.push(Event::End(finish(word)));
    Ok((events, answer.present("usage").and_then(usage)))
}

/// What went wrong, where Bedrock's word says that the model failed.
fn failure(word: &str) -> Option<(String, String)> {
    let message = match word {
        "malformed_tool_use" => "the model made a call that is none",
        "malformed_model_output" => "the model's answer is none",
        _ => return None,
    };
    Some((word.to_owned(), message.to_owned()))
}

/// What Bedrock's word means.
fn finish(word: &str) -> Finish {
    match word {
        "tool_use" => Finish::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "guardrail_intervened" | "content_filtered" | "refusal" => Finish::Filter,
        _ => Finish::Stop,
    }
}

/// As with Anthropic's, what was cached is not among the `inputTokens`. None unless both counts are there.
fn usage(told: Value<'_>) -> Option<Usage> {
    let count = |name: &str| told.get(name).and_then(Value::as_number)?.parse::<u64>().ok();
    let (cached, written) =
        (count("cacheReadInputTokens").unwrap_or(0), count("cacheWriteInputTokens").unwrap_or(0));
    Some(Usage {
        input: count("inputTokens")?.saturating_add(cached).saturating_add(written),
        output: count("outputTokens")?,
        cached,
        written,
        reasoning: None,
    })
}

fn place(event: Value<'_>) -> Result<usize, Malformed> {
    let digits = event.get("contentBlockIndex").and_then(Value::as_number).ok_or(Malformed)?;
    digits.parse().ok().filter(|at| *at < BLOCKS_MAX).ok_or(Malformed)
}
