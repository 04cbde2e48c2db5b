//! The description of the surfaces that the gateway serves, held against the gateway itself.

#[cfg(feature = "frameworks")]
use std::process::Stdio;

use hearthgate_tests::configs::{all_at_home, device_only};
use hearthgate_tests::gateway::Setup;
use serde_json::json;

#[tokio::test]
async fn every_path_that_is_described_is_there_and_takes_no_other_method() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let client = gateway.client();
    let told = client.get("/openapi.json").await;
    assert_eq!(told.header("content-type"), "application/json");
    let described = told.json();
    assert_eq!(described["openapi"], "3.1.0");
    for (path, operations) in described["paths"].as_object().unwrap() {
        let there = path.replace("{response_id}", "resp_none").replace("{model}", "auto");
        let known = |method: &str| operations.get(method.to_lowercase()).is_some();
        for method in ["GET", "POST", "DELETE", "PATCH"] {
            let body = if method == "POST" { json!({}).to_string() } else { String::new() };
            let answer = client.request(method, &there, body.into()).await;
            assert_eq!(answer.status == 405, !known(method), "{method} {path}: {}", answer.status);
            let unknown = answer.text().contains("there is nothing at this path");
            assert!(!unknown && answer.status.as_u16() < 500, "{method} {path}: {}", answer.text());
            if answer.status == 405 {
                let allowed = answer.header("allow");
                assert!(allowed.split(", ").all(known), "{method} {path}: {allowed}");
            }
        }
    }
}

#[tokio::test]
async fn what_the_heads_of_answers_tell_is_described() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let described = gateway.client().get("/openapi.json").await.json();
    let ask = |text: &str| json!([{ "role": "user", "content": text }]);
    let surfaces = [
        (
            "/v1/chat/completions",
            json!({ "model": "auto", "service_tier": "flex", "messages": ask("Hello") }),
        ),
        ("/v1/responses", json!({ "model": "auto", "input": "Hello" })),
        ("/v1/messages", json!({ "model": "auto", "max_tokens": 9, "messages": ask("Hello") })),
        ("/api/chat", json!({ "model": "auto", "stream": false, "messages": ask("Hello") })),
        ("/api/generate", json!({ "model": "auto", "stream": false, "prompt": "Hello" })),
    ];
    for (path, body) in surfaces {
        let told = &described["paths"][path]["post"]["responses"];
        let wishing = gateway.client().with("x-hearthgate-cost-max-usd", "1");
        let good = wishing.post(path, &body).await;
        let refused = gateway.client().with("x-hearthgate-effort", "none").post(path, &body).await;
        let of_refusals = told["default"]["$ref"].as_str().unwrap().trim_start_matches('#');
        for (answer, status, told) in
            [(good, 200, &told["200"]), (refused, 400, described.pointer(of_refusals).unwrap())]
        {
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
            let ours = |name: &&hyper::http::HeaderName| name.as_str().starts_with("x-");
            for name in answer.headers.keys().filter(ours) {
                assert!(told["headers"].get(name.as_str()).is_some(), "{path} {status}: {name}");
            }
        }
    }
}

/// Reads the description, asks for all that it speaks of, right and wrong, and holds every answer against it.
#[cfg(feature = "frameworks")]
#[tokio::test]
async fn no_answer_is_unlike_its_description() {
    use hearthgate_tests::configs::{all_to_cloud, one_cloud};
    use hearthgate_tests::fake_cloud::FakeCloud;

    let schemathesis = std::env::var("HEARTHGATE_SCHEMATHESIS")
        .expect("HEARTHGATE_SCHEMATHESIS is not set: run deploy/test, which sets it");
    let cloud = FakeCloud::start().await;
    // Whatever is made up may look like anything: it is to get through all the same.
    let policy = all_to_cloud().replace("packs = [\"pii\", \"secrets\", \"health\"]\n", "packs = []\n")
        + "\n[opaque]\nimage = \"public\"\nblock = \"public\"\nfile = \"public\"\naudio = \"public\"\nurl = \"public\"\nreference = \"public\"\nencoded = \"public\"\nlanguage = \"public\"\n";
    let embedder = "\n[[model]]\nname = \"finder\"\nsource = \"bundled:starter\"\nembeddings = true\ncontext_tokens = 256\n";
    let config = one_cloud(&cloud.base_url()) + embedder;
    let gateway = Setup::new(&config).policy(&policy).start().await;
    let folder = tempfile::tempdir().unwrap();
    let child = tokio::process::Command::new(schemathesis)
        .arg("run")
        .arg(format!("http://{}/openapi.json", gateway.address()))
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "20"])
        .args(["--seed", "7", "--generation-deterministic", "--max-time", "25", "--workers", "1"])
        .args(["--request-timeout", "10", "--warnings", "off", "--suppress-health-check", "all"])
        .args(["--continue-on-failure", "--no-color"])
        .current_dir(folder.path())
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output =
        tokio::time::timeout(TIME_MAX, child.wait_with_output()).await.expect("it ends in time").unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // It came through, and did not only look at refusals.
    assert!(cloud.chats().len() > 20, "{} requests came to the cloud\n{said}", cloud.chats().len());
    let models: Vec<serde_json::Value> =
        cloud.chats().iter().map(|chat| chat.json()["model"].clone()).collect();
    assert!(models.iter().all(|model| model == "fake-frontier"));
}

/// No server errors, and statuses, types, headers and bodies as they are described. That every request which fits its schema
/// is taken is not asked: a provider has its own mind on images, and a policy on texts.
#[cfg(feature = "frameworks")]
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,unsupported_method";

/// It is told to take half of it.
#[cfg(feature = "frameworks")]
const TIME_MAX: std::time::Duration = std::time::Duration::from_secs(60);
