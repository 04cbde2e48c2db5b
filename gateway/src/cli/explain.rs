//! `hearthgate explain`: what would happen to a request, and why.
//!
//! It opens no socket and loads no model: the policy alone decides.

mod circumstances;

use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use hearthgate_rules::chat::{ChatRequest, Dialect, RequestError};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::Decision;
use hearthgate_rules::json::{Document, Edit, quote};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::memory::Plain;
use serde_json::{Value, json};
use thiserror::Error;

use super::{CliError, Ended};
use crate::clock::{micros_since, now};
use crate::config::{Config, Env};
use crate::explain::{to_json, to_text};
use circumstances::{Circumstances, Misfit};

/// What a line may be longer than a body, for its `id` and `hearthgate`.
const EXTENSION_BYTES_MAX: usize = 64 << 10;

pub(super) const EXAMPLES: &str = "Examples:
  hearthgate explain \"Write to jane@example.org\"
  hearthgate explain --json \"Prove that there are infinitely many primes.\"
  hearthgate explain - < prompt.txt
  hearthgate explain --jsonl < requests.jsonl > decisions.jsonl

With --jsonl each line is the body of an OpenAI chat completion, or of the dialect that is named. Two members of it are taken off before it is
judged: `id`, which is handed through, and `hearthgate`, an object that says under which circumstances:
  caller        the name of a configured key
  tenant, workflow, effort
  label, zone   as a caller's header would tighten them
  conversation  the label of the conversation so far
  declassify    the name of a declassification of the policy's, which a caller asks for who may
  history       what the same caller has asked before, a list of texts: what of it is private is remembered
  dialect       the surface on which it comes in: openai-chat, anthropic-messages, openai-responses or ollama
  health        targets and their state, such as {\"frontier/gpt-5.1\": \"down\"}
  budget        ample or exhausted";

#[derive(Args)]
pub(super) struct Arguments {
    /// The message of a user; `-` reads it from standard input.
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    prompt: Option<String>,
    /// Print the decision as JSON.
    #[arg(long)]
    json: bool,
    /// Read request bodies from standard input, one per line, and print one decision per line.
    #[arg(long)]
    jsonl: bool,
}

/// Explains one prompt, or each line of standard input.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    // A policy that does not hold is explained all the same: that is how its counterexample is looked at.
    let config = Config::load_unproved(config, &Env::process())?;
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    if arguments.jsonl {
        lines(&config, io::stdin().lock(), &mut out)?;
    } else {
        let prompt = prompt(arguments, config.server.body_bytes_max)?;
        one(&config, &prompt, arguments.json, &mut out)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn prompt(arguments: &Arguments, bytes_max: usize) -> Result<String, CliError> {
    match arguments.prompt.as_deref() {
        Some("-") => {
            let mut prompt = String::new();
            let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
            io::stdin().lock().take(limit).read_to_string(&mut prompt)?;
            Ok(prompt)
        }
        prompt => Ok(prompt.unwrap_or_default().to_owned()),
    }
}

fn one(config: &Config, prompt: &str, as_json: bool, out: &mut impl Write) -> Result<(), CliError> {
    let body = format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{}}}]}}"#, quote(prompt));
    let document = Document::parse(body).map_err(|error| CliError::Failed(error.to_string()))?;
    let plain = Circumstances {
        caller: Caller::default(),
        signals: Signals::default(),
        history: Vec::new(),
        dialect: Dialect::OpenAiChat,
    };
    let told = judge(config, document, plain).map_err(|error| CliError::Failed(error.to_string()))?;
    if as_json {
        writeln!(out, "{}", to_json(&told.decision, &told.document, &Value::Null, told.elapsed_us))?;
    } else {
        write!(out, "{}", to_text(&told.decision, &told.document, told.elapsed_us))?;
    }
    Ok(())
}

/// One line out for each line in, in order. What is ready is shown whenever no further line waits.
fn lines(config: &Config, input: impl io::Read, out: &mut impl Write) -> io::Result<()> {
    let mut input = BufReader::with_capacity(64 << 10, input);
    let longest = config.server.body_bytes_max.saturating_add(EXTENSION_BYTES_MAX);
    let mut line = Vec::new();
    loop {
        if input.buffer().is_empty() {
            out.flush()?;
        }
        line.clear();
        let limit = u64::try_from(longest).unwrap_or(u64::MAX);
        if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let whole = line.len() < longest || line.last() == Some(&b'\n');
        if !whole {
            input.skip_until(b'\n')?;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let told = if whole { explain(config, &line) } else { failed(&Value::Null, &LineError::TooLong) };
        writeln!(out, "{told}")?;
    }
}

/// Why a line gets no decision.
#[derive(Debug, Error)]
enum LineError {
    #[error("{0}")]
    Request(#[from] RequestError),
    #[error("{0}")]
    Circumstances(#[from] Misfit),
    #[error("the line is longer than a request may be")]
    TooLong,
}

impl LineError {
    fn pointer(&self) -> &str {
        match self {
            Self::Request(error) => error.pointer(),
            Self::Circumstances(misfit) => &misfit.pointer,
            Self::TooLong => "",
        }
    }
}

fn explain(config: &Config, line: &[u8]) -> Value {
    let document = match Document::parse(line.trim_ascii()) {
        Ok(document) => document,
        Err(error) => return failed(&Value::Null, &RequestError::Json(error).into()),
    };
    let id = document
        .root()
        .get("id")
        .map_or(Value::Null, |id| serde_json::from_str(&id.render()).unwrap_or(Value::Null));
    match decide(config, document) {
        Ok(told) => to_json(&told.decision, &told.document, &id, told.elapsed_us),
        Err(error) => failed(&id, &error),
    }
}

fn decide(config: &Config, document: Document) -> Result<Told, LineError> {
    let circumstances = Circumstances::read(document.root().get("hearthgate"), config)?;
    let extended = ["id", "hearthgate"].iter().any(|name| document.root().get(name).is_some());
    let document = if extended {
        let body = document.render(&[Edit::Remove("id"), Edit::Remove("hearthgate")]);
        Document::parse(body).map_err(RequestError::Json)?
    } else {
        document
    };
    Ok(judge(config, document, circumstances)?)
}

/// A decision, with the body that it is about.
struct Told {
    decision: Decision,
    document: Document,
    elapsed_us: u64,
}

fn judge(config: &Config, document: Document, around: Circumstances) -> Result<Told, RequestError> {
    let Circumstances { caller, signals, history, dialect } = around;
    let request = ChatRequest::of(dialect, document)?;
    let document = request.document().clone();
    let memory = Plain::after(&config.policy, &caller, history);
    let start = now();
    let decision = config.policy.judge_remembering(request, caller, &memory).decide(&signals);
    Ok(Told { decision, document, elapsed_us: micros_since(start) })
}

fn failed(id: &Value, error: &LineError) -> Value {
    json!({"id": id, "error": {"message": error.to_string(), "pointer": error.pointer()}})
}

#[cfg(test)]
mod tests;
