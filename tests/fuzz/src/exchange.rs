//! What the gateway's readers of answers count into.
#![allow(dead_code, missing_docs)]

pub struct Tokens {
    pub input: u64,
    pub output: u64,
    pub cached: u64,
    pub written: u64,
    pub reasoning: Option<u64>,
}
