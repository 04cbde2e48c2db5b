//! Trying the targets of a permit, in its order, until one answers.
//!
//! Everything here borrows one permit: a retry or a fallback cannot reach further than the decision did. A
//! retry after a reload is decided again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearthgate_engines::{EngineError, Owner};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::{EncodeError, Permitted};
use hearthgate_rules::target::{Target, Zone};
use http::{HeaderMap, Response, StatusCode};

use crate::app::Site;
use crate::ask::Ask;
use crate::auth::Identity;
use crate::body::Body;
use crate::cloud::{CloudError, Expect};
use crate::config::UpstreamDialect;
use crate::device::{self, DeviceStream};
use crate::dialect::carry::{self, Reader, Writer};
use crate::dialect::openai::head::{Head, Surface};
use crate::dialect::{anthropic, ollama, openai, responses};
use crate::exchange::{Exchange, Rate};
use crate::memory::Memory;
use crate::relay::seals::Sealer;
use crate::relay::{self, Course, Primed, Relay};
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
    Device(Box<(device::Begun, Writer)>),
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
                let (begun, writer) = *answer;
                let streamed = streamed(exchange.dialect());
                streamed(Body::Device(Box::new(DeviceStream::new(begun, writer, exchange))))
            }
            Self::Relay(primed) => {
                let streamed = streamed(exchange.dialect());
                streamed(Body::Relay(Box::new(Relay::new(*primed, exchange))))
            }
        }
    }
}

/// How a stream of this dialect is told.
fn streamed(dialect: Dialect) -> fn(Body) -> Response<Body> {
    if dialect == Dialect::Ollama { respond::lines } else { respond::events }
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
        if store(worker, site, permit.request(), target, exchange).await && !worker.app.is_current(site) {
            // A disk may be slow, and the policy may be a tighter one by now.
            return Tried::Outdated;
        }
        let tried = match target.zone() {
            // Boxed, here and below: what a future may need on its rarer ways is part of its size, and the
            // server moves it once per request.
            Zone::Device => Box::pin(device(site, identity, permit, target, exchange)).await,
            Zone::Premises | Zone::Cloud => {
                Box::pin(upstream(worker, site, identity, permit, index, exchange)).await
            }
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

/// Stores the content of a request once, before a target is tried, where the site keeps it. What cannot be stored is counted
/// and answered all the same: having an answer again is worth less than having it. Says whether it was to be stored.
async fn store(
    worker: &Worker,
    site: &Site,
    request: &ChatRequest,
    target: &Target,
    exchange: &mut Exchange,
) -> bool {
    let Some(store) = &site.store else { return false };
    let wanted = exchange.label_to_store().is_some_and(|label| store.takes(label, target.zone()));
    if wanted {
        // Whoever goes away meanwhile is recorded as one whose content may be there.
        exchange.content(true);
        let kept = Box::pin(store.keep(exchange.id(), request)).await;
        worker.app.metrics.content_stored(&kept);
        exchange.content(kept.is_ok());
    }
    wanted
}

/// Whether another target might do better.
fn goes_on(fault: &Fault) -> bool {
    match fault {
        Fault::Engine(error) => !matches!(
            error,
            EngineError::InvalidSampling { .. } | EngineError::Cancelled | EngineError::Deadline
        ),
        Fault::Cloud(CloudError::Status { status, .. }) => !matches!(status.as_u16(), 400 | 409 | 413 | 422),
        Fault::Cloud(_) | Fault::CannotCarry { .. } => true,
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
    let request = match carry::at_home(permit.request()) {
        Ok(request) => request,
        Err(error) => return Tried::Failed(unsaid(error)),
    };
    let begun = device::begin(engine, model, &request, permit.effort(), owner);
    let begun = match exchange.wait(begun).await {
        Ok(begun) => begun,
        Err(error) => return Tried::Failed(Fault::Engine(error)),
    };
    let writer = writer(site, identity, permit.request(), target, exchange);
    if request.stream() {
        return Tried::Answered(Answer::Device(Box::new((begun, writer))));
    }
    match device::gather(begun, &writer, exchange).await {
        Ok(body) => Tried::Answered(Answer::Whole(body)),
        Err(fault) => Tried::Failed(fault),
    }
}

/// What writes the answer of a target in the client's dialect.
fn writer(
    site: &Site,
    identity: &Identity,
    request: &ChatRequest,
    target: &Target,
    exchange: &Exchange,
) -> Writer {
    match request.dialect() {
        Dialect::OpenAiChat => Writer::OpenAi(Head {
            id: format!("chatcmpl-{}", exchange.id()),
            created: clock::unix_micros() / 1_000_000,
            model: target.name().to_owned(),
            include_usage: request.include_usage(),
            surface: Surface::Chat,
        }),
        Dialect::AnthropicMessages => {
            let thinking = request.body().present("thinking").and_then(|thinking| thinking.str("type"));
            let thoughts = matches!(thinking, Some("enabled" | "adaptive"));
            let id = format!("msg_{}", exchange.id());
            Writer::Anthropic(anthropic::head::Head::new(id, target.name().to_owned(), thoughts))
        }
        Dialect::OpenAiResponses => {
            let created = clock::unix_micros() / 1_000_000;
            let head = responses::head::Head::new(exchange.id(), created, target.name(), request.body());
            let keeper = exchange.keeper(site, &identity.name, request);
            let keep = keeper.map(|keeper| -> responses::head::Keep {
                Arc::new(move |id, response| keeper.keep(id, response, clock::now()))
            });
            Writer::Responses(Box::new(head.in_thread(exchange.previous(), keep)))
        }
        Dialect::Ollama => {
            let generate = request.body().present("messages").is_none();
            use ollama::head::Surface;
            let surface = if generate { Surface::Generate } else { Surface::Chat };
            let think = request.body().present("think");
            let thoughts = think.is_some_and(|think| think.as_bool() != Some(false));
            let clock = ollama::head::Clock { now: clock::now, unix_micros: clock::unix_micros };
            let model = target.name().to_owned();
            let head = ollama::head::Head::new(surface, model, thoughts, clock, exchange.started());
            Writer::Ollama(Box::new(head))
        }
    }
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

/// The first block of a request that another provider than this has sealed for its caller. What nobody is known to have
/// sealed was judged as what it is: unreadable.
fn sealed_elsewhere(
    memory: &Memory,
    identity: &Identity,
    provider: &str,
    request: &ChatRequest,
) -> Option<String> {
    let elsewhere = |seal: &str| memory.sealed_by(&identity.name, seal).is_some_and(|by| *by != *provider);
    request.seals().find(|(_, seal)| elsewhere(seal)).map(|(block, _)| block.pointer())
}

/// The fault of a request that could not be written for a target.
#[must_use]
pub fn unsaid(error: EncodeError) -> Fault {
    match error {
        EncodeError::CannotCarry { pointer, why } => Fault::CannotCarry { pointer, why },
        EncodeError::NotPermitted => Fault::Internal,
    }
}

async fn upstream(
    worker: &Arc<Worker>,
    site: &Arc<Site>,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    index: usize,
    exchange: &mut Exchange,
) -> Tried {
    let request = permit.request();
    let dialect = permit.targets().get(index).and_then(|target| site.upstreams.dialect(target));
    let Some(dialect) = dialect else { return Tried::Failed(Fault::Cloud(CloudError::NotConfigured)) };
    let provider = permit.targets().get(index).and_then(|target| site.upstreams.provider(target));
    let provider = provider.unwrap_or_default();
    if dialect == UpstreamDialect::Anthropic
        && let Some(pointer) = sealed_elsewhere(&worker.app.memory, identity, provider, request)
    {
        let why = "another provider has sealed it; leave the block out";
        return Tried::Failed(Fault::CannotCarry { pointer, why });
    }
    let sealer = || Sealer::new(&worker.app.memory, &identity.name, provider);
    let wire = match permit.wire(index, carry::encode(request.dialect(), dialect)) {
        Ok(wire) => wire,
        Err(error) => return Tried::Failed(unsaid(error)),
    };
    let expect = if request.stream() { Expect::EventStream } else { Expect::Json };
    let pool = worker.pool(site);
    let mut attempt = 0;
    loop {
        exchange.attempt(site, wire.target());
        let rate = exchange.rate();
        // What is passed on as it is needs nobody to write it.
        let passed_on = carry::is_passed_on(request.dialect(), dialect);
        let writer = (!passed_on).then(|| writer(site, identity, request, wire.target(), exchange));
        let answered = exchange.wait(Box::pin(async {
            let body = pool.send(&site.upstreams, &wire, expect).await?;
            if request.stream() {
                let primed = relay::prime(body, course(dialect, request, writer, rate, sealer)).await;
                primed.map(|primed| Answered::Stream(Box::new(primed)))
            } else {
                let (answer, usage) = relay::whole(body, dialect, writer.as_ref(), rate).await?;
                if dialect == UpstreamDialect::Anthropic && request.dialect() == Dialect::AnthropicMessages {
                    sealer().whole(&answer);
                }
                Ok(Answered::Whole(answer, usage))
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
