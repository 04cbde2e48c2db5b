//! The JSON reader against another one (`serde_json`), its lenient sibling and itself.

use hearthgate_rules::json::{
    DEPTH_MAX, Document, JsonError, JsonFault, Kind, LeafKind, Value, skim_items, skim_members,
};
use serde::Deserialize as _;
use serde_json::Value as Theirs;

/// Leaves whose pointers are followed.
const POINTERS_MAX: usize = 64;

/// Reads a text in every way there is.
pub fn check(data: &[u8]) {
    match Document::parse(data) {
        Ok(document) => {
            let theirs = theirs(data).expect("another reader refuses what this one takes");
            same(document.root(), &theirs);
            written_back(&document, &theirs);
            pointers(&document, &theirs);
            skimmed(&document, data);
        }
        Err(error) => refused(data, &error),
    }
}

fn theirs(data: &[u8]) -> Option<Theirs> {
    let mut reader = serde_json::Deserializer::from_slice(data);
    reader.disable_recursion_limit();
    let value = Theirs::deserialize(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

/// Member for member, item for item, character for character.
fn same(ours: Value<'_>, theirs: &Theirs) {
    match (ours.kind(), theirs) {
        (Kind::Null, Theirs::Null) => {}
        (Kind::Bool, Theirs::Bool(theirs)) => assert_eq!(ours.as_bool(), Some(*theirs)),
        (Kind::String, Theirs::String(theirs)) => assert_eq!(ours.as_str(), Some(theirs.as_str())),
        (Kind::Number, Theirs::Number(theirs)) => {
            let ours: f64 = ours.as_number().and_then(|digits| digits.parse().ok()).expect("a number");
            assert_eq!(ours.to_bits(), theirs.to_string().parse::<f64>().expect("a number").to_bits());
        }
        (Kind::Array, Theirs::Array(theirs)) => {
            assert_eq!(ours.items().count(), theirs.len());
            ours.items().zip(theirs).for_each(|(ours, theirs)| same(ours, theirs));
        }
        (Kind::Object, Theirs::Object(theirs)) => {
            assert_eq!(ours.members().count(), theirs.len());
            for (key, value) in ours.members() {
                same(value, theirs.get(key).expect("a member that only one reader sees"));
                assert_eq!(ours.get(key).map(Value::id), Some(value.id()));
            }
        }
        (ours, _) => panic!("{ours:?} is something else to another reader"),
    }
}

/// What is written is what was read: to this reader, to another, and once more.
fn written_back(document: &Document, theirs: &Theirs) {
    let written = document.render(&[]);
    let again = Document::parse(&written).expect("what is written can be read");
    let leaves = |document: &Document| -> Vec<_> {
        document.leaves().map(|leaf| (leaf.node, leaf.kind, leaf.text.to_owned())).collect()
    };
    assert_eq!(leaves(document), leaves(&again));
    assert_eq!(again.render(&[]), written);
    assert_eq!(self::theirs(&written).as_ref(), Some(theirs));
}

fn pointers(document: &Document, theirs: &Theirs) {
    for leaf in document.leaves().take(POINTERS_MAX) {
        let found = theirs.pointer(&document.pointer(leaf.node)).expect("a pointer leads somewhere");
        if leaf.kind == LeafKind::String {
            assert_eq!(found.as_str(), Some(leaf.text));
        }
    }
}

/// The lenient reader takes what the strict one takes, and shows the same parts.
fn skimmed(document: &Document, data: &[u8]) {
    let text = std::str::from_utf8(data).expect("it was read");
    let (mut members, mut items) = (0, 0);
    skim_members(text, |_, _| members += 1).expect("the lenient reader is the stricter one");
    skim_items(text, |_| items += 1).expect("the lenient reader is the stricter one");
    assert_eq!(members, document.root().members().count());
    assert_eq!(items, document.root().items().count());
}

/// What another reader takes is refused only where two readers could read it in two ways, or for its depth.
fn refused(data: &[u8], error: &JsonError) {
    assert!(error.offset <= data.len());
    assert!(error.pointer.is_empty() || error.pointer.starts_with('/'));
    let opened = data.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if opened > 2 * DEPTH_MAX {
        return;
    }
    if theirs(data).is_some() {
        assert!(matches!(error.fault, JsonFault::DuplicateKey | JsonFault::TooDeep), "{error}");
    }
}
