//! `check`: parse, prove, print the table.

use hearthgate_tests::configs::hard_to_cloud;
use hearthgate_tests::gateway::Setup;
use serde_json::Value;

use super::{repository, setup};

const CHECK: [&str; 3] = ["check", "--config", "hearthgate.toml"];

#[tokio::test]
async fn the_example_files_are_good() {
    let config = repository("deploy/hearthgate.toml");
    let setup = Setup::new("").env("OPENAI_API_KEY", "x");
    let checked = setup.command(&["check", "--config", config.to_str().unwrap()], b"").await;
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    for words in
        ["frontier-for-hard", "frontier/gpt-5.1", "device/starter", "restricted", "never \"restricted\""]
    {
        assert!(checked.stdout.contains(words), "{words}: {}", checked.stdout);
    }
    for words in [
        "  claims-letters: no further than device, at least confidential\n",
        "  architecture-review: deliberate, and the policy asks for it\n",
        "  autocomplete: no further than device, quick, begun within 300 ms\n",
    ] {
        assert!(checked.stdout.contains(words), "{words}: {}", checked.stdout);
    }
    let without_key = Setup::new("").command(&["check", "--config", config.to_str().unwrap()], b"").await;
    assert_eq!(without_key.code, Some(64));
    assert!(without_key.stderr.contains("OPENAI_API_KEY"), "{}", without_key.stderr);
}

#[tokio::test]
async fn the_default_configuration_is_good_with_and_without_clouds() {
    let home = Setup::new("").command(&["check"], b"").await;
    assert_eq!(home.code, Some(0), "{}", home.stderr);
    assert!(home.stdout.contains("device/starter") && !home.stdout.contains("openai/"), "{}", home.stdout);
    let (before, known) = home.stdout.split_once("good to know").expect("what holds without need");
    assert!(known.contains("never \"restricted\" beyond \"device\"` holds because there is no such target"));
    assert!(!before.contains("no such target"), "{before}");
    let with_key = Setup::new("").env("OPENAI_API_KEY", "sk-not-shown").command(&["check"], b"").await;
    assert_eq!(with_key.code, Some(0), "{}", with_key.stderr);
    assert!(with_key.stdout.contains("openai/gpt-5.1"), "{}", with_key.stdout);
    assert!(!(with_key.stdout + &with_key.stderr).contains("sk-not-shown"));
    let local_only = Setup::new("")
        .env("OPENAI_API_KEY", "x")
        .env("HEARTHGATE_SERVER__OUTERMOST_ZONE", "device")
        .command(&["check"], b"")
        .await;
    assert_eq!(local_only.code, Some(0), "{}", local_only.stderr);
    assert!(!local_only.stdout.contains("within cloud"), "{}", local_only.stdout);
}

#[tokio::test]
async fn a_broken_policy_is_refused_with_a_case_that_shows_it() {
    let open = format!("{}\n[ceiling]\nrestricted = \"cloud\"\nconfidential = \"cloud\"\n", hard_to_cloud());
    let invariants = ["never \"restricted\" beyond \"device\"", "never \"card\" beyond \"premises\""];
    for invariant in invariants {
        let broken = format!("{open}\n[[invariant]]\ntext = '{invariant}'\n");
        let checked = setup(&broken).command(&CHECK, b"").await;
        assert_eq!(checked.code, Some(64), "{}", checked.stdout);
        assert!(checked.stdout.contains(invariant), "{}", checked.stdout);
        let line = checked.stdout.lines().find(|line| line.starts_with('{')).expect("a case to paste");

        // Under the very policy that was refused, the case is decided as the proof says.
        let explained = setup(&broken)
            .command(&["explain", "--jsonl", "--config", "hearthgate.toml"], line.as_bytes())
            .await;
        assert_eq!(explained.code, Some(0), "{}", explained.stderr);
        let decided: Value = serde_json::from_str(&explained.stdout).unwrap();
        assert_eq!(decided["zone"], "cloud", "{decided}");
        if invariant.contains("restricted") {
            assert_eq!(decided["label"], "restricted", "{decided}");
        } else {
            assert!(decided["findings"].to_string().contains("\"card\""), "{decided}");
        }
        let sentence = checked.stdout.lines().find(|line| line.contains("may reach")).expect("a sentence");
        assert!(sentence.contains(decided["target"].as_str().unwrap()), "{sentence}");
        assert!(sentence.contains(decided["rule"].as_str().unwrap()), "{sentence}");

        let refused = setup(&broken).try_start().await.unwrap_err();
        assert_eq!(refused.code, Some(64));
        assert!(refused.stderr.contains(invariant), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn a_policy_without_an_end_is_refused() {
    let open_end = "packs = [\"pii\"]\n\n[[route]]\nname = \"only-hard\"\nwhen = { band = \"hard\" }\nto = [\"device/*\"]\n";
    let checked = setup(open_end).command(&CHECK, b"").await;
    assert_eq!(checked.code, Some(64), "{}", checked.stdout);
    let line = checked.stdout.lines().find(|line| line.starts_with('{')).expect("a case to paste");
    assert!(serde_json::from_str::<Value>(line).is_ok());
}

#[tokio::test]
async fn a_slip_of_the_pen_is_named_with_its_place_and_its_mend() {
    let good = hard_to_cloud();
    let policies = [
        (good.replace("packs", "pakcs"), "packs"),
        (good.replace("\"secrets\"", "\"secret\""), "secrets"),
        (good.replace("\"easy\"", "\"eazy\""), "easy"),
        (good.replace("[\"device/*\"]", "[\"devise/*\"]"), "device"),
        (good.replace("effort = \"quick\"", "efort = \"quick\""), "effort"),
        (good.replace("\"quick\"", "\"quik\""), "quick"),
        (format!("{good}\n[ceiling]\nrestricted = \"devcie\"\n"), "device"),
        (format!("{good}\n[ceiling]\nresticted = \"device\"\n"), "restricted"),
    ];
    for (policy, mend) in policies {
        let checked = setup(&policy).command(&CHECK, b"").await;
        assert_eq!(checked.code, Some(64), "{mend}: {}", checked.stdout);
        assert!(checked.stderr.contains(mend), "{mend}: {}", checked.stderr);
        assert!(checked.stderr.contains("policy.toml"), "{mend}: {}", checked.stderr);
    }
    let config = hearthgate_tests::configs::home_and_cloud("hello", "http://127.0.0.1:9/v1")
        .replace("scripted:hello", "bundled:starter");
    let configs = [
        (config.replace("[server]", "[sever]"), "server"),
        (config.replace("admin_listen", "admin_lisen"), "admin_listen"),
        (config.replace("zone = \"cloud\"", "zone = \"clod\""), "cloud"),
        (config.replace("bundled:starter", "bundled:starer"), "starter"),
        (config.replace("base_url", "base_ur"), "base_url"),
        (config.replace("target = \"cloud/", "target = \"clod/"), "cloud/"),
    ];
    for (config, mend) in configs {
        let checked = Setup::new(&config).policy(&good).command(&CHECK, b"").await;
        assert_eq!(checked.code, Some(64), "{mend}: {}", checked.stdout);
        assert!(checked.stderr.contains(mend), "{mend}: {}", checked.stderr);
    }
    let variable = setup(&good).env("HEARTHGATE_SERVER__LISEN", "127.0.0.1:0").command(&CHECK, b"").await;
    assert_eq!(variable.code, Some(64), "{}", variable.stdout);
    let said = variable.stderr.to_lowercase();
    assert!(said.contains("hearthgate_server__lisen") && said.contains("listen"), "{}", variable.stderr);
    let nowhere = Setup::new("").command(&["check", "--config", "no-such-file.toml"], b"").await;
    assert_eq!(nowhere.code, Some(64));
    assert!(nowhere.stderr.contains("no-such-file.toml"), "{}", nowhere.stderr);
}
