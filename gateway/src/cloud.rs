//! Upstreams: the only code that sends the content of requests to other machines.
//!
//! All that can be sent is a [`Wire`](hearthgate_rules::decision::Wire), which only a permit makes, and only
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
mod error;
mod headers;
mod pool;
mod sign;
#[cfg(test)]
mod tests;
pub mod tls;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hearthgate_rules::target::{Target, Zone};

pub use self::body::UpstreamBody;
use self::breaker::Breaker;
use self::connect::Origin;
pub use self::error::CloudError;
use self::headers::Head;
pub use self::pool::Pool;
use crate::clock;
use crate::config;
pub use crate::metrics::BreakerState;

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
    remotes: Vec<Arc<Remote>>,
    targets: HashMap<String, (Arc<Remote>, Arc<Breaker>)>,
    troubled: Arc<AtomicUsize>,
}

/// One upstream, ready to be spoken to.
struct Remote {
    /// Unlike any other's, of another load of the configuration too.
    id: u64,
    name: String,
    zone: Zone,
    base_url: http::Uri,
    origin: Origin,
    head: Head,
    dialect: config::UpstreamDialect,
    connect_timeout: Duration,
    first_byte_timeout: Duration,
    idle_timeout: Duration,
    retries: u32,
    idle_connections_max: usize,
}

impl Upstreams {
    /// Prepares the upstreams of a configuration. Nothing is built, roots included, where there is none.
    /// What breakers know is taken over from the load `before`, for targets of the same name and URL.
    ///
    /// # Errors
    /// When a URL, a key or a file of roots is of no use.
    pub fn new(upstreams: &[config::Upstream], before: Option<&Self>) -> Result<Self, CloudError> {
        let troubled = before.map(|before| Arc::clone(&before.troubled)).unwrap_or_default();
        let mut remotes = Vec::new();
        let mut targets = HashMap::new();
        for upstream in upstreams {
            let remote = Remote::new(upstream)
                .map_err(|reason| CloudError::Setup { upstream: upstream.name.clone(), reason })?;
            let remote = Arc::new(remote);
            for model in &upstream.models {
                let name = format!("{}/{model}", upstream.name);
                let (faults, open) = (upstream.breaker_faults, upstream.breaker_open);
                let breaker = match before.and_then(|before| before.kept(&name, &upstream.base_url)) {
                    Some(kept) => kept.with(faults, open, clock::now()),
                    None => Arc::new(Breaker::new(faults, open, Arc::clone(&troubled))),
                };
                targets.insert(name, (Arc::clone(&remote), breaker));
            }
            remotes.push(remote);
        }
        Ok(Self { remotes, targets, troubled })
    }

    fn kept(&self, target: &str, base_url: &http::Uri) -> Option<&Arc<Breaker>> {
        let (_, breaker) = self.targets.get(target).filter(|(remote, _)| remote.base_url == *base_url)?;
        Some(breaker)
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
        let down = self.targets.iter().filter(|(_, (_, breaker))| breaker.is_down(now));
        down.map(|(name, _)| name.clone()).collect()
    }

    /// The dialect in which a target is spoken to; none for a target of no upstream.
    #[must_use]
    pub fn dialect(&self, target: &Target) -> Option<config::UpstreamDialect> {
        self.targets.get(target.name()).map(|(remote, _)| remote.dialect)
    }

    /// Whose server a target's is; none for a target of no upstream.
    #[must_use]
    pub fn provider(&self, target: &Target) -> Option<&str> {
        let (remote, _) = self.targets.get(target.name())?;
        remote.base_url.authority().map(http::uri::Authority::as_str)
    }

    /// The state of a target's breaker; none for a target of no upstream.
    #[must_use]
    pub fn breaker(&self, target: &str) -> Option<BreakerState> {
        self.targets.get(target).map(|(_, breaker)| breaker.state(clock::now()))
    }

    /// How long to wait after failed attempt number `attempt`, counted from 0, before another; none when
    /// there is to be no other.
    #[must_use]
    pub fn backoff(&self, upstream: &str, attempt: u32, retry_after: Option<Duration>) -> Option<Duration> {
        let remote = self.remotes.iter().find(|remote| remote.name == upstream)?;
        if attempt >= remote.retries {
            return None;
        }
        backoff::wait(attempt, retry_after, backoff::random())
    }

    /// The upstream of a target, and its breaker.
    fn route(&self, target: &Target) -> Result<(&Remote, &Arc<Breaker>), CloudError> {
        let (remote, breaker) = self.targets.get(target.name()).ok_or(CloudError::NotConfigured)?;
        // A permit of an earlier configuration may name an upstream that has since moved further out.
        if remote.zone > target.zone() {
            return Err(CloudError::NotConfigured);
        }
        Ok((remote, breaker))
    }
}

impl Remote {
    fn new(upstream: &config::Upstream) -> Result<Self, String> {
        static IDS: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            name: upstream.name.clone(),
            zone: upstream.zone,
            base_url: upstream.base_url.clone(),
            origin: Origin::new(&upstream.base_url, upstream.proxy.clone(), || {
                tls::client_config(upstream.ca_file.as_deref())
            })?,
            head: Head::new(upstream, &upstream.base_url, upstream.api_key.as_ref())?,
            dialect: upstream.dialect,
            connect_timeout: upstream.connect_timeout,
            first_byte_timeout: upstream.first_byte_timeout,
            idle_timeout: upstream.idle_timeout,
            retries: upstream.retries,
            idle_connections_max: upstream.idle_connections_max,
        })
    }
}
