//! Loading the site: at the start, and again on SIGHUP or by the admin port.
//!
//! A configuration is parsed, proved, and its models are loaded before it takes the old one's place; on any
//! fault the old one stays.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use hearthgate_engines::fleet::Event;
use hearthgate_engines::{Engine, EngineStatus, Fleet, LocalConfig, LocalEmbedder, ModelCard};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::target::Target;

use crate::app::{App, Site};
use crate::auth::Keys;
use crate::cloud::Upstreams;
use crate::config::{Config, Model, ModelSource};
use crate::hub::{HubSource, Resolved, Store};
use crate::store::ContentStore;
use crate::{clock, config, log};

static GENERATION: AtomicU64 = AtomicU64::new(1);

/// Loads a site. Models that the site before had in the same way are kept, not loaded again.
///
/// Takes as long as reading the models takes: not for an event loop.
///
/// # Errors
/// What is wrong with the configuration, its policy or a model, in words.
pub fn load(file: Option<&Path>, before: Option<&Site>) -> Result<Site, String> {
    let config = Config::load_from_process(file).map_err(|error| error.to_string())?;
    for warning in &config.warnings {
        log::warn(warning);
    }
    site(config, before)
}

/// Makes a site of a configuration.
///
/// # Errors
/// When a model or an upstream cannot be set up, in words.
pub fn site(config: Config, before: Option<&Site>) -> Result<Site, String> {
    let embedders = embedders(&config, before)?;
    // What embeds is always there, and what is left of the memory is for the others.
    let reserved = embedders.values().map(|embedder| embedder.needed().at_load()).sum();
    let fleet = before.map_or_else(|| fleet(&config), |before| Arc::clone(&before.fleet));
    fleet.bound(config.device_memory, reserved);
    let engines = engines(&config, before, &fleet).inspect_err(|_| {
        if let Some(before) = before {
            let reserved = before.embedders.values().map(|embedder| embedder.needed().at_load()).sum();
            fleet.bound(before.config.device_memory, reserved);
        }
    })?;
    let known = before.map(|site| &site.upstreams);
    let upstreams = Upstreams::new(&config.upstreams, known).map_err(|error| error.to_string())?;
    let rates = config.prices.iter().map(|price| (price.target.clone(), price.rate)).collect();
    let windows =
        config.windows.iter().map(|window| (window.target.clone(), window.context_tokens)).collect();
    let kept = before.and_then(|before| before.store.as_deref());
    let store = config.store.as_ref().map(|store| ContentStore::open(store, kept)).transpose();
    let store = store.map_err(|error| error.to_string())?.map(Arc::new);
    warm(&config);
    Ok(Site {
        generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        keys: Keys::new(&config),
        upstreams,
        fleet,
        engines,
        embedders,
        rates,
        windows,
        store,
        config,
    })
}

/// The memory that models of this process share.
#[must_use]
pub fn fleet(config: &Config) -> Arc<Fleet> {
    Fleet::new(config.device_memory, |event| match event {
        Event::Loaded { model, took, on_cards } => {
            let on_cards =
                on_cards.map(|(some, all)| format!(", {some} of its {all} layers on graphics cards"));
            let on_cards = on_cards.unwrap_or_default();
            log::info(&format!("model device/{model}: loaded in {:.1} s{on_cards}", took.as_secs_f64()));
        }
        Event::Unloaded { model, made_room_for } => {
            log::info(&format!("model device/{model}: unloaded to make room for device/{made_room_for}"));
        }
        Event::Failed { model, error } => log::warn(&format!("model device/{model}: not loaded: {error}")),
    })
}

type Embedders = BTreeMap<String, Arc<LocalEmbedder>>;

fn embedders(config: &Config, before: Option<&Site>) -> Result<Embedders, String> {
    let mut embedders = BTreeMap::new();
    for model in config.models.iter().filter(|model| model.embeddings) {
        let name = Target::device(&model.name).name().to_owned();
        let weights = weights(&config.hub, model)?;
        let known = before.filter(|before| before.config.models.contains(model));
        let embedder = known.and_then(|before| before.embedders.get(&name));
        let embedder = match embedder.filter(|kept| weights.are(kept.model())) {
            Some(embedder) => Arc::clone(embedder),
            None => open_embedder(model, &weights)?,
        };
        embedders.insert(name, embedder);
    }
    Ok(embedders)
}

fn engines(
    config: &Config,
    before: Option<&Site>,
    fleet: &Arc<Fleet>,
) -> Result<BTreeMap<String, Arc<dyn Engine>>, String> {
    let mut engines: BTreeMap<String, Arc<dyn Engine>> = BTreeMap::new();
    for model in config.models.iter().filter(|model| !model.embeddings) {
        let name = Target::device(&model.name).name().to_owned();
        let weights = weights(&config.hub, model)?;
        let engine = match kept(model, &name, before).filter(|kept| weights.are(kept.model())) {
            Some(engine) => engine,
            None => open_weights(model, &weights, fleet)?,
        };
        engines.insert(name, engine);
    }
    Ok(engines)
}

/// Judges a request of our own: detectors finish their tables on first use, and no client should wait for it.
fn warm(config: &Config) {
    let body = r#"{"model":"auto","messages":[{"role":"user","content":"Warm \u00fc 1 a@b.c"}]}"#;
    if let Ok(request) = ChatRequest::openai(body) {
        drop(config.policy.judge(request, Caller::default()));
    }
}

/// Loads the configuration again and puts it in place of the one that runs. One reload follows another: the last that is asked
/// for reads its files last, and is the one that holds.
///
/// # Errors
/// Why the old one stays.
pub async fn reload(app: &Arc<App>) -> Result<(), String> {
    let shared = Arc::clone(app);
    let loaded = tokio::task::spawn_blocking(move || {
        let _turn = shared.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shared.site();
        let site = load(shared.config_file.as_deref(), Some(&before))?;
        fixed(&before, &site)?;
        shared.limiter.configure(&site.config);
        shared.metrics.memory_lost(shared.memory.configure(site.config.memory, clock::now()));
        shared.budgets.configure(&site.config.budgets, clock::unix_seconds());
        shared.responses.configure(site.config.responses, clock::now());
        shared.responses.keep_only(|caller| site.keys.knows(caller));
        shared.metrics.learn(&site.config.policy);
        if let Some(store) = &site.store {
            // Under its new bounds.
            store.erase_beside();
        }
        shared.replace(site);
        Ok(())
    });
    let result = loaded.await.unwrap_or_else(|_| Err("loading it failed".to_owned()));
    app.metrics.reload(result.is_ok());
    match &result {
        Ok(()) => log::info("configuration reloaded"),
        Err(message) => log::warn(&format!("the old configuration stays: {message}")),
    }
    result
}

/// What a reload cannot change: sockets are bound and files are open.
fn fixed(before: &Site, after: &Site) -> Result<(), String> {
    let (old, new) = (&before.config, &after.config);
    let changed = [
        ("server.listen", old.server.listen != new.server.listen),
        ("server.admin_listen", old.server.admin_listen != new.server.admin_listen),
        ("server.workers", old.server.workers != new.server.workers),
        ("server.connections_max", old.server.connections_max != new.server.connections_max),
        ("server.header_bytes_max", old.server.header_bytes_max != new.server.header_bytes_max),
        ("server.header_count_max", old.server.header_count_max != new.server.header_count_max),
        ("server.header_timeout_ms", old.server.header_timeout != new.server.header_timeout),
        ("server.drain_timeout_ms", old.server.drain_timeout != new.server.drain_timeout),
        ("server.tls_certificate", old.server.tls != new.server.tls),
        ("audit", old.audit.file != new.audit.file),
        ("budgets.file", old.budgets.file != new.budgets.file),
    ];
    match changed.iter().find(|(_, changed)| *changed) {
        Some((key, _)) => Err(format!("`{key}` has changed, which takes a restart")),
        None => Ok(()),
    }
}

fn kept(model: &Model, name: &str, before: Option<&Site>) -> Option<Arc<dyn Engine>> {
    let before = before?;
    let same = before.config.models.contains(model);
    let engine = before.engines.get(name).filter(|engine| same && engine.status() == EngineStatus::Ready)?;
    Some(Arc::clone(engine))
}

/// Where a model's weights are by now, and what they have to be.
struct Weights {
    here: hearthgate_engines::ModelSource,
    /// What was pulled from a hub: its files, and their digests.
    pulled: Option<(HubSource, Resolved)>,
    hub: config::Hub,
}

impl Weights {
    /// Whether a model that is loaded has these weights.
    fn are(&self, card: &ModelCard) -> bool {
        self.pulled.as_ref().is_none_or(|(_, resolved)| resolved.sha256 == card.file_digests)
    }

    /// That what was loaded is what was pulled.
    fn check(&self, model: &Model, card: &ModelCard) -> Result<(), String> {
        let Some((source, resolved)) = self.pulled.as_ref().filter(|_| !self.are(card)) else {
            return Ok(());
        };
        let (all, all_before) = (&card.file_digests, &resolved.sha256);
        let what = match (1..).zip(all.iter().zip(all_before)).find(|(_, (is, was))| is != was) {
            Some((part, (is, was))) if all.len() > 1 => {
                format!("the SHA-256 of its part {part} is {is} and was {was}")
            }
            Some((_, (is, was))) => format!("its SHA-256 is {is} and was {was}"),
            None => format!("it has {} files and had {}", all.len(), all_before.len()),
        };
        let damaged = Store::new(&self.hub).map(|store| store.damaged(source, resolved.path.clone(), what));
        let error = damaged.unwrap_or_else(|error| error);
        Err(format!("model `{}`: {error}", model.name))
    }
}

/// The engines open no socket and know no hub: what was pulled is a path to them.
fn weights(hub: &config::Hub, model: &Model) -> Result<Weights, String> {
    match &model.source {
        ModelSource::Here(here) => Ok(Weights { here: here.clone(), pulled: None, hub: hub.clone() }),
        ModelSource::Hub(source) => {
            let resolved = Store::new(hub).and_then(|store| store.resolve(source));
            let resolved = resolved.map_err(|error| format!("model `{}`: {error}", model.name))?;
            let here = hearthgate_engines::ModelSource::Path(resolved.path.clone());
            Ok(Weights { here, pulled: Some((source.clone(), resolved)), hub: hub.clone() })
        }
    }
}

fn open_embedder(model: &Model, weights: &Weights) -> Result<Arc<LocalEmbedder>, String> {
    let embedder = weights.here.open_embedder(&local(model));
    let embedder = embedder.map_err(|error| format!("model `{}`: {error}", model.name))?;
    let card = embedder.model();
    weights.check(model, card)?;
    log::info(&format!(
        "model device/{}: {} ({}, embeddings of {} numbers, {} tokens of context)",
        model.name,
        card.name,
        card.architecture,
        embedder.dimensions(),
        card.context_length
    ));
    Ok(Arc::new(embedder))
}

fn local(model: &Model) -> LocalConfig {
    let usual = LocalConfig::default();
    LocalConfig {
        slots: model.slots.unwrap_or(usual.slots),
        context_tokens: model.context_tokens.unwrap_or(usual.context_tokens),
        threads: model.threads.unwrap_or(usual.threads),
        queue_depth_max: model.queue_depth_max.unwrap_or(usual.queue_depth_max),
        queue_wait_max: model.queue_wait_max,
        prefix_cache_bytes: model.prefix_cache_mb.map_or(usual.prefix_cache_bytes, |mb| mb << 20),
        deterministic: model.deterministic,
        gpu_layers: model.gpu_layers,
        kv_cache: model.kv_cache,
        ..usual
    }
}

/// Takes in a model that answers chats.
///
/// # Errors
/// Why it cannot be loaded, in words.
pub fn open(hub: &config::Hub, model: &Model, fleet: &Arc<Fleet>) -> Result<Arc<dyn Engine>, String> {
    open_weights(model, &weights(hub, model)?, fleet)
}

fn open_weights(model: &Model, weights: &Weights, fleet: &Arc<Fleet>) -> Result<Arc<dyn Engine>, String> {
    let engine = weights.here.open(&model.name, &local(model), fleet, model.residence);
    let engine = engine.map_err(|error| format!("model `{}`: {error}", model.name))?;
    let card = engine.model();
    if card.on_cards.is_none() && model.gpu_layers.is_some_and(|layers| layers > 0) {
        log::warn(&format!(
            "model device/{}: `gpu_layers` is set, and this build computes on no graphics card of this machine; the \
             processor answers (`hearthgate models recommend` tells which cards there are)",
            model.name
        ));
    }
    weights.check(model, card)?;
    log::info(&format!(
        "model device/{}: {} ({}, {} parameters, {} tokens of context)",
        model.name, card.name, card.architecture, card.parameters, card.context_length
    ));
    if card.noise {
        log::warn(&format!(
            "model device/{} has random weights: its words are noise; configure a real one under [[model]]",
            model.name
        ));
    }
    Ok(engine)
}
