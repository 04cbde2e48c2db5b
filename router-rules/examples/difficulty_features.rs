//! What the features and word hashes of requests are: JSON lines in, JSON lines out, for `router-rules/difficulty/train.py`.
//!
//! `cargo run --release -p hearthgate-rules --example difficulty_features < requests.jsonl`: each line has a `prompt`, or a
//! `body` (of a chat completion), or `messages`. A line that cannot be read ends the program with its number.

use std::io::{self, BufRead, Write};

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::difficulty;
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let row: Value = serde_json::from_str(&line?)?;
        let request =
            request(&row).ok_or_else(|| io::Error::other(format!("line {} is no request", number + 1)))?;
        let features = difficulty::features(&request);
        let values: Vec<_> =
            features.iter().filter(|feature| feature.name != "words").map(|feature| feature.value).collect();
        let names: Vec<_> = features.iter().map(|feature| feature.name).collect();
        let told = json!({
            "values": values, "names": names, "grams": difficulty::grams(&request),
            "score": difficulty::score(&request), "code": difficulty::speaks_of_code(&request), "closed": difficulty::is_closed(&request),
        });
        writeln!(out, "{told}")?;
    }
    out.flush()
}

fn request(row: &Value) -> Option<ChatRequest> {
    let body = match (row.get("body"), row.get("messages"), row.get("prompt")) {
        (Some(body), _, _) => body.clone(),
        (_, Some(messages), _) => json!({"model": "auto", "messages": messages}),
        (_, _, prompt) => json!({"model": "auto", "messages": [{"role": "user", "content": prompt?}]}),
    };
    ChatRequest::openai(body.to_string()).ok()
}
