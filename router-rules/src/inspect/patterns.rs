//! The patterns: each is told where something may begin and looks there, over a bounded stretch.

pub(super) mod address;
pub(super) mod assign;
pub(super) mod iban;
pub(super) mod ids;
pub(super) mod keys;
pub(super) mod number;
pub(super) mod person;
pub(super) mod phone;
pub(super) mod token;
