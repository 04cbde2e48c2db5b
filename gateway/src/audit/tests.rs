//! A chain is written, continued, cut, changed and verified.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::target::{EffortField, Target, Zone};
use proptest::prelude::*;
use tempfile::TempDir;

use super::verify::{Broken, Verified};
use super::*;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state/audit.jsonl")
    }

    fn open(&self) -> Audit {
        Audit::open(Some(&self.path())).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }
}

fn check(bytes: &[u8]) -> Result<Verified, Broken> {
    verify(bytes).unwrap()
}

fn outcome(audit: &Audit, id: &str) -> Seq {
    let record = OutcomeRecord { request_id: id, status: 200, ..OutcomeRecord::default() };
    let seq = audit.outcome(&record).unwrap();
    audit.flush().unwrap();
    seq
}

fn written(noted: Result<Noted<'_>, AuditError>) -> Seq {
    block_on(noted.unwrap().written()).unwrap()
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A chain of three records.
fn sample() -> Vec<u8> {
    let place = Place::new();
    let audit = place.open();
    for id in ["a", "b", "c"] {
        outcome(&audit, id);
    }
    place.bytes()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').collect()
}

#[test]
fn a_decision_is_recorded_without_its_words() {
    let policy = PolicyFile::parse(hearthgate_rules::policy::SHIPPED).unwrap();
    let targets = [
        Arc::new(Target::device("starter")),
        Arc::new(Target::upstream("frontier", "big", Zone::Cloud, EffortField::None)),
    ];
    let policy = Arc::new(Policy::compile(&policy, Arc::from(targets), Zone::Cloud).unwrap());
    let body = r#"{"model":"auto","messages":[{"role":"user","content":"my card is 4539 1488 0343 6467"}],
        "metadata":{"Jane Canary":"jane.canary@example.org"}}"#;
    let request = ChatRequest::openai(body).unwrap();
    let caller = Caller { workflow: Some("Jane Canary".to_owned()), ..Caller::default() };
    let judged = policy.judge(request, caller);
    let found = Found::of(&judged, &policy, &Signals::default());
    let decision = judged.decide(&Signals::default());
    let record = DecisionRecord {
        request_id: "req-1",
        caller: "team",
        tenant: Some("acme"),
        workflow: Some("Jane Canary"),
        workflow_configured: false,
        key_workflow: Some("desk"),
        dialect: Dialect::OpenAiChat,
        found: &found,
        decision: &decision,
        policy_digest: "00ff",
        model_digest: None,
    };
    let place = Place::new();
    assert_eq!(written(place.open().decision(&record)), Seq(1));
    let text = String::from_utf8(place.bytes()).unwrap();
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["kind"], "decision");
    assert_eq!(line["workflow"], "*");
    assert_eq!(line["label"], decision.label());
    assert_eq!(line["targets"][0], decision.target().unwrap().name());
    for word in ["Jane", "Canary", "4539", "example.org", "my card"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let mut shown = Vec::new();
    show(text.as_bytes(), &Filter { caller: Some("team".to_owned()), ..Filter::default() }, &mut shown)
        .unwrap();
    assert!(String::from_utf8(shown).unwrap().contains("req-1  decision  as-is by team"));
}

#[test]
fn a_chain_is_continued_after_a_restart() {
    let place = Place::new();
    assert_eq!(outcome(&place.open(), "a"), Seq(1));
    assert_eq!(outcome(&place.open(), "b"), Seq(2));
    let verified = check(&place.bytes()).unwrap();
    assert_eq!(verified.records, 2);
    assert!(lines(&place.bytes())[1].ends_with(format!("\"hash\":\"{}\"}}\n", verified.head).as_bytes()));
}

#[test]
fn with_no_path_nothing_is_recorded() {
    let audit = Audit::open(None).unwrap();
    assert_eq!(outcome(&audit, "a"), Seq(0));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    outcome(&place.open(), "a");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.path()), 0o600);
    assert_eq!(mode(place.folder.path().join("state")), 0o700);
}

#[test]
fn two_gateways_cannot_write_one_chain() {
    let place = Place::new();
    let first = place.open();
    let error = Audit::open(Some(&place.path())).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    drop(first);
    assert!(Audit::open(Some(&place.path())).is_ok());
}

#[test]
fn a_torn_end_is_set_aside_and_noted() {
    let place = Place::new();
    outcome(&place.open(), "a");
    let mut torn = place.bytes();
    torn.extend_from_slice(b"{\"seq\":2,\"prev\":\"");
    fs::write(place.path(), &torn).unwrap();
    assert!(check(&torn).unwrap_err().why.contains("torn"));
    outcome(&place.open(), "b");
    let bytes = place.bytes();
    assert_eq!(check(&bytes).unwrap().records, 3);
    assert!(String::from_utf8_lossy(lines(&bytes)[1]).contains("\"kind\":\"torn\",\"bytes\":17"));
    let aside = place.folder.path().join("state/audit.jsonl.torn-2");
    assert_eq!(fs::read(aside).unwrap(), b"{\"seq\":2,\"prev\":\"");
}

#[test]
fn a_file_of_another_kind_is_not_continued() {
    let place = Place::new();
    fs::create_dir_all(place.folder.path().join("state")).unwrap();
    fs::write(place.path(), "a diary\n").unwrap();
    let error = Audit::open(Some(&place.path())).unwrap_err();
    assert!(error.to_string().contains("audit verify"), "{error}");
    assert_eq!(place.bytes(), b"a diary\n");
}

#[test]
fn what_does_not_fit_a_line_is_refused_and_the_chain_goes_on() {
    let place = Place::new();
    let audit = place.open();
    let long = "x".repeat(LINE_BYTES_MAX);
    let record = OutcomeRecord { request_id: "a", target: Some(&long), ..OutcomeRecord::default() };
    assert!(matches!(audit.outcome(&record), Err(AuditError::TooLong { .. })));
    assert_eq!(outcome(&audit, "b"), Seq(1));
    assert_eq!(check(&place.bytes()).unwrap().records, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let audit = Audit::open(Some(Path::new("/dev/full"))).unwrap();
    let record = OutcomeRecord { request_id: "a", ..OutcomeRecord::default() };
    assert_eq!(audit.outcome(&record).unwrap(), Seq(1));
    assert!(matches!(audit.flush(), Err(AuditError::Io(_))));
    // What waits is bounded: in the end a line is refused.
    assert!((0..2000).any(|_| audit.outcome(&record).is_err()));
}

#[test]
fn outcomes_wait_for_the_next_decision_or_flush() {
    let place = Place::new();
    let audit = place.open();
    let record = OutcomeRecord { request_id: "a", ..OutcomeRecord::default() };
    audit.outcome(&record).unwrap();
    assert!(place.bytes().is_empty());
    audit.flush().unwrap();
    audit.outcome(&record).unwrap();
    drop(audit);
    assert_eq!(check(&place.bytes()).unwrap().records, 2);
}

#[test]
fn the_first_that_comes_back_writes_for_all_that_were_noted() {
    let place = Place::new();
    let audit = place.open();
    let home = |id| HomeRecord { request_id: id, caller: "ann", tenant: None, key_workflow: None, path: "/" };
    let notes: Vec<_> = ["a", "b", "c"].map(|id| audit.home(&home(id)).unwrap()).into();
    assert!(place.bytes().is_empty(), "nothing is written before somebody asks");
    for (at, note) in notes.into_iter().enumerate() {
        assert_eq!(block_on(note.written()).unwrap(), Seq(at as u64 + 1));
        assert_eq!(check(&place.bytes()).unwrap().records, 3);
    }
    let noted = audit.home(&home("d")).unwrap();
    drop(noted);
    audit.flush().unwrap();
    assert_eq!(check(&place.bytes()).unwrap().records, 4, "a caller who goes away leaves the line");
}

#[test]
fn lines_from_many_threads_are_one_chain() {
    let place = Place::new();
    let audit = place.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let audit = &audit;
            scope.spawn(move || {
                block_on(async {
                    for at in 0..100 {
                        let id = format!("{thread}-{at}");
                        let record = HomeRecord {
                            request_id: &id,
                            caller: "ann",
                            tenant: None,
                            key_workflow: None,
                            path: "/",
                        };
                        audit.home(&record).unwrap().written().await.unwrap();
                        audit
                            .outcome(&OutcomeRecord { request_id: &id, ..OutcomeRecord::default() })
                            .unwrap();
                    }
                });
            });
        }
    });
    drop(audit);
    assert_eq!(check(&place.bytes()).unwrap().records, 800);
}

#[test]
fn what_has_no_way_out_stands_in_the_same_chain() {
    let place = Place::new();
    let audit = place.open();
    outcome(&audit, "before");
    let record = HomeRecord {
        request_id: "req-1",
        caller: "ann",
        tenant: Some("finance"),
        key_workflow: None,
        path: "/v1/embeddings",
    };
    assert_eq!(written(audit.home(&record)), Seq(2), "it does not wait");
    let text = String::from_utf8(place.bytes()).unwrap();
    let fields = r#""kind":"home","id":"req-1","caller":"ann","tenant":"finance","path":"/v1/embeddings","zone":"device""#;
    assert!(text.lines().nth(1).unwrap().contains(fields), "{text}");
    assert_eq!(check(&place.bytes()).unwrap().records, 2);
    assert!(
        text.lines().all(|line| Reader::default().read(line.as_bytes()).is_none()),
        "nothing was decided"
    );
    let mut shown = Vec::new();
    show(text.as_bytes(), &Filter { caller: Some("ann".to_owned()), ..Filter::default() }, &mut shown)
        .unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains("req-1  home      /v1/embeddings by ann within device"), "{shown}");
}

#[test]
fn missing_moved_and_added_lines_are_found() {
    let bytes = sample();
    let lines = lines(&bytes);
    assert_eq!(check(&bytes).unwrap().records, 3);
    let line_of = |order: &[usize]| {
        let bytes: Vec<u8> = order.iter().flat_map(|&index| lines[index].to_vec()).collect();
        check(&bytes).unwrap_err().line
    };
    assert_eq!(line_of(&[1, 2]), 1);
    assert_eq!(line_of(&[0, 2]), 2);
    assert_eq!(line_of(&[0, 2, 1]), 2);
    assert_eq!(line_of(&[0, 1, 1, 2]), 3);
    assert_eq!(line_of(&[0, 0, 1, 2]), 2);
}

#[test]
fn a_line_of_another_chain_is_found() {
    let (ours, theirs) = (sample(), sample());
    let mixed: Vec<u8> = [lines(&ours)[0], lines(&theirs)[1], lines(&ours)[2]].concat();
    // The clock stood still between them only if even the hashes agree.
    if ours != theirs {
        assert!(check(&mixed).is_err());
    }
}

#[test]
fn threads_keep_the_order() {
    let place = Place::new();
    let audit = place.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let audit = &audit;
            scope.spawn(move || {
                let seqs: Vec<_> = (0..200).map(|n| outcome(audit, &format!("{thread}-{n}"))).collect();
                assert!(seqs.is_sorted());
            });
        }
    });
    assert_eq!(check(&place.bytes()).unwrap().records, 800);
}

#[test]
fn ids_are_escaped_and_bounded() {
    let place = Place::new();
    let audit = place.open();
    outcome(&audit, "quote \" backslash \\ newline \n");
    outcome(&audit, &"é".repeat(200));
    let text = String::from_utf8(place.bytes()).unwrap();
    let records: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["id"], "quote \" backslash \\ newline \n");
    assert_eq!(records[1]["id"], "é".repeat(64));
    assert_eq!(check(text.as_bytes()).unwrap().records, 2);
}

proptest! {
    #[test]
    fn any_changed_byte_is_found(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut bytes = sample();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let line = lines(&sample())
            .iter()
            .scan(0, |end, line| { *end += line.len(); Some(*end) })
            .take_while(|end| *end <= at)
            .count() + 1;
        let broken = check(&bytes).unwrap_err();
        prop_assert_eq!(broken.line, u64::try_from(line).unwrap());
    }

    #[test]
    fn any_cut_short_of_a_line_is_found(at in any::<prop::sample::Index>()) {
        let bytes = sample();
        let at = at.index(bytes.len());
        let cut = &bytes[..at];
        let whole = cut.is_empty() || cut.ends_with(b"\n");
        prop_assert_eq!(check(cut).is_ok(), whole);
    }
}
