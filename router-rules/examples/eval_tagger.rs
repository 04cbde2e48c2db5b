//! What the tagger says of texts: JSON lines in, JSON lines out.
//!
//! `cargo run --release -p hearthgate-rules --example eval_tagger < texts.jsonl`: each line an object with `text`,
//! and whatever else; out come its `id`, `private`, the best topic, the entities and the language.

use std::io::{BufRead, Write};

use hearthgate_rules::inspect::tagger::{TOPICS, Tagger};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let tagger = Tagger::bundled();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let Ok(row) = serde_json::from_str::<Value>(&line?) else { continue };
        let Some(text) = row.get("text").or_else(|| row.get("prompt")).and_then(Value::as_str) else {
            continue;
        };
        let reading = tagger.read(text);
        let mut topics = serde_json::Map::new();
        for (place, topic) in TOPICS.iter().enumerate() {
            let values = reading.segments.iter().filter_map(|segment| segment.topics.get(place));
            topics.insert((*topic).to_owned(), json!(values.copied().fold(0.0, f32::max)));
        }
        let entities: Vec<_> = reading
            .entities
            .iter()
            .map(|found| json!({"kind": found.kind.as_str(), "start": found.start, "end": found.end, "confidence": found.confidence}))
            .collect();
        let answer = json!({
            "id": row.get("id"), "private": reading.private(), "topics": topics, "entities": entities,
            "segments": reading.segments.len(), "language": reading.language.as_str(),
            "foreign_letters": reading.foreign_letters,
        });
        writeln!(out, "{answer}")?;
    }
    out.flush()
}
