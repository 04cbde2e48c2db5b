//! Which model of this process a request falls to, and how likely that one fails: what its band is cut by, where a table for
//! that model is known.
//!
//! The model is the first target of the zone `device` in the permit that the request would have if it were easy; where
//! that has none, if it were moderate, then hard. Everything else is as it is: its label, whom it is from, what it asks for,
//! which targets are down. So a request has one such model before it has a band. Only the band comes of it, and the proof
//! goes over every band for every request, so nothing here can let one out that the proof keeps in.

use std::sync::Arc;

use super::Signals;
use super::choice::{self, Circumstances};
use crate::difficulty::{Band, Chance};
use crate::judge::Judged;
use crate::label::Label;
use crate::policy::{Atom, Policy};
use crate::target::{Target, Zone};

/// How likely the model fails that a request falls to; none where it falls to none, or no table for that one is known.
pub(crate) fn chance(
    policy: &Policy,
    circumstances: &Circumstances<'_>,
    score: f32,
    holds: impl Fn(Band, &Atom) -> bool,
) -> Option<Chance> {
    let calibrated = policy.catalogue().iter().any(|target| target.calibration().is_some());
    let target = calibrated.then(|| model(policy, circumstances, holds)).flatten()?;
    let fails = target.calibration()?.fails(score);
    Some(Chance { target, fails })
}

fn model(
    policy: &Policy,
    circumstances: &Circumstances<'_>,
    holds: impl Fn(Band, &Atom) -> bool,
) -> Option<Arc<Target>> {
    Band::ALL.into_iter().find_map(|band| {
        let circumstances = Circumstances { band, ..*circumstances };
        let choice = choice::choose(policy, &circumstances, |atom| holds(band, atom), &mut Vec::new());
        choice.targets.ok()?.into_iter().find(|target| target.zone() == Zone::Device)
    })
}

impl Judged {
    /// How likely the model fails that this request falls to, at this label.
    pub(super) fn chance(
        &self,
        circumstances: &Circumstances<'_>,
        label: Label,
        signals: &Signals,
    ) -> Option<Chance> {
        let score = self.verdict.difficulty?.score;
        chance(&self.policy, circumstances, score, |band, atom| match atom {
            Atom::Band(asked) => *asked == band,
            Atom::Label(asked) => label == *asked,
            Atom::LabelMin(least) => label >= *least,
            other => self.atom_with(other, signals),
        })
    }
}
