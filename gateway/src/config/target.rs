//! The sections about what answers: models of this process and upstreams.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hearthgate_engines::Residence;
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::{Catalogue, EffortField, Manner, Target, Zone};
use http::{HeaderValue, Uri};
use secrecy::SecretString;

use super::check::Check;
use super::error::ConfigError;
use super::families::Family;
use super::file::{ModelFile, UpstreamFile};
use super::proxy::{Proxies, Proxy};
use super::spread::spread;
use super::{
    Access, Calibrated, Model, ModelSource, Tls, Upstream, UpstreamDialect, families, provider, quirks,
};
use crate::hub::HubSource;

/// The `[[model]]` list.
pub fn models(check: &Check<'_>, raw: &[ModelFile]) -> Result<Vec<Model>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut models = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let at = |key: &str| format!("model[{index}].{key}");
        check.once(&at("name"), &raw.name, &mut names)?;
        models.push(Model {
            name: check.name(&at("name"), &raw.name)?,
            source: source(check, &at("source"), &raw.source)?,
            slots: check.optional(&at("slots"), raw.slots, 1..=256)?,
            context_tokens: check.optional(&at("context_tokens"), raw.context_tokens, 64..=16_777_216)?,
            threads: check.optional(&at("threads"), raw.threads, 1..=1024)?,
            queue_depth_max: check.optional(&at("queue_depth_max"), raw.queue_depth_max, 1..=100_000)?,
            queue_wait_max: check.millis(&at("queue_wait_max_ms"), raw.queue_wait_max_ms, 60_000)?,
            answer_timeout: check.millis(&at("answer_timeout_ms"), raw.answer_timeout_ms, 600_000)?,
            thinking_tokens_max: check.optional(
                &at("thinking_tokens_max"),
                raw.thinking_tokens_max,
                1..=1_048_576,
            )?,
            prefix_cache_mb: check.optional(&at("prefix_cache_mb"), raw.prefix_cache_mb, 0..=1_048_576)?,
            deterministic: raw.deterministic.unwrap_or(false),
            gpu_layers: check.optional(&at("gpu_layers"), raw.gpu_layers, 0..=10_000)?,
            embeddings: raw.embeddings.unwrap_or(false),
            residence: residence(check, &at, raw)?,
            kv_cache: check.word(&at("kv_cache"), raw.kv_cache.as_deref().unwrap_or("f16"))?,
        });
    }
    Ok(models)
}

fn residence(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &ModelFile,
) -> Result<Residence, ConfigError> {
    let on_demand = match raw.load.as_deref() {
        None | Some("start") => false,
        Some("on-demand") => true,
        Some(_) => return check.fault(&at("load"), "unknown word; write \"start\" or \"on-demand\""),
    };
    let told = [("load", raw.load.is_some()), ("pinned", raw.pinned.is_some())];
    match told.iter().find(|(_, told)| *told && raw.embeddings == Some(true)) {
        Some((key, _)) => {
            check.fault(&at(key), "a model that embeds texts is always loaded; leave the key out")
        }
        None => Ok(Residence { on_demand, pinned: raw.pinned.unwrap_or(false) }),
    }
}

fn source(check: &Check<'_>, key: &str, text: &str) -> Result<ModelSource, ConfigError> {
    use hearthgate_engines::source::ModelSource as Here;

    if text.starts_with(HubSource::PREFIX) {
        return Ok(ModelSource::Hub(check.word(key, text)?));
    }
    let here = match check.word(key, text)? {
        Here::Path(path) => Here::Path(check.source.path(key, &path.to_string_lossy())?),
        here => here,
    };
    Ok(ModelSource::Here(here))
}

/// The `[[upstream]]` list, those beyond the outermost zone included.
pub fn upstreams(
    check: &Check<'_>,
    raw: &[UpstreamFile],
    proxies: &Proxies,
    warnings: &mut Vec<String>,
) -> Result<Vec<Upstream>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut upstreams = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        check.once(&format!("upstream[{index}].name"), &raw.name, &mut names)?;
        let upstream = upstream(check, index, raw, proxies)?;
        let further = upstream.spread.endpoints.iter().map(|endpoint| &endpoint.base_url);
        if std::iter::once(&upstream.base_url).chain(further).any(|url| in_clear(url, upstream.zone)) {
            warnings.push(format!(
                "upstream `{}` is spoken to without TLS: what is sent can be read on the way",
                upstream.name
            ));
        }
        upstreams.push(upstream);
    }
    Ok(upstreams)
}

/// A warning for each upstream whose own time-out the deadline of requests always precedes.
pub fn beyond_deadline(upstreams: &[Upstream], deadline: Option<Duration>) -> impl Iterator<Item = String> {
    let late = move |upstream: &&Upstream| deadline.is_some_and(|all| upstream.first_byte_timeout >= all);
    upstreams.iter().filter(late).map(|upstream| {
        format!(
            "the `first_byte_timeout_ms` of upstream `{}` is no less than `server.deadline_ms`: a target that says nothing is given \
             up after its share of the deadline alone",
            upstream.name
        )
    })
}

/// Every target: models of this process first, then those of the upstreams, in their order.
pub fn catalogue(
    models: &[Model],
    calibrations: &[Calibrated],
    upstreams: &[Upstream],
    families: &[Family],
) -> Catalogue {
    let chats = models.iter().filter(|model| !model.embeddings);
    let device = chats.map(|model| {
        let target = Target::device(&model.name);
        let known = calibrations.iter().find(|known| known.target == target.name());
        target.with_calibration(known.map(|known| Arc::clone(&known.calibration)))
    });
    let outside = upstreams.iter().flat_map(|upstream| {
        let target = |model: &String| {
            let manner = manner(upstream, model, families);
            Target::upstream(&upstream.name, model, upstream.zone, manner.effort_field)
                .with_manner(manner)
                .with_quirks(Arc::clone(&upstream.quirks))
        };
        upstream.models.iter().map(target)
    });
    device.chain(outside).map(Arc::new).collect()
}

/// What is known of a model's family, and above it what the site says of the upstream. A model at a server of OpenAI's dialect is
/// told an effort only where it is known how, there: many servers that speak it refuse what they do not know.
fn manner(upstream: &Upstream, model: &str, families: &[Family]) -> Manner {
    let openai = upstream.dialect == UpstreamDialect::OpenAi;
    let known = families::manner_of(model, families, openai.then(|| upstream.server.unwrap_or_default()));
    let effort_field = Some(known.effort_field).filter(|field| is_told(upstream.dialect, *field));
    Manner {
        effort_field: upstream.effort_field.or(effort_field).unwrap_or_default(),
        answer_tokens: upstream.answer_tokens.or(known.answer_tokens),
        ..known
    }
}

/// The upstreams within a zone; a warning names the others.
pub fn within(upstreams: Vec<Upstream>, outermost: Zone, warnings: &mut Vec<String>) -> Vec<Upstream> {
    let (within, beyond): (Vec<_>, Vec<_>) =
        upstreams.into_iter().partition(|upstream| upstream.zone <= outermost);
    if !beyond.is_empty() {
        let names: Vec<_> = beyond.iter().map(|upstream| format!("`{}`", upstream.name)).collect();
        warnings.push(format!(
            "nothing goes beyond `{outermost}`: no connection is ever made to {}",
            names.join(", ")
        ));
    }
    within
}

fn upstream(
    check: &Check<'_>,
    index: usize,
    raw: &UpstreamFile,
    proxies: &Proxies,
) -> Result<Upstream, ConfigError> {
    let at = |key: &str| format!("upstream[{index}].{key}");
    let name = check.name(&at("name"), &raw.name)?;
    if name == Target::DEVICE {
        return check.fault(&at("name"), "`device` is this process; give the upstream another name");
    }
    let zone = check.word(&at("zone"), &raw.zone)?;
    if zone == Zone::Device {
        return check.fault(
            &at("zone"),
            "an upstream is never on the device; write \"premises\" or \"cloud\", or use a `[[model]]`",
        );
    }
    let ca_file = raw.ca_file.as_ref().map(|file| check.source.path(&at("ca_file"), file)).transpose()?;
    let millis = |key: &str, value, default_ms| check.millis(&at(key), value, default_ms);
    let base_url = base_url(check, &at("base_url"), &raw.base_url)?;
    let provider = provider::provider(check, &at, raw, &base_url)?;
    let dialect = provider.dialect;
    let quirks = quirks::quirks(check, &at, raw, dialect, base_url.host().unwrap_or_default())?;
    let effort_field =
        raw.effort_field.as_ref().map(|word| check.word(&at("effort_field"), word)).transpose()?;
    let effort_field = effort_field.map(|Effort(field)| field);
    if effort_field.is_some_and(|field| !is_told(dialect, field)) {
        return check.fault(&at("effort_field"), "the dialect of this upstream has no such field");
    }
    let api_key = api_key(check, &at("api_key"), raw.api_key.as_deref())?;
    let spread = spread(check, &at, raw, (&base_url, api_key.as_ref(), zone), proxies)?;
    let places = spread.endpoints.iter().map(|endpoint| &endpoint.base_url);
    let hosts = std::iter::once(&base_url).chain(places).map(|url| url.host().unwrap_or_default());
    let server = quirks::server(raw, hosts);
    Ok(Upstream {
        server,
        spread,
        access: access(check, &at, raw, (&base_url, zone))?,
        proxy: proxy(check, &at("proxy"), raw.proxy.as_deref(), (&base_url, zone), proxies)?,
        zone,
        dialect,
        endpoint: provider.endpoint,
        api_key_header: provider.api_key_header,
        aws: provider.aws,
        quirks: Arc::new(quirks),
        base_url,
        api_key,
        models: model_names(check, &at("models"), &raw.models)?,
        effort_field,
        answer_tokens: check.optional(&at("answer_tokens"), raw.answer_tokens, 1..=10_000_000)?,
        connect_timeout: millis("connect_timeout_ms", raw.connect_timeout_ms, 5_000)?,
        first_byte_timeout: millis("first_byte_timeout_ms", raw.first_byte_timeout_ms, 120_000)?,
        idle_timeout: millis("idle_timeout_ms", raw.idle_timeout_ms, 60_000)?,
        retries: check.number(&at("retries"), raw.retries.unwrap_or(2), 0..=10)?,
        idle_connections_max: check.number(
            &at("idle_connections_max"),
            raw.idle_connections_max.unwrap_or(512),
            0..=10_000,
        )?,
        breaker_faults: check.number(&at("breaker_faults"), raw.breaker_faults.unwrap_or(5), 1..=10_000)?,
        breaker_open: millis("breaker_open_ms", raw.breaker_open_ms, 10_000)?,
        ca_file,
        name,
    })
}

fn access(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    (base_url, zone): (&Uri, Zone),
) -> Result<Access, ConfigError> {
    let path = |key: &str, file: &String| check.source.path(&at(key), file);
    let certificate = match (&raw.client_certificate, &raw.client_key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            Some(Tls { certificate: path("client_certificate", certificate)?, key: path("client_key", key)? })
        }
        (Some(_), None) => return check.fault(&at("client_certificate"), "is set and no `client_key` is"),
        (None, Some(_)) => return check.fault(&at("client_key"), "is set and no `client_certificate` is"),
    };
    if certificate.is_some() && base_url.scheme_str() != Some("https") {
        let mend = "is shown in TLS alone; give this upstream a `base_url` that begins with https://";
        return check.fault(&at("client_certificate"), mend);
    }
    let (key, told, idle, idle_told) = match zone {
        Zone::Cloud => ("private_addresses", raw.private_addresses, "public_addresses", raw.public_addresses),
        _ => ("public_addresses", raw.public_addresses, "private_addresses", raw.private_addresses),
    };
    if idle_told.is_some() {
        return check
            .fault(&at(idle), format!("has no effect in zone `{zone}`; write `{key}`, or leave it out"));
    }
    Ok(Access { any_address: told.unwrap_or(false), certificate })
}

/// The proxy on the way to an upstream: its own, or for a cloud that of the environment. Premises are not behind it.
pub fn proxy(
    check: &Check<'_>,
    key: &str,
    written: Option<&str>,
    (url, zone): (&Uri, Zone),
    proxies: &Proxies,
) -> Result<Option<Proxy>, ConfigError> {
    let of_its_own = match written {
        Some("none") => return Ok(None),
        Some(written) => Proxies::one(written).or_else(|what| check.fault(key, what))?,
        None if zone == Zone::Cloud => proxies.clone(),
        None => return Ok(None),
    };
    if written.is_some() && url.scheme_str() != Some("https") {
        return check
            .fault(key, "would see what is said; give this upstream a `base_url` that begins with https://");
    }
    Ok(of_its_own.of(url))
}

/// Whether a dialect has a field for the effort.
fn is_told(dialect: UpstreamDialect, field: EffortField) -> bool {
    use EffortField as Field;
    match dialect {
        _ if field == Field::None => true,
        UpstreamDialect::OpenAi => matches!(
            field,
            Field::ReasoningEffort | Field::Reasoning | Field::EnableThinking | Field::ThinkingSwitch
        ),
        UpstreamDialect::Anthropic => matches!(field, Field::ThinkingBudget | Field::AdaptiveThinking),
        UpstreamDialect::Gemini => matches!(field, Field::ThinkingBudget | Field::ThinkingLevel),
        UpstreamDialect::Bedrock => {
            matches!(field, Field::ThinkingBudget | Field::AdaptiveThinking | Field::ReasoningEffort)
        }
    }
}

/// The words for the fields by which an effort is told.
const EFFORT_WORDS: [(&str, EffortField); 8] = [
    ("none", EffortField::None),
    ("reasoning_effort", EffortField::ReasoningEffort),
    ("thinking_budget", EffortField::ThinkingBudget),
    ("adaptive_thinking", EffortField::AdaptiveThinking),
    ("thinking_level", EffortField::ThinkingLevel),
    ("reasoning", EffortField::Reasoning),
    ("enable_thinking", EffortField::EnableThinking),
    ("thinking", EffortField::ThinkingSwitch),
];

/// [`EffortField`] by its name.
struct Effort(EffortField);

impl FromStr for Effort {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some((_, field)) = EFFORT_WORDS.iter().find(|(word, _)| *word == name) {
            return Ok(Self(*field));
        }
        let words = EFFORT_WORDS.map(|(word, _)| word);
        let all = words.map(|word| format!("`{word}`")).join(", ");
        Err(format!("unknown effort field `{name}`{}; write one of {all}", did_you_mean(name, words)))
    }
}

/// A base URL. It is not repeated where it may hold a password.
pub fn base_url(check: &Check<'_>, key: &str, text: &str) -> Result<Uri, ConfigError> {
    let such_as = "write one such as `https://api.openai.com/v1`";
    if text.contains('@') {
        return check.fault(key, "holds a user name or `@`; put the key into `api_key`");
    }
    if text.contains(['?', '#']) {
        return check.fault(key, format!("`{text}` has a query or a fragment; {such_as}"));
    }
    let uri: Uri = text
        .trim_end_matches('/')
        .parse()
        .map_err(|error| check.source.fault(key, format!("`{text}` is not a URL: {error}; {such_as}")))?;
    let Some(authority) = uri.authority().filter(|_| matches!(uri.scheme_str(), Some("http" | "https")))
    else {
        return check.fault(key, format!("`{text}` does not begin with `https://` or `http://`; {such_as}"));
    };
    let after_host = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if authority.host().is_empty()
        || !(after_host.is_empty() || authority.port_u16().is_some_and(|port| port > 0))
    {
        return check.fault(key, format!("`{text}` has no host, or a port that is none; {such_as}"));
    }
    Ok(uri)
}

pub fn api_key(
    check: &Check<'_>,
    key: &str,
    text: Option<&str>,
) -> Result<Option<SecretString>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    if text.trim().is_empty() {
        return check.fault(key, "is empty; set the variable that it is read from, or leave the key out");
    }
    if text.trim() != text || HeaderValue::from_str(text).is_err() || !text.is_ascii() {
        return check.fault(key, "holds white space or characters that no header can carry");
    }
    Ok(Some(text.into()))
}

fn model_names(check: &Check<'_>, key: &str, names: &[String]) -> Result<Vec<String>, ConfigError> {
    if names.is_empty() {
        return check.fault(key, "names no model; write those that this upstream may be asked for");
    }
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let key = format!("{key}[{index}]");
        if name.is_empty() || name == "*" || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return check.fault(&key, format!("`{name}` is not a model's name"));
        }
        check.once(&key, name, &mut seen)?;
    }
    Ok(names.to_vec())
}

/// Whether a key or a prompt would cross a network that anybody may listen on.
fn in_clear(url: &Uri, zone: Zone) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    url.scheme_str() == Some("http") && !here && zone == Zone::Cloud
}
