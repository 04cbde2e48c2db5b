//! The folder of models: a folder for each source, found again by its name alone.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::manifest;
use super::progress::Progress;
use super::{HubError, HubSource, Manifest};
use crate::config;

/// Folders below that of the models: owner, repository, folders of the repository, the file.
const DEPTH_MAX: usize = 12;
/// Between two looks at a lock.
const LOCK_EVERY: Duration = Duration::from_millis(200);
/// Where locks are; they stay, so that nobody waits for one that is gone.
const LOCKS: &str = ".locks";

/// The folder of models.
pub struct Store {
    folder: PathBuf,
    flags: String,
}

/// Where a pulled model lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Its file; of a split one, the first part.
    pub path: PathBuf,
    /// Its digest; of a split one, those of all parts in their order.
    pub sha256: Vec<String>,
}

impl Store {
    /// The folder that is configured. Nothing is made.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(hub: &config::Hub) -> Result<Self, HubError> {
        let folder = hub.folder.clone().ok_or(HubError::NoFolder)?;
        Ok(Self { folder, flags: hub.flags.clone() })
    }

    /// A folder of which nothing is configured.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, flags: String::new() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one source.
    #[must_use]
    pub fn place(&self, source: &HubSource) -> PathBuf {
        self.folder.join(source.folder())
    }

    /// What was pulled of a source.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn manifest(&self, source: &HubSource) -> Result<Option<Manifest>, HubError> {
        Manifest::read(&self.place(source))
    }

    /// What was pulled of a source, for whoever cannot do without.
    ///
    /// # Errors
    /// When nothing was, with the command that pulls it.
    pub fn pulled(&self, source: &HubSource) -> Result<Manifest, HubError> {
        let nothing = || HubError::NotPulled { name: source.to_string(), flags: self.flags.clone() };
        self.manifest(source)?.ok_or_else(nothing)
    }

    /// The file of a source, for whoever loads it. Its sizes are compared, its digests are not.
    ///
    /// # Errors
    /// When it is not pulled, or is not as it was.
    pub fn resolve(&self, source: &HubSource) -> Result<Resolved, HubError> {
        let manifest = self.pulled(source)?;
        let place = self.place(source);
        for file in &manifest.files {
            let path = place.join(&file.name);
            match fs::metadata(&path).map(|facts| facts.len()) {
                Ok(bytes) if bytes == file.bytes => {}
                Ok(bytes) => {
                    let what = format!("it has {bytes} bytes and had {}", file.bytes);
                    return Err(self.damaged(source, path, what));
                }
                Err(error) => return Err(self.damaged(source, path, error.to_string())),
            }
        }
        let first = manifest.files.first().map(|file| file.name.clone()).unwrap_or_default();
        let sha256 = manifest.files.into_iter().map(|file| file.sha256).collect();
        Ok(Resolved { path: place.join(first), sha256 })
    }

    /// An error about a file that is not as it was.
    #[must_use]
    pub fn damaged(&self, source: &HubSource, path: PathBuf, what: String) -> HubError {
        HubError::Damaged { path, what, name: source.to_string(), flags: self.flags.clone() }
    }

    /// Everything that was pulled, by source.
    #[must_use]
    pub fn all(&self) -> Vec<(HubSource, Manifest)> {
        let mut found = Vec::new();
        self.walk(&self.folder, DEPTH_MAX, &mut found);
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found
    }

    fn walk(&self, folder: &Path, depth: usize, found: &mut Vec<(HubSource, Manifest)>) {
        if let Ok(Some(manifest)) = Manifest::read(folder)
            && let Ok(source) = manifest.source.parse::<HubSource>()
            && self.place(&source) == folder
        {
            found.push((source, manifest));
            return;
        }
        let Some(deeper) = depth.checked_sub(1) else { return };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // Links are not followed: a folder of models is a tree.
            if !hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.walk(&entry.path(), deeper, found);
            }
        }
    }

    /// Waits until nobody else pulls or removes this source.
    ///
    /// # Errors
    /// Those of the disk.
    pub async fn lock(&self, source: &HubSource, progress: &dyn Progress) -> Result<File, HubError> {
        let mut waiting = false;
        loop {
            if let Some(lock) = self.try_lock(source)? {
                return Ok(lock);
            }
            if !waiting {
                progress.note(&format!("`{source}` is being pulled by another process; waiting for it"));
                waiting = true;
            }
            tokio::time::sleep(LOCK_EVERY).await;
        }
    }

    /// Takes the lock of a source, unless another process has it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn try_lock(&self, source: &HubSource) -> Result<Option<File>, HubError> {
        let folder = self.folder.join(LOCKS);
        fs::create_dir_all(&folder).map_err(HubError::io(&folder))?;
        let name = source.folder().to_string_lossy().replace('/', "--");
        let path = folder.join(format!("{name}.lock"));
        let file = File::create(&path).map_err(HubError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(HubError::Io { path, error }),
        }
    }

    /// Removes what was pulled of a source, and what was begun; gives the bytes of it. The caller has its lock.
    ///
    /// # Errors
    /// When there is nothing, and those of the disk.
    pub fn remove(&self, source: &HubSource) -> Result<u64, HubError> {
        let place = self.place(source);
        let entries = match fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(HubError::NotPulled { name: source.to_string(), flags: self.flags.clone() });
            }
            Err(error) => return Err(HubError::Io { path: place, error }),
        };
        let bytes =
            entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|facts| facts.len()).sum();
        // The manifest first: without it, half a model counts as none.
        let named = place.join(manifest::NAME);
        match fs::remove_file(&named) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(HubError::Io { path: named, error });
            }
            _ => {}
        }
        fs::remove_dir_all(&place).map_err(HubError::io(&place))?;
        // Folders that are empty now go too; one that is not stays.
        let above = place.ancestors().skip(1).take_while(|above| *above != self.folder);
        for folder in above {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(bytes)
    }
}
