//! What verifying leaves alone: wishes, budgets, and the conversation that it is part of.

use super::*;
use crate::exposition::Exposition;

#[tokio::test]
async fn nobody_is_asked_who_costs_more_than_is_wished() {
    let (cloud, gateway) = start("unsure", "").await;
    cloud.set(Behaviour::Text("Paris.".to_owned()));
    let ask = async |cost: &str| {
        let client = gateway.client().with("x-hearthgate-cost-max-usd", cost);
        let answer = client.chat(&chat("auto", EASY)).await;
        (answer.header("x-hearthgate-target"), answer.header("x-hearthgate-verified"))
    };
    let is = |target: &str, verified: &str| (target.to_owned(), verified.to_owned());
    assert_eq!(ask("0.0000001").await, is("device/home", ""), "it is given as it is");
    assert_eq!(ask("1").await, is("cloud/fake-frontier", "escalated"));
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn a_conversation_that_was_escalated_is_asked_at_home_again() {
    let (cloud, gateway) = start("unsure", "").await;
    cloud.set(Behaviour::Text("Paris.".to_owned()));
    let mut turns = vec![json!({"role": "user", "content": EASY})];
    for _ in 0..3 {
        let answer = gateway.client().chat(&json!({"model": "auto", "messages": turns})).await;
        assert_eq!(answer.header("x-hearthgate-verified"), "escalated", "{}", answer.text());
        turns.push(json!({"role": "assistant", "content": "Paris."}));
        turns.push(json!({"role": "user", "content": EASY}));
    }
    counted(&gateway, &count("escalated", "unlikely", 3)).await;
    let mut gateway = gateway;
    gateway.sigterm();
    gateway.exit().await;
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let follows: Vec<Value> = lines.filter_map(|line| line.get("follows").cloned()).collect();
    assert!(follows.iter().all(|before| before["target"] == "device/home"), "{follows:?}");
    assert_eq!(follows.len(), 2);
}

#[tokio::test]
async fn a_budget_pays_for_both_attempts() {
    let budget = "[[budget]]\nname = \"site\"\nusd = 100.0\nper = \"day\"\n";
    let priced = |config: String| config.replace("usd_per_million = 0.0", "usd_per_million = 1.0") + budget;
    let (_cloud, gateway) = start_with("unsure", "", priced).await;
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(answer.header("x-hearthgate-verified"), "escalated");
    let cost: f64 = answer.header("x-hearthgate-cost-usd").parse().unwrap();
    let spent = Exposition::scrape(&gateway).await.sum("hearthgate_budget_spent_usd", &[("budget", "site")]);
    assert!((spent - cost).abs() < 1e-9, "{spent} {cost}");
}
