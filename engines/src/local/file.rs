//! A model's file: checked, digested and weighed before anything of it is loaded.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::LocalConfig;
use super::ffi::Model;
use crate::cards::{self, Layers};
use crate::gguf::{self, Header, TensorType};
use crate::machine::{self, Needed};
use crate::{EngineError, ModelCard};

/// A file that is a sound model, and what it was when it was read.
pub(crate) struct ModelFile {
    path: PathBuf,
    /// Of a split model, all parts.
    files: Vec<PathBuf>,
    header: Header,
    digests: Digests,
    layers: Layers,
    /// Those that go to cards.
    gpu_layers: u32,
    needed: Needed,
    seen: Vec<Seen>,
}

/// A model in memory, and what computes with it.
pub(super) struct Loaded<C> {
    pub(super) model: Arc<Model>,
    pub(super) context: C,
    /// Layers that are on graphics cards.
    pub(super) gpu_layers: u32,
}

/// The digest of a model, and those of its files.
struct Digests {
    whole: String,
    files: Vec<String>,
}

/// By what a file that has changed is told.
type Seen = (u64, Option<SystemTime>);

impl ModelFile {
    /// Reads a file whole, but loads nothing.
    ///
    /// # Errors
    /// [`EngineError::ModelUnreadable`] for a file that is no sound model.
    pub(crate) fn read(path: &Path, config: &LocalConfig) -> Result<Self, EngineError> {
        config.checked()?;
        let refuse = |reason: String| EngineError::ModelUnreadable { path: path.to_owned(), reason };
        let header = gguf::check_file(path).map_err(|error| refuse(error.to_string()))?;
        let files = gguf::files(path, &header).map_err(|error| refuse(error.to_string()))?;
        let seen = seen(&files).map_err(|error| refuse(error.to_string()))?;
        let digests = digest(&files).map_err(|error| refuse(error.to_string()))?;
        let needed = Needed::of(&header, seen.iter().map(|(bytes, _)| bytes).sum(), config);
        let layers = Layers::of(&header, needed.cache);
        // Decided once, since the memory that models share is counted by it.
        let cards = cards::all();
        let gpu_layers = layers.on_cards(config, &cards, needed.compute);
        let needed = Needed { on_cards: layers.spared_bytes(gpu_layers, &cards), ..needed };
        let path = path.to_owned();
        Ok(Self { path, files, header, digests, layers, gpu_layers, needed, seen })
    }

    /// What it takes in memory, by the cards' room when it was read.
    pub(crate) fn needed(&self) -> &Needed {
        &self.needed
    }

    /// Loads it, where there is room, and makes what computes with it. What does not go on a card that nobody asked for goes
    /// on none.
    pub(super) fn load<C>(
        &self,
        config: &LocalConfig,
        context: impl Fn(&Arc<Model>) -> Result<C, EngineError>,
    ) -> Result<Loaded<C>, EngineError> {
        if seen(&self.files).ok().as_ref() != Some(&self.seen) {
            return Err(self.refuse("it has changed since it was read; reload the configuration".to_owned()));
        }
        let load = |needed: Needed, gpu_layers: u32| {
            let model = self.load_with(needed.at_load(), gpu_layers)?;
            Ok(Loaded { context: context(&model)?, model, gpu_layers })
        };
        load(self.needed, self.gpu_layers).or_else(|error: EngineError| {
            let by_itself = self.gpu_layers > 0 && config.gpu_layers.is_none();
            if by_itself { load(Needed { on_cards: 0, ..self.needed }, 0) } else { Err(error) }
        })
    }

    fn load_with(&self, needed: u64, gpu_layers: u32) -> Result<Arc<Model>, EngineError> {
        if let Some(free) = machine::free_memory().filter(|free| *free < needed) {
            return Err(self.refuse(format!(
                "it takes {} MB and only {} MB of memory are free; use a smaller one, or fewer `slots` or `context_tokens`",
                needed >> 20,
                free >> 20
            )));
        }
        Model::load(&self.path, gpu_layers).map(Arc::new).map_err(|reason| self.refuse(reason))
    }

    /// What it says of itself, without its weights.
    ///
    /// # Errors
    /// [`EngineError::ModelUnreadable`] where llama.cpp cannot read it, or it does not generate text.
    pub(crate) fn facts(&self, config: &LocalConfig) -> Result<ModelCard, EngineError> {
        let model = Model::load_words(&self.path).map_err(|reason| self.refuse(reason))?;
        self.generates(&model)?;
        Ok(self.card(&model, self.context(config), config, self.gpu_layers))
    }

    /// That it answers chats.
    pub(super) fn generates(&self, model: &Model) -> Result<(), EngineError> {
        let mend = "it is not a model that generates text; set `embeddings = true` for one that embeds it";
        if model.can_generate() { Ok(()) } else { Err(self.refuse(mend.to_owned())) }
    }

    /// Tokens of a slot: no more than the model was made for.
    pub(super) fn context(&self, config: &LocalConfig) -> u32 {
        let trained =
            self.header.of_architecture("context_length").and_then(|trained| u32::try_from(trained).ok());
        config.context_tokens.min(trained.unwrap_or(u32::MAX))
    }

    /// Whether all matrices are blocks of integers of the two kinds whose products do not depend on how many are made
    /// at once.
    pub(super) fn integer_weights(&self) -> bool {
        self.header.weights_are(&[TensorType::Q4_0, TensorType::Q8_0])
    }

    /// Whether all matrices are blocks of 8-bit integers, which are multiplied by two tokens at a time.
    pub(super) fn byte_weights(&self) -> bool {
        self.header.weights_are(&[TensorType::Q8_0])
    }

    pub(super) fn card(
        &self,
        model: &Model,
        context_length: u32,
        config: &LocalConfig,
        gpu_layers: u32,
    ) -> ModelCard {
        let stem = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        ModelCard {
            name: self.header.text("general.name").map(str::to_owned).or(stem).unwrap_or_default(),
            digest: self.digests.whole.clone(),
            file_digests: self.digests.files.clone(),
            template_digest: format!("{:x}", Sha256::digest(model.template())),
            architecture: self.header.text("general.architecture").unwrap_or_default().to_owned(),
            context_length,
            parameters: self.header.parameters(),
            on_cards: (!cards::all().is_empty()).then(|| (gpu_layers, self.layers.count())),
            supports_thinking: model.thinks(),
            supports_tools: model.tells_tools(),
            deterministic: config.deterministic,
            noise: self.header.flag(gguf::RANDOM_WEIGHTS) == Some(true),
        }
    }

    pub(super) fn refuse(&self, reason: String) -> EngineError {
        EngineError::ModelUnreadable { path: self.path.clone(), reason }
    }
}

fn seen(files: &[PathBuf]) -> std::io::Result<Vec<Seen>> {
    let one = |file: &PathBuf| file.metadata().map(|facts| (facts.len(), facts.modified().ok()));
    files.iter().map(one).collect()
}

/// Of a split model, the digest is that of its parts one after the other.
fn digest(files: &[PathBuf]) -> std::io::Result<Digests> {
    let mut whole = Sha256::new();
    let mut each = Vec::new();
    for file in files {
        let mut hasher = Hashers { file: Sha256::new(), whole: (files.len() > 1).then_some(&mut whole) };
        std::io::copy(&mut std::fs::File::open(file)?, &mut hasher)?;
        each.push(format!("{:x}", hasher.file.finalize()));
    }
    let whole = match each.as_slice() {
        [one] => one.clone(),
        _ => format!("{:x}", whole.finalize()),
    };
    Ok(Digests { whole, files: each })
}

/// A file's digest, and that of the files it belongs to where there are several.
struct Hashers<'a> {
    file: Sha256,
    whole: Option<&'a mut Sha256>,
}

impl Write for Hashers<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.update(bytes);
        if let Some(whole) = &mut self.whole {
            whole.update(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
