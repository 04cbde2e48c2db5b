//! What was received is what is sent, and what could be read in two ways is refused.

use hearthgate_rules::json::{DEPTH_MAX, Document, Edit, JsonFault, LeafKind};
use proptest::prelude::*;
use serde::de::IgnoredAny;

/// A JSON value whose numbers are kept as written, and how it may be written.
#[derive(Clone, Debug)]
enum Written {
    Word(&'static str),
    Number(String),
    /// Decoded text, and the escapes that it is written with.
    Text(String, String),
    Array(Vec<Written>),
    Object(Vec<((String, String), Written)>),
}

const NUMBERS: [&str; 16] = [
    "0",
    "-0",
    "1.0",
    "1e400",
    "-1E-400",
    "9223372036854775808",
    "18446744073709551616",
    "0.1",
    "1.10",
    "123456789012345678901234567890",
    "1e+5",
    "-0.0",
    "5e-324",
    "1E5",
    "0e0",
    "3.141592653589793238462643",
];

/// Text and one way to write it: some characters plain, some escaped, in upper or lower case.
fn text() -> impl Strategy<Value = (String, String)> {
    let char = prop_oneof![
        4 => any::<char>(),
        4 => proptest::char::range(' ', '~'),
        1 => proptest::sample::select(vec!['\u{2028}', '\u{2029}', '\u{0}', '\u{1f}', '"', '\\', '/', '\u{10ffff}', 'é', '\u{feff}', '𝄞']),
    ];
    proptest::collection::vec((char, 0_u8..4), 0..12).prop_map(|chars| {
        let (mut plain, mut written) = (String::new(), String::new());
        for (char, way) in chars {
            plain.push(char);
            written.push_str(&escaped(char, way));
        }
        (plain, written)
    })
}

fn escaped(char: char, way: u8) -> String {
    let short = match char {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '\n' => Some("\\n"),
        '\t' => Some("\\t"),
        '\r' => Some("\\r"),
        '\u{8}' => Some("\\b"),
        '\u{c}' => Some("\\f"),
        '/' if way == 1 => Some("\\/"),
        _ => None,
    };
    let units = |upper: bool| {
        let mut buffer = [0; 2];
        let units = char.encode_utf16(&mut buffer).iter();
        units.map(|unit| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") }).collect()
    };
    match (way, short) {
        (2, _) => units(true),
        (3, _) => units(false),
        (_, Some(short)) => short.to_owned(),
        (_, None) if char < ' ' => units(false),
        (_, None) => char.to_string(),
    }
}

fn written() -> impl Strategy<Value = Written> {
    let leaf = prop_oneof![
        proptest::sample::select(vec!["null", "true", "false"]).prop_map(Written::Word),
        proptest::sample::select(NUMBERS.to_vec()).prop_map(|digits| Written::Number(digits.to_owned())),
        any::<i64>().prop_map(|number| Written::Number(number.to_string())),
        text().prop_map(|(plain, written)| Written::Text(plain, written)),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Written::Array),
            proptest::collection::vec((text(), inner), 0..6).prop_map(|mut members| {
                let mut seen = std::collections::HashSet::new();
                members.retain(|((key, _), _)| seen.insert(key.clone()));
                Written::Object(members)
            }),
        ]
    })
}

impl Written {
    fn write(&self, space: &str, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(_, written) => *out += &format!("\"{written}\""),
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    *out += if place > 0 { "," } else { "" };
                    out.push_str(space);
                    item.write(space, out);
                    out.push_str(space);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (place, ((_, key), value)) in members.iter().enumerate() {
                    *out += if place > 0 { "," } else { "" };
                    *out += &format!("{space}\"{key}\"{space}:{space}");
                    value.write(space, out);
                    out.push_str(space);
                }
                out.push('}');
            }
        }
    }

    /// Keys, texts and digits, in reading order.
    fn leaves(&self, out: &mut Vec<(LeafKind, String)>) {
        match self {
            Self::Word(_) => {}
            Self::Number(digits) => out.push((LeafKind::Number, digits.clone())),
            Self::Text(plain, _) => out.push((LeafKind::String, plain.clone())),
            Self::Array(items) => items.iter().for_each(|item| item.leaves(out)),
            Self::Object(members) => members.iter().for_each(|((key, _), value)| {
                out.push((LeafKind::Key, key.clone()));
                value.leaves(out);
            }),
        }
    }
}

fn leaves(document: &Document) -> Vec<(LeafKind, String)> {
    document.leaves().map(|leaf| (leaf.kind, leaf.text.to_owned())).collect()
}

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Where serde_json finds fault with a text and we do not, or the other way round, is written here.
fn documented_difference(fault: JsonFault) -> bool {
    matches!(fault, JsonFault::DuplicateKey | JsonFault::TooDeep | JsonFault::LoneSurrogate)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_leaf_is_read_and_written_back_as_it_was(value in written(), space in "[ \t\r\n]{0,2}") {
        let mut text = String::new();
        value.write(&space, &mut text);
        let mut expected = Vec::new();
        value.leaves(&mut expected);
        let document = parse(&text);
        prop_assert_eq!(leaves(&document), expected.clone());

        let sent = String::from_utf8(document.render(&[])).unwrap();
        let again = parse(&sent);
        prop_assert_eq!(leaves(&again), expected);
        prop_assert_eq!(again.render(&[]), sent.as_bytes());
    }

    #[test]
    fn an_edit_changes_its_member_and_nothing_else(value in written(), model in "[a-z]{1,8}") {
        let members = [("model", "\"asked\""), ("n", "1.0"), ("extra", "")].map(|(key, json)| {
            let mut text = json.to_owned();
            if text.is_empty() {
                value.write("", &mut text);
            }
            format!("\"{key}\":{text}")
        });
        let document = parse(&format!("{{{}}}", members.join(",")));
        let edits = [Edit::Set("model", format!("\"{model}\"")), Edit::Set("added", "true".to_owned()), Edit::Remove("n")];
        let sent = parse(&String::from_utf8(document.render(&edits)).unwrap());
        let keys: Vec<_> = sent.root().members().map(|(key, _)| key).collect();
        prop_assert_eq!(keys, ["model", "extra", "added"]);
        prop_assert_eq!(sent.root().str("model"), Some(model.as_str()));
        let render = |document: &Document| document.root().get("extra").unwrap().render();
        prop_assert_eq!(render(&sent), render(&document));
    }

    #[test]
    fn a_pointer_leads_to_its_leaf(value in written()) {
        let mut text = String::new();
        value.write("", &mut text);
        let document = parse(&text);
        let theirs: Result<serde_json::Value, _> = serde_json::from_str(&text);
        // Numbers such as 1e400 are too large for it.
        let Ok(theirs) = theirs else { return Ok(()) };
        for leaf in document.leaves().filter(|leaf| leaf.kind == LeafKind::String) {
            let pointer = document.pointer(leaf.node);
            prop_assert_eq!(theirs.pointer(&pointer).and_then(serde_json::Value::as_str), Some(leaf.text));
        }
    }

    #[test]
    fn validity_is_as_serde_json_sees_it(value in written(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), mutation()), 0..4)) {
        let mut text = String::new();
        value.write(" ", &mut text);
        let mut bytes = text.into_bytes();
        for (place, mutation) in cuts {
            let at = place.index(bytes.len() + 1);
            match mutation {
                Some(byte) if at < bytes.len() => bytes[at] = byte,
                Some(byte) => bytes.push(byte),
                None => bytes.truncate(at),
            }
        }
        // `IgnoredAny` reads numbers of any size, as we do; it does not look at the bytes of strings.
        let theirs = std::str::from_utf8(&bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
        match Document::parse(bytes.clone()) {
            Ok(_) => prop_assert!(theirs, "only we read {:?}", String::from_utf8_lossy(&bytes)),
            Err(error) => prop_assert!(
                !theirs || documented_difference(error.fault),
                "only serde_json reads {:?}: {}", String::from_utf8_lossy(&bytes), error
            ),
        }
    }
}

fn mutation() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![
        6 => proptest::sample::select(b"\"\\{}[],:0123456789.eE+-ntfu \n\x00\x1f\x7f\x80\xc3\xff".to_vec()).prop_map(Some),
        1 => any::<u8>().prop_map(Some),
        1 => Just(None),
    ]
}

#[test]
fn each_fault_has_its_name_and_place() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    let cases: [(&[u8], JsonFault, &str); 20] = [
        (br#"{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}"#, JsonFault::DuplicateKey, "/b/c/1/d"),
        (br#"{"a":1,"\u0061":2}"#, JsonFault::DuplicateKey, "/a"),
        (br#"{"a~/b":{"x":1,"x":1}}"#, JsonFault::DuplicateKey, "/a~0~1b/x"),
        (br#"{"a":["x","\ud800"]}"#, JsonFault::LoneSurrogate, "/a/1"),
        (br#"{"a":"\udc00"}"#, JsonFault::LoneSurrogate, "/a"),
        (br#"{"a":"\ud800\ud800"}"#, JsonFault::LoneSurrogate, "/a"),
        (br#"{"a":"\ud800x"}"#, JsonFault::LoneSurrogate, "/a"),
        (b"{\"a\":[\"x\",\"\xff\"]}", JsonFault::NotUtf8, "/a/1"),
        (b"{\"a\":1}\xff", JsonFault::NotUtf8, ""),
        (br#"{"a":[1,01]}"#, JsonFault::InvalidNumber, "/a/1"),
        (br#"{"a":1.}"#, JsonFault::InvalidNumber, "/a"),
        (br#"{"a":-}"#, JsonFault::InvalidNumber, "/a"),
        (br#"{"a":"\x"}"#, JsonFault::InvalidString, "/a"),
        (b"{\"a\":\"\x01\"}", JsonFault::InvalidString, "/a"),
        (br#"{"a":1} x"#, JsonFault::Trailing, ""),
        (br#"{"a":1}{}"#, JsonFault::Trailing, ""),
        (br#"{"a":[1,"#, JsonFault::UnexpectedEnd, "/a/1"),
        (br#"{"a":tru}"#, JsonFault::Unexpected, "/a"),
        (b"", JsonFault::UnexpectedEnd, ""),
        (b"\xef\xbb\xbf{}", JsonFault::Unexpected, ""),
    ];
    for (text, fault, pointer) in cases {
        let error = Document::parse(text).expect_err(&String::from_utf8_lossy(text));
        assert_eq!(
            (error.fault, error.pointer.as_str()),
            (fault, pointer),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
    let error = Document::parse(deep).unwrap_err();
    assert_eq!(error.fault, JsonFault::TooDeep);
    assert!(error.pointer.starts_with("/a/0/0") && error.offset > DEPTH_MAX);
}

#[test]
fn the_deepest_nesting_that_is_allowed_is_read() {
    let text = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert_eq!(parse(&text).render(&[]), text.as_bytes());
}

#[test]
fn many_keys_are_compared_too() {
    let keys: Vec<_> = (0..40).map(|number| format!("\"k{number}\":0")).collect();
    assert!(Document::parse(format!("{{{}}}", keys.join(","))).is_ok());
    let error = Document::parse(format!("{{{},\"k3\":0}}", keys.join(","))).unwrap_err();
    assert_eq!((error.fault, error.pointer.as_str()), (JsonFault::DuplicateKey, "/k3"));
}

#[test]
fn debug_shows_sizes_only() {
    assert!(!format!("{:?}", parse(r#"{"secret":"canary"}"#)).contains("canary"));
}
