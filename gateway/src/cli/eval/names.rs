//! What the figures are called, in tables, in JSON and on the command line.

use hearthgate_rules::difficulty::Band;

use crate::calibrate::figures::{Figure, Strategy};

/// The figures by the names that bounds and JSON know them by, some to a line.
pub(super) fn figures() -> String {
    let lines: Vec<_> = Figure::ALL
        .chunks(6)
        .map(|line| line.iter().copied().map(key).collect::<Vec<_>>().join(", "))
        .collect();
    format!("Figures:\n  {}", lines.join(",\n  "))
}

/// In JSON and on the command line.
pub(super) fn key(figure: Figure) -> &'static str {
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
        Figure::Ranking => "ranking",
        Figure::Agreement => "agreement",
        Figure::HardJudgedEasy => "hard_judged_easy",
        Figure::EasyJudgedHard => "easy_judged_hard",
        Figure::HardKeptHome => "hard_kept_home",
        Figure::EasySentOut => "easy_sent_out",
    }
}

/// In the table.
pub(super) fn name(figure: Figure) -> &'static str {
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
        Figure::Ranking => "ranking (random order: 0.5)",
        Figure::Agreement => "band as a person gave it",
        Figure::HardJudgedEasy => "a person's hard judged easy",
        Figure::EasyJudgedHard => "a person's easy judged hard",
        Figure::HardKeptHome => "a person's hard kept home",
        Figure::EasySentOut => "a person's easy sent out",
    }
}

/// As a person reads it.
pub(super) fn shown(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Area | Figure::Ranking => format!("{:.3}", rounded(value)),
        Figure::CostPerThousand(_) => format!("{:.4}", rounded(value)),
        _ => format!("{:.1} %", (1000.0 * rounded(value)).round() / 10.0),
    }
}

/// To six decimals.
pub(super) fn rounded(value: f64) -> f64 {
    let rounded = (value * 1e6).round() / 1e6;
    // No minus before a nought.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// Why a figure means nothing. `outcomes`: whether those of any prompt are known.
pub(super) fn why_unknown(figure: Figure, outcomes: bool) -> &'static str {
    match figure {
        Figure::Quality(_) | Figure::Recovered | Figure::Area | Figure::Ranking if !outcomes => {
            "no line gives `local` and `cloud`"
        }
        Figure::Recovered | Figure::Area => {
            "no gap to recover: the cloud answers no better than the local model"
        }
        Figure::Ranking => "the local model gets all of them right, or all of them wrong",
        Figure::CostPerThousand(_) => "a line lacks this cost",
        Figure::Agreement => "no line gives a `band`",
        Figure::HardJudgedEasy => "no line gives the `band` hard",
        Figure::HardKeptHome => "no line that may leave gives the `band` hard",
        Figure::EasyJudgedHard | Figure::EasySentOut => "no line gives the `band` easy",
        _ => "there is no prompt",
    }
}
