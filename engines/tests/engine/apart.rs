//! Answers of slots that lie apart, with idle ones between them.

use hearthgate_engines::tiny::{Architecture, TinySpec};
use hearthgate_engines::{Engine as _, Job, LocalConfig, Sampling};

use super::support::{Home, Whole, answer, ask, config, home, owned, read};

const CALLERS: [&str; 4] = ["ann", "bob", "cid", "dan"];

/// An answer of exactly so many tokens.
fn job(home: &Home, caller: usize, tokens: u32) -> Job {
    let bias = home.engine.turn_ends().into_iter().map(|token| (token, -100.0)).collect();
    Job {
        sampling: Sampling { seed: Some(7), logit_bias: bias, ..Sampling::default() },
        max_tokens: Some(tokens),
        ..owned(ask(&format!("{} ", CALLERS[caller]).repeat(30), 1), CALLERS[caller], "internal")
    }
}

fn said(whole: &Whole) -> (&str, u64, [u8; 32]) {
    (&whole.content, whole.usage.completion_tokens, whole.usage.answer_digest)
}

/// Two answers end early between two that go on: these say what they say alone, and what the idle slots hold is as it was.
#[tokio::test]
async fn answers_are_the_same_whether_their_slots_lie_together_or_apart() {
    let exact =
        LocalConfig { deterministic: true, prefill_tokens_per_tick: 32, context_tokens: 1024, ..config() };
    for architecture in [Architecture::Qwen3, Architecture::Gemma3, Architecture::Qwen35] {
        let spec = TinySpec { architecture, context: 1024, ..TinySpec::default() };
        let together = home(&spec, &exact);
        let jobs = [60, 4, 4, 60].into_iter().enumerate();
        let jobs: Vec<Job> = jobs.map(|(caller, tokens)| job(&together, caller, tokens)).collect();
        let at_work: Vec<_> = jobs.iter().map(|job| together.engine.generate(job.clone()).unwrap()).collect();
        for (caller, (generation, job)) in at_work.into_iter().zip(&jobs).enumerate() {
            let whole = read(generation).await.unwrap();
            let alone = answer(&home(&spec, &exact), job.clone()).await;
            assert_eq!(said(&whole), said(&alone), "{architecture:?} {caller}");
            assert_eq!(whole.usage.completion_tokens, u64::from(job.max_tokens.unwrap()));
        }
        for caller in [1, 2] {
            let mut next = job(&together, caller, 12);
            let turns = r#",{"role":"assistant","content":"so"},{"role":"user","content":"and then"}]"#;
            next.messages = format!("{}{turns}", next.messages.strip_suffix(']').unwrap());
            let warm = answer(&together, next.clone()).await;
            let cold = answer(&home(&spec, &exact), next).await;
            assert_eq!(said(&warm), said(&cold), "{architecture:?} {caller}");
            assert!(warm.usage.cached_tokens > 0, "{architecture:?} {caller}");
        }
    }
}
