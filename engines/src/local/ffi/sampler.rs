//! The choice of tokens for one answer.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::{Model, OK, Prompt, TOO_COSTLY, raw};
use crate::error::TemplateFault;
use crate::{EngineError, Sampling, Thinking, job};

/// Chooses tokens for one answer.
pub(in crate::local) struct Sampler {
    pub(super) raw: NonNull<raw::Sampler>,
    // The sampler looks into the vocabulary of its model.
    _model: Arc<Model>,
}

// SAFETY: a sampler is data of its own and const pointers into its model, which it keeps alive.
unsafe impl Send for Sampler {}

impl Sampler {
    /// A sampler for parameters that [`Sampling::check`] has passed.
    pub(in crate::local) fn new(
        model: &Arc<Model>,
        prompt: &Prompt,
        sampling: &Sampling,
        thinking: Thinking,
        seed: u64,
    ) -> Result<Self, EngineError> {
        if sampling.logit_bias.iter().any(|(token, _)| !(0..model.vocab).contains(token)) {
            return Err(EngineError::InvalidSampling {
                parameter: "logit_bias",
                range: "keyed by tokens of the device model's vocabulary",
            });
        }
        let bias = |(token, bias): &(i32, f32)| {
            // At the ends of its range a bias is a ban or a command, however far apart the logits are.
            let reach = if bias.abs() >= 100.0 { 1e9 } else { 1.0 };
            raw::Bias { token: *token, bias: bias * reach }
        };
        let biases: Vec<raw::Bias> = sampling.logit_bias.iter().map(bias).collect();
        let raw_sampling = raw::Sampling {
            seed: fold_seed(seed),
            top_k: i32::try_from(sampling.top_k.unwrap_or(job::TOP_K)).unwrap_or(40),
            temperature: sampling.temperature.unwrap_or(job::TEMPERATURE),
            top_p: sampling.top_p.unwrap_or(job::TOP_P),
            min_p: sampling.min_p.unwrap_or(job::MIN_P),
            repeat_penalty: sampling.repeat_penalty.unwrap_or(1.0),
            frequency_penalty: sampling.frequency_penalty.unwrap_or(0.0),
            presence_penalty: sampling.presence_penalty.unwrap_or(0.0),
            penalty_window: 1024,
            thinking_budget: thinking.budget_tokens.map_or(-1, |n| i32::try_from(n).unwrap_or(i32::MAX)),
            biases: biases.as_ptr(),
            n_biases: biases.len(),
        };
        let mut raw = ptr::null_mut();
        // SAFETY: all pointers live through the call, and `raw` is written before it is read.
        let code = unsafe {
            raw::hg_sampler_new(
                model.raw.as_ptr(),
                prompt.raw.as_ptr(),
                &raw const raw_sampling,
                &raw mut raw,
            )
        };
        let fault = match code {
            TOO_COSTLY => EngineError::Template { fault: TemplateFault::SchemaCost },
            _ => EngineError::UnsupportedField {
                field: "tool_choice",
                reason: "its grammar cannot be made for these tools",
            },
        };
        NonNull::new(raw)
            .filter(|_| code == OK)
            .map(|raw| Self { raw, _model: Arc::clone(model) })
            .ok_or(fault)
    }
}

/// llama.cpp's seeds have 32 bits, and its highest one means "any".
fn fold_seed(seed: u64) -> u32 {
    let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
    let folded = u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h]);
    if folded == u32::MAX { 0x5eed } else { folded }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // SAFETY: made by `hg_sampler_new`, freed once, before its model.
        unsafe { raw::hg_sampler_free(self.raw.as_ptr()) }
    }
}
