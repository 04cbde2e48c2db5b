//! What asking a caller's memory costs beside reading: medians over bodies that are each unique, on one core.
//!
//! `cargo run --release -p hearthgate-rules --example bench_memory`

use std::sync::Arc;
use std::time::Instant;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::memory::{Memory, Nothing, Plain};
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::target::{Catalogue, Target, Zone};

const WORDS: [&str; 24] = [
    "the",
    "of",
    "and",
    "meeting",
    "Margaret",
    "garden",
    "quarterly",
    "because",
    "different",
    "people",
    "system",
    "number",
    "important",
    "question",
    "London",
    "through",
    "government",
    "house",
    "another",
    "might",
    "Holloway",
    "against",
    "children",
    "something",
];

/// Rounds per figure.
const ROUNDS: usize = 400;

/// Strings that the memory holds, about.
const STRINGS: usize = 1000;

fn main() {
    for (name, packs) in [
        ("patterns and views", "packs = [\"pii\", \"secrets\", \"health\"]"),
        ("with the tagger", "packs = [\"pii\", \"secrets\", \"health\", \"matters\"]"),
    ] {
        let text = format!("{packs}\n[[route]]\nname = \"home\"\nto = [\"device/*\"]\n");
        match policy(&text) {
            Ok(policy) => report(name, &policy),
            Err(message) => eprintln!("{message}"),
        }
    }
}

fn policy(text: &str) -> Result<Arc<Policy>, String> {
    let catalogue: Catalogue = [Arc::new(Target::device("starter"))].into();
    let compiled = PolicyFile::parse(text).and_then(|file| Policy::compile(&file, catalogue, Zone::Cloud));
    compiled.map(Arc::new).map_err(|error| error.to_string())
}

fn report(name: &str, policy: &Arc<Policy>) {
    let private = |number: usize| {
        format!("Write to somebody.{number}@keller-{number}-bakery.de, patient Ann Lindqvist{number}.")
    };
    let before = (0..STRINGS).filter_map(|number| request(&private(number)));
    let full = Plain::after(policy, &Caller::default(), before);
    println!("{name}: bytes, p50 us without and with a memory");
    for bytes in [1024, 32 * 1024] {
        let [without, with] = medians(policy, bytes, [&Nothing, &full]);
        println!("{bytes:>8} {without:>9.1} {with:>9.1}  {:+.0} %", (with / without - 1.0) * 100.0);
    }
}

/// In turns, so that both meet the same machine.
fn medians(policy: &Arc<Policy>, bytes: usize, memories: [&dyn Memory; 2]) -> [f64; 2] {
    let mut micros = [const { Vec::new() }; 2];
    for round in 0..ROUNDS {
        for (at, (memory, micros)) in memories.iter().zip(&mut micros).enumerate() {
            let Some(request) = request(&prose(round * 2 + at, bytes)) else { continue };
            micros.push(timed(policy, request, *memory));
        }
    }
    micros.map(|mut micros| {
        micros.sort_by(f64::total_cmp);
        micros.get(micros.len() / 2).copied().unwrap_or_default()
    })
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn timed(policy: &Arc<Policy>, request: ChatRequest, memory: &dyn Memory) -> f64 {
    let start = Instant::now();
    let judged = policy.judge_remembering(request, Caller::default(), memory);
    let micros = start.elapsed().as_secs_f64() * 1e6;
    drop(judged);
    micros
}

fn request(text: &str) -> Option<ChatRequest> {
    let content = hearthgate_rules::json::quote(text);
    ChatRequest::openai(format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{content}}}]}}"#))
        .ok()
}

fn prose(seed: usize, bytes: usize) -> String {
    let mut text = String::new();
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS.get((state >> 33) % WORDS.len()).copied().unwrap_or_default());
        text.push(' ');
    }
    text
}
