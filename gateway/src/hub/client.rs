//! Asks the hub, and the hosts that it redirects to.
//!
//! HTTPS alone, unless the configured hub is on loopback. The token goes to the hub and to no other host, whoever
//! redirects there.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HOST, HeaderMap, HeaderName,
    HeaderValue, IF_RANGE, LOCATION, RANGE, RETRY_AFTER, USER_AGENT,
};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::clock;
use crate::cloud::connect::Origin;
use crate::cloud::{CloudError, backoff, tls};
use crate::config::{self, Proxies};

/// From one host to the next at most.
const REDIRECTS_MAX: usize = 8;
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 64 << 10;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("hearthgate/", env!("CARGO_PKG_VERSION")));
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const LINKED_ETAG: HeaderName = HeaderName::from_static("x-linked-etag");
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");
const REPO_COMMIT: HeaderName = HeaderName::from_static("x-repo-commit");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

/// Asks one hub.
pub struct Client {
    endpoint: Uri,
    token: Option<SecretString>,
    ca_file: Option<PathBuf>,
    proxies: Proxies,
    tls: OnceLock<Result<Arc<ClientConfig>, String>>,
    connect_timeout: Duration,
    stall_timeout: Duration,
}

/// What is asked for.
pub struct Ask {
    /// GET or HEAD.
    pub method: Method,
    /// The hub's own address of it.
    pub url: Uri,
    /// The first byte and one past the last; none for all.
    pub range: Option<(u64, u64)>,
    /// The etags by which hosts are to know that it is still the same.
    pub etags: Vec<(String, String)>,
}

/// The beginning of an answer, and its bytes to come.
pub struct Answer {
    /// Its status: a success, or a redirect where only its head was asked for.
    pub status: StatusCode,
    headers: HeaderMap,
    body: Incoming,
    /// What the hub said of the file, on whatever way the answer took.
    pub said: Said,
    /// Who answered in the end.
    pub host: String,
    stall_timeout: Duration,
    _driver: Driver,
}

/// What a hub says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Its etag: of a large file, its SHA-256.
    pub etag: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// The commit that it is of.
    pub commit: Option<String>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// No connection.
    Unreachable(String),
    /// No trust, no HTTP, a redirect that is not followed: trying again would not help.
    Unusable(String),
    /// It stood still, or broke off.
    Broken(String),
    /// It said no.
    Status {
        /// The status.
        status: StatusCode,
        /// The hub's own word for it; empty where it has none.
        code: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
        /// Whether the hub itself said so.
        by_hub: bool,
        /// Who said so.
        host: String,
    },
}

impl Fault {
    /// Whether another attempt may help.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) => true,
            Self::Unusable(_) => false,
            // The address of a file elsewhere may have run out; the hub makes a new one.
            Self::Status { status, by_hub, .. } => {
                !by_hub || matches!(status.as_u16(), 408 | 429 | 500 | 502..=599)
            }
        }
    }

    /// How long it asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Unreachable(words) | Self::Unusable(words) | Self::Broken(words) => words.clone(),
            Self::Status { status, host, .. } => format!("`{host}` answers with status {}", status.as_u16()),
        }
    }
}

impl Client {
    /// For the configured hub. Opens nothing.
    pub fn new(hub: &config::Hub) -> Self {
        Self {
            endpoint: hub.endpoint.clone(),
            token: hub.token.clone(),
            ca_file: hub.ca_file.clone(),
            proxies: hub.proxies.clone(),
            tls: OnceLock::new(),
            connect_timeout: hub.connect_timeout,
            stall_timeout: hub.stall_timeout,
        }
    }

    /// Whether it has a token to show.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Asks, following redirects. Of what only the head is asked for, the last redirect is not followed where the hub has
    /// said all that there is to know.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, Fault> {
        let mut url = ask.url.clone();
        let mut said = Said::default();
        for _ in 0..REDIRECTS_MAX {
            let by_hub = same_origin(&url, &self.endpoint);
            let mut answer = self.send(&url, ask, by_hub).await?;
            if by_hub {
                said.learn(&answer.headers);
            }
            let status = answer.status;
            if status.is_success() {
                answer.said = said;
                return Ok(answer);
            }
            if !is_redirect(status) {
                return Err(answer.refusal(by_hub));
            }
            if ask.method == Method::HEAD && said.etag.is_some() && said.bytes.is_some() {
                answer.said = said;
                return Ok(answer);
            }
            url = self.next(&url, &answer)?;
        }
        Err(Fault::Unusable(format!("`{}` redirects in a circle", host_of(&url))))
    }

    /// One request on a connection of its own.
    async fn send(&self, url: &Uri, ask: &Ask, by_hub: bool) -> Result<Answer, Fault> {
        let host = host_of(url);
        let origin = Origin::new(url, self.proxies.of(url), || self.tls())
            .map_err(|why| Fault::Unusable(format!("`{host}` cannot be asked: {why}")))?;
        let stream = origin.connect(Instant::now() + self.connect_timeout, Arc::default()).await;
        let stream = stream.map_err(|error| no_connection(&host, &error))?;
        let broken = || Fault::Broken(format!("`{host}` broke off"));
        let mut builder = Builder::new();
        builder.max_header_size(HEAD_BYTES_MAX);
        let (mut sender, driver) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| broken())?;
        let driver = Driver(tokio::spawn(async move {
            // Its end is seen by whoever reads.
            let _ended = driver.await;
        }));
        let request = self.request(url, ask, by_hub)?;
        let answer = timeout(self.stall_timeout, sender.send_request(request)).await;
        let answer = answer.map_err(|_| self.stalled(&host))?.map_err(|error| {
            if error.is_parse() { Fault::Unusable(format!("`{host}` does not speak HTTP")) } else { broken() }
        })?;
        let (head, body) = answer.into_parts();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
            said: Said::default(),
            host,
            stall_timeout: self.stall_timeout,
            _driver: driver,
        })
    }

    fn request(&self, url: &Uri, ask: &Ask, by_hub: bool) -> Result<Request<Empty<Bytes>>, Fault> {
        let odd = |what: &str| Fault::Unusable(format!("`{}` cannot be asked: {what}", host_of(url)));
        let authority = url.authority().ok_or_else(|| odd("it has no host"))?.as_str();
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::new(Empty::new());
        *request.method_mut() = ask.method.clone();
        *request.uri_mut() = path.parse().map_err(|_| odd("its path is none"))?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(authority).map_err(|_| odd("its host is none"))?);
        headers.insert(USER_AGENT, AGENT);
        headers.insert(ACCEPT_ENCODING, IDENTITY);
        if let Some(token) = self.token.as_ref().filter(|_| by_hub) {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| odd("the token holds what no header can carry"))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        if let Some((from, to)) = ask.range {
            let range = format!("bytes={from}-{}", to.saturating_sub(1));
            headers.insert(RANGE, HeaderValue::from_str(&range).map_err(|_| odd("the range"))?);
            let host = host_of(url);
            let etag = ask.etags.iter().find(|(known, _)| *known == host);
            if let Some(etag) = etag.and_then(|(_, etag)| HeaderValue::from_str(&format!("\"{etag}\"")).ok())
            {
                headers.insert(IF_RANGE, etag);
            }
        }
        Ok(request)
    }

    /// Where a redirect leads, if that may be gone to.
    fn next(&self, from: &Uri, answer: &Answer) -> Result<Uri, Fault> {
        let host = host_of(from);
        let odd = || Fault::Unusable(format!("`{host}` redirects to what is no address"));
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(odd)?;
        let location = location.split('#').next().unwrap_or_default();
        let (scheme, authority) = (from.scheme_str().unwrap_or("https"), from.authority().ok_or_else(odd)?);
        let absolute = if location.starts_with("//") {
            format!("{scheme}:{location}")
        } else if location.starts_with('/') {
            format!("{scheme}://{authority}{location}")
        } else {
            location.to_owned()
        };
        let to: Uri = absolute.parse().map_err(|_| odd())?;
        let authority = to.authority().ok_or_else(odd)?.as_str();
        if authority.contains('@') {
            return Err(odd());
        }
        let plain = to.scheme_str() == Some("http");
        if plain && !(is_loopback(&to) && is_loopback(&self.endpoint)) {
            return Err(Fault::Unusable(format!("`{host}` redirects to `{}` without TLS", host_of(&to))));
        }
        if !plain && to.scheme_str() != Some("https") {
            return Err(odd());
        }
        Ok(to)
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        self.tls.get_or_init(|| tls::client_config(self.ca_file.as_deref(), None)).clone()
    }

    fn stalled(&self, host: &str) -> Fault {
        stalled(host, self.stall_timeout)
    }
}

impl Answer {
    /// The next bytes; none at the end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let frame = timeout(self.stall_timeout, self.body.frame()).await;
            match frame.map_err(|_| stalled(&self.host, self.stall_timeout))? {
                None => return Ok(None),
                Some(Err(_)) => return Err(Fault::Broken(format!("`{}` broke off", self.host))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data()
                        && !bytes.is_empty()
                    {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Of a part: its first byte, its last, and the size of the whole.
    pub fn content_range(&self) -> Option<(u64, u64, u64)> {
        let text = self.headers.get(CONTENT_RANGE)?.to_str().ok()?;
        let (range, bytes) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (from, last) = range.split_once('-')?;
        Some((from.parse().ok()?, last.parse().ok()?, bytes.parse().ok()?))
    }

    /// What the hub said of the file, completed by what its host says of what it sends.
    pub fn described(&self) -> Said {
        let mut said = self.said.clone();
        if self.status.is_success() {
            said.etag = said.etag.or_else(|| self.etag());
            said.bytes = said.bytes.or_else(|| self.content_length());
        }
        said
    }

    /// How many bytes are to come, where that is said.
    pub fn content_length(&self) -> Option<u64> {
        self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The etag that its own host gives it.
    pub fn etag(&self) -> Option<String> {
        strong_etag(self.headers.get(ETAG)?)
    }

    fn refusal(&self, by_hub: bool) -> Fault {
        let word = self.headers.get(ERROR_CODE).and_then(|code| code.to_str().ok());
        let wait = self.headers.get(RETRY_AFTER);
        let now = clock::unix_micros() / 1_000_000;
        Fault::Status {
            status: self.status,
            code: word.unwrap_or_default().to_owned(),
            retry_after: wait.and_then(|wait| backoff::retry_after(wait, now)),
            by_hub,
            host: self.host.clone(),
        }
    }
}

impl Said {
    /// What a hub says in headers of its own. What it said first holds.
    fn learn(&mut self, headers: &HeaderMap) {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let commit =
            text(&REPO_COMMIT).filter(|commit| commit.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        self.commit = self.commit.take().or_else(|| commit.map(str::to_owned));
        self.etag = self.etag.take().or_else(|| headers.get(LINKED_ETAG).and_then(strong_etag));
        self.bytes = self.bytes.or_else(|| text(&LINKED_SIZE)?.parse().ok());
    }
}

/// The scheme, host and port are the same: whoever may see the one's secrets is the other.
fn same_origin(one: &Uri, other: &Uri) -> bool {
    let port = |url: &Uri| url.port_u16().unwrap_or(if url.scheme_str() == Some("http") { 80 } else { 443 });
    let host = |url: &Uri| url.host().map(str::to_ascii_lowercase);
    one.scheme_str() == other.scheme_str() && host(one) == host(other) && port(one) == port(other)
}

/// Whether a URL leads to this machine alone.
pub fn is_loopback(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Host and port, for messages. A redirect's path and query may hold a signature, so they are not shown.
pub fn host_of(url: &Uri) -> String {
    let authority = url.authority().map(|authority| authority.as_str()).unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A weak one says nothing about bytes.
fn strong_etag(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?.trim();
    let etag = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let sound = !etag.is_empty() && !etag.contains(['"', ' ']) && !text.starts_with("W/");
    sound.then(|| etag.to_owned())
}

fn stalled(host: &str, stall_timeout: Duration) -> Fault {
    Fault::Broken(format!("nothing came from `{host}` for {} ms", stall_timeout.as_millis()))
}

fn no_connection(host: &str, error: &CloudError) -> Fault {
    match error {
        CloudError::Tls { source } => Fault::Unusable(format!("no trust in the TLS of `{host}`: {source}")),
        CloudError::Connect { source } => Fault::Unreachable(format!("`{host}` cannot be reached: {source}")),
        _ => Fault::Unreachable(format!("`{host}` cannot be reached: it took too long")),
    }
}

/// Drives a connection until nobody reads from it any more.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let hub = url("https://huggingface.co");
        assert!(same_origin(&url("https://HuggingFace.co:443/x"), &hub));
        for other in ["http://huggingface.co", "https://huggingface.co:444", "https://cdn.huggingface.co"] {
            assert!(!same_origin(&url(other), &hub), "{other}");
        }
    }

    #[test]
    fn an_etag_that_says_nothing_about_bytes_is_none() {
        let read = |text: &str| strong_etag(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read("\"abc\"").as_deref(), Some("abc"));
        assert_eq!(read("abc").as_deref(), Some("abc"));
        for odd in ["W/\"abc\"", "\"\"", "", "\"a\"b\""] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_host_is_told_without_what_stands_before_it() {
        assert_eq!(host_of(&url("https://user:secret@host.example:1/p?sig=secret")), "host.example:1");
    }
}
