//! Choices worked out by hand.

use proptest::prelude::*;

use super::target::Chosen;
use super::*;

const BY_BAND: [Place; 3] = [Place::Home, Place::Home, Place::Cloud];
const KEPT: [Place; 3] = [Place::Home, Place::Home, Place::KeptHome];

fn prompt(score: f32, (local, cloud): (f64, f64), places: [Place; 3]) -> Prompt {
    let costs = Costs { local_usd: Some(0.0), cloud_usd: Some(0.01) };
    Prompt { right: Right { local, cloud }, costs, score, places }
}

/// Four prompts, the third kept at home; the cloud is better at the first two and the last.
fn four() -> Vec<Prompt> {
    vec![
        prompt(0.2, (0.0, 1.0), BY_BAND),
        prompt(0.8, (0.0, 1.0), BY_BAND),
        prompt(0.4, (0.0, 1.0), KEPT),
        prompt(0.6, (1.0, 1.0), BY_BAND),
    ]
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[test]
fn the_curve_has_a_point_for_every_score() {
    let curve = Curve::of(four(), 0.5).unwrap();
    assert!(near(curve.local, 0.25) && near(curve.cloud, 1.0));
    let told: Vec<_> = curve.points.iter().map(|p| (p.hard, p.moderate)).collect();
    assert_eq!(told, [(1.0, 0.5), (0.7, 0.35), (0.5, 0.25), (0.3, 0.15), (0.0, 0.0)]);
    let expected = [(0.0, 0.25, 0.0), (0.25, 0.5, 2.5), (0.5, 0.5, 5.0), (0.5, 0.5, 5.0), (0.75, 0.75, 7.5)];
    for (point, (share, quality, cost)) in curve.points.iter().zip(expected) {
        assert!(near(point.share, share) && near(point.quality, quality), "{point:?}");
        assert!(near(point.cost_usd.unwrap(), cost), "{point:?}");
        assert!(near(point.recovered.unwrap(), (quality - 0.25) / 0.75), "{point:?}");
    }
}

#[test]
fn moderate_prompts_may_go_to_the_cloud_as_well() {
    let places = [Place::Home, Place::Cloud, Place::Cloud];
    let prompts = vec![prompt(0.9, (0.0, 1.0), places), prompt(0.4, (0.0, 1.0), places)];
    let curve = Curve::of(prompts, 0.5).unwrap();
    let told: Vec<_> = curve.points.iter().map(|point| (point.hard, point.share)).collect();
    // Hard from 1 on, moderate from 0.5 on: one is moderate; from 0.65 and 0.325 on both are at least that.
    assert_eq!(told, [(1.0, 0.5), (0.65, 1.0), (0.0, 1.0)]);
}

#[test]
fn each_target_takes_the_choice_that_suits_it() {
    let curve = Curve::of(four(), 0.5).unwrap();
    let chosen = |target| curve.choose(target).unwrap();
    assert_eq!(chosen(Target::CloudShare(0.3)), Chosen { index: 1, met: true });
    assert_eq!(chosen(Target::CloudShare(0.5)), Chosen { index: 2, met: true });
    assert_eq!(chosen(Target::CloudShare(0.0)), Chosen { index: 0, met: true });
    // A quarter is kept at home.
    assert_eq!(chosen(Target::CloudShare(0.9)), Chosen { index: 4, met: false });
    assert_eq!(chosen(Target::Recovered(0.3)), Chosen { index: 1, met: true });
    assert_eq!(chosen(Target::Recovered(0.6)), Chosen { index: 4, met: true });
    assert_eq!(chosen(Target::Recovered(0.95)), Chosen { index: 4, met: false });
    // All in the cloud are right, so these are qualities as they are.
    assert_eq!(chosen(Target::Quality(0.25)), Chosen { index: 0, met: true });
    assert_eq!(chosen(Target::Quality(0.5)), Chosen { index: 1, met: true });
    assert_eq!(chosen(Target::Quality(0.75)), Chosen { index: 4, met: true });
    assert_eq!(chosen(Target::Quality(0.76)), Chosen { index: 4, met: false });
    // 5 USD buy no more than 2.5.
    assert_eq!(chosen(Target::BudgetUsd(5.0)), Chosen { index: 1, met: true });
    assert_eq!(chosen(Target::BudgetUsd(100.0)), Chosen { index: 4, met: true });
    let dear: Vec<_> = four()
        .into_iter()
        .map(|p| Prompt { costs: Costs { local_usd: Some(1.0), cloud_usd: Some(2.0) }, ..p })
        .collect();
    let dear = Curve::of(dear, 0.5).unwrap().choose(Target::BudgetUsd(1.0)).unwrap();
    assert_eq!(dear, Chosen { index: 0, met: false });
}

#[test]
fn what_cannot_be_told_is_said() {
    assert_eq!(Curve::of(Vec::new(), 0.5), Err(Hopeless::Empty));
    assert_eq!(Curve::of(vec![prompt(0.5, (0.0, 1.0), KEPT)], 0.5), Err(Hopeless::Fixed));
    let no_gap = Curve::of(vec![prompt(0.5, (1.0, 1.0), BY_BAND)], 0.5).unwrap();
    assert_eq!(no_gap.choose(Target::Recovered(0.9)), Err(Hopeless::NoGap));
    assert!(no_gap.choose(Target::CloudShare(1.0)).unwrap().met);
    // What is at home is as good, so nothing has to leave.
    assert_eq!(no_gap.choose(Target::Quality(1.0)), Ok(Chosen { index: 0, met: true }));
    let mut unpriced = four();
    unpriced[1].costs.cloud_usd = None;
    let unpriced = Curve::of(unpriced, 0.5).unwrap();
    assert_eq!(unpriced.choose(Target::BudgetUsd(1.0)), Err(Hopeless::NoCosts));
    assert_eq!(unpriced.points.first().unwrap().cost_usd, Some(0.0));
    assert_eq!(unpriced.points.last().unwrap().cost_usd, None);
}

#[test]
fn thresholds_are_short_decimals_between_scores() {
    assert!((between(0.2, 0.4) - 0.3).abs() < 1e-7);
    assert_eq!(between(0.123_456, 0.123_47).to_string(), "0.12346");
    let (low, high) = (0.5_f32, 0.5_f32.next_up());
    assert_eq!(between(low, high), high);
    // A score of 1 is always hard.
    assert_eq!(thresholds(&[prompt(1.0, (0.0, 1.0), BY_BAND)]), [0.0]);
}

proptest! {
    #[test]
    fn thresholds_fall_as_the_share_rises(
        scores in proptest::collection::vec(0.0_f32..=1.0, 2..60),
        kept in proptest::collection::vec(any::<bool>(), 60),
        ratio in 0.0_f32..=1.0,
    ) {
        let prompts: Vec<_> = scores.iter().zip(&kept)
            .map(|(score, kept)| prompt(*score, (0.0, 1.0), if *kept { KEPT } else { BY_BAND })).collect();
        let Ok(curve) = Curve::of(prompts.clone(), ratio) else { return Ok(()) };
        for pair in curve.points.windows(2) {
            prop_assert!(pair[0].hard > pair[1].hard && pair[0].share <= pair[1].share + 1e-9);
        }
        for point in &curve.points {
            // What the policy's own bands say.
            let bands = Thresholds::new(point.moderate, point.hard).unwrap();
            let place = |p: &Prompt| match bands.band(p.score) {
                Band::Easy => p.places[0],
                Band::Moderate => p.places[1],
                Band::Hard => p.places[2],
            };
            let sent = prompts.iter().filter(|prompt| place(prompt) == Place::Cloud).count();
            prop_assert!(near(point.share, sent as f64 / prompts.len() as f64));
            // One prompt at a time or by sums over the sorted: the same comes of it.
            let (alone, cloud) = Point::at((point.moderate, point.hard), &prompts).unwrap();
            prop_assert!(near(alone.share, point.share) && near(alone.quality, point.quality));
            prop_assert!(near(cloud, curve.cloud));
        }
        let mut last = f32::INFINITY;
        for step in 0..=20_u8 {
            let chosen = curve.choose(Target::CloudShare(f64::from(step) / 20.0)).unwrap();
            let point = curve.points[chosen.index];
            prop_assert!(point.hard <= last);
            last = point.hard;
        }
    }
}
