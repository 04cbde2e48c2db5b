//! Splits a stream of AWS's event frames (`application/vnd.amazon.eventstream`) wherever its pieces were cut.
//!
//! A frame has its length, headers, a payload and two checksums; the format, and that they hold, is
//! [`aws_smithy_eventstream`]'s to know. What comes out is the union that the API's description has: an object of one member,
//! which is called as the frame's event or exception is.

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::{Header, Message};
use bytes::{Buf as _, Bytes, BytesMut};
use hearthgate_rules::json::quote;

use crate::dialect::sse::{EVENT_BYTES_MAX, Event, SseError};
use crate::dialect::write::Object;

/// The length of a frame, that of its headers, and the checksum of both.
const PRELUDE_BYTES: usize = 12;

/// A frame without headers and payload.
const FRAME_BYTES_MIN: usize = PRELUDE_BYTES + 4;

/// Takes pieces, gives frames.
#[derive(Default)]
pub struct Splitter {
    rest: BytesMut,
}

impl Splitter {
    /// Takes a piece of the stream.
    pub fn push(&mut self, piece: &Bytes) {
        self.rest.extend_from_slice(piece);
    }

    /// The next frame that is there as a whole, as an event whose data is the union's JSON.
    ///
    /// # Errors
    /// When it is too large, or none.
    pub fn next_event(&mut self) -> Result<Option<Event>, SseError> {
        let Some(length) = self.rest.first_chunk::<4>().copied() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > EVENT_BYTES_MAX {
            return Err(SseError::TooLarge);
        }
        if length < FRAME_BYTES_MIN {
            return Err(SseError::Malformed);
        }
        if self.rest.len() < length {
            return Ok(None);
        }
        let raw = self.rest.split_to(length).freeze();
        let mut unread = raw.clone();
        let message = read_message_from(&mut unread).map_err(|_| SseError::Malformed)?;
        if unread.has_remaining() {
            return Err(SseError::Malformed);
        }
        let data = union(&message).ok_or(SseError::Malformed)?;
        Ok(Some(Event::of(raw, Some(Bytes::from(data)))))
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// When it ends within a frame.
    pub fn finish(&mut self) -> Result<Option<Event>, SseError> {
        match self.rest.len() {
            0 => Ok(None),
            bytes => Err(SseError::Truncated { bytes }),
        }
    }
}

/// The member that a frame stands for. An error that has no payload is told by its headers.
fn union(message: &Message) -> Option<String> {
    let told =
        |name: &str| message.headers().iter().find(|header| header.name().as_str() == name).and_then(text);
    let payload = std::str::from_utf8(message.payload()).ok()?;
    let payload = if payload.is_empty() { "{}" } else { payload };
    match told(":message-type")? {
        "event" => Some(Object::new().json(told(":event-type")?, payload).done()),
        "exception" => Some(Object::new().json(told(":exception-type")?, payload).done()),
        "error" => {
            let words = format!("{{\"message\":{}}}", quote(told(":error-message").unwrap_or_default()));
            Some(
                Object::new()
                    .json(&format!("{}Exception", told(":error-code").unwrap_or_default()), &words)
                    .done(),
            )
        }
        _ => None,
    }
}

fn text(header: &Header) -> Option<&str> {
    header.value().as_string().ok().map(|text| text.as_str())
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::write_message_to;
    use proptest::prelude::*;

    use super::*;

    fn frame(headers: &[(&'static str, &'static str)], payload: &'static str) -> Vec<u8> {
        use aws_smithy_types::event_stream::HeaderValue;

        let headers =
            headers.iter().map(|(name, value)| Header::new(*name, HeaderValue::String((*value).into())));
        let message = Message::new_from_parts(headers.collect(), payload);
        let mut out = Vec::new();
        write_message_to(&message, &mut out).expect("a frame");
        out
    }

    fn stream() -> Vec<u8> {
        let event = |kind, payload| frame(&[(":message-type", "event"), (":event-type", kind)], payload);
        [
            event("messageStart", "{\"role\":\"assistant\"}"),
            event("contentBlockDelta", "{\"delta\":{\"text\":\"é😀\"}}"),
            event("messageStop", ""),
            frame(
                &[(":message-type", "exception"), (":exception-type", "throttlingException")],
                "{\"message\":\"x\"}",
            ),
            frame(&[(":message-type", "error"), (":error-code", "Bad"), (":error-message", "\"y\"")], ""),
        ]
        .concat()
    }

    const UNIONS: [&str; 5] = [
        "{\"messageStart\":{\"role\":\"assistant\"}}",
        "{\"contentBlockDelta\":{\"delta\":{\"text\":\"é😀\"}}}",
        "{\"messageStop\":{}}",
        "{\"throttlingException\":{\"message\":\"x\"}}",
        "{\"BadException\":{\"message\":\"\\\"y\\\"\"}}",
    ];

    fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, Option<SseError>) {
        let (mut splitter, mut seen) = (Splitter::default(), Vec::new());
        for piece in pieces {
            splitter.push(&Bytes::copy_from_slice(piece));
            loop {
                match splitter.next_event() {
                    Ok(Some(event)) => {
                        seen.push(String::from_utf8(event.data().expect("data").to_vec()).expect("text"));
                    }
                    Ok(None) => break,
                    Err(error) => return (seen, Some(error)),
                }
            }
        }
        (seen, splitter.finish().err())
    }

    #[test]
    fn a_byte_that_was_changed_is_noticed() {
        let stream = stream();
        for at in 0..stream.len() {
            let mut changed = stream.clone();
            changed[at] ^= 0x10;
            let (seen, error) = split([changed.as_slice()]);
            assert!(error.is_some() && seen.len() < UNIONS.len(), "{at}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_waited_for() {
        let mut huge = stream();
        huge[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(split([huge.as_slice()]).1, Some(SseError::TooLarge));
    }

    proptest! {
        #[test]
        fn the_same_frames_wherever_it_is_cut(
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let stream = stream();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
            let expected = (UNIONS.map(str::to_owned).to_vec(), None);
            prop_assert_eq!(&split(pieces), &expected);
            prop_assert_eq!(&split(stream.chunks(1)), &expected);
        }

        #[test]
        fn a_stream_that_breaks_off_is_told(cut in 1_usize..100) {
            let stream = stream();
            let (seen, error) = split([&stream[..stream.len() - cut]]);
            prop_assert!(seen.len() < UNIONS.len());
            prop_assert!(error.is_some() || seen.len() == UNIONS.len() - 1);
        }
    }
}
