//! Who asks: client keys and the admin key.
//!
//! Keys are compared by their SHA-256, every configured one each time and in constant time, so that neither
//! their bytes nor their place in the list can be told from how long it takes. Where no key is configured
//! only this machine may connect, and no page of a browser that runs on it: a page of a foreign site gives
//! itself away by its `Host` (once its name has been pointed here, DNS rebinding) or by its `Origin`. For
//! the same reason no answer ever carries a CORS header.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hearthgate_engines::Owner;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::label::Label;
use hearthgate_rules::target::Zone;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Uri};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use thiserror::Error;

use crate::config::{Config, Key};

/// The name of every caller where no key is configured.
pub const LOCAL: &str = "local";

/// The longest key that is looked at; none that anybody makes is longer.
const KEY_BYTES_MAX: usize = 1024;

/// Why a caller is not let in. Nothing of what it sent is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthError {
    /// No key came with the request.
    #[error("a key is needed; send it as `Authorization: Bearer KEY`, `x-api-key` or `api-key`")]
    Missing,
    /// A key that is not configured.
    #[error("the key is not known here")]
    Unknown,
    /// Another machine, where no key is configured.
    #[error("without configured keys only this machine may connect")]
    NotLoopback,
    /// A name that is not this machine's own, or a page of another site, where no key is configured.
    #[error(
        "without configured keys the host, and the origin of a page that asks, must be `localhost`, \
         `127.0.0.1` or `[::1]`"
    )]
    BadHost,
}

impl AuthError {
    /// A short name, for error bodies and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing_api_key",
            Self::Unknown => "invalid_api_key",
            Self::NotLoopback => "loopback_only",
            Self::BadHost => "foreign_host",
        }
    }
}

/// Whose something is that is kept for a time. A name that another tenant comes to have is not the one that it was.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Whose {
    /// The caller's name.
    pub name: String,
    /// The caller's tenant.
    pub tenant: Option<String>,
}

/// Who asks, as far as its key tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The caller's name in records, metrics and limits.
    pub name: String,
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The caller's workflow, unless a header names one.
    pub workflow: Option<String>,
    /// At least this label.
    pub label: Option<Label>,
    /// At most this zone.
    pub zone: Option<Zone>,
    /// What it may do besides.
    pub roles: Vec<String>,
}

impl Identity {
    /// Whose it is what is kept for the caller.
    #[must_use]
    pub fn whose(&self) -> Whose {
        Whose { name: self.name.clone(), tenant: self.tenant.clone() }
    }

    /// Whose it is what a model of this process reads for the caller in a request of this label.
    #[must_use]
    pub fn owner(&self, label: &str) -> Owner {
        Owner {
            caller: self.name.as_str().into(),
            tenant: self.tenant.as_deref().map(Into::into),
            label: label.into(),
        }
    }

    /// The caller as the policy sees it, before headers tighten it.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            name: self.name.clone(),
            tenant: self.tenant.clone(),
            workflow: self.workflow.clone(),
            key_workflow: None,
            label: self.label,
            zone: self.zone,
            effort: None,
            roles: self.roles.clone(),
            declassify: None,
        }
    }
}

/// The client keys, and the admin key.
pub struct Keys {
    clients: Vec<[u8; 32]>,
    identities: Vec<Arc<Identity>>,
    local: Arc<Identity>,
    admins: Vec<[u8; 32]>,
}

impl Keys {
    /// The keys of a configuration; where there is none, only this machine may connect.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self::of(&config.keys, config.server.admin_key_sha256)
    }

    /// Whether anybody can be known by this name, of this tenant.
    #[must_use]
    pub fn knows(&self, whose: &Whose) -> bool {
        let is = |identity: &Identity| identity.name == whose.name && identity.tenant == whose.tenant;
        self.identities.iter().any(|identity| is(identity)) || self.clients.is_empty() && is(&self.local)
    }

    fn of(keys: &[Key], admin: Option<[u8; 32]>) -> Self {
        let identity = |key: &Key| Identity {
            name: key.name.clone(),
            tenant: key.tenant.clone(),
            workflow: key.workflow.clone(),
            label: key.label,
            zone: key.zone,
            roles: key.roles.clone(),
        };
        // Nobody who has shown no key has a role.
        let local = Identity {
            name: LOCAL.to_owned(),
            tenant: None,
            workflow: None,
            label: None,
            zone: None,
            roles: Vec::new(),
        };
        Self {
            clients: keys.iter().map(|key| key.sha256).collect(),
            identities: keys.iter().map(|key| Arc::new(identity(key))).collect(),
            local: Arc::new(local),
            admins: admin.into_iter().collect(),
        }
    }

    /// Says who asks. `uri` is the request's own: HTTP/2 puts the host there, as `:authority`.
    ///
    /// # Errors
    /// When the caller is not to be let in.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        peer: SocketAddr,
    ) -> Result<Arc<Identity>, AuthError> {
        if self.clients.is_empty() {
            only_this_machine(headers, uri, peer)?;
            return Ok(Arc::clone(&self.local));
        }
        let index = find(&self.clients, credential(headers).ok_or(AuthError::Missing)?);
        index.and_then(|index| self.identities.get(index)).cloned().ok_or(AuthError::Unknown)
    }

    /// Lets an administrator in. A client's key does not open this door.
    ///
    /// # Errors
    /// When the caller is not to be let in.
    pub fn authenticate_admin(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        peer: SocketAddr,
    ) -> Result<(), AuthError> {
        if self.admins.is_empty() {
            return only_this_machine(headers, uri, peer);
        }
        let index = find(&self.admins, credential(headers).ok_or(AuthError::Missing)?);
        index.map(|_| ()).ok_or(AuthError::Unknown)
    }
}

/// The key that came with a request: the first of the three headers that holds one.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, key) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(key)
    });
    let named = |name| headers.get(name).map(|value: &http::HeaderValue| value.as_bytes());
    let candidates = [bearer, named("x-api-key"), named("api-key")];
    candidates.into_iter().flatten().map(<[u8]>::trim_ascii).find(|key| !key.is_empty())
}

/// The place of a key among the hashes. Every hash is compared, whichever matches.
fn find(hashes: &[[u8; 32]], key: &[u8]) -> Option<usize> {
    if key.len() > KEY_BYTES_MAX {
        return None;
    }
    let sha256: [u8; 32] = Sha256::digest(key).into();
    let none = u64::MAX;
    let index = (0u64..)
        .zip(hashes)
        .fold(none, |found, (index, hash)| u64::conditional_select(&found, &index, sha256.ct_eq(hash)));
    if index == none { None } else { usize::try_from(index).ok() }
}

fn only_this_machine(headers: &HeaderMap, uri: &Uri, peer: SocketAddr) -> Result<(), AuthError> {
    if !peer.ip().to_canonical().is_loopback() {
        return Err(AuthError::NotLoopback);
    }
    let mut hosts = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default()).peekable();
    let authority = uri.authority().map(http::uri::Authority::as_str);
    // A request may carry both, and a server behind could believe either: all must be this machine's.
    if (hosts.peek().is_none() && authority.is_none()) || !hosts.chain(authority).all(is_this_machine) {
        return Err(AuthError::BadHost);
    }
    let own = |origin: &http::HeaderValue| {
        let origin = origin.to_str().unwrap_or_default();
        let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        rest.is_some_and(is_this_machine)
    };
    if headers.get_all(ORIGIN).iter().all(own) { Ok(()) } else { Err(AuthError::BadHost) }
}

/// Whether a `host` or `host:port` names this machine and can name no other: `localhost` (RFC 6761, section
/// 6.3), an address of 127.0.0.0/8, or `[::1]`.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        return address
            .parse()
            .is_ok_and(|ip: std::net::Ipv6Addr| IpAddr::V6(ip).to_canonical().is_loopback());
    }
    name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

#[cfg(test)]
mod tests;
