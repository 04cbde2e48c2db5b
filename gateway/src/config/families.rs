//! What is known of families of models: data, in `families.toml`.

use std::sync::LazyLock;

use hearthgate_rules::target::{EffortField, Manner};
use serde::Deserialize;

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    // It comes with the program; a test reads it.
    toml::from_str::<File>(include_str!("families.toml")).map(|file| file.family).unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    answer_tokens: Option<u32>,
    #[serde(default)]
    effort: EffortField,
    #[serde(default)]
    formats: bool,
    #[serde(default)]
    newer_bound: bool,
    #[serde(default)]
    caches: bool,
    thinking_tokens_min: Option<u32>,
    #[serde(default)]
    thinking_optional: bool,
}

/// How a model is spoken to, by its family. Of names such as `anthropic/claude-opus-4` what follows the last slash counts, and of
/// Bedrock's such as `eu.anthropic.claude-opus-4` what follows the maker.
#[must_use]
pub fn manner_of(model: &str) -> Manner {
    let name = model.rsplit('/').next().unwrap_or(model);
    let maker = ["anthropic.", "openai."].into_iter().find_map(|maker| name.split_once(maker));
    let name = maker.map_or(name, |(_, name)| name);
    let of = FAMILIES.iter().filter(|family| belongs(name, &family.name));
    let Some(family) = of.max_by_key(|family| family.name.len()) else { return Manner::default() };
    Manner {
        effort_field: family.effort,
        answer_tokens: family.answer_tokens,
        formats: family.formats,
        newer_bound: family.newer_bound,
        caches: family.caches,
        thinking_tokens_min: family.thinking_tokens_min,
        thinking_optional: family.thinking_optional,
    }
}

/// Whether a model's name is a family's, or goes on where a word of it ends. A version goes on in two digits at most, a date
/// in more: `claude-opus-4-20250514` is of `claude-opus-4`, and a `claude-opus-4-9` is of a family that nobody knows yet.
fn belongs(model: &str, family: &str) -> bool {
    let Some(rest) = model.strip_prefix(family) else { return false };
    let Some(next) = rest.strip_prefix(['-', '.', '@', ':']) else { return rest.is_empty() };
    let digits = next.bytes().take_while(u8::is_ascii_digit).count();
    !(family.starts_with("claude-") && (1..=2).contains(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_of_its_nearest_family() {
        let of = |model| manner_of(model).effort_field;
        assert!(FAMILIES.len() > 10);
        assert_eq!(of("claude-opus-4-20250514"), EffortField::ThinkingBudget);
        assert_eq!(of("claude-opus-4-5"), EffortField::ThinkingBudget);
        assert_eq!(of("claude-opus-4-7"), EffortField::AdaptiveThinking);
        assert_eq!(of("anthropic/claude-sonnet-4-6"), EffortField::AdaptiveThinking);
        assert_eq!(of("claude-3-5-sonnet-latest"), EffortField::None);
        assert_eq!(of("eu.anthropic.claude-sonnet-4-5-20250929-v1:0"), EffortField::ThinkingBudget);
        assert_eq!(of("openai.gpt-oss-120b-1:0"), EffortField::ReasoningEffort);
        assert_eq!(manner_of("gemini-2.5-pro-preview-06-05").thinking_tokens_min, Some(128));
        assert_eq!(of("gemini-2.5-flash-lite"), EffortField::ThinkingBudget);
        assert_eq!(of("gemini-3.1-pro-preview"), EffortField::ThinkingLevel);
        assert!(
            manner_of("eu.anthropic.claude-haiku-4-5-20251001-v1:0").caches
                && !manner_of("claude-3-haiku").caches
        );
        assert!(manner_of("gpt-5.1").newer_bound && manner_of("o3-mini").newer_bound);
    }

    #[test]
    fn what_nobody_knows_gets_no_field() {
        for unknown in ["claude-opus-4-9", "claude-next", "fake-frontier", "gpt-50", "o30"] {
            assert_eq!(manner_of(unknown), Manner::default(), "{unknown}");
        }
    }
}
