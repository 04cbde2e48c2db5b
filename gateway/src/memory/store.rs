//! What is remembered of all callers, within bounds: the oldest goes first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use hearthgate_rules::memory::Heads;

use super::shelf::{Place, Print, Shelf};
use crate::auth::Whose;
use crate::config::Memory as Bounds;

/// A label by its name, and until when it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Remark {
    pub label: String,
    pub until: Instant,
}

/// What was forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lost {
    /// Because its time was over.
    pub by_age: u64,
    /// Before its time, because there was no room.
    pub for_room: u64,
}

/// How much is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Strings.
    pub strings: usize,
    /// Callers that they are of.
    pub callers: usize,
}

/// All callers' shelves.
pub(super) struct Store {
    bounds: Bounds,
    keys: [u64; 2],
    shelves: HashMap<Arc<Whose>, Shelf>,
    oldest: BTreeMap<Place, (Arc<Whose>, Print)>,
    stamps: u64,
}

impl Store {
    pub fn new(bounds: Bounds, keys: [u64; 2]) -> Self {
        Self { bounds, keys, shelves: HashMap::new(), oldest: BTreeMap::new(), stamps: 0 }
    }

    pub fn configure(&mut self, bounds: Bounds, now: Instant) -> Lost {
        self.bounds = bounds;
        let callers: Vec<_> = self.shelves.keys().cloned().collect();
        let crowded = callers.iter().map(|whose| self.make_room(whose)).sum::<u64>();
        let lost = self.tidy(now);
        Lost { for_room: lost.for_room + crowded, ..lost }
    }

    /// How long what is remembered now is held.
    pub fn until(&self, now: Instant) -> Instant {
        now + self.bounds.keep
    }

    pub fn heads(&self, whose: &Whose) -> Option<Arc<Heads>> {
        self.shelves.get(whose).map(Shelf::heads)
    }

    pub fn lengths(&self, whose: &Whose, text: &[u8]) -> Vec<usize> {
        let shelf = self.shelves.get(whose);
        shelf.and_then(|shelf| Some(shelf.lengths(shelf.mark(text)?))).unwrap_or_default()
    }

    /// What holds of a string, and its kind; none where nothing does any more.
    pub fn find(&self, whose: &Whose, print: &Print, now: Instant) -> Option<(Vec<Remark>, String)> {
        let entry = self.shelves.get(whose)?.get(print)?;
        let remarks: Vec<_> = entry.remarks.iter().filter(|remark| remark.until > now).cloned().collect();
        (!remarks.is_empty()).then(|| (remarks, entry.kind.clone()))
    }

    /// Remembers a string; what was known of it still holds.
    pub fn keep(&mut self, whose: &Whose, print: Print, canonical: &[u8], kind: &str, remarks: &[Remark]) {
        if self.bounds.entries == 0 {
            return;
        }
        let owner = self.shelves.get_key_value(whose).map(|(owner, _)| Arc::clone(owner));
        let owner = owner.unwrap_or_else(|| Arc::new(whose.clone()));
        let shelf = self.shelves.entry(Arc::clone(&owner)).or_insert_with(|| Shelf::new(self.keys));
        let Some(mark) = shelf.mark(canonical) else { return };
        let before = shelf.remove(&print);
        if let Some(entry) = &before {
            self.oldest.remove(&entry.place);
        }
        let mut all = before.map(|entry| entry.remarks).unwrap_or_default();
        for remark in remarks {
            match all.iter_mut().find(|known| known.label == remark.label) {
                Some(known) => known.until = known.until.max(remark.until),
                None => all.push(remark.clone()),
            }
        }
        let Some(until) = all.iter().map(|remark| remark.until).max() else { return };
        self.stamps += 1;
        let place = (until, self.stamps);
        shelf.add(print, (mark, canonical.len()), kind, all, place);
        self.oldest.insert(place, (owner, print));
    }

    /// Forgets what is over, and what there is no room for.
    pub fn tidy(&mut self, now: Instant) -> Lost {
        let mut lost = Lost::default();
        while let Some((&(until, _), (whose, print))) = self.oldest.first_key_value() {
            let over = until <= now;
            if !over && self.oldest.len() <= self.bounds.entries {
                break;
            }
            let (whose, print) = (Arc::clone(whose), *print);
            self.forget(&whose, &print);
            *(if over { &mut lost.by_age } else { &mut lost.for_room }) += 1;
        }
        lost
    }

    /// Forgets the oldest of a caller who has too much.
    pub fn make_room(&mut self, whose: &Whose) -> u64 {
        let mut lost = 0;
        while let Some((_, print)) = self
            .shelves
            .get(whose)
            .filter(|shelf| shelf.len() > self.bounds.entries_per_caller)
            .and_then(Shelf::oldest)
        {
            self.forget(whose, &print);
            lost += 1;
        }
        lost
    }

    pub fn counts(&self) -> Counts {
        Counts { strings: self.oldest.len(), callers: self.shelves.len() }
    }

    fn forget(&mut self, whose: &Whose, print: &Print) {
        let Some(shelf) = self.shelves.get_mut(whose) else { return };
        if let Some(entry) = shelf.remove(print) {
            self.oldest.remove(&entry.place);
        }
        if shelf.len() == 0 {
            self.shelves.remove(whose);
        }
    }
}
