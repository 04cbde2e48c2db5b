//! The circumstances of a request that `explain` is told: who asks, and the state of the world.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::{Follows, Pace, Signals};
use hearthgate_rules::difficulty::{Band, Probed};
use hearthgate_rules::json::{Kind, Value, quote};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::{BudgetState, Health, Policy};
use hearthgate_rules::suggest::did_you_mean;
use thiserror::Error;

use crate::config::{Config, Key, in_workflows};

/// Who asks, and the state of the world.
pub(super) struct Circumstances {
    pub caller: Caller,
    pub signals: Signals,
    /// What the caller has asked before.
    pub history: Vec<ChatRequest>,
    /// The surface on which it comes in, and so how it is read.
    pub dialect: Dialect,
}

/// Something in `hearthgate` that makes no sense.
#[derive(Debug, Error)]
#[error("{message}")]
pub(super) struct Misfit {
    pub message: String,
    pub pointer: String,
}

const MEMBERS: [&str; 17] = [
    "caller",
    "tenant",
    "workflow",
    "label",
    "zone",
    "effort",
    "dialect",
    "health",
    "budget",
    "conversation",
    "history",
    "declassify",
    "probed",
    "late",
    "dear",
    "pace",
    "follows",
];

impl Circumstances {
    /// Reads the member `hearthgate`; where there is none, nobody in particular asks and all is well.
    ///
    /// # Errors
    /// The first member that is not known, or whose value makes no sense.
    pub fn read(value: Option<Value<'_>>, config: &Config) -> Result<Self, Misfit> {
        let mut found = Self {
            caller: Caller::default(),
            signals: Signals::default(),
            history: Vec::new(),
            dialect: Dialect::OpenAiChat,
        };
        let Some(value) = value else { return Ok(found) };
        if value.kind() != Kind::Object {
            return Err(misfit(value, "`hearthgate` must be an object"));
        }
        // The key comes first: what is said besides adds to it.
        if let Some(caller) = value.get("caller") {
            found.caller = of_key(caller, &config.keys)?;
        }
        let own = found.caller.workflow.clone();
        for (name, value) in value.members() {
            found.take(name, value, &config.policy)?;
        }
        in_workflows(&mut found.caller, own.as_deref(), &config.workflows);
        Ok(found)
    }

    fn take(&mut self, name: &str, value: Value<'_>, policy: &Policy) -> Result<(), Misfit> {
        let (caller, signals) = (&mut self.caller, &mut self.signals);
        match name {
            "caller" => {}
            "tenant" => caller.tenant = Some(text(value)?.to_owned()),
            "workflow" => caller.workflow = Some(text(value)?.to_owned()),
            "label" => caller.label = caller.label.max(Some(label(value, policy)?)),
            "zone" => {
                let zone = text(value)?.parse().map_err(|message: String| misfit(value, &message))?;
                caller.zone = Some(caller.zone.map_or(zone, |own| own.min(zone)));
            }
            "effort" => {
                let effort = text(value)?.parse().map_err(|message: String| misfit(value, &message))?;
                caller.effort = Some(effort);
            }
            "dialect" => {
                let known = Dialect::ALL.map(|dialect| (dialect.as_str(), dialect));
                self.dialect = one_of(value, "dialect", known)?;
            }
            "health" => health(value, policy, signals)?,
            "budget" => {
                signals.budget =
                    one_of(value, "budget", BudgetState::ALL.map(|state| (state.as_str(), state)))?;
            }
            "probed" => {
                signals.probed =
                    Some(one_of(value, "outcome", Probed::ALL.map(|probed| (probed.as_str(), probed)))?);
            }
            "late" => signals.leaning.late = targets(value, policy)?,
            "dear" => signals.leaning.dear = targets(value, policy)?,
            "pace" => {
                for (name, pace) in value.members() {
                    let known = Pace::ALL.map(|pace| (pace.as_str(), pace));
                    let target = known_target(name, pace, policy)?;
                    signals.leaning.pace.insert(target, one_of(pace, "pace", known)?);
                }
            }
            "follows" => signals.leaning.follows = Some(follows(value, policy)?),
            "declassify" => declassify(value, policy, caller)?,
            "history" => self.history = history(value)?,
            "conversation" => signals.conversation = Some(label(value, policy)?),
            other => {
                let mend = did_you_mean(other, MEMBERS);
                return Err(misfit(value, &format!("unknown key in `hearthgate`{mend}")));
            }
        }
        Ok(())
    }
}

/// The caller of a configured key; where none is configured, anybody may be named.
fn of_key(value: Value<'_>, keys: &[Key]) -> Result<Caller, Misfit> {
    let name = text(value)?;
    if keys.is_empty() {
        return Ok(Caller { name: name.to_owned(), ..Caller::default() });
    }
    let key = keys.iter().find(|key| key.name == name).ok_or_else(|| {
        let mend = did_you_mean(name, keys.iter().map(|key| key.name.as_str()));
        misfit(value, &format!("no configured key has this name{mend}"))
    })?;
    Ok(Caller {
        name: key.name.clone(),
        tenant: key.tenant.clone(),
        workflow: key.workflow.clone(),
        key_workflow: None,
        label: key.label,
        zone: key.zone,
        effort: None,
        roles: key.roles.clone(),
        declassify: None,
    })
}

/// A declassification, which a caller may ask for whose key has the role; one who shows no key here has it.
fn declassify(value: Value<'_>, policy: &Policy, caller: &mut Caller) -> Result<(), Misfit> {
    let name = text(value)?;
    let names = policy.declassifications().iter().map(|known| known.name.as_str());
    let known = policy
        .declassification(name)
        .ok_or_else(|| misfit(value, &format!("unknown declassification{}", did_you_mean(name, names))))?;
    if caller.name.is_empty() {
        caller.roles.push(known.role.clone());
    } else if !caller.roles.contains(&known.role) {
        return Err(misfit(value, &format!("no role of this caller allows it; it takes `{}`", known.role)));
    }
    caller.declassify = Some(known.name.clone());
    Ok(())
}

/// What the caller has asked before: a list of texts, each a request of its own.
fn history(value: Value<'_>) -> Result<Vec<ChatRequest>, Misfit> {
    if value.kind() != Kind::Array {
        return Err(misfit(value, "must be a list of texts"));
    }
    let request = |item: Value<'_>| {
        let text = quote(text(item)?);
        let body = format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{text}}}]}}"#);
        ChatRequest::openai(body).map_err(|error| misfit(item, &error.to_string()))
    };
    value.items().map(request).collect()
}

/// Where the turn before was answered.
fn follows(value: Value<'_>, policy: &Policy) -> Result<Follows, Misfit> {
    let [target, band] = ["target", "band"].map(|name| {
        value.get(name).ok_or_else(|| misfit(value, &format!("must be an object with `{name}`")))
    });
    let (target, band) = (target?, band?);
    let saves = value.get("saves").map(|saves| targets(saves, policy)).transpose()?;
    Ok(Follows {
        target: known_target(text(target)?, target, policy)?,
        band: one_of(band, "band", Band::ALL.map(|band| (band.as_str(), band)))?,
        saves: saves.unwrap_or_default().into_iter().collect(),
    })
}

/// A list of targets.
fn targets(value: Value<'_>, policy: &Policy) -> Result<Vec<String>, Misfit> {
    if value.kind() != Kind::Array {
        return Err(misfit(value, "must be a list of targets"));
    }
    value.items().map(|item| known_target(text(item)?, item, policy)).collect()
}

fn known_target(name: &str, at: Value<'_>, policy: &Policy) -> Result<String, Misfit> {
    let names = || policy.catalogue().iter().map(|target| target.name());
    let known = names().find(|known| *known == name).map(str::to_owned);
    known.ok_or_else(|| misfit(at, &format!("unknown target{}", did_you_mean(name, names()))))
}

fn health(value: Value<'_>, policy: &Policy, signals: &mut Signals) -> Result<(), Misfit> {
    if value.kind() != Kind::Object {
        return Err(misfit(value, "must be an object of targets and their states"));
    }
    for (name, state) in value.members() {
        let target = known_target(name, state, policy)?;
        if one_of(state, "health", Health::ALL.map(|health| (health.as_str(), health)))? == Health::Down {
            signals.down.insert(target);
        }
    }
    Ok(())
}

fn label(value: Value<'_>, policy: &Policy) -> Result<Label, Misfit> {
    policy.labels().named(text(value)?).map_err(|error| misfit(value, &error.to_string()))
}

fn one_of<T: Copy, const N: usize>(value: Value<'_>, what: &str, all: [(&str, T); N]) -> Result<T, Misfit> {
    let name = text(value)?;
    all.iter().find(|(known, _)| *known == name).map(|(_, found)| *found).ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|(known, _)| *known).collect();
        misfit(value, &format!("unknown {what}; it is one of {}", known.join(", ")))
    })
}

fn text(value: Value<'_>) -> Result<&str, Misfit> {
    value.as_str().ok_or_else(|| misfit(value, "must be a string"))
}

fn misfit(value: Value<'_>, message: &str) -> Misfit {
    Misfit { message: message.to_owned(), pointer: value.pointer() }
}
