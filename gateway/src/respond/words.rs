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
    if !callers_fault || memchr::memmem::find(body, b"\"error\"").is_none() {
        return None;
    }
    let Ok(words) = Document::parse(body) else {
        // It may be cut at the bound.
        return openai_spoken(dialect).then(|| json(status, body.clone()));
    };
    let anthropic_words = words.root().str("type") == Some("error");
    if anthropic_words && dialect == Dialect::AnthropicMessages || !anthropic_words && openai_spoken(dialect)
    {
        return Some(json(status, body.clone()));
    }
    let (kind, message) = words_of(words.root());
    let body = match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses => {
            let code = if is_too_long(body) { "context_length_exceeded" } else { "upstream_refused" };
            ErrorBody { message: &message, kind: &kind, param: None, code }.render()
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
