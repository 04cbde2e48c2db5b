//! How long a client asks the model to think, in each dialect's words.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::Value;
use hearthgate_rules::target::{Effort, Levels};
use serde::Deserialize;

/// How long to think, from the least on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// The words of OpenAI and of Anthropic that every model knows which thinks at all.
const USUAL: [Level; 3] = [Level::Low, Level::Medium, Level::High];

/// The words of Gemini that every model knows from the third generation on.
const USUAL_OF_GEMINI: [Level; 2] = [Level::Low, Level::High];

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

    /// Every level, from the least on.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::Highest];

    /// The nearest level that a model takes: of as little as can be the least, and of two that are as near the greater.
    fn of_those(self, levels: Levels, usual: &[Self]) -> Self {
        let taken = |level: &Self| match levels.is_usual() {
            true => usual.contains(level),
            false => levels.takes(*level as u8),
        };
        let all = Self::ALL.into_iter().filter(taken);
        let away = |level: &Self| (*level as u8).abs_diff(self as u8);
        let nearest = if self <= Self::Minimal { all.min() } else { all.rev().min_by_key(away) };
        nearest.unwrap_or(self)
    }

    /// OpenAI's word for it, of those that a model takes.
    pub fn as_openai(self, levels: Levels) -> &'static str {
        match self.of_those(levels, &USUAL) {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Highest => "xhigh",
        }
    }

    /// Anthropic's word for it, of those that a model takes which measures its thinking itself.
    pub fn as_anthropic(self, levels: Levels) -> &'static str {
        match self.of_those(levels, &USUAL) {
            Self::None | Self::Minimal | Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Highest => "max",
        }
    }

    /// Gemini's word for it, of those that a model takes from the third generation on.
    pub fn as_gemini(self, levels: Levels) -> &'static str {
        match self.of_those(levels, &USUAL_OF_GEMINI) {
            Self::None | Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High | Self::Highest => "high",
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

    #[test]
    fn a_model_is_told_the_nearest_word_that_it_takes() {
        let levels =
            |taken: &[Level]| taken.iter().fold(Levels::default(), |all, level| all.with(*level as u8));
        let said = |taken: &[Level]| Level::ALL.map(|level| level.as_openai(levels(taken)));
        assert_eq!(said(&[]), ["low", "low", "low", "medium", "high", "high"]);
        assert_eq!(said(&[Level::None, Level::High]), ["none", "none", "high", "high", "high", "high"]);
        assert_eq!(said(&[Level::High]), ["high"; 6]);
        let all = ["none", "none", "low", "medium", "high", "xhigh"];
        assert_eq!(said(&[Level::None, Level::Low, Level::Medium, Level::High, Level::Highest]), all);
        let gemini = Level::ALL.map(|level| level.as_gemini(Levels::default()));
        assert_eq!(gemini, ["low", "low", "low", "high", "high", "high"]);
        assert_eq!(Level::Highest.as_anthropic(Levels::default()), "high");
        assert_eq!(Level::Highest.as_anthropic(levels(&Level::ALL)), "max");
    }

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
