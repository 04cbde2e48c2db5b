//! Reads answers in OpenAI's dialect: the events of a stream, and whole ones.

use hearthgate_rules::json::{Document, Kind, Value};

use super::calls::Calls;
use crate::dialect::event::{CallFault, Event, Finish, Usage};

/// What an answer, or a part of one, turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Why a whole answer could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is none of the dialect.
    Malformed,
    /// A call in it is none.
    Call(CallFault),
}

impl From<Malformed> for Unread {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// Reads a stream.
#[derive(Default)]
pub struct Reader {
    /// What it used, once it has said so.
    pub usage: Option<Usage>,
    /// Whether it has come to its end.
    pub done: bool,
    /// The upstream's own words on what went wrong: their type and their text.
    pub error: Option<(String, String)>,
    finish: Option<Finish>,
    calls: Calls,
}

impl Reader {
    /// Takes the data of one event.
    ///
    /// # Errors
    /// When it is none of the dialect.
    pub fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        if data == b"[DONE]" {
            return self.end(out);
        }
        let chunk = Document::parse(data).map_err(|_| Malformed)?;
        let chunk = chunk.root();
        if chunk.present("error").is_some() {
            self.error = Some(error(chunk));
            return Ok(());
        }
        if let Some(told) = chunk.present("usage").and_then(usage) {
            self.usage = Some(told);
        }
        let first = chunk.get("choices").into_iter().flat_map(Value::items).find(is_first);
        let Some(choice) = first else { return Ok(()) };
        if let Some(delta) = choice.present("delta") {
            let mut said = Vec::new();
            parts(delta, &mut said)?;
            for mut part in said {
                if self.calls.place(&mut part)? {
                    out.push(part);
                }
            }
        }
        if let Some(word) = choice.str("finish_reason") {
            self.finish = Some(Finish::of_openai(word));
        }
        Ok(())
    }

    /// The stream is over. Some servers leave `[DONE]` out.
    ///
    /// # Errors
    /// When the answer had not come to its end.
    pub fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Malformed> {
        let finish = self.finish.ok_or(Malformed)?;
        out.push(Event::End(finish));
        self.done = true;
        Ok(())
    }
}

/// Reads a whole answer.
///
/// # Errors
/// When it is none of the dialect.
pub fn whole(answer: Value<'_>) -> Result<(Vec<Event>, Option<Usage>), Unread> {
    let choice = answer.get("choices").into_iter().flat_map(Value::items).find(is_first).ok_or(Malformed)?;
    let message = choice.present("message").ok_or(Malformed)?;
    let mut calls = message.get("tool_calls").into_iter().flat_map(Value::items);
    if calls.any(|call| call.present("function").is_none_or(|function| arguments(function).is_err())) {
        return Err(Unread::Call(CallFault::Form));
    }
    let mut events = Vec::new();
    parts(message, &mut events)?;
    events.push(Event::End(Finish::of_openai(choice.str("finish_reason").unwrap_or("stop"))));
    Ok((events, answer.present("usage").and_then(usage)))
}

/// The type and the text of an error: in this dialect, in Google's form, or in AWS's, which has a message alone. A message that is
/// no text, as Mistral's lists of what is wrong, is told as it is written.
pub fn error(body: Value<'_>) -> (String, String) {
    let error = body.present("error").unwrap_or(body);
    let said = |name: &str| error.str(name).unwrap_or_default().to_owned();
    let kind = ["type", "status"].into_iter().map(said).find(|kind| !kind.is_empty());
    let text = |told: Value<'_>| told.as_str().map_or_else(|| told.render(), str::to_owned);
    let bare = || error.as_str().unwrap_or_default().to_owned();
    (kind.unwrap_or_default(), error.present("message").map_or_else(bare, text))
}

fn is_first(choice: &Value<'_>) -> bool {
    choice.get("index").and_then(Value::as_number).is_none_or(|index| index == "0")
}

/// The parts of a delta or a message: thoughts, text, then calls, as they are made.
fn parts(delta: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
    let said = |name: &str| delta.str(name).filter(|text| !text.is_empty()).map(str::to_owned);
    out.extend(said("reasoning_content").or_else(|| said("reasoning")).map(Event::Reasoning));
    match delta.present("content").filter(|content| content.kind() == Kind::Array) {
        Some(content) => content.items().try_for_each(|item| self::item(item, out))?,
        None => out.extend(said("content").map(Event::Text)),
    }
    out.extend(said("refusal").map(Event::Refusal));
    let calls = delta.get("tool_calls").into_iter().flat_map(Value::items).enumerate();
    for (at, call) in calls {
        let function = call.present("function").ok_or(Malformed)?;
        let index = match call.present("index").and_then(Value::as_number) {
            Some(digits) => digits.parse().map_err(|_| Malformed)?,
            None => at,
        };
        out.push(Event::Call {
            index,
            id: call.str("id").map(str::to_owned),
            name: function.str("name").map(str::to_owned),
            arguments: arguments(function)?,
        });
    }
    Ok(())
}

/// The arguments of a call: a text, or an object, as some servers have them.
fn arguments(function: Value<'_>) -> Result<String, Malformed> {
    let Some(told) = function.present("arguments") else { return Ok(String::new()) };
    match told.kind() {
        Kind::Object => Ok(told.render()),
        _ => told.as_str().map(str::to_owned).ok_or(Malformed),
    }
}

/// An item of a content that is a list: a text, or a thought as Mistral's models tell it.
fn item(item: Value<'_>, out: &mut Vec<Event>) -> Result<(), Malformed> {
    let text = |item: Value<'_>| item.str("text").map(str::to_owned);
    let event = match item.str("type").ok_or(Malformed)? {
        "text" => Event::Text(text(item).ok_or(Malformed)?),
        "thinking" => {
            let told = item.get("thinking").into_iter().flat_map(Value::items).map(text);
            Event::Reasoning(told.collect::<Option<String>>().ok_or(Malformed)?)
        }
        _ => return Err(Malformed),
    };
    let empty = matches!(&event, Event::Text(text) | Event::Reasoning(text) if text.is_empty());
    out.extend((!empty).then_some(event));
    Ok(())
}

/// None unless both counts are there.
fn usage(told: Value<'_>) -> Option<Usage> {
    let count = |value: Option<Value<'_>>| value.and_then(Value::as_number)?.parse().ok();
    let detail =
        |of: &str, name: &str| count(told.present(of).filter(|of| of.kind() == Kind::Object)?.get(name));
    Some(Usage {
        input: count(told.get("prompt_tokens"))?,
        output: count(told.get("completion_tokens"))?,
        cached: detail("prompt_tokens_details", "cached_tokens").unwrap_or(0),
        written: 0,
        reasoning: detail("completion_tokens_details", "reasoning_tokens"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_may_be_an_object_and_nothing_else_than_that_or_a_text() {
        let read = |function: &str| {
            let call = format!("{{\"id\":\"a\",\"type\":\"function\",\"function\":{function}}}");
            let answer = format!("{{\"choices\":[{{\"message\":{{\"tool_calls\":[{call}]}}}}]}}");
            let answer = Document::parse(answer).expect("JSON");
            whole(answer.root()).map(|(events, _)| match &events[0] {
                Event::Call { arguments, .. } => arguments.clone(),
                _ => String::new(),
            })
        };
        assert_eq!(read("{\"name\":\"f\",\"arguments\":{\"a\":1.50}}"), Ok("{\"a\":1.50}".to_owned()));
        assert_eq!(read("{\"name\":\"f\",\"arguments\":\"x\"}"), Ok("x".to_owned()));
        assert_eq!(read("{\"name\":\"f\"}"), Ok(String::new()));
        for broken in ["null", "{\"name\":\"f\",\"arguments\":[1]}", "{\"name\":\"f\",\"arguments\":1}"] {
            assert_eq!(read(broken), Err(Unread::Call(CallFault::Form)), "{broken}");
        }
    }

    #[test]
    fn a_content_that_is_a_list_is_read_item_by_item() {
        let chunk =
            |content: &str| format!("{{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{content}}}}}]}}");
        let read = |content: &str| {
            let (mut reader, mut events) = (Reader::default(), Vec::new());
            reader.take(chunk(content).as_bytes(), &mut events).map(|()| events)
        };
        let thought = "{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"},{\"type\":\"text\",\"text\":\".\"}]}";
        let events = read(&format!("[{thought},{{\"type\":\"text\",\"text\":\"Hi\"}}]")).expect("sound");
        assert!(events == [Event::Reasoning("Hm.".to_owned()), Event::Text("Hi".to_owned())]);
        assert!(read("[]").expect("sound").is_empty() && read("\"\"").expect("sound").is_empty());
        assert!(read("[{\"type\":\"image_url\"}]").is_err(), "nothing is lost silently");
    }
}
