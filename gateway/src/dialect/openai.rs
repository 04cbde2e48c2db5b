//! OpenAI's chat completions, passed through: what is changed of a request, what is looked for in an answer, and errors.

pub mod answer;
mod calls;
pub mod familiar;
pub mod head;
mod ids;
mod quirks;
pub mod read;
pub mod write;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Document, Edit, Kind, Malformed, Value, quote, skim_items, skim_members};
use hearthgate_rules::target::{Effort, Target};

use super::effort::Level;
use crate::exchange::Tokens;

/// The event that ends a good stream.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Writes a request for an upstream that speaks this dialect.
///
/// The body is the client's own, with a closed list of changes: `model`; `stream_options.include_usage` on
/// streams, whose effect is hidden from a client that did not ask for it; and the effort, where the upstream
/// takes one and the client named none. A server that does not take all of the dialect is told what it takes.
///
/// # Errors
/// When the request asks for what the target's server refuses.
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let mut edits = vec![Edit::Set("model", quote(target.model()))];
    if request.stream() && !request.include_usage() {
        edits.push(Edit::Set("stream_options", with_usage(request.body().get("stream_options"))));
    }
    if let Some(own) = effort_of(request, target, effort) {
        if own.0 != "reasoning_effort" {
            edits.push(Edit::Remove("reasoning_effort"));
        }
        edits.push(Edit::Set(own.0, own.1));
    }
    quirks::fit(request.document().render(&edits), request, target)
}

/// What steers the choice of tokens, which some models take only without an effort.
const STEERS: [&str; 4] = ["temperature", "top_p", "logprobs", "top_logprobs"];

/// The effort in the field that the target has for it, unless the client has told it there already.
fn effort_of(request: &ChatRequest, target: &Target, effort: Effort) -> Option<(&'static str, String)> {
    let (field, value) = quirks::effort(target, Level::asked(request).unwrap_or_else(|| Level::of(effort)))?;
    let body = request.body();
    let manner = target.manner();
    if manner.effort_or_sampling && STEERS.iter().any(|name| body.present(name).is_some()) {
        return None;
    }
    // Its own word counts, unless the model is known not to take it.
    let own = body.present(field).and_then(Value::as_str).filter(|_| field == "reasoning_effort");
    let refused = own.is_some_and(|own| !manner.levels.is_usual() && quote(own) != value);
    (refused || body.present(field).is_none()).then_some((field, value))
}

/// Writes a request for an upstream that speaks this dialect, without what another provider has sealed: the
/// `extra_content` of calls.
///
/// # Errors
/// As [`encode`].
pub fn unsealed(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let written = encode(request, target, effort)?;
    let Ok(body) = Document::parse(&written) else { return Ok(written) };
    let without = |object: Value<'_>, name: &str, other: &dyn Fn(Value<'_>) -> String| {
        let members = object.members().map(|(key, value)| {
            let value = if key == name { other(value) } else { value.render() };
            (!value.is_empty()).then(|| format!("{}:{value}", quote(key)))
        });
        format!("{{{}}}", members.flatten().collect::<Vec<_>>().join(","))
    };
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    let call = |call: Value<'_>| without(call, "extra_content", &|_| String::new());
    let calls = |calls: Value<'_>| match calls.kind() {
        Kind::Array => list(calls.items().map(call).collect()),
        _ => calls.render(),
    };
    let messages = body.root().get("messages").into_iter().flat_map(Value::items);
    let messages = messages.map(|message| without(message, "tool_calls", &calls)).collect();
    Ok(body.render(&[Edit::Set("messages", list(messages))]))
}

/// The client's stream options, with the usage asked for.
fn with_usage(options: Option<Value<'_>>) -> String {
    let others = options.into_iter().flat_map(Value::members).filter(|(key, _)| *key != "include_usage");
    let mut json = String::from("{");
    for (key, value) in others {
        json.push_str(&quote(key));
        json.push(':');
        json.push_str(&value.render());
        json.push(',');
    }
    json.push_str("\"include_usage\":true}");
    json
}

/// An amount in USD with as many digits as a single token may cost.
#[must_use]
pub fn usd(amount: f64) -> String {
    let text = format!("{amount:.9}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

/// What the gateway looks for in an answer or a chunk of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The tokens used, if it says so.
    pub tokens: Option<Tokens>,
    /// Whether it has a `usage`, even an empty one.
    pub usage: bool,
    /// Whether it is an error.
    pub error: bool,
    /// Whether it holds any choice.
    pub choices: bool,
    /// Whether a choice has come to its end.
    pub finishes: bool,
}

impl Seen {
    /// Looks through an answer once, without keeping it.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn of(answer: &[u8]) -> Result<Self, Malformed> {
        let answer = std::str::from_utf8(answer).map_err(|_| Malformed)?;
        let mut seen = Self::default();
        skim_members(answer, |key, value| match key {
            "choices" => seen.choices(value),
            "error" => seen.error = value != "null",
            "usage" => {
                seen.usage = true;
                seen.tokens = tokens(value);
            }
            _ => {}
        })?;
        Ok(seen)
    }

    fn choices(&mut self, choices: &str) {
        // What is shown has been checked already.
        let _checked = skim_items(choices, |choice| {
            self.choices = true;
            let _checked = skim_members(choice, |key, value| {
                self.finishes |= key == "finish_reason" && value != "null";
            });
        });
    }
}

/// What was used; none unless both counts are there and are counts: nobody may take what is not told for nothing.
fn tokens(usage: &str) -> Option<Tokens> {
    let (mut input, mut output, mut tokens) = (None, None, Tokens::default());
    skim_members(usage, |key, count| match key {
        "prompt_tokens" => input = count.parse().ok(),
        "completion_tokens" => output = count.parse().ok(),
        "prompt_tokens_details" if count.starts_with('{') => {
            // What is shown has been checked already.
            let _checked = skim_members(count, |key, count| {
                if key == "cached_tokens" {
                    tokens.cached = count.parse().unwrap_or(0);
                }
            });
        }
        "completion_tokens_details" if count.starts_with('{') => {
            let _checked = skim_members(count, |key, count| {
                if key == "reasoning_tokens" {
                    tokens.reasoning = count.parse().ok();
                }
            });
        }
        _ => {}
    })
    .ok()?;
    Some(Tokens { input: input?, output: output?, ..tokens })
}

/// The usage object of a chunk with the cost put in.
#[must_use]
pub fn usage_with_cost(chunk: &Document, cost_usd: f64) -> Vec<u8> {
    let usage = chunk.root().get("usage").map(Value::render).unwrap_or_default();
    let with_cost = match usage.strip_suffix('}') {
        Some("{") => format!("{{\"cost_usd\":{}}}", usd(cost_usd)),
        Some(open) => format!("{open},\"cost_usd\":{}}}", usd(cost_usd)),
        None => usage,
    };
    chunk.render(&[Edit::Set("usage", with_cost)])
}

/// An error in this dialect.
#[derive(Debug, Clone)]
pub struct ErrorBody<'a> {
    /// For people.
    pub message: &'a str,
    /// OpenAI's `type`.
    pub kind: &'a str,
    /// The field at fault.
    pub param: Option<&'a str>,
    /// For programs.
    pub code: &'a str,
}

impl ErrorBody<'_> {
    /// As a JSON object.
    #[must_use]
    pub fn render(&self) -> String {
        format!(
            "{{\"error\":{{\"message\":{},\"type\":{},\"param\":{},\"code\":{}}}}}",
            quote(self.message),
            quote(self.kind),
            self.param.map_or_else(|| "null".to_owned(), quote),
            quote(self.code),
        )
    }

    /// As an event in a stream that has begun.
    #[must_use]
    pub fn event(&self) -> Vec<u8> {
        format!("data: {}\n\n", self.render()).into_bytes()
    }
}
