//! What a policy can tell of a request: a record says it once, so that what it does not mention is known to be absent
//! or unknown.

use std::collections::BTreeSet;

use crate::inspect::{BUILTIN_KINDS, OpaqueKind, is_matter};
use crate::policy::{Atom, Policy};

/// What a policy looks for, and the names that it knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sight {
    /// The kinds of findings that it looks for.
    pub kinds: BTreeSet<String>,
    /// The workflows that it speaks of.
    pub workflows: BTreeSet<String>,
    /// The names by which it knows models: targets, their bare names, aliases, what its routes ask for.
    pub models: BTreeSet<String>,
    /// The names of texts that it does not search.
    pub allowed: BTreeSet<String>,
}

impl Sight {
    pub(crate) fn of(policy: &Policy) -> Self {
        let whens = policy.rules().iter().map(|rule| &rule.when);
        let whens = whens.chain(policy.routes().iter().map(|route| &route.when));
        let whens = whens.chain(policy.tighter_ceilings().iter().map(|tighter| &tighter.when));
        let mut sight = Self { allowed: policy.allowed().iter().cloned().collect(), ..Self::default() };
        for atom in whens.flat_map(|when| when.atoms()) {
            match atom {
                Atom::Workflow(name) => sight.workflows.insert(name.clone()),
                Atom::Model(name) => sight.models.insert(name.clone()),
                _ => false,
            };
        }
        let targets = policy.catalogue().iter().flat_map(|target| [target.name(), target.model()]);
        let models = targets.chain(policy.aliases()).chain(["auto"]);
        sight.models.extend(models.map(str::to_owned));
        let kinds = policy.kinds();
        let looked_for = kinds.names().filter(|name| {
            let of_product = BUILTIN_KINDS.contains(name);
            !of_product || kinds.named(name).is_some_and(|kind| policy.detectors().looks_for(kind))
        });
        sight.kinds = looked_for.map(str::to_owned).collect();
        sight
    }

    /// What of it another policy can rely on. The site's own kinds and allowed texts mean the same only where the
    /// policy of that time is at hand and says the same of them.
    #[must_use]
    pub fn shared(mut self, at_hand: Option<&Policy>, other: &Policy) -> Self {
        let same = |name: &String| {
            at_hand
                .and_then(|policy| policy.definition(name))
                .is_some_and(|means| other.definition(name) == Some(means))
        };
        self.kinds.retain(|name| BUILTIN_KINDS.contains(&name.as_str()) || same(name));
        self.allowed.retain(same);
        self
    }

    /// The kinds that a policy looks for and this one does not.
    #[must_use]
    pub fn blind(&self, policy: &Policy) -> BTreeSet<String> {
        let mut blind: BTreeSet<String> = policy.sight().kinds.difference(&self.kinds).cloned().collect();
        // The tagger finds names and addresses besides its own kinds.
        if policy.sight().reads_matters() && !self.reads_matters() {
            let named = ["person", "address"].into_iter().filter(|name| policy.sight().kinds.contains(*name));
            blind.extend(named.map(str::to_owned));
        }
        blind
    }

    /// Whether content of a kind would have been told.
    pub(super) fn tells(&self, kind: OpaqueKind) -> bool {
        match kind {
            OpaqueKind::Language => self.reads_matters(),
            OpaqueKind::Encoded | OpaqueKind::Unscanned => !self.kinds.is_empty(),
            _ => true,
        }
    }

    pub(super) fn reads_matters(&self) -> bool {
        self.kinds.iter().any(|name| is_matter(name))
    }
}
