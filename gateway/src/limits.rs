//! How much each caller may use: requests per minute and tokens per minute.
//!
//! Requests are counted by governor's GCRA: a caller may use its whole quota at once and gets it back evenly
//! over the minute. Tokens are only known when the answer ends, so they are reserved before and settled
//! after. governor cannot give back what it has counted, hence the token meter of our own in [`tokens`].
//!
//! Time is given by whoever calls; it never goes back, however the calls of many threads are ordered.

mod requests;
mod standing;
mod tokens;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use http::HeaderMap;
use thiserror::Error;

use crate::auth::{Identity, LOCAL};
use crate::clock;
use crate::config::{Config, Key, Limits};
use requests::RequestMeter;
use standing::{Standing, Window, retry_after_seconds};
use tokens::{Reservation, TokenMeter};

/// What an answer is reckoned to have where the request does not bound it.
const OUTPUT_TOKENS_DEFAULT: u64 = 1024;

/// Bytes of text that a token stands for on average.
const BYTES_PER_TOKEN: u64 = 4;

/// How many tokens a request may come to, reckoned before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    prompt: u64,
    output: Option<u64>,
}

impl Estimate {
    /// Of what no model will see.
    pub const NONE: Self = Self { prompt: 0, output: Some(0) };

    /// From the bytes of the prompt and the request's own bound on the answer, if it has one.
    #[must_use]
    pub fn new(prompt_bytes: usize, output_tokens_max: Option<u64>) -> Self {
        let bytes = u64::try_from(prompt_bytes).unwrap_or(u64::MAX);
        Self { prompt: bytes.div_ceil(BYTES_PER_TOKEN), output: output_tokens_max }
    }

    /// The tokens to reserve. Where the request does not bound its answer, the guess gives way to the quota,
    /// so that a small quota can be used at all.
    fn reserve(self, limit: u64) -> u64 {
        match self.output {
            Some(output) => self.prompt.saturating_add(output),
            None => self.prompt.saturating_add(OUTPUT_TOKENS_DEFAULT).min(limit.max(self.prompt)),
        }
    }
}

impl From<u64> for Estimate {
    /// A number of tokens of which nothing more is known: all of them count as the prompt's.
    fn from(tokens: u64) -> Self {
        Self { prompt: tokens, output: Some(0) }
    }
}

/// Why a request is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Limited {
    /// The quota of requests is used up.
    #[error("the limit of {limit} requests per minute is reached; try again in {} s", retry_after_seconds(*retry_after))]
    Requests {
        /// Requests per minute.
        limit: u32,
        /// When one would be admitted.
        retry_after: Duration,
        /// What the caller has left.
        standing: Standing,
    },
    /// The quota of tokens is used up, or reserved by requests that run.
    #[error(
        "the limit of {limit} tokens per minute is reached, requests that run included; this one may need \
         {needed}; try again in {} s", retry_after_seconds(*retry_after)
    )]
    Tokens {
        /// Tokens per minute.
        limit: u32,
        /// Tokens that this request may need.
        needed: u64,
        /// When it would be admitted, if nothing else is reserved or settled.
        retry_after: Duration,
        /// What the caller has left.
        standing: Standing,
    },
    /// A request that no waiting helps.
    #[error(
        "this request may need {needed} tokens, the whole limit is {limit} per minute; shorten it or ask for \
         fewer tokens"
    )]
    TooLarge {
        /// Tokens per minute.
        limit: u32,
        /// Tokens that this request may need.
        needed: u64,
        /// What the caller has left.
        standing: Standing,
    },
}

impl Limited {
    /// What ran out, as OpenAI's errors name it in `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Requests { .. } => "requests",
            Self::Tokens { .. } | Self::TooLarge { .. } => "tokens",
        }
    }

    /// When it is worth trying again; never for a request that is too large.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Requests { retry_after, .. } | Self::Tokens { retry_after, .. } => Some(*retry_after),
            Self::TooLarge { .. } => None,
        }
    }

    /// What the caller has left.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        match self {
            Self::Requests { standing, .. }
            | Self::Tokens { standing, .. }
            | Self::TooLarge { standing, .. } => standing,
        }
    }
}

/// The meters of every caller. Shared by all threads.
pub struct Limiter {
    callers: ArcSwap<Callers>,
}

type Callers = HashMap<String, Arc<Meters>>;

/// What one caller has used of its limits.
struct Meters {
    limits: Limits,
    requests: Option<RequestMeter>,
    tokens: Option<TokenMeter>,
}

impl Limiter {
    /// Fresh meters for the callers of a configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self::with(&config.keys, config.limits, clock::now())
    }

    /// Takes over a new configuration. A caller whose limits did not change keeps what it has used, so that
    /// a reload gives nobody a fresh quota.
    pub fn configure(&self, config: &Config) {
        self.configure_at(&config.keys, config.limits, clock::now());
    }

    fn with(keys: &[Key], shared: Limits, now: Instant) -> Self {
        Self { callers: ArcSwap::from_pointee(callers(keys, shared, now, &Callers::new())) }
    }

    fn configure_at(&self, keys: &[Key], shared: Limits, now: Instant) {
        let before = self.callers.load();
        self.callers.store(Arc::new(callers(keys, shared, now, &before)));
    }

    /// Admits a request, or says when to come back. What is reserved is held by the ticket. Either way
    /// `headers` tells the caller what it has left.
    ///
    /// # Errors
    /// When a quota is used up, or would not suffice if it were whole.
    pub fn admit(
        &self,
        identity: &Identity,
        estimate: impl Into<Estimate>,
        headers: &mut HeaderMap,
    ) -> Result<Ticket, Limited> {
        let admitted = self.admit_at(identity, estimate.into(), clock::now());
        admitted.as_ref().map_or_else(Limited::standing, Ticket::standing).write(headers);
        admitted
    }

    /// [`Limiter::admit`] at a time of its own.
    ///
    /// # Errors
    /// As there.
    pub fn admit_at(&self, identity: &Identity, estimate: Estimate, now: Instant) -> Result<Ticket, Limited> {
        let callers = self.callers.load();
        let Some(meters) = callers.get(&identity.name) else {
            // A key that a reload took away between its check and this one: there is nothing to count it by.
            return Ok(Ticket { held: None, standing: Standing::default() });
        };
        let tokens = meters.reserve_tokens(estimate, now)?;
        // Requests come second because governor cannot give back; the reservation can.
        match meters.count_request(now) {
            Ok(requests) => {
                let standing = Standing { requests, tokens: meters.tokens_window(now) };
                let held = Held { meters: Arc::clone(meters), tokens, prompt: estimate.prompt };
                Ok(Ticket { held: Some(held), standing })
            }
            Err((limit, retry_after, window)) => {
                if let Some(meter) = &meters.tokens {
                    meter.settle(tokens, 0, now);
                }
                let standing = Standing { requests: Some(window), tokens: meters.tokens_window(now) };
                Err(Limited::Requests { limit, retry_after, standing })
            }
        }
    }
}

fn callers(keys: &[Key], shared: Limits, now: Instant, before: &Callers) -> Callers {
    let own = keys.iter().map(|key| (key.name.as_str(), key.limits));
    let local = keys.is_empty().then_some((LOCAL, Limits::default()));
    let callers = own.chain(local).map(|(name, own)| {
        let limits = Limits {
            requests_per_minute: own.requests_per_minute.or(shared.requests_per_minute),
            tokens_per_minute: own.tokens_per_minute.or(shared.tokens_per_minute),
        };
        let kept = before.get(name).filter(|kept| kept.limits == limits);
        (name.to_owned(), kept.map_or_else(|| Arc::new(Meters::new(limits, now)), Arc::clone))
    });
    callers.collect()
}

impl Meters {
    fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            requests: limits.requests_per_minute.and_then(|limit| RequestMeter::new(limit, now)),
            tokens: limits.tokens_per_minute.map(|limit| TokenMeter::new(limit, now)),
        }
    }

    fn reserve_tokens(&self, estimate: Estimate, now: Instant) -> Result<Reservation, Limited> {
        let Some(meter) = &self.tokens else { return Ok(Reservation::default()) };
        let limit = meter.limit();
        let needed = estimate.reserve(u64::from(limit));
        let standing = || Standing {
            requests: self.requests.as_ref().map(|meter| meter.window(now)),
            tokens: Some(meter.window(now)),
        };
        if needed > u64::from(limit) {
            return Err(Limited::TooLarge { limit, needed, standing: standing() });
        }
        meter.reserve(needed, now).map_err(|retry_after| Limited::Tokens {
            limit,
            needed,
            retry_after,
            standing: standing(),
        })
    }

    fn count_request(&self, now: Instant) -> Result<Option<Window>, (u32, Duration, Window)> {
        let Some(meter) = &self.requests else { return Ok(None) };
        match meter.count(now) {
            Ok(window) => Ok(Some(window)),
            Err(retry_after) => Err((meter.limit(), retry_after, meter.window(now))),
        }
    }

    fn tokens_window(&self, now: Instant) -> Option<Window> {
        self.tokens.as_ref().map(|meter| meter.window(now))
    }
}

/// A request that was admitted, and the tokens that are reserved for it.
///
/// Settle it with what was really used. A ticket that is dropped unsettled, because its request was
/// cancelled or its future went away, is settled with the prompt alone: somebody may have read it, and a
/// caller that hangs up must not read for nothing.
#[must_use = "an unsettled ticket costs its caller the whole prompt"]
pub struct Ticket {
    held: Option<Held>,
    standing: Standing,
}

struct Held {
    meters: Arc<Meters>,
    tokens: Reservation,
    prompt: u64,
}

impl Ticket {
    /// What the caller has left, this request counted.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The tokens of the prompt, as estimated; none where nobody counts them.
    #[must_use]
    pub fn prompt(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.prompt)
    }

    /// Counts the tokens that were really used, and gives back the rest; 0 for a request that no model saw.
    pub fn settle(self, actual_tokens: u64) {
        self.settle_at(actual_tokens, clock::now());
    }

    /// [`Ticket::settle`] at a time of its own.
    pub fn settle_at(mut self, actual_tokens: u64, now: Instant) {
        self.close(Some(actual_tokens), now);
    }

    fn close(&mut self, actual: Option<u64>, now: Instant) {
        if let Some(Held { meters, tokens, prompt }) = self.held.take()
            && let Some(meter) = &meters.tokens
        {
            meter.settle(tokens, actual.unwrap_or(prompt), now);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.held.is_some() {
            self.close(None, clock::now());
        }
    }
}
