//! A policy that the command line names, over the targets of the configuration.

use std::path::Path;

use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::prove::prove;

use super::CliError;
use crate::config::{Config, ConfigError};

/// Reads it. What a gateway would refuse it for is warned of: here nothing is served.
pub(super) fn load(config: &Config, path: &Path) -> Result<Policy, CliError> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::Unusable(format!("cannot read `{}`: {error}", path.display())))?;
    let catalogue = config.policy.catalogue().clone();
    let policy = PolicyFile::parse(&text)
        .and_then(|file| Policy::compile(&file, catalogue, config.server.outermost_zone))
        .map_err(|error| ConfigError::Policy { policy: name(), error })?;
    let proof = prove(&policy).map_err(|error| ConfigError::Unprovable { policy: name(), error })?;
    for (statement, _) in proof.broken() {
        let promise = &statement.text;
        crate::log::warn(&format!("{} does not hold: {promise}; a gateway would refuse it", name()));
    }
    Ok(policy)
}
