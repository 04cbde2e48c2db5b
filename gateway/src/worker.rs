//! A worker: one thread, one event loop, its own connections to upstreams.
//!
//! Nothing of a request crosses threads, apart from the device engines', but to read and judge a long one.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::app::{App, Site};
use crate::cloud::Pool;

/// Long requests that are judged at a time, beside what the event loop does.
const JUDGING_MAX: usize = 4;

/// What one worker has for itself.
pub struct Worker {
    /// What all share.
    pub app: Arc<App>,
    /// Room to judge long requests on threads beside this one.
    pub judging_room: Arc<Semaphore>,
    pool: Mutex<(u64, Arc<Pool>)>,
}

impl Worker {
    /// A worker without connections.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        let generation = app.site().generation;
        Self {
            app,
            judging_room: Arc::new(Semaphore::new(JUDGING_MAX)),
            pool: Mutex::new((generation, Arc::new(Pool::default()))),
        }
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
