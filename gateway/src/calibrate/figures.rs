//! The figures of a policy over labelled prompts.

mod order;
mod sums;

use std::cmp::Ordering;

use hearthgate_rules::difficulty::Band;

use self::sums::Sums;
use super::{Label, Place};

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
    /// Whether what it holds may reach the cloud at all.
    pub may_leave: bool,
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
    /// The mean quality of the answers, of the prompts whose outcomes are known.
    Quality(Strategy),
    /// (policy − local) / (cloud − local) of the qualities: the performance gap recovered of RouteLLM (Ong et al. 2024).
    Recovered,
    /// What a thousand requests cost.
    CostPerThousand(Strategy),
    /// The area under the curve of the gap recovered over the share sent, the hardest first: 0.5 for a random order,
    /// prompts of equal score in the mean of all their orders.
    Area,
    /// How often a prompt that the local model gets wrong scores higher than one that it gets right, equal ones half: the
    /// area under the receiver operating characteristic (Hanley and McNeil 1982). What is half right counts half in each.
    Ranking,
    /// The share of prompts with a person's band that are judged to be in it.
    Agreement,
    /// The share of a person's hard prompts that are judged easy.
    HardJudgedEasy,
    /// The share of a person's easy prompts that are judged hard.
    EasyJudgedHard,
    /// The share of a person's hard prompts that are answered at home, of those that are answered and may leave.
    HardKeptHome,
    /// The share of a person's easy prompts that go to the cloud.
    EasySentOut,
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
    pub const ALL: [Self; 20] = [
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
        Self::Ranking,
        Self::Agreement,
        Self::HardJudgedEasy,
        Self::EasyJudgedHard,
        Self::HardKeptHome,
        Self::EasySentOut,
    ];
}

/// How much a figure is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Amount {
    /// How much.
    pub value: f64,
    /// Of how many prompts it is the mean, where each adds between 0 and 1; none where it is no such mean.
    pub mean_of: Option<f64>,
}

/// A person's hard prompt that may leave and is answered at home.
#[must_use]
pub fn hard_kept_home(prompt: &Decided) -> bool {
    prompt.label.band == Some(Band::Hard)
        && prompt.may_leave
        && matches!(prompt.place, Place::Home | Place::KeptHome)
}

/// A person's easy prompt that goes to the cloud.
#[must_use]
pub fn easy_sent_out(prompt: &Decided) -> bool {
    prompt.label.band == Some(Band::Easy) && prompt.place == Place::Cloud
}

/// How many prompts of each band that a person gave are judged to be in each, easy first; none where no person did.
#[must_use]
pub fn confusion(decided: &[Decided]) -> Option<[[usize; 3]; 3]> {
    let count = |said: Band, judged: Band| {
        decided.iter().filter(|prompt| prompt.label.band == Some(said) && prompt.band == judged).count()
    };
    let known = decided.iter().any(|prompt| prompt.label.band.is_some());
    known.then(|| Band::ALL.map(|said| Band::ALL.map(|judged| count(said, judged))))
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
pub fn measure(decided: &[Decided], weights: &[u32]) -> [Option<Amount>; Figure::ALL.len()] {
    let weighed = || decided.iter().zip(weights).filter(|(_, weight)| **weight > 0);
    let mut sums = Sums::default();
    for (prompt, weight) in weighed() {
        sums.add(prompt, f64::from(*weight));
    }
    let ranks = order::ranks(weighed());
    let alone = |value| Amount { value, mean_of: None };
    Figure::ALL.map(|figure| match figure {
        Figure::Area => ranks.area.map(alone),
        Figure::Ranking => ranks.ranking.map(alone),
        other => sums.figure(other),
    })
}

#[cfg(test)]
mod tests;
