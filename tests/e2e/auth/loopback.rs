//! Without keys: this machine alone, and no page of a browser that was led here by a name of its own.

use hearthgate_tests::configs::{EASY, all_at_home, client_key, device_only};
use hearthgate_tests::connection::{Connection, request};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let port = gateway.address().port();
    let good = ["localhost", "LocalHost", "127.0.0.1", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]"];
    let bad = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:127.0.0.1",
        "localhost@evil.example",
        "0.0.0.0",
        "10.0.0.1",
        "[::2]",
        "2130706433",
        "",
    ];
    let hosts = good.iter().map(|host| (host, 200)).chain(bad.iter().map(|host| (host, 403)));
    for (host, status) in hosts {
        for host in [(*host).to_owned(), format!("{host}:{port}")] {
            let client = gateway.client().with("host", &host);
            let answer = client.chat(&chat("auto", EASY)).await;
            assert_eq!(answer.status, status, "{host:?}: {}", answer.text());
            assert_eq!(client.get("/v1/models").await.status, status, "{host:?}");
            let metrics = gateway.admin().with("host", &host).get("/metrics").await;
            assert_eq!(metrics.status, status, "{host:?} at the admin port");
        }
    }
}

#[tokio::test]
async fn a_request_with_two_hosts_believes_neither() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let cases: [(&str, &[(&str, &str)]); 3] = [
        ("/v1/models", &[("host", "localhost"), ("host", "evil.example")]),
        ("http://evil.example/v1/models", &[("host", "localhost")]),
        ("http://localhost/v1/models", &[("host", "evil.example")]),
    ];
    for (target, headers) in cases {
        let mut connection = Connection::open(gateway.address()).await;
        let answer = connection.ask(&request("GET", target, headers, b"")).await;
        assert!([400, 403].contains(&answer.status), "{target} {headers:?}: {}", answer.status);
    }
    let over_http2 = gateway.client().http2().with("host", "evil.example");
    assert_eq!(over_http2.chat(&chat("auto", EASY)).await.status, 403);
}

#[tokio::test]
async fn a_request_without_a_host_is_refused() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let mut connection = Connection::open(gateway.address()).await;
    let answer = connection.ask(b"GET /v1/models HTTP/1.0\r\n\r\n").await;
    assert!([400, 403].contains(&answer.status), "{}", answer.status);
}

#[tokio::test]
async fn with_keys_any_name_will_do() {
    let config = device_only("hello") + &client_key("ann", "");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let client = gateway.client().with("host", "gateway.example").with("x-api-key", "key-of-ann");
    assert_eq!(client.chat(&chat("auto", EASY)).await.status, 200);
}

#[tokio::test]
async fn an_open_door_to_other_machines_is_refused() {
    let open = |listen: &str, admin: &str| {
        device_only("hello")
            .replace("admin_listen = \"127.0.0.1:0\"", &format!("admin_listen = \"{admin}\""))
            .replace("\nlisten = \"127.0.0.1:0\"", &format!("\nlisten = \"{listen}\""))
    };
    let here = "127.0.0.1:0";
    let with_key = client_key("ann", "");
    let cases = [
        (open("0.0.0.0:0", here), "server.listen", "[[key]]"),
        (open("[::]:0", here), "server.listen", "[[key]]"),
        (open("192.0.2.1:0", here), "server.listen", "[[key]]"),
        (open(here, "0.0.0.0:0"), "server.admin_listen", "admin_key_sha256"),
        (open(here, "[::]:0") + &with_key, "server.admin_listen", "admin_key_sha256"),
    ];
    for (config, key, mend) in cases {
        let refused = Setup::new(&config).policy(&all_at_home()).try_start().await.unwrap_err();
        assert_eq!(refused.code, Some(64), "{}", refused.stderr);
        assert!(refused.stderr.contains(key) && refused.stderr.contains(mend), "{}", refused.stderr);
        assert!(refused.stdout.is_empty());
    }
}

#[tokio::test]
async fn a_gateway_without_keys_warns() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    gateway.said("no client key is configured").await;
}
