//! `hearthgate models pull`

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use hearthgate_engines::gguf;
use tokio::runtime::Builder;

use super::super::{CliError, Ended};
use super::of_hub;
use crate::config::{Config, Env};
use crate::hub::catalogue::{Capability, Entry};
use crate::hub::progress::{self, size};
use crate::hub::{self, Checked, HubSource, Manifest, Pull, Pulled, Store, interrupted};
use crate::log;

const OFFLINE_VARIABLE: &str = "HF_HUB_OFFLINE";

/// Pulls models, one after the other.
pub(super) fn run(config: &Config, names: &[String], offline: bool) -> Ended {
    config.hub.notes.iter().for_each(|note| log::warn(note));
    let model = |name: &String| {
        let (source, entry) = of_hub(config, name)?;
        // Whoever writes the source means what lies there; whoever writes a name, what this program knows by it.
        Ok((source, entry, entry.is_some_and(|entry| entry.name == *name)))
    };
    let models = names.iter().map(model).collect::<Result<Vec<_>, CliError>>()?;
    let said = Env::process().filled(OFFLINE_VARIABLE).map(str::to_ascii_lowercase);
    let offline = offline || said.is_some_and(|said| ["1", "true", "yes", "on"].contains(&said.as_str()));
    let progress = progress::for_stderr();
    for (source, entry, as_known) in models {
        let progress = Arc::clone(&progress);
        one(config, Pull { hub: &config.hub, source, entry, as_known, offline, progress })?;
    }
    Ok(ExitCode::SUCCESS)
}

fn one(config: &Config, pull: Pull<'_>) -> Result<(), CliError> {
    let (source, entry, progress) = (pull.source.clone(), pull.entry, Arc::clone(&pull.progress));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = hub::pull(pull) => Some(ended),
            Ok(()) = interrupted() => None,
        }
    });
    // A digest may be under way on a thread of its own; nobody waits for it.
    runtime.shutdown_background();
    let Some(ended) = ended else {
        progress.end();
        return Err(CliError::Failed(
            "interrupted; what has come is kept: run the same command again to go on from there".to_owned(),
        ));
    };
    tell(config, &source, entry, &ended?)
}

fn tell(config: &Config, source: &HubSource, entry: Option<&Entry>, pulled: &Pulled) -> Result<(), CliError> {
    let (how, manifest) = match pulled {
        Pulled::New(manifest) => ("pulled", manifest),
        Pulled::There(manifest) => ("is here, whole and as the hub has it", manifest),
        Pulled::Unasked(manifest) => ("is here and whole; the hub was not asked for a newer one", manifest),
        Pulled::Placed(manifest) => ("taken in from what was placed", manifest),
    };
    let path = Store::new(&config.hub)?.resolve(source)?.path;
    let mut out = io::stdout().lock();
    writeln!(out, "{source}: {how} ({}, {})", size(manifest.bytes()), checked(weakest(manifest)))?;
    writeln!(out, "  {}", path.display())?;
    if let Err(fault) = gguf::check_file(&path) {
        log::warn(&format!("`{}` cannot be served by this program: {fault}", path.display()));
    } else if !config
        .models
        .iter()
        .any(|model| model.source == crate::config::ModelSource::Hub(source.clone()))
    {
        let name = entry.map_or("NAME", |entry| entry.name.as_str());
        let embeds = entry.is_some_and(|entry| entry.capabilities.contains(&Capability::Embeddings));
        let embeds = if embeds { "\n  embeddings = true" } else { "" };
        writeln!(out, "  to serve it:\n  [[model]]\n  name = \"{name}\"\n  source = \"{source}\"{embeds}")?;
    }
    Ok(())
}

/// What the least vouched-for file of a model was compared with.
fn weakest(manifest: &Manifest) -> Checked {
    let rank = |checked: &Checked| match checked {
        Checked::Nothing => 0,
        Checked::Hub => 1,
        Checked::Catalogue => 2,
    };
    let all = manifest.files.iter().map(|file| file.checked_against);
    all.min_by_key(rank).unwrap_or(Checked::Nothing)
}

/// What a digest was compared with, in words.
pub(super) fn checked(checked: Checked) -> &'static str {
    match checked {
        Checked::Catalogue => "as this program's catalogue says",
        Checked::Hub => "as the hub says",
        Checked::Nothing => "nobody told its digest",
    }
}
