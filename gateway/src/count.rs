//! `/v1/messages/count_tokens`: how many tokens a message request has, told at home.
//!
//! Nothing leaves for it: no permit is asked for, and none is made. It is the device model that counts, the one asked for
//! or the first; for a model of somebody else's that is an estimate.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hearthgate_engines::{Engine, EngineError, Job};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::target::{Effort, Target};
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::app::Site;
use crate::body::Body;
use crate::clock;
use crate::dialect::carry;
use crate::dispatch::unsaid;
use crate::exchange::{Exchange, Tokens};
use crate::home;
use crate::respond::{self, Fault};
use crate::worker::Worker;

const PATH: &str = "/v1/messages/count_tokens";

/// Bytes of a token of usual text, where no model is there to count.
const TOKEN_BYTES: u64 = 4;

/// Answers a request.
pub async fn answer(worker: &Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let mut exchange = Exchange::begin(&worker.app, Dialect::AnthropicMessages);
    let id = exchange.id().to_owned();
    let mut headers = HeaderMap::new();
    respond::set(&mut headers, "request-id", &id);
    let response = match road(worker, peer, request, &mut exchange, &mut headers).await {
        Ok(tokens) => {
            exchange.first_byte(clock::now());
            exchange.close(StatusCode::OK, None);
            respond::json(StatusCode::OK, Bytes::from(format!("{{\"input_tokens\":{tokens}}}")))
        }
        Err(fault) => {
            exchange.close(fault.status(), Some(fault.code()));
            fault.response(Dialect::AnthropicMessages, &id)
        }
    };
    respond::with_headers(response, headers, &id)
}

async fn road(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<u64, Fault> {
    let (site, _, document) = home::enter(worker, peer, request, PATH, exchange, headers).await?;
    let request = ChatRequest::anthropic_count(document).map_err(Fault::Request)?;
    let Some((target, engine)) = counter(&site, request.model()) else {
        let bytes = u64::try_from(request.document().source_bytes()).unwrap_or(u64::MAX);
        return Ok(bytes.div_ceil(TOKEN_BYTES));
    };
    exchange.attempt(&site, &target);
    let request = carry::at_home(&request).map_err(unsaid)?;
    let job = Job::from_chat(&request, Effort::Quick).map_err(Fault::Engine)?;
    let counted = tokio::task::spawn_blocking(move || engine.count(&job));
    let gone = |_| Fault::Engine(EngineError::WorkerGone { reason: "counting failed".to_owned() });
    let tokens = exchange.wait(counted).await.map_err(gone)?.map_err(Fault::Engine)?;
    // Counting is no answer: nothing is used up by it.
    exchange.used(Tokens::default(), None);
    Ok(tokens)
}

/// The device model that counts: the one asked for, or the first.
fn counter(site: &Site, asked: &str) -> Option<(Arc<Target>, Arc<dyn Engine>)> {
    let here = || {
        let targets = site.config.policy.catalogue().iter();
        targets.filter_map(|target| Some((Arc::clone(target), Arc::clone(site.engines.get(target.name())?))))
    };
    here().find(|(target, _)| target.name() == asked).or_else(|| here().next())
}
