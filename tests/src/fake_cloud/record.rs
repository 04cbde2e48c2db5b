//! What the fake cloud has received, and the search through it.

use memchr::memmem;
use serde_json::Value;

use super::Api;

/// One request, read to its end.
#[derive(Clone, Debug)]
pub struct Received {
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    /// The method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// Names in lower case, values as they came, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body without chunk framing.
    pub body: Vec<u8>,
}

impl Received {
    /// The first header of this name (in lower case), as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(n, _)| n == name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whose API it speaks; none where it asks for no answer.
    #[must_use]
    pub fn api(&self) -> Option<Api> {
        Api::of(self)
    }

    /// Whether it asks for an answer, in any dialect.
    #[must_use]
    pub fn is_chat(&self) -> bool {
        self.api().is_some()
    }

    /// Whether it asks for an answer in Anthropic's dialect.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.api() == Some(Api::Anthropic)
    }
}

/// Everything since the start; only ever grows.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub connections: Vec<Vec<u8>>,
    pub requests: Vec<Received>,
    pub complaints: Vec<String>,
    pub hang_ups: usize,
}

/// How many layers of JSON strings are opened: a body, tool arguments in it, a document in those.
const JSON_LAYERS_MAX: usize = 3;

impl Record {
    pub fn contains(&self, needle: &[u8]) -> bool {
        let finder = memmem::Finder::new(needle);
        self.views().any(|view| finder.find(&view).is_some())
    }

    /// Every byte in every view that is searched: as it came, and with its encodings undone.
    pub fn views(&self) -> impl Iterator<Item = Vec<u8>> {
        let bodies = self.requests.iter().map(|request| request.body.as_slice());
        self.connections.iter().map(Vec::as_slice).chain(bodies).flat_map(views_of)
    }
}

fn views_of(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + use<> {
    let layers = std::iter::successors(Some(bytes.to_vec()), |layer| Some(json_unescaped(layer)));
    layers.take(1 + JSON_LAYERS_MAX).flat_map(|layer| [percent_decoded(&layer), layer])
}

/// Undoes `%XX`; anything else stays.
fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let decoded = if first == b'%' { tail.get(..2).and_then(hex) } else { None };
        match decoded.and_then(|code| u8::try_from(code).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

/// Undoes JSON's escapes wherever they stand, so that malformed bodies are searched too.
fn json_unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'\\' {
            out.push(first);
            continue;
        }
        let Some((&escape, tail)) = rest.split_first() else { break };
        rest = tail;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => rest = unescape_unit(rest, &mut out),
            other => out.push(other),
        }
    }
    out
}

/// Decodes what follows `\u`, a surrogate pair included, and gives what is left.
fn unescape_unit<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some(high) = rest.get(..4).and_then(hex) else { return rest };
    let rest = &rest[4..];
    let low = rest.strip_prefix(b"\\u").and_then(|tail| tail.get(..4)).and_then(hex);
    let (code, rest) = match low {
        Some(low @ 0xDC00..=0xDFFF) if (0xD800..=0xDBFF).contains(&high) => {
            (0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), &rest[6..])
        }
        _ => (high, rest),
    };
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(json_unescaped(br"\u0068\ud83d\ude00\n\/\"), "h😀\n/".as_bytes());
        assert_eq!(percent_decoded(b"a%20b%2"), b"a b%2");
    }

    #[test]
    fn what_never_came_is_not_found() {
        let mut record = Record::default();
        record.connections.push(b"POST / HTTP/1.1\r\n\r\n{\"a\":\"can\\u0061ry\"}".to_vec());
        assert!(record.contains(b"canary"));
        assert!(!record.contains(b"canaries"));
    }

    #[test]
    fn nested_json_is_opened() {
        let mut record = Record::default();
        let arguments = serde_json::json!({ "note": "grüße \"x\"" }).to_string();
        let body = serde_json::json!({ "arguments": arguments }).to_string();
        record.connections.push(body.into_bytes());
        assert!(record.contains("grüße \"x\"".as_bytes()));
    }
}
