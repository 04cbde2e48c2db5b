//! `/v1/models`: what may be asked for.

use std::net::SocketAddr;

use bytes::Bytes;
use hearthgate_rules::json::quote;
use hearthgate_rules::target::Zone;
use http::{HeaderMap, Response, StatusCode, Uri};

use crate::app::Site;
use crate::body::Body;
use crate::respond::{self, Fault};

/// `GET /v1/models`
///
/// # Errors
/// When the caller is not known.
pub fn list(site: &Site, peer: SocketAddr, headers: &HeaderMap, uri: &Uri) -> Result<Response<Body>, Fault> {
    let names = reachable(site, peer, headers, uri)?;
    if anthropic(headers) {
        let models: Vec<_> = names.iter().map(|(name, _)| anthropic_model(name)).collect();
        let id =
            |name: Option<&(String, String)>| name.map_or_else(|| "null".to_owned(), |(name, _)| quote(name));
        let (first, last) = (id(names.first()), id(names.last()));
        let body = format!(
            "{{\"data\":[{}],\"has_more\":false,\"first_id\":{first},\"last_id\":{last}}}",
            models.join(",")
        );
        return Ok(respond::json(StatusCode::OK, Bytes::from(body)));
    }
    let models: Vec<_> = names.iter().map(|(name, owner)| model(site, name, owner)).collect();
    let body = format!("{{\"object\":\"list\",\"data\":[{}]}}", models.join(","));
    Ok(respond::json(StatusCode::OK, Bytes::from(body)))
}

/// `GET /v1/models/{id}`
///
/// # Errors
/// When the caller or the model is not known.
pub fn one(site: &Site, peer: SocketAddr, headers: &HeaderMap, uri: &Uri) -> Result<Response<Body>, Fault> {
    let names = reachable(site, peer, headers, uri)?;
    // Clients send the slash of `device/starter` bare or as %2F.
    let asked =
        uri.path().strip_prefix("/v1/models/").unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
    let (name, owner) = names.iter().find(|(name, _)| *name == asked).ok_or(Fault::NoSuchModel)?;
    let body = if anthropic(headers) { anthropic_model(name) } else { model(site, name, owner) };
    Ok(respond::json(StatusCode::OK, Bytes::from(body)))
}

/// Whether a caller speaks Anthropic's dialect: all of its clients send this header.
#[must_use]
pub fn anthropic(headers: &HeaderMap) -> bool {
    headers.contains_key("anthropic-version")
}

fn anthropic_model(name: &str) -> String {
    let name = quote(name);
    format!(
        "{{\"type\":\"model\",\"id\":{name},\"display_name\":{name},\"created_at\":\"1970-01-01T00:00:00Z\"}}"
    )
}

/// The names that may be asked for, for an error's mend.
#[must_use]
pub fn known(site: &Site) -> String {
    const NAMES_MAX: usize = 12;
    let policy = &site.config.policy;
    let targets = policy.catalogue().iter().map(|target| target.name().to_owned());
    let aliases = policy.aliases().map(str::to_owned);
    let names: Vec<_> =
        std::iter::once("auto".to_owned()).chain(aliases).chain(targets).take(NAMES_MAX).collect();
    names.join(", ")
}

/// Whether a name can be asked for.
#[must_use]
pub fn is_known(site: &Site, name: &str) -> bool {
    let policy = &site.config.policy;
    let targets = policy.catalogue().iter();
    let own = name == "auto" || policy.aliases().any(|alias| alias == name);
    own || targets.into_iter().any(|target| target.name() == name || target.model() == name)
        || site.embedders.contains_key(name)
}

/// The names that a caller may ask for, each with whose it is.
///
/// # Errors
/// When the caller is not known.
pub fn reachable(
    site: &Site,
    peer: SocketAddr,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Vec<(String, String)>, Fault> {
    let identity = site.keys.authenticate(headers, uri, peer).map_err(Fault::Auth)?;
    let policy = &site.config.policy;
    let outermost = identity.zone.unwrap_or(Zone::Cloud).min(policy.outermost());
    let own = std::iter::once("auto")
        .chain(policy.aliases())
        .map(|name| (name.to_owned(), "hearthgate".to_owned()));
    let within = policy.catalogue().iter().filter(|target| target.zone() <= outermost);
    let targets = within.map(|target| (target.name().to_owned(), target.upstream_name().to_owned()));
    let embedders = site.embedders.keys().map(|name| (name.clone(), "device".to_owned()));
    Ok(own.chain(targets).chain(embedders).collect())
}

fn model(site: &Site, name: &str, owner: &str) -> String {
    let facts = device_facts(site, name).unwrap_or_default();
    format!(
        "{{\"id\":{},\"object\":\"model\",\"created\":0,\"owned_by\":{}{facts}}}",
        quote(name),
        quote(owner)
    )
}

/// What a model of this process can do.
fn device_facts(site: &Site, name: &str) -> Option<String> {
    let facts = |context: u32, more: &str, parameters: u64| {
        format!(",\"context_length\":{context},\"parameters\":{parameters},\"capabilities\":{{{more}}}")
    };
    if let Some(engine) = site.engines.get(name) {
        let card = engine.model();
        let more = format!(
            "\"chat\":true,\"completions\":true,\"tools\":{},\"json_schema\":true,\"logprobs\":true,\"thinking\":{},\"embeddings\":false",
            card.supports_tools, card.supports_thinking
        );
        return Some(facts(card.context_length, &more, card.parameters));
    }
    let embedder = site.embedders.get(name)?;
    let card = embedder.model();
    let more = format!(
        "\"chat\":false,\"completions\":false,\"embeddings\":true,\"dimensions\":{}",
        embedder.dimensions()
    );
    Some(facts(card.context_length, &more, card.parameters))
}
