//! What is read back of a record decides as the request itself did, and as it would under another policy.

use std::sync::Arc;

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::{Follows, Leaning, Pace, Signals};
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::difficulty::{Band, Calibration, Probed};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::prove::CaseOutcome;
use hearthgate_rules::replay::Lack;
use hearthgate_rules::target::{EffortField, Target};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use tempfile::TempDir;

use super::*;
use crate::audit::{Audit, DecisionRecord, Found};

/// Policies that look for the same and make different things of it.
const POLICIES: [&str; 10] = [
    r#"packs = ["pii", "health"]
    [[route]]
    name = "hard"
    when = { band = "hard" }
    to = ["zone:cloud", "device/*"]
    [[route]]
    name = "otherwise"
    to = ["device/*", "zone:premises"]"#,
    r#"packs = ["pii", "health"]
    unlabelled = "internal"
    [difficulty]
    moderate = 0.1
    hard = 0.2
    [ceiling]
    confidential = "cloud"
    restricted = "premises"
    [[route]]
    name = "hard"
    when = { band = ["hard", "moderate"] }
    to = ["zone:premises", "zone:cloud"]
    [[route]]
    name = "otherwise"
    to = ["device/*"]
    effort = "quick""#,
    r#"packs = ["pii", "health"]
    [alias]
    fast = "device/starter"
    "*" = "auto"
    [[ceiling_for]]
    tenant = "clinic"
    ceiling = { public = "device", internal = "device", confidential = "device" }
    [[rule]]
    name = "sure"
    when = { count = { email = 2 }, confidence = { email = 0.9 } }
    label = "restricted"
    [[route]]
    name = "all"
    to = ["zone:cloud", "zone:premises", "device/*"]"#,
    r#"packs = ["pii", "health"]
    [ceiling]
    internal = "premises"
    [[rule]]
    name = "near"
    when = { near = [{ kinds = ["email", "card"], within = 40 }] }
    label = "restricted"
    [[rule]]
    name = "less-near"
    when = { near = [{ kinds = ["email", "health"], within = 900 }], confidence = { email = 0.5 } }
    label = "restricted"
    [opaque]
    image = "public"
    [[route]]
    name = "down"
    when = { health = { "frontier/big" = "down" } }
    to = ["device/*"]
    [[route]]
    name = "exhausted"
    when = { budget = "exhausted" }
    to = ["device/*"]
    [[route]]
    name = "all"
    to = ["zone:cloud", "zone:premises", "device/*"]"#,
    r#"packs = ["pii", "health"]
    [[route]]
    name = "refused"
    when = { label_min = "confidential" }
    refuse = "not here"
    [[route]]
    name = "mail"
    when = { none = ["email"], model = "frontier/big" }
    to = ["frontier/big"]
    [[route]]
    name = "desk"
    when = { workflow = "desk" }
    to = ["zone:cloud"]
    [[route]]
    name = "otherwise"
    to = ["device/*"]"#,
    r#"packs = ["pii", "health"]
    [ceiling]
    restricted = "cloud"
    confidential = "cloud"
    [[route]]
    name = "all"
    to = ["zone:cloud"]"#,
    r#"packs = ["pii", "health"]
    [[route]]
    name = "code"
    when = { code = true }
    to = ["zone:premises", "device/*"]
    effort = "quick"
    [[route]]
    name = "otherwise"
    to = ["zone:cloud", "device/*"]
    effort = "deliberate""#,
    r#"packs = ["pii", "health"]
    [difficulty.probe]
    target = "device/starter"
    grey = 0.4
    sure = 0.9
    [[route]]
    name = "hard"
    when = { band = "hard", none = ["email"] }
    to = ["zone:cloud", "device/*"]
    [[route]]
    name = "otherwise"
    to = ["device/*"]"#,
    r#"packs = ["pii", "health"]
    [difficulty.probe]
    target = "device/starter"
    grey = 0.4
    [[route]]
    name = "hard"
    when = { band = "hard" }
    to = ["zone:cloud", "device/*"]
    [[route]]
    name = "otherwise"
    to = ["device/*"]"#,
    r#"packs = ["pii", "health"]
    [difficulty.probe]
    target = "device/starter"
    method = "agreement"
    grey = 0.4
    [[route]]
    name = "hard"
    when = { band = "hard" }
    to = ["zone:cloud", "device/*"]
    [[route]]
    name = "otherwise"
    to = ["device/*", "zone:cloud"]
    verify = { sure = 0.5 }"#,
];

const PIECES: [&str; 9] = [
    "How do I sort a list in Python?",
    "Hello there.",
    "Write to jane@acme-widgets.com.",
    "Copy bob.miller@acme-widgets.com too.",
    "Card 4539 1488 0343 6467.",
    "She has diabetes and asthma.",
    "Prove that there are infinitely many primes, step by step, and compare three proofs in depth.",
    "name jane at acme-widgets dot com",
    "..................................................................................................",
];

fn policy(text: &str) -> Arc<Policy> {
    policy_over(text, None)
}

/// The same, where the model of this process fails as a table says.
fn policy_over(text: &str, calibration: Option<Calibration>) -> Arc<Policy> {
    let targets = [
        Target::device("starter").with_calibration(calibration.map(Arc::new)),
        Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
        Target::upstream("frontier", "big", Zone::Cloud, EffortField::None),
    ];
    let file = PolicyFile::parse(text).unwrap();
    Arc::new(Policy::compile(&file, targets.map(Arc::new).into(), Zone::Cloud).unwrap())
}

/// A request, and what it is asked with.
#[derive(Clone, Debug)]
struct Ask {
    body: String,
    tenant: Option<&'static str>,
    workflow: Option<&'static str>,
    key_workflow: Option<&'static str>,
    label: Option<usize>,
    zone: Option<Zone>,
    effort: Option<Effort>,
    down: bool,
    exhausted: bool,
    stays: Option<&'static str>,
    conversation: Option<usize>,
    /// What the device model would say if it were asked.
    probed: Probed,
    leaning: Leaning,
    declassify: Option<&'static str>,
}

fn ask() -> impl Strategy<Value = Ask> {
    let texts = subsequence(PIECES.to_vec(), 1..=5).prop_shuffle();
    let body =
        (texts, select(vec!["auto", "frontier/big", "qwen", "fast", "gpt-9"]), any::<bool>(), 1_usize..60);
    let body = body.prop_map(|(texts, model, image, times)| {
        // Many findings, so that not all of them are told in full.
        let repeated = if times > 50 { texts.join("\n").repeat(times) } else { texts.join("\n") };
        let mut content = vec![serde_json::json!({"type": "text", "text": repeated})];
        if image {
            content.push(
                serde_json::json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}),
            );
        }
        serde_json::json!({"model": model, "messages": [{"role": "user", "content": content}]}).to_string()
    });
    let workflow = || select(vec![None, Some("desk"), Some("Jane")]);
    let who = (select(vec![None, Some("clinic")]), workflow(), workflow());
    let wish = (
        proptest::option::of(0_usize..4),
        select(vec![None, Some(Zone::Premises), Some(Zone::Device)]),
        select(vec![None, Some(Effort::Quick), Some(Effort::Deliberate)]),
    );
    let stays = select(vec![None, Some("frontier/big"), Some("device/qwen")]);
    let probed = select(Probed::ALL.to_vec());
    let signals =
        (any::<bool>(), any::<bool>(), proptest::option::weighted(0.2, 0_usize..4), stays, probed, leaning());
    (body, who, wish, signals).prop_map(|(body, who, wish, signals)| Ask {
        body,
        tenant: who.0,
        workflow: who.1,
        key_workflow: who.2.filter(|own| Some(*own) != who.1),
        label: wish.0,
        zone: wish.1,
        effort: wish.2,
        down: signals.0,
        exhausted: signals.1,
        conversation: signals.2,
        stays: signals.3,
        probed: signals.4,
        leaning: signals.5,
        declassify: None,
    })
}

/// What the order of targets leans on, names that no configuration has among them.
fn leaning() -> impl Strategy<Value = Leaning> {
    const NAMES: [&str; 4] = ["frontier/big", "device/qwen", "rack/qwen", "gone/model"];
    let names = || subsequence(NAMES.to_vec(), 0..=3).prop_shuffle();
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let pace =
        proptest::collection::vec(proptest::option::weighted(0.3, select(Pace::ALL.to_vec())), NAMES.len());
    let follows = (select(NAMES.to_vec()), select(Band::ALL.to_vec()), names());
    (names(), names(), pace, proptest::option::of(follows)).prop_map(move |(late, dear, pace, follows)| {
        Leaning {
            late: owned(late),
            dear: owned(dear),
            pace: NAMES
                .iter()
                .zip(pace)
                .filter_map(|(name, pace)| Some(((*name).to_owned(), pace?)))
                .collect(),
            follows: follows.map(|(target, band, saves)| Follows {
                target: target.to_owned(),
                band,
                saves: owned(saves).into_iter().collect(),
            }),
        }
    })
}

impl Ask {
    fn plain(body: &serde_json::Value) -> Self {
        Self {
            body: body.to_string(),
            tenant: None,
            workflow: None,
            key_workflow: None,
            label: None,
            zone: None,
            effort: None,
            down: false,
            exhausted: false,
            stays: None,
            conversation: None,
            probed: Probed::Untold,
            leaning: Leaning::default(),
            declassify: None,
        }
    }

    fn judged(&self, policy: &Arc<Policy>) -> (hearthgate_rules::judge::Judged, Signals) {
        let label = |rank: usize| policy.labels().all().nth(rank);
        let caller = Caller {
            name: "team".to_owned(),
            tenant: self.tenant.map(str::to_owned),
            workflow: self.workflow.map(str::to_owned),
            key_workflow: self.key_workflow.map(str::to_owned),
            label: self.label.and_then(label),
            zone: self.zone,
            effort: self.effort,
            declassify: self.declassify.map(str::to_owned),
            roles: vec!["press".to_owned()],
        };
        let mut signals = Signals {
            down: self.down.then(|| "frontier/big".to_owned()).into_iter().collect(),
            budget: if self.exhausted { BudgetState::Exhausted } else { BudgetState::Ample },
            stays: self.stays.map(str::to_owned),
            conversation: self.conversation.and_then(label),
            probed: None,
            leaning: self.leaning.clone(),
        };
        let judged = policy.judge(ChatRequest::openai(self.body.clone()).unwrap(), caller);
        signals.probed = judged.probe(&signals).map(|_| self.probed);
        (judged, signals)
    }

    fn decision(&self, policy: &Arc<Policy>) -> Decision {
        let (judged, signals) = self.judged(policy);
        judged.decide(&signals)
    }

    /// The decision under a policy, as it is read back from its line.
    fn recorded(&self, policy: &Arc<Policy>) -> (Decided, Sight) {
        let (judged, signals) = self.judged(policy);
        let found = Found::of(&judged, policy, &signals);
        let decision = judged.decide(&signals);
        let record = DecisionRecord {
            request_id: "req-1",
            caller: "team",
            tenant: self.tenant,
            workflow: self.workflow,
            workflow_configured: false,
            key_workflow: self.key_workflow,
            dialect: Dialect::OpenAiChat,
            found: &found,
            decision: &decision,
            policy_digest: "00",
            model_digest: None,
        };
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        let audit = Audit::open(Some(&path)).unwrap();
        let _noted = audit.decision(&record).unwrap();
        drop(audit);
        let mut reader = Reader::default();
        let decided = reader.read(&std::fs::read(path).unwrap()).unwrap();
        let sight = reader.sight("00").cloned().unwrap();
        assert_eq!(&sight, policy.sight());
        (decided, sight)
    }
}

fn same(decision: &Decision, now: &CaseOutcome, policy: &Policy) -> Result<(), TestCaseError> {
    prop_assert_eq!(decision.label(), policy.labels().name(now.label));
    prop_assert_eq!(decision.effort, now.effort);
    match (&decision.outcome, &now.targets) {
        (Outcome::Allow(permit), Ok(targets)) => prop_assert_eq!(permit.targets(), targets.as_slice()),
        (Outcome::Refuse(refusal), Err(again)) => prop_assert_eq!(refusal, again),
        (one, other) => prop_assert!(false, "{:?} and {:?}", one, other),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_same_policy_moves_nothing(
        ask in ask(),
        text in select(POLICIES.to_vec()),
        chances in prop::option::of((0.0_f32..=1.0, 0.0_f32..=1.0)),
    ) {
        let points = |(one, other): (f32, f32)| vec![(0.1, one.min(other)), (0.6, one.max(other))];
        let policy = policy_over(text, chances.map(|chances| Calibration::new(points(chances)).unwrap()));
        let (was, sight) = ask.recorded(&policy);
        let sight = sight.shared(Some(&policy), &policy);
        let now = was.past.unwrap().under(&policy, &sight).unwrap();
        same(&ask.decision(&policy), &now, &policy)?;
        prop_assert_eq!(was.reach, Reach::of(&now));
        prop_assert_eq!(was.effort, now.effort);
    }

    #[test]
    fn another_policy_decides_as_it_would_have(
        ask in ask(),
        before in select(POLICIES.to_vec()),
        after in select(POLICIES.to_vec()),
    ) {
        let (before, after) = (policy(before), policy(after));
        let (was, sight) = ask.recorded(&before);
        match was.past.unwrap().under(&after, &sight.shared(Some(&before), &after)) {
            Ok(now) => same(&ask.decision(&after), &now, &after)?,
            Err(lacks) => {
                let ends_differ = |lack: &Lack| {
                    matches!(lack, Lack::Difficulty | Lack::Sureness | Lack::Code | Lack::Workflow | Lack::Model)
                };
                prop_assert!(lacks.iter().all(ends_differ), "{:?}", lacks);
            }
        }
    }

    #[test]
    fn what_was_not_looked_for_is_never_guessed_outwards(
        ask in ask(),
        packs in subsequence(vec!["pii", "health"], 0..=2),
        after in select(POLICIES.to_vec()),
    ) {
        let before = policy(&POLICIES[0].replace(r#"["pii", "health"]"#, &format!("{packs:?}")));
        let after = policy(after);
        let (was, sight) = ask.recorded(&before);
        if let Ok(now) = was.past.unwrap().under(&after, &sight.shared(Some(&before), &after)) {
            let truth = ask.decision(&after);
            let zones = match &truth.outcome {
                Outcome::Allow(permit) => permit.targets().iter().map(|target| target.zone()).collect(),
                Outcome::Refuse(_) => Vec::new(),
            };
            prop_assert!(!Reach::of_zones(zones.into_iter()).is_beyond(Reach::of(&now)), "{:?}", now);
        }
    }
}

#[test]
fn more_findings_than_a_line_names_leave_open_what_depends_on_them() {
    let text = "Write to jane@acme-widgets.com.\n".repeat(700);
    let body = serde_json::json!({"model": "auto", "messages": [{"role": "user", "content": text}]});
    let plain = Ask::plain(&body);
    let policy_with = |count: u32| {
        policy(&format!(
            "packs = [\"pii\"]\n[[rule]]\nname = \"many\"\n\
             when = {{ count = {{ email = {count} }}, confidence = {{ email = 0.5 }} }}\nlabel = \"restricted\"\n\
             [[route]]\nname = \"all\"\nto = [\"zone:cloud\", \"zone:premises\", \"device/*\"]"
        ))
    };
    let before = policy_with(3);
    let (was, sight) = plain.recorded(&before);
    let past = was.past.unwrap();
    assert!(past.counts[0].1 >= 600, "{:?}", past.counts);
    // So many are named in the line.
    assert!(past.under(&policy_with(500), &sight).is_ok());
    // So many are only counted: how sure they are is not known.
    let lacks = past.under(&policy_with(600), &sight).unwrap_err();
    assert_eq!(lacks, BTreeSet::from([Lack::Findings("email".to_owned())]));
    // So many are not there, however sure.
    assert!(past.under(&policy_with(5000), &sight).is_ok());
}

#[test]
fn whether_a_label_may_be_lowered_is_not_guessed() {
    let body = serde_json::json!({
        "model": "auto",
        "messages": [{"role": "user", "content": "Write to jane@acme-widgets.com."}],
    });
    let ask = Ask { declassify: Some("for-the-press"), ..Ask::plain(&body) };
    let without = policy(POLICIES[3]);
    let lowering = policy(&format!(
        "{}\n[[declassify]]\nname = \"for-the-press\"\nrole = \"press\"\nfrom = \"confidential\"\nto = \"public\"",
        POLICIES[3]
    ));
    let (was, sight) = ask.recorded(&lowering);
    let past = was.past.unwrap();
    assert_eq!(ask.decision(&lowering).label(), "public");
    let lacks = past.under(&lowering, &sight).unwrap_err();
    assert_eq!(lacks, BTreeSet::from([Lack::Declassified("for-the-press".to_owned())]));
    // A policy that lowers nothing leaves the label as it was.
    let now = past.under(&without, &sight).unwrap();
    assert_eq!(without.labels().name(now.label), "confidential");
}

#[test]
fn a_record_that_does_not_say_whether_it_spoke_of_code_is_not_guessed_at() {
    let body =
        |text: &str| serde_json::json!({"model": "auto", "messages": [{"role": "user", "content": text}]});
    let asks = policy(POLICIES[6]);
    for (text, code, target) in
        [("How do I sort a list in Python?", true, "rack/qwen"), ("Hello there.", false, "frontier/big")]
    {
        let ask = Ask::plain(&body(text));
        let (was, sight) = ask.recorded(&policy(POLICIES[0]));
        let mut past = was.past.unwrap();
        assert_eq!(past.code, Some(code));
        assert_eq!(past.under(&asks, &sight).unwrap().targets.unwrap()[0].name(), target);
        past.code = None;
        assert_eq!(past.under(&asks, &sight).unwrap_err(), BTreeSet::from([Lack::Code]));
        // Where it makes no difference, it need not be known.
        assert!(past.under(&policy(POLICIES[0]), &sight).is_ok());
        past.raised = Some("restricted".to_owned());
        let same_effort = POLICIES[6].replace("deliberate", "quick");
        assert!(past.under(&policy(&same_effort), &sight).is_ok());
    }
}

#[test]
fn a_line_of_an_older_gateway_is_read_and_cannot_be_told() {
    let line = r#"{"seq":1,"prev":"0","at":5,"kind":"decision","id":"req-1","caller":"local","dialect":"openai-chat",
        "label":"restricted","counts":{"card":1},"findings":[{"kind":"card","pointer":"/messages/0/content","start":0,
        "end":19,"parts":0}],"score":0.413,"band":"moderate","effort":"quick","zone":"device",
        "targets":["device/home"],"treatment":"as-is","policy":"00","hash":"0"}"#;
    let was = Reader::default().read(line.as_bytes()).unwrap();
    assert!(was.past.is_none());
    assert_eq!((was.label.as_str(), was.target.as_deref()), ("restricted", Some("device/home")));
}
