//! How good a policy's bands are, and where they should begin: arithmetic over labelled prompts.
//!
//! Each prompt comes with what two models made of it, one at home and one in the cloud. Nothing here reads a file, asks
//! a model or knows a prompt's text.

pub mod bootstrap;
pub mod curve;
pub mod figures;
pub mod svg;

use hearthgate_rules::difficulty::Band;

/// What the two models made of a prompt, and what a person thought of it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Label {
    /// How right the local model's answer was, in 0..1.
    pub local: f64,
    /// How right the cloud model's answer was, in 0..1.
    pub cloud: f64,
    /// What the local answer cost, where that is known.
    pub local_cost_usd: Option<f64>,
    /// What the cloud's answer cost, where that is known.
    pub cloud_cost_usd: Option<f64>,
    /// The band that a person gave.
    pub band: Option<Band>,
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

impl Label {
    /// How right the answer is that comes from there; one that is refused has none, so it is 0.
    fn quality(&self, place: Place) -> f64 {
        match place {
            Place::Cloud => self.cloud,
            Place::Home | Place::KeptHome => self.local,
            Place::Refused => 0.0,
        }
    }

    /// What that answer costs; none where that is not known, which is never taken for nothing.
    fn cost_usd(&self, place: Place) -> Option<f64> {
        match place {
            Place::Cloud => self.cloud_cost_usd,
            Place::Home | Place::KeptHome => self.local_cost_usd,
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
