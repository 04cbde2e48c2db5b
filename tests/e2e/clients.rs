//! The OpenAI SDKs for Python and Node, as their users run them.
//!
//! `deploy/test` installs them and switches the feature `clients` on; without it nothing here is compiled.
#![cfg(feature = "clients")]

use std::process::Stdio;

use hearthgate_tests::bounded;
use hearthgate_tests::configs::{all_at_home, all_to_cloud, device_only, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use tokio::process::Command;

fn needed(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run deploy/test, which sets it"))
}

/// Runs a client's script against a gateway before a fake cloud.
async fn run(command: Command) {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    run_against(&gateway, command).await;
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
}

/// Runs a client's script; it exits 0 if all was as it should be.
async fn run_against(gateway: &Gateway, mut command: Command) {
    let child = command
        .env("OPENAI_BASE_URL", format!("http://{}/v1", gateway.address()))
        .env("OPENAI_API_KEY", "unused")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = bounded("the client", child.wait_with_output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\ngateway: {}", gateway.stderr());
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "all checks passed");
}

#[tokio::test]
async fn the_python_sdk_has_all_of_the_device() {
    let config = device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"");
    let finder = "[[model]]\nname = \"finder\"\nsource = \"bundled:starter\"\nembeddings = true\ncontext_tokens = 256\n";
    let gateway = Setup::new(&format!("{config}{finder}")).policy(&all_at_home()).start().await;
    let mut command = Command::new(needed("HEARTHGATE_PYTHON"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_device.py"));
    run_against(&gateway, command).await;
}

#[tokio::test]
async fn the_python_sdk_works() {
    let mut command = Command::new(needed("HEARTHGATE_PYTHON"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_sdk.py"));
    run(command).await;
}

#[tokio::test]
async fn the_node_sdk_works() {
    let mut command = Command::new("node");
    // CommonJS resolution reads NODE_PATH, so the SDK can live outside the clone.
    command.env("NODE_PATH", needed("HEARTHGATE_NODE_MODULES"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_sdk.cjs"));
    run(command).await;
}
