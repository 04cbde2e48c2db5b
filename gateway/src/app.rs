//! What all requests share: the site as it is configured now, and what outlives a reload.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use hearthgate_engines::{Engine, EngineStatus, Fleet, LocalEmbedder};
use hearthgate_rules::decide::Signals;
use tokio::sync::watch;

use crate::audit::Audit;
use crate::auth::Keys;
use crate::budget::Budgets;
use crate::cloud::Upstreams;
use crate::config::Config;
use crate::exchange::Rate;
use crate::limits::Limiter;
use crate::memory::Memory;
use crate::metrics::Metrics;
use crate::pace::Paces;
use crate::responses::Responses;
use crate::store::ContentStore;

/// What outlives a reload.
pub struct App {
    site: ArcSwap<Site>,
    /// Counters and histograms.
    pub metrics: Metrics,
    /// The record of decisions.
    pub audit: Audit,
    /// Rate limits, whose state must not be won back by a reload.
    pub limiter: Limiter,
    /// What callers' private requests held, which a reload must not forget.
    pub memory: Arc<Memory>,
    /// Responses that are kept to be gone on from.
    pub responses: Arc<Responses>,
    /// How soon targets begin their answers.
    pub paces: Paces,
    /// What may be spent, and has been.
    pub budgets: Arc<Budgets>,
    /// The configuration file that was named, for reloads.
    pub config_file: Option<PathBuf>,
    /// Held by the reload under way: one that read its files earlier must not take the place of a later one.
    pub reloading: Mutex<()>,
    /// Turns true when the gateway drains.
    pub draining: watch::Sender<bool>,
    ids: RequestIds,
}

/// The site as it is configured: replaced whole by a reload.
pub struct Site {
    /// Which load of the configuration this is.
    pub generation: u64,
    /// The configuration.
    pub config: Config,
    /// Client keys.
    pub keys: Keys,
    /// Upstreams and their breakers.
    pub upstreams: Upstreams,
    /// The memory that device models share.
    pub fleet: Arc<Fleet>,
    /// Device models by target name.
    pub engines: BTreeMap<String, Arc<dyn Engine>>,
    /// Device models that embed texts, by target name.
    pub embedders: BTreeMap<String, Arc<LocalEmbedder>>,
    /// Prices by target name.
    pub rates: BTreeMap<String, Rate>,
    /// What targets read at once, in tokens, by name.
    pub windows: BTreeMap<String, u64>,
    /// Where the content of requests is kept, if it is.
    pub store: Option<Arc<ContentStore>>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        site: Site,
        metrics: Metrics,
        audit: Audit,
        limiter: Limiter,
        memory: Arc<Memory>,
        budgets: Budgets,
        config_file: Option<PathBuf>,
    ) -> Self {
        let responses = Arc::new(Responses::new(site.config.responses));
        Self {
            site: ArcSwap::from_pointee(site),
            metrics,
            audit,
            limiter,
            memory,
            responses,
            paces: Paces::default(),
            budgets: Arc::new(budgets),
            config_file,
            reloading: Mutex::new(()),
            draining: watch::Sender::new(false),
            ids: RequestIds::new(),
        }
    }

    /// The site as it is now.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }

    /// Whether this is still the site as it is now.
    #[must_use]
    pub fn is_current(&self, site: &Site) -> bool {
        self.site.load().generation == site.generation
    }

    /// Puts another site in its place, for requests that come from now on.
    pub fn replace(&self, site: Site) {
        self.site.store(Arc::new(site));
    }

    /// Writes out the lines of the record that wait.
    pub fn flush_audit(&self) {
        if self.audit.flush().is_err() {
            self.metrics.audit_failure();
        }
    }

    /// A name for a request, unlike any other of this or another process.
    #[must_use]
    pub fn next_request_id(&self) -> String {
        self.ids.next()
    }
}

impl Site {
    /// The state of the world that decisions depend on.
    #[must_use]
    pub fn signals(&self) -> Signals {
        let mut down = self.upstreams.down();
        let failed = self.engines.iter().filter(|(_, engine)| engine.status() != EngineStatus::Ready);
        down.extend(failed.map(|(name, _)| name.clone()));
        Signals { down, ..Signals::default() }
    }

    /// Whether every device model can answer.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.engines.values().all(|engine| engine.status() == EngineStatus::Ready)
    }
}

/// Request ids: a random number of the process, then a count.
struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        use std::hash::{BuildHasher as _, RandomState};
        let process = RandomState::new().hash_one(crate::clock::unix_micros());
        Self { process, next: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        format!("req-{:016x}{count:08x}", self.process)
    }
}
