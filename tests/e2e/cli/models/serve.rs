//! Serving what was pulled.

use std::fs;

use hearthgate_tests::configs::{EASY, all_at_home, device_only};
use hearthgate_tests::fake_hub::FakeHub;
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;

use super::{SOURCE, machine, models, place, starter};

#[tokio::test]
async fn a_pulled_model_answers_and_one_that_is_not_is_named_with_its_command() {
    let hub = FakeHub::start().await;
    hub.put("own/models", "m.gguf", &starter().await);
    let config = device_only("hello").replace("scripted:hello", SOURCE);
    let config =
        format!("{config}\n[hub]\nendpoint = \"{}\"\nfolder = \"models\"\nkeep_free_mb = 0\n", hub.url());
    let setup = || Setup::new(&config).policy(&all_at_home());

    let refused = setup().try_start().await.unwrap_err();
    assert_eq!(refused.code, Some(64), "{}", refused.stderr);
    let command = format!("hearthgate models pull {SOURCE} --config hearthgate.toml");
    assert!(refused.stderr.contains(&command), "{}", refused.stderr);
    let checked = setup().command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(checked.code, Some(0), "a policy can be proved without its models: {}", checked.stderr);

    let machine = setup();
    let pulled = models(&machine, &["pull", "device/home", "--config", "hearthgate.toml"]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    let file = machine.folder().join("models/own/models/m.gguf/m.gguf");
    let bytes = fs::read(&file).unwrap();
    let kept = machine.folder().join("models");
    assert!(kept.is_dir() && !place(&machine).exists());

    // The same digest or nothing: a model that was touched since is not loaded.
    let mut touched = bytes.clone();
    let last = touched.len() - 1;
    touched[last] ^= 1;
    fs::write(&file, &touched).unwrap();
    let damaged = machine.command(&["serve", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(damaged.code, Some(64), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("is damaged") && damaged.stderr.contains(&command), "{}", damaged.stderr);

    fs::write(&file, &bytes).unwrap();
    let gateway = machine.start().await;
    let answer = gateway.client().chat(&chat("device/home", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    hub.take_asked();
    gateway.reload("note.txt", "nothing of the configuration");
    gateway.said("configuration reloaded").await;
    assert!(hub.take_asked().is_empty(), "serving never asks a hub");

    fs::remove_dir_all(gateway.folder().join("models")).unwrap();
    gateway.sighup();
    gateway.said("the old configuration stays").await;
    assert_eq!(gateway.client().chat(&chat("device/home", EASY)).await.status, 200);
}

#[tokio::test]
async fn a_split_model_answers_and_not_with_a_part_that_was_touched() {
    let hub = FakeHub::start().await;
    let parts = super::parts::parts(&starter().await);
    for (number, part) in (1..).zip(&parts) {
        hub.put("own/models", &format!("m-{number:05}-of-00003.gguf"), part);
    }
    let source = "hf:own/models/m-00001-of-00003.gguf";
    let config = device_only("hello").replace("scripted:hello", source);
    let config =
        format!("{config}\n[hub]\nendpoint = \"{}\"\nfolder = \"models\"\nkeep_free_mb = 0\n", hub.url());
    let machine = Setup::new(&config).policy(&all_at_home());
    let pulled = models(&machine, &["pull", "device/home", "--config", "hearthgate.toml"]).await;
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);

    let last = machine.folder().join("models").join(&source[3..]).join("m-00003-of-00003.gguf");
    let mut touched = fs::read(&last).unwrap();
    *touched.last_mut().unwrap() ^= 1;
    fs::write(&last, &touched).unwrap();
    let damaged = machine.command(&["serve", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(damaged.code, Some(64), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("the SHA-256 of its part 3 is"), "{}", damaged.stderr);

    fs::write(&last, &parts[2]).unwrap();
    let gateway = machine.start().await;
    let answer = gateway.client().chat(&chat("device/home", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn without_a_file_what_was_pulled_last_takes_the_starters_place() {
    let hub = FakeHub::start().await;
    let weights = starter().await;
    hub.put("own/models", "m.gguf", &weights);
    hub.put("own/models", "n.gguf", &weights);
    let shared = machine(&hub);
    let folder = shared.folder().join("models").display().to_string();
    let shared = shared.env("HEARTHGATE_HUB__FOLDER", &folder);
    let gateway = Setup::new("").env("HEARTHGATE_HUB__FOLDER", &folder).without_file().start().await;
    gateway.said("hearthgate models recommend").await;
    let answered_by = async || {
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.headers["x-hearthgate-target"].to_str().unwrap().to_owned()
    };
    assert_eq!(answered_by().await, "device/starter");

    for (name, others) in [("m", "device/starter"), ("n", "device/m")] {
        assert_eq!(models(&shared, &["pull", &format!("hf:own/models/{name}.gguf")]).await.code, Some(0));
        assert_eq!(answered_by().await, others, "until it is asked to reload");
        gateway.sighup();
        while answered_by().await == others {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(answered_by().await, format!("device/{name}"));
    }
    // The older one is there for whoever names it.
    let named = gateway.client().chat(&chat("device/m", EASY)).await;
    assert_eq!(
        (named.status.as_u16(), &named.headers["x-hearthgate-target"]),
        (200, &"device/m".parse().unwrap())
    );

    // One that is damaged is passed over, and said so.
    fs::write(shared.folder().join("models/own/models/n.gguf/n.gguf"), "cut short").unwrap();
    gateway.sighup();
    gateway.said("not used: ").await;
    while answered_by().await != "device/m" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
