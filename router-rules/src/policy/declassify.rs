//! Declassification: a label lowered at the word of somebody who may, and nowhere else.

use std::collections::BTreeSet;

use super::{Atom, Condition, DeclassifyFile, Literal, PolicyError, PolicyFile, Scope, packs};
use crate::inspect::{Kinds, OpaqueKind, SECRET_KINDS};
use crate::label::{Label, Labels};

/// Who may have which label lowered.
#[derive(Clone, Debug)]
pub struct Declassify {
    /// What a request names it by.
    pub name: String,
    /// Who may.
    pub role: String,
    /// The label that is lowered: this one, none above it and none below it.
    pub from: Label,
    /// What it becomes.
    pub to: Label,
    /// When: it speaks of workflows, and of what must not be there.
    pub when: Condition,
}

/// The declassifications of an expanded policy.
pub(super) fn declassifications(
    file: &PolicyFile,
    labels: &Labels,
    kinds: &Kinds,
    scope: &Scope<'_>,
) -> Result<Vec<Declassify>, PolicyError> {
    file.declassify.iter().map(|own| declassify(file, own, labels, kinds, scope)).collect()
}

fn declassify(
    file: &PolicyFile,
    own: &DeclassifyFile,
    labels: &Labels,
    kinds: &Kinds,
    scope: &Scope<'_>,
) -> Result<Declassify, PolicyError> {
    let name = own.name.clone();
    let label = |label: &str| {
        labels.named(label).map_err(|error| PolicyError::DeclassifyLabel { name: own.name.clone(), error })
    };
    let (from, to) = (label(&own.from)?, label(&own.to)?);
    if to >= from {
        return Err(PolicyError::DeclassifyUp { name, from: own.from.clone(), to: own.to.clone() });
    }
    if own.role.trim().is_empty() {
        return Err(PolicyError::DeclassifyByAll { name });
    }
    let named: BTreeSet<&str> = own.kinds.iter().map(String::as_str).collect();
    for kind in &named {
        scope.kind(kind, &own.name)?;
    }
    // What a policy does not speak of gives no label; secrets are looked for wherever something is declassified.
    let spoken = packs::kinds_used(file);
    let spoken = kinds.names().filter(|kind| !named.is_empty() && spoken.contains(*kind));
    let shut: BTreeSet<&str> =
        SECRET_KINDS.into_iter().chain(spoken).filter(|kind| !named.contains(kind)).collect();
    let opaque =
        OpaqueKind::ALL.into_iter().filter(|kind| *kind == OpaqueKind::Unscanned || !named.is_empty());
    let shut = shut
        .into_iter()
        .filter_map(|kind| kinds.named(kind))
        .map(Atom::found)
        .chain(opaque.map(Atom::Opaque));
    let mut clauses: Vec<_> = shut.map(|atom| vec![Literal { atom, holds: false }]).collect();
    let workflows = own.workflow.as_slice().iter().map(|name| Atom::Workflow(name.clone()));
    let workflows: Vec<_> = workflows.map(|atom| Literal { atom, holds: true }).collect();
    if !workflows.is_empty() {
        clauses.push(workflows);
    }
    Ok(Declassify { name, role: own.role.clone(), from, to, when: Condition::of_clauses(clauses) })
}

impl Declassify {
    /// Whether it lowers this label, given which atoms hold.
    pub(crate) fn lowers(&self, label: Label, holds: impl Fn(&Atom) -> bool) -> bool {
        label == self.from && self.when.holds(holds)
    }

    /// Whether something of a kind must not be there.
    pub(crate) fn shuts(&self, kind: crate::inspect::KindId) -> bool {
        self.when.atoms().any(|atom| *atom == Atom::found(kind))
    }
}
