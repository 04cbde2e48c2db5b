//! Trying the targets of a permit, in its order, until one answers.
//!
//! Everything here borrows one permit: a retry or a fallback cannot reach further than the decision did. A
//! retry after a reload is decided again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearthgate_engines::{EngineError, Owner};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::Permitted;
use hearthgate_rules::target::{Target, Zone};
use http::{HeaderMap, Response, StatusCode};

use crate::app::Site;
use crate::ask::Ask;
use crate::auth::Identity;
use crate::body::Body;
use crate::cloud::{CloudError, Expect};
use crate::device::{self, DeviceStream};
use crate::dialect::openai::{self, Head, Surface};
use crate::exchange::Exchange;
use crate::relay::{self, Primed, Relay};
use crate::respond::{self, Fault};
use crate::worker::Worker;
use crate::{clock, handle};

/// How often a request is decided again because of reloads.
const REDECISIONS_MAX: u32 = 3;

/// An answer that has begun.
pub enum Answer {
    /// All of it.
    Whole(Bytes),
    /// The device's, as it comes.
    Device(Box<(device::Begun, Head)>),
    /// An upstream's, as it comes.
    Relay(Box<Primed>),
}

impl Answer {
    /// As a response; the exchange goes with a stream to its end.
    #[must_use]
    pub fn into_response(self, mut exchange: Exchange, headers: &mut HeaderMap) -> Response<Body> {
        let overhead = exchange.answering();
        if let Some(target) = exchange.target() {
            respond::set(headers, "x-hearthgate-target", target.name());
            respond::set(headers, "x-hearthgate-zone", target.zone().as_str());
        }
        respond::set(headers, "x-hearthgate-overhead-us", &overhead.as_micros().to_string());
        match self {
            Self::Whole(body) => {
                if let Some(cost) = exchange.cost_usd() {
                    respond::set(headers, "x-hearthgate-cost-usd", &openai::usd(cost));
                }
                exchange.first_byte(clock::now());
                exchange.close(StatusCode::OK, None);
                respond::json(StatusCode::OK, body)
            }
            Self::Device(answer) => {
                let (begun, head) = *answer;
                respond::events(Body::Device(Box::new(DeviceStream::new(begun, head, exchange))))
            }
            Self::Relay(primed) => respond::events(Body::Relay(Box::new(Relay::new(*primed, exchange)))),
        }
    }
}

/// Tries the targets of a permit.
///
/// # Errors
/// The fault of the last target tried.
pub async fn dispatch(
    worker: &Arc<Worker>,
    mut site: Arc<Site>,
    identity: &Identity,
    ask: &Ask,
    mut permit: Permitted<ChatRequest>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<Answer, Fault> {
    for _ in 0..=REDECISIONS_MAX {
        // Judging may have taken its time, and the policy may be a tighter one by now.
        if worker.app.is_current(&site) {
            match try_targets(worker, &site, identity, &permit, exchange).await {
                Tried::Answered(answer) => return Ok(answer),
                Tried::Failed(fault) => return Err(fault),
                Tried::Outdated => {}
            }
        }
        site = worker.app.site();
        let request = permit.into_content();
        permit = handle::decide(worker, &site, identity, ask, request, exchange, headers).await?;
    }
    Err(Fault::Reloading)
}

enum Tried {
    Answered(Answer),
    Failed(Fault),
    /// The site has changed since the permit was given, and another attempt is due.
    Outdated,
}

async fn try_targets(
    worker: &Arc<Worker>,
    site: &Arc<Site>,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    exchange: &mut Exchange,
) -> Tried {
    let mut last = Fault::Internal;
    for (index, target) in permit.targets().iter().enumerate() {
        let tried = match target.zone() {
            // Boxed, here and below: what a future may need on its rarer ways is part of its size, and the
            // server moves it once per request.
            Zone::Device => Box::pin(device(site, identity, permit, target, exchange)).await,
            Zone::Premises | Zone::Cloud => Box::pin(upstream(worker, site, permit, index, exchange)).await,
        };
        match tried {
            Tried::Failed(fault) if goes_on(&fault) => last = fault,
            ended => return ended,
        }
        if !worker.app.is_current(site) {
            return Tried::Outdated;
        }
    }
    Tried::Failed(last)
}

/// Whether another target might do better.
fn goes_on(fault: &Fault) -> bool {
    match fault {
        Fault::Engine(error) => !matches!(
            error,
            EngineError::InvalidSampling { .. } | EngineError::Cancelled | EngineError::Deadline
        ),
        Fault::Cloud(CloudError::Status { status, .. }) => !matches!(status.as_u16(), 400 | 409 | 413 | 422),
        Fault::Cloud(_) => true,
        _ => false,
    }
}

async fn device(
    site: &Site,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    target: &Arc<Target>,
    exchange: &mut Exchange,
) -> Tried {
    exchange.attempt(site, target);
    let model = site.config.models.iter().find(|model| model.name == target.model());
    let (Some(engine), Some(model)) = (site.engines.get(target.name()), model) else {
        return Tried::Failed(Fault::Internal);
    };
    // What the model has read is used again for the same caller and label alone.
    let owner = Owner { caller: identity.name.as_str().into(), label: exchange.label().into() };
    let begun = match exchange.wait(device::begin(engine, model, permit, owner)).await {
        Ok(begun) => begun,
        Err(error) => return Tried::Failed(Fault::Engine(error)),
    };
    let request = permit.request();
    let head = Head {
        id: format!("chatcmpl-{}", exchange.id()),
        created: clock::unix_micros() / 1_000_000,
        model: target.name().to_owned(),
        include_usage: request.include_usage(),
        surface: Surface::Chat,
    };
    if request.stream() {
        return Tried::Answered(Answer::Device(Box::new((begun, head))));
    }
    match device::gather(begun, &head, exchange).await {
        Ok(body) => Tried::Answered(Answer::Whole(body)),
        Err(fault) => Tried::Failed(fault),
    }
}

async fn upstream(
    worker: &Arc<Worker>,
    site: &Arc<Site>,
    permit: &Permitted<ChatRequest>,
    index: usize,
    exchange: &mut Exchange,
) -> Tried {
    let wire = match permit.wire(index, openai::encode) {
        Ok(wire) => wire,
        Err(_) => return Tried::Failed(Fault::Internal),
    };
    let request = permit.request();
    let expect = if request.stream() { Expect::EventStream } else { Expect::Json };
    let pool = worker.pool(site);
    let mut attempt = 0;
    loop {
        exchange.attempt(site, wire.target());
        let rate = exchange.rate();
        let answered = exchange.wait(Box::pin(async {
            let body = pool.send(&site.upstreams, &wire, expect).await?;
            if request.stream() {
                relay::prime(body, request.include_usage(), rate)
                    .await
                    .map(|primed| Answered::Stream(Box::new(primed)))
            } else {
                relay::whole(body).await.map(|(body, usage)| Answered::Whole(body, usage))
            }
        }));
        let error = match answered.await {
            Ok(Answered::Stream(primed)) => return Tried::Answered(Answer::Relay(primed)),
            Ok(Answered::Whole(body, tokens)) => {
                if let Some(tokens) = tokens {
                    exchange.used(tokens, None);
                }
                return Tried::Answered(Answer::Whole(body));
            }
            Err(error) => error,
        };
        worker.app.metrics.upstream_error(wire.target().name(), error.code());
        let Some(pause) = pause(site, wire.target(), attempt, &error) else {
            return Tried::Failed(Fault::Cloud(error));
        };
        exchange.wait(tokio::time::sleep(pause)).await;
        if !worker.app.is_current(site) {
            return Tried::Outdated;
        }
        attempt += 1;
    }
}

enum Answered {
    Stream(Box<Primed>),
    Whole(Bytes, Option<crate::exchange::Tokens>),
}

/// How long to wait before another attempt at the same target; none to give it up.
fn pause(site: &Site, target: &Target, attempt: u32, error: &CloudError) -> Option<Duration> {
    if !error.retryable() {
        return None;
    }
    site.upstreams.backoff(target.upstream_name(), attempt, error.retry_after())
}
