//! What the detectors find and what they must leave alone, and where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::inspect::{
    BUILTIN_KINDS, Detectors, Finding, Inspection, Kinds, OpaqueKind, TermList, inspect, is_matter,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    find: Vec<(String, String)>,
}

fn detectors(kinds: &[&str]) -> Detectors {
    let wanted: BTreeSet<_> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    Detectors::new(&Kinds::builtin(), &wanted, &[]).unwrap()
}

/// The kinds that patterns find; what the tagger reads has its own tests.
fn patterns() -> Vec<&'static str> {
    BUILTIN_KINDS.into_iter().filter(|kind| !is_matter(kind)).collect()
}

fn request(body: &serde_json::Value) -> ChatRequest {
    ChatRequest::openai(body.to_string()).unwrap()
}

fn chat(messages: &[(&str, &str)]) -> ChatRequest {
    let messages: Vec<_> =
        messages.iter().map(|(role, text)| json!({"role": role, "content": text})).collect();
    request(&json!({"model": "auto", "messages": messages}))
}

fn read(request: &ChatRequest) -> Inspection {
    static ALL: LazyLock<Detectors> = LazyLock::new(|| detectors(&patterns()));
    inspect(request, &ALL)
}

/// Kind, pointer and stretch of what was found.
fn found(request: &ChatRequest, inspection: &Inspection) -> Vec<(String, String, String)> {
    let kinds = Kinds::builtin();
    let text = |finding: &Finding| {
        let spans = std::iter::once(&finding.span).chain(&finding.parts);
        let stretch = |span: &hearthgate_rules::inspect::Span| {
            let leaf = request.document().leaves().find(|leaf| leaf.node == span.node).unwrap();
            leaf.text[span.start as usize..span.end as usize].to_owned()
        };
        spans.map(stretch).collect::<Vec<_>>().join("|")
    };
    let named = |finding: &Finding| {
        let pointer = request.document().pointer(finding.span.node);
        (kinds.name(finding.kind).to_owned(), pointer, text(finding))
    };
    inspection.findings.iter().map(named).collect()
}

fn kinds_and_texts(request: &ChatRequest) -> BTreeSet<(String, String)> {
    found(request, &read(request)).into_iter().map(|(kind, _, text)| (kind, text)).collect()
}

fn check(cases: &str) {
    let cases: Cases = toml::from_str(cases).unwrap();
    let mut wrong = Vec::new();
    for case in cases.case {
        let expected: BTreeSet<_> = case.find.into_iter().collect();
        let found = kinds_and_texts(&chat(&[("user", &case.text)]));
        if found != expected {
            wrong.push(format!("in {:?}\n  found    {found:?}\n  expected {expected:?}", case.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn identifiers() {
    check(include_str!("detect/identifiers.toml"));
}

#[test]
fn numbers_of_states_insurers_and_makers() {
    check(include_str!("detect/ids.toml"));
}

#[test]
fn secrets() {
    check(include_str!("detect/secrets.toml"));
}

#[test]
fn people() {
    check(include_str!("detect/people.toml"));
}

#[test]
fn keys_of_services() {
    check(include_str!("detect/services.toml"));
}

#[test]
fn secrets_that_are_told() {
    check(include_str!("detect/told.toml"));
}

#[test]
fn what_was_missed_once_and_what_is_nobodys() {
    check(include_str!("detect/mended.toml"));
}

#[test]
fn what_tells_of_a_person() {
    check(include_str!("detect/personal.toml"));
}

#[test]
fn only_what_is_wanted_is_looked_for() {
    let request = chat(&[("user", "jo@firma.de 4539148803436467 diabetes Dr. Jones password=hunter22")]);
    let inspection = inspect(&request, &detectors(&["card"]));
    let found = found(&request, &inspection);
    assert_eq!(found, [("card".into(), "/messages/0/content".into(), "4539148803436467".into())]);
}

#[test]
fn every_place_of_the_body_is_read() {
    let request = request(&json!({
        "model": "auto",
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "a1@firma.de"}]},
            {"role": "user", "name": "x", "content": "hello"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
                "function": {"name": "f", "arguments": "{\"to\":\"a2@firma.de\"}"}}]},
            {"role": "tool", "tool_call_id": "a3@firma.de", "content": "a4@firma.de"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "a5@firma.de"}}],
        "metadata": {"a6@firma.de": "x", "k": "a7@firma.de"},
        "user": "a8@firma.de",
        "unknown": [[{"deep": 5_108_437_652_198_452_u64}]],
    }));
    let found = found(&request, &read(&request));
    let texts: BTreeSet<_> = found.iter().map(|(_, _, text)| text.as_str()).collect();
    for at in 1..=8 {
        assert!(texts.contains(format!("a{at}@firma.de").as_str()), "a{at} of {texts:?}");
    }
    assert!(found.contains(&("card".into(), "/unknown/0/0/deep".into(), "5108437652198452".into())));
    let keys = read(&request).findings.into_iter().filter(|finding| finding.span.in_key).count();
    assert_eq!(keys, 1);
}

#[test]
fn a_key_says_what_its_value_is() {
    let request = request(&json!({
        "model": "auto",
        "messages": [{"role": "user", "content": "hi"}],
        "metadata": {
            "db_password": "open sesame", "apiKey": "9f8e7d6c5b4a", "ssn": "536228145", "phone": 4_158_675_309_u64,
            "max_tokens": "4096", "list": [{"name": "password", "value": "tiger woods"}], "patient_name": "Jane Roe",
        },
    }));
    let found: BTreeSet<_> =
        found(&request, &read(&request)).into_iter().map(|(kind, _, text)| (kind, text)).collect();
    let expected = [
        ("password", "open sesame"),
        ("api-key", "9f8e7d6c5b4a"),
        ("us-ssn", "536228145"),
        ("phone", "4158675309"),
        ("password", "tiger woods"),
        ("person", "Jane Roe"),
    ];
    assert_eq!(found, expected.iter().map(|(kind, text)| ((*kind).into(), (*text).into())).collect());
}

#[test]
fn what_is_split_over_turns_is_found_whole() {
    let split = |messages: &[(&str, &str)]| {
        let request = chat(messages);
        found(&request, &read(&request))
    };
    let card = split(&[("user", "my card: 4539 1488"), ("user", "0343 6467 thanks")]);
    assert_eq!(card, [("card".into(), "/messages/0/content".into(), "4539 1488|0343 6467".into())]);
    let past_an_answer = split(&[("user", "45391488"), ("assistant", "Go on."), ("user", "03436467")]);
    assert_eq!(past_an_answer, [("card".into(), "/messages/0/content".into(), "45391488|03436467".into())]);
    let in_three = split(&[("user", "4539"), ("user", "1488 0343"), ("user", "6467")]);
    // Its first twelve digits are a number of another kind by themselves.
    assert!(
        in_three.contains(&("card".into(), "/messages/0/content".into(), "4539|1488 0343|6467".into())),
        "{in_three:?}"
    );
    let email = split(&[("user", "write to joe@fir"), ("user", "ma.de today")]);
    assert_eq!(email, [("email".into(), "/messages/0/content".into(), "joe@fir|ma.de".into())]);
    let told = split(&[("user", "my password is"), ("user", "hunter8")]);
    assert_eq!(told, [("password".into(), "/messages/1/content".into(), "hunter8".into())]);
}

#[test]
fn what_stands_across_texts_is_found_again_however_often_they_are_read() {
    let halves = |key: &str| {
        let said = json!([{"role": "user", "content": "Good morning to you"}]);
        request(&json!({"model": "auto", "messages": said, "a": "4539 1488", key: "0343 6467 it is"}))
    };
    let ours = detectors(&patterns());
    // What is found otherwise hides what the joint shows: the next request has no such key.
    for key in ["password", "b", "password", "c", "b"] {
        let again = inspect(&halves(key), &ours);
        let anew = inspect(&halves(key), &detectors(&patterns()));
        assert_eq!(again.findings, anew.findings, "{key}");
        assert_eq!(again.bytes, anew.bytes, "{key}");
    }
    let quiet =
        chat(&[("user", "Good morning to you"), ("assistant", "And to you"), ("user", "What is new?")]);
    let first = inspect(&quiet, &ours);
    let second = inspect(&quiet, &ours);
    assert_eq!((first.findings, first.bytes), (second.findings, second.bytes));
}

#[test]
fn joining_invents_nothing_and_counts_nothing_twice() {
    let request = chat(&[
        ("user", "Mail jo@firma.de"),
        ("assistant", "Done"),
        ("user", "4539148803436467"),
        ("user", "22"),
    ]);
    let found = found(&request, &read(&request));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn unreadable_parts_are_named() {
    let request = request(&json!({
        "model": "auto",
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "see https://acme.com/page"},
                {"type": "image_url", "image_url": {"url": "https://acme.com/cat.png"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {"type": "hologram", "data": "x"},
            ]},
            {"role": "assistant", "audio": {"id": "audio-1"}},
        ],
        "tools": [
            {"type": "function", "function": {"name": "f"}},
            {"type": "mcp", "server_url": "https://mcp.acme.com"},
            {"type": "web_search"},
        ],
        "audio": {"voice": "alloy", "format": "wav"},
        "previous_response_id": "resp_1",
    }));
    let opaque: BTreeSet<_> = read(&request)
        .opaque
        .iter()
        .map(|opaque| (opaque.kind.as_str(), request.document().pointer(opaque.node)))
        .collect();
    let expected = [
        ("image", "/messages/0/content/1"),
        ("audio", "/messages/0/content/2"),
        ("file", "/messages/0/content/3"),
        ("reference", "/messages/0/content/4"),
        ("reference", "/messages/0/content/4/file/file_id"),
        ("block", "/messages/0/content/5"),
        ("reference", "/messages/1/audio"),
        ("block", "/tools/1"),
        ("url", "/tools/1/server_url"),
        ("url", "/tools/2"),
        ("reference", "/previous_response_id"),
    ];
    assert_eq!(opaque, expected.map(|(kind, pointer)| (kind, pointer.to_owned())).into());
}

#[test]
fn a_finding_that_is_cut_at_its_greatest_length_ends_with_a_character() {
    for lead in 0..4 {
        let text = format!("password: {}{}", &"abcd"[..lead], "\u{8b49}".repeat(80));
        let request = chat(&[("user", &text)]);
        let inspection = read(&request);
        assert!(!inspection.findings.is_empty());
        // It takes the stretch out of the text, which fails within a character.
        assert!(found(&request, &inspection).iter().all(|(_, _, text)| text.starts_with(&"abcd"[..lead])));
    }
}

#[test]
fn what_the_budget_does_not_reach_is_unscanned() {
    let long = "so it goes ".repeat(900_000);
    let request = chat(&[("user", &long), ("user", "jo@firma.de")]);
    let inspection = read(&request);
    assert_eq!(inspection.opaque.last().unwrap().kind, OpaqueKind::Unscanned);
    assert!(inspection.findings.is_empty());
}

#[test]
fn what_the_tagger_would_read_beyond_its_budget_is_unscanned() {
    // Kilobytes that unpack to megabytes: reading them by patterns is quick, by the tagger it is not.
    let all = detectors(&BUILTIN_KINDS);
    let unscanned = |text: &str| {
        let inspection = inspect(&chat(&[("user", text)]), &all);
        inspection.opaque.iter().any(|opaque| opaque.kind == OpaqueKind::Unscanned)
    };
    assert!(!unscanned(&"so it goes ".repeat(60_000)));
    assert!(unscanned(&"so it goes ".repeat(300_000)));
}

#[test]
fn more_findings_than_are_kept_leave_the_rest_unscanned() {
    let request = chat(&[("user", &"a@b.co ".repeat(12_000))]);
    let inspection = read(&request);
    assert_eq!(inspection.findings.len(), 10_000);
    assert_eq!(inspection.opaque.last().unwrap().kind, OpaqueKind::Unscanned);
}

#[test]
fn an_image_of_many_megabytes_is_opaque_and_costs_no_budget() {
    let data = format!("data:image/png;base64,{}", "iVBORw0K".repeat(1_500_000));
    let request = request(&json!({"model": "auto", "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": data}}, {"type": "text", "text": "jo@firma.de"},
    ]}]}));
    let inspection = read(&request);
    assert_eq!(inspection.opaque.iter().map(|opaque| opaque.kind).collect::<Vec<_>>(), [OpaqueKind::Image]);
    assert_eq!(inspection.findings.len(), 1);
}

#[test]
fn a_sites_own_terms_are_found_in_every_script() {
    let mut kinds = Kinds::builtin();
    let kind = kinds.add("projects").unwrap();
    let words = ["Falcon Nine", "Zürich", "проект", "機密", "§ 203", "+++"].map(str::to_owned).to_vec();
    let detectors = Detectors::new(&kinds, &BTreeSet::new(), &[TermList { kind, words }]).unwrap();
    let hits = |text: &str| inspect(&chat(&[("user", text)]), &detectors).findings.len();
    for text in
        ["the FALCON  nine", "in zürich.", "ZURICH", "Проект!", "это機密文書です", "under § 203 now", "a+++b"]
    {
        assert_eq!(hits(text), 1, "{text}");
    }
    for text in ["falcon nineteen", "zürichs", "falcon", "проекты", "section 203"] {
        assert_eq!(hits(text), 0, "{text}");
    }
}

/// Numbers that look drawn at random and are the same each time (Knuth's MMIX generator).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn digits_without_context_are_hardly_ever_taken_for_something() {
    const RUNS: usize = 20_000;
    let mut state = 7;
    let mine = [
        "phone",
        "secret",
        "internal-host",
        "birth-date",
        "address",
        "geo",
        "wallet",
        "seed-phrase",
        "device-id",
        "password",
        "api-key",
    ];
    let detectors = detectors(&mine);
    type Shape = (&'static str, fn(&mut u64) -> String);
    let shapes: [Shape; 4] = [
        ("bare runs", |state| {
            let length = 4 + draw(state) % 13;
            (0..length).map(|_| char::from(b'0' + u8::try_from(draw(state) % 10).unwrap())).collect()
        }),
        ("pairs of decimals", |state| {
            format!(
                "{}.{:05}, {}.{:05}",
                draw(state) % 90,
                draw(state) % 100_000,
                draw(state) % 180,
                draw(state) % 100_000
            )
        }),
        ("hexadecimal", |state| {
            format!("{:016x}{:016x}", draw(state) * draw(state), draw(state) * draw(state))
        }),
        ("groups of four", |state| {
            (0..4).map(|_| format!("{:04}", draw(state) % 10_000)).collect::<Vec<_>>().join(" ")
        }),
    ];
    for (name, shape) in shapes {
        let lines: Vec<_> = (0..RUNS).map(|at| format!("row {at}x: {} end", shape(&mut state))).collect();
        let found: usize = lines
            .chunks(500)
            .map(|chunk| inspect(&chat(&[("user", &chunk.join("\n"))]), &detectors).findings.len())
            .sum();
        assert!(found * 10_000 <= RUNS, "{name}: {found} of {RUNS}");
    }
}

const HIDDEN: [char; 8] =
    ['\u{200B}', '\u{200D}', '\u{AD}', '\u{202E}', '\u{2066}', '\u{FEFF}', '\u{FE0F}', '\u{E0041}'];

proptest! {
    #[test]
    fn a_hidden_address_is_found_where_it_stands(
        before in "[ a-zé“\u{200B}]{0,70}", after in "[ .a-zé”]{0,20}", at in 1_usize..10, hidden in 0_usize..8,
    ) {
        let (head, tail) = "joe@acme.org".split_at(at);
        let address = format!("{head}{}{tail}", HIDDEN[hidden]);
        let text = format!("{before} {address} {after}");
        let request = chat(&[("user", &text)]);
        let start = before.len() + 1;
        let covers = read(&request).findings.iter().any(|finding| {
            finding.span.start as usize <= start && finding.span.end as usize >= start + address.len()
        });
        prop_assert!(covers, "in {text:?}");
    }

    #[test]
    fn a_telephone_is_found_in_every_usual_writing(
        national in "[2-9][0-9]{2}[2-9][0-9]{6}", code in prop::sample::select(vec!["1", "90", "91", "7", "55"]),
        separator in prop::sample::select(vec![" ", "-", ".", ""]),
    ) {
        prop_assume!(!national.contains("55501") && !national.starts_with("0"));
        let parts = [&national[..3], &national[3..6], &national[6..]].join(separator);
        let number = format!("+{code} {parts}");
        for sentence in [format!("Call {number}, please"), format!("Tel.: {number}"), format!("电话：{number}。")] {
            let found = kinds_and_texts(&chat(&[("user", &sentence)]));
            prop_assert!(found.contains(&("phone".to_owned(), number.clone())), "{sentence}: {found:?}");
        }
    }

    #[test]
    fn a_date_of_birth_is_found_in_every_usual_writing(day in 1_u32..=28, month in 1_u32..=12, year in 1930_u32..=2020) {
        const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December"];
        let name = MONTHS[month as usize - 1];
        for date in [
            format!("{day:02}.{month:02}.{year}"), format!("{day}/{month}/{year}"), format!("{year}-{month:02}-{day:02}"),
            format!("{day} {name} {year}"), format!("{name} {day}, {year}"),
        ] {
            for cue in ["Date of birth: ", "geboortedatum ", "дата рождения ", "出生日期：", "doğum tarihi ", "تاريخ الميلاد "] {
                let found = kinds_and_texts(&chat(&[("user", &format!("{cue}{date}"))]));
                prop_assert!(found.contains(&("birth-date".to_owned(), date.clone())), "{cue}{date}: {found:?}");
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_fault_and_spans_are_whole_characters(text in "\\PC{0,200}", more in "[-0-9a-z@:=. ]{0,200}") {
        let request = chat(&[("user", &text), ("user", &more), ("assistant", &format!("{more}{text}"))]);
        found(&request, &read(&request));
    }

    #[test]
    fn a_long_text_is_read_the_same_wherever_its_blocks_end(lead in 0_usize..200) {
        let text = format!("{} ghp_a8Kq2Zr7Lw4Xn9Bv1Tm6Yd3Hs5Pc0GfJ2QeR joe@acme.org 4539148803436467", "x ".repeat(lead));
        prop_assert_eq!(kinds_and_texts(&chat(&[("user", &text)])).len(), 3);
    }
}
