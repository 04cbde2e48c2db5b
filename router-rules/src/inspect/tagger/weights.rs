//! The weights: a file that the trainer writes (`tagger/weights.py`), read once and checked before it is used.

use super::network::{HIDDEN, MIXED, OUTPUTS, POOL, TAGS, WIDTH};
use super::{Language, crc};

/// What a file of weights begins with, version included.
const MAGIC: &[u8] = b"HGTAG\0\x02\0";

/// The rows of the table: two to this power.
const ROWS_LOG2_MAX: u32 = 20;

/// The numbers of the network.
#[derive(Debug)]
pub(super) struct Weights {
    /// The table: a row of small integers per feature.
    pub(super) table: &'static [[u8; WIDTH]],
    /// What one step of the table's integers is worth.
    pub(super) scale: f32,
    pub(super) first: Layer<HIDDEN>,
    pub(super) second: Layer<HIDDEN>,
    pub(super) third: Layer<HIDDEN>,
    pub(super) fourth: Layer<HIDDEN>,
    pub(super) tag: Layer<TAGS>,
    pub(super) pool: Layer<POOL>,
    pub(super) mix: Layer<MIXED>,
    pub(super) out: Layer<OUTPUTS>,
    pub(super) language: Layer<{ Language::COUNT }>,
}

/// A matrix, a row per input, and what is added.
#[derive(Debug)]
pub(super) struct Layer<const OUT: usize> {
    pub(super) rows: Vec<[f32; OUT]>,
    pub(super) bias: [f32; OUT],
}

impl Weights {
    /// Reads a file; none where it is not whole, of another shape, or holds what is no number.
    pub(super) fn read(file: &'static [u8]) -> Option<Self> {
        let (body, sum) = file.split_last_chunk::<4>()?;
        if crc::crc32(body) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut reader = Reader { rest: body.strip_prefix(MAGIC)? };
        let rows_log2 = reader.number()?;
        let shape = [WIDTH, HIDDEN, POOL, MIXED, TAGS, OUTPUTS, Language::COUNT];
        for expected in shape {
            if usize::try_from(reader.number()?).ok()? != expected {
                return None;
            }
        }
        let scale = reader.real()?;
        if rows_log2 > ROWS_LOG2_MAX {
            return None;
        }
        let (table, []) = reader.take(WIDTH << rows_log2)?.as_chunks() else { return None };
        let weights = Self {
            table,
            scale,
            first: reader.layer(3 * WIDTH)?,
            second: reader.layer(3 * HIDDEN)?,
            third: reader.layer(3 * HIDDEN)?,
            fourth: reader.layer(3 * HIDDEN)?,
            tag: reader.layer(HIDDEN)?,
            pool: reader.layer(HIDDEN)?,
            mix: reader.layer(2 * POOL)?,
            out: reader.layer(MIXED)?,
            language: reader.layer(HIDDEN)?,
        };
        reader.rest.is_empty().then_some(weights)
    }

    /// The row of a feature.
    pub(super) fn row(&self, hash: u32) -> &[u8; WIDTH] {
        static NOTHING: [u8; WIDTH] = [0; WIDTH];
        // INVARIANT: the table's length is a power of two.
        let mask = self.table.len().wrapping_sub(1);
        usize::try_from(hash).ok().and_then(|hash| self.table.get(hash & mask)).unwrap_or(&NOTHING)
    }
}

struct Reader {
    rest: &'static [u8],
}

impl Reader {
    fn take(&mut self, count: usize) -> Option<&'static [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(*self.take(4)?.first_chunk()?))
    }

    fn real(&mut self) -> Option<f32> {
        let value = f32::from_le_bytes(*self.take(4)?.first_chunk()?);
        value.is_finite().then_some(value)
    }

    fn reals<const N: usize>(&mut self) -> Option<[f32; N]> {
        let mut out = [0.0; N];
        for place in &mut out {
            *place = self.real()?;
        }
        Some(out)
    }

    fn layer<const OUT: usize>(&mut self, inputs: usize) -> Option<Layer<OUT>> {
        let rows = (0..inputs).map(|_| self.reals()).collect::<Option<_>>()?;
        Some(Layer { rows, bias: self.reals()? })
    }
}
