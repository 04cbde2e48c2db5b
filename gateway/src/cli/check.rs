//! `hearthgate check`: what the policy decides, and that what it promises holds.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use hearthgate_rules::policy::table;
use hearthgate_rules::prove::{Outcome, Proof};
use hearthgate_rules::target::Zone;

use super::{Ended, load};
use crate::config::{Budget, Budgets, Calibrated, Config, ConfigError, Told, Workflow};
use crate::dialect::openai;
use crate::price::Prices;
use crate::serve::EXIT_CONFIG;

/// Prints the table and the proof, or the case that breaks it.
pub(super) fn run(config: Option<&Path>) -> Ended {
    let mut out = io::stdout().lock();
    match load(config) {
        Ok(config) => {
            good(&config, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(super::CliError::Config(ConfigError::Unproved { policy, proof })) => {
            bad(&policy, &proof, &mut out)?;
            Ok(ExitCode::from(EXIT_CONFIG))
        }
        Err(error) => Err(error),
    }
}

fn good(config: &Config, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", table::table(&config.policy).trim_end())?;
    known(config, out)?;
    calibrated(config, out)?;
    workflows(config, out)?;
    spending(config, out)?;
    writeln!(out, "\nwhat holds, whatever the request ({} predicates)", config.proof.atoms)?;
    for statement in &config.proof.statements {
        writeln!(out, "  {}", statement.text)?;
    }
    if !config.warnings.is_empty() {
        writeln!(out, "\nwarnings")?;
        config.warnings.iter().try_for_each(|warning| writeln!(out, "  {warning}"))?;
    }
    if !config.proof.notes.is_empty() {
        writeln!(out, "\ngood to know")?;
        config.proof.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    }
    writeln!(out, "\nthe configuration is good")
}

/// What is known of each target's price and window, and who says so.
fn known(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let told = |told: &Told| match told {
        Told::Site => "as configured".to_owned(),
        Told::Provider { source, as_of } => format!("as of {as_of}: {source}"),
    };
    writeln!(out, "\nprices in USD per million tokens, and windows in tokens")?;
    for target in config.policy.catalogue().iter() {
        let price = config.prices.iter().find(|price| price.target == target.name());
        let price = price.map_or("price unknown".to_owned(), |price| {
            let long = price.rate.long.map(|(above, long)| format!(", above {above} tokens {}", shown(long)));
            format!("{}{} ({})", shown(price.rate.usual), long.unwrap_or_default(), told(&price.told))
        });
        let window = config.windows.iter().find(|window| window.target == target.name());
        let window = match window {
            Some(window) => format!("reads {} ({})", window.context_tokens, told(&window.told)),
            None if target.zone() == Zone::Device => "reads what its `[[model]]` says".to_owned(),
            None => "window unknown".to_owned(),
        };
        writeln!(out, "  {}: {price}; {window}", target.name())?;
    }
    Ok(())
}

/// By whose chance to fail the bands are cut, and who says so.
fn calibrated(config: &Config, out: &mut impl Write) -> io::Result<()> {
    if config.calibrations.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nhow often models fail, by score: what falls to one of these has the band of that chance"
    )?;
    for Calibrated { target, calibration, source } in &config.calibrations {
        let points = calibration.points().iter().map(|(score, chance)| format!("{chance} at {score}"));
        let told =
            source.as_ref().map_or("as configured".to_owned(), |source| format!("as measured: {source}"));
        writeln!(out, "  {target}: {} ({told})", points.collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

/// What is known of each workflow, so that a name that one file has and the other does not is seen.
fn workflows(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let asked = &config.policy.sight().workflows;
    let known = |name: &String| config.workflows.iter().any(|workflow| workflow.name == *name);
    let alone: Vec<&str> = asked.iter().filter(|name| !known(name)).map(String::as_str).collect();
    if config.workflows.is_empty() && alone.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nworkflows, as a header or a key names them")?;
    for Workflow { name, label, zone, effort, wish } in &config.workflows {
        let all = [
            zone.map(|zone| format!("no further than {zone}")),
            label.map(|label| format!("at least {}", config.policy.labels().name(label))),
            effort.map(|effort| effort.as_str().to_owned()),
            wish.latency.map(|within| format!("begun within {} ms", within.as_millis())),
            wish.cost_usd.map(|usd| format!("for {} USD at most", openai::usd(usd))),
            asked.contains(name).then(|| "and the policy asks for it".to_owned()),
        ];
        let all: Vec<_> = all.into_iter().flatten().collect();
        let all = if all.is_empty() { "nothing is known of it".to_owned() } else { all.join(", ") };
        writeln!(out, "  {name}: {all}")?;
    }
    if !alone.is_empty() {
        writeln!(out, "  by the policy alone: {}", alone.join(", "))?;
    }
    Ok(())
}

/// What may be spent; nothing where nobody says so.
fn spending(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let Budgets { file, list } = &config.budgets;
    if list.is_empty() {
        return Ok(());
    }
    let kept = file
        .as_ref()
        .map_or("a restart begins anew".to_owned(), |file| format!("kept in {}", file.display()));
    writeln!(out, "\nwhat may be spent, in USD ({kept})")?;
    for Budget { name, caller, workflow, usd, per, low } in list {
        let of = caller.as_deref().map_or("everybody".to_owned(), |caller| format!("caller {caller}"));
        let within =
            workflow.as_deref().map(|workflow| format!(" in workflow {workflow}")).unwrap_or_default();
        let (per, usd, low) = (per.as_str(), openai::usd(*usd), openai::usd(low * usd));
        writeln!(out, "  {name}: {usd} per {per} of {of}{within}; low from {low} left")?;
    }
    Ok(())
}

fn shown(Prices { input, output, cached, written }: Prices) -> String {
    let cached = cached.map(|usd| format!(", {usd} cached")).unwrap_or_default();
    let written = written.map(|usd| format!(", {usd} written to a cache")).unwrap_or_default();
    format!("{input} in, {output} out{cached}{written}")
}

fn bad(policy: &str, proof: &Proof, out: &mut impl Write) -> io::Result<()> {
    for (statement, counterexample) in proof.broken() {
        writeln!(out, "{policy} breaks: {}", statement.text)?;
        writeln!(out, "  {}", counterexample.sentence)?;
        writeln!(out, "  to see it, a line for `hearthgate explain --jsonl`:")?;
        writeln!(out, "{}", counterexample.line)?;
    }
    let holding = proof.statements.iter().filter(|statement| matches!(statement.outcome, Outcome::Holds));
    for statement in holding {
        writeln!(out, "holds: {}", statement.text)?;
    }
    writeln!(out, "\nthe policy is refused: a gateway with it does not start")
}
