//! Models in several files, as `llama-gguf-split` writes them: `NAME-00001-of-00003.gguf` and so on, the first with all the
//! metadata, each with its share of the tensors.

use std::path::{Path, PathBuf};

use super::{GgufError, Header};

/// Files of a model at most.
const PARTS_MAX: u64 = 512;

/// Every file of the model whose header this is, the given one first.
pub(super) fn files(path: &Path, header: &Header) -> Result<Vec<PathBuf>, GgufError> {
    let count = header.number("split.count").unwrap_or(1);
    if count <= 1 {
        return Ok(vec![path.to_owned()]);
    }
    if count > PARTS_MAX {
        return Err(GgufError::Corrupt(format!("it claims {count} parts")));
    }
    let part = header.number("split.no").unwrap_or(0).saturating_add(1);
    if part != 1 {
        return Err(GgufError::Unsuited(format!(
            "it is part {part} of {count} of a split file; name the first"
        )));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ending = format!("-00001-of-{count:05}.gguf");
    // llama.cpp finds the others by this name alone.
    let stem = name.strip_suffix(&ending).ok_or_else(|| {
        GgufError::Unsuited(format!("it is the first of {count} parts, so its name has to end in `{ending}`"))
    })?;
    let others = (2..=count).map(|part| path.with_file_name(format!("{stem}-{part:05}-of-{count:05}.gguf")));
    Ok(std::iter::once(path.to_owned()).chain(others).collect())
}

/// Takes in the tensors of part number `part`, counted from 1.
pub(super) fn join(header: &mut Header, part: usize, other: Header) -> Result<(), GgufError> {
    let number = u64::try_from(part).unwrap_or(u64::MAX);
    let same_count = other.number("split.count") == header.number("split.count");
    if !same_count || other.number("split.no").map(|no| no.saturating_add(1)) != Some(number) {
        return Err(GgufError::Corrupt(format!("what should be part {part} of it is another file")));
    }
    if let Some(twin) = other.tensors.iter().find(|tensor| header.tensor(&tensor.name).is_some()) {
        return Err(GgufError::Corrupt(format!("tensor `{}` is there twice", twin.name)));
    }
    header.tensors.extend(other.tensors);
    Ok(())
}

/// That all tensors have come.
pub(super) fn check_whole(header: &Header) -> Result<(), GgufError> {
    let have = u64::try_from(header.tensors.len()).ok();
    match header.number("split.tensors.count") {
        Some(need) if Some(need) != have => {
            Err(GgufError::Corrupt(format!("its parts have {} tensors, not {need}", header.tensors.len())))
        }
        _ => Ok(()),
    }
}
