//! What the tagger costs: medians over texts that are each unique, on one core.
//!
//! `cargo run --release -p hearthgate-rules --example bench_tagger`

use std::time::Instant;

use hearthgate_rules::inspect::tagger::Tagger;

/// Rounds per figure.
const ROUNDS: usize = 200;

const SAMPLES: [(&str, &str); 4] = [
    (
        "English",
        "The committee met on Monday to discuss the quarterly results, and nobody had read the report before. ",
    ),
    (
        "German",
        "Die Versicherungsgesellschaft bestätigte gestern die Übernahme der Krankenhauskosten für Oktober. ",
    ),
    ("Chinese", "委员会星期一开会讨论季度业绩，之前没有人读过这份报告。"),
    ("code", "    let value_12 = self.table.get(&key).map(|item| item.len() + 7); // see parse()\n"),
];

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn main() {
    let start = Instant::now();
    let tagger = Tagger::bundled();
    println!("loading: {} µs", start.elapsed().as_micros());
    println!("{:<10} {:>8} {:>10} {:>10} {:>10}", "text", "bytes", "least µs", "p50 µs", "p99 µs");
    for bytes in [100, 1024, 32 * 1024] {
        for (name, sample) in SAMPLES {
            let mut times: Vec<_> = (0..ROUNDS)
                .map(|seed| {
                    let text = text(sample, seed, bytes);
                    let start = Instant::now();
                    std::hint::black_box(tagger.read(&text));
                    start.elapsed().as_micros()
                })
                .collect();
            times.sort_unstable();
            let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
            println!("{name:<10} {bytes:>8} {:>10} {:>10} {:>10}", at(0), at(50), at(99));
        }
    }
}

fn text(sample: &str, seed: usize, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + sample.len());
    while out.len() < bytes {
        out.push_str(&format!("{} ", seed * 31 + out.len()));
        out.push_str(sample);
    }
    let end = (0..=bytes).rev().find(|at| out.is_char_boundary(*at)).unwrap_or(0);
    out.truncate(end);
    out
}
