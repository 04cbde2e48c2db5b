//! Reads Gemini's answers: the events of a stream, and whole ones, which are of one form.

use hearthgate_rules::json::{Document, Value};

use crate::dialect::event::{CallFault, Event, Finish, Usage};
use crate::dialect::openai::answer::{Malformed, Unread};

/// Calls of one answer at most.
const CALLS_MAX: usize = 4_096;

/// Reads a stream.
#[derive(Default)]
pub struct Reader {
    /// What it used, as far as it has said so.
    pub usage: Option<Usage>,
    /// Whether it has come to its end.
    pub done: bool,
    /// The upstream's own words on what went wrong: their type and their text.
    pub error: Option<(String, String)>,
    calls: usize,
    finish: Option<Finish>,
}

impl Reader {
    /// Takes the data of one event.
    ///
    /// # Errors
    /// When it is none of the dialect.
    pub fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        let chunk = Document::parse(data).map_err(|_| Malformed)?;
        self.chunk(chunk.root(), out)
    }

    /// The stream is over: it has no mark of its end but the reason why the answer ended.
    ///
    /// # Errors
    /// When the answer had not come to its end.
    pub fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Malformed> {
        out.push(Event::End(self.finish.ok_or(Malformed)?));
        self.done = true;
        Ok(())
    }

    fn chunk(&mut self, chunk: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        if let Some(error) = chunk.present("error") {
            let said = |name: &str| error.str(name).unwrap_or_default().to_owned();
            self.error = Some((said("status"), said("message")));
            return Ok(());
        }
        self.usage = chunk.present("usageMetadata").and_then(usage).or(self.usage);
        if chunk.present("promptFeedback").is_some_and(|told| told.present("blockReason").is_some()) {
            self.finish = Some(Finish::Filter);
        }
        let Some(candidate) = chunk.get("candidates").into_iter().flat_map(Value::items).next() else {
            // A chunk that holds nothing of ours is no answer of this dialect, unless it counts.
            return if self.finish.is_some() || self.usage.is_some() { Ok(()) } else { Err(Malformed) };
        };
        let id = chunk.str("responseId").unwrap_or_default();
        let parts = candidate.get("content").and_then(|content| content.get("parts"));
        parts.into_iter().flat_map(Value::items).try_for_each(|part| self.part(id, part, out))?;
        if let Some(word) = candidate.str("finishReason") {
            self.finished(word, candidate.str("finishMessage"));
        }
        Ok(())
    }

    fn part(&mut self, answer: &str, part: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let seal = part.str("thoughtSignature").filter(|seal| !seal.is_empty());
        if let Some(text) = part.str("text") {
            let thought = part.get("thought").and_then(Value::as_bool) == Some(true);
            // A thought's seal follows it; any other is known before what it seals.
            let event =
                if thought { Event::Reasoning(text.to_owned()) } else { Event::Text(text.to_owned()) };
            let event = (!text.is_empty()).then_some(event);
            let seal = seal.map(str::to_owned);
            if thought {
                out.extend(event.into_iter().chain(seal.map(Event::Seal)));
            } else {
                out.extend(seal.map(Event::SealOfNext).into_iter().chain(event));
            }
            return Ok(());
        }
        if part.members().all(|(key, _)| matches!(key, "thought" | "thoughtSignature")) {
            out.extend(seal.map(|seal| Event::SealOfNext(seal.to_owned())));
            return Ok(());
        }
        // Pictures, and programs that ran there: nothing that was asked for, and no client has words for them.
        let call = part.present("functionCall").ok_or(Malformed)?;
        let (index, name) = (self.calls, call.str("name").ok_or(Malformed)?);
        if index >= CALLS_MAX {
            return Err(Malformed);
        }
        self.calls += 1;
        out.extend(seal.map(|seal| Event::SealOfNext(seal.to_owned())));
        let id =
            call.str("id").filter(|id| !id.is_empty()).map_or_else(|| id_of(answer, index), str::to_owned);
        out.push(Event::Call {
            index,
            id: Some(id),
            name: Some(name.to_owned()),
            arguments: call.present("args").map_or_else(|| "{}".to_owned(), Value::render),
        });
        Ok(())
    }

    fn finished(&mut self, word: &str, message: Option<&str>) {
        self.finish = Some(match word {
            "STOP" if self.calls > 0 => Finish::ToolCalls,
            "STOP" => Finish::Stop,
            "MAX_TOKENS" => Finish::Length,
            "MALFORMED_FUNCTION_CALL"
            | "MALFORMED_RESPONSE"
            | "UNEXPECTED_TOOL_CALL"
            | "TOO_MANY_TOOL_CALLS"
            | "MISSING_THOUGHT_SIGNATURE" => {
                let message = message.unwrap_or("the model made a call that is none");
                self.error = Some((word.to_owned(), message.to_owned()));
                return;
            }
            // Safety, recitation, and what else holds an answer back.
            _ => Finish::Filter,
        });
    }
}

/// Reads a whole answer.
///
/// # Errors
/// When it is none of the dialect, or its model failed.
pub fn whole(answer: Value<'_>) -> Result<(Vec<Event>, Option<Usage>), Unread> {
    let (mut reader, mut events) = (Reader::default(), Vec::new());
    let candidate = answer.get("candidates").into_iter().flat_map(Value::items).next();
    let parts =
        candidate.and_then(|candidate| candidate.get("content")).and_then(|content| content.get("parts"));
    let mut calls = parts.into_iter().flat_map(Value::items).filter_map(|part| part.present("functionCall"));
    if calls.any(|call| call.str("name").is_none()) {
        return Err(Unread::Call(CallFault::Nameless));
    }
    reader.chunk(answer, &mut events)?;
    if reader.error.is_some() {
        // An error object in place of an answer is told elsewhere.
        return Err(if answer.present("error").is_some() {
            Unread::Malformed
        } else {
            Unread::Call(CallFault::Form)
        });
    }
    reader.end(&mut events)?;
    Ok((events, reader.usage))
}

/// An id for a call that its provider gave none: that of the answer, and which of its calls it is.
fn id_of(answer: &str, index: usize) -> String {
    let answer: String =
        answer.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(64).collect();
    format!("call_{answer}_{index}")
}

/// None unless the prompt's count is there, and that of the answer is one where it is there: Gemini leaves out what is nought.
fn usage(told: Value<'_>) -> Option<Usage> {
    let count = |name: &str| told.get(name).and_then(Value::as_number)?.parse::<u64>().ok();
    let thoughts = count("thoughtsTokenCount");
    let prompt = count("promptTokenCount")?;
    let answer = told.present("candidatesTokenCount").map_or(Some(0), |_| count("candidatesTokenCount"))?;
    Some(Usage {
        input: prompt.saturating_add(count("toolUsePromptTokenCount").unwrap_or(0)),
        output: answer.saturating_add(thoughts.unwrap_or(0)),
        cached: count("cachedContentTokenCount").unwrap_or(0),
        written: 0,
        reasoning: Some(thoughts.unwrap_or(0)),
    })
}
