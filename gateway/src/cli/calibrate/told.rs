//! What `calibrate` prints: the curve as a table, and the section for the policy.

use std::io::{self, Write};
use std::path::Path;

use super::Wanted;
use crate::calibrate::curve::{Curve, Point, Target};
use crate::calibrate::left_out::LeftOut;
use crate::cli::labelled::Line;

/// How a file begins that this command wrote.
pub(super) const SIGN: &str = "# Made by `hearthgate calibrate";

/// Rows of the table, the choice aside.
const ROWS_MAX: u32 = 20;

/// The curve, thinned out, with a mark at the choice.
pub(super) fn table(curve: &Curve, chosen: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "  {:>12}{:>10}{:>19}{:>11}{:>11}{:>14}",
        "to the cloud", "quality", "95 % bounds", "recovered", "hard from", "USD per 1000"
    )?;
    for index in rows(curve, chosen) {
        let Some(point) = curve.points.get(index) else { continue };
        let (low, high) = curve.quality_within(point);
        let within = format!("{} to {}", percent(low), percent(high));
        let recovered = point.recovered.map_or("no gap".to_owned(), percent);
        let cost = point.cost_usd.map_or("unknown".to_owned(), |cost| format!("{cost:.4}"));
        let mark = if index == chosen { '>' } else { ' ' };
        let (share, quality, hard) = (percent(point.share), percent(point.quality), point.hard);
        writeln!(out, "{mark} {share:>12}{quality:>10}{within:>19}{recovered:>11}{hard:>11}{cost:>14}")?;
    }
    let (local, cloud) = (percent(curve.local), percent(curve.cloud));
    writeln!(out, "\n  all local: quality {local}; all cloud: quality {cloud}")
}

/// What the choice would have been by other prompts, and what it gives to them.
pub(super) fn left_out(
    told: Option<LeftOut>,
    resamples: u32,
    seed: u64,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(told) = told else {
        return writeln!(
            out,
            "\n  too few prompts to say how sure this is: no draw of them can be chosen by"
        );
    };
    let hard = told.hard.map_or("anywhere: too few draws can be chosen by".to_owned(), |(low, high)| {
        format!("{low:.3} to {high:.3} (95 %)")
    });
    let (share, quality, cloud) = (percent(told.share), percent(told.quality), percent(told.cloud));
    writeln!(out, "\n  chosen anew on {} of {resamples} draws, seed {seed}: hard from {hard}", told.draws)?;
    writeln!(
        out,
        "  on the prompts that a draw left out: {share} to the cloud, quality {quality} (all cloud: {cloud}),"
    )?;
    writeln!(out, "  and what was asked is met in {} of the draws", percent(told.met))
}

/// The points nearest to equal steps of the share between the ends, and the choice.
fn rows(curve: &Curve, chosen: usize) -> Vec<usize> {
    let ends = curve.points.first().zip(curve.points.last());
    let (from, to) = ends.map_or((0.0, 0.0), |(first, last)| (first.share, last.share));
    let nearest = |step: u32| {
        let share = from + (to - from) * f64::from(step) / f64::from(ROWS_MAX);
        let off = |point: &Point| (point.share - share).abs();
        let points = curve.points.iter().enumerate();
        points.min_by(|(_, a), (_, b)| off(a).total_cmp(&off(b))).map(|(index, _)| index)
    };
    let mut rows: Vec<usize> = (0..=ROWS_MAX).filter_map(nearest).chain([chosen]).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

pub(super) fn percent(share: f64) -> String {
    let tenths = (1000.0 * share).round() / 10.0;
    // No minus before a nought.
    format!("{:.1} %", if tenths == 0.0 { 0.0 } else { tenths })
}

/// A section that a policy accepts, with where it comes from.
pub(super) fn section(wanted: &Wanted, met: bool, point: &Point, prompts: usize) -> String {
    let Point { hard, moderate, share, quality, .. } = *point;
    let (share, quality) = (percent(share), percent(quality));
    let (asked, unmet) = (wanted.in_words(), if met { "" } else { " (which cannot be met)" });
    format!(
        "{SIGN} {asked}`{unmet}: of {prompts} prompts {share} go to the cloud, quality {quality}.
[difficulty]
moderate = {moderate:?}
hard = {hard:?}
"
    )
}

/// That a target cannot be met, and what is nearest.
pub(super) fn unmet(wanted: &Wanted, point: &Point, curve: &Curve) -> String {
    let (why, nearest) = match wanted.target {
        Target::CloudShare(share) if point.share < share => {
            ("the policy lets no more of these prompts out", percent(point.share))
        }
        Target::CloudShare(_) => ("the policy sends more at any threshold", percent(point.share)),
        Target::Quality(_) => {
            let kept = format!("{} of {}", percent(point.quality), percent(curve.cloud));
            ("no threshold keeps so much of the quality of the cloud", kept)
        }
        Target::Recovered(_) => {
            ("no threshold recovers so much", point.recovered.map_or("none".to_owned(), percent))
        }
        Target::BudgetUsd(_) => (
            "no threshold costs so little",
            point.cost_usd.map_or("unknown".to_owned(), |cost| format!("{cost:.4} USD per 1000 requests")),
        ),
    };
    format!(
        "`{}` cannot be met: {why}; the nearest is {nearest}, with hard from {}",
        wanted.in_words(),
        point.hard
    )
}

/// Which line lacks a cost, if one does.
pub(super) fn lacking(path: &Path, lines: &[Line]) -> Option<String> {
    let lacks = |line: &&Line| line.label.costs.local_usd.is_none() || line.label.costs.cloud_usd.is_none();
    let line = lines.iter().find(lacks)?;
    let name = if line.label.costs.local_usd.is_none() { "local_cost_usd" } else { "cloud_cost_usd" };
    Some(format!(
        "`{}`, line {}: `{name}` is missing, and a budget needs it on every line",
        path.display(),
        line.number
    ))
}

#[cfg(test)]
mod tests;
