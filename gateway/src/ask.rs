//! The headers by which a caller tightens or informs a decision, and the one by which it may ask for less.

use std::time::Duration;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::Value;
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::target::{Effort, Zone};
use http::HeaderMap;

use crate::config::Wish;
use crate::dialect::effort::Level;
use crate::respond::Fault;

/// The longest workflow name that is read.
const WORKFLOW_BYTES_MAX: usize = 128;

/// What asks for a label to be lowered.
const DECLASSIFY: &str = "x-hearthgate-declassify";

/// What a request's headers ask for.
#[derive(Clone, Default)]
pub struct Ask {
    /// `x-hearthgate-label`: at least this label.
    pub label: Option<Label>,
    /// `x-hearthgate-zone`: at most this zone.
    pub zone: Option<Zone>,
    /// `x-hearthgate-workflow`
    pub workflow: Option<String>,
    /// `x-hearthgate-effort`
    pub effort: Option<Effort>,
    /// `x-hearthgate-latency-max-ms` and `x-hearthgate-cost-max-usd`
    pub wish: Wish,
    /// `x-hearthgate-declassify`: the one that may lower, where a role of the caller's allows it.
    pub declassify: Option<String>,
}

impl Ask {
    /// Reads them. A header that cannot be read is refused: taking it for absent could let a request further
    /// out than its sender meant.
    ///
    /// # Errors
    /// When one has a value that it does not have.
    pub fn read(headers: &HeaderMap, policy: &Policy, roles: &[String]) -> Result<Self, Fault> {
        let label = value(headers, "x-hearthgate-label", |name| {
            policy.labels().named(name).map_err(|_| {
                let names: Vec<_> = policy.labels().all().map(|label| policy.labels().name(label)).collect();
                format!("must be one of {}", names.join(", "))
            })
        })?;
        let zone = value(headers, "x-hearthgate-zone", |name| {
            name.parse::<Zone>().map_err(|_| "must be one of device, premises, cloud".to_owned())
        })?;
        let effort = value(headers, "x-hearthgate-effort", |name| {
            name.parse::<Effort>().map_err(|_| "must be quick or deliberate".to_owned())
        })?;
        let workflow = value(headers, "x-hearthgate-workflow", |name| {
            let sound = !name.is_empty() && name.len() <= WORKFLOW_BYTES_MAX;
            sound
                .then(|| name.to_owned())
                .ok_or_else(|| format!("must have 1 to {WORKFLOW_BYTES_MAX} characters"))
        })?;
        let latency = value(headers, "x-hearthgate-latency-max-ms", |millis| {
            let millis = millis.parse::<u32>().ok().filter(|millis| *millis > 0);
            let millis = millis.ok_or_else(|| "must be a whole number of milliseconds above 0".to_owned())?;
            Ok(Duration::from_millis(u64::from(millis)))
        })?;
        let cost_usd = value(headers, "x-hearthgate-cost-max-usd", |usd| {
            let usd = usd.parse::<f64>().ok().filter(|usd| *usd > 0.0 && usd.is_finite());
            usd.ok_or_else(|| "must be an amount of USD above 0, such as 0.002".to_owned())
        })?;
        let wish = Wish { latency, cost_usd };
        let declassify = value(headers, DECLASSIFY, |name| Ok(name.to_owned()))?;
        let allowed =
            |name: &String| policy.declassification(name).is_some_and(|known| roles.contains(&known.role));
        if let Some(name) = declassify.as_ref().filter(|name| !allowed(name)) {
            // A name is repeated only where it is the policy's own word.
            let name = policy.declassification(name).map(|known| known.name.clone());
            return Err(Fault::Declassify(name));
        }
        Ok(Self { label, zone, workflow, effort, wish, declassify })
    }
}

/// The effort that the body itself asks for.
#[must_use]
pub fn effort_of(request: &ChatRequest) -> Option<Effort> {
    Some(match Level::asked(request)? {
        Level::None | Level::Minimal | Level::Low => Effort::Quick,
        Level::Medium | Level::High | Level::Highest => Effort::Deliberate,
    })
}

/// The tier of a provider's service that the body asks for; none for what every request has.
#[must_use]
pub fn tier_of(request: &ChatRequest) -> Option<&str> {
    let named = request.body().present("service_tier").and_then(Value::as_str);
    named.filter(|tier| !matches!(*tier, "auto" | "default" | "standard_only"))
}

fn value<T>(
    headers: &HeaderMap,
    name: &'static str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Fault> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let fault = |message| Fault::Header { name, message };
    if values.next().is_some() {
        return Err(fault("must stand once".to_owned()));
    }
    let text = value.to_str().map_err(|_| fault("must be plain ASCII".to_owned()))?;
    read(text.trim()).map(Some).map_err(fault)
}
