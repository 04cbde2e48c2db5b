//! What a client sees of an upstream's faults, and what the upstream sees of the gateway's.

mod before;
mod breaker;
mod during;
mod fallback;
mod leaving;
mod order;
mod pressure;
mod table;
mod usage;

use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::MODEL;

/// A question that any policy here lets out.
const ASKED: &str = "Compare two ways to sort a list.";

/// Settings of an upstream that keep one fault from changing the next: no breaker, two retries.
const STEADY: &str = "retries = 2\nbreaker_faults = 1000\n";

/// A gateway before clouds, each with its settings; what they cannot answer, `then` does.
struct Setting {
    upstreams: Vec<String>,
    targets: Vec<String>,
    rest: String,
}

impl Setting {
    fn new() -> Self {
        Self { upstreams: Vec::new(), targets: Vec::new(), rest: String::new() }
    }

    /// With a cloud of this name, tried after those before it.
    fn cloud(mut self, name: &str, cloud: &FakeCloud, settings: &str) -> Self {
        self.upstreams.push(format!(
            "[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\nbase_url = \"{}\"\nmodels = [\"{MODEL}\"]\n{settings}\n",
            cloud.base_url()
        ));
        self.targets.push(format!("\"{name}/{MODEL}\""));
        self
    }

    /// With a model of the device, tried last.
    fn device(mut self, script: &str) -> Self {
        self.rest.push_str(&format!("[[model]]\nname = \"home\"\nsource = \"scripted:{script}\"\n"));
        self.targets.push("\"device/home\"".to_owned());
        self
    }

    /// With further configuration.
    fn and(mut self, text: &str) -> Self {
        self.rest.push_str(text);
        self
    }

    /// One worker, so that all requests share what a worker has.
    async fn start(self) -> Gateway {
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = 1\n\n{}\n{}\n\
             [policy]\nfile = \"policy.toml\"\n",
            self.upstreams.concat(),
            self.rest
        );
        // With no target at home, what may not leave has to be refused by name.
        let refusal = if self.rest.contains("[[model]]") {
            ""
        } else {
            "[[route]]\nname = \"kept\"\nrefuse = \"This may not leave.\"\n"
        };
        let policy = format!(
            "packs = [\"pii\", \"secrets\", \"health\"]\n\n[[route]]\nname = \"all\"\nto = [{}]\n\n{refusal}",
            self.targets.join(", ")
        );
        Setup::new(&config).policy(&policy).start().await
    }
}
