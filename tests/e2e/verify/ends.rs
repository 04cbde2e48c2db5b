//! Why an answer is not sure, and what becomes of it where nobody further out has a better one.

use super::*;

#[tokio::test]
async fn a_refusal_is_not_sure_however_likely() {
    let (_cloud, gateway) = start("declines", "").await;
    assert!(asked(&gateway, EASY).await.iter().all(|(target, ..)| target == "cloud/fake-frontier"));
    counted(&gateway, &count("escalated", "refused", 3)).await;
}

#[tokio::test]
async fn the_bundled_model_says_what_it_cannot_do() {
    let (_cloud, gateway) =
        start_with("sure", "timeout_ms = 60000", |config| config.replace("scripted:sure", "bundled:starter"))
            .await;
    let kept = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(kept.header("x-hearthgate-verified"), "kept", "{}", kept.text());
    // It is quite sure that this is too hard for it.
    let mut hard = chat("auto", "Prove that there are infinitely many primes.");
    hard["temperature"] = 0.into();
    let escalated = gateway.client().chat(&hard).await;
    assert_eq!(escalated.header("x-hearthgate-verified"), "escalated", "{}", escalated.text());
    counted(&gateway, &count("escalated", "refused", 1)).await;
}

#[tokio::test]
async fn what_is_cut_off_is_not_sure() {
    let (cloud, gateway) = start("sure", "").await;
    let mut short = chat("auto", EASY);
    short["max_tokens"] = 2.into();
    let answer = gateway.client().chat(&short).await;
    assert_eq!(answer.header("x-hearthgate-target"), "cloud/fake-frontier");
    counted(&gateway, &count("escalated", "cut", 1)).await;
    // Where its client cut it, it is given after all.
    cloud.set(Behaviour::status(503));
    let answer = gateway.client().chat(&short).await;
    assert_eq!(answer.content(), "Hello from ");
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn the_budgets_of_verifying_are_no_budgets_of_the_answer() {
    let (cloud, gateway) = start("sure", "tokens = 2").await;
    assert!(asked(&gateway, EASY).await.iter().all(|(_, verified, _)| verified == "escalated"));
    counted(&gateway, &count("escalated", "cut", 3)).await;
    // Nobody else answers, so the device does: whole, as if nothing had been verified.
    cloud.set(Behaviour::status(503));
    assert_eq!(asked(&gateway, EASY).await, three("device/home", "returned", SURE));
    counted(&gateway, &count("returned", "cut", 3)).await;
}

#[tokio::test]
async fn what_takes_too_long_is_broken_off() {
    let (_cloud, gateway) = start("endless", "timeout_ms = 50").await;
    assert!(asked(&gateway, EASY).await.iter().all(|(target, ..)| target == "cloud/fake-frontier"));
    counted(&gateway, &count("escalated", "late", 3)).await;
    counted(&gateway, "hearthgate_slots_busy{model=\"device/home\"} 0").await;
}

#[tokio::test]
async fn a_cloud_that_fails_leaves_the_devices_answer() {
    for behaviour in [
        Behaviour::status(400),
        Behaviour::status(401),
        Behaviour::status(429),
        Behaviour::status(500),
        Behaviour::Reset(Point::BeforeHeaders),
        Behaviour::TruncatedJson,
        Behaviour::Stall(Point::BeforeHeaders),
        Behaviour::Stall(Point::AfterHeaders),
    ] {
        let soon = "first_byte_timeout_ms = 150\nidle_timeout_ms = 150\neffort_field";
        let (cloud, gateway) = start_with("unsure", "", |config| config.replace("effort_field", soon)).await;
        cloud.set(behaviour);
        assert_eq!(asked(&gateway, EASY).await, three("device/home", "returned", UNSURE));
        counted(&gateway, &count("returned", "unlikely", 3)).await;
    }
}

#[tokio::test]
async fn nobody_there_leaves_the_devices_answer() {
    let (cloud, gateway) = start("unsure", "").await;
    drop(cloud);
    assert_eq!(asked(&gateway, EASY).await, three("device/home", "returned", UNSURE));
}

#[tokio::test]
async fn a_deadline_leaves_the_devices_answer() {
    let (cloud, gateway) = start_with("unsure", "", |config| with_server(&config, "deadline_ms = 700")).await;
    for point in [Point::BeforeHeaders, Point::AfterHeaders] {
        cloud.set(Behaviour::Stall(point));
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-hearthgate-verified"), "returned");
    }
}

#[tokio::test]
async fn a_device_that_fails_is_a_fallback_as_ever() {
    let (_cloud, gateway) = start("busy", "").await;
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(answer.header("x-hearthgate-target"), "cloud/fake-frontier");
    assert_eq!(answer.header("x-hearthgate-verified"), "");
    let fallback = "hearthgate_fallbacks_total{from=\"device/home\",to=\"cloud/fake-frontier\"} 1";
    counted(&gateway, fallback).await;
}

#[tokio::test]
async fn a_policy_that_changes_meanwhile_decides_anew() {
    let (cloud, gateway) = start("endless", "timeout_ms = 3000").await;
    let client = gateway.client();
    let asked = tokio::spawn(async move { client.chat(&chat("auto", EASY)).await });
    counted(&gateway, "hearthgate_slots_busy{model=\"device/home\"} 1").await;
    gateway.reload("policy.toml", "[[route]]\nname = \"closed\"\nrefuse = \"closed for today\"\n");
    gateway.said("configuration reloaded").await;
    let answer = asked.await.unwrap();
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(cloud.connections().is_empty());
}
