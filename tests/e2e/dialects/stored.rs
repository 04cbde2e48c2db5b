//! Responses that are gone on from: judged with what came before, kept for their own caller, and no longer than is said.

use bytes::Bytes;
use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, all_to_cloud, client_key, device_only, hard_to_cloud, home_and_cloud,
    one_anthropic, one_cloud,
};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

const PATH: &str = "/v1/responses";

fn ask(text: &str) -> Value {
    json!({ "model": "auto", "input": text })
}

fn after(previous: &Response, text: &str) -> Value {
    let id = previous.json()["id"].clone();
    json!({ "model": "auto", "previous_response_id": id, "input": text })
}

async fn at_home(more: &str) -> Gateway {
    Setup::new(&(device_only("hello") + more)).policy(&all_at_home()).start().await
}

fn told(answer: &Response) -> (String, String) {
    (answer.header("x-hearthgate-zone"), answer.header("x-hearthgate-label"))
}

async fn delete(gateway: &Gateway, path: &str) -> Response {
    gateway.client().request("DELETE", path, Bytes::new()).await
}

#[tokio::test]
async fn a_follow_up_is_sent_with_all_that_came_before() {
    for anthropic in [false, true] {
        let cloud = FakeCloud::start().await;
        let config = if anthropic { one_anthropic(&cloud.base_url()) } else { one_cloud(&cloud.base_url()) };
        let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
        let client = gateway.client();
        let first = client.post(PATH, &ask(EASY)).await;
        assert_eq!(first.json()["store"], json!(true), "{}", first.text());
        let mut streamed = after(&first, "And then?");
        streamed["stream"] = json!(true);
        let events = client.post(PATH, &streamed).await.events();
        let last: Value = serde_json::from_str(&events.last().unwrap().data).unwrap();
        let second = &last["response"];
        assert_eq!(second["previous_response_id"], first.json()["id"]);
        let third = json!({ "model": "auto", "previous_response_id": second["id"], "instructions": "Be brief.",
            "input": [{ "role": "user", "content": "And at last?" }] });
        let third = client.post(PATH, &third).await;
        assert_eq!(third.status, 200, "{}", third.text());
        let sent = cloud.chats().last().unwrap().json();
        let turns: Vec<&str> =
            sent["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
        let system: &[&str] = if anthropic { &[] } else { &["system"] };
        assert_eq!(turns, [system, &["user", "assistant", "user", "assistant", "user"]].concat(), "{sent}");
        assert!(!sent.to_string().contains("previous_response_id"));
        assert!(cloud.complaints().is_empty(), "{:?}", cloud.complaints());
    }
}

#[tokio::test]
async fn a_follow_up_has_the_label_of_what_came_before_at_least() {
    let cloud = FakeCloud::start().await;
    // Without the memory of strings only what is stored can tell.
    let config = home_and_cloud("hello", &cloud.base_url()) + "\n[memory]\nentries = 0\n";
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let client = gateway.client();
    let private = client.post(PATH, &ask(PRIVATE)).await;
    assert_eq!(told(&private), ("device".to_owned(), "restricted".to_owned()));
    let second = client.post(PATH, &after(&private, HARD)).await;
    assert_eq!(told(&second), ("device".to_owned(), "restricted".to_owned()), "its turns are judged again");
    let third = client.post(PATH, &after(&second, HARD)).await;
    assert_eq!(told(&third), ("device".to_owned(), "restricted".to_owned()));

    // A label that no text would give: the header's, of the first request alone.
    let labelled = gateway.client().with("x-hearthgate-label", "confidential").post(PATH, &ask(EASY)).await;
    let later = client.post(PATH, &after(&labelled, HARD)).await;
    assert_eq!(told(&later), ("device".to_owned(), "confidential".to_owned()));
    let last = client.post(PATH, &after(&later, HARD)).await;
    assert_eq!(told(&last).1, "confidential");
    assert!(cloud.connections().is_empty());
    let plain = client.post(PATH, &ask(EASY)).await;
    assert_eq!(told(&client.post(PATH, &after(&plain, HARD)).await).0, "cloud");
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn a_follow_up_reaches_no_further_than_what_came_before_might() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let held = gateway.client().with("x-hearthgate-zone", "device").post(PATH, &ask(HARD)).await;
    assert_eq!(told(&held).0, "device", "{}", held.text());
    let later = gateway.client().post(PATH, &after(&held, HARD)).await;
    assert_eq!(told(&later).0, "device", "{}", later.text());
    let last = gateway.client().post(PATH, &after(&later, HARD)).await;
    assert_eq!(told(&last).0, "device");
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn to_read_one_again_counts_as_a_request() {
    let gateway = at_home(&client_key("ann", "requests_per_minute = 3")).await;
    let ann = || gateway.client().with("authorization", "Bearer key-of-ann");
    let first = ann().post(PATH, &ask(EASY)).await;
    let path = format!("{PATH}/{}", first.json()["id"].as_str().unwrap());
    assert_eq!(ann().get(&path).await.status, 200);
    assert_eq!(ann().get(&format!("{path}/input_items")).await.status, 200);
    let over = ann().get(&path).await;
    assert_eq!(over.status, 429, "{}", over.text());
    assert!(!over.header("retry-after").is_empty());
}

#[tokio::test]
async fn the_name_of_a_response_says_nothing_of_another() {
    let gateway = at_home("").await;
    let (one, two) =
        (gateway.client().post(PATH, &ask(EASY)).await, gateway.client().post(PATH, &ask(EASY)).await);
    let name = |answer: &Response| answer.json()["id"].as_str().unwrap().to_owned();
    for answer in [&one, &two] {
        assert!(!name(answer).contains(&answer.header("x-request-id")));
    }
    assert_ne!(name(&one)[..24], name(&two)[..24], "nothing is counted up");
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    assert!(!record.contains(&name(&one)), "nor is it a handle in the record");
}

#[tokio::test]
async fn what_is_kept_is_its_callers_alone() {
    let keys = client_key("ann", "") + &client_key("ben", "");
    let gateway = at_home(&keys).await;
    let of = |name: &str| gateway.client().with("authorization", &format!("Bearer key-of-{name}"));
    let mine = of("ann").post(PATH, &ask(EASY)).await;
    let path = format!("{PATH}/{}", mine.json()["id"].as_str().unwrap());
    assert_eq!(of("ann").get(&path).await.json(), mine.json());
    assert_eq!(of("ann").post(PATH, &after(&mine, EASY)).await.status, 200);
    for below in ["", "/input_items"] {
        let none = of("ben").get(&format!("{path}{below}")).await;
        assert_eq!(none.status, 404, "{}", none.text());
        let unknown = of("ben").get(&format!("{PATH}/resp_none{below}")).await;
        assert_eq!(none.json(), unknown.json(), "it is as if it were not there");
    }
    assert_eq!(of("ben").request("DELETE", &path, Bytes::new()).await.status, 404);
    let refused = of("ben").post(PATH, &after(&mine, EASY)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]["code"]),
        (400, &json!("previous_response_not_found"))
    );
    assert_eq!(gateway.client().get(&path).await.status, 401);
    assert_eq!(of("ann").get(&path).await.status, 200);
}

#[tokio::test]
async fn what_is_kept_can_be_read_listed_and_deleted() {
    let gateway = at_home("").await;
    let client = gateway.client();
    let first = client.post(PATH, &ask("One.")).await;
    let second = client.post(PATH, &after(&first, "Two.")).await;
    let path = format!("{PATH}/{}", second.json()["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.json(), second.json());
    let items = client.get(&format!("{path}/input_items?order=asc")).await.json();
    let roles: Vec<&str> =
        items["data"].as_array().unwrap().iter().map(|i| i["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user"], "{items}");
    assert_eq!(items["data"][2]["content"], json!([{ "type": "input_text", "text": "Two." }]));
    assert_eq!(client.get(&format!("{path}/input_items?limit=0")).await.status, 400);
    assert_eq!(client.get(&format!("{path}?stream=true")).await.status, 400);
    assert_eq!(client.post(&path, &json!({})).await.status, 405);
    assert_eq!(client.get(&format!("{path}/other")).await.status, 404);
    let first_path = format!("{PATH}/{}", first.json()["id"].as_str().unwrap());
    let deleted = delete(&gateway, &first_path).await;
    assert_eq!(deleted.json(), json!({ "id": first.json()["id"], "object": "response", "deleted": true }));
    assert_eq!(client.get(&first_path).await.status, 404);
    assert_eq!(client.post(PATH, &after(&first, "Three.")).await.status, 400);
    let third = client.post(PATH, &after(&second, "Three.")).await;
    assert_eq!(third.status, 200, "it has turns of its own: {}", third.text());
    assert!(!gateway.leaks(b"Two."), "neither logs nor the record hold a text");
}

#[tokio::test]
async fn what_is_not_to_be_kept_is_not() {
    let gateway = at_home("").await;
    let client = gateway.client();
    let mut untold = ask(EASY);
    untold["store"] = json!(false);
    let answer = client.post(PATH, &untold).await;
    assert_eq!(answer.json()["store"], json!(false));
    assert_eq!(client.post(PATH, &after(&answer, EASY)).await.status, 400);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&format!("{PATH}/{id}")).await.status, 404);

    // A follow-up that is not kept itself goes on all the same.
    let kept = client.post(PATH, &ask(EASY)).await;
    let mut last = after(&kept, EASY);
    last["store"] = json!(false);
    assert_eq!(client.post(PATH, &last).await.status, 200);
    let metrics = gateway.admin().get("/metrics").await.text();
    assert!(metrics.contains("hearthgate_responses_kept 1\n"), "{metrics}");

    let off = at_home("\n[responses]\nenabled = false\n").await;
    let answer = off.client().post(PATH, &ask(EASY)).await;
    assert_eq!(answer.json()["store"], json!(false));
    assert_eq!(off.client().post(PATH, &after(&answer, EASY)).await.status, 400);

    let few = at_home("\n[responses]\ncount = 2\n").await;
    let mut answers = Vec::new();
    for text in ["One.", "Two.", "Three."] {
        answers.push(few.client().post(PATH, &ask(text)).await);
    }
    let mut found = Vec::new();
    for answer in &answers {
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        found.push(few.client().get(&format!("{PATH}/{id}")).await.status.as_u16());
    }
    assert_eq!(found, [404, 200, 200]);
}

#[tokio::test]
async fn what_is_kept_goes_with_its_callers_key() {
    let (ann, ben) = (client_key("ann", ""), client_key("ben", ""));
    let config = device_only("hello");
    let gateway = Setup::new(&format!("{config}{ann}{ben}")).policy(&all_at_home()).start().await;
    let of = |name: &str| gateway.client().with("authorization", &format!("Bearer key-of-{name}"));
    let mut paths = Vec::new();
    for name in ["ann", "ben"] {
        let answer = of(name).post(PATH, &ask(EASY)).await;
        paths.push((name, format!("{PATH}/{}", answer.json()["id"].as_str().unwrap())));
    }
    for keys in [ben.clone(), ann + &ben] {
        gateway.reload("hearthgate.toml", &format!("{config}{keys}"));
        assert_eq!(gateway.admin().post("/reload", &json!({})).await.status, 200);
    }
    let mut found = Vec::new();
    for (name, path) in &paths {
        found.push(of(name).get(path).await.status.as_u16());
    }
    assert_eq!(found, [404, 200]);
}

#[tokio::test]
async fn what_is_switched_off_by_a_reload_is_gone() {
    let config = device_only("hello");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let answer = gateway.client().post(PATH, &ask(EASY)).await;
    let path = format!("{PATH}/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(gateway.client().get(&path).await.status, 200);
    for more in ["\n[responses]\nenabled = false\n", ""] {
        gateway.reload("hearthgate.toml", &format!("{config}{more}"));
        let reloaded = gateway.admin().post("/reload", &json!({})).await;
        assert_eq!(reloaded.status, 200, "{}", reloaded.text());
        assert_eq!(gateway.client().get(&path).await.status, 404);
    }
}

#[tokio::test]
async fn what_a_conversation_says_is_told_as_its_word_and_not_lowered() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url())
        + "\n[memory]\nentries = 0\n"
        + &client_key("ann", "roles = [\"press\"]");
    let policy = hard_to_cloud()
        + "\n[[declassify]]\nname = \"press-release\"\nrole = \"press\"\nfrom = \"confidential\"\nto = \"internal\"\n";
    let gateway = Setup::new(&config).policy(&policy).start().await;
    let ann = || gateway.client().with("authorization", "Bearer key-of-ann");
    let lowered = || ann().with("x-hearthgate-declassify", "press-release");
    let first = ann().with("x-hearthgate-label", "confidential").post(PATH, &ask(EASY)).await;
    assert_eq!(told(&first).1, "confidential", "{}", first.text());
    let later = lowered().post(PATH, &after(&first, HARD)).await;
    assert_eq!(told(&later), ("device".to_owned(), "confidential".to_owned()), "{}", later.text());
    // By a word of its own the same is lowered.
    let own = lowered().with("x-hearthgate-label", "confidential").post(PATH, &ask(HARD)).await;
    assert_eq!(told(&own), ("cloud".to_owned(), "internal".to_owned()), "{}", own.text());
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |answer: &Response| {
        let id = answer.header("x-request-id");
        lines.iter().find(|line| line["id"] == json!(id) && line.get("reasons").is_some()).cloned().unwrap()
    };
    let (first, later) = (of(&first), of(&later));
    let says = |line: &Value, what: &str| line["reasons"].to_string().contains(what);
    assert!(says(&first, "by the caller's word") && !says(&first, "by its conversation"), "{first}");
    assert!(says(&later, "by its conversation") && !says(&later, "by the caller's word"), "{later}");
    assert_eq!((&first["conversation"], &later["conversation"]), (&Value::Null, &json!("confidential")));
}

#[tokio::test]
async fn an_item_can_be_named_in_place_of_being_sent() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url()) + "\n[memory]\nentries = 0\n";
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let client = gateway.client();
    let private = client.with("x-hearthgate-label", "confidential").post(PATH, &ask(EASY)).await;
    let said = private.json()["output"][0].clone();
    let named = |id: &Value| {
        json!({ "model": "auto", "input": [
        { "type": "item_reference", "id": id }, { "role": "user", "content": HARD }] })
    };
    let later = gateway.client().post(PATH, &named(&said["id"])).await;
    assert_eq!(told(&later), ("device".to_owned(), "confidential".to_owned()), "{}", later.text());
    let id = later.json()["id"].as_str().unwrap().to_owned();
    let items = gateway.client().get(&format!("{PATH}/{id}/input_items?order=asc&limit=1")).await.json();
    assert_eq!(items["data"][0]["id"], said["id"]);
    let before =
        format!("{PATH}/{id}/input_items?order=asc&before={}", items["data"][0]["id"].as_str().unwrap());
    assert_eq!(gateway.client().get(&before).await.json()["data"], json!([]));
    for id in [json!("msg_req-0_0"), json!("other"), json!(7)] {
        let refused = gateway.client().post(PATH, &named(&id)).await;
        let error = refused.json()["error"].clone();
        assert_eq!(
            (refused.status.as_u16(), &error["code"], &error["param"]),
            (404, &json!("item_not_found"), &json!("/input/0"))
        );
    }
    assert!(cloud.connections().is_empty());
}
