//! The SDKs of OpenAI and of Anthropic for Python and Node, as their users run them.
//!
//! `deploy/test` installs them and switches the feature `clients` on; without it nothing here is compiled.
#![cfg(feature = "clients")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hearthgate_tests::configs::{
    all_at_home, all_to_cloud, device_only, one_anthropic, one_bedrock, one_cloud, one_gemini,
};
use hearthgate_tests::fake_cloud::{Api, Behaviour, FakeCloud, Point, Received};
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::compatibility;

pub fn needed(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run deploy/test, which sets it"))
}

/// What a client's script may take: some read half a gigabyte of Python before they begin.
const TIME_MAX: Duration = Duration::from_secs(120);

/// Runs a client's script; it exits 0 if all was as it should be.
async fn run_against(gateway: &Gateway, upstream: &str, mut command: Command) {
    let script = command.as_std().get_args().find_map(|part| Path::new(part).file_name()?.to_str());
    let name = &script.expect("a script").to_owned();
    let child = command
        .env("OPENAI_BASE_URL", format!("http://{}/v1", gateway.address()))
        .env("OPENAI_API_KEY", "unused")
        .env("ANTHROPIC_BASE_URL", format!("http://{}", gateway.address()))
        .env("ANTHROPIC_API_KEY", "unused")
        .env("OLLAMA_HOST", format!("http://{}", gateway.address()))
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = tokio::time::timeout(TIME_MAX, child.wait_with_output()).await;
    let output = output.expect("the client ends in time").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\ngateway: {}", gateway.stderr());
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told.trim().lines().last(), Some("all checks passed"), "{told}");
    compatibility::note(name, upstream, &told);
}

#[tokio::test]
async fn the_python_sdk_has_all_of_the_device() {
    let config = device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"");
    let finder = "[[model]]\nname = \"finder\"\nsource = \"bundled:starter\"\nembeddings = true\ncontext_tokens = 256\n";
    let gateway = Setup::new(&format!("{config}{finder}")).policy(&all_at_home()).start().await;
    let mut command = Command::new(needed("HEARTHGATE_PYTHON"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_device.py"));
    run_against(&gateway, "device", command).await;
}

#[tokio::test]
async fn the_python_sdk_works() {
    let python = needed("HEARTHGATE_PYTHON");
    run_before(&["openai"], 1, || {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_sdk.py"));
        command
    })
    .await;
}

#[tokio::test]
async fn the_node_sdk_works() {
    let modules = needed("HEARTHGATE_NODE_MODULES");
    run_before(&["openai"], 2, || {
        let mut command = Command::new("node");
        // CommonJS resolution reads NODE_PATH, so the SDK can live outside the clone.
        command.env("NODE_PATH", &modules);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_sdk.cjs"));
        command
    })
    .await;
}

/// The golden files are what the gateway tells clients and sends to providers: all of it is of the types that the SDKs have for it.
#[tokio::test]
async fn what_is_told_and_sent_is_of_the_sdks_types() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/sdk_types.py");
    let mut command = Command::new(needed("HEARTHGATE_PYTHON"));
    let output = command.arg(script).stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(TIME_MAX, output).await.expect("it ends in time").unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Answers as a provider would in whose API it is asked: calls tools where there are any and none has answered, thinks where it is
/// asked to, and stands still where it is told to.
fn provider(received: &Received) -> Behaviour {
    let body = received.json();
    let turns = if received.api() == Some(Api::Gemini) { "contents" } else { "messages" };
    let messages = body[turns].to_string();
    let results = ["tool_result", "\"tool\"", "functionResponse", "toolResult"];
    let answered = results.iter().any(|result| messages.contains(result));
    if messages.contains("stand still") {
        return Behaviour::Stall(Point::AfterEvents(5));
    }
    if messages.contains("Say goodbye instead") {
        return Behaviour::Text("hello.py\n```\nprint(\"goodbye\")\n```\n".to_owned());
    }
    if messages.contains("as JSON") {
        return Behaviour::Text("{\"x\":\"y\"}".to_owned());
    }
    let tools = (body["tools"].is_array() || body["toolConfig"]["tools"].is_array()) && !answered;
    let thinks = body["thinking"].is_object() || messages.contains("Think");
    match (received.api(), tools, thinks) {
        (Some(Api::Gemini), true, _) => {
            let call =
                |what: &str| json!({ "functionCall": { "name": "look_up", "args": { "what": what } } });
            Behaviour::Candidate(json!({ "parts": [call("a"), call("b")], "finishReason": "STOP" }))
        }
        (Some(Api::Gemini), _, true) => Behaviour::Candidate(json!({ "finishReason": "STOP", "parts": [
            { "text": "Both are.", "thought": true }, { "text": "Neither.", "thoughtSignature": "c2VhbGVk" }
        ] })),
        (Some(Api::Bedrock), true, _) => {
            let call = |id: &str| json!({ "toolUse": { "toolUseId": id, "name": "look_up", "input": { "what": id } } });
            Behaviour::Converse(json!({ "content": [call("a"), call("b")], "stopReason": "tool_use" }))
        }
        (Some(Api::Bedrock), _, true) => Behaviour::Converse(json!({ "stopReason": "end_turn", "content": [
            { "reasoningContent": { "reasoningText": { "text": "Both are.", "signature": "c2VhbGVk" } } },
            { "text": "Neither." }
        ] })),
        (Some(Api::Anthropic), true, _) => {
            let call = |id: &str, what: &str| json!({ "type": "tool_use", "id": id, "name": "look_up", "input": { "what": what } });
            Behaviour::Message(
                json!({ "content": [call("a", "a"), call("b", "b")], "stop_reason": "tool_use" }),
            )
        }
        (Some(Api::Anthropic), _, true) => {
            Behaviour::Message(json!({ "stop_reason": "end_turn", "content": [
            { "type": "thinking", "thinking": "Both are.", "signature": "c2VhbGVk" },
            { "type": "text", "text": "Neither." }
        ] }))
        }
        (_, true, _) => {
            let call = |id: &str, what: &str| {
                let arguments = json!({ "what": what }).to_string();
                json!({ "id": id, "type": "function", "function": { "name": "look_up", "arguments": arguments } })
            };
            choice(&json!({ "content": null, "tool_calls": [call("a", "a"), call("b", "b")] }), "tool_calls")
        }
        (_, _, true) => choice(&json!({ "reasoning_content": "Both are.", "content": "Neither." }), "stop"),
        _ => Behaviour::Chat,
    }
}

fn choice(message: &Value, finish: &str) -> Behaviour {
    let usage = json!({ "prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13 });
    let mut message = message.clone();
    message["role"] = json!("assistant");
    Behaviour::Choice(json!({ "message": message, "finish_reason": finish, "usage": usage }))
}

/// The fakes' model takes formats, as Claude does from 4.5 on.
const FORMATS: &str = "\n[[family]]\nname = \"fake-frontier\"\nformats = true\n";

/// Runs a client's script against a gateway before a provider of each dialect; as many streams as it
/// leaves are left there too.
async fn run_against_each(hang_ups: usize, command: impl Fn() -> Command) {
    run_before(&["anthropic", "openai", "gemini", "bedrock"], hang_ups, command).await;
}

/// The same before a provider of OpenAI's dialect and one of Anthropic's.
pub async fn run_against_both(hang_ups: usize, command: impl Fn() -> Command) {
    run_before(&["anthropic", "openai"], hang_ups, command).await;
}

async fn run_before(upstreams: &[&str], hang_ups: usize, command: impl Fn() -> Command) {
    for &upstream in upstreams {
        let cloud = FakeCloud::start().await;
        cloud.set(Behaviour::By(std::sync::Arc::new(provider)));
        let config = match upstream {
            "anthropic" => one_anthropic(&cloud.base_url()),
            "gemini" => one_gemini(&cloud.url_below("/v1beta")),
            "bedrock" => one_bedrock(&cloud.url_below("")),
            _ => one_cloud(&cloud.base_url()),
        };
        let gateway = Setup::new(&(config + FORMATS)).policy(&all_to_cloud()).start().await;
        let mut command = command();
        command.env("UPSTREAM", upstream);
        run_against(&gateway, upstream, command).await;
        cloud.hung_up(hang_ups).await;
        assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
    }
}

#[tokio::test]
async fn the_python_sdk_has_its_responses() {
    let python = needed("HEARTHGATE_PYTHON");
    run_against_each(1, || {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/openai_responses.py"));
        command
    })
    .await;
}

#[tokio::test]
async fn the_anthropic_python_sdk_works() {
    let python = needed("HEARTHGATE_PYTHON");
    run_against_each(1, || {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/anthropic_sdk.py"));
        command
    })
    .await;
}

#[tokio::test]
async fn the_anthropic_node_sdk_works() {
    let modules = needed("HEARTHGATE_NODE_MODULES");
    run_against_each(1, || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &modules);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/anthropic_sdk.cjs"));
        command
    })
    .await;
}

#[tokio::test]
async fn the_ollama_python_client_works() {
    let python = needed("HEARTHGATE_PYTHON");
    run_against_both(1, || {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/ollama_client.py"));
        command
    })
    .await;
}

#[tokio::test]
async fn the_ollama_node_client_works() {
    let modules = needed("HEARTHGATE_NODE_MODULES");
    run_against_both(1, || {
        let mut command = Command::new("node");
        command.env("NODE_PATH", &modules);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/clients/ollama_client.cjs"));
        command
    })
    .await;
}
