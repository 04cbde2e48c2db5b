//! A small reader of server-sent events (WHATWG HTML, section 9.2): bytes in, whole events out.
//!
//! Written apart from the gateway's own parser, so that a fault in one is not hidden by the same fault in the
//! other.

use serde_json::Value;

/// One event as it was sent; comments and `id`/`retry` lines are dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The `event:` field, where there is one.
    pub name: Option<String>,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

impl Event {
    /// Whether this is the mark by which an OpenAI stream ends.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.data == "[DONE]"
    }

    /// The data as JSON.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|e| panic!("event is not JSON ({e}): {}", self.data))
    }

    /// The text of the first choice's delta, or nothing.
    #[must_use]
    pub fn delta(&self) -> String {
        let value: Value = serde_json::from_str(&self.data).unwrap_or_default();
        value.pointer("/choices/0/delta/content").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// Gathers bytes until an event is whole.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    after_cr: bool,
    name: Option<String>,
    data: Option<String>,
}

impl Reader {
    /// Takes the next bytes of the stream, split anywhere, and gives the events that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let ends_line = byte == b'\r' || (byte == b'\n' && !self.after_cr);
            let second_of_crlf = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            if ends_line {
                let line = std::mem::take(&mut self.line);
                events.extend(self.take_line(&line));
            } else if !second_of_crlf {
                self.line.push(byte);
            }
        }
        events
    }

    /// Whether bytes wait for an end that has not come: a stream that stops here was cut.
    #[must_use]
    pub fn is_mid_event(&self) -> bool {
        !self.line.is_empty() || self.data.is_some()
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Event> {
        if line.is_empty() {
            let name = self.name.take();
            return self.data.take().map(|data| Event { name, data });
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut self.data) {
            ("event", _) => self.name = Some(value.to_owned()),
            ("data", Some(data)) => {
                data.push('\n');
                data.push_str(value);
            }
            ("data", None) => self.data = Some(value.to_owned()),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_events_split_at_any_byte() {
        let stream = "event: a\r\ndata: x\r\n\r\n: note\n\ndata:é1\ndata: 2\n\ndata: [DONE]\n\n".as_bytes();
        let whole = Reader::default().push(stream);
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[0], Event { name: Some("a".into()), data: "x".into() });
        assert_eq!(whole[1].data, "é1\n2");
        assert!(whole[2].is_done());
        for at in 0..=stream.len() {
            let mut reader = Reader::default();
            let mut events = reader.push(&stream[..at]);
            events.extend(reader.push(&stream[at..]));
            assert_eq!(events, whole, "split at {at}");
            assert!(!reader.is_mid_event());
        }
    }

    #[test]
    fn a_cut_stream_is_seen() {
        let mut reader = Reader::default();
        assert!(reader.push(b"data: {\"a\"").is_empty());
        assert!(reader.is_mid_event());
    }
}
