//! The table of tensors: types, shapes, places.

use std::collections::HashSet;
use std::io::Read;

use super::read::Source;
use super::{GgufError, Tensor};

/// A tensor's number format: how many weights make a block, and how many bytes a block has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TensorType {
    /// The format's number.
    pub(crate) id: u32,
    pub(crate) block: u64,
    pub(crate) bytes: u64,
}

impl TensorType {
    pub(crate) const F32: Self = Self { id: 0, block: 1, bytes: 4 };
    pub(crate) const F16: Self = Self { id: 1, block: 1, bytes: 2 };
    pub(crate) const Q4_0: Self = Self { id: 2, block: 32, bytes: 18 };
    pub(crate) const Q8_0: Self = Self { id: 8, block: 32, bytes: 34 };

    /// The types of `ggml.h`, with the sizes of the blocks in `ggml-common.h`.
    fn known(id: u32) -> Option<Self> {
        let (block, bytes) = match id {
            0 | 26 => (1, 4),
            1 | 25 | 30 => (1, 2),
            2 => (32, 18),
            3 => (32, 20),
            6 => (32, 22),
            7 => (32, 24),
            8 => (32, 34),
            9 => (32, 36),
            10 => (256, 84),
            11 => (256, 110),
            12 => (256, 144),
            13 => (256, 176),
            14 => (256, 210),
            15 => (256, 292),
            16 => (256, 66),
            17 => (256, 74),
            18 => (256, 98),
            19 => (256, 50),
            20 => (32, 18),
            21 => (256, 110),
            22 => (256, 82),
            23 => (256, 136),
            24 => (1, 1),
            27 | 28 => (1, 8),
            29 => (256, 56),
            34 => (256, 54),
            35 => (256, 66),
            39 => (32, 17),
            _ => return None,
        };
        Some(Self { id, block, bytes })
    }

    /// Bytes of a tensor of these dimensions; none where they do not fit the type or the machine.
    pub(crate) fn size(self, dims: &[u64]) -> Option<u64> {
        let row = *dims.first()?;
        if !row.is_multiple_of(self.block) {
            return None;
        }
        let weights = dims.iter().try_fold(1_u64, |all, dim| all.checked_mul(*dim))?;
        let bytes = (weights / self.block).checked_mul(self.bytes)?;
        (bytes <= i64::MAX.unsigned_abs()).then_some(bytes)
    }
}

/// Reads the table. Its tensors must follow each other without gaps and end within the file.
pub(super) fn read_all<R: Read>(
    source: &mut Source<R>,
    count: u64,
    alignment: u64,
) -> Result<Vec<Tensor>, GgufError> {
    if count == 0 {
        return Err(GgufError::Unsuited("it has no tensors".to_owned()));
    }
    let mut tensors = Vec::new();
    let mut names = HashSet::new();
    let (mut next, mut end) = (0_u64, 0_u64);
    for _ in 0..count {
        let (tensor, size, offset) = read_one(source)?;
        let corrupt = |what: &str| GgufError::Corrupt(format!("tensor `{}` {what}", tensor.name));
        if !names.insert(tensor.name.clone()) {
            return Err(corrupt("is there twice"));
        }
        if offset != next {
            return Err(corrupt("does not follow the one before it"));
        }
        // The last one may do without its padding.
        end = offset.checked_add(size).ok_or_else(|| corrupt("is too large"))?;
        next = end.checked_next_multiple_of(alignment).ok_or_else(|| corrupt("is too large"))?;
        tensors.push(tensor);
    }
    let need = source.at().next_multiple_of(alignment).saturating_add(end);
    if need > source.len() {
        return Err(GgufError::Truncated { what: "the last tensor", need, have: source.len() });
    }
    Ok(tensors)
}

fn read_one<R: Read>(source: &mut Source<R>) -> Result<(Tensor, u64, u64), GgufError> {
    let name = source.string("the name of a tensor", 63)?;
    let corrupt = |what: &str| GgufError::Corrupt(format!("tensor `{name}` {what}"));
    if name.is_empty() || name.contains(|c: char| c.is_control()) {
        return Err(GgufError::Corrupt("a tensor has no name".to_owned()));
    }
    let n_dims = source.u32("the shape of a tensor")?;
    if !(1..=4).contains(&n_dims) {
        return Err(corrupt("has more than four dimensions, or none"));
    }
    let mut dims = Vec::new();
    for _ in 0..n_dims {
        let dim = source.u64("the shape of a tensor")?;
        if dim == 0 || dim > 1 << 40 {
            return Err(corrupt("has a dimension that cannot be"));
        }
        dims.push(dim);
    }
    let id = source.u32("the type of a tensor")?;
    let kind = TensorType::known(id).ok_or_else(|| corrupt(&format!("has the unknown type {id}")))?;
    let size = kind.size(&dims).ok_or_else(|| corrupt("has a shape that does not fit its type"))?;
    let offset = source.u64("the place of a tensor")?;
    Ok((Tensor { name, dims, kind }, size, offset))
}
