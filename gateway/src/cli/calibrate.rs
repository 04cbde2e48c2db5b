//! `hearthgate calibrate`: where the bands should begin, for a share, a quality or a budget.
//!
//! It writes the files that it is told to, and changes no policy. It opens no socket and loads no model but where `--ask` has
//! it ask both models (`ask.rs`), on the road of every request.

mod ask;
mod json;
mod table;
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

use super::labelled::{self, FORMAT, Graded, Line};
use super::{CliError, Ended};
use crate::calibrate::curve::{Curve, Hopeless, Prompt, Target, as_if, ratio};
use crate::calibrate::left_out::left_out;
use crate::calibrate::svg;
use crate::config::{Config, Env};

pub(super) fn examples() -> String {
    const ASKING: &str = ask::EXAMPLES;
    format!(
        "{FORMAT}

Examples:
  hearthgate calibrate --cloud-share 0.3 --config hearthgate.toml deploy/labelled.jsonl
  hearthgate calibrate --quality 0.95 --svg curve.svg labelled.jsonl
  hearthgate calibrate --recovered 0.8 --policy new.toml labelled.jsonl
  hearthgate calibrate --budget-usd 5 --out difficulty.toml labelled.jsonl
  hearthgate calibrate --budget-usd-per-month 200 --requests-per-month 50000 --json labelled.jsonl
  hearthgate calibrate --table qwen3-4b labelled.jsonl
  hearthgate calibrate --ask prompts.jsonl --cost-max 2 --quality 0.95 labelled.jsonl

Every line needs `local` and `cloud`. Every prompt is decided as if it were easy, moderate and hard, so what privacy keeps at
home is counted as it is. What is printed is a `[difficulty]` section to be put into the policy. `moderate` keeps the ratio to
`hard` that it has in the policy (0.35 to 0.6 unless it says otherwise). Where a `calibration` of the device model is known to
which a prompt falls, thresholds are of its chance to fail, else of the score.

--table prints a `calibration` to be put under the model's `[[model]]`: points of score and chance, never falling. Prompts of
neighbouring scores are pooled until none fails more often than the next. The labels must be that model's.

{ASKING}

Bounds are exact ones of 95 % for each row by itself. Thresholds look better on the prompts that they were chosen by than on
others, so the choice is made again on draws of the prompts, and what it gives to those that a draw left out is told as well.

Exit codes: 0 when the target is met, 1 when it cannot be (the nearest is printed, and --out is not written) or asking had to
stop, 64 for a file, configuration or policy that cannot be used, or where there is nothing to choose by."
    )
}

#[derive(Args)]
#[command(group(ArgGroup::new("target").required(true).args([
    "cloud_share",
    "quality",
    "recovered",
    "budget_usd",
    "budget_usd_per_request",
    "budget_usd_per_month",
    "table",
])))]
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
    /// Spend at most this per request, on the mean, for the best quality that it buys.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    budget_usd_per_request: Option<f64>,
    /// Spend at most this in a month of so many requests, for the best quality that it buys.
    #[arg(long, value_name = "USD", value_parser = dollars, requires = "requests_per_month")]
    budget_usd_per_month: Option<f64>,
    /// How many requests a month has, for --budget-usd-per-month.
    #[arg(long, value_name = "N", requires = "budget_usd_per_month", value_parser = RangedU64ValueParser::<u32>::new().range(1..))]
    requests_per_month: Option<u32>,
    /// Find no thresholds, but how often this model of the process fails by score: the `calibration` of its `[[model]]`.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["policy", "svg"])]
    table: Option<String>,
    /// Decide by this policy, over the targets of the configuration, instead of by the configuration's own.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Draw the curve into this file; only a drawing is written over.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the section into this file instead of printing it; only a file that this command wrote is written over.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print all of it as one JSON object.
    #[arg(long)]
    json: bool,
    /// Draws by which the choice is made again.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = RangedU64ValueParser::<u32>::new().range(100..=100_000))]
    resamples: u32,
    /// What the draws come from: the same seed gives the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    asking: ask::Options,
    /// Labelled prompts, one JSON object per line; with --ask, where they are written as they are asked.
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

/// A target, in the words in which it was asked for.
struct Wanted {
    target: Target,
    /// The option's name, without the dashes.
    option: &'static str,
    /// Its value, as it was given.
    value: f64,
    /// How many requests a month has, where that was told.
    requests: Option<u32>,
}

impl Wanted {
    /// As on the command line.
    fn in_words(&self) -> String {
        let requests = self.requests.map(|count| format!(" --requests-per-month {count}"));
        format!("--{} {}{}", self.option, self.value, requests.unwrap_or_default())
    }
}

impl Arguments {
    fn wanted(&self) -> Wanted {
        let of = |option, value: Option<f64>, target: fn(f64) -> Target| {
            value.map(|value| Wanted { target: target(value), option, value, requests: None })
        };
        let per_month = || {
            let (value, requests) = self.budget_usd_per_month.zip(self.requests_per_month)?;
            let target = Target::BudgetUsd(1000.0 * value / f64::from(requests));
            Some(Wanted { target, option: "budget-usd-per-month", value, requests: Some(requests) })
        };
        let per_request = |usd: f64| Target::BudgetUsd(1000.0 * usd);
        // The command line has exactly one of them.
        of("cloud-share", self.cloud_share, Target::CloudShare)
            .or_else(|| of("quality", self.quality, Target::Quality))
            .or_else(|| of("recovered", self.recovered, Target::Recovered))
            .or_else(|| of("budget-usd-per-request", self.budget_usd_per_request, per_request))
            .or_else(per_month)
            .unwrap_or_else(|| {
                let value = self.budget_usd.unwrap_or_default();
                Wanted { target: Target::BudgetUsd(value), option: "budget-usd", value, requests: None }
            })
    }
}

/// Has both models asked where that is wanted, chooses the thresholds or makes the table, and tells what comes of it.
pub(super) fn run(config_file: Option<&Path>, arguments: &Arguments) -> Ended {
    for (path, sign) in [(&arguments.out, told::SIGN), (&arguments.svg, svg::SIGN)] {
        path.as_deref().map_or(Ok(()), |path| ours(path, sign))?;
    }
    let config = Config::load_unproved(config_file, &Env::process())?;
    let model = arguments.table.as_deref().map(|name| table::model(&config, name)).transpose()?;
    let asked = ask::run(config_file, &config, &arguments.asking, &arguments.file)?;
    let graded = if model.is_some() { Graded::Local } else { Graded::Both };
    let lines = labelled::read(&arguments.file, &config, graded)?;
    let output = Output { out: arguments.out.as_deref(), json: arguments.json, asked };
    match model {
        Some(model) => table::run(&model, &arguments.file, &lines, &output),
        None => thresholds(&config, arguments, &lines, &output),
    }
}

/// Where what is found goes.
struct Output<'a> {
    out: Option<&'a Path>,
    json: bool,
    /// What came of asking, where that was wanted.
    asked: Option<ask::Asked>,
}

fn thresholds(config: &Config, arguments: &Arguments, lines: &[Line], output: &Output<'_>) -> Ended {
    let Arguments { file, resamples, seed, .. } = arguments;
    let policy = match &arguments.policy {
        Some(path) => super::policy::load(config, path)?,
        None => Policy::clone(&config.policy),
    };
    labelled::warn_of_what_is_not_played(&policy);
    let hopeless = |why: Hopeless| {
        let lacking = (why == Hopeless::NoCosts).then(|| told::lacking(file, lines)).flatten();
        CliError::Unusable(lacking.unwrap_or_else(|| format!("`{}`: {why}", file.display())))
    };
    let prompts = prompts(&policy, file, lines)?;
    let (wanted, ratio) = (arguments.wanted(), ratio(policy.thresholds()));
    let curve = Curve::of(prompts.clone(), ratio).map_err(hopeless)?;
    let chosen = curve.choose(wanted.target).map_err(hopeless)?;
    let Some(point) = curve.points.get(chosen.index) else {
        return Err(CliError::Failed("no threshold was chosen".to_owned()));
    };
    let section = told::section(&wanted, chosen.met, point, prompts.len());
    let left_out = left_out(&prompts, ratio, wanted.target, *resamples, *seed);
    let mut out = io::stdout().lock();
    if output.json {
        let told = json::Told { wanted: &wanted, curve: &curve, chosen, point, left_out, section: &section };
        writeln!(out, "{}", told.to_json(arguments, prompts.len(), output.asked.as_ref()))?;
    } else {
        output.asked.as_ref().map_or(Ok(()), |asked| asked.write(&mut out))?;
        writeln!(out, "{}: {} prompts\n", file.display(), prompts.len())?;
        told::table(&curve, chosen.index, &mut out)?;
        told::left_out(left_out, *resamples, *seed, &mut out)?;
    }
    if let Some(path) = &arguments.svg {
        write(path, &svg::draw(&curve, chosen.index))?;
    }
    match output.out {
        Some(path) if chosen.met => write(path, &section)?,
        _ if output.json => {}
        _ => write!(out, "\n{section}")?,
    }
    if chosen.met {
        return Ok(ExitCode::SUCCESS);
    }
    Err(CliError::Failed(told::unmet(&wanted, point, &curve)))
}

/// Every prompt with where it goes by its band.
fn prompts(policy: &Policy, file: &Path, lines: &[Line]) -> Result<Vec<Prompt>, CliError> {
    let policy = |band| {
        let (moderate, hard) = as_if(band);
        labelled::with_bands(policy, moderate, hard)
    };
    let [easy, moderate, hard] = Band::ALL;
    let (easy, moderate, hard) = (policy(easy)?, policy(moderate)?, policy(hard)?);
    let prompt = |Line { number, request, label, .. }: &Line| {
        let lacking = || {
            let lacks = "`local` and `cloud` are missing, and thresholds are chosen by them";
            CliError::Unusable(format!("`{}`, line {number}: {lacks}", file.display()))
        };
        let right = label.right.ok_or_else(lacking)?;
        let decide = |policy| labelled::decide(policy, request.clone());
        let (easy, moderate, hard) = (decide(&easy), decide(&moderate), decide(&hard));
        let places = [easy.place, moderate.place, hard.place];
        Ok(Prompt { right, costs: label.costs, score: hard.measure, places })
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
