//! Whose API a request speaks, told by its path as the provider tells it, and what that provider refuses of a head.

use serde_json::{Value, json};

use super::Received;
use crate::{anthropic, bedrock, gemini, openai};

/// A provider's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// OpenAI's chat completions.
    OpenAi,
    /// The same at Azure: a deployment's, or the newer surface.
    Azure,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's own.
    Gemini,
    /// AWS Bedrock's Converse.
    Bedrock,
}

/// The version of its API that the fake Azure has.
const AZURE_VERSION: &str = "2024-10-21";

impl Api {
    /// Whose a request is; none where no provider has such a path for answers.
    pub fn of(request: &Received) -> Option<Self> {
        if request.method != "POST" {
            return None;
        }
        let path = request.target.split('?').next().unwrap_or_default();
        match path {
            "/v1/chat/completions" => Some(Self::OpenAi),
            "/v1/messages" => Some(Self::Anthropic),
            "/openai/v1/chat/completions" => Some(Self::Azure),
            _ if deployment(path).is_some() => Some(Self::Azure),
            _ if gemini::asked(path).is_some() => Some(Self::Gemini),
            _ if bedrock::asked(path).is_some() => Some(Self::Bedrock),
            _ => None,
        }
    }

    /// What its provider refuses of a request's head, with the status: another key than this one, or a query or a header that
    /// it does not know or cannot do without.
    pub fn check(self, request: &Received, key: Option<&str>) -> Result<(), (u16, String)> {
        if let Some(key) = key.filter(|key| self == Self::Bedrock && key.contains(':')) {
            let path = request.target.split('?').next().unwrap_or_default();
            let signed = bedrock::Signed { path, header: &|name| request.header(name), body: &request.body };
            if !bedrock::is_signed(&signed, key) {
                return Err((
                    403,
                    "The request signature we calculated does not match the signature you provided."
                        .to_owned(),
                ));
            }
        } else if key.is_some_and(|key| self.key_of(request).as_deref() != Some(key)) {
            if self == Self::Gemini {
                return Err((400, "API key not valid. Please pass a valid API key.".to_owned()));
            }
            return Err((401, "Incorrect API key provided.".to_owned()));
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        match self {
            Self::OpenAi | Self::Anthropic | Self::Bedrock if !query.is_empty() => {
                Err((404, "Unknown request URL.".to_owned()))
            }
            Self::Anthropic if request.header("anthropic-version").as_deref() != Some("2023-06-01") => {
                Err((400, "anthropic-version: header is required".to_owned()))
            }
            Self::Azure if deployment(path).is_some_and(|name| name.is_empty() || name.contains('/')) => {
                Err((404, "The API deployment for this resource does not exist.".to_owned()))
            }
            Self::Azure if deployment(path).is_some() && query != format!("api-version={AZURE_VERSION}") => {
                Err((404, "Resource not found".to_owned()))
            }
            Self::Azure if !matches!(query, "" | "api-version=preview") && deployment(path).is_none() => {
                Err((400, "API version not supported".to_owned()))
            }
            // Without it a stream would be one array of JSON.
            Self::Gemini if (query == "alt=sse") != gemini::asked(path).is_some_and(|(_, stream)| stream) => {
                Err((400, "Invalid JSON payload received.".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// What its provider refuses of a body.
    pub fn check_body(self, request: &Received, body: &Value) -> Result<(), String> {
        match self {
            Self::Azure if body["model"] == openai::NEWER_MODEL && body.get("max_tokens").is_some() => {
                Err("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
                    .to_owned())
            }
            Self::OpenAi | Self::Azure => openai::check(body),
            Self::Anthropic => anthropic::check(body),
            Self::Gemini => gemini::check(&self.model_of(request), body),
            Self::Bedrock => bedrock::check(body),
        }
    }

    /// The model that is asked.
    pub fn model_of(self, request: &Received) -> String {
        let path = request.target.split('?').next().unwrap_or_default();
        match self {
            Self::Gemini => gemini::asked(path).map(|(model, _)| model.to_owned()).unwrap_or_default(),
            Self::Bedrock => bedrock::asked(path).map(|(model, _)| model.to_owned()).unwrap_or_default(),
            _ => request.json()["model"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// An error in its form.
    pub fn error(self, code: u16, message: &str) -> Value {
        match self {
            Self::OpenAi | Self::Azure => openai::error(message, "invalid_request_error", None),
            Self::Anthropic => {
                let kind = if code == 401 { "authentication_error" } else { "invalid_request_error" };
                anthropic::error(message, kind)
            }
            Self::Bedrock => bedrock::error(message),
            Self::Gemini => {
                let mut error = gemini::error(code, message, "INVALID_ARGUMENT");
                if message.starts_with("API key not valid") {
                    error["error"]["details"] = json!([{ "reason": "API_KEY_INVALID" }]);
                }
                error
            }
        }
    }

    fn key_of(self, request: &Received) -> Option<String> {
        match self {
            Self::OpenAi | Self::Bedrock => {
                request.header("authorization")?.strip_prefix("Bearer ").map(str::to_owned)
            }
            // A key in the other header is Entra's, and no key of the resource.
            Self::Azure => request.header("api-key").filter(|_| request.header("authorization").is_none()),
            Self::Anthropic => request.header("x-api-key"),
            Self::Gemini => request.header("x-goog-api-key"),
        }
    }
}

/// The deployment that a path of Azure's names.
fn deployment(path: &str) -> Option<&str> {
    path.strip_prefix("/openai/deployments/")?.strip_suffix("/chat/completions")
}
