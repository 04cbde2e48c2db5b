//! The `[store]` section: whether the content of requests is kept, for whom, how long and of which requests.

use std::path::PathBuf;
use std::time::Duration;

use hearthgate_rules::label::Labels;
use hearthgate_rules::target::Zone;

use super::check::Check;
use super::env::Env;
use super::error::ConfigError;
use super::file::StoreFile;
use super::interpolate::interpolate;
use super::{Model, Store};
use crate::store::PublicKey;

const FOLDER: &str = "${XDG_STATE_HOME:-~/.local/state}/hearthgate/store";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The highest label whose content is kept where none is named. What is above it is what laws and contracts speak of:
/// keeping that, sealed or not, is for the site to choose.
const LABEL: &str = "internal";

/// The section; none where there is no key to keep anything for.
pub fn store(
    check: &Check<'_>,
    raw: &StoreFile,
    env: &Env,
    labels: &Labels,
    models: &[Model],
    warnings: &mut Vec<String>,
) -> Result<Option<Store>, ConfigError> {
    let Some(key) = &raw.public_key else {
        let written = raw.enabled == Some(true);
        let others = raw.folder.is_some() || raw.days.is_some() || raw.megabytes.is_some();
        if others || raw.zone.is_some() || raw.label.is_some() {
            warnings.push(
                "`[store]` has no `public_key`: nothing is kept, and nothing that was kept is erased; with the key and \
                 `enabled = false` it would be"
                    .to_owned(),
            );
        }
        let mend = "is set and no `public_key` is; `hearthgate store keygen FILE` makes one";
        return if written { check.fault("store.enabled", mend) } else { Ok(None) };
    };
    let public_key = PublicKey::parse(key)
        .map_err(|error| check.source.fault("store.public_key", format!("is {error}")))?;
    let days: u32 = check.number("store.days", raw.days.unwrap_or(30), 1..=3660)?;
    let megabytes: u64 = check.number("store.megabytes", raw.megabytes.unwrap_or(1024), 1..=1 << 30)?;
    let zone = raw.zone.as_ref().map(|zone| check.word("store.zone", zone)).transpose()?;
    let label = raw.label.as_deref().unwrap_or(LABEL);
    let label = labels.named(label).map_err(|error| check.source.fault("store.label", error.to_string()))?;
    let store = Store {
        enabled: raw.enabled.unwrap_or(true),
        public_key,
        folder: folder(check, raw, env)?,
        keep: DAY * days,
        bytes: megabytes << 20,
        zone: zone.unwrap_or(Zone::Device),
        label,
    };
    let mut chats = models.iter().filter(|model| !model.embeddings);
    if store.enabled && chats.all(|model| !model.deterministic) {
        warnings.push(
            "`[store]` keeps content to have answers again, and no `[[model]]` is `deterministic`: they may come out otherwise"
                .to_owned(),
        );
    }
    Ok(Some(store))
}

fn folder(check: &Check<'_>, raw: &StoreFile, env: &Env) -> Result<PathBuf, ConfigError> {
    match &raw.folder {
        Some(folder) => check.source.path("store.folder", folder),
        None => {
            let usual = interpolate(FOLDER, env);
            let usual = usual.map_err(|fault| check.source.fault("store.folder", fault.message()))?;
            check.source.path("store.folder", &usual)
        }
    }
}
