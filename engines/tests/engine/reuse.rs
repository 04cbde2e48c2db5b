//! What is not computed twice, for whom, and who has the next turn.

use std::time::{Duration, Instant};

use hearthgate_engines::tiny::{Architecture, TinySpec, Weights};
use hearthgate_engines::{Engine as _, EngineError, Job, LocalConfig, Sampling, Usage};

use super::support::{Home, Whole, answer, ask, config, four_slots, home, owned, read};

fn long(topic: &str) -> String {
    format!("{topic} ").repeat(50)
}

/// The second turn of a conversation.
fn second_turn(first: &Job, said: &str, seed: u64) -> Job {
    let mut job = first.clone();
    let said = said.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let turns =
        format!(r#",{{"role":"assistant","content":"{said}"}},{{"role":"user","content":"and then"}}]"#);
    job.messages = format!("{}{turns}", job.messages.strip_suffix(']').unwrap());
    job.sampling.seed = Some(seed);
    job
}

fn one_slot(more: LocalConfig) -> Home {
    home(&TinySpec { context: 1024, ..TinySpec::default() }, &LocalConfig { slots: 1, ..more })
}

#[tokio::test]
async fn the_second_turn_costs_only_its_new_tokens() {
    let home = four_slots();
    let first = owned(ask(&long("alpha"), 1), "ann", "internal");
    let one = answer(&home, first.clone()).await;
    assert_eq!(one.usage.cached_tokens, 0);
    let second = second_turn(&first, &one.content, 2);
    let two = answer(&home, second.clone()).await;
    // All but the marks with which the first answer began.
    assert!(two.usage.cached_tokens + 20 >= one.usage.prompt_tokens, "{:?} after {:?}", two.usage, one.usage);
    // It is another's the moment that either the caller or the label is another.
    for (caller, label) in [("bob", "internal"), ("ann", "restricted")] {
        let other = answer(&home, owned(second.clone(), caller, label)).await;
        assert_eq!(other.usage.cached_tokens, 0, "{caller} {label}");
    }
    assert_eq!(answer(&home, Job { owner: None, ..second }).await.usage.cached_tokens, 0);
}

#[tokio::test]
async fn prompts_that_begin_alike_are_read_once_even_at_once() {
    let home = four_slots();
    let job = |seed| owned(ask(&long("beta"), seed), "ann", "internal");
    let all: Vec<_> = (0..4).map(|seed| home.engine.generate(job(seed)).unwrap()).collect();
    let mut cached = Vec::new();
    for generation in all {
        let whole = read(generation).await.unwrap();
        cached.push(whole.usage.cached_tokens);
        assert!(!whole.content.is_empty());
    }
    let most = answer(&home, job(9)).await.usage.prompt_tokens;
    let read_anew = cached.iter().filter(|cached| **cached * 2 < most).count();
    assert_eq!(read_anew, 1, "{cached:?} of {most}");
}

#[tokio::test]
async fn a_short_prompt_does_not_wait_for_a_long_one_that_begins_alike() {
    let spec = TinySpec { context: 4096, ..TinySpec::default() };
    let small = LocalConfig { context_tokens: 4096, prefill_tokens_per_tick: 16, ..config() };
    let home = home(&spec, &small);
    let begin = "kappa ".repeat(10);
    let job = |more: &str, seed| owned(ask(&format!("{begin}{more}"), seed), "ann", "internal");
    let mut long = home.engine.generate(job(&"lambda ".repeat(500), 1)).unwrap();
    let short = read(home.engine.generate(job("mu", 2)).unwrap()).await.unwrap();
    assert!(long.try_next().is_none(), "the long one is still read");
    assert!(!short.content.is_empty());
    read(long).await.unwrap();
}

#[tokio::test]
async fn a_conversation_that_lost_its_slot_is_taken_up_again() {
    let config = LocalConfig { context_tokens: 1024, ..config() };
    for (bytes, expected) in [(64 << 20, true), (0, false)] {
        let home = one_slot(LocalConfig { prefix_cache_bytes: bytes, ..config.clone() });
        let first = owned(ask(&long("gamma"), 1), "ann", "internal");
        let one = answer(&home, first.clone()).await;
        answer(&home, owned(ask(&long("delta"), 1), "bob", "internal")).await;
        assert_eq!(home.engine.load().prefix_cache_bytes > 0, expected);
        let two = answer(&home, second_turn(&first, &one.content, 2)).await;
        assert_eq!(two.usage.cached_tokens > 100, expected, "{:?}", two.usage);
    }
}

/// Room for two: what makes room for a third must not be taken for what was to come back.
#[tokio::test]
async fn a_conversation_comes_back_as_itself_when_another_makes_room() {
    let roomy = LocalConfig { context_tokens: 1024, deterministic: true, ..config() };
    let prompt = |caller: &str| owned(ask(&long(caller), 1), caller, "internal");
    let cold = answer(&one_slot(roomy.clone()), prompt("ann")).await;
    let one = one_slot(roomy.clone());
    answer(&one, prompt("ann")).await;
    answer(&one, prompt("bob")).await;
    let size = one.engine.load().prefix_cache_bytes;
    let home = one_slot(LocalConfig { prefix_cache_bytes: size * 5 / 2, ..roomy });
    for caller in ["ann", "bob", "cid"] {
        answer(&home, prompt(caller)).await;
    }
    for round in 0..4 {
        for caller in ["ann", "bob", "cid"] {
            let back = answer(&home, prompt(caller)).await;
            if caller == "ann" {
                assert_eq!(said(&back), said(&cold), "{round}");
                assert!(round > 0 || back.usage.cached_tokens > 100, "{:?}", back.usage);
            }
        }
    }
}

#[tokio::test]
async fn a_beginning_in_the_slot_idle_for_longest_is_not_thrown_away() {
    let spec = TinySpec { context: 2048, ..TinySpec::default() };
    let two = LocalConfig { slots: 2, context_tokens: 4096, prefix_cache_bytes: 0, ..config() };
    let home = home(&spec, &two);
    let begin = "sigma ".repeat(50);
    let job = |more: &str| owned(ask(&format!("{begin}{more}"), 1), "ann", "internal");
    answer(&home, job(&"tau ".repeat(100))).await;
    answer(&home, owned(ask("omega", 1), "bob", "internal")).await;
    let next = answer(&home, job("upsilon")).await;
    assert!(next.usage.cached_tokens * 2 > next.usage.prompt_tokens, "{:?}", next.usage);
}

fn said(whole: &Whole) -> (&str, u64) {
    (&whole.content, whole.usage.completion_tokens)
}

#[tokio::test]
async fn a_deterministic_engine_gives_the_same_answer_from_whatever_it_remembers() {
    for weights in [Weights::Q8, Weights::Q4, Weights::F16] {
        let spec = TinySpec { weights, context: 1024, ..TinySpec::default() };
        let config = LocalConfig {
            deterministic: true,
            prefill_tokens_per_tick: 32,
            context_tokens: 1024,
            ..config()
        };
        let fresh = home(&spec, &config);
        let first = owned(ask(&long("epsilon"), 1), "ann", "internal");
        let one = answer(&fresh, first.clone()).await;
        let second = second_turn(&first, &one.content, 2);
        let cold = answer(&home(&spec, &config), second.clone()).await;
        let warm = answer(&fresh, second.clone()).await;
        assert_eq!((cold.usage.cached_tokens, warm.usage.cached_tokens % 32), (0, 0), "{weights:?}");
        assert!(warm.usage.cached_tokens > 0, "{weights:?}");
        assert_eq!(said(&warm), said(&cold), "{weights:?}");
        // Among neighbours, some of which begin alike, as well.
        let neighbour = |n: u64| {
            owned(ask(&long(if n.is_multiple_of(2) { "epsilon" } else { "zeta" }), n), "ann", "internal")
        };
        let rounds = if std::env::var_os("HEARTHGATE_FULL").is_some() { 200 } else { 4 };
        for round in 0..rounds {
            let others: Vec<_> =
                (0..3).map(|n| fresh.engine.generate(neighbour(round * 3 + n)).unwrap()).collect();
            let again = answer(&fresh, second.clone()).await;
            assert_eq!(said(&again), said(&cold), "{weights:?} round {round}");
            for other in others {
                read(other).await.unwrap();
            }
        }
    }
}

/// Its layers remember, and cannot forget the last tokens alone: what it read is kept before each prompt's end.
#[tokio::test]
async fn a_model_that_cannot_rewind_reads_only_what_is_new() {
    let spec = TinySpec {
        architecture: Architecture::Lfm2,
        layers: 4,
        weights: Weights::F32,
        ..TinySpec::default()
    };
    let home = home(&spec, &LocalConfig { slots: 2, ..config() });
    let first = Job { logprobs: Some(0), ..ask(&long("gardens"), 1) };
    let one = answer(&home, owned(first.clone(), "ann", "internal")).await;
    // What the conversation says was answered is not what the slot has seen, twice over.
    for said in ["something", "something else"] {
        let next = second_turn(&first, said, 2);
        let anew = answer(&home, next.clone()).await;
        let again = answer(&home, owned(next.clone(), "ann", "internal")).await;
        let Usage { prompt_tokens, cached_tokens, .. } = again.usage;
        assert_eq!((anew.usage.prompt_tokens, anew.usage.cached_tokens), (prompt_tokens, 0));
        let read_before = one.usage.prompt_tokens;
        assert!(
            (read_before - 32..prompt_tokens).contains(&cached_tokens),
            "{cached_tokens} of {prompt_tokens}"
        );
        let logprob = |whole: &Whole| whole.logprobs[0].logprob;
        assert!((logprob(&again) - logprob(&anew)).abs() < 1e-3, "{} {}", logprob(&again), logprob(&anew));
        let others = answer(&home, owned(next, said, "internal")).await;
        assert_eq!(others.usage.cached_tokens, 0, "what was read for one is not used for another");
    }
}

#[tokio::test]
async fn callers_take_turns() {
    let spec = TinySpec { context: 1 << 15, ..TinySpec::default() };
    let home = home(&spec, &LocalConfig { slots: 1, context_tokens: 1 << 15, ..config() });
    // The slot is taken until all have asked, however long that takes.
    let x = home.engine.tokenize("x").unwrap()[0];
    let forever = Sampling { logit_bias: vec![(x, 100.0)], ..Sampling::default() };
    let endless = Job { max_tokens: None, sampling: forever, ..owned(ask("hello", 1), "first", "internal") };
    let taken = home.engine.generate(endless).unwrap();
    let job = |caller: &str, n: u64| owned(ask(&format!("{caller} {n}"), n), caller, "internal");
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    // Whoever asks for much at once does not go before those who ask for little.
    let asked = (0..5).map(|n| ("greedy", n)).chain([("modest", 5), ("modest", 6)]);
    for (caller, n) in asked {
        let generation = home.engine.generate(job(caller, n)).unwrap();
        let order = std::sync::Arc::clone(&order);
        tasks.push(tokio::spawn(async move {
            read(generation).await.unwrap();
            order.lock().unwrap().push(n);
        }));
    }
    drop(taken);
    for task in tasks {
        task.await.unwrap();
    }
    let order = order.lock().unwrap().clone();
    let place = |n: u64| order.iter().position(|other| *other == n).unwrap();
    assert!(place(5) < place(3) && place(6) < place(4), "{order:?}");
}

#[tokio::test]
async fn prompts_of_a_caller_who_sends_many_do_not_hold_up_anothers() {
    let config = LocalConfig { slots: 4, context_tokens: 8192, prefill_tokens_per_tick: 64, ..config() };
    let home = home(&TinySpec { context: 8192, layers: 4, ..TinySpec::default() }, &config);
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for (n, caller) in ["greedy", "greedy", "greedy", "modest"].into_iter().enumerate() {
        // Each begins otherwise, so that nothing of one is good for another.
        let text = format!("{n} {}", "a long text ".repeat(400));
        let job = Job { max_tokens: Some(1), ..owned(ask(&text, 1), caller, "internal") };
        let generation = home.engine.generate(job).unwrap();
        let order = std::sync::Arc::clone(&order);
        tasks.push(tokio::spawn(async move {
            read(generation).await.unwrap();
            order.lock().unwrap().push(n);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(order.lock().unwrap()[0], 3, "half of all that is read is the other caller's");
}

#[expect(clippy::disallowed_methods, reason = "a deadline is a time")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn a_deadline_ends_an_answer_under_way_and_one_that_waits() {
    let spec = TinySpec { context: 1 << 15, ..TinySpec::default() };
    let home = home(&spec, &LocalConfig { slots: 1, context_tokens: 1 << 15, ..config() });
    let soon = || Some(now() + Duration::from_millis(100));
    let x = home.engine.tokenize("x").unwrap()[0];
    let forever = Sampling { logit_bias: vec![(x, 100.0)], ..Sampling::default() };
    let endless = |deadline| Job { max_tokens: None, deadline, sampling: forever.clone(), ..ask("hello", 1) };
    let running = home.engine.generate(endless(soon())).unwrap();
    let waiting = home.engine.generate(endless(soon())).unwrap();
    for generation in [running, waiting] {
        assert_eq!(read(generation).await.err(), Some(EngineError::Deadline));
    }
    let past = Job { deadline: Some(now()), ..ask("hello", 1) };
    assert_eq!(read(home.engine.generate(past).unwrap()).await.err(), Some(EngineError::Deadline));
    answer(&home, ask("hello", 1)).await;
}

#[tokio::test]
async fn a_prompt_that_nobody_waits_for_gives_its_slot_up() {
    let spec = TinySpec { context: 4096, layers: 4, ..TinySpec::default() };
    let home = home(
        &spec,
        &LocalConfig { slots: 1, context_tokens: 4096, prefill_tokens_per_tick: 4096, ..config() },
    );
    let long = ask(&"word ".repeat(600), 1);
    for _ in 0..5 {
        drop(home.engine.generate(long.clone()).unwrap());
    }
    let whole = answer(&home, ask("hello", 1)).await;
    assert!(!whole.content.is_empty());
    assert_eq!(home.engine.load().queued, 0);
}

#[tokio::test]
async fn a_queue_that_would_take_too_long_is_full() {
    let config = LocalConfig { slots: 1, queue_wait_max: Duration::from_millis(1), ..config() };
    let home = home(&TinySpec::default(), &config);
    let first = home.engine.generate(ask("hello", 1)).unwrap();
    let second = home.engine.generate(ask("hello", 2));
    assert!(matches!(second, Err(EngineError::QueueFull { .. })));
    read(first).await.unwrap();
}
