//! Golden files of the outgoing rewrite.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::Edit;

const RECEIVED: &str = include_str!("../golden/outgoing.received.json");
const SENT: &str = include_str!("../golden/outgoing.sent.json");

#[test]
fn the_outgoing_body_is_the_received_one() {
    let request = ChatRequest::openai(RECEIVED).unwrap();
    let edits = [
        Edit::Set("model", "\"gpt-5.1\"".to_owned()),
        Edit::Set("stream_options", "{\"include_obfuscation\":false,\"include_usage\":true}".to_owned()),
        Edit::Set("reasoning_effort", "\"high\"".to_owned()),
    ];
    let sent = String::from_utf8(request.document().render(&edits)).unwrap();
    assert_eq!(sent, SENT.trim_end());
}
