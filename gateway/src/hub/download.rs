//! Brings the bytes of one file: several runs of it at once, each going on from where it stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode, Uri};
use tokio::task::JoinSet;

use super::HubError;
use super::client::{Answer, Ask, Client, Fault};
use super::parts::Parts;
use super::progress::Progress;
use crate::cloud::backoff;

/// A file on its way.
pub struct Download {
    /// Who asks.
    pub client: Arc<Client>,
    /// The hub's own address of it.
    pub url: Uri,
    /// Its etag, as the hub links to it.
    pub linked_etag: Option<String>,
    /// The etags that hosts give it.
    pub host_etags: Mutex<Vec<(String, String)>>,
    /// What is there of it.
    pub parts: Parts,
    /// Its server knows no ranges.
    pub whole_only: AtomicBool,
    /// Attempts after the first that bring nothing.
    pub retries: u32,
    /// Who waits.
    pub progress: Arc<dyn Progress>,
    /// Bytes of the files before it.
    pub before_bytes: u64,
}

/// Why a download has stopped.
pub enum Halt {
    /// It is another file than at the beginning.
    Changed,
    /// Its server knows no ranges: it can be had in one piece alone.
    WholeOnly,
    /// What was said of it does not agree.
    Untrue(String),
    /// There is no more to be had for now.
    Fault(Fault),
    /// The disk.
    Disk(HubError),
}

impl Download {
    /// Brings what is lacking.
    ///
    /// # Errors
    /// The first thing that stops it; what has come by then is kept.
    pub async fn run(self: &Arc<Self>) -> Result<(), Halt> {
        let mut spans = JoinSet::new();
        for span in 0..self.parts.count() {
            let download = Arc::clone(self);
            spans.spawn(async move { download.span(span).await });
        }
        let mut ended = Ok(());
        while let Some(one) = spans.join_next().await {
            let broken = || Halt::Fault(Fault::Unusable("a fault of this program's own".to_owned()));
            ended = one.unwrap_or_else(|_| Err(broken()));
            if ended.is_err() {
                spans.shutdown().await;
            }
        }
        let saved = self.parts.save().map_err(Halt::Disk);
        ended.and(saved)
    }

    async fn span(&self, span: usize) -> Result<(), Halt> {
        let mut attempt = 0;
        while let Some((from, to)) = self.parts.lacking(span) {
            let ended = self.attempt(span, from, to).await;
            let come = self.parts.lacking(span).is_none_or(|(now, _)| now > from);
            let fault = match ended {
                Ok(()) if come => continue,
                Ok(()) => Fault::Broken("less came than was promised".to_owned()),
                Err(Halt::Fault(fault)) => fault,
                Err(halt) => return Err(halt),
            };
            if come {
                attempt = 0;
            }
            let wait = self.wait(attempt, &fault);
            let Some(wait) = wait else { return Err(Halt::Fault(fault)) };
            if attempt == 0 {
                self.progress.note(&format!("{}; trying again", fault.words()));
            }
            attempt += 1;
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn wait(&self, attempt: u32, fault: &Fault) -> Option<Duration> {
        if attempt >= self.retries || !fault.retryable() {
            return None;
        }
        backoff::wait(attempt, fault.retry_after(), backoff::random())
    }

    async fn attempt(&self, span: usize, from: u64, to: u64) -> Result<(), Halt> {
        let whole_only = self.whole_only.load(Ordering::Relaxed);
        if whole_only {
            self.parts.forget(span);
        }
        let range = (!whole_only).then_some((from, to));
        let etags = self.etags().clone();
        let ask = Ask { method: Method::GET, url: self.url.clone(), range, etags };
        let mut answer = self.client.ask(&ask).await.map_err(Halt::Fault)?;
        self.check(&answer, from, to)?;
        while let Some(bytes) = answer.piece().await.map_err(Halt::Fault)? {
            let taken = self.parts.write(span, &bytes).map_err(Halt::Disk)?;
            self.progress.reach(self.before_bytes + self.parts.done());
            if taken < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// That an answer is of the same file, and of the bytes that were asked for.
    fn check(&self, answer: &Answer, from: u64, to: u64) -> Result<(), Halt> {
        let linked = self.linked_etag.as_ref().zip(answer.said.etag.as_ref());
        if linked.is_some_and(|(before, now)| before != now) {
            return Err(Halt::Changed);
        }
        let bytes = self.parts.bytes();
        let untrue = |said: u64| {
            let host = &answer.host;
            Halt::Untrue(format!("the hub says that the file has {bytes} bytes, and `{host}` says {said}"))
        };
        if let Some(etag) = answer.etag() {
            let mut known = self.etags();
            match known.iter().find(|(host, _)| *host == answer.host) {
                Some((_, before)) if *before != etag => return Err(Halt::Changed),
                Some(_) => {}
                None => known.push((answer.host.clone(), etag)),
            }
        }
        match answer.status {
            StatusCode::PARTIAL_CONTENT => match answer.content_range() {
                Some((_, _, said)) if said != bytes => Err(untrue(said)),
                Some((first, last, _)) if first == from && (first..to).contains(&last) => Ok(()),
                _ => Err(Halt::WholeOnly),
            },
            StatusCode::OK => match answer.content_length() {
                Some(said) if said != bytes => Err(untrue(said)),
                _ if (from, to) == (0, bytes) || self.whole_only.load(Ordering::Relaxed) => Ok(()),
                _ => Err(Halt::WholeOnly),
            },
            status => {
                let words = format!("`{}` answers with status {}", answer.host, status.as_u16());
                Err(Halt::Fault(Fault::Unusable(words)))
            }
        }
    }

    fn etags(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.host_etags.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
