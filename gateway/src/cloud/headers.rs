//! The head of a request, and the check of an answer's.
//!
//! A request's head is made of the configuration alone: nothing that a client sent is in it.

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    USER_AGENT,
};
use http::{Method, Request, Uri};
use http_body_util::Full;
use secrecy::{ExposeSecret as _, SecretString};

use super::Expect;
use crate::config::UpstreamDialect;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("hearthgate/", env!("CARGO_PKG_VERSION")));

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version of Anthropic's dialect that is spoken; there has been no other since.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The head of every request to one upstream.
pub struct Head {
    path: Uri,
    json: HeaderMap,
    event_stream: HeaderMap,
}

impl Head {
    /// For the chat completions or the messages under this URL, with this key.
    ///
    /// # Errors
    /// When URL or key cannot stand in a request's head.
    pub fn new(
        dialect: UpstreamDialect,
        base_url: &Uri,
        api_key: Option<&SecretString>,
    ) -> Result<Self, String> {
        let below = match dialect {
            UpstreamDialect::OpenAi => "chat/completions",
            UpstreamDialect::Anthropic => "messages",
        };
        let path = format!("{}/{below}", base_url.path().trim_end_matches('/'));
        let path = Uri::try_from(path).map_err(|_| "`base_url` has no usable path".to_owned())?;
        let authority = base_url.authority().ok_or("`base_url` has no host")?.as_str();
        if authority.contains('@') {
            return Err("`base_url` must not hold a user; the key belongs in `api_key`".to_owned());
        }
        let host =
            HeaderValue::from_str(authority).map_err(|_| "`base_url` has no usable host".to_owned())?;
        let mut json = HeaderMap::with_capacity(6);
        json.insert(HOST, host);
        json.insert(USER_AGENT, AGENT);
        if let Some(key) = api_key {
            let (name, text) = match dialect {
                UpstreamDialect::OpenAi => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
                UpstreamDialect::Anthropic => (X_API_KEY, key.expose_secret().to_owned()),
            };
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_| "`api_key` holds a character that a header cannot".to_owned())?;
            value.set_sensitive(true);
            json.insert(name, value);
        }
        if dialect == UpstreamDialect::Anthropic {
            json.insert(ANTHROPIC_VERSION, VERSION);
        }
        json.insert(CONTENT_TYPE, JSON);
        json.insert(ACCEPT, JSON);
        let mut event_stream = json.clone();
        event_stream.insert(ACCEPT, EVENT_STREAM);
        Ok(Self { path, json, event_stream })
    }

    /// A request with this body. The transport adds its length.
    #[must_use]
    pub fn request(&self, body: Bytes, expect: Expect) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        *request.headers_mut() = match expect {
            Expect::Json => self.json.clone(),
            Expect::EventStream => self.event_stream.clone(),
        };
        request
    }
}

/// Whether an answer is of the type asked for, and not compressed: that was not asked for.
#[must_use]
pub fn is_expected(headers: &HeaderMap, expect: Expect) -> bool {
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    let essence = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    };
    let essence = headers.get(CONTENT_TYPE).map(essence).unwrap_or_default();
    plain
        && match expect {
            Expect::Json => essence == "application/json" || essence.ends_with("+json"),
            Expect::EventStream => essence == "text/event-stream",
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(url: &'static str) -> Head {
        let key = SecretString::from("sk-1");
        Head::new(UpstreamDialect::OpenAi, &Uri::from_static(url), Some(&key)).expect("a head")
    }

    #[test]
    fn a_request_has_these_headers_and_no_others() {
        let request = head("https://api.example/v1/").request(Bytes::from_static(b"{}"), Expect::EventStream);
        assert_eq!(request.uri(), "/v1/chat/completions");
        let mut names: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "authorization", "content-type", "host", "user-agent"]);
        assert_eq!(request.headers()[HOST], "api.example");
        assert_eq!(request.headers()[ACCEPT], "text/event-stream");
        assert!(!format!("{:?}", request.headers()).contains("sk-1"));
    }

    #[test]
    fn anthropic_has_its_own_head() {
        let (url, key) = (Uri::from_static("https://api.example/v1"), SecretString::from("sk-1"));
        let head = Head::new(UpstreamDialect::Anthropic, &url, Some(&key)).expect("a head");
        let request = head.request(Bytes::new(), Expect::Json);
        assert_eq!(request.uri(), "/v1/messages");
        assert_eq!(request.headers()["x-api-key"], "sk-1");
        assert_eq!(request.headers()["anthropic-version"], "2023-06-01");
        assert!(request.headers().get(AUTHORIZATION).is_none());
        assert!(!format!("{:?}", request.headers()).contains("sk-1"));
    }

    #[test]
    fn a_url_without_path_and_one_with_a_user() {
        let request = head("http://localhost:9").request(Bytes::new(), Expect::Json);
        assert_eq!(request.uri(), "/chat/completions");
        assert_eq!(request.headers()[HOST], "localhost:9");
        let url = Uri::from_static("http://me:secret@host/v1");
        assert!(Head::new(UpstreamDialect::OpenAi, &url, None).is_err());
    }

    #[test]
    fn types_are_read_without_their_parameters() {
        let typed = |value| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
        assert!(is_expected(&typed("Application/JSON; charset=utf-8"), Expect::Json));
        assert!(is_expected(&typed("application/problem+json"), Expect::Json));
        assert!(is_expected(&typed("text/event-stream;charset=utf-8"), Expect::EventStream));
        assert!(!is_expected(&typed("text/html"), Expect::Json));
        assert!(!is_expected(&typed("application/json"), Expect::EventStream));
        assert!(!is_expected(&HeaderMap::new(), Expect::Json));
        let mut packed = typed("application/json");
        packed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!is_expected(&packed, Expect::Json));
    }
}
