//! Labelled prompts, and the commands that read them.
//!
//! All are easy or hard beyond doubt: what is compared letter by letter rests on no exact score.

use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud};
use hearthgate_tests::gateway::{Finished, Setup};
use serde_json::{Value, json};

use super::setup;

/// A prompt, how right the local and the cloud model were, and a person's band.
pub fn line(prompt: &str, (local, cloud): (f64, f64), band: &str) -> Value {
    json!({"prompt": prompt, "local": local, "cloud": cloud, "band": band,
        "local_cost_usd": 0.00001, "cloud_cost_usd": 0.02})
}

/// Six prompts: the first without the cloud's cost, the fourth kept at home, the last two not as a person sees them.
pub fn six() -> Vec<Value> {
    let kept = format!("{HARD} {PRIVATE}");
    let mut lines = vec![
        line(EASY, (1.0, 1.0), "easy"),
        line(HARD, (0.0, 1.0), "hard"),
        line(EASY, (1.0, 1.0), "easy"),
        line(&kept, (0.0, 1.0), "hard"),
        line(HARD, (0.0, 1.0), "easy"),
        line(EASY, (0.5, 1.0), "hard"),
    ];
    lines[0] = json!({"messages": [{"role": "user", "content": EASY}], "id": 1, "local": true, "cloud": true,
        "local_cost_usd": 0.00001});
    lines[1]["body"] = json!({"model": "auto", "messages": [{"role": "user", "content": HARD}]});
    lines[1].as_object_mut().unwrap().remove("prompt");
    lines
}

/// These prompts in a file, and hard ones to the cloud.
pub fn with(lines: &[Value]) -> Setup {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    setup(&hard_to_cloud()).file("labelled.jsonl", &text)
}

/// One of the commands, with that file.
pub async fn run(setup: &Setup, arguments: &[&str]) -> Finished {
    let line = [arguments, &["--config", "hearthgate.toml", "labelled.jsonl"]].concat();
    setup.command(&line, b"").await
}
