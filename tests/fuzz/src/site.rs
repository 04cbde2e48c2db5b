//! A small site: one target at home, one on the premises, two in clouds that share a model's name.

use std::sync::{Arc, LazyLock};

use hearthgate_rules::policy::{Policy, PolicyFile, SHIPPED};
use hearthgate_rules::target::{Catalogue, EffortField, Target, Zone};

/// A policy that asks for everything that a rule can ask for.
const DEMANDING: &str = include_str!("demanding.toml");

/// The policy that ships, and one that counts, measures distances and asks how sure.
pub static POLICIES: LazyLock<[Arc<Policy>; 2]> = LazyLock::new(|| [SHIPPED, DEMANDING].map(compiled));

/// Every target.
pub fn catalogue() -> Catalogue {
    [
        Target::device("starter"),
        Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
        Target::upstream("frontier", "big", Zone::Cloud, EffortField::ReasoningEffort),
        Target::upstream("second", "big", Zone::Cloud, EffortField::None),
    ]
    .map(Arc::new)
    .into()
}

fn compiled(text: &str) -> Arc<Policy> {
    let file = PolicyFile::parse(text).expect("a sound policy");
    Arc::new(Policy::compile(&file, catalogue(), Zone::Cloud).expect("a sound policy"))
}
