//! Responses that are kept for a time, so that a later one can go on from them: in this process's memory, for their own
//! caller alone.
//!
//! What is kept is text. It never enters a log, a metric or a file, it has no `Debug`, and is written over with zeros when it
//! goes: over its time, for want of room, deleted, or switched off. Beside it stands the label that was found of the request,
//! by name: whoever goes on from it has that label at least, and the highest where the policy no longer knows it.

mod items;
mod kept;
mod references;
pub mod surface;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::{Document, Edit, Value, quote};
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::target::Zone;
use zeroize::Zeroizing;

pub use items::{List, input_items};
use kept::Shelves;
use references::Referred;

use crate::auth::Whose;
use crate::config::Responses as Bounds;
use crate::judging;
use crate::respond::Fault;

/// How often what is over its time is looked for.
pub const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The responses of all callers.
pub struct Responses(Mutex<Shelves>);

/// One response, and what it answered.
pub struct Kept {
    /// The items that it answered, as the inside of a JSON array: those that it went on from, then its own.
    input: Zeroizing<String>,
    /// The response as it was told.
    pub response: Zeroizing<String>,
    /// The label of what it answered.
    label: String,
    /// The outermost zone that what it answered might reach.
    zone: Zone,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.input.len() + self.response.len()
    }
}

impl Responses {
    /// None yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self(Mutex::new(Shelves::new(bounds)))
    }

    /// Takes other bounds; what lies beyond them goes.
    pub fn configure(&self, bounds: Bounds, now: Instant) {
        self.lock().configure(bounds, now);
    }

    /// Lets go of what is over its time.
    pub fn tidy(&self, now: Instant) {
        self.lock().tidy(now);
    }

    /// Lets go of what is kept for callers that there are no more: another may come to have the name.
    pub fn keep_only(&self, known: impl Fn(&Whose) -> bool) {
        self.lock().keep_only(known);
    }

    /// Whether any are kept.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.lock().enabled()
    }

    /// One of a caller's; none where it is another's, or not there any more.
    #[must_use]
    pub fn of(&self, whose: &Whose, id: &str, now: Instant) -> Option<Arc<Kept>> {
        self.lock().of(whose, id, now)
    }

    /// Forgets one of a caller's; says whether there was one.
    pub fn delete(&self, whose: &Whose, id: &str, now: Instant) -> bool {
        self.lock().delete(whose, id, now)
    }

    /// How many are kept, and their bytes.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.lock().counts()
    }

    fn keep(&self, whose: &Arc<Whose>, id: &str, kept: Kept, now: Instant) {
        self.lock().keep(whose, id, kept, now);
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request goes on from, and whether it is to be gone on from itself. It holds names and no texts.
#[derive(Clone, Default)]
pub struct Thread {
    /// The response that came before.
    pub previous: Option<String>,
    /// The labels that were found of the requests that it goes on from, by name.
    labels: BTreeSet<String>,
    /// The outermost zone that all of those might reach.
    zone: Option<Zone>,
    /// Whether it is to be kept.
    pub store: bool,
}

impl Thread {
    /// The outermost zone that the request may reach, whoever asks now: headers that held the turns before hold them on.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        self.zone
    }

    /// The label that the request has at least. One that the policy does not know any more counts as its highest.
    #[must_use]
    pub fn floor(&self, policy: &Policy) -> Option<Label> {
        let labels = policy.labels();
        self.labels.iter().map(|name| labels.named(name).unwrap_or_else(|_| labels.highest())).max()
    }

    /// Notes that it holds something of this response.
    fn holds(&mut self, kept: &Kept) {
        self.labels.insert(kept.label.clone());
        self.zone = Some(self.zone.map_or(kept.zone, |zone| zone.min(kept.zone)));
    }
}

/// From so many bytes on, turns are put together beside the event loop.
const BESIDE_BYTES: usize = 256 << 10;

/// Puts the turns that a request goes on from before its own, as if its client had sent them, and items in the place of references
/// to them. What it holds afterwards is what is judged, stored by the site, and sent.
///
/// # Errors
/// When it goes on from what is not there, or is larger with it than a body may be.
pub async fn go_on(
    responses: &Responses,
    whose: &Whose,
    request: ChatRequest,
    bytes_max: usize,
    now: Instant,
) -> Result<(ChatRequest, Thread), Fault> {
    let store = responses.enabled() && request.body().get("store").and_then(Value::as_bool) != Some(false);
    let mut thread = Thread { store, ..Thread::default() };
    let previous = request.body().present("previous_response_id").and_then(Value::as_str);
    let before = match previous {
        Some(id) => {
            let before = responses.of(whose, id, now).ok_or(Fault::NoSuchResponse { previous: true })?;
            thread.holds(&before);
            thread.previous = Some(id.to_owned());
            Some(before)
        }
        None => None,
    };
    let referred = Referred::of(&request, |id| responses.of(whose, id, now))?;
    referred.responses().for_each(|kept| thread.holds(kept));
    if before.is_none() && referred.is_empty() {
        return Ok((request, thread));
    }
    let bytes = before.as_ref().map_or(0, |before| before.input.len());
    if bytes > bytes_max || referred.bytes() > bytes_max {
        return Err(Fault::BodyTooLarge(bytes_max));
    }
    let all = bytes + referred.bytes() + request.document().source_bytes();
    let whole = move || together(&request, before.as_deref(), &referred, bytes_max);
    let body = match all > BESIDE_BYTES {
        true => tokio::task::spawn_blocking(whole).await.map_err(|_| Fault::Internal)??,
        false => whole()?,
    };
    let request = judging::read(Dialect::OpenAiResponses, body.into()).await?;
    Ok((request, thread))
}

/// The body of a request with all that it goes on from.
fn together(
    request: &ChatRequest,
    before: Option<&Kept>,
    referred: &Referred,
    bytes_max: usize,
) -> Result<Vec<u8>, Fault> {
    let own = Zeroizing::new(referred.inside(request)?);
    let output = before.map(|before| items::output(&before.response).ok_or(Fault::Internal)).transpose()?;
    let turns = [
        before.map(|before| before.input.as_str()),
        output.as_ref().map(|output| output.as_str()),
        Some(own.as_str()),
    ];
    let turns: Vec<&str> = turns.into_iter().flatten().filter(|items| !items.is_empty()).collect();
    let edits = [Edit::Set("input", format!("[{}]", turns.join(","))), Edit::Remove("previous_response_id")];
    let body = request.document().render(&edits);
    if body.len() > bytes_max { Err(Fault::BodyTooLarge(bytes_max)) } else { Ok(body) }
}

/// What a response is called, and what it is made of: a number that nobody can guess, since without keys whoever knows the name
/// of a response is told it, and none that stands in a log or record. None where the system has no random numbers.
#[must_use]
pub fn new_name() -> Option<String> {
    let mut random = [0_u8; 16];
    let source = rustls::crypto::ring::default_provider().secure_random;
    source.fill(&mut random).ok()?;
    Some(format!("req-{:032x}", u128::from_le_bytes(random)))
}

/// Keeps the answer to one request, once it is there.
#[derive(Clone)]
pub struct Keeper {
    responses: Arc<Responses>,
    whose: Arc<Whose>,
    label: String,
    zone: Zone,
    request: ChatRequest,
}

impl Keeper {
    /// Of the answer to this request of this caller's, of which this label was found, and which might reach this zone.
    #[must_use]
    pub fn new(
        responses: &Arc<Responses>,
        whose: Whose,
        (label, zone): (String, Zone),
        request: &ChatRequest,
    ) -> Self {
        Self {
            responses: Arc::clone(responses),
            whose: Arc::new(whose),
            label,
            zone,
            request: request.clone(),
        }
    }

    /// Keeps it. What the client is told of it is what is kept.
    pub fn keep(&self, id: &str, response: &str, now: Instant) {
        let kept = Kept {
            input: Zeroizing::new(items::inside(&self.request)),
            response: Zeroizing::new(response.to_owned()),
            label: self.label.clone(),
            zone: self.zone,
        };
        self.responses.keep(&self.whose, id, kept, now);
    }
}

/// What is told of one that was deleted.
#[must_use]
pub fn deleted(id: &str) -> String {
    format!("{{\"id\":{},\"object\":\"response\",\"deleted\":true}}", quote(id))
}

/// A text as the JSON that it was written as.
fn parsed(text: &str) -> Option<Document> {
    Document::parse(text).ok()
}

#[cfg(test)]
mod tests;
