//! Splits a stream of server-sent events (`text/event-stream`) wherever its pieces were cut.
//!
//! The grammar is the one of the HTML standard, section 9.2: lines end with CR, LF or both, an event ends
//! with an empty line. Events are slices of the piece that they came in; only one that was cut is copied.

use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use thiserror::Error;

/// The largest event.
pub const EVENT_BYTES_MAX: usize = 1 << 20;

/// Why a stream cannot be split any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SseError {
    /// An event is larger than [`EVENT_BYTES_MAX`].
    #[error("an event is larger than {EVENT_BYTES_MAX} bytes")]
    TooLarge,
    /// What stands there is no event.
    #[error("the stream holds what is no event")]
    Malformed,
    /// The stream ends within an event.
    #[error("the stream ends {bytes} bytes into an event")]
    Truncated {
        /// What was there of it.
        bytes: usize,
    },
}

/// One event as it stands in the stream, or what stands in its place: comments, or an empty line.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    raw: Bytes,
    data: Option<Bytes>,
}

impl Event {
    /// Of a stream of another form, with this data.
    pub(super) fn of(raw: Bytes, data: Option<Bytes>) -> Self {
        Self { raw, data }
    }

    /// Every byte of it, with the empty line at its end.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Its data, several lines joined by LF; none for one without, such as a comment that keeps alive.
    #[must_use]
    pub fn data(&self) -> Option<Bytes> {
        self.data.clone()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.data.as_ref().map(Bytes::len);
        f.debug_struct("Event").field("bytes", &self.raw.len()).field("data_bytes", &data).finish()
    }
}

/// Takes pieces, gives events.
#[derive(Default)]
pub struct Splitter {
    /// What has not been given yet; begins where an event begins.
    rest: Bytes,
    event: Partial,
    /// The stream has begun, so that a byte order mark is none any longer.
    begun: bool,
}

/// What has been read of the event that `rest` begins with. Positions are within `rest`.
#[derive(Default)]
struct Partial {
    /// Where the line that is being read begins.
    line: usize,
    /// How much of that line is known to hold no end.
    scanned: usize,
    data: Data,
}

#[derive(Default)]
enum Data {
    #[default]
    None,
    Line(Range<usize>),
    Lines(BytesMut),
}

impl Splitter {
    /// Takes a piece of the stream.
    pub fn push(&mut self, piece: Bytes) {
        if self.rest.is_empty() {
            self.rest = piece;
            return;
        }
        let shared = |rest: Bytes| {
            let mut joined = BytesMut::with_capacity(rest.len() + piece.len());
            joined.extend_from_slice(&rest);
            joined
        };
        let mut joined = std::mem::take(&mut self.rest).try_into_mut().unwrap_or_else(shared);
        joined.extend_from_slice(&piece);
        self.rest = joined.freeze();
    }

    /// The next event that is there as a whole.
    ///
    /// # Errors
    /// When it is too large.
    pub fn next_event(&mut self) -> Result<Option<Event>, SseError> {
        self.next(false)
    }

    /// The stream has ended: the last event, if its empty line ends with a CR that might have been half of
    /// a line's end.
    ///
    /// # Errors
    /// When it ends within an event.
    pub fn finish(&mut self) -> Result<Option<Event>, SseError> {
        match self.next(true)? {
            None if !self.rest.is_empty() => Err(SseError::Truncated { bytes: self.rest.len() }),
            event => Ok(event),
        }
    }

    fn next(&mut self, ended: bool) -> Result<Option<Event>, SseError> {
        while let Some((line, after)) = self.next_line(ended) {
            if after > EVENT_BYTES_MAX {
                return Err(SseError::TooLarge);
            }
            if line.is_empty() {
                return Ok(Some(self.give(after)));
            }
            self.field(line);
            self.event.line = after;
            self.event.scanned = after;
        }
        if self.rest.len() > EVENT_BYTES_MAX { Err(SseError::TooLarge) } else { Ok(None) }
    }

    /// The line that is being read, without its end, and where the next one begins.
    fn next_line(&mut self, ended: bool) -> Option<(Range<usize>, usize)> {
        let unread = self.rest.get(self.event.scanned..).unwrap_or_default();
        let Some(at) = memchr::memchr2(b'\n', b'\r', unread) else {
            self.event.scanned = self.rest.len();
            return None;
        };
        let end = self.event.scanned + at;
        self.event.scanned = end;
        let after = match (self.rest.get(end), self.rest.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            // Half of an end, or all of it? The next byte will tell.
            (Some(b'\r'), None) if !ended => return None,
            _ => end + 1,
        };
        Some((self.event.line..end, after))
    }

    fn field(&mut self, line: Range<usize>) {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        let mut start = line.start;
        if !std::mem::replace(&mut self.begun, true) && self.rest.starts_with(MARK) {
            start += MARK.len();
        }
        let text = self.rest.get(start..line.end).unwrap_or_default();
        let colon = memchr::memchr(b':', text).unwrap_or(text.len());
        let name = text.get(..colon).unwrap_or_default();
        let space = text.get(colon + 1) == Some(&b' ');
        let value = (start + colon + 1 + usize::from(space)).min(line.end)..line.end;
        if name == b"data" {
            self.event.data.add(value, &self.rest);
        }
    }

    fn give(&mut self, after: usize) -> Event {
        self.begun = true;
        let event = std::mem::take(&mut self.event);
        let raw = self.rest.split_to(after);
        let data = match event.data {
            Data::None => None,
            Data::Line(range) => Some(raw.slice(range)),
            Data::Lines(joined) => Some(joined.freeze()),
        };
        Event { raw, data }
    }
}

impl Data {
    fn add(&mut self, value: Range<usize>, text: &Bytes) {
        let bytes = |range: Range<usize>| text.get(range).unwrap_or_default();
        match self {
            Self::None => *self = Self::Line(value),
            Self::Line(first) => {
                let mut joined = BytesMut::from(bytes(first.clone()));
                joined.extend_from_slice(b"\n");
                joined.extend_from_slice(bytes(value));
                *self = Self::Lines(joined);
            }
            Self::Lines(joined) => {
                joined.extend_from_slice(b"\n");
                joined.extend_from_slice(bytes(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Seen = (Vec<u8>, Option<Vec<u8>>);

    fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Seen>, Option<SseError>) {
        let (mut splitter, mut seen) = (Splitter::default(), Vec::new());
        let own = |event: Event| (event.raw().to_vec(), event.data().map(|data| data.to_vec()));
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            loop {
                match splitter.next_event() {
                    Ok(Some(event)) => seen.push(own(event)),
                    Ok(None) => break,
                    Err(error) => return (seen, Some(error)),
                }
            }
        }
        match splitter.finish() {
            Ok(last) => seen.extend(last.map(own)),
            Err(error) => return (seen, Some(error)),
        }
        (seen, None)
    }

    fn data(text: &str) -> Vec<Option<String>> {
        let (seen, error) = split([text.as_bytes()]);
        assert_eq!(error, None);
        seen.into_iter().map(|(_, data)| data.map(|data| String::from_utf8(data).expect("utf-8"))).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn reads_fields_as_the_standard_says() {
        assert_eq!(data("data: a\n\ndata:b\r\n\r\ndata:  c\r\r"), [some("a"), some("b"), some(" c")]);
        assert_eq!(data("data: a\ndata\nid: 7\ndata: c\n\n"), [some("a\n\nc")]);
        assert_eq!(data(": keep-alive\n\n\nevent: x\n\n"), [None, None, None]);
        assert_eq!(data("\u{feff}data: a\n\n\u{feff}data: b\n\n"), [some("a"), None]);
        assert_eq!(data("datax: a\n\n"), [None]);
        assert_eq!(data("event: error\ndata: {}\n\n"), [some("{}")]);
    }

    #[test]
    fn half_an_event_is_told() {
        let (seen, error) = split([b"data: a\n\ndata: b\n".as_slice()]);
        assert_eq!((seen.len(), error), (1, Some(SseError::Truncated { bytes: 8 })));
    }

    #[test]
    fn an_event_has_a_bound() {
        let line = vec![b'x'; EVENT_BYTES_MAX - 8];
        let fits = [b"data: ".as_slice(), &line, b"\n\n"];
        assert_eq!(split(fits).1, None);
        let whole: Vec<u8> = [fits.concat(), b"data: y".to_vec(), line, b"\n\n".to_vec()].concat();
        let expected = (1, Some(SseError::TooLarge));
        let (seen, error) = split([whole.as_slice()]);
        assert_eq!((seen.len(), error), expected);
        let (seen, error) = split(whole.chunks(1 << 16));
        assert_eq!((seen.len(), error), expected);
    }

    #[test]
    fn whole_events_are_not_copied() {
        let piece = Bytes::from_static(b"data: a\n\ndata: b\n\n");
        let mut splitter = Splitter::default();
        splitter.push(piece.clone());
        let event = splitter.next_event().expect("sound").expect("an event");
        assert_eq!(event.raw().as_ptr(), piece.as_ptr());
        assert_eq!(event.data().expect("data").as_ptr(), piece[6..].as_ptr());
    }

    #[test]
    fn debug_shows_no_text() {
        let mut splitter = Splitter::default();
        splitter.push(Bytes::from_static(b"data: secret\n\n"));
        let event = splitter.next_event().expect("sound").expect("an event");
        assert!(!format!("{event:?}").contains("secret"));
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let token = prop_oneof![
            Just("\n"),
            Just("\r"),
            Just("\r\n"),
            Just("\n\n"),
            Just("\r\n\r\n"),
            Just("data: "),
            Just("data:"),
            Just("event: "),
            Just(":"),
            Just(" "),
            Just("{\"a\":1}"),
            Just("é"),
            Just("\u{feff}"),
            Just("[DONE]"),
        ];
        prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn the_same_events_wherever_it_is_cut(
            stream in stream(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
            let whole = split([stream.as_slice()]);
            prop_assert_eq!(&split(pieces), &whole);
            prop_assert_eq!(&split(stream.chunks(1)), &whole);
            // Nothing is lost: the events and the rest are the stream.
            let given: usize = whole.0.iter().map(|(raw, _)| raw.len()).sum();
            let rest = match whole.1 { Some(SseError::Truncated { bytes }) => bytes, _ => 0 };
            prop_assert_eq!(given + rest, stream.len());
        }
    }
}
