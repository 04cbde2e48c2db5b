//! A text made from another, with the way back.

/// A text, and where each stretch of it came from.
#[derive(Default)]
pub(in crate::inspect) struct Mapped {
    pub(in crate::inspect) text: String,
    pieces: Vec<Piece>,
}

/// From here on in the text, this is where it came from.
#[derive(Clone, Copy)]
struct Piece {
    at: usize,
    original: usize,
    way: Way,
}

#[derive(Clone, Copy)]
enum Way {
    /// Byte for byte.
    Copied,
    /// All of it stands for this many bytes.
    Replaced(usize),
    /// So many bytes of it stand for so many of the original's, evenly: base64, hex.
    Scaled { made: usize, from: usize },
    /// Byte for byte, backwards.
    Reversed(usize),
}

impl Mapped {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), pieces: Vec::new() }
    }

    /// Adds a stretch as it stands at `original`.
    pub(super) fn copy(&mut self, text: &str, original: usize) {
        if !text.is_empty() {
            self.pieces.push(Piece { at: self.text.len(), original, way: Way::Copied });
            self.text.push_str(text);
        }
    }

    /// Adds what `write` writes, which stands for `bytes` of the original.
    pub(super) fn replace(&mut self, original: usize, bytes: usize, write: impl FnOnce(&mut String)) {
        let at = self.text.len();
        write(&mut self.text);
        if self.text.len() > at {
            self.pieces.push(Piece { at, original, way: Way::Replaced(bytes) });
        }
    }

    /// Adds another text made from the same original.
    pub(super) fn append(&mut self, other: Self) {
        let at = self.text.len();
        self.pieces.extend(other.pieces.into_iter().map(|piece| Piece { at: piece.at + at, ..piece }));
        self.text.push_str(&other.text);
    }

    /// Adds a stretch of `bytes` turned round, character by character.
    pub(super) fn turn(&mut self, text: &str, original: usize) {
        let mut end = text.len();
        while end > 0 {
            let head = text.get(..end).unwrap_or_default();
            let ascii = head.bytes().rev().take_while(u8::is_ascii).count();
            if ascii > 0 {
                let start = end - ascii;
                let at = self.text.len();
                let piece = Piece { at, original: original + start, way: Way::Reversed(ascii) };
                self.pieces.push(piece);
                self.text.extend(head.bytes().rev().take(ascii).map(char::from));
                end = start;
            } else if let Some(char) = head.chars().next_back() {
                end -= char.len_utf8();
                self.replace(original + end, char.len_utf8(), |out| out.push(char));
            }
        }
    }

    /// A text that was decoded from `from` bytes for every `made`.
    pub(super) fn scaled(text: String, original: usize, made: usize, from: usize) -> Self {
        Self { text, pieces: vec![Piece { at: 0, original, way: Way::Scaled { made: made.max(1), from } }] }
    }

    /// A text that stands as a whole for `bytes` of the original.
    pub(super) fn whole(text: String, original: usize, bytes: usize) -> Self {
        Self { text, pieces: vec![Piece { at: 0, original, way: Way::Replaced(bytes) }] }
    }

    /// The stretch of the original that a stretch of the text came from.
    pub(super) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let last = end.saturating_sub(1).max(start);
        // Each piece that is met may stand elsewhere than the one before it.
        let (first_piece, last_piece) = (self.piece_at(start), self.piece_at(last));
        let inner = self.pieces.get(first_piece..last_piece).unwrap_or_default();
        let edges = inner.iter().flat_map(|piece| [piece.at.saturating_sub(1), piece.at]);
        edges
            .chain([last])
            .filter(|offset| (start..=last).contains(offset))
            .map(|offset| self.source(offset))
            .fold(self.source(start), |(from, to), (start, end)| (from.min(start), to.max(end)))
    }

    /// How many pieces begin at or before an offset.
    fn piece_at(&self, offset: usize) -> usize {
        self.pieces.partition_point(|piece| piece.at <= offset)
    }

    fn source(&self, offset: usize) -> (usize, usize) {
        let index = self.piece_at(offset);
        let Some(piece) = index.checked_sub(1).and_then(|index| self.pieces.get(index)) else {
            return (0, 0);
        };
        let (inside, original) = (offset - piece.at, piece.original);
        match piece.way {
            Way::Copied => (original + inside, original + inside + 1),
            Way::Replaced(bytes) => (original, original + bytes),
            Way::Scaled { made, from } => {
                (original + inside * from / made, original + ((inside + 1) * from).div_ceil(made))
            }
            Way::Reversed(bytes) => {
                let at = original + bytes.saturating_sub(inside + 1);
                (at, at + 1)
            }
        }
    }
}
