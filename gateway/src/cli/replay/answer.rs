//! `hearthgate replay ID`: an answer of a model in this process once more, from the record and the request's body, which the
//! caller gives again or the site has stored.

use std::io::{BufRead as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use hearthgate_engines::{ChatChunk, Generation, Job};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::target::Effort;
use serde::Deserialize;
use serde_json::Value;

use super::super::{CliError, Ended};
use super::open;
use crate::audit::verify;
use crate::config::{Config, Model};
use crate::device::hex;
use crate::dialect::carry;
use crate::reload;
use crate::store::PrivateKey;

/// The most bytes of a request that are read.
const REQUEST_BYTES_MAX: u64 = 64 << 20;

/// The most bytes of a file with a key.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// Where a request's body is.
#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    /// In a file, or on standard input.
    Given(&'a Path),
    /// In a store: that of the configuration where none is named.
    Stored {
        /// The file of its private key.
        key: &'a Path,
        /// Its folder.
        folder: Option<&'a Path>,
    },
}

/// Answers a request again, and tells whether the answer is the same.
pub(super) fn run(config: &Config, log: &Path, id: &str, content: Content<'_>) -> Ended {
    if let Err(broken) = verify(open(log)?)? {
        let why = format!("`{}` is broken at line {}: {}", log.display(), broken.line, broken.why);
        return Err(CliError::Failed(why));
    }
    let past = Past::find(log, id)?;
    let body = match content {
        Content::Given(file) => given_body(file)?,
        Content::Stored { key, folder } => stored(config, id, key, folder)?,
    };
    let request = ChatRequest::read(past.dialect, &body)
        .map_err(|error| CliError::Unusable(format!("the request: {error}")))?;
    let request =
        carry::at_home(&request).map_err(|error| CliError::Unusable(format!("the request: {error}")))?;
    let model = past.model(config)?;
    let mut settings = model.clone();
    settings.deterministic = true;
    settings.slots = Some(1);
    let engine = reload::open(&config.hub, &settings, &reload::fleet(config)).map_err(CliError::Unusable)?;
    let card = engine.model();
    for (what, then, now) in [
        ("model file", &past.engine.model, &card.digest),
        ("chat template", &past.engine.template, &card.template_digest),
    ] {
        if then != now {
            let why = format!(
                "the {what} of device/{} is another one now: it was {then}, and is {now}",
                model.name
            );
            return Err(CliError::Unusable(why));
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut same = true;
    let mut out = std::io::stdout().lock();
    for (choice, (seed, then)) in past.engine.seeds.iter().zip(&past.engine.answers).enumerate() {
        let unusable = |error: hearthgate_engines::EngineError| CliError::Unusable(error.to_string());
        let mut job = Job::from_chat(&request, past.effort).map_err(unusable)?;
        // The client's own seed stands in its request, and counts on over the choices.
        let counted = |seed: u64| seed.wrapping_add(u64::try_from(choice).unwrap_or(0));
        job.sampling.seed = seed.or(job.sampling.seed.map(counted));
        if past.effort == Effort::Deliberate {
            job.thinking.budget_tokens = model.thinking_tokens_max;
        }
        let generation = engine.generate(job).map_err(unusable)?;
        let (text, digest) = runtime.block_on(read(generation)).map_err(unusable)?;
        writeln!(out, "{text}")?;
        let is = &digest == then;
        same &= is;
        let verdict = if is { "the same answer" } else { "another answer" };
        let digest = digest.get(..16).unwrap_or_default();
        eprintln!("choice {choice}: {verdict} (digest {digest}…)");
    }
    if !same && !past.engine.deterministic {
        eprintln!(
            "device/{} was not set to be deterministic then: set `deterministic = true` to have answers that replay",
            model.name
        );
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn read(mut generation: Generation) -> Result<(String, String), hearthgate_engines::EngineError> {
    let mut text = String::new();
    while let Some(chunk) = generation.next().await {
        match chunk? {
            ChatChunk::Content(part) => text.push_str(&part),
            ChatChunk::ToolCall { name, arguments, .. } => {
                text.push_str(&name.unwrap_or_default());
                text.push_str(&arguments);
            }
            ChatChunk::Finish { usage, .. } => return Ok((text, hex(&usage.answer_digest))),
            ChatChunk::Reasoning(_) | ChatChunk::Logprobs(_) => {}
        }
    }
    Err(hearthgate_engines::EngineError::Cancelled)
}

/// What the store has of a request.
fn stored(config: &Config, id: &str, key: &Path, folder: Option<&Path>) -> Result<Vec<u8>, CliError> {
    let none =
        || CliError::Unusable("the configuration has no `[store]`; name its folder with --store".to_owned());
    let folder = folder.or(config.store.as_ref().map(|store| store.folder.as_path())).ok_or_else(none)?;
    let private = private_key(key)?;
    crate::store::read(folder, id, &private).map_err(|error| CliError::Unusable(error.to_string()))
}

fn private_key(path: &Path) -> Result<PrivateKey, CliError> {
    let mut text = String::new();
    let file = open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.get_ref().metadata()?.permissions().mode() & 0o077 != 0 {
            let mend = format!("others may read the key `{}`: `chmod 600` takes that away", path.display());
            crate::log::warn(&mend);
        }
    }
    file.take(KEY_BYTES_MAX).read_to_string(&mut text)?;
    PrivateKey::parse(&text.into())
        .map_err(|error| CliError::Unusable(format!("`{}` is {error}", path.display())))
}

fn given_body(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut body = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(REQUEST_BYTES_MAX).read_to_end(&mut body)?;
    } else {
        open(path)?.take(REQUEST_BYTES_MAX).read_to_end(&mut body)?;
    }
    Ok(body)
}

/// What the record holds of a request that a model of the process answered.
struct Past {
    target: String,
    dialect: Dialect,
    effort: Effort,
    engine: EngineLine,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    id: String,
    path: Option<String>,
    target: Option<String>,
    dialect: Option<String>,
    effort: Option<String>,
    #[serde(default)]
    engine: Option<Value>,
}

#[derive(Deserialize)]
struct EngineLine {
    model: String,
    template: String,
    deterministic: bool,
    seeds: Vec<Option<u64>>,
    answers: Vec<String>,
}

impl Past {
    fn find(log: &Path, id: &str) -> Result<Self, CliError> {
        let (mut effort, mut dialect) = (None, Dialect::OpenAiChat);
        for line in open(log)?.split(b'\n') {
            let Ok(line) = serde_json::from_slice::<Line>(&line?) else { continue };
            if line.id != id {
                continue;
            }
            if let Some(path) = line.path.filter(|_| line.kind == "home") {
                return Err(CliError::Unusable(format!("`{id}` asked for {path}, which is not replayed")));
            }
            if line.kind == "decision" {
                // A request may be decided again; the last decision counts.
                effort = line.effort.and_then(|word| word.parse().ok());
                let known =
                    Dialect::ALL.into_iter().find(|known| line.dialect.as_deref() == Some(known.as_str()));
                dialect = known.unwrap_or(dialect);
                continue;
            }
            let engine = line.engine.and_then(|engine| serde_json::from_value(engine).ok());
            let Some((target, engine)) = line.target.zip(engine) else {
                let why =
                    format!("`{id}` was not answered by a model of the process, or its answer broke off");
                return Err(CliError::Unusable(why));
            };
            let Some(effort) = effort else { break };
            return Ok(Self { target, dialect, effort, engine });
        }
        Err(CliError::Unusable(format!("the record `{}` holds no answer to `{id}`", log.display())))
    }

    fn model<'a>(&self, config: &'a Config) -> Result<&'a Model, CliError> {
        let name = self.target.strip_prefix("device/").unwrap_or_default();
        let found = config.models.iter().find(|model| model.name == name);
        found.ok_or_else(|| {
            CliError::Unusable(format!("the configuration has no `[[model]]` of the name `{name}`"))
        })
    }
}
