//! Every way in which a request can fail, and what the caller is told: status, headers and body.
//!
//! The one place where HTTP statuses of errors are chosen. Messages name the thing and the mend; they hold
//! words of the request only in a JSON pointer, and go to the caller alone: logs and metrics take `code`.

mod words;

use std::time::Duration;

use bytes::Bytes;
use hearthgate_engines::EngineError;
use hearthgate_engines::error::TemplateFault;
use hearthgate_rules::chat::{Dialect, RequestError};
use hearthgate_rules::decision::Refusal;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};

pub use words::{in_stream, refusal_within};
use words::{kind_of_status, passed_on};

use crate::auth::AuthError;
use crate::body::Body;
use crate::cloud::CloudError;
use crate::dialect::carry::Writer;
use crate::dialect::openai::ErrorBody;
use crate::dialect::{anthropic, ollama};
use crate::limits::Limited;

/// Why a request was not answered.
#[derive(Debug)]
pub enum Fault {
    /// The caller is not known, or comes from where it may not.
    Auth(AuthError),
    /// No such path; these there are.
    NotFound(&'static str),
    /// The path exists, the method does not.
    Method(&'static str),
    /// The body is not declared to be JSON.
    MediaType,
    /// The body is larger than the bound in bytes.
    BodyTooLarge(usize),
    /// The body did not come in time.
    BodyTimeout,
    /// The client went away, or broke off its body.
    BodyBroken,
    /// A header of ours with a value that it does not have.
    Header { name: &'static str, message: String },
    /// A declassification, by its name where the policy has it, that no role of the caller's allows.
    Declassify(Option<String>),
    /// The body is no request.
    Request(RequestError),
    /// The caller has used up what it may.
    Limited(Limited),
    /// The policy does not let it go anywhere.
    Refused { refusal: Refusal, known: String },
    /// The device model cannot answer.
    Engine(EngineError),
    /// The upstream did not answer, or not well.
    Cloud(CloudError),
    /// The target's dialect cannot say what stands at this place of the request.
    CannotCarry { pointer: String, why: &'static str },
    /// No target reads so much at once: of those that were to be asked, this one reads the most.
    TooLong { target: String, window: u64, tokens_min: u64 },
    /// Its answer did not begin in the time that the site gives it.
    Deadline,
    /// The decision could not be recorded, so nothing was sent.
    Audit,
    /// The configuration changed under the request more often than it is decided again.
    Reloading,
    /// A model asked for by `/v1/models/{id}` that is not there.
    NoSuchModel,
    /// A response asked for, or gone on from, that is not kept: another caller's is none either.
    NoSuchResponse { previous: bool },
    /// An item that a request names and that is not kept of its caller.
    NoSuchItem { pointer: String },
    /// A query with a value that it does not have.
    Query { name: &'static str, expected: &'static str },
    /// A completion or an embedding asked of a model that is not in this process.
    NotAtHome,
    /// The gateway itself is at fault.
    Internal,
}

/// What the caller is told.
struct Told {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    param: Option<String>,
    retry_after: Option<Duration>,
}

impl Told {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, code, message: message.into(), param: None, retry_after: None }
    }

    fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Anthropic's `type`, which goes by the status.
    fn anthropic_kind(&self) -> &'static str {
        kind_of_status(self.status)
    }

    /// The message with its code: Anthropic's errors have no other place for it.
    fn sentence(&self) -> String {
        format!("{} ({})", self.message, self.code)
    }
}

const INVALID: &str = "invalid_request_error";
const SERVER: &str = "server_error";

impl Fault {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.told().status
    }

    /// A short name of the cause, for records and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.told().code
    }

    /// The whole response, in the client's dialect.
    #[must_use]
    pub fn response(&self, dialect: Dialect, request_id: &str) -> Response<Body> {
        if let Self::Cloud(error @ CloudError::Status { status, body, .. }) = self
            && !error.refuses_our_key()
            && let Some(response) = passed_on(*status, body, dialect, request_id)
        {
            return response;
        }
        let told = self.told_in(dialect);
        let body = match dialect {
            Dialect::OpenAiChat | Dialect::OpenAiResponses => error_body(&told).render(),
            Dialect::AnthropicMessages => {
                anthropic::error(told.anthropic_kind(), &told.sentence(), request_id)
            }
            Dialect::Ollama => ollama::error(&told.sentence()),
        };
        let mut response = json(told.status, Bytes::from(body));
        let headers = response.headers_mut();
        if let Some(wait) = told.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds_up(wait)));
        }
        match self {
            Self::Method(allowed) => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            // What is left of the body is not read, so the connection cannot carry another request.
            Self::BodyTooLarge(_) | Self::BodyTimeout | Self::BodyBroken => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }

    /// As an event in a stream that has begun.
    #[must_use]
    pub fn event(&self, dialect: Dialect) -> Vec<u8> {
        let told = self.told();
        match dialect {
            Dialect::OpenAiChat | Dialect::OpenAiResponses => error_body(&told).event(),
            Dialect::AnthropicMessages => anthropic::error_event(told.anthropic_kind(), &told.sentence()),
            Dialect::Ollama => ollama::error_line(&told.sentence()),
        }
    }

    /// As the last of a stream that has begun.
    #[must_use]
    pub fn written(&self, writer: &mut Writer) -> Vec<u8> {
        match writer {
            Writer::OpenAi(_) | Writer::Anthropic(_) | Writer::Ollama(_) => self.event(writer.dialect()),
            Writer::Responses(head) => {
                let told = self.told();
                head.failed(told.code, &told.message)
            }
        }
    }

    /// With the fields that a device model speaks of named as the client names them.
    fn told_in(&self, dialect: Dialect) -> Told {
        let mut told = self.told();
        if let (Self::Engine(_) | Self::TooLong { .. }, Some(param)) = (self, &mut told.param) {
            let own = match (dialect, param.as_str()) {
                (Dialect::OpenAiResponses, "messages") => "input",
                (Dialect::OpenAiResponses, "response_format") => "text.format",
                (Dialect::OpenAiResponses, "max_tokens") => "max_output_tokens",
                (Dialect::Ollama, "response_format") => "format",
                (Dialect::Ollama, "max_tokens") => "num_predict",
                _ => return told,
            };
            told.message = told.message.replace(&format!("`{param}`"), &format!("`{own}`"));
            own.clone_into(param);
        }
        told
    }

    fn told(&self) -> Told {
        match self {
            Self::Auth(error) => auth(error),
            Self::NotFound(paths) => Told::new(
                StatusCode::NOT_FOUND,
                INVALID,
                "unknown_url",
                format!("there is nothing at this path; see {paths}"),
            ),
            Self::Method(allowed) => Told::new(
                StatusCode::METHOD_NOT_ALLOWED,
                INVALID,
                "method_not_allowed",
                format!("this path takes {allowed}"),
            ),
            Self::MediaType => Told::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                INVALID,
                "unsupported_media_type",
                "send the body as `content-type: application/json`",
            ),
            Self::BodyTooLarge(bound) => Told::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                INVALID,
                "request_too_large",
                format!(
                    "the body is larger than {bound} bytes, the bound `server.body_bytes_max` of this gateway"
                ),
            ),
            Self::BodyTimeout => Told::new(
                StatusCode::REQUEST_TIMEOUT,
                INVALID,
                "request_timeout",
                "the body did not arrive within `server.body_timeout_ms`",
            ),
            Self::BodyBroken => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "body_incomplete",
                "the body broke off before its end",
            ),
            Self::Header { name, message } => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "invalid_header",
                format!("header `{name}`: {message}"),
            )
            .at(*name),
            Self::Declassify(name) => Told::new(
                StatusCode::FORBIDDEN,
                "permission_error",
                "declassification_not_allowed",
                match name {
                    Some(name) => format!(
                        "no role of this key allows the declassification `{name}`; leave the header out, or have the \
                         role that the policy names for it added to the `roles` of the key"
                    ),
                    None => "the policy has no such declassification, or no role of this key allows it; leave the \
                             header out"
                        .to_owned(),
                },
            )
            .at("x-hearthgate-declassify"),
            Self::Request(error) => {
                let told = Told::new(StatusCode::BAD_REQUEST, INVALID, error.code(), error.to_string());
                if error.pointer().is_empty() { told } else { told.at(error.pointer()) }
            }
            Self::Limited(limited) => Told::new(
                StatusCode::TOO_MANY_REQUESTS,
                limited.kind(),
                "rate_limit_exceeded",
                limited.to_string(),
            )
            .retry_after(limited.retry_after()),
            Self::Refused { refusal, known } => refused(refusal, known),
            Self::Engine(error) => engine(error),
            Self::Cloud(error) => cloud(error),
            Self::CannotCarry { pointer, why } => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "unsupported_parameter",
                format!("`{pointer}` cannot be told to the target: {why}"),
            )
            .at(pointer),
            // Clients look for the beginning of this sentence, or for the code.
            Self::TooLong { target, window, tokens_min } => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "context_length_exceeded",
                format!(
                    "prompt is too long: at least {tokens_min} tokens > {window} maximum, the context window of `{target}`; \
                     shorten `messages`"
                ),
            )
            .at("messages"),
            Self::Deadline => Told::new(
                StatusCode::GATEWAY_TIMEOUT,
                SERVER,
                "deadline_exceeded",
                "no target answered within `server.deadline_ms`, all attempts together",
            ),
            Self::Audit => Told::new(
                StatusCode::SERVICE_UNAVAILABLE,
                SERVER,
                "audit_unavailable",
                "the decision could not be recorded, so the request was not answered; see the gateway's log",
            ),
            Self::Reloading => Told::new(
                StatusCode::SERVICE_UNAVAILABLE,
                SERVER,
                "reloading",
                "the configuration changed while this request was being retried; send it again",
            )
            .retry_after(Some(Duration::from_secs(1))),
            Self::NoSuchModel => Told::new(
                StatusCode::NOT_FOUND,
                INVALID,
                "model_not_found",
                "this gateway has no model of that name; GET /v1/models lists them",
            )
            .at("model"),
            Self::NoSuchResponse { previous: true } => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "previous_response_not_found",
                "no such response of yours is kept: it was not to be stored, is too old, or was deleted; send the whole \
                 conversation as `input`",
            )
            .at("previous_response_id"),
            Self::NoSuchResponse { previous: false } => Told::new(
                StatusCode::NOT_FOUND,
                INVALID,
                "response_not_found",
                "no such response of yours is kept: it was not to be stored, is too old, or was deleted",
            )
            .at("response_id"),
            Self::NoSuchItem { pointer } => Told::new(
                StatusCode::NOT_FOUND,
                INVALID,
                "item_not_found",
                "no such item of yours is kept: its response was not to be stored, is too old, or was deleted; send the item \
                 itself",
            )
            .at(pointer),
            Self::Query { name, expected } => Told::new(
                StatusCode::BAD_REQUEST,
                INVALID,
                "invalid_value",
                format!("`{name}` of the query {expected}"),
            )
            .at(*name),
            Self::NotAtHome => Told::new(
                StatusCode::NOT_FOUND,
                INVALID,
                "model_not_found",
                "no model of this process answers that: completions and embeddings never leave it; for embeddings \
                 configure a `[[model]]` with `embeddings = true`",
            )
            .at("model"),
            Self::Internal => Told::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                SERVER,
                "internal_error",
                "the gateway failed on this request; its log has the request id",
            ),
        }
    }
}

fn auth(error: &AuthError) -> Told {
    let status = match error {
        AuthError::Missing | AuthError::Unknown => StatusCode::UNAUTHORIZED,
        AuthError::NotLoopback | AuthError::BadHost => StatusCode::FORBIDDEN,
    };
    Told::new(status, "authentication_error", error.code(), error.to_string())
}

fn refused(refusal: &Refusal, known: &str) -> Told {
    match refusal {
        Refusal::UnknownModel => Told::new(
            StatusCode::NOT_FOUND,
            INVALID,
            refusal.code(),
            format!("the model asked for is not known here; ask for one of {known}"),
        )
        .at("model"),
        Refusal::NoTarget => Told::new(
            StatusCode::FORBIDDEN,
            "permission_error",
            refusal.code(),
            "the policy lets this request go to no target that there is; \
             `hearthgate explain` names the rule and what was found",
        ),
        Refusal::ByPolicy(sentence) => {
            Told::new(StatusCode::FORBIDDEN, "permission_error", refusal.code(), sentence)
        }
    }
}

fn engine(error: &EngineError) -> Told {
    let message = error.to_string();
    match error {
        EngineError::QueueFull { retry_after_ms } => {
            Told::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "device_busy", message)
                .retry_after(Some(Duration::from_millis(*retry_after_ms)))
        }
        EngineError::PromptTooLong { .. } => {
            Told::new(StatusCode::BAD_REQUEST, INVALID, "context_length_exceeded", message).at("messages")
        }
        EngineError::Template {
            fault: TemplateFault::Schema | TemplateFault::SchemaCost | TemplateFault::NoSchema,
        } => Told::new(StatusCode::BAD_REQUEST, INVALID, "unsupported_schema", message).at("response_format"),
        EngineError::Template { fault: TemplateFault::NoTools } => {
            Told::new(StatusCode::BAD_REQUEST, INVALID, "unsupported_parameter", message).at("tools")
        }
        // Which file it is, and what is wrong with it, is the operator's to read.
        EngineError::ModelUnreadable { .. } => Told::new(
            StatusCode::SERVICE_UNAVAILABLE,
            SERVER,
            "device_failed",
            "the device model could not be loaded; the gateway's log says why",
        ),
        EngineError::Deadline => Told::new(StatusCode::GATEWAY_TIMEOUT, SERVER, "device_timeout", message),
        EngineError::Template { .. } => {
            Told::new(StatusCode::BAD_REQUEST, INVALID, "unsupported_messages", message).at("messages")
        }
        EngineError::InvalidSampling { parameter, .. } => {
            Told::new(StatusCode::BAD_REQUEST, INVALID, "invalid_value", message).at(*parameter)
        }
        EngineError::UnsupportedField { field, .. } => {
            Told::new(StatusCode::BAD_REQUEST, INVALID, "unsupported_parameter", message).at(*field)
        }
        _ => Told::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "device_failed", message)
            .retry_after(Some(Duration::from_secs(1))),
    }
}

fn cloud(error: &CloudError) -> Told {
    let (status, code) = match error {
        CloudError::Status { .. } if error.refuses_our_key() => {
            (StatusCode::BAD_GATEWAY, "upstream_refused_our_key")
        }
        CloudError::Status { status, .. } => match status.as_u16() {
            429 => (StatusCode::TOO_MANY_REQUESTS, "upstream_rate_limited"),
            503 | 529 => (StatusCode::SERVICE_UNAVAILABLE, "upstream_overloaded"),
            _ => (StatusCode::BAD_GATEWAY, "upstream_error"),
        },
        CloudError::ConnectTimeout
        | CloudError::FirstByteTimeout
        | CloudError::CutShort
        | CloudError::IdleTimeout => (StatusCode::GATEWAY_TIMEOUT, error.code()),
        CloudError::Busy => (StatusCode::TOO_MANY_REQUESTS, error.code()),
        CloudError::BreakerOpen { .. } => (StatusCode::SERVICE_UNAVAILABLE, error.code()),
        _ => (StatusCode::BAD_GATEWAY, error.code()),
    };
    let message = match error {
        CloudError::MalformedCall(fault) => format!("{}; ask again", fault.words()),
        _ => format!("the upstream did not answer: {error}"),
    };
    Told::new(status, "upstream_error", code, message).retry_after(error.retry_after())
}

fn error_body(told: &Told) -> ErrorBody<'_> {
    ErrorBody { message: &told.message, kind: told.kind, param: told.param.as_deref(), code: told.code }
}

/// A response with a JSON body.
#[must_use]
pub fn json(status: StatusCode, body: Bytes) -> Response<Body> {
    with_type(status, "application/json", body)
}

/// A response with a body of this type.
#[must_use]
pub fn with_type(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// A response whose events come as they are made.
#[must_use]
pub fn events(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A response whose lines come as they are made.
#[must_use]
pub fn lines(body: Body) -> Response<Body> {
    let mut response = events(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

/// Sets a header, if the value can stand in one.
pub fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The answer with what the caller is told whatever becomes of the request.
#[must_use]
pub fn with_headers(
    mut response: Response<Body>,
    mut headers: HeaderMap,
    request_id: &str,
) -> Response<Body> {
    set(&mut headers, "x-request-id", request_id);
    // The response's own are few, and every one that moves is hashed anew.
    headers.extend(std::mem::take(response.headers_mut()));
    *response.headers_mut() = headers;
    response
}

fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
