//! The learned tagger: sees what patterns cannot, a private matter from its words.
//!
//! A small network of our own, trained by the scripts in `router-rules/tagger`, reads a text once and says which
//! stretches are persons, addresses and organisations in a private matter, how private each window of the text
//! is and what it is about, and which language it is written in. It judges by combination: a name in a maths
//! problem is nothing, the same name with a diagnosis is.
//!
//! It is linear in the text, does the same arithmetic on every machine, keeps no text, and never panics.

mod crc;
mod feature;
mod math;
mod network;
mod script;
mod token;
mod weights;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use network::{Output, WindowReading};
use token::{Token, TokenKind};
use weights::Weights;

/// What a private matter can be about, in the order of [`Segment::topics`].
pub const TOPICS: [&str; 9] =
    ["health", "hr", "legal", "finance", "minor", "customer", "contact", "personal", "business"];

/// So many letters of an unknown language are not overlooked.
pub const FOREIGN_LETTERS_MIN: usize = 20;

/// How sure the network must be that a window is in an unknown language.
const FOREIGN_SHARE: f32 = 0.5;

static FILE: &[u8] = include_bytes!("tagger/tagger.bin");

/// A kind of entity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EntityKind {
    /// A private person's name.
    Person,
    /// A private postal address.
    Address,
    /// An organisation as a party: customer, employer, clinic, opponent.
    Organisation,
}

impl EntityKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Person, Self::Address, Self::Organisation];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Address => "address",
            Self::Organisation => "organisation",
        }
    }
}

/// A name or address in a private matter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entity {
    /// What.
    pub kind: EntityKind,
    /// Where it starts, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How sure, in 0..1: the mean over its tokens.
    pub confidence: f32,
}

/// A window of the text, of at most 64 tokens. Windows overlap by half.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Segment {
    /// Where it starts, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How likely it is a private matter, in 0..1.
    pub private: f32,
    /// How likely it is about each of [`TOPICS`], private or not.
    pub topics: [f32; TOPICS.len()],
    /// The language it is most likely written in.
    pub language: Language,
}

/// A language that the tagger is validated for, another one, or none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    English,
    German,
    French,
    Spanish,
    Portuguese,
    Italian,
    Dutch,
    Polish,
    Turkish,
    Russian,
    Chinese,
    Japanese,
    Korean,
    Arabic,
    Hindi,
    Other,
    Code,
}

impl Language {
    /// How many there are.
    pub const COUNT: usize = 17;

    /// In the order of the network's head.
    pub const ALL: [Self; Self::COUNT] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Italian,
        Self::Dutch,
        Self::Polish,
        Self::Turkish,
        Self::Russian,
        Self::Chinese,
        Self::Japanese,
        Self::Korean,
        Self::Arabic,
        Self::Hindi,
        Self::Other,
        Self::Code,
    ];

    /// Its ISO 639-1 code, `other` or `code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Italian => "it",
            Self::Dutch => "nl",
            Self::Polish => "pl",
            Self::Turkish => "tr",
            Self::Russian => "ru",
            Self::Chinese => "zh",
            Self::Japanese => "ja",
            Self::Korean => "ko",
            Self::Arabic => "ar",
            Self::Hindi => "hi",
            Self::Other => "other",
            Self::Code => "code",
        }
    }
}

/// What the tagger says of a text.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// Names and addresses in private matters, in order.
    pub entities: Vec<Entity>,
    /// The text's windows, in order; none where the text is blank.
    pub segments: Vec<Segment>,
    /// The language of most of the text.
    pub language: Language,
    /// Letters in languages that the tagger is not validated for, code left out.
    pub foreign_letters: usize,
}

impl Reading {
    /// The greatest share of [`Segment::private`].
    #[must_use]
    pub fn private(&self) -> f32 {
        self.segments.iter().map(|segment| segment.private).fold(0.0, f32::max)
    }

    /// Whether enough of the text is in a language that the tagger is not validated for.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.foreign_letters >= FOREIGN_LETTERS_MIN
    }
}

/// The tagger.
#[derive(Debug)]
pub struct Tagger {
    /// None where the file is broken: everything is private then.
    weights: Option<Weights>,
}

impl Tagger {
    /// The tagger that ships with the product.
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<Tagger> = LazyLock::new(|| Tagger { weights: Weights::read(FILE) });
        &BUNDLED
    }

    /// Reads a text.
    #[must_use]
    pub fn read(&self, text: &str) -> Reading {
        let tokens = token::tokens(text);
        let Some(weights) = &self.weights else { return unreadable(text) };
        let output = network::run(weights, text, &tokens);
        let segments: Vec<_> = output.windows.iter().filter_map(|window| segment(window, &tokens)).collect();
        let (language, foreign_letters) = languages(&output, &tokens);
        Reading { entities: entities(&output.tags, &tokens), segments, language, foreign_letters }
    }
}

/// What is said where nothing can be said: all of it is private.
fn unreadable(text: &str) -> Reading {
    let all = Segment {
        start: 0,
        end: text.len(),
        private: 1.0,
        topics: [1.0; TOPICS.len()],
        language: Language::Other,
    };
    Reading {
        entities: Vec::new(),
        segments: vec![all],
        language: Language::Other,
        foreign_letters: text.len(),
    }
}

fn segment(window: &WindowReading, tokens: &[Token]) -> Option<Segment> {
    let start = tokens.get(window.first)?.start;
    let end = tokens.get(window.last.checked_sub(1)?)?.end;
    let language = likeliest(&window.languages).0;
    Some(Segment { start, end, private: window.private, topics: window.topics, language })
}

/// Runs of tags as entities.
fn entities(tags: &[(usize, f32)], tokens: &[Token]) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    let mut open: Option<(EntityKind, f32)> = None;
    for ((tag, share), token) in tags.iter().zip(tokens) {
        let Some(kind) = tag.checked_sub(1).and_then(|tag| EntityKind::ALL.get(tag / 2).copied()) else {
            open = None;
            continue;
        };
        let continues = tag % 2 == 0 && open.is_some_and(|(of, _)| of == kind);
        match out.last_mut() {
            Some(last) if continues => {
                let count = open.map_or(1.0, |(_, count)| count);
                last.end = token.end;
                last.confidence = (last.confidence * count + share) / (count + 1.0);
                open = Some((kind, count + 1.0));
            }
            _ => {
                out.push(Entity { kind, start: token.start, end: token.end, confidence: *share });
                open = Some((kind, 1.0));
            }
        }
    }
    out
}

/// The language of most letters, and how many are in one that is not known.
fn languages(output: &Output, tokens: &[Token]) -> (Language, usize) {
    let mut letters = [0_usize; Language::COUNT];
    let (mut foreign, mut counted) = (0, 0);
    for window in &output.windows {
        let (language, share) = likeliest(&window.languages);
        // What the window before it has counted is not counted again.
        let own = tokens.get(counted.max(window.first)..window.last).unwrap_or_default();
        counted = window.last;
        let all = letters_of(own, |_| true);
        if let Some(sum) = letters.get_mut(language as usize) {
            *sum += all;
        }
        let unknown = language == Language::Other && share >= FOREIGN_SHARE;
        foreign += if unknown { all } else { letters_of(own, |token| token.class.is_foreign()) };
    }
    let most = (0..)
        .zip(letters)
        .max_by_key(|(place, sum)| (*sum, usize::MAX - place))
        .map_or(0, |(place, _)| place);
    (Language::ALL.get(most).copied().unwrap_or(Language::Other), foreign)
}

/// How many letters, about; a lone letter is a symbol of mathematics as often as a word.
fn letters_of(tokens: &[Token], which: impl Fn(&Token) -> bool) -> usize {
    let count = |token: &Token| match token.kind {
        TokenKind::Single => 1,
        TokenKind::Word => {
            Some((token.end - token.start) / token.lead.len_utf8()).filter(|count| *count > 1).unwrap_or(0)
        }
        _ => 0,
    };
    tokens.iter().filter(|token| which(token)).map(count).sum()
}

fn likeliest(shares: &[f32; Language::COUNT]) -> (Language, f32) {
    let mut best = (Language::Other, f32::MIN);
    for (language, share) in Language::ALL.into_iter().zip(shares) {
        if *share > best.1 {
            best = (language, *share);
        }
    }
    best
}
