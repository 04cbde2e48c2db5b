//! What is printed, letter by letter.

use hearthgate_rules::policy::PolicyFile;

use super::*;
use crate::calibrate::curve::Prompt;
use crate::calibrate::{Costs, Place, Right};

const BY_BAND: [Place; 3] = [Place::Home, Place::Home, Place::Cloud];

fn curve(cost: Option<f64>) -> Curve {
    let prompt = |(score, local)| {
        let costs = Costs { local_usd: Some(0.0), cloud_usd: cost };
        Prompt { right: Right { local, cloud: 1.0 }, costs, score, places: BY_BAND }
    };
    Curve::of([(0.9, 0.0), (0.6, 0.0), (0.5, 1.0), (0.1, 1.0)].map(prompt).to_vec(), 0.5).unwrap()
}

fn wanted(target: Target) -> Wanted {
    let (option, value) = match target {
        Target::CloudShare(value) => ("cloud-share", value),
        Target::Quality(value) => ("quality", value),
        Target::Recovered(value) => ("recovered", value),
        Target::BudgetUsd(value) => ("budget-usd", value),
    };
    Wanted { target, option, value, requests: None }
}

fn table_of(curve: &Curve, chosen: usize) -> String {
    let mut out = Vec::new();
    table(curve, chosen, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_tells_share_quality_threshold_and_cost() {
    // Of four: bounds of 2, 3 and 4 right ones.
    let expected = "  to the cloud   quality        95 % bounds  recovered  hard from  USD per 1000
         0.0 %    50.0 %    6.8 % to 93.2 %      0.0 %          1        0.0000
        25.0 %    75.0 %   19.4 % to 99.4 %     50.0 %       0.75        2.5000
>       50.0 %   100.0 %  39.8 % to 100.0 %    100.0 %       0.55        5.0000
        75.0 %   100.0 %  39.8 % to 100.0 %    100.0 %        0.3        7.5000
       100.0 %   100.0 %  39.8 % to 100.0 %    100.0 %          0       10.0000

  all local: quality 50.0 %; all cloud: quality 100.0 %
";
    assert_eq!(table_of(&curve(Some(0.01)), 2), expected);
    assert!(table_of(&curve(None), 2).contains("unknown"));
}

#[test]
fn a_long_curve_is_thinned_out_and_keeps_the_choice() {
    let prompt = |index: u16| {
        let right = Right { local: 0.0, cloud: 1.0 };
        Prompt { right, costs: Costs::default(), score: f32::from(index) / 1000.0, places: BY_BAND }
    };
    let curve = Curve::of((0..1000).map(prompt).collect(), 0.5).unwrap();
    let table = table_of(&curve, 333);
    assert!(table.lines().count() <= 25, "{table}");
    assert_eq!(table.matches('>').count(), 1);
}

#[test]
fn how_sure_the_choice_is_is_said_or_that_it_cannot_be() {
    let said = |told| {
        let mut out = Vec::new();
        left_out(told, 200, 7, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let told =
        LeftOut { draws: 199, hard: Some((0.41, 0.6)), share: 0.31, quality: 0.8, cloud: 0.95, met: 0.625 };
    let expected = "
  chosen anew on 199 of 200 draws, seed 7: hard from 0.410 to 0.600 (95 %)
  on the prompts that a draw left out: 31.0 % to the cloud, quality 80.0 % (all cloud: 95.0 %),
  and what was asked is met in 62.5 % of the draws
";
    assert_eq!(said(Some(told)), expected);
    assert!(said(Some(LeftOut { hard: None, ..told })).contains("hard from anywhere"));
    assert!(said(None).contains("too few prompts"));
}

#[test]
fn the_section_is_one_that_a_policy_accepts() {
    let curve = curve(None);
    for point in &curve.points {
        let section = section(&wanted(Target::CloudShare(0.5)), true, point, 4);
        assert!(section.starts_with(SIGN));
        let file = PolicyFile::parse(&section).unwrap();
        assert_eq!((file.difficulty.moderate, file.difficulty.hard), (point.moderate, point.hard));
    }
    let expected = "# Made by `hearthgate calibrate --cloud-share 0.5`: of 4 prompts 50.0 % go to the cloud, quality 100.0 %.
[difficulty]
moderate = 0.275
hard = 0.55
";
    assert_eq!(section(&wanted(Target::CloudShare(0.5)), true, &curve.points[2], 4), expected);
}

#[test]
fn a_target_out_of_reach_is_said_with_the_nearest() {
    let curve = curve(Some(0.01));
    let last = curve.points.last().unwrap();
    let told = unmet(&wanted(Target::BudgetUsd(1.0)), last, &curve);
    assert!(told.contains("`--budget-usd 1` cannot be met") && told.contains("10.0000 USD"), "{told}");
    let told = unmet(&wanted(Target::Recovered(0.9)), &curve.points[1], &curve);
    assert!(told.ends_with("the nearest is 50.0 %, with hard from 0.75"), "{told}");
    let told = unmet(&wanted(Target::Quality(0.9)), &curve.points[1], &curve);
    assert!(told.ends_with("the nearest is 75.0 % of 100.0 %, with hard from 0.75"), "{told}");
}
