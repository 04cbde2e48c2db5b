//! The memory against a clock of the test's own.

use std::sync::Arc;
use std::time::Duration;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::quote;
use hearthgate_rules::policy::{PolicyFile, SHIPPED};
use hearthgate_rules::target::{Catalogue, EffortField, Target, Zone};

use super::*;

const PRIVATE: &str = "The patient Margaret Holloway, card 4539 1488 0343 6467, was diagnosed with diabetes.";
const LATER: &str = "Compare two plans for Margaret Holloway.";

const BOUNDS: Bounds = Bounds { keep: Duration::from_secs(60 * 60), entries: 1000, entries_per_caller: 100 };

fn policy_of(text: &str) -> Arc<Policy> {
    let targets =
        [Target::device("starter"), Target::upstream("frontier", "big", Zone::Cloud, EffortField::None)];
    let catalogue: Catalogue = targets.map(Arc::new).into();
    Arc::new(Policy::compile(&PolicyFile::parse(text).unwrap(), catalogue, Zone::Cloud).unwrap())
}

fn caller(name: &str, tenant: Option<&str>) -> Caller {
    Caller { name: name.to_owned(), tenant: tenant.map(str::to_owned), ..Caller::default() }
}

fn request(text: &str) -> ChatRequest {
    let body = format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{}}}]}}"#, quote(text));
    ChatRequest::openai(body).unwrap()
}

/// The label of a text, which is remembered.
fn say(memory: &Arc<Memory>, policy: &Arc<Policy>, who: &Caller, text: &str, now: Instant) -> (String, Lost) {
    let recollection = memory.of(who, policy, now);
    let judged = policy.judge_remembering(request(text), who.clone(), &recollection);
    (policy.labels().name(judged.verdict().label).to_owned(), recollection.keep(&judged, None))
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

#[test]
fn it_is_one_callers_and_for_a_time() {
    let (policy, start) = (policy_of(SHIPPED), crate::clock::now());
    let memory = Arc::new(Memory::new(BOUNDS).unwrap());
    let ann = caller("ann", None);
    assert_eq!(say(&memory, &policy, &ann, LATER, start).0, "public");
    assert_eq!(memory.counts(), Counts::default());
    assert_eq!(say(&memory, &policy, &ann, PRIVATE, start).0, "restricted");
    assert!(memory.counts().strings > 0 && memory.counts().callers == 1);
    for other in [caller("bob", None), caller("ann", Some("")), caller("", Some("ann"))] {
        assert_eq!(say(&memory, &policy, &other, LATER, start).0, "public", "{other:?}");
    }
    assert_eq!(say(&memory, &policy, &ann, LATER, start + minutes(59)).0, "restricted");
    // Being met again does not make it last longer.
    assert_eq!(say(&memory, &policy, &ann, LATER, start + minutes(60)).0, "public");
    let (_, lost) = say(&memory, &policy, &ann, PRIVATE, start + minutes(61));
    assert!(lost.by_age == 0 && lost.for_room == 0, "what is said again is kept, not lost: {lost:?}");
    assert_eq!(say(&memory, &policy, &ann, LATER, start + minutes(120)).0, "restricted");
    let (_, lost) = say(&memory, &policy, &ann, "The card 5425 2334 3010 9903.", start + minutes(122));
    assert!(lost.by_age > 0 && lost.for_room == 0, "{lost:?}");
}

#[test]
fn what_is_new_in_a_request_that_is_private_by_memory_is_remembered_no_longer_than_that() {
    let (policy, start) = (policy_of(SHIPPED), crate::clock::now());
    let memory = Arc::new(Memory::new(BOUNDS).unwrap());
    let ann = caller("ann", None);
    say(&memory, &policy, &ann, PRIVATE, start);
    let both = "Margaret Holloway is reached at margaret@holloway-bakery.de.";
    assert_eq!(say(&memory, &policy, &ann, both, start + minutes(30)).0, "restricted");
    let address = "Who is margaret@holloway-bakery.de?";
    assert_eq!(say(&memory, &policy, &ann, address, start + minutes(59)).0, "restricted");
    assert_eq!(say(&memory, &policy, &ann, address, start + minutes(60)).0, "confidential");
}

#[test]
fn labels_that_a_reload_takes_away_count_as_the_highest() {
    let (policy, start) = (policy_of(SHIPPED), crate::clock::now());
    let memory = Arc::new(Memory::new(BOUNDS).unwrap());
    let ann = caller("ann", None);
    say(&memory, &policy, &ann, PRIVATE, start);
    let others = policy_of(
        "labels = [\"open\", \"restricted\", \"sealed\"]\n[ceiling]\nopen = \"cloud\"\nrestricted = \"device\"\nsealed = \"device\"\n\
         [[route]]\nname = \"r\"\nto = [\"device/*\"]\n",
    );
    assert_eq!(say(&memory, &others, &ann, LATER, start).0, "restricted", "it is known by its name");
    let others = policy_of(
        "labels = [\"open\", \"middle\", \"sealed\"]\n[ceiling]\nopen = \"cloud\"\nmiddle = \"device\"\nsealed = \"device\"\n\
         [[route]]\nname = \"r\"\nto = [\"device/*\"]\n",
    );
    assert_eq!(say(&memory, &others, &ann, LATER, start).0, "sealed");
}

#[test]
fn it_is_bounded_and_the_oldest_goes_first() {
    let (policy, start) = (policy_of(SHIPPED), crate::clock::now());
    let memory = Arc::new(Memory::new(Bounds { entries: 6, entries_per_caller: 3, ..BOUNDS }).unwrap());
    let address = |number: usize| format!("Write to somebody.{number}@keller-bakery.de about it.");
    let mut lost = 0;
    for number in 0..6 {
        let at = start + Duration::from_secs(u64::try_from(number).unwrap());
        lost += say(&memory, &policy, &caller("ann", None), &address(number), at).1.for_room;
    }
    assert_eq!((memory.counts().strings, lost), (3, 3));
    for number in 6..12 {
        let at = start + Duration::from_secs(u64::try_from(number).unwrap());
        let who = caller(&format!("caller-{number}"), None);
        lost += say(&memory, &policy, &who, &address(number), at).1.for_room;
    }
    assert_eq!((memory.counts(), lost), (Counts { strings: 6, callers: 6 }, 6));
    let lost = memory.configure(Bounds { entries: 0, ..BOUNDS }, start);
    assert_eq!((memory.counts(), lost.for_room), (Counts::default(), 6));
    say(&memory, &policy, &caller("ann", None), PRIVATE, start);
    assert_eq!(memory.counts(), Counts::default());
}

#[test]
fn what_is_known_of_a_caller_is_its_tenants_too() {
    let memory = Memory::new(BOUNDS).unwrap();
    let whose =
        |tenant: Option<&str>, name: &str| Whose { name: name.to_owned(), tenant: tenant.map(str::to_owned) };
    let ann = whose(None, "ann");
    let (begun, turned) = (memory.loop_of(&ann, &["x"]), memory.conversation_of(&ann, &["x"]));
    memory.keep_loop(begun, "cloud/big");
    memory.keep_seal(&ann, "cloud.example", "sealed");
    assert!(begun != turned);
    assert_eq!(memory.loop_begun_by(&memory.loop_of(&ann, &["x"])).as_deref(), Some("cloud/big"));
    assert_eq!(memory.sealed_by(&ann, "sealed").as_deref(), Some("cloud.example"));
    for other in [whose(Some(""), "ann"), whose(Some("ann"), ""), whose(Some("a"), "ann"), whose(None, "bob")]
    {
        assert!(memory.loop_of(&other, &["x"]) != begun, "{other:?}");
        assert!(memory.conversation_of(&other, &["x"]) != turned, "{other:?}");
        assert_eq!(memory.sealed_by(&other, "sealed"), None, "{other:?}");
    }
}

#[test]
fn it_shows_no_text() {
    let (policy, start) = (policy_of(SHIPPED), crate::clock::now());
    let memory = Arc::new(Memory::new(BOUNDS).unwrap());
    say(&memory, &policy, &caller("ann", None), PRIVATE, start);
    let shown = format!("{memory:?}").to_lowercase();
    assert!(!shown.contains("holloway") && !shown.contains("4539"), "{shown}");
}
