//! Where below its base URL an upstream is asked: a path for all its models, or one for each.

use std::collections::HashMap;

use http::Uri;

use super::Expect;
use crate::config::{Endpoint, UpstreamDialect};

/// The paths of an upstream, made once and of the configuration alone.
pub struct Address {
    /// For every model.
    all: Option<Paths>,
    /// For one, by its name.
    each: HashMap<String, Paths>,
}

/// For an answer in one piece, and for a stream.
struct Paths {
    whole: Uri,
    stream: Uri,
}

impl Address {
    /// Of these models below this URL.
    ///
    /// # Errors
    /// When no path can be made of it.
    pub fn new(
        dialect: UpstreamDialect,
        endpoint: &Endpoint,
        base_url: &Uri,
        models: &[String],
    ) -> Result<Self, String> {
        let base = base_url.path().trim_end_matches('/');
        let one = |path: String| Ok::<_, String>(Paths { whole: uri(&path)?, stream: uri(&path)? });
        let usual = match dialect {
            UpstreamDialect::OpenAi => Some("chat/completions"),
            UpstreamDialect::Anthropic => Some("messages"),
            UpstreamDialect::Gemini | UpstreamDialect::Bedrock => None,
        };
        let all = match (usual, endpoint) {
            (Some(usual), Endpoint::Usual) => Some(one(format!("{base}/{usual}"))?),
            (Some(usual), Endpoint::Version(version)) => {
                Some(one(format!("{base}/{usual}?api-version={version}"))?)
            }
            _ => None,
        };
        let each = |model: &String| {
            let name = encoded(model);
            let paths = match endpoint {
                Endpoint::Deployments(version) => {
                    let below = format!("openai/deployments/{name}/chat/completions?api-version={version}");
                    one(format!("{base}/{below}"))?
                }
                Endpoint::Usual if dialect == UpstreamDialect::Bedrock => Paths {
                    whole: uri(&format!("{base}/model/{name}/converse"))?,
                    stream: uri(&format!("{base}/model/{name}/converse-stream"))?,
                },
                // Gemini's, which says in its path what is asked.
                Endpoint::Usual | Endpoint::Version(_) => Paths {
                    whole: uri(&format!("{base}/models/{name}:generateContent"))?,
                    stream: uri(&format!("{base}/models/{name}:streamGenerateContent?alt=sse"))?,
                },
            };
            Ok::<_, String>((model.clone(), paths))
        };
        let named = if all.is_some() { &[] } else { models };
        Ok(Self { all, each: named.iter().map(each).collect::<Result<_, _>>()? })
    }

    /// Where a model is asked for an answer of this kind; none for a model that there is not.
    pub fn of(&self, model: &str, expect: Expect) -> Option<&Uri> {
        let paths = self.all.as_ref().or_else(|| self.each.get(model))?;
        Some(match expect {
            Expect::Json => &paths.whole,
            Expect::EventStream => &paths.stream,
        })
    }
}

fn uri(path: &str) -> Result<Uri, String> {
    Uri::try_from(path).map_err(|_| "`base_url` has no usable path".to_owned())
}

/// A name as one segment of a path: what RFC 3986 does not call unreserved is written by its bytes.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(dialect: UpstreamDialect, endpoint: &Endpoint, base: &'static str, model: &str) -> String {
        let base = Uri::from_static(base);
        let address = Address::new(dialect, endpoint, &base, &[model.to_owned()]).expect("an address");
        assert!(address.all.is_some() || address.of("another", Expect::Json).is_none());
        address.of(model, Expect::EventStream).expect("a path").to_string()
    }

    #[test]
    fn gemini_is_asked_at_its_models() {
        let base = Uri::from_static("https://generativelanguage.googleapis.com/v1beta");
        let (dialect, usual) = (UpstreamDialect::Gemini, Endpoint::Usual);
        let address =
            Address::new(dialect, &usual, &base, &["gemini-2.5-pro".to_owned()]).expect("an address");
        let asked = |expect| address.of("gemini-2.5-pro", expect).expect("a path").to_string();
        assert_eq!(asked(Expect::Json), "/v1beta/models/gemini-2.5-pro:generateContent");
        assert_eq!(asked(Expect::EventStream), "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse");
    }

    #[test]
    fn bedrock_is_asked_at_its_models() {
        let base = "https://bedrock-runtime.eu-central-1.amazonaws.com";
        let asked = path(UpstreamDialect::Bedrock, &Endpoint::Usual, base, "eu.anthropic.claude-v1:0");
        assert_eq!(asked, "/model/eu.anthropic.claude-v1%3A0/converse-stream");
    }

    #[test]
    fn azure_is_asked_at_its_deployments_or_at_its_newer_surface() {
        let azure = |endpoint: &Endpoint, base| path(UpstreamDialect::OpenAi, endpoint, base, "our gpt/1");
        let version = "2024-10-21".to_owned();
        assert_eq!(
            azure(&Endpoint::Deployments(version), "https://r.openai.azure.com"),
            "/openai/deployments/our%20gpt%2F1/chat/completions?api-version=2024-10-21"
        );
        let newer = "https://r.openai.azure.com/openai/v1";
        assert_eq!(azure(&Endpoint::Usual, newer), "/openai/v1/chat/completions");
        assert_eq!(
            azure(&Endpoint::Version("preview".to_owned()), newer),
            "/openai/v1/chat/completions?api-version=preview"
        );
    }
}
