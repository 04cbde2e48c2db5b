//! The splitter of event streams: the same events wherever the stream is cut, and those that the standard says.

use bytes::Bytes;

use crate::dialect::sse::{Event, Splitter, SseError};

/// An event: its bytes and its data.
type Seen = (Vec<u8>, Option<Vec<u8>>);

/// Splits a stream whole, byte by byte, and in pieces as long as its first byte says.
pub fn check(data: &[u8]) {
    let Some((&length, stream)) = data.split_first() else { return };
    let whole = split([stream]);
    assert_eq!(split(stream.chunks(1)), whole);
    assert_eq!(split(stream.chunks(usize::from(length) + 1)), whole);
    let given: usize = whole.0.iter().map(|(raw, _)| raw.len()).sum();
    let rest = match whole.1 {
        Some(SseError::Truncated { bytes }) => bytes,
        Some(SseError::TooLarge) => panic!("no input is that large"),
        Some(SseError::Malformed) => panic!("every text is a stream of events"),
        None => 0,
    };
    assert_eq!(given + rest, stream.len(), "a byte is lost");
    let told: Vec<_> = whole.0.into_iter().filter_map(|(_, data)| data).collect();
    assert_eq!(told, by_the_standard(stream));
}

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

/// The data of every event of a whole stream, as the HTML standard says it, section 9.2.6, step by step.
fn by_the_standard(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut stream = stream.strip_prefix("\u{feff}".as_bytes()).unwrap_or(stream);
    let (mut events, mut data): (Vec<Vec<u8>>, Option<Vec<u8>>) = (Vec::new(), None);
    while let Some(end) = stream.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, rest) = stream.split_at(end);
        stream = rest.strip_prefix(b"\r\n").unwrap_or(&rest[1..]);
        if line.is_empty() {
            events.extend(data.take());
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        if &line[..colon] == b"data" {
            let data = data.get_or_insert_default();
            data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            data.push(b'\n');
        }
    }
    for data in &mut events {
        data.pop();
    }
    events
}
