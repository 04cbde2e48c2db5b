//! What can be written as an invariant, what is proved, and what is warned of.

use std::sync::Arc;

use hearthgate_rules::policy::{Policy, PolicyFile, SHIPPED};
use hearthgate_rules::prove::{Outcome, ProveError, prove};
use hearthgate_rules::target::{Catalogue, Target, Zone};

use super::support::{catalogue, policy};

const HOME: &str = "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n";

fn with_invariant(text: &str) -> Result<Vec<bool>, ProveError> {
    let policy = policy(&format!("{HOME}[[invariant]]\ntext = '{text}'\n"));
    let holds = |outcome: &Outcome| matches!(outcome, Outcome::Holds);
    prove(&policy).map(|proof| proof.statements.iter().map(|statement| holds(&statement.outcome)).collect())
}

fn warnings(text: &str) -> Vec<String> {
    prove(&policy(text)).unwrap().warnings
}

#[test]
fn the_shipped_policy_is_proved_over_any_catalogue_with_a_device() {
    let all: Vec<Arc<Target>> = catalogue().to_vec();
    for some in (0..1 << all.len()).filter(|some| some & 1 == 1) {
        let targets = all.iter().enumerate().filter(|(place, _)| some >> place & 1 == 1);
        let targets: Catalogue = targets.map(|(_, target)| Arc::clone(target)).collect();
        for outermost in Zone::ALL {
            let file = PolicyFile::parse(SHIPPED).unwrap();
            let policy = Policy::compile(&file, targets.clone(), outermost).unwrap();
            let proof = prove(&policy).unwrap();
            assert!(proof.holds(), "{proof}");
            assert_eq!(proof.statements.iter().filter(|statement| statement.built_in).count(), 3);
        }
    }
}

#[test]
fn sentences_are_read() {
    for text in [
        r#"never "restricted" beyond "device""#,
        r#"never "health" beyond "premises""#,
        r#"never "opaque:image" beyond "device""#,
        r#"never "finding:email" with "label:internal" beyond "device""#,
        r#"never "health" with "person" to "frontier/big""#,
        r#"never "restricted" to "second/*""#,
        r#"Never   "restricted"   to   "zone:cloud""#,
        r#"never "restricted" beyond "device" for tenant "clinic""#,
        r#"never "restricted" to "zone:cloud" for workflow "night""#,
        r#"never "restricted" beyond "device" for tenant "clinic" and workflow "night""#,
        r#"never "restricted" beyond "device" for tenant "clinic" for workflow "night""#,
    ] {
        assert_eq!(with_invariant(text).map(|statements| statements.len()), Ok(4), "{text}");
    }
}

#[test]
fn sentences_that_cannot_be_read_say_what_can() {
    for (text, says) in [
        (
            r#"always "restricted" at "device""#,
            "cannot be read at `always`; write `never \"X\" beyond \"ZONE\"`",
        ),
        (r#"never "restricted""#, "at its end"),
        (r#"never restricted beyond device"#, "at `restricted`"),
        (r#"never "restricted" beyond "device" please"#, "at `please`"),
        (r#"never "restricted" beyond "device" for"#, "at its end"),
        (r#"never "restricted" beyond "device" for tenant"#, "at its end"),
        (r#"never "restricted" for tenant "clinic" beyond "device""#, "at `for`"),
        (r#"never "restricted"#, "a quote that is not closed"),
        (
            r#"never "restrictd" beyond "device""#,
            "unknown label or finding kind `restrictd`; did you mean `restricted`?",
        ),
        (r#"never "emial" beyond "device""#, "did you mean `email`?"),
        (r#"never "image" beyond "device""#, "did you mean `opaque:image`?"),
        (r#"never "opaque:imag" beyond "device""#, "unknown opaque kind `imag`; did you mean `image`?"),
        (r#"never "restricted" beyond "premise""#, "unknown zone `premise`; did you mean `premises`?"),
        (r#"never "restricted" to "frontir/*""#, "unknown target `frontir/*`"),
        (r#"never "restricted" to "big""#, "a target is `upstream/model`"),
    ] {
        let error = with_invariant(text).expect_err(text).to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_name_of_two_things_must_be_told_apart() {
    let labels = "labels = [\"open\", \"health\"]\n[ceiling]\nopen = \"cloud\"\nhealth = \"device\"\n";
    let text =
        |name: &str| format!("{labels}{HOME}[[invariant]]\ntext = 'never \"{name}\" beyond \"device\"'");
    let error = prove(&policy(&text("health"))).unwrap_err().to_string();
    assert!(error.contains("write `label:health` or `finding:health`"), "{error}");
    assert!(prove(&policy(&text("label:health"))).unwrap().holds());
}

#[test]
fn a_finding_is_not_a_label() {
    // Nothing gives e-mail addresses a label here, so they go out.
    let text = "[[route]]\nname = \"out\"\nto = [\"zone:cloud\", \"device/*\"]\n[[invariant]]\ntext = 'never \"email\" beyond \"device\"'";
    let proof = prove(&policy(text)).unwrap();
    let (statement, counterexample) = proof.broken().next().unwrap();
    assert_eq!(statement.text, "never \"email\" beyond \"device\"");
    assert_eq!(
        counterexample.sentence,
        "a request labelled `public` (1 email) may reach frontier/big (cloud) by route `out`"
    );
    let text =
        format!("{text}\n[[rule]]\nname = \"mail\"\nwhen = {{ any = [\"email\"] }}\nlabel = \"restricted\"");
    assert!(prove(&policy(&text)).unwrap().holds());
}

#[test]
fn an_ending_is_missed_only_where_a_route_could_give_one() {
    let out = "[[route]]\nname = \"out\"\nto = [\"zone:cloud\"]\n";
    let proof = prove(&policy(out)).unwrap();
    let (statement, counterexample) = proof.broken().next().unwrap();
    assert!(statement.built_in && counterexample.sentence.contains("reaches no target"), "{proof}");
    assert!(counterexample.sentence.contains("`refuse`"), "{proof}");
    assert!(
        prove(&policy(&format!("{out}[[route]]\nname = \"no\"\nrefuse = \"not here\""))).unwrap().holds()
    );

    // Without a target at home nothing could be done for what must stay there; it is refused and said so.
    let cloud: Catalogue =
        catalogue().iter().filter(|target| target.zone() == Zone::Cloud).cloned().collect();
    let policy = Policy::compile(&PolicyFile::parse(out).unwrap(), cloud, Zone::Cloud).unwrap();
    let proof = prove(&policy).unwrap();
    assert!(proof.holds(), "{proof}");
    assert!(
        proof.warnings.iter().any(|warning| warning.contains("requests labelled `restricted` are refused"))
    );
}

#[test]
fn ceilings_fall_as_labels_rise() {
    let proof = prove(&policy(&format!("[ceiling]\ninternal = \"device\"\n{HOME}"))).unwrap();
    let (statement, counterexample) = proof.broken().next().unwrap();
    assert_eq!(statement.text, "no label may go further out than one below it");
    assert!(counterexample.sentence.contains("`confidential`"), "{proof}");
    assert!(counterexample.sentence.contains("`internal` below it no further than device"), "{proof}");
}

#[test]
fn what_may_not_be_meant_is_warned_of() {
    for (text, says) in [
        ("[opaque]\nimage = \"public\"\n", "opaque kind `image` is `public`, below `confidential`"),
        ("[ceiling]\nconfidential = \"cloud\"\n", "`confidential` may go as far as cloud"),
        ("[ceiling]\nrestricted = \"premises\"\n", "`restricted` may go as far as premises"),
        (
            "[[rule]]\nname = \"idle\"\nwhen = { all = [\"email\", \"card\"] }\nlabel = \"internal\"\n\
          [[rule]]\nname = \"mail\"\nwhen = { any = [\"email\"] }\nlabel = \"internal\"\n",
            "rule `idle` never matters",
        ),
        (
            "[[rule]]\nname = \"low\"\nwhen = { any = [\"email\"] }\nlabel = \"public\"\n",
            "rule `low` never matters",
        ),
        (
            "[[route]]\nname = \"first\"\nto = [\"device/*\"]\n[[route]]\nname = \"late\"\nwhen = { band = \"hard\" }\nto = [\"device/*\"]\n",
            "route `late` never decides: routes before it take every case",
        ),
        (
            "[[route]]\nname = \"never\"\nwhen = { label = \"public\", label_min = \"internal\" }\nto = [\"device/*\"]\n",
            "route `never` never decides: its conditions exclude each other",
        ),
        (
            "[[route]]\nname = \"far\"\nwhen = { label = \"restricted\", model = \"auto\" }\nto = [\"zone:cloud\"]\n",
            "route `far` never decides: it has no target within reach",
        ),
        ("[[invariant]]\ntext = 'never \"restricted\" beyond \"cloud\"'\n", "nothing lies beyond cloud"),
        ("[[invariant]]\ntext = 'never \"public\" beyond \"premises\"'\n", "about every request"),
        (
            "[[ceiling_for]]\ntenant = \"clinic\"\nceiling = { restricted = \"device\" }\n\
             [[invariant]]\ntext = 'never \"restricted\" beyond \"device\" for tenant \"clinc\"'\n",
            "is about tenant `clinc`, which nothing else here names; did you mean `clinic`?",
        ),
        (
            "[[invariant]]\ntext = 'never \"restricted\" beyond \"device\" for workflow \"night\"'\n",
            "is about workflow `night`, which nothing else here names",
        ),
        (
            "[[allow]]\nname = \"tone\"\nsha256 = \"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\"\n",
            "one text is not searched where a system or developer message holds exactly that text: `tone`",
        ),
    ] {
        let warnings = warnings(&format!("{text}{HOME}"));
        assert!(warnings.iter().any(|warning| warning.contains(says)), "{text}: {warnings:?}");
    }
    assert_eq!(warnings(HOME), Vec::<String>::new());
}

#[test]
fn a_policy_that_is_too_large_is_refused_in_bounded_work() {
    // The disjunction of pairs in a bad order has as many nodes as there are subsets.
    let kinds: Vec<String> = (0..48).map(|number| format!("word-{number:02}")).collect();
    let mut text = String::new();
    for kind in &kinds {
        text += &format!("[[terms]]\nname = \"{kind}\"\nwords = [\"{kind}\"]\n");
    }
    for number in 0..24 {
        let (a, b) = (&kinds[number], &kinds[number + 24]);
        text += &format!(
            "[[rule]]\nname = \"r{number}\"\nwhen = {{ all = [\"{a}\", \"{b}\"] }}\nlabel = \"restricted\"\n"
        );
    }
    let error = prove(&policy(&format!("{text}{HOME}"))).unwrap_err();
    assert!(matches!(error, ProveError::TooLarge { .. }), "{error}");
}

#[test]
fn a_target_that_is_down_is_left_out_while_another_is_up() {
    let text = |rack: &str| {
        format!(
            "[[route]]\nname = \"detour\"\nto = [\"frontier/big\", \"rack/qwen\"]\n\
             when = {{ model = \"auto\", health = {{ \"frontier/big\" = \"down\", \"rack/qwen\" = \"{rack}\" }} }}\n\
             [[route]]\nname = \"home\"\nwhen = {{ model = \"auto\" }}\nto = [\"device/*\"]\n\
             [[route]]\nname = \"auto-only\"\nrefuse = \"ask for auto\"\n\
             [[invariant]]\ntext = 'never \"public\" to \"frontier/big\"'"
        )
    };
    let proof = prove(&policy(&text("up"))).unwrap();
    assert!(proof.holds(), "{proof}");
    // With nothing else up either, it is tried after all.
    let proof = prove(&policy(&text("down"))).unwrap();
    assert!(proof.broken().any(|(_, broken)| broken.sentence.contains("frontier/big")), "{proof}");
}

#[test]
fn what_a_caller_allows_may_lead_to_another_route() {
    // Only where the caller forbids clouds does a public request get past the first route.
    let text = "[[route]]\nname = \"out\"\nwhen = { model = \"auto\" }\nto = [\"zone:cloud\"]\n\
        [[route]]\nname = \"rack\"\nwhen = { model = \"auto\", label = \"public\" }\nto = [\"rack/qwen\"]\n\
        [[route]]\nname = \"home\"\nwhen = { model = \"auto\" }\nto = [\"device/*\"]\n\
        [[route]]\nname = \"auto-only\"\nrefuse = \"ask for auto\"\n\
        [[invariant]]\ntext = 'never \"public\" to \"rack/qwen\"'";
    let proof = prove(&policy(text)).unwrap();
    let (_, broken) = proof.broken().next().unwrap();
    assert_eq!(broken.case.zone, Zone::Premises, "{proof}");
    assert!(broken.line.contains(r#""hearthgate":{"zone":"premises"}"#), "{proof}");
}

#[test]
fn what_is_not_searched_stands_in_the_proof() {
    let allow = |name: &str| {
        format!(
            "[[allow]]\nname = \"{name}\"\nsha256 = \"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\"\n"
        )
    };
    let proof = prove(&policy(&format!("{}{}{HOME}", allow("house-prompt"), allow("tone")))).unwrap();
    let last = proof.statements.last().unwrap();
    assert!(last.built_in && matches!(last.outcome, Outcome::Holds));
    assert!(last.text.ends_with("in system and developer messages: `house-prompt`, `tone`"), "{proof}");
}

#[test]
fn a_tighter_ceiling_without_a_target_is_warned_of() {
    let away: Catalogue =
        catalogue().iter().filter(|target| target.zone() != Zone::Device).cloned().collect();
    let text = "[[ceiling_for]]\ntenant = [\"clinic\", \"ward\"]\nceiling = { confidential = \"device\" }\n\
        [[route]]\nname = \"rack\"\nto = [\"rack/qwen\"]\n[[route]]\nname = \"no\"\nrefuse = \"not here\"\n";
    let policy = Policy::compile(&PolicyFile::parse(text).unwrap(), away, Zone::Cloud).unwrap();
    let warnings = prove(&policy).unwrap().warnings;
    let says = "requests labelled `confidential` are refused for tenant clinic or tenant ward";
    assert!(warnings.iter().any(|warning| warning.contains(says)), "{warnings:?}");
}
