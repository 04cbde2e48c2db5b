//! Looking up the names that a policy uses, with errors that name the rule and the mend.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::file::{ProbeFile, VerifyFile};
use super::{Condition, PolicyError, Route, RouteFile, Verify, select};
use crate::difficulty::Probe;
use crate::inspect::{KindId, Kinds, OpaqueKind};
use crate::label::{Label, Labels};
use crate::suggest::did_you_mean;
use crate::target::{Catalogue, Selector, Target, Zone};

/// What the names in a policy can stand for.
pub struct Scope<'a> {
    labels: &'a Labels,
    kinds: &'a Kinds,
    catalogue: &'a Catalogue,
}

impl<'a> Scope<'a> {
    pub(super) fn new(labels: &'a Labels, kinds: &'a Kinds, catalogue: &'a Catalogue) -> Self {
        Self { labels, kinds, catalogue }
    }

    pub(super) fn kind(&self, name: &str, rule: &str) -> Result<KindId, PolicyError> {
        self.kinds.named(name).ok_or_else(|| PolicyError::Unknown {
            rule: rule.to_owned(),
            what: "finding kind",
            name: name.to_owned(),
            mend: did_you_mean(name, self.kinds.names()),
        })
    }

    pub(super) fn opaque(&self, name: &str, rule: &str) -> Result<OpaqueKind, PolicyError> {
        OpaqueKind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| PolicyError::Unknown {
            rule: rule.to_owned(),
            what: "opaque kind",
            name: name.to_owned(),
            mend: did_you_mean(name, OpaqueKind::ALL.map(OpaqueKind::as_str)),
        })
    }

    pub(super) fn label(&self, name: &str, rule: &str) -> Result<Label, PolicyError> {
        self.labels.named(name).map_err(|error| PolicyError::Label { rule: rule.to_owned(), error })
    }

    pub(super) fn target(&self, name: &str, rule: &str) -> Result<String, PolicyError> {
        let known = self.catalogue.iter().find(|target| target.name() == name);
        known.map(|target| target.name().to_owned()).ok_or_else(|| self.no_target(name, rule))
    }

    /// The targets that a selector names; a zone or the device may have none, a name may not.
    pub(super) fn targets(&self, text: &str, rule: &str) -> Result<Vec<Arc<Target>>, PolicyError> {
        let selector: Selector =
            text.parse().map_err(|message| PolicyError::Selector { rule: rule.to_owned(), message })?;
        let targets = select(self.catalogue, &selector);
        let may_be_empty = match &selector {
            Selector::Zone(_) => true,
            Selector::Upstream(upstream) => upstream == Target::DEVICE,
            Selector::Name(_) => false,
        };
        if targets.is_empty() && !may_be_empty { Err(self.no_target(text, rule)) } else { Ok(targets) }
    }

    /// When the device model is asked how sure it is.
    pub(super) fn probe(&self, file: &ProbeFile) -> Result<Probe, PolicyError> {
        const RULE: &str = "difficulty.probe";
        let ProbeFile { target, method, grey, tokens, timeout_ms, sure } = file;
        let named = self.target(target, RULE)?;
        let device =
            self.catalogue.iter().find(|target| target.name() == named && target.zone() == Zone::Device);
        let out_of_range = |key, range| PolicyError::OutOfRange { rule: RULE.to_owned(), key, range };
        let within = |ok: bool, key, range| if ok { Ok(()) } else { Err(out_of_range(key, range)) };
        within((0.0..=0.5).contains(grey), "grey", "in 0..0.5")?;
        within((1..=64).contains(tokens), "tokens", "in 1..=64")?;
        within((1..=60_000).contains(timeout_ms), "timeout_ms", "in 1..=60000")?;
        within((0.0..=1.0).contains(sure), "sure", "in 0..1")?;
        Ok(Probe {
            target: device
                .cloned()
                .ok_or_else(|| out_of_range("target", "a model in this process, such as `device/NAME`"))?,
            method: *method,
            grey: *grey,
            tokens: *tokens,
            timeout: Duration::from_millis(u64::from(*timeout_ms)),
            sure: *sure,
        })
    }

    pub(super) fn route(&self, file: &RouteFile) -> Result<Route, PolicyError> {
        let name = &file.name;
        match (&file.refuse, file.to.is_empty()) {
            (Some(_), false) => return Err(PolicyError::RefusesAndRoutes { route: name.clone() }),
            (None, true) => return Err(PolicyError::GoesNowhere { route: name.clone() }),
            _ => {}
        }
        let mut targets: Vec<Arc<Target>> = Vec::new();
        for text in &file.to {
            for target in self.targets(text, name)? {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        let verify = file.verify.as_ref().map(|verify| verified(verify, file)).transpose()?;
        Ok(Route {
            name: name.clone(),
            when: Condition::of_route(&file.when, self, name)?,
            targets,
            effort: file.effort,
            choose: file.choose,
            only: file.only,
            refuse: file.refuse.clone(),
            verify,
        })
    }

    pub(super) fn opaque_labels(
        &self,
        file: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<OpaqueKind, Label>, PolicyError> {
        let usual = self.labels.named("confidential").unwrap_or_else(|_| self.labels.highest());
        let mut labels: BTreeMap<_, _> = OpaqueKind::ALL.into_iter().map(|kind| (kind, usual)).collect();
        labels.insert(OpaqueKind::Unscanned, self.labels.highest());
        for (name, label) in file {
            let kind = self.opaque(name, "opaque")?;
            if kind == OpaqueKind::Unscanned {
                return Err(PolicyError::UnscannedIsHighest);
            }
            labels.insert(kind, self.label(label, "opaque")?);
        }
        Ok(labels)
    }

    fn no_target(&self, name: &str, rule: &str) -> PolicyError {
        PolicyError::Unknown {
            rule: rule.to_owned(),
            what: "target",
            name: name.to_owned(),
            mend: did_you_mean(name, self.catalogue.iter().map(|target| target.name())),
        }
    }
}

/// How a route verifies what the device answers.
fn verified(file: &VerifyFile, route: &RouteFile) -> Result<Verify, PolicyError> {
    let within = |ok: bool, key, range| {
        let fault = || PolicyError::OutOfRange { rule: route.name.clone(), key, range };
        if ok { Ok(()) } else { Err(fault()) }
    };
    let VerifyFile { measure, sure, tokens, timeout_ms } = file;
    // By what is written: which targets there are is for the configuration to say.
    let begins = |text: &String| text.split_once('/').is_some_and(|(upstream, _)| upstream == Target::DEVICE);
    let home = route.to.first().is_some_and(|first| begins(first) || first == "zone:device");
    within(home, "verify", "on a route that begins at home, such as `to = [\"device/*\", \"zone:cloud\"]`")?;
    within((0.0..=1.0).contains(sure), "verify.sure", "in 0..1")?;
    within((1..=8192).contains(tokens), "verify.tokens", "in 1..=8192")?;
    within((1..=600_000).contains(timeout_ms), "verify.timeout_ms", "in 1..=600000")?;
    let timeout = Duration::from_millis(u64::from(*timeout_ms));
    Ok(Verify { measure: *measure, sure: *sure, tokens: *tokens, timeout })
}
