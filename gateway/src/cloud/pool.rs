//! Connections that wait for their next request, per worker and upstream, and one attempt on one of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearthgate_rules::decision::Wire;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::response::Parts;
use hyper::body::Incoming;
use tokio::time::Instant;

use super::body::UpstreamBody;
use super::breaker::Attempt;
use super::conn::Conn;
use super::{Choice, CloudError, Expect, Remote, backoff};
use crate::clock;

/// A connection that has waited for longer is not used again: servers close theirs after a minute or so,
/// and what they close while a request is on its way is lost.
const IDLE_AGE_MAX: Duration = Duration::from_secs(30);

/// What is kept of the words of an upstream that refuses.
const REFUSAL_BYTES_MAX: usize = 64 << 10;

/// A place that asks to be left alone for longer is asked again after this.
const REST_MAX: Duration = Duration::from_secs(600);

/// How long those words may take.
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(5);

/// One worker's connections.
#[derive(Default)]
pub struct Pool {
    shelves: Mutex<Vec<Arc<Shelf>>>,
}

impl Pool {
    /// Sends what a permit lets out to the target that it is for. One attempt, except that a connection
    /// which turns out to have been closed while it waited is replaced by a fresh one.
    ///
    /// # Errors
    /// Whatever keeps a 2xx answer of the expected type from beginning.
    pub async fn send(&self, choice: Choice<'_>, expect: Expect) -> Result<UpstreamBody, CloudError> {
        let Choice { wire, remote, attempt, .. } = choice;
        let shelf = self.shelf(&remote);
        let answered = match exchange(&remote, &shelf, wire, expect).await {
            Ok((parts, conn, incoming)) => judge(&remote, &shelf, parts, conn, incoming, expect).await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(body) => Ok(begin(body, attempt)),
            Err(error) => {
                let now = clock::now();
                if let Some(until) = rests_until(&remote, &error, now) {
                    attempt.rest(until);
                }
                attempt.failed(&error, now);
                Err(error)
            }
        }
    }

    /// How many connections wait.
    #[cfg(test)]
    pub fn idle(&self) -> usize {
        self.shelves().iter().map(|shelf| shelf.idle().len()).sum()
    }

    fn shelf(&self, remote: &Remote) -> Arc<Shelf> {
        let mut shelves = self.shelves();
        if let Some(shelf) = shelves.iter().find(|shelf| shelf.remote == remote.id) {
            return Arc::clone(shelf);
        }
        let shelf = Arc::new(Shelf {
            remote: remote.id,
            idle_max: remote.idle_connections_max,
            idle: Mutex::default(),
        });
        shelves.push(Arc::clone(&shelf));
        shelf
    }

    fn shelves(&self) -> MutexGuard<'_, Vec<Arc<Shelf>>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The idle connections to one upstream, the one used last at the back.
pub(super) struct Shelf {
    remote: u64,
    idle_max: usize,
    idle: Mutex<VecDeque<(Instant, Box<Conn>)>>,
}

impl Shelf {
    /// Takes the connection that was used last, if it still stands.
    fn take(&self) -> Option<Box<Conn>> {
        let mut idle = self.idle();
        if idle.is_empty() {
            return None;
        }
        self.prune(&mut idle, Instant::now());
        loop {
            let (_, mut conn) = idle.pop_back()?;
            if conn.is_usable() {
                return Some(conn);
            }
        }
    }

    /// Keeps a connection whose answer has come to its end.
    pub(super) fn put(&self, mut conn: Box<Conn>) {
        if self.idle_max == 0 || !conn.is_usable() {
            return;
        }
        let (mut idle, now) = (self.idle(), Instant::now());
        self.prune(&mut idle, now);
        if idle.len() >= self.idle_max {
            idle.pop_front();
        }
        idle.push_back((now, conn));
    }

    fn prune(&self, idle: &mut VecDeque<(Instant, Box<Conn>)>, now: Instant) {
        while idle.front().is_some_and(|(since, _)| now.duration_since(*since) > IDLE_AGE_MAX) {
            idle.pop_front();
        }
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<(Instant, Box<Conn>)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn exchange(
    remote: &Remote,
    shelf: &Shelf,
    wire: &Wire,
    expect: Expect,
) -> Result<(Parts, Box<Conn>, Incoming), CloudError> {
    let request = || remote.head.request(wire.target().model(), wire.body().clone(), expect);
    if let Some(mut conn) = shelf.take() {
        match conn.exchange(request()?, remote.first_byte_timeout).await {
            Ok(response) => return Ok(split(response, conn)),
            // It had been closed while it waited, and nothing has left. Once something may have left, another
            // attempt is the dispatcher's to make: it asks first whether the decision still stands.
            Err(failed) if failed.unsent => {}
            Err(failed) => return Err(failed.error),
        }
    }
    let mut conn = Box::pin(Conn::open(&remote.origin, remote.connect_timeout)).await?;
    let answered = conn.exchange(request()?, remote.first_byte_timeout).await;
    answered.map(|response| split(response, conn)).map_err(|failed| failed.error)
}

fn split(response: http::Response<Incoming>, conn: Box<Conn>) -> (Parts, Box<Conn>, Incoming) {
    let (parts, incoming) = response.into_parts();
    (parts, conn, incoming)
}

/// Until when a place is better left alone, if there are others: as long as it asks, and where it does not take our key, as
/// long as a breaker stays open.
fn rests_until(remote: &Remote, error: &CloudError, now: std::time::Instant) -> Option<std::time::Instant> {
    let CloudError::Status { retry_after, .. } = error else { return None };
    let wait = match error.refuses_our_key() {
        true => Some(remote.breaker_open),
        false => retry_after.map(|asked| asked.min(REST_MAX)),
    };
    wait.map(|wait| now + wait)
}

async fn judge(
    remote: &Remote,
    shelf: &Arc<Shelf>,
    parts: Parts,
    conn: Box<Conn>,
    incoming: Incoming,
    expect: Expect,
) -> Result<UpstreamBody, CloudError> {
    let body = UpstreamBody::new(conn, incoming, Arc::clone(shelf), remote.idle_timeout);
    if !parts.status.is_success() {
        return Err(Box::pin(refusal(&parts, body)).await);
    }
    if remote.head.is_answered(&parts.headers, expect) { Ok(body) } else { Err(CloudError::ContentType) }
}

async fn refusal(parts: &Parts, body: UpstreamBody) -> CloudError {
    let words = body.beginning(REFUSAL_BYTES_MAX);
    let body = tokio::time::timeout(REFUSAL_TIME_MAX, words).await.unwrap_or_default();
    let retry_after = parts.headers.get(RETRY_AFTER);
    let now = clock::unix_micros() / 1_000_000;
    CloudError::Status {
        status: parts.status,
        retry_after: retry_after.and_then(|value| backoff::retry_after(value, now)),
        body,
        content_type: parts.headers.get(CONTENT_TYPE).cloned(),
    }
}

fn begin(mut body: UpstreamBody, mut attempt: Attempt) -> UpstreamBody {
    attempt.begun();
    body.tell(attempt);
    body
}
