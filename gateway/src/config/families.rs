//! What is known of families of models: data, in `families.toml`, and what a site adds to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::{EffortField, Levels, Manner};
use serde::Deserialize;

use super::check::Check;
use super::error::ConfigError;
use super::quirks;
use crate::dialect::effort::Level;

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    // It comes with the program; a test reads it.
    toml::from_str::<File>(include_str!("families.toml")).map(|file| file.family).unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Family>,
}

/// How the models of a family are spoken to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// How their names begin.
    pub name: String,
    answer_tokens: Option<u32>,
    /// How they are told how long to think, in their maker's dialect and at AWS; in a site's own row, anywhere.
    #[serde(default)]
    effort: EffortField,
    /// The same at servers of OpenAI's dialect, by what the servers are called.
    #[serde(default)]
    servers: BTreeMap<String, EffortField>,
    #[serde(default)]
    levels: Vec<Level>,
    #[serde(default)]
    effort_or_sampling: bool,
    #[serde(default)]
    formats: bool,
    #[serde(default)]
    newer_bound: bool,
    #[serde(default)]
    caches: bool,
    thinking_tokens_min: Option<u32>,
    #[serde(default)]
    thinking_optional: bool,
}

/// Makes sure that a site's own rows say something.
pub fn check(check: &Check<'_>, own: &[Family]) -> Result<(), ConfigError> {
    let mut names = BTreeSet::new();
    for (index, family) in own.iter().enumerate() {
        let at = |key: &str| format!("family[{index}].{key}");
        check.once(&at("name"), &family.name, &mut names)?;
        if family.name.is_empty() || family.name.contains(['/', ' ']) {
            let mend =
                "is not how a model's name begins; leave out the upstream and what stands before a slash";
            return check.fault(&at("name"), format!("`{}` {mend}", family.name));
        }
        if let Some(name) = family.servers.keys().find(|name| quirks::servers().all(|known| known != **name))
        {
            let mend = did_you_mean(name, quirks::servers());
            return check.fault(&at("servers"), format!("unknown server `{name}`{mend}"));
        }
    }
    Ok(())
}

/// How a model is spoken to, by its family: one of the site's own before those that are known, and the longest name of each. Of
/// names such as `anthropic/claude-opus-4` what follows the last slash counts, and of Bedrock's such as `eu.anthropic.claude-opus-4`
/// what follows the maker. `server`: what an upstream of OpenAI's dialect is called, empty where that is not known; none for
/// other dialects.
#[must_use]
pub fn manner_of(model: &str, own: &[Family], server: Option<&str>) -> Manner {
    let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
    let maker = ["anthropic.", "openai."].into_iter().find_map(|maker| name.split_once(maker));
    let name = maker.map_or(name.as_str(), |(_, name)| name);
    let of = |all: &'_ [Family]| -> Option<usize> {
        let own =
            all.iter().enumerate().filter(|(_, family)| belongs(name, &family.name.to_ascii_lowercase()));
        own.max_by_key(|(_, family)| family.name.len()).map(|(at, _)| at)
    };
    let (family, sites) = match (of(own).and_then(|at| own.get(at)), of(&FAMILIES)) {
        (Some(family), _) => (family, true),
        (None, Some(at)) => match FAMILIES.get(at) {
            Some(family) => (family, false),
            None => return Manner::default(),
        },
        (None, None) => return Manner::default(),
    };
    let anywhere = (sites || server.is_none()).then_some(family.effort);
    let told = server.and_then(|server| family.servers.get(server).copied()).or(anywhere);
    let told = told.filter(|_| sites || !is_next_version(name, &family.name));
    Manner {
        effort_field: told.unwrap_or_default(),
        answer_tokens: family.answer_tokens,
        formats: family.formats,
        newer_bound: family.newer_bound,
        caches: family.caches,
        thinking_tokens_min: family.thinking_tokens_min,
        thinking_optional: family.thinking_optional,
        levels: family.levels.iter().fold(Levels::default(), |all, word| all.with(*word as u8)),
        effort_or_sampling: family.effort_or_sampling,
    }
}

/// Whether a model's name is a family's, or goes on where a word of it ends. A version goes on in two digits at most, a date
/// in more: `claude-opus-4-20250514` is of `claude-opus-4`, and a `claude-opus-4-9` is of a family that nobody knows yet.
fn belongs(model: &str, family: &str) -> bool {
    let Some(rest) = model.strip_prefix(family) else { return false };
    let Some(next) = rest.strip_prefix(['-', '.', '@', ':']) else { return rest.is_empty() };
    let digits = next.bytes().take_while(u8::is_ascii_digit).count();
    !(family.starts_with("claude-") && (1..=2).contains(&digits))
}

/// Whether a name goes on as a version that nobody knows yet, which may take other words for how long to think.
fn is_next_version(model: &str, family: &str) -> bool {
    family.starts_with("gpt-") && model.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
