//! What the program says of itself.

use hearthgate_tests::gateway::Setup;

#[tokio::test]
async fn every_command_explains_itself() {
    let commands: [&[&str]; 18] = [
        &[],
        &["serve"],
        &["check"],
        &["explain"],
        &["test"],
        &["replay"],
        &["eval"],
        &["calibrate"],
        &["demo"],
        &["audit"],
        &["audit", "verify"],
        &["audit", "show"],
        &["models"],
        &["models", "list"],
        &["models", "show"],
        &["models", "pull"],
        &["models", "verify"],
        &["models", "remove"],
    ];
    for command in commands {
        let said = Setup::new("").command(&[command, &["--help"]].concat(), b"").await;
        assert_eq!(said.code, Some(0), "{command:?}: {}", said.stderr);
        assert!(said.stdout.contains("Usage:") && said.stdout.len() > 200, "{command:?}: {}", said.stdout);
        assert!(command.is_empty() || said.stdout.contains("--config"), "{command:?}");
        for name in command {
            assert!(said.stdout.contains(name), "{command:?}");
        }
    }
    let all = Setup::new("").command(&["--help"], b"").await.stdout;
    for name in
        ["serve", "check", "explain", "test", "replay", "eval", "calibrate", "demo", "models", "audit"]
    {
        assert!(all.contains(name), "{name}: {all}");
    }
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense_is_told_so() {
    let lines: [&[&str]; 19] = [
        &[],
        &["srve"],
        &["serve", "--confg", "x"],
        &["explain"],
        &["explain", "--jsonl", "a prompt"],
        &["test"],
        &["replay"],
        &["eval"],
        &["eval", "--resamples", "5", "x.jsonl"],
        &["eval", "--at-least", "agreement", "x.jsonl"],
        &["calibrate", "x.jsonl"],
        &["calibrate", "--cloud-share", "NaN", "x.jsonl"],
        &["calibrate", "--cloud-share", "0.3", "--quality", "0.9", "x.jsonl"],
        &["calibrate", "--budget-usd-per-month", "5", "x.jsonl"],
        &["calibrate", "--cloud-share", "0.3", "--requests-max", "5", "x.jsonl"],
        &["calibrate", "--table", "home", "--svg", "x.svg", "x.jsonl"],
        &["audit", "show", "--zone", "mars"],
        &["models", "pull"],
        &["models", "show"],
    ];
    for line in lines {
        let said = Setup::new("").command(line, b"").await;
        assert_eq!(said.code, Some(2), "{line:?}: {}{}", said.stdout, said.stderr);
        assert!(
            said.stderr.contains("Usage:") || said.stderr.contains("--help"),
            "{line:?}: {}",
            said.stderr
        );
    }
    let misspelt = Setup::new("").command(&["srve"], b"").await;
    assert!(misspelt.stderr.contains("serve"), "{}", misspelt.stderr);
}

#[tokio::test]
async fn it_says_its_version() {
    let said = Setup::new("").command(&["--version"], b"").await;
    assert_eq!((said.code, said.stdout.trim()), (Some(0), concat!("hearthgate ", env!("CARGO_PKG_VERSION"))));
}
