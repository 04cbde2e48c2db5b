//! What reading a request costs: medians over bodies that are each unique, on one core.
//!
//! `cargo run --release -p hearthgate-rules --example bench_inspect [NAME]`: all texts, or those of this name.

// The bodies of the benchmark beside plain proxies.
#[path = "../../tests/bench/corpus.rs"]
#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "a program of the tests")]
mod corpus;

use std::collections::BTreeSet;
use std::time::Instant;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::difficulty::{self, Thresholds};
use hearthgate_rules::inspect::{BUILTIN_KINDS, Detectors, Kinds, inspect, is_matter};

const WORDS: [&str; 48] = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "was",
    "that",
    "for",
    "it",
    "with",
    "on",
    "as",
    "his",
    "be",
    "at",
    "which",
    "planning",
    "meeting",
    "quarterly",
    "results",
    "garden",
    "water",
    "between",
    "because",
    "different",
    "people",
    "system",
    "number",
    "important",
    "question",
    "development",
    "through",
    "government",
    "house",
    "another",
    "might",
    "while",
    "against",
    "children",
    "something",
    "report",
    "should",
    "under",
    "Monday",
    "London",
    "however",
    "office",
    "together",
];

/// Rounds per figure.
const ROUNDS: usize = 1000;

fn main() {
    let wanted: BTreeSet<String> =
        BUILTIN_KINDS.iter().filter(|kind| !is_matter(kind)).map(|&kind| kind.to_owned()).collect();
    let detectors = Detectors::new(&Kinds::builtin(), &wanted, &[]).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1)
    });
    println!("{:<34} {:>10} {:>10} {:>10} {:>9}", "text", "bytes", "p50 ns", "p99 ns", "findings");
    for bytes in [1024, 32 * 1024] {
        report("prose", bytes, &detectors, |seed| prose(seed, bytes));
        report("prose with one curly quote", bytes, &detectors, |seed| with_quote(prose(seed, bytes)));
        report("prose with accents", bytes, &detectors, |seed| {
            prose(seed, bytes).replace("garden", "jardín")
        });
        report("source text", bytes, &detectors, |seed| source(seed, bytes));
    }
    for bytes in [1024, 32 * 1024] {
        office(bytes, &detectors);
    }
    let bytes = 32 * 1024;
    for (name, unit) in [
        ("digits", "7"),
        ("digits in groups", "4111 "),
        ("single digits", "4 1 "),
        ("runs of nine digits", "304719285 "),
        ("runs that are spoken of", "tax id 304719285 "),
        ("dotted digits", "1.2.3."),
        ("@", "@"),
        ("a@a@", "a@a@"),
        ("a@b.co and so on", "a@b.co "),
        ("eyJ", "eyJ"),
        ("eyJ-", "eyJ-"),
        ("eyJ.", "eyJ."),
        ("sk-", "sk-"),
        ("colons", ":"),
        ("a:b:", "a:b:"),
        ("password=", "password="),
        ("password is", "password is "),
        ("curly quotes", "\u{201C}"),
        ("zero-width spaces", "\u{200B}"),
        ("Cyrillic", "врач сказал что "),
        ("BEGIN", "-----BEGIN "),
        ("BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY-----"),
        ("Dr", "Dr "),
        ("Dr A", "Dr A "),
        ("diabetes", "diabetes "),
        ("seed", "seed "),
        ("born", "born "),
        ("I was born", "I was born 1 "),
        ("Lane", "Lane "),
        ("12 rue", "12 rue A "),
        ("Via A 1", "Via A 1 "),
        ("kind: Secret", "kind: Secret\n"),
        ("long words", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT "),
        ("Q~", "Q~"),
        ("+49", "+49 "),
        ("decimals", "52.52001, 13.40495 "),
        ("maps", "maps/1.1 "),
        ("MAC", "mac "),
        ("key=", "key=a8Kq2Zr7Lw4Xn9Bv1Tm6Yd3H "),
        ("Chinese", "我的密码在北京市朝阳区建国路88号"),
    ] {
        report(name, bytes, &detectors, |seed| format!("{seed} {}", unit.repeat(bytes / unit.len())));
    }
    many_messages(&detectors);
    if is_wanted("a new turn") {
        for (turns, bytes) in [(100, 320), (32, 1024), (8, 4096)] {
            conversation(turns, bytes, &detectors);
        }
    }
}

/// Whether these are among what was asked for.
fn is_wanted(name: &str) -> bool {
    std::env::args().nth(1).is_none_or(|only| only == name)
}

/// A conversation that has been read but for its last turn of a hundred bytes.
#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn conversation(turns: usize, bytes: usize, detectors: &Detectors) {
    let message = |(at, text): (usize, String)| {
        let role = if at % 2 == 0 { "user" } else { "assistant" };
        format!(r#"{{"role":"{role}","content":"{text}"}}"#)
    };
    let body = |texts: Vec<String>| {
        let messages: Vec<_> = texts.into_iter().enumerate().map(message).collect();
        ChatRequest::openai(format!(r#"{{"model":"auto","messages":[{}]}}"#, messages.join(",")))
    };
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let history = |at: usize| prose(round.wrapping_mul(31) + at, bytes);
        let mut texts: Vec<_> = (0..turns).map(history).collect();
        let Ok(before) = body(texts.clone()) else { return };
        std::hint::black_box(inspect(&before, detectors));
        texts.push(prose(round, 100));
        let Ok(request) = body(texts) else { return };
        let start = Instant::now();
        std::hint::black_box(inspect(&request, detectors));
        times.push(start.elapsed().as_nanos());
    }
    let (median, high) = percentiles(times);
    println!("a new turn after {turns} turns of {bytes} bytes: p50 {median} ns, p99 {high} ns");
}

fn report(name: &str, bytes: usize, detectors: &Detectors, text: impl Fn(usize) -> String) {
    let body = |seed| {
        let content = serde_json::Value::from(text(seed));
        format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{content}}}]}}"#)
    };
    measure(name, bytes, detectors, body);
}

fn office(bytes: usize, detectors: &Detectors) {
    let (corpus, random) = (corpus::Corpus::new(), std::cell::RefCell::new(corpus::Random::new(3)));
    let body = |seed: usize| {
        let mut out = Vec::new();
        corpus.body(&mut out, seed as u64, bytes, false, &mut random.borrow_mut());
        String::from_utf8(out).unwrap_or_default()
    };
    measure("the benchmark's bodies", bytes, detectors, body);
}

fn many_messages(detectors: &Detectors) {
    let body = |seed: usize| {
        let message = |at: usize| format!(r#"{{"role":"user","content":"{}"}}"#, prose(seed + at, 256));
        let messages: Vec<_> = (0..128).map(message).collect();
        format!(r#"{{"model":"auto","messages":[{}]}}"#, messages.join(","))
    };
    measure("128 messages of 256 bytes", 32 * 1024, detectors, body);
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn measure(name: &str, bytes: usize, detectors: &Detectors, body: impl Fn(usize) -> String) {
    if !is_wanted(name) {
        return;
    }
    let Ok(thresholds) = Thresholds::new(0.4, 0.7) else { return };
    let mut times = Vec::with_capacity(ROUNDS);
    let mut assess_times = Vec::with_capacity(ROUNDS);
    let mut findings = 0;
    for round in 0..ROUNDS {
        let Ok(request) = ChatRequest::openai(body(round)) else { return };
        let start = Instant::now();
        let inspection = std::hint::black_box(inspect(&request, detectors));
        times.push(start.elapsed().as_nanos());
        findings = inspection.findings.len();
        let start = Instant::now();
        std::hint::black_box(difficulty::assess(&request, thresholds));
        assess_times.push(start.elapsed().as_nanos());
    }
    let (median, high) = percentiles(times);
    let (assess, _) = percentiles(assess_times);
    println!("{name:<34} {bytes:>10} {median:>10} {high:>10} {findings:>9}   difficulty {assess} ns");
}

fn percentiles(mut times: Vec<u128>) -> (u128, u128) {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
    (at(50), at(99))
}

/// Words in an order that differs with the seed, in sentences.
fn prose(seed: usize, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 16);
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut count = 0;
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS.get((state >> 33) % WORDS.len()).unwrap_or(&"and"));
        count += 1;
        text.push_str(match count % 13 {
            0 => ". ",
            7 => ", ",
            _ => " ",
        });
    }
    text.truncate(bytes);
    text
}

fn with_quote(text: String) -> String {
    text.replacen(' ', " \u{201C}", 1)
}

fn source(seed: usize, bytes: usize) -> String {
    let line = |at: usize| {
        format!(
            "    let value_{at} = self.table.get(&key_{seed}).map(|item| item.len() + {at}); // see parse()\n"
        )
    };
    (0..)
        .map(line)
        .scan(0, |size, line| {
            (*size < bytes).then(|| {
                *size += line.len();
                line
            })
        })
        .collect()
}
