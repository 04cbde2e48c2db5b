//! The command line: what each command prints, and its exit code.

mod ask;
mod calibrate;
mod check;
mod demo;
mod eval;
mod explain;
mod help;
mod labelled;
mod models;
mod replay;
mod test;

use std::path::{Path, PathBuf};

use hearthgate_tests::gateway::Setup;

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A configuration with a device model, a cloud that is never asked, and this policy.
fn setup(policy: &str) -> Setup {
    let config = hearthgate_tests::configs::home_and_cloud("hello", "http://127.0.0.1:9/v1");
    // No model is loaded by these commands, so the usual one will do.
    Setup::new(&config.replace("scripted:hello", "bundled:starter")).policy(policy)
}
