//! What is printed of decisions that were made anew: rows for people, lines for programs.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use hearthgate_rules::policy::{Policy, Rule};
use hearthgate_rules::prove::CaseOutcome;
use hearthgate_rules::replay::{Lack, Reach};
use hearthgate_rules::target::{Effort, Zone};
use serde_json::{Value, json};

use super::Tally;
use crate::audit::{Broken, Decided, Verified, utc};

/// A decision, and what a new policy makes of it.
pub(super) struct Told {
    pub was: Decided,
    pub now: Result<CaseOutcome, BTreeSet<Lack>>,
    pub verdict: Verdict,
}

/// How a decision came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// As before.
    Same,
    /// With another label, target, effort or reach, and no further out.
    Moves,
    /// To a zone further out.
    Leaves,
    /// The record does not say enough.
    Untold,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Moves => "moves",
            Self::Leaves => "leaves",
            Self::Untold => "untold",
        }
    }
}

/// Whether another label, target, effort or reach came of it.
pub(super) fn moves(was: &Decided, now: &CaseOutcome, policy: &Policy) -> bool {
    was.label != policy.labels().name(now.label)
        || was.target.as_deref() != target(now)
        || was.effort != now.effort
        || was.reach != Reach::of(now)
}

fn target(outcome: &CaseOutcome) -> Option<&str> {
    outcome.targets.as_ref().ok()?.first().map(|target| target.name())
}

fn refusal(outcome: &CaseOutcome) -> &'static str {
    outcome.targets.as_ref().err().map_or("refused", |refusal| refusal.code())
}

/// The heading of the table: what is read, and whether it can be relied on.
pub(super) fn heading(
    log: &Path,
    whole: &Result<Verified, Broken>,
    policy: &Path,
    out: &mut impl Write,
) -> io::Result<()> {
    match whole {
        Ok(verified) => writeln!(out, "{}: {} records, unbroken", log.display(), verified.records)?,
        Err(broken) => writeln!(
            out,
            "{}: BROKEN at line {}: {}; told is what stands before it",
            log.display(),
            broken.line,
            broken.why
        )?,
    }
    writeln!(out, "what would move under {}\n", policy.display())?;
    let names = ["when", "request", "caller", "label", "goes to", "effort", ""];
    writeln!(out, "{}", row(names.map(str::to_owned)))
}

fn row([when, request, caller, label, to, effort, verdict]: [String; 7]) -> String {
    let row = format!("{when:<20} {request:<28} {caller:<12} {label:<28} {to:<44} {effort:<20} {verdict}");
    row.trim_end().to_owned()
}

fn from_to(was: &str, now: &str) -> String {
    if was == now { was.to_owned() } else { format!("{was} -> {now}") }
}

impl Told {
    /// A row of the table.
    pub fn row(&self, policy: &Policy) -> String {
        let Ok(now) = &self.now else { return String::new() };
        let was = &self.was;
        let effort = |effort: Option<Effort>| effort.map_or("-", Effort::as_str);
        let reach = Reach::of(now);
        let verdict = match self.verdict {
            Verdict::Leaves => {
                let zone = reach.outermost.max(reach.first).map_or("", Zone::as_str);
                format!("NEWLY LEAVES to {zone}")
            }
            _ if was.reach.outermost != reach.outermost => {
                let zone = |reach: Reach| reach.outermost.map_or("nowhere", Zone::as_str);
                format!("reaches {} -> {}", zone(was.reach), zone(reach))
            }
            _ => String::new(),
        };
        row([
            utc(was.at).chars().take(19).collect(),
            was.id.clone(),
            was.caller.clone(),
            from_to(&was.label, policy.labels().name(now.label)),
            from_to(was.target.as_deref().unwrap_or("refused"), target(now).unwrap_or_else(|| refusal(now))),
            from_to(effort(was.effort), effort(now.effort)),
            verdict,
        ])
    }

    /// A line for programs.
    pub fn to_json(&self, policy: &Policy) -> Value {
        let was = &self.was;
        let told = |label: &str, target: Option<&str>, reach: Reach, effort: Option<Effort>| {
            json!({
                "label": label,
                "zone": reach.first.map(Zone::as_str),
                "target": target,
                "reach": reach.outermost.map(Zone::as_str),
                "effort": effort.map(Effort::as_str),
                "treatment": if target.is_some() { "as-is" } else { "refuse" },
            })
        };
        let now = self.now.as_ref().ok().map(|now| {
            let mut object = told(policy.labels().name(now.label), target(now), Reach::of(now), now.effort);
            if let Some(members) = object.as_object_mut() {
                members.insert("rule".to_owned(), json!(now.route));
            }
            object
        });
        let lacks = self.now.as_ref().err().into_iter().flatten();
        json!({
            "seq": was.seq,
            "at": was.at,
            "id": was.id,
            "caller": was.caller,
            "verdict": self.verdict.as_str(),
            "was": told(&was.label, was.target.as_deref(), was.reach, was.effort),
            "now": now,
            "lacks": lacks.map(Lack::to_string).collect::<Vec<_>>(),
        })
    }
}

impl Tally {
    /// The end of the table: how many, and what the record could not tell.
    pub fn write(&self, policy: &Policy, out: &mut impl Write) -> io::Result<()> {
        let Self { same, moved, leave, untold, .. } = self;
        let all = same + moved + leave + untold;
        writeln!(
            out,
            "\n{all} decisions: {same} as before, {moved} would move, {leave} would newly leave, {untold} cannot be told"
        )?;
        if !self.lacks.is_empty() {
            writeln!(out, "\ncannot be told for lack of")?;
            self.lacks.iter().try_for_each(|(lack, count)| writeln!(out, "  {count:>6}  {lack}"))?;
        }
        if !self.blind.is_empty() {
            writeln!(
                out,
                "\nthe new policy looks for what was not looked for then, and a record without text cannot show it;\n\
                 requests that hold it may be held back further than is told here"
            )?;
            for kind in &self.blind {
                writeln!(out, "  {}", asked_by(kind, policy))?;
            }
        }
        Ok(())
    }

    /// The same for programs.
    pub fn to_json(&self, policy: &Policy, whole: &Result<Verified, Broken>) -> Value {
        let broken = whole.as_ref().err().map(|broken| json!({"line": broken.line, "why": broken.why}));
        let lacks: Vec<_> = self
            .lacks
            .iter()
            .map(|(lack, count)| json!({"lack": lack.to_string(), "decisions": count}))
            .collect();
        let unseen: Vec<_> =
            self.blind.iter().map(|kind| json!({"kind": kind, "rules": rules(kind, policy)})).collect();
        json!({
            "same": self.same,
            "moves": self.moved,
            "leaves": self.leave,
            "untold": self.untold,
            "lacks": lacks,
            "unseen": unseen,
            "broken": broken,
        })
    }
}

fn asked_by(kind: &str, policy: &Policy) -> String {
    let rules = rules(kind, policy);
    if rules.is_empty() { format!("`{kind}`") } else { format!("`{kind}`, for rule {}", rules.join(", ")) }
}

/// The rules of a policy that ask for a kind.
fn rules<'p>(kind: &str, policy: &'p Policy) -> Vec<&'p str> {
    let asks = |rule: &&Rule| rule.when.kinds().any(|asked| policy.kinds().name(asked) == kind);
    policy.rules().iter().filter(asks).map(|rule| rule.name.as_str()).collect()
}
