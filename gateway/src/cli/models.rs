//! `hearthgate models`: what there is, what it can do, and having it on this machine.
//!
//! `pull` is the one command that asks a hub. No prompt and no record is read by any of them.

mod keep;
mod list;
mod pull;
mod recommend;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, Ended, load};
use crate::config::{Config, ModelSource};
use crate::hub::catalogue::{self, Entry};
use crate::hub::{HubError, HubSource};

/// The model that comes with the program.
const STARTER: &str = "starter";
const STARTER_SOURCE: &str = "bundled:starter";

#[derive(Subcommand)]
pub(super) enum Arguments {
    /// List the models that are here, and those that can be pulled by name.
    ///
    /// Of each: its size, licence, context, what it is good for in routing, and which model of the configuration it is.
    #[command(after_help = "Examples:
  hearthgate models list
  hearthgate models list --pulled
  hearthgate models list --json | jq '.models[] | select(.good_for | index(\"coder\"))'")]
    List(List),
    /// Show what a model is and can do: its file's own words, and what this program knows of it.
    #[command(after_help = "Examples:
  hearthgate models show qwen3-4b
  hearthgate models show hf:Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf --json
  hearthgate models show /models/own.gguf")]
    Show(Show),
    /// Measure this machine, and say which models suit it: how fast they would be, and what memory they would take.
    ///
    /// Takes some ten seconds and asks no hub. Estimates are from the speed of small models with random weights: on the processor,
    /// and on the graphics cards that this build computes on. A card that it does not compute on is named with what would.
    #[command(after_help = "Examples:
  hearthgate models recommend
  hearthgate models recommend --json | jq -r .small")]
    Recommend(Recommend),
    /// Pull models from the hub, and check them.
    ///
    /// A model is known by a name of `models list`, or by `hf:OWNER/REPO/FILE.gguf`; of a split file name the first part. Room
    /// on the disk is looked for first, several connections bring it, its digest is compared, and only then it counts as there.
    /// What was interrupted goes on where it stopped.
    #[command(after_help = "Examples:
  hearthgate models pull qwen3-4b
  hearthgate models pull hf:ggml-org/gemma-3-4b-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf
  HF_TOKEN=hf_… hearthgate models pull gemma-3-4b-qat       a gated one: accept its licence on the hub first
  HF_ENDPOINT=https://mirror.example hearthgate models pull qwen3-0.6b
  hearthgate models pull --offline qwen3-4b                 takes in what was placed by hand

Exit codes: 0 when all are there, 1 when one could not be had, 64 for a name or configuration that cannot be used.")]
    Pull(Pull),
    /// Read pulled models whole, and compare their digests with those of the day they were pulled.
    ///
    /// Exits with 0, or with 1 where one is damaged; `models pull` of it then brings it anew.
    #[command(after_help = "Examples:
  hearthgate models verify
  hearthgate models verify qwen3-4b")]
    Verify(Verify),
    /// Remove a pulled model from this machine. One that the configuration uses is kept.
    #[command(after_help = "Example:
  hearthgate models remove qwen3-4b")]
    Remove(Remove),
}

#[derive(Args)]
pub(super) struct List {
    /// Only those that are here.
    #[arg(long)]
    pulled: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Show {
    /// A name of `models list`, `hf:OWNER/REPO/FILE.gguf`, `device/NAME` of the configuration, or a file.
    #[arg(value_name = "MODEL")]
    model: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Recommend {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Pull {
    /// Names of `models list`, or `hf:OWNER/REPO/FILE.gguf`.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<String>,
    /// Ask no hub: take in what was placed by hand, or say what is to be placed where (also where HF_HUB_OFFLINE=1).
    #[arg(long)]
    offline: bool,
}

#[derive(Args)]
pub(super) struct Verify {
    /// Names of `models list`, or `hf:OWNER/REPO/FILE.gguf`; all that were pulled where none is named.
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
}

#[derive(Args)]
pub(super) struct Remove {
    /// A name of `models list`, or `hf:OWNER/REPO/FILE.gguf`.
    #[arg(value_name = "MODEL")]
    model: String,
}

/// Does what it says.
pub(super) fn run(file: Option<&Path>, arguments: &Arguments) -> Ended {
    let config = load(file)?;
    match arguments {
        Arguments::List(arguments) => list::run(&config, arguments.pulled, arguments.json),
        Arguments::Show(arguments) => show::run(&config, &arguments.model, arguments.json),
        Arguments::Recommend(arguments) => recommend::run(arguments.json),
        Arguments::Pull(arguments) => pull::run(&config, &arguments.models, arguments.offline),
        Arguments::Verify(arguments) => keep::verify(&config, &arguments.models),
        Arguments::Remove(arguments) => keep::remove(&config, file.is_some(), &arguments.model),
    }
}

/// What a name on the command line stands for.
enum Named {
    /// The model that comes with the program.
    Starter,
    /// One of a hub, and what this program knows of it.
    Hub(HubSource, Option<&'static Entry>),
    /// A file of this machine.
    File(PathBuf),
}

fn named(config: &Config, name: &str) -> Result<Named, CliError> {
    if name == STARTER || name == STARTER_SOURCE {
        return Ok(Named::Starter);
    }
    let hub = |source: HubSource| {
        let entry = catalogue::find(&source.to_string());
        Named::Hub(source, entry)
    };
    if name.starts_with(HubSource::PREFIX) {
        return name.parse().map(hub).map_err(CliError::Unusable);
    }
    if let Some(entry) = catalogue::find(name) {
        return entry.source().map(hub).map_err(CliError::Unusable);
    }
    let of_device = name.strip_prefix("device/").unwrap_or(name);
    if let Some(model) = config.models.iter().find(|model| model.name == of_device) {
        use hearthgate_engines::ModelSource as Here;
        return match &model.source {
            ModelSource::Hub(source) => Ok(hub(source.clone())),
            ModelSource::Here(Here::BundledStarter) => Ok(Named::Starter),
            ModelSource::Here(Here::Path(path)) => Ok(Named::File(path.clone())),
            ModelSource::Here(_) => Err(CliError::Unusable(format!("`{name}` has no file"))),
        };
    }
    let path = PathBuf::from(name.strip_prefix("path:").unwrap_or(name));
    if path.is_file() {
        return Ok(Named::File(path));
    }
    Err(CliError::Unusable(format!(
        "`{name}` is no model of this program, and no file{}; `hearthgate models list` names those that it knows, and any \
         other of the hub is `hf:OWNER/REPO/FILE.gguf`",
        catalogue::nearest(name)
    )))
}

/// The same, for whoever needs one of a hub.
fn of_hub(config: &Config, name: &str) -> Result<(HubSource, Option<&'static Entry>), CliError> {
    match named(config, name)? {
        Named::Hub(source, entry) => Ok((source, entry)),
        Named::Starter => Err(CliError::Unusable(format!(
            "`{STARTER}` comes with the program: there is nothing to do for it"
        ))),
        Named::File(path) => Err(CliError::Unusable(format!(
            "`{}` is a file of your own, not one that was pulled",
            path.display()
        ))),
    }
}

/// The targets of the configuration that are of a source.
fn configured_as(config: &Config, source: &str) -> Vec<String> {
    use hearthgate_engines::ModelSource as Here;
    let is = |model_source: &ModelSource| match model_source {
        ModelSource::Hub(hub) => hub.to_string() == source,
        ModelSource::Here(Here::BundledStarter) => source == STARTER_SOURCE,
        ModelSource::Here(Here::Path(path)) => path.display().to_string() == source,
        ModelSource::Here(_) => false,
    };
    let models = config.models.iter().filter(|model| is(&model.source));
    models.map(|model| format!("device/{}", model.name)).collect()
}

impl From<HubError> for CliError {
    fn from(error: HubError) -> Self {
        match error {
            HubError::NoFolder => Self::Unusable(error.to_string()),
            error => Self::Failed(error.to_string()),
        }
    }
}
