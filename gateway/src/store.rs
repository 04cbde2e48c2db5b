//! The content of requests, where a site chooses to keep it: sealed for a key that this process does not have.
//!
//! Whoever takes this machine's disks later gets no past content from them: what is written here can be
//! opened with the private key alone, which `hearthgate store keygen` writes to a file of its own and `hearthgate replay`
//! reads. Nothing here may write, log or tell a text; a line of the store holds an id, a time, the name of a key and what is
//! sealed, whose length is the one thing that it tells of the content.
//!
//! Off unless a public key is configured. What is kept is bounded by age and in bytes, and erased by the gateway itself.

mod folder;
mod line;
mod seal;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::label::Label;
use hearthgate_rules::target::Zone;
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::config::Store as Config;
use crate::{clock, log};

pub use folder::LOOK_EVERY;
use folder::{Bounds, Folder};
pub use seal::{PrivateKey, PublicKey};

/// Requests that are sealed and written at a time, beside the event loops.
const WRITING_MAX: usize = 2;

/// How long a request waits for that. A disk that hangs holds up nobody for longer, and no more threads than there is room for.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Why content was not stored, or cannot be had again.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder or a file in it.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is longer than all that may be kept.
    #[error("the content would take {bytes} bytes of the store, and {most} may be kept in all")]
    TooLong {
        /// What it would take.
        bytes: u64,
        /// What may be kept.
        most: u64,
    },
    /// The disk is slow, or does not answer.
    #[error("the disk takes longer than {} seconds", WAIT_MAX.as_secs())]
    Slow,
    /// The system gave no random numbers, or the key is none.
    #[error("the content could not be sealed")]
    Unsealed,
    /// Not the form of a key.
    #[error(
        "not a {what} key of a store: `{prefix}` and 64 hexadecimal digits, as `hearthgate store keygen` writes it"
    )]
    Key {
        /// `public` or `private`.
        what: &'static str,
        /// What it begins with.
        prefix: &'static str,
    },
    /// Nothing of this request is there.
    #[error(
        "the store holds no content of `{id}`: its label or its target was not to be stored, or its time is over"
    )]
    NotThere {
        /// The request's id.
        id: String,
    },
    /// It was sealed for another key than the one at hand.
    #[error("the content was sealed for the key {sealed_for}, and this is {given}")]
    OtherKey {
        /// The name of the one.
        sealed_for: String,
        /// The name of the other.
        given: String,
    },
    /// A crash or a hand has cut it.
    #[error("the stored record is cut short")]
    Torn,
    /// It is not what was written.
    #[error("the stored record cannot be opened: it was changed, or belongs to another request")]
    Changed,
}

/// Where content is kept, and of which requests.
pub struct ContentStore {
    config: Config,
    folder: Arc<Open>,
    /// Whether the last attempt failed: each failure is counted, and the first of a row is told.
    failing: AtomicBool,
}

/// A folder that this process has.
struct Open {
    folder: Mutex<Folder>,
    /// What lies in it, for whoever must not wait for a disk.
    bytes: AtomicU64,
    /// Room to write.
    room: Arc<Semaphore>,
}

impl ContentStore {
    /// Opens the folder that is configured, which is made where it is missing; the one that is open already stays open.
    ///
    /// # Errors
    /// When it cannot be opened, or another process has it.
    pub fn open(config: &Config, before: Option<&Self>) -> io::Result<Self> {
        let known = before.filter(|before| before.config.folder == config.folder);
        let folder = match known {
            Some(before) => Arc::clone(&before.folder),
            None => {
                let folder = Folder::open(&config.folder)?;
                let (bytes, room) = (AtomicU64::new(folder.bytes()), Arc::new(Semaphore::new(WRITING_MAX)));
                Arc::new(Open { folder: Mutex::new(folder), bytes, room })
            }
        };
        Ok(Self { config: config.clone(), folder, failing: AtomicBool::new(false) })
    }

    /// Whether the content of a request with this label is kept when a target of this zone is to answer it.
    #[must_use]
    pub fn takes(&self, label: Label, zone: Zone) -> bool {
        self.config.enabled && label <= self.config.label && zone <= self.config.zone
    }

    /// Seals and writes the content of a request, beside the event loop. When this returns, it is with the operating system.
    ///
    /// # Errors
    /// When it could not be written whole. What was there before is as it was.
    pub async fn keep(self: &Arc<Self>, id: &str, request: &ChatRequest) -> Result<(), StoreError> {
        let (store, id, request) = (Arc::clone(self), id.to_owned(), request.clone());
        let keeping = async {
            let room = Arc::clone(&store.folder.room).acquire_owned().await;
            let writing = tokio::task::spawn_blocking(move || {
                let written = store.write(&id, &request.document().render(&[]), clock::unix_micros());
                drop(room);
                written
            });
            writing.await.unwrap_or(Err(StoreError::Unsealed))
        };
        let kept = tokio::time::timeout(WAIT_MAX, keeping).await.unwrap_or(Err(StoreError::Slow));
        if let Err(error) = &kept
            && !self.failing.swap(true, Ordering::Relaxed)
        {
            log::warn(&format!(
                "content is not stored: {error}; requests are answered all the same, and this is said once until it works again"
            ));
        } else if kept.is_ok() && self.failing.swap(false, Ordering::Relaxed) {
            log::info("content is stored again");
        }
        kept
    }

    fn write(&self, id: &str, content: &[u8], at: u64) -> Result<(), StoreError> {
        let line = line::seal(&self.config.public_key, id, at, content)?;
        self.with_folder(|folder| folder.append(&line, at, &self.bounds()))
    }

    /// Erases what is over its time, or beyond what may be kept.
    pub fn erase(&self) {
        if let Err(error) = self.with_folder(|folder| folder.erase(clock::unix_micros(), &self.bounds())) {
            log::warn(&format!("stored content that is over its time could not be erased: {error}"));
        }
    }

    /// The same, beside the event loop.
    pub fn erase_beside(self: &Arc<Self>) {
        let store = Arc::clone(self);
        tokio::task::spawn_blocking(move || store.erase());
    }

    /// Bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.folder.bytes.load(Ordering::Relaxed)
    }

    fn bounds(&self) -> Bounds {
        Bounds { keep: self.config.keep, bytes: self.config.bytes }
    }

    /// A panic while the lock was held leaves what is in the folder as a crash would, which the next opening expects.
    fn lock(&self) -> MutexGuard<'_, Folder> {
        self.folder.folder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_folder<T>(&self, change: impl FnOnce(&mut Folder) -> T) -> T {
        let mut folder = self.lock();
        let changed = change(&mut folder);
        self.folder.bytes.store(folder.bytes(), Ordering::Relaxed);
        changed
    }
}

/// What was stored of a request.
///
/// # Errors
/// When nothing was, or it cannot be opened with this key.
pub fn read(folder: &Path, id: &str, key: &PrivateKey) -> Result<Vec<u8>, StoreError> {
    let mut found = Err(StoreError::NotThere { id: id.to_owned() });
    for piece in folder::pieces(folder).map_err(|error| about("read", folder, &error))? {
        let lines = match folder::Lines::open(&piece.path) {
            // The gateway has erased it since.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            lines => lines.map_err(|error| about("read", &piece.path, &error))?,
        };
        for line in lines {
            let line = line.map_err(|error| about("read", &piece.path, &error))?;
            if !line::is_of(&line, id) {
                continue;
            }
            found = line::open(&line, key);
            if found.is_ok() {
                return found;
            }
        }
    }
    found
}

fn about(what: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} `{}` of the store: {error}", path.display()))
}

/// The file of a piece, by the time of its first line.
fn piece_path(folder: &Path, begun: u64) -> PathBuf {
    folder.join(format!("{begun:020}.sealed"))
}

#[cfg(test)]
mod tests;
