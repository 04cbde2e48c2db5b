//! Reads answers in Anthropic's dialect: the events of a stream, and whole ones.

use hearthgate_rules::json::{Document, Value};

use crate::dialect::event::{Event, Finish, Usage};
use crate::dialect::openai::answer::{Malformed, Unread, error};

/// Blocks of one answer at most.
const BLOCKS_MAX: usize = 4_096;

/// What a block of the answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    Thinking,
    /// Which call it is, and whether any of its arguments have come.
    Call(usize, bool),
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
    blocks: Vec<Option<Block>>,
    calls: usize,
    finish: Option<Finish>,
}

impl Reader {
    /// Takes the data of one event.
    ///
    /// # Errors
    /// When it is none of the dialect.
    pub fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        let event = Document::parse(data).map_err(|_| Malformed)?;
        let event = event.root();
        match event.str("type").ok_or(Malformed)? {
            "message_start" => {
                let message = event.present("message").ok_or(Malformed)?;
                self.told(message.present("usage"));
            }
            "content_block_start" => {
                let block = event.present("content_block").ok_or(Malformed)?;
                self.begin(place(event)?, block, out)?;
            }
            "content_block_delta" => {
                let delta = event.present("delta").ok_or(Malformed)?;
                self.delta(place(event)?, delta, out)?;
            }
            "content_block_stop" => self.end_block(place(event)?, out)?,
            "message_delta" => {
                self.told(event.present("usage"));
                let reason = event.present("delta").and_then(|delta| delta.str("stop_reason"));
                self.finish = reason.map(Finish::of_anthropic).or(self.finish);
            }
            "message_stop" => {
                out.push(Event::End(self.finish.ok_or(Malformed)?));
                self.done = true;
            }
            "error" => self.error = Some(error(event)),
            // `ping`, and what the dialect has learned since.
            _ => {}
        }
        Ok(())
    }

    /// Counts are of the whole answer so far; one that is not told stays as it was.
    fn told(&mut self, told: Option<Value<'_>>) {
        let Some(told) = told else { return };
        let before = self.usage.unwrap_or_default();
        let count = |name: &str| told.present(name).and_then(Value::as_number)?.parse().ok();
        let (cached, written) = (count("cache_read_input_tokens"), count("cache_creation_input_tokens"));
        let (cached, written) = (cached.unwrap_or(before.cached), written.unwrap_or(before.written));
        // Anthropic tells those apart from the rest of the prompt.
        let own =
            count("input_tokens").unwrap_or(before.input.saturating_sub(before.cached + before.written));
        self.usage = Some(Usage {
            input: own.saturating_add(cached).saturating_add(written),
            output: count("output_tokens").unwrap_or(before.output),
            cached,
            written,
            reasoning: None,
        });
    }

    fn begin(&mut self, at: usize, block: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if at != self.blocks.len() || at >= BLOCKS_MAX {
            return Err(Malformed);
        }
        let said = |name: &str| block.str(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let kind = match block.str("type").ok_or(Malformed)? {
            "text" => {
                out.extend(said("text").map(Event::Text));
                Some(Block::Text)
            }
            "thinking" => {
                out.extend(said("thinking").map(Event::Reasoning));
                Some(Block::Thinking)
            }
            // Sealed: nobody but its provider can read it.
            "redacted_thinking" => None,
            "tool_use" => {
                let index = self.calls;
                self.calls += 1;
                let input = block.present("input").filter(|input| input.members().next().is_some());
                let arguments = input.map(Value::render).unwrap_or_default();
                let begun = !arguments.is_empty();
                out.push(Event::Call { index, id: said("id"), name: said("name"), arguments });
                Some(Block::Call(index, begun))
            }
            _ => return Err(Malformed),
        };
        self.blocks.push(kind);
        Ok(())
    }

    fn delta(&mut self, at: usize, delta: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let block = self.blocks.get_mut(at).ok_or(Malformed)?;
        let said = |name: &str| delta.str(name).map(str::to_owned).ok_or(Malformed);
        let event = match (delta.str("type").ok_or(Malformed)?, block) {
            ("text_delta", Some(Block::Text)) => Event::Text(said("text")?),
            ("thinking_delta", Some(Block::Thinking)) => Event::Reasoning(said("thinking")?),
            ("input_json_delta", Some(Block::Call(index, begun))) => {
                let arguments = said("partial_json")?;
                *begun |= !arguments.is_empty();
                Event::Call { index: *index, id: None, name: None, arguments }
            }
            ("text_delta" | "thinking_delta" | "input_json_delta", _) => return Err(Malformed),
            // The seal of a thought, and what the dialect has learned since.
            _ => return Ok(()),
        };
        if !is_empty(&event) {
            out.push(event);
        }
        Ok(())
    }

    fn end_block(&mut self, at: usize, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let block = self.blocks.get(at).ok_or(Malformed)?;
        // A call without arguments says nothing of them; other dialects want an empty object.
        if let Some(Block::Call(index, false)) = *block {
            out.push(Event::Call { index, id: None, name: None, arguments: "{}".to_owned() });
        }
        Ok(())
    }
}

/// Reads a whole answer.
///
/// # Errors
/// When it is none of the dialect.
pub fn whole(answer: Value<'_>) -> Result<(Vec<Event>, Option<Usage>), Unread> {
    let mut reader = Reader::default();
    let mut events = Vec::new();
    if answer.str("type") != Some("message") {
        return Err(Unread::Malformed);
    }
    for (at, block) in answer.get("content").ok_or(Malformed)?.items().enumerate() {
        reader.begin(at, block, &mut events)?;
        reader.end_block(at, &mut events)?;
    }
    reader.told(answer.present("usage"));
    events.push(Event::End(Finish::of_anthropic(answer.str("stop_reason").ok_or(Malformed)?)));
    let both = answer.present("usage").is_some_and(|usage| {
        ["input_tokens", "output_tokens"].iter().all(|name| {
            let count = usage.present(name).and_then(Value::as_number);
            count.is_some_and(|count| count.parse::<u64>().is_ok())
        })
    });
    Ok((events, reader.usage.filter(|_| both)))
}

fn is_empty(event: &Event) -> bool {
    match event {
        Event::Text(text) | Event::Reasoning(text) => text.is_empty(),
        Event::Call { arguments, .. } => arguments.is_empty(),
        _ => false,
    }
}

fn place(event: Value<'_>) -> Result<usize, Malformed> {
    event.get("index").and_then(Value::as_number).and_then(|digits| digits.parse().ok()).ok_or(Malformed)
}
