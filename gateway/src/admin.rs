//! The admin port: metrics, health and reload. Apart from the clients' port, and never further than loopback
//! without a key.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hearthgate_rules::chat::Dialect;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::body::Body;
use crate::respond::{self, Fault};
use crate::worker::Worker;
use crate::{handle, reload};

/// Answers one request on the admin port.
pub async fn handle(worker: Arc<Worker>, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let site = worker.app.site();
    if let Err(error) = site.keys.authenticate_admin(request.headers(), request.uri(), peer) {
        return Fault::Auth(error).response(Dialect::OpenAiChat, "");
    }
    match (request.uri().path(), request.method()) {
        ("/metrics", &Method::GET) => {
            let text = worker.app.metrics.render();
            respond::with_type(StatusCode::OK, crate::metrics::CONTENT_TYPE, Bytes::from(text))
        }
        ("/livez" | "/readyz", &Method::GET) => handle::handle(worker, peer, request).await,
        ("/reload", &Method::POST) => reloaded(&worker).await,
        ("/metrics" | "/livez" | "/readyz", _) => Fault::Method("GET").response(Dialect::OpenAiChat, ""),
        ("/reload", _) => Fault::Method("POST").response(Dialect::OpenAiChat, ""),
        _ => Fault::NotFound("/metrics and, by POST, /reload").response(Dialect::OpenAiChat, ""),
    }
}

async fn reloaded(worker: &Arc<Worker>) -> Response<Body> {
    match reload::reload(&worker.app).await {
        Ok(()) => respond::with_type(StatusCode::OK, "text/plain", Bytes::from_static(b"reloaded\n")),
        Err(message) => {
            let text = format!("the old configuration stays: {message}\n");
            respond::with_type(StatusCode::CONFLICT, "text/plain; charset=utf-8", Bytes::from(text))
        }
    }
}
