//! `hearthgate eval`: how well a policy routes labelled prompts.
//!
//! It opens no socket and loads no model: the policy decides, and the labels say what would have come of it. Of a prompt
//! it prints the number of its line at most.

mod bound;
mod names;
mod told;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use hearthgate_rules::target::Zone;

use self::bound::{Bound, End, Wanted};
use self::told::Told;
use super::labelled::{self, FORMAT, Graded, Line};
use super::{CliError, Ended};
use crate::calibrate::bootstrap::measured;
use crate::calibrate::figures::Decided;
use crate::config::{Config, Env};

pub(super) fn examples() -> String {
    format!(
        "{FORMAT}

Examples:
  hearthgate eval deploy/labelled.jsonl
  hearthgate eval --policy new.toml --resamples 5000 --seed 7 labelled.jsonl
  hearthgate eval --at-least agreement=0.85 --at-most hard_kept_home=0.08 --sure labelled.jsonl
  hearthgate eval --json labelled.jsonl | jq .recovered.value

{}

Recovered is (policy - all local) / (all cloud - all local). The area is that under recovered over the share sent to the
cloud when the prompts with the highest score go first. The ranking is how often a prompt that the local model gets wrong
scores higher than one that it gets right (AUROC). Both are 0.5 for a random order. Where a `calibration` of the device
model is known, its chance to fail stands for the score. What privacy keeps at home is no fault
of the bands, and does not count in hard_kept_home.

Intervals are of 95 %: exact for shares and qualities (Clopper and Pearson), drawn for the others (bootstrap).

Exit codes: 0 when the figures are told and every bound holds, 1 when one is broken or cannot be told, 64 for a file,
configuration or policy that cannot be used.",
        names::figures()
    )
}

#[derive(Args)]
pub(super) struct Arguments {
    /// Score this policy, over the targets of the configuration, instead of the configuration's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Fail where a figure is less, such as `agreement=0.85`; may be given again.
    #[arg(long, value_name = "FIGURE=VALUE", value_parser = bound::wanted)]
    at_least: Vec<Wanted>,
    /// Fail where a figure is more, such as `hard_kept_home=0.08`; may be given again.
    #[arg(long, value_name = "FIGURE=VALUE", value_parser = bound::wanted)]
    at_most: Vec<Wanted>,
    /// Hold the bounds against the far end of the interval, so that few prompts prove little.
    #[arg(long)]
    sure: bool,
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

impl Arguments {
    fn bounds(&self) -> Vec<Bound> {
        let of = |wanted: &[Wanted], end| -> Vec<Bound> {
            wanted.iter().map(|wanted| Bound::new(*wanted, end, self.sure)).collect()
        };
        [of(&self.at_least, End::AtLeast), of(&self.at_most, End::AtMost)].concat()
    }
}

/// Judges and decides every prompt, and tells the figures.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    let config = Config::load_unproved(config, &Env::process())?;
    let policy = match &arguments.policy {
        Some(path) => Arc::new(super::policy::load(&config, path)?),
        None => Arc::clone(&config.policy),
    };
    let lines = labelled::read(&arguments.file, &config, Graded::Both)?;
    let numbers: Vec<usize> = lines.iter().map(|line| line.number).collect();
    let decided: Vec<Decided> = lines
        .into_iter()
        .map(|Line { request, label, .. }| {
            let judged = labelled::decide(&policy, request);
            let (score, band) = (judged.measure, judged.difficulty.band);
            Decided { label, score, band, place: judged.place, may_leave: judged.may_leave }
        })
        .collect();
    if policy.catalogue().iter().all(|target| target.zone() != Zone::Cloud) {
        crate::log::warn("no target of the configuration is in the zone cloud, so everything stays at home");
    }
    labelled::warn_of_what_is_not_played(&policy);
    let told = Told {
        file: &arguments.file,
        numbers: &numbers,
        decided: &decided,
        thresholds: policy.thresholds(),
        resamples: arguments.resamples,
        seed: arguments.seed,
        figures: measured(&decided, arguments.resamples, arguments.seed),
        bounds: arguments.bounds(),
    };
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", told.to_json())?;
    } else {
        told.write(&mut out)?;
    }
    match told.broken() {
        broken if broken.is_empty() => Ok(ExitCode::SUCCESS),
        broken => Err(CliError::Failed(format!("broken: {}", broken.join("; ")))),
    }
}
