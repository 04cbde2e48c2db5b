//! What a pull refuses, and in which words.

use std::fs;

use hearthgate_tests::fake_hub::{FakeHub, Fault, Manner, noise, sha256};
use hearthgate_tests::gateway::{Finished, Setup};

use super::{BYTES, SOURCE, TOKEN, folder, machine, models, names, place};

async fn refused(manner: Manner, machine: impl FnOnce(Setup) -> Setup) -> (Finished, Setup) {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &noise(1, BYTES));
    hub.set(manner);
    let machine = machine(super::machine(&hub)).env("HEARTHGATE_HUB__RETRIES", "1");
    let finished = models(&machine, &["pull", SOURCE]).await;
    assert_eq!(finished.code, Some(1), "{}{}", finished.stdout, finished.stderr);
    assert!(!place(&machine).join("m.gguf").exists() && !place(&machine).join("manifest.json").exists());
    (finished, machine)
}

#[tokio::test]
async fn a_hub_that_lies_about_the_size_is_not_believed() {
    for said in [BYTES - 1, BYTES + 1] {
        let (finished, _) =
            refused(Manner { bytes_said: Some(said), ..Manner::default() }, |setup| setup).await;
        assert!(finished.stderr.contains(&format!("has {said} bytes")), "{}", finished.stderr);
        assert!(finished.stderr.contains(&format!("says {BYTES}")), "{}", finished.stderr);
    }
}

#[tokio::test]
async fn what_has_another_digest_is_thrown_away() {
    let other = sha256(b"another file");
    let lying = Manner { digest_said: Some(other.clone()), ..Manner::default() };
    let damaged = Manner { faults: vec![Fault::Flip], ..Manner::default() };
    for manner in [lying, damaged] {
        let (finished, machine) = refused(manner, |setup| setup).await;
        assert!(finished.stderr.contains("thrown away"), "{}", finished.stderr);
        assert!(names(&place(&machine)).is_empty(), "{:?}", names(&place(&machine)));
    }
}

#[tokio::test]
async fn what_the_catalogue_knows_otherwise_is_refused_under_its_name() {
    let hub = FakeHub::start().await;
    hub.put("Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", &noise(1, 9000));
    let machine = machine(&hub);
    let refused = models(&machine, &["pull", "qwen3-0.6b"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("this program's catalogue"), "{}", refused.stderr);
    assert_eq!(hub.take_sent(), 0);
    let meant = models(&machine, &["pull", "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf"]).await;
    assert_eq!(meant.code, Some(0), "{}", meant.stderr);
    assert!(
        meant.stderr.contains("another file than the one in this program's catalogue"),
        "{}",
        meant.stderr
    );
    assert!(meant.stdout.contains("as the hub says"), "{}", meant.stdout);
}

#[tokio::test]
async fn a_gated_model_says_what_to_do() {
    let gated = || Manner { token: Some(TOKEN.to_owned()), ..Manner::default() };
    let (nobody, _) = refused(gated(), |setup| setup.env("HF_TOKEN", "")).await;
    for words in ["gated", "own/models", "/settings/tokens", "HF_TOKEN"] {
        assert!(nobody.stderr.contains(words), "{words}: {}", nobody.stderr);
    }
    let (stranger, _) = refused(gated(), |setup| setup.env("HF_TOKEN", "hf_canary-of-a-token-2")).await;
    assert!(stranger.stderr.contains("accept its licence"), "{}", stranger.stderr);
    let with = |status, code: &str| Manner { refusal: Some((status, code.to_owned())), ..Manner::default() };
    let (old, _) = refused(with(401, ""), |setup| setup).await;
    assert!(old.stderr.contains("does not take the token"), "{}", old.stderr);
    let (private, _) = refused(with(401, "RepoNotFound"), |setup| setup.env("HF_TOKEN", "")).await;
    assert!(private.stderr.contains("is private"), "{}", private.stderr);
    let (down, _) = refused(with(500, ""), |setup| setup).await;
    assert!(down.stderr.contains("status 500; try again later"), "{}", down.stderr);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &noise(1, 9));
    let machine = machine(&hub);
    for (source, words) in [
        ("hf:own/models/n.gguf", "no file `n.gguf`"),
        ("hf:own/models@v2/m.gguf", "no revision `v2`"),
        ("hf:own/others/m.gguf", "is not there, or is private"),
    ] {
        let refused = models(&machine, &["pull", source]).await;
        assert_eq!(refused.code, Some(1), "{source}: {}", refused.stdout);
        assert!(refused.stderr.contains(words), "{source}: {}", refused.stderr);
    }
    assert!(names(&folder(&machine).join("own/models")).is_empty(), "nothing is left of what is not there");
    for (name, words) in
        [("qwen3-06b", "did you mean `qwen3-0.6b`"), ("hf:own/models/../x.gguf", "not a name")]
    {
        let unknown = models(&machine, &["pull", name]).await;
        assert_eq!(unknown.code, Some(64), "{name}: {}", unknown.stdout);
        assert!(unknown.stderr.contains(words), "{name}: {}", unknown.stderr);
    }
}

#[tokio::test]
async fn no_redirect_leads_to_where_others_can_listen() {
    for location in
        ["http://store.example/m.gguf", "ftp://store.example/m", "https://user:pass@store.example/m", "::"]
    {
        let manner = Manner { location: Some(location.to_owned()), ..Manner::default() };
        let (finished, _) = refused(manner, |setup| setup).await;
        assert!(finished.stderr.contains("redirects to"), "{location}: {}", finished.stderr);
        assert!(!finished.stderr.contains("pass"), "{}", finished.stderr);
    }
    let circle = Manner { location: Some("/own/models/resolve/main/m.gguf".to_owned()), ..Manner::default() };
    let (finished, _) = refused(circle, |setup| setup).await;
    assert!(finished.stderr.contains("in a circle"), "{}", finished.stderr);
}

#[tokio::test]
async fn a_hub_without_tls_is_refused_unless_it_is_on_this_machine() {
    let config =
        "[hub]\nendpoint = \"http://hub.example\"\n\n[[model]]\nname = \"m\"\nsource = \"bundled:starter\"\n";
    let refused = Setup::new(config).command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(refused.code, Some(64), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("`hub.endpoint`") && refused.stderr.contains("https://"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn a_disk_that_is_too_small_is_noticed_before_anything_is_written() {
    let keep = |setup: Setup| setup.env("HEARTHGATE_HUB__KEEP_FREE_MB", "1000000000000");
    let (finished, machine) = refused(Manner::default(), keep).await;
    for words in ["bytes free", "are needed", "keep_free_mb"] {
        assert!(finished.stderr.contains(words), "{words}: {}", finished.stderr);
    }
    assert!(names(&place(&machine)).is_empty());
}

#[tokio::test]
async fn without_a_hub_it_says_what_to_place_where_and_takes_that_in() {
    let nowhere = Setup::new("").env("HF_ENDPOINT", "http://127.0.0.1:9").env("HEARTHGATE_HUB__RETRIES", "0");
    let offline = Setup::new("").env("HF_HUB_OFFLINE", "1");
    for machine in [nowhere, offline] {
        let refused = models(&machine, &["pull", SOURCE]).await;
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        let target = place(&machine).join("m.gguf");
        assert!(refused.stderr.contains("/own/models/resolve/main/m.gguf\n"), "{}", refused.stderr);
        assert!(refused.stderr.contains(&target.display().to_string()), "{}", refused.stderr);

        fs::create_dir_all(place(&machine)).unwrap();
        fs::write(&target, noise(1, 9000)).unwrap();
        let placed = models(&machine, &["pull", SOURCE]).await;
        assert_eq!(placed.code, Some(0), "{}", placed.stderr);
        assert!(placed.stdout.contains("taken in from what was placed"), "{}", placed.stdout);
        assert!(placed.stdout.contains("nobody told its digest"), "{}", placed.stdout);
        let again = models(&machine, &["pull", SOURCE]).await;
        assert!(again.stdout.contains("was not asked"), "{}", again.stdout);
        fs::write(&target, noise(2, 9000)).unwrap();
        let damaged = models(&machine, &["pull", SOURCE]).await;
        assert_eq!(damaged.code, Some(1), "{}", damaged.stdout);
        assert!(damaged.stderr.contains("is damaged"), "{}", damaged.stderr);
    }
}
