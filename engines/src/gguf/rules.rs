//! What the values of a header must be so that no assertion of llama.cpp meets them.

use std::collections::HashMap;

use super::{GgufError, Header, Value};

/// llama.cpp's own bounds: `LLAMA_MAX_LAYERS`, `LLAMA_MAX_EXPERTS`.
const LAYERS_MAX: u64 = 512;
const EXPERTS_MAX: u64 = 1024;
/// Far above any model, far below any overflow.
const WIDTH_MAX: u64 = 1 << 20;
const CONTEXT_MAX: u64 = 1 << 26;

/// The alignment of the data, 32 where the file names none.
pub(super) fn alignment(values: &HashMap<String, Value>) -> Result<u64, GgufError> {
    match values.get("general.alignment") {
        None => Ok(32),
        Some(Value::Unsigned(n)) if n.is_power_of_two() && *n <= 1 << 16 => Ok(*n),
        Some(_) => Err(corrupt("`general.alignment` is no power of two")),
    }
}

/// All rules over a header whose tensors are sound.
pub(super) fn check(header: &Header) -> Result<(), GgufError> {
    let arch = header.text("general.architecture").ok_or_else(|| unsuited("it names no architecture"))?;
    let simple = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if arch.is_empty() || arch.len() > 64 || !arch.chars().all(simple) {
        return Err(corrupt("its architecture is no name"));
    }
    shape(header, arch)?;
    vocabulary(header)
}

fn shape(header: &Header, arch: &str) -> Result<(), GgufError> {
    let bounded = |key: &str, low: u64, high: u64| -> Result<Option<u64>, GgufError> {
        let key = format!("{arch}.{key}");
        match header.value(&key) {
            None => Ok(None),
            Some(Value::Array(array)) => {
                // One value per layer.
                let range = i64::try_from(low).unwrap_or(0)..=i64::try_from(high).unwrap_or(i64::MAX);
                let sound = array.len <= LAYERS_MAX && array.numbers.iter().all(|n| range.contains(n));
                if sound { Ok(None) } else { Err(corrupt(&format!("`{key}` is out of bounds"))) }
            }
            Some(_) => match header.number(&key) {
                Some(n) if (low..=high).contains(&n) => Ok(Some(n)),
                _ => Err(corrupt(&format!("`{key}` is out of bounds"))),
            },
        }
    };
    let needed = |key: &str, high: u64| {
        bounded(key, 1, high)?.ok_or_else(|| unsuited(&format!("it has no `{arch}.{key}`")))
    };
    needed("block_count", LAYERS_MAX)?;
    needed("context_length", CONTEXT_MAX)?;
    let width = needed("embedding_length", WIDTH_MAX)?;
    bounded("feed_forward_length", 0, WIDTH_MAX)?;
    let heads = bounded("attention.head_count", 0, 1 << 16)?;
    let kv_heads = bounded("attention.head_count_kv", 0, 1 << 16)?;
    let key_length = bounded("attention.key_length", 1, 1 << 16)?;
    bounded("attention.value_length", 1, 1 << 16)?;
    if let Some(heads) = heads.filter(|heads| *heads > 0) {
        if key_length.is_none() && !width.is_multiple_of(heads) {
            return Err(corrupt("its heads do not divide its width"));
        }
        if kv_heads.is_some_and(|kv| kv > 0 && !heads.is_multiple_of(kv)) {
            return Err(corrupt("its key heads do not divide its heads"));
        }
    }
    let head = key_length.or_else(|| heads.and_then(|heads| width.checked_div(heads)));
    let rope = bounded("rope.dimension_count", 0, 1 << 16)?;
    if rope.zip(head).is_some_and(|(rope, head)| rope > head || rope % 2 != 0) {
        return Err(corrupt("its rotary dimensions do not fit its heads"));
    }
    experts(&bounded)?;
    floats(header, arch)?;
    let scaling = header.text(&format!("{arch}.rope.scaling.type")).unwrap_or("none");
    if !["none", "linear", "yarn", "longrope"].contains(&scaling) {
        return Err(corrupt("its rope scaling has an unknown type"));
    }
    Ok(())
}

fn experts(bounded: &impl Fn(&str, u64, u64) -> Result<Option<u64>, GgufError>) -> Result<(), GgufError> {
    let count = bounded("expert_count", 0, EXPERTS_MAX)?.unwrap_or(0);
    let used = bounded("expert_used_count", 0, EXPERTS_MAX)?.unwrap_or(0);
    let groups = bounded("expert_group_count", 0, EXPERTS_MAX)?.unwrap_or(0);
    let groups_used = bounded("expert_group_used_count", 0, EXPERTS_MAX)?.unwrap_or(0);
    bounded("nextn_predict_layers", 0, LAYERS_MAX)?;
    let sound = match (count, groups) {
        (0, _) => used == 0 && groups == 0,
        (_, 0..=1) => used > 0 && used <= count,
        _ => used > 0 && used <= count && count % groups == 0 && groups_used > 0 && groups_used < groups,
    };
    if sound { Ok(()) } else { Err(corrupt("its experts do not add up")) }
}

/// Numbers that every weight is multiplied with, so that no infinity spreads.
fn floats(header: &Header, arch: &str) -> Result<(), GgufError> {
    let prefix = format!("{arch}.");
    for key in header.keys().filter(|key| key.starts_with(&prefix)) {
        let Some(Value::Float(number)) = header.value(key) else { continue };
        let sound = number.is_finite()
            && (!key.ends_with("_epsilon") || (0.0..1.0).contains(number))
            && (!key.ends_with(".freq_base") || *number > 0.0);
        if !sound {
            return Err(corrupt(&format!("`{key}` is no usable number")));
        }
    }
    Ok(())
}

fn vocabulary(header: &Header) -> Result<(), GgufError> {
    let kind = header.text("tokenizer.ggml.model").ok_or_else(|| unsuited("it has no tokenizer"))?;
    if ["none", "no_vocab", "test"].contains(&kind) {
        return Err(unsuited("it has no vocabulary"));
    }
    let tokens = header.array("tokenizer.ggml.tokens").filter(|tokens| tokens.kind == 8);
    let tokens = tokens.ok_or_else(|| unsuited("it has no vocabulary"))?;
    if tokens.len < 2 || tokens.twins {
        return Err(corrupt("its vocabulary has a token twice, or has none"));
    }
    let number = i64::try_from(tokens.len).unwrap_or(i64::MAX);
    for (key, kinds) in [("scores", [5, 6]), ("token_type", [5, 5])] {
        let name = format!("tokenizer.ggml.{key}");
        let Some(value) = header.value(&name) else { continue };
        let sound =
            matches!(value, Value::Array(list) if kinds.contains(&list.kind) && list.len == tokens.len);
        if !sound {
            return Err(corrupt(&format!("`{name}` does not fit the vocabulary")));
        }
    }
    let types = header.array("tokenizer.ggml.token_type");
    if types.is_some_and(|types| types.numbers.iter().any(|kind| !(0..=6).contains(kind))) {
        return Err(corrupt("a token has an unknown type"));
    }
    for key in header.keys().filter(|key| key.starts_with("tokenizer.ggml.") && key.ends_with("_token_id")) {
        // Some writers put a number past any vocabulary for "none".
        let id = header.number(key).ok_or_else(|| corrupt(&format!("`{key}` is no number")))?;
        let none = id == u64::from(u32::MAX);
        if !none && i64::try_from(id).is_ok_and(|id| id >= number) {
            return Err(corrupt(&format!("`{key}` is not in the vocabulary")));
        }
    }
    let embedding = header.tensor("token_embd.weight").ok_or_else(|| unsuited("it has no embedding"))?;
    if embedding.dims.get(1) != Some(&tokens.len) {
        return Err(corrupt("its embedding does not fit its vocabulary"));
    }
    Ok(())
}

fn corrupt(what: &str) -> GgufError {
    GgufError::Corrupt(what.to_owned())
}

fn unsuited(what: &str) -> GgufError {
    GgufError::Unsuited(what.to_owned())
}
