//! The words of errors in a client's dialect: an upstream's own, and the kinds that go by a status.

use bytes::Bytes;
use hearthgate_rules::chat::Dialect;
use hearthgate_rules::json::Document;
use http::{Response, StatusCode};

use super::json;
use crate::body::Body;
use crate::cloud::CloudError;
use crate::cloud::is_too_long;
use crate::dialect::carry::Writer;
use crate::dialect::openai::ErrorBody;
use crate::dialect::openai::answer::error as words_of;
use crate::dialect::write::Object;
use crate::dialect::{anthropic, ollama};

/// Anthropic's `type` of an error, as its reference pairs them with statuses.
pub(super) fn kind_of_status(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        _ => "api_error",
    }
}

/// An upstream's own words on a request that it could not take: the caller's to read, unchanged where they are in the
/// caller's dialect.
pub(super) fn passed_on(
    status: StatusCode,
    body: &Bytes,
    dialect: Dialect,
    request_id: &str,
) -> Option<Response<Body>> {
    let callers_fault = matches!(status.as_u16(), 400 | 404 | 409 | 413 | 422);
    let holds = |word: &str| memchr::memmem::find(body, word.as_bytes()).is_some();
    if !callers_fault || !(holds("\"error\"") || holds("\"message\"")) {
        return None;
    }
    let Ok(words) = Document::parse(body) else {
        // It may be cut at the bound.
        return openai_spoken(dialect).then(|| json(status, body.clone()));
    };
    // Google's surface of OpenAI's dialect lays it in a list.
    let told = words.root().items().next().unwrap_or_else(|| words.root());
    // Google's and AWS's are of no client's dialect.
    let others = told.get("error").is_none_or(|error| error.str("status").is_some());
    let (kind, message) = words_of(told);
    let spoken = if told.str("type") == Some("error") {
        dialect == Dialect::AnthropicMessages
    } else {
        openai_spoken(dialect)
    };
    let as_it_is = !others && spoken;
    if as_it_is || message.is_empty() {
        let readable = as_it_is || openai_spoken(dialect);
        return readable.then(|| json(status, body.clone()));
    }
    let kind = if kind.is_empty() { "invalid_request_error" } else { &kind };
    let body = match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => {
            let code = if is_too_long(body) { "context_length_exceeded" } else { "upstream_refused" };
            ErrorBody { message: &message, kind, param: None, code }.render()
        }
        Dialect::AnthropicMessages => anthropic::error(kind_of_status(status), &message, request_id),
        Dialect::Ollama => ollama::error(&message),
    };
    Some(json(status, Bytes::from(body)))
}

/// Whether errors are in OpenAI's words, which all of its surfaces share.
fn openai_spoken(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses)
}

/// An error that stands in a stream before anything else, or in place of an answer, as the status that its kind has elsewhere: Google's, AWS's
/// and Anthropic's words for what is no fault of the stream. None for any other kind.
#[must_use]
pub fn refusal_within(kind: &str, message: &str) -> Option<CloudError> {
    let status = match kind {
        "validationException" | "INVALID_ARGUMENT" | "FAILED_PRECONDITION" => StatusCode::BAD_REQUEST,
        "accessDeniedException" | "PERMISSION_DENIED" | "UNAUTHENTICATED" => StatusCode::FORBIDDEN,
        "resourceNotFoundException" | "NOT_FOUND" => StatusCode::NOT_FOUND,
        "throttlingException" | "RESOURCE_EXHAUSTED" | "rate_limit_error" => StatusCode::TOO_MANY_REQUESTS,
        "serviceUnavailableException" | "UNAVAILABLE" | "overloaded_error" => StatusCode::SERVICE_UNAVAILABLE,
        _ => return None,
    };
    let error = Object::new().text("status", kind).text("message", message).done();
    let body = Bytes::from(Object::new().json("error", &error).done());
    Some(CloudError::Status { status, retry_after: None, body, content_type: None })
}

/// An upstream's own words on a stream that it could not end well, in the client's dialect.
#[must_use]
pub fn in_stream(writer: &mut Writer, kind: &str, message: &str) -> Vec<u8> {
    let code = CloudError::InStream.code();
    match writer {
        Writer::OpenAi(_) => ErrorBody { message, kind, param: None, code }.event(),
        Writer::Anthropic(_) => anthropic::error_event("api_error", message),
        Writer::Responses(head) => head.failed(code, message),
        Writer::Ollama(_) => ollama::error_line(message),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    use super::*;

    async fn told(body: &Value, dialect: Dialect) -> Option<Value> {
        let body = Bytes::from(body.to_string());
        let response = passed_on(StatusCode::BAD_REQUEST, &body, dialect, "req-1")?;
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        Some(serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn the_words_of_a_refusal_are_found_wherever_they_stand() {
        let google =
            json!({ "error": { "code": 400, "message": "No such field.", "status": "INVALID_ARGUMENT" } });
        let missing = json!({ "detail": [{ "loc": ["body"], "msg": "Field required" }] });
        let cases = [
            (json!([google]), "No such field.".to_owned()),
            (google, "No such field.".to_owned()),
            (
                json!({ "object": "error", "message": missing, "type": "invalid_request_error" }),
                missing.to_string(),
            ),
            (json!({ "message": "Too hot." }), "Too hot.".to_owned()),
        ];
        for (body, message) in cases {
            for dialect in [Dialect::OpenAiChat, Dialect::AnthropicMessages] {
                let told = told(&body, dialect).await.expect("passed on");
                assert_eq!(told["error"]["message"], message, "{body}");
            }
        }
        let bare = json!({ "error": "no such model" });
        assert_eq!(told(&bare, Dialect::OpenAiChat).await, Some(bare.clone()));
        let told_anthropic = told(&bare, Dialect::AnthropicMessages).await.expect("passed on");
        assert_eq!(told_anthropic["error"]["message"], "no such model");
    }

    #[tokio::test]
    async fn too_long_is_told_as_such_whoever_says_so() {
        for said in [
            "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
            "Input is too long for requested model.",
        ] {
            let told = told(&json!({ "message": said }), Dialect::OpenAiChat).await.expect("passed on");
            assert_eq!(told["error"]["code"], "context_length_exceeded", "{said}");
        }
    }

    #[tokio::test]
    async fn words_that_nobody_finds_go_to_who_may_read_them() {
        let body = json!({ "error": { "reason": 7 } });
        assert_eq!(told(&body, Dialect::OpenAiChat).await, Some(body.clone()));
        assert_eq!(told(&body, Dialect::AnthropicMessages).await, None);
    }
}
