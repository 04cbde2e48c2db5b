//! `hearthgate models verify` and `hearthgate models remove`

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use super::super::{CliError, Ended};
use super::{configured_as, of_hub};
use crate::config::Config;
use crate::hub::progress::{self, size};
use crate::hub::{HubError, ManifestFile, Store, digest_of_file};

/// Reads models whole, and tells which are as they were.
pub(super) fn verify(config: &Config, names: &[String]) -> Ended {
    let store = Store::new(&config.hub)?;
    let models = if names.is_empty() {
        store.all()
    } else {
        let pulled = |name: &String| -> Result<_, CliError> {
            let (source, _) = of_hub(config, name)?;
            let manifest = store.pulled(&source)?;
            Ok((source, manifest))
        };
        names.iter().map(pulled).collect::<Result<Vec<_>, _>>()?
    };
    let mut out = io::stdout().lock();
    if models.is_empty() {
        writeln!(out, "nothing is pulled in {}", store.folder().display())?;
    }
    let mut sound = true;
    for (source, manifest) in &models {
        let place = store.place(source);
        let faults: Vec<_> = manifest.files.iter().filter_map(|file| fault(&place, file)).collect();
        if faults.is_empty() {
            writeln!(out, "{source}: sound ({})", size(manifest.bytes()))?;
            continue;
        }
        sound = false;
        for fault in faults {
            writeln!(out, "{source}: damaged: {fault}")?;
        }
        writeln!(out, "  `hearthgate models pull {source}{}` brings it anew", config.hub.flags)?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn fault(place: &Path, file: &ManifestFile) -> Option<String> {
    let path = place.join(&file.name);
    let bytes = match path.metadata() {
        Ok(facts) => facts.len(),
        Err(error) => return Some(format!("`{}`: {error}", file.name)),
    };
    if bytes != file.bytes {
        return Some(format!("`{}` has {bytes} bytes and had {}", file.name, file.bytes));
    }
    let progress = progress::for_stderr();
    progress.begin(&format!("checking {}", file.name), bytes, 0);
    let mut done = 0;
    let found = digest_of_file(&path, |count| {
        done += count;
        progress.reach(done);
    });
    progress.end();
    match found {
        Ok(found) if found == file.sha256 => None,
        Ok(found) => Some(format!("`{}` has the SHA-256 {found} and had {}", file.name, file.sha256)),
        Err(error) => Some(format!("`{}`: {error}", file.name)),
    }
}

/// Removes a model that the configuration does not use.
///
/// What a configuration file names stays. The default configuration names whatever is there: it does without.
pub(super) fn remove(config: &Config, named_by_file: bool, name: &str) -> Ended {
    let (source, _) = of_hub(config, name)?;
    if named_by_file && let Some(target) = configured_as(config, &source.to_string()).first() {
        return Err(CliError::Failed(format!(
            "`{source}` is the source of `{target}` in this configuration; take it out there first"
        )));
    }
    let store = Store::new(&config.hub)?;
    if !store.place(&source).exists() {
        return Err(HubError::NotPulled { name: source.to_string(), flags: config.hub.flags.clone() }.into());
    }
    let lock = store.try_lock(&source)?;
    let Some(_lock) = lock else {
        return Err(CliError::Failed(format!(
            "`{source}` is being pulled by another process; end that first"
        )));
    };
    let bytes = store.remove(&source)?;
    writeln!(io::stdout().lock(), "{source}: removed ({})", size(bytes))?;
    Ok(ExitCode::SUCCESS)
}
