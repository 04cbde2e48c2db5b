//! The model that comes with the program: trained from scratch by the scripts in `starter/`, and put where llama.cpp can
//! read it, a file in the cache folder that is checked before it is used.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::EngineError;

/// How the name of its file begins and ends, and how long the digest between them is.
const STEM: &str = "starter-";
const EXTENSION: &str = ".gguf";
const DIGEST_LEN: usize = 16;

/// The file's bytes.
const MODEL: &[u8] = include_bytes!("../starter/hearthgate-starter.gguf");

/// The file of the starter model, written if it is missing or not what it should be.
///
/// It lies in `$XDG_CACHE_HOME/hearthgate`, `~/.cache/hearthgate`, or else in the system's folder for
/// temporary files, under a name that holds its digest. Where it is written, those of other builds go: whoever has one
/// loaded has read it whole.
///
/// # Errors
/// [`EngineError::ModelUnreadable`] where no folder can be written.
pub fn materialise() -> Result<PathBuf, EngineError> {
    let digest = format!("{:x}", Sha256::digest(MODEL));
    let name = format!("{STEM}{}{EXTENSION}", digest.get(..DIGEST_LEN).unwrap_or(&digest));
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
    remove_others(folder, name);
    Ok(path)
}

/// Removes the starters of other builds. One that cannot be removed stays: it only takes room.
fn remove_others(folder: &Path, own: &str) {
    let is_starter = |name: &str| {
        let digest = name.strip_prefix(STEM).and_then(|rest| rest.strip_suffix(EXTENSION));
        digest.is_some_and(|digest| {
            digest.len() == DIGEST_LEN && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name != own && is_starter(name)) {
            let _stays = fs::remove_file(entry.path());
        }
    }
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

    #[test]
    fn the_starters_of_other_builds_go_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (own, old) = ("starter-0123456789abcdef.gguf", "starter-fedcba9876543210.gguf");
        let others = ["starter-mine.gguf", "starter-fedcba9876543210.gguf.7.part", "target"];
        for name in others.into_iter().chain([old]) {
            fs::write(folder.path().join(name), b"other").unwrap();
        }
        let path = place(folder.path(), own, b"model").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"model");
        assert!(!folder.path().join(old).exists());
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
        // What is there already is used as it is, and nothing is swept.
        fs::write(folder.path().join(old), b"other").unwrap();
        place(folder.path(), own, b"model").unwrap();
        assert!(folder.path().join(old).exists());
    }
}
