//! What is remembered of one caller.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use hearthgate_rules::memory::Heads;

use super::store::Remark;

/// A string, by its keyed hash.
pub(super) type Print = [u8; 16];

/// When something ends, and a number that tells it from others that end then.
pub(super) type Place = (Instant, u64);

/// What is known of a string.
pub(super) struct Entry {
    pub kind: String,
    pub remarks: Vec<Remark>,
    pub place: Place,
    /// How it begins.
    mark: u64,
    length: usize,
}

/// One caller's.
pub(super) struct Shelf {
    known: HashMap<Print, Entry>,
    oldest: BTreeMap<Place, Print>,
    /// By how strings begin: how long they are, and how many are so long.
    lengths: HashMap<u64, BTreeMap<usize, usize>>,
    heads: Arc<Heads>,
    /// How many beginnings the filter was made for.
    room: usize,
    /// Beginnings in the filter, those of forgotten strings too.
    marked: usize,
    keys: [u64; 2],
}

/// What a filter is made for at first.
const ROOM: usize = 64;

impl Shelf {
    pub fn new(keys: [u64; 2]) -> Self {
        Self {
            known: HashMap::new(),
            oldest: BTreeMap::new(),
            lengths: HashMap::new(),
            heads: Arc::new(Heads::new(keys, ROOM)),
            room: ROOM,
            marked: 0,
            keys,
        }
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn heads(&self) -> Arc<Heads> {
        Arc::clone(&self.heads)
    }

    pub fn mark(&self, canonical: &[u8]) -> Option<u64> {
        self.heads.mark(canonical)
    }

    pub fn get(&self, print: &Print) -> Option<&Entry> {
        self.known.get(print)
    }

    pub fn oldest(&self) -> Option<(Place, Print)> {
        self.oldest.first_key_value().map(|(place, print)| (*place, *print))
    }

    /// How long strings are that begin so, the longest first.
    pub fn lengths(&self, mark: u64) -> Vec<usize> {
        self.lengths.get(&mark).map(|lengths| lengths.keys().rev().copied().collect()).unwrap_or_default()
    }

    pub fn add(
        &mut self,
        print: Print,
        (mark, length): (u64, usize),
        kind: &str,
        remarks: Vec<Remark>,
        place: Place,
    ) {
        *self.lengths.entry(mark).or_default().entry(length).or_default() += 1;
        self.oldest.insert(place, print);
        self.known.insert(print, Entry { kind: kind.to_owned(), remarks, place, mark, length });
        if self.marked >= self.room {
            self.mark_anew();
        } else {
            // No copy is made unless somebody is looking through it just now.
            Arc::make_mut(&mut self.heads).add_mark(mark);
            self.marked += 1;
        }
    }

    pub fn remove(&mut self, print: &Print) -> Option<Entry> {
        let entry = self.known.remove(print)?;
        self.oldest.remove(&entry.place);
        if let Some(lengths) = self.lengths.get_mut(&entry.mark) {
            if let Some(count) = lengths.get_mut(&entry.length) {
                *count -= 1;
                if *count == 0 {
                    lengths.remove(&entry.length);
                }
            }
            if lengths.is_empty() {
                self.lengths.remove(&entry.mark);
            }
        }
        Some(entry)
    }

    /// Makes the filter again, for twice as many as there are: forgotten beginnings leave it.
    fn mark_anew(&mut self) {
        self.room = (self.known.len() * 2).max(ROOM);
        let mut heads = Heads::new(self.keys, self.room);
        self.known.values().for_each(|entry| heads.add_mark(entry.mark));
        self.heads = Arc::new(heads);
        self.marked = self.known.len();
    }
}
