//! Models and answers for the tests.

use std::path::PathBuf;

use hearthgate_engines::tiny::{self, TinySpec};
use hearthgate_engines::{
    ChatChunk, Engine, EngineError, FinishReason, Generation, Job, LocalConfig, LocalEngine, Owner, Sampling,
    Thinking, TokenLogprob, Usage,
};
use tempfile::TempDir;

/// An engine and the folder that its model lies in.
pub struct Home {
    pub engine: LocalEngine,
    _folder: TempDir,
}

/// Writes a model and opens it.
pub fn home(spec: &TinySpec, config: &LocalConfig) -> Home {
    let (folder, path) = file(&tiny::generate(spec));
    Home { engine: LocalEngine::open(&path, config).unwrap(), _folder: folder }
}

/// Bytes as a file.
pub fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A small engine with four slots.
pub fn four_slots() -> Home {
    home(&TinySpec::default(), &config())
}

pub fn config() -> LocalConfig {
    LocalConfig { context_tokens: 512, threads: 2, ..LocalConfig::default() }
}

/// A user's message, thinking off.
pub fn ask(text: &str, seed: u64) -> Job {
    Job {
        thinking: Thinking { enabled: Some(false), budget_tokens: None, effort: None },
        sampling: Sampling { seed: Some(seed), ..Sampling::default() },
        max_tokens: Some(40),
        ..Job::new(format!(r#"[{{"role":"user","content":"{text}"}}]"#))
    }
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Whole {
    pub content: String,
    pub reasoning: String,
    pub calls: Vec<(String, String)>,
    pub finish: Option<FinishReason>,
    pub usage: Usage,
    pub chunks: usize,
    pub logprobs: Vec<TokenLogprob>,
}

/// A job of somebody's, so that what is computed for it may be used again for them.
pub fn owned(job: Job, caller: &str, label: &str) -> Job {
    Job { owner: Some(Owner { caller: caller.into(), tenant: None, label: label.into() }), ..job }
}

/// Reads an answer to its end.
pub async fn read(mut generation: Generation) -> Result<Whole, EngineError> {
    let mut whole = Whole::default();
    while let Some(chunk) = generation.next().await {
        assert!(whole.finish.is_none(), "nothing follows the finish");
        whole.chunks += 1;
        match chunk? {
            ChatChunk::Content(text) => {
                assert!(!text.is_empty());
                whole.content.push_str(&text);
            }
            ChatChunk::Logprobs(tokens) => whole.logprobs.extend(tokens),
            ChatChunk::Reasoning(text) => whole.reasoning.push_str(&text),
            ChatChunk::ToolCall { index, id, name, arguments } => {
                if whole.calls.len() <= index {
                    assert!(id.is_some(), "a call begins with its id");
                    whole.calls.push((String::new(), String::new()));
                }
                whole.calls[index].0.push_str(&name.unwrap_or_default());
                whole.calls[index].1.push_str(&arguments);
            }
            ChatChunk::Finish { reason, usage } => {
                whole.finish = Some(reason);
                whole.usage = usage;
            }
        }
    }
    assert!(whole.finish.is_some(), "an answer has an end");
    Ok(whole)
}

/// Asks and reads.
pub async fn answer(home: &Home, job: Job) -> Whole {
    read(home.engine.generate(job).unwrap()).await.unwrap()
}

/// The figures of an answer that do not depend on time.
pub fn counts(whole: &Whole) -> (u64, u64, u64) {
    (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.reasoning_tokens)
}
