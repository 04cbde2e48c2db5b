//! Models whose layers look back on a window alone in part: what was read is used again in every place, and never without
//! what the window had behind it.

use hearthgate_engines::tiny::{Architecture, TinySpec, Weights};
use hearthgate_engines::{Engine as _, Job, LocalConfig, Sampling};

use super::support::{Home, Whole, answer, ask, config, home, owned, read};

/// Every other layer looks back on 64 tokens.
fn spec(weights: Weights) -> TinySpec {
    TinySpec { architecture: Architecture::Gemma3, layers: 4, context: 2048, weights, ..TinySpec::default() }
}

fn with(slots: usize, deterministic: bool) -> LocalConfig {
    LocalConfig { slots, deterministic, prefill_tokens_per_tick: 32, context_tokens: 2048, ..config() }
}

fn job(text: &str) -> Job {
    Job {
        sampling: Sampling { temperature: Some(0.0), ..Sampling::default() },
        logprobs: Some(5),
        max_tokens: Some(6),
        ..owned(ask(text, 1), "ann", "internal")
    }
}

/// The turn after it, whatever was answered.
fn next_turn(first: &Job) -> Job {
    let mut job = first.clone();
    let turns = r#",{"role":"assistant","content":"a kind word"},{"role":"user","content":"and then"}]"#;
    job.messages = format!("{}{turns}", job.messages.strip_suffix(']').unwrap());
    job
}

fn bits(whole: &Whole) -> Vec<u32> {
    whole.logprobs.iter().flat_map(|token| token.top.iter().map(|(_, value)| value.to_bits())).collect()
}

/// The same to the bit where the engine is exact, and all but the same elsewhere.
fn assert_same(warm: &Whole, cold: &Whole, exact: bool, what: &str) {
    if exact {
        assert_eq!((&warm.content, bits(warm)), (&cold.content, bits(cold)), "{what}");
    }
    let first = |whole: &Whole| whole.logprobs[0].clone();
    let (warm, cold) = (first(warm), first(cold));
    for (bytes, value) in &cold.top[..2] {
        let near = |(other, told): &(Vec<u8>, f32)| other == bytes && (told - value).abs() < 0.02;
        assert!(warm.top.iter().any(near), "{what}: {:?} and {:?}", warm.top, cold.top);
    }
}

async fn cold(weights: Weights, deterministic: bool, job: &Job) -> Whole {
    let whole = answer(&home(&spec(weights), &with(1, deterministic)), job.clone()).await;
    assert_eq!(whole.usage.cached_tokens, 0);
    whole
}

/// In the slot where it is, a sequence can be cut anywhere, far before the window of its end.
#[tokio::test]
async fn a_slot_goes_back_further_than_its_window() {
    for (weights, exact) in [(Weights::Q8, true), (Weights::Q4, true), (Weights::Q8, false)] {
        let home = home(&spec(weights), &with(1, exact));
        let begin = "rivers ".repeat(60);
        answer(&home, job(&format!("{begin}{}", "lakes ".repeat(40)))).await;
        let other = job(&format!("{begin}{}", "hills ".repeat(40)));
        let warm = answer(&home, other.clone()).await;
        assert!(warm.usage.cached_tokens >= 256, "{:?}", warm.usage);
        assert_same(&warm, &cold(weights, exact, &other).await, exact, "in its slot");
    }
}

/// What another slot holds is taken over with all that is behind its window: of a sequence that has ended, and of one that
/// is being read.
#[tokio::test]
async fn a_beginning_in_another_slot_is_whole() {
    for (weights, exact) in [(Weights::Q8, true), (Weights::Q4, true), (Weights::Q8, false)] {
        let home = home(&spec(weights), &with(3, exact));
        let (begin, long) = ("rivers ".repeat(40), "lakes ".repeat(100));
        answer(&home, job(&format!("{begin}{long}"))).await;
        let ends = ["hills ".repeat(20), "woods ".repeat(20)].map(|end| job(&format!("{begin}{end}")));
        let both = ends.clone().map(|job| home.engine.generate(job).unwrap());
        for (generation, job) in both.into_iter().zip(&ends) {
            let warm = read(generation).await.unwrap();
            assert!(warm.usage.cached_tokens >= 160, "{:?}", warm.usage);
            assert_same(&warm, &cold(weights, exact, job).await, exact, "in another slot");
        }
    }
}

async fn turns(home: &Home, callers: &[&str]) -> Vec<(Job, Whole)> {
    let mut all = Vec::new();
    for turn in 0..2 {
        for caller in callers {
            let first = owned(job(&format!("{caller} ").repeat(100)), caller, "internal");
            let asked = if turn == 0 { first } else { next_turn(&first) };
            all.push((asked.clone(), answer(home, asked).await));
        }
    }
    all
}

/// A conversation that lost its slot is taken up again: from its prompt's end, for what is there of the window is the
/// answer's. Where bits count it is read anew.
#[tokio::test]
async fn what_is_kept_for_a_conversation_serves_its_next_turn() {
    for exact in [false, true] {
        let home = home(&spec(Weights::Q8), &with(1, exact));
        let all = turns(&home, &["ann", "bob", "cid"]).await;
        for (asked, warm) in &all[3..] {
            let most = warm.usage.prompt_tokens;
            assert!(exact || warm.usage.cached_tokens * 4 > most * 3, "{:?}", warm.usage);
            assert_same(warm, &cold(Weights::Q8, exact, asked).await, exact, "kept");
        }
    }
}
