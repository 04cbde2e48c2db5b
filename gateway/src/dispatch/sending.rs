//! What a permit lets out to one target: an attempt at it, a second beside the first, and the pause before another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::Wire;

use super::writer;
use crate::app::Site;
use crate::auth::Identity;
use crate::cloud::race::race;
use crate::cloud::{Choice, CloudError, Expect, Pool, Round};
use crate::config::UpstreamDialect;
use crate::dialect::carry::{self, Reader, Writer};
use crate::exchange::{Exchange, Rate, Tokens};
use crate::relay::seals::Sealer;
use crate::relay::{self, Course, Primed};
use crate::worker::Worker;
use crate::{clock, repeat};

/// What one target is sent, and how.
pub struct Sending<'a> {
    pub worker: &'a Arc<Worker>,
    pub site: &'a Arc<Site>,
    pub identity: &'a Identity,
    pub request: &'a ChatRequest,
    pub dialect: UpstreamDialect,
    pub wire: Wire,
    pub round: Round,
}

/// An answer of an upstream that has begun.
pub enum Answered {
    /// As it comes.
    Stream(Box<Primed>),
    /// All of it.
    Whole(Bytes, Option<Tokens>),
}

impl Sending<'_> {
    /// One attempt, and where the site wants that a second beside it.
    pub async fn once<'s>(&'s mut self, exchange: &mut Exchange) -> Result<Answered, CloudError> {
        let Self { worker, site, identity, request, dialect, wire, round } = self;
        let wire: &'s Wire = wire;
        let (worker, site, identity, request) = (*worker, *site, *identity, *request);
        let (target, upstreams, rate, pool) =
            (wire.target(), &site.upstreams, exchange.rate(), worker.pool(site));
        // What is passed on as it is needs nobody to write it.
        let passed_on = carry::is_passed_on(request.dialect(), *dialect);
        let writer = || (!passed_on).then(|| writer(site, identity, request, target, exchange));
        let send = |choice: Choice<'s>, writer: Option<Writer>| {
            if let Some(endpoint) = choice.endpoint {
                worker.app.metrics.endpoint_asked(target.name(), endpoint);
            }
            let sealing = *dialect == UpstreamDialect::Anthropic;
            let provider = if sealing { choice.provider().to_owned() } else { String::new() };
            let sealer = move || Sealer::new(&worker.app.memory, &identity.name, &provider);
            send(Arc::clone(&pool), choice, request, *dialect, writer, rate, sealer)
        };
        let own = writer();
        let after = upstreams.hedge_after(target, wire.body().len()).filter(|_| repeat::is_safe(request));
        let Some(after) = after else {
            let first = send(upstreams.choose(wire, round)?, own);
            return exchange.wait(Box::pin(first)).await;
        };
        let other = writer();
        let first = send(upstreams.choose(wire, round)?, own);
        let second = || {
            // After a reload it would have to be decided again.
            let may = worker.app.is_current(site) && upstreams.may_hedge(target);
            let choice = may.then(|| upstreams.choose(wire, round).ok()).flatten()?;
            Some(send(choice, other))
        };
        let (answered, hedged) =
            exchange.wait(Box::pin(race(first, tokio::time::sleep(after), second))).await;
        exchange.hedged(hedged);
        answered
    }

    /// How long to wait before another attempt at the same target, from the budget that it may have; none to give it up.
    pub fn pause(&self, attempt: u32, error: &CloudError, deadline: Option<Instant>) -> Option<Duration> {
        let Self { worker, site, wire, round, .. } = self;
        let target = wire.target();
        let pause = site.upstreams.pause(target, attempt, error, round)?;
        // An attempt that could not begin before the deadline is no use, and the next target may be.
        if deadline.is_some_and(|deadline| clock::now() + pause >= deadline) {
            return None;
        }
        let may = site.upstreams.may_retry(target);
        worker.app.metrics.retry(target.name(), may);
        may.then_some(pause)
    }
}

/// One attempt at one place.
async fn send(
    pool: Arc<Pool>,
    choice: Choice<'_>,
    request: &ChatRequest,
    dialect: UpstreamDialect,
    writer: Option<Writer>,
    rate: Option<Rate>,
    sealer: impl FnOnce() -> Sealer,
) -> Result<Answered, CloudError> {
    if request.stream() {
        let body = pool.send(choice, Expect::EventStream).await?;
        let primed = relay::prime(body, course(dialect, request, writer, rate, sealer)).await;
        return primed.map(|primed| Answered::Stream(Box::new(primed)));
    }
    let body = pool.send(choice, Expect::Json).await?;
    let (answer, usage) = relay::whole(body, dialect, writer.as_ref(), rate).await?;
    if dialect == UpstreamDialect::Anthropic && request.dialect() == Dialect::AnthropicMessages {
        sealer().whole(&answer);
    }
    Ok(Answered::Whole(answer, usage))
}

/// How a stream of an upstream becomes the client's.
fn course(
    dialect: UpstreamDialect,
    request: &ChatRequest,
    writer: Option<Writer>,
    rate: Option<Rate>,
    sealer: impl FnOnce() -> Sealer,
) -> Course {
    match (writer, dialect) {
        (Some(writer), _) => {
            Course::Translated(Box::new(relay::translated::Course::new(Reader::of(dialect), writer, rate)))
        }
        (None, UpstreamDialect::OpenAi) => {
            Course::OpenAi(relay::openai::Course::new(request.include_usage(), rate))
        }
        (None, UpstreamDialect::Anthropic) => Course::Anthropic(relay::anthropic::Course::new(sealer())),
    }
}
