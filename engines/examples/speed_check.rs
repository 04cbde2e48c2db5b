//! How far `hearthgate models recommend` is off: models of the shapes of real ones, with random weights, run beside the
//! estimate for them, in one run: `speed_check FOLDER [THREADS [cards]]`. FOLDER takes up to 3 GB. With `cards`, all of it
//! on the graphics cards that this build computes on.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use hearthgate_engines::speed::{self, Speed};
use hearthgate_engines::tiny::{self, Architecture, Noise, TinySpec, Weights};
use hearthgate_engines::{Engine as _, LocalConfig, LocalEngine};

const PROMPT: u16 = 1000;
const ANSWER: u32 = 48;
/// Answers that are tried for one of some length.
const TRIES: u16 = 8;

/// Name, layers, width, heads, heads of keys, inner width, weights.
const SHAPES: [(&str, u32, u32, u32, u32, u32, Weights); 4] = [
    ("Qwen3 0.6B, Q8_0", 28, 1024, 16, 8, 3072, Weights::Q8),
    ("Qwen3 0.6B, Q4_0", 28, 1024, 16, 8, 3072, Weights::Q4),
    ("Qwen3 1.7B, Q8_0", 28, 2048, 16, 8, 6144, Weights::Q8),
    ("Qwen3 4B, Q4_0", 36, 2560, 20, 4, 9728, Weights::Q4),
];
const VOCABULARY: u32 = 151_936;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("names no folder; use `speed_check FOLDER [THREADS]`")?;
    let threads = args.next().map_or(Ok(std::thread::available_parallelism()?.get()), |text| text.parse())?;
    let on_cards = args.next().is_some_and(|word| word == "cards");
    if on_cards && hearthgate_engines::cards::all().is_empty() {
        return Err("this build computes on no card of this machine".into());
    }
    println!(
        "| shape | tokens/s estimated | measured | off | first token of {PROMPT} estimated, s | measured | off |"
    );
    println!("|---|---|---|---|---|---|---|");
    for shape in SHAPES {
        // Measured anew each time: a machine is not as fast in every minute.
        let speed = speed::measure(Path::new(&folder), threads, on_cards).await?;
        let path = Path::new(&folder).join("shape.gguf");
        check(&path, shape, &speed, on_cards).await?;
        fs::remove_file(&path)?;
    }
    Ok(())
}

async fn check(
    path: &Path,
    (name, layers, embedding, heads, kv_heads, feed_forward, weights): (
        &str,
        u32,
        u32,
        u32,
        u32,
        u32,
        Weights,
    ),
    speed: &Speed,
    on_cards: bool,
) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let spec = TinySpec {
        architecture: Architecture::Qwen3,
        layers,
        embedding,
        heads,
        kv_heads,
        feed_forward,
        context: 2048,
        vocabulary: VOCABULARY,
        weights,
        noise: Noise::Bytes,
        ..TinySpec::default()
    };
    tiny::write(&spec, &mut out)?;
    out.flush()?;
    let config = LocalConfig {
        slots: 1,
        context_tokens: 2048,
        threads: speed.threads,
        prefix_cache_bytes: 0,
        gpu_layers: Some(if on_cards { u32::MAX } else { 0 }),
        ..LocalConfig::default()
    };
    let engine = LocalEngine::open(path, &config)?;
    // The first run touches every page.
    speed::answer(&engine, 64, 4).await?;
    let usage = speed::answer(&engine, PROMPT, ANSWER).await?;
    let read = usage.prefill_us as f64 / 1e6;
    // Noise may end its answer at once: then another one is timed.
    let mut spoken = usage;
    for more in 1..=TRIES {
        if spoken.completion_tokens * 2 >= ANSWER.into() {
            break;
        }
        spoken = speed::answer(&engine, PROMPT + more, ANSWER).await?;
    }
    // The real ones have one matrix for what goes in and comes out; the catalogue counts it once.
    let twice = u64::from(embedding) * u64::from(VOCABULARY);
    let all = engine.model().parameters;
    let active = all.saturating_sub(twice) as f64;
    let bytes = fs::metadata(path)?.len() as f64 * active / all as f64;
    let (tokens, first) = (speed.tokens_per_s(bytes), speed.read_s(f64::from(PROMPT), active));
    let written = spoken.completion_tokens.saturating_sub(1) as f64 * 1e6 / spoken.decode_us.max(1) as f64;
    let off = |estimate: f64, measured: f64| (estimate / measured - 1.0) * 100.0;
    println!(
        "| {name} | {tokens:.1} | {written:.1} | {:+.0}% | {first:.1} | {read:.1} | {:+.0}% |",
        off(tokens, written),
        off(first, read)
    );
    Ok(())
}
