//! How good a policy's bands are, and where they should begin: arithmetic over labelled prompts.
//!
//! Each prompt comes with what two models made of it, one at home and one in the cloud, with the band that a person gave
//! it, or with both. Nothing here reads a file, asks a model or knows a prompt's text.

pub mod bootstrap;
pub mod curve;
mod draws;
mod exact;
pub mod figures;
pub mod isotonic;
pub mod left_out;
pub mod svg;

use hearthgate_rules::difficulty::Band;

/// An interval of 95 %, both ends included.
pub type Interval = (f64, f64);

/// What is known of a prompt.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Label {
    /// How right the answers were, where both models were asked.
    pub right: Option<Right>,
    /// What the answers cost.
    pub costs: Costs,
    /// The band that a person gave.
    pub band: Option<Band>,
}

/// How right the answers of the two models were, each in 0..1.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Right {
    /// That of the local model.
    pub local: f64,
    /// That of the cloud's model.
    pub cloud: f64,
}

/// What the answers of the two models cost, where that is known.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Costs {
    /// That of the local model.
    pub local_usd: Option<f64>,
    /// That of the cloud's model.
    pub cloud_usd: Option<f64>,
}

/// Where a prompt goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// To a target of the zone `cloud`.
    Cloud,
    /// To a target on the device or the premises.
    Home,
    /// There, because what it holds may not reach the cloud target that its route names.
    KeptHome,
    /// Nowhere: the policy refuses it.
    Refused,
}

impl Right {
    /// How right the answer is that comes from there; one that is refused has none, so it is 0.
    fn at(self, place: Place) -> f64 {
        match place {
            Place::Cloud => self.cloud,
            Place::Home | Place::KeptHome => self.local,
            Place::Refused => 0.0,
        }
    }
}

impl Costs {
    /// What that answer costs; none where that is not known, which is never taken for nothing.
    fn at(self, place: Place) -> Option<f64> {
        match place {
            Place::Cloud => self.cloud_usd,
            Place::Home | Place::KeptHome => self.local_usd,
            Place::Refused => Some(0.0),
        }
    }
}

/// The least difference between all-cloud and all-local quality that counts as a gap: sums of fractions are not exact.
const GAP_MIN: f64 = 1e-9;

/// What share of the way from all-local to all-cloud quality is gone; none where the cloud is no better.
fn recovered(quality: f64, local: f64, cloud: f64) -> Option<f64> {
    let gap = cloud - local;
    (gap > GAP_MIN).then(|| (quality - local) / gap)
}
