//! The space of cases: one variable of finitely many values per thing that a policy can tell apart.
//!
//! Every assignment of bits is a case, so exclusions (one band at a time) and implications (three findings
//! are more than one) need no constraints of their own: they lie in how values are written as bits. A value
//! of `n` is written as its number; numbers beyond the last stand for the last.
//!
//! Predicates about findings imply one another in more ways than one: three sure ones are one unsure one, what is
//! within 100 bytes is within 200, and what is near is there. Each has a bit of its own, and holds where its bit is
//! set or one that implies it holds; nearness also asks for the findings. So every assignment is consistent, and every
//! consistent set of predicates has an assignment. Some such sets no text has (of one kind, one finding in all and one
//! sure one, and only an unsure one near): the proof knows more cases than there are, never fewer.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use biodivine_lib_bdd::{Bdd, BddPartialValuation, BddValuation, BddVariable, BddVariableSet, op_function};

use super::{Case, ProveError};
use crate::chat::Dialect;
use crate::difficulty::Band;
use crate::inspect::{KindId, OpaqueKind};
use crate::label::Label;
use crate::policy::{Asked, Atom, BudgetState, Confidence, Health, Near, Policy};
use crate::target::Zone;

/// The most steps that one proof may take; a step visits one pair of nodes.
const STEPS_MAX: u64 = 5_000_000;

/// Zones by how much they take away: the first takes nothing.
const CAPS: [Zone; 3] = [Zone::Cloud, Zone::Premises, Zone::Device];

/// A variable of finitely many values.
#[derive(Clone, Debug)]
struct Domain {
    bits: Vec<BddVariable>,
    values: usize,
}

/// A name that models may be asked for by, and what it stands for.
pub(super) struct ModelName {
    pub name: String,
    pub asked: Option<Asked>,
}

/// So many findings of a kind, at least so sure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Quantity {
    kind: KindId,
    count: u32,
    confidence: Confidence,
}

impl Quantity {
    fn implies(&self, other: &Self) -> bool {
        self.kind == other.kind && self.count >= other.count && self.confidence >= other.confidence
    }
}

/// The variables of a policy, and bounded arithmetic over them.
pub(super) struct Space {
    set: BddVariableSet,
    steps_left: Cell<u64>,
    findings: Vec<(Quantity, Domain)>,
    near: Vec<(Near, Domain)>,
    opaque: BTreeMap<OpaqueKind, Domain>,
    raise: (Vec<Label>, Domain),
    declassify: (Vec<String>, Domain),
    tenants: (Vec<String>, Domain),
    workflows: (Vec<String>, Domain),
    models: (Vec<ModelName>, Domain),
    dialect: Domain,
    band: Domain,
    code: Domain,
    budget: Domain,
    cap: Domain,
    health: BTreeMap<String, Domain>,
}

impl Space {
    /// A space in which these predicates can be told apart.
    pub fn new(policy: &Policy, atoms: &BTreeSet<Atom>) -> Result<Self, ProveError> {
        let mut quantities: BTreeSet<Quantity> = BTreeSet::new();
        let mut nears: BTreeSet<Near> = BTreeSet::new();
        let (mut tenants, mut workflows) = (BTreeSet::new(), BTreeSet::new());
        let (mut models, mut health) = (BTreeSet::new(), BTreeSet::new());
        for atom in atoms {
            match atom {
                Atom::Finding { kind, count, confidence } => {
                    quantities.insert(Quantity { kind: *kind, count: *count, confidence: *confidence });
                }
                Atom::Near(near) => {
                    quantities.extend(each_of(near));
                    nears.insert(near.clone());
                }
                Atom::Tenant(name) => {
                    tenants.insert(name.clone());
                }
                Atom::Workflow(name) => {
                    workflows.insert(name.clone());
                }
                Atom::Model(name) => {
                    models.insert(name.clone());
                }
                Atom::Health(name, _) => {
                    health.insert(name.clone());
                }
                Atom::Opaque(_) | Atom::Label(_) | Atom::LabelMin(_) => {}
                Atom::Band(_) | Atom::Code | Atom::Dialect(_) | Atom::Budget(_) => {}
            }
        }
        let models = model_names(policy, &models);
        let labels: Vec<_> = policy.labels().all().collect();
        let mut bits = Bits::default();
        // The order matters for size: what gives a label first, then what routes ask.
        let tenant = bits.domain(tenants.len() + 1);
        let workflow = bits.domain(workflows.len() + 1);
        let dialect = bits.domain(Dialect::ALL.len());
        let model = bits.domain(models.len());
        let findings: Vec<_> = quantities.into_iter().map(|quantity| (quantity, bits.domain(2))).collect();
        let nears: Vec<_> = nears.into_iter().map(|near| (near, bits.domain(2))).collect();
        let opaque = OpaqueKind::ALL.map(|kind| (kind, bits.domain(2)));
        let raise = bits.domain(labels.len());
        let declassify: Vec<_> = policy.declassifications().iter().map(|known| known.name.clone()).collect();
        let asked = bits.domain(declassify.len() + 1);
        let cap = bits.domain(CAPS.len());
        let band = bits.domain(Band::ALL.len());
        let code = bits.domain(2);
        let budget = bits.domain(BudgetState::ALL.len());
        let health: Vec<_> = health.into_iter().map(|name| (name, bits.domain(2))).collect();

        let count = u16::try_from(bits.0).map_err(|_| ProveError::TooLarge { steps: STEPS_MAX })?;
        let set = BddVariableSet::new_anonymous(count);
        let variables = set.variables();
        let domain = |(values, bits): RawDomain| Domain {
            bits: variables.iter().skip(bits.start).take(bits.len()).copied().collect(),
            values,
        };
        Ok(Self {
            steps_left: Cell::new(STEPS_MAX),
            findings: findings.into_iter().map(|(quantity, raw)| (quantity, domain(raw))).collect(),
            near: nears.into_iter().map(|(near, raw)| (near, domain(raw))).collect(),
            opaque: opaque.into_iter().map(|(kind, raw)| (kind, domain(raw))).collect(),
            raise: (labels, domain(raise)),
            declassify: (declassify, domain(asked)),
            tenants: (tenants.into_iter().collect(), domain(tenant)),
            workflows: (workflows.into_iter().collect(), domain(workflow)),
            models: (models, domain(model)),
            dialect: domain(dialect),
            band: domain(band),
            code: domain(code),
            budget: domain(budget),
            cap: domain(cap),
            health: health.into_iter().map(|(name, raw)| (name, domain(raw))).collect(),
            set,
        })
    }

    pub fn always(&self) -> Bdd {
        self.set.mk_true()
    }

    pub fn never(&self) -> Bdd {
        self.set.mk_false()
    }

    pub fn and(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, ProveError> {
        self.apply(left, right, op_function::and)
    }

    pub fn or(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, ProveError> {
        self.apply(left, right, op_function::or)
    }

    pub fn and_not(&self, left: &Bdd, right: &Bdd) -> Result<Bdd, ProveError> {
        self.apply(left, right, op_function::and_not)
    }

    fn apply(
        &self,
        left: &Bdd,
        right: &Bdd,
        op: impl Fn(Option<bool>, Option<bool>) -> Option<bool>,
    ) -> Result<Bdd, ProveError> {
        let counted = |left, right| {
            let steps = self.steps_left.get();
            self.steps_left.set(steps.saturating_sub(1));
            // Out of steps, every pair is answered at once, so that the walk ends; its result is dropped.
            if steps == 0 { Some(false) } else { op(left, right) }
        };
        let result = Bdd::binary_op(left, right, counted);
        if self.steps_left.get() == 0 { Err(ProveError::TooLarge { steps: STEPS_MAX }) } else { Ok(result) }
    }

    /// Where a predicate that is not about the label holds; none for one that is.
    pub fn atom(&self, atom: &Atom) -> Result<Option<Bdd>, ProveError> {
        let named = |(names, domain): &(Vec<String>, Domain), name: &String| {
            let value = names.iter().position(|known| known == name);
            value.map_or(Ok(self.never()), |value| self.is(domain, value + 1))
        };
        Ok(Some(match atom {
            Atom::Label(_) | Atom::LabelMin(_) => return Ok(None),
            Atom::Finding { kind, count, confidence } => {
                self.found(&Quantity { kind: *kind, count: *count, confidence: *confidence })?
            }
            Atom::Near(near) => self.near(near)?,
            Atom::Opaque(kind) => match self.opaque.get(kind) {
                Some(domain) => self.is(domain, 1)?,
                None => self.never(),
            },
            Atom::Tenant(name) => named(&self.tenants, name)?,
            Atom::Workflow(name) => named(&self.workflows, name)?,
            Atom::Model(name) => self.model(|model| model.name == *name)?,
            Atom::Dialect(dialect) => self.one_of(&self.dialect, &Dialect::ALL, dialect)?,
            Atom::Band(band) => self.one_of(&self.band, &Band::ALL, band)?,
            Atom::Code => self.is(&self.code, 1)?,
            Atom::Budget(state) => self.one_of(&self.budget, &BudgetState::ALL, state)?,
            Atom::Health(target, health) => {
                let down = self.down(target)?.unwrap_or_else(|| self.never());
                if *health == Health::Down { down } else { down.into_not() }
            }
        }))
    }

    fn found(&self, least: &Quantity) -> Result<Bdd, ProveError> {
        let mut any = self.never();
        for (_, domain) in self.findings.iter().filter(|(quantity, _)| quantity.implies(least)) {
            any = self.or(&any, &self.is(domain, 1)?)?;
        }
        Ok(any)
    }

    fn near(&self, least: &Near) -> Result<Bdd, ProveError> {
        let mut any = self.never();
        for (near, domain) in self.near.iter().filter(|(near, _)| near.implies(least)) {
            let mut all = self.is(domain, 1)?;
            for quantity in each_of(near) {
                all = self.and(&all, &self.found(&quantity)?)?;
            }
            any = self.or(&any, &all)?;
        }
        Ok(any)
    }

    /// Where a target is down; none where no route asks for its health.
    pub fn down(&self, target: &str) -> Result<Option<Bdd>, ProveError> {
        self.health.get(target).map(|domain| self.is(domain, 1)).transpose()
    }

    /// Where the model asked for is one of these.
    pub fn model(&self, wanted: impl Fn(&ModelName) -> bool) -> Result<Bdd, ProveError> {
        let (models, domain) = &self.models;
        let mut any = self.never();
        for (value, _) in models.iter().enumerate().filter(|(_, model)| wanted(model)) {
            any = self.or(&any, &self.is(domain, value)?)?;
        }
        Ok(any)
    }

    /// Where the caller or the conversation asks for at least this label.
    pub fn raised_to(&self, label: Label) -> Result<Bdd, ProveError> {
        self.at_least(&self.raise.1, label.rank())
    }

    /// Where the caller asks for this declassification.
    pub fn declassified(&self, name: &str) -> Result<Bdd, ProveError> {
        let (names, domain) = &self.declassify;
        let value = names.iter().position(|known| known == name);
        value.map_or(Ok(self.never()), |value| self.is(domain, value + 1))
    }

    /// Where the caller allows this zone.
    pub fn allows(&self, zone: Zone) -> Result<Bdd, ProveError> {
        let narrower = CAPS.iter().position(|cap| *cap < zone);
        narrower.map_or(Ok(self.always()), |value| Ok(self.at_least(&self.cap, value)?.into_not()))
    }

    /// The plainest case in which a formula holds.
    pub fn witness(&self, formula: &Bdd) -> Option<Case> {
        let bits = formula.most_negative_valuation()?;
        let name = |(names, domain): &(Vec<String>, Domain)| {
            value(domain, &bits).checked_sub(1).and_then(|at| names.get(at)).cloned()
        };
        let plain = Case::default();
        let set = |domain: &Domain| value(domain, &bits) == 1;
        let mut case = Case {
            near: self.near.iter().filter(|(_, domain)| set(domain)).map(|(near, _)| near.clone()).collect(),
            opaque: self.opaque.iter().filter(|(_, domain)| set(domain)).map(|(kind, _)| *kind).collect(),
            raise: self.raise.0.get(value(&self.raise.1, &bits)).copied().unwrap_or(plain.raise),
            band: Band::ALL.get(value(&self.band, &bits)).copied().unwrap_or(plain.band),
            code: set(&self.code),
            declassify: name(&self.declassify),
            tenant: name(&self.tenants),
            workflow: name(&self.workflows),
            model: self.models.0.get(value(&self.models.1, &bits)).map_or(plain.model, |m| m.name.clone()),
            dialect: Dialect::ALL.get(value(&self.dialect, &bits)).copied().unwrap_or(plain.dialect),
            budget: BudgetState::ALL.get(value(&self.budget, &bits)).copied().unwrap_or(plain.budget),
            zone: CAPS.get(value(&self.cap, &bits)).copied().unwrap_or(plain.zone),
            down: self
                .health
                .iter()
                .filter(|(_, domain)| set(domain))
                .map(|(name, _)| name.clone())
                .collect(),
            ..Case::default()
        };
        for (quantity, _) in self.findings.iter().filter(|(_, domain)| set(domain)) {
            let Quantity { kind, count, confidence } = *quantity;
            let all = case.counts.entry(kind).or_insert(0);
            *all = (*all).max(count);
            if confidence > Confidence::ANY {
                let sure = case.sure.entry((kind, confidence)).or_insert(0);
                *sure = (*sure).max(count);
            }
        }
        Some(case)
    }

    fn one_of<T: PartialEq>(&self, domain: &Domain, all: &[T], wanted: &T) -> Result<Bdd, ProveError> {
        all.iter().position(|one| one == wanted).map_or(Ok(self.never()), |value| self.is(domain, value))
    }

    fn is(&self, domain: &Domain, value: usize) -> Result<Bdd, ProveError> {
        if value + 1 == domain.values { self.at_least(domain, value) } else { Ok(self.number(domain, value)) }
    }

    fn at_least(&self, domain: &Domain, least: usize) -> Result<Bdd, ProveError> {
        let mut below = self.never();
        for value in 0..least {
            below = self.or(&below, &self.number(domain, value))?;
        }
        Ok(below.into_not())
    }

    fn number(&self, domain: &Domain, value: usize) -> Bdd {
        let bits = domain.bits.iter().zip(0_u32..).map(|(bit, place)| (*bit, value >> place & 1 == 1));
        self.set.mk_conjunctive_clause(&BddPartialValuation::from_values(&bits.collect::<Vec<_>>()))
    }
}

/// One finding of each kind that is near another.
fn each_of(near: &Near) -> impl Iterator<Item = Quantity> + use<'_> {
    near.kinds.iter().map(|&(kind, confidence)| Quantity { kind, count: 1, confidence })
}

fn value(domain: &Domain, bits: &BddValuation) -> usize {
    let number = domain.bits.iter().rev().fold(0, |number, bit| number * 2 + usize::from(bits.value(*bit)));
    number.min(domain.values - 1)
}

type RawDomain = (usize, std::ops::Range<usize>);

/// Gives out bits.
#[derive(Default)]
struct Bits(usize);

impl Bits {
    fn domain(&mut self, values: usize) -> RawDomain {
        let mut bits = 0_usize;
        while 1_usize << bits < values {
            bits += 1;
        }
        let start = self.0;
        self.0 += bits;
        (values, start..self.0)
    }
}

/// Every name that routes ask for, and one name for each other thing that a name can stand for.
fn model_names(policy: &Policy, in_routes: &BTreeSet<String>) -> Vec<ModelName> {
    let aliases = policy.aliases().map(str::to_owned);
    let targets = policy.catalogue().iter().flat_map(|target| [target.name(), target.model()]);
    let known: Vec<_> = aliases.chain(targets.map(str::to_owned)).collect();
    let mut unknown = "another-model".to_owned();
    while known.contains(&unknown) || in_routes.contains(&unknown) {
        unknown.push('-');
    }
    let mut models: Vec<ModelName> = Vec::new();
    for name in std::iter::once("auto".to_owned()).chain(in_routes.iter().cloned()) {
        if models.iter().all(|model| model.name != name) {
            models.push(ModelName { asked: policy.asked(&name), name });
        }
    }
    for name in known.into_iter().chain([unknown]) {
        let asked = policy.asked(&name);
        // A name that routes ask for is a case of its own, even if it stands for the same.
        let stood_for = |model: &ModelName| model.asked == asked && !in_routes.contains(&model.name);
        if !in_routes.contains(&name) && !models.iter().any(stood_for) {
            models.push(ModelName { name, asked });
        }
    }
    models
}

#[cfg(test)]
mod tests;
