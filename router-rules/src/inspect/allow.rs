//! Texts of the operator's own that are not searched, known by digest.
//!
//! Only a whole string of a system or developer message can be one, and only itself: whatever else a request holds is
//! searched as ever.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::json::NodeId;

/// Roles whose messages are the operator's.
const ROLES: [&str; 2] = ["system", "developer"];

/// A text that is not searched.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// Its name, for the records.
    pub name: Arc<str>,
    /// The SHA-256 of its UTF-8.
    pub digest: [u8; 32],
}

/// A text of a request that was not searched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsearched {
    /// The name of what allows it.
    pub name: Arc<str>,
    /// Where it stands.
    pub node: NodeId,
}

/// Whether texts of a role can be allowed.
pub(super) fn may_allow(role: &str) -> bool {
    ROLES.contains(&role)
}

/// The name of what allows a text.
pub(super) fn name(allowed: &[Allowed], text: &str) -> Option<Arc<str>> {
    let digest: [u8; 32] = Sha256::digest(text).into();
    allowed.iter().find(|allowed| allowed.digest == digest).map(|allowed| Arc::clone(&allowed.name))
}
