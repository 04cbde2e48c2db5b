//! The permit and the wire: what is left of a request's freedom once it has been decided.
//!
//! INVARIANT: the fields are private to this file, and `grant` is visible in `decide` alone, so nothing
//! else, in this crate or another, can make a permit, widen one, or send other bytes on it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use crate::chat::ChatRequest;
use crate::policy::Verify;
use crate::target::{Effort, Target, Zone};

/// Leave for what it contains to go to its targets, and to nowhere else.
///
/// It is made in [`Judged::decide`](crate::judge::Judged::decide) alone, is not `Clone`, and names no
/// target beyond its zone. It can be lowered towards home and never raised.
///
/// What follows does not compile; beside each stands what does, and differs in nothing else.
///
/// A permit is borrowed, never doubled:
/// ```
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted};
/// fn twice(permit: &Permitted<ChatRequest>) -> (&Permitted<ChatRequest>, &Permitted<ChatRequest>) {
///     (permit, permit)
/// }
/// ```
/// ```compile_fail,E0599
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted};
/// fn twice(permit: Permitted<ChatRequest>) -> (Permitted<ChatRequest>, Permitted<ChatRequest>) {
///     (permit.clone(), permit)
/// }
/// ```
///
/// Nobody grants one, and nobody writes one down:
/// ```
/// # use hearthgate_rules::{chat::ChatRequest, decide::Signals, decision::{Outcome, Permitted}, judge::Judged};
/// fn earn(judged: Judged) -> Option<Permitted<ChatRequest>> {
///     match judged.decide(&Signals::default()).outcome {
///         Outcome::Allow(permit) => Some(permit),
///         Outcome::Refuse(_) => None,
///     }
/// }
/// ```
/// ```compile_fail,E0624
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::{Effort, Zone}};
/// fn grant(request: ChatRequest) -> Permitted<ChatRequest> {
///     Permitted::grant(request, Zone::Cloud, Vec::new(), Effort::Quick)
/// }
/// ```
/// ```compile_fail,E0451
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::{Effort, Zone}};
/// fn write_down(content: ChatRequest) -> Permitted<ChatRequest> {
///     Permitted { content, zone: Zone::Cloud, targets: Vec::new(), effort: Effort::Quick, verify: None }
/// }
/// ```
///
/// It goes down and not up, and its targets and its request are there to be read:
/// ```
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::Zone};
/// fn narrow(permit: Permitted<ChatRequest>) -> Permitted<ChatRequest> {
///     assert!(permit.targets().len() < 9 && permit.request().model() != "");
///     permit.lower(Zone::Device).only("device/starter")
/// }
/// ```
/// ```compile_fail,E0616
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::Zone};
/// fn widen(mut permit: Permitted<ChatRequest>) -> Permitted<ChatRequest> {
///     permit.zone = Zone::Cloud;
///     permit
/// }
/// ```
/// ```compile_fail,E0599
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::Zone};
/// fn widen(permit: Permitted<ChatRequest>) -> Permitted<ChatRequest> {
///     permit.raise(Zone::Cloud)
/// }
/// ```
/// ```compile_fail,E0594
/// # use std::sync::Arc;
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted, target::Target};
/// fn redirect(mut permit: Permitted<ChatRequest>, target: Arc<Target>) {
///     permit.targets()[0] = target;
/// }
/// ```
/// ```compile_fail,E0594
/// # use hearthgate_rules::{chat::ChatRequest, decision::Permitted};
/// fn swap(permit: Permitted<ChatRequest>, other: ChatRequest) {
///     *permit.request() = other;
/// }
/// ```
pub struct Permitted<T> {
    content: T,
    zone: Zone,
    targets: Vec<Arc<Target>>,
    effort: Effort,
    verify: Option<Verify>,
}

/// Turns a request into the body that a target of the permit understands.
///
/// A plain function, so that it can hold nothing: whatever it writes comes from the request itself.
///
/// ```
/// # use hearthgate_rules::{chat::ChatRequest, decision::{Encode, EncodeError, Permitted, Wire}};
/// fn send(permit: &Permitted<ChatRequest>, other: Vec<u8>) -> Result<Wire, EncodeError> {
///     permit.wire(0, |request, _, _| Ok(request.document().render(&[])))
/// }
/// ```
/// ```compile_fail,E0308
/// # use hearthgate_rules::{chat::ChatRequest, decision::{Encode, EncodeError, Permitted, Wire}};
/// fn send(permit: &Permitted<ChatRequest>, other: Vec<u8>) -> Result<Wire, EncodeError> {
///     permit.wire(0, |_, _, _| Ok(other.clone()))
/// }
/// ```
pub type Encode = fn(&ChatRequest, &Target, Effort) -> Result<Vec<u8>, EncodeError>;

/// Why a request could not be written for a target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// The target is not among those of the permit, or answers on this device and needs no wire.
    #[error("the permit names no such target outside this process")]
    NotPermitted,
    /// The target's dialect cannot say a field of the request.
    #[error("`{pointer}` cannot be told to the target: {why}")]
    CannotCarry {
        /// JSON pointer of the field.
        pointer: String,
        /// What stands against it, and the mend.
        why: &'static str,
    },
}

impl<T> Permitted<T> {
    /// Grants leave; `targets` lie within `zone`.
    pub(super) fn grant(content: T, zone: Zone, targets: Vec<Arc<Target>>, effort: Effort) -> Self {
        Self { content, zone, targets, effort, verify: None }.lower(zone)
    }

    /// Has what the device answers first verified.
    pub(super) fn verified(self, verify: Option<Verify>) -> Self {
        Self { verify, ..self }
    }

    /// The outermost zone that it reaches.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The targets, in the order in which they are to be tried.
    #[must_use]
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.targets
    }

    /// How long the model should think.
    #[must_use]
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// How an answer of the target at this index is verified before it is given: only where that is on the device, and
    /// the permit names one further out to be asked after it.
    #[must_use]
    pub fn verify(&self, index: usize) -> Option<Verify> {
        let home = self.targets.get(index).is_some_and(|target| target.zone() == Zone::Device);
        let mut after = self.targets.iter().skip(index.saturating_add(1));
        let further = after.any(|target| target.zone() > Zone::Device);
        self.verify.filter(|_| home && further)
    }

    /// Gives up every target beyond `zone`.
    #[must_use]
    pub fn lower(mut self, zone: Zone) -> Self {
        self.zone = self.zone.min(zone);
        self.targets.retain(|target| target.zone() <= zone);
        self
    }

    /// Gives up every target but one, and no longer reaches further than that one; gives all up where it is not among them.
    #[must_use]
    pub fn only(mut self, target: &str) -> Self {
        self.targets.retain(|kept| kept.name() == target);
        let zone = self.targets.first().map_or(Zone::Device, |target| target.zone());
        self.lower(zone)
    }

    /// Gives the content back and the permit up: to be judged again.
    #[must_use]
    pub fn into_content(self) -> T {
        self.content
    }
}

impl Permitted<ChatRequest> {
    /// The request, for an engine in this process.
    #[must_use]
    pub fn request(&self) -> &ChatRequest {
        &self.content
    }

    /// Writes the request for the target at this index.
    ///
    /// # Errors
    /// When there is no such target outside this process, or its dialect cannot carry the request.
    pub fn wire(&self, index: usize, encode: Encode) -> Result<Wire, EncodeError> {
        let target = self.targets.get(index).filter(|target| target.zone() > Zone::Device);
        let target = target.ok_or(EncodeError::NotPermitted)?;
        let body = encode(&self.content, target, self.effort)?;
        Ok(Wire { target: Arc::clone(target), body: Bytes::from(body) })
    }
}

impl<T> fmt::Debug for Permitted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.targets.iter().map(|target| target.name()).collect();
        f.debug_struct("Permitted").field("zone", &self.zone).field("targets", &names).finish_non_exhaustive()
    }
}

/// The bytes that a permit lets out, and the one target that they are for.
///
/// Only a permit makes one, and only from its own request. It is all that the upstream writer takes.
///
/// ```
/// # use hearthgate_rules::decision::Wire;
/// fn read(wire: &Wire) -> (&str, &[u8]) {
///     (wire.target().name(), wire.body())
/// }
/// ```
/// ```compile_fail,E0451
/// # use std::sync::Arc;
/// # use hearthgate_rules::{decision::Wire, target::Target};
/// fn forge(target: Arc<Target>) -> Wire {
///     Wire { target, body: "other bytes".into() }
/// }
/// ```
/// ```compile_fail,E0616
/// # use hearthgate_rules::decision::Wire;
/// fn rewrite(mut wire: Wire) -> Wire {
///     wire.body = "other bytes".into();
///     wire
/// }
/// ```
/// ```compile_fail,E0599
/// # use hearthgate_rules::decision::Wire;
/// fn again(wire: Wire) -> (Wire, Wire) {
///     (wire.clone(), wire)
/// }
/// ```
pub struct Wire {
    target: Arc<Target>,
    body: Bytes,
}

impl Wire {
    /// Where it may go.
    #[must_use]
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// What is sent.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("target", &self.target.name()).field("bytes", &self.body.len()).finish()
    }
}
