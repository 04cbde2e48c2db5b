//! `/api/embed`, and `/api/embeddings` before it: answered by models of this process alone, as `/v1/embeddings` is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hearthgate_engines::{EngineError, Longer, inputs};
use hearthgate_rules::chat::{Dialect, RequestError, check_ollama_options};
use hearthgate_rules::json::{Document, Edit, Value, quote};
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;

use super::called;
use crate::app::Site;
use crate::body::Body;
use crate::dialect::openai::head::numbers;
use crate::dialect::write::{Object, array};
use crate::exchange::Exchange;
use crate::respond::{self, Fault};
use crate::worker::Worker;
use crate::{clock, home};

/// Which of the two is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/api/embed`
    Embed,
    /// `/api/embeddings`: one text.
    One,
}

impl Kind {
    /// The one of a path.
    pub fn of(path: &str) -> Option<Self> {
        [Self::Embed, Self::One].into_iter().find(|kind| kind.path() == path)
    }

    fn path(self) -> &'static str {
        match self {
            Self::Embed => "/api/embed",
            Self::One => "/api/embeddings",
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Embed => "input",
            Self::One => "prompt",
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
    let mut exchange = Exchange::begin(&worker.app, Dialect::Ollama);
    let id = exchange.id().to_owned();
    let mut headers = HeaderMap::new();
    let answer = road(worker, peer, request, kind, &mut exchange, &mut headers).await;
    let response = home::ended(&mut exchange, answer.map(Bytes::from), Dialect::Ollama, &id);
    respond::with_headers(response, headers, &id)
}

async fn road(
    worker: &Arc<Worker>,
    peer: SocketAddr,
    request: Request<Incoming>,
    kind: Kind,
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
) -> Result<String, Fault> {
    let (site, _, document) = home::enter(worker, peer, request, kind.path(), exchange, headers).await?;
    let longer = check(document.root(), kind)?;
    let document = as_openai(&site, &document, kind)?;
    let body = document.root();
    let texts = inputs(body).map_err(Fault::Engine)?;
    let (target, embeddings, tokens) = home::vectors(&site, body, (texts, longer), exchange, headers).await?;
    let vectors: Vec<String> = embeddings.iter().map(|embedding| numbers(embedding)).collect();
    Ok(match kind {
        Kind::One => Object::new().json("embedding", vectors.first().map_or("[]", String::as_str)).done(),
        Kind::Embed => Object::new()
            .text("model", target.name())
            .json("embeddings", &array(&vectors))
            .json("total_duration", &nanos(exchange.started()))
            .json("load_duration", "0")
            .json("prompt_eval_count", &tokens.to_string())
            .done(),
    })
}

fn nanos(from: Instant) -> String {
    clock::now().saturating_duration_since(from).as_nanos().to_string()
}

/// Makes sure that a body asks for nothing that nobody here reads, and says what becomes of a text that is too long: Ollama cuts
/// it off unless `truncate` is false.
fn check(body: Value<'_>, kind: Kind) -> Result<Longer, Fault> {
    let known = ["model", kind.field(), "truncate", "options", "keep_alive", "dimensions"];
    if let Some((_, other)) = body.members().find(|(name, value)| !known.contains(name) && !value.is_null()) {
        let expected = "left out: nothing here reads it";
        return Err(Fault::Request(RequestError::Invalid { pointer: other.pointer(), expected }));
    }
    body.present("options").map_or(Ok(()), check_ollama_options).map_err(Fault::Request)?;
    let Some(told) = body.present("truncate") else { return Ok(Longer::Cut) };
    let told_in_bool =
        told.as_bool().ok_or(EngineError::InvalidSampling { parameter: "truncate", range: "true or false" });
    Ok(if told_in_bool.map_err(Fault::Engine)? { Longer::Cut } else { Longer::Refuse })
}

/// The same in the words of `/v1/embeddings`.
fn as_openai(site: &Site, asked: &Document, kind: Kind) -> Result<Document, Fault> {
    let body = asked.root();
    let invalid = |parameter, range| Err(Fault::Engine(EngineError::InvalidSampling { parameter, range }));
    let given = body.present(kind.field());
    let Some(given) = given else {
        let pointer = format!("/{}", kind.field());
        return Err(Fault::Request(RequestError::Missing { pointer }));
    };
    // A list of numbers would be tokens there, which this dialect does not know.
    let text = |value: Value<'_>| value.as_str().is_some();
    if !text(given) && (kind == Kind::One || !given.items().all(text)) {
        return invalid(kind.field(), "a text, or for `/api/embed` a list of texts");
    }
    let model = body.str("model").unwrap_or_default();
    let model = called(site, model);
    let edits = [Edit::Set("model", quote(model)), Edit::Set("input", given.render())];
    let whole = asked.render(&edits);
    Document::parse(whole).map_err(|error| Fault::Request(RequestError::Json(error)))
}
