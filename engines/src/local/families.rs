//! Model families by their own chat templates: what each is told, and how its answers are read.
//!
//! A family is a file in `families/`: the template, its control words, what rendered chats hold, and answers in the
//! family's syntax with what they say. The models are noise; what they would say is put to the reader as text.

mod family;
mod formats;
mod printing;
mod reading;
mod rendering;

use tempfile::TempDir;

use super::{Answer, LocalConfig, LocalEngine, Parser};
use crate::tiny::{self, TinySpec};
use crate::{ChatChunk, Job, Thinking};
use family::{Call, Family};

/// What is asked in every family.
const PLAIN: &str =
    r#"[{"role":"system","content":"Be brief."},{"role":"user","content":"How is the weather in Oslo?"}]"#;
/// The same after a call and its result.
const HISTORY: &str = r#"[{"role":"user","content":"How is the weather in Oslo?"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"call_0","type":"function",
      "function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},
    {"role":"tool","tool_call_id":"call_0","content":"rain, 4 degrees"}]"#;
/// As [`HISTORY`], with what was thought before the call.
const THOUGHT: &str = r#"[{"role":"user","content":"How is the weather in Oslo?"},
    {"role":"assistant","content":"","reasoning_content":"I have to look.","tool_calls":[{"id":"call_0","type":"function",
      "function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},
    {"role":"tool","tool_call_id":"call_0","content":"rain, 4 degrees"}]"#;
const TOOLS: &str = r#"[
    {"type":"function","function":{"name":"weather","description":"The weather of a city.","parameters":{"type":"object",
      "properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}},
    {"type":"function","function":{"name":"alarm","description":"Rings.","parameters":{"type":"object",
      "properties":{"hour":{"type":"integer"},"loud":{"type":"boolean"}},"required":["hour"],"additionalProperties":false}}}]"#;

/// An engine with a family's template, and the folder that its model lies in.
struct Home {
    engine: LocalEngine,
    _folder: TempDir,
}

fn home(family: &Family) -> Home {
    let spec =
        TinySpec { template: Some(family.template()), marks: family.marks.clone(), ..TinySpec::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    std::fs::write(&path, tiny::generate(&spec)).unwrap();
    let config = LocalConfig { slots: 1, context_tokens: 4096, threads: 1, ..LocalConfig::default() };
    let engine = LocalEngine::open(&path, &config);
    Home { engine: engine.unwrap_or_else(|error| panic!("{}: {error}", family.name)), _folder: folder }
}

fn job(messages: &str, thinking: bool, tools: bool) -> Job {
    Job {
        tools: tools.then(|| TOOLS.to_owned()),
        parallel_tool_calls: true,
        thinking: Thinking {
            enabled: Some(thinking),
            budget_tokens: None,
            effort: Some(if thinking { "high" } else { "low" }),
        },
        ..Job::new(messages)
    }
}

/// What is wrong, family by family, so that one does not hide the next.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, family: &Family, what: &str, is: &T, meant: &T) {
        if is != meant {
            self.0.push(format!("{}: {what}\n    is    {is:?}\n    meant {meant:?}", family.name));
        }
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        assert!(self.0.is_empty() || std::thread::panicking(), "\n{}", self.0.join("\n"));
    }
}

impl Home {
    /// The prompt of a job, which the family must not refuse.
    fn render(&self, family: &Family, job: &Job) -> String {
        self.engine.render(job).unwrap_or_else(|error| panic!("{}: {error}", family.name))
    }

    /// A reader of answers to a job.
    fn reader(&self, job: &Job) -> Answer {
        let prompt = self.engine.prompt(job).unwrap();
        let parser = Parser::new(&prompt).unwrap();
        Answer::new(prompt, parser, Vec::new(), !job.parallel_tool_calls)
    }

    /// The tokens of an answer, its control words as such.
    fn tokens(&self, family: &Family, answer: &str) -> Vec<i32> {
        let plain = |text: &str| self.engine.tokenize(text).unwrap();
        let mut tokens = Vec::new();
        let mut rest = answer;
        while let Some((at, mark)) = family.first_mark(rest) {
            let (before, after) = rest.split_at(at);
            tokens.extend(plain(before));
            tokens.push(self.token_of(family, mark));
            rest = after.strip_prefix(mark).unwrap();
        }
        tokens.extend(plain(rest));
        tokens
    }

    /// A control word of the family as the token that it is.
    fn token_of(&self, family: &Family, mark: &str) -> i32 {
        let index = family.marks.iter().position(|known| known == mark);
        let index = index.unwrap_or_else(|| panic!("{} is no mark of {}", mark, family.name));
        self.first_mark(family) + i32::try_from(index).unwrap()
    }

    /// The token of the family's first control word; the others follow.
    fn first_mark(&self, family: &Family) -> i32 {
        self.engine.model.vocab - i32::try_from(family.marks.len()).unwrap()
    }
}

/// An answer put together from its chunks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Gathered {
    content: String,
    reasoning: String,
    calls: Vec<Call>,
}

impl Gathered {
    fn add(&mut self, chunks: Vec<ChatChunk>) {
        for chunk in chunks {
            match chunk {
                ChatChunk::Content(text) => self.content.push_str(&text),
                ChatChunk::Reasoning(text) => self.reasoning.push_str(&text),
                ChatChunk::ToolCall { index, name, arguments, .. } => {
                    if self.calls.len() <= index {
                        self.calls.resize_with(index + 1, Call::default);
                    }
                    self.calls[index].name.push_str(&name.unwrap_or_default());
                    self.calls[index].arguments.push_str(&arguments);
                }
                ChatChunk::Logprobs(_) | ChatChunk::Finish { .. } => panic!("no part of a text"),
            }
        }
    }
}
