//! The detectors that a policy needs, compiled once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cache::Cache;
use super::dictionary::{Cue, Dictionary, Sign};
use super::hits::{API_KEY, HEALTH, JWT, PASSWORD, PERSON, PRIVATE_KEY, Wanted};
use super::loose::Loose;
use super::patterns::{self, ids, keys, person};
use super::tagger::Tagger;
use super::terms::{self, InnerLeads};
use super::view::{mirror, spelled};
use super::{Allowed, KindId, Kinds, Pattern, TermList, matters};

/// The detectors that a policy needs, compiled.
#[derive(Clone, Debug)]
pub struct Detectors {
    pub(super) wanted: Wanted,
    pub(super) dictionary: Dictionary,
    pub(super) loose: Option<Loose>,
    /// The numbers that states, insurers and makers give; none where no kind of them is wanted.
    pub(super) ids: Option<ids::Index>,
    /// Whether the learned tagger is asked.
    pub(super) matters: bool,
    /// What was found in texts read before.
    pub(super) cache: Arc<Cache>,
    pub(super) inner: Option<InnerLeads>,
    pub(super) allowed: Vec<Allowed>,
    idle: bool,
}

impl Detectors {
    /// Compiles the detectors for these kinds of the product (other names are ignored) and the site's terms.
    ///
    /// # Errors
    /// When the terms are too many or too long to compile, in words.
    pub fn new(_kinds: &Kinds, wanted: &BTreeSet<String>, terms: &[TermList]) -> Result<Self, String> {
        let wanted = Wanted::new(wanted);
        let (mut cues, loose) = terms::of_site(terms)?;
        let loose = Loose::new(loose);
        let idle = wanted.none() && cues.is_empty() && loose.is_none();
        if wanted.has(HEALTH) {
            cues.extend(terms::health());
        }
        if wanted.has(PERSON) {
            cues.extend(person::CUES.map(|(word, cue)| (word.to_owned(), Cue::Person(cue))));
        }
        let (leads, inner) = patterns::leads(wanted);
        cues.extend(leads.into_iter().map(|lead| (lead.phrase.to_string(), Cue::Lead(lead))));
        let inner = InnerLeads::new(inner)?;
        if wanted.has(PASSWORD) || wanted.has(API_KEY) {
            cues.extend(["bearer", "basic"].map(|word| (word.to_owned(), Cue::Scheme)));
        }
        if wanted.has(API_KEY) || wanted.has(PRIVATE_KEY) {
            cues.extend(keys::prefixes().map(|(prefix, place)| (prefix.to_owned(), Cue::Key(place))));
        }
        if wanted.has(PRIVATE_KEY) {
            cues.push(("begin".to_owned(), Cue::Armour));
        }
        if wanted.has(JWT) {
            cues.push(("eyj".to_owned(), Cue::Jwt));
        }
        if !idle {
            let signs = [
                (spelled::cues().collect::<Vec<_>>(), Sign::Digit),
                (mirror::REVERSED.to_vec(), Sign::Reversed),
                (mirror::ROTATED.to_vec(), Sign::Rotated),
            ];
            for (words, sign) in signs {
                cues.extend(words.into_iter().map(|word| (word.to_owned(), Cue::Sign(word, sign))));
            }
        }
        let ids = ids::Index::new(wanted);
        let matters = matters::are_wanted(wanted);
        if matters {
            // Its weights are checked now, not in the first request.
            Tagger::bundled();
        }
        Ok(Self {
            wanted,
            dictionary: Dictionary::new(cues),
            loose,
            inner,
            allowed: Vec::new(),
            ids,
            matters,
            cache: Arc::default(),
            idle,
        })
    }

    /// The same with a site's own patterns, in place of any before.
    #[must_use]
    pub fn with_patterns(self, patterns: Vec<Pattern>) -> Self {
        let idle = self.idle && patterns.is_empty();
        Self { loose: Loose::with_patterns(self.loose, patterns), cache: Arc::default(), idle, ..self }
    }

    /// The same with texts that are not searched, in place of any before.
    #[must_use]
    pub fn with_allowed(self, allowed: Vec<Allowed>) -> Self {
        Self { allowed, ..self }
    }

    /// Whether a kind of the product is looked for; the site's own always are.
    pub(crate) fn looks_for(&self, kind: KindId) -> bool {
        self.wanted.has(kind)
    }

    /// Whether the learned tagger is asked.
    pub(crate) fn asks_tagger(&self) -> bool {
        self.matters
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle
    }

    /// Whether a word is of a script that writes no spaces between words.
    pub(super) fn writes_no_spaces(word: &str) -> bool {
        word.chars().any(|char| matches!(char, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'))
    }
}
