//! The policy's invariants, proved over every case that its predicates can tell apart.
//!
//! A policy asks finitely many things of a request and of the world, so the requests fall into finitely
//! many *cases*. The proof decides over all of them at once, with binary decision diagrams (R. E. Bryant,
//! "Graph-Based Algorithms for Boolean Function Manipulation", IEEE Trans. Computers C-35, 1986), and over
//! any choice among a permit's targets: a statement is broken as soon as one target of one permit breaks
//! it. What it says is about decisions. That detectors find what is there is not its to prove: a finding is
//! free to be there or not.
//!
//! Work is bounded in steps, never in time; a policy that needs more is refused.

mod advice;
mod arrange;
mod case;
mod counterexample;
mod model;
mod samples;
mod sentence;
mod space;

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

pub use case::{Case, CaseOutcome};
pub use counterexample::Counterexample;
pub(crate) use counterexample::{finding_in_words, near_in_words};

use crate::policy::{Atom, Policy};
use crate::target::Zone;
use model::Model;
use sentence::Sentence;

/// What was proved of a policy.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Each statement, those built in first.
    pub statements: Vec<Statement>,
    /// How many predicates the policy tells requests apart by.
    pub atoms: usize,
    /// What is allowed and yet may not be meant.
    pub warnings: Vec<String>,
    /// What is as it should be, and good to know: invariants that nothing could break.
    pub notes: Vec<String>,
}

/// A statement about a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    /// In words.
    pub text: String,
    /// Whether it is asked of every policy, or was written in this one.
    pub built_in: bool,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// Whether a statement holds.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// In every case.
    Holds,
    /// Not in this one.
    Broken(Box<Counterexample>),
}

/// Why there is no proof, either way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProveError {
    /// A sentence of another form.
    #[error(
        "invariant `{text}`: cannot be read at {near}; write `never \"X\" beyond \"ZONE\"` or \
         `never \"X\" to \"TARGET\"`, with further `with \"Y\"` after `\"X\"`, where X and Y are labels, \
         finding kinds or `opaque:KIND`; and `for tenant \"T\"` or `for workflow \"W\"` at its end, or `unless \
         declassified by \"N\"`"
    )]
    Sentence {
        /// The sentence.
        text: String,
        /// Where reading stopped.
        near: String,
    },
    /// A name that is not known.
    #[error("invariant `{text}`: unknown {what} `{name}`{mend}")]
    Unknown {
        /// The sentence.
        text: String,
        /// What the name was taken for.
        what: &'static str,
        /// The name.
        name: String,
        /// What it could have been.
        mend: String,
    },
    /// A name that is two things.
    #[error(
        "invariant `{text}`: `{name}` is both a label and a finding kind; \
         write `label:{name}` or `finding:{name}`"
    )]
    Ambiguous {
        /// The sentence.
        text: String,
        /// The name.
        name: String,
    },
    /// More cases than can be told apart within bounds.
    #[error(
        "the policy cannot be proved within {steps} steps; name fewer finding counts, models or health \
         states in its routes, or split rules that join many kinds"
    )]
    TooLarge {
        /// The bound.
        steps: u64,
    },
}

impl Proof {
    /// Whether every statement holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The statements that do not hold, each with a case that shows it.
    pub fn broken(&self) -> impl Iterator<Item = (&Statement, &Counterexample)> {
        self.statements.iter().filter_map(|statement| match &statement.outcome {
            Outcome::Holds => None,
            Outcome::Broken(counterexample) => Some((statement, &**counterexample)),
        })
    }
}

impl fmt::Display for Proof {
    /// One line per statement, warning and note; a broken statement is followed by its counterexample.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Statement { text, outcome, .. } in &self.statements {
            match outcome {
                Outcome::Holds => writeln!(f, "holds   {text}")?,
                Outcome::Broken(counterexample) => {
                    writeln!(f, "BROKEN  {text}\n        {}", counterexample.sentence)?;
                    writeln!(
                        f,
                        "        try: hearthgate explain --jsonl <<'EOF'\n{}\nEOF",
                        counterexample.line
                    )?;
                }
            }
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning {warning}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note    {note}"))
    }
}

/// Proves a policy: what must hold of every policy, and its own invariants.
///
/// # Errors
/// When an invariant cannot be read, or the policy is too large to be proved.
pub fn prove(policy: &Policy) -> Result<Proof, ProveError> {
    let sentences: Vec<Sentence> =
        policy.invariants().iter().map(|text| sentence::read(text, policy)).collect::<Result<_, _>>()?;
    let model = Model::new(policy, sentences.iter().flat_map(|sentence| &sentence.things))?;
    let mut statements = vec![every_case_ends(&model)?, nothing_beyond_ceilings(&model)?, monotone(policy)];
    for sentence in &sentences {
        statements.push(written(&model, sentence)?);
    }
    statements.extend(escalations(&model)?);
    statements.extend(searched(policy));
    let mut warnings = advice::of_policy(policy);
    warnings.extend(advice::of_sentences(policy, &sentences));
    warnings.extend(advice::of_model(&model)?);
    let notes = advice::unneeded(policy, &sentences);
    Ok(Proof { statements, atoms: model.atoms(), warnings, notes })
}

fn every_case_ends(model: &Model<'_>) -> Result<Statement, ProveError> {
    // Where not even the whole catalogue has a target within reach, no route could help: such a request is
    // refused, and a warning says so.
    let mut bad = model.space.never();
    for zone in Zone::ALL {
        if model.policy.catalogue().iter().any(|target| target.zone() == zone) {
            let stranded = model.space.and(&model.undecided, &model.within(zone)?)?;
            bad = model.space.or(&bad, &stranded)?;
        }
    }
    let text = "every request that a target may answer reaches one, or is refused by a route";
    let broken = model.witness(&bad, None);
    Ok(built_in(text, broken.map(|case| Counterexample::without_end(model.policy, case))))
}

fn nothing_beyond_ceilings(model: &Model<'_>) -> Result<Statement, ProveError> {
    let text = "no permit names a target beyond its label's ceiling";
    for target in model.policy.catalogue().iter() {
        let beyond = model.label_allows(target.zone())?.into_not();
        let broken = model.space.and(&model.permits(target), &beyond)?;
        if let Some(case) = model.witness(&broken, Some(target)) {
            return Ok(built_in(text, Some(Counterexample::reaching(model.policy, case, target))));
        }
    }
    Ok(built_in(text, None))
}

fn monotone(policy: &Policy) -> Statement {
    let labels: Vec<_> = policy.labels().all().collect();
    let broken = circles(policy).into_iter().find_map(|circle| {
        let ceiling = |label| policy.ceiling_for(label, |atom| circle.holds(atom, None));
        let mut pairs = labels.iter().zip(labels.iter().skip(1));
        let (lower, higher) = pairs.find(|(lower, higher)| ceiling(**higher) > ceiling(**lower))?;
        Some(Counterexample::inverted(policy, circle, *lower, *higher))
    });
    built_in("no label may go further out than one below it", broken)
}

/// Cases of nothing but a tenant and a workflow, everyone else's first: all that ceilings can tell apart.
fn circles(policy: &Policy) -> Vec<Case> {
    let (mut tenants, mut workflows) = (BTreeSet::from([None]), BTreeSet::from([None]));
    for atom in policy.tighter_ceilings().iter().flat_map(|tighter| tighter.when.atoms()) {
        match atom {
            Atom::Tenant(name) => tenants.insert(Some(name.clone())),
            Atom::Workflow(name) => workflows.insert(Some(name.clone())),
            _ => false,
        };
    }
    let circle = |tenant: &Option<String>| {
        let tenant = tenant.clone();
        let of = move |workflow: &Option<String>| Case {
            tenant: tenant.clone(),
            workflow: workflow.clone(),
            ..Case::default()
        };
        workflows.iter().map(of).collect::<Vec<_>>()
    };
    tenants.iter().flat_map(circle).collect()
}

/// How far an answer that is verified may be asked for once more; none where no route verifies any. Only targets of the same
/// permit are, whatever came of the first answer: what is reckoned is all that any outcome can reach.
fn escalations(model: &Model<'_>) -> Result<Option<Statement>, ProveError> {
    if model.policy.routes().iter().all(|route| route.verify.is_none()) {
        return Ok(None);
    }
    let text = "what is answered at home and not sure is asked for at no target beyond its label's ceiling";
    for target in model.policy.catalogue().iter() {
        let beyond = model.label_allows(target.zone())?.into_not();
        let broken = model.space.and(&model.escalates(target)?, &beyond)?;
        if let Some(case) = model.witness(&broken, Some(target)) {
            return Ok(Some(built_in(text, Some(Counterexample::reaching(model.policy, case, target)))));
        }
    }
    Ok(Some(built_in(text, None)))
}

/// What findings are told of; none where every text is searched. It holds by the way in which requests are read.
fn searched(policy: &Policy) -> Option<Statement> {
    let names: Vec<_> = policy.allowed().iter().map(|name| format!("`{name}`")).collect();
    let text = || {
        format!(
            "every text is searched but the operator's own, known by digest, in system and developer messages: {}",
            names.join(", ")
        )
    };
    (!names.is_empty()).then(|| built_in(&text(), None))
}

fn written(model: &Model<'_>, sentence: &Sentence) -> Result<Statement, ProveError> {
    let mut premise = model.space.always();
    for thing in &sentence.things {
        premise = model.space.and(&premise, &model.thing(thing)?)?;
    }
    for name in &sentence.unless {
        premise = model.space.and_not(&premise, &model.space.declassified(name)?)?;
    }
    let mut plainest: Option<Counterexample> = None;
    for target in model.policy.catalogue().iter().filter(|target| sentence.bound.forbids(target)) {
        let broken = model.space.and(&premise, &model.permits(target))?;
        let Some(case) = model.witness(&broken, Some(target)) else { continue };
        let found = Counterexample::reaching(model.policy, case, target);
        if plainest.as_ref().is_none_or(|plainest| found.oddities < plainest.oddities) {
            plainest = Some(found);
        }
    }
    let outcome = plainest.map_or(Outcome::Holds, |broken| Outcome::Broken(Box::new(broken)));
    Ok(Statement { text: sentence.text.clone(), built_in: false, outcome })
}

fn built_in(text: &str, broken: Option<Counterexample>) -> Statement {
    let outcome = broken.map_or(Outcome::Holds, |broken| Outcome::Broken(Box::new(broken)));
    Statement { text: text.to_owned(), built_in: true, outcome }
}
