//! Models whose layers keep a state instead of every token: what of a conversation need not be read again.

use hearthgate_engines::tiny::{Architecture, TinySpec, Weights};
use hearthgate_engines::{Engine as _, Job, LocalConfig};

use super::support::{Home, Whole, answer, ask, config, home, owned, read};

const DESIGNS: [Architecture; 3] = [Architecture::Lfm2, Architecture::Qwen35, Architecture::Mamba];

fn spec(architecture: Architecture) -> TinySpec {
    TinySpec { architecture, layers: 4, context: 2048, ..TinySpec::default() }
}

fn exact() -> LocalConfig {
    LocalConfig { deterministic: true, prefill_tokens_per_tick: 32, context_tokens: 2048, ..config() }
}

fn said(whole: &Whole) -> (&str, u64, [u8; 32]) {
    (&whole.content, whole.usage.completion_tokens, whole.usage.answer_digest)
}

/// The turn after it, whatever was answered.
fn next_turn(first: &Job, seed: u64) -> Job {
    let mut job = first.clone();
    let turns = r#",{"role":"assistant","content":"a kind word"},{"role":"user","content":"and then"}]"#;
    job.messages = format!("{}{turns}", job.messages.strip_suffix(']').unwrap());
    job.sampling.seed = Some(seed);
    job
}

fn rounds() -> u64 {
    if std::env::var_os("HEARTHGATE_FULL").is_some() { 30 } else { 3 }
}

#[tokio::test]
async fn the_next_turn_is_the_same_to_the_bit_and_costs_what_is_new() {
    for (architecture, weights) in DESIGNS.iter().flat_map(|a| [(*a, Weights::Q8), (*a, Weights::Q4)]) {
        let spec = TinySpec { weights, ..spec(architecture) };
        let fresh = home(&spec, &exact());
        let first = owned(ask(&"gardens ".repeat(50), 1), "ann", "internal");
        let one = answer(&fresh, first.clone()).await;
        let second = next_turn(&first, 2);
        let cold = answer(&home(&spec, &exact()), second.clone()).await;
        assert_eq!((one.usage.cached_tokens, cold.usage.cached_tokens), (0, 0), "{architecture:?}");
        let read_before = one.usage.prompt_tokens;
        for round in 0..rounds() {
            let neighbour = |n| {
                let text = if n == 1 { "gardens ".repeat(40) } else { format!("{round} {n} ").repeat(20) };
                fresh.engine.generate(owned(ask(&text, round), "ann", "internal")).unwrap()
            };
            let others: Vec<_> = (0..3).map(neighbour).collect();
            let warm = answer(&fresh, second.clone()).await;
            assert_eq!(said(&warm), said(&cold), "{architecture:?} {weights:?} round {round}");
            let cached = warm.usage.cached_tokens;
            assert!(cached + 64 >= read_before && cached.is_multiple_of(32), "{cached} of {read_before}");
            for other in others {
                read(other).await.unwrap();
            }
        }
    }
}

/// A long beginning that several prompts share is found at the marks on its way, in the slot and in another's.
#[tokio::test]
async fn prompts_that_begin_alike_go_on_from_a_mark() {
    for architecture in DESIGNS {
        let config = LocalConfig { slots: 2, context_tokens: 2048, ..config() };
        let home = home(&spec(architecture), &config);
        let begin = "rivers ".repeat(120);
        let job = |more: &str| Job {
            max_tokens: Some(3),
            ..owned(ask(&format!("{begin}{more}"), 1), "ann", "internal")
        };
        let ends = ["lakes ".repeat(20), "hills ".repeat(20), "woods ".repeat(20)];
        answer(&home, job(&ends[0])).await;
        for end in &ends[1..] {
            let usage = answer(&home, job(end)).await.usage;
            assert!(usage.cached_tokens >= 512, "{architecture:?} {usage:?}");
        }
        // At once: the second waits for what the first reads of it, and takes it over.
        let both = ["towns ".repeat(20), "roads ".repeat(20)];
        let fresh: Vec<_> = both
            .iter()
            .map(|end| owned(ask(&format!("{}{end}", "winter ".repeat(120)), 1), "ann", "internal"))
            .map(|job| home.engine.generate(job).unwrap())
            .collect();
        let mut cached = Vec::new();
        for generation in fresh {
            cached.push(read(generation).await.unwrap().usage.cached_tokens);
        }
        assert!(cached[1] >= 256, "{architecture:?} {cached:?}");
        let others = answer(&home, owned(job(&ends[1]), "bob", "internal")).await;
        assert_eq!(others.usage.cached_tokens, 0, "what was read for one is not used for another");
    }
}

async fn conversations(home: &Home, max: usize) -> u64 {
    let mut cached = 0;
    for turn in 0..2 {
        for caller in ["ann", "bob", "cid", "dan"] {
            let first = owned(ask(&format!("{caller} ").repeat(100), 1), caller, "internal");
            let job = if turn == 0 { first } else { next_turn(&first, 2) };
            cached += answer(home, job).await.usage.cached_tokens;
            let bytes = home.engine.load().prefix_cache_bytes;
            assert!(bytes <= max, "{bytes} of {max}");
        }
    }
    cached
}

#[tokio::test]
async fn marks_stay_within_the_memory_for_what_is_kept() {
    for architecture in DESIGNS {
        let with =
            |bytes| LocalConfig { slots: 2, context_tokens: 2048, prefix_cache_bytes: bytes, ..config() };
        let roomy = home(&spec(architecture), &with(64 << 20));
        let most = conversations(&roomy, 64 << 20).await;
        let used = roomy.engine.load().prefix_cache_bytes;
        assert!(most > 0 && used > 0, "{architecture:?} {used}");
        assert_eq!(conversations(&home(&spec(architecture), &with(0)), 0).await, 0, "{architecture:?}");
        let some = conversations(&home(&spec(architecture), &with(used / 3)), used / 3).await;
        assert!(some <= most, "{architecture:?} {some} of {most}");
    }
}
