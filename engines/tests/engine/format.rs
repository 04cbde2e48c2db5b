//! Answers that are held to a format, and how likely their tokens were.

use hearthgate_engines::error::TemplateFault;
use hearthgate_engines::{Engine as _, EngineError, FinishReason, Job, Sampling, Thinking};

use super::support::{answer, ask, four_slots};

const SCHEMA: &str = r#"{"type":"object","properties":{"kind":{"enum":["cat","dog"]},"tame":{"type":"boolean"}},
    "required":["kind","tame"],"additionalProperties":false}"#;
const TOOLS: &str = r#"[{"type":"function","function":{"name":"feed","parameters":{"type":"object",
    "properties":{"what":{"enum":["hay","milk"]}},"required":["what"],"additionalProperties":false}}}]"#;

fn is_a_pet(json: &str) -> bool {
    let plain: String = json.chars().filter(|c| !c.is_whitespace()).collect();
    let kind = ["cat", "dog"].iter().any(|kind| plain.contains(&format!("\"kind\":\"{kind}\"")));
    let tame = ["true", "false"].iter().any(|tame| plain.contains(&format!("\"tame\":{tame}")));
    kind && tame && plain.starts_with('{') && plain.ends_with('}')
}

#[tokio::test]
async fn even_noise_keeps_to_a_schema() {
    let home = four_slots();
    for seed in 0..8 {
        let whole =
            answer(&home, Job { schema: Some(SCHEMA.into()), max_tokens: Some(200), ..ask("a pet", seed) })
                .await;
        assert!(is_a_pet(&whole.content), "{}", whole.content);
        assert_eq!(whole.finish, Some(FinishReason::Stop));
    }
    let any = Job { schema: Some(r#"{"type":"object"}"#.into()), ..ask("anything", 1) };
    assert!(answer(&home, any).await.content.trim_start().starts_with('{'));
}

#[tokio::test]
async fn a_thought_may_come_before_what_keeps_to_a_schema() {
    let home = four_slots();
    let thinking = Thinking { enabled: Some(true), budget_tokens: Some(6), effort: None };
    let mut thought = 0;
    for seed in 0..8 {
        let job = Job { schema: Some(SCHEMA.into()), thinking, max_tokens: Some(200), ..ask("a pet", seed) };
        let whole = answer(&home, job).await;
        assert!(is_a_pet(&whole.content), "{}", whole.content);
        assert!(whole.usage.reasoning_tokens <= 10, "{whole:?}");
        thought += usize::from(!whole.reasoning.is_empty());
    }
    assert!(thought > 0);
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_called_as_its_schema_says() {
    let home = four_slots();
    for seed in 0..6 {
        let job = Job {
            tools: Some(TOOLS.into()),
            tool_choice: Some("required".into()),
            max_tokens: Some(200),
            ..ask("feed it", seed)
        };
        let whole = answer(&home, job).await;
        assert_eq!(whole.finish, Some(FinishReason::ToolCalls), "{} {:?}", whole.content, whole.calls);
        for (name, arguments) in &whole.calls {
            assert_eq!(name, "feed");
            let plain: String = arguments.chars().filter(|c| !c.is_whitespace()).collect();
            assert!(plain == r#"{"what":"hay"}"# || plain == r#"{"what":"milk"}"#, "{arguments}");
        }
    }
    // After a thought as well.
    let thinking = Thinking { enabled: Some(true), budget_tokens: Some(6), effort: None };
    let job = Job {
        tools: Some(TOOLS.into()),
        tool_choice: Some("required".into()),
        thinking,
        max_tokens: Some(200),
        ..ask("feed it", 1)
    };
    let whole = answer(&home, job).await;
    assert!(
        whole.calls.first().is_some_and(|(name, _)| name == "feed") && whole.content.is_empty(),
        "{whole:?}"
    );
    // Free to call or not, noise calls nothing, and says something.
    let free = Job { tools: Some(TOOLS.into()), ..ask("feed it", 1) };
    let whole = answer(&home, free).await;
    assert!(whole.calls.is_empty() && !whole.content.is_empty());
}

#[tokio::test]
async fn a_schema_that_cannot_be_kept_to_is_refused_without_a_word_of_it() {
    let home = four_slots();
    for schema in [
        r#"{"type":"canary"}"#,
        "canary",
        r##"{"$ref":"#/canary"}"##,
        r#"{"type":"string","pattern":"canary"}"#,
    ] {
        match home.engine.generate(Job { schema: Some(schema.into()), ..ask("hello", 1) }) {
            Err(error @ EngineError::Template { fault: TemplateFault::Schema }) => {
                assert!(!format!("{error} {error:?}").contains("canary"));
            }
            other => panic!("{schema}: {other:?}"),
        }
    }
    // Grammars that never end counting the ways in which they can say nothing.
    for pattern in ["^((a?){20}){20}$", "^(a?a?a?a?){200}$", "^(((a*)*)*)*$", "^(a?)?(b?)?(c?)?$"] {
        let schema =
            format!(r#"{{"type":"object","properties":{{"v":{{"type":"string","pattern":"{pattern}"}}}}}}"#);
        let refused = home.engine.generate(Job { schema: Some(schema), ..ask("hello", 1) });
        assert!(matches!(refused, Err(EngineError::Template { fault: TemplateFault::Schema })), "{pattern}");
    }
    let deep = format!("{}1{}", "{\"not\":".repeat(200), "}".repeat(200));
    let refused = home.engine.generate(Job { schema: Some(deep), ..ask("hello", 1) });
    assert!(matches!(refused, Err(EngineError::Template { fault: TemplateFault::Depth })));
    answer(&home, ask("hello", 1)).await;
}

#[tokio::test]
async fn a_schema_without_an_answer_ends_its_own_job_alone() {
    let home = four_slots();
    // Nothing can be said: the list of choices holds none that a grammar could spell.
    let job = Job { schema: Some(r#"{"enum":[]}"#.into()), ..ask("hello", 1) };
    if let Ok(generation) = home.engine.generate(job) {
        let _ended = super::support::read(generation).await;
    }
    answer(&home, ask("hello", 1)).await;
}

#[tokio::test]
async fn probabilities_are_those_of_the_model_and_cover_the_answer() {
    let home = four_slots();
    for (top, temperature) in [(0, 0.8), (3, 0.0), (20, 1.5)] {
        let sampling = Sampling { temperature: Some(temperature), seed: Some(7), ..Sampling::default() };
        let whole = answer(&home, Job { logprobs: Some(top), sampling, ..ask("hello", 7) }).await;
        let bytes: Vec<u8> = whole.logprobs.iter().flat_map(|token| token.bytes.clone()).collect();
        assert_eq!(String::from_utf8_lossy(&bytes), whole.content);
        for token in &whole.logprobs {
            assert!(token.logprob <= 0.0 && token.logprob.is_finite());
            assert_eq!(token.top.len(), usize::from(top));
            assert!(token.top.is_sorted_by(|one, other| one.1 >= other.1));
            assert!(token.top.iter().map(|(_, logprob)| logprob.exp()).sum::<f32>() <= 1.001);
            if temperature == 0.0 {
                assert_eq!(token.top[0].0, token.bytes, "the likeliest is taken");
            }
        }
    }
    assert!(answer(&home, ask("hello", 7)).await.logprobs.is_empty());
}
