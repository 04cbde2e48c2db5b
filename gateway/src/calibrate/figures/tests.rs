//! Figures worked out by hand.

use super::*;
use crate::calibrate::Right;

/// A prompt of this score, right at home and in the cloud so much, judged and placed so.
fn prompt(score: f32, (local, cloud): (f64, f64), band: Band, place: Place) -> Decided {
    let label = Label { right: Some(Right { local, cloud }), ..Label::default() };
    Decided { label, score, band, place, may_leave: true }
}

fn figure(prompts: &[Decided], figure: Figure) -> Option<f64> {
    let mut sorted = prompts.to_vec();
    sorted.sort_by(hardest_first);
    let index = Figure::ALL.iter().position(|known| *known == figure).unwrap();
    measure(&sorted, &vec![1; prompts.len()])[index].map(|amount| amount.value)
}

fn near(actual: Option<f64>, expected: f64) -> bool {
    actual.is_some_and(|actual| (actual - expected).abs() < 1e-12)
}

const HOME: Place = Place::Home;

#[test]
fn the_area_is_that_of_the_trapezoids() {
    let area = |scored: &[(f32, (f64, f64))]| {
        let prompts: Vec<_> =
            scored.iter().map(|(score, right)| prompt(*score, *right, Band::Easy, HOME)).collect();
        figure(&prompts, Figure::Area)
    };
    let (gains, same) = ((0.0, 1.0), (1.0, 1.0));
    // Through (0, 0), (1/2, 1), (1, 1): 1/4 + 1/2.
    assert!(near(area(&[(0.9, gains), (0.1, same)]), 0.75));
    assert!(near(area(&[(0.1, gains), (0.9, same)]), 0.25));
    // Through (0, 0), (1/4, 1/2), (1/2, 1/2), (3/4, 1), (1, 1): 1/4 × (1/4 + 1/2 + 3/4 + 1).
    assert!(near(area(&[(0.9, gains), (0.8, same), (0.7, gains), (0.6, same)]), 0.625));
    // One that the cloud gets wrong takes back: (0, 0), (1/3, 1), (2/3, 0), (1, 1).
    assert!(near(area(&[(0.9, gains), (0.8, (1.0, 0.0)), (0.7, gains)]), 0.5));
}

#[test]
fn equal_scores_are_averaged_over_their_orders() {
    let area = |scores: [f32; 3]| {
        let right = [(0.0, 1.0), (1.0, 1.0), (0.0, 1.0)];
        let prompts: Vec<_> =
            scores.iter().zip(right).map(|(score, right)| prompt(*score, right, Band::Easy, HOME)).collect();
        figure(&prompts, Figure::Area).unwrap()
    };
    assert!((area([0.5, 0.5, 0.5]) - 0.5).abs() < 1e-12);
    let both = (area([0.9, 0.8, 0.1]) + area([0.8, 0.9, 0.1])) / 2.0;
    assert!((area([0.9, 0.9, 0.1]) - both).abs() < 1e-12);
}

#[test]
fn shares_and_qualities_are_those_of_the_decisions() {
    let prompts = [
        prompt(0.9, (0.0, 1.0), Band::Hard, Place::Cloud),
        prompt(0.8, (0.0, 1.0), Band::Hard, Place::KeptHome),
        prompt(0.4, (1.0, 1.0), Band::Moderate, HOME),
        prompt(0.1, (0.5, 1.0), Band::Easy, Place::Refused),
    ];
    for (what, expected) in [
        (Figure::Share(Band::Easy), 0.25),
        (Figure::Share(Band::Moderate), 0.25),
        (Figure::Share(Band::Hard), 0.5),
        (Figure::SentToCloud, 0.25),
        (Figure::KeptHome, 0.25),
        (Figure::Refused, 0.25),
        (Figure::Quality(Strategy::Policy), 0.5),
        (Figure::Quality(Strategy::Local), 0.375),
        (Figure::Quality(Strategy::Cloud), 1.0),
        (Figure::Recovered, 0.2),
    ] {
        assert!(near(figure(&prompts, what), expected), "{what:?}");
    }
}

#[test]
fn a_cost_that_is_missing_where_it_counts_is_unknown_and_never_nothing() {
    let mut prompts =
        [prompt(0.9, (0.0, 1.0), Band::Hard, Place::Cloud), prompt(0.1, (1.0, 1.0), Band::Easy, HOME)];
    prompts[0].label.costs.cloud_usd = Some(0.03);
    prompts[1].label.costs.local_usd = Some(0.001);
    let cost = |prompts: &[Decided], strategy| figure(prompts, Figure::CostPerThousand(strategy));
    assert!(near(cost(&prompts, Strategy::Policy), 15.5));
    assert_eq!(cost(&prompts, Strategy::Local), None);
    assert_eq!(cost(&prompts, Strategy::Cloud), None);
    prompts[0].label.costs.cloud_usd = None;
    assert_eq!(cost(&prompts, Strategy::Policy), None);
}

#[test]
fn agreement_counts_only_prompts_with_a_persons_band() {
    let said = |judged, said| {
        let mut prompt = prompt(0.5, (0.0, 0.0), judged, HOME);
        prompt.label.band = said;
        prompt
    };
    let (easy, moderate, hard) = (Band::Easy, Band::Moderate, Band::Hard);
    let prompts = [
        said(easy, Some(hard)),
        said(hard, Some(hard)),
        said(moderate, Some(hard)),
        said(hard, Some(easy)),
        said(easy, None),
    ];
    assert!(near(figure(&prompts, Figure::Agreement), 0.25));
    assert!(near(figure(&prompts, Figure::HardJudgedEasy), 1.0 / 3.0));
    assert!(near(figure(&prompts, Figure::EasyJudgedHard), 1.0));
    let nobody = [said(easy, None)];
    assert_eq!(figure(&nobody, Figure::Agreement), None);
    assert_eq!(figure(&nobody, Figure::HardJudgedEasy), None);
}

#[test]
fn without_a_gap_nothing_can_be_recovered() {
    for right in [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0)] {
        let prompts =
            [prompt(0.9, right, Band::Hard, Place::Cloud), prompt(0.1, right, Band::Easy, Place::Home)];
        assert_eq!(figure(&prompts, Figure::Recovered), None);
        assert_eq!(figure(&prompts, Figure::Area), None);
    }
    assert!(measure(&[], &[]).iter().all(Option::is_none));
}

#[test]
fn the_ranking_is_the_share_of_pairs_in_order() {
    let ranking = |scored: &[(f32, f64)]| {
        let prompts: Vec<_> =
            scored.iter().map(|(s, local)| prompt(*s, (*local, 1.0), Band::Easy, HOME)).collect();
        figure(&prompts, Figure::Ranking)
    };
    // Of two wrong and two right ones: three of four pairs in order.
    assert!(near(ranking(&[(0.9, 0.0), (0.5, 1.0), (0.4, 0.0), (0.1, 1.0)]), 0.75));
    assert!(near(ranking(&[(0.9, 0.0), (0.8, 0.0), (0.1, 1.0)]), 1.0));
    assert!(near(ranking(&[(0.9, 1.0), (0.1, 0.0)]), 0.0));
    // A pair of equal score is half in order.
    assert!(near(ranking(&[(0.5, 0.0), (0.5, 1.0)]), 0.5));
    assert!(near(ranking(&[(0.9, 0.0), (0.5, 0.0), (0.5, 1.0)]), 0.75));
    // Half right is half of each, and its halves meet each other once: (0.5 × (1 + 0.5 / 2) + 1 × 1.5) / (1.5 × 1.5).
    assert!(near(ranking(&[(0.9, 0.0), (0.5, 0.5), (0.1, 1.0)]), 2.125 / 2.25));
    // Of one class alone there are no pairs.
    assert_eq!(ranking(&[(0.9, 0.0), (0.1, 0.0)]), None);
    assert_eq!(ranking(&[(0.9, 1.0), (0.1, 1.0)]), None);
}

#[test]
fn prompts_whose_outcomes_are_unknown_count_in_shares_alone() {
    let mut prompts = [
        prompt(0.9, (0.0, 1.0), Band::Hard, Place::Cloud),
        prompt(0.5, (0.0, 0.0), Band::Hard, Place::Cloud),
        prompt(0.1, (1.0, 1.0), Band::Easy, HOME),
    ];
    prompts[1].label.right = None;
    assert!(near(figure(&prompts, Figure::SentToCloud), 2.0 / 3.0));
    assert!(near(figure(&prompts, Figure::Quality(Strategy::Local)), 0.5));
    assert!(near(figure(&prompts, Figure::Recovered), 1.0));
    assert!(near(figure(&prompts, Figure::Area), 0.75));
    assert!(near(figure(&prompts, Figure::Ranking), 1.0));
    for prompt in &mut prompts {
        prompt.label.right = None;
    }
    for what in [Figure::Quality(Strategy::Policy), Figure::Recovered, Figure::Area, Figure::Ranking] {
        assert_eq!(figure(&prompts, what), None, "{what:?}");
    }
}

#[test]
fn what_privacy_keeps_or_the_policy_refuses_is_no_fault_of_the_bands() {
    let said = |said, place, may_leave| {
        let mut prompt = prompt(0.5, (0.0, 1.0), Band::Easy, place);
        prompt.label.band = Some(said);
        Decided { may_leave, ..prompt }
    };
    let hard = [
        said(Band::Hard, Place::Cloud, true),
        said(Band::Hard, HOME, true),
        said(Band::Hard, HOME, true),
        said(Band::Hard, Place::KeptHome, false),
        // Judged easy, so that no route named the cloud; it could not have gone there.
        said(Band::Hard, HOME, false),
        said(Band::Hard, Place::Refused, true),
    ];
    assert!(near(figure(&hard, Figure::HardKeptHome), 2.0 / 3.0));
    assert_eq!(figure(&hard[3..], Figure::HardKeptHome), None);
    assert_eq!(figure(&hard, Figure::EasySentOut), None);
    let easy =
        [said(Band::Easy, Place::Cloud, true), said(Band::Easy, HOME, true), said(Band::Easy, HOME, false)];
    assert!(near(figure(&easy, Figure::EasySentOut), 1.0 / 3.0));
}

#[test]
fn the_confusion_has_a_persons_bands_in_rows() {
    let said = |said, judged| {
        let mut prompt = prompt(0.5, (0.0, 1.0), judged, HOME);
        prompt.label.band = said;
        prompt
    };
    let (easy, moderate, hard) = (Some(Band::Easy), Some(Band::Moderate), Some(Band::Hard));
    let prompts = [
        said(easy, Band::Easy),
        said(easy, Band::Easy),
        said(easy, Band::Hard),
        said(moderate, Band::Easy),
        said(hard, Band::Moderate),
        said(None, Band::Hard),
    ];
    assert_eq!(confusion(&prompts), Some([[2, 0, 1], [1, 0, 0], [0, 1, 0]]));
    assert_eq!(confusion(&prompts[5..]), None);
}
