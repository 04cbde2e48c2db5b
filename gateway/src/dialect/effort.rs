//! How long a client asks the model to think, in each dialect's words.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::Value;
use hearthgate_rules::target::Effort;

/// How long to think, from the least on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    None,
    /// As little as the model can.
    Minimal,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// Long.
    High,
    /// As long as the model can.
    Highest,
}

/// From so many tokens of thought on a budget is a medium one, and a large one.
const MEDIUM_BUDGET: u64 = 4_096;
const HIGH_BUDGET: u64 = 16_384;

impl Level {
    /// What the request itself asks for.
    #[must_use]
    pub fn asked(request: &ChatRequest) -> Option<Self> {
        match request.dialect() {
            Dialect::OpenAiChat | Dialect::OpenAiResponses => Self::named(named_in(request)?.as_str()?),
            Dialect::AnthropicMessages => Self::of_message(request.body()),
            Dialect::Ollama => {
                let think = request.body().present("think")?;
                let said = think.as_bool().map(|wanted| if wanted { Self::Medium } else { Self::None });
                said.or_else(|| Self::named(think.as_str()?))
            }
        }
    }

    /// The effort that a request names, where nobody here knows what it means.
    pub fn unknown(request: &ChatRequest) -> Option<Value<'_>> {
        named_in(request).filter(|named| named.as_str().and_then(Self::named).is_none())
    }

    /// What a message request asks for.
    pub fn of_message(body: Value<'_>) -> Option<Self> {
        let named = body.get("output_config").and_then(|config| config.str("effort")).and_then(Self::named);
        let Some(thinking) = body.present("thinking") else { return named };
        match thinking.str("type") {
            Some("disabled") => Some(Self::None),
            Some("enabled") => named.or_else(|| Some(Self::of_budget(thinking))),
            _ => named.or(Some(Self::High)),
        }
    }

    /// The level of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" | "max" => Self::Highest,
            _ => return None,
        })
    }

    /// The level that stands for what was decided.
    pub fn of(effort: Effort) -> Self {
        match effort {
            Effort::Quick => Self::Minimal,
            Effort::Deliberate => Self::High,
        }
    }

    /// OpenAI's word: of those that every model knows which thinks at all.
    pub fn as_openai(self) -> &'static str {
        match self {
            Self::None | Self::Minimal | Self::Low => "low",
            Self::Medium => "medium",
            Self::High | Self::Highest => "high",
        }
    }

    /// Anthropic's word: of those that every model knows which measures its thinking itself.
    pub fn as_anthropic(self) -> &'static str {
        self.as_openai()
    }

    /// Gemini's word, from the third generation on: of those that every model knows.
    pub fn as_gemini(self) -> &'static str {
        match self {
            Self::None | Self::Minimal | Self::Low => "low",
            Self::Medium | Self::High | Self::Highest => "high",
        }
    }

    /// Tokens of thought; none for none.
    pub fn budget(self) -> Option<u64> {
        match self {
            Self::None | Self::Minimal => None,
            Self::Low => Some(1_024),
            Self::Medium => Some(MEDIUM_BUDGET),
            Self::High => Some(HIGH_BUDGET),
            Self::Highest => Some(HIGH_BUDGET * 2),
        }
    }

    fn of_budget(thinking: Value<'_>) -> Self {
        let budget = thinking.get("budget_tokens").and_then(Value::as_number);
        match budget.and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(HIGH_BUDGET) {
            ..MEDIUM_BUDGET => Self::Low,
            MEDIUM_BUDGET..HIGH_BUDGET => Self::Medium,
            _ => Self::High,
        }
    }
}

/// Where a request names an effort.
fn named_in(request: &ChatRequest) -> Option<Value<'_>> {
    let body = request.body();
    match request.dialect() {
        Dialect::OpenAiChat => body.present("reasoning_effort"),
        Dialect::OpenAiResponses => body.present("reasoning")?.present("effort"),
        Dialect::AnthropicMessages => body.present("output_config")?.present("effort"),
        Dialect::Ollama => body.present("think").filter(|think| think.as_bool().is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(rest: &str) -> Option<Level> {
        let body =
            format!(r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"x"}}]{rest}}}"#);
        Level::asked(&ChatRequest::anthropic(body).expect("a request"))
    }

    #[test]
    fn a_message_asks_by_thinking_and_by_effort() {
        assert_eq!(asked(""), None);
        assert_eq!(
            asked(r#","thinking":{"type":"disabled"},"output_config":{"effort":"high"}"#),
            Some(Level::None)
        );
        assert_eq!(asked(r#","thinking":{"type":"enabled","budget_tokens":1024}"#), Some(Level::Low));
        assert_eq!(asked(r#","thinking":{"type":"enabled","budget_tokens":10000}"#), Some(Level::Medium));
        assert_eq!(asked(r#","thinking":{"type":"adaptive"}"#), Some(Level::High));
        assert_eq!(
            asked(r#","thinking":{"type":"adaptive"},"output_config":{"effort":"low"}"#),
            Some(Level::Low)
        );
        assert_eq!(asked(r#","output_config":{"effort":"max"}"#), Some(Level::Highest));
    }
}
