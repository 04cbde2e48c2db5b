//! What is asked of an engine: a chat, how to think, how to sample, when to stop.
//!
//! `Debug` shows sizes only.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::EngineError;

/// Stop strings per job, and bytes per stop string.
pub const STOPS_MAX: usize = 16;
/// Bytes of one stop string.
pub const STOP_BYTES_MAX: usize = 256;
/// Bytes of a JSON schema that an answer is held to.
pub const SCHEMA_BYTES_MAX: usize = 128 << 10;
/// Bytes of all tools at most, with their descriptions.
pub const TOOLS_BYTES_MAX: usize = 1 << 20;
/// Likeliest tokens that are told with each token.
pub const TOP_LOGPROBS_MAX: u8 = 20;
/// Entries of `logit_bias`.
pub const LOGIT_BIAS_MAX: usize = 1024;

/// One chat to be answered. JSON parts keep the form of OpenAI's chat completions.
#[derive(Clone, Default, PartialEq)]
pub struct Job {
    /// The `messages` array, as JSON text.
    pub messages: String,
    /// The `tools` array, as JSON text.
    pub tools: Option<String>,
    /// `tool_choice`, as JSON text or as a bare word: `auto`, `none`, `required`.
    pub tool_choice: Option<String>,
    /// A JSON schema that the answer must follow.
    pub schema: Option<String>,
    /// Whether several tools may be called in one turn.
    pub parallel_tool_calls: bool,
    /// Whether and how long to think.
    pub thinking: Thinking,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// Texts that end the answer and do not appear in it.
    pub stop: Vec<String>,
    /// Tokens to answer at most, thinking included; none: as many as the context has room for.
    pub max_tokens: Option<u32>,
    /// Whether the answer tells how likely its tokens were, and that of how many others, up to [`TOP_LOGPROBS_MAX`].
    pub logprobs: Option<u8>,
    /// A text to be gone on with, in the place of the messages.
    pub prompt: Option<Plain>,
    /// Whose it is; none: nobody's, and nothing that was computed for it is used again.
    pub owner: Option<Owner>,
    /// When nobody waits for the answer any more.
    pub deadline: Option<Instant>,
}

/// A text as it stands: no template is put around it.
#[derive(Clone, PartialEq, Eq)]
pub enum Plain {
    /// Its letters. Control tokens may be spelled in it: whoever writes without a template writes its marks.
    Text(String),
    /// Its tokens.
    Tokens(Vec<i32>),
}

/// Whose a job is. What was computed for one owner is never used for another.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// Who asks. Slots are shared fairly between callers.
    pub caller: Arc<str>,
    /// The caller's tenant: a name that another tenant comes to have is another owner.
    pub tenant: Option<Arc<str>>,
    /// The label of what is asked.
    pub label: Arc<str>,
}

impl Job {
    /// A job with this `messages` array (JSON text) and defaults for the rest.
    #[must_use]
    pub fn new(messages: impl Into<String>) -> Self {
        Self { messages: messages.into(), ..Self::default() }
    }

    /// Checks everything that does not need the model.
    ///
    /// # Errors
    /// [`EngineError::InvalidSampling`] naming the parameter and its range.
    pub fn check(&self) -> Result<(), EngineError> {
        self.sampling.check()?;
        let range = |ok: bool, parameter, range| {
            if ok { Ok(()) } else { Err(EngineError::InvalidSampling { parameter, range }) }
        };
        range(self.max_tokens != Some(0), "max_tokens", "at least 1")?;
        range(self.logprobs.is_none_or(|top| top <= TOP_LOGPROBS_MAX), "top_logprobs", "between 0 and 20")?;
        let schema = self.schema.as_ref().is_none_or(|schema| schema.len() <= SCHEMA_BYTES_MAX);
        range(schema, "response_format", "a schema of at most 131072 bytes")?;
        let tools = self.tools.as_ref().is_none_or(|tools| tools.len() <= TOOLS_BYTES_MAX);
        range(tools, "tools", "at most 1048576 bytes together")?;
        range(self.stop.len() <= STOPS_MAX, "stop", "at most 16 strings")?;
        let sound = |stop: &String| !stop.is_empty() && stop.len() <= STOP_BYTES_MAX;
        range(self.stop.iter().all(sound), "stop", "strings of 1 to 256 bytes")
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("messages_bytes", &self.messages.len())
            .field("tools_bytes", &self.tools.as_ref().map(String::len))
            .field("schema_bytes", &self.schema.as_ref().map(String::len))
            .field("stops", &self.stop.len())
            .field("max_tokens", &self.max_tokens)
            .finish_non_exhaustive()
    }
}

/// Whether and how long a model thinks before it answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Thinking {
    /// The template's switch; none: the template's own default.
    pub enabled: Option<bool>,
    /// Tokens of thinking at most; then the end tag is forced.
    pub budget_tokens: Option<u32>,
    /// What templates are told that know `reasoning_effort`; none: nothing.
    pub effort: Option<&'static str>,
}

/// What is in use where a job names none.
pub(crate) const TEMPERATURE: f32 = 0.8;
pub(crate) const TOP_P: f32 = 0.95;
pub(crate) const MIN_P: f32 = 0.05;
pub(crate) const TOP_K: u32 = 40;

/// How tokens are chosen. What is `None` takes the engine's default.
#[derive(Clone, Default, PartialEq)]
pub struct Sampling {
    /// 0 to 2; 0 takes the likeliest token. Default 0.8.
    pub temperature: Option<f32>,
    /// Above 0, to 1: the nucleus. Default 0.95.
    pub top_p: Option<f32>,
    /// 0 (off) to 1000. Default 40.
    pub top_k: Option<u32>,
    /// 0 (off) to 1. Default 0.05.
    pub min_p: Option<f32>,
    /// -2 to 2. Default 0. Counted over the answer, not over the prompt.
    pub presence_penalty: Option<f32>,
    /// -2 to 2. Default 0. Counted over the answer, not over the prompt.
    pub frequency_penalty: Option<f32>,
    /// Above 0, to 2; 1 is off, the default. Counted over the answer, not over the prompt.
    pub repeat_penalty: Option<f32>,
    /// The same seed gives the same answer; none: one is drawn, see [`crate::Generation::seed`].
    pub seed: Option<u64>,
    /// Token id and what is added to its logit, -100 to 100; at either end it bans or forces.
    pub logit_bias: Vec<(i32, f32)>,
}

impl Sampling {
    /// Checks every range.
    ///
    /// # Errors
    /// [`EngineError::InvalidSampling`] naming the first parameter out of its range.
    pub fn check(&self) -> Result<(), EngineError> {
        let within = |value: Option<f32>, ok: fn(f32) -> bool, parameter, range| {
            // NaN is in no range, so every comparison here is false for it.
            if value.is_none_or(ok) { Ok(()) } else { Err(EngineError::InvalidSampling { parameter, range }) }
        };
        within(self.temperature, |v| (0.0..=2.0).contains(&v), "temperature", "between 0 and 2")?;
        within(self.top_p, |v| v > 0.0 && v <= 1.0, "top_p", "above 0 and at most 1")?;
        within(self.min_p, |v| (0.0..=1.0).contains(&v), "min_p", "between 0 and 1")?;
        let signed: fn(f32) -> bool = |v| (-2.0..=2.0).contains(&v);
        within(self.presence_penalty, signed, "presence_penalty", "between -2 and 2")?;
        within(self.frequency_penalty, signed, "frequency_penalty", "between -2 and 2")?;
        within(self.repeat_penalty, |v| v > 0.0 && v <= 2.0, "repeat_penalty", "above 0 and at most 2")?;
        if self.top_k.is_some_and(|k| k > 1000) {
            return Err(EngineError::InvalidSampling { parameter: "top_k", range: "between 0 and 1000" });
        }
        if self.logit_bias.len() > LOGIT_BIAS_MAX {
            return Err(EngineError::InvalidSampling {
                parameter: "logit_bias",
                range: "at most 1024 entries",
            });
        }
        if self.logit_bias.iter().any(|(_, bias)| !(-100.0..=100.0).contains(bias)) {
            return Err(EngineError::InvalidSampling {
                parameter: "logit_bias",
                range: "between -100 and 100",
            });
        }
        Ok(())
    }
}

impl Sampling {
    /// The settings in use, defaults included, as a JSON object of numbers with three decimals: those of a client could
    /// spell something else. Biases are counted, not named; the seed is not there.
    #[must_use]
    pub fn settings(&self) -> String {
        let numbers = [
            ("temperature", self.temperature.unwrap_or(TEMPERATURE)),
            ("top_p", self.top_p.unwrap_or(TOP_P)),
            ("min_p", self.min_p.unwrap_or(MIN_P)),
            ("presence_penalty", self.presence_penalty.unwrap_or(0.0)),
            ("frequency_penalty", self.frequency_penalty.unwrap_or(0.0)),
            ("repeat_penalty", self.repeat_penalty.unwrap_or(1.0)),
        ];
        let numbers = numbers.map(|(name, number)| format!("\"{name}\":{number:.3}")).join(",");
        format!(
            "{{{numbers},\"top_k\":{},\"logit_biases\":{}}}",
            self.top_k.unwrap_or(TOP_K),
            self.logit_bias.len()
        )
    }
}

impl fmt::Debug for Sampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A bias may name the tokens of a word that is itself private.
        f.debug_struct("Sampling")
            .field("temperature", &self.temperature)
            .field("top_p", &self.top_p)
            .field("seed", &self.seed)
            .field("logit_biases", &self.logit_bias.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(sampling: &Sampling) -> &'static str {
        match sampling.check() {
            Err(EngineError::InvalidSampling { parameter, .. }) => parameter,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let d = Sampling::default;
        assert_eq!(d().check(), Ok(()));
        assert_eq!(refused(&Sampling { temperature: Some(2.1), ..d() }), "temperature");
        assert_eq!(refused(&Sampling { temperature: Some(f32::NAN), ..d() }), "temperature");
        assert_eq!(refused(&Sampling { top_p: Some(0.0), ..d() }), "top_p");
        assert_eq!(refused(&Sampling { min_p: Some(-0.1), ..d() }), "min_p");
        assert_eq!(refused(&Sampling { top_k: Some(1001), ..d() }), "top_k");
        assert_eq!(refused(&Sampling { repeat_penalty: Some(0.0), ..d() }), "repeat_penalty");
        assert_eq!(refused(&Sampling { presence_penalty: Some(-2.5), ..d() }), "presence_penalty");
        assert_eq!(refused(&Sampling { frequency_penalty: Some(9.0), ..d() }), "frequency_penalty");
        assert_eq!(refused(&Sampling { logit_bias: vec![(1, 101.0)], ..d() }), "logit_bias");
        assert_eq!(refused(&Sampling { logit_bias: vec![(1, f32::INFINITY)], ..d() }), "logit_bias");
    }

    #[test]
    fn a_job_checks_its_stops_and_its_length() {
        let job = |stop: &str, max_tokens| Job { stop: vec![stop.into()], max_tokens, ..Job::new("[]") };
        assert!(job("x", Some(1)).check().is_ok());
        assert!(job("", None).check().is_err());
        assert!(job("x", Some(0)).check().is_err());
        assert!(job(&"x".repeat(STOP_BYTES_MAX + 1), None).check().is_err());
    }

    #[test]
    fn debug_shows_sizes_only() {
        let mut job = Job::new(r#"[{"role":"user","content":"canary"}]"#);
        job.tools = Some("canary".into());
        job.stop = vec!["canary".into()];
        job.sampling.logit_bias = vec![(77_123, 1.0)];
        let shown = format!("{job:?} {:?}", job.sampling);
        assert!(!shown.contains("canary") && !shown.contains("77123"), "{shown}");
    }
}
