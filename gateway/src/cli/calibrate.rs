//! `hearthgate calibrate`: where the bands should begin, for a share, a quality or a budget.
//!
//! It opens no socket and loads no model. It writes the files that it is told to, and changes no policy.

mod told;

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use hearthgate_rules::difficulty::Band;

use super::labelled::{self, FORMAT, Line};
use super::{CliError, Ended};
use crate::calibrate::curve::{Curve, Hopeless, Prompt, Target, as_if, ratio};
use crate::calibrate::svg;
use crate::config::{Config, Env};

pub(super) fn examples() -> String {
    format!(
        "{FORMAT}

Examples:
  hearthgate calibrate --cloud-share 0.3 --config hearthgate.toml deploy/labelled.jsonl
  hearthgate calibrate --quality 0.95 --svg curve.svg labelled.jsonl
  hearthgate calibrate --budget-usd 5 --out difficulty.toml labelled.jsonl

Every prompt is decided as if it were easy, moderate and hard, so what privacy keeps at home is counted as it is. What is
printed is a `[difficulty]` section to be put into the policy. `moderate` keeps the ratio to `hard` that it has in the policy
(0.35 to 0.6 unless it says otherwise). Figures of the prompts that the thresholds were chosen by flatter: look at them with
`hearthgate eval` on others.

Exit codes: 0 when the target is met, 1 when it cannot be (the nearest is printed, and --out is not written), 64 for a
file, configuration or policy that cannot be used, or where there is nothing to choose by."
    )
}

#[derive(Args)]
#[command(group(ArgGroup::new("target").required(true).args(["cloud_share", "quality", "budget_usd"])))]
pub(super) struct Arguments {
    /// Send at most this share of the prompts to the cloud, in 0..1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    cloud_share: Option<f64>,
    /// Recover this share of what the cloud answers better, in 0..1, with as little of the cloud as can be.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    quality: Option<f64>,
    /// Spend at most this per thousand requests, for the best quality that it buys.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    budget_usd: Option<f64>,
    /// Draw the curve into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the section into this file instead of printing it; only a file that this command wrote is written over.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
        // The command line has exactly one of the three.
        share.or(quality).unwrap_or(Target::BudgetUsd(self.budget_usd.unwrap_or_default()))
    }
}

/// Chooses the thresholds, and tells what comes of them.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    if let Some(out) = &arguments.out {
        ours(out)?;
    }
    let config = Config::load_unproved(config, &Env::process())?;
    let lines = labelled::read(&arguments.file, &config)?;
    let count = lines.len();
    let hopeless = |why: Hopeless| {
        let lacking = (why == Hopeless::NoCosts).then(|| told::lacking(&arguments.file, &lines)).flatten();
        CliError::Unusable(lacking.unwrap_or_else(|| format!("`{}`: {why}", arguments.file.display())))
    };
    let prompts = prompts(&config, &lines)?;
    let curve = Curve::of(prompts, ratio(config.policy.thresholds())).map_err(hopeless)?;
    let target = arguments.target();
    let chosen = curve.choose(target).map_err(hopeless)?;
    let Some(point) = curve.points.get(chosen.index) else {
        return Err(CliError::Failed("no threshold was chosen".to_owned()));
    };
    let section = told::section(target, chosen.met, point, count);
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {count} prompts\n", arguments.file.display())?;
    told::table(&curve, chosen.index, &mut out)?;
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
    Err(CliError::Failed(told::unmet(target, point)))
}

/// Every prompt with where it goes by its band.
fn prompts(config: &Config, lines: &[Line]) -> Result<Vec<Prompt>, CliError> {
    let policy = |band| {
        let (moderate, hard) = as_if(band);
        labelled::with_bands(&config.policy, moderate, hard)
    };
    let [easy, moderate, hard] = Band::ALL;
    let (easy, moderate, hard) = (policy(easy)?, policy(moderate)?, policy(hard)?);
    let prompt = |line: &Line| {
        let decide = |policy| labelled::decide(policy, line.request.clone());
        let ((_, easy), (_, moderate), (difficulty, hard)) =
            (decide(&easy), decide(&moderate), decide(&hard));
        Prompt { label: line.label, score: difficulty.score, places: [easy, moderate, hard] }
    };
    Ok(lines.iter().map(prompt).collect())
}

/// Makes sure that nothing of somebody else's is written over.
fn ours(path: &Path) -> Result<(), CliError> {
    let foreign = match fs::read(path) {
        Ok(bytes) => !bytes.is_empty() && !bytes.starts_with(told::SIGN.as_bytes()),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    let why = "is there and was not written by this command; it is left as it is";
    if foreign { Err(CliError::Unusable(format!("`{}` {why}", path.display()))) } else { Ok(()) }
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text)
        .map_err(|error| CliError::Failed(format!("cannot write `{}`: {error}", path.display())))
}
