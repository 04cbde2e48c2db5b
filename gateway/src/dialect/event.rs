//! An answer in no dialect: the parts that it comes in, whoever answers.

use hearthgate_engines::{ChatChunk, FinishReason, TokenLogprob};
use hearthgate_rules::chat::Dialect;
use hearthgate_rules::json::{Document, Kind};

use crate::exchange::Tokens;

/// A part of an answer, in order. Texts are whole UTF-8.
#[derive(Clone, PartialEq)]
pub enum Event {
    /// Text of the answer.
    Text(String),
    /// How likely the tokens of the text before were.
    Logprobs(Vec<TokenLogprob>),
    /// Text of the model's thinking.
    Reasoning(String),
    /// What the provider has sealed, whole: the proof of the thought before it.
    Seal(String),
    /// The same, of the call or the text that comes next.
    SealOfNext(String),
    /// A thought that only its provider can read.
    Redacted(String),
    /// Text in which the model says that it will not answer.
    Refusal(String),
    /// A part of a tool call: the first of an index has its id and name, later ones more arguments.
    Call {
        /// Which of the answer's calls, from 0.
        index: usize,
        /// Its id.
        id: Option<String>,
        /// The function's name.
        name: Option<String>,
        /// More of the arguments' JSON text.
        arguments: String,
    },
    /// The answer has come to its end.
    End(Finish),
}

impl Event {
    /// What of it its provider has sealed.
    #[must_use]
    pub fn seal(&self) -> Option<&str> {
        match self {
            Self::Seal(seal) | Self::SealOfNext(seal) | Self::Redacted(seal) => Some(seal),
            _ => None,
        }
    }
}

/// What is wrong with a call that a model made. It holds nothing of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// No function is named.
    Nameless,
    /// Its arguments are not the JSON text of an object.
    Arguments,
    /// There is something else in its place, or its provider says that it is none.
    Form,
}

impl CallFault {
    /// For people, in a sentence about the model.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Nameless => "the model called a function without naming it",
            Self::Arguments => "the model called a function with arguments that are no JSON object",
            Self::Form => "the model made a call that is none",
        }
    }
}

/// Whether arguments are the text of an object; none are an empty one.
fn is_object(arguments: &str) -> bool {
    arguments.trim().is_empty()
        || Document::parse(arguments).is_ok_and(|arguments| arguments.root().kind() == Kind::Object)
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended its turn, or a stop text matched.
    Stop,
    /// There was no room for more.
    Length,
    /// It calls tools.
    ToolCalls,
    /// The provider, or the model, held it back.
    Filter,
}

impl Finish {
    /// OpenAI's word.
    #[must_use]
    pub fn as_openai(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::Filter => "content_filter",
        }
    }

    /// Anthropic's word.
    #[must_use]
    pub fn as_anthropic(self) -> &'static str {
        match self {
            Self::Stop => "end_turn",
            Self::Length => "max_tokens",
            Self::ToolCalls => "tool_use",
            Self::Filter => "refusal",
        }
    }

    /// What OpenAI's word means.
    #[must_use]
    pub fn of_openai(word: &str) -> Self {
        match word {
            "length" => Self::Length,
            "tool_calls" | "function_call" => Self::ToolCalls,
            "content_filter" => Self::Filter,
            _ => Self::Stop,
        }
    }

    /// What Anthropic's word means.
    #[must_use]
    pub fn of_anthropic(word: &str) -> Self {
        match word {
            "max_tokens" | "model_context_window_exceeded" => Self::Length,
            "tool_use" => Self::ToolCalls,
            "refusal" => Self::Filter,
            _ => Self::Stop,
        }
    }
}

impl From<FinishReason> for Finish {
    fn from(reason: FinishReason) -> Self {
        match reason {
            FinishReason::Stop => Self::Stop,
            FinishReason::Length => Self::Length,
            FinishReason::ToolCalls => Self::ToolCalls,
        }
    }
}

impl From<ChatChunk> for Event {
    fn from(chunk: ChatChunk) -> Self {
        match chunk {
            ChatChunk::Content(text) => Self::Text(text),
            ChatChunk::Logprobs(tokens) => Self::Logprobs(tokens),
            ChatChunk::Reasoning(text) => Self::Reasoning(text),
            ChatChunk::ToolCall { index, id, name, arguments } => Self::Call { index, id, name, arguments },
            ChatChunk::Finish { reason, .. } => Self::End(reason.into()),
        }
    }
}

/// What an answer used, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Of the prompt, all of it.
    pub input: u64,
    /// Of the answer, thinking included.
    pub output: u64,
    /// Those of `input` that were read from a cache.
    pub cached: u64,
    /// Those of `input` that were put into a cache.
    pub written: u64,
    /// Those of `output` that were thinking; none where nobody says.
    pub reasoning: Option<u64>,
}

impl From<&hearthgate_engines::Usage> for Usage {
    fn from(usage: &hearthgate_engines::Usage) -> Self {
        Self {
            input: usage.prompt_tokens,
            output: usage.completion_tokens,
            cached: usage.cached_tokens,
            written: 0,
            reasoning: Some(usage.reasoning_tokens),
        }
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let Usage { input, output, cached, written, reasoning } = usage;
        Self { input, output, cached, written, reasoning }
    }
}

/// An answer that is gathered to be sent in one piece.
#[derive(Default)]
pub struct Gathered {
    /// Its parts in order, neighbours of a kind joined.
    pub parts: Vec<Event>,
    /// How likely its tokens were.
    pub logprobs: Vec<TokenLogprob>,
    /// Why it ended.
    pub finish: Option<Finish>,
}

impl Gathered {
    /// Adds a part.
    pub fn add(&mut self, event: Event) {
        match (event, self.parts.last_mut()) {
            (Event::Logprobs(tokens), _) => self.logprobs.extend(tokens),
            (Event::End(finish), _) => self.finish = Some(finish),
            (Event::Text(more), Some(Event::Text(text)))
            | (Event::Reasoning(more), Some(Event::Reasoning(text)))
            | (Event::Refusal(more), Some(Event::Refusal(text))) => text.push_str(&more),
            (Event::Call { index, id, name, arguments }, _) => self.call(index, id, name, &arguments),
            (event, _) => self.parts.push(event),
        }
    }

    /// What is wrong with the first of its calls that cannot be told in a dialect. Most tell arguments as the text that they are,
    /// Anthropic's as an object; those of an answer that was cut off for want of room may be cut off, too.
    #[must_use]
    pub fn call_fault(&self, dialect: Dialect) -> Option<CallFault> {
        let objects = dialect == Dialect::AnthropicMessages && self.finish != Some(Finish::Length);
        let fault = |part: &Event| match part {
            Event::Call { name, .. } if name.as_deref().is_none_or(str::is_empty) => {
                Some(CallFault::Nameless)
            }
            Event::Call { arguments, .. } if objects && !is_object(arguments) => Some(CallFault::Arguments),
            _ => None,
        };
        self.parts.iter().find_map(fault)
    }

    /// Everything of one kind, laid end to end.
    #[must_use]
    pub fn joined(&self, kind: impl Fn(&Event) -> Option<&String>) -> String {
        self.parts.iter().filter_map(kind).map(String::as_str).collect()
    }

    fn call(&mut self, wanted: usize, id: Option<String>, name: Option<String>, more: &str) {
        let known = self.parts.iter_mut().find_map(|part| match part {
            Event::Call { index, arguments, .. } if *index == wanted => Some(arguments),
            _ => None,
        });
        match known {
            Some(arguments) => arguments.push_str(more),
            None => self.parts.push(Event::Call { index: wanted, id, name, arguments: more.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_none_is_told_apart_by_what_is_wrong_with_it() {
        let fault = |name: &str, arguments: &str, finish: Finish, dialect: Dialect| {
            let mut gathered = Gathered::default();
            let name = Some(name.to_owned()).filter(|name| !name.is_empty());
            gathered.add(Event::Call { index: 0, id: None, name, arguments: arguments.to_owned() });
            gathered.add(Event::End(finish));
            gathered.call_fault(dialect)
        };
        for dialect in Dialect::ALL {
            assert_eq!(fault("", "{}", Finish::ToolCalls, dialect), Some(CallFault::Nameless));
            assert_eq!(fault("f", "{\"a\":1}", Finish::ToolCalls, dialect), None);
            assert_eq!(fault("f", " ", Finish::ToolCalls, dialect), None);
            for broken in ["{\"a\":", "[1]", "x"] {
                let wrong = (dialect == Dialect::AnthropicMessages).then_some(CallFault::Arguments);
                assert_eq!(fault("f", broken, Finish::ToolCalls, dialect), wrong, "{broken}");
                assert_eq!(fault("f", broken, Finish::Length, dialect), None, "it was cut off");
            }
        }
    }
}
