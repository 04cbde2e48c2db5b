//! Judges a request and decides where it may go: text in, decision out.
//!
//! This crate is pure: it opens no file and no socket, reads no clock, starts no thread and is never
//! async. The same request, caller, policy and signals always give the same decision.
//!
//! The road through it has two steps and one door:
//!
//! 1. [`Policy::judge`](policy::Policy::judge) takes the request and gives [`Judged`](judge::Judged): its
//!    label, what was found, and the outermost zone that it may reach.
//! 2. [`Judged::decide`](judge::Judged::decide) takes the state of the world as
//!    [`Signals`](decide::Signals) and gives a [`Decision`](decision::Decision). Where the decision lets
//!    the request go anywhere, it holds a [`Permitted`](decision::Permitted) that contains the request.
//!
//! Nothing else makes a permit, and only a permit makes the bytes that may leave.

pub mod chat;
pub mod decide;
pub mod decision;
pub mod difficulty;
pub mod inspect;
pub mod json;
pub mod judge;
pub mod label;
pub mod memory;
pub mod policy;
pub mod prove;
pub mod replay;
pub mod suggest;
pub mod target;
