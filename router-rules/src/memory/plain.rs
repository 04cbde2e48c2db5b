//! A memory of one caller for cases and explanations: it lasts as long as they do, and holds strings as they are.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Heads, Known, Memory};
use crate::chat::ChatRequest;
use crate::judge::{Caller, Judged};
use crate::policy::Policy;

/// What earlier requests of a caller held. Contrast what a gateway keeps: this one knows no time and no bound.
#[derive(Clone, Default)]
pub struct Plain {
    known: BTreeMap<Vec<u8>, Known>,
    heads: Option<Heads>,
}

impl Plain {
    /// What is remembered after these requests of one caller, in order.
    #[must_use]
    pub fn after(
        policy: &Arc<Policy>,
        caller: &Caller,
        requests: impl IntoIterator<Item = ChatRequest>,
    ) -> Self {
        let mut memory = Self::default();
        for request in requests {
            let judged = policy.judge_remembering(request, caller.clone(), &memory);
            memory.keep(&judged);
        }
        memory
    }

    /// Remembers what is worth it of a request.
    pub fn keep(&mut self, judged: &Judged) {
        // Nobody outside sees these, so the keys need not be secret.
        const KEYS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x9e37_79b9_7f4a_7c15];
        const ROOM: usize = 4096;
        let label = judged.verdict().label;
        for keepsake in judged.keepsakes() {
            self.heads.get_or_insert_with(|| Heads::new(KEYS, ROOM)).add(keepsake.canonical());
            let known = Known { label, kind: Some(keepsake.kind) };
            let kept = self.known.entry(keepsake.canonical).or_insert(known);
            kept.label = kept.label.join(label);
        }
    }
}

impl Memory for Plain {
    fn heads(&self) -> Option<&Heads> {
        self.heads.as_ref()
    }

    fn lengths(&self, text: &[u8]) -> Vec<usize> {
        let head = text.get(..Heads::BYTES).unwrap_or(text);
        let from_head = self.known.range(head.to_vec()..).map(|(string, _)| string);
        let mut lengths: Vec<_> =
            from_head.take_while(|string| string.starts_with(head)).map(Vec::len).collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        lengths.dedup();
        lengths
    }

    fn find(&self, canonical: &[u8]) -> Option<Known> {
        self.known.get(canonical).copied()
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").field("strings", &self.known.len()).finish_non_exhaustive()
    }
}
