//! The same request with the same seed, over and over among random neighbours: the same answer to the bit.

use std::time::{Duration, Instant};

use hearthgate_engines::tiny::{Architecture, TinySpec, Weights};
use hearthgate_engines::{Engine as _, Generation, Job, LocalConfig, Sampling};

use super::support::{Home, Whole, answer, ask, config, home, owned, read};

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

const SCHEMA: &str = r#"{"type":"object","properties":{"kind":{"enum":["cat","dog"]}},"required":["kind"],
    "additionalProperties":false}"#;

/// What is asked again and again: with noise and without, held to a format, with probabilities.
fn asked(n: u64) -> Job {
    let text =
        ["a garden", "a river that is long "].map(|text| text.repeat(1 + usize::try_from(n).unwrap() * 3));
    let job = owned(ask(&text[usize::from(n.is_multiple_of(2))], 11 + n), "ann", "internal");
    match n {
        0 => Job { logprobs: Some(3), ..job },
        1 => Job { schema: Some(SCHEMA.into()), max_tokens: Some(60), ..job },
        2 => Job { owner: None, ..job },
        _ => Job { sampling: Sampling { temperature: Some(0.0), ..Sampling::default() }, ..job },
    }
}

/// Somebody else's request: short or long, of the same caller or not, with a format or not, in a hurry or not.
#[expect(clippy::disallowed_methods, reason = "a deadline is a time")]
fn neighbour(random: &mut Random) -> Job {
    let word = ["garden ", "river ", "stone ", "a garden"][usize::try_from(random.below(4)).unwrap()];
    let mut job = ask(&word.repeat(usize::try_from(1 + random.below(60)).unwrap()), random.below(1 << 20));
    job.max_tokens = Some(u32::try_from(1 + random.below(40)).unwrap());
    if random.below(3) > 0 {
        job = owned(job, ["ann", "bob"][usize::try_from(random.below(2)).unwrap()], "internal");
    }
    if random.below(5) == 0 {
        job.schema = Some(SCHEMA.into());
    }
    if random.below(8) == 0 {
        job.deadline = Some(Instant::now() + Duration::from_millis(random.below(20)));
    }
    job
}

/// Begins some of them; some hang up at once, or after a word.
async fn neighbours(home: &Home, random: &mut Random) -> Vec<Generation> {
    let mut at_work = Vec::new();
    for _ in 0..random.below(5) {
        let Ok(mut generation) = home.engine.generate(neighbour(random)) else { continue };
        match random.below(4) {
            0 => drop(generation),
            1 => drop(generation.next().await),
            _ => at_work.push(generation),
        }
    }
    at_work
}

/// All of an answer that does not depend on time.
fn all_of(whole: &Whole) -> String {
    let logprobs: Vec<_> = whole
        .logprobs
        .iter()
        .map(|token| {
            let top: Vec<_> =
                token.top.iter().map(|(bytes, value)| (bytes.clone(), value.to_bits())).collect();
            (token.bytes.clone(), token.logprob.to_bits(), top)
        })
        .collect();
    let told = (&whole.content, &whole.reasoning, whole.finish, whole.usage.answer_digest);
    format!("{told:?} {} {logprobs:?}", whole.usage.completion_tokens)
}

async fn replays(spec: &TinySpec, rounds: u64) {
    let exact =
        LocalConfig { deterministic: true, prefill_tokens_per_tick: 32, context_tokens: 1024, ..config() };
    let mut random = Random(rounds);
    let busy = home(spec, &exact);
    for n in 0..4 {
        let alone = all_of(&answer(&home(spec, &exact), asked(n)).await);
        for round in 0..rounds {
            let before = neighbours(&busy, &mut random).await;
            let again = busy.engine.generate(asked(n)).unwrap();
            let after = neighbours(&busy, &mut random).await;
            let again = all_of(&read(again).await.unwrap());
            assert_eq!(
                again, alone,
                "{:?} {:?}, request {n}, round {round}",
                spec.architecture, spec.weights
            );
            for other in before.into_iter().chain(after) {
                // Some of them were in too much of a hurry.
                let _ = read(other).await;
            }
        }
    }
}

/// 200 of each kind of weights and design with `HEARTHGATE_FULL`.
#[tokio::test]
async fn a_request_gives_the_same_answer_among_random_neighbours() {
    let rounds = if std::env::var_os("HEARTHGATE_FULL").is_some() { 50 } else { 2 };
    for (architecture, weights) in [
        (Architecture::Qwen3, Weights::Q8),
        (Architecture::Qwen3, Weights::Q4),
        (Architecture::Llama, Weights::F16),
        (Architecture::Qwen35, Weights::Q8),
        (Architecture::Mamba, Weights::Q4),
        (Architecture::Gemma3, Weights::Q8),
    ] {
        let spec = TinySpec { architecture, weights, context: 1024, ..TinySpec::default() };
        replays(&spec, rounds).await;
    }
}
