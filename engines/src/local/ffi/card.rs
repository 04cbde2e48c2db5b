//! The graphics cards that llama.cpp knows.

use super::raw;
use crate::cards::Card;

/// Cards that are looked at.
const CARDS_MAX: usize = 16;

/// The cards that a model is put on.
pub(crate) fn cards() -> Vec<Card> {
    let none = raw::Card {
        name: raw::Text::NONE,
        title: raw::Text::NONE,
        free_bytes: 0,
        memory_bytes: 0,
        integrated: 0,
    };
    let mut found = [none; CARDS_MAX];
    // SAFETY: `found` has the length given.
    let count = unsafe {
        raw::hg_init();
        raw::hg_cards(found.as_mut_ptr(), found.len())
    };
    let card = |card: &raw::Card| Card {
        // SAFETY: the texts belong to llama.cpp's list of devices, which lives as long as the process.
        name: unsafe { card.name.copy() },
        // SAFETY: as above.
        title: unsafe { card.title.copy() },
        memory_bytes: card.memory_bytes,
        free_bytes: card.free_bytes.min(card.memory_bytes),
        integrated: card.integrated != 0,
    };
    found.iter().take(count).map(card).collect()
}
