//! What a site looks for by bytes, wherever it stands: terms that have no word boundaries, and patterns.

use super::hits::Hits;
use super::own::{Pattern, Patterns};
use super::terms::LooseTerms;

/// A site's own detectors that do not wait for a word to begin.
#[derive(Clone, Debug)]
pub(super) struct Loose {
    terms: Option<LooseTerms>,
    patterns: Option<Patterns>,
}

impl Loose {
    /// None where there is nothing to look for.
    pub(super) fn new(terms: Option<LooseTerms>) -> Option<Self> {
        terms.map(|terms| Self { terms: Some(terms), patterns: None })
    }

    /// The same with patterns.
    pub(super) fn with_patterns(this: Option<Self>, patterns: Vec<Pattern>) -> Option<Self> {
        let terms = this.and_then(|this| this.terms);
        let patterns = Patterns::new(patterns);
        (terms.is_some() || patterns.is_some()).then_some(Self { terms, patterns })
    }

    pub(super) fn scan(&self, text: &[u8], hits: &mut Hits) {
        if let Some(terms) = &self.terms {
            terms.scan(text, hits);
        }
        if let Some(patterns) = &self.patterns {
            patterns.scan(text, hits);
        }
    }
}
