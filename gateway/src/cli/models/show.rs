//! `hearthgate models show`

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hearthgate_engines::gguf::{self, Facts};
use serde::Serialize;

use super::super::{CliError, Ended};
use super::{Named, STARTER, STARTER_SOURCE, configured_as, named};
use crate::config::Config;
use crate::hub::catalogue::{self, Capability, Entry, Sampling};
use crate::hub::progress::size;
use crate::hub::{Manifest, Store};

#[derive(Serialize)]
struct Shown<'a> {
    name: Option<String>,
    source: String,
    configured_as: Vec<String>,
    catalogue: Option<&'a Entry>,
    pulled: Option<Manifest>,
    file: Option<File>,
}

/// What a file says of itself.
#[derive(Serialize)]
struct File {
    path: String,
    bytes: u64,
    /// Why it cannot be served; everything below is then unknown.
    fault: Option<String>,
    name: Option<String>,
    architecture: Option<String>,
    licence: Option<String>,
    parameters: Option<u64>,
    quantisation: Option<&'static str>,
    context_tokens: Option<u64>,
    template: bool,
    chat: bool,
    tools: bool,
    thinking: bool,
    embeddings: bool,
    #[serde(skip)]
    facts: Option<Facts>,
}

/// Shows a model.
pub(super) fn run(config: &Config, name: &str, json: bool) -> Ended {
    let shown = look(config, name)?;
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&shown).unwrap_or_default())?;
    } else {
        print(&shown, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn look(config: &Config, name: &str) -> Result<Shown<'static>, CliError> {
    match named(config, name)? {
        Named::Starter => {
            let path = hearthgate_engines::starter::materialise();
            let path = path.map_err(|error| CliError::Failed(error.to_string()))?;
            Ok(Shown {
                name: Some(STARTER.to_owned()),
                source: STARTER_SOURCE.to_owned(),
                configured_as: configured_as(config, STARTER_SOURCE),
                catalogue: None,
                pulled: None,
                file: Some(file(&path)?),
            })
        }
        Named::File(path) => {
            let source = path.display().to_string();
            let file = Some(file(&path)?);
            let configured_as = configured_as(config, &source);
            Ok(Shown { name: None, source, configured_as, catalogue: None, pulled: None, file })
        }
        Named::Hub(source, entry) => {
            let store = Store::new(&config.hub)?;
            let pulled = store.manifest(&source)?;
            let path = pulled
                .as_ref()
                .and_then(|pulled| Some(store.place(&source).join(&pulled.files.first()?.name)));
            let source = source.to_string();
            Ok(Shown {
                name: entry.map(|entry| entry.name.clone()),
                configured_as: configured_as(config, &source),
                source,
                catalogue: entry,
                pulled,
                file: path.as_deref().map(file).transpose()?,
            })
        }
    }
}

fn file(path: &Path) -> Result<File, CliError> {
    let unreadable = |error: io::Error| CliError::Failed(format!("`{}`: {error}", path.display()));
    let bytes = path.metadata().map_err(unreadable)?.len();
    let (facts, fault) = match gguf::check_file(path) {
        Ok(header) => (Some(header.facts()), None),
        Err(fault) => (None, Some(fault.to_string())),
    };
    let known = facts.as_ref();
    let template = known.and_then(|facts| facts.template);
    let pools = known.is_some_and(|facts| facts.pools);
    Ok(File {
        path: PathBuf::from(path).display().to_string(),
        bytes,
        fault,
        name: known.and_then(|facts| facts.name.clone()),
        architecture: known.map(|facts| facts.architecture.clone()),
        licence: known.and_then(|facts| facts.licence.clone()),
        parameters: known.map(|facts| facts.parameters),
        quantisation: known.and_then(|facts| facts.quantisation),
        context_tokens: known.and_then(|facts| facts.context_tokens),
        template: template.is_some(),
        chat: template.is_some() && !pools,
        tools: template.is_some_and(|template| template.tools),
        thinking: template.is_some_and(|template| template.thinking),
        embeddings: pools,
        facts,
    })
}

fn print(shown: &Shown<'_>, out: &mut impl Write) -> io::Result<()> {
    let title = shown.catalogue.map(|entry| entry.title.as_str()).or(shown.name.as_deref());
    writeln!(out, "{}", title.unwrap_or(&shown.source))?;
    let mut line = |key: &str, value: &str| -> io::Result<()> {
        if value.is_empty() { Ok(()) } else { writeln!(out, "  {key:<14} {value}") }
    };
    line("source", &shown.source)?;
    line("configured as", &shown.configured_as.join(", "))?;
    if let Some(entry) = shown.catalogue {
        of_entry(entry, shown.file.is_none(), &mut line)?;
    }
    match &shown.pulled {
        Some(manifest) => of_manifest(manifest, &mut line)?,
        None if shown.file.is_none() => {
            let name = shown.name.as_ref().unwrap_or(&shown.source);
            line("not pulled", &format!("`hearthgate models pull {name}` brings it"))?;
        }
        None => {}
    }
    match &shown.file {
        Some(file) => of_file(file, &mut line),
        None => Ok(()),
    }
}

type Line<'a> = dyn FnMut(&str, &str) -> io::Result<()> + 'a;

fn of_entry(entry: &Entry, alone: bool, line: &mut Line<'_>) -> io::Result<()> {
    let gated = if entry.gated { " (gated: accept it on the hub, and set HF_TOKEN)" } else { "" };
    line("licence", &format!("{}{gated}", entry.licence))?;
    line("good for", &entry.good_for_words())?;
    let unseen = entry.capabilities.contains(&Capability::Images);
    let unseen = if unseen { " (but this program hands it no images yet)" } else { "" };
    line("can do", &format!("{}{unseen}", catalogue::words(&entry.capabilities)))?;
    if let Some(switch) = &entry.effort_switch {
        line("effort by", &catalogue::words(std::slice::from_ref(switch)))?;
    }
    if let Some(sampling) = &entry.sampling {
        line("sampling", &sampled(sampling))?;
    }
    if let Some(sampling) = &entry.sampling_quick {
        line("when quick", &sampled(sampling))?;
    }
    if let Some(measured) = &entry.calibration {
        line("fails", &fails(&measured.points))?;
        line("", &format!("on {} prompts: {}", measured.prompts, measured.source))?;
    }
    if alone {
        line("parameters", &entry.parameters)?;
        line("quantisation", &entry.quantisation)?;
        line("size", &entry.bytes.map(size).unwrap_or_default())?;
        line("context", &entry.context_tokens.map(|tokens| format!("{tokens} tokens")).unwrap_or_default())?;
        line("sha256", entry.sha256.as_deref().unwrap_or("not known here: the hub's own is compared"))?;
    }
    Ok(())
}

/// How often a model fails, by score.
fn fails(points: &[(f32, f32)]) -> String {
    let points = points.iter().map(|(score, chance)| format!("{chance} at {score}"));
    points.collect::<Vec<_>>().join(", ")
}

fn of_manifest(manifest: &Manifest, line: &mut Line<'_>) -> io::Result<()> {
    line("pulled at", &manifest.pulled_at)?;
    line("revision", &manifest.revision)?;
    for file in &manifest.files {
        let by = super::pull::checked(file.checked_against);
        line("sha256", &format!("{} ({by})", file.sha256))?;
    }
    Ok(())
}

fn of_file(file: &File, line: &mut Line<'_>) -> io::Result<()> {
    line("file", &file.path)?;
    line("size", &size(file.bytes))?;
    let Some(facts) = &file.facts else {
        return line("unservable", file.fault.as_deref().unwrap_or_default());
    };
    line("it says", facts.name.as_deref().unwrap_or_default())?;
    line("architecture", &facts.architecture)?;
    line("parameters", &facts.parameters.to_string())?;
    line("quantisation", facts.quantisation.unwrap_or_default())?;
    line("context", &facts.context_tokens.map(|tokens| format!("{tokens} tokens")).unwrap_or_default())?;
    line("its licence", facts.licence.as_deref().unwrap_or_default())?;
    let template = match &facts.template {
        None => "none: it can complete texts, and chats only with a template".to_owned(),
        Some(template) => {
            let words = [
                ("tools", template.tools),
                ("thinking", template.thinking),
                ("`enable_thinking`", template.thinking_switch),
                ("`reasoning_effort`", template.effort_field),
            ];
            let spoken: Vec<_> = words.iter().filter(|(_, is)| *is).map(|(word, _)| *word).collect();
            if spoken.is_empty() {
                "plain chat".to_owned()
            } else {
                format!("speaks of {}", spoken.join(", "))
            }
        }
    };
    line("template", &template)?;
    if facts.pools {
        line("embeds", "set `embeddings = true` under its [[model]]")?;
    }
    Ok(())
}

fn sampled(sampling: &Sampling) -> String {
    let fields = serde_json::to_value(sampling).unwrap_or_default();
    let fields = fields.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
