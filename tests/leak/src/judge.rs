//! What the shipped policy says of a body: whether it may reach a cloud, and why not.

use std::sync::Arc;

use hearthgate_rules::chat::{ChatRequest, RequestError};
use hearthgate_rules::judge::{Caller, LabelReason};
use hearthgate_rules::policy::{Policy, PolicyError, PolicyFile, SHIPPED};
use hearthgate_rules::target::{Catalogue, EffortField, Target, Zone};

/// The policy that ships, over one target of each zone.
#[derive(Clone, Debug)]
pub struct Judge {
    policy: Arc<Policy>,
}

/// What is known of a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Whether its label's ceiling is the cloud.
    pub open: bool,
    /// The names of what gave it its label; empty where nothing did.
    pub reasons: Vec<String>,
    /// What was found.
    pub found: Vec<Found>,
}

/// Something that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its kind's name.
    pub kind: String,
    /// Where it starts in its string, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl Judge {
    /// The policy as it ships.
    ///
    /// # Errors
    /// When the shipped policy makes no sense.
    pub fn shipped() -> Result<Self, PolicyError> {
        Self::shipped_without(&[] as &[&str])
    }

    /// The policy as it ships, but for these packs.
    ///
    /// # Errors
    /// As [`Judge::shipped`].
    pub fn shipped_without(packs: &[impl AsRef<str>]) -> Result<Self, PolicyError> {
        let targets = [
            Target::device("starter"),
            Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
            Target::upstream("frontier", "gpt-5.1", Zone::Cloud, EffortField::ReasoningEffort),
        ];
        let catalogue: Catalogue = targets.map(Arc::new).into();
        let mut file = PolicyFile::parse(SHIPPED)?;
        file.packs.retain(|pack| !packs.iter().any(|out| out.as_ref() == pack));
        let policy = Policy::compile(&file, catalogue, Zone::Cloud)?;
        Ok(Self { policy: Arc::new(policy) })
    }

    /// Judges a body.
    ///
    /// # Errors
    /// When it is no request. The corpus and its disguises have no such body.
    pub fn see(&self, body: &str) -> Result<Seen, RequestError> {
        let judged = self.policy.judge(ChatRequest::openai(body)?, Caller::default());
        let verdict = judged.verdict();
        let reason = |reason: &LabelReason| match reason {
            LabelReason::Rule(name) => name.clone(),
            LabelReason::Opaque(kind) => format!("opaque:{}", kind.as_str()),
            other => format!("{other:?}"),
        };
        let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
        let found = verdict.findings.iter().map(|finding| Found {
            kind: self.policy.kinds().name(finding.kind).to_owned(),
            start: place(finding.span.start),
            end: place(finding.span.end),
        });
        Ok(Seen {
            open: judged.ceiling() == Zone::Cloud,
            reasons: verdict.label_reasons.iter().map(|(why, _)| reason(why)).collect(),
            found: found.collect(),
        })
    }
}
