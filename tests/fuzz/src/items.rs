//! Items of what is kept: pages hold each of them once, in their order, and can be read again.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::{Document, Value};
use zeroize::Zeroizing;

use crate::responses::items::{List, input_items};
use crate::responses::{Kept, inside, output};

/// Reads a query, and after the first line end a request for a response, which is kept and listed.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (query, body) = text.split_once('\n').unwrap_or(("", text));
    let _any = output(body);
    let Ok(request) = ChatRequest::read(Dialect::OpenAiResponses, body) else { return };
    let kept = Kept { input: Zeroizing::new(inside(&request)) };
    if let Ok(list) = List::read(query) {
        let page = input_items("resp_7", &kept, &list);
        assert!(page.is_err_and(|name| !name.is_empty()) || input_items("resp_7", &kept, &list).is_ok());
    }
    let mut after = String::new();
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..=request.messages().count() {
        let list = List::read(&format!("order=asc&limit=1{after}")).expect("a query");
        let Ok(page) = input_items("resp_7", &kept, &list) else { return };
        let page = Document::parse(page).expect("a page is JSON");
        let Some(item) = page.root().get("data").into_iter().flat_map(Value::items).next() else { break };
        let id = item.str("id").expect("an item has an id").to_owned();
        if seen.contains(&id) || id.contains(['&', '=']) {
            // The client gave two items one id, or an id that no query holds.
            return;
        }
        after = format!("&after={id}");
        seen.push(id);
    }
    assert_eq!(seen.len(), request.messages().count(), "each stands on one page");
}
