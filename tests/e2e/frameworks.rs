//! Frameworks that speak through the SDKs or past them, as their users run them.
//!
//! `deploy/test` installs them and switches the feature `frameworks` on; without it nothing here is compiled.
#![cfg(feature = "frameworks")]

use tokio::process::Command;

use crate::clients::{needed, run_against_both};

/// Runs a script of `tests/clients` by a program, before a provider of each dialect; as many streams as it leaves are left there.
async fn run(program: &str, script: &str, hang_ups: usize) {
    let script = format!("{}/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    run_against_both(hang_ups, || {
        let mut command = Command::new(program);
        // Some would look for news of models outside: nothing answers there.
        command.arg(&script).env("HTTPS_PROXY", "http://127.0.0.1:9").env_remove("https_proxy");
        command
    })
    .await;
}

#[tokio::test]
async fn langchain_works() {
    run(&needed("HEARTHGATE_FRAMEWORKS"), "langchain_clients.py", 3).await;
}

#[tokio::test]
async fn llm_works() {
    run(&needed("HEARTHGATE_FRAMEWORKS"), "llm_client.py", 1).await;
}

#[tokio::test]
async fn the_ai_sdk_works() {
    let modules = needed("HEARTHGATE_AI_SDK");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/ai_sdk.mjs");
    run_against_both(4, || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &modules);
        command.arg(script);
        command
    })
    .await;
}

/// With `deploy/test --full` only, for the size of what it installs.
fn heavy() -> bool {
    std::env::var_os("HEARTHGATE_FULL").is_some()
}

#[tokio::test]
async fn litellm_and_instructor_work() {
    if heavy() {
        run(&needed("HEARTHGATE_LITELLM"), "litellm_client.py", 2).await;
    }
}

#[tokio::test]
async fn llama_index_works() {
    if heavy() {
        run(&needed("HEARTHGATE_LLAMAINDEX"), "llamaindex_client.py", 1).await;
    }
}

#[tokio::test]
async fn aider_edits_a_file() {
    if heavy() {
        run(&needed("HEARTHGATE_AIDER"), "aider_edit.py", 0).await;
    }
}
