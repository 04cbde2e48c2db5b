//! Why a policy was refused. Policies are configuration: their words may stand in these messages.

use thiserror::Error;

use super::evidence::WITHIN_MAX;
use crate::difficulty::ThresholdError;
use crate::inspect::{PATTERNS_MAX, PatternError};
use crate::label::LabelError;
use crate::target::Zone;

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
    /// A value that a setting cannot have.
    #[error("`{rule}`: {key} must be {range}")]
    OutOfRange { rule: String, key: &'static str, range: &'static str },
    /// A condition that a label rule cannot have.
    #[error(
        "rule `{rule}`: `{key}` can only stand in a route: labels rise by what is found, and by nothing else"
    )]
    RouteOnly { rule: String, key: &'static str },
    /// A count of none.
    #[error("rule `{rule}`: count of `{kind}` must be 1 or more")]
    ZeroCount { rule: String, kind: String },
    /// A confidence that is none.
    #[error(
        "rule `{rule}`: confidence of `{kind}` must be above 0 and at most 1; leave it out to count findings at any \
         confidence"
    )]
    NoConfidence { rule: String, kind: String },
    /// A confidence of what is not asked for.
    #[error(
        "rule `{rule}`: `confidence` names `{kind}`, and nothing else in `when` does; name it under `all`, `any`, \
         `none`, `count` or `near` too"
    )]
    IdleConfidence { rule: String, kind: String },
    /// Findings near nothing.
    #[error(
        "rule `{rule}`: `near` needs two kinds or more, such as `{{ kinds = [\"person\", \"health\"], within = 200 }}`"
    )]
    NearNothing { rule: String },
    /// A kind near itself.
    #[error("rule `{rule}`: `near` names `{kind}` twice; for several of one kind, use `count`")]
    NearItself { rule: String, kind: String },
    /// A distance that is no nearness.
    #[error(
        "rule `{rule}`: `within = {within}` is further than {WITHIN_MAX} bytes; for findings anywhere, use `all`"
    )]
    TooFar { rule: String, within: u32 },
    /// Tighter ceilings for nobody.
    #[error("ceiling_for: name a `tenant` or a `workflow`; for everyone, use `[ceiling]`")]
    CeilingForAll,
    /// Tighter ceilings of nothing.
    #[error(
        "ceiling_for {who}: `ceiling` names no label; say how far one may go, such as `{{ confidential = \"device\" }}`"
    )]
    NoTighterCeiling { who: String },
    /// A label of such a ceiling that is not known.
    #[error("ceiling_for {who}: {error}")]
    CeilingForLabel { who: String, error: LabelError },
    /// A ceiling that would be wider.
    #[error(
        "ceiling_for {who}: `{label}` may go no further than {usual} by `[ceiling]`, and {zone} is further out; \
         these ceilings only tighten"
    )]
    WiderCeiling { who: String, label: String, usual: Zone, zone: Zone },
    /// A label of a declassification that is not known.
    #[error("declassify `{name}`: {error}")]
    DeclassifyLabel { name: String, error: LabelError },
    /// A declassification that lowers nothing.
    #[error("declassify `{name}`: `{to}` is not below `{from}`; labels rise by rules")]
    DeclassifyUp { name: String, from: String, to: String },
    /// A declassification that anybody might ask for.
    #[error("declassify `{name}`: name the `role` that may; nobody has it until a `[[key]]` has")]
    DeclassifyByAll { name: String },
    /// A regular expression that cannot be used.
    #[error("pattern `{pattern}`: {error}")]
    Pattern { pattern: String, error: PatternError },
    /// Too many of them.
    #[error("{count} patterns are more than {PATTERNS_MAX}; join some with `|`")]
    ManyPatterns { count: usize },
    /// A digest that is none.
    #[error("allow `{name}`: `sha256` must be 64 hexadecimal digits, as `sha256sum` prints them")]
    NoDigest { name: String },
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
