//! What this machine has: asked before llama.cpp could fault or the kernel could end the process.

use std::fs;

use crate::LocalConfig;
use crate::gguf::Header;

/// What the processor lacks of what this program was built for; none where it lacks nothing, or cannot be asked.
///
/// To be asked first of all: whatever was built for it can fault on a processor without it.
#[must_use]
pub fn missing_cpu_features() -> Option<String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return None;
    }
    missing(&fs::read_to_string("/proc/cpuinfo").ok()?)
}

/// What x86-64-v3 has over its forerunners, as Linux names it.
const FEATURES: [&str; 8] = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"];

fn missing(cpuinfo: &str) -> Option<String> {
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"))?;
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let missing: Vec<&str> = FEATURES.into_iter().filter(|feature| !flags.contains(feature)).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// Bytes that this process may still take; none where nobody says.
#[must_use]
pub fn free_memory() -> Option<u64> {
    let kilobytes = |text: &str| text.split_whitespace().nth(1)?.parse::<u64>().ok();
    let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
    let of_host = meminfo.lines().find(|line| line.starts_with("MemAvailable:")).and_then(kilobytes)? << 10;
    let of_group = || {
        let number = |name: &str| {
            fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?.trim().parse::<u64>().ok()
        };
        Some(number("memory.max")?.saturating_sub(number("memory.current")?))
    };
    Some(of_group().map_or(of_host, |of_group| of_host.min(of_group)))
}

/// Bytes of memory that a model takes, by the header of its file: known before it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// Its weights.
    pub weights: u64,
    /// The keys and values of its slots, and the states of layers that keep one instead.
    pub cache: u64,
    /// What computing takes: the largest batch and its logits.
    pub compute: u64,
    /// What may be kept for conversations that have lost their slot.
    pub kept: u64,
    /// What of weights, keys and values lies in the memory of graphics cards instead.
    pub on_cards: u64,
}

impl Needed {
    pub(crate) fn of(header: &Header, file_bytes: u64, config: &LocalConfig) -> Self {
        let number = |key: &str| header.of_architecture(key);
        let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let context = u64::from(config.context_tokens).min(number("context_length").unwrap_or(u64::MAX));
        let slots = wide(config.slots);
        let width = number("embedding_length").unwrap_or(0);
        let per_token = || {
            if let Some(numbers) = kept_per_token(header) {
                return Some(numbers);
            }
            let heads = number("attention.head_count")?;
            let kv_heads = kv_heads(header, heads)?;
            let keys = number("attention.key_length").or_else(|| width.checked_div(heads))?;
            let values = number("attention.value_length").unwrap_or(keys);
            kv_heads.checked_mul(keys.saturating_add(values))
        };
        let vocabulary = header.array("tokenizer.ggml.tokens").map_or(0, |tokens| tokens.len);
        let inner = number("feed_forward_length").unwrap_or(0);
        let batch = wide(config.part_tokens_max()).max(slots);
        let row = vocabulary.saturating_add(width.saturating_mul(8)).saturating_add(inner.saturating_mul(4));
        let logits = vocabulary.saturating_mul(slots);
        Self {
            weights: file_bytes,
            cache: (per_token().unwrap_or(0).saturating_mul(context).saturating_mul(slots) / 16
                * config.kv_cache.sixteenths())
            .saturating_add(state_bytes(header).saturating_mul(slots)),
            compute: batch.saturating_mul(row).saturating_add(logits).saturating_mul(4),
            kept: wide(config.prefix_cache_bytes),
            on_cards: 0,
        }
    }

    /// What loading it takes at once of the machine's memory.
    #[must_use]
    pub fn at_load(&self) -> u64 {
        let whole = self.weights.saturating_add(self.cache).saturating_add(self.compute);
        whole.saturating_sub(self.on_cards)
    }

    /// What it may come to take.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.at_load().saturating_add(self.kept)
    }
}

/// Numbers of keys and values that all layers keep of a token, by the tensors that make them; none where those are in one with
/// the queries' or in other shapes. Layers with a window keep as much as the others, so that a slot can go back further, and
/// may have heads of another size.
fn kept_per_token(header: &Header) -> Option<u64> {
    let made = |layer: u64, part: &str| {
        let tensor = header.tensor(&format!("blk.{layer}.{part}.weight"))?;
        tensor.dims.get(1).copied()
    };
    let layers = header.of_architecture("block_count")?;
    let kept = (0..layers).filter_map(|layer| {
        let keys = made(layer, "attn_k")?;
        Some(keys.saturating_add(made(layer, "attn_v").unwrap_or(keys)))
    });
    Some(kept.fold(0, u64::saturating_add)).filter(|kept| *kept > 0)
}

/// Heads of keys and values in all layers, of which a header tells one number for all or one for each.
fn kv_heads(header: &Header, heads: u64) -> Option<u64> {
    let key = format!("{}.attention.head_count_kv", header.text("general.architecture")?);
    if let Some(list) = header.array(&key) {
        return list.numbers.iter().map(|heads| u64::try_from(*heads).ok()).sum();
    }
    attending(header)?.checked_mul(header.number(&key).unwrap_or(heads))
}

/// Layers that attend. Where some keep a state instead, those that attend are told by their keys.
fn attending(header: &Header) -> Option<u64> {
    let with = |part: &str| {
        let part = format!(".{part}.weight");
        header.tensors().iter().filter(|tensor| tensor.name.ends_with(&part)).count()
    };
    let (keeping, keys) = (with("ssm_out") + with("shortconv.conv"), with("attn_k"));
    let told = u64::try_from(keys).ok().filter(|keys| keeping > 0 && *keys > 0);
    told.or_else(|| header.of_architecture("block_count"))
}

/// What the layers that keep a state take for one sequence, by llama.cpp's `n_embd_r` and `n_embd_s` for Mamba, Mamba 2 and
/// the gated delta rule: the last inputs of their convolution, and the state itself, in floats.
fn state_bytes(header: &Header) -> u64 {
    let number = |key: &str| header.of_architecture(key).unwrap_or(0);
    let layers = header.tensors().iter().filter(|tensor| tensor.name.ends_with(".ssm_out.weight")).count();
    let (inner, state) = (number("ssm.inner_size"), number("ssm.state_size"));
    let grouped = number("ssm.group_count").saturating_mul(state).saturating_mul(2);
    let seen = number("ssm.conv_kernel").saturating_sub(1).saturating_mul(inner.saturating_add(grouped));
    let floats = seen.saturating_add(inner.saturating_mul(state));
    u64::try_from(layers).unwrap_or(u64::MAX).saturating_mul(floats).saturating_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf;
    use crate::tiny::{Architecture, TinySpec, generate};

    #[test]
    fn layers_that_keep_a_state_are_counted_as_such() {
        let cache = |architecture| {
            let bytes = generate(&TinySpec { architecture, layers: 4, ..TinySpec::default() });
            let header = gguf::check(bytes.as_slice(), u64::try_from(bytes.len()).unwrap()).unwrap();
            let config = LocalConfig { slots: 2, context_tokens: 1024, ..LocalConfig::default() };
            Needed::of(&header, 0, &config).cache
        };
        // Of keys and values two bytes each for 2 slots, 1,024 tokens, one head of 32 numbers and every attending layer.
        let attending = |layers: u64| 2 * 2 * 2 * 1024 * 32 * layers;
        assert_eq!(cache(Architecture::Qwen3), attending(4));
        assert_eq!(cache(Architecture::Gemma3), attending(4), "a window is kept whole");
        assert_eq!(cache(Architecture::Lfm2), attending(2));
        // Two layers with 64 x 32 numbers of state and two inputs of 64 + 2 x 64 channels.
        assert_eq!(cache(Architecture::Qwen35), attending(2) + 2 * 2 * 4 * (64 * 32 + 2 * 192));
        assert_eq!(cache(Architecture::Mamba), 2 * 4 * 4 * (128 * 32 + 2 * 128));
    }

    #[test]
    fn what_a_processor_lacks_is_named() {
        let flags = format!("processor\t: 0\nflags\t\t: fpu {}\n", FEATURES.join(" "));
        assert_eq!(missing(&flags), None);
        assert_eq!(missing(&flags.replace(" fma", "").replace(" avx2", "")).as_deref(), Some("avx2, fma"));
        assert_eq!(missing("model name : of another kind\n"), None);
        assert_eq!(missing_cpu_features(), None, "or this test would not run");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn there_is_some_memory() {
        assert!(free_memory().is_some_and(|bytes| bytes > 1 << 20));
    }
}
