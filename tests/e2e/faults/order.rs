//! The order of zones: home first overflows to the premises, those to a cloud only where the permit reaches it, and a cloud
//! falls back home.

use hearthgate_tests::client::Response;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::{Value, json};

use super::ASKED;

/// A model of the device, a server of the premises and a cloud, asked in this order.
struct House {
    premises: FakeCloud,
    cloud: FakeCloud,
    gateway: Gateway,
}

impl House {
    async fn start(script: &str, order: &[&str]) -> Self {
        let (premises, cloud) = (FakeCloud::start().await, FakeCloud::start().await);
        let upstream = |zone: &str, fake: &FakeCloud| {
            format!(
                "[[upstream]]\nname = \"{zone}\"\nzone = \"{zone}\"\nbase_url = \"{}\"\nmodels = [\"{MODEL}\"]\nretries = 0\n\
                 breaker_faults = 1000\n",
                fake.base_url()
            )
        };
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = 1\n\
             [[model]]\nname = \"home\"\nsource = \"scripted:{script}\"\n{}{}[policy]\nfile = \"policy.toml\"\n",
            upstream("premises", &premises),
            upstream("cloud", &cloud)
        );
        let to: Vec<_> = order.iter().map(|target| format!("\"{target}\"")).collect();
        let policy =
            format!("packs = [\"pii\", \"health\"]\n[[route]]\nname = \"all\"\nto = [{}]\n", to.join(", "));
        let gateway = Setup::new(&config).policy(&policy).start().await;
        Self { premises, cloud, gateway }
    }

    async fn ask(&self, label: &str, body: &Value) -> Response {
        self.gateway.client().with("x-hearthgate-label", label).chat(body).await
    }

    fn asked(&self) -> (usize, usize) {
        (self.premises.chats().len(), self.cloud.chats().len())
    }
}

const HOME_FIRST: [&str; 3] = ["device/*", "zone:premises", "zone:cloud"];

#[tokio::test]
async fn a_busy_device_overflows_to_the_premises_first() {
    for script in ["busy", "dead"] {
        let house = House::start(script, &HOME_FIRST).await;
        for (label, body) in [
            ("public", chat("auto", ASKED)),
            ("public", chat_stream("auto", ASKED)),
            ("confidential", chat("auto", ASKED)),
        ] {
            let answer = house.ask(label, &body).await;
            assert_eq!(answer.header("x-hearthgate-zone"), "premises", "{script}: {}", answer.text());
        }
        let kept = house.ask("restricted", &chat("auto", ASKED)).await;
        assert!(matches!(kept.status.as_u16(), 429 | 503), "{script}: {}", kept.text());
        assert_eq!(house.asked(), (3, 0), "{script}");
    }
}

#[tokio::test]
async fn the_premises_overflow_to_a_cloud_by_permit_alone() {
    let house = House::start("busy", &HOME_FIRST).await;
    for fault in [Behaviour::status(503), Behaviour::status(429), Behaviour::TruncatedJson] {
        house.premises.set(fault);
        let out = house.ask("public", &chat("auto", ASKED)).await;
        assert_eq!(out.header("x-hearthgate-zone"), "cloud", "{}", out.text());
        let (_, before) = house.asked();
        let kept = house.ask("confidential", &chat("auto", ASKED)).await;
        assert!(kept.status.as_u16() >= 429, "{}", kept.text());
        assert_eq!(house.asked().1, before, "what is confidential has not left");
    }
}

#[tokio::test]
async fn whatever_a_caller_asks_for_the_order_stays_within_the_permit() {
    let house = House::start("busy", &HOME_FIRST).await;
    house.premises.set(Behaviour::status(500));
    let model = format!("cloud/{MODEL}");
    for body in [chat(&model, ASKED), chat_stream(&model, ASKED)] {
        let kept = house.ask("confidential", &body).await;
        assert!(kept.status.as_u16() >= 400, "{}", kept.text());
    }
    let mut tools = chat("auto", ASKED);
    tools["tools"] =
        json!([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]);
    house.ask("confidential", &tools).await;
    assert!(house.cloud.connections().is_empty());
}

#[tokio::test]
async fn what_fails_outside_falls_back_home() {
    let out_first = ["zone:cloud", "zone:premises", "device/*"];
    let house = House::start("hello", &out_first).await;
    house.cloud.set(Behaviour::status(529));
    let answer = house.ask("public", &chat("auto", ASKED)).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "premises");
    house.premises.set(Behaviour::StreamError(0));
    for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
        for label in ["public", "confidential"] {
            let answer = house.ask(label, &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("x-hearthgate-zone"), "device");
        }
    }
}
