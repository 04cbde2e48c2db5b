//! `hearthgate eval`: how well a policy routes labelled prompts.
//!
//! It opens no socket and loads no model: the policy decides, and the labels say what would have come of it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use hearthgate_rules::difficulty::{Band, Thresholds};
use hearthgate_rules::target::Zone;
use serde_json::{Map, Value, json};

use super::Ended;
use super::labelled::{self, FORMAT};
use crate::calibrate::bootstrap::{Measured, measured};
use crate::calibrate::figures::{Decided, Figure, Strategy};
use crate::config::{Config, Env};

pub(super) fn examples() -> String {
    format!(
        "{FORMAT}

Examples:
  hearthgate eval deploy/labelled.jsonl
  hearthgate eval --config hearthgate.toml --resamples 5000 --seed 7 labelled.jsonl
  hearthgate eval --json labelled.jsonl | jq .recovered.value

Recovered is (policy - all local) / (all cloud - all local). The area is that under recovered over the share sent to the
cloud when the prompts with the highest score go first: 0.5 for a random order. Intervals are 95 % by bootstrap.

Exit codes: 0 when the figures are told, 64 for a file, configuration or policy that cannot be used."
    )
}

#[derive(Args)]
pub(super) struct Arguments {
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
    /// Draws for the intervals.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = RangedU64ValueParser::<u32>::new().range(100..=100_000))]
    resamples: u32,
    /// What the draws come from: the same seed gives the same intervals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Labelled prompts, one JSON object per line.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
}

/// Judges and decides every prompt, and tells the figures.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    let config = Config::load_unproved(config, &Env::process())?;
    let policy = &config.policy;
    let lines = labelled::read(&arguments.file, &config)?;
    let decided: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let (difficulty, place) = labelled::decide(policy, line.request);
            Decided { label: line.label, score: difficulty.score, band: difficulty.band, place }
        })
        .collect();
    if policy.catalogue().iter().all(|target| target.zone() != Zone::Cloud) {
        crate::log::warn("no target of the configuration is in the zone cloud, so everything stays at home");
    }
    let told = Told {
        file: &arguments.file,
        prompts: decided.len(),
        thresholds: policy.thresholds(),
        resamples: arguments.resamples,
        seed: arguments.seed,
        figures: measured(&decided, arguments.resamples, arguments.seed),
    };
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", told.to_json())?;
    } else {
        told.write(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The figures, and what they are of.
struct Told<'a> {
    file: &'a Path,
    prompts: usize,
    thresholds: Thresholds,
    resamples: u32,
    seed: u64,
    figures: Vec<Measured>,
}

impl Told<'_> {
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("prompts".to_owned(), json!(self.prompts));
        let (moderate, hard) = (self.thresholds.moderate(), self.thresholds.hard());
        object.insert("moderate".to_owned(), json!(decimal(moderate)));
        object.insert("hard".to_owned(), json!(decimal(hard)));
        object.insert("resamples".to_owned(), json!(self.resamples));
        object.insert("seed".to_owned(), json!(self.seed));
        for Measured { figure, value, interval } in &self.figures {
            let interval = interval.map(|(low, high)| json!([rounded(low), rounded(high)]));
            let unknown = value.is_none().then(|| why_unknown(*figure));
            let value = value.map(rounded);
            object.insert(
                key(*figure).to_owned(),
                json!({"value": value, "interval95": interval, "unknown": unknown}),
            );
        }
        Value::Object(object)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (moderate, hard) = (self.thresholds.moderate(), self.thresholds.hard());
        writeln!(out, "{}: {} prompts", self.file.display(), self.prompts)?;
        writeln!(out, "moderate from {moderate}, hard from {hard}")?;
        writeln!(out, "\n{:<32}{:>10}   95 % interval", "", "figure")?;
        for Measured { figure, value, interval } in &self.figures {
            let Some(value) = value else {
                writeln!(out, "{:<32}{:>10}   {}", name(*figure), "unknown", why_unknown(*figure))?;
                continue;
            };
            let value = shown(*figure, *value);
            let interval = interval.map_or("none: too few draws tell it".to_owned(), |(low, high)| {
                format!("{} to {}", shown(*figure, low), shown(*figure, high))
            });
            writeln!(out, "{:<32}{value:>10}   {interval}", name(*figure))?;
        }
        writeln!(out, "\nintervals from {} draws, seed {}; nothing was sent", self.resamples, self.seed)
    }
}

/// As its decimals say it, not as the nearest longer number does.
fn decimal(value: f32) -> Option<f64> {
    value.to_string().parse().ok()
}

fn rounded(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    // No minus before a nought.
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn shown(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Area => format!("{:.3}", rounded(value)),
        Figure::CostPerThousand(_) => format!("{:.4}", rounded(value)),
        _ => format!("{:.1} %", (1000.0 * rounded(value)).round() / 10.0),
    }
}

fn key(figure: Figure) -> &'static str {
    match figure {
        Figure::Share(Band::Easy) => "judged_easy",
        Figure::Share(Band::Moderate) => "judged_moderate",
        Figure::Share(Band::Hard) => "judged_hard",
        Figure::SentToCloud => "sent_to_cloud",
        Figure::KeptHome => "kept_home_by_privacy",
        Figure::Refused => "refused",
        Figure::Quality(Strategy::Policy) => "quality",
        Figure::Quality(Strategy::Local) => "quality_all_local",
        Figure::Quality(Strategy::Cloud) => "quality_all_cloud",
        Figure::Recovered => "recovered",
        Figure::CostPerThousand(Strategy::Policy) => "usd_per_thousand",
        Figure::CostPerThousand(Strategy::Local) => "usd_per_thousand_all_local",
        Figure::CostPerThousand(Strategy::Cloud) => "usd_per_thousand_all_cloud",
        Figure::Area => "area",
        Figure::Agreement => "agreement",
        Figure::HardJudgedEasy => "hard_judged_easy",
        Figure::EasyJudgedHard => "easy_judged_hard",
    }
}

fn name(figure: Figure) -> &'static str {
    match figure {
        Figure::Share(Band::Easy) => "judged easy",
        Figure::Share(Band::Moderate) => "judged moderate",
        Figure::Share(Band::Hard) => "judged hard",
        Figure::SentToCloud => "sent to the cloud",
        Figure::KeptHome => "kept at home by privacy",
        Figure::Refused => "refused",
        Figure::Quality(Strategy::Policy) => "quality of the policy",
        Figure::Quality(Strategy::Local) => "quality, all local",
        Figure::Quality(Strategy::Cloud) => "quality, all cloud",
        Figure::Recovered => "quality recovered",
        Figure::CostPerThousand(Strategy::Policy) => "USD per 1000, policy",
        Figure::CostPerThousand(Strategy::Local) => "USD per 1000, all local",
        Figure::CostPerThousand(Strategy::Cloud) => "USD per 1000, all cloud",
        Figure::Area => "area (random order: 0.5)",
        Figure::Agreement => "band as a person gave it",
        Figure::HardJudgedEasy => "a person's hard judged easy",
        Figure::EasyJudgedHard => "a person's easy judged hard",
    }
}

fn why_unknown(figure: Figure) -> &'static str {
    match figure {
        Figure::Recovered | Figure::Area => {
            "no gap to recover: the cloud answers no better than the local model"
        }
        Figure::CostPerThousand(_) => "a line lacks this cost",
        Figure::Agreement => "no line gives a `band`",
        Figure::HardJudgedEasy => "no line gives the `band` hard",
        Figure::EasyJudgedHard => "no line gives the `band` easy",
        _ => "there is no prompt",
    }
}
