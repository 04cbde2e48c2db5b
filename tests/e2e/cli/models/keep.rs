//! What is kept: listed, shown, verified, removed.

use std::fs;

use hearthgate_tests::fake_hub::{FakeHub, noise};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::golden;
use serde_json::Value;

use super::{SOURCE, folder, machine, models, names, place, starter};

/// What differs from run to run put out of sight.
fn masked(setup: &Setup, json: &str) -> String {
    let home = setup.folder().display().to_string();
    let shown: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    // As it was written: another order of keys is another form.
    let at = shown.pointer("/pulled/pulled_at").and_then(Value::as_str).unwrap_or("never");
    json.replace(at, "TIME").replace(&home, "HOME")
}

#[tokio::test]
async fn lists_and_pages_keep_their_form() {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &tiny());
    let config = format!(
        "[[model]]\nname = \"own\"\nsource = \"{SOURCE}\"\n\n[[model]]\nname = \"small\"\nsource = \"bundled:starter\"\n"
    );
    let setup = machine(&hub).file("hearthgate.toml", &config);
    let with = |arguments: &[&'static str]| [arguments, &["--json", "--config", "hearthgate.toml"]].concat();
    assert_eq!(models(&setup, &["pull", SOURCE]).await.code, Some(0));
    for (name, arguments) in [
        ("list-pulled.models.json", &["list", "--pulled"][..]),
        ("show-pulled.models.json", &["show", "own"]),
        ("show-known.models.json", &["show", "qwen3-4b"]),
    ] {
        let said = models(&setup, &with(arguments)).await;
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        golden::check(name, masked(&setup, &said.stdout).as_bytes());
    }
}

/// A file that says of itself that it is a model, and is too short to be one.
fn tiny() -> Vec<u8> {
    b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()
}

#[tokio::test]
async fn the_list_names_what_is_here_and_what_could_be() {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &noise(1, 9000));
    let machine = machine(&hub);
    let fresh = models(&machine, &["list"]).await;
    assert_eq!(fresh.code, Some(0), "{}", fresh.stderr);
    for words in ["starter", "= device/starter", "qwen3-0.6b", "639.4 MB", "coder", "gated", "Apache-2.0"] {
        assert!(fresh.stdout.contains(words), "{words}: {}", fresh.stdout);
    }
    assert_eq!(models(&machine, &["pull", SOURCE]).await.code, Some(0));
    let pulled = models(&machine, &["list", "--pulled"]).await;
    assert!(pulled.stdout.contains(SOURCE) && pulled.stdout.contains("9.0 kB"), "{}", pulled.stdout);
    assert!(!pulled.stdout.contains("qwen3-0.6b"), "{}", pulled.stdout);
}

#[tokio::test]
async fn a_page_tells_what_a_model_is_and_can_do() {
    let starter = starter().await;
    let setup = Setup::new("");
    fs::write(setup.folder().join("own.gguf"), &starter).unwrap();
    for name in ["own.gguf", "starter", "device/starter"] {
        let shown = models(&setup, &["show", name]).await;
        assert_eq!(shown.code, Some(0), "{}", shown.stderr);
        for words in ["architecture", "parameters", "context", "template"] {
            assert!(shown.stdout.contains(words), "{name}: {words}: {}", shown.stdout);
        }
    }
    let known = models(&setup, &["show", "gpt-oss-20b"]).await;
    for words in ["reasoning_effort", "12.1 GB", "hearthgate models pull gpt-oss-20b"] {
        assert!(known.stdout.contains(words), "{words}: {}", known.stdout);
    }
    fs::write(setup.folder().join("odd.gguf"), b"<html>").unwrap();
    let odd = models(&setup, &["show", "odd.gguf"]).await;
    assert!(odd.stdout.contains("web page"), "{}", odd.stdout);
}

#[tokio::test]
async fn a_damaged_file_is_found_and_mended() {
    let hub = FakeHub::start().await;
    let bytes = noise(1, 9000);
    hub.put("own/models", "m.gguf", &bytes);
    hub.put("own/models", "other.gguf", &bytes);
    let machine = machine(&hub);
    assert_eq!(models(&machine, &["pull", SOURCE, "hf:own/models/other.gguf"]).await.code, Some(0));
    let sound = models(&machine, &["verify"]).await;
    assert_eq!(sound.code, Some(0), "{}", sound.stdout);
    assert_eq!(sound.stdout.matches(": sound").count(), 2, "{}", sound.stdout);

    let file = place(&machine).join("m.gguf");
    let mut damaged = bytes.clone();
    damaged[4000] ^= 1;
    for (damage, words) in
        [(damaged, "has the SHA-256"), (bytes[..8999].to_vec(), "has 8999 bytes and had 9000")]
    {
        fs::write(&file, &damage).unwrap();
        let found = models(&machine, &["verify"]).await;
        assert_eq!(found.code, Some(1), "{}", found.stdout);
        assert!(found.stdout.contains(words), "{words}: {}", found.stdout);
        assert!(found.stdout.contains("other.gguf: sound"), "{}", found.stdout);
        let mended = models(&machine, &["pull", SOURCE]).await;
        assert_eq!(mended.code, Some(0), "{}", mended.stderr);
        assert!(fs::read(&file).unwrap() == bytes);
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(models(&machine, &["verify", SOURCE]).await.code, Some(1));
}

#[tokio::test]
async fn what_is_removed_is_gone_and_what_is_used_stays() {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &noise(1, 9000));
    let config = format!("[[model]]\nname = \"own\"\nsource = \"{SOURCE}\"\n");
    let setup = machine(&hub).file("hearthgate.toml", &config);
    assert_eq!(models(&setup, &["pull", SOURCE]).await.code, Some(0));
    let used = models(&setup, &["remove", SOURCE, "--config", "hearthgate.toml"]).await;
    assert_eq!(used.code, Some(1), "{}", used.stdout);
    assert!(used.stderr.contains("device/own") && place(&setup).exists(), "{}", used.stderr);

    let removed = models(&setup, &["remove", SOURCE]).await;
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    assert_eq!(names(&folder(&setup)), [".locks"]);
    let again = models(&setup, &["remove", SOURCE]).await;
    assert_eq!(again.code, Some(1), "{}", again.stdout);
    assert!(again.stderr.contains("is not pulled"), "{}", again.stderr);
    assert_eq!(models(&setup, &["remove", "starter"]).await.code, Some(64));
}

/// The machine is measured, and every figure is told; which ones they are is the machine's own affair.
#[tokio::test]
async fn a_machine_is_told_what_suits_it() {
    let hub = FakeHub::start().await;
    let said = models(&machine(&hub), &["recommend", "--json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let advice: Value = serde_json::from_str(&said.stdout).unwrap();
    // So `deploy/run` reads it, which has no reader of JSON.
    assert!(said.stdout.lines().any(|line| line.starts_with("  \"small\": ")), "{}", said.stdout);
    assert!(advice["machine"]["decode_gb_per_s"].as_f64().unwrap() > 0.0, "{advice}");
    for key in ["cards", "cards_not_used"] {
        assert!(advice["machine"][key].is_array(), "{advice}");
    }
    let models = advice["models"].as_array().unwrap();
    assert!(models.len() > 10, "{advice}");
    for pair in models.windows(2) {
        assert!(pair[0]["memory_bytes"].as_u64() <= pair[1]["memory_bytes"].as_u64());
    }
    let named = |key: &str| advice[key].as_str().map(str::to_owned);
    for name in [named("small"), named("large")].into_iter().flatten() {
        assert!(models.iter().any(|model| model["name"] == name.as_str() && model["fits"] == true), "{name}");
    }
    assert!(hub.take_asked().is_empty(), "no hub is asked");
}
