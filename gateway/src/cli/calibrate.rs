//! `hearthgate calibrate`: where the bands should begin, for a share, a quality or a budget.
//!
//! It opens no socket and loads no model. It writes the files that it is told to, and changes no policy.

mod told;

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args};
use hearthgate_rules::difficulty::Band;
use hearthgate_rules::policy::Policy;

use super::labelled::{self, FORMAT, Line};
use super::{CliError, Ended};
use crate::calibrate::curve::{Curve, Hopeless, Prompt, Target, as_if, ratio};
use crate::calibrate::left_out::left_out;
use crate::calibrate::svg;
use crate::config::{Config, Env};

pub(super) fn examples() -> String {
    format!(
        "{FORMAT}

Examples:
  hearthgate calibrate --cloud-share 0.3 --config hearthgate.toml deploy/labelled.jsonl
  hearthgate calibrate --quality 0.95 --svg curve.svg labelled.jsonl
  hearthgate calibrate --recovered 0.8 --policy new.toml labelled.jsonl
  hearthgate calibrate --budget-usd 5 --out difficulty.toml labelled.jsonl

Every line needs `local` and `cloud`. Every prompt is decided as if it were easy, moderate and hard, so what privacy keeps at
home is counted as it is. What is printed is a `[difficulty]` section to be put into the policy. `moderate` keeps the ratio to
`hard` that it has in the policy (0.35 to 0.6 unless it says otherwise).

Bounds are exact ones of 95 % for each row by itself. Thresholds look better on the prompts that they were chosen by than on
others, so the choice is made again on draws of the prompts, and what it gives to those that a draw left out is told as well.

Exit codes: 0 when the target is met, 1 when it cannot be (the nearest is printed, and --out is not written), 64 for a
file, configuration or policy that cannot be used, or where there is nothing to choose by."
    )
}

#[derive(Args)]
#[command(group(ArgGroup::new("target").required(true).args(["cloud_share", "quality", "recovered", "budget_usd"])))]
pub(super) struct Arguments {
    /// Send at most this share of the prompts to the cloud, in 0..1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    cloud_share: Option<f64>,
    /// Keep this share of the quality of the cloud, in 0..1, with as little of the cloud as can be.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    quality: Option<f64>,
    /// Recover this share of what the cloud answers better, in 0..1, with as little of the cloud as can be.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    recovered: Option<f64>,
    /// Spend at most this per thousand requests, for the best quality that it buys.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    budget_usd: Option<f64>,
    /// Decide by this policy, over the targets of the configuration, instead of by the configuration's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Draw the curve into this file; only a drawing is written over.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the section into this file instead of printing it; only a file that this command wrote is written over.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draws by which the choice is made again.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = RangedU64ValueParser::<u32>::new().range(100..=100_000))]
    resamples: u32,
    /// What the draws come from: the same seed gives the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Labelled prompts, one JSON object per line.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "it must be a number in 0..1, such as 0.3".to_owned())
}

fn dollars(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "it must be a number of dollars, 0 or more".to_owned())
}

impl Arguments {
    fn target(&self) -> Target {
        let share = self.cloud_share.map(Target::CloudShare);
        let quality = self.quality.map(Target::Quality);
        let recovered = self.recovered.map(Target::Recovered);
        // The command line has exactly one of the four.
        let budget = || Target::BudgetUsd(self.budget_usd.unwrap_or_default());
        share.or(quality).or(recovered).unwrap_or_else(budget)
    }
}

/// Chooses the thresholds, and tells what comes of them.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    let Arguments { file, resamples, seed, .. } = arguments;
    for (path, sign) in [(&arguments.out, told::SIGN), (&arguments.svg, svg::SIGN)] {
        path.as_deref().map_or(Ok(()), |path| ours(path, sign))?;
    }
    let config = Config::load_unproved(config, &Env::process())?;
    let policy = match &arguments.policy {
        Some(path) => super::policy::load(&config, path)?,
        None => Policy::clone(&config.policy),
    };
    let lines = labelled::read(file, &config)?;
    let hopeless = |why: Hopeless| {
        let lacking = (why == Hopeless::NoCosts).then(|| told::lacking(file, &lines)).flatten();
        CliError::Unusable(lacking.unwrap_or_else(|| format!("`{}`: {why}", file.display())))
    };
    let prompts = prompts(&policy, file, &lines)?;
    let (target, ratio) = (arguments.target(), ratio(policy.thresholds()));
    let curve = Curve::of(prompts.clone(), ratio).map_err(hopeless)?;
    let chosen = curve.choose(target).map_err(hopeless)?;
    let Some(point) = curve.points.get(chosen.index) else {
        return Err(CliError::Failed("no threshold was chosen".to_owned()));
    };
    let section = told::section(target, chosen.met, point, prompts.len());
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {} prompts\n", file.display(), prompts.len())?;
    told::table(&curve, chosen.index, &mut out)?;
    told::left_out(left_out(&prompts, ratio, target, *resamples, *seed), *resamples, *seed, &mut out)?;
    if let Some(path) = &arguments.svg {
        write(path, &svg::draw(&curve, chosen.index))?;
    }
    match &arguments.out {
        Some(path) if chosen.met => write(path, &section)?,
        _ => write!(out, "\n{section}")?,
    }
    if chosen.met {
        return Ok(ExitCode::SUCCESS);
    }
    Err(CliError::Failed(told::unmet(target, point, &curve)))
}

/// Every prompt with where it goes by its band.
fn prompts(policy: &Policy, file: &Path, lines: &[Line]) -> Result<Vec<Prompt>, CliError> {
    let policy = |band| {
        let (moderate, hard) = as_if(band);
        labelled::with_bands(policy, moderate, hard)
    };
    let [easy, moderate, hard] = Band::ALL;
    let (easy, moderate, hard) = (policy(easy)?, policy(moderate)?, policy(hard)?);
    let prompt = |Line { number, request, label }: &Line| {
        let lacking = || {
            let lacks = "`local` and `cloud` are missing, and thresholds are chosen by them";
            CliError::Unusable(format!("`{}`, line {number}: {lacks}", file.display()))
        };
        let right = label.right.ok_or_else(lacking)?;
        let decide = |policy| labelled::decide(policy, request.clone());
        let (easy, moderate, hard) = (decide(&easy), decide(&moderate), decide(&hard));
        let places = [easy.place, moderate.place, hard.place];
        Ok(Prompt { right, costs: label.costs, score: hard.difficulty.score, places })
    };
    lines.iter().map(prompt).collect()
}

/// Makes sure that nothing of somebody else's is written over: what is there begins as this command's own files do.
fn ours(path: &Path, sign: &str) -> Result<(), CliError> {
    let foreign = match fs::read(path) {
        Ok(bytes) => !bytes.is_empty() && !bytes.starts_with(sign.as_bytes()),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    let why = "is there and was not written by this command; it is left as it is";
    if foreign { Err(CliError::Unusable(format!("`{}` {why}", path.display()))) } else { Ok(()) }
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text)
        .map_err(|error| CliError::Failed(format!("cannot write `{}`: {error}", path.display())))
}
