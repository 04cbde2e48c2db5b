//! What `deploy/run` offers the first time: the script as it stands, with stand-ins for compilers and the hub.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearthgate_tests::bounded;
use hearthgate_tests::configs::EASY;
use hearthgate_tests::fake_hub::{FakeHub, Fault, Manner};
use hearthgate_tests::gateway::{Gateway, Setup, binary};
use hearthgate_tests::openai::chat;

use super::{SOURCE, machine, models, starter};

const OFFER: &str = "pull hf:own/models/m.gguf now, in the background? [y/N]";

/// `deploy/run` on a machine that was never used.
fn first_start(hub: &FakeHub) -> Setup {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let stand_ins = tests.join("e2e/cli/models/stand-ins");
    let machine = machine(hub).without_file();
    let target = machine.folder().join("target");
    fs::create_dir_all(target.join("release")).unwrap();
    symlink(stand_ins.join("hearthgate"), target.join("release/hearthgate")).unwrap();
    let path = std::env::join_paths(
        [stand_ins].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let script: PathBuf = tests.parent().unwrap().join("deploy/run");
    // What the gateway would be given as arguments is the name of the shell's command, and no argument of the script.
    machine
        .env("PATH", path.unwrap().to_str().unwrap())
        .env("CARGO_TARGET_DIR", target.to_str().unwrap())
        .env("HEARTHGATE_BIN", binary().to_str().unwrap())
        .program(&["sh", "-c", &format!("exec '{}'", script.display())])
}

async fn hub() -> FakeHub {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &starter().await);
    hub
}

async fn answered_by(gateway: &Gateway) -> String {
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.headers["x-hearthgate-target"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_says_yes_is_answered_by_the_starter_until_the_model_is_there() {
    let hub = hub().await;
    let stalled =
        Manner { redirect: false, faults: vec![Fault::None, Fault::Stall(10)], ..Manner::default() };
    hub.set(stalled);
    let machine = first_start(&hub).env("HEARTHGATE_HUB__STALL_TIMEOUT_MS", "60000").terminal("y\n");
    let gateway = machine.start().await;
    gateway.said(OFFER).await;
    hub.stalled(1).await;
    assert_eq!(answered_by(&gateway).await, "device/starter");
    hub.release();
    let taken_over = async {
        while answered_by(&gateway).await == "device/starter" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    bounded("the model to take the starter's place", taken_over).await;
    assert_eq!(answered_by(&gateway).await, "device/m");
    gateway.said("Hearthgate is ready").await;
}

#[tokio::test]
async fn whoever_says_no_or_is_not_there_pulls_nothing() {
    let hub = hub().await;
    let large_alone = first_start(&hub).env("LARGE_ALONE", "1");
    for (setup, asked) in
        [(first_start(&hub).terminal("\n"), true), (first_start(&hub), false), (large_alone, false)]
    {
        let gateway = setup.start().await;
        assert_eq!(answered_by(&gateway).await, "device/starter");
        gateway.said("Hearthgate is ready").await;
        gateway.sigterm();
        let ended = gateway.finished().await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("this machine suits hf:own/models/m.gguf"), "{}", ended.stderr);
        assert_eq!(ended.stderr.contains(OFFER), asked, "{}", ended.stderr);
        let looks = hub.take_asked();
        assert!(looks.iter().all(|asked| asked.target == "/"), "{looks:?}");
    }
}

#[tokio::test]
async fn nothing_is_offered_where_a_model_is_there_or_no_hub_can_be_reached() {
    let hub = hub().await;
    let other = machine(&hub);
    let folder = other.folder().join("models").display().to_string();
    let other = other.env("HEARTHGATE_HUB__FOLDER", &folder);
    let pulled = models(&other, &["pull", SOURCE]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    hub.take_asked();
    let there = first_start(&hub).env("HEARTHGATE_HUB__FOLDER", &folder);
    let lonely = first_start(&hub).env("HF_ENDPOINT", "http://127.0.0.1:1");
    let told_not_to = first_start(&hub).env("HF_HUB_OFFLINE", "1");
    for (setup, target) in [(there, "device/m"), (lonely, "device/starter"), (told_not_to, "device/starter")]
    {
        let gateway = setup.terminal("y\n").start().await;
        assert_eq!(answered_by(&gateway).await, target);
        gateway.said("Hearthgate is ready").await;
        gateway.sigterm();
        let said = gateway.finished().await.stderr;
        assert!(!said.contains("measuring") && !said.contains("this machine suits"), "{said}");
    }
    assert!(hub.take_asked().is_empty());
}
