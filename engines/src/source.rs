//! Where a model comes from: the words in `[[model]] source = "…"`.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::local::{LocalConfig, LocalEmbedder};
use crate::{Engine, EngineError, Fleet, Residence};

/// What may be written. What is pulled from a hub, the gateway resolves to a path: here nothing speaks to a hub.
const KINDS: &str = "`bundled:starter`, `path:/models/x.gguf` or `hf:OWNER/REPO/FILE.gguf`";

/// A model source, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelSource {
    /// `bundled:starter`: the model that comes with the program.
    BundledStarter,
    /// `path:/models/x.gguf`: a file of this machine.
    Path(PathBuf),
    /// `scripted:NAME`: a deterministic engine for tests.
    #[cfg(feature = "scripted")]
    Scripted(crate::scripted::Script),
}

impl FromStr for ModelSource {
    type Err = EngineError;

    fn from_str(input: &str) -> Result<Self, EngineError> {
        let refuse =
            |reason: &str| EngineError::Source { input: input.to_owned(), reason: reason.to_owned() };
        let Some((kind, rest)) = input.split_once(':') else {
            return Err(refuse(&format!("has no kind; use {KINDS}")));
        };
        match kind {
            "bundled" if rest == "starter" => Ok(Self::BundledStarter),
            "bundled" => Err(refuse("the only bundled model is `bundled:starter`")),
            "path" if rest.is_empty() => Err(refuse("names no file; use `path:/models/x.gguf`")),
            "path" => Ok(Self::Path(PathBuf::from(rest))),
            #[cfg(feature = "scripted")]
            "scripted" => rest.parse().map(Self::Scripted).map_err(|()| refuse("names no known script")),
            _ => Err(refuse(&format!("unknown kind; use {KINDS}"))),
        }
    }
}

impl ModelSource {
    /// Loads a model that embeds texts. Not for an async thread.
    ///
    /// # Errors
    /// What [`LocalEmbedder::open`] gives, and faults of the cache folder for a bundled model.
    pub fn open_embedder(&self, config: &LocalConfig) -> Result<LocalEmbedder, EngineError> {
        match self {
            Self::BundledStarter => LocalEmbedder::open(&crate::starter::materialise()?, config),
            Self::Path(path) => LocalEmbedder::open(path, config),
            #[cfg(feature = "scripted")]
            Self::Scripted(_) => Err(EngineError::Config {
                setting: "embeddings",
                reason: "a script embeds nothing".to_owned(),
            }),
        }
    }

    /// Takes the model into a fleet. Takes as long as reading the file takes: not for an async thread.
    ///
    /// # Errors
    /// What [`Fleet::open`] gives, and faults of the cache folder for a bundled model.
    pub fn open(
        &self,
        name: &str,
        config: &LocalConfig,
        fleet: &Arc<Fleet>,
        residence: Residence,
    ) -> Result<Arc<dyn Engine>, EngineError> {
        let path = match self {
            Self::BundledStarter => crate::starter::materialise()?,
            Self::Path(path) => path.clone(),
            #[cfg(feature = "scripted")]
            Self::Scripted(script) => {
                return Ok(Arc::new(crate::scripted::ScriptedEngine::new(*script)));
            }
        };
        Ok(Arc::new(fleet.open(name, &path, config, residence)?))
    }
}
