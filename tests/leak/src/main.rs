//! Judges the leak corpus and writes the certificate, the baseline, or the misses that may be read.

use std::fs;
use std::io::{self, Write};
use std::process::{Command, ExitCode};

use hearthgate_leak::baseline::Baseline;
use hearthgate_leak::certificate::{Circumstances, certificate, shown};
use hearthgate_leak::corpus::{Corpus, Half, import};
use hearthgate_leak::judge::Judge;
use hearthgate_leak::options::{Options, USAGE, baseline_file, today};
use hearthgate_leak::outside::{self, Outside};
use hearthgate_leak::run::{Extent, Outcome, run};
use hearthgate_leak::speed;
use hearthgate_leak::tally::{Class, by, drawn, group, held_plain};
use hearthgate_rules::inspect::BUILTIN_KINDS;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::from(64);
        }
    };
    match act(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn act(options: &Options) -> Result<(), String> {
    if let Some(from) = &options.import {
        let count = import(from, &options.corpus).map_err(|error| error.to_string())?;
        return print(&format!("{count} lines copied\n"));
    }
    let corpus = Corpus::load(&options.corpus).map_err(|error| error.to_string())?;
    let judge = Judge::shipped_without(&options.without).map_err(|error| error.to_string())?;
    if options.update_baseline {
        update_baseline(&corpus, &judge, options.threads)?;
    }
    let extent = if options.sample { Extent::Sample } else { Extent::Whole };
    let outcomes = run(&corpus, &judge, extent, options.threads)?;
    let also = options.also.iter().map(|file| outside::read(file, &judge));
    let also = also.collect::<Result<Vec<_>, _>>()?;
    print(&short(&outcomes, &also))?;
    if let Some(prefix) = &options.misses {
        print(&misses(&outcomes, prefix))?;
    }
    if options.dry_run || options.sample || !options.without.is_empty() {
        return Ok(());
    }
    // One that remembers none of the texts.
    let anew = Judge::shipped().map_err(|error| error.to_string())?;
    let circumstances = Circumstances {
        date: options.date.clone().unwrap_or_else(today),
        command: command(options),
        corpus: corpus.digest.clone(),
        detectors: detectors(),
        speed: speed::measure(&corpus, &anew),
        outside: also,
    };
    fs::write(&options.out, certificate(&circumstances, &outcomes)).map_err(|error| error.to_string())
}

fn update_baseline(corpus: &Corpus, judge: &Judge, threads: usize) -> Result<(), String> {
    let sample = run(corpus, judge, Extent::Sample, threads)?;
    let baseline = Baseline::of(&corpus.digest, &sample);
    let text = serde_json::to_string_pretty(&baseline).map_err(|error| error.to_string())?;
    fs::write(baseline_file(), text + "\n").map_err(|error| error.to_string())
}

/// The short table, for the terminal.
fn short(outcomes: &[Outcome<'_>], also: &[Outside]) -> String {
    let mut text = String::new();
    for (class, counts) in by(outcomes, |outcome| Some(Class::of(outcome))) {
        let (all, sealed) = (shown(counts.both()), shown(counts.sealed));
        text += &format!("{:<42} aim {:<3} all {all}; sealed {sealed}\n", class.title(), class.aim());
    }
    let one_each = by(outcomes, |outcome| drawn(outcome).then_some(()));
    for counts in one_each.values() {
        let (all, sealed) = (shown(counts.both()), shown(counts.sealed));
        text += &format!(
            "{:<42} aim 3%  all {all}; sealed {sealed}\n",
            "private, one disguise each: judged open"
        );
    }
    for Outside { file, shares } in also {
        for (what, share) in shares {
            text += &format!("{file}: {what}: {}\n", shown(*share));
        }
    }
    text
}

/// The misses of the open half whose group begins so: name, group, what was found, and the text.
fn misses(outcomes: &[Outcome<'_>], prefix: &str) -> String {
    let readable = outcomes.iter().filter(|outcome| outcome.entry.half == Half::Open && outcome.missed());
    let held = held_plain(outcomes);
    let wanted = readable.filter(|outcome| {
        let group = group(outcome);
        let escaped = group.replacen("evasive/", "escaped/", 1);
        let is_escape = escaped != group && held.contains(outcome.entry.id.as_str());
        group.starts_with(prefix) || (is_escape && escaped.starts_with(prefix))
    });
    wanted.map(miss).collect()
}

fn miss(outcome: &Outcome<'_>) -> String {
    // Offsets are into the string that was found in: the text itself only where nothing hides it.
    let stretch =
        |start, end| outcome.evasion.is_none().then(|| outcome.entry.text.get(start..end)).flatten();
    let found = outcome
        .seen
        .found
        .iter()
        .map(|found| format!("{}={:?}", found.kind, stretch(found.start, found.end).unwrap_or_default()));
    let found: Vec<_> = found.collect();
    let reasons = outcome.seen.reasons.join(",");
    let Outcome { entry, .. } = outcome;
    let (name, group) = (outcome.name(), group(outcome));
    format!("{name}\t{group}\t{reasons}\t{}\t{:?}\t{:?}\n", found.join(","), entry.text, entry.private)
}

/// The command as another would give it: no path of this machine.
fn command(options: &Options) -> String {
    let also = options.also.iter().filter_map(|file| file.file_name());
    let also: String = also.map(|name| format!(" --also {}", name.to_string_lossy())).collect();
    let end = if also.is_empty() { "" } else { " --" };
    format!("cargo run --release -p hearthgate-leak --bin leak-certificate{end}{also}")
}

fn detectors() -> String {
    let commit = git(&["log", "-1", "--format=%h", "--", "."]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&["status", "--porcelain", "--", "."]).is_some_and(|files| !files.is_empty());
    let changed = if changed { ", with changes" } else { "" };
    let version = env!("CARGO_PKG_VERSION");
    format!("hearthgate-rules {version}, commit `{commit}`{changed}, {} kinds", BUILTIN_KINDS.len())
}

/// What git says of the rules; none where there is no git.
fn git(arguments: &[&str]) -> Option<String> {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../router-rules");
    let output = Command::new("git").current_dir(rules).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn print(text: &str) -> Result<(), String> {
    io::stdout().lock().write_all(text.as_bytes()).map_err(|error| error.to_string())
}
