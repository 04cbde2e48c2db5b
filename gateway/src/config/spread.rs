//! How the requests of an upstream are spread over its places, and what bounds them. All of it is off unless it is written.

use std::str::FromStr;
use std::time::Duration;

use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Zone;
use http::Uri;
use secrecy::SecretString;

use super::check::Check;
use super::error::ConfigError;
use super::file::{EndpointFile, UpstreamFile};
use super::proxy::{Proxies, Proxy};
use super::{quirks, target};

/// The longest request that is sent a second time where no other bound is written.
const HEDGE_BYTES_MAX: u64 = 16 << 10;

/// How requests are spread, and what bounds them.
#[derive(Debug, Clone)]
pub struct Spread {
    /// The share of the upstream's own place.
    pub weight: u32,
    /// Its further places: other keys, other URLs.
    pub endpoints: Vec<Endpoint>,
    /// Which place is next.
    pub balance: Balance,
    /// Requests under way at one target.
    pub running_max: Option<usize>,
    /// Retries per hundred recent requests of a target.
    pub retry_percent: Option<u32>,
    /// When a request is sent a second time.
    pub hedge: Option<Hedge>,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            weight: 1,
            endpoints: Vec::new(),
            balance: Balance::Weighted,
            running_max: None,
            retry_percent: None,
            hedge: None,
        }
    }
}

/// A further place of an upstream.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// As an upstream's.
    pub base_url: Uri,
    /// As an upstream's.
    pub api_key: Option<SecretString>,
    /// The proxy on the way to it.
    pub proxy: Option<Proxy>,
    /// Its share.
    pub weight: u32,
}

/// Which place is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// By turns, each as often as its weight says.
    Weighted,
    /// The one whose answers begin soonest, for what it has under way.
    LeastLatency,
}

impl FromStr for Balance {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "weighted" => Ok(Self::Weighted),
            "least-latency" => Ok(Self::LeastLatency),
            _ => Err(format!(
                "unknown way to balance `{name}`{}; write `weighted` or `least-latency`",
                did_you_mean(name, ["weighted", "least-latency"])
            )),
        }
    }
}

/// When a request is sent a second time, if nothing has answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// After this long.
    pub after: Duration,
    /// Requests of up to so many bytes.
    pub bytes_max: usize,
}

/// What keeps a further place from being asked as the first is. A place has its own URL, key and proxy: how requests are signed,
/// where below the URL they go and what its server refuses is the upstream's.
fn unlike(raw: &UpstreamFile, first: &Uri, further: &Uri) -> Option<&'static str> {
    let signed = raw.aws_access_key_id.as_deref().is_some_and(|id| !id.is_empty())
        || raw.aws_credentials_file.is_some()
        || raw.aws_credential_process.is_some();
    let azure = raw.dialect.as_deref() == Some("azure");
    let newer = |url: &Uri| url.path().ends_with("/openai/v1");
    let host = |url: &Uri| url.host().unwrap_or_default().to_owned();
    if signed {
        return Some(
            "requests that are signed with keys of AWS go to one place; write an `[[upstream]]` for each region",
        );
    }
    if azure && (newer(first) != newer(further) || further.path().trim_end_matches('/').ends_with("/openai"))
    {
        return Some(
            "is of Azure's other surface; write an `[[upstream]]` of its own, or end both or neither with `/openai/v1`",
        );
    }
    quirks::differ(raw, &host(first), &host(further))
        .then_some("is another server, which takes other fields; say by `quirks` what both are, or write an `[[upstream]]` of its own")
}

/// What an `[[upstream]]` says of it.
pub fn spread(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    (base_url, api_key, zone): (&Uri, Option<&SecretString>, Zone),
    proxies: &Proxies,
) -> Result<Spread, ConfigError> {
    let endpoint = |(index, further): (usize, &EndpointFile)| {
        let at = |key: &str| at(&format!("endpoint[{index}].{key}"));
        let url = further.base_url.as_ref().map(|url| target::base_url(check, &at("base_url"), url));
        let url = url.transpose()?.unwrap_or_else(|| base_url.clone());
        if let Some(what) = unlike(raw, base_url, &url) {
            return check.fault(&at("base_url"), what);
        }
        if further.base_url.is_none() && further.api_key.is_none() {
            return check
                .fault(&at("base_url"), "says nothing new; write a `base_url`, an `api_key` or both");
        }
        let elsewhere = url.authority() != base_url.authority() || url.scheme() != base_url.scheme();
        if elsewhere && api_key.is_some() && further.api_key.is_none() {
            return check.fault(&at("api_key"), "is missing: the key of one server is not shown to another");
        }
        let own_key = target::api_key(check, &at("api_key"), further.api_key.as_deref())?;
        Ok(Endpoint {
            proxy: target::proxy(check, &at("base_url"), raw.proxy.as_deref(), (&url, zone), proxies)?,
            api_key: own_key.or_else(|| api_key.cloned()),
            weight: check.number(&at("weight"), further.weight.unwrap_or(1), 1..=1000)?,
            base_url: url,
        })
    };
    if raw.endpoint.len() > 63 {
        return check.fault(&at("endpoint"), "has more than 63 further places");
    }
    let hedge_bytes = raw.hedge_bytes_max.unwrap_or(HEDGE_BYTES_MAX);
    let hedge_bytes = check.number(&at("hedge_bytes_max"), hedge_bytes, 1..=1 << 30)?;
    let after: Option<u64> = check.optional(&at("hedge_after_ms"), raw.hedge_after_ms, 1..=3_600_000)?;
    let spread = Spread {
        weight: check.number(&at("weight"), raw.weight.unwrap_or(1), 1..=1000)?,
        endpoints: raw.endpoint.iter().enumerate().map(endpoint).collect::<Result<_, _>>()?,
        balance: raw
            .balance
            .as_ref()
            .map_or(Ok(Balance::Weighted), |word| check.word(&at("balance"), word))?,
        running_max: check.optional(&at("requests_max"), raw.requests_max, 1..=1_000_000)?,
        retry_percent: check.optional(&at("retry_percent"), raw.retry_percent, 0..=1000)?,
        hedge: after.map(|ms| Hedge { after: Duration::from_millis(ms), bytes_max: hedge_bytes }),
    };
    match without_effect(raw) {
        Some((key, why)) => check.fault(&at(key), why),
        None => Ok(spread),
    }
}

/// A key that is written and changes nothing.
fn without_effect(raw: &UpstreamFile) -> Option<(&'static str, &'static str)> {
    let (alone, unhedged) = (raw.endpoint.is_empty(), raw.hedge_after_ms.is_none());
    let idle = [
        (
            raw.weight.is_some() && alone,
            "weight",
            "has no effect without an `[[upstream.endpoint]]`; leave it out",
        ),
        (
            raw.balance.is_some() && alone,
            "balance",
            "has no effect without an `[[upstream.endpoint]]`; leave it out",
        ),
        (
            raw.hedge_bytes_max.is_some() && unhedged,
            "hedge_bytes_max",
            "has no effect without `hedge_after_ms`; leave it out",
        ),
        (
            raw.retry_percent.is_some() && raw.retries == Some(0) && unhedged,
            "retry_percent",
            "has no effect with `retries = 0` and no `hedge_after_ms`; leave it out",
        ),
    ];
    idle.into_iter().find(|(idle, ..)| *idle).map(|(_, key, why)| (key, why))
}
