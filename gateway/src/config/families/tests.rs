//! Each row of the table, and what nobody knows.

use super::*;
use EffortField as Field;

fn anywhere(model: &str) -> EffortField {
    manner_of(model, &[], None).effort_field
}

fn at(server: &str, model: &str) -> EffortField {
    manner_of(model, &[], Some(server)).effort_field
}

/// A model, what it is told in its maker's dialect, and what at servers of OpenAI's.
type Row = (&'static str, Field, Vec<(&'static str, Field)>);

/// Every row, with a model of it, in the dialect of its maker and at each server.
#[test]
fn each_row_tells_each_place_what_it_takes() {
    let openai = [("openai", Field::ReasoningEffort), ("openrouter", Field::Reasoning)];
    let claude = [("openrouter", Field::Reasoning)];
    let local = |field| [("vllm", field), ("sglang", field), ("llama-server", field)];
    let rows: Vec<Row> = vec![
        ("claude-3-haiku-20240307", Field::None, vec![]),
        ("claude-3-5-sonnet-latest", Field::None, vec![]),
        ("claude-3-7-sonnet-20250219", Field::ThinkingBudget, claude.to_vec()),
        ("claude-opus-4-20250514", Field::ThinkingBudget, claude.to_vec()),
        ("claude-opus-4-1", Field::ThinkingBudget, claude.to_vec()),
        ("claude-opus-4-5-20251101", Field::ThinkingBudget, claude.to_vec()),
        ("claude-opus-4-6", Field::AdaptiveThinking, claude.to_vec()),
        ("claude-opus-4-7", Field::AdaptiveThinking, claude.to_vec()),
        ("claude-sonnet-4-20250514", Field::ThinkingBudget, claude.to_vec()),
        ("claude-sonnet-4-5", Field::ThinkingBudget, claude.to_vec()),
        ("claude-sonnet-4-6", Field::AdaptiveThinking, claude.to_vec()),
        ("claude-haiku-4-5", Field::ThinkingBudget, claude.to_vec()),
        ("gpt-4o-2024-08-06", Field::None, vec![]),
        ("gpt-4.1-mini", Field::None, vec![]),
        ("gpt-5-2025-08-07", Field::None, openai.to_vec()),
        ("gpt-5-mini", Field::None, openai.to_vec()),
        ("gpt-5-codex", Field::None, openai.to_vec()),
        ("gpt-5-chat-latest", Field::None, vec![]),
        ("gpt-5-pro", Field::None, openai.to_vec()),
        ("gpt-5.1-2025-11-13", Field::None, openai.to_vec()),
        ("gpt-5.1-chat-latest", Field::None, vec![]),
        ("gpt-5.1-codex-max", Field::None, vec![]),
        ("gpt-5.2-codex", Field::None, vec![]),
        ("gpt-5.2", Field::None, openai.to_vec()),
        ("gpt-5.2-chat-latest", Field::None, vec![]),
        ("gpt-5.2-pro", Field::None, openai.to_vec()),
        ("o1", Field::None, openai.to_vec()),
        ("o1-mini", Field::None, vec![]),
        ("o1-preview", Field::None, vec![]),
        ("o3-mini", Field::None, openai.to_vec()),
        ("o4-mini", Field::None, openai.to_vec()),
        ("gemini-2.5-pro", Field::ThinkingBudget, claude.to_vec()),
        ("gemini-2.5-flash", Field::ThinkingBudget, claude.to_vec()),
        ("gemini-2.5-flash-lite", Field::ThinkingBudget, claude.to_vec()),
        ("gemini-3-pro-preview", Field::ThinkingLevel, claude.to_vec()),
        ("gemini-3.1-pro-preview", Field::ThinkingLevel, claude.to_vec()),
        ("openai/gpt-oss-20b", Field::ReasoningEffort, {
            let more = [("groq", Field::ReasoningEffort), ("ollama", Field::ReasoningEffort)];
            [local(Field::ReasoningEffort).to_vec(), more.to_vec(), claude.to_vec()].concat()
        }),
        ("Qwen/Qwen3-32B", Field::None, local(Field::EnableThinking).to_vec()),
        ("qwen3.5-27b", Field::None, local(Field::EnableThinking).to_vec()),
        ("mistral-small-2603", Field::None, vec![("mistral", Field::ReasoningEffort)]),
        ("mistral-small-latest", Field::None, vec![("mistral", Field::ReasoningEffort)]),
        ("mistral-medium-3-5", Field::None, vec![("mistral", Field::ReasoningEffort)]),
    ];
    let all: BTreeSet<&str> = quirks::servers().collect();
    for (model, own, told) in rows {
        assert_eq!(anywhere(model), own, "{model}");
        for server in all.iter().copied().chain([""]) {
            let expected =
                told.iter().find(|(name, _)| *name == server).map_or(Field::None, |(_, field)| *field);
            assert_eq!(at(server, model), expected, "{model} at {server}");
        }
    }
}

#[test]
fn every_row_has_a_use_and_known_servers() {
    let known: BTreeSet<&str> = quirks::servers().collect();
    let mut names = BTreeSet::new();
    assert!(FAMILIES.len() > 30);
    for family in FAMILIES.iter() {
        assert!(names.insert(&family.name), "{} stands twice", family.name);
        assert!(family.servers.keys().all(|name| known.contains(name.as_str())), "{}", family.name);
        let told = family.servers.values().chain([&family.effort]).any(|field| *field != Field::None);
        assert!(told || family.levels.is_empty(), "{}: words that nobody is told", family.name);
    }
}

#[test]
fn words_that_a_model_refuses_are_not_among_its_levels() {
    let takes = |model: &str| {
        let levels = manner_of(model, &[], Some("openai")).levels;
        (0..6).map(|place| if levels.takes(place) { 'x' } else { '-' }).collect::<String>()
    };
    // none, minimal, low, medium, high, highest
    assert_eq!(takes("gpt-5-mini"), "-xxxx-");
    assert_eq!(takes("gpt-5-codex"), "--xxx-");
    assert_eq!(takes("gpt-5-pro"), "----x-");
    assert_eq!(takes("gpt-5.1"), "x-xxx-");
    assert_eq!(takes("gpt-5.2"), "x-xxxx");
    assert_eq!(takes("o3"), "------");
    assert_eq!(takes("mistral-medium-3-5"), "x---x-");
    assert!(manner_of("gpt-5.1", &[], Some("openai")).effort_or_sampling);
}

#[test]
fn a_model_is_of_its_nearest_family() {
    assert_eq!(anywhere("eu.anthropic.claude-sonnet-4-5-20250929-v1:0"), Field::ThinkingBudget);
    assert_eq!(anywhere("anthropic/claude-sonnet-4-6"), Field::AdaptiveThinking);
    assert_eq!(anywhere("openai.gpt-oss-120b-1:0"), Field::ReasoningEffort);
    let manner = |model| manner_of(model, &[], None);
    assert_eq!(manner("gemini-2.5-pro-preview-06-05").thinking_tokens_min, Some(128));
    assert!(["gpt-5.1", "gpt-5.7", "o3-mini", "o1-mini"].into_iter().all(|model| manner(model).newer_bound));
}

#[test]
fn what_nobody_knows_gets_no_field() {
    for unknown in [
        "claude-opus-4-9",
        "claude-next",
        "fake-frontier",
        "gpt-50",
        "o30",
        "qwen2.5-7b",
        "mistral-large-latest",
    ] {
        for server in [None, Some(""), Some("openai"), Some("vllm"), Some("mistral")] {
            assert_eq!(manner_of(unknown, &[], server), Manner::default(), "{unknown}");
        }
    }
    assert_eq!(at("openai", "gpt-5.7"), Field::None, "another version may take other words");
    assert_eq!(at("openai", "gpt-5.7-pro"), Field::None);
}

#[test]
fn a_site_knows_better() {
    let own: File = toml::from_str(
        "[[family]]\nname = \"house-model\"\neffort = \"reasoning_effort\"\nlevels = [\"low\", \"high\"]\n\
         [[family]]\nname = \"gpt-5.1\"\n",
    )
    .expect("rows");
    let of = |model| manner_of(model, &own.family, Some(""));
    assert_eq!(of("house-model-v2").effort_field, Field::ReasoningEffort);
    assert!(of("house-model-v2").levels.takes(2) && !of("house-model-v2").levels.takes(3));
    assert_eq!(manner_of("gpt-5.1", &own.family, Some("openai")), Manner::default());
}

#[test]
fn some_models_of_bedrock_take_cache_points() {
    let caches = |model| manner_of(model, &[], None).caches;
    assert!(caches("eu.anthropic.claude-haiku-4-5-20251001-v1:0") && !caches("claude-3-haiku"));
}
