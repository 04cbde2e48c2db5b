//! When the device model is worth asking how sure it is, and what its answer changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use hearthgate_rules::decide::Signals;
use hearthgate_rules::difficulty::{Band, Probed};
use hearthgate_rules::judge::{Caller, Judged};
use hearthgate_rules::policy::Policy;
use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::policy::table;
use hearthgate_rules::target::Zone;
use proptest::prelude::*;
use proptest::sample::select;

use super::support::{policy, prompt, try_policy};

const EASY: &str = "What is the capital of France?";
const HARD: &str = "Prove that there are infinitely many primes of the form 4k + 3, and generalise.";
const PRIVATE: &str = "Prove that 4539 1488 0343 6467 is a valid card number, step by step, with all lemmas.";

/// A policy that asks about scores so near to where hard begins.
fn asking(grey: f32) -> Arc<Policy> {
    policy(&format!(
        "packs = [\"pii\"]\n[difficulty]\nmoderate = 0.5\nhard = 0.5\n[difficulty.probe]\ntarget = \"device/starter\"\ngrey = {grey}\n\
         [[route]]\nname = \"hard\"\nwhen = {{ band = \"hard\" }}\nto = [\"zone:cloud\", \"device/*\"]\n\
         [[route]]\nname = \"otherwise\"\nto = [\"device/*\"]\neffort = \"quick\"\n"
    ))
}

fn judged(policy: &Arc<Policy>, model: &str, text: &str) -> Judged {
    policy.judge(prompt(model, text), Caller::default())
}

fn down(name: &str) -> Signals {
    Signals { down: BTreeSet::from([name.to_owned()]), ..Signals::default() }
}

#[test]
fn it_is_asked_only_where_that_makes_a_difference() {
    let (wide, narrow) = (asking(0.5), asking(0.0));
    let calm = Signals::default();
    let asks = |policy: &Arc<Policy>, model: &str, text: &str, signals: &Signals| {
        judged(policy, model, text).probe(signals).is_some()
    };
    assert!(asks(&wide, "auto", EASY, &calm) && asks(&wide, "auto", HARD, &calm));
    assert!(!asks(&narrow, "auto", EASY, &calm), "a clear score");
    assert!(!asks(&wide, "auto", PRIVATE, &calm), "it may not leave");
    assert!(!asks(&wide, "frontier/big", EASY, &calm), "asked for by name");
    assert!(!asks(&wide, "auto", HARD, &down("device/starter")), "it cannot be asked");
    let kept = Signals { conversation: wide.labels().all().last(), ..Signals::default() };
    assert!(!asks(&wide, "auto", HARD, &kept), "its conversation may not leave");
    let home = Caller { zone: Some(Zone::Device), ..Caller::default() };
    assert!(wide.judge(prompt("auto", HARD), home).probe(&calm).is_none(), "its caller keeps it");
    let alike = policy(
        "[difficulty.probe]\ntarget = \"device/starter\"\ngrey = 0.5\n[[route]]\nname = \"all\"\nto = [\"zone:cloud\"]\neffort = \"quick\"\n",
    );
    assert!(!asks(&alike, "auto", HARD, &calm), "every band ends alike");
    let silent = policy(
        "[[route]]\nname = \"all\"\nwhen = { band = \"hard\" }\nto = [\"zone:cloud\"]\n[[route]]\nname = \"rest\"\nto = [\"device/*\"]\n",
    );
    assert!(!asks(&silent, "auto", HARD, &calm), "the policy has no probe");
}

#[test]
fn what_it_says_chooses_the_band_and_is_told() {
    let policy = asking(0.5);
    for (text, probed, band, zone) in [
        (EASY, Probed::Sure, Band::Easy, Zone::Device),
        (EASY, Probed::Unsure, Band::Hard, Zone::Cloud),
        (EASY, Probed::Untold, Band::Easy, Zone::Device),
        (HARD, Probed::Sure, Band::Easy, Zone::Device),
        (HARD, Probed::Unsure, Band::Hard, Zone::Cloud),
        (HARD, Probed::Untold, Band::Hard, Zone::Cloud),
    ] {
        let signals = Signals { probed: Some(probed), ..Signals::default() };
        let decision = judged(&policy, "auto", text).decide(&signals);
        assert_eq!(decision.verdict.difficulty.unwrap().band, band, "{text} {probed:?}");
        assert_eq!(decision.target().unwrap().zone(), zone, "{text} {probed:?}");
        let told = decision.reasons_as_text().join("; ");
        assert!(told.contains("device/starter"), "{told}");
    }
}

#[test]
fn cases_may_say_what_it_says() {
    let cases = CaseFile::parse(
        "[[case]]\nname = \"sure\"\nprompt = \"What is the capital of France?\"\nprobed = \"sure\"\n\
         expect = { band = \"easy\", zone = \"device\", reasons = [\"device/starter is sure of its answer\"] }\n\
         [[case]]\nname = \"unsure\"\nprompt = \"What is the capital of France?\"\nprobed = \"unsure\"\nexpect = { band = \"hard\", zone = \"cloud\" }\n\
         [[case]]\nname = \"no such\"\nprompt = \"Hello\"\nprobed = \"shure\"\nexpect = {}\n",
    );
    let reports = cases.unwrap().run(&asking(0.5));
    let differences: Vec<_> = reports.iter().map(|report| report.differences.join("; ")).collect();
    assert_eq!(differences, ["", "", "unknown outcome `shure` of `probed`; did you mean `sure`?"]);
}

#[test]
fn a_probe_that_makes_no_sense_is_refused() {
    let home = "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n";
    for (probe, says) in [
        (
            "target = \"device/startr\"",
            "rule `difficulty.probe`: unknown target `device/startr`; did you mean `device/starter`?",
        ),
        ("target = \"frontier/big\"", "`difficulty.probe`: target must be a model in this process"),
        ("target = \"device/starter\"\ngrey = 0.6", "`difficulty.probe`: grey must be in 0..0.5"),
        ("target = \"device/starter\"\ntokens = 0", "`difficulty.probe`: tokens must be in 1..=64"),
        (
            "target = \"device/starter\"\ntimeout_ms = 0",
            "`difficulty.probe`: timeout_ms must be in 1..=60000",
        ),
        ("target = \"device/starter\"\nsure = 1.5", "`difficulty.probe`: sure must be in 0..1"),
        ("grey = 0.1", "missing field `target`"),
        ("target = \"device/starter\"\ngray = 0.1", "unknown field `gray`"),
    ] {
        let error = try_policy(&format!("[difficulty.probe]\n{probe}\n{home}")).expect_err(probe).to_string();
        assert!(error.contains(says), "{probe}: {error}");
    }
}

#[test]
fn the_table_says_when_it_is_asked() {
    let shown = table::table(&asking(0.1));
    assert!(shown.contains("device/starter is asked how sure it is"), "{shown}");
    assert!(!table::table(&policy("[[route]]\nname = \"all\"\nto = [\"device/*\"]\n")).contains("how sure"));
}

proptest! {
    /// However sure a model is, nothing private goes further for it.
    #[test]
    fn no_answer_widens_a_ceiling(text in select(vec![EASY, HARD, PRIVATE]), probed in select(Probed::ALL.to_vec())) {
        let policy = asking(0.5);
        let without = judged(&policy, "auto", text).decide(&Signals::default());
        let with = judged(&policy, "auto", text).decide(&Signals { probed: Some(probed), ..Signals::default() });
        prop_assert_eq!(without.label(), with.label());
        let ceiling = policy.ceiling(with.verdict.label);
        prop_assert!(with.target().is_none_or(|target| target.zone() <= ceiling));
    }
}
