//! A file that is on its way: its bytes in `NAME.part`, and in `NAME.part.json` which of them are there.
//!
//! Bytes reach the disk before the list that claims them, so that what the list says is there, is. Whatever went wrong
//! in between is found by the digest of the whole.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::HubError;
use super::manifest::replace;

/// A part is not worth a connection of its own below this.
const SPAN_BYTES_MIN: u64 = 1 << 20;
/// The list is written after so many bytes at the latest.
const UNSAVED_BYTES_MAX: u64 = 64 << 20;
/// Its own size at most.
const LIST_BYTES_MAX: u64 = 1 << 16;

/// What tells one file from another of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its size.
    pub bytes: u64,
    /// Its digest, where the hub says.
    pub sha256: Option<String>,
    /// Its etag, where the hub says.
    pub etag: Option<String>,
}

impl Identity {
    /// Whether bytes of the one are bytes of the other.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let digests = self.sha256.as_ref().zip(other.sha256.as_ref());
        let etags = self.etag.as_ref().zip(other.etag.as_ref());
        self.bytes == other.bytes
            && match (digests, etags) {
                (Some((one, two)), _) | (None, Some((one, two))) => one == two,
                (None, None) => false,
            }
    }
}

/// A run of bytes that one connection brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: u64,
    /// One past the last.
    to: u64,
    /// How many of them are there.
    done: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct List {
    identity: Identity,
    spans: Vec<Span>,
}

struct State {
    list: List,
    unsaved_bytes: u64,
}

/// A file on its way. Its list is saved when this is dropped.
pub struct Parts {
    path: PathBuf,
    list_path: PathBuf,
    file: File,
    state: Mutex<State>,
    resumed_bytes: u64,
}

impl Parts {
    /// Takes up what an earlier pull has left, or begins.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn open(target: &Path, identity: &Identity, connections: usize) -> Result<Self, HubError> {
        let (path, list_path) = (with_suffix(target, ".part"), with_suffix(target, ".part.json"));
        let left = read_list(&list_path).filter(|list| {
            let length = fs::metadata(&path).map(|facts| facts.len());
            list.identity.same_as(identity)
                && length.is_ok_and(|length| length == identity.bytes)
                && list.is_sound()
        });
        let list = left.unwrap_or_else(|| List { identity: identity.clone(), spans: Vec::new() });
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(HubError::io(&path))?;
        let resumed_bytes = list.done();
        let parts = Self {
            path,
            list_path,
            file,
            state: Mutex::new(State { list, unsaved_bytes: 0 }),
            resumed_bytes,
        };
        if resumed_bytes == 0 {
            parts.begin(connections)?;
        }
        Ok(parts)
    }

    /// Throws away what is there, and begins with this many connections.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(&self, connections: usize) -> Result<(), HubError> {
        let bytes = self.bytes();
        self.file.set_len(0).and_then(|()| self.file.set_len(bytes)).map_err(HubError::io(&self.path))?;
        let mut state = self.lock();
        state.list.spans = spans(bytes, connections);
        state.unsaved_bytes = 0;
        self.write_list(&state.list)
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lock().list.identity.bytes
    }

    /// Bytes that are there.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.lock().list.done()
    }

    /// Bytes that were there when this was opened.
    #[must_use]
    pub fn resumed(&self) -> u64 {
        self.resumed_bytes
    }

    /// How many spans there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().list.spans.len()
    }

    /// What a span lacks: its first byte, and one past its last; none where it lacks nothing.
    #[must_use]
    pub fn lacking(&self, span: usize) -> Option<(u64, u64)> {
        let span = *self.lock().list.spans.get(span)?;
        let next = span.from + span.done;
        (next < span.to).then_some((next, span.to))
    }

    /// Begins a span anew: its server cannot go on from where it stopped.
    pub fn forget(&self, span: usize) {
        if let Some(span) = self.lock().list.spans.get_mut(span) {
            span.done = 0;
        }
    }

    /// Writes the next bytes of a span, and says how many of them belong to it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&self, span: usize, bytes: &[u8]) -> Result<u64, HubError> {
        let Some((next, to)) = self.lacking(span) else { return Ok(0) };
        let room = usize::try_from(to - next).unwrap_or(usize::MAX);
        let taken = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.file.write_all_at(taken, next).map_err(HubError::io(&self.path))?;
        let count = u64::try_from(taken.len()).unwrap_or(0);
        let mut state = self.lock();
        if let Some(span) = state.list.spans.get_mut(span) {
            span.done += count;
        }
        state.unsaved_bytes += count;
        let due = state.unsaved_bytes >= UNSAVED_BYTES_MAX;
        drop(state);
        if due {
            self.save()?;
        }
        Ok(count)
    }

    /// Brings the bytes to the disk, and then the list.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn save(&self) -> Result<(), HubError> {
        self.file.sync_data().map_err(HubError::io(&self.path))?;
        let mut state = self.lock();
        state.unsaved_bytes = 0;
        self.write_list(&state.list)
    }

    /// Puts the file where it belongs. The list goes first: without it, no bytes are claimed.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn install(path: &Path) -> Result<(), HubError> {
        let (part, list) = (with_suffix(path, ".part"), with_suffix(path, ".part.json"));
        fs::remove_file(&list).map_err(HubError::io(&list))?;
        fs::rename(&part, path).map_err(HubError::io(path))
    }

    /// Throws it away.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn discard(self) -> Result<(), HubError> {
        self.lock().list.spans.clear();
        let (path, list_path) = (self.path.clone(), self.list_path.clone());
        drop(self);
        fs::remove_file(&list_path).map_err(HubError::io(&list_path))?;
        fs::remove_file(&path).map_err(HubError::io(&path))
    }

    /// Bytes that an earlier pull has left for a file of this identity.
    #[must_use]
    pub fn left(target: &Path, identity: &Identity) -> u64 {
        let list = read_list(&with_suffix(target, ".part.json"));
        list.filter(|list| list.identity.same_as(identity)).map_or(0, |list| list.done())
    }

    fn write_list(&self, list: &List) -> Result<(), HubError> {
        replace(&self.list_path, serde_json::to_string(list).unwrap_or_default().as_bytes())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let unsaved = self.lock().unsaved_bytes > 0;
        if unsaved {
            // What could not be saved is brought again.
            let _unsaved = self.save();
        }
    }
}

impl List {
    fn done(&self) -> u64 {
        self.spans.iter().map(|span| span.done).sum()
    }

    /// Whether the spans follow each other over the whole file.
    fn is_sound(&self) -> bool {
        let mut next = 0;
        self.spans.iter().all(|span| {
            let follows = span.from == next && span.from <= span.to && span.done <= span.to - span.from;
            next = span.to;
            follows
        }) && next == self.identity.bytes
    }
}

fn read_list(path: &Path) -> Option<List> {
    let facts = fs::metadata(path).ok()?;
    if facts.len() > LIST_BYTES_MAX {
        return None;
    }
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn spans(bytes: u64, connections: usize) -> Vec<Span> {
    let most = u64::try_from(connections).unwrap_or(1).max(1);
    let count = (bytes / SPAN_BYTES_MIN).clamp(1, most);
    let each = bytes.div_ceil(count).max(1);
    (0..count)
        .map(|index| Span { from: (index * each).min(bytes), to: ((index + 1) * each).min(bytes), done: 0 })
        .collect()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(bytes: u64, etag: &str) -> Identity {
        Identity { bytes, sha256: None, etag: Some(etag.to_owned()) }
    }

    fn open(folder: &Path, identity: &Identity) -> Parts {
        Parts::open(&folder.join("m.gguf"), identity, 4).unwrap()
    }

    #[test]
    fn spans_cover_the_file() {
        for bytes in
            [0, 1, SPAN_BYTES_MIN, 4 * SPAN_BYTES_MIN - 1, 4 * SPAN_BYTES_MIN, 9 * SPAN_BYTES_MIN + 7]
        {
            let list = List { identity: identity(bytes, "e"), spans: spans(bytes, 4) };
            assert!(list.is_sound(), "{bytes}: {list:?}");
            assert!(list.spans.len() <= 4);
        }
        assert_eq!(spans(64 * SPAN_BYTES_MIN, 4).len(), 4);
        assert_eq!(spans(64 * SPAN_BYTES_MIN, 1).len(), 1);
    }

    #[test]
    fn what_was_written_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let whole = identity(2 * SPAN_BYTES_MIN, "e");
        let parts = open(folder.path(), &whole);
        assert_eq!((parts.count(), parts.resumed()), (2, 0));
        assert_eq!(parts.write(1, b"abc").unwrap(), 3);
        drop(parts);
        let again = open(folder.path(), &whole);
        assert_eq!((again.resumed(), again.lacking(0)), (3, Some((0, SPAN_BYTES_MIN))));
        assert_eq!(again.lacking(1), Some((SPAN_BYTES_MIN + 3, 2 * SPAN_BYTES_MIN)));
        assert_eq!(Parts::left(&folder.path().join("m.gguf"), &whole), 3);
    }

    #[test]
    fn another_file_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), &identity(9, "e")).write(0, b"abc").unwrap();
        let digest = |digest: &str| Identity { sha256: Some(digest.to_owned()), ..identity(9, "e") };
        for other in [identity(9, "f"), identity(10, "e"), Identity { etag: None, ..identity(9, "e") }] {
            open(folder.path(), &identity(9, "e")).write(0, b"abc").unwrap();
            assert_eq!(open(folder.path(), &other).resumed(), 0, "{other:?}");
        }
        open(folder.path(), &digest("d")).write(0, b"abc").unwrap();
        assert_eq!(open(folder.path(), &Identity { etag: Some("f".to_owned()), ..digest("d") }).resumed(), 3);
        assert_eq!(open(folder.path(), &digest("other")).resumed(), 0);
    }

    #[test]
    fn a_list_that_claims_what_is_not_there_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let whole = identity(9, "e");
        open(folder.path(), &whole).write(0, b"abc").unwrap();
        let list = folder.path().join("m.gguf.part.json");
        let text = fs::read_to_string(&list).unwrap();
        for wrong in ["{", &text.replace("\"to\":9", "\"to\":8"), &text.replace("\"done\":3", "\"done\":10")]
        {
            fs::write(&list, wrong).unwrap();
            assert_eq!(open(folder.path(), &whole).resumed(), 0, "{wrong}");
            open(folder.path(), &whole).write(0, b"abc").unwrap();
        }
        fs::write(folder.path().join("m.gguf.part"), b"cut").unwrap();
        assert_eq!(open(folder.path(), &whole).resumed(), 0);
    }

    #[test]
    fn no_more_is_written_than_a_span_has() {
        let folder = tempfile::tempdir().unwrap();
        let parts = open(folder.path(), &identity(3, "e"));
        assert_eq!(parts.write(0, b"abcdef").unwrap(), 3);
        assert_eq!((parts.lacking(0), parts.write(0, b"g").unwrap()), (None, 0));
        parts.save().unwrap();
        Parts::install(&folder.path().join("m.gguf")).unwrap();
        assert_eq!(fs::read(folder.path().join("m.gguf")).unwrap(), b"abc");
    }
}
