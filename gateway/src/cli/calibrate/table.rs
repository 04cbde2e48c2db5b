//! `calibrate --table`: how often a model of this process fails, by how hard the demand is.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use hearthgate_rules::difficulty;
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Target;

use super::super::{CliError, Ended};
use super::told::{SIGN, percent};
use super::{Output, json, write};
use crate::calibrate::isotonic::{Outcome, Pool, pools};
use crate::cli::labelled::Line;
use crate::config::Config;

/// The target of a model of the configuration, by its name or its target's.
pub(super) fn model(config: &Config, name: &str) -> Result<String, CliError> {
    let plain = name.strip_prefix("device/").unwrap_or(name);
    let models = || config.models.iter().filter(|model| !model.embeddings).map(|model| model.name.as_str());
    if models().any(|known| known == plain) {
        return Ok(Target::device(plain).name().to_owned());
    }
    let mend = did_you_mean(plain, models());
    Err(CliError::Unusable(format!("no `[[model]]` of the configuration answers chats as `{plain}`{mend}")))
}

/// Makes the table, and tells it.
pub(super) fn run(model: &str, file: &Path, lines: &[Line], output: &Output<'_>) -> Ended {
    let outcomes = outcomes(model, file, lines)?;
    let pools =
        pools(&outcomes).map_err(|error| CliError::Unusable(format!("`{}`: {error}", file.display())))?;
    let section = section(model, outcomes.len(), &pools);
    let mut out = io::stdout().lock();
    if output.json {
        let told = json::table(model, outcomes.len(), &pools, &section, output.asked.as_ref());
        writeln!(out, "{told}")?;
    } else {
        output.asked.as_ref().map_or(Ok(()), |asked| asked.write(&mut out))?;
        writeln!(out, "{}: {} prompts, answered by {model}\n", file.display(), outcomes.len())?;
        rows(&pools, &mut out)?;
    }
    match output.out {
        Some(path) => write(path, &section)?,
        None if output.json => {}
        None => write!(out, "\n{section}")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn outcomes(model: &str, file: &Path, lines: &[Line]) -> Result<Vec<Outcome>, CliError> {
    let mut outcomes = Vec::new();
    for line in lines {
        if let Some(other) = line.local_target.as_deref().filter(|name| *name != model) {
            let why = format!("the local answer is of `{other}`, not of `{model}`");
            return Err(CliError::Unusable(format!("`{}`, line {}: {why}", file.display(), line.number)));
        }
        let of = |local: f64| Outcome { score: difficulty::score(&line.request), failed: 1.0 - local };
        outcomes.extend(line.local.map(of));
    }
    Ok(outcomes)
}

fn rows(pools: &[Pool], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  {:<16}{:>8}{:>9}{:>9}   95 % bounds", "scores", "prompts", "failed", "chance")?;
    for pool in pools {
        let scores = format!("{:.3} to {:.3}", pool.from, pool.to);
        let (low, high) = (percent(pool.within.0), percent(pool.within.1));
        let (prompts, chance) = (pool.prompts, percent(f64::from(pool.chance)));
        writeln!(out, "  {scores:<16}{prompts:>8.0}{:>9.1}{chance:>9}   {low} to {high}", pool.failed)?;
    }
    Ok(())
}

/// A line that a `[[model]]` accepts, with where it comes from.
fn section(model: &str, prompts: usize, pools: &[Pool]) -> String {
    let points = pools.iter().map(|pool| format!("[{:?}, {:?}]", pool.score, pool.chance));
    let points = points.collect::<Vec<_>>().join(", ");
    let name = model.strip_prefix("device/").unwrap_or(model);
    format!(
        "{SIGN} --table {name}`, of {prompts} prompts. Put it under the `[[model]]` of that name.
calibration = [{points}]
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Vec<Pool> {
        let of = |score, right, wrong: u8| {
            let failed = move |failed| move |_| Outcome { score, failed };
            (0..right).map(failed(0.0)).chain((0..wrong).map(failed(1.0))).collect::<Vec<_>>()
        };
        pools(&[of(0.2, 18, 2), of(0.7, 5, 15)].concat()).unwrap()
    }

    #[test]
    fn rows_and_section_are_told_letter_by_letter() {
        let mut out = Vec::new();
        rows(&two(), &mut out).unwrap();
        let expected = "  scores           prompts   failed   chance   95 % bounds
  0.200 to 0.200        20      2.0   11.9 %   1.2 % to 31.7 %
  0.700 to 0.700        20     15.0   73.8 %   50.9 % to 91.3 %
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let expected = "# Made by `hearthgate calibrate --table small`, of 40 prompts. Put it under the `[[model]]` of that name.
calibration = [[0.2, 0.119], [0.7, 0.738]]
";
        assert_eq!(section("device/small", 40, &two()), expected);
    }
}
