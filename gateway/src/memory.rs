//! What callers' private requests held, for a time: so that a conversation keeps its label although its client trims
//! what made it private.
//!
//! It must never hold text. A string is known by its HMAC-SHA-256 under a key that is drawn at the start and kept
//! nowhere else, with whose it is in it; beside that stand its length, the label of its request, its kind, and a
//! keyed mark of how it begins, by which text is looked through cheaply. A restart forgets all of it, which
//! `hearthgate_memory_since_seconds` shows; a reload forgets none: labels are kept by name, and one that the policy
//! no longer has counts as its highest.

mod origins;
mod shelf;
mod store;
mod turns;

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hearthgate_rules::judge::{Caller, Judged};
use hearthgate_rules::label::Label;
use hearthgate_rules::memory::{Heads, Known, Memory as Asked};
use hearthgate_rules::policy::Policy;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

pub use store::{Counts, Lost};

use crate::auth::Whose;
use crate::config::Memory as Bounds;
use origins::Origins;
pub use origins::Print as LoopPrint;
use shelf::Print;
use store::{Remark, Store};
pub use turns::Turn;
use turns::Turns;

/// What all callers' private requests held.
pub struct Memory {
    hmac: Hmac<Sha256>,
    store: Mutex<Store>,
    /// What is forgotten of these is opaque again.
    seals: Origins,
    loops: Origins,
    turns: Turns,
    since_micros: u64,
}

impl Memory {
    /// Empty, with keys of its own.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(bounds: Bounds) -> Result<Self, String> {
        let mut random = [0_u8; 48];
        let source = rustls::crypto::ring::default_provider().secure_random;
        source.fill(&mut random).map_err(|_| "the system gives no random numbers".to_owned())?;
        let (key, marks) = random.split_at(32);
        let number = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let marks = [number(marks), number(marks.get(8..).unwrap_or_default())];
        Ok(Self {
            hmac: Hmac::new_from_slice(key).map_err(|error| error.to_string())?,
            store: Mutex::new(Store::new(bounds, marks)),
            seals: Origins::default(),
            loops: Origins::default(),
            turns: Turns::default(),
            since_micros: crate::clock::unix_micros(),
        })
    }

    /// Takes other bounds; what lies beyond them is forgotten.
    pub fn configure(&self, bounds: Bounds, now: Instant) -> Lost {
        self.lock().configure(bounds, now)
    }

    /// What one caller's requests held, as a policy sees it now.
    pub fn of(self: &Arc<Self>, caller: &Caller, policy: &Arc<Policy>, now: Instant) -> Recollection {
        let whose = Whose { name: caller.name.clone(), tenant: caller.tenant.clone() };
        let heads = self.lock().heads(&whose);
        let (memory, policy) = (Arc::clone(self), Arc::clone(policy));
        Recollection { memory, policy, heads, whose, now, met: Cell::new(None) }
    }

    /// Remembers that a provider has sealed this for a caller.
    pub fn keep_seal(&self, whose: &Whose, provider: &str, seal: &str) {
        self.seals.keep(self.origin(b"seal", whose, [seal]), provider);
    }

    /// The provider that has sealed this for a caller; none where that is not known.
    pub fn sealed_by(&self, whose: &Whose, seal: &str) -> Option<Arc<str>> {
        self.seals.origin(&self.origin(b"seal", whose, [seal]))
    }

    /// What a caller's loop of tools is known by.
    pub fn loop_of(&self, whose: &Whose, asked: &[&str]) -> LoopPrint {
        self.origin(b"loop", whose, asked.iter().copied())
    }

    /// Remembers that a target has begun a loop of tools.
    pub fn keep_loop(&self, print: LoopPrint, target: &str) {
        self.loops.keep(print, target);
    }

    /// The target that has begun a loop of tools; none where that is not known.
    pub fn loop_begun_by(&self, print: &LoopPrint) -> Option<Arc<str>> {
        self.loops.origin(print)
    }

    /// What a caller's conversation is known by.
    pub fn conversation_of(&self, whose: &Whose, begins: &[&str]) -> LoopPrint {
        self.origin(b"turn", whose, begins.iter().copied())
    }

    /// Remembers who answered a conversation's turn.
    pub fn keep_turn(&self, print: LoopPrint, turn: Turn) {
        self.turns.keep(print, turn);
    }

    /// A conversation's last turn, where it is not longer ago than this.
    pub fn last_turn(&self, print: &LoopPrint, within: Duration, now: Instant) -> Option<Turn> {
        self.turns.last(print, within, now)
    }

    fn origin<'a>(
        &self,
        what: &[u8; 4],
        whose: &'a Whose,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> LoopPrint {
        let mut hmac = self.hmac.clone();
        // No string of the store begins like this: its first byte is 0 or 1.
        hmac.update(what);
        let Whose { name, tenant } = whose;
        hmac.update(&[u8::from(tenant.is_some())]);
        for text in [tenant.as_deref().unwrap_or_default(), name].into_iter().chain(texts) {
            hmac.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hmac.update(text.as_bytes());
        }
        hmac.finalize().into_bytes().into()
    }

    /// How much is held.
    pub fn counts(&self) -> Counts {
        self.lock().counts()
    }

    /// Since when, in seconds of the Unix epoch.
    pub fn since_seconds(&self) -> u64 {
        self.since_micros / 1_000_000
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("strings", &self.counts().strings).finish_non_exhaustive()
    }
}

/// What one caller's requests held, asked while the next one is judged.
#[derive(Clone)]
pub struct Recollection {
    memory: Arc<Memory>,
    policy: Arc<Policy>,
    heads: Option<Arc<Heads>>,
    whose: Whose,
    now: Instant,
    /// The highest label that was met, and until when it holds.
    met: Cell<Option<(Label, Instant)>>,
}

impl Recollection {
    /// Remembers what is worth it of this caller's request; says what had to be forgotten for it.
    ///
    /// What is new in a request that has its label only by what is remembered is held no longer than that. `conversation` is the
    /// label that it has at least, for what it goes on from.
    pub fn keep(&self, judged: &Judged, conversation: Option<Label>) -> Lost {
        let labels = self.policy.labels();
        let own = judged.own_label().join(conversation.unwrap_or(Label::LOWEST));
        let until = self.memory.lock().until(self.now);
        let by_itself = (own > self.policy.unlabelled()).then_some((own, until));
        let by_memory = self.met.get().filter(|(label, _)| *label > own);
        let remarks: Vec<Remark> = [by_itself, by_memory]
            .into_iter()
            .flatten()
            .map(|(label, until)| Remark { label: labels.name(label).to_owned(), until })
            .collect();
        if remarks.is_empty() {
            return Lost::default();
        }
        let kinds = self.policy.kinds();
        let keepsakes = judged.keepsakes_within(conversation);
        let prints: Vec<Print> = keepsakes.iter().map(|keepsake| self.print(keepsake.canonical())).collect();
        let mut store = self.memory.lock();
        for (keepsake, print) in keepsakes.iter().zip(prints) {
            store.keep(&self.whose, print, keepsake.canonical(), kinds.name(keepsake.kind), &remarks);
        }
        let crowded = store.make_room(&self.whose);
        let lost = store.tidy(self.now);
        Lost { for_room: lost.for_room + crowded, ..lost }
    }

    fn print(&self, canonical: &[u8]) -> Print {
        let Whose { name, tenant } = &self.whose;
        let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes();
        let of_tenant = tenant.as_deref().unwrap_or_default();
        let (tenant_bytes, name_bytes) = (length(of_tenant), length(name));
        let parts: [&[u8]; 6] = [
            &[u8::from(tenant.is_some())],
            &tenant_bytes,
            of_tenant.as_bytes(),
            &name_bytes,
            name.as_bytes(),
            canonical,
        ];
        let mut hmac = self.memory.hmac.clone();
        parts.into_iter().for_each(|part| hmac.update(part));
        hmac.finalize().into_bytes().first_chunk().copied().unwrap_or_default()
    }
}

impl Asked for Recollection {
    fn is_seal(&self, seal: &str) -> bool {
        self.memory.sealed_by(&self.whose, seal).is_some()
    }

    fn heads(&self) -> Option<&Heads> {
        self.heads.as_deref()
    }

    fn lengths(&self, text: &[u8]) -> Vec<usize> {
        self.memory.lock().lengths(&self.whose, text)
    }

    fn find(&self, canonical: &[u8]) -> Option<Known> {
        let print = self.print(canonical);
        let (remarks, kind) = self.memory.lock().find(&self.whose, &print, self.now)?;
        let labels = self.policy.labels();
        let known = remarks.iter().map(|remark| {
            // INVARIANT: a label that the policy no longer has is the highest.
            (labels.named(&remark.label).unwrap_or_else(|_| labels.highest()), remark.until)
        });
        let met = known.max()?;
        self.met.set(self.met.get().max(Some(met)));
        Some(Known { label: met.0, kind: self.policy.kinds().named(&kind) })
    }
}

#[cfg(test)]
mod tests;
