//! The model that comes with the program: trained from scratch by the scripts in `starter/`, and put where llama.cpp can
//! read it, a file in the cache folder that is checked before it is used.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::EngineError;

/// The file's bytes.
const MODEL: &[u8] = include_bytes!("../starter/hearthgate-starter.gguf");

/// The file of the starter model, written if it is missing or not what it should be.
///
/// It lies in `$XDG_CACHE_HOME/hearthgate`, `~/.cache/hearthgate`, or else in the system's folder for
/// temporary files, under a name that holds its digest.
///
/// # Errors
/// [`EngineError::ModelUnreadable`] where no folder can be written.
pub fn materialise() -> Result<PathBuf, EngineError> {
    let digest = format!("{:x}", Sha256::digest(MODEL));
    let name = format!("starter-{}.gguf", digest.get(..16).unwrap_or(&digest));
    let mut last = None;
    for folder in folders() {
        match place(&folder, &name, MODEL) {
            Ok(path) => return Ok(path),
            Err(error) => last = Some((folder.join(&name), error)),
        }
    }
    let (path, reason) = last.map_or_else(Default::default, |(path, error)| (path, error.to_string()));
    Err(EngineError::ModelUnreadable { path, reason })
}

fn folders() -> Vec<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    let temporary = std::env::temp_dir().join(format!("hearthgate-{}", std::process::id()));
    cache.map(|cache| cache.join("hearthgate")).into_iter().chain([temporary]).collect()
}

fn place(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let path = folder.join(name);
    // Another user's file, or half a one, is not taken for the model.
    if fs::read(&path).is_ok_and(|found| found == bytes) {
        return Ok(path);
    }
    fs::create_dir_all(folder)?;
    let part = folder.join(format!("{name}.{}.part", std::process::id()));
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, &path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_replaced_by_the_model() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = b"model".to_vec();
        let path = place(folder.path(), "m.gguf", &bytes).unwrap();
        fs::write(&path, b"mod").unwrap();
        assert_eq!(place(folder.path(), "m.gguf", &bytes).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
