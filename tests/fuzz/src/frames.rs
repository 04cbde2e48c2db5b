//! The splitter of AWS's frames: the same events wherever the stream is cut, and every byte is in one.

use bytes::Bytes;

use crate::dialect::bedrock::frames::Splitter;
use crate::dialect::sse::SseError;

/// An event: its bytes and its data.
type Seen = (Vec<u8>, Option<Vec<u8>>);

/// Splits a stream whole, byte by byte, and in pieces as long as its first byte says.
pub fn check(data: &[u8]) {
    let Some((&length, stream)) = data.split_first() else { return };
    let whole = split([stream]);
    assert_eq!(split(stream.chunks(1)), whole);
    assert_eq!(split(stream.chunks(usize::from(length) + 1)), whole);
    let given: usize = whole.0.iter().map(|(raw, _)| raw.len()).sum();
    match whole.1 {
        Some(SseError::Truncated { bytes }) => assert_eq!(given + bytes, stream.len()),
        Some(_) => assert!(given <= stream.len()),
        None => assert_eq!(given, stream.len(), "a byte is lost"),
    }
}

fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Seen>, Option<SseError>) {
    let (mut splitter, mut seen) = (Splitter::default(), Vec::new());
    for piece in pieces {
        splitter.push(&Bytes::copy_from_slice(piece));
        loop {
            match splitter.next_event() {
                Ok(Some(event)) => seen.push((event.raw().to_vec(), event.data().map(|data| data.to_vec()))),
                Ok(None) => break,
                Err(error) => return (seen, Some(error)),
            }
        }
    }
    let end = splitter.finish().err();
    (seen, end)
}
