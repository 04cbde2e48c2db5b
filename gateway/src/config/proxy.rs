//! Proxies that connections outwards go through. Each is a tunnel (`CONNECT`) with TLS inside, so that a proxy learns the
//! name of a host and nothing that is said.

use std::fmt;
use std::sync::Arc;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

use super::env::Env;

/// As other programs read them; small letters go first.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const NONE: [&str; 2] = ["no_proxy", "NO_PROXY"];
const PORT: u16 = 3128;

/// Which proxy is for which host.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Matcher>>);

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it is shown.
    pub authorization: Option<HeaderValue>,
}

impl Proxies {
    /// Those of the environment.
    ///
    /// # Errors
    /// When a variable names something else than a proxy that can be used: going around it is not what was meant.
    pub fn of_env(env: &Env) -> Result<Self, String> {
        let Some((name, set)) = HTTPS.iter().find_map(|name| Some((name, env.filled(name)?))) else {
            return Ok(Self::default());
        };
        checked(set).map_err(|what| format!("`{name}` {what}"))?;
        let none = NONE.iter().find_map(|name| env.filled(name)).unwrap_or_default();
        Ok(Self(Some(Arc::new(Matcher::builder().https(set).no(none).build()))))
    }

    /// This one for every host.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn one(url: &str) -> Result<Self, String> {
        checked(url)?;
        Ok(Self(Some(Arc::new(Matcher::builder().https(url).build()))))
    }

    /// The proxy for a URL, if any.
    #[must_use]
    pub fn of(&self, url: &Uri) -> Option<Proxy> {
        let found = self.0.as_ref()?.intercept(url)?;
        let host = found.uri().host()?.trim_matches(['[', ']']).to_owned();
        let authorization = found.basic_auth().cloned().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Some(Proxy { host, port: found.uri().port_u16().unwrap_or(PORT), authorization })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Proxies(some)" } else { "Proxies(none)" })
    }
}

/// Its text is not repeated: it may hold a password.
fn checked(text: &str) -> Result<(), String> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url: Result<Uri, _> = whole.parse();
    match url {
        Ok(url) if url.host().is_none_or(str::is_empty) => Err("names no host".to_owned()),
        Ok(url) if url.scheme() == Some(&Scheme::HTTP) => Ok(()),
        Ok(_) => Err("is no proxy of a kind that is known; write http://HOST:PORT".to_owned()),
        Err(_) => Err("cannot be read; write http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(env: &Env, url: &str) -> Option<(String, u16)> {
        let proxies = Proxies::of_env(env).expect("can be read");
        proxies.of(&url.parse().expect("a url")).map(|proxy| (proxy.host, proxy.port))
    }

    #[test]
    fn the_environment_is_read_as_others_read_it() {
        let env = Env::from([
            ("HTTPS_PROXY", "http://proxy.example:8888"),
            ("NO_PROXY", "intern.example, .lan, 10.0.0.0/8"),
        ]);
        let proxy = Some(("proxy.example".to_owned(), 8888));
        assert_eq!(of(&env, "https://api.openai.com/v1"), proxy);
        for url in [
            "https://intern.example/v1",
            "https://gpu.intern.example/v1",
            "https://a.lan",
            "https://10.1.2.3:8443/v1",
            "http://api.openai.com/v1",
        ] {
            assert_eq!(of(&env, url), None, "{url}");
        }
        assert_eq!(
            of(&Env::from([("all_proxy", "proxy")]), "https://a.example"),
            Some(("proxy".to_owned(), PORT))
        );
        assert_eq!(of(&Env::from([("HTTPS_PROXY", " ")]), "https://a.example"), None);
        let both = Env::from([("HTTPS_PROXY", "http://large:1"), ("https_proxy", "http://small:2")]);
        assert_eq!(of(&both, "https://a.example"), Some(("small".to_owned(), 2)));
        let all = Env::from([("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", "*")]);
        assert_eq!(of(&all, "https://a.example"), None);
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_repeated() {
        for bad in ["socks5://u:secret@host:1", "https://u:secret@host", "http://", "http://u:secret@ho st"] {
            let error = Proxies::of_env(&Env::from([("HTTPS_PROXY", bad)])).expect_err(bad);
            assert!(error.starts_with("`HTTPS_PROXY` ") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_password_is_for_the_proxy_alone() {
        let proxies = Proxies::one("http://ann:s%C3%A9cret@proxy:3128").expect("sound");
        let proxy = proxies.of(&Uri::from_static("https://a.example")).expect("one");
        let shown = proxy.authorization.clone().expect("a password");
        assert!(shown.to_str().expect("plain").starts_with("Basic "));
        assert!(!format!("{proxies:?} {proxy:?}").contains(shown.to_str().expect("plain")));
    }
}
