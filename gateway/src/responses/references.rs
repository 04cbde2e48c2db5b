//! Items that a request names instead of sending them: `item_reference`, put in from what is kept of the same caller.
//!
//! An id of ours names the response that the item is of, so nothing is searched. Where that is not kept any more, or is another
//! caller's, there is no such item.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::Value;
use zeroize::Zeroizing;

use super::{Kept, items, parsed};
use crate::respond::Fault;

/// Items that one request may name.
const REFERENCES_MAX: usize = 1_000;

/// The responses that a request names items of, by their ids.
#[derive(Default)]
pub(super) struct Referred {
    kept: BTreeMap<String, Arc<Kept>>,
    /// Whether any of the items is one of a request, and not of an answer.
    inputs: bool,
}

impl Referred {
    /// Those of a request, as `of` finds them.
    ///
    /// # Errors
    /// When an item is of none that is kept for its caller.
    pub fn of(request: &ChatRequest, of: impl Fn(&str) -> Option<Arc<Kept>>) -> Result<Self, Fault> {
        let mut referred = Self::default();
        for (count, at) in request.messages().filter(|item| is_reference(*item)).enumerate() {
            let (response, input) = named(at).filter(|_| count < REFERENCES_MAX).ok_or_else(|| none(at))?;
            referred.inputs |= input;
            if let Entry::Vacant(place) = referred.kept.entry(response) {
                let kept = of(place.key()).ok_or_else(|| none(at))?;
                place.insert(kept);
            }
        }
        Ok(referred)
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub fn responses(&self) -> impl Iterator<Item = &Arc<Kept>> {
        self.kept.values()
    }

    /// How much has to be gone through to find the items.
    pub fn bytes(&self) -> usize {
        let input = |kept: &Kept| if self.inputs { kept.input.len() } else { 0 };
        self.kept.values().map(|kept| kept.response.len() + input(kept)).sum()
    }

    /// The items of a request, as the inside of an array, with those that it names.
    ///
    /// # Errors
    /// When a response has no such item.
    pub fn inside(&self, request: &ChatRequest) -> Result<String, Fault> {
        if self.is_empty() {
            return Ok(items::inside(request));
        }
        let all: BTreeMap<String, Zeroizing<String>> =
            self.kept.iter().flat_map(|(id, kept)| self.items(id, kept)).collect();
        let mut inside = Zeroizing::new(Vec::new());
        for item in request.messages() {
            inside.push(match is_reference(item) {
                true => {
                    let found = item.str("id").and_then(|id| all.get(id));
                    found.ok_or_else(|| none(item))?.to_string()
                }
                false => item.render(),
            });
        }
        Ok(inside.join(","))
    }

    /// The items of a response, and of the request that it answered, by their ids.
    fn items(&self, id: &str, kept: &Kept) -> Vec<(String, Zeroizing<String>)> {
        let response = parsed(&kept.response);
        let output = response.as_ref().and_then(|response| response.root().get("output"));
        let output = output.into_iter().flat_map(Value::items);
        let mut all: Vec<_> = output
            .filter_map(|item| Some((item.str("id")?.to_owned(), Zeroizing::new(item.render()))))
            .collect();
        if self.inputs {
            all.extend(items::input(id, kept).into_iter().map(|(id, item)| (id, Zeroizing::new(item))));
        }
        all
    }
}

fn is_reference(item: Value<'_>) -> bool {
    item.str("type") == Some("item_reference")
}

fn none(item: Value<'_>) -> Fault {
    Fault::NoSuchItem { pointer: item.pointer() }
}

/// The id of the response that an item is of, and whether it is one of the request that this answered.
fn named(item: Value<'_>) -> Option<(String, bool)> {
    let (_, rest) = item.str("id")?.split_once('_')?;
    let (name, place) = rest.rsplit_once('_')?;
    Some((format!("resp_{name}"), place.starts_with("in")))
}
