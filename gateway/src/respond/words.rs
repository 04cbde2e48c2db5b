//! The words of errors in a client's dialect: an upstream's own, and the kinds that go by a status.

use bytes::Bytes;
use hearthgate_rules::chat::Dialect;
use hearthgate_rules::json::Document;
use http::{Response, StatusCode};

use super::json;
use crate::body::Body;
use crate::cloud::CloudError;
use crate::cloud::is_too_long;
use crate::dialect::anthropic;
use crate::dialect::carry::Writer;
use crate::dialect::openai::ErrorBody;
use crate::dialect::openai::answer::error as words_of;

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
    // Google says so with a status that is the caller's fault elsewhere.
    let our_key = memchr::memmem::find(body, b"API_KEY_INVALID").is_some();
    let holds = |word: &str| memchr::memmem::find(body, word.as_bytes()).is_some();
    if !callers_fault || our_key || !(holds("\"error\"") || holds("\"message\"")) {
        return None;
    }
    let Ok(words) = Document::parse(body) else {
        // It may be cut at the bound.
        return (!anthropic_spoken(dialect)).then(|| json(status, body.clone()));
    };
    // Google's and AWS's are of no client's dialect.
    let others = words.root().get("error").is_none_or(|error| error.str("status").is_some());
    if !others && (words.root().str("type") == Some("error")) == anthropic_spoken(dialect) {
        return Some(json(status, body.clone()));
    }
    let (kind, message) = words_of(words.root());
    let kind = if kind.is_empty() { "invalid_request_error" } else { &kind };
    let body = match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => {
            let code = if is_too_long(body) { "context_length_exceeded" } else { "upstream_refused" };
            ErrorBody { message: &message, kind, param: None, code }.render()
        }
        Dialect::AnthropicMessages => anthropic::error(kind_of_status(status), &message, request_id),
    };
    Some(json(status, Bytes::from(body)))
}

/// Whether errors are in Anthropic's words; all of OpenAI's surfaces share theirs.
fn anthropic_spoken(dialect: Dialect) -> bool {
    dialect == Dialect::AnthropicMessages
}

/// An upstream's own words on a stream that it could not end well, in the client's dialect.
#[must_use]
pub fn in_stream(writer: &mut Writer, kind: &str, message: &str) -> Vec<u8> {
    let code = CloudError::InStream.code();
    match writer {
        Writer::OpenAi(_) => ErrorBody { message, kind, param: None, code }.event(),
        Writer::Anthropic(_) => anthropic::error_event("api_error", message),
        Writer::Responses(head) => head.failed(code, message),
    }
}
