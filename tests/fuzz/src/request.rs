//! The request tree: what is read is what is written, but for the fields that are set on the way.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::{Document, Edit, Value, quote};

/// Reads a body as a request of each dialect and writes it for an upstream.
pub fn check(data: &[u8]) {
    Dialect::ALL.into_iter().for_each(|dialect| read(dialect, data));
}

fn read(dialect: Dialect, data: &[u8]) {
    let request = match ChatRequest::read(dialect, data) {
        Ok(request) => request,
        Err(error) => {
            assert!(error.pointer().is_empty() || error.pointer().starts_with('/'));
            assert!(!error.code().is_empty() && !error.to_string().is_empty());
            return;
        }
    };
    assert!(!request.model().is_empty());
    assert!(dialect == Dialect::Ollama || request.messages().next().is_some());
    let _known_fields = (request.stream(), request.include_usage(), request.max_tokens());
    for edits in edits() {
        rewritten(&request, &edits);
    }
}

/// The changes that the gateway makes, alone and together.
fn edits() -> [Vec<Edit>; 4] {
    let model = || Edit::Set("model", quote("a \"big\" \\ one\n"));
    let usage = || Edit::Set("stream_options", "{\"include_usage\":true}".to_owned());
    let effort = || Edit::Set("reasoning_effort", quote("high"));
    [
        vec![],
        vec![model()],
        vec![model(), usage(), effort()],
        vec![effort(), Edit::Remove("stream_options"), model()],
    ]
}

/// Every member stands where it stood and says what it said, or what it was set to; new ones stand at the end.
fn rewritten(request: &ChatRequest, edits: &[Edit]) {
    let written = request.document().render(edits);
    let again = Document::parse(&written).expect("what is written is JSON");
    let mut expected: Vec<(String, String)> = Vec::new();
    for (key, value) in request.body().members() {
        match edits.iter().find(|edit| name(edit) == key) {
            None => expected.push((key.to_owned(), value.render())),
            Some(Edit::Set(_, json)) => expected.push((key.to_owned(), json.clone())),
            Some(Edit::Remove(_)) => {}
        }
    }
    for edit in edits {
        if let Edit::Set(name, json) = edit
            && request.body().get(name).is_none()
        {
            expected.push(((*name).to_owned(), json.clone()));
        }
    }
    let found: Vec<(String, String)> = members(again.root()).collect();
    assert_eq!(found, expected);
}

fn members(object: Value<'_>) -> impl Iterator<Item = (String, String)> {
    object.members().map(|(key, value)| (key.to_owned(), value.render()))
}

fn name(edit: &Edit) -> &'static str {
    match edit {
        Edit::Set(name, _) | Edit::Remove(name) => name,
    }
}
