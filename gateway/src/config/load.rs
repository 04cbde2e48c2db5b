//! From a file and the environment to a [`Config`]: read, completed, merged, checked, proved.

use std::path::Path;
use std::sync::Arc;

use figment::Figment;
use figment::error::Kind;
use figment::providers::Serialized;
use figment::value::{Dict, Value};
use hearthgate_rules::policy::{Policy, PolicyFile, SHIPPED};
use hearthgate_rules::prove::{Proof, prove};
use hearthgate_rules::suggest::{did_you_mean, with_suggestion};
use hearthgate_rules::target::{Catalogue, Zone};
use sha2::{Digest as _, Sha256};

use super::check::Check;
use super::env::Env;
use super::error::ConfigError;
use super::file::ConfigFile;
use super::interpolate::interpolate;
use super::proxy::Proxies;
use super::source::{self, Source};
use super::{Config, calibration, choice, families, hub, prices, server, store, target};

impl Config {
    /// [`Config::load`] with the variables of this process.
    ///
    /// # Errors
    /// As there.
    pub fn load_from_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load(file, &Env::process())
    }

    /// Loads the configuration of a file, or the default one, and proves its policy.
    ///
    /// Values of the environment (`HEARTHGATE_SERVER__LISTEN`) override those of the file.
    ///
    /// # Errors
    /// The first thing in it that makes no sense, with its place and the mend; a policy that does not hold,
    /// with the case that shows it.
    pub fn load(file: Option<&Path>, env: &Env) -> Result<Self, ConfigError> {
        let config = Self::load_unproved(file, env)?;
        if config.proof.holds() {
            Ok(config)
        } else {
            Err(ConfigError::Unproved { policy: config.policy_name, proof: Box::new(config.proof) })
        }
    }

    /// [`Config::load`], except that the policy need not hold: to be explained, never to be served.
    ///
    /// # Errors
    /// As there, but for the policy that does not hold.
    pub fn load_unproved(file: Option<&Path>, env: &Env) -> Result<Self, ConfigError> {
        let source = Source::read(file, env)?;
        let raw = merge(&source, env)?;
        let check = Check { source: &source };
        let mut warnings = source.warnings.clone();

        let server = server::server(&check, &raw)?;
        let models = target::models(&check, &raw.model)?;
        let device_memory = check.optional("device.memory_mb", raw.device.memory_mb, 1..=16_777_216)?;
        let proxies = match Proxies::of_env(env) {
            Ok(proxies) => proxies,
            Err(what) if raw.upstream.iter().any(|upstream| upstream.zone == Zone::Cloud.as_str()) => {
                return Err(source.fault("", what));
            }
            // Nothing of a request goes that way.
            Err(what) => {
                warnings.push(format!("{what}; no proxy is used"));
                Proxies::default()
            }
        };
        let hub = hub::hub(&check, &raw.hub, file, env, &proxies, &mut warnings)?;
        let upstreams = target::upstreams(&check, &raw.upstream, &proxies, &mut warnings)?;
        warnings.extend(target::beyond_deadline(&upstreams, server.deadline));
        if models.is_empty() && upstreams.is_empty() {
            return Err(source.fault("", "nothing can answer; add a `[[model]]` or an `[[upstream]]`"));
        }
        let calibrations = calibration::calibrations(&check, &raw.model, &models)?;
        families::check(&check, &raw.family)?;
        let catalogue = target::catalogue(&models, &calibrations, &upstreams, &raw.family);
        let Judgement { policy_name, policy, policy_digest, proof } =
            policy(&source, &raw, catalogue, server.outermost_zone)?;
        warnings.extend(proof.warnings.iter().cloned());
        let keys = server::keys(&check, &raw.key, policy.labels())?;
        server::refuse_open_doors(&check, &server, &keys)?;
        if keys.is_empty() {
            warnings.push("no client key is configured: only this machine may connect".to_owned());
        }
        let store = store::store(&check, &raw.store, env, policy.labels(), &models, &mut warnings)?;
        Ok(Self {
            choice: choice::choice(&check, &raw.choice)?,
            workflows: choice::workflows(&check, &raw.workflow, policy.labels())?,
            budgets: choice::budgets(&check, &raw.budgets, &raw.budget, &keys)?,
            store,
            limits: server::limits(&check, "limits", &raw.limits)?,
            audit: server::audit(&check, &raw.audit, env)?,
            memory: server::memory(&check, &raw.memory)?,
            responses: server::responses(&check, &raw.responses)?,
            hub,
            calibrations,
            prices: prices::prices(&check, &raw.price, policy.catalogue(), &upstreams)?,
            windows: prices::windows(&check, &raw.window, policy.catalogue(), &upstreams)?,
            upstreams: target::within(upstreams, server.outermost_zone, &mut warnings),
            policy: Arc::new(policy),
            policy_name,
            policy_digest,
            server,
            models,
            device_memory: device_memory.map(|mb: u64| mb << 20),
            keys,
            proof,
            warnings,
        })
    }
}

/// The raw configuration: the file, its strings completed, and over it what variables say.
fn merge(source: &Source, env: &Env) -> Result<ConfigFile, ConfigError> {
    // Read once for its own sake: only this reader knows where in the file a fault stands.
    toml::from_str::<ConfigFile>(&source.text).map_err(|error| syntax(source, &error))?;
    let mut written: Dict = toml::from_str(&source.text).map_err(|error| syntax(source, &error))?;
    complete(source, env, "", &mut written)?;
    let merged = Figment::from(Serialized::defaults(written)).merge(Serialized::defaults(&source.overrides));
    merged.extract().map_err(|error| of_override(source, &error))
}

fn syntax(source: &Source, error: &toml::de::Error) -> ConfigError {
    source.fault_at(error.span().map_or(0, |span| span.start), with_suggestion(error.message()))
}

/// The file alone has been read, so what is wrong now came from a variable.
fn of_override(source: &Source, error: &figment::Error) -> ConfigError {
    let mut path = error.path.join(".");
    let message = match &error.kind {
        Kind::UnknownField(name, known) => {
            if !path.ends_with(name) {
                path = format!("{path}.{name}");
            }
            format!("unknown key `{name}`{}", did_you_mean(name, known.iter().copied()))
        }
        kind => kind.to_string(),
    };
    source.fault(&path, message)
}

/// Puts variables into every string of a table, `prefix` being its own key and a dot.
fn complete(source: &Source, env: &Env, prefix: &str, table: &mut Dict) -> Result<(), ConfigError> {
    table
        .iter_mut()
        .try_for_each(|(key, value)| complete_value(source, env, &format!("{prefix}{key}"), value))
}

fn complete_value(source: &Source, env: &Env, key: &str, value: &mut Value) -> Result<(), ConfigError> {
    match value {
        Value::String(_, text) if text.contains("${") => {
            *text = interpolate(text, env).map_err(|fault| source.fault(key, fault.message()))?;
            Ok(())
        }
        Value::Dict(_, table) => complete(source, env, &format!("{key}."), table),
        Value::Array(_, items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(index, item)| complete_value(source, env, &format!("{key}[{index}]"), item))
        }
        _ => Ok(()),
    }
}

/// A policy that makes sense, and whether it holds.
struct Judgement {
    policy_name: String,
    policy: Policy,
    policy_digest: String,
    proof: Proof,
}

fn policy(
    source: &Source,
    raw: &ConfigFile,
    catalogue: Catalogue,
    outermost: Zone,
) -> Result<Judgement, ConfigError> {
    let (name, text) = match &raw.policy.file {
        None => ("the shipped policy".to_owned(), SHIPPED.to_owned()),
        Some(file) => {
            let path = source.path("policy.file", file)?;
            (path.display().to_string(), source::read(&path)?)
        }
    };
    let compiled = PolicyFile::parse(&text).and_then(|file| Policy::compile(&file, catalogue, outermost));
    let policy = compiled.map_err(|error| ConfigError::Policy { policy: name.clone(), error })?;
    let proof = prove(&policy).map_err(|error| ConfigError::Unprovable { policy: name.clone(), error })?;
    Ok(Judgement { policy_name: name, policy, policy_digest: format!("{:x}", Sha256::digest(&text)), proof })
}
