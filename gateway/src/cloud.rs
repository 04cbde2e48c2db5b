//! Upstreams: the only code that sends the content of requests to other machines.
//!
//! All that can be sent is a [`Wire`], which only a permit makes, and only
//! to the target that it names. The head of a request is made of the configuration alone. Neither a client's
//! header nor a query gets here, redirects are not followed, and no error shows what was sent or answered.
//!
//! A connection belongs to one worker and is driven by the task that waits for its answer; see
//! [`conn`].

mod address;
pub mod backoff;
pub mod bell;
mod body;
mod breaker;
mod conn;
pub mod connect;
mod credentials;
mod error;
mod group;
mod headers;
mod load;
mod pool;
pub mod race;
mod reach;
mod recent;
mod share;
mod sign;
#[cfg(test)]
mod tests;
pub mod tls;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearthgate_rules::decision::Wire;
use hearthgate_rules::target::{Target, Zone};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

pub use self::body::UpstreamBody;
use self::breaker::Breaker;
use self::connect::Origin;
pub use self::error::{CloudError, is_too_long};
pub use self::group::{Choice, Round};
use self::group::{Endpoint, Group};
use self::headers::Head;
pub use self::pool::Pool;
use self::reach::Reach;
pub use self::share::{Bound, Share, within};
use crate::config;
pub use crate::metrics::BreakerState;
use crate::{clock, log};

/// Second attempts per hundred recent requests of a target that has no budget for retries of its own.
const HEDGE_PERCENT: u32 = 10;

/// What an answer is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// One JSON document.
    Json,
    /// A stream of events.
    EventStream,
}

/// The upstreams of one load of the configuration, shared by all workers.
pub struct Upstreams {
    targets: HashMap<String, Group>,
    troubled: Arc<AtomicUsize>,
}

/// One upstream, ready to be spoken to.
struct Remote {
    /// Unlike any other's, of another load of the configuration too.
    id: u64,
    zone: Zone,
    base_url: http::Uri,
    /// SHA-256 of its key: with another one it is another place.
    key: Option<[u8; 32]>,
    origin: Origin,
    head: Head,
    dialect: config::UpstreamDialect,
    connect_timeout: Duration,
    first_byte_timeout: Duration,
    idle_timeout: Duration,
    retries: u32,
    breaker_open: Duration,
    idle_connections_max: usize,
    /// Whether the log has said that its name stands for what it may not.
    told: AtomicBool,
}

impl Upstreams {
    /// Prepares the upstreams of a configuration. Nothing is built, roots included, where there is none.
    /// What is known of targets, and of each place where they can be asked, is taken over from the load `before`, for targets of
    /// the same name and places of the same URL and key, wherever they stand.
    ///
    /// # Errors
    /// When a URL, a key or a file of roots is of no use.
    pub fn new(upstreams: &[config::Upstream], before: Option<&Self>) -> Result<Self, CloudError> {
        let troubled = before.map(|before| Arc::clone(&before.troubled)).unwrap_or_default();
        let mut targets = HashMap::new();
        for upstream in upstreams {
            let remotes = remotes(upstream)
                .map_err(|reason| CloudError::Setup { upstream: upstream.name.clone(), reason })?;
            for model in &upstream.models {
                let name = format!("{}/{model}", upstream.name);
                let before = before.and_then(|before| before.targets.get(&name));
                targets.insert(name, group(upstream, &remotes, before, &troubled));
            }
        }
        Ok(Self { targets, troubled })
    }

    /// The names of targets that would turn a request away now. One whose time is up is not among them, so
    /// that a request may come and try.
    #[must_use]
    pub fn down(&self) -> BTreeSet<String> {
        self.down_at(clock::now())
    }

    fn down_at(&self, now: Instant) -> BTreeSet<String> {
        if self.troubled.load(Ordering::Acquire) == 0 {
            return BTreeSet::new();
        }
        let down = self.targets.iter().filter(|(_, group)| group.is_down(now));
        down.map(|(name, _)| name.clone()).collect()
    }

    /// The dialect in which a target is spoken to; none for a target of no upstream.
    #[must_use]
    pub fn dialect(&self, target: &Target) -> Option<config::UpstreamDialect> {
        self.remote(target).map(|remote| remote.dialect)
    }

    /// Whose servers a target is asked at, each once; none for a target of no upstream.
    #[must_use]
    pub fn providers(&self, target: &Target) -> Vec<&str> {
        let endpoints = self.targets.get(target.name()).into_iter().flat_map(|group| &group.endpoints);
        let mut providers = Vec::new();
        for provider in endpoints.map(|endpoint| endpoint.remote.provider()) {
            if !providers.contains(&provider) {
                providers.push(provider);
            }
        }
        providers
    }

    /// The state of a target's breaker, which is that of the best of its places; none for a target of no upstream.
    #[must_use]
    pub fn breaker(&self, target: &str) -> Option<BreakerState> {
        self.targets.get(target).map(|group| group.state(clock::now()))
    }

    /// The requests under way at a target, and the state of each of its places where there are several.
    #[must_use]
    pub fn load(&self, target: &str) -> Option<(usize, Vec<BreakerState>)> {
        let group = self.targets.get(target)?;
        let states = group.endpoints.iter().map(|endpoint| endpoint.breaker.state(clock::now()));
        let states = if group.endpoints.len() > 1 { states.collect() } else { Vec::new() };
        Some((group.load.running(), states))
    }

    /// Leave for one attempt to send what a permit lets out.
    ///
    /// # Errors
    /// When its target is not there, is left alone, or has as much under way as it may.
    pub fn choose<'w>(&self, wire: &'w Wire, round: &mut Round) -> Result<Choice<'w>, CloudError> {
        let group = self.targets.get(wire.target().name()).ok_or(CloudError::NotConfigured)?;
        // A permit of an earlier configuration may name an upstream that has since moved further out.
        if group.endpoints.iter().any(|endpoint| endpoint.remote.zone > wire.target().zone()) {
            return Err(CloudError::NotConfigured);
        }
        group.choose(wire, round, clock::now())
    }

    /// How long to wait after failed attempt number `attempt`, counted from 0, before another; none when
    /// there is to be no other.
    #[must_use]
    pub fn pause(
        &self,
        target: &Target,
        attempt: u32,
        error: &CloudError,
        round: &Round,
    ) -> Option<Duration> {
        let group = self.targets.get(target.name())?;
        if attempt >= self.remote(target)?.retries {
            return None;
        }
        if error.retryable_elsewhere() && group.has_another(round, clock::now()) {
            return Some(Duration::ZERO);
        }
        let retry_after = error.retry_after();
        error.retryable().then(|| backoff::wait(attempt, retry_after, backoff::random())).flatten()
    }

    /// Takes a retry from a target's budget, if it has one; says whether it may be made.
    #[must_use]
    pub fn may_retry(&self, target: &Target) -> bool {
        let Some(group) = self.targets.get(target.name()) else { return false };
        group.retry_percent.is_none_or(|percent| group.load.retry(percent, clock::now()))
    }

    /// After how long a request may be sent a second time, if it is this short; none for a target where that is not wanted.
    #[must_use]
    pub fn hedge_after(&self, target: &Target, bytes: usize) -> Option<Duration> {
        let hedge = self.targets.get(target.name())?.hedge?;
        (bytes <= hedge.bytes_max).then_some(hedge.after)
    }

    /// Takes a second attempt from a target's budget; says whether it may be made.
    #[must_use]
    pub fn may_hedge(&self, target: &Target) -> bool {
        let Some(group) = self.targets.get(target.name()) else { return false };
        group.load.retry(group.retry_percent.unwrap_or(HEDGE_PERCENT), clock::now())
    }

    fn remote(&self, target: &Target) -> Option<&Remote> {
        let endpoint = self.targets.get(target.name())?.endpoints.first()?;
        Some(&endpoint.remote)
    }
}

/// Where an upstream is, and how it is trusted.
fn origin(upstream: &config::Upstream) -> Result<Origin, String> {
    let origin = Origin::new(&upstream.base_url, upstream.proxy.clone(), || {
        tls::client_config(upstream.ca_file.as_deref(), upstream.access.certificate.as_ref())
    })?;
    Ok(origin.within(match upstream.zone {
        _ if upstream.access.any_address => Reach::Anywhere,
        Zone::Cloud => Reach::Public,
        Zone::Premises | Zone::Device => Reach::Private,
    }))
}

/// An upstream's places, the first its own.
fn remotes(upstream: &config::Upstream) -> Result<Vec<(Arc<Remote>, u32)>, String> {
    let own = Remote::new(upstream).map(|remote| (Arc::new(remote), upstream.spread.weight));
    let further = upstream.spread.endpoints.iter().map(|endpoint| {
        let place = config::Upstream {
            base_url: endpoint.base_url.clone(),
            api_key: endpoint.api_key.clone(),
            proxy: endpoint.proxy.clone(),
            ..upstream.clone()
        };
        Remote::new(&place).map(|remote| (Arc::new(remote), endpoint.weight))
    });
    std::iter::once(own).chain(further).collect()
}

/// A target, with what is known of it.
fn group(
    upstream: &config::Upstream,
    remotes: &[(Arc<Remote>, u32)],
    before: Option<&Group>,
    troubled: &Arc<AtomicUsize>,
) -> Group {
    let (faults, open) = (upstream.breaker_faults, upstream.breaker_open);
    let mut known: Vec<&Endpoint> = before.into_iter().flat_map(|before| &before.endpoints).collect();
    let endpoint = |(remote, weight): &(Arc<Remote>, u32)| {
        let kept = known.iter().position(|kept| kept.remote.is_at(remote)).map(|at| known.remove(at));
        let breaker = match kept {
            Some(kept) => kept.breaker.with(faults, open, clock::now()),
            None => Arc::new(Breaker::new(faults, open, Arc::clone(troubled))),
        };
        let place = kept.map(|kept| Arc::clone(&kept.place)).unwrap_or_default();
        Endpoint { remote: Arc::clone(remote), breaker, place, weight: *weight }
    };
    Group {
        endpoints: remotes.iter().map(endpoint).collect(),
        balance: upstream.spread.balance,
        running_max: upstream.spread.running_max,
        retry_percent: upstream.spread.retry_percent,
        hedge: upstream.spread.hedge,
        load: before.map(|before| Arc::clone(&before.load)).unwrap_or_default(),
        turns: Mutex::default(),
    }
}

impl Remote {
    /// Whose server it is.
    fn provider(&self) -> &str {
        self.base_url.authority().map_or("", http::uri::Authority::as_str)
    }

    /// Whether it is the same place.
    fn is_at(&self, other: &Self) -> bool {
        self.base_url == other.base_url && self.key == other.key
    }

    fn new(upstream: &config::Upstream) -> Result<Self, String> {
        static IDS: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            zone: upstream.zone,
            base_url: upstream.base_url.clone(),
            key: upstream.api_key.as_ref().map(|key| Sha256::digest(key.expose_secret()).into()),
            origin: origin(upstream)?,
            head: Head::new(upstream, &upstream.base_url, upstream.api_key.as_ref())?,
            dialect: upstream.dialect,
            connect_timeout: upstream.connect_timeout,
            first_byte_timeout: upstream.first_byte_timeout,
            idle_timeout: upstream.idle_timeout,
            retries: upstream.retries,
            breaker_open: upstream.breaker_open,
            idle_connections_max: upstream.idle_connections_max,
            told: AtomicBool::new(false),
        })
    }

    /// Tells whoever runs the gateway, once, of a fault that is theirs to mend.
    fn tell(&self, error: &CloudError) {
        let mend = matches!(error, CloudError::PrivateAddress | CloudError::PublicAddress);
        if mend && !self.told.swap(true, Ordering::Relaxed) {
            log::warn(&format!("{}: {error}", self.provider()));
        }
    }
}
