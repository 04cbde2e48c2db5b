//! Trying the targets of a permit, in its order, until one answers.
//!
//! Everything here borrows one permit: a retry or a fallback cannot reach further than the decision did. A
//! retry after a reload is decided again.

use std::sync::Arc;

use bytes::Bytes;
use hearthgate_engines::EngineError;
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::{Encode, EncodeError, Permitted};
use hearthgate_rules::target::{Target, Zone};
use http::{HeaderMap, Response, StatusCode};

use crate::app::Site;
use crate::ask::Ask;
use crate::auth::Identity;
use crate::body::Body;
use crate::cloud::{CloudError, Round, Share};
use crate::config::UpstreamDialect;
use crate::device::{self, DeviceStream};
use crate::dialect::carry::{self, Writer};
use crate::dialect::openai::head::{Head, Surface};
use crate::dialect::{anthropic, left_out, ollama, openai, responses};
use crate::exchange::Exchange;
use crate::memory::Memory;
use crate::relay::{Primed, Relay};
use crate::respond::{self, Fault};
use crate::window::Needed;
use crate::worker::Worker;
use crate::{clock, handle};

use self::here::device;
use self::sending::{Answered, Sending};
use self::verify::{Unsure, Verified};

mod here;
mod sending;
mod verify;

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
        if let Some(verified) = exchange.verified() {
            respond::set(headers, "x-hearthgate-verified", verified);
        }
        let unmet = exchange.unmet();
        if !unmet.is_empty() {
            respond::set(headers, "x-hearthgate-unmet", &unmet.join(", "));
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
    site: Arc<Site>,
    identity: &Identity,
    ask: &Ask,
    permit: Permitted<ChatRequest>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<Answer, Fault> {
    exchange.due(site.config.server.deadline);
    let Some(deadline) = exchange.deadline() else {
        return by_decision(worker, site, identity, ask, permit, exchange, headers).await;
    };
    let answered = Box::pin(by_decision(worker, site, identity, ask, permit, exchange, headers));
    // Upstreams have their shares of it; this is for what else may take its time.
    match tokio::time::timeout_at(deadline.into(), answered).await {
        Ok(Err(Fault::Cloud(CloudError::FirstByteTimeout | CloudError::CutShort))) if exchange.is_late() => {
            Err(Fault::Deadline)
        }
        Ok(answered) => answered,
        Err(_) => Err(Fault::Deadline),
    }
}

/// Tries the targets of a permit, and of another where the site has changed meanwhile.
async fn by_decision(
    worker: &Arc<Worker>,
    mut site: Arc<Site>,
    identity: &Identity,
    ask: &Ask,
    mut permit: Permitted<ChatRequest>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<Answer, Fault> {
    for _ in 0..=REDECISIONS_MAX {
        // A body that was long in coming leaves no time: nothing is sent that could not be answered.
        if exchange.is_late() {
            return Err(Fault::Deadline);
        }
        // Judging may have taken its time, and the policy may be a tighter one by now.
        if worker.app.is_current(&site) {
            match try_targets(worker, &site, identity, &permit, exchange).await {
                Tried::Answered(answer) => {
                    tell_left_out(&site, permit.request(), exchange, headers);
                    return Ok(answer);
                }
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

/// Tells the client what of its request the target that answers was not told.
fn tell_left_out(site: &Site, request: &ChatRequest, exchange: &Exchange, headers: &mut HeaderMap) {
    let Some(target) = exchange.target() else { return };
    let names = left_out::names(request, site.upstreams.dialect(target), target);
    if !names.is_empty() {
        respond::set(headers, "x-hearthgate-left-out", &names.join(", "));
    }
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
    let mut last = None;
    let mut unsure: Option<Unsure> = None;
    let mut needed = Needed::default();
    let targets = permit.targets().len();
    for (index, target) in permit.targets().iter().enumerate() {
        // Once the device has answered and is not sure, whoever is further out may do better, within what is wished.
        if let Some(unsure) = &unsure
            && (target.zone() == Zone::Device || exchange.wishes_no_other_of(target, unsure.is_whole()))
        {
            continue;
        }
        if let Some(fault) = needed.beyond(site, permit.request(), target) {
            worker.app.metrics.passed_over(target.name());
            last = Some(to_tell(last, fault));
            continue;
        }
        if store(worker, site, permit.request(), target, exchange).await && !worker.app.is_current(site) {
            // A disk may be slow, and the policy may be a tighter one by now.
            return Tried::Outdated;
        }
        let tried = match (target.zone(), permit.verify(index)) {
            (Zone::Device, Some(verify)) => {
                let (app, verify) = (&worker.app, (index, verify));
                match Box::pin(verify::attempt(app, site, identity, permit, verify, exchange)).await {
                    Verified::Kept(answer) => return Tried::Answered(answer),
                    Verified::Failed(fault) => Some(Tried::Failed(fault)),
                    Verified::Unsure(answer) => {
                        unsure = Some(answer);
                        None
                    }
                }
            }
            // Boxed, here and below: what a future may need on its rarer ways is part of its size, and the
            // server moves it once per request.
            (Zone::Device, None) => Some(Box::pin(device(site, identity, permit, target, exchange)).await),
            (Zone::Premises | Zone::Cloud, _) => {
                let share = exchange.share((targets - index, targets));
                Some(Box::pin(upstream(worker, site, identity, permit, (index, share), exchange)).await)
            }
        };
        match tried {
            None => {}
            // With an answer at hand, nothing that goes wrong further out is the end.
            Some(Tried::Failed(fault)) if unsure.is_some() || goes_on(&fault) => {
                last = Some(to_tell(last, fault))
            }
            Some(Tried::Answered(answer)) => {
                if unsure.is_some() {
                    exchange.escalated();
                }
                return Tried::Answered(answer);
            }
            Some(ended) => return ended,
        }
        if !worker.app.is_current(site) {
            return Tried::Outdated;
        }
    }
    match unsure {
        Some(unsure) => Box::pin(unsure.given(site, identity, permit, exchange)).await,
        None => Tried::Failed(last.unwrap_or(Fault::Internal)),
    }
}

/// Which of two faults the client is told: the later one, but that it is too long for one target is no news where another might
/// have answered, and of two such targets the one that reads more counts.
fn to_tell(before: Option<Fault>, fault: Fault) -> Fault {
    match (before, window(&fault)) {
        (Some(before), Some(tokens)) if window(&before).is_none_or(|before| before > tokens) => before,
        _ => fault,
    }
}

/// What a target reads at once, where a fault says that the request is too long for it; nothing, where it does not say how much.
fn window(fault: &Fault) -> Option<u64> {
    match fault {
        Fault::TooLong { window, .. } => Some(*window),
        Fault::Engine(EngineError::PromptTooLong { context, .. }) => Some(u64::from(*context)),
        Fault::Cloud(error) => error.is_too_long().then_some(0),
        _ => None,
    }
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
        Fault::Cloud(error) => !error.is_definitive(),
        Fault::CannotCarry { .. } => true,
        _ => false,
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
            seal: None,
        }),
        Dialect::AnthropicMessages => {
            let thinking = request.body().present("thinking").and_then(|thinking| thinking.str("type"));
            let thoughts = matches!(thinking, Some("enabled" | "adaptive"));
            let id = format!("msg_{}", exchange.id());
            Writer::Anthropic(anthropic::head::Head::new(id, target.name().to_owned(), thoughts))
        }
        Dialect::OpenAiResponses => {
            let created = clock::unix_micros() / 1_000_000;
            let name = crate::responses::new_name();
            let keeper = name.as_ref().and_then(|_| exchange.keeper(site, identity.whose(), request));
            let name = name.unwrap_or_else(|| exchange.id().to_owned());
            let head = responses::head::Head::new(&name, created, target.name(), request.body());
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

/// Whether another provider than this is known to have sealed something of a request. What nobody is known to have sealed was
/// judged as what it is: unreadable.
fn sealed_elsewhere(memory: &Memory, identity: &Identity, provider: &str, request: &ChatRequest) -> bool {
    let whose = identity.whose();
    let elsewhere = |seal: &str| memory.sealed_by(&whose, seal).is_some_and(|by| *by != *provider);
    request.seals().any(|(_, seal)| elsewhere(seal))
}

/// Whether this provider has sealed for its caller all that is sealed in a request.
fn sealed_here(memory: &Memory, identity: &Identity, provider: &str, request: &ChatRequest) -> bool {
    let whose = identity.whose();
    request.seals().all(|(_, seal)| memory.sealed_by(&whose, seal).is_some_and(|by| *by == *provider))
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
    (index, share): (usize, Option<Share>),
    exchange: &mut Exchange,
) -> Tried {
    let request = permit.request();
    let dialect = permit.targets().get(index).and_then(|target| site.upstreams.dialect(target));
    let Some(dialect) = dialect else { return Tried::Failed(Fault::Cloud(CloudError::NotConfigured)) };
    let (round, encode) = places(worker, site, identity, permit, index, dialect);
    let wire = match permit.wire(index, encode) {
        Ok(wire) => wire,
        Err(error) => return Tried::Failed(unsaid(error)),
    };
    let mut sending = Sending { worker, site, identity, request, dialect, wire, round, share };
    let mut attempt = 0;
    loop {
        exchange.attempt(site, sending.wire.target());
        let error = match sending.once(exchange).await {
            Ok(Answered::Stream(primed)) => return Tried::Answered(Answer::Relay(primed)),
            Ok(Answered::Whole(body, tokens)) => {
                if let Some(tokens) = tokens {
                    exchange.used(tokens, None);
                }
                return Tried::Answered(Answer::Whole(body));
            }
            Err(error) => error,
        };
        worker.app.metrics.upstream_error(sending.wire.target().name(), error.code());
        if error.is_within_answer() {
            exchange.of_no_use();
        }
        let Some(pause) = sending.pause(attempt, &error) else {
            return Tried::Failed(Fault::Cloud(error));
        };
        exchange.wait(tokio::time::sleep(pause)).await;
        if !worker.app.is_current(site) {
            return Tried::Outdated;
        }
        attempt += 1;
    }
}

/// Where a target may be asked, and in what words: what a provider has sealed goes to that provider alone, and elsewhere the
/// request goes without it.
fn places(
    worker: &Worker,
    site: &Site,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    index: usize,
    dialect: UpstreamDialect,
) -> (Round, Encode) {
    let (request, memory) = (permit.request(), &worker.app.memory);
    let encode = carry::encode(request.dialect(), dialect);
    if request.seals().next().is_none() {
        return (Round::default(), encode);
    }
    let providers = permit.targets().get(index).map(|target| site.upstreams.providers(target));
    let providers = providers.unwrap_or_default();
    let passed_on = carry::is_passed_on(request.dialect(), dialect);
    let own = providers.into_iter().find(|provider| match passed_on {
        true => !sealed_elsewhere(memory, identity, provider, request),
        // Where a seal has another place than it came in, one that nobody is known to have made is nobody's to read.
        false => sealed_here(memory, identity, provider, request),
    });
    match own {
        Some(own) => (Round::of(own.to_owned()), encode),
        None => (Round::default(), carry::unsealed(request.dialect(), dialect)),
    }
}
