//! Where responses lie: bounded in number, bytes and time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::Kept;
use crate::auth::Whose;
use crate::config::Responses as Bounds;

/// Whose, and its id.
type Name = (Arc<Whose>, Arc<str>);

/// What lies there of one caller.
#[derive(Default)]
struct Share {
    bytes: usize,
    /// In the order in which they came.
    ids: BTreeMap<u64, Arc<str>>,
}

struct Entry {
    kept: Arc<Kept>,
    place: u64,
    until: Instant,
}

/// All that is kept. Entries go in the order in which they came, so the first is the oldest.
pub(super) struct Shelves {
    bounds: Bounds,
    entries: HashMap<Name, Entry>,
    order: BTreeMap<u64, Name>,
    shares: HashMap<Arc<Whose>, Share>,
    bytes: usize,
    next: u64,
}

impl Shelves {
    pub fn new(bounds: Bounds) -> Self {
        let (entries, order, shares) = (HashMap::new(), BTreeMap::new(), HashMap::new());
        Self { bounds, entries, order, shares, bytes: 0, next: 0 }
    }

    pub fn configure(&mut self, bounds: Bounds, now: Instant) {
        let shorter = bounds.keep < self.bounds.keep;
        self.bounds = bounds;
        if shorter {
            let latest = now + bounds.keep;
            self.entries.values_mut().for_each(|entry| entry.until = entry.until.min(latest));
        }
        self.tidy(now);
        self.make_room();
    }

    pub fn enabled(&self) -> bool {
        self.bounds.count > 0
    }

    pub fn counts(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    pub fn of(&mut self, whose: &Whose, id: &str, now: Instant) -> Option<Arc<Kept>> {
        self.tidy(now);
        self.entries.get(&name(whose, id)).map(|entry| Arc::clone(&entry.kept))
    }

    pub fn delete(&mut self, whose: &Whose, id: &str, now: Instant) -> bool {
        self.tidy(now);
        self.remove(&name(whose, id))
    }

    pub fn keep(&mut self, whose: &Arc<Whose>, id: &str, kept: Kept, now: Instant) {
        if !self.enabled() || kept.bytes() > self.bounds.bytes {
            return;
        }
        let name: Name = (Arc::clone(whose), id.into());
        self.remove(&name);
        self.bytes += kept.bytes();
        let share = self.shares.entry(Arc::clone(&name.0)).or_default();
        share.bytes += kept.bytes();
        share.ids.insert(self.next, Arc::clone(&name.1));
        self.order.insert(self.next, name.clone());
        let entry = Entry { kept: Arc::new(kept), place: self.next, until: now + self.bounds.keep };
        self.entries.insert(name, entry);
        self.next += 1;
        self.tidy(now);
        self.make_room();
    }

    pub fn keep_only(&mut self, known: impl Fn(&Whose) -> bool) {
        let gone: Vec<Name> = self.entries.keys().filter(|(whose, _)| !known(whose)).cloned().collect();
        gone.iter().for_each(|name| {
            self.remove(name);
        });
    }

    /// Lets go of what is over its time.
    pub fn tidy(&mut self, now: Instant) {
        while let Some(first) = self.order.first_entry() {
            if self.entries.get(first.get()).is_some_and(|entry| entry.until > now) {
                return;
            }
            let name = first.remove();
            self.remove(&name);
        }
    }

    /// Lets go of the oldest of whoever has most, so that nobody's conversations go for another's.
    fn make_room(&mut self) {
        while self.entries.len() > self.bounds.count || self.bytes > self.bounds.bytes {
            let by_bytes = self.bytes > self.bounds.bytes;
            let most = |share: &Share| if by_bytes { share.bytes } else { share.ids.len() };
            let greediest = self.shares.iter().max_by_key(|(_, share)| most(share));
            let oldest = greediest.and_then(|(whose, share)| {
                let (_, id) = share.ids.first_key_value()?;
                Some((Arc::clone(whose), Arc::clone(id)))
            });
            match oldest {
                Some(name) => self.remove(&name),
                None => return,
            };
        }
    }

    fn remove(&mut self, name: &Name) -> bool {
        let Some(entry) = self.entries.remove(name) else { return false };
        self.order.remove(&entry.place);
        self.bytes -= entry.kept.bytes();
        if let Some(share) = self.shares.get_mut(&name.0) {
            share.bytes -= entry.kept.bytes();
            share.ids.remove(&entry.place);
            if share.ids.is_empty() {
                self.shares.remove(&name.0);
            }
        }
        true
    }
}

fn name(whose: &Whose, id: &str) -> Name {
    (Arc::new(whose.clone()), id.into())
}
