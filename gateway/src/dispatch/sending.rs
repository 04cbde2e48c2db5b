//! What a permit lets out to one target: an attempt at it, a second beside the first, and the pause before another.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::Wire;

use super::writer;
use crate::app::Site;
use crate::auth::Identity;
use crate::cloud::race::race;
use crate::cloud::{Bound, Choice, CloudError, Expect, Pool, Round, Share};
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
    /// What the request's deadline leaves it.
    pub share: Option<Share>,
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
        let Self { worker, site, identity, request, dialect, wire, round, share } = self;
        let wire: &'s Wire = wire;
        let (worker, site, identity, request) = (*worker, *site, *identity, *request);
        let (target, upstreams, rate, pool) =
            (wire.target(), &site.upstreams, exchange.rate(), worker.pool(site));
        // What is passed on as it is needs nobody to write it.
        let passed_on = carry::is_passed_on(request.dialect(), *dialect);
        let writer = || (!passed_on).then(|| writer(site, identity, request, target, exchange));
        let share = *share;
        let send = |choice: Choice<'s>, writer: Option<Writer>| {
            let bound = share.map(|share| share.begin(clock::now()));
            if let Some(endpoint) = choice.endpoint {
                worker.app.metrics.endpoint_asked(target.name(), endpoint);
            }
            let provider = choice.provider().to_owned();
            let sealer = move || Sealer::new(&worker.app.memory, identity.whose(), provider);
            send(Arc::clone(&pool), choice, request, *dialect, Manner { writer, rate, bound }, sealer)
        };
        let own = writer();
        let after = upstreams.hedge_after(target, wire.body().len()).filter(|_| repeat::is_safe(request));
        let Some(after) = after else {
            let first = send(upstreams.choose(wire, round)?, own);
            exchange.sent();
            return exchange.wait(Box::pin(first)).await;
        };
        let other = writer();
        let first = send(upstreams.choose(wire, round)?, own);
        exchange.sent();
        let second = || {
            // After a reload it would have to be decided again.
            let may = worker.app.is_current(site) && upstreams.may_hedge(target);
            let choice = may.then(|| upstreams.choose(wire, round).ok()).flatten()?;
            exchange.hedging();
            Some(send(choice, other))
        };
        let since = clock::now();
        let (answered, hedged) =
            Box::pin(race(first, tokio::time::sleep(after), second, CloudError::is_definitive)).await;
        exchange.waited_since(since);
        exchange.hedged(hedged);
        answered
    }

    /// How long to wait before another attempt at the same target, from the budget that it may have; none to give it up.
    pub fn pause(&self, attempt: u32, error: &CloudError) -> Option<Duration> {
        let Self { worker, site, wire, round, share, .. } = self;
        let target = wire.target();
        let pause = site.upstreams.pause(target, attempt, error, round)?;
        // An attempt that could not begin before its time is up is no use, and the next target may be.
        if share.is_some_and(|share| clock::now() + pause >= share.until()) {
            return None;
        }
        let may = site.upstreams.may_retry(target);
        worker.app.metrics.retry(target.name(), may);
        may.then_some(pause)
    }
}

/// How one attempt is read, and until when.
struct Manner {
    writer: Option<Writer>,
    rate: Option<Rate>,
    bound: Option<Bound>,
}

/// One attempt at one place.
async fn send(
    pool: Arc<Pool>,
    choice: Choice<'_>,
    request: &ChatRequest,
    dialect: UpstreamDialect,
    Manner { writer, rate, bound }: Manner,
    sealer: impl FnOnce() -> Sealer,
) -> Result<Answered, CloudError> {
    if request.stream() {
        let body = pool.send(choice, Expect::EventStream, bound).await?;
        let course = course(dialect, request, writer, rate, sealer());
        let primed = relay::prime(body, dialect, course, bound).await;
        return primed.map(|primed| Answered::Stream(Box::new(primed)));
    }
    let mut body = pool.send(choice, Expect::Json, bound).await?;
    let answer = relay::collect(&mut body, bound).await?;
    let (answer, usage) = relay::whole((body, answer), dialect, writer.as_ref(), rate, &sealer())?;
    Ok(Answered::Whole(answer, usage))
}

/// How a stream of an upstream becomes the client's.
fn course(
    dialect: UpstreamDialect,
    request: &ChatRequest,
    writer: Option<Writer>,
    rate: Option<Rate>,
    sealer: Sealer,
) -> Course {
    match (writer, dialect) {
        (Some(writer), _) => {
            let reader = Reader::of(dialect);
            let course = relay::translated::Course::new(reader, writer, rate, Some(sealer));
            Course::Translated(Box::new(course))
        }
        (None, UpstreamDialect::OpenAi) => {
            Course::OpenAi(relay::openai::Course::new(request.include_usage(), rate, sealer))
        }
        // Nobody else speaks a client's dialect.
        (None, _) => Course::Anthropic(relay::anthropic::Course::new(sealer)),
    }
}
