//! `models`: pulling from a hub that stalls, resets and lies; keeping, showing and serving what was pulled.

mod first_start;
mod keep;
#[path = "../../../engines/tests/engine/parts.rs"]
mod parts;
mod pull;
mod refusals;
mod serve;

use std::path::PathBuf;

use hearthgate_tests::fake_hub::FakeHub;
use hearthgate_tests::gateway::{Finished, Setup};

const TOKEN: &str = "hf_canary-of-a-token";
/// Enough for four connections.
const BYTES: usize = 4 << 20;
const SOURCE: &str = "hf:own/models/m.gguf";

/// A machine with nothing on it but the address of the hub and a token for it.
fn machine(hub: &FakeHub) -> Setup {
    Setup::new("")
        .env("HF_ENDPOINT", &hub.url())
        .env("HF_TOKEN", TOKEN)
        .env("HEARTHGATE_HUB__KEEP_FREE_MB", "0")
        .env("HEARTHGATE_HUB__STALL_TIMEOUT_MS", "300")
}

async fn models(setup: &Setup, arguments: &[&str]) -> Finished {
    let finished = setup.command(&[&["models"], arguments].concat(), b"").await;
    let printed = format!("{}{}", finished.stdout, finished.stderr);
    assert!(!printed.contains(TOKEN), "the token was printed: {printed}");
    assert!(!printed.contains(hearthgate_tests::fake_hub::SIGNATURE), "an address was printed: {printed}");
    finished
}

/// The folder of models.
fn folder(setup: &Setup) -> PathBuf {
    setup.folder().join(".local/share/hearthgate/models")
}

/// Where the model of [`SOURCE`] lies.
fn place(setup: &Setup) -> PathBuf {
    folder(setup).join("own/models/m.gguf")
}

/// The names in a folder.
fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The bytes of the model that comes with the program.
async fn starter() -> Vec<u8> {
    let setup = Setup::new("");
    let shown = setup.command(&["models", "show", "starter", "--json"], b"").await;
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    std::fs::read(shown["file"]["path"].as_str().unwrap()).unwrap()
}
