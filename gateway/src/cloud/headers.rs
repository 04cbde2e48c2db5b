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

use super::address::Address;
use super::sign::Signer;
use super::{CloudError, Expect};
use crate::clock;
use crate::config::{Upstream, UpstreamDialect};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const EVENT_FRAMES: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("hearthgate/", env!("CARGO_PKG_VERSION")));

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// The version of Anthropic's dialect that is spoken; there has been no other since.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The head of every request to one upstream.
pub struct Head {
    address: Address,
    json: HeaderMap,
    event_stream: HeaderMap,
    signer: Option<Signer>,
}

impl Head {
    /// For an upstream at this URL, with this key.
    ///
    /// # Errors
    /// When URL or key cannot stand in a request's head.
    pub fn new(upstream: &Upstream, base_url: &Uri, api_key: Option<&SecretString>) -> Result<Self, String> {
        let address = Address::new(upstream.dialect, &upstream.endpoint, base_url, &upstream.models)?;
        let authority = base_url.authority().ok_or("`base_url` has no host")?.as_str();
        if authority.contains('@') {
            return Err("`base_url` must not hold a user; the key belongs in `api_key`".to_owned());
        }
        let host = HeaderValue::from_str(without_usual_port(base_url, authority))
            .map_err(|_| "`base_url` has no usable host".to_owned())?;
        let mut json = HeaderMap::with_capacity(6);
        json.insert(HOST, host);
        json.insert(USER_AGENT, AGENT);
        if let Some(key) = api_key {
            json.insert(upstream.api_key_header.clone(), key_value(&upstream.api_key_header, key)?);
        }
        if upstream.dialect == UpstreamDialect::Anthropic {
            json.insert(ANTHROPIC_VERSION, VERSION);
        }
        json.insert(CONTENT_TYPE, JSON);
        json.insert(ACCEPT, JSON);
        let mut event_stream = json.clone();
        event_stream.insert(ACCEPT, stream_type(upstream.dialect));
        let signer = upstream.aws.as_ref().map(|aws| Signer::new(aws, base_url)).transpose()?;
        Ok(Self { address, json, event_stream, signer })
    }

    /// A request to a model with this body. The transport adds its length.
    ///
    /// # Errors
    /// When the upstream has no such model, or the request cannot be signed.
    pub fn request(
        &self,
        model: &str,
        body: Bytes,
        expect: Expect,
    ) -> Result<Request<Full<Bytes>>, CloudError> {
        let path = self.address.of(model, expect).ok_or(CloudError::NotConfigured)?;
        let signed = self.signer.as_ref().map(|signer| signer.sign(path, &body, clock::unix_micros()));
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.clone();
        *request.headers_mut() = match expect {
            Expect::Json => self.json.clone(),
            Expect::EventStream => self.event_stream.clone(),
        };
        request.headers_mut().extend(signed.transpose()?.unwrap_or_default());
        Ok(request)
    }

    /// Whether an answer is of the type asked for.
    pub fn is_answered(&self, headers: &HeaderMap, expect: Expect) -> bool {
        let asked = match expect {
            Expect::Json => &self.json,
            Expect::EventStream => &self.event_stream,
        };
        asked.get(ACCEPT).is_some_and(|asked| is_expected(headers, asked))
    }
}

/// Who is spoken to. The port that a scheme has anyway stands in no header: what is signed leaves it out as well.
fn without_usual_port<'a>(base_url: &Uri, authority: &'a str) -> &'a str {
    let usual = if base_url.scheme_str() == Some("https") { ":443" } else { ":80" };
    authority.strip_suffix(usual).unwrap_or(authority)
}

/// What a dialect's streams are.
fn stream_type(dialect: UpstreamDialect) -> HeaderValue {
    match dialect {
        UpstreamDialect::Bedrock => EVENT_FRAMES,
        UpstreamDialect::OpenAi | UpstreamDialect::Anthropic | UpstreamDialect::Gemini => EVENT_STREAM,
    }
}

/// A key as its header has it: after a word in `authorization`, and bare elsewhere.
fn key_value(header: &HeaderName, key: &SecretString) -> Result<HeaderValue, String> {
    let word = if *header == AUTHORIZATION { "Bearer " } else { "" };
    let mut value = HeaderValue::from_str(&format!("{word}{}", key.expose_secret()))
        .map_err(|_| "`api_key` holds a character that a header cannot".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether an answer is of the type asked for, and not compressed: that was not asked for.
#[must_use]
fn is_expected(headers: &HeaderMap, asked: &HeaderValue) -> bool {
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    let essence = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    };
    let essence = headers.get(CONTENT_TYPE).map(essence).unwrap_or_default();
    plain && (*asked == essence || *asked == JSON && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(dialect: UpstreamDialect, header: &'static str) -> Upstream {
        let api_key_header = HeaderName::from_static(header);
        Upstream { dialect, api_key_header, ..crate::cloud::tests::upstream("https://api.example/v1/") }
    }

    fn head(upstream: &Upstream) -> Head {
        let key = SecretString::from("sk-1");
        Head::new(upstream, &upstream.base_url, Some(&key)).expect("a head")
    }

    fn request(upstream: &Upstream, expect: Expect) -> Request<Full<Bytes>> {
        head(upstream).request("m", Bytes::from_static(b"{}"), expect).expect("a request")
    }

    #[test]
    fn a_request_has_these_headers_and_no_others() {
        let upstream = upstream(UpstreamDialect::OpenAi, "authorization");
        let request = request(&upstream, Expect::EventStream);
        assert_eq!(request.uri(), "/v1/chat/completions");
        let mut names: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "authorization", "content-type", "host", "user-agent"]);
        assert_eq!(request.headers()[HOST], "api.example");
        assert_eq!(request.headers()[ACCEPT], "text/event-stream");
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer sk-1");
        assert!(!format!("{:?}", request.headers()).contains("sk-1"));
    }

    #[test]
    fn anthropic_has_its_own_head() {
        let request = request(&upstream(UpstreamDialect::Anthropic, "x-api-key"), Expect::Json);
        assert_eq!(request.uri(), "/v1/messages");
        assert_eq!(request.headers()["x-api-key"], "sk-1");
        assert_eq!(request.headers()["anthropic-version"], "2023-06-01");
        assert!(request.headers().get(AUTHORIZATION).is_none());
        assert!(!format!("{:?}", request.headers()).contains("sk-1"));
    }

    #[test]
    fn a_key_is_bare_in_any_header_but_the_usual_one() {
        let request = request(&upstream(UpstreamDialect::OpenAi, "api-key"), Expect::Json);
        assert_eq!(request.headers()["api-key"], "sk-1");
        assert!(request.headers().get(AUTHORIZATION).is_none());
        assert!(!format!("{:?}", request.headers()).contains("sk-1"));
    }

    #[test]
    fn a_url_without_path_and_one_with_a_user() {
        let upstream = upstream(UpstreamDialect::OpenAi, "authorization");
        let bare = Uri::from_static("http://localhost:9");
        let head = Head::new(&upstream, &bare, None).expect("a head");
        let request = head.request("m", Bytes::new(), Expect::Json).expect("a request");
        assert_eq!(request.uri(), "/chat/completions");
        assert_eq!(request.headers()[HOST], "localhost:9");
        for (url, host) in [
            ("https://host:443/v1", "host"),
            ("https://host:80/v1", "host:80"),
            ("http://host:80", "host"),
            ("https://[::1]:443", "[::1]"),
        ] {
            let head = Head::new(&upstream, &Uri::from_static(url), None).expect("a head");
            let request = head.request("m", Bytes::new(), Expect::Json).expect("a request");
            assert_eq!(request.headers()[HOST], host);
        }
        let url = Uri::from_static("http://me:secret@host/v1");
        assert!(Head::new(&upstream, &url, None).is_err());
    }

    #[test]
    fn types_are_read_without_their_parameters() {
        let typed = |value| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
        assert!(is_expected(&typed("Application/JSON; charset=utf-8"), &JSON));
        assert!(is_expected(&typed("application/problem+json"), &JSON));
        assert!(is_expected(&typed("text/event-stream;charset=utf-8"), &EVENT_STREAM));
        assert!(!is_expected(&typed("text/html"), &JSON));
        assert!(!is_expected(&typed("application/json"), &EVENT_STREAM));
        assert!(!is_expected(&HeaderMap::new(), &JSON));
        let mut packed = typed("application/json");
        packed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!is_expected(&packed, &JSON));
    }
}
