//! What is told of it beforehand, and what the record has of it afterwards.

use std::fs;

use super::*;

async fn lines(mut gateway: Gateway) -> (Vec<Value>, String) {
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    (record.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), record)
}

#[tokio::test]
async fn both_attempts_are_in_the_record() {
    let prices = |config: String| config.replace("usd_per_million = 0.0", "usd_per_million = 1.0");
    let (cloud, gateway) = start_with("unsure", "", prices).await;
    let escalated = gateway.client().chat(&chat("auto", EASY)).await;
    cloud.set(Behaviour::status(503));
    let returned = gateway.client().chat(&chat("auto", EASY)).await;
    let (lines, _) = lines(gateway).await;
    let decisions: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "decision").collect();
    assert_eq!(decisions[0]["targets"], json!(["device/home", "cloud/fake-frontier"]));
    assert!(decisions[0]["reasons"].to_string().contains("device/home answers is verified"));
    let outcomes: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "outcome").collect();

    let (outcome, verified) = (outcomes[0], &outcomes[0]["verified"]);
    assert_eq!(outcome["target"], "cloud/fake-frontier");
    assert_eq!((&verified["outcome"], &verified["reason"]), (&json!("escalated"), &json!("unlikely")));
    assert_eq!((&verified["target"], &verified["likelihood"]), (&json!("device/home"), &json!(0.2)));
    let of = |place: &Value, name: &str| place[name].as_f64().unwrap_or_else(|| panic!("{name}: {place}"));
    let millions = |place: &Value, input: f64, output: f64| {
        (of(place, "tokens_in") * input + of(place, "tokens_out") * output) / 1e6
    };
    let own = millions(verified, 1.0, 1.0);
    assert!((of(verified, "cost_usd") - own).abs() < 1e-9, "{verified}");
    // What the request cost is both.
    assert!((of(outcome, "cost_usd") - own - millions(outcome, 2.0, 10.0)).abs() < 1e-9, "{outcome}");
    assert_eq!((&outcome["attempts"], &outcome["fallbacks"]), (&json!(2), &json!(0)));
    assert!(outcome["engine"].is_null(), "another model's answer is not replayed by this one's seed");
    let told: f64 = escalated.header("x-hearthgate-cost-usd").parse().unwrap();
    assert!((told - of(outcome, "cost_usd")).abs() < 1e-9);

    let (outcome, verified) = (outcomes[1], &outcomes[1]["verified"]);
    assert_eq!(outcome["target"], "device/home");
    assert_eq!(verified["outcome"], "returned");
    assert!(verified["tokens_in"].is_null() && outcome["tokens_in"].is_u64());
    assert_eq!(outcome["engine"]["answers"].as_array().map(Vec::len), Some(1), "{outcome}");
    let told: f64 = returned.header("x-hearthgate-cost-usd").parse().unwrap();
    assert!((told - millions(outcome, 1.0, 1.0)).abs() < 1e-9);
}

#[tokio::test]
async fn what_was_verified_is_decided_anew_like_all_else() {
    let (cloud, gateway) = start("unsure", "").await;
    for text in [EASY, PRIVATE] {
        gateway.client().chat(&chat("auto", text)).await;
    }
    let (_, record) = lines(gateway).await;
    let config = home_and_cloud("unsure", &cloud.base_url()).replace("scripted:unsure", "bundled:starter");
    let own = verifying("");
    let plain: String =
        own.lines().filter(|line| !line.starts_with("verify")).map(|line| format!("{line}\n")).collect();
    let setup = Setup::new(&config).policy(&own).file("audit.jsonl", &record).file("plain.toml", &plain);
    // Whether it is verified moves nobody: the permits are the same.
    for policy in ["policy.toml", "plain.toml"] {
        let line = ["replay", "--config", "hearthgate.toml", "--policy", policy, "--json"];
        let replayed = setup.command(&line, b"").await;
        assert_eq!(replayed.code, Some(0), "{}", replayed.stderr);
        let verdicts: Vec<Value> =
            replayed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(verdicts[..2].iter().all(|line| line["verdict"] == "same"), "{}", replayed.stdout);
    }
}

#[tokio::test]
async fn it_is_told_beforehand() {
    let cloud = FakeCloud::start().await;
    let setup = Setup::new(&home_and_cloud("sure", &cloud.base_url())).policy(&verifying("sure = 0.7"));
    for (prompt, verified) in [(EASY, true), (PRIVATE, false)] {
        let line = ["explain", "--config", "hearthgate.toml", prompt];
        let told = setup.command(&line, b"").await.stdout;
        assert_eq!(told.contains("what device/home answers is verified"), verified, "{told}");
    }
    let checked = setup.command(&["check", "--config", "hearthgate.toml"], b"").await;
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    for said in [
        "by route home-first, what device/home answers is verified",
        "under 0.7",
        "cloud/fake-frontier is asked",
        "  what is answered at home and not sure is asked for at no target beyond its label's ceiling",
    ] {
        assert!(checked.stdout.contains(said), "{said}: {}", checked.stdout);
    }
    assert!(cloud.connections().is_empty());
}
