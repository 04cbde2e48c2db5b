//! The proof and brute force agree where policies ask how sure, how near and for whom, for generated policies.

use std::fmt::Write;
use std::sync::Arc;

use hearthgate_rules::policy::{Atom, Confidence, Near, Policy};
use hearthgate_rules::prove::Case;
use hearthgate_rules::target::Zone;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::brute_force::{Never, agree};
use super::support::try_policy;

const LABELS: [&str; 4] = ["public", "internal", "confidential", "restricted"];

/// How sure an address is where a policy asks.
const SURE: f32 = 0.9;

/// More kinds of nearness than this are not drawn: every subset is a case.
const NEARS_MAX: usize = 4;

/// Keys of a condition about findings.
fn evidence() -> impl Strategy<Value = &'static str> {
    select(vec![
        r#"any = ["email"]"#,
        r#"all = ["email", "card"]"#,
        r#"count = { email = 3 }"#,
        r#"any = ["email"], confidence = { email = 0.9 }"#,
        r#"count = { email = 2 }, confidence = { email = 0.9 }"#,
        r#"near = [{ kinds = ["email", "card"], within = 50 }]"#,
        r#"near = [{ kinds = ["card", "email"], within = 100 }]"#,
        r#"near = [{ kinds = ["email", "card"], within = 100 }], confidence = { email = 0.9 }"#,
        r#"near = [{ kinds = ["email", "card", "phone"], within = 50 }]"#,
    ])
}

fn whom() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => select(vec![r#"tenant = "hr""#, r#"workflow = "night""#, r#"tenant = ["hr", "law"]"#])]
}

fn rule() -> impl Strategy<Value = String> {
    (evidence(), whom(), select(LABELS.to_vec())).prop_map(|(what, whom, label)| {
        format!("when = {{ {} }}\nlabel = \"{label}\"\n", joined(&[what, whom]))
    })
}

fn route() -> impl Strategy<Value = String> {
    let some = |keys: Vec<&'static str>| prop_oneof![2 => Just(""), 1 => select(keys)];
    let found = prop_oneof![
        2 => Just(""),
        2 => evidence(),
        1 => select(vec![r#"none = ["email"]"#, r#"none = ["email"], confidence = { email = 0.9 }"#]),
    ];
    let label = some(vec![
        r#"label = "public""#,
        r#"label_min = "internal""#,
        r#"label = ["internal", "restricted"]"#,
    ]);
    let to = prop_oneof![
        5 => subsequence(vec!["device/*", "rack/*", "frontier/big", "zone:cloud"], 1..=3).prop_shuffle().prop_map(|to| format!("to = {to:?}\n")),
        1 => Just("refuse = \"no\"\n".to_owned()),
    ];
    (found, label, whom(), to)
        .prop_map(|(found, label, whom, to)| format!("when = {{ {} }}\n{to}", joined(&[found, label, whom])))
}

fn joined(keys: &[&str]) -> String {
    keys.iter().filter(|key| !key.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

/// A ceiling that is tighter for some: for whom, and how far each label may go.
#[derive(Clone, Debug)]
struct Tighter {
    tenant: Option<&'static str>,
    workflow: Option<&'static str>,
    zones: Vec<Option<Zone>>,
}

impl Tighter {
    fn text(&self) -> String {
        let mut text = "[[ceiling_for]]\n".to_owned();
        for (what, name) in [("tenant", self.tenant), ("workflow", self.workflow)] {
            if let Some(name) = name {
                writeln!(text, "{what} = \"{name}\"").unwrap();
            }
        }
        let zones = LABELS.iter().zip(&self.zones);
        let zones = zones.filter_map(|(label, zone)| zone.map(|zone| format!("{label} = \"{zone}\"")));
        writeln!(text, "ceiling = {{ {} }}", zones.collect::<Vec<_>>().join(", ")).unwrap();
        text
    }

    fn is_for(&self, tenant: Option<&str>, workflow: Option<&str>) -> bool {
        (self.tenant.is_none() || self.tenant == tenant)
            && (self.workflow.is_none() || self.workflow == workflow)
    }
}

fn tighter(usual: Vec<Zone>) -> impl Strategy<Value = Tighter> {
    let whom = select(vec![
        (Some("hr"), None),
        (None, Some("night")),
        (Some("hr"), Some("night")),
        (Some("law"), None),
    ]);
    let zones = proptest::collection::vec(proptest::option::of(select(Zone::ALL.to_vec())), 4);
    (whom, zones).prop_map(move |((tenant, workflow), zones)| {
        let mut zones: Vec<_> =
            zones.into_iter().zip(&usual).map(|(zone, usual)| zone.map(|zone| zone.min(*usual))).collect();
        if zones.iter().all(Option::is_none) {
            zones[2] = Some(Zone::Device);
        }
        Tighter { tenant, workflow, zones }
    })
}

fn never() -> impl Strategy<Value = Never> {
    let things = vec!["restricted", "confidential", "internal", "email", "card", "phone"];
    let bound =
        prop_oneof![3 => select(vec!["device", "premises"]).prop_map(Ok), 1 => Just(Err("frontier/*"))];
    let tenant = prop_oneof![2 => Just(None), 1 => select(vec![Some("hr"), Some("law"), Some("nobody")])];
    let workflow = prop_oneof![3 => Just(None), 1 => Just(Some("night"))];
    (subsequence(things, 1..=2), bound, tenant, workflow)
        .prop_map(|(things, bound, tenant, workflow)| Never { things, bound, tenant, workflow, unless: None })
}

#[derive(Clone, Debug)]
struct Written {
    usual: Vec<Zone>,
    tighter: Vec<Tighter>,
    rules: Vec<String>,
    routes: Vec<String>,
    nevers: Vec<Never>,
}

impl Written {
    fn text(&self) -> String {
        let mut text = "[ceiling]\n".to_owned();
        for (label, zone) in LABELS.iter().zip(&self.usual) {
            writeln!(text, "{label} = \"{zone}\"").unwrap();
        }
        self.tighter.iter().for_each(|tighter| text += &tighter.text());
        for (number, rule) in self.rules.iter().enumerate() {
            write!(text, "[[rule]]\nname = \"rule-{number}\"\n{rule}").unwrap();
        }
        for (number, route) in self.routes.iter().enumerate() {
            write!(text, "[[route]]\nname = \"route-{number}\"\n{route}").unwrap();
        }
        for never in &self.nevers {
            writeln!(text, "[[invariant]]\ntext = '{}'", never.text()).unwrap();
        }
        text
    }

    /// Whether a label may go further out than one below it, for anyone.
    fn inverted(&self) -> bool {
        let ceiling = |label: usize, tenant: Option<&str>, workflow: Option<&str>| {
            let own = self.tighter.iter().filter(|tighter| tighter.is_for(tenant, workflow));
            own.filter_map(|tighter| tighter.zones[label]).fold(self.usual[label], Zone::min)
        };
        let rises = |tenant, workflow| {
            (1..4).any(|at| ceiling(at, tenant, workflow) > ceiling(at - 1, tenant, workflow))
        };
        TENANTS.iter().any(|tenant| WORKFLOWS.iter().any(|workflow| rises(*tenant, *workflow)))
    }
}

const TENANTS: [Option<&str>; 4] = [None, Some("hr"), Some("law"), Some("nobody")];
const WORKFLOWS: [Option<&str>; 2] = [None, Some("night")];

fn written() -> impl Strategy<Value = Written> {
    let usual = prop_oneof![
        3 => Just(vec![Zone::Cloud, Zone::Cloud, Zone::Premises, Zone::Device]),
        1 => proptest::collection::vec(select(Zone::ALL.to_vec()), 4),
    ];
    usual
        .prop_flat_map(|usual| {
            (
                Just(usual.clone()),
                proptest::collection::vec(tighter(usual), 0..3),
                proptest::collection::vec(rule(), 1..4),
                proptest::collection::vec(route(), 1..4),
                proptest::collection::vec(never(), 1..4),
            )
        })
        .prop_map(|(usual, tighter, rules, routes, nevers)| Written { usual, tighter, rules, routes, nevers })
}

/// Every nearness that a policy asks for.
fn nears(policy: &Policy) -> Vec<Near> {
    let rules = policy.rules().iter().flat_map(|rule| rule.when.atoms());
    let atoms = rules.chain(policy.routes().iter().flat_map(|route| route.when.atoms()));
    let mut nears: Vec<_> = atoms
        .filter_map(|atom| match atom {
            Atom::Near(near) => Some(near.clone()),
            _ => None,
        })
        .collect();
    nears.sort();
    nears.dedup();
    nears
}

/// Calls `visit` with every case that the policy could tell from others.
fn every_case(policy: &Policy, text: &str, visit: &mut dyn FnMut(&Case)) {
    let kind = |name: &str| policy.kinds().named(name).unwrap();
    let most = |name: &str, most: u32| if text.contains(name) { most } else { 0 };
    let nears = nears(policy);
    let mut found = Vec::new();
    for emails in 0..=most("email", 3) {
        for sure in 0..=emails.min(most("confidence", 2)) {
            for cards in 0..=most("card", 1) {
                for phones in 0..=most("phone", 1) {
                    for some in 0..1_usize << nears.len() {
                        let mut case = Case::default();
                        let counts = [("email", emails), ("card", cards), ("phone", phones)];
                        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
                        case.counts = counts.map(|(name, count)| (kind(name), count)).collect();
                        case.sure = [((kind("email"), Confidence::of(SURE)), sure)].into();
                        let near = nears.iter().enumerate().filter(|(place, _)| some >> place & 1 == 1);
                        case.near = near.map(|(_, near)| near.clone()).collect();
                        found.push(case);
                    }
                }
            }
        }
    }
    // Nearness of what is not there says nothing, so many of these are one.
    found.dedup();
    for case in found {
        for raise in policy.labels().all() {
            for tenant in TENANTS.iter().take(if text.contains("tenant") { 4 } else { 1 }) {
                for workflow in WORKFLOWS.iter().take(if text.contains("workflow") { 2 } else { 1 }) {
                    for zone in Zone::ALL {
                        for model in ["auto", "big", "qwen", "starter"] {
                            let (tenant, workflow) = (tenant.map(str::to_owned), workflow.map(str::to_owned));
                            let model = model.to_owned();
                            visit(&Case { raise, tenant, workflow, zone, model, ..case.clone() });
                        }
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_proof_and_brute_force_agree_on_evidence(written in written()) {
        let text = written.text();
        let policy = Arc::new(try_policy(&text).unwrap_or_else(|error| panic!("{error}\n{text}")));
        prop_assume!(nears(&policy).len() <= NEARS_MAX);
        agree(&policy, &written.nevers, written.inverted(), |visit| every_case(&policy, &text, visit))?;
    }
}
