//! What the gateway keeps of a response, as far as its items go.
#![allow(dead_code, missing_docs)]

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::Document;
use zeroize::Zeroizing;

#[path = "../../../gateway/src/responses/items.rs"]
pub mod items;

pub struct Kept {
    pub(crate) input: Zeroizing<String>,
}

fn parsed(text: &str) -> Option<Document> {
    Document::parse(text).ok()
}

/// The items of a request as the inside of an array.
pub fn inside(request: &ChatRequest) -> String {
    items::inside(request)
}

/// The items of a response as the inside of an array, where it is one.
pub fn output(response: &str) -> Option<Zeroizing<String>> {
    items::output(response)
}
