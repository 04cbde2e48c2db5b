//! Whose API a request speaks, told by its path as the provider tells it, and what that provider refuses of a head.

use super::Received;

/// A provider's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// OpenAI's chat completions.
    OpenAi,
    /// The same at Azure: a deployment's, or the newer surface.
    Azure,
    /// Anthropic's messages.
    Anthropic,
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
            _ => None,
        }
    }

    /// What its provider refuses of a request's head, with the status: another key than this one, or a query or a header that
    /// it does not know or cannot do without.
    pub fn check(self, request: &Received, key: Option<&str>) -> Result<(), (u16, String)> {
        if key.is_some_and(|key| self.key_of(request).as_deref() != Some(key)) {
            return Err((401, "Incorrect API key provided.".to_owned()));
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        match self {
            Self::OpenAi | Self::Anthropic if !query.is_empty() => {
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
            _ => Ok(()),
        }
    }

    fn key_of(self, request: &Received) -> Option<String> {
        match self {
            Self::OpenAi => request.header("authorization")?.strip_prefix("Bearer ").map(str::to_owned),
            // A key in the other header is Entra's, and no key of the resource.
            Self::Azure => request.header("api-key").filter(|_| request.header("authorization").is_none()),
            Self::Anthropic => request.header("x-api-key"),
        }
    }
}

/// The deployment that a path of Azure's names.
fn deployment(path: &str) -> Option<&str> {
    path.strip_prefix("/openai/deployments/")?.strip_suffix("/chat/completions")
}
