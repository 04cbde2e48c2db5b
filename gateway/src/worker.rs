//! A worker: one thread, one event loop, its own connections to upstreams.
//!
//! Nothing of a request crosses threads, apart from the device engines'.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::{App, Site};
use crate::cloud::Pool;

/// What one worker has for itself.
pub struct Worker {
    /// What all share.
    pub app: Arc<App>,
    pool: Mutex<(u64, Arc<Pool>)>,
}

impl Worker {
    /// A worker without connections.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        let generation = app.site().generation;
        Self { app, pool: Mutex::new((generation, Arc::new(Pool::default()))) }
    }

    /// Its connections to the upstreams of this site; those of another load of the configuration are left.
    #[must_use]
    pub fn pool(&self, site: &Site) -> Arc<Pool> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.0 != site.generation {
            *pool = (site.generation, Arc::new(Pool::default()));
        }
        Arc::clone(&pool.1)
    }
}
