//! The road is open: a request gets through and back, and the process ends when asked.

use hearthgate_tests::configs::{all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Setup, binary};
use hearthgate_tests::openai::{chat, chat_stream};

#[tokio::test]
async fn a_harmless_chat_goes_out_and_comes_back() {
    let cloud = FakeCloud::start().await;
    let mut gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let client = gateway.client();
    assert_eq!(client.get("/livez").await.status, 200);
    assert_eq!(client.get("/readyz").await.status, 200);

    let plain = client.chat(&chat("auto", "Compare two ways to sort a list.")).await;
    assert_eq!(plain.content(), "The fake cloud says hello.");
    assert_eq!(plain.header("x-hearthgate-zone"), "cloud");
    let mut stream = client.chat_stream(&chat_stream("auto", "Compare two ways to sort a list.")).await;
    let events = stream.rest().await;
    let text: String = events.iter().map(hearthgate_tests::sse::Event::delta).collect();
    assert_eq!(text, "The fake cloud says hello.");
    assert!(events.last().unwrap().is_done() && !stream.is_broken());
    assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
    assert!(cloud.contains(b"Compare two ways to sort a list."));

    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_64() {
    let config = one_cloud("http://127.0.0.1:9/v1").replace("admin_listen", "admin_lisden");
    let refused = Setup::new(&config).policy(&all_to_cloud()).try_start().await.unwrap_err();
    assert_eq!(refused.code, Some(64));
    assert!(refused.stderr.contains("admin_listen"), "{}", refused.stderr);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn openmp_is_told_not_to_spin() {
    // The kit clears the environment, so the gateway has to see to it by itself.
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let environment = std::fs::read(format!("/proc/{}/environ", gateway.pid())).unwrap();
    let mut variables = environment.split(|byte| *byte == 0);
    assert!(variables.any(|variable| variable == b"OMP_WAIT_POLICY=passive"));
    // It started itself once more for that, and is still found by its name.
    let name = std::fs::read_to_string(format!("/proc/{}/comm", gateway.pid())).unwrap();
    assert_eq!(name.trim_end(), binary().file_name().unwrap().to_str().unwrap());
}
