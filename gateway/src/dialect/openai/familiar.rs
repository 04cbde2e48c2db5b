//! Chunks of a stream that are the ones before them with another piece of text: nearly all of them.
//!
//! Such a chunk need not be read through to know what it holds. Where the text around one string is the same, byte for
//! byte, and between its quotes stands nothing that could end it, the chunk is JSON of the same members, and
//! [`Seen`] looks at no string's content but that of `finish_reason`, which a chunk that is remembered does not have.

use std::ops::Range;

use bytes::Bytes;
use hearthgate_rules::json::{Malformed, is_plain, skim_items, skim_members};

use super::Seen;

/// Strings of a choice's `delta` that hold the answer's pieces.
const PIECES: [&str; 3] = ["content", "reasoning_content", "reasoning"];

/// The last chunk that was read through.
#[derive(Default)]
pub struct Familiar {
    chunk: Bytes,
    /// Where its piece of the answer stands, without the quotes; none where it has none or more than one.
    piece: Option<Range<usize>>,
    seen: Seen,
}

impl Familiar {
    /// Looks through a chunk.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn see(&mut self, chunk: &[u8]) -> Result<Seen, Malformed> {
        if self.knows(chunk) {
            return Ok(self.seen);
        }
        let seen = Seen::of(chunk)?;
        let plain = seen.choices && !seen.error && !seen.usage && !seen.finishes;
        let piece = if plain { piece(chunk) } else { None };
        *self = Self { chunk: Bytes::copy_from_slice(chunk), piece, seen };
        Ok(seen)
    }

    /// Whether a chunk is the last one with another piece.
    fn knows(&self, chunk: &[u8]) -> bool {
        let Some(Range { start, end }) = self.piece else { return false };
        let (Some(head), Some(tail)) = (self.chunk.get(..start), self.chunk.get(end..)) else { return false };
        let piece = chunk.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        piece.is_some_and(is_plain)
    }
}

/// Where the one piece of the answer stands in a chunk that is known to be JSON.
fn piece(chunk: &[u8]) -> Option<Range<usize>> {
    let text = std::str::from_utf8(chunk).ok()?;
    let mut pieces = Vec::new();
    // What is shown has been checked already.
    let _checked = skim_members(text, |key, choices| {
        if key != "choices" {
            return;
        }
        let _checked = skim_items(choices, |choice| {
            let _checked = skim_members(choice, |key, delta| {
                if key != "delta" {
                    return;
                }
                let _checked = skim_members(delta, |key, value| {
                    if PIECES.contains(&key) && value.starts_with('"') {
                        pieces.push(value);
                    }
                });
            });
        });
    });
    let [quoted] = pieces.as_slice() else { return None };
    let start = quoted.as_ptr().addr() - text.as_ptr().addr();
    Some(start + 1..start + quoted.len() - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHUNK: &str =
        r#"{"id":"a","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}"#;

    #[test]
    fn a_chunk_that_differs_in_its_piece_alone_is_known() {
        let mut familiar = Familiar::default();
        let seen = familiar.see(&Bytes::from(CHUNK)).unwrap();
        for (from, to, known) in [
            ("Hello", "", true),
            ("Hello", " wörld, 世界", true),
            ("Hello", "\\\"", false),
            ("Hello", "a\\nb", false),
            ("Hello", "\",\"finish_reason\":\"stop", false),
            ("Hello", "\",\"error\":\"x", false),
            ("null", "\"stop\"", false),
            ("\"a\"", "\"b\"", false),
            ("content", "refusal", false),
        ] {
            let chunk = Bytes::from(CHUNK.replace(from, to));
            assert_eq!(familiar.knows(&chunk), known, "{from} {to}");
            assert_eq!(familiar.see(&chunk), Seen::of(&chunk), "{from} {to}");
            assert_eq!(familiar.see(&Bytes::from(CHUNK)), Ok(seen));
        }
        let broken = Bytes::from(CHUNK.replace("Hello", "\u{1}"));
        assert!(!familiar.knows(&broken) && familiar.see(&broken).is_err());
        let half = CHUNK.replace("Hello", "é").into_bytes();
        let half: Vec<u8> = half.into_iter().filter(|byte| *byte != 0xA9).collect();
        assert!(familiar.see(&Bytes::from(half)).is_err());
    }

    #[test]
    fn what_says_more_than_a_piece_is_never_known() {
        for chunk in [
            CHUNK.replace("null", "\"stop\""),
            CHUNK.replace("]}", "],\"usage\":null}"),
            CHUNK.replace("{\"id\"", "{\"error\":{},\"id\""),
            CHUNK.replace("\"Hello\"", "null"),
            CHUNK.replace("\"Hello\"", "\"Hello\",\"reasoning\":\"Hm\""),
            "{\"choices\":[]}".to_owned(),
        ] {
            let mut familiar = Familiar::default();
            let chunk = Bytes::from(chunk);
            familiar.see(&chunk).unwrap();
            assert!(!familiar.knows(&chunk), "{chunk:?}");
        }
    }

    proptest! {
        /// Whatever was read before, a chunk is seen as what it is.
        #[test]
        fn a_chunk_is_seen_as_it_is(pieces in prop::collection::vec(r#"[a-zé"\\:,{}\x01 ]{0,8}"#, 1..8)) {
            let mut familiar = Familiar::default();
            for piece in pieces {
                let chunk = Bytes::from(CHUNK.replace("Hello", &piece));
                prop_assert_eq!(familiar.see(&chunk), Seen::of(&chunk));
            }
        }
    }
}
