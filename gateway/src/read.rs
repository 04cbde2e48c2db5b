//! Reading a request's body within its bounds.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::respond::Fault;

/// Reads a body of at most `bytes_max` within `timeout`.
///
/// # Errors
/// When it is larger, slower, or breaks off.
pub async fn body(
    headers: &HeaderMap,
    body: Incoming,
    bytes_max: usize,
    timeout: Duration,
) -> Result<Bytes, Fault> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > bytes_max)) {
        return Err(Fault::BodyTooLarge(bytes_max));
    }
    let expected = declared.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    tokio::time::timeout(timeout, gather(body, expected, bytes_max)).await.unwrap_or(Err(Fault::BodyTimeout))
}

/// `expected` is what the client says, within the bound; it only saves growing.
async fn gather(mut body: Incoming, expected: usize, bytes_max: usize) -> Result<Bytes, Fault> {
    // A body that comes in one piece is not copied.
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Fault::BodyBroken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > bytes_max {
            return Err(Fault::BodyTooLarge(bytes_max));
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(expected.max(first.len() + data.len()));
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}
