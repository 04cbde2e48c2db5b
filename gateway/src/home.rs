//! What is answered at home and nowhere else: `/v1/completions` and `/v1/embeddings`.
//!
//! These requests have no way out: no permit is asked for, and none is made. So they are not judged; they are
//! authenticated, bounded, recorded and counted as all others.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use hearthgate_engines::{Completions, EngineError, Longer, Plain, inputs};
use hearthgate_rules::chat::{Dialect, RequestError};
use hearthgate_rules::json::{Document, Value};
use hearthgate_rules::target::Target;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::app::Site;
use crate::auth::Identity;
use crate::body::Body;
use crate::device::{self, DeviceStream};
use crate::dialect::carry::Writer;
use crate::dialect::openai::head::{self, Head, Surface};
use crate::exchange::{Exchange, Tokens};
use crate::limits::Estimate;
use crate::respond::{self, Fault};
use crate::worker::Worker;
use crate::{clock, handle, read, record};

/// What a model has read for completions is kept apart from what it has read for chats.
const LABEL: &str = "(completions)";

/// Which of the two is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/v1/completions`
    Completions,
    /// `/v1/embeddings`
    Embeddings,
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Self::Completions => "/v1/completions",
            Self::Embeddings => "/v1/embeddings",
        }
    }
}

/// Answers a request.
pub async fn answer(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    kind: Kind,
) -> Response<Body> {
    let exchange = Exchange::begin(&worker.app, Dialect::OpenAiChat);
    let id = exchange.id().to_owned();
    let mut headers = HeaderMap::new();
    let response = road(worker, peer, request, kind, exchange, &mut headers).await;
    respond::with_headers(response, headers, &id)
}

async fn road(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    kind: Kind,
    mut exchange: Exchange,
    headers: &mut HeaderMap,
) -> Response<Body> {
    let told = |exchange: &mut Exchange, answer| ended(exchange, answer, Dialect::OpenAiChat, "");
    let entered = enter(worker, peer, request, kind.path(), &mut exchange, headers).await;
    let (site, identity, document) = match entered {
        Ok(entered) => entered,
        Err(fault) => return told(&mut exchange, Err(fault)),
    };
    let body = document.root();
    match kind {
        Kind::Embeddings => {
            let answer = embed(&site, body, &mut exchange, headers).await;
            told(&mut exchange, answer.map(Bytes::from))
        }
        Kind::Completions => {
            let (begun, head, stream) = match complete(&site, &identity, body, &mut exchange, headers).await {
                Ok(begun) => begun,
                Err(fault) => return told(&mut exchange, Err(fault)),
            };
            let writer = Writer::OpenAi(head);
            if stream {
                return respond::events(Body::Device(Box::new(DeviceStream::new(begun, writer, exchange))));
            }
            let answer = device::gather(begun, &writer, &mut exchange).await;
            told(&mut exchange, answer)
        }
    }
}

/// The end of an exchange: its answer in one piece, or what went wrong.
pub fn ended(
    exchange: &mut Exchange,
    answer: Result<Bytes, Fault>,
    dialect: Dialect,
    request_id: &str,
) -> Response<Body> {
    match answer {
        Ok(answer) => {
            exchange.first_byte(clock::now());
            exchange.close(StatusCode::OK, None);
            respond::json(StatusCode::OK, answer)
        }
        Err(fault) => {
            exchange.close(fault.status(), Some(fault.code()));
            fault.response(dialect, request_id)
        }
    }
}

/// Says who asks, reads the body, reserves the caller's quota and records the request. What is beyond the quota is counted and
/// not recorded, as elsewhere, so that the quota bounds what a caller may have written.
pub async fn enter(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    path: &'static str,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<(Arc<Site>, Arc<Identity>, Document), Fault> {
    let (head, body) = request.into_parts();
    let mut site = worker.app.site();
    let mut identity = site.keys.authenticate(&head.headers, &head.uri, peer).map_err(Fault::Auth)?;
    handle::json_declared(&head.headers)?;
    let bound = &site.config.server;
    let body =
        exchange.wait(read::body(&head.headers, body, bound.body_bytes_max, bound.body_timeout)).await?;
    if !worker.app.is_current(&site) {
        // The body was long in coming, and the key may be gone by now.
        site = worker.app.site();
        identity = site.keys.authenticate(&head.headers, &head.uri, peer).map_err(Fault::Auth)?;
    }
    let bytes = body.len();
    let document = Document::parse(body).map_err(|error| Fault::Request(RequestError::Json(error)));
    let estimate = document.as_ref().map(|document| {
        let named = document.root().present("max_tokens").and_then(Value::as_number);
        Estimate::new(bytes, Some(named.and_then(|digits| digits.parse().ok()).unwrap_or(0)))
    });
    let admitted = worker.app.limiter.admit(&identity, estimate.unwrap_or(Estimate::NONE), headers);
    exchange.admitted(admitted.map_err(|limited| {
        worker.app.metrics.rate_limited(limited.kind());
        Fault::Limited(limited)
    })?);
    record::home(worker, &identity, path, exchange).await.map_err(|_| Fault::Audit)?;
    Ok((site, identity, document?))
}

async fn complete(
    site: &Site,
    identity: &Identity,
    body: Value<'_>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<(device::Begun, Head, bool), Fault> {
    let mut asked = Completions::from_body(body).map_err(Fault::Engine)?;
    let target = target(site, body, |model| !model.embeddings)?;
    let model =
        site.config.models.iter().find(|model| model.name == target.model()).ok_or(Fault::Internal)?;
    let engine = site.engines.get(target.name()).ok_or(Fault::Internal)?;
    exchange.attempt(site, &target);
    for job in &mut asked.jobs {
        job.owner = Some(identity.owner(LABEL));
        job.deadline = Some(clock::now() + model.answer_timeout);
    }
    let usage = body.get("stream_options").and_then(|options| options.get("include_usage"));
    let head = Head {
        id: format!("cmpl-{}", exchange.id()),
        created: clock::unix_micros() / 1_000_000,
        model: target.name().to_owned(),
        include_usage: usage.and_then(Value::as_bool) == Some(true),
        surface: Surface::Text,
        seal: None,
    };
    let begun = exchange.wait(device::start(engine, asked.jobs, asked.choices, false)).await;
    tell(&target, exchange, headers);
    let stream = body.get("stream").and_then(Value::as_bool) == Some(true);
    Ok((begun.map_err(Fault::Engine)?, head, stream))
}

async fn embed(
    site: &Site,
    body: Value<'_>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<String, Fault> {
    let texts = inputs(body).map_err(Fault::Engine)?;
    let base64 = base64(body)?;
    let texts = (texts, Longer::Refuse);
    let (target, embeddings, tokens) = vectors(site, body, texts, exchange, headers).await?;
    Ok(head::embeddings(target.name(), &embeddings, tokens, base64))
}

/// Whether embeddings are asked for as bytes.
fn base64(body: Value<'_>) -> Result<bool, Fault> {
    match body.present("encoding_format").map(Value::as_str) {
        None | Some(Some("float")) => Ok(false),
        Some(Some("base64")) => Ok(true),
        Some(_) => {
            let (parameter, range) = ("encoding_format", "float or base64");
            Err(Fault::Engine(EngineError::InvalidSampling { parameter, range }))
        }
    }
}

/// Embeds texts with the model that is asked for, the longer ones as told; also says how many tokens they have.
///
/// # Errors
/// When no model of this process does that, or it cannot.
pub async fn vectors(
    site: &Site,
    body: Value<'_>,
    (texts, longer): (Vec<Plain>, Longer),
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<(Arc<Target>, Vec<Vec<f32>>, u64), Fault> {
    let invalid = |parameter, range| Fault::Engine(EngineError::InvalidSampling { parameter, range });
    let target = target(site, body, |model| model.embeddings)?;
    let embedder = Arc::clone(site.embedders.get(target.name()).ok_or(Fault::Internal)?);
    let whole = embedder.dimensions().to_string();
    if body.present("dimensions").is_some_and(|number| number.as_number() != Some(whole.as_str())) {
        return Err(invalid("dimensions", "left out: an embedding of this model has one length"));
    }
    exchange.attempt(site, &target);
    exchange.made_by(format!("{{\"model\":\"{}\"}}", embedder.model().digest));
    // A client that goes away takes its wish with it.
    let gone = Gone(Arc::new(AtomicBool::new(false)));
    let unwanted = Arc::clone(&gone.0);
    let embedding = tokio::task::spawn_blocking(move || {
        embedder.embed(&texts, longer, &|| unwanted.load(Ordering::Relaxed))
    });
    let embedded = exchange.wait(embedding).await;
    drop(gone);
    tell(&target, exchange, headers);
    let (embeddings, tokens) = embedded.map_err(|_| Fault::Internal)?.map_err(Fault::Engine)?;
    exchange.used(Tokens { input: tokens, ..Tokens::default() }, None);
    Ok((target, embeddings, tokens))
}

/// Set when nobody waits any more.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn tell(target: &Target, exchange: &mut Exchange, headers: &mut HeaderMap) {
    respond::set(headers, "x-hearthgate-target", target.name());
    respond::set(headers, "x-hearthgate-zone", target.zone().as_str());
    respond::set(headers, "x-hearthgate-overhead-us", &exchange.answering().as_micros().to_string());
}

/// The device model that is asked for by its name, with or without `device/`; the first for `auto`.
fn target(
    site: &Site,
    body: Value<'_>,
    fits: impl Fn(&crate::config::Model) -> bool,
) -> Result<Arc<Target>, Fault> {
    let asked = body.get("model").and_then(Value::as_str).unwrap_or("auto");
    let mut models = site.config.models.iter().filter(|model| fits(model));
    let found = models.find(|model| {
        asked == "auto" || asked == model.name || asked.strip_prefix("device/") == Some(model.name.as_str())
    });
    found.map(|model| Arc::new(Target::device(&model.name))).ok_or(Fault::NotAtHome)
}
