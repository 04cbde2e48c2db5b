//! Configurations that many tests start from.

use crate::openai::MODEL;

/// One upstream, `cloud`, in zone cloud, with the fake cloud's model; both ports chosen by the system.
#[must_use]
pub fn one_cloud(base_url: &str) -> String {
    format!(
        "[server]
listen = \"127.0.0.1:0\"
admin_listen = \"127.0.0.1:0\"

[[upstream]]
name = \"cloud\"
zone = \"cloud\"
dialect = \"openai\"
base_url = \"{base_url}\"
models = [\"{MODEL}\"]

[policy]
file = \"policy.toml\"
"
    )
}

/// One upstream, `cloud`, that speaks Anthropic's dialect.
#[must_use]
pub fn one_anthropic(base_url: &str) -> String {
    one_cloud(base_url).replace("dialect = \"openai\"", "dialect = \"anthropic\"")
}

/// One upstream, `cloud`, that speaks Gemini's own API.
#[must_use]
pub fn one_gemini(base_url: &str) -> String {
    one_cloud(base_url).replace("dialect = \"openai\"", "dialect = \"gemini\"")
}

/// One upstream, `cloud`, that is AWS Bedrock; its requests are signed with the keys of an example.
#[must_use]
pub fn one_bedrock(base_url: &str) -> String {
    let keys = "dialect = \"bedrock\"\naws_region = \"eu-central-1\"\naws_access_key_id = \"AKIDEXAMPLE\"\n\
                aws_secret_access_key = \"of-an-example\"";
    one_cloud(base_url).replace("dialect = \"openai\"", keys)
}

/// Every detector; whatever is let out goes to `cloud`, and nothing answers at home.
#[must_use]
pub fn all_to_cloud() -> String {
    format!(
        "packs = [\"pii\", \"secrets\", \"health\"]

[[route]]
name = \"all\"
to = [\"cloud/{MODEL}\"]
"
    )
}

/// One model on the device, `device/home`, that follows a script of the gateway's test engine; both ports
/// chosen by the system; the decision record in `audit.jsonl`.
#[must_use]
pub fn device_only(script: &str) -> String {
    format!(
        "[server]
listen = \"127.0.0.1:0\"
admin_listen = \"127.0.0.1:0\"

[[model]]
name = \"home\"
source = \"scripted:{script}\"

[audit]
file = \"audit.jsonl\"

[policy]
file = \"policy.toml\"
"
    )
}

/// The same, and one upstream `cloud` in zone cloud that is told the effort; both with prices.
#[must_use]
pub fn home_and_cloud(script: &str, base_url: &str) -> String {
    format!(
        "{}
[[upstream]]
name = \"cloud\"
zone = \"cloud\"
dialect = \"openai\"
base_url = \"{base_url}\"
models = [\"{MODEL}\"]
effort_field = \"reasoning_effort\"

[[price]]
target = \"cloud/{MODEL}\"
input_usd_per_million = 2.0
output_usd_per_million = 10.0

[[price]]
target = \"device/home\"
input_usd_per_million = 0.0
output_usd_per_million = 0.0
",
        device_only(script)
    )
}

/// Further keys for the `[server]` section of one of these configurations.
#[must_use]
pub fn with_server(config: &str, keys: &str) -> String {
    config.replacen("[server]\n", &format!("[server]\n{keys}\n"), 1)
}

/// A client key of this name, with further keys of its section; the key itself is `key-of-NAME`.
#[must_use]
pub fn client_key(name: &str, keys: &str) -> String {
    format!("\n[[key]]\nname = \"{name}\"\nsha256 = \"{}\"\n{keys}\n", sha256(&format!("key-of-{name}")))
}

/// As the product's own policy: hard requests to the cloud, the rest at home.
#[must_use]
pub fn hard_to_cloud() -> String {
    "packs = [\"pii\", \"secrets\", \"health\"]

[[route]]
name = \"frontier-for-hard\"
when = { band = \"hard\" }
to = [\"zone:cloud\", \"device/*\"]
effort = \"deliberate\"

[[route]]
name = \"quick-at-home\"
when = { band = \"easy\" }
to = [\"device/*\"]
effort = \"quick\"

[[route]]
name = \"otherwise\"
to = [\"device/*\"]
effort = \"deliberate\"
"
    .to_owned()
}

/// Every detector; everything that may goes out, the rest is answered at home.
#[must_use]
pub fn cloud_first() -> String {
    "packs = [\"pii\", \"secrets\", \"health\"]

[[route]]
name = \"out-if-it-may\"
to = [\"zone:cloud\", \"device/*\"]
"
    .to_owned()
}

/// Every detector; everything is answered at home.
#[must_use]
pub fn all_at_home() -> String {
    "packs = [\"pii\", \"secrets\", \"health\"]\n\n[[route]]\nname = \"all\"\nto = [\"device/*\"]\n"
        .to_owned()
}

/// A harmless request that no gateway should find easy.
pub const HARD: &str = "Prove that there are infinitely many primes of the form 4k + 3. Then generalise: for \
    which residues a modulo m does an elementary argument of this kind work, and why does it fail for the \
    others? Derive each step, compare two approaches, and analyse where the argument breaks down.";

/// A harmless request that no gateway should find hard.
pub const EASY: &str = "What is the capital of France?";

/// A request that must stay on the device, with the card number that says so.
pub const PRIVATE: &str = "Charge the card 4539 1488 0341 0009 for the room.";

/// The SHA-256 of a text in hex, as configurations want it.
#[must_use]
pub fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
