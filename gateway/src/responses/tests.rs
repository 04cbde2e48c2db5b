//! What is kept stays within its bounds, is one caller's alone, and goes when its time is over.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn bounds(count: usize, bytes: usize) -> Bounds {
    Bounds { keep: MINUTE, count, bytes }
}

fn request(body: &Value) -> ChatRequest {
    ChatRequest::read(Dialect::OpenAiResponses, body.to_string()).unwrap()
}

fn whose(name: &str) -> Whose {
    Whose { name: name.to_owned(), tenant: None }
}

fn keep(responses: &Arc<Responses>, caller: &str, id: &str, now: Instant) {
    let keeper = Keeper::new(
        responses,
        whose(caller),
        ("internal".to_owned(), hearthgate_rules::target::Zone::Cloud),
        &request(&json!({"model": "m", "input": "x"})),
    );
    keeper.keep(id, r#"{"output":[{"type":"message","role":"assistant","content":"y"}]}"#, now);
}

fn kept(responses: &Responses, caller: &str, ids: &[&str], now: Instant) -> Vec<bool> {
    ids.iter().map(|id| responses.of(&whose(caller), id, now).is_some()).collect()
}

#[test]
fn each_caller_has_its_own_for_its_time() {
    let now = crate::clock::now();
    let responses = Arc::new(Responses::new(bounds(9, 1 << 20)));
    keep(&responses, "a", "1", now);
    keep(&responses, "b", "2", now + MINUTE / 2);
    assert_eq!(kept(&responses, "a", &["1", "2"], now), [true, false]);
    assert_eq!(kept(&responses, "b", &["1", "2"], now), [false, true]);
    assert!(!responses.delete(&whose("b"), "1", now), "it is another's");
    let (count, bytes) = responses.counts();
    assert_eq!((count, bytes % 2), (2, 0));
    responses.tidy(now + MINUTE);
    assert_eq!((responses.counts().0, responses.counts().1), (1, bytes / 2));
    assert!(responses.delete(&whose("b"), "2", now + MINUTE));
    assert_eq!(responses.counts(), (0, 0));
}

#[test]
fn room_is_made_by_whoever_has_most() {
    let now = crate::clock::now();
    let responses = Arc::new(Responses::new(bounds(3, 1 << 20)));
    keep(&responses, "quiet", "0", now);
    for id in ["1", "2", "3", "4"] {
        keep(&responses, "loud", id, now);
    }
    assert_eq!(kept(&responses, "quiet", &["0"], now), [true]);
    assert_eq!(kept(&responses, "loud", &["1", "2", "3", "4"], now), [false, false, true, true]);
    let one = responses.counts().1 / 3;
    keep(&responses, "gone", "9", now);
    responses.keep_only(|whose| whose.name != "gone");
    assert_eq!(kept(&responses, "gone", &["9"], now), [false]);
    keep(&responses, "quiet", "9", now);
    responses.configure(bounds(3, one * 2 + 1), now);
    assert_eq!(responses.counts(), (2, one * 2));
    responses.configure(bounds(3, one - 1), now);
    keep(&responses, "loud", "5", now);
    assert_eq!(responses.counts(), (0, 0), "what is larger than all of the room is not kept");
    responses.configure(bounds(3, 1 << 20), now);
    keep(&responses, "loud", "6", now);
    responses.configure(bounds(0, 1 << 20), now);
    assert_eq!((responses.counts(), responses.enabled()), ((0, 0), false));
}

#[test]
fn what_is_kept_goes_sooner_when_its_time_becomes_shorter() {
    let now = crate::clock::now();
    let responses = Arc::new(Responses::new(bounds(9, 1 << 20)));
    keep(&responses, "a", "1", now);
    responses.configure(Bounds { keep: MINUTE / 4, count: 9, bytes: 1 << 20 }, now);
    assert_eq!(kept(&responses, "a", &["1"], now + MINUTE / 8), [true]);
    assert_eq!(kept(&responses, "a", &["1"], now + MINUTE / 4), [false]);
}

#[tokio::test]
async fn turns_stand_in_their_order_and_keep_their_digits() {
    let now = crate::clock::now();
    let responses = Arc::new(Responses::new(bounds(9, 1 << 20)));
    let first = request(&json!({"model": "m", "input": "one"}));
    Keeper::new(
        &responses,
        whose("a"),
        ("internal".to_owned(), hearthgate_rules::target::Zone::Cloud),
        &first,
    )
    .keep(
        "resp_1",
        r#"{"output":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}","n":1.50}]}"#,
        now,
    );
    let second = request(&json!({"model": "m", "previous_response_id": "resp_1", "instructions": "i",
        "input": [{"type": "function_call_output", "call_id": "c", "output": "found"}]}));
    let (whole, thread) = go_on(&responses, &whose("a"), second.clone(), 4096, now).await.ok().unwrap();
    assert_eq!(
        String::from_utf8(whole.document().render(&[])).unwrap(),
        concat!(
            r#"{"model":"m","instructions":"i","input":[{"role":"user","content":"one"},"#,
            r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}","n":1.50},"#,
            r#"{"type":"function_call_output","call_id":"c","output":"found"}]}"#
        )
    );
    assert_eq!(
        (thread.previous.as_deref(), thread.labels.iter().next().map(String::as_str), thread.store),
        (Some("resp_1"), Some("internal"), true)
    );
    for (caller, room) in [("b", 4096), ("a", 100)] {
        assert!(go_on(&responses, &whose(caller), second.clone(), room, now).await.is_err());
    }
    let untold = request(&json!({"model": "m", "input": "one", "store": false}));
    let (_, thread) = go_on(&responses, &whose("a"), untold, 4096, now).await.ok().unwrap();
    assert!(!thread.store && thread.previous.is_none());
}

#[test]
fn a_page_of_items_says_what_comes_next() {
    let body = json!({"model": "m", "input": [
        {"role": "user", "content": "one"}, {"id": "own", "type": "reasoning", "summary": []},
        {"role": "assistant", "content": "two"}]});
    let kept = Kept {
        zone: hearthgate_rules::target::Zone::Cloud,
        input: Zeroizing::new(items::inside(&request(&body))),
        response: Zeroizing::new(String::new()),
        label: String::new(),
    };
    let page = |query: &str| -> Value {
        let list = List::read(query).unwrap();
        let page = input_items("resp_7", &kept, &list);
        page.map_or_else(|name| json!(name), |page| serde_json::from_str(&page).unwrap())
    };
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = page("order=asc");
    assert_eq!(ids(&all), ["msg_7_in0", "own", "msg_7_in2"]);
    assert_eq!(all["data"][0]["content"], json!([{"type": "input_text", "text": "one"}]));
    assert_eq!(all["has_more"], json!(false));
    assert_eq!(ids(&page("")), ["msg_7_in2", "own", "msg_7_in0"]);
    let first = page("order=asc&limit=1");
    assert_eq!((ids(&first), &first["has_more"]), (vec!["msg_7_in0".to_owned()], &json!(true)));
    assert_eq!(ids(&page("order=asc&after=own&include[]=x")), ["msg_7_in2"]);
    assert_eq!((page("after=other"), page("before=other")), (json!("after"), json!("before")));
    let nearest = page("order=asc&before=msg_7_in2&limit=1");
    assert_eq!((ids(&nearest), &nearest["has_more"]), (vec!["own".to_owned()], &json!(true)));
    assert_eq!(ids(&page("order=asc&after=msg_7_in0&before=msg_7_in2")), ["own"]);
    assert!(ids(&page("order=asc&after=msg_7_in2&before=own")).is_empty());
    for bad in ["limit=0", "limit=101", "limit=x", "order=up"] {
        assert!(List::read(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn an_item_that_is_named_is_put_in() {
    let now = crate::clock::now();
    let responses = Arc::new(Responses::new(bounds(9, 1 << 20)));
    let keep = |name: &str, label: &str, input: Value| {
        let labelled = (label.to_owned(), hearthgate_rules::target::Zone::Cloud);
        let keeper =
            Keeper::new(&responses, whose("a"), labelled, &request(&json!({"model": "m", "input": input})));
        let said = json!({"output": [{"id": format!("msg_{name}_0"), "type": "message", "role": "assistant", "content": name}]});
        keeper.keep(&format!("resp_{name}"), &said.to_string(), now);
    };
    keep("req-1", "internal", json!("one"));
    keep(
        "req-2",
        "confidential",
        json!([{"role": "user", "content": "two"}, {"role": "user", "content": "x".repeat(BESIDE_BYTES)}]),
    );
    let ask = |ids: &[&str]| {
        let named = ids.iter().map(|id| json!({"type": "item_reference", "id": id}));
        let mut input: Vec<Value> = named.collect();
        input.push(json!({"role": "user", "content": "And?"}));
        request(&json!({"model": "m", "input": input}))
    };
    let (whole, thread) =
        go_on(&responses, &whose("a"), ask(&["msg_req-1_0", "msg_req-2_in0"]), 1 << 20, now)
            .await
            .ok()
            .unwrap();
    let said: Vec<&str> = whole.messages().map(|item| item.str("content").unwrap_or("parts")).collect();
    assert_eq!(said, ["req-1", "parts", "And?"]);
    assert_eq!(thread.labels.len(), 2);
    for (caller, id) in [("a", "msg_req-1_1"), ("a", "msg_req-3_0"), ("a", "other"), ("b", "msg_req-1_0")] {
        let refused = go_on(&responses, &whose(caller), ask(&[id]), 1 << 20, now).await;
        assert!(
            matches!(refused, Err(Fault::NoSuchItem { pointer }) if pointer == "/input/0"),
            "{caller} {id}"
        );
    }
    let of_another = Whose { name: "a".to_owned(), tenant: Some("other".to_owned()) };
    assert!(go_on(&responses, &of_another, ask(&["msg_req-1_0"]), 1 << 20, now).await.is_err());
    let large = go_on(&responses, &whose("a"), ask(&["msg_req-2_in1"]), 1 << 10, now).await;
    assert!(matches!(large, Err(Fault::BodyTooLarge(1024))));
}
