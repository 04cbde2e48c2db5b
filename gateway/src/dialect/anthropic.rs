//! Anthropic's messages, passed through: what is changed of a request, what is looked for in an answer, and errors.

pub mod answer;
pub mod head;
pub mod read;
pub mod unsealed;
pub mod write;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Edit, Malformed, quote, skim_members};
use hearthgate_rules::target::{Effort, EffortField, Target};

use super::event::Usage;

/// Writes a request for an upstream that speaks this dialect.
///
/// The body is the client's own but for `model`, and for `output_config.effort` where the model measures its thinking
/// itself, a quick answer was decided on, and the client says nothing of either.
///
/// # Errors
/// None: every field of this dialect can be said in it.
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let mut edits = vec![Edit::Set("model", quote(target.model()))];
    let body = request.body();
    let told = body.present("output_config").is_some() || body.present("thinking").is_some();
    if target.effort_field() == EffortField::AdaptiveThinking && effort == Effort::Quick && !told {
        edits.push(Edit::Set("output_config", "{\"effort\":\"low\"}".to_owned()));
    }
    Ok(request.document().render(&edits))
}

/// What the gateway looks for in an event of a stream, or in a whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// What kind of event it is.
    pub kind: Kind,
    /// The tokens used, as far as it says so.
    pub counts: Counts,
}

/// The kinds of events that matter to who passes them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Any other.
    #[default]
    Other,
    /// The answer is about to begin.
    Start,
    /// It has come to its end.
    Stop,
    /// Something went wrong.
    Error,
}

/// Counts of one event; none where it is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cached: Option<u64>,
    written: Option<u64>,
}

impl Seen {
    /// Looks through an event, or a whole answer, once and without keeping it.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn of(data: &[u8]) -> Result<Self, Malformed> {
        let data = std::str::from_utf8(data).map_err(|_| Malformed)?;
        let mut seen = Self::default();
        skim_members(data, |key, value| match key {
            "type" => seen.kind = Kind::of(value),
            "usage" => seen.counts.read(value),
            "message" => {
                // What is shown has been checked already.
                let _checked = skim_members(value, |key, value| {
                    if key == "usage" {
                        seen.counts.read(value);
                    }
                });
            }
            _ => {}
        })?;
        Ok(seen)
    }
}

impl Kind {
    fn of(word: &str) -> Self {
        match word.trim_matches('"') {
            "message_start" | "ping" => Self::Start,
            "message_stop" => Self::Stop,
            "error" => Self::Error,
            _ => Self::Other,
        }
    }
}

impl Counts {
    fn read(&mut self, usage: &str) {
        let _checked = skim_members(usage, |key, count| {
            let place = match key {
                "input_tokens" => &mut self.input,
                "output_tokens" => &mut self.output,
                "cache_read_input_tokens" => &mut self.cached,
                "cache_creation_input_tokens" => &mut self.written,
                _ => return,
            };
            *place = count.parse().ok().or(*place);
        });
    }

    /// These after those of an earlier event: what is not told stays as it was.
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        Self {
            input: self.input.or(earlier.input),
            output: self.output.or(earlier.output),
            cached: self.cached.or(earlier.cached),
            written: self.written.or(earlier.written),
        }
    }

    /// What was used; none unless both counts are there.
    #[must_use]
    pub fn usage(self) -> Option<Usage> {
        let (cached, written) = (self.cached.unwrap_or(0), self.written.unwrap_or(0));
        Some(Usage { input: self.prompt()?, output: self.output?, cached, written, reasoning: None })
    }

    /// How long the prompt is, the part of it that was cached included.
    #[must_use]
    pub fn prompt(self) -> Option<u64> {
        let (cached, written) = (self.cached.unwrap_or(0), self.written.unwrap_or(0));
        Some(self.input?.saturating_add(cached).saturating_add(written))
    }

    /// Whether they tell how long the answer is.
    #[must_use]
    pub fn tell_output(self) -> bool {
        self.output.is_some()
    }
}

/// An error in this dialect.
#[must_use]
pub fn error(kind: &str, message: &str, request_id: &str) -> String {
    let request_id = if request_id.is_empty() { "null".to_owned() } else { quote(request_id) };
    format!(
        "{{\"type\":\"error\",\"error\":{{\"type\":{},\"message\":{}}},\"request_id\":{request_id}}}",
        quote(kind),
        quote(message),
    )
}

/// An error as an event in a stream that has begun.
#[must_use]
pub fn error_event(kind: &str, message: &str) -> Vec<u8> {
    let error = format!("{{\"type\":{},\"message\":{}}}", quote(kind), quote(message));
    format!("event: error\ndata: {{\"type\":\"error\",\"error\":{error}}}\n\n").into_bytes()
}
