//! Models that this program knows: where they are, what they take, what they are good for. The data are in
//! `catalogue.toml`; what is not known for sure is left out there.

use std::sync::OnceLock;

use hearthgate_rules::difficulty::{Calibration, CalibrationError};
use hearthgate_rules::suggest::did_you_mean;
use serde::{Deserialize, Serialize};

use super::HubSource;

const TEXT: &str = include_str!("catalogue.toml");

/// A model that this program knows.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is asked for by.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// `hf:…`.
    pub source: String,
    /// The SPDX identifier of its licence, or the licence's own name where it has none.
    pub licence: String,
    /// Whether the hub gives it to those alone who have accepted its licence.
    #[serde(default)]
    pub gated: bool,
    /// Weights, as its maker tells: `0.6B`, or `30.5B, 3.3B active`.
    pub parameters: String,
    /// How its weights are stored.
    pub quantisation: String,
    /// The size of its file.
    pub bytes: Option<u64>,
    /// The digest of its file, where this program vouches for it.
    pub sha256: Option<String>,
    /// Tokens that a conversation may hold, as its maker tells.
    pub context_tokens: Option<u32>,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// How it is told how long to think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort_switch: Option<EffortSwitch>,
    /// How its maker would have it sampled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// The same, where it is to answer without thinking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_quick: Option<Sampling>,
    /// What to route to it.
    pub good_for: Vec<GoodFor>,
    /// How often it fails, by how hard the demand is, where somebody has measured that of this very file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Measured>,
}

/// How often a model fails, as it was measured.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Scores, each with the share of prompts of that score which it gets wrong.
    pub points: Vec<(f32, f32)>,
    /// On how many prompts.
    pub prompts: u32,
    /// Where that is told.
    pub source: String,
}

impl Measured {
    /// The table.
    ///
    /// # Errors
    /// When it is none; a test holds that it never is.
    pub fn table(&self) -> Result<Calibration, CalibrationError> {
        Calibration::new(self.points.clone())
    }
}

/// What a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    /// It answers chats.
    Chat,
    /// It calls tools.
    Tools,
    /// It can think before it answers.
    Thinking,
    /// It reads images. This program does not hand it any yet.
    Images,
    /// It embeds texts.
    Embeddings,
}

/// What a model's template takes to say how long to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EffortSwitch {
    /// `enable_thinking`: yes or no.
    EnableThinking,
    /// `reasoning_effort`: low, medium or high, and never none.
    ReasoningEffort,
    /// It always thinks.
    Always,
}

/// What a model is good for, in the words of routing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GoodFor {
    /// Quick answers on any machine.
    Tiny,
    /// Small machines, kept on all day.
    Edge,
    /// Code.
    Coder,
    /// Images.
    Vision,
    /// Tasks of many steps.
    Reasoning,
    /// Many languages.
    Multilingual,
    /// Everyday work, where there is room for it.
    General,
    /// Search by meaning.
    Search,
}

/// How a model's maker would have it sampled.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// `temperature`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// `top_p`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// `top_k`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// `min_p`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_p: Option<f64>,
    /// `presence_penalty`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// `repetition_penalty`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition_penalty: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    model: Vec<Entry>,
}

/// All of them, in the order of the file.
pub fn all() -> &'static [Entry] {
    static ALL: OnceLock<Vec<Entry>> = OnceLock::new();
    // A test holds that the file can be read.
    ALL.get_or_init(|| toml::from_str::<Catalogue>(TEXT).map(|read| read.model).unwrap_or_default())
}

/// The one of this name, or of this source.
pub fn find(name: &str) -> Option<&'static Entry> {
    all().iter().find(|entry| entry.name == name || entry.source == name)
}

/// `; did you mean …?`, where a name is near enough.
pub fn nearest(name: &str) -> String {
    did_you_mean(name, all().iter().map(|entry| entry.name.as_str()))
}

impl Entry {
    /// Its source, parsed.
    ///
    /// # Errors
    /// When it is none; a test holds that it never is.
    pub fn source(&self) -> Result<HubSource, String> {
        self.source.parse()
    }

    /// What it is good for, in words.
    pub fn good_for_words(&self) -> String {
        words(&self.good_for)
    }
}

/// The words for values of an enum, with commas between them.
pub fn words<T: Serialize>(values: &[T]) -> String {
    let word = |value: &T| serde_json::to_value(value).ok()?.as_str().map(str::to_owned);
    values.iter().filter_map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::hub::digest::is_sha256;

    #[test]
    fn every_entry_is_sound() {
        let read: Catalogue = toml::from_str(TEXT).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.model.len(), all().len());
        let names: BTreeSet<_> = all().iter().map(|entry| &entry.name).collect();
        let sources: BTreeSet<_> = all().iter().map(|entry| &entry.source).collect();
        assert_eq!((names.len(), sources.len()), (all().len(), all().len()), "a name or source stands twice");
        for entry in all() {
            let Entry { name, source, .. } = entry;
            assert_eq!(&entry.source().unwrap_or_else(|error| panic!("{error}")).to_string(), source);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            assert!(name.chars().all(plain), "{name}");
            assert!(entry.sha256.as_deref().is_none_or(is_sha256), "{name}");
            assert!(entry.sha256.is_none() || entry.bytes.is_some(), "{name}: a digest without a size");
            if let Some(measured) = &entry.calibration {
                assert!(measured.table().is_ok(), "{name}: {:?}", measured.table());
                assert!(measured.prompts >= 100 && !measured.source.is_empty(), "{name}");
            }
            assert!(!entry.capabilities.is_empty() && !entry.good_for.is_empty(), "{name}");
            let thinks = entry.capabilities.contains(&Capability::Thinking);
            assert_eq!(thinks, entry.effort_switch.is_some(), "{name}");
            let embeds = entry.capabilities.contains(&Capability::Embeddings);
            assert_ne!(embeds, entry.capabilities.contains(&Capability::Chat), "{name}");
            assert_eq!(embeds, entry.good_for.contains(&GoodFor::Search), "{name}");
            let stem = source.rsplit('/').next().unwrap_or_default().to_lowercase();
            assert!(
                stem.contains(&entry.quantisation.to_lowercase()),
                "{name}: another quantisation than its file's"
            );
        }
    }

    #[test]
    fn names_and_sources_are_found() {
        let entry = find("qwen3-0.6b").unwrap();
        assert_eq!(find(&entry.source), Some(entry));
        assert_eq!(nearest("qwen3-06b"), "; did you mean `qwen3-0.6b`?");
    }
}
