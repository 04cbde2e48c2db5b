//! Packs: detectors and rules that ship with the product and are switched on by name.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{PolicyError, PolicyFile, RuleFile};
use crate::inspect::SECRET_KINDS;
use crate::label::Labels;
use crate::suggest::did_you_mean;

const PACKS: [(&str, &str); 9] = [
    ("pii", include_str!("packs/pii.toml")),
    ("secrets", include_str!("packs/secrets.toml")),
    ("health", include_str!("packs/health.toml")),
    ("matters", include_str!("packs/matters.toml")),
    ("gdpr", include_str!("packs/gdpr.toml")),
    ("hipaa", include_str!("packs/hipaa.toml")),
    ("pci", include_str!("packs/pci.toml")),
    ("source-code", include_str!("packs/source-code.toml")),
    ("legal-privilege", include_str!("packs/legal-privilege.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    rule: Vec<RuleFile>,
}

/// The file with the rules of its packs put before its own, named `pack/rule`.
pub(super) fn expand(file: &PolicyFile) -> Result<PolicyFile, PolicyError> {
    let mut rules = Vec::new();
    for name in &file.packs {
        let Some((_, text)) = PACKS.iter().find(|(pack, _)| pack == name) else {
            let mend = did_you_mean(name, PACKS.iter().map(|(pack, _)| *pack));
            return Err(PolicyError::UnknownPack { name: name.clone(), mend });
        };
        let pack: PackFile = toml::from_str(text)
            .map_err(|error| PolicyError::Syntax { line: 0, message: error.message().to_owned() })?;
        for rule in pack.rule {
            let label = pack_label(file, name, &rule.label)?;
            rules.push(RuleFile { name: format!("{name}/{}", rule.name), label, ..rule });
        }
    }
    rules.extend(file.rule.iter().cloned());
    Ok(PolicyFile { rule: rules, ..file.clone() })
}

/// The kinds of findings that an expanded policy speaks of: what its detectors must look for.
pub(super) fn kinds_used(file: &PolicyFile) -> BTreeSet<String> {
    let whens = file.rule.iter().map(|rule| &rule.when).chain(file.route.iter().map(|route| &route.when));
    let in_whens = whens.flat_map(|when| when.kinds().cloned());
    let in_invariants = file.invariant.iter().flat_map(|invariant| {
        let names = invariant.text.split('"').skip(1).step_by(2);
        names.map(|name| name.strip_prefix("finding:").unwrap_or(name).to_owned()).collect::<Vec<_>>()
    });
    let declassified = file.declassify.iter().flat_map(|declassify| {
        let secrets = SECRET_KINDS.into_iter().map(str::to_owned);
        secrets.chain(declassify.kinds.iter().cloned())
    });
    in_whens.chain(in_invariants).chain(declassified).collect()
}

fn pack_label(file: &PolicyFile, pack: &str, label: &str) -> Result<String, PolicyError> {
    if let Some(own) = file.pack_labels.get(label) {
        return Ok(own.clone());
    }
    let known = if file.labels.is_empty() {
        Labels::USUAL.contains(&label)
    } else {
        file.labels.iter().any(|own| own == label)
    };
    if known {
        Ok(label.to_owned())
    } else {
        Err(PolicyError::PackLabel { pack: pack.to_owned(), label: label.to_owned() })
    }
}
