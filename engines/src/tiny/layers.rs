//! What each design has in its layers: the tensors, and what the header says of them.
//!
//! Names and shapes are those of llama.cpp's `src/models/{llama,qwen3,lfm2,qwen35,gemma3,mamba}.cpp`.

use super::writer::{Entry, Meta};
use super::{Architecture, TinySpec};
use crate::gguf::TensorType;

/// Tokens that a layer without attention sees at a time, beside what its state tells of those before.
const SEEN: u32 = 3;
/// Numbers of a Mamba layer's state per channel, and of what sets its pace: both fill blocks.
const STATE: u32 = 32;
/// Tokens that every other layer of Gemma 3 looks back on.
const WINDOW: u32 = 64;

/// What the header says of the layers, under the architecture's own name.
pub(super) fn metadata(spec: &TinySpec) -> Vec<(&'static str, Meta)> {
    let number = |key, value| (key, Meta::U32(value));
    if spec.architecture == Architecture::Mamba {
        return vec![
            number("feed_forward_length", 0),
            number("attention.head_count", 0),
            number("ssm.conv_kernel", SEEN),
            number("ssm.inner_size", 2 * spec.embedding),
            number("ssm.state_size", STATE),
            number("ssm.time_step_rank", STATE),
        ];
    }
    let head = spec.head();
    let mut meta = vec![
        number("feed_forward_length", spec.feed_forward),
        number("attention.head_count", spec.heads),
        ("attention.head_count_kv", kv_heads(spec)),
        number("attention.key_length", head),
        number("attention.value_length", head),
        ("rope.freq_base", Meta::F32(10_000.0)),
        number("rope.dimension_count", head),
    ];
    match spec.architecture {
        Architecture::Lfm2 => meta.push(number("shortconv.l_cache", SEEN)),
        Architecture::Qwen35 => {
            let part = (head / 8).cast_signed();
            meta.extend([
                ("rope.dimension_sections", Meta::Numbers(vec![2 * part, part, part, 0])),
                number("full_attention_interval", 2),
                number("ssm.conv_kernel", SEEN),
                number("ssm.inner_size", spec.embedding),
                number("ssm.state_size", head),
                number("ssm.time_step_rank", spec.heads),
                number("ssm.group_count", spec.heads),
            ]);
        }
        Architecture::Gemma3 => meta.extend([
            number("attention.sliding_window", WINDOW),
            number("attention.sliding_window_pattern", 2),
        ]),
        Architecture::Llama | Architecture::Qwen3 | Architecture::Mamba => {}
    }
    meta
}

fn kv_heads(spec: &TinySpec) -> Meta {
    match spec.architecture {
        // Which layers attend is told by their having heads.
        Architecture::Lfm2 => {
            let heads = |layer| if spec.attends(layer) { spec.kv_heads } else { 0 };
            Meta::Numbers((0..spec.layers).map(|layer| heads(layer).cast_signed()).collect())
        }
        _ => Meta::U32(spec.kv_heads),
    }
}

/// A layer's tensors.
pub(super) fn tensors(spec: &TinySpec, layer: u32) -> Vec<Entry> {
    let of = Layer { spec, layer };
    let (width, inner, head) = (spec.embedding, spec.feed_forward, spec.head());
    let mut all = vec![of.plain("attn_norm.weight", vec![width])];
    match spec.architecture {
        Architecture::Mamba => {
            all.extend(of.mamba());
            return all;
        }
        Architecture::Qwen35 if !spec.attends(layer) => all.extend(of.delta()),
        Architecture::Lfm2 if !spec.attends(layer) => all.extend([
            of.plain("shortconv.conv.weight", vec![SEEN, width]),
            of.matrix("shortconv.in_proj", width, 3 * width),
            of.matrix("shortconv.out_proj", width, width),
        ]),
        design => {
            // Qwen3.5's queries bring the gates of what they find.
            let queries = if design == Architecture::Qwen35 { 2 * width } else { width };
            all.extend([
                of.matrix("attn_q", width, queries),
                of.matrix("attn_k", width, head * spec.kv_heads),
                of.matrix("attn_v", width, head * spec.kv_heads),
                of.matrix("attn_output", width, width),
            ]);
            if design != Architecture::Llama {
                all.push(of.plain("attn_q_norm.weight", vec![head]));
                all.push(of.plain("attn_k_norm.weight", vec![head]));
            }
        }
    }
    if spec.architecture == Architecture::Gemma3 {
        all.push(of.plain("post_attention_norm.weight", vec![width]));
        all.push(of.plain("post_ffw_norm.weight", vec![width]));
    }
    let norm = match spec.architecture {
        Architecture::Qwen35 => "post_attention_norm.weight",
        _ => "ffn_norm.weight",
    };
    all.extend([
        of.plain(norm, vec![width]),
        of.matrix("ffn_gate", width, inner),
        of.matrix("ffn_up", width, inner),
        of.matrix("ffn_down", inner, width),
    ]);
    all
}

struct Layer<'a> {
    spec: &'a TinySpec,
    layer: u32,
}

impl Layer<'_> {
    fn matrix(&self, part: &str, from: u32, to: u32) -> Entry {
        Entry::new(
            format!("blk.{}.{part}.weight", self.layer),
            vec![from, to],
            self.spec.weights.tensor_type(),
        )
    }

    /// What is kept in floats whatever the weights are.
    fn plain(&self, part: &str, dims: Vec<u32>) -> Entry {
        Entry::new(format!("blk.{}.{part}", self.layer), dims, TensorType::F32)
    }

    /// A layer with a gated delta rule: as many key heads as value heads.
    fn delta(&self) -> Vec<Entry> {
        let (width, heads) = (self.spec.embedding, self.spec.heads);
        vec![
            self.matrix("attn_qkv", width, 3 * width),
            self.matrix("attn_gate", width, width),
            self.plain("ssm_conv1d.weight", vec![SEEN, 3 * width]),
            self.plain("ssm_dt.bias", vec![heads]),
            self.plain("ssm_a", vec![heads]),
            self.matrix("ssm_beta", width, heads),
            self.matrix("ssm_alpha", width, heads),
            self.plain("ssm_norm.weight", vec![self.spec.head()]),
            self.matrix("ssm_out", width, width),
        ]
    }

    fn mamba(&self) -> Vec<Entry> {
        let (width, inner) = (self.spec.embedding, 2 * self.spec.embedding);
        vec![
            self.matrix("ssm_in", width, 2 * inner),
            self.plain("ssm_conv1d.weight", vec![SEEN, inner]),
            self.plain("ssm_conv1d.bias", vec![inner]),
            self.matrix("ssm_x", inner, 3 * STATE),
            self.matrix("ssm_dt", STATE, inner),
            self.plain("ssm_dt.bias", vec![inner]),
            self.plain("ssm_a", vec![STATE, inner]),
            self.plain("ssm_d", vec![inner]),
            self.matrix("ssm_out", inner, width),
        ]
    }
}
