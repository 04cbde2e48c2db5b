//! The words that may be label values.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use hearthgate_rules::policy::Policy;

/// What an unknown word shows as.
pub(super) const OTHER: &str = "other";

/// What an absent word shows as.
pub(super) const NONE: &str = "none";

/// The most words per list, over all reloads; what comes later shows as `other`.
const WORDS_MAX: usize = 1024;

/// The most codes of upstream faults.
const CODES_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Vocabulary {
    routes: Words,
    labels: Words,
    targets: Words,
    declassifications: Words,
    codes: Words,
}

#[derive(Default)]
struct Words(RwLock<HashSet<String>>);

impl Vocabulary {
    pub fn learn(&self, policy: &Policy) {
        self.routes.learn(policy.routes().iter().map(|route| route.name.as_str()));
        let labels = policy.labels();
        self.labels.learn(labels.all().map(|label| labels.name(label)));
        self.declassifications.learn(policy.declassifications().iter().map(|known| known.name.as_str()));
        self.targets.learn(policy.catalogue().iter().map(|target| target.name()));
    }

    pub fn route<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.routes.known(name)
    }

    pub fn label<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.labels.known(name)
    }

    pub fn declassification<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.declassifications.known(name)
    }

    pub fn target<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.targets.known(name)
    }

    /// Codes are the gateway's own words or HTTP statuses; they are learnt as they come, up to a bound.
    pub fn code<'a>(&self, code: &'a str) -> Cow<'a, str> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if code.len() > 40 || !code.bytes().all(plain) {
            return Cow::Borrowed(OTHER);
        }
        if !self.codes.has(code) {
            self.codes.learn_up_to(CODES_MAX, [code]);
        }
        self.codes.known(code)
    }
}

impl Words {
    fn learn<'a>(&self, words: impl IntoIterator<Item = &'a str>) {
        self.learn_up_to(WORDS_MAX, words);
    }

    fn learn_up_to<'a>(&self, most: usize, words: impl IntoIterator<Item = &'a str>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for word in words {
            if known.len() < most {
                known.insert(word.to_owned());
            }
        }
    }

    fn has(&self, word: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(word)
    }

    fn known<'a>(&self, word: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(if word == NONE || self.has(word) { word } else { OTHER })
    }
}
