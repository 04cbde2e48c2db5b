//! Keys, and sealing for one of them: HPKE (RFC 9180) in its base mode, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
//! ChaCha20-Poly1305. Each content has a key of its own, which only the private key gives again.
//!
//! Base mode does not say who sealed: whoever has the public key can. That an answer is the recorded one is told by the
//! decision record, which the replay compares with.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _, single_shot_open, single_shot_seal,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::StoreError;
use crate::config::unhex;
use crate::device::hex;

type Kem = X25519HkdfSha256;

/// What the keys and their texts are for: a seal for anything else does not open here.
const INFO: &[u8] = b"hearthgate store 1";

const PUBLIC: &str = "store-public-";
const PRIVATE: &str = "store-private-";

/// The key that content is sealed for. It opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(<Kem as hpke::Kem>::PublicKey);

/// The key that opens what is sealed for its other half. It is never shown and has no `Debug`.
pub struct PrivateKey(<Kem as hpke::Kem>::PrivateKey);

/// Content under a public key.
pub(super) struct Sealed {
    /// The encapsulated key.
    pub key: Vec<u8>,
    /// The content, and its tag.
    pub text: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in its written form.
    ///
    /// # Errors
    /// When it is none. What was written is not repeated: it may be the private one.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let none = || StoreError::Key { what: "public", prefix: PUBLIC };
        let bytes = text.strip_prefix(PUBLIC).and_then(unhex);
        let key = bytes.and_then(|bytes| <Kem as hpke::Kem>::PublicKey::from_bytes(&bytes).ok());
        let key = Self(key.ok_or_else(none)?);
        // Some points are keys in form alone: nothing can be sealed for them.
        key.seal(&[], &[]).map(|_| key).map_err(|_| none())
    }

    /// A short name for it, to tell keys apart.
    #[must_use]
    pub fn name(&self) -> String {
        let digest = Sha256::digest(self.0.to_bytes());
        hex(digest.get(..8).unwrap_or_default())
    }

    /// Seals content; what `bound` says is not in it and holds for it.
    pub(super) fn seal(&self, content: &[u8], bound: &[u8]) -> Result<Sealed, StoreError> {
        let sealed = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &self.0,
            INFO,
            content,
            bound,
        );
        let (key, text) = sealed.map_err(|_| StoreError::Unsealed)?;
        Ok(Sealed { key: key.to_bytes().to_vec(), text })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", hex(&self.0.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PrivateKey {
    /// Makes a key.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn generate() -> Result<Self, StoreError> {
        let mut random = [0_u8; 32];
        let source = rustls::crypto::ring::default_provider().secure_random;
        source.fill(&mut random).map_err(|_| StoreError::Unsealed)?;
        Ok(Self(Kem::derive_keypair(&random).0))
    }

    /// Reads a key in its written form: the one line of the text that is no comment.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &SecretString) -> Result<Self, StoreError> {
        let none = || StoreError::Key { what: "private", prefix: PRIVATE };
        let mut lines = text.expose_secret().lines().map(str::trim);
        let line = lines.find(|line| !line.is_empty() && !line.starts_with('#')).ok_or_else(none)?;
        let bytes = line.strip_prefix(PRIVATE).and_then(unhex).ok_or_else(none)?;
        <Kem as hpke::Kem>::PrivateKey::from_bytes(&bytes).map(Self).map_err(|_| none())
    }

    /// Its written form.
    #[must_use]
    pub fn written(&self) -> SecretString {
        format!("{PRIVATE}{}", hex(&self.0.to_bytes())).into()
    }

    /// Its other half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(Kem::sk_to_pk(&self.0))
    }

    /// Opens what was sealed for its other half, with the same words bound to it.
    pub(super) fn open(&self, sealed: &Sealed, bound: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(&sealed.key).map_err(|_| StoreError::Changed)?;
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.0,
            &key,
            INFO,
            &sealed.text,
            bound,
        );
        opened.map_err(|_| StoreError::Changed)
    }
}
