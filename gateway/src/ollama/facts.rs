//! What is told of models in Ollama's shape. What nobody here knows of somebody else's model stays empty.

use hearthgate_engines::ModelCard;
use hearthgate_rules::policy::Asked;
use hearthgate_rules::target::{EffortField, Target};
use sha2::{Digest as _, Sha256};

use crate::app::Site;
use crate::device::hex;
use crate::dialect::write::{Object, array, texts};

/// When a model was changed, or is unloaded: not known, or never.
const LONG_AGO: &str = "1970-01-01T00:00:00Z";
const NEVER: &str = "9999-12-31T23:59:59Z";

/// `/api/tags`
pub fn tags(site: &Site, names: &[String]) -> String {
    let models: Vec<String> =
        names.iter().map(|name| head(site, name).text("modified_at", LONG_AGO).done()).collect();
    Object::new().json("models", &array(&models)).done()
}

/// `/api/ps`: the models of this process that are in memory.
pub fn loaded(site: &Site, names: &[String]) -> String {
    let models = names.iter().filter_map(|name| {
        let bytes = site.engines.get(name)?.load().memory_bytes;
        let context = card(site, name).map_or(0, |card| card.context_length);
        let model = head(site, name).text("expires_at", NEVER).json("size_vram", "0");
        (bytes > 0).then(|| model.json("context_length", &context.to_string()).done())
    });
    Object::new().json("models", &array(&models.collect::<Vec<_>>())).done()
}

/// `/api/show`
pub fn shown(site: &Site, name: &str) -> String {
    let can = capabilities(site, name);
    let info = card(site, name).map_or_else(Object::new, |card| {
        let architecture = &card.architecture;
        Object::new()
            .text("general.architecture", architecture)
            .json("general.parameter_count", &card.parameters.to_string())
            .json(&format!("{architecture}.context_length"), &card.context_length.to_string())
    });
    Object::new()
        .text("modelfile", "")
        .text("parameters", "")
        .text("template", "")
        .json("details", &details(site, name))
        .json("model_info", &info.done())
        .json("capabilities", &texts(&can))
        .text("modified_at", LONG_AGO)
        .done()
}

/// What a model of this process can do, as its file says, and what one of an upstream can be told; of a name for several, what
/// each of them can.
fn capabilities(site: &Site, name: &str) -> Vec<&'static str> {
    if site.embedders.contains_key(name) {
        return vec!["embedding"];
    }
    let all = || site.config.policy.catalogue().to_vec();
    let targets = match site.config.policy.asked(name) {
        Some(Asked::Targets(targets)) => targets,
        Some(Asked::Auto) | None => all(),
    };
    let each = |can: fn(&Site, &Target) -> bool| targets.iter().all(|target| can(site, target));
    let can = [("completion", true), ("tools", each(calls)), ("thinking", each(thinks))];
    can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect()
}

fn calls(site: &Site, target: &Target) -> bool {
    let told = !target.quirks().refuses.iter().any(|field| field == "tools");
    card(site, target.name()).map_or(told, |card| card.supports_tools)
}

fn thinks(site: &Site, target: &Target) -> bool {
    let told = target.effort_field() != EffortField::None;
    card(site, target.name()).map_or(told, |card| card.supports_thinking)
}

fn head(site: &Site, name: &str) -> Object {
    let bytes = site.engines.get(name).map_or(0, |engine| engine.load().memory_bytes);
    // Clients cut a digest to its beginning, so there is one for what has no file here.
    let digest = card(site, name).map(|card| card.digest.clone());
    let digest = digest.unwrap_or_else(|| hex(&Sha256::digest(name)));
    Object::new()
        .text("name", name)
        .text("model", name)
        .json("size", &bytes.to_string())
        .text("digest", &digest)
        .json("details", &details(site, name))
}

fn details(site: &Site, name: &str) -> String {
    let card = card(site, name);
    let family = card.map_or("", |card| card.architecture.as_str());
    let families: &[&str] = if family.is_empty() { &[] } else { &[family] };
    Object::new()
        .text("parent_model", "")
        .text("format", if card.is_some() { "gguf" } else { "" })
        .text("family", family)
        .json("families", &texts(families))
        .text("parameter_size", &card.map_or_else(String::new, |card| size(card.parameters)))
        .text("quantization_level", "")
        .done()
}

fn card<'a>(site: &'a Site, name: &str) -> Option<&'a ModelCard> {
    let engine = site.engines.get(name).map(|engine| engine.model());
    engine.or_else(|| site.embedders.get(name).map(|embedder| embedder.model()))
}

/// A number of weights as people write it.
fn size(parameters: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", parameters / unit, parameters % unit * 10 / unit);
    match parameters {
        1_000_000_000.. => tenths(1_000_000_000) + "B",
        1_000_000.. => tenths(1_000_000) + "M",
        _ => tenths(1_000) + "K",
    }
}
