//! How private a request is: a chain of labels, each above the one before it.
//!
//! Labels only rise. [`Label::join`] is the only way to combine two, and it takes the higher.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::suggest::did_you_mean;

/// The most labels that a policy may name.
pub const LABELS_MAX: usize = 16;

/// A rank in the policy's [`Labels`]; 0 is the lowest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(u8);

impl Label {
    /// The lowest label of every policy.
    pub const LOWEST: Self = Self(0);

    /// The higher of the two.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        self.max(other)
    }

    /// Its rank, 0 for the lowest.
    #[must_use]
    pub fn rank(self) -> usize {
        usize::from(self.0)
    }
}

/// The labels of one policy, lowest first.
#[derive(Clone, PartialEq, Eq)]
pub struct Labels(Arc<[String]>);

/// Why a list of labels was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelError {
    /// None, one, or more than [`LABELS_MAX`].
    #[error("a policy needs between 2 and {LABELS_MAX} labels, lowest first; this one names {0}")]
    Count(usize),
    /// A name that stands twice.
    #[error("label `{0}` is named twice")]
    Twice(String),
    /// A name with other characters than lower-case letters, digits and `-`.
    #[error("label `{0}`: a label's name holds lower-case letters, digits and `-`")]
    Name(String),
    /// A name that the policy does not have.
    #[error("unknown label `{name}`{mend}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// What it could have been.
        mend: String,
    },
}

impl Labels {
    /// The labels of a policy that names none.
    pub const USUAL: [&'static str; 4] = ["public", "internal", "confidential", "restricted"];

    /// Names a chain of labels, lowest first.
    ///
    /// # Errors
    /// When there are too few or too many, or a name is not usable or stands twice.
    pub fn new(names: Vec<String>) -> Result<Self, LabelError> {
        if !(2..=LABELS_MAX).contains(&names.len()) {
            return Err(LabelError::Count(names.len()));
        }
        for (index, name) in names.iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || !name.chars().all(plain) {
                return Err(LabelError::Name(name.clone()));
            }
            if names.iter().take(index).any(|other| other == name) {
                return Err(LabelError::Twice(name.clone()));
            }
        }
        Ok(Self(names.into()))
    }

    /// The label of this name.
    ///
    /// # Errors
    /// When the policy has none of that name.
    pub fn named(&self, name: &str) -> Result<Label, LabelError> {
        self.all().find(|label| self.name(*label) == name).ok_or_else(|| LabelError::Unknown {
            name: name.to_owned(),
            mend: did_you_mean(name, self.0.iter().map(String::as_str)),
        })
    }

    /// The name of a label of this policy.
    #[must_use]
    pub fn name(&self, label: Label) -> &str {
        self.0.get(label.rank()).or_else(|| self.0.last()).map_or("", String::as_str)
    }

    /// The highest label: what anything uncertain gets.
    #[must_use]
    pub fn highest(&self) -> Label {
        Label(u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX))
    }

    /// Every label, lowest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = Label> + use<> {
        (0..=self.highest().0).map(Label)
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self(Self::USUAL.iter().map(|&name| name.to_owned()).collect())
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}
