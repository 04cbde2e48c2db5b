//! How secrets lie in the corpus: split by a mark, so that no scanner takes an invented key for a real one.

use crate::draw::Draw;

/// Stands in stored texts where nothing stands in the real ones: VERTICAL FOUR DOTS.
pub const MARK: char = '\u{205E}';

/// A run shorter than this is no key that a scanner knows.
const RUN_MIN: usize = 8;

/// Outside the kind `secret`, only longer runs are looked at: names and numbers stay readable.
const RUN_MIN_ELSEWHERE: usize = 20;

/// A mark after so many characters: shorter than the prefixes that services give their keys.
const STEP: usize = 4;

/// The text as it is sent.
#[must_use]
pub fn reveal(stored: &str) -> String {
    stored.replace(MARK, "")
}

/// The text as it is stored. `secret`: whether it is of that kind.
#[must_use]
pub fn conceal(text: &str, secret: bool) -> String {
    let run_min = if secret { RUN_MIN } else { RUN_MIN_ELSEWHERE };
    let mut stored = String::with_capacity(text.len());
    for run in text.split_inclusive(|c: char| !c.is_ascii_graphic()) {
        let like_a_key = run.chars().any(|c| c.is_ascii_digit() || c == '_')
            || run.contains("-----")
            || run.contains("://");
        if run.len() < run_min || !like_a_key {
            stored.push_str(run);
            continue;
        }
        for (at, c) in run.chars().enumerate() {
            if at > 0 && at % STEP == 0 {
                stored.push(MARK);
            }
            stored.push(c);
        }
    }
    stored
}

/// Half of the corpus is for developers to read; the other half only counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Half {
    /// Its misses may be read.
    Open,
    /// Only its rates are known.
    Sealed,
}

impl Half {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Open, Self::Sealed];

    /// The half of a text of this id.
    #[must_use]
    pub fn of(id: &str) -> Self {
        if Draw::of(&["half", id]).one_in(2) { Self::Open } else { Self::Sealed }
    }

    /// Its name in tables and baselines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
        }
    }
}
