//! What can go wrong between this gateway and an upstream.
//!
//! Neither `Debug` nor `Display` shows a byte of what was sent or answered.

use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use thiserror::Error;

use crate::dialect::event::CallFault;

/// Why one attempt at an upstream gave no answer, or no whole one.
#[derive(Error)]
pub enum CloudError {
    /// The upstreams could not be set up.
    #[error("upstream `{upstream}`: {reason}")]
    Setup {
        /// Its name.
        upstream: String,
        /// What is wrong with its configuration.
        reason: String,
    },
    /// No upstream of the configuration has this target, or not in the zone that the permit says.
    #[error("the target is not configured")]
    NotConfigured,
    /// There are no keys to sign a request with: those that there were have expired.
    #[error("the keys that requests to the upstream are signed with have expired, and no others came")]
    NoKeys,
    /// No connection could be made.
    #[error("no connection to the upstream")]
    Connect {
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Its name stands for addresses of the site's own alone, and the site does not say that it may.
    #[error(
        "the cloud's name stands for a private address; if it is to, its upstream needs `private_addresses = true`"
    )]
    PrivateAddress,
    /// Its name stands for addresses of the Internet alone, and the site says that it is on its premises.
    #[error(
        "the name on the premises stands for a public address; if it is to, its upstream needs `public_addresses = true`"
    )]
    PublicAddress,
    /// The upstream's certificate was not accepted, or TLS failed otherwise.
    #[error("no trust in the upstream's TLS")]
    Tls {
        /// What the TLS library says.
        #[source]
        source: io::Error,
    },
    /// Name look-up, TCP and TLS together took too long.
    #[error("connecting to the upstream took too long")]
    ConnectTimeout,
    /// The answer did not begin in time.
    #[error("the upstream's answer did not begin in time")]
    FirstByteTimeout,
    /// The request's deadline left it less time than its share: others had used it up.
    #[error("the request's deadline left the upstream too little time")]
    CutShort,
    /// The answer paused for too long.
    #[error("the upstream's answer paused for too long")]
    IdleTimeout,
    /// The connection ended before the answer began.
    #[error("the upstream closed the connection before it answered")]
    Reset,
    /// The connection ended within the answer.
    #[error("the upstream broke off its answer")]
    BodyReset,
    /// The upstream does not speak HTTP/1.1.
    #[error("the upstream's answer is not HTTP")]
    Malformed,
    /// A body that is not what its content type says.
    #[error("the upstream's answer is not the JSON of its dialect")]
    MalformedBody,
    /// A call of a tool that is none, in an answer that is sound otherwise.
    #[error("{}", .0.words())]
    MalformedCall(CallFault),
    /// A stream with an event that its dialect does not know.
    #[error("the upstream's stream is malformed")]
    MalformedStream,
    /// The upstream reports an error within its stream.
    #[error("the upstream reports an error in its stream")]
    InStream,
    /// As many requests are under way at the target as it may have.
    #[error("as many requests are under way at the target as it may have")]
    Busy,
    /// Too many faults in a row: the target is left alone for a while.
    #[error("the upstream has failed too often and is left alone for a while")]
    BreakerOpen {
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// The upstream answers with a status other than 2xx; redirects are not followed.
    #[error("the upstream answers with status {}", status.as_u16())]
    Status {
        /// The status.
        status: StatusCode,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
        /// Its words, cut at a bound.
        body: Bytes,
        /// The type of its words.
        content_type: Option<HeaderValue>,
    },
    /// A success whose type is not the one asked for.
    #[error("the upstream's answer has an unexpected content type")]
    ContentType,
    /// The head of the answer, or its body, is larger than the bound.
    #[error("the upstream's answer is too large")]
    TooLarge,
}

impl CloudError {
    /// Whether another attempt at the same target may help. Only what goes wrong before the answer's first
    /// byte is tried again.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::ConnectTimeout | Self::Reset => true,
            // 501 will not change its mind.
            Self::Status { status, .. } => {
                matches!(status.as_u16(), 408 | 429 | 500 | 502..=599)
            }
            _ => false,
        }
    }

    /// Whether another attempt at another place of the target may help: where the fault is of this one place, too.
    ///
    /// An answer that does not begin in time is not asked for again elsewhere: this place may be writing it, at a price, and the
    /// wait would be as long again. The next target is asked; who wants two places asked has [`super::race`].
    #[must_use]
    pub fn retryable_elsewhere(&self) -> bool {
        match self {
            Self::Tls { .. } | Self::PrivateAddress | Self::PublicAddress | Self::ContentType => true,
            _ => self.is_of_place() || self.retryable(),
        }
    }

    /// Whether a place refuses for a reason of its own: our key is not taken there, has nothing left to spend, or the model is
    /// not there.
    #[must_use]
    pub fn is_of_place(&self) -> bool {
        let of_place = |status: u16| matches!(status, 401..=404);
        self.refuses_our_key() || matches!(self, Self::Status { status, .. } if of_place(status.as_u16()))
    }

    /// Whether the upstream does not take the site's key, or not for this. Google says so with a status that is the caller's
    /// fault elsewhere.
    #[must_use]
    pub fn refuses_our_key(&self) -> bool {
        match self {
            Self::Status { status, body, .. } => match status.as_u16() {
                401 | 403 => true,
                400 => memchr::memmem::find(body, b"API_KEY_INVALID").is_some(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether it is the request that is refused, so that nobody else is asked. (One that is too long is another matter.)
    #[must_use]
    pub fn is_definitive(&self) -> bool {
        matches!(self, Self::Status { status, .. } if matches!(status.as_u16(), 400 | 409 | 413 | 422))
            && !self.is_too_long()
            && !self.refuses_our_key()
    }

    /// Whether it tells against the target's health, and so towards opening its breaker.
    #[must_use]
    pub fn counts_against_health(&self) -> bool {
        match self {
            Self::Setup { .. }
            | Self::NotConfigured
            | Self::NoKeys
            | Self::BreakerOpen { .. }
            | Self::Busy
            | Self::CutShort
            | Self::MalformedCall(_)
            | Self::TooLarge => false,
            Self::Status { status, .. } => match status.as_u16() {
                408 | 429 => true,
                400..=499 => false,
                _ => true,
            },
            _ => true,
        }
    }

    /// Whether an answer had begun, which has its price although nobody can use it.
    #[must_use]
    pub fn is_within_answer(&self) -> bool {
        matches!(
            self,
            Self::IdleTimeout
                | Self::BodyReset
                | Self::MalformedBody
                | Self::MalformedCall(_)
                | Self::MalformedStream
                | Self::TooLarge
        )
    }

    /// Whether the upstream says that the request is longer than what it reads at once.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        match self {
            Self::Status { status, body, .. } => matches!(status.as_u16(), 400 | 413) && is_too_long(body),
            _ => false,
        }
    }

    /// How long the upstream, or its breaker, asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy => Some(Duration::from_secs(1)),
            Self::BreakerOpen { retry_after } => Some(*retry_after),
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// A short name of the cause, for records and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setup { .. } => "upstream_setup",
            Self::NotConfigured => "upstream_not_configured",
            Self::NoKeys => "upstream_no_keys",
            Self::Connect { .. } => "upstream_connect",
            Self::PrivateAddress => "upstream_private_address",
            Self::PublicAddress => "upstream_public_address",
            Self::Tls { .. } => "upstream_tls",
            Self::ConnectTimeout => "upstream_connect_timeout",
            Self::FirstByteTimeout => "upstream_first_byte_timeout",
            Self::CutShort => "upstream_cut_short",
            Self::IdleTimeout => "upstream_idle_timeout",
            Self::Reset => "upstream_reset",
            Self::BodyReset => "upstream_broke_off",
            Self::Malformed => "upstream_malformed",
            Self::MalformedBody => "upstream_malformed_body",
            Self::MalformedCall(_) => "upstream_malformed_call",
            Self::MalformedStream => "upstream_malformed_stream",
            Self::InStream => "upstream_error_in_stream",
            Self::Busy => "upstream_busy",
            Self::BreakerOpen { .. } => "upstream_breaker_open",
            Self::Status { .. } if self.refuses_our_key() => "upstream_unauthorized",
            Self::Status { status, .. } => match status.as_u16() {
                429 => "upstream_rate_limited",
                300..=399 => "upstream_redirects",
                400..=499 => "upstream_refused",
                _ => "upstream_failed",
            },
            Self::ContentType => "upstream_content_type",
            Self::TooLarge => "upstream_too_large",
        }
    }
}

/// Whether the words of a refusal say that the request is longer than what is read at once: OpenAI's code and sentence, which
/// compatible servers share, llama-server's, Anthropic's, Google's and Bedrock's.
#[must_use]
pub fn is_too_long(words: &[u8]) -> bool {
    const SAID: [&[u8]; 8] = [
        b"context_length_exceeded",
        b"maximum context length",
        b"exceed_context_size_error",
        b"exceeds the available context size",
        b"prompt is too long",
        b"exceed context limit",
        b"exceeds the maximum number of tokens allowed",
        b"input is too long",
    ];
    let words = words.to_ascii_lowercase();
    SAID.iter().any(|said| memchr::memmem::find(&words, said).is_some())
}

impl fmt::Debug for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CloudError");
        shown.field("code", &self.code());
        match self {
            Self::Setup { upstream, reason } => shown.field("upstream", upstream).field("reason", reason),
            Self::Connect { source } | Self::Tls { source } => shown.field("source", source),
            Self::Status { status, body, .. } => {
                shown.field("status", &status.as_u16()).field("body_bytes", &body.len())
            }
            _ => &mut shown,
        };
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, words: &'static str) -> CloudError {
        let status = StatusCode::from_u16(code).unwrap();
        CloudError::Status {
            status,
            retry_after: None,
            body: Bytes::from_static(words.as_bytes()),
            content_type: None,
        }
    }

    #[test]
    fn every_providers_words_for_too_long_are_known() {
        for words in [
            r#"{"error":{"code":"context_length_exceeded"}}"#,
            "This model's maximum context length is 8192 tokens",
            r#"{"error":{"code":400,"type":"exceed_context_size_error","n_ctx":4096}}"#,
            "the request exceeds the available context size, try increasing it",
            "Prompt is too long: 210000 tokens > 200000 maximum",
            "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000",
            "Input is too long for requested model.",
        ] {
            assert!(is_too_long(words.as_bytes()), "{words}");
            assert!(!status(400, words).is_definitive(), "{words}");
        }
        assert!(!is_too_long(b"max_tokens is too large") && status(400, "temperature").is_definitive());
    }

    #[test]
    fn what_is_of_one_place_is_tried_at_another() {
        let tls = CloudError::Tls { source: io::ErrorKind::InvalidData.into() };
        for error in [tls, CloudError::PrivateAddress, CloudError::PublicAddress, CloudError::ContentType] {
            assert!(error.retryable_elsewhere() && !error.retryable(), "{error}");
        }
        for code in [401, 402, 403, 404] {
            assert!(status(code, "").retryable_elsewhere() && !status(code, "").retryable(), "{code}");
        }
        for error in [status(400, ""), status(413, ""), CloudError::FirstByteTimeout, CloudError::CutShort] {
            assert!(!error.retryable_elsewhere(), "{error}");
        }
    }
}
