//! Budgets against times of the test's own.

use super::*;

/// 2026-11-23 22:00 UTC.
const NOW: u64 = 1_795_471_200;
const DAY: u64 = 86_400;

fn budget(name: &str, caller: Option<&str>, per: Period) -> Budget {
    Budget {
        name: name.to_owned(),
        caller: caller.map(str::to_owned),
        workflow: None,
        usd: 10.0,
        per,
        low: 0.2,
    }
}

fn config(list: Vec<Budget>, file: Option<PathBuf>) -> config::Budgets {
    config::Budgets { file, list }
}

fn charge(caller: &str) -> Charge {
    Charge { caller: caller.to_owned(), workflow: None }
}

#[test]
fn periods_are_days_and_months_of_utc() {
    for (seconds, day) in
        [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (NOW, "2026-11-23"), (1_798_761_599, "2026-12-31")]
    {
        assert_eq!(period(Period::Day, seconds), day);
        assert_eq!(period(Period::Month, seconds), day[..7]);
    }
}

#[test]
fn a_budget_is_ample_then_low_then_exhausted_and_begins_anew() {
    let budgets = Budgets::open(&config(vec![budget("site", None, Period::Day)], None), NOW).unwrap();
    let (anna, state) = (charge("anna"), |now| budgets.state(&charge("ben"), now));
    assert_eq!(state(NOW), BudgetState::Ample);
    budgets.spend(&anna, Cost::Usd(8.0), NOW);
    assert_eq!(state(NOW), BudgetState::Ample);
    budgets.spend(&anna, Cost::Usd(0.5), NOW);
    assert_eq!(state(NOW), BudgetState::Low);
    budgets.spend(&anna, Cost::Usd(1.5), NOW);
    assert_eq!(state(NOW), BudgetState::Exhausted);
    assert_eq!(state(NOW + DAY), BudgetState::Ample);
}

#[test]
fn the_tightest_of_those_that_pay_counts() {
    let own = Budget { workflow: Some("review".to_owned()), ..budget("review", None, Period::Month) };
    let list = vec![budget("anna", Some("anna"), Period::Month), own, budget("site", None, Period::Month)];
    let budgets = Budgets::open(&config(list, None), NOW).unwrap();
    let review = Charge { caller: "ben".to_owned(), workflow: Some("review".to_owned()) };
    budgets.spend(&charge("anna"), Cost::Usd(10.0), NOW);
    budgets.spend(&review, Cost::NoPrice, NOW);
    budgets.spend(&review, Cost::Usd(f64::MIN), NOW);
    assert_eq!(budgets.state(&charge("ben"), NOW), BudgetState::Exhausted, "the site's is spent");
    let spent: Vec<_> = budgets.standing(NOW).into_iter().map(|own| (own.spent_usd, own.unpriced)).collect();
    assert_eq!(spent, [(10.0, 0), (0.0, 1), (10.0, 1)]);
}

#[test]
fn a_reload_gives_nobody_a_fresh_budget() {
    let budgets = Budgets::open(&config(vec![budget("site", None, Period::Month)], None), NOW).unwrap();
    budgets.spend(&charge("anna"), Cost::Usd(10.0), NOW);
    let wider = Budget { usd: 100.0, ..budget("site", None, Period::Month) };
    budgets.configure(&config(vec![wider, budget("new", None, Period::Day)], None), NOW);
    let spent: Vec<_> = budgets.standing(NOW).into_iter().map(|own| (own.name, own.spent_usd)).collect();
    assert_eq!(spent, [("site".to_owned(), 10.0), ("new".to_owned(), 0.0)]);
    assert_eq!(budgets.state(&charge("anna"), NOW), BudgetState::Ample);
}

#[test]
fn a_restart_reads_what_was_spent_and_refuses_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/budgets.json");
    let with = || config(vec![budget("site", None, Period::Month)], Some(file.clone()));
    let budgets = Budgets::open(&with(), NOW).unwrap();
    budgets.save().unwrap();
    assert!(!file.exists(), "nothing was spent");
    budgets.spend(&charge("anna"), Cost::Usd(2.5), NOW);
    budgets.spend(&charge("anna"), Cost::NoUsage, NOW);
    budgets.save().unwrap();
    let again = Budgets::open(&with(), NOW).unwrap().standing(NOW);
    assert_eq!((again[0].spent_usd, again[0].unpriced), (2.5, 1));
    let later = Budgets::open(&with(), NOW + 30 * DAY).unwrap().standing(NOW + 30 * DAY);
    assert_eq!(later[0].spent_usd, 0.0, "another month");
    for broken in ["", "{", r#"{"budgets":[{"name":"site","since":"2026-11","spent_usd":-1,"unpriced":0}]}"#]
    {
        std::fs::write(&file, broken).unwrap();
        assert!(Budgets::open(&with(), NOW).is_err(), "{broken}");
    }
}
