//! Lines add up to the whole answer, and moments are written as the calendar has them.

use std::sync::LazyLock;
use std::time::Instant;

use serde_json::{Value, json};

use super::head::{Clock, Head, Surface};
use super::moment;
use crate::dialect::event::{Event, Finish, Gathered, Usage};

const USAGE: Usage = Usage { input: 20, output: 7, cached: 12, written: 0, reasoning: None };

static NOW: LazyLock<Instant> = LazyLock::new(crate::clock::now);

fn head(surface: Surface, thoughts: bool) -> Head {
    let clock = Clock { now: || *NOW, unix_micros: || 1_700_000_000_123_456 };
    Head::new(surface, "device/home".to_owned(), thoughts, clock, *NOW)
}

fn call(index: usize, name: Option<&str>, arguments: &str) -> Event {
    let id = name.map(|name| format!("id-{name}"));
    Event::Call { index, id, name: name.map(str::to_owned), arguments: arguments.to_owned() }
}

fn parts() -> Vec<Event> {
    vec![
        Event::Reasoning("Hm, ".to_owned()),
        Event::Reasoning("so.".to_owned()),
        Event::Text("One \"two\"\n".to_owned()),
        Event::Text("three.".to_owned()),
        call(0, Some("f"), ""),
        call(0, None, "{\"a\":"),
        call(0, None, "1.50}"),
        call(1, Some("g"), ""),
        call(2, Some("h"), "no object"),
        Event::End(Finish::ToolCalls),
    ]
}

fn lines(surface: Surface, thoughts: bool, parts: &[Event]) -> Vec<Value> {
    let (mut head, mut out) = (head(surface, thoughts), Vec::new());
    head.begin();
    parts.iter().for_each(|part| head.part(part, &mut out));
    head.last(&USAGE, Some(0.25), &mut out);
    let text = String::from_utf8(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn whole(surface: Surface, thoughts: bool, parts: &[Event]) -> Value {
    let mut gathered = Gathered::default();
    parts.iter().for_each(|part| gathered.add(part.clone()));
    serde_json::from_str(&head(surface, thoughts).whole(&gathered, &USAGE, Some(0.25))).unwrap()
}

#[test]
fn lines_add_up_to_the_whole() {
    for (surface, thoughts) in
        [(Surface::Chat, true), (Surface::Chat, false), (Surface::Generate, true), (Surface::Generate, false)]
    {
        let place =
            |line: &Value| if surface == Surface::Chat { line["message"].clone() } else { line.clone() };
        let name = if surface == Surface::Chat { "content" } else { "response" };
        let lines = lines(surface, thoughts, &parts());
        let whole = whole(surface, thoughts, &parts());
        let joined = |name: &str| -> String {
            lines.iter().map(|line| place(line)[name].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(joined(name), place(&whole)[name]);
        let thinking = if thoughts { json!("Hm, so.") } else { json!(null) };
        assert_eq!(place(&whole)["thinking"], thinking);
        assert_eq!(joined("thinking"), thinking.as_str().unwrap_or_default());
        let calls: Vec<Value> = lines
            .iter()
            .flat_map(|line| place(line)["tool_calls"].as_array().cloned().unwrap_or_default())
            .collect();
        assert_eq!(json!(calls), place(&whole)["tool_calls"]);
        assert_eq!(
            calls[0],
            json!({"id": "id-f", "function": {"index": 0, "name": "f", "arguments": {"a": 1.50}}})
        );
        assert_eq!(calls[1]["function"]["arguments"], json!({}));
        assert_eq!(calls[2]["function"]["arguments"], json!({"arguments": "no object"}));
        let (last, others) = lines.split_last().unwrap();
        assert!(others.iter().all(|line| line["done"] == json!(false) && line["eval_count"].is_null()));
        for line in [last, &whole] {
            assert_eq!(
                (
                    &line["done"],
                    &line["done_reason"],
                    &line["prompt_eval_count"],
                    &line["eval_count"],
                    &line["cost_usd"]
                ),
                (&json!(true), &json!("stop"), &json!(20), &json!(7), &json!(0.25))
            );
            assert_eq!(line["created_at"], "2023-11-14T22:13:20.123456Z");
        }
    }
}

#[test]
fn moments_are_those_of_the_calendar() {
    for (seconds, told) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (951_782_400, "2000-02-29T00:00:00.000000Z"),
        (1_709_251_199, "2024-02-29T23:59:59.000000Z"),
        (1_709_251_200, "2024-03-01T00:00:00.000000Z"),
        (4_102_444_800, "2100-01-01T00:00:00.000000Z"),
        (4_107_542_399, "2100-02-28T23:59:59.000000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
    ] {
        assert_eq!(moment(seconds * 1_000_000), told);
    }
}
