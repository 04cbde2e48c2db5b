//! What is known of a pulled model: a small JSON file beside it, written last, so that it stands for the whole.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::HubError;

/// The name of the file.
pub const NAME: &str = "manifest.json";
/// Its bytes at most: many parts, and no more.
const BYTES_MAX: u64 = 1 << 20;

/// A pulled model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// As in the configuration: `hf:…`.
    pub source: String,
    /// The commit that it was pulled at, or the revision where the hub does not say.
    pub revision: String,
    /// Its licence, where it is known.
    pub licence: Option<String>,
    /// When, in UTC.
    pub pulled_at: String,
    /// Its files, first part first.
    pub files: Vec<ManifestFile>,
}

/// A file of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name in the model's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest, in lower-case hex.
    pub sha256: String,
    /// Who promised that digest.
    pub checked_against: Checked,
}

/// Who promised a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checked {
    /// The catalogue of this program.
    Catalogue,
    /// The hub alone.
    Hub,
    /// Nobody: it is the digest of what came.
    Nothing,
}

impl Manifest {
    /// Bytes in all.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The manifest in a model's folder, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, HubError> {
        let path = folder.join(NAME);
        let facts = match fs::metadata(&path) {
            Ok(facts) => facts,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(HubError::Io { path, error }),
        };
        let odd = |path: &Path| HubError::Io {
            path: path.to_owned(),
            error: std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "it is not a manifest of this program; remove it and pull the model again",
            ),
        };
        if facts.len() > BYTES_MAX {
            return Err(odd(&path));
        }
        let text = fs::read_to_string(&path).map_err(HubError::io(&path))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|_| odd(&path))?;
        let plain = |name: &str| !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
        if manifest.files.is_empty() || !manifest.files.iter().all(|file| plain(&file.name)) {
            return Err(odd(&path));
        }
        Ok(Some(manifest))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&self, folder: &Path) -> Result<(), HubError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        replace(&folder.join(NAME), text.as_bytes())
    }
}

/// Puts a file in place of another, whole or not at all.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let written = || -> std::io::Result<()> {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    written().map_err(HubError::io(path))
}
