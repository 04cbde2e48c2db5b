//! Items of what is kept: those of an answer, of a request, and as they are listed.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::{Document, Edit, Kind, Value, quote};
use zeroize::Zeroizing;

use super::{Kept, parsed};

/// Items of one page at most, and where no number is given.
const LIMIT_MAX: usize = 100;
const LIMIT: usize = 20;

/// The items of a response, as the inside of an array; none where it is no response.
pub(super) fn output(response: &str) -> Option<Zeroizing<String>> {
    let response = parsed(response)?;
    Some(Zeroizing::new(joined(response.root().get("output")?.items().map(Value::render))))
}

/// The items of a request, as the inside of an array.
pub(super) fn inside(request: &ChatRequest) -> String {
    joined(request.messages().map(|item| match item.as_str() {
        Some(text) => format!("{{\"role\":\"user\",\"content\":{}}}", quote(text)),
        None => item.render(),
    }))
}

fn joined(items: impl Iterator<Item = String>) -> String {
    let items: Zeroizing<Vec<String>> = Zeroizing::new(items.collect());
    items.join(",")
}

/// Which of a response's input items are asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct List {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
    newest_first: bool,
}

impl List {
    /// Reads a query.
    ///
    /// # Errors
    /// The name of what cannot be read, and what it must be.
    pub fn read(query: &str) -> Result<Self, (&'static str, &'static str)> {
        let mut list = Self { limit: LIMIT, after: None, before: None, newest_first: true };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                    list.limit = limit.ok_or(("limit", "must be a number from 1 to 100"))?;
                }
                "order" => {
                    list.newest_first = match value {
                        "asc" => false,
                        "desc" => true,
                        _ => return Err(("order", "must be `asc` or `desc`")),
                    }
                }
                "after" => list.after = Some(value.to_owned()),
                "before" => list.before = Some(value.to_owned()),
                // Nothing more of an item is kept than is told anyway.
                _ => {}
            }
        }
        Ok(list)
    }
}

/// The items that a response answered, each with its id.
pub(super) fn input(id: &str, kept: &Kept) -> Vec<(String, String)> {
    let all = parsed(&Zeroizing::new(format!("[{}]", kept.input.as_str())));
    let all = all.as_ref().into_iter().flat_map(|all| all.root().items());
    all.enumerate().map(|(index, item)| listed(id, index, item)).collect()
}

/// A page of the items that a response answered: those after one item and before another, in the order that is asked for. Without
/// an item to begin after, the page is of those that stand nearest before the other.
///
/// # Errors
/// The name of the item that it does not have.
pub fn input_items(id: &str, kept: &Kept, list: &List) -> Result<String, &'static str> {
    let mut items = input(id, kept);
    if list.newest_first {
        items.reverse();
    }
    let place = |name, wanted: &String| items.iter().position(|(id, _)| id == wanted).ok_or(name);
    let from = list.after.as_ref().map(|after| place("after", after)).transpose()?.map_or(0, |at| at + 1);
    let to = list.before.as_ref().map(|before| place("before", before)).transpose()?.unwrap_or(items.len());
    let rest = items.get(from..to).unwrap_or_default();
    let backwards = list.before.is_some() && list.after.is_none();
    let page = match backwards {
        true => rest.get(rest.len().saturating_sub(list.limit)..).unwrap_or(rest),
        false => rest.get(..list.limit).unwrap_or(rest),
    };
    let id_of = |item: Option<&(String, String)>| item.map_or_else(|| "null".to_owned(), |(id, _)| quote(id));
    Ok(format!(
        "{{\"object\":\"list\",\"data\":[{}],\"first_id\":{},\"last_id\":{},\"has_more\":{}}}",
        page.iter().map(|(_, item)| item.as_str()).collect::<Vec<_>>().join(","),
        id_of(page.first()),
        id_of(page.last()),
        rest.len() > page.len(),
    ))
}

/// An item with an id, with its type, and with a content in parts.
fn listed(response: &str, index: usize, item: Value<'_>) -> (String, String) {
    let kind = item.str("type").unwrap_or("message");
    let own = item.str("id").filter(|id| !id.is_empty());
    let of = response.strip_prefix("resp_").unwrap_or(response);
    let id = own.map_or_else(|| format!("{}_{of}_in{index}", prefix(kind)), str::to_owned);
    let mut edits = vec![Edit::Set("id", quote(&id)), Edit::Set("type", quote(kind))];
    let text = item.get("content").filter(|content| kind == "message" && content.kind() == Kind::String);
    if let Some(text) = text.and_then(Value::as_str) {
        let said = item.str("role") == Some("assistant");
        let (part, more) = if said { ("output_text", ",\"annotations\":[]") } else { ("input_text", "") };
        let content = format!("[{{\"type\":\"{part}\",\"text\":{}{more}}}]", quote(text));
        edits.push(Edit::Set("content", content));
    }
    if kind == "message" && item.str("status").is_none() {
        edits.push(Edit::Set("status", quote("completed")));
    }
    let whole = Document::parse(item.render()).ok().map(|item| item.render(&edits));
    (id, whole.and_then(|whole| String::from_utf8(whole).ok()).unwrap_or_else(|| item.render()))
}

fn prefix(kind: &str) -> &str {
    match kind {
        "message" => "msg",
        "reasoning" => "rs",
        "function_call" => "fc",
        "function_call_output" => "fco",
        _ => "item",
    }
}
