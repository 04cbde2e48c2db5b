//! What a policy may say, and how each slip is told with its mend.

use hearthgate_rules::inspect::OpaqueKind;
use hearthgate_rules::label::{LABELS_MAX, Label, LabelError, Labels};
use hearthgate_rules::policy::{Asked, Policy, PolicyFile, SHIPPED};
use hearthgate_rules::prove::prove;
use hearthgate_rules::target::{Effort, Selector, Target, Zone};

use super::support::{catalogue, policy, try_policy};

const HOME: &str = "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n";

#[test]
fn slips_are_told_with_their_place_and_mend() {
    for (text, says) in [
        ("packs = [\"pi\"]\n", "unknown pack `pi`; did you mean `pii`?"),
        ("pcks = []\n", "line 1: unknown field `pcks`"),
        ("\n[ceilin]\npublic = \"cloud\"\n", "line 2: unknown field `ceilin`"),
        ("[ceiling]\npublic = \"clod\"\n", "did you mean `cloud`?"),
        ("[ceiling]\npublik = \"cloud\"\n", "unknown label `publik`; did you mean `public`?"),
        ("labels = [\"one\"]\n", "a policy needs between 2 and 16 labels"),
        ("labels = [\"one\", \"one\"]\n", "label `one` is named twice"),
        ("labels = [\"one\", \"Two\"]\n", "label `Two`"),
        ("labels = [\"one\", \"two\"]\n", "label `one` has no ceiling"),
        ("labels = [\"low\", \"high\"]\npacks = [\"pii\"]\n", "pack `pii` speaks of label `restricted`"),
        (
            "[[rule]]\nname = \"r\"\nwhen = { any = [\"crad\"] }\nlabel = \"internal\"\n",
            "rule `r`: unknown finding kind `crad`; did you mean `card`?",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { any = [\"card\"] }\nlabel = \"secret\"\n",
            "rule `r`: unknown label `secret`",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { none = [\"card\"] }\nlabel = \"internal\"\n",
            "rule `r`: `none` can only stand in a route",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { band = \"hard\" }\nlabel = \"internal\"\n",
            "`band` can only stand in a route",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { budget = \"ample\" }\nlabel = \"internal\"\n",
            "`budget` can only stand in a route",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { label_min = \"internal\" }\nlabel = \"internal\"\n",
            "`label_min` can only stand in a route",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { count = { card = 0 } }\nlabel = \"internal\"\n",
            "count of `card` must be 1 or more",
        ),
        (
            "[[rule]]\nname = \"r\"\nwhen = { opaque = [\"imag\"] }\nlabel = \"internal\"\n",
            "unknown opaque kind `imag`; did you mean `image`?",
        ),
        (
            "[[rule]]\nname = \"r\"\nlabel = \"internal\"\n[[rule]]\nname = \"r\"\nlabel = \"internal\"\n",
            "rule `r` stands twice",
        ),
        ("[[route]]\nname = \"home\"\nto = [\"device/*\"]\n", "route `home` stands twice"),
        ("[[route]]\nname = \"x\"\n", "route `x` has neither `to` nor `refuse`"),
        (
            "[[route]]\nname = \"x\"\nto = [\"device/*\"]\nrefuse = \"no\"\n",
            "route `x` has both `to` and `refuse`",
        ),
        (
            "[[route]]\nname = \"x\"\nto = [\"frontier/bigg\"]\n",
            "rule `x`: unknown target `frontier/bigg`; did you mean `frontier/big`?",
        ),
        ("[[route]]\nname = \"x\"\nto = [\"frontir/*\"]\n", "unknown target `frontir/*`"),
        ("[[route]]\nname = \"x\"\nto = [\"big\"]\n", "target `big` is not `upstream/model`"),
        ("[[route]]\nname = \"x\"\nto = [\"zone:clod\"]\n", "did you mean `cloud`?"),
        (
            "[[route]]\nname = \"x\"\nwhen = { band = \"hart\" }\nto = [\"device/*\"]\n",
            "rule `x`: unknown band `hart`; did you mean `hard`?",
        ),
        (
            "[[route]]\nname = \"x\"\nwhen = { health = { \"rack/qwen\" = \"donw\" } }\nto = [\"device/*\"]\n",
            "did you mean `down`?",
        ),
        (
            "[[route]]\nname = \"x\"\nwhen = { bnad = \"hard\" }\nto = [\"device/*\"]\n",
            "did you mean `band`?",
        ),
        ("[opaque]\nunscanned = \"public\"\n", "opaque kind `unscanned` always has the highest label"),
        (
            "[difficulty]\nmoderate = 0.9\nhard = 0.5\n",
            "moderate (0.9) and hard (0.5) must be in 0..1 and in this order",
        ),
        ("[[terms]]\nname = \"email\"\nwords = [\"x\"]\n", "finding kind `email` stands twice"),
        ("[[terms]]\nname = \"mine\"\nwords = [\" \"]\n", "terms `mine`: a word is empty"),
        ("[alias]\nfast = \"device/startr\"\n", "unknown target `device/startr`"),
    ] {
        let error = try_policy(&format!("{text}{HOME}")).expect_err(text).to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let none = try_policy("").unwrap_err().to_string();
    assert!(none.contains("the policy has no `[[route]]`"), "{none}");
}

#[test]
fn the_shipped_policy_compiles_over_any_catalogue() {
    let file = PolicyFile::parse(SHIPPED).unwrap();
    for zone in Zone::ALL {
        let policy = Policy::compile(&file, Vec::new().into(), zone).unwrap();
        assert!(policy.labels().all().all(|label| policy.ceiling(label) <= zone));
    }
}

#[test]
fn the_example_policy_holds_with_everything_that_it_only_suggests() {
    let example = include_str!("../../../deploy/policy.toml");
    let suggested = |line: &str| {
        let words = line.strip_prefix("# ").filter(|words| words.starts_with('[') || words.contains(" = "));
        words.unwrap_or(line).to_owned()
    };
    let text = example.lines().map(suggested).collect::<Vec<_>>().join("\n");
    assert!(text.contains("\n[[ceiling_for]]") && text.contains("\n[[allow]]"), "{text}");
    for text in [example, &text] {
        let policy = policy(
            &text.replace("frontier/gpt-5.1", "frontier/big").replace("device/coder", "device/starter"),
        );
        let proof = prove(&policy).unwrap();
        assert!(proof.holds(), "{proof}");
    }
}

#[test]
fn ceilings_and_opaque_labels_have_their_usual_values() {
    let policy = policy(HOME);
    let ceilings: Vec<_> = policy.labels().all().map(|label| policy.ceiling(label)).collect();
    assert_eq!(ceilings, [Zone::Cloud, Zone::Cloud, Zone::Premises, Zone::Device]);
    let name = |kind| policy.labels().name(policy.opaque_label(kind));
    assert_eq!(name(OpaqueKind::Image), "confidential");
    assert_eq!(name(OpaqueKind::Unscanned), "restricted");
}

#[test]
fn a_site_may_have_labels_of_its_own() {
    let policy = policy(
        "labels = [\"open\", \"house\", \"sealed\"]\npacks = [\"pii\"]\npack_labels = { internal = \"open\", confidential = \"house\", restricted = \"sealed\" }\n\
         unlabelled = \"house\"\n[ceiling]\nopen = \"cloud\"\nhouse = \"premises\"\nsealed = \"device\"\n\
         [[route]]\nname = \"home\"\nto = [\"device/*\"]\n",
    );
    assert_eq!(policy.labels().name(policy.unlabelled()), "house");
    // Without a `confidential` of its own, what cannot be read has the highest.
    assert_eq!(policy.opaque_label(OpaqueKind::Image), policy.labels().highest());
    assert!(
        policy
            .rules()
            .iter()
            .any(|rule| rule.name == "pii/numbers-of-a-person" && rule.label == policy.labels().highest())
    );
}

#[test]
fn model_names_stand_for_what_they_should() {
    let policy = policy(&format!(
        "[alias]\nfast = \"device/starter\"\nsmart = \"auto\"\nbig = \"zone:premises\"\n\"*\" = \"auto\"\n{HOME}"
    ));
    let names = |model: &str| match policy.asked(model) {
        Some(Asked::Auto) => vec!["auto".to_owned()],
        Some(Asked::Targets(targets)) => targets.iter().map(|target| target.name().to_owned()).collect(),
        None => Vec::new(),
    };
    assert_eq!(names("auto"), ["auto"]);
    assert_eq!(names("fast"), ["device/starter"]);
    assert_eq!(names("smart"), ["auto"]);
    // An alias comes before the models of that name.
    assert_eq!(names("big"), ["rack/qwen"]);
    assert_eq!(names("qwen"), ["rack/qwen"]);
    assert_eq!(names("frontier/big"), ["frontier/big"]);
    assert_eq!(names("anything"), ["auto"]);
    assert_eq!(policy.aliases().collect::<Vec<_>>(), ["big", "fast", "smart"]);
    assert_eq!(super::support::policy(HOME).asked("anything"), None);
}

#[test]
fn a_list_of_terms_may_give_its_label_itself() {
    let policy = policy(&format!(
        "[[terms]]\nname = \"project\"\nwords = [\"Lighthouse\", \"Beacon\"]\nlabel = \"restricted\"\n{HOME}"
    ));
    assert!(policy.rules().iter().any(|rule| rule.name == "terms/project"));
    assert_eq!(policy.example(policy.kinds().named("project").unwrap()), Some("Lighthouse"));
    assert_eq!(policy.example(policy.kinds().named("email").unwrap()), None);
}

#[test]
fn labels_join_upwards() {
    let labels = Labels::default();
    let all: Vec<Label> = labels.all().collect();
    for (low, a) in all.iter().enumerate() {
        for (high, b) in all.iter().enumerate() {
            assert_eq!(a.join(*b), all[low.max(high)]);
        }
    }
    assert_eq!(labels.named("restricted"), Ok(labels.highest()));
    assert!(
        matches!(labels.named("restrictd"), Err(LabelError::Unknown { mend, .. }) if mend.contains("`restricted`"))
    );
    let many = (0..=LABELS_MAX).map(|number| format!("l{number}")).collect();
    assert_eq!(Labels::new(many), Err(LabelError::Count(LABELS_MAX + 1)));
}

#[test]
fn targets_and_selectors_have_their_names() {
    let catalogue = catalogue();
    let taken = |text: &str| {
        let selector: Selector = text.parse().unwrap();
        catalogue
            .iter()
            .filter(|target| selector.takes(target))
            .map(|target| target.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(taken("zone:cloud"), ["frontier/big", "second/big"]);
    assert_eq!(taken("second/*"), ["second/big"]);
    assert_eq!(taken("rack/qwen"), ["rack/qwen"]);
    for text in ["", "/", "x/", "/x", "/*", "big", "zone:", "zone:mars"] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
    let nested =
        Target::upstream("hub", "owner/model", Zone::Cloud, hearthgate_rules::target::EffortField::None);
    assert_eq!(
        (nested.upstream_name(), nested.model(), nested.name()),
        ("hub", "owner/model", "hub/owner/model")
    );
    assert!(Zone::Device < Zone::Premises && Zone::Premises < Zone::Cloud);
    assert_eq!("deliberate".parse(), Ok(Effort::Deliberate));
    assert!("slow".parse::<Effort>().is_err() && "mars".parse::<Zone>().is_err());
}
