//! The leak certificate: how often a private request is judged fit for a cloud, and a clean one is not.
//!
//! A [`corpus`] of private and clean requests in fifteen languages, written by hand; [`evasion`]s that hide
//! the private part of one in a known way; the shipped policy, asked what it would let out ([`judge`]); and
//! rates with exact bounds ([`stats`], [`certificate`]), which a test holds to a [`baseline`].
//!
//! Half of the corpus is sealed: its rates are reported, its texts are never shown, so that what is mended
//! against the open half can be seen to hold beyond it.

pub mod baseline;
pub mod body;
pub mod certificate;
pub mod comparison;
pub mod corpus;
pub mod draw;
pub mod evasion;
pub mod judge;
pub mod language;
pub mod options;
pub mod others;
pub mod outside;
pub mod run;
pub mod speed;
pub mod stats;
pub mod stored;
pub mod tally;
