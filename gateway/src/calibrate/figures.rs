//! The figures of a policy over labelled prompts.

use std::cmp::Ordering;

use hearthgate_rules::difficulty::Band;

use super::{GAP_MIN, Label, Place, recovered};

/// A prompt as a policy judged and decided it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Decided {
    /// What is known of it.
    pub label: Label,
    /// How hard it is, in 0..1.
    pub score: f32,
    /// The band of the score.
    pub band: Band,
    /// Where it goes.
    pub place: Place,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Figure {
    /// The share that is judged easy, moderate or hard.
    Share(Band),
    /// The share that goes to the cloud.
    SentToCloud,
    /// The share that privacy keeps at home.
    KeptHome,
    /// The share that is refused.
    Refused,
    /// The mean quality of the answers.
    Quality(Strategy),
    /// (policy − local) / (cloud − local) of the qualities: the performance gap recovered of RouteLLM (Ong et al. 2024).
    Recovered,
    /// What a thousand requests cost.
    CostPerThousand(Strategy),
    /// The area under the curve of the gap recovered over the share sent, the hardest first: 0.5 for a random order,
    /// prompts of equal score in the mean of all their orders.
    Area,
    /// The share of prompts with a person's band that are judged to be in it.
    Agreement,
    /// The share of a person's hard prompts that are judged easy.
    HardJudgedEasy,
    /// The share of a person's easy prompts that are judged hard.
    EasyJudgedHard,
}

/// Who answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// Whom the policy chooses.
    Policy,
    /// The local model, always.
    Local,
    /// The cloud's model, always.
    Cloud,
}

impl Figure {
    /// Every figure, in the order in which they are told.
    pub const ALL: [Self; 17] = [
        Self::Share(Band::Easy),
        Self::Share(Band::Moderate),
        Self::Share(Band::Hard),
        Self::SentToCloud,
        Self::KeptHome,
        Self::Refused,
        Self::Quality(Strategy::Policy),
        Self::Quality(Strategy::Local),
        Self::Quality(Strategy::Cloud),
        Self::Recovered,
        Self::CostPerThousand(Strategy::Policy),
        Self::CostPerThousand(Strategy::Local),
        Self::CostPerThousand(Strategy::Cloud),
        Self::Area,
        Self::Agreement,
        Self::HardJudgedEasy,
        Self::EasyJudgedHard,
    ];
}

/// The order that [`measure`] wants: the hardest first.
#[must_use]
pub fn hardest_first(a: &Decided, b: &Decided) -> Ordering {
    b.score.total_cmp(&a.score)
}

/// Measures [`Figure::ALL`], each prompt counted as often as its weight says; none where a figure means nothing: nothing is
/// counted, a cost is missing, or there is no gap to recover.
///
/// The prompts are sorted, and there is a weight for each.
#[must_use]
pub fn measure(decided: &[Decided], weights: &[u32]) -> [Option<f64>; Figure::ALL.len()] {
    let mut sums = Sums::default();
    for (prompt, weight) in decided.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
        sums.add(prompt, f64::from(*weight));
    }
    Figure::ALL.map(|figure| match figure {
        Figure::Area => area(decided, weights, &sums),
        other => sums.figure(other),
    })
}

/// Sums over prompts, each times its weight.
struct Sums {
    prompts: f64,
    judged: [f64; 3],
    cloud: f64,
    kept: f64,
    refused: f64,
    /// By strategy.
    quality: [f64; 3],
    /// By strategy; none once one is missing.
    cost_usd: [Option<f64>; 3],
    said: f64,
    agreed: f64,
    said_hard: f64,
    said_easy: f64,
    hard_judged_easy: f64,
    easy_judged_hard: f64,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            prompts: 0.0,
            judged: [0.0; 3],
            cloud: 0.0,
            kept: 0.0,
            refused: 0.0,
            quality: [0.0; 3],
            cost_usd: [Some(0.0); 3],
            said: 0.0,
            agreed: 0.0,
            said_hard: 0.0,
            said_easy: 0.0,
            hard_judged_easy: 0.0,
            easy_judged_hard: 0.0,
        }
    }
}

impl Sums {
    fn add(&mut self, prompt: &Decided, weight: f64) {
        let Decided { label, band, place, .. } = prompt;
        self.prompts += weight;
        for (sum, known) in self.judged.iter_mut().zip(Band::ALL) {
            *sum += if known == *band { weight } else { 0.0 };
        }
        match place {
            Place::Cloud => self.cloud += weight,
            Place::KeptHome => self.kept += weight,
            Place::Refused => self.refused += weight,
            Place::Home => {}
        }
        let places = [*place, Place::Home, Place::Cloud];
        for ((quality, cost), place) in self.quality.iter_mut().zip(&mut self.cost_usd).zip(places) {
            *quality += weight * label.quality(place);
            *cost = cost.zip(label.cost_usd(place)).map(|(sum, cost)| sum + weight * cost);
        }
        let Some(said) = label.band else { return };
        self.said += weight;
        self.agreed += if said == *band { weight } else { 0.0 };
        match (said, *band) {
            (Band::Hard, judged) => {
                self.said_hard += weight;
                self.hard_judged_easy += if judged == Band::Easy { weight } else { 0.0 };
            }
            (Band::Easy, judged) => {
                self.said_easy += weight;
                self.easy_judged_hard += if judged == Band::Hard { weight } else { 0.0 };
            }
            (Band::Moderate, _) => {}
        }
    }

    fn figure(&self, figure: Figure) -> Option<f64> {
        let [policy, local, cloud] = self.quality;
        match figure {
            Figure::Share(band) => ratio(by(self.judged, band), self.prompts),
            Figure::SentToCloud => ratio(self.cloud, self.prompts),
            Figure::KeptHome => ratio(self.kept, self.prompts),
            Figure::Refused => ratio(self.refused, self.prompts),
            Figure::Quality(strategy) => ratio(of(self.quality, strategy), self.prompts),
            Figure::Recovered => {
                let mean = |sum| ratio(sum, self.prompts);
                recovered(mean(policy)?, mean(local)?, mean(cloud)?)
            }
            Figure::CostPerThousand(strategy) => ratio(1000.0 * of(self.cost_usd, strategy)?, self.prompts),
            Figure::Area => None,
            Figure::Agreement => ratio(self.agreed, self.said),
            Figure::HardJudgedEasy => ratio(self.hard_judged_easy, self.said_hard),
            Figure::EasyJudgedHard => ratio(self.easy_judged_hard, self.said_easy),
        }
    }
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

/// By trapezoids, one per score: a straight line through prompts of equal score is the mean of all their orders.
fn area(decided: &[Decided], weights: &[u32], sums: &Sums) -> Option<f64> {
    let [_, local, cloud] = sums.quality;
    let gain = cloud - local;
    if sums.prompts <= 0.0 || gain / sums.prompts <= GAP_MIN {
        return None;
    }
    let (mut area, mut risen, mut rest, mut weighed) = (0.0, 0.0, decided, weights);
    while let Some(first) = rest.first() {
        let equal = rest.partition_point(|prompt| prompt.score >= first.score);
        let (now, later) = rest.split_at(equal.max(1));
        let (now_weighed, later_weighed) = weighed.split_at(now.len().min(weighed.len()));
        let (mut wide, mut high) = (0.0, 0.0);
        for (prompt, weight) in now.iter().zip(now_weighed) {
            wide += f64::from(*weight);
            high += f64::from(*weight) * (prompt.label.cloud - prompt.label.local);
        }
        area += wide * (risen + high / 2.0);
        risen += high;
        (rest, weighed) = (later, later_weighed);
    }
    Some(area / (sums.prompts * gain))
}

#[cfg(test)]
mod tests;
