//! Two models on the device, and what speaks of code goes to one of them.

use hearthgate_tests::configs::device_only;
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;
use serde_json::{Value, json};

const CODER: &str = "\n[[model]]\nname = \"coder\"\nsource = \"scripted:hello\"\n";

const POLICY: &str = "packs = [\"pii\"]\n[[route]]\nname = \"code-at-home\"\nwhen = { code = true }\n\
    to = [\"device/coder\", \"device/home\"]\n[[route]]\nname = \"otherwise\"\nto = [\"device/home\"]\n";

const PROGRAM: &str =
    "Why does this never end?\n```python\nwhile n != 1:\n    n = n // 2 if n % 2 else 3 * n\n```";
const FILM: &str = "Write the first scene of a script for a film about a lighthouse keeper.";

#[tokio::test]
async fn what_speaks_of_code_goes_to_the_coder_and_the_record_tells() {
    let setup = Setup::new(&(device_only("hello") + CODER)).policy(POLICY);
    let mut gateway = setup.start().await;
    let client = gateway.client();
    let headers = ["x-hearthgate-target", "x-hearthgate-rule"];
    for (text, told) in [
        (PROGRAM, ["device/coder", "code-at-home"]),
        (FILM, ["device/home", "otherwise"]),
        ("How do I sort a list in Python?", ["device/coder", "code-at-home"]),
        // Privacy comes first: a label is given all the same.
        (
            "Sort these in Python: maria.keller@keller-bakery.de, ann@keller-bakery.de",
            ["device/coder", "code-at-home"],
        ),
    ] {
        let answer = client.chat(&chat("auto", text)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(headers.map(|name| answer.header(name)), told, "{text}");
        let messages = json!([{"role": "user", "content": text}]);
        let anthropic = json!({"model": "auto", "max_tokens": 64, "messages": messages});
        let responses = json!({"model": "auto", "store": false, "input": messages});
        for (path, body) in [("/v1/messages", anthropic), ("/v1/responses", responses)] {
            let answer = client.post(path, &body).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert_eq!(headers.map(|name| answer.header(name)), told, "{path}: {text}");
        }
    }

    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> =
        lines.filter(|line| line["kind"] == "decision").map(|line| line["code"].clone()).collect();
    assert_eq!(told, [[true; 3], [false; 3], [true; 3], [true; 3]].concat());
    assert!(!record.contains("lighthouse") && !record.contains("while n"), "the record holds no text");
}

#[tokio::test]
async fn the_commands_tell_what_the_gateway_does() {
    let setup = Setup::new(&(device_only("hello") + CODER))
        .policy(POLICY)
        .file("cases.toml", "[[case]]\nname = \"a film\"\nprompt = \"The script of a film, please.\"\nexpect = { code = false }\n\
            [[case]]\nname = \"a program\"\nprompt = \"A regex for dates, please.\"\nexpect = { code = true, target = \"device/coder\" }\n");
    let explained = setup.command(&["explain", "--config", "hearthgate.toml", "--json", PROGRAM], b"").await;
    let told: Value = serde_json::from_str(&explained.stdout).unwrap();
    assert_eq!((&told["target"], &told["rule"]), (&"device/coder".into(), &"code-at-home".into()));
    assert_eq!(told["reasons"], json!(["it speaks of code"]));
    assert_eq!(told["difficulty"].as_object().unwrap().len(), 2, "{told}");
    let checked = setup.command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert!(checked.stdout.contains("except with code\n"), "{}", checked.stdout);
    let tested = setup.command(&["test", "--config", "hearthgate.toml", "cases.toml"], b"").await;
    assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);
}
