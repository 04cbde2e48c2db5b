//! What is a chat completion request, and where a body that is none goes wrong.

use hearthgate_rules::chat::ChatRequest;

const MESSAGES: &str = r#""messages":[{"role":"user","content":"canary"}]"#;

fn refused(body: &str) -> (&'static str, String) {
    let error = ChatRequest::openai(body).expect_err(body);
    assert!(!error.to_string().contains("canary"), "{error}");
    (error.code(), error.pointer().to_owned())
}

#[test]
fn known_fields_must_have_their_types() {
    let cases = [
        (r#"[]"#.to_owned(), "invalid_type", ""),
        (format!("{{{MESSAGES}}}"), "missing_required_parameter", "/model"),
        (format!(r#"{{"model":1,{MESSAGES}}}"#), "invalid_type", "/model"),
        (format!(r#"{{"model":"",{MESSAGES}}}"#), "invalid_value", "/model"),
        (r#"{"model":"auto"}"#.to_owned(), "missing_required_parameter", "/messages"),
        (r#"{"model":"auto","messages":{}}"#.to_owned(), "invalid_type", "/messages"),
        (r#"{"model":"auto","messages":[]}"#.to_owned(), "invalid_value", "/messages"),
        (r#"{"model":"auto","messages":["x"]}"#.to_owned(), "invalid_type", "/messages/0"),
        (r#"{"model":"auto","messages":[{}]}"#.to_owned(), "missing_required_parameter", "/messages/0/role"),
        (r#"{"model":"auto","messages":[{"role":"boss"}]}"#.to_owned(), "invalid_value", "/messages/0/role"),
        (
            r#"{"model":"auto","messages":[{"role":"user","content":7}]}"#.to_owned(),
            "invalid_type",
            "/messages/0/content",
        ),
        (
            r#"{"model":"auto","messages":[{"role":"user","content":[{"text":"x"}]}]}"#.to_owned(),
            "missing_required_parameter",
            "/messages/0/content/0/type",
        ),
        (
            r#"{"model":"auto","messages":[{"role":"assistant","tool_calls":[1]}]}"#.to_owned(),
            "invalid_type",
            "/messages/0/tool_calls/0",
        ),
        (format!(r#"{{"model":"auto","n":1.5,{MESSAGES}}}"#), "invalid_type", "/n"),
        (format!(r#"{{"model":"auto","stream":"yes",{MESSAGES}}}"#), "invalid_type", "/stream"),
        (format!(r#"{{"model":"auto","stop":["x",1],{MESSAGES}}}"#), "invalid_type", "/stop"),
        (
            format!(r#"{{"model":"auto","stream_options":{{"include_usage":1}},{MESSAGES}}}"#),
            "invalid_type",
            "/stream_options/include_usage",
        ),
        (format!(r#"{{"model":"auto","model":"auto",{MESSAGES}}}"#), "duplicate_key", "/model"),
    ];
    for (body, code, pointer) in cases {
        assert_eq!(refused(&body), (code, pointer.to_owned()), "{body}");
    }
}

#[test]
fn null_stands_for_absent_and_unknown_fields_may_be_anything() {
    let body = format!(
        r#"{{"model":"auto","stream":null,"max_tokens":null,"stop":null,"tools":null,"x":{{"y":[1]}},{MESSAGES}}}"#
    );
    let request = ChatRequest::openai(body).unwrap();
    assert!(!request.stream() && request.max_tokens().is_none());
}

#[test]
fn what_the_gateway_reads_is_what_was_written() {
    let body = format!(
        r#"{{"model":"auto","stream":true,"stream_options":{{"include_usage":true}},"max_tokens":7,"max_completion_tokens":9,{MESSAGES}}}"#
    );
    let request = ChatRequest::openai(body).unwrap();
    assert_eq!(request.model(), "auto");
    assert!(request.stream() && request.include_usage());
    assert_eq!(request.max_tokens(), Some(9));
    assert_eq!(request.messages().count(), 1);
    assert!(!format!("{request:?}").contains("canary"));
}
