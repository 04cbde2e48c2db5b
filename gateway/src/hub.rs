//! The model hub: models are pulled from it, checked, kept in a folder, and found there again.
//!
//! It speaks HTTPS to one configured hub (Hugging Face or a mirror of it) and to the hosts which that one redirects to. It
//! runs for `hearthgate models` alone and never while requests are served. Nothing here can hold anything of a request: all
//! that leaves are names of repositories and files, ranges of bytes, and the hub's own token, to the hub alone.

pub mod catalogue;
mod client;
mod digest;
mod download;
mod error;
mod interrupt;
mod known;
mod manifest;
mod parts;
pub mod progress;
mod pull;
mod source;
mod space;
mod store;

pub use client::is_loopback;
pub use digest::of_file as digest_of_file;
pub use error::HubError;
pub use interrupt::interrupted;
pub use manifest::{Checked, Manifest, ManifestFile};
pub use pull::{Pull, Pulled, pull};
pub use source::HubSource;
pub use store::{Resolved, Store};
