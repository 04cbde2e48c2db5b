//! Figures that are sums over prompts, whatever their order.

use hearthgate_rules::difficulty::Band;

use super::{Amount, Decided, Figure, Strategy, easy_sent_out, hard_kept_home};
use crate::calibrate::{Place, recovered};

/// Sums over prompts, each times its weight.
#[derive(Default)]
pub(super) struct Sums {
    prompts: f64,
    judged: [f64; 3],
    cloud: f64,
    kept: f64,
    refused: f64,
    /// Prompts whose outcomes are known.
    outcomes: f64,
    /// By strategy, of those.
    quality: [f64; 3],
    /// By strategy.
    cost_usd: [f64; 3],
    /// By strategy: prompts whose cost is missing.
    unpriced: [f64; 3],
    said: f64,
    agreed: f64,
    said_hard: f64,
    /// Those that are answered and may leave.
    said_hard_free: f64,
    hard_judged_easy: f64,
    hard_kept_home: f64,
    said_easy: f64,
    easy_judged_hard: f64,
    easy_sent_out: f64,
}

impl Sums {
    pub(super) fn add(&mut self, prompt: &Decided, weight: f64) {
        self.prompts += weight;
        for (sum, known) in self.judged.iter_mut().zip(Band::ALL) {
            *sum += if known == prompt.band { weight } else { 0.0 };
        }
        match prompt.place {
            Place::Cloud => self.cloud += weight,
            Place::KeptHome => self.kept += weight,
            Place::Refused => self.refused += weight,
            Place::Home => {}
        }
        self.add_outcomes(prompt, weight);
        self.add_band(prompt, weight);
    }

    fn add_outcomes(&mut self, prompt: &Decided, weight: f64) {
        let places = [prompt.place, Place::Home, Place::Cloud];
        if let Some(right) = prompt.label.right {
            self.outcomes += weight;
            for (sum, place) in self.quality.iter_mut().zip(places) {
                *sum += weight * right.at(place);
            }
        }
        for ((sum, unpriced), place) in self.cost_usd.iter_mut().zip(&mut self.unpriced).zip(places) {
            match prompt.label.costs.at(place) {
                Some(cost) => *sum += weight * cost,
                None => *unpriced += weight,
            }
        }
    }

    fn add_band(&mut self, prompt: &Decided, weight: f64) {
        let Some(said) = prompt.label.band else { return };
        let counted = |counts: bool| if counts { weight } else { 0.0 };
        let judged = prompt.band;
        self.said += weight;
        self.agreed += counted(said == judged);
        self.said_hard += counted(said == Band::Hard);
        self.said_hard_free +=
            counted(said == Band::Hard && prompt.may_leave && prompt.place != Place::Refused);
        self.hard_judged_easy += counted(said == Band::Hard && judged == Band::Easy);
        self.hard_kept_home += counted(hard_kept_home(prompt));
        self.said_easy += counted(said == Band::Easy);
        self.easy_judged_hard += counted(said == Band::Easy && judged == Band::Hard);
        self.easy_sent_out += counted(easy_sent_out(prompt));
    }

    pub(super) fn figure(&self, figure: Figure) -> Option<Amount> {
        match figure {
            Figure::Share(band) => share(by(self.judged, band), self.prompts),
            Figure::SentToCloud => share(self.cloud, self.prompts),
            Figure::KeptHome => share(self.kept, self.prompts),
            Figure::Refused => share(self.refused, self.prompts),
            Figure::Quality(strategy) => share(of(self.quality, strategy), self.outcomes),
            Figure::Recovered => self.recovered(),
            Figure::CostPerThousand(strategy) => self.cost(strategy),
            Figure::Area | Figure::Ranking => None,
            Figure::Agreement => share(self.agreed, self.said),
            Figure::HardJudgedEasy => share(self.hard_judged_easy, self.said_hard),
            Figure::EasyJudgedHard => share(self.easy_judged_hard, self.said_easy),
            Figure::HardKeptHome => share(self.hard_kept_home, self.said_hard_free),
            Figure::EasySentOut => share(self.easy_sent_out, self.said_easy),
        }
    }

    fn recovered(&self) -> Option<Amount> {
        let [policy, local, cloud] = self.quality.map(|sum| ratio(sum, self.outcomes));
        Some(Amount { value: recovered(policy?, local?, cloud?)?, mean_of: None })
    }

    fn cost(&self, strategy: Strategy) -> Option<Amount> {
        // Weights are whole, so half of one is none.
        let known = of(self.unpriced, strategy) < 0.5;
        let mean = ratio(of(self.cost_usd, strategy), self.prompts).filter(|_| known)?;
        Some(Amount { value: 1000.0 * mean, mean_of: None })
    }
}

fn share(part: f64, whole: f64) -> Option<Amount> {
    Some(Amount { value: ratio(part, whole)?, mean_of: Some(whole) })
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn of<T>([policy, local, cloud]: [T; 3], strategy: Strategy) -> T {
    match strategy {
        Strategy::Policy => policy,
        Strategy::Local => local,
        Strategy::Cloud => cloud,
    }
}

fn by([easy, moderate, hard]: [f64; 3], band: Band) -> f64 {
    match band {
        Band::Easy => easy,
        Band::Moderate => moderate,
        Band::Hard => hard,
    }
}
