//! Embeddings: texts to vectors of length one, for search and comparison.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::ffi::{Decoded, Embedder, Model, Tokens};
use super::{CONTEXTS, Loaded, LocalConfig, ModelFile};
use crate::machine::Needed;
use crate::{EngineError, ModelCard, Plain};

/// A model of this process that embeds texts. One text is read at a time, so that its embedding does not depend on what
/// else is asked; whoever waits is counted against the queue's bound.
pub struct LocalEmbedder {
    card: ModelCard,
    needed: Needed,
    model: Arc<Model>,
    embedder: Mutex<Embedder>,
    asked: AtomicUsize,
    queue_depth_max: usize,
}

/// What becomes of a text that is longer than the model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Longer {
    /// It is refused.
    Refuse,
    /// What does not fit is cut off its end.
    Cut,
}

impl LocalEmbedder {
    /// Loads a model file. Takes as long as reading the file takes: not for an async thread.
    ///
    /// # Errors
    /// [`EngineError::ModelUnreadable`] for a file that is no sound model or gives no embeddings, [`EngineError::Config`]
    /// for a setting that cannot work.
    pub fn open(path: &Path, config: &LocalConfig) -> Result<Self, EngineError> {
        let (_, _, threads) = config.checked()?;
        let file = ModelFile::read(path, config)?;
        let tokens = file.context(config);
        let Loaded { model, context: embedder, gpu_layers } = file.load(config, |model| {
            let _one = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
            Embedder::new(model, tokens, threads).map_err(|reason| file.refuse(reason))
        })?;
        Ok(Self {
            card: file.card(&model, tokens, config, gpu_layers),
            needed: *file.needed(),
            model,
            embedder: Mutex::new(embedder),
            asked: AtomicUsize::new(0),
            queue_depth_max: config.queue_depth_max,
        })
    }

    /// What is loaded.
    #[must_use]
    pub fn model(&self) -> &ModelCard {
        &self.card
    }

    /// What it takes in memory.
    #[must_use]
    pub fn needed(&self) -> &Needed {
        &self.needed
    }

    /// Numbers of an embedding.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.model.embedding_size()
    }

    /// Embeds texts, in their order, unless `unwanted` says on the way that nobody waits for them; and counts their tokens.
    /// Computes for as long as that takes: not for an async thread.
    ///
    /// # Errors
    /// [`EngineError::PromptTooLong`] for a text that does not fit, unless it is to be cut;
    /// [`EngineError::QueueFull`] where too many wait already.
    pub fn embed(
        &self,
        inputs: &[Plain],
        longer: Longer,
        unwanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<(Vec<Vec<f32>>, u64), EngineError> {
        let _place = self.place()?;
        let mut texts = Vec::new();
        for input in inputs {
            texts.push(self.tokens(input, longer)?);
        }
        let mut embeddings = Vec::new();
        for tokens in &texts {
            // One text at a time, so that a long list does not keep the others from their turn.
            let mut embedder = self.embedder.lock().unwrap_or_else(PoisonError::into_inner);
            embeddings.push(embedder.embed(tokens, unwanted).map_err(|fault| match fault {
                Decoded::Unwanted => EngineError::Cancelled,
                _ => EngineError::Decode { reason: "a text could not be embedded" },
            })?);
        }
        let count = texts.iter().map(Vec::len).sum::<usize>();
        Ok((embeddings, u64::try_from(count).unwrap_or(u64::MAX)))
    }

    fn tokens(&self, input: &Plain, longer: Longer) -> Result<Vec<i32>, EngineError> {
        let context = self.card.context_length;
        let room = usize::try_from(context).unwrap_or(usize::MAX);
        let tokens = match input {
            Plain::Text(text) => match self.model.tokenize_whole(text, room) {
                Err(Tokens::TooMany(_)) if longer == Longer::Cut => self.cut(text, room),
                tokens => tokens,
            },
            Plain::Tokens(tokens) if tokens.len() > room => {
                Err(Tokens::TooMany(u64::try_from(tokens.len()).unwrap_or(u64::MAX)))
            }
            Plain::Tokens(tokens) => Ok(tokens.clone()),
        };
        match tokens {
            Ok(tokens) if !tokens.is_empty() && tokens.iter().all(|token| self.model.knows(*token)) => {
                Ok(tokens)
            }
            Ok(_) => {
                let range = "texts that are not empty, or lists of tokens of the model's vocabulary";
                Err(EngineError::InvalidSampling { parameter: "input", range })
            }
            Err(Tokens::TooMany(tokens)) => Err(EngineError::PromptTooLong { tokens, context }),
            Err(Tokens::Failed) => {
                Err(EngineError::Decode { reason: "the text could not be split into tokens" })
            }
        }
    }

    /// The first tokens of a text that is too long, and the mark that texts end in, where the model has one.
    fn cut(&self, text: &str, room: usize) -> Result<Vec<i32>, Tokens> {
        let mut tokens = self.model.tokenize_whole(text, usize::MAX)?;
        let marks = self.model.tokenize_whole("", room).unwrap_or_default();
        let mark = tokens.last().copied().filter(|last| marks.last() == Some(last));
        tokens.truncate(room);
        if let (Some(mark), Some(last)) = (mark, tokens.last_mut()) {
            *last = mark;
        }
        Ok(tokens)
    }

    fn place(&self) -> Result<Place<'_>, EngineError> {
        let before = self.asked.fetch_add(1, Ordering::AcqRel);
        let place = Place(&self.asked);
        if before > self.queue_depth_max {
            Err(EngineError::QueueFull { retry_after_ms: 1000 })
        } else {
            Ok(place)
        }
    }
}

struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
