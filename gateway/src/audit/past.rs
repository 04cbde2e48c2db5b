//! Reading decisions back, so that they can be decided anew.

use std::collections::{BTreeMap, BTreeSet};

use hearthgate_rules::decide::{Follows, Leaning, Pace};
use hearthgate_rules::difficulty::{Band, Probed};
use hearthgate_rules::policy::BudgetState;
use hearthgate_rules::replay::{Given, Past, PastFinding, Reach, Sight};
use hearthgate_rules::target::{Effort, Zone};
use serde::Deserialize;

/// A decision, as its record holds it.
#[derive(Debug)]
pub struct Decided {
    /// Its number in the chain.
    pub seq: u64,
    /// When it was written, in microseconds since the Unix epoch.
    pub at: u64,
    /// The request's id.
    pub id: String,
    /// The caller's name.
    pub caller: String,
    /// The label that it got.
    pub label: String,
    /// The target that was tried first; none on refusal.
    pub target: Option<String>,
    /// How far out it could reach.
    pub reach: Reach,
    /// How long the model was to think; none on refusal.
    pub effort: Option<Effort>,
    /// SHA-256 of the policy that decided, in hex.
    pub policy: String,
    /// What it was decided on; none in a line of an older gateway.
    pub past: Option<Past>,
}

/// Reads lines in their order, and keeps what they say of the policies that decided.
#[derive(Debug, Default)]
pub struct Reader {
    sights: BTreeMap<String, Sight>,
}

impl Reader {
    /// The decision of a line; none where it is a line of another kind.
    pub fn read(&mut self, line: &[u8]) -> Option<Decided> {
        let line: Line = serde_json::from_slice(line).ok()?;
        if line.kind != "decision" {
            return None;
        }
        if let Some(sight) = &line.sight {
            self.sights.insert(line.policy.clone(), sight.clone().into());
        }
        Some(Decided {
            past: line.past(),
            seq: line.seq,
            at: line.at,
            id: line.id,
            caller: line.caller,
            label: line.label,
            target: line.targets.into_iter().next(),
            reach: Reach::of_zones(line.zones.iter().copied()),
            effort: line.effort,
            policy: line.policy,
        })
    }

    /// What a policy could tell, by its digest; nothing where no line has said so yet.
    pub fn sight(&self, policy: &str) -> Option<&Sight> {
        self.sights.get(policy)
    }
}

/// A line of the record, as far as it is read here.
#[derive(Deserialize)]
struct Line {
    seq: u64,
    at: u64,
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    caller: String,
    tenant: Option<String>,
    workflow: Option<String>,
    key_workflow: Option<String>,
    #[serde(default)]
    dialect: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    counts: BTreeMap<String, u32>,
    #[serde(default)]
    findings: Vec<FindingOfLine>,
    #[serde(default)]
    rest: Vec<(String, Option<f32>, u32, u32)>,
    #[serde(default)]
    opaque_kinds: Vec<String>,
    #[serde(default)]
    unsearched: Vec<String>,
    model_asked: Option<String>,
    zone_asked: Option<Zone>,
    effort_asked: Option<Effort>,
    declassify_asked: Option<String>,
    raised: Option<String>,
    #[serde(default)]
    down: BTreeSet<String>,
    stays: Option<String>,
    #[serde(default)]
    late: Vec<String>,
    #[serde(default)]
    dear: Vec<String>,
    #[serde(default)]
    pace: BTreeMap<String, String>,
    follows: Option<FollowsOfLine>,
    budget: Option<String>,
    probed: Option<String>,
    probe: Option<String>,
    score: Option<f32>,
    code: Option<bool>,
    effort: Option<Effort>,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    zones: Vec<Zone>,
    #[serde(default)]
    policy: String,
    sight: Option<SightOfLine>,
}

#[derive(Deserialize)]
struct FindingOfLine {
    kind: String,
    confidence: Option<f32>,
    at: Option<u32>,
    to: Option<u32>,
}

#[derive(Deserialize)]
struct FollowsOfLine {
    target: String,
    band: String,
    #[serde(default)]
    saves: BTreeSet<String>,
}

#[derive(Deserialize, Clone)]
struct SightOfLine {
    kinds: BTreeSet<String>,
    workflows: BTreeSet<String>,
    models: BTreeSet<String>,
    allowed: BTreeSet<String>,
}

impl From<SightOfLine> for Sight {
    fn from(SightOfLine { kinds, workflows, models, allowed }: SightOfLine) -> Self {
        Self { kinds, workflows, models, allowed }
    }
}

impl Line {
    fn past(&self) -> Option<Past> {
        let model = given(Some(self.model_asked.as_ref()?));
        let budget = self.budget.as_deref().map_or(Some(BudgetState::Ample), |name| {
            BudgetState::ALL.into_iter().find(|state| state.as_str() == name)
        });
        Some(Past {
            counts: self.counts.clone().into_iter().collect(),
            findings: self.findings(),
            opaque: self.opaque_kinds.clone(),
            unsearched: self.unsearched.clone(),
            raised: self.raised.clone(),
            score: self.score,
            code: self.code,
            tenant: self.tenant.clone(),
            workflow: given(self.workflow.as_ref()),
            key_workflow: self.key_workflow.clone(),
            model,
            dialect: self.dialect.clone(),
            zone: self.zone_asked,
            effort: self.effort_asked,
            declassify: self.declassify_asked.clone(),
            down: self.down.clone(),
            stays: self.stays.clone(),
            leaning: self.leaning(),
            budget: budget?,
            probed: self.probed.as_deref().and_then(Probed::named),
            probe: self.probe.clone(),
        })
    }

    fn leaning(&self) -> Leaning {
        let pace = |(name, pace): (&String, &String)| Some((name.clone(), Pace::named(pace)?));
        let follows = |before: &FollowsOfLine| {
            let band = Band::ALL.into_iter().find(|band| band.as_str() == before.band)?;
            Some(Follows { target: before.target.clone(), band, saves: before.saves.clone() })
        };
        Leaning {
            late: self.late.clone(),
            dear: self.dear.clone(),
            pace: self.pace.iter().filter_map(pace).collect(),
            follows: self.follows.as_ref().and_then(follows),
        }
    }

    fn findings(&self) -> Vec<PastFinding> {
        // What is no number is taken for certain, as the policy takes it.
        let sure = |confidence: Option<f32>| confidence.unwrap_or(1.0);
        let listed = self.findings.iter().filter_map(|finding| {
            let place = (finding.at?, finding.to?);
            Some(PastFinding { kind: finding.kind.clone(), confidence: sure(finding.confidence), place })
        });
        let rest = self.rest.iter().map(|(kind, confidence, at, to)| PastFinding {
            kind: kind.clone(),
            confidence: sure(*confidence),
            place: (*at, *to),
        });
        listed.chain(rest).collect()
    }
}

fn given(name: Option<&String>) -> Given {
    match name.map(String::as_str) {
        None => Given::Nothing,
        Some("*") => Given::Unlisted,
        Some(name) => Given::Name(name.to_owned()),
    }
}

#[cfg(test)]
mod tests;
