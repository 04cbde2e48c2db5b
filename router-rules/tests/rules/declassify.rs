//! What may be lowered, by whom, and what never is.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::Decision;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::memory::Plain;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::prove::prove;
use hearthgate_rules::target::Zone;

use super::support::{policy, prompt};

const POLICY: &str = "packs = [\"pii\", \"secrets\"]\n\
    [[declassify]]\nname = \"released\"\nrole = \"legal\"\nfrom = \"confidential\"\nto = \"internal\"\n\
    [[declassify]]\nname = \"mail\"\nrole = \"legal\"\nfrom = \"confidential\"\nto = \"public\"\nkinds = [\"email\"]\nworkflow = \"press\"\n\
    [[declassify]]\nname = \"keys\"\nrole = \"ops\"\nfrom = \"restricted\"\nto = \"public\"\nkinds = [\"api-key\"]\n\
    [[declassify]]\nname = \"all\"\nrole = \"legal\"\nfrom = \"restricted\"\nto = \"public\"\n\
    [[route]]\nname = \"out\"\nto = [\"frontier/big\", \"device/*\"]\n";

const EMAIL: &str = "Write to maria.keller@keller-bakery.de about it.";
const PHONE: &str = "Write to maria.keller@keller-bakery.de or call +49 30 23125042.";
const CARD: &str = "Charge the card 4539 1488 0343 6467.";
const KEY: &str = "The key is sk-proj-9fK2mLq8RtY4vBn7XcZ1aSdF3gHjW5eU.";

fn ask(policy: &Arc<Policy>, request: ChatRequest, roles: &[&str], by: &str, memory: &Plain) -> Decision {
    let caller = Caller {
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        declassify: Some(by.to_owned()),
        workflow: Some("press".to_owned()),
        ..Caller::default()
    };
    policy.judge_remembering(request, caller, memory).decide(&Signals::default())
}

fn label(text: &str, roles: &[&str], by: &str) -> String {
    let policy = policy(POLICY);
    ask(&policy, prompt("auto", text), roles, by, &Plain::default()).label().to_owned()
}

#[test]
fn a_role_may_have_that_label_lowered_and_the_decision_tells_it() {
    let policy = policy(POLICY);
    let decision = ask(&policy, prompt("auto", EMAIL), &["legal"], "released", &Plain::default());
    assert_eq!((decision.label(), decision.declassified()), ("internal", Some(("released", "confidential"))));
    assert_eq!(decision.target().unwrap().zone(), Zone::Cloud);
    let reasons = decision.reasons_as_text();
    assert!(reasons.contains(&"internal as declassified by released".to_owned()), "{reasons:?}");
    assert_eq!(label(EMAIL, &["legal"], "mail"), "public");
    assert_eq!(label(KEY, &["ops"], "keys"), "public");
    assert_eq!(label(CARD, &["legal"], "all"), "public");
}

#[test]
fn nothing_else_is_lowered() {
    for (text, roles, by, stays) in [
        (EMAIL, &[][..], "released", "confidential"),
        (EMAIL, &["ops"], "released", "confidential"),
        (EMAIL, &["legal"], "no-such", "confidential"),
        (PHONE, &["legal"], "mail", "confidential"),
        (CARD, &["legal"], "released", "restricted"),
        (KEY, &["legal"], "all", "restricted"),
        (CARD, &["ops"], "keys", "restricted"),
    ] {
        assert_eq!(label(text, roles, by), stays, "{by} of {roles:?}: {text}");
    }
}

#[test]
fn what_is_remembered_keeps_its_label_and_is_no_way_round() {
    let policy = policy(POLICY);
    let secret = "password = \"tr0ub4dor&3xyz\"";
    let memory = Plain::after(&policy, &Caller::default(), [prompt("auto", secret), prompt("auto", CARD)]);
    let later = || prompt("auto", "What does tr0ub4dor&3xyz mean?");
    assert_eq!(ask(&policy, later(), &["legal"], "all", &memory).label(), "restricted");
    let card = || prompt("auto", "And 4539 1488 0343 6467?");
    assert_eq!(ask(&policy, card(), &["legal"], "all", &memory).label(), "public");
    // It was lowered for that one request.
    assert_eq!(ask(&policy, card(), &["legal"], "", &memory).label(), "restricted");
}

#[test]
fn check_says_who_may_lower_what() {
    let proof = prove(&policy(POLICY)).unwrap();
    assert!(proof.holds(), "{proof}");
    let warning = "role `legal` may have `confidential` lowered to `internal` by `released`, which may go as far as cloud";
    assert!(proof.warnings.iter().any(|said| said == warning), "{:?}", proof.warnings);
}

#[test]
fn a_promise_may_leave_a_declassification_out() {
    let with = |text: &str| {
        let text = format!("{POLICY}\n[[invariant]]\ntext = '{text}'\n");
        prove(&policy(&text)).unwrap().holds()
    };
    let promise = "never \"confidential\" beyond \"premises\"";
    assert!(!with(promise));
    let all = ["released", "mail", "keys", "all"].map(|name| format!(" unless declassified by \"{name}\""));
    assert!(with(&format!("{promise}{}", all.concat())));
    assert!(!with(&format!("{promise}{}", all[..3].concat())));
}
