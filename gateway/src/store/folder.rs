//! The folder of a store: pieces that are written at their end and erased whole, the oldest first.
//!
//! A piece is named by the time of its first line and takes lines for an hour at most, so what it holds is erased at most an
//! hour before its time, and not after it while a gateway with this section runs and the file lets itself be removed.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{StoreError, about, piece_path};
use crate::audit::{private_file, private_folder};

/// How long a piece takes lines.
const PIECE_SPAN: Duration = Duration::from_secs(60 * 60);

/// The store is erased by pieces of this share, so that no more than it is lost for want of room.
const PIECES: u64 = 16;

/// How often a gateway looks for what is over its time; as much earlier than that it is erased.
pub const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Lines are sealed beside each other, and may come this much out of their order.
const DISORDER: Duration = Duration::from_secs(1);

/// The longest line that is read back: the content of the longest body that can be configured, in base64.
const LINE_BYTES_MAX: u64 = 3 << 29;

const LOCK: &str = "lock";

/// How much is kept, and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// From a line's time to its end.
    pub keep: Duration,
    /// Of all pieces together.
    pub bytes: u64,
}

/// A file of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub path: PathBuf,
    /// The time of its first line, in microseconds since the Unix epoch.
    begun: u64,
    bytes: u64,
}

/// The folder while it is written.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The oldest first.
    pieces: VecDeque<Piece>,
    /// The last of them, while it takes lines.
    open: Option<File>,
    /// Held as long as the folder is.
    _lock: File,
}

impl Folder {
    /// Takes a folder, which is made where it is missing. What lies in it is gone on with.
    pub fn open(path: &Path) -> io::Result<Self> {
        private_folder(path).map_err(|error| about("make the folder", path, &error))?;
        let lock = private_file(&path.join(LOCK)).map_err(|error| about("open the lock in", path, &error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::WouldBlock,
                format!(
                    "the store `{}` is being written by another process; give each gateway its own",
                    path.display()
                ),
            ),
            TryLockError::Error(error) => about("lock", path, &error),
        })?;
        let pieces = pieces(path).map_err(|error| about("read", path, &error))?;
        Ok(Self { path: path.to_owned(), pieces: pieces.into(), open: None, _lock: lock })
    }

    /// Writes a line, once there is room for it.
    pub fn append(&mut self, line: &[u8], at: u64, bounds: &Bounds) -> Result<(), StoreError> {
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if bytes > bounds.bytes {
            return Err(StoreError::TooLong { bytes, most: bounds.bytes });
        }
        let room = bounds.bytes - bytes;
        let erased = self.erase_to(at, bounds, room);
        if self.bytes() > room {
            erased?;
        }
        self.close_if_full(at, bytes, bounds);
        let file = match &mut self.open {
            Some(file) => file,
            None => {
                let (piece, file) = begin(&self.path, at)?;
                self.pieces.push_back(piece);
                self.open.insert(file)
            }
        };
        let Some(piece) = self.pieces.back_mut() else { return Err(StoreError::Torn) };
        if let Err(error) = file.write_all(line) {
            // Part of a line may be there, as on a full disk. Where it cannot be taken back, nothing follows it.
            if file.set_len(piece.bytes).is_err() {
                self.open = None;
            }
            return Err(about("write", &piece.path, &error).into());
        }
        piece.bytes = piece.bytes.saturating_add(bytes);
        Ok(())
    }

    /// Erases what is over its time, or beyond what may be kept.
    pub fn erase(&mut self, now: u64, bounds: &Bounds) -> Result<(), StoreError> {
        self.erase_to(now, bounds, bounds.bytes)
    }

    fn erase_to(&mut self, now: u64, bounds: &Bounds, bytes_max: u64) -> Result<(), StoreError> {
        let keep = micros(bounds.keep.saturating_sub(LOOK_EVERY + DISORDER));
        // Not the first alone: a clock that was set has pieces begin in another order than they were made in.
        let over = |piece: &Piece| piece.begun.saturating_add(keep) <= now;
        let old = self.remove_while(|folder, index| folder.pieces.get(index).map(over));
        let most = self.remove_while(|folder, _| (folder.bytes() > bytes_max).then_some(true));
        old.and(most)
    }

    /// Removes each piece of which `wanted` says so, until it says nothing; one that cannot be removed is left.
    fn remove_while(&mut self, wanted: impl Fn(&Self, usize) -> Option<bool>) -> Result<(), StoreError> {
        let (mut index, mut told) = (0, Ok(()));
        while index < self.pieces.len()
            && let Some(wanted) = wanted(self, index)
        {
            let removed = if wanted { Some(self.remove(index)) } else { None };
            match removed {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    told = told.and(Err(error));
                    index += 1;
                }
                None => index += 1,
            }
        }
        told
    }

    fn remove(&mut self, index: usize) -> Result<(), StoreError> {
        let Some(piece) = self.pieces.get(index) else { return Ok(()) };
        match fs::remove_file(&piece.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(about("erase", &piece.path, &error).into());
            }
            _ => {}
        }
        self.pieces.remove(index);
        if index == self.pieces.len() {
            self.open = None;
        }
        Ok(())
    }

    /// Bytes of all pieces.
    pub fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).fold(0, u64::saturating_add)
    }

    fn close_if_full(&mut self, at: u64, bytes: u64, bounds: &Bounds) {
        // Somebody has removed it by hand: what went on into it would be nowhere.
        if self.open.as_ref().is_some_and(is_gone) {
            self.pieces.pop_back();
            self.open = None;
        }
        let full = self.pieces.back().is_none_or(|piece| {
            let old = piece.begun.saturating_add(micros(PIECE_SPAN)) <= at;
            // A clock that was set back would have a line outlive its time.
            let ahead = piece.begun > at.saturating_add(micros(DISORDER));
            old || ahead || piece.bytes.saturating_add(bytes) > bounds.bytes / PIECES
        });
        if full {
            self.open = None;
        }
    }
}

/// The pieces in a folder, the oldest first.
pub(super) fn pieces(folder: &Path) -> io::Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let begun = name.to_str().and_then(|name| name.strip_suffix(".sealed")?.parse().ok());
        if let Some(begun) = begun
            && entry.file_type()?.is_file()
        {
            pieces.push(Piece { path: entry.path(), begun, bytes: entry.metadata()?.len() });
        }
    }
    pieces.sort_by_key(|piece| piece.begun);
    Ok(pieces)
}

/// A piece of its own name: two lines may come in the same microsecond.
fn begin(folder: &Path, at: u64) -> io::Result<(Piece, File)> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut begun = at;
    loop {
        let path = piece_path(folder, begun);
        match options.open(&path) {
            Ok(file) => return Ok((Piece { path, begun, bytes: 0 }, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => begun = begun.saturating_add(1),
            Err(error) => return Err(about("begin", &path, &error)),
        }
    }
}

/// The lines of a piece, each with its newline; the last may have none.
pub(super) struct Lines(BufReader<File>);

impl Lines {
    pub fn open(piece: &Path) -> io::Result<Self> {
        Ok(Self(BufReader::new(File::open(piece)?)))
    }
}

impl Iterator for Lines {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        match self.0.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(unix)]
fn is_gone(file: &File) -> bool {
    file.metadata().is_ok_and(|file| std::os::unix::fs::MetadataExt::nlink(&file) == 0)
}

#[cfg(not(unix))]
fn is_gone(_: &File) -> bool {
    false
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
