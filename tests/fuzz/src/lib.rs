//! What must hold whatever is read. Each module has one `check`, which a target of the same name runs on inputs that
//! libFuzzer makes up; it panics where something does not hold.
//!
//! The oracle is an independent reader where there is one (`json`, `sse`, `interpolate`), else what the architecture
//! promises (`request`, `inspect`, `judge`, `policy`).

pub mod disguise;
pub mod inspect;
pub mod interpolate;
pub mod json;
pub mod judge;
pub mod policy;
pub mod request;
pub mod sse;

mod site;
