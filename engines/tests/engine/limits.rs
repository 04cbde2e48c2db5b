//! What is refused, cancelled, queued.

use std::sync::Arc;
use std::time::Duration;

use hearthgate_engines::tiny::TinySpec;
use hearthgate_engines::{
    Engine, EngineError, EngineStatus, Fleet, Job, LocalConfig, ModelSource, Residence, Sampling,
};

use super::support::{Home, ask, config, four_slots, home, read};

/// An answer that lasts until the context is full.
fn long(home: &Home) -> Job {
    let x = home.engine.tokenize("x").unwrap()[0];
    let sampling = Sampling { logit_bias: vec![(x, 100.0)], seed: Some(1), ..Sampling::default() };
    Job { sampling, max_tokens: None, ..ask("hello", 1) }
}

/// Waits for a state of the engine, which its own thread brings about.
async fn until(what: &str, state: impl Fn() -> bool) {
    for _ in 0..20_000 {
        if state() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("never {what}");
}

#[tokio::test]
async fn eight_jobs_on_four_slots_all_finish() {
    let home = Arc::new(four_slots());
    let jobs: Vec<_> = (0..8).map(|seed| home.engine.generate(ask("hello", seed)).unwrap()).collect();
    let tasks: Vec<_> = jobs.into_iter().map(|job| tokio::spawn(read(job))).collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap().finish.is_some());
    }
    until("idle", || home.engine.load().running == 0 && home.engine.load().queued == 0).await;
}

#[tokio::test]
async fn one_more_than_slots_and_queue_is_refused_and_a_reader_that_goes_frees_its_place() {
    let config = LocalConfig { slots: 1, queue_depth_max: 1, context_tokens: 4096, ..config() };
    let home = home(&TinySpec::default(), &config);
    let running = home.engine.generate(long(&home)).unwrap();
    until("running", || home.engine.load().running == 1).await;
    let waiting = home.engine.generate(long(&home)).unwrap();
    assert_eq!((home.engine.load().running, home.engine.load().queued), (1, 1));
    match home.engine.generate(long(&home)) {
        Err(EngineError::QueueFull { retry_after_ms }) => assert!(retry_after_ms >= 100),
        other => panic!("not refused: {other:?}"),
    }
    // The one that waits goes: its place is free at once, though the slot is still at work.
    drop(waiting);
    let waiting = home.engine.generate(ask("hello", 1)).unwrap();
    // The one in the slot goes: the slot is free within a tick.
    drop(running);
    assert!(read(waiting).await.unwrap().finish.is_some());
    until("idle", || home.engine.load().running == 0).await;
    assert_eq!(home.engine.load().queued, 0);
}

#[tokio::test]
async fn a_long_prompt_is_cancelled_while_it_is_read() {
    let config = LocalConfig { slots: 1, context_tokens: 4096, prefill_tokens_per_tick: 16, ..config() };
    let home =
        home(&TinySpec { layers: 8, embedding: 128, heads: 4, kv_heads: 4, ..TinySpec::default() }, &config);
    let job = ask(&"qzxj ".repeat(700), 1);
    let generation = home.engine.generate(job).unwrap();
    until("running", || home.engine.load().running == 1).await;
    drop(generation);
    until("free", || home.engine.load().running == 0).await;
    assert!(read(home.engine.generate(ask("hello", 1)).unwrap()).await.is_ok(), "the slot is clean");
}

#[tokio::test]
async fn a_slow_reader_stops_its_own_slot_only_and_loses_nothing() {
    let home = home(&TinySpec::default(), &LocalConfig { context_tokens: 2048, ..config() });
    let slow = home.engine.generate(long(&home)).unwrap();
    for seed in 0..4 {
        assert!(read(home.engine.generate(ask("hello", seed)).unwrap()).await.is_ok());
    }
    until("alone", || home.engine.load().running == 1).await;
    let whole = read(slow).await.unwrap();
    assert_eq!(whole.content.len() as u64, whole.usage.completion_tokens);
    assert_eq!(whole.usage.completion_tokens + whole.usage.prompt_tokens, 2048);
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_is_refused_with_its_size() {
    let home = four_slots();
    let fault = |n: usize| home.engine.generate(ask(&"q".repeat(n), 1)).err();
    match fault(600) {
        Some(EngineError::PromptTooLong { tokens, context: 512 }) => assert!(tokens > 600, "{tokens}"),
        other => panic!("not refused: {other:?}"),
    }
    assert!(matches!(fault(1 << 20), Some(EngineError::PromptTooLong { .. })));
    let exact = 512 - home.engine.generate(ask("", 1)).map(read).unwrap().await.unwrap().usage.prompt_tokens;
    assert!(fault(exact as usize).is_some(), "no room for an answer");
    let generation = home.engine.generate(ask(&"q".repeat(exact as usize - 1), 1)).unwrap();
    assert!(read(generation).await.unwrap().usage.completion_tokens <= 1);
}

#[tokio::test]
async fn a_prompt_of_several_ticks_is_answered_as_in_one() {
    let text = "qz ".repeat(120);
    let mut contents = Vec::new();
    for prefill_tokens_per_tick in [64, 128, 512] {
        let home = home(&TinySpec::default(), &LocalConfig { prefill_tokens_per_tick, ..config() });
        contents.push(read(home.engine.generate(ask(&text, 1)).unwrap()).await.unwrap().content);
    }
    assert_eq!(contents[0], contents[1]);
    assert_eq!(contents[0], contents[2]);
}

#[tokio::test]
async fn an_engine_that_is_dropped_ends_its_answers_with_an_error() {
    let home = home(&TinySpec::default(), &LocalConfig { context_tokens: 4096, ..config() });
    let generation = home.engine.generate(long(&home)).unwrap();
    until("running", || home.engine.load().running == 1).await;
    drop(home);
    assert!(read(generation).await.is_err());
}

#[tokio::test]
async fn the_starter_is_trained_and_answers() {
    let source: ModelSource = "bundled:starter".parse().unwrap();
    let engine = source.open("starter", &config(), &Fleet::new(None, |_| ()), Residence::default()).unwrap();
    let card = engine.model();
    assert!(!card.noise && card.supports_thinking, "{card:?}");
    assert_eq!((card.digest.len(), card.template_digest.len()), (64, 64));
    assert_eq!((card.name.as_str(), card.architecture.as_str()), ("hearthgate-starter", "qwen3"));
    assert!(card.parameters > 1_000_000);
    assert_eq!(engine.status(), EngineStatus::Ready);
    let mut job = ask("Hello, who are you?", 1);
    job.sampling.temperature = Some(0.0);
    let answer = read(engine.generate(job).unwrap()).await.unwrap().content;
    assert!(answer.contains("Hearthgate"), "{answer}");
}
