//! Ollama's surface, as far as no provider is asked: which models there are, what they are, what embeds, and the request that
//! only loads a model. Nothing of it leaves.

mod embed;
mod facts;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hearthgate_rules::chat::{ChatRequest, Dialect, RequestError};
use hearthgate_rules::json::{Document, Edit, quote};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;

use crate::app::Site;
use crate::body::Body;
use crate::dialect::ollama::moment;
use crate::respond::{self, Fault};
use crate::worker::Worker;
use crate::{clock, judging, models, read};

/// The version of Ollama whose API this is: its clients ask for it, and leave out what they think it lacks.
const VERSION: &str = "0.12.6";

/// What its names end in where nobody gave a tag.
const LATEST: &str = ":latest";

/// The longest body that only names a model.
const NAMING_BYTES_MAX: usize = 64 << 10;

/// Where a request that is answered by a model comes in.
pub const CHAT: &str = "/api/chat";
const GENERATE: &str = "/api/generate";

/// Whether a path is one of Ollama's.
#[must_use]
pub fn is(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Whether a path is one on which models answer.
#[must_use]
pub fn is_chat(path: &str) -> bool {
    matches!(path, CHAT | GENERATE)
}

/// Answers what no model is asked for, and embeddings.
pub async fn answer(worker: &Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let kind = embed::Kind::of(request.uri().path());
    if let (Some(kind), &Method::POST) = (kind, request.method()) {
        return embed::answer(worker, peer, request, kind).await;
    }
    let id = worker.app.next_request_id();
    let answered = told(worker, peer, request).await;
    let mut response = answered.unwrap_or_else(|fault| {
        worker.app.metrics.refusal(fault.code());
        fault.response(Dialect::Ollama, &id)
    });
    respond::set(response.headers_mut(), "x-request-id", &id);
    response
}

async fn told(
    worker: &Worker,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Fault> {
    let (head, body) = request.into_parts();
    let site = worker.app.site();
    let (headers, uri) = (&head.headers, &head.uri);
    let told = match (uri.path(), &head.method) {
        ("/api/version", &Method::GET | &Method::HEAD) => {
            site.keys.authenticate(headers, uri, peer).map_err(Fault::Auth)?;
            format!("{{\"version\":{}}}", quote(VERSION))
        }
        ("/api/tags", &Method::GET | &Method::HEAD) => facts::tags(&site, &names(&site, peer, headers, uri)?),
        ("/api/ps", &Method::GET | &Method::HEAD) => facts::loaded(&site, &names(&site, peer, headers, uri)?),
        ("/api/show", &Method::POST) => {
            let names = names(&site, peer, headers, uri)?;
            crate::handle::json_declared(headers)?;
            let bound = &site.config.server;
            let most = bound.body_bytes_max.min(NAMING_BYTES_MAX);
            let body = read::body(headers, body, most, bound.body_timeout).await?;
            let body = Document::parse(body).map_err(|error| Fault::Request(RequestError::Json(error)))?;
            let asked = ["model", "name"].into_iter().find_map(|name| body.root().str(name));
            let missing = || Fault::Request(RequestError::Missing { pointer: "/model".to_owned() });
            let asked = asked.ok_or_else(missing)?;
            let asked = called(&site, asked);
            let named = |name: &&String| {
                *name == asked || name.split_once('/').is_some_and(|(_, model)| model == asked)
            };
            let known = names.iter().find(named).map(String::as_str);
            let other = || is_answered(&site, asked).then_some("auto");
            facts::shown(&site, known.or_else(other).ok_or(Fault::NoSuchModel)?)
        }
        ("/api/version" | "/api/tags" | "/api/ps", _) => return Err(Fault::Method("GET")),
        ("/api/show" | CHAT | GENERATE | "/api/embed" | "/api/embeddings", _) => {
            return Err(Fault::Method("POST"));
        }
        _ => {
            return Err(Fault::NotFound(
                "/api/chat, /api/generate, /api/embed, /api/embeddings, /api/tags, /api/show, /api/ps and /api/version; \
                 models are pulled by `hearthgate models pull`",
            ));
        }
    };
    Ok(respond::json(StatusCode::OK, Bytes::from(told)))
}

/// The names that a caller may ask for.
fn names(site: &Site, peer: SocketAddr, headers: &HeaderMap, uri: &Uri) -> Result<Vec<String>, Fault> {
    Ok(models::reachable(site, peer, headers, uri)?.into_iter().map(|(name, _)| name).collect())
}

/// Reads a body that came in on one of the two paths: the field that the path is for is the one that it has.
///
/// # Errors
/// When it is no request of that path's.
pub async fn read(site: &Site, path: &str, body: Bytes) -> Result<ChatRequest, Fault> {
    let request = judging::read(Dialect::Ollama, body).await?;
    let has = |name: &str| request.body().present(name).is_some();
    let pointer = |name: &str| Fault::Request(RequestError::Missing { pointer: format!("/{name}") });
    let mut edits = Vec::new();
    match path {
        CHAT if has("messages") => {}
        // What only the other path has would be left unread.
        CHAT if ["prompt", "images", "system"].into_iter().any(has) => return Err(pointer("messages")),
        CHAT => edits.push(Edit::Set("messages", "[]".to_owned())),
        GENERATE if has("messages") => return Err(pointer("prompt")),
        _ => {}
    }
    let model = called(site, request.model());
    if model != request.model() {
        edits.push(Edit::Set("model", quote(model)));
    }
    if edits.is_empty() {
        return Ok(request);
    }
    let body = request.document().render(&edits);
    judging::read(Dialect::Ollama, body.into()).await
}

/// A name without the tag that clients add, unless it is the name of something here.
fn called<'a>(site: &Site, asked: &'a str) -> &'a str {
    match asked.strip_suffix(LATEST) {
        Some(short) if !short.is_empty() && !models::is_known(site, asked) => short,
        _ => asked,
    }
}

/// Whether somebody answers to a name: by an alias for every other name, too.
fn is_answered(site: &Site, name: &str) -> bool {
    models::is_known(site, name) || site.config.policy.asked(name).is_some()
}

/// What is told where nothing is asked: Ollama loads the model then. Here those of this process are loaded as the site says,
/// and there is nothing to do.
///
/// # Errors
/// When there is no such model.
pub fn nothing_asked(site: &Site, request: &ChatRequest) -> Result<Option<Bytes>, Fault> {
    let asked = request.messages().any(|message| message.as_str() != Some(""));
    if asked || request.body().get("images").is_some_and(|images| images.items().next().is_some()) {
        return Ok(None);
    }
    if !is_answered(site, request.model()) {
        return Err(Fault::NoSuchModel);
    }
    let kept = request.body().get("keep_alive").and_then(|kept| kept.as_number().or_else(|| kept.as_str()));
    let nought = |kept: &str| {
        kept.contains('0') && kept.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'h' | b'm' | b's'))
    };
    let reason = if kept.is_some_and(nought) { "unload" } else { "load" };
    let said = if request.body().present("messages").is_some() {
        "\"message\":{\"role\":\"assistant\",\"content\":\"\"}"
    } else {
        "\"response\":\"\""
    };
    Ok(Some(Bytes::from(format!(
        "{{\"model\":{},\"created_at\":{},{said},\"done\":true,\"done_reason\":\"{reason}\"}}\n",
        quote(request.model()),
        quote(&moment(clock::unix_micros())),
    ))))
}
