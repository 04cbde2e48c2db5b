//! Looks for many canaries in many bytes at once.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

/// Texts that are looked for, each under the number of what it belongs to.
pub struct Search {
    owners: Vec<usize>,
    automaton: AhoCorasick,
}

impl Search {
    /// Case does not matter: header names lose theirs on the way.
    pub fn new(texts: impl IntoIterator<Item = (usize, String)>) -> Self {
        let (owners, texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&texts).unwrap();
        Self { owners, automaton }
    }

    /// The owners of the texts that are there.
    pub fn found(&self, views: &[Vec<u8>]) -> BTreeSet<usize> {
        let hits = views.iter().flat_map(|view| self.automaton.find_overlapping_iter(view));
        hits.map(|hit| self.owners[hit.pattern().as_usize()]).collect()
    }
}
