//! What the rules and routes do, as formulas over the space of cases.
//!
//! It says the same as [`Case::outcome`], for all cases at once; a test holds the two together.

use std::collections::BTreeSet;
use std::sync::Arc;

use biodivine_lib_bdd::Bdd;

use super::space::Space;
use super::{Case, ProveError};
use crate::inspect::OpaqueKind;
use crate::label::Label;
use crate::policy::{Asked, Atom, Condition, Policy, Route};
use crate::target::{Target, Zone};

/// A policy's decisions over all cases.
pub(super) struct Model<'p> {
    pub policy: &'p Policy,
    pub space: Space,
    atoms: usize,
    /// By rank: where the label is at least this one before it is lowered, and after.
    own_min: Vec<Bdd>,
    label_min: Vec<Bdd>,
    /// Per route: where it decides.
    pub reach: Vec<Bdd>,
    /// Per route: where no route before it has decided and it matches.
    pub matches: Vec<Bdd>,
    /// Where no route decides, although the model asked for is known.
    pub undecided: Bdd,
    /// Per target of the catalogue: where some permit names it.
    permits: Vec<(Arc<Target>, Bdd)>,
}

impl<'p> Model<'p> {
    /// The model of a policy in which these predicates can be told apart too.
    pub fn new<'a>(policy: &'p Policy, more: impl Iterator<Item = &'a Atom>) -> Result<Self, ProveError> {
        let rules = policy.rules().iter().flat_map(|rule| rule.when.atoms());
        let routes = policy.routes().iter().flat_map(|route| route.when.atoms());
        let tighter = policy.tighter_ceilings().iter().flat_map(|tighter| tighter.when.atoms());
        let lowering = policy.declassifications().iter().flat_map(|known| known.when.atoms());
        let own = rules.chain(routes).chain(tighter).chain(lowering).cloned();
        let atoms: BTreeSet<Atom> = own.chain(more.cloned()).collect();
        let space = Space::new(policy, &atoms)?;
        let mut model = Self {
            policy,
            atoms: atoms.len(),
            own_min: Vec::new(),
            label_min: Vec::new(),
            reach: Vec::new(),
            matches: Vec::new(),
            undecided: space.model(|model| model.asked.is_some())?,
            permits: Vec::new(),
            space,
        };
        model.own_min = model.labels()?;
        model.label_min = model.lowered()?;
        model.walk()?;
        model.permits = model.all_permits()?;
        Ok(model)
    }

    pub fn atoms(&self) -> usize {
        self.atoms
    }

    /// Where some permit names this target, whatever the health of targets that no route asks about.
    pub fn permits(&self, target: &Target) -> Bdd {
        let known = self.permits.iter().find(|(known, _)| **known == *target);
        known.map_or_else(|| self.space.never(), |(_, permits)| permits.clone())
    }

    /// Where a predicate holds.
    pub fn atom(&self, atom: &Atom) -> Result<Bdd, ProveError> {
        match atom {
            Atom::LabelMin(label) => Ok(self.label_min(label.rank())),
            Atom::Label(label) => {
                self.space.and_not(&self.label_min(label.rank()), &self.label_min(label.rank() + 1))
            }
            other => Ok(self.space.atom(other)?.unwrap_or_else(|| self.space.never())),
        }
    }

    /// Where a predicate of an invariant holds: a label there is the one before it is lowered, so that what nobody
    /// may do cannot be done by lowering it first.
    pub fn thing(&self, atom: &Atom) -> Result<Bdd, ProveError> {
        match atom {
            Atom::LabelMin(label) => Ok(at(&self.own_min, label.rank(), &self.space)),
            other => self.atom(other),
        }
    }

    /// Where a condition holds.
    pub fn condition(&self, condition: &Condition) -> Result<Bdd, ProveError> {
        let mut all = self.space.always();
        for clause in condition.clauses() {
            let mut any = self.space.never();
            for literal in clause {
                let holds = self.atom(&literal.atom)?;
                any = self.space.or(&any, &if literal.holds { holds } else { holds.into_not() })?;
            }
            all = self.space.and(&all, &any)?;
        }
        Ok(all)
    }

    /// Where the label lets a request reach a zone, whatever its caller allows.
    pub fn label_allows(&self, zone: Zone) -> Result<Bdd, ProveError> {
        let mut any = self.space.never();
        for label in self.policy.labels().all().filter(|label| self.policy.ceiling(*label) >= zone) {
            let mut allowed = self.atom(&Atom::Label(label))?;
            for tighter in self.policy.tighter_ceilings() {
                if tighter.zone(label).is_some_and(|own| own < zone) {
                    allowed = self.space.and_not(&allowed, &self.condition(&tighter.when)?)?;
                }
            }
            any = self.space.or(&any, &allowed)?;
        }
        Ok(any)
    }

    /// Where a request may reach a zone.
    pub fn within(&self, zone: Zone) -> Result<Bdd, ProveError> {
        self.space.and(&self.label_allows(zone)?, &self.space.allows(zone)?)
    }

    /// A case in which the formula holds and the permit names the target.
    pub fn witness(&self, formula: &Bdd, target: Option<&Target>) -> Option<Case> {
        let mut case = self.space.witness(formula)?;
        if target.is_some_and(|target| case.down.contains(target.name())) {
            // A target that is down is tried only where all others are down too.
            let others = self.policy.catalogue().iter();
            let free = others.filter(|other| matches!(self.space.down(other.name()), Ok(None)));
            case.down.extend(free.map(|other| other.name().to_owned()));
        }
        Some(case)
    }

    fn label_min(&self, rank: usize) -> Bdd {
        at(&self.label_min, rank, &self.space)
    }

    /// By rank: where the label is at least this one once it has been lowered where its caller may.
    fn lowered(&self) -> Result<Vec<Bdd>, ProveError> {
        let mut labels = self.own_min.clone();
        for known in self.policy.declassifications() {
            let above = at(&self.own_min, known.from.rank() + 1, &self.space);
            let exactly = self.space.and_not(&at(&self.own_min, known.from.rank(), &self.space), &above)?;
            let asked =
                self.space.and(&self.space.declassified(&known.name)?, &self.condition(&known.when)?)?;
            let lowers = self.space.and(&exactly, &asked)?;
            for label in labels.iter_mut().take(known.from.rank() + 1).skip(known.to.rank() + 1) {
                *label = self.space.and_not(label, &lowers)?;
            }
        }
        Ok(labels)
    }

    fn labels(&self) -> Result<Vec<Bdd>, ProveError> {
        let mut given: Vec<(Label, Bdd)> = vec![(self.policy.unlabelled(), self.space.always())];
        for rule in self.policy.rules() {
            given.push((rule.label, self.condition(&rule.when)?));
        }
        for kind in OpaqueKind::ALL {
            given.push((self.policy.opaque_label(kind), self.atom(&Atom::Opaque(kind))?));
        }
        let mut labels = Vec::new();
        for label in self.policy.labels().all() {
            let mut any = self.space.raised_to(label)?;
            for (_, when) in given.iter().filter(|(given, _)| *given >= label) {
                any = self.space.or(&any, when)?;
            }
            labels.push(any);
        }
        Ok(labels)
    }

    fn walk(&mut self) -> Result<(), ProveError> {
        for route in self.policy.routes() {
            let matches = self.space.and(&self.undecided, &self.condition(&route.when)?)?;
            let reach = if route.refuse.is_some() || route.only {
                matches.clone()
            } else {
                self.space.and(&matches, &self.in_reach(route)?)?
            };
            self.undecided = self.space.and_not(&self.undecided, &reach)?;
            self.matches.push(matches);
            self.reach.push(reach);
        }
        Ok(())
    }

    /// Where a route has a target within reach: its own, or one that was asked for.
    fn in_reach(&self, route: &Route) -> Result<Bdd, ProveError> {
        let mut any = self.space.never();
        for zone in Zone::ALL {
            let lives = |target: &Arc<Target>| target.zone() == zone;
            let has = if route.targets.iter().any(lives) {
                self.space.always()
            } else {
                let takes = |target: &Arc<Target>| lives(target) && route.takes(target);
                self.space.model(|model| asked(model.asked.as_ref()).iter().any(takes))?
            };
            any = self.space.or(&any, &self.space.and(&has, &self.within(zone)?)?)?;
        }
        Ok(any)
    }

    fn all_permits(&self) -> Result<Vec<(Arc<Target>, Bdd)>, ProveError> {
        let mut permits = Vec::new();
        for target in self.policy.catalogue().iter() {
            let mut any = self.space.never();
            for (route, reach) in self.policy.routes().iter().zip(&self.reach) {
                if route.refuse.is_none() {
                    let candidate = self.candidate(target, route)?;
                    let tried = self.space.and(&candidate, &self.not_left_out(target, route)?)?;
                    any = self.space.or(&any, &self.space.and(reach, &tried)?)?;
                }
            }
            permits.push((Arc::clone(target), any));
        }
        Ok(permits)
    }

    /// Where an answer that is not sure may be asked for at this target.
    pub fn escalates(&self, target: &Arc<Target>) -> Result<Bdd, ProveError> {
        let mut any = self.space.never();
        let routes = self.policy.routes().iter().zip(&self.reach);
        for (route, reach) in routes.filter(|(route, _)| route.verify.is_some()) {
            if target.zone() > Zone::Device {
                let tried = self.space.and(reach, &self.candidate(target, route)?)?;
                any = self.space.or(&any, &tried)?;
            }
        }
        Ok(any)
    }

    /// Where a target is among those of a route or those asked for, and within reach.
    fn candidate(&self, target: &Arc<Target>, route: &Route) -> Result<Bdd, ProveError> {
        let named = if route.targets.contains(target) {
            self.space.always()
        } else if route.only {
            self.space.never()
        } else {
            self.space.model(|model| asked(model.asked.as_ref()).contains(target))?
        };
        self.space.and(&named, &self.within(target.zone())?)
    }

    /// Where a target is up, or down like every other candidate.
    fn not_left_out(&self, target: &Arc<Target>, route: &Route) -> Result<Bdd, ProveError> {
        let Some(down) = self.space.down(target.name())? else { return Ok(self.space.always()) };
        let mut all_down = self.space.always();
        for other in self.policy.catalogue().iter().filter(|other| *other != target) {
            // Others without a variable are free to be down.
            if let Some(other_down) = self.space.down(other.name())? {
                let up = self.space.and_not(&self.candidate(other, route)?, &other_down)?;
                all_down = self.space.and_not(&all_down, &up)?;
            }
        }
        self.space.or(&down.into_not(), &all_down)
    }
}

fn at(labels: &[Bdd], rank: usize, space: &Space) -> Bdd {
    labels.get(rank).cloned().unwrap_or_else(|| space.never())
}

fn asked(asked: Option<&Asked>) -> &[Arc<Target>] {
    match asked {
        Some(Asked::Targets(targets)) => targets,
        Some(Asked::Auto) | None => &[],
    }
}
