//! Where a request may be answered: zones, and the targets that live in them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::difficulty::Calibration;
use crate::suggest::did_you_mean;

/// How far from home a target lives. Ordered: `Device < Premises < Cloud`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// In this process.
    Device,
    /// On servers of the same organisation.
    Premises,
    /// At somebody else's.
    Cloud,
}

impl Zone {
    /// Every zone, from home outwards.
    pub const ALL: [Self; 3] = [Self::Device, Self::Premises, Self::Cloud];

    /// Its name as policies, headers and records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Premises => "premises",
            Self::Cloud => "cloud",
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::as_str);
        Self::ALL.into_iter().find(|zone| zone.as_str() == name).ok_or_else(|| {
            format!("unknown zone `{name}`{}; a zone is device, premises or cloud", did_you_mean(name, known))
        })
    }
}

/// How long the model should think.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Answer at once.
    Quick,
    /// Think first.
    Deliberate,
}

impl Effort {
    /// Its name as policies, headers and records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Deliberate => "deliberate",
        }
    }
}

impl FromStr for Effort {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "quick" => Ok(Self::Quick),
            "deliberate" => Ok(Self::Deliberate),
            _ => Err(format!("unknown effort `{name}`; an effort is quick or deliberate")),
        }
    }
}

/// The field by which an upstream model is told how long to think.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffortField {
    /// It is told nothing.
    #[default]
    None,
    /// OpenAI's `reasoning_effort`: `low` or `high`.
    ReasoningEffort,
    /// Anthropic's `thinking` with a budget in tokens, or Gemini's `thinkingConfig` with one.
    ThinkingBudget,
    /// Anthropic's `thinking` of the model's own measure, with `output_config.effort`.
    AdaptiveThinking,
    /// Gemini's `thinkingConfig.thinkingLevel`: `low` or `high`.
    ThinkingLevel,
    /// `reasoning` with an `effort`, as OpenRouter has it.
    Reasoning,
    /// `chat_template_kwargs` with `enable_thinking`, as servers have it for models whose template knows that.
    EnableThinking,
    /// `thinking` of the type `enabled` or `disabled`, as DeepSeek has it.
    ThinkingSwitch,
}

/// The words for how long to think that a model takes: those of the six that there are, from none to the highest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Levels(u8);

impl Levels {
    /// One word more, by its place from 0 to 5.
    #[must_use]
    pub fn with(self, place: u8) -> Self {
        Self(self.0 | 1_u8.checked_shl(place.into()).unwrap_or(0))
    }

    /// Whether it is taken.
    #[must_use]
    pub fn takes(self, place: u8) -> bool {
        self.0 & Self::default().with(place).0 != 0
    }

    /// Whether nothing is known: those are taken that every model of its dialect takes.
    #[must_use]
    pub fn is_usual(self) -> bool {
        self.0 == 0
    }
}

/// How a model of an upstream is spoken to, beside the dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Manner {
    /// How it is told how long to think.
    pub effort_field: EffortField,
    /// The tokens that its answer may have where a dialect demands a bound and the client names none.
    pub answer_tokens: Option<u32>,
    /// Whether it can hold its answer to a JSON schema, in a dialect where not every model can.
    pub formats: bool,
    /// Whether it is told that bound by OpenAI's newer word, `max_completion_tokens`.
    pub newer_bound: bool,
    /// Whether it can be told at what places to cache what it reads, in a dialect where not every model can.
    pub caches: bool,
    /// The smallest budget of thought that it takes.
    pub thinking_tokens_min: Option<u32>,
    /// Whether it can do without thought all the same.
    pub thinking_optional: bool,
    /// The words for how long to think that it takes.
    pub levels: Levels,
    /// Whether it takes no such word beside what steers the choice of tokens.
    pub effort_or_sampling: bool,
}

/// What the server of a target does not take of its dialect, or calls otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Quirks {
    /// Fields of a request that it refuses, or leaves unread.
    pub refuses: Vec<String>,
    /// The same of a message.
    pub refuses_in_messages: Vec<String>,
    /// Fields by the dialect's name, each with its own.
    pub renames: Vec<(String, String)>,
    /// Whether developers speak as the system does.
    pub developer_is_system: bool,
    /// The letters and digits that the id of a call has, where it has to have so many and nothing else.
    pub call_id_chars: Option<usize>,
    /// Whether it has to have back what its model thought before the calls that it is still at, and takes no other thoughts.
    pub thoughts_in_tool_loops: bool,
}

/// A model at a place. Named `upstream/model`, or `device/model` for one in this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    name: String,
    upstream_bytes: usize,
    zone: Zone,
    manner: Manner,
    quirks: Arc<Quirks>,
    calibration: Option<Arc<Calibration>>,
}

impl Target {
    /// The upstream name of targets in this process.
    pub const DEVICE: &'static str = "device";

    /// A model in this process.
    #[must_use]
    pub fn device(model: &str) -> Self {
        Self::new(Self::DEVICE, model, Zone::Device, EffortField::None)
    }

    /// A model of an upstream.
    #[must_use]
    pub fn upstream(upstream: &str, model: &str, zone: Zone, effort_field: EffortField) -> Self {
        Self::new(upstream, model, zone, effort_field)
    }

    fn new(upstream: &str, model: &str, zone: Zone, effort_field: EffortField) -> Self {
        let manner = Manner { effort_field, ..Manner::default() };
        let (name, quirks) = (format!("{upstream}/{model}"), Arc::default());
        Self { name, upstream_bytes: upstream.len(), zone, manner, quirks, calibration: None }
    }

    /// The same, spoken to in this manner.
    #[must_use]
    pub fn with_manner(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }

    /// The same, at a server with these quirks.
    #[must_use]
    pub fn with_quirks(self, quirks: impl Into<Arc<Quirks>>) -> Self {
        Self { quirks: quirks.into(), ..self }
    }

    /// The same, failing as this table says; none where that is not known.
    #[must_use]
    pub fn with_calibration(self, calibration: Option<Arc<Calibration>>) -> Self {
        Self { calibration, ..self }
    }

    /// How often it fails, by how hard the demand is; known of models in this process alone.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_deref().filter(|_| self.zone == Zone::Device)
    }

    /// What its server does otherwise.
    #[must_use]
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// `upstream/model`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The upstream's name, `device` for this process.
    #[must_use]
    pub fn upstream_name(&self) -> &str {
        self.name.get(..self.upstream_bytes).unwrap_or_default()
    }

    /// The model's name at its upstream.
    #[must_use]
    pub fn model(&self) -> &str {
        self.name.get(self.upstream_bytes + 1..).unwrap_or_default()
    }

    /// Where it lives.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// How it is told how long to think.
    #[must_use]
    pub fn effort_field(&self) -> EffortField {
        self.manner.effort_field
    }

    /// How it is spoken to.
    #[must_use]
    pub fn manner(&self) -> Manner {
        self.manner
    }
}

/// Which targets a route names: one by name, all of an upstream, or all of a zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selector {
    /// `upstream/model`
    Name(String),
    /// `upstream/*`
    Upstream(String),
    /// `zone:cloud`
    Zone(Zone),
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(zone) = text.strip_prefix("zone:") {
            return zone.parse().map(Self::Zone);
        }
        match text.split_once('/') {
            Some((upstream, "*")) if !upstream.is_empty() => Ok(Self::Upstream(upstream.to_owned())),
            Some((upstream, model)) if !upstream.is_empty() && !model.is_empty() => {
                Ok(Self::Name(text.to_owned()))
            }
            _ => Err(format!("target `{text}` is not `upstream/model`, `upstream/*` or `zone:NAME`")),
        }
    }
}

impl Selector {
    /// Whether it names this target.
    #[must_use]
    pub fn takes(&self, target: &Target) -> bool {
        match self {
            Self::Name(name) => target.name() == name,
            Self::Upstream(upstream) => target.upstream_name() == upstream,
            Self::Zone(zone) => target.zone() == *zone,
        }
    }
}

/// Every target that the configuration has, in its order.
pub type Catalogue = Arc<[Arc<Target>]>;
