//! How fast this machine computes language models: measured with a small one of random weights, whose kernels are those
//! of any other.

use std::io::BufWriter;
use std::path::Path;

use crate::tiny::{self, Architecture, Noise, TinySpec};
use crate::{ChatChunk, Engine as _, EngineError, Job, LocalConfig, LocalEngine, Plain, Usage};

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Threads that computed.
    pub threads: usize,
    /// Bytes of weights that go by per second while an answer is written, one token after another.
    pub decode_bytes_per_s: f64,
    /// Weights times tokens per second while a prompt is read.
    pub prefill_weights_per_s: f64,
}

impl Speed {
    /// Tokens a second that a model writes of whose file these bytes go by for each.
    #[must_use]
    pub fn tokens_per_s(&self, bytes: f64) -> f64 {
        self.decode_bytes_per_s / bytes
    }

    /// Seconds that a model takes to read a prompt of whose weights each token meets so many.
    #[must_use]
    pub fn read_s(&self, tokens: f64, weights: f64) -> f64 {
        tokens * weights / self.prefill_weights_per_s
    }
}

/// Layers that go to a graphics card, and to none.
const ALL: u32 = u32::MAX;
const NONE: u32 = 0;
/// Tokens that are read and written.
const PROMPT: u16 = 512;
const ANSWER: u32 = 32;
/// Tokens that are written before anything is measured.
const WARM: u32 = 4;
/// Bits of a weight in `Q8_0`, with its share of a scale.
const WEIGHT_BITS: u64 = 272;
const WEIGHTS: u64 = 32;

/// A model large enough that its weights fit no cache.
fn spec() -> TinySpec {
    TinySpec {
        architecture: Architecture::Qwen3,
        layers: 6,
        embedding: 1024,
        heads: 16,
        kv_heads: 8,
        feed_forward: 3072,
        context: 1024,
        vocabulary: 16_384,
        noise: Noise::Bytes,
        ..TinySpec::default()
    }
}

/// Two layers of the shape of a model with eight billion weights: a card spends on small ones most of its time between
/// them.
fn card_spec() -> TinySpec {
    TinySpec { layers: 2, embedding: 4096, heads: 32, feed_forward: 12_288, ..spec() }
}

/// Measures, in some seconds, with a model that lies in `folder` meanwhile: the processor, or the graphics cards that models
/// are put on. Not for a thread that serves.
///
/// # Errors
/// Those of the file and of the engine.
pub async fn measure(folder: &Path, threads: usize, on_cards: bool) -> Result<Speed, EngineError> {
    let path = folder.join("speed.gguf");
    let unreadable = |error: std::io::Error| EngineError::ModelUnreadable {
        path: path.clone(),
        reason: error.to_string(),
    };
    let spec = if on_cards { card_spec() } else { spec() };
    let mut file = BufWriter::new(std::fs::File::create(&path).map_err(unreadable)?);
    tiny::write(&spec, &mut file).map_err(unreadable)?;
    drop(file);
    let config = LocalConfig {
        slots: 1,
        context_tokens: 1024,
        threads,
        prefix_cache_bytes: 0,
        gpu_layers: Some(if on_cards { ALL } else { NONE }),
        ..LocalConfig::default()
    };
    let engine = LocalEngine::open(&path, &config)?;
    // The first run touches every page, and has a card build what it computes with.
    answer(&engine, PROMPT, WARM).await?;
    let usage = answer(&engine, PROMPT, ANSWER).await?;
    // Of the embeddings a token has one row read; the output layer is as large, and read whole.
    let embeddings = u64::from(spec.embedding) * u64::from(spec.vocabulary);
    let weights = engine.model().parameters.saturating_sub(embeddings);
    let per_second = |tokens: u64, micros: u64| tokens as f64 * 1e6 / micros.max(1) as f64;
    let written = per_second(usage.completion_tokens.saturating_sub(1), usage.decode_us);
    let read = per_second(usage.prompt_tokens, usage.prefill_us);
    Ok(Speed {
        threads,
        decode_bytes_per_s: written * (weights * WEIGHT_BITS / 8 / WEIGHTS) as f64,
        prefill_weights_per_s: read * weights as f64,
    })
}

/// Has a model read a prompt of so many tokens and write so many, for the time that it takes.
///
/// # Errors
/// Those of the engine.
pub async fn answer(engine: &LocalEngine, prompt: u16, max_tokens: u32) -> Result<Usage, EngineError> {
    let mut job = Job::new("[]".to_owned());
    job.prompt = Some(Plain::Tokens((0..prompt).map(|token| i32::from(token % 200)).collect()));
    job.max_tokens = Some(max_tokens);
    job.sampling.seed = Some(1);
    // Noise that ends its turn at once would be no measure.
    job.sampling.logit_bias = engine.turn_ends().into_iter().map(|token| (token, -100.0)).collect();
    let mut generation = engine.generate(job)?;
    while let Some(chunk) = generation.next().await {
        if let ChatChunk::Finish { usage, .. } = chunk? {
            return Ok(usage);
        }
    }
    Err(EngineError::Cancelled)
}
