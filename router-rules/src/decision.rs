//! What was decided, why, and the permit that goes with it.

use std::fmt;
use std::sync::Arc;

pub use crate::decide::permit::{Encode, EncodeError, Permitted, Wire};

use crate::chat::ChatRequest;
use crate::difficulty::{Band, Chance, Probed};
use crate::judge::{JudgingFault, LabelReason, Verdict};
use crate::label::Label;
use crate::policy::Policy;
use crate::target::{Effort, Target, Zone};

/// A decision: a value that carries its reasons, and the request if it may be answered.
#[derive(Debug)]
pub struct Decision {
    pub(crate) policy: Arc<Policy>,
    /// What lowered its label, and from which.
    pub(crate) declassified: Option<(String, Label)>,
    /// How likely the model of this process fails to which the request falls; none where no table for that one is known. Its
    /// band is cut by this and no longer by its score.
    pub chance: Option<Chance>,
    /// What the request is.
    pub verdict: Verdict,
    /// The route that decided; none where no route did.
    pub rule: Option<String>,
    /// How long the model should think; none on refusal.
    pub effort: Option<Effort>,
    /// Why it came out so, in the order in which it was found.
    pub reasons: Vec<Reason>,
    /// The permit, or why there is none.
    pub outcome: Outcome,
}

/// The permit, or why there is none.
#[derive(Debug)]
pub enum Outcome {
    /// It may be answered, by these targets.
    Allow(Permitted<ChatRequest>),
    /// It may not.
    Refuse(Refusal),
}

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The model asked for is neither a target nor an alias.
    UnknownModel,
    /// No route has a target within reach.
    NoTarget,
    /// The policy refuses it, with its own sentence.
    ByPolicy(String),
}

impl Refusal {
    /// A short name, for records and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownModel => "model_not_found",
            Self::NoTarget => "no_permitted_target",
            Self::ByPolicy(_) => "refused_by_policy",
        }
    }
}

/// One reason for how a request was routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Whether it speaks of code, where a route asks for that.
    Code(bool),
    /// A target lies beyond the outermost zone that this request may reach.
    BeyondCeiling {
        /// Its name.
        target: String,
        /// The outermost zone.
        ceiling: Zone,
    },
    /// The device model has been asked how sure it is.
    Probed {
        /// Its name.
        target: String,
        /// What came of it.
        probed: Probed,
    },
    /// A target has failed lately.
    Down {
        /// Its name.
        target: String,
    },
    /// The conversation stays in its band, since the score lies near where another begins.
    KeepsBand(Band),
    /// A target goes first because it begins its answers soonest.
    Fastest {
        /// Its name.
        target: String,
    },
    /// A target goes first because it answered the turn before.
    Follows {
        /// Its name.
        target: String,
    },
    /// A target goes first because to go on there costs less, where the conversation has been read.
    Saves {
        /// Its name.
        target: String,
    },
    /// A target is expected to begin later than is wished.
    Late {
        /// Its name.
        target: String,
    },
    /// A target is expected to cost more than is wished, or is not known to cost less.
    Dear {
        /// Its name.
        target: String,
    },
    /// A target goes first because it has begun what is to be gone on with.
    Stays {
        /// Its name.
        target: String,
    },
    /// What a target answers is verified: where it is not sure, the permit's targets further out are asked.
    Verified {
        /// Its name.
        target: String,
    },
    /// A route matched and has no target within reach.
    NothingInReach {
        /// Its name.
        route: String,
        /// The outermost zone.
        ceiling: Zone,
    },
    /// It is refused.
    Refused(Refusal),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(true) => f.write_str("it speaks of code"),
            Self::Code(false) => f.write_str("it does not speak of code"),
            Self::BeyondCeiling { target, ceiling } => write!(f, "{target} lies beyond {ceiling}"),
            Self::Probed { target, probed } => match probed {
                Probed::Sure => write!(f, "{target} is sure of its answer"),
                Probed::Unsure => write!(f, "{target} is not sure of its answer"),
                Probed::Untold => write!(f, "{target} could not say in time how sure it is"),
            },
            Self::Down { target } => write!(f, "{target} is down"),
            Self::KeepsBand(band) => {
                write!(
                    f,
                    "its conversation stays {}: the score lies near where the band begins",
                    band.as_str()
                )
            }
            Self::Fastest { target } => write!(f, "{target} is the fastest now"),
            Self::Follows { target } => write!(f, "{target} answered the turn before"),
            Self::Saves { target } => {
                write!(f, "{target} has read the conversation, and to go on there costs less")
            }
            Self::Late { target } => write!(f, "{target} is expected to begin later than is wished"),
            Self::Dear { target } => write!(f, "{target} is not known to cost as little as is wished"),
            Self::Stays { target } => write!(f, "{target} has begun this loop of tools"),
            Self::Verified { target } => {
                write!(f, "what {target} answers is verified, and asked for further out where it is not sure")
            }
            Self::NothingInReach { route, ceiling } => {
                write!(f, "route {route} has no target within {ceiling}")
            }
            Self::Refused(refusal) => write!(f, "refused: {}", refusal.code()),
        }
    }
}

impl Decision {
    /// The name of the label.
    #[must_use]
    pub fn label(&self) -> &str {
        self.policy.labels().name(self.verdict.label)
    }

    /// The label that the request has when nothing lowers it.
    #[must_use]
    pub fn label_found(&self) -> Label {
        self.declassified.as_ref().map_or(self.verdict.label, |(_, from)| *from)
    }

    /// The policy that decided.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The declassification that lowered its label, if one did, and the label without it.
    #[must_use]
    pub fn declassified(&self) -> Option<(&str, &str)> {
        let (by, from) = self.declassified.as_ref()?;
        Some((by, self.policy.labels().name(*from)))
    }

    /// The first target that will be tried; none on refusal.
    #[must_use]
    pub fn target(&self) -> Option<&Arc<Target>> {
        match &self.outcome {
            Outcome::Allow(permit) => permit.targets().first(),
            Outcome::Refuse(_) => None,
        }
    }

    /// Every reason, for label and route, as short sentences.
    #[must_use]
    pub fn reasons_as_text(&self) -> Vec<String> {
        let labels = self.policy.labels();
        let of_label = self.verdict.label_reasons.iter().map(|(reason, label)| {
            let name = labels.name(*label);
            match reason {
                LabelReason::Rule(rule) => format!("{name} by rule {rule}"),
                LabelReason::Opaque(kind) => format!("{name} by opaque:{}", kind.as_str()),
                LabelReason::Caller => format!("{name} by the caller's word"),
                LabelReason::Conversation => format!("{name} by its conversation"),
                LabelReason::JudgingFailed(JudgingFault::Panic) => format!("{name} because judging failed"),
                LabelReason::JudgingFailed(JudgingFault::Timeout) => {
                    format!("{name} because judging failed: it took too long")
                }
                LabelReason::Declassified(by) => format!("{name} as declassified by {by}"),
                LabelReason::Remembered => {
                    format!("{name} as remembered from what this caller sent before")
                }
            }
        });
        let unsearched = self.verdict.unsearched.iter();
        let unsearched =
            unsearched.map(|text| format!("{} is allowed by its digest, so it was not searched", text.name));
        of_label.chain(unsearched).chain(self.reasons.iter().map(Reason::to_string)).collect()
    }
}
