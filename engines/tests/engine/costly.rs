//! Formats that would take too long, or too much memory, to hold an answer to: each is refused for itself.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use hearthgate_engines::error::TemplateFault;
use hearthgate_engines::tiny::TinySpec;
use hearthgate_engines::{Engine as _, EngineError, Job, LocalConfig, Sampling};

use super::support::{Home, Whole, answer, ask, config, four_slots, home, read};

const TOO_COSTLY: EngineError = EngineError::Template { fault: TemplateFault::SchemaCost };

fn held(schema: String) -> Job {
    Job { schema: Some(schema), max_tokens: Some(40), ..ask("say it", 1) }
}

async fn outcome(home: &Home, job: Job) -> Result<Whole, EngineError> {
    read(home.engine.generate(job)?).await
}

fn choices(count: usize) -> String {
    let all: Vec<String> = (0..count).map(|n| format!("\"k{n:06}\"")).collect();
    format!(r#"{{"enum":[{}]}}"#, all.join(","))
}

/// Definitions of which each names the next; the last is a word.
fn chain(length: usize) -> String {
    let mut defs = String::new();
    for n in 0..length {
        let _ = write!(defs, r##""d{n}":{{"$ref":"#/$defs/d{}"}},"##, n + 1);
    }
    format!(r##"{{"$ref":"#/$defs/d0","$defs":{{{defs}"d{length}":{{"enum":["end"]}}}}}}"##)
}

fn optional(count: usize) -> String {
    let all: Vec<String> = (0..count).map(|n| format!(r#""p{n}":{{"type":"boolean"}}"#)).collect();
    format!(r#"{{"type":"object","properties":{{{}}},"additionalProperties":false}}"#, all.join(","))
}

/// So many lists of the next definition, all alike to begin with, one within the other.
fn alike(choices: usize, levels: usize) -> String {
    let mut defs = String::from(r#""d0":{"type":"boolean"}"#);
    for level in 1..=levels {
        let one =
            |n| format!(r##"{{"type":"array","items":{{"$ref":"#/$defs/d{}"}},"minItems":{n}}}"##, level - 1);
        let all: Vec<String> = (1..=choices).map(one).collect();
        let _ = write!(defs, r#","d{level}":{{"anyOf":[{}]}}"#, all.join(","));
    }
    format!(
        r##"{{"type":"object","properties":{{"it":{{"$ref":"#/$defs/d{levels}"}}}},"required":["it"],"$defs":{{{defs}}}}}"##
    )
}

#[expect(clippy::disallowed_methods, reason = "a test of how long it takes")]
fn clock() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn large_formats_that_are_plain_are_kept_to() {
    let home = home(&TinySpec { vocabulary: 20_000, ..TinySpec::default() }, &config());
    let whole = answer(&home, held(choices(1000))).await;
    assert!(whole.content.starts_with("\"k") && whole.content.len() == 9, "{}", whole.content);
    let chained = answer(&home, held(chain(200))).await;
    assert_eq!(chained.content, "\"end\"");
    answer(&home, held(optional(200))).await;
    answer(&home, held(r#"{"type":"string","maxLength":500}"#.to_owned())).await;
}

#[tokio::test]
async fn formats_without_measure_are_refused_and_nobody_falls_over_them() {
    let home = four_slots();
    for (name, schema) in [
        ("ten thousand choices", choices(10_000)),
        ("alike without end", alike(40, 8)),
        ("three thousand that may be left out", optional(3000)),
    ] {
        let begun = clock();
        assert_eq!(outcome(&home, held(schema)).await.err(), Some(TOO_COSTLY), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}: {:?}", begun.elapsed());
    }
    let tools =
        format!(r#"[{{"type":"function","function":{{"name":"pick","parameters":{}}}}}]"#, alike(20, 4));
    let demanded = Job {
        tools: Some(tools),
        tool_choice: Some("required".into()),
        max_tokens: Some(300),
        ..ask("pick", 1)
    };
    let spec = TinySpec { context: 1 << 15, ..TinySpec::default() };
    let roomy = super::support::home(&spec, &LocalConfig { slots: 1, context_tokens: 1 << 15, ..config() });
    assert_eq!(outcome(&roomy, demanded).await.err(), Some(TOO_COSTLY));
    // A long chain is followed on a stack of its own; what comes of it may be an answer or a refusal.
    if let Err(error) = outcome(&home, held(chain(3000))).await {
        assert!(matches!(error, EngineError::Template { .. }), "{error:?}");
    }
    answer(&home, ask("hello", 1)).await;
}

/// With each bracket there are twice as many ways to go on. The answer ends there, and its neighbours' go on.
#[tokio::test]
async fn a_format_whose_ways_multiply_ends_its_own_answer_alone() {
    let home = home(&TinySpec::default(), &LocalConfig { slots: 2, ..config() });
    let bracket = home.engine.tokenize("[").unwrap();
    let schema = r##"{"$ref":"#/$defs/s","$defs":{"s":{"anyOf":[
        {"type":"array","items":{"$ref":"#/$defs/s"},"minItems":1},
        {"type":"array","items":{"$ref":"#/$defs/s"},"minItems":2}]}}}"##;
    let sampling = Sampling { logit_bias: vec![(bracket[0], 100.0)], ..Sampling::default() };
    let x = home.engine.tokenize("x").unwrap()[0];
    let forever = Sampling { logit_bias: vec![(x, 100.0)], ..Sampling::default() };
    let mut neighbour =
        home.engine.generate(Job { max_tokens: Some(300), sampling: forever, ..ask("hello", 1) }).unwrap();
    neighbour.next().await.unwrap().unwrap();
    let grown = Job { schema: Some(schema.into()), sampling, max_tokens: Some(300), ..ask("brackets", 1) };
    let grown = tokio::spawn({
        let generation = home.engine.generate(grown);
        async move { read(generation?).await }
    });
    let (mut longest, mut last) = (Duration::ZERO, clock());
    while let Some(chunk) = neighbour.next().await {
        chunk.unwrap();
        longest = longest.max(last.elapsed());
        last = clock();
    }
    assert!(longest < Duration::from_secs(3), "{longest:?}");
    assert_eq!(grown.await.unwrap().err(), Some(TOO_COSTLY));
    answer(&home, ask("hello", 2)).await;
}
