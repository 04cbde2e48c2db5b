//! `/v1/responses/{id}`: what is kept of a caller's own, told, listed and deleted.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri};

use super::{List, deleted, input_items};
use crate::app::App;
use crate::body::Body;
use crate::clock;
use crate::limits::Estimate;
use crate::respond::{self, Fault};

const PREFIX: &str = "/v1/responses/";

/// Whether a path is one of these.
#[must_use]
pub fn is(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Answers a request for one that is kept.
///
/// # Errors
/// When the caller is not known, or has no such response.
pub fn answer(
    app: &App,
    peer: SocketAddr,
    method: &Method,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Response<Body>, Fault> {
    let site = app.site();
    let identity = site.keys.authenticate(headers, uri, peer).map_err(Fault::Auth)?;
    // Telling a long one again is work, and whoever asks may ask often.
    let counted = app.limiter.admit(&identity, Estimate::NONE, &mut HeaderMap::new());
    let _ticket = counted.map_err(|limited| {
        app.metrics.rate_limited(limited.kind());
        Fault::Limited(limited)
    })?;
    let caller = &identity.whose();
    let rest = uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let (id, below) = rest.split_once('/').map_or((rest, None), |(id, below)| (id, Some(below)));
    let none = || Fault::NoSuchResponse { previous: false };
    let now = clock::now();
    let body = match (below, method) {
        (None, &Method::GET) => {
            whole(uri.query().unwrap_or_default())?;
            app.responses.of(caller, id, now).ok_or_else(none)?.response.as_str().to_owned()
        }
        (None, &Method::DELETE) => {
            app.responses.delete(caller, id, now).then(|| deleted(id)).ok_or_else(none)?
        }
        (None, _) => return Err(Fault::Method("GET, DELETE")),
        (Some("input_items"), &Method::GET) => {
            let list = List::read(uri.query().unwrap_or_default());
            let list = list.map_err(|(name, expected)| Fault::Query { name, expected })?;
            let kept = app.responses.of(caller, id, now).ok_or_else(none)?;
            let nothing = |name| Fault::Query { name, expected: "must be the id of an input item" };
            input_items(id, &kept, &list).map_err(nothing)?
        }
        (Some("input_items"), _) => return Err(Fault::Method("GET")),
        _ => return Err(Fault::NotFound("/v1/responses/{id} and /v1/responses/{id}/input_items")),
    };
    Ok(respond::json(StatusCode::OK, Bytes::from(body)))
}

/// Makes sure that no stream is asked for: it is over.
fn whole(query: &str) -> Result<(), Fault> {
    let expected = "must be left out: the response is told in one piece";
    let streamed = query.split('&').any(|pair| pair == "stream=true");
    if streamed { Err(Fault::Query { name: "stream", expected }) } else { Ok(()) }
}
