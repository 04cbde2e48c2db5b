//! How long stage one of difficulty takes: `cargo run --release -p hearthgate-rules --example bench_difficulty < requests.jsonl`.
//!
//! Each line is as for `difficulty_features`; each text is repeated and cut to the size, so that what is read is of
//! every kind. One thread; what is told is of the judging alone, without the parsing of the request.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark")]

use std::hint::black_box;
use std::io::{self, BufRead};
use std::time::Instant;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::difficulty;
use serde_json::{Value, json};

const ROUNDS: usize = 20;

fn main() -> io::Result<()> {
    let mut texts = Vec::new();
    for line in io::stdin().lock().lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let messages = row.pointer("/body/messages").and_then(Value::as_array);
        let content = messages.and_then(|messages| messages.last()?.get("content"));
        texts.extend(content.or(row.get("prompt")).and_then(Value::as_str).map(str::to_owned));
    }
    println!("{:>8} {:>9} {:>10} {:>10} {:>10}", "bytes", "requests", "p50 µs", "p99 µs", "max µs");
    for bytes in [256, 1024, 32 * 1024] {
        let requests: Vec<_> = texts.iter().filter_map(|text| request(text, bytes)).collect();
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            for request in &requests {
                let began = Instant::now();
                black_box(difficulty::score(black_box(request)));
                took.push(began.elapsed().as_secs_f64() * 1e6);
            }
        }
        took.sort_by(f64::total_cmp);
        let at =
            |share: usize| took.get((took.len() * share / 100).min(took.len() - 1)).copied().unwrap_or(0.0);
        println!("{bytes:>8} {:>9} {:>10.1} {:>10.1} {:>10.1}", took.len(), at(50), at(99), at(100));
    }
    Ok(())
}

fn request(text: &str, bytes: usize) -> Option<ChatRequest> {
    let long = format!("{text}\n").repeat(bytes / (text.len() + 1) + 1);
    let cut = long.get(..long.floor_char_boundary(bytes))?;
    ChatRequest::openai(json!({"model": "auto", "messages": [{"role": "user", "content": cut}]}).to_string())
        .ok()
}
