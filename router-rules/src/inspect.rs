//! Walks a request and says what is in it: findings, and what cannot be read.
//!
//! Every string leaf, every key and every number's digits are looked at, in every view: as received; folded,
//! where it is not ASCII; with the key that it stands under; and joined with its neighbours. Work is bounded
//! by a budget in bytes, never in time; what stays unread is [`OpaqueKind::Unscanned`].
//!
//! The patterns are not regular expressions: one pass finds the few places where something may begin, and
//! small functions look there. It must stay linear whatever the text says, and keep no text.

mod allow;
mod cache;
mod checksum;
mod classes;
mod cursor;
mod detectors;
mod dictionary;
mod examples;
mod hits;
mod layout;
mod loose;
mod matters;
mod opaque;
mod own;
mod patterns;
mod scan;
mod stream;
pub mod tagger;
mod terms;
mod view;
mod walk;
mod words;

pub use allow::{Allowed, Unsearched};
pub use detectors::Detectors;
pub use layout::{Stretch, lay_out};
pub use own::{PATTERNS_MAX, Pattern, PatternError};
pub(crate) use view::each_view;

use crate::chat::ChatRequest;
use crate::json::NodeId;

/// A kind of finding: a rank in the policy's [`Kinds`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KindId(u16);

/// What a finding of a kind is, to whoever would know it again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nature {
    /// A word or an address that many share.
    Common,
    /// Somebody's or some place's name.
    Name,
    /// Something that is found for what it is.
    Own,
}

impl KindId {
    /// Of names.
    pub(crate) const PERSON: Self = hits::PERSON;

    /// What its findings are.
    pub(crate) fn nature(self) -> Nature {
        match self {
            hits::HEALTH | hits::IP => Nature::Common,
            hits::PERSON | hits::ADDRESS => Nature::Name,
            _ => Nature::Own,
        }
    }
}

/// The kinds of findings that a policy knows: those of the product, then the site's own.
#[derive(Clone, Debug)]
pub struct Kinds {
    names: Vec<String>,
}

/// The kinds that ship with the product.
pub const BUILTIN_KINDS: [&str; 40] = [
    "email",
    "phone",
    "card",
    "iban",
    "us-ssn",
    "ip",
    "private-key",
    "api-key",
    "jwt",
    "password",
    "person",
    "health",
    "national-id",
    "health-id",
    "bank-account",
    "company-id",
    "vehicle-id",
    "device-id",
    "secret",
    "internal-host",
    "birth-date",
    "address",
    "geo",
    "wallet",
    "seed-phrase",
    "private-health",
    "private-hr",
    "private-legal",
    "private-finance",
    "private-minor",
    "private-customer",
    "private-contact",
    "private-personal",
    "private-business",
    "card-code",
    "card-track",
    "special-category",
    "criminal-record",
    "privileged",
    "source-header",
];

/// The kinds of the product that open a door.
pub(crate) const SECRET_KINDS: [&str; 6] =
    ["private-key", "api-key", "jwt", "password", "secret", "seed-phrase"];

/// What begins the names of the kinds that the learned tagger gives to private matters.
const MATTER: &str = "private-";

/// Whether a kind of the product is a private matter, which the learned tagger reads, and no pattern.
#[must_use]
pub fn is_matter(kind: &str) -> bool {
    kind != "private-key" && kind.starts_with(MATTER)
}

impl Kinds {
    /// The product's own.
    #[must_use]
    pub fn builtin() -> Self {
        Self { names: BUILTIN_KINDS.map(str::to_owned).to_vec() }
    }

    /// Adds one of the site's; none where the name is taken.
    pub fn add(&mut self, name: &str) -> Option<KindId> {
        if self.named(name).is_some() {
            return None;
        }
        self.names.push(name.to_owned());
        self.named(name)
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<KindId> {
        let index = self.names.iter().position(|known| known == name)?;
        u16::try_from(index).ok().map(KindId)
    }

    /// The name of a kind.
    #[must_use]
    pub fn name(&self, kind: KindId) -> &str {
        self.names.get(usize::from(kind.0)).map_or("", String::as_str)
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

/// A kind of content that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OpaqueKind {
    /// An image.
    Image,
    /// Sound.
    Audio,
    /// A file's content.
    File,
    /// Something kept elsewhere and named by an id.
    Reference,
    /// An address that a provider would fetch.
    Url,
    /// A content block of an unknown type.
    Block,
    /// A long run in a text that is encoded, and shows nothing readable when decoded.
    Encoded,
    /// A text in a language that no detector has been validated for.
    Language,
    /// What the budget did not reach. Always the highest label.
    Unscanned,
}

impl OpaqueKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Image,
        Self::Audio,
        Self::File,
        Self::Reference,
        Self::Url,
        Self::Block,
        Self::Encoded,
        Self::Language,
        Self::Unscanned,
    ];

    /// Its name in policies and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::File => "file",
            Self::Reference => "reference",
            Self::Url => "url",
            Self::Block => "block",
            Self::Encoded => "encoded",
            Self::Language => "language",
            Self::Unscanned => "unscanned",
        }
    }
}

/// A stretch of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The string, number or key.
    pub node: NodeId,
    /// Whether it is a key.
    pub in_key: bool,
    /// Where it starts, in bytes of the decoded string.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// Something that was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What.
    pub kind: KindId,
    /// Where it begins.
    pub span: Span,
    /// Its further stretches, where it spans several strings.
    pub parts: Vec<Span>,
    /// How sure, in 0..1.
    pub confidence: f32,
}

/// Something that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opaque {
    /// What.
    pub kind: OpaqueKind,
    /// Where.
    pub node: NodeId,
}

/// What is in a request.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub opaque: Vec<Opaque>,
    /// The operator's own texts, which were not searched.
    pub unsearched: Vec<Unsearched>,
    /// Bytes read, over all views: what the budget was charged.
    pub bytes: usize,
    /// Names by themselves: no findings, but worth remembering where something else makes the request private.
    pub named: Vec<Span>,
}

/// A list of the site's own words.
#[derive(Clone, Debug)]
pub struct TermList {
    /// The kind that one of them is.
    pub kind: KindId,
    /// The words and phrases.
    pub words: Vec<String>,
}

/// Reads a request.
#[must_use]
pub fn inspect(request: &ChatRequest, detectors: &Detectors) -> Inspection {
    inspect_for("", request, detectors)
}

/// Reads a request of this caller: what was read for one is not remembered for another.
#[must_use]
pub fn inspect_for(caller: &str, request: &ChatRequest, detectors: &Detectors) -> Inspection {
    walk::walk(request, detectors, caller)
}
