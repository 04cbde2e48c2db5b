//! Graphics cards that this build computes on, and how much of a model they hold.

use crate::LocalConfig;
use crate::gguf::Header;

/// What is left free on each card beside weights, keys and values and computing; as llama.cpp's own programs do.
const KEEP_BYTES: u64 = 1 << 30;

/// A graphics card that this build computes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// As llama.cpp counts them: `CUDA0`, `Vulkan0`.
    pub name: String,
    /// As its driver calls it.
    pub title: String,
    /// Its memory.
    pub memory_bytes: u64,
    /// What of that is free.
    pub free_bytes: u64,
    /// Its memory is the machine's own.
    pub integrated: bool,
}

/// The cards that a model is put on; none where the build has no support for any, or no driver shows one.
#[must_use]
pub fn all() -> Vec<Card> {
    crate::local::cards()
}

/// What a model's layers take on a card, keys and values included, in the order in which they are put there: the output
/// first, then the blocks from the last to the first.
pub(crate) struct Layers {
    bytes: Vec<u64>,
    /// Of the output, what the machine's memory is spared; none where it is the matrix that tokens are looked up in.
    output_spares: bool,
}

impl Layers {
    pub(crate) fn of(header: &Header, cache_bytes: u64) -> Self {
        let blocks = header.of_architecture("block_count").and_then(|count| usize::try_from(count).ok());
        let mut blocks = vec![0_u64; blocks.unwrap_or(0).min(header.tensors().len())];
        let cache = cache_bytes / u64::try_from(blocks.len()).unwrap_or(1).max(1);
        let (mut output, mut lookup, mut output_spares) = (0_u64, 0, false);
        for tensor in header.tensors() {
            let bytes = tensor.kind.size(&tensor.dims).unwrap_or(u64::MAX);
            let block =
                tensor.name.strip_prefix("blk.").and_then(|rest| rest.split('.').next()?.parse().ok());
            if let Some(block) = block.and_then(|block: usize| blocks.get_mut(block)) {
                *block = block.saturating_add(bytes);
            } else if tensor.name.starts_with("token_embd") {
                lookup = bytes;
            } else {
                output_spares |= tensor.name == "output.weight";
                output = output.saturating_add(bytes);
            }
        }
        if !output_spares {
            output = output.saturating_add(lookup);
        }
        let blocks = blocks.into_iter().rev().map(|block| block.saturating_add(cache));
        Self { bytes: std::iter::once(output).chain(blocks).collect(), output_spares }
    }

    /// All there are.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    /// How many go to the cards.
    pub(crate) fn on_cards(&self, config: &LocalConfig, cards: &[Card], compute_bytes: u64) -> u32 {
        match config.gpu_layers {
            _ if cards.is_empty() => 0,
            Some(layers) => layers.min(self.count()),
            // What is promised to the bit is shown for the processor alone.
            None if config.deterministic => 0,
            None => self.fit(room_bytes(cards, compute_bytes)),
        }
    }

    /// How many have room.
    fn fit(&self, room_bytes: u64) -> u32 {
        let mut left = Some(room_bytes);
        let fits = |bytes: &&u64| {
            left = left.and_then(|left| left.checked_sub(**bytes));
            left.is_some()
        };
        u32::try_from(self.bytes.iter().take_while(fits).count()).unwrap_or(u32::MAX)
    }

    /// What the machine's memory is spared where so many are on cards.
    pub(crate) fn spared_bytes(&self, layers: u32, cards: &[Card]) -> u64 {
        if cards.iter().all(|card| card.integrated) {
            return 0;
        }
        let on_cards = self.bytes.iter().take(usize::try_from(layers).unwrap_or(usize::MAX));
        on_cards.skip(usize::from(!self.output_spares)).copied().fold(0, u64::saturating_add)
    }
}

/// Bytes that cards have for a model's layers, beside what computing takes on each.
#[must_use]
pub fn room_bytes(cards: &[Card], compute_bytes: u64) -> u64 {
    let kept = KEEP_BYTES.saturating_add(compute_bytes);
    cards.iter().map(|card| card.free_bytes.saturating_sub(kept)).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf;
    use crate::tiny::{self, TinySpec};

    fn card(free_bytes: u64, integrated: bool) -> Card {
        Card {
            name: "Card0".to_owned(),
            title: "a card".to_owned(),
            memory_bytes: free_bytes,
            free_bytes,
            integrated,
        }
    }

    fn header() -> (Header, u64) {
        let bytes = tiny::generate(&TinySpec { layers: 3, ..TinySpec::default() });
        let len = bytes.len() as u64;
        (gguf::check(bytes.as_slice(), len).unwrap(), len)
    }

    #[test]
    fn layers_go_to_a_card_as_far_as_there_is_room() {
        let (header, _) = header();
        let layers = Layers::of(&header, 3 << 20);
        assert_eq!(layers.count(), 4);
        assert!(layers.bytes.iter().skip(1).all(|bytes| *bytes > 1 << 20), "{:?}", layers.bytes);
        let config = LocalConfig::default();
        let on = |free: u64| layers.on_cards(&config, &[card(free, false)], 500);
        let kept = KEEP_BYTES + 500;
        let first_two = layers.bytes[0] + layers.bytes[1];
        assert_eq!((on(kept - 1), on(kept + first_two - 1), on(kept + first_two)), (0, 1, 2));
        assert_eq!(on(u64::MAX), 4);
        assert_eq!(layers.on_cards(&config, &[], 500), 0);
        let two = [card(kept + layers.bytes[0], false), card(kept + layers.bytes[1], false)];
        assert_eq!(layers.on_cards(&config, &two, 500), 2);
    }

    #[test]
    fn what_is_asked_for_is_done_and_a_deterministic_model_stays_with_the_processor() {
        let layers = Layers::of(&header().0, 0);
        let roomy = [card(u64::MAX, false)];
        let exact = LocalConfig { deterministic: true, ..LocalConfig::default() };
        assert_eq!(layers.on_cards(&exact, &roomy, 0), 0);
        for (asked, given) in [(0, 0), (2, 2), (99, 4)] {
            let config = LocalConfig { gpu_layers: Some(asked), ..exact.clone() };
            assert_eq!(layers.on_cards(&config, &[card(0, false)], 0), given);
        }
    }

    #[test]
    fn the_machine_is_spared_what_a_card_of_its_own_memory_holds() {
        let (header, len) = header();
        let layers = Layers::of(&header, 0);
        let (own, shared) = ([card(1, false)], [card(1, true)]);
        assert_eq!(layers.spared_bytes(4, &shared), 0);
        assert_eq!(layers.spared_bytes(0, &own), 0);
        let all = layers.spared_bytes(4, &own);
        assert!(all > 0 && all < len, "{all} of {len}: what tokens are looked up in stays");
        assert!(layers.spared_bytes(2, &own) < all);
    }
}
