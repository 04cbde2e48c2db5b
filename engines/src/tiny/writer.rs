//! Writes GGUF, version 3: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::io::{self, Write};

use crate::gguf::{MAGIC, TensorType};

/// The data's alignment where the file names none.
const ALIGNMENT: u64 = 32;

/// A value of the header.
pub(super) enum Meta {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    Numbers(Vec<i32>),
}

/// A tensor to be written.
pub(super) struct Entry {
    name: String,
    dims: Vec<u32>,
    kind: TensorType,
}

impl Entry {
    pub(super) fn new(name: String, dims: Vec<u32>, kind: TensorType) -> Self {
        Self { name, dims, kind }
    }

    /// Norms have one dimension.
    pub(super) fn is_norm(&self) -> bool {
        self.dims.len() == 1
    }

    /// The name without its layer and without `.weight`.
    pub(super) fn part(&self) -> &str {
        let name = self.name.strip_suffix(".weight").unwrap_or(&self.name);
        name.rsplit('.').next().unwrap_or(name)
    }

    fn size(&self) -> u64 {
        let dims: Vec<u64> = self.dims.iter().copied().map(u64::from).collect();
        self.kind.size(&dims).unwrap_or(0)
    }
}

/// Everything before the tensors' data.
pub(super) fn header(out: &mut impl Write, meta: &[(String, Meta)], tensors: &[Entry]) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(count(tensors.len()));
    bytes.extend(count(meta.len()));
    for (key, value) in meta {
        text(&mut bytes, key);
        put(&mut bytes, value);
    }
    let mut offset = 0_u64;
    for tensor in tensors {
        text(&mut bytes, &tensor.name);
        bytes.extend(u32::try_from(tensor.dims.len()).unwrap_or(0).to_le_bytes());
        tensor.dims.iter().for_each(|dim| bytes.extend(u64::from(*dim).to_le_bytes()));
        bytes.extend(tensor.kind.id.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        offset = (offset + tensor.size()).next_multiple_of(ALIGNMENT);
    }
    pad(&mut bytes);
    out.write_all(&bytes)
}

/// A tensor's data, row by row, with its padding.
pub(super) fn tensor(
    out: &mut impl Write,
    tensor: &Entry,
    mut fill: impl FnMut(u32, &mut [f32]),
) -> io::Result<()> {
    let width = tensor.dims.first().copied().unwrap_or(0);
    let mut values = vec![0.0_f32; usize::try_from(width).unwrap_or(0)];
    let mut bytes = Vec::new();
    for row in 0..tensor.dims.get(1).copied().unwrap_or(1) {
        fill(row, &mut values);
        bytes.clear();
        pack(&mut bytes, &values, tensor.kind);
        out.write_all(&bytes)?;
    }
    let rest = tensor.size().next_multiple_of(ALIGNMENT) - tensor.size();
    out.write_all(&vec![0; usize::try_from(rest).unwrap_or(0)])
}

fn put(bytes: &mut Vec<u8>, value: &Meta) {
    let kind = |bytes: &mut Vec<u8>, id: u32| bytes.extend(id.to_le_bytes());
    match value {
        Meta::U32(number) => {
            kind(bytes, 4);
            bytes.extend(number.to_le_bytes());
        }
        Meta::F32(number) => {
            kind(bytes, 6);
            bytes.extend(number.to_le_bytes());
        }
        Meta::Bool(flag) => {
            kind(bytes, 7);
            bytes.push(u8::from(*flag));
        }
        Meta::Text(words) => {
            kind(bytes, 8);
            text(bytes, words);
        }
        Meta::Texts(list) => {
            kind(bytes, 9);
            kind(bytes, 8);
            bytes.extend(count(list.len()));
            list.iter().for_each(|words| text(bytes, words));
        }
        Meta::Numbers(list) => {
            kind(bytes, 9);
            kind(bytes, 5);
            bytes.extend(count(list.len()));
            list.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
    }
}

fn text(bytes: &mut Vec<u8>, words: &str) {
    bytes.extend(count(words.len()));
    bytes.extend(words.as_bytes());
}

fn count(n: usize) -> [u8; 8] {
    u64::try_from(n).unwrap_or(u64::MAX).to_le_bytes()
}

fn pad(bytes: &mut Vec<u8>) {
    while !u64::try_from(bytes.len()).is_ok_and(|len| len.is_multiple_of(ALIGNMENT)) {
        bytes.push(0);
    }
}

fn pack(bytes: &mut Vec<u8>, values: &[f32], kind: TensorType) {
    match kind {
        TensorType::F16 => values.iter().for_each(|value| bytes.extend(half(*value).to_le_bytes())),
        TensorType::Q8_0 => values.chunks(32).for_each(|block| pack_q8(bytes, block)),
        TensorType::Q4_0 => values.chunks(32).for_each(|block| pack_q4(bytes, block)),
        _ => values.iter().for_each(|value| bytes.extend(value.to_le_bytes())),
    }
}

/// A scale and 32 numbers of eight bits.
fn pack_q8(bytes: &mut Vec<u8>, block: &[f32]) {
    let largest = block.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let scale = largest / 127.0;
    bytes.extend(half(scale).to_le_bytes());
    bytes.extend(block.iter().flat_map(|value| whole(value / scale.max(f32::MIN_POSITIVE)).to_le_bytes()));
}

/// A scale and 32 numbers of four bits, the first half of them in the low ones.
fn pack_q4(bytes: &mut Vec<u8>, block: &[f32]) {
    let largest = block.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let scale = largest / 7.0;
    let nibble = |value: &f32| (whole(value / scale.max(f32::MIN_POSITIVE)) + 8).cast_unsigned() & 0x0f;
    let (low, high) = block.split_at(block.len() / 2);
    bytes.extend(half(scale).to_le_bytes());
    bytes.extend(low.iter().zip(high).map(|(low, high)| nibble(low) | (nibble(high) << 4)));
}

#[expect(clippy::cast_possible_truncation, reason = "the value is within the range, and `as` saturates")]
fn whole(value: f32) -> i8 {
    value.round() as i8
}

/// The nearest 16-bit float, ties to even; too small becomes zero, too large infinity.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16) & 0x8000;
    let magnitude = bits & 0x7fff_ffff;
    let packed = if magnitude >= 0x4780_0000 {
        0x7c00
    } else if magnitude >= 0x3880_0000 {
        let rounded = magnitude + 0x0fff + ((magnitude >> 13) & 1);
        (rounded - 0x3800_0000) >> 13
    } else {
        // A subnormal: counted in steps of 2^-24, which a float does exactly.
        let steps = (f32::from_bits(magnitude) * 16_777_216.0).round_ties_even();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1024")]
        let steps = steps as u32;
        steps
    };
    u16::try_from(sign | packed).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_those_of_the_standard() {
        let cases = [
            (0.0, 0x0000),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65_504.0, 0x7bff),
            (1e6, 0x7c00),
            (6.103_515_6e-5, 0x0400),
            (5.960_464_5e-8, 0x0001),
            (1.0 / 3.0, 0x3555),
        ];
        for (value, bits) in cases {
            assert_eq!(half(value), bits, "{value}");
        }
    }
}
