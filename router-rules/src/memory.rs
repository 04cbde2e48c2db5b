//! What a caller's earlier requests held, asked while a later one is judged.
//!
//! A client may trim what made a conversation private and still speak of it: the diagnosis is gone, the name and
//! the number stand. So what was found in a private request is remembered with that request's label, and a later
//! one of the same caller in which it stands again gets at least that label.
//!
//! Nothing is kept here. [`Judged::keepsakes`](crate::judge::Judged::keepsakes) says what is worth remembering;
//! whoever keeps it decides how, for how long and under which key, and answers as a [`Memory`]. What is remembered
//! and looked for is *canonical*: folded, in lower case, letters and digits alone, so that case, spacing and marks
//! do not matter.

mod canonical;
mod heads;
mod keep;
mod plain;
mod recall;

use std::fmt;

pub use heads::Heads;
pub use plain::Plain;

pub(crate) use keep::keepsakes;
pub(crate) use recall::{Recall, recall};

use crate::inspect::{KindId, Span};
use crate::label::Label;

/// What earlier requests of one caller held.
pub trait Memory {
    /// How remembered strings begin; none where nothing is remembered.
    fn heads(&self) -> Option<&Heads>;

    /// How long the remembered strings that begin as this canonical text may be, in bytes, the longest first.
    fn lengths(&self, text: &[u8]) -> Vec<usize>;

    /// What is known of this canonical string; none where it is not remembered.
    fn find(&self, canonical: &[u8]) -> Option<Known>;

    /// Whether this is what a provider sealed and gave to this caller: it means nothing to anybody else, and may go back.
    fn is_seal(&self, _seal: &str) -> bool {
        false
    }
}

/// What is known of a remembered string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// The label of the request that it stood in.
    pub label: Label,
    /// What it was found to be; none where the policy no longer knows the kind.
    pub kind: Option<KindId>,
}

/// The memory of a caller who has sent nothing before.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Memory for Nothing {
    fn heads(&self) -> Option<&Heads> {
        None
    }

    fn lengths(&self, _text: &[u8]) -> Vec<usize> {
        Vec::new()
    }

    fn find(&self, _canonical: &[u8]) -> Option<Known> {
        None
    }
}

/// Something remembered that stands in a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// What it was found to be; none where that can no longer be told.
    pub kind: Option<KindId>,
    /// Where it stands now.
    pub span: Span,
    /// The label that it brings.
    pub label: Label,
}

/// A string that is worth remembering.
#[derive(Clone, PartialEq, Eq)]
pub struct Keepsake {
    /// What it was found to be.
    pub kind: KindId,
    pub(crate) canonical: Vec<u8>,
}

impl Keepsake {
    /// The string as it is compared: at least [`Heads::BYTES`] long. To be hashed under a key, never to be kept.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }
}

impl fmt::Debug for Keepsake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keepsake").field("bytes", &self.canonical.len()).finish_non_exhaustive()
    }
}
