//! Who an upstream is: what the word for its dialect stands for, where it is asked, and in which header it has its key.

use std::str::FromStr;

use hearthgate_rules::suggest::did_you_mean;
use http::HeaderName;
use http::Uri;

use super::check::Check;
use super::error::ConfigError;
use super::file::UpstreamFile;
use super::{Endpoint, UpstreamDialect};

/// What of an upstream goes by its provider.
pub struct Provider {
    pub dialect: UpstreamDialect,
    pub endpoint: Endpoint,
    pub api_key_header: HeaderName,
}

/// The words for a dialect. Azure's is OpenAI's, asked elsewhere.
const WORDS: [&str; 4] = ["openai", "azure", "anthropic", "gemini"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    OpenAi,
    Azure,
    Anthropic,
    Gemini,
}

impl FromStr for Word {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "openai" => Ok(Self::OpenAi),
            "azure" => Ok(Self::Azure),
            "anthropic" => Ok(Self::Anthropic),
            "gemini" => Ok(Self::Gemini),
            _ => {
                let all = WORDS.map(|word| format!("`{word}`")).join(", ");
                Err(format!(
                    "unknown dialect `{name}`{}; this version speaks {all}",
                    did_you_mean(name, WORDS)
                ))
            }
        }
    }
}

impl Word {
    fn dialect(self) -> UpstreamDialect {
        match self {
            Self::OpenAi | Self::Azure => UpstreamDialect::OpenAi,
            Self::Anthropic => UpstreamDialect::Anthropic,
            Self::Gemini => UpstreamDialect::Gemini,
        }
    }

    fn api_key_header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::OpenAi => "authorization",
            Self::Azure => "api-key",
            Self::Anthropic => "x-api-key",
            Self::Gemini => "x-goog-api-key",
        })
    }
}

/// Headers that are the gateway's own, whatever a site writes.
const OWN: [&str; 9] = [
    "host",
    "user-agent",
    "content-type",
    "content-length",
    "accept",
    "connection",
    "transfer-encoding",
    "anthropic-version",
    "proxy-authorization",
];

/// Reads what goes by the provider.
pub fn provider(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    base_url: &Uri,
) -> Result<Provider, ConfigError> {
    let word = raw.dialect.as_ref().map(|word| check.word(&at("dialect"), word)).transpose()?;
    let word = word.unwrap_or(Word::OpenAi);
    let api_key_header = match raw.api_key_header.as_deref() {
        None => word.api_key_header(),
        Some(name) => {
            let header = HeaderName::from_str(name).ok().filter(|header| !OWN.contains(&header.as_str()));
            header.ok_or_else(|| {
                let mend = "write one such as `authorization` or `api-key`";
                check.source.fault(&at("api_key_header"), format!("`{name}` is no header for a key; {mend}"))
            })?
        }
    };
    let endpoint = endpoint(check, at, raw, word, base_url)?;
    Ok(Provider { dialect: word.dialect(), endpoint, api_key_header })
}

/// Azure has a path for every deployment, asked in a version of its API, and beside it `/openai/v1`, which needs none.
fn endpoint(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    word: Word,
    base_url: &Uri,
) -> Result<Endpoint, ConfigError> {
    let version = raw.api_version.clone();
    let key = at("api_version");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if let Some(version) =
        version.as_ref().filter(|version| version.is_empty() || !version.chars().all(plain))
    {
        return check.fault(&key, format!("`{version}` is no version; write one such as `2024-10-21`"));
    }
    match (word, version) {
        (Word::Azure, version) if base_url.path().ends_with("/openai/v1") => {
            Ok(version.map_or(Endpoint::Usual, Endpoint::Version))
        }
        (Word::Azure, Some(version)) => Ok(Endpoint::Deployments(version)),
        (Word::Azure, None) => check.fault(
            &key,
            "is missing; write the version of Azure's API such as `2024-10-21`, or end `base_url` with `/openai/v1`",
        ),
        (_, None) => Ok(Endpoint::Usual),
        (_, Some(_)) => check.fault(&key, "this dialect has no such key; leave it out"),
    }
}
