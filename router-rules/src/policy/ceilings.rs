//! How far a label may go: for everyone, and tighter for some tenants and workflows.

use super::{Atom, CeilingForFile, Condition, Literal, PolicyError, PolicyFile};
use crate::label::{Label, Labels};
use crate::target::Zone;

/// Tighter ceilings for some.
#[derive(Clone, Debug)]
pub struct CeilingFor {
    /// For whom: it speaks of tenants and workflows only.
    pub when: Condition,
    /// By rank; none where the label may go as far as for everyone.
    zones: Vec<Option<Zone>>,
}

impl CeilingFor {
    /// How far a label may go; none where as far as for everyone.
    #[must_use]
    pub fn zone(&self, label: Label) -> Option<Zone> {
        self.zones.get(label.rank()).copied().flatten()
    }
}

/// The ceilings of a policy.
#[derive(Clone, Debug)]
pub(super) struct Ceilings {
    /// By rank.
    usual: Vec<Zone>,
    outermost: Zone,
    /// Each tightens what the others leave.
    pub tighter: Vec<CeilingFor>,
}

impl Ceilings {
    pub fn new(file: &PolicyFile, labels: &Labels, outermost: Zone) -> Result<Self, PolicyError> {
        let usual = usual(file, labels)?;
        let tighter = file.ceiling_for.iter().map(|own| tighter(own, labels, &usual));
        Ok(Self { tighter: tighter.collect::<Result<_, _>>()?, usual, outermost })
    }

    pub fn of(&self, label: Label) -> Zone {
        // A label that has none stays at home.
        self.usual.get(label.rank()).copied().unwrap_or(Zone::Device).min(self.outermost)
    }

    pub fn for_whom(&self, label: Label, holds: impl Fn(&Atom) -> bool) -> Zone {
        let tighter = self.tighter.iter().filter(|tighter| tighter.when.holds(&holds));
        tighter.filter_map(|tighter| tighter.zone(label)).fold(self.of(label), Zone::min)
    }

    pub fn outermost(&self) -> Zone {
        self.outermost
    }
}

fn usual(file: &PolicyFile, labels: &Labels) -> Result<Vec<Zone>, PolicyError> {
    for name in file.ceiling.keys() {
        labels.named(name)?;
    }
    let usual = |name: &str| match name {
        "public" | "internal" => Some(Zone::Cloud),
        "confidential" => Some(Zone::Premises),
        "restricted" => Some(Zone::Device),
        _ => None,
    };
    labels
        .all()
        .map(|label| {
            let name = labels.name(label);
            let zone = file.ceiling.get(name).copied().or_else(|| usual(name));
            zone.ok_or_else(|| PolicyError::NoCeiling { label: name.to_owned() })
        })
        .collect()
}

fn tighter(file: &CeilingForFile, labels: &Labels, usual: &[Zone]) -> Result<CeilingFor, PolicyError> {
    let (tenants, workflows) = (file.tenant.as_slice(), file.workflow.as_slice());
    if tenants.is_empty() && workflows.is_empty() {
        return Err(PolicyError::CeilingForAll);
    }
    let who = who(file);
    if file.ceiling.is_empty() {
        return Err(PolicyError::NoTighterCeiling { who });
    }
    let mut zones = vec![None; usual.len()];
    for (name, &zone) in &file.ceiling {
        let label =
            labels.named(name).map_err(|error| PolicyError::CeilingForLabel { who: who.clone(), error })?;
        let usual = usual.get(label.rank()).copied().unwrap_or(Zone::Device);
        if zone > usual {
            return Err(PolicyError::WiderCeiling { who, label: name.clone(), usual, zone });
        }
        if let Some(place) = zones.get_mut(label.rank()) {
            *place = Some(zone);
        }
    }
    let clause = |names: &[String], atom: fn(String) -> Atom| {
        let literals = names.iter().map(|name| Literal { atom: atom(name.clone()), holds: true });
        literals.collect::<Vec<_>>()
    };
    let clauses = [clause(tenants, Atom::Tenant), clause(workflows, Atom::Workflow)];
    let clauses = clauses.into_iter().filter(|clause| !clause.is_empty()).collect();
    Ok(CeilingFor { when: Condition::of_clauses(clauses), zones })
}

/// For whom, in the words of an error.
fn who(file: &CeilingForFile) -> String {
    let list = |what: &str, names: &[String]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("{what} {}", names.join(" or ")))
    };
    let who = [list("tenant", file.tenant.as_slice()), list("workflow", file.workflow.as_slice())];
    who.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}
