//! A decision of the past, put in the terms of the policy that it is decided under anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{Given, Lack, Past, Reach, Sight};
use crate::chat::Dialect;
use crate::decide::choice::{self, Circumstances};
use crate::decide::home;
use crate::difficulty::Band;
use crate::inspect::{KindId, OpaqueKind};
use crate::judge::{Found, Told};
use crate::label::Label;
use crate::policy::{Asked, Atom, Confidence, Health, Policy};
use crate::prove::CaseOutcome;
use crate::target::Zone;

/// What the learned tagger finds besides its own kinds.
const NAMED_BY_TAGGER: [&str; 2] = ["person", "address"];

/// What of a record a policy asks for.
pub(super) struct Facts<'a> {
    past: &'a Past,
    policy: &'a Policy,
    counts: BTreeMap<KindId, u32>,
    found: Found,
    /// Kinds of which some finding is only counted.
    partly: BTreeSet<KindId>,
    /// Kinds that the policy might not find again.
    fading: BTreeSet<KindId>,
    opaque: BTreeSet<OpaqueKind>,
    raised: Label,
    dialect: Dialect,
    asked: Option<Asked>,
    blind: BTreeSet<KindId>,
    blind_opaque: Vec<OpaqueKind>,
}

/// How what is open is taken, to see whether it makes a difference.
#[derive(Clone, Copy)]
pub(super) struct Assumed<'a> {
    pub band: Band,
    /// The open predicates that hold.
    pub open: &'a BTreeSet<&'a Atom>,
    /// The label that kinds which were not looked for give.
    pub raised: Option<Label>,
    /// Whether routes find the kinds that were not looked for.
    pub unseen: bool,
}

impl<'a> Facts<'a> {
    pub fn of(past: &'a Past, policy: &'a Policy, sight: &Sight) -> Result<Self, BTreeSet<Lack>> {
        let kinds = policy.kinds();
        let mut lacks = names_lacking(past, policy, sight);
        let raised = past.raised.as_ref().map_or(Ok(Label::LOWEST), |name| policy.labels().named(name));
        if let (Err(_), Some(name)) = (&raised, &past.raised) {
            lacks.insert(Lack::Label(name.clone()));
        }
        let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == past.dialect);
        lacks.extend(dialect.is_none().then_some(Lack::Dialect));
        // Roles are not recorded. What the policy does not lower stays as it is.
        let lowered = past.declassify.iter().filter(|name| policy.declassification(name).is_some());
        lacks.extend(lowered.cloned().map(Lack::Declassified));
        let (Ok(raised), Some(dialect), true) = (raised, dialect, lacks.is_empty()) else {
            return Err(lacks);
        };

        // What the policy does not look for, it does not find.
        let seen = |name: &str| kinds.named(name).filter(|_| policy.sight().kinds.contains(name));
        let counts: BTreeMap<KindId, u32> =
            past.counts.iter().filter_map(|(name, count)| Some((seen(name)?, *count))).collect();
        let told: Vec<Told> = past
            .findings
            .iter()
            .filter_map(|finding| {
                let offset = |at| usize::try_from(at).unwrap_or(usize::MAX);
                let (start, end) = finding.place;
                let confidence = Confidence::of(finding.confidence);
                Some(Told { kind: seen(&finding.kind)?, confidence, place: (offset(start), offset(end)) })
            })
            .collect();
        let partly = counts.iter().filter(|(kind, count)| {
            let listed = told.iter().filter(|told| told.kind == **kind).count();
            u32::try_from(listed).unwrap_or(u32::MAX) < **count
        });
        let fades = sight.reads_matters() && !policy.sight().reads_matters();
        let fading =
            NAMED_BY_TAGGER.into_iter().filter_map(seen).filter(|kind| fades && counts.contains_key(kind));
        let blind = sight.blind(policy);
        Ok(Self {
            partly: partly.map(|(kind, _)| *kind).collect(),
            fading: fading.collect(),
            found: Found::told(&told, policy.gatherings()),
            opaque: opaque(past, policy),
            asked: asked(past, policy),
            blind: blind.iter().filter_map(|name| kinds.named(name)).collect(),
            blind_opaque: OpaqueKind::ALL
                .into_iter()
                .filter(|kind| policy.sight().tells(*kind) && !sight.tells(*kind))
                .collect(),
            counts,
            raised,
            dialect,
            past,
            policy,
        })
    }

    /// The predicates of the policy that the record leaves open.
    pub fn open_atoms(&self) -> Vec<&'a Atom> {
        let atoms: BTreeSet<&Atom> =
            self.atoms().filter(|atom| self.of_content(atom) == Some(None)).collect();
        atoms.into_iter().collect()
    }

    /// The bands that the request may have been in.
    pub fn bands(&self) -> Vec<Band> {
        match self.past.score {
            Some(score) => vec![self.policy.thresholds().band(score)],
            None if self.policy.asks_difficulty() => Band::ALL.to_vec(),
            None => vec![Band::Hard],
        }
    }

    /// What the policy decides where everything that is open is as assumed, and what the device model said counts.
    ///
    /// # Errors
    /// When the policy would ask it, and nobody has.
    pub fn end(&self, assumed: &Assumed<'_>) -> Result<CaseOutcome, Lack> {
        let band = self.probed(assumed)?.or_else(|| self.band(assumed)).unwrap_or(assumed.band);
        Ok(self.decide(&Assumed { band, ..*assumed }))
    }

    /// The band where the policy would ask the device model how sure it is, and what it says makes a difference; none
    /// where it would not, and so the score counts.
    ///
    /// # Errors
    /// When nobody has asked.
    fn probed(&self, assumed: &Assumed<'_>) -> Result<Option<Band>, Lack> {
        let (Some(probe), Some(score)) = (self.policy.probe(), self.measure(assumed)) else {
            return Ok(None);
        };
        if self.settled(score).is_some() {
            return Ok(None);
        }
        let thresholds = self.policy.thresholds();
        let Some((lower, upper)) = probe.between(score, thresholds) else { return Ok(None) };
        let end = |band| self.decide(&Assumed { band, ..*assumed });
        let (low, high) = (end(lower), end(upper));
        let may_leave = low.ceiling > Zone::Device && self.asked == Some(Asked::Auto);
        if !may_leave || self.past.down.contains(probe.target.name()) || super::alike(&low, &high) {
            return Ok(None);
        }
        let on_these_terms = self.past.probe.as_deref() == Some(probe.terms().as_str());
        let probed = self.past.probed.filter(|_| on_these_terms).ok_or(Lack::Sureness)?;
        Ok(Some(probe.band(score, thresholds, probed)))
    }

    /// What the band is cut by: the chance that the model fails to which the request falls, where that is known of this
    /// configuration's models, else the score; none where there is no score.
    fn measure(&self, assumed: &Assumed<'_>) -> Option<f32> {
        let score = self.past.score?;
        let (label, ceiling) = self.label(assumed);
        let holds = |band, atom: &Atom| self.routes_hold(atom, &Assumed { band, ..*assumed }, label);
        let chance = home::chance(self.policy, &self.around(assumed.band, ceiling), score, holds);
        Some(chance.map_or(score, |chance| chance.fails))
    }

    /// The band of that.
    fn band(&self, assumed: &Assumed<'_>) -> Option<Band> {
        let measure = self.measure(assumed)?;
        Some(self.settled(measure).unwrap_or_else(|| self.policy.thresholds().band(measure)))
    }

    /// The band in which its conversation stays, where what its band is cut by lies near enough to it.
    fn settled(&self, measure: f32) -> Option<Band> {
        self.policy.settle(measure, self.past.leaning.follows.as_ref()?.band)
    }

    pub fn lacks_of(&self, atom: &Atom) -> Vec<Lack> {
        if *atom == Atom::Code {
            return vec![Lack::Code];
        }
        atom.kinds()
            .into_iter()
            .map(|kind| Lack::Findings(self.policy.kinds().name(kind).to_owned()))
            .collect()
    }

    /// What the policy decides, where everything that is open is as assumed.
    pub fn decide(&self, assumed: &Assumed<'_>) -> CaseOutcome {
        let (label, ceiling) = self.label(assumed);
        let holds = |atom: &Atom| self.routes_hold(atom, assumed, label);
        let choice = choice::choose(self.policy, &self.around(assumed.band, ceiling), holds, &mut Vec::new());
        let route = choice.route.filter(|_| choice.targets.is_ok());
        CaseOutcome {
            label,
            ceiling,
            route: choice.route.map(|route| route.name.clone()),
            effort: route.map(|route| choice::effort(self.past.effort, route, assumed.band)),
            targets: choice.targets,
        }
    }

    /// The label, and the outermost zone that it may reach.
    fn label(&self, assumed: &Assumed<'_>) -> (Label, Zone) {
        let policy = self.policy;
        let given = policy.label_reasons(|atom| self.holds(atom, assumed, None));
        let least = policy.unlabelled().join(self.raised).join(assumed.raised.unwrap_or(Label::LOWEST));
        let label = given.iter().fold(least, |label, (_, given)| label.join(*given));
        let ceiling = policy.ceiling_for(label, |atom| self.holds(atom, assumed, None));
        (label, ceiling.min(self.past.zone.unwrap_or(Zone::Cloud)))
    }

    fn around(&self, band: Band, ceiling: Zone) -> Circumstances<'_> {
        Circumstances {
            asked: self.asked.as_ref(),
            ceiling,
            down: &self.past.down,
            stays: self.past.stays.as_deref(),
            band,
            leaning: &self.past.leaning,
        }
    }

    fn routes_hold(&self, atom: &Atom, assumed: &Assumed<'_>, label: Label) -> bool {
        self.holds(atom, assumed, Some(label)) || assumed.unseen && self.is_blind(atom)
    }

    /// Whether kinds that were not looked for, had they been there, could have let the request further out than this.
    pub fn unseen(&self, assumed: &Assumed<'_>, told: &CaseOutcome) -> Result<(), BTreeSet<Lack>> {
        let rules =
            self.policy.rules().iter().filter(|rule| rule.when.atoms().any(|atom| self.is_blind(atom)));
        let opaque = self.blind_opaque.iter().map(|kind| self.policy.opaque_label(*kind));
        let labels: BTreeSet<Label> = rules.map(|rule| rule.label).chain(opaque).collect();
        let routes = self.policy.routes().iter().flat_map(|route| route.when.atoms());
        let asked: Vec<&Atom> = routes.filter(|atom| self.is_blind(atom)).collect();
        let reach = Reach::of(told);
        for raised in labels.into_iter().map(Some).chain([None]) {
            for unseen in [false, true].into_iter().take(if asked.is_empty() { 1 } else { 2 }) {
                let outcome = self.end(&Assumed { raised, unseen, ..*assumed });
                let outcome = outcome.map_err(|lack| BTreeSet::from([lack]))?;
                if Reach::of(&outcome).is_beyond(reach) {
                    let blind = self.blind.iter().map(|kind| self.policy.kinds().name(*kind).to_owned());
                    return Err(blind.map(Lack::Unseen).collect());
                }
            }
        }
        Ok(())
    }

    fn atoms(&self) -> impl Iterator<Item = &'a Atom> {
        let rules = self.policy.rules().iter().flat_map(|rule| rule.when.atoms());
        rules.chain(self.policy.routes().iter().flat_map(|route| route.when.atoms()))
    }

    fn holds(&self, atom: &Atom, assumed: &Assumed<'_>, label: Option<Label>) -> bool {
        if let Some(known) = self.of_content(atom) {
            return known.unwrap_or_else(|| assumed.open.contains(atom));
        }
        match atom {
            Atom::Opaque(kind) => self.opaque.contains(kind),
            Atom::Label(this) => label == Some(*this),
            Atom::LabelMin(least) => label.is_some_and(|label| label >= *least),
            Atom::Band(band) => assumed.band == *band,
            Atom::Tenant(tenant) => self.past.tenant.as_ref() == Some(tenant),
            // Labels and ceilings are asked before there is a label: there, what is said of the key's workflow holds besides.
            Atom::Workflow(name) => {
                self.past.workflow.is(name)
                    || label.is_none() && self.past.key_workflow.as_ref() == Some(name)
            }
            Atom::Model(name) => self.past.model.is(name),
            Atom::Dialect(dialect) => self.dialect == *dialect,
            Atom::Budget(state) => self.past.budget == *state,
            Atom::Health(target, health) => {
                let now = if self.past.down.contains(target) { Health::Down } else { Health::Up };
                now == *health
            }
            // Told above.
            Atom::Finding { .. } | Atom::Near(_) | Atom::Code => false,
        }
    }

    /// Whether a predicate about findings or code holds, or none where that is open; none at all for any other
    /// predicate.
    fn of_content(&self, atom: &Atom) -> Option<Option<bool>> {
        let (is_there, most) = match atom {
            Atom::Code => return Some(self.past.code),
            Atom::Finding { kind, count, confidence } => {
                let there = self.counts.get(kind).copied().unwrap_or(0) >= *count;
                (self.found.has(*kind, *count, *confidence) || there && *confidence == Confidence::ANY, there)
            }
            Atom::Near(near) => {
                (self.found.near(near), near.kinds.iter().all(|(kind, _)| self.counts.contains_key(kind)))
            }
            _ => return None,
        };
        let kinds = atom.kinds();
        let open = if is_there {
            kinds.iter().any(|kind| self.fading.contains(kind))
        } else {
            most && kinds.iter().any(|kind| self.partly.contains(kind))
        };
        Some((!open).then_some(is_there))
    }

    /// Whether a predicate asks for something that was not looked for.
    fn is_blind(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Opaque(kind) => self.blind_opaque.contains(kind),
            other => other.kinds().iter().any(|kind| self.blind.contains(kind)),
        }
    }
}

/// Names that the policy knows, and that could be meant where the record holds none; texts that only one of the
/// policies searches.
fn names_lacking(past: &Past, policy: &Policy, sight: &Sight) -> BTreeSet<Lack> {
    let mut lacks = BTreeSet::new();
    let new = policy.sight();
    if past.workflow == Given::Unlisted && !new.workflows.is_subset(&sight.workflows) {
        lacks.insert(Lack::Workflow);
    }
    if past.model == Given::Unlisted && !new.models.is_subset(&sight.models) {
        lacks.insert(Lack::Model);
    }
    let in_both = |name: &&String| sight.allowed.contains(*name) && new.allowed.contains(*name);
    lacks.extend(past.unsearched.iter().filter(|name| !in_both(name)).cloned().map(Lack::Allowed));
    if !(past.counts.is_empty() && past.opaque.is_empty()) {
        lacks.extend(new.allowed.difference(&sight.allowed).cloned().map(Lack::Allowed));
    }
    lacks
}

fn opaque(past: &Past, policy: &Policy) -> BTreeSet<OpaqueKind> {
    let known = |name: &String| OpaqueKind::ALL.into_iter().find(|kind| kind.as_str() == name);
    // A kind of a later version cannot be read here either.
    let kinds = past.opaque.iter().map(|name| known(name).unwrap_or(OpaqueKind::Unscanned));
    kinds.filter(|kind| policy.sight().tells(*kind)).collect()
}

fn asked(past: &Past, policy: &Policy) -> Option<Asked> {
    match &past.model {
        Given::Name(name) => policy.asked(name),
        // No configuration can have this name.
        Given::Nothing | Given::Unlisted => policy.asked("\0"),
    }
}
