//! The path of a request, from top to bottom: authenticate, admit, decode, inspect, decide, record,
//! dispatch, encode.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::{Outcome, Permitted};
use hearthgate_rules::judge::Caller;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::app::Site;
use crate::ask::Ask;
use crate::auth::Identity;
use crate::body::Body;
use crate::budget::Charge;
use crate::config::Wish;
use crate::dispatch::{self, Answer};
use crate::exchange::{Exchange, Wished};
use crate::limits::Estimate;
use crate::respond::{self, Fault};
use crate::wish::Reckoning;
use crate::worker::Worker;
use crate::{clock, count, home, judging, models, ollama, openapi, probe, read, responses};

/// Room for the headers of an answer.
const HEADERS: usize = 24;

/// Answers one request of a client.
pub async fn handle(worker: Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path();
    let dialect = dialect_of(path, request.headers());
    let answered = match (path, request.method()) {
        ("/v1/chat/completions", &Method::POST) => {
            return chat(&worker, peer, request, Dialect::OpenAiChat).await;
        }
        ("/v1/messages", &Method::POST) => {
            return chat(&worker, peer, request, Dialect::AnthropicMessages).await;
        }
        ("/v1/responses", &Method::POST) => {
            return chat(&worker, peer, request, Dialect::OpenAiResponses).await;
        }
        (path, &Method::POST) if ollama::is_chat(path) => {
            return chat(&worker, peer, request, Dialect::Ollama).await;
        }
        (path, _) if ollama::is(path) => return Box::pin(ollama::answer(&worker, peer, request)).await,
        ("/v1/messages/count_tokens", &Method::POST) => {
            return Box::pin(count::answer(&worker, peer, request)).await;
        }
        ("/v1/completions", &Method::POST) => {
            return Box::pin(home::answer(&worker, peer, request, home::Kind::Completions)).await;
        }
        ("/v1/embeddings", &Method::POST) => {
            return Box::pin(home::answer(&worker, peer, request, home::Kind::Embeddings)).await;
        }
        (
            "/v1/chat/completions"
            | "/v1/completions"
            | "/v1/embeddings"
            | "/v1/messages"
            | "/v1/messages/count_tokens"
            | "/v1/responses",
            _,
        ) => Err(Fault::Method("POST")),
        ("/livez", &Method::GET | &Method::HEAD) => Ok(plain(StatusCode::OK, "alive\n")),
        ("/openapi.json", &Method::GET | &Method::HEAD) => Ok(openapi::answer()),
        // Ollama's clients look whether somebody is there.
        ("/", &Method::GET | &Method::HEAD) => Ok(plain(StatusCode::OK, "Hearthgate is running\n")),
        ("/readyz", &Method::GET | &Method::HEAD) => Ok(ready(&worker)),
        ("/v1/models", &Method::GET) => {
            models::list(&worker.app.site(), peer, request.headers(), request.uri())
        }
        _ if path.starts_with("/v1/models/") && request.method() == Method::GET => {
            models::one(&worker.app.site(), peer, request.headers(), request.uri())
        }
        _ if path.starts_with("/v1/models/") => Err(Fault::Method("GET")),
        _ if responses::surface::is(path) => {
            responses::surface::answer(&worker.app, peer, request.method(), request.headers(), request.uri())
        }
        ("/" | "/openapi.json" | "/livez" | "/readyz" | "/v1/models", _) => Err(Fault::Method("GET")),
        _ => Err(Fault::NotFound(
            "/v1/chat/completions, /v1/responses, /v1/messages, /v1/completions, /v1/embeddings, /v1/models and /api/chat",
        )),
    };
    let id = worker.app.next_request_id();
    let mut response = answered.unwrap_or_else(|fault| {
        worker.app.metrics.refusal(fault.code());
        fault.response(dialect, &id)
    });
    respond::set(response.headers_mut(), "x-request-id", &id);
    response
}

/// The dialect in which a caller wants to be told what is wrong: that of the path, and where the path is everybody's or
/// nobody's, Anthropic's to whoever sends the header that all of its clients send.
fn dialect_of(path: &str, headers: &HeaderMap) -> Dialect {
    if ollama::is(path) {
        return Dialect::Ollama;
    }
    let messages = path == "/v1/messages" || path.starts_with("/v1/messages/");
    if messages || models::anthropic(headers) { Dialect::AnthropicMessages } else { Dialect::OpenAiChat }
}

/// Answers a chat request.
async fn chat(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    dialect: Dialect,
) -> Response<Body> {
    let mut exchange = Exchange::begin(&worker.app, dialect);
    let id = exchange.id().to_owned();
    let mut headers = HeaderMap::with_capacity(HEADERS);
    let response = match road(worker, peer, request, &mut exchange, &mut headers).await {
        Ok(answer) => answer.into_response(exchange, &mut headers),
        Err(fault) => {
            exchange.close(fault.status(), Some(fault.code()));
            fault.response(dialect, &id)
        }
    };
    if dialect == Dialect::AnthropicMessages {
        respond::set(&mut headers, "request-id", &id);
    }
    respond::with_headers(response, headers, &id)
}

/// The road itself. `headers` gathers what the caller is told whatever becomes of the request.
async fn road(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<Answer, Fault> {
    let (head, body) = request.into_parts();
    let mut site = worker.app.site();
    let (mut identity, mut ask) = admit(&site, &head, peer)?;

    let bound = &site.config.server;
    let body =
        exchange.wait(read::body(&head.headers, body, bound.body_bytes_max, bound.body_timeout)).await?;
    let body_bytes = body.len();
    if !worker.app.is_current(&site) {
        // The body was long in coming, and the policy may be a tighter one by now.
        site = worker.app.site();
        (identity, ask) = admit(&site, &head, peer)?;
    }
    let request = match exchange.dialect() {
        Dialect::Ollama => Box::pin(ollama::read(&site, head.uri.path(), body)).await,
        dialect => judging::read(dialect, body).await,
    };
    let request = match request {
        Ok(request) if request.dialect() == Dialect::OpenAiResponses => {
            let kept = &worker.app.responses;
            let most = site.config.server.body_bytes_max;
            let whole =
                Box::pin(responses::go_on(kept, &identity.whose(), request, most, clock::now())).await;
            whole.map(|(request, thread)| {
                exchange.goes_on(thread);
                request
            })
        }
        read => read,
    };

    // What is no request counts as one: reading it was work, and whoever sends it may send many.
    let tokens = request.as_ref().map(|request| {
        Estimate::new(body_bytes.max(request.document().source_bytes()), request.max_tokens())
    });
    let admitted = worker.app.limiter.admit(&identity, tokens.unwrap_or(Estimate::NONE), headers);
    exchange.admitted(admitted.map_err(|limited| {
        worker.app.metrics.rate_limited(limited.kind());
        Fault::Limited(limited)
    })?);
    let request = request?;
    if request.dialect() == Dialect::Ollama
        && let Some(loaded) = ollama::nothing_asked(&site, &request)?
    {
        return Ok(Answer::Whole(loaded));
    }

    let permit = decide(worker, &site, &identity, &ask, request, exchange, headers).await?;
    let answer =
        Box::pin(dispatch::dispatch(worker, site, &identity, &ask, permit, exchange, headers)).await?;
    exchange.remember_loop();
    Ok(answer)
}

/// Says who asks, and what their headers ask for.
fn admit(site: &Site, head: &Parts, peer: SocketAddr) -> Result<(Arc<Identity>, Ask), Fault> {
    let identity = site.keys.authenticate(&head.headers, &head.uri, peer).map_err(Fault::Auth)?;
    let ask = Ask::read(&head.headers, &site.config.policy, &identity.roles)?;
    json_declared(&head.headers)?;
    Ok((identity, ask))
}

/// Judges, decides and records: the only way from a request to a permit.
///
/// # Errors
/// When it is refused, or could not be recorded.
pub async fn decide(
    worker: &Worker,
    site: &Arc<Site>,
    identity: &Identity,
    ask: &Ask,
    request: ChatRequest,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<Permitted<ChatRequest>, Fault> {
    let (mut caller, wish) = caller(site, identity, ask, &request);
    caller.zone = [caller.zone, exchange.held_within()].into_iter().flatten().min();
    // Decided again after a reload, a request has the roles that its key has now.
    let keys = site.config.keys.iter().filter(|key| key.name == identity.name);
    let roles: Vec<&String> = keys.flat_map(|key| &key.roles).collect();
    caller.roles.retain(|role| roles.contains(&role));
    let (kept, whose) = (&worker.app.memory, identity.whose());
    let tool_loop = request.tool_loop().map(|of| (kept.loop_of(&whose, &of.asked), of.open));
    exchange.belongs_to(tool_loop.map(|(print, _)| print));
    let begun = tool_loop.filter(|(_, open)| *open).and_then(|(print, _)| kept.loop_begun_by(&print));
    let opening = request.opening().filter(|_| !site.config.choice.stay.is_zero());
    let turns = opening.map(|of| (kept.conversation_of(&whose, &of.words), of.answered));
    let before = turns.filter(|(_, answered)| *answered);
    let before = before.and_then(|(print, _)| kept.last_turn(&print, site.config.choice.stay, clock::now()));
    let charge = Charge { caller: caller.name.clone(), workflow: caller.workflow.clone() };
    let mut wished = Wished { wish, effort: caller.effort, charge, ..Wished::default() };
    wished.tier = crate::ask::tier_of(&request).is_some();
    wished.effort_in_body = ask.effort.is_none() && crate::ask::effort_of(&request).is_some();
    wished.asked(site.config.policy.asked(request.model()));
    wished.conversation = turns.map(|(print, _)| print);
    let streamed = request.stream();
    let memory = kept.of(&caller, &site.config.policy, clock::now());
    let (judged, memory) = judging::judge(worker, site, request, caller, memory).await;
    let conversation = exchange.floor(&site.config.policy);
    worker.app.metrics.memory_lost(memory.keep(&judged, conversation));
    if judged.verdict().label > judged.own_label() {
        worker.app.metrics.memory_recalled();
    }
    exchange.may_reach(judged.ceiling());
    let stays = begun.map(|target| target.to_string());
    let mut signals = Signals { stays, conversation, ..site.signals() };
    signals.budget = worker.app.budgets.state(&wished.charge, clock::unix_seconds());
    let reckoning = Reckoning::of(&worker.app, site, judged.request(), clock::now());
    signals.leaning = reckoning.leaning(wish, before);
    wished.dear.clone_from(&signals.leaning.dear);
    exchange.wishes(wished, streamed);
    signals.probed = probe::ask(worker, site, identity, &judged, &signals, exchange).await;
    let found = crate::audit::Found::of(&judged, &site.config.policy, &signals);
    let decision = judged.decide(&signals);
    crate::record::decision(worker, site, identity, ask, &found, &decision, exchange)
        .await
        .map_err(|_| Fault::Audit)?;
    crate::record::tell(&decision, headers);
    if let Some((by, _)) = decision.declassified() {
        worker.app.metrics.declassified(by);
    }
    match decision.outcome {
        Outcome::Allow(permit) => Ok(permit),
        Outcome::Refuse(refusal) => Err(Fault::Refused { refusal, known: models::known(site) }),
    }
}

/// Who asks, with the tightest of what the key and the workflow say and what the request asks for; and what is wished.
fn caller(site: &Site, identity: &Identity, ask: &Ask, request: &ChatRequest) -> (Caller, Wish) {
    let of_key = identity.caller();
    let workflow = ask.workflow.clone().or(of_key.workflow);
    let known = site.config.workflows.iter().find(|known| Some(&known.name) == workflow.as_ref());
    let key = site.config.keys.iter().find(|key| key.name == identity.name);
    let wishes = [key.map(|key| key.wish), known.map(|known| known.wish)];
    let wish = wishes.into_iter().flatten().fold(ask.wish, Wish::with);
    let effort = ask.effort.or_else(|| crate::ask::effort_of(request));
    let caller = Caller {
        workflow,
        label: [of_key.label, ask.label, known.and_then(|known| known.label)].into_iter().max().flatten(),
        zone: [of_key.zone, ask.zone, known.and_then(|known| known.zone)].into_iter().flatten().min(),
        effort: effort.or_else(|| known.and_then(|known| known.effort)),
        declassify: ask.declassify.clone(),
        ..of_key
    };
    (caller, wish)
}

/// Makes sure that the body is declared to be JSON: a browser sends that across sites only after asking first, and is
/// never answered yes.
///
/// # Errors
/// When it is not.
pub fn json_declared(headers: &HeaderMap) -> Result<(), Fault> {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    let json = media_type.eq_ignore_ascii_case("application/json");
    if json { Ok(()) } else { Err(Fault::MediaType) }
}

fn ready(worker: &Worker) -> Response<Body> {
    let draining = *worker.app.draining.borrow();
    match (draining, worker.app.site().is_ready()) {
        (false, true) => plain(StatusCode::OK, "ready\n"),
        (true, _) => plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        (false, false) => plain(StatusCode::SERVICE_UNAVAILABLE, "a device model has failed\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    respond::with_type(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// hyper moves a request's future once; one that grew to a hundred KB cost a fifth of a request's time.
    #[test]
    fn the_future_of_a_request_is_small() {
        fn size<A, B, C, F: Future>(_: fn(A, B, C) -> F) -> usize {
            size_of::<F>()
        }
        assert!(size(handle) < 8 << 10, "{} bytes", size(handle));
    }
}
