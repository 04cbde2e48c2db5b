//! Why a policy was refused. Policies are configuration: their words may stand in these messages.

use thiserror::Error;

use crate::difficulty::ThresholdError;
use crate::label::LabelError;

/// Why a policy was refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[expect(missing_docs, reason = "the fields are named by their messages")]
pub enum PolicyError {
    /// Not TOML, or not a policy's keys.
    #[error("line {line}: {message}")]
    Syntax { line: usize, message: String },
    /// The labels themselves.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// A label that is not known.
    #[error("rule `{rule}`: {error}")]
    Label { rule: String, error: LabelError },
    /// A name that is not known.
    #[error("rule `{rule}`: unknown {what} `{name}`{mend}")]
    Unknown { rule: String, what: &'static str, name: String, mend: String },
    /// A pack that is not known.
    #[error("unknown pack `{name}`{mend}")]
    UnknownPack { name: String, mend: String },
    /// A pack's label that the site's own labels do not have.
    #[error("pack `{pack}` speaks of label `{label}`; say under `[pack_labels]` what it is called here")]
    PackLabel { pack: String, label: String },
    /// A target that cannot be read.
    #[error("rule `{rule}`: {message}")]
    Selector { rule: String, message: String },
    /// Two of one name.
    #[error("{what} `{name}` stands twice; give each its own name")]
    Twice { what: &'static str, name: String },
    /// A condition that a label rule cannot have.
    #[error(
        "rule `{rule}`: `{key}` can only stand in a route: labels rise by what is found, and by nothing else"
    )]
    RouteOnly { rule: String, key: &'static str },
    /// A count of none.
    #[error("rule `{rule}`: count of `{kind}` must be 1 or more")]
    ZeroCount { rule: String, kind: String },
    /// A label without a ceiling.
    #[error("label `{label}` has no ceiling; give it one under `[ceiling]`")]
    NoCeiling { label: String },
    /// No routes at all.
    #[error("the policy has no `[[route]]`; add one such as `name = \"home\"`, `to = [\"device/*\"]`")]
    NoRoutes,
    /// A route with targets and a refusal.
    #[error("route `{route}` has both `to` and `refuse`; keep one")]
    RefusesAndRoutes { route: String },
    /// A route with neither.
    #[error("route `{route}` has neither `to` nor `refuse`")]
    GoesNowhere { route: String },
    /// A word that would match everywhere.
    #[error("terms `{list}`: a word is empty")]
    EmptyTerm { list: String },
    /// What was not read must stay home.
    #[error("opaque kind `unscanned` always has the highest label")]
    UnscannedIsHighest,
    /// Detectors that cannot be built.
    #[error("{message}")]
    Detectors { message: String },
    /// Bands in the wrong order.
    #[error(transparent)]
    Thresholds(#[from] ThresholdError),
}
