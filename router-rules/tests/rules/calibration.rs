//! Bands that are cut by how often a model fails: which model that is, and that nothing else comes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use hearthgate_rules::decide::{Follows, Leaning, Signals};
use hearthgate_rules::decision::Outcome;
use hearthgate_rules::difficulty::{Band, Calibration, Probed};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::prove::{Case, prove};
use hearthgate_rules::target::{EffortField, Target, Zone};
use proptest::prelude::*;
use proptest::sample::select;

use super::support::prompt;

const POLICY: &str = r#"
packs = ["pii"]

[[route]]
name = "frontier"
when = { band = "hard" }
to = ["frontier/big", "device/able"]

[[route]]
name = "weak"
when = { tenant = "weak" }
to = ["device/weak", "device/able"]

[[route]]
name = "plain"
when = { tenant = "plain" }
to = ["device/plain"]

[[route]]
name = "outside"
when = { tenant = "outside" }
to = ["rack/qwen"]

[[route]]
name = "rest"
to = ["device/able"]

[[invariant]]
text = 'never "restricted" beyond "device"'
"#;

const PROMPTS: [&str; 2] = [
    "What is the capital of France?",
    "Prove that there are infinitely many primes of the form 4k + 3, and generalise.",
];

/// The policy over models that fail as these tables say: able, weak, plain.
fn policy(tables: [Option<Calibration>; 3]) -> Arc<Policy> {
    let names = ["able", "weak", "plain"];
    let device = names.into_iter().zip(tables);
    let device = device.map(|(name, table)| Target::device(name).with_calibration(table.map(Arc::new)));
    let outside = [
        Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
        Target::upstream("frontier", "big", Zone::Cloud, EffortField::None),
    ];
    let catalogue = device.chain(outside).map(Arc::new).collect();
    Arc::new(Policy::compile(&PolicyFile::parse(POLICY).unwrap(), catalogue, Zone::Cloud).unwrap())
}

fn table(points: &[(f32, f32)]) -> Option<Calibration> {
    Some(Calibration::new(points.to_vec()).unwrap())
}

fn known() -> Arc<Policy> {
    policy([table(&[(0.0, 0.0), (1.0, 0.2)]), table(&[(0.0, 0.9), (1.0, 1.0)]), None])
}

#[test]
fn every_case_is_decided_as_it_says() {
    let reports = CaseFile::parse(include_str!("calibration.toml")).unwrap().run(&known());
    let wrong: Vec<_> = reports
        .iter()
        .flat_map(|report| report.differences.iter().map(|what| (&report.name, what)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(reports.len(), 8);
    assert!(prove(&known()).unwrap().holds());
}

#[test]
fn the_chance_and_whose_it_is_are_told_and_the_score_stays() {
    let judge = |policy: &Arc<Policy>, tenant: Option<&str>| {
        let caller = Caller { tenant: tenant.map(str::to_owned), ..Caller::default() };
        policy.judge(prompt("auto", PROMPTS[1]), caller).decide(&Signals::default())
    };
    let (with, without) = (judge(&known(), None), judge(&policy([None, None, None]), None));
    let (score, plain) = (with.verdict.difficulty.unwrap().score, without.verdict.difficulty.unwrap());
    assert!((score - plain.score).abs() < f32::EPSILON && plain.band == Band::Hard);
    let chance = with.chance.unwrap();
    assert_eq!(chance.target.name(), "device/able");
    assert!((chance.fails - 0.2 * score).abs() < 1e-6);
    assert!(without.chance.is_none() && judge(&known(), Some("plain")).chance.is_none());
    // Only a model of this process has a table.
    let upstream = Target::upstream("rack", "qwen", Zone::Premises, EffortField::None);
    assert!(upstream.with_calibration(table(&[(0.5, 0.5)]).map(Arc::new)).calibration().is_none());
}

/// A policy that asks the device model, which fails so often, near where a band begins.
fn probing(chance: f32) -> Arc<Policy> {
    let text = format!("{POLICY}\n[difficulty.probe]\ntarget = \"device/able\"\ngrey = 0.05\n");
    let able = Target::device("able").with_calibration(table(&[(0.5, chance)]).map(Arc::new));
    let rest = ["weak", "plain"].map(Target::device);
    let outside = [
        Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
        Target::upstream("frontier", "big", Zone::Cloud, EffortField::None),
    ];
    let catalogue = [able].into_iter().chain(rest).chain(outside).map(Arc::new).collect();
    Arc::new(Policy::compile(&PolicyFile::parse(&text).unwrap(), catalogue, Zone::Cloud).unwrap())
}

#[test]
fn a_conversation_stays_where_the_chance_lies_near_its_band_and_nobody_is_asked() {
    let after = |band| {
        let follows = Follows { target: "device/able".to_owned(), band, saves: BTreeSet::new() };
        Signals { leaning: Leaning { follows: Some(follows), ..Leaning::default() }, ..Signals::default() }
    };
    for (chance, before, band) in [
        (0.57, Band::Hard, Band::Hard),
        (0.63, Band::Moderate, Band::Moderate),
        (0.57, Band::Moderate, Band::Moderate),
        (0.5, Band::Hard, Band::Moderate),
        (0.57, Band::Easy, Band::Moderate),
    ] {
        let judged = probing(chance).judge(prompt("auto", PROMPTS[0]), Caller::default());
        let asked = judged.probe(&after(before)).is_some();
        assert_eq!(asked, chance > 0.55 && before == Band::Easy, "{chance} {before:?}");
        // What is said where nobody is asked does not count.
        let signals = Signals { probed: Some(Probed::Untold), ..after(before) };
        assert_eq!(judged.decide(&signals).verdict.difficulty.unwrap().band, band, "{chance} {before:?}");
    }
}

#[test]
fn a_probe_is_asked_where_the_chance_lies_near_a_bound() {
    for text in PROMPTS {
        for (chance, asked) in [(0.62, true), (0.58, true), (0.8, false), (0.1, false)] {
            let judged = probing(chance).judge(prompt("auto", text), Caller::default());
            assert_eq!(judged.probe(&Signals::default()).is_some(), asked, "{chance} {text}");
        }
    }
}

proptest! {
    /// The proof goes over every band of every case. So whatever the tables, a decision has to be that of its case with the band
    /// that came of them.
    #[test]
    fn nothing_but_the_band_comes_of_a_table(
        chances in prop::array::uniform3(prop::option::of((0.0_f32..=1.0, 0.0_f32..=1.0))),
        text in select(PROMPTS.to_vec()),
        tenant in select(vec![None, Some("weak"), Some("plain"), Some("outside")]),
        model in select(vec!["auto", "device/weak", "frontier/big", "unknown"]),
        raise in 0_usize..4,
        down in prop::collection::btree_set(select(vec!["device/weak", "device/able", "frontier/big"]), 0..3),
    ) {
        let tables = chances.map(|points| {
            points.map(|(one, other)| {
                Calibration::new(vec![(0.3, one.min(other)), (0.7, one.max(other))]).unwrap()
            })
        });
        let policy = policy(tables);
        let raise = policy.labels().all().nth(raise).unwrap();
        let down: std::collections::BTreeSet<String> = down.into_iter().map(str::to_owned).collect();
        let tenant = tenant.map(str::to_owned);
        let caller = Caller { tenant: tenant.clone(), label: Some(raise), ..Caller::default() };
        let signals = Signals { down: down.clone(), ..Signals::default() };
        let decision = policy.judge(prompt(model, text), caller).decide(&signals);
        let band = decision.verdict.difficulty.unwrap().band;
        let case = Case { raise, band, tenant, model: model.to_owned(), down, ..Case::default() };
        let outcome = case.outcome(&policy);
        match (&decision.outcome, &outcome.targets) {
            (Outcome::Allow(permit), Ok(targets)) => prop_assert_eq!(permit.targets(), targets.as_slice()),
            (Outcome::Refuse(refusal), Err(again)) => prop_assert_eq!(refusal, again),
            (one, other) => prop_assert!(false, "{:?} and {:?}", one, other),
        }
    }
}
