//! The proof and brute force over every case agree, for generated policies.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use hearthgate_rules::decision::Refusal;
use hearthgate_rules::difficulty::Band;
use hearthgate_rules::inspect::OpaqueKind;
use hearthgate_rules::policy::{Atom, BudgetState, Near, Policy};
use hearthgate_rules::prove::{Case, CaseOutcome, Outcome, prove};
use hearthgate_rules::target::Zone;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::support::{catalogue, try_policy};

const LABELS: [&str; 4] = ["public", "internal", "confidential", "restricted"];
const ZONES: [&str; 3] = ["device", "premises", "cloud"];
const TARGETS: [&str; 4] = ["device/starter", "rack/qwen", "frontier/big", "second/big"];
const SELECTORS: [&str; 7] =
    ["device/*", "device/starter", "rack/*", "frontier/big", "second/*", "zone:cloud", "zone:premises"];

/// The declassification of every policy here.
const DECLASSIFY: &str = "lowered";

/// From which label to which, and with which further keys.
fn declassify() -> impl Strategy<Value = String> {
    let more = vec!["", "kinds = [\"email\"]", "kinds = [\"card\", \"password\"]"];
    (subsequence(LABELS.to_vec(), 2), select(more)).prop_map(|(labels, more)| {
        let (to, from) = (labels[0], labels[1]);
        format!(
            "[[declassify]]\nname = \"{DECLASSIFY}\"\nrole = \"r\"\nfrom = \"{from}\"\nto = \"{to}\"\n{more}"
        )
    })
}

/// A sentence, kept apart from its text so that it is judged here without the crate's reader.
#[derive(Clone, Debug)]
pub struct Never {
    pub things: Vec<&'static str>,
    pub bound: Result<&'static str, &'static str>,
    pub tenant: Option<&'static str>,
    pub workflow: Option<&'static str>,
    pub unless: Option<&'static str>,
}

impl Never {
    pub fn text(&self) -> String {
        let things = self.things.join("\" with \"");
        let mut text = match self.bound {
            Ok(zone) => format!("never \"{things}\" beyond \"{zone}\""),
            Err(target) => format!("never \"{things}\" to \"{target}\""),
        };
        for (what, name) in [("tenant", self.tenant), ("workflow", self.workflow)] {
            if let Some(name) = name {
                write!(text, " for {what} \"{name}\"").unwrap();
            }
        }
        if let Some(name) = self.unless {
            write!(text, " unless declassified by \"{name}\"").unwrap();
        }
        text
    }

    fn broken_by(&self, policy: &Policy, case: &Case, outcome: &CaseOutcome) -> bool {
        let there = |thing: &&str| match *thing {
            "opaque:image" => case.opaque.contains(&OpaqueKind::Image),
            "email" | "card" | "phone" => case.counts.contains_key(&policy.kinds().named(thing).unwrap()),
            label => case.own_label(policy) >= policy.labels().named(label).unwrap(),
        };
        let forbidden = |name: &str, zone: Zone| match self.bound {
            Ok(limit) => zone > limit.parse().unwrap(),
            Err("frontier/*") => name.starts_with("frontier/"),
            Err(target) => name == target,
        };
        let of = |wanted: Option<&str>, own: &Option<String>| wanted.is_none() || wanted == own.as_deref();
        self.things.iter().all(there)
            && of(self.tenant, &case.tenant)
            && of(self.workflow, &case.workflow)
            && (self.unless.is_none() || self.unless != case.declassify.as_deref())
            && outcome.targets.iter().flatten().any(|target| forbidden(target.name(), target.zone()))
    }
}

fn never() -> impl Strategy<Value = Never> {
    let things = vec!["restricted", "confidential", "internal", "email", "card", "opaque:image"];
    let bound = prop_oneof![
        select(vec!["device", "premises"]).prop_map(Ok),
        select(vec!["frontier/*", "rack/qwen", "device/starter"]).prop_map(Err),
    ];
    let unless = prop_oneof![3 => Just(None), 1 => Just(Some(DECLASSIFY))];
    (subsequence(things, 1..=2), bound, unless).prop_map(|(things, bound, unless)| Never {
        things,
        bound,
        tenant: None,
        workflow: None,
        unless,
    })
}

/// One key of a rule's condition.
fn rule_when() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("any = [\"email\"]".to_owned()),
        Just("any = [\"email\", \"card\"]".to_owned()),
        Just("all = [\"email\", \"card\"]".to_owned()),
        (2_u32..4).prop_map(|count| format!("count = {{ email = {count} }}")),
        Just("opaque = [\"image\"]".to_owned()),
        Just("any = [\"email\"], tenant = \"hr\"".to_owned()),
        Just("model = \"big\"".to_owned()),
    ]
}

/// Keys of a route's condition, each at most once.
fn route_when() -> impl Strategy<Value = String> {
    let key = |key: &'static str, values: Vec<&'static str>| prop_oneof![3 => Just(String::new()), 1 => select(values).prop_map(move |value| format!("{key} = {value}, "))];
    (
        key("label", vec!["\"public\"", "[\"public\", \"confidential\"]", "\"restricted\""]),
        key("label_min", vec!["\"internal\"", "\"restricted\""]),
        (key("band", vec!["\"hard\"", "[\"easy\", \"hard\"]"]), key("code", vec!["true", "false"]))
            .prop_map(|(band, code)| band + &code),
        key("none", vec!["[\"email\"]", "[\"email\", \"card\"]"]),
        key("count", vec!["{ email = 1 }", "{ email = 3 }", "{ card = 1 }"]),
        key("tenant", vec!["\"hr\""]),
        key("model", vec!["\"big\"", "[\"auto\", \"fast\"]", "\"device/starter\""]),
        key("budget", vec!["\"exhausted\"", "\"ample\"", "[\"low\", \"exhausted\"]"]),
        key(
            "health",
            vec![
                "{ \"frontier/big\" = \"down\" }",
                "{ \"rack/qwen\" = \"up\" }",
                "{ \"frontier/big\" = \"up\", \"device/starter\" = \"down\" }",
            ],
        ),
    )
        .prop_map(|keys| {
            let (a, b, c, d, e, f, g, h, i) = keys;
            [a, b, c, d, e, f, g, h, i].concat().trim_end_matches(", ").to_owned()
        })
}

/// When, to which targets (or to none: it refuses), and whether to these alone.
type Route = (String, Option<Vec<&'static str>>, bool);

fn route() -> impl Strategy<Value = Route> {
    let to = prop_oneof![
        6 => subsequence(SELECTORS.to_vec(), 1..=3).prop_shuffle().prop_map(Some),
        1 => Just(None),
    ];
    (route_when(), to, proptest::bool::weighted(0.2))
}

fn written_policy() -> impl Strategy<Value = (String, Vec<Never>)> {
    let ceilings = prop_oneof![
        2 => Just(vec!["cloud", "cloud", "premises", "device"]),
        1 => proptest::collection::vec(select(ZONES.to_vec()), 4),
    ];
    let alias = subsequence(
        vec![
            "fast = \"device/starter\"",
            "far = \"zone:cloud\"",
            "\"*\" = \"auto\"",
            "\"*\" = \"rack/qwen\"",
        ],
        0..=2,
    );
    (
        ceilings,
        proptest::option::of(select(LABELS.to_vec())),
        proptest::option::of(select(LABELS.to_vec())),
        alias,
        proptest::collection::vec((rule_when(), select(LABELS.to_vec())), 0..4),
        proptest::collection::vec(route(), 1..5),
        proptest::collection::vec(never(), 1..4),
        (proptest::bool::weighted(0.3), declassify()),
    )
        .prop_map(|(ceilings, unlabelled, image, alias, rules, routes, nevers, (pack, declassify))| {
            let mut text = String::new();
            if pack {
                writeln!(text, "packs = [\"pci\"]").unwrap();
            }
            if let Some(label) = unlabelled.filter(|label| *label != "restricted") {
                writeln!(text, "unlabelled = \"{label}\"").unwrap();
            }
            writeln!(text, "[ceiling]").unwrap();
            for (label, zone) in LABELS.iter().zip(ceilings) {
                writeln!(text, "{label} = \"{zone}\"").unwrap();
            }
            if let Some(label) = image {
                writeln!(text, "[opaque]\nimage = \"{label}\"").unwrap();
            }
            if alias.iter().filter(|line| line.starts_with("\"*\"")).count() < 2 {
                writeln!(text, "[alias]\n{}", alias.join("\n")).unwrap();
            }
            for (number, (when, label)) in rules.iter().enumerate() {
                writeln!(
                    text,
                    "[[rule]]\nname = \"rule-{number}\"\nwhen = {{ {when} }}\nlabel = \"{label}\""
                )
                .unwrap();
            }
            for (number, (when, to, only)) in routes.iter().enumerate() {
                writeln!(text, "[[route]]\nname = \"route-{number}\"\nwhen = {{ {when} }}").unwrap();
                match to {
                    Some(to) => writeln!(text, "to = {to:?}\nonly = {only}").unwrap(),
                    None => writeln!(text, "refuse = \"no\"").unwrap(),
                }
                if to.as_ref().is_some_and(|to| to[0].starts_with("device/")) {
                    writeln!(text, "verify = {{}}").unwrap();
                }
            }
            writeln!(text, "{declassify}").unwrap();
            for never in &nevers {
                writeln!(text, "[[invariant]]\ntext = '{}'", never.text()).unwrap();
            }
            (text, nevers)
        })
}

/// Calls `visit` with every case that the policy could tell from others; keys that it does not use stay put.
fn every_case(policy: &Policy, text: &str, mut visit: impl FnMut(&Case)) {
    let kind = |name: &str| policy.kinds().named(name).unwrap();
    let says = |word: &str| text.contains(word);
    let pick = |on: bool, most: u32| if on { 0..=most } else { 0..=0 };
    let models: &[&str] =
        &["auto", "fast", "far", "big", "qwen", "starter", TARGETS[0], TARGETS[1], TARGETS[2], "?"];
    let bands: &[Band] = if says("band") { &Band::ALL } else { &Band::ALL[..1] };
    let budgets: &[BudgetState] = if says("budget") { &BudgetState::ALL } else { &BudgetState::ALL[..1] };
    let programs: &[bool] = if says("code = ") { &[false, true] } else { &[false] };
    for emails in pick(says("email"), 3) {
        for cards in pick(says("card") || says("pci"), 1) {
            for (image, stripe) in
                pick(says("image"), 1).flat_map(|image| pick(says("pci"), 3).map(move |on| (image, on)))
            {
                for raise in policy.labels().all() {
                    for tenant in pick(says("hr"), 1) {
                        let mut case = Case { raise, ..Case::default() };
                        let (track, code) = (stripe & 1, stripe >> 1);
                        let counts = [
                            (kind("email"), emails),
                            (kind("card"), cards),
                            (kind("card-track"), track),
                            (kind("card-code"), code),
                        ];
                        case.counts.extend(counts.into_iter().filter(|(_, count)| *count > 0));
                        // A code far from every card tells the policy nothing that its absence does not.
                        case.near.extend(nears(policy).filter(|_| code == 1));
                        case.opaque.extend((image == 1).then_some(OpaqueKind::Image));
                        case.tenant = (tenant == 1).then(|| "hr".to_owned());
                        for (&band, &code) in
                            bands.iter().flat_map(|band| programs.iter().map(move |code| (band, code)))
                        {
                            for &budget in budgets {
                                for zone in Zone::ALL {
                                    for model in models {
                                        let model = (*model).to_owned();
                                        let case = Case { band, code, budget, zone, model, ..case.clone() };
                                        every_health(says("health"), case, &mut visit);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn nears(policy: &Policy) -> impl Iterator<Item = Near> {
    policy.rules().iter().flat_map(|rule| rule.when.atoms()).filter_map(|atom| match atom {
        Atom::Near(near) => Some(near.clone()),
        _ => None,
    })
}

fn every_health(all: bool, mut case: Case, visit: &mut impl FnMut(&Case)) {
    for down in 0..if all { 1 << TARGETS.len() } else { 1 } {
        let names = TARGETS.iter().enumerate().filter(|(place, _)| down >> place & 1 == 1);
        case.down = names.map(|(_, name)| (*name).to_owned()).collect::<BTreeSet<_>>();
        for declassify in [None, Some(DECLASSIFY)] {
            case.declassify = declassify.map(str::to_owned);
            visit(&case);
        }
    }
}

fn without_end(case_outcome: &CaseOutcome) -> bool {
    case_outcome.targets == Err(Refusal::NoTarget)
        && catalogue().iter().any(|target| target.zone() <= case_outcome.ceiling)
}

/// Holds the proof against what is told of every case: endings, ceilings that fall, and each sentence.
pub fn agree(
    policy: &Policy,
    nevers: &[Never],
    inverted: bool,
    every_case: impl FnOnce(&mut dyn FnMut(&Case)),
) -> Result<(), TestCaseError> {
    let (mut endless, mut too_far) = (false, false);
    let verifies =
        |name: &str| policy.routes().iter().any(|route| route.name == name && route.verify.is_some());
    let mut broken = vec![false; nevers.len()];
    every_case(&mut |case| {
        let outcome = case.outcome(policy);
        endless |= without_end(&outcome);
        // Whoever is asked after an answer at home that is not sure is one of the permit's.
        if outcome.route.as_deref().is_some_and(verifies) {
            too_far |= outcome.targets.iter().flatten().any(|target| target.zone() > outcome.ceiling);
        }
        for (never, broken) in nevers.iter().zip(&mut broken) {
            *broken = *broken || never.broken_by(policy, case, &outcome);
        }
    });
    let proof = prove(policy).unwrap();
    let found: Vec<bool> =
        proof.statements.iter().map(|statement| matches!(statement.outcome, Outcome::Broken(_))).collect();
    let mut expected = vec![endless, false, inverted];
    expected.extend(broken);
    expected.extend(policy.routes().iter().any(|route| route.verify.is_some()).then_some(too_far));
    prop_assert_eq!(found, expected, "{}", proof);

    // And each counterexample is one.
    for (never, statement) in nevers.iter().zip(&proof.statements[3..]) {
        if let Outcome::Broken(counterexample) = &statement.outcome {
            let outcome = counterexample.case.outcome(policy);
            prop_assert!(never.broken_by(policy, &counterexample.case, &outcome), "{}", proof);
        }
    }
    if let Outcome::Broken(counterexample) = &proof.statements[0].outcome {
        prop_assert!(without_end(&counterexample.case.outcome(policy)), "{}", proof);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_proof_and_brute_force_agree((text, nevers) in written_policy()) {
        let policy = Arc::new(try_policy(&text).unwrap());
        let labels: Vec<_> = policy.labels().all().collect();
        let inverted = labels.windows(2).any(|pair| policy.ceiling(pair[1]) > policy.ceiling(pair[0]));
        agree(&policy, &nevers, inverted, |visit| every_case(&policy, &text, visit))?;
    }
}
