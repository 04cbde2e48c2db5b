//! `hearthgate models list`

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use super::super::Ended;
use super::{STARTER, STARTER_SOURCE, configured_as};
use crate::config::Config;
use crate::hub::catalogue::{self, Entry, GoodFor};
use crate::hub::progress::size;
use crate::hub::{HubSource, Manifest, Store};

#[derive(Serialize)]
struct Listing {
    folder: String,
    models: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: Option<String>,
    source: String,
    origin: Origin,
    pulled: bool,
    bytes: Option<u64>,
    licence: Option<String>,
    gated: bool,
    context_tokens: Option<u32>,
    good_for: Vec<GoodFor>,
    configured_as: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Origin {
    Bundled,
    Catalogue,
    Hub,
}

/// Lists what is here, and what could be.
pub(super) fn run(config: &Config, pulled_only: bool, json: bool) -> Ended {
    let store = Store::new(&config.hub)?;
    let mut models = vec![starter(config)];
    let pulled = store.all();
    models.extend(pulled.iter().map(|(source, manifest)| of_manifest(config, source, manifest)));
    if !pulled_only {
        let is_there = |entry: &&Entry| pulled.iter().any(|(source, _)| source.to_string() == entry.source);
        models.extend(
            catalogue::all().iter().filter(|entry| !is_there(entry)).map(|entry| of_entry(config, entry)),
        );
    }
    let listing = Listing { folder: store.folder().display().to_string(), models };
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&listing).unwrap_or_default())?;
    } else {
        table(&listing, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn starter(config: &Config) -> Row {
    Row {
        name: Some(STARTER.to_owned()),
        source: STARTER_SOURCE.to_owned(),
        origin: Origin::Bundled,
        pulled: true,
        bytes: None,
        licence: Some("MIT OR Apache-2.0".to_owned()),
        gated: false,
        context_tokens: None,
        good_for: vec![GoodFor::Tiny],
        configured_as: configured_as(config, STARTER_SOURCE),
    }
}

fn of_manifest(config: &Config, source: &HubSource, manifest: &Manifest) -> Row {
    let text = source.to_string();
    let configured_as = configured_as(config, &text);
    let known = catalogue::find(&text).map(|entry| of_entry(config, entry));
    Row {
        pulled: true,
        bytes: Some(manifest.bytes()),
        ..known.unwrap_or(Row {
            name: None,
            source: text,
            origin: Origin::Hub,
            pulled: true,
            bytes: None,
            licence: manifest.licence.clone(),
            gated: false,
            context_tokens: None,
            good_for: Vec::new(),
            configured_as,
        })
    }
}

fn of_entry(config: &Config, entry: &Entry) -> Row {
    Row {
        name: Some(entry.name.clone()),
        source: entry.source.clone(),
        origin: Origin::Catalogue,
        pulled: false,
        bytes: entry.bytes,
        licence: Some(entry.licence.clone()),
        gated: entry.gated,
        context_tokens: entry.context_tokens,
        good_for: entry.good_for.clone(),
        configured_as: configured_as(config, &entry.source),
    }
}

fn table(listing: &Listing, out: &mut impl Write) -> io::Result<()> {
    let (here, to_pull): (Vec<_>, Vec<_>) = listing.models.iter().partition(|row| row.pulled);
    writeln!(out, "on this machine (pulled ones in {})", listing.folder)?;
    print(&here, out)?;
    if !to_pull.is_empty() {
        writeln!(out, "\nto be had by `hearthgate models pull NAME`")?;
        print(&to_pull, out)?;
    }
    Ok(())
}

fn print(rows: &[&Row], out: &mut impl Write) -> io::Result<()> {
    line(["name", "size", "context", "licence", "good for"], out)?;
    rows.iter().try_for_each(|row| {
        let context = row.context_tokens.map(|tokens| tokens.to_string()).unwrap_or_default();
        let gated = if row.gated { ", gated" } else { "" };
        let configured = row.configured_as.join(", ");
        let configured = if configured.is_empty() { configured } else { format!("  = {configured}") };
        line(
            [
                row.name.as_ref().unwrap_or(&row.source),
                &row.bytes.map(size).unwrap_or_default(),
                &context,
                &format!("{}{gated}", row.licence.as_deref().unwrap_or_default()),
                &format!("{}{configured}", catalogue::words(&row.good_for)),
            ],
            out,
        )
    })
}

fn line([name, size, context, licence, rest]: [&str; 5], out: &mut impl Write) -> io::Result<()> {
    let text = format!("  {name:<26} {size:>9} {context:>7}  {licence:<17} {rest}");
    writeln!(out, "{}", text.trim_end())
}
