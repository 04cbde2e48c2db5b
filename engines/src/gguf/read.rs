//! Reads the primitives of the format, never beyond the file's end and never into a buffer whose size the
//! file chose unchecked.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read;

use super::{Array, GgufError, Value};

/// Bytes of a metadata string at most: chat templates are the long ones.
const STRING_MAX: u64 = 1 << 24;
/// Members of an array at most: vocabularies and merges are the long ones.
const ARRAY_MAX: u64 = 1 << 24;

/// A header being read.
pub(super) struct Source<R> {
    input: R,
    at: u64,
    len: u64,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R, len: u64) -> Self {
        Self { input, at: 0, len }
    }

    /// Bytes read so far.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes of the whole file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn magic(&mut self) -> Result<[u8; 4], GgufError> {
        if self.len == 0 {
            return Err(GgufError::Foreign("it is empty"));
        }
        if self.len < 4 {
            return Err(GgufError::Foreign("it is too short"));
        }
        self.array("the magic")
    }

    pub(super) fn u32(&mut self, what: &'static str) -> Result<u32, GgufError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &'static str) -> Result<u64, GgufError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A count of things that have at least `least` bytes each.
    pub(super) fn count(&mut self, what: &'static str, max: u64, least: u64) -> Result<u64, GgufError> {
        let count = self.u64(what)?;
        if count > max {
            return Err(GgufError::Corrupt(format!("it claims {count} {what}")));
        }
        self.need(what, count.saturating_mul(least))?;
        Ok(count)
    }

    pub(super) fn string(&mut self, what: &'static str, max: u64) -> Result<String, GgufError> {
        String::from_utf8(self.bytes(what, max)?)
            .map_err(|_| GgufError::Corrupt(format!("{what} is not UTF-8")))
    }

    fn bytes(&mut self, what: &'static str, max: u64) -> Result<Vec<u8>, GgufError> {
        let len = self.u64(what)?;
        if len > max {
            return Err(GgufError::Corrupt(format!("{what} claims {len} bytes")));
        }
        self.need(what, len)?;
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
        self.fill(what, &mut bytes)?;
        Ok(bytes)
    }

    /// The value of a key.
    pub(super) fn value(&mut self, key: &str) -> Result<Value, GgufError> {
        let kind = self.u32("the type of a value")?;
        match kind {
            9 => self.array_value(key).map(Value::Array),
            _ => self.scalar(kind, key),
        }
    }

    fn scalar(&mut self, kind: u32, key: &str) -> Result<Value, GgufError> {
        let what = "a value";
        Ok(match kind {
            0 => Value::Unsigned(u64::from(u8::from_le_bytes(self.array(what)?))),
            1 => Value::Signed(i64::from(i8::from_le_bytes(self.array(what)?))),
            2 => Value::Unsigned(u64::from(u16::from_le_bytes(self.array(what)?))),
            3 => Value::Signed(i64::from(i16::from_le_bytes(self.array(what)?))),
            4 => Value::Unsigned(u64::from(self.u32(what)?)),
            5 => Value::Signed(i64::from(i32::from_le_bytes(self.array(what)?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array(what)?))),
            7 => match self.array::<1>(what)? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => return Err(GgufError::Corrupt(format!("`{key}` is neither true nor false"))),
            },
            8 => Value::Text(self.string(what, STRING_MAX)?),
            10 => Value::Unsigned(self.u64(what)?),
            11 => Value::Signed(i64::from_le_bytes(self.array(what)?)),
            12 => Value::Float(f64::from_le_bytes(self.array(what)?)),
            _ => return Err(GgufError::Corrupt(format!("`{key}` has the unknown type {kind}"))),
        })
    }

    fn array_value(&mut self, key: &str) -> Result<Array, GgufError> {
        let kind = self.u32("the type of an array")?;
        let least = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            _ => return Err(GgufError::Corrupt(format!("`{key}` has members of the unknown type {kind}"))),
        };
        let len = self.count("members of an array", ARRAY_MAX, least)?;
        let mut array = Array { kind, len, numbers: Vec::new(), twins: false };
        let mut seen = HashSet::new();
        for _ in 0..len {
            if kind == 8 {
                let mut hasher = DefaultHasher::new();
                self.bytes("a string", STRING_MAX)?.hash(&mut hasher);
                array.twins |= !seen.insert(hasher.finish());
                continue;
            }
            match self.scalar(kind, key)? {
                Value::Unsigned(number) => array.numbers.push(i64::try_from(number).unwrap_or(i64::MAX)),
                Value::Signed(number) => array.numbers.push(number),
                _ => {}
            }
        }
        Ok(array)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], GgufError> {
        let mut bytes = [0; N];
        self.fill(what, &mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, what: &'static str, bytes: &mut [u8]) -> Result<(), GgufError> {
        let n = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.need(what, n)?;
        self.input.read_exact(bytes)?;
        self.at += n;
        Ok(())
    }

    fn need(&self, what: &'static str, bytes: u64) -> Result<(), GgufError> {
        let need = self.at.saturating_add(bytes);
        if need > self.len { Err(GgufError::Truncated { what, need, have: self.len }) } else { Ok(()) }
    }
}
