//! The local-only switch, seen from outside: not even a connection is opened beyond the outermost zone.

use hearthgate_tests::client::Client;
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};

/// Prompts from easy to hard, public and private.
const PROMPTS: [&str; 5] = [
    "Hello.",
    "Prove that there are infinitely many primes, then generalise it to arithmetic progressions, step by step, \
     and compare three proofs for rigour; write Rust code that checks the first thousand cases.",
    "My card is 4539 1488 0343 6467.",
    "Write to jane.doe@acme.org about the meeting.",
    "The key is sk-proj-9fK2mLq8RtY4vBn7XcZ1aSdF3gHjW5eU.",
];

struct House {
    cloud: FakeCloud,
    premises: FakeCloud,
    gateway: Gateway,
}

impl House {
    async fn start(server: &str) -> Self {
        let (cloud, premises) = (FakeCloud::start().await, FakeCloud::start().await);
        let upstream = |name: &str, fake: &FakeCloud| {
            let url = fake.base_url();
            format!(
                "[[upstream]]\nname = \"{name}\"\nzone = \"{name}\"\nbase_url = \"{url}\"\nmodels = [\"{MODEL}\"]\n\n"
            )
        };
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n{server}\n\
             [[model]]\nname = \"home\"\nsource = \"scripted:hello\"\n\n{}{}[policy]\nfile = \"policy.toml\"\n",
            upstream("cloud", &cloud),
            upstream("premises", &premises)
        );
        let policy = "packs = [\"pii\", \"secrets\", \"health\"]\n\n[alias]\nbest = \"cloud/fake-frontier\"\n\n\
             [[route]]\nname = \"all\"\nto = [\"zone:cloud\", \"zone:premises\", \"device/*\"]\n";
        let gateway = Setup::new(&config).policy(policy).start().await;
        Self { cloud, premises, gateway }
    }

    /// Asks everything in every way, with these headers, and gives the zones that answered.
    async fn ask(&self, headers: &[(&str, &str)]) -> Vec<String> {
        let mut zones = Vec::new();
        for client in [self.gateway.client(), self.gateway.client().http2()] {
            let with = |client: Client, (name, value): &(&str, &str)| client.with(name, value);
            let client = headers.iter().fold(client, with);
            for model in ["auto", "cloud/fake-frontier", "best", "premises/fake-frontier", "device/home"] {
                for prompt in PROMPTS {
                    for body in [chat(model, prompt), chat_stream(model, prompt)] {
                        let answer = client.chat(&body).await;
                        assert_eq!(answer.status, 200, "{model}: {}", answer.text());
                        zones.push(answer.header("x-hearthgate-zone"));
                    }
                }
            }
        }
        zones
    }
}

#[tokio::test]
async fn nothing_gets_beyond_the_device() {
    let house = House::start("outermost_zone = \"device\"").await;
    for headers in [
        &[][..],
        &[("x-hearthgate-zone", "cloud"), ("x-hearthgate-label", "public")],
        &[("x-hearthgate-effort", "deliberate"), ("x-hearthgate-workflow", "cloud")],
    ] {
        assert!(house.ask(headers).await.iter().all(|zone| zone == "device"));
    }
    for path in ["/v1/models", "/v1/models/cloud/fake-frontier", "/readyz", "/livez"] {
        house.gateway.client().get(path).await;
    }
    house.gateway.admin().get("/metrics").await;
    assert!(house.cloud.connections().is_empty() && house.premises.connections().is_empty());
    let models = house.gateway.client().get("/v1/models").await.text();
    assert!(models.contains("device/home") && !models.contains("fake-frontier"), "{models}");
}

#[tokio::test]
async fn nothing_gets_beyond_the_premises() {
    let house = House::start("outermost_zone = \"premises\"").await;
    let zones = house.ask(&[]).await;
    assert!(zones.iter().all(|zone| zone != "cloud"));
    assert!(zones.iter().any(|zone| zone == "premises") && zones.iter().any(|zone| zone == "device"));
    assert!(house.cloud.connections().is_empty());
    assert!(!house.premises.contains(b"4539 1488") && !house.premises.contains(b"sk-proj-"));
}

#[tokio::test]
async fn a_header_keeps_one_request_at_home() {
    let house = House::start("").await;
    let zones = house.ask(&[("x-hearthgate-zone", "device")]).await;
    assert!(zones.iter().all(|zone| zone == "device"));
    assert!(house.cloud.connections().is_empty() && house.premises.connections().is_empty());
    let zones = house.ask(&[("x-hearthgate-zone", "premises")]).await;
    assert!(zones.iter().any(|zone| zone == "premises") && zones.iter().all(|zone| zone != "cloud"));
    assert!(house.cloud.connections().is_empty());
    let zones = house.ask(&[("x-hearthgate-label", "restricted")]).await;
    assert!(zones.iter().all(|zone| zone == "device"));
    assert!(house.cloud.connections().is_empty());
}

#[tokio::test]
async fn without_the_switch_each_label_reaches_its_zone_and_no_further() {
    let house = House::start("").await;
    let zones = house.ask(&[]).await;
    assert!(["device", "premises", "cloud"].iter().all(|zone| zones.iter().any(|seen| seen == zone)));
    assert!(house.cloud.contains(b"Hello.") && house.premises.contains(b"jane.doe@acme.org"));
    // Four digits alone also stand in a port, which every `host` header names.
    for restricted in [b"4539 1488".as_slice(), b"sk-proj-9fK2"] {
        assert!(!house.cloud.contains(restricted) && !house.premises.contains(restricted));
    }
    assert!(!house.cloud.contains(b"jane.doe"));
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_refused_and_not_passed_over() {
    let house = House::start("").await;
    for (name, value) in [
        ("x-hearthgate-zone", "home"),
        ("x-hearthgate-zone", "Device"),
        ("x-hearthgate-zone", ""),
        ("x-hearthgate-zone", "device, cloud"),
        ("x-hearthgate-label", "secret"),
        ("x-hearthgate-label", ""),
    ] {
        let client = house.gateway.client().with(name, value);
        let answer = client.chat(&chat("auto", PROMPTS[0])).await;
        assert_eq!(answer.status, 400, "{name}: {value}");
        assert_eq!(answer.json()["error"]["code"], "invalid_header", "{name}: {value}");
    }
    let twice = house.gateway.client().with("x-hearthgate-zone", "device").with("x-hearthgate-zone", "cloud");
    assert_eq!(twice.chat(&chat("auto", PROMPTS[0])).await.status, 400);
    assert!(house.cloud.connections().is_empty() && house.premises.connections().is_empty());
}
