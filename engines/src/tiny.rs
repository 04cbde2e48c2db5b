//! Tiny language models with random weights, for tests and benchmarks.
//!
//! What they say is noise, but legible noise: the output layer favours letters, spaces and the end of the
//! turn. The same [`TinySpec`] gives the same bytes. [`write()`] streams, so that models of real shapes can
//! be made for measurements.

mod layers;
mod random;
mod template;
mod vocabulary;
mod writer;

use std::io::{self, Write};

use crate::gguf::{RANDOM_WEIGHTS, TensorType};
use random::Random;
use vocabulary::Vocabulary;
use writer::{Entry, Meta};

/// The value that the first number of every embedding has, so that the output layer sees a constant.
const ANCHOR: f32 = 8.0;
/// The value of the two numbers after it, which say whether a token belongs to a thought, and whether it
/// comes before the first of an answer.
const STATE: f32 = 4.0;
/// Numbers of the residual stream that no layer reads or writes.
const RESERVED: usize = 3;
/// What a token's logit loses where the state rules the token out.
const RULED_OUT: f32 = 12.0;

/// A network's design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Llama.
    Llama,
    /// Qwen3: as Llama, with norms over queries and keys.
    Qwen3,
    /// LFM2: every other layer, the first among them, remembers what it saw instead of attending to it. Its sequences
    /// cannot forget their last tokens alone.
    Lfm2,
    /// Qwen3.5: every other layer, the first among them, keeps a state that each token changes (a gated delta rule)
    /// instead of attending; so its sequences cannot forget their last tokens alone either.
    Qwen35,
    /// Gemma 3: every other layer, the first among them, looks back on the last 64 tokens alone.
    Gemma3,
    /// Mamba: no layer attends, and all that is known of a sequence is one state.
    Mamba,
}

impl Architecture {
    fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen3 => "qwen3",
            Self::Lfm2 => "lfm2",
            Self::Qwen35 => "qwen35",
            Self::Gemma3 => "gemma3",
            Self::Mamba => "mamba",
        }
    }
}

/// How weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// Blocks of 32 eight-bit numbers with a scale. The same answers whatever the neighbours.
    Q8,
    /// Blocks of 32 four-bit numbers with a scale. The same answers whatever the neighbours.
    Q4,
}

impl Weights {
    fn tensor_type(self) -> TensorType {
        match self {
            Self::F32 => TensorType::F32,
            Self::F16 => TensorType::F16,
            Self::Q8 => TensorType::Q8_0,
            Self::Q4 => TensorType::Q4_0,
        }
    }
}

/// What the noise is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// Lower-case letters, spaces and short words; turns end after some twenty tokens.
    Letters,
    /// Any byte, so that text breaks everywhere that it can; turns end seldom.
    Bytes,
}

/// The shape of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TinySpec {
    /// The network's design.
    pub architecture: Architecture,
    /// Where the weights come from.
    pub seed: u64,
    /// Number of layers.
    pub layers: u32,
    /// Width; a multiple of 32 times `heads`, for blocks and rotations.
    pub embedding: u32,
    /// Attention heads.
    pub heads: u32,
    /// Heads of keys and values; divides `heads`.
    pub kv_heads: u32,
    /// Width of the inner layer; a multiple of 32.
    pub feed_forward: u32,
    /// Tokens that a conversation may hold.
    pub context: u32,
    /// Tokens of the vocabulary at least, filled up with unused ones.
    pub vocabulary: u32,
    /// How weights are stored.
    pub weights: Weights,
    /// What the noise is made of.
    pub noise: Noise,
    /// `general.name`.
    pub name: String,
    /// The chat template, as Jinja source; none: one with a thinking switch and tools.
    pub template: Option<String>,
    /// Further control words, each a token of its own: the last tokens of the vocabulary, in this order.
    pub marks: Vec<String>,
}

impl Default for TinySpec {
    fn default() -> Self {
        Self {
            architecture: Architecture::Llama,
            seed: 1,
            layers: 2,
            embedding: 64,
            heads: 2,
            kv_heads: 1,
            feed_forward: 128,
            context: 4096,
            vocabulary: 0,
            weights: Weights::Q8,
            noise: Noise::Letters,
            name: "tiny-noise".to_owned(),
            template: None,
            marks: Vec::new(),
        }
    }
}

/// A model as the bytes of its file.
#[must_use]
pub fn generate(spec: &TinySpec) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A vector takes every write.
    let _ = write(spec, &mut bytes);
    bytes
}

/// Writes a model's file, row by row.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidInput`] for a shape that cannot be.
pub fn write(spec: &TinySpec, out: &mut impl Write) -> io::Result<()> {
    if let Err(reason) = spec.check() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    let vocabulary = Vocabulary::new(spec.vocabulary, spec.noise, &spec.marks);
    let tensors = tensors(spec, &vocabulary);
    writer::header(out, &metadata(spec, &vocabulary), &tensors)?;
    let mut random = Random::new(spec.seed);
    for tensor in &tensors {
        // Gemma makes its embeddings larger by this.
        let scaled = spec.architecture == Architecture::Gemma3 && tensor.part() == "token_embd";
        let scale = if scaled { (spec.embedding as f32).sqrt() } else { 1.0 };
        writer::tensor(out, tensor, |row, values| {
            fill(tensor, row, values, &mut random, &vocabulary);
            values.iter_mut().for_each(|value| *value /= scale);
        })?;
    }
    Ok(())
}

impl TinySpec {
    fn check(&self) -> Result<(), &'static str> {
        let blocks = |n: u32| n > 0 && n.is_multiple_of(32);
        if self.layers == 0 || self.layers > 512 {
            return Err("layers must be between 1 and 512");
        }
        if self.heads == 0
            || !self.embedding.is_multiple_of(self.heads)
            || !blocks(self.embedding / self.heads)
        {
            return Err("embedding must be a multiple of 32 times heads");
        }
        if self.kv_heads == 0 || !self.heads.is_multiple_of(self.kv_heads) {
            return Err("kv_heads must divide heads");
        }
        if !blocks(self.feed_forward) {
            return Err("feed_forward must be a multiple of 32");
        }
        if self.context < 64 {
            return Err("context must be at least 64");
        }
        Ok(())
    }

    fn head(&self) -> u32 {
        self.embedding / self.heads.max(1)
    }

    /// Whether a layer attends to what came before.
    fn attends(&self, layer: u32) -> bool {
        match self.architecture {
            Architecture::Llama | Architecture::Qwen3 | Architecture::Gemma3 => true,
            Architecture::Lfm2 | Architecture::Qwen35 => layer % 2 == 1,
            Architecture::Mamba => false,
        }
    }
}

fn metadata(spec: &TinySpec, vocabulary: &Vocabulary) -> Vec<(String, Meta)> {
    let arch = spec.architecture.name();
    let of_arch = |key: &str, value| (format!("{arch}.{key}"), value);
    let plain = |key: &str, value| (key.to_owned(), value);
    let mut meta = vec![
        plain("general.architecture", Meta::Text(arch.to_owned())),
        plain("general.name", Meta::Text(spec.name.clone())),
        plain(
            "general.description",
            Meta::Text("Random weights: whatever is asked, it answers noise.".to_owned()),
        ),
        plain(RANDOM_WEIGHTS, Meta::Bool(true)),
        of_arch("context_length", Meta::U32(spec.context)),
        of_arch("embedding_length", Meta::U32(spec.embedding)),
        of_arch("block_count", Meta::U32(spec.layers)),
        of_arch("attention.layer_norm_rms_epsilon", Meta::F32(1e-6)),
        of_arch("vocab_size", Meta::U32(vocabulary.len())),
    ];
    meta.extend(layers::metadata(spec).into_iter().map(|(key, value)| of_arch(key, value)));
    meta.extend(vocabulary.metadata());
    let template = spec.template.as_deref().unwrap_or(template::CHAT);
    meta.push(plain("tokenizer.chat_template", Meta::Text(template.to_owned())));
    meta
}

fn tensors(spec: &TinySpec, vocabulary: &Vocabulary) -> Vec<Entry> {
    let kind = spec.weights.tensor_type();
    let width = spec.embedding;
    let matrix = |name: String, from, to| Entry::new(name, vec![from, to], kind);
    let norm = |name: String, width| Entry::new(name, vec![width], TensorType::F32);
    let mut all = vec![matrix("token_embd.weight".to_owned(), width, vocabulary.len())];
    for layer in 0..spec.layers {
        all.extend(layers::tensors(spec, layer));
    }
    let last = if spec.architecture == Architecture::Lfm2 { "token_embd_norm" } else { "output_norm" };
    all.push(norm(format!("{last}.weight"), width));
    all.push(matrix("output.weight".to_owned(), width, vocabulary.len()));
    all
}

/// One row of a tensor.
///
/// The first numbers of an embedding are a constant and the state of the conversation; no layer touches
/// them, so the output layer finds them there. It can favour a token, and rule out a letter of the answer
/// within a thought, a word of thought within the answer, and a turn that ends before it began.
fn fill(tensor: &Entry, row: u32, values: &mut [f32], random: &mut Random, vocabulary: &Vocabulary) {
    let inputs = values.len() as f32;
    let spread = |scale: f32| scale / inputs.sqrt();
    match tensor.part() {
        // A state fades, and is not pushed on its way.
        "ssm_a" => values.fill(-1.0),
        "bias" => values.fill(0.0),
        _ if tensor.is_norm() => values.fill(1.0),
        "token_embd" => {
            random.fill(values, 1.0);
            let [thought, first] = vocabulary.state(row).map(|state| state * STATE);
            head(values, [ANCHOR, thought, first]);
        }
        "output" => {
            random.fill(values, spread(1.6));
            // What the final norm makes of the reserved numbers, beside others of a spread of about one.
            let norm = ((ANCHOR * ANCHOR + STATE * STATE + inputs) / inputs).sqrt();
            let [thought, first] = vocabulary.wanted(row).map(|wanted| wanted * RULED_OUT * norm / STATE);
            head(values, [vocabulary.favour(row) * norm / ANCHOR, thought, first]);
        }
        "conv" | "ssm_conv1d" => random.fill(values, 1.0),
        "attn_output" | "out_proj" | "ssm_out" | "ffn_down"
            if usize::try_from(row).is_ok_and(|row| row < RESERVED) =>
        {
            values.fill(0.0)
        }
        "attn_output" | "out_proj" | "ssm_out" | "ffn_down" => random.fill(values, spread(0.7)),
        _ => {
            random.fill(values, spread(1.0));
            // What many tokens share must not drown what tells them apart.
            head(values, [0.0; RESERVED]);
        }
    }
}

fn head(values: &mut [f32], numbers: [f32; RESERVED]) {
    values.iter_mut().zip(numbers).for_each(|(value, number)| *value = number);
}
