//! Opening a record: the lock, and the end of the chain that is already there.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::LINE_BYTES_MAX;
use super::chain::{Chain, End};
use super::line::{self, GENESIS, Hash};

/// Opens the file, takes its lock, and finds where its chain ends.
pub(super) fn chain(path: &Path) -> io::Result<Chain> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder).map_err(|error| about(path, "make the folder of", &error))?;
    }
    let mut file = private_file(path).map_err(|error| about(path, "open", &error))?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::Error::new(
            io::ErrorKind::WouldBlock,
            format!(
                "decision record `{}` is being written by another process; give each gateway its own file",
                path.display()
            ),
        ),
        TryLockError::Error(error) => about(path, "lock", &error),
    })?;
    let tail = Tail::read(&mut file).map_err(|error| about(path, "read", &error))?;
    let (seq, head) = tail.link(path)?;
    if tail.torn.is_empty() {
        return Ok(Chain::new(file, tail.whole, End { seq, head }));
    }
    set_aside(path, seq + 1, &tail.torn)
        .and_then(|()| file.set_len(tail.whole))
        .map_err(|error| about(path, "mend", &error))?;
    let chain = Chain::new(file, tail.whole, End { seq, head });
    let bytes = u64::try_from(tail.torn.len()).unwrap_or(u64::MAX);
    chain
        .append("torn", |out, _| {
            line::number_field(out, "bytes", bytes);
        })
        .and_then(|_| chain.write())
        .map_err(io::Error::other)?;
    Ok(chain)
}

/// The end of a file: its last whole line, and what stands after it.
struct Tail {
    /// Bytes up to the end of the last whole line.
    whole: u64,
    /// The last whole line, with its newline; empty in an empty file.
    last: Vec<u8>,
    /// What follows it.
    torn: Vec<u8>,
}

impl Tail {
    /// Reads no more than the longest line and the longest torn one.
    fn read(file: &mut File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        let window = u64::try_from(2 * LINE_BYTES_MAX).unwrap_or(u64::MAX).min(len);
        file.seek(SeekFrom::Start(len - window))?;
        let mut bytes = Vec::new();
        file.take(window).read_to_end(&mut bytes)?;
        let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let torn = bytes.split_off(end);
        let before = bytes.split_last().map_or(&[][..], |(_, before)| before);
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let last = bytes.split_off(start);
        let whole = len.saturating_sub(u64::try_from(torn.len()).unwrap_or(u64::MAX));
        Ok(Self { whole, last, torn })
    }

    /// The number and the hash that the next line follows.
    fn link(&self, path: &Path) -> io::Result<(u64, Hash)> {
        if self.last.is_empty() && self.whole == 0 {
            return Ok((0, GENESIS));
        }
        let link = line::read(&self.last).map_err(|why| {
            let message = format!(
                "decision record `{}`: the last line cannot be continued, {why}; see `hearthgate audit \
                 verify`, then move the file away to begin a new chain",
                path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        Ok((link.seq, link.hash))
    }
}

/// Puts what a crash left of the line `seq` into a file of its own.
fn set_aside(path: &Path, seq: u64, torn: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".torn-{seq}"));
    let mut aside = private_file(&PathBuf::from(name))?;
    aside.write_all(torn)?;
    aside.sync_all()
}

/// Opens a file to be read and appended to, which is its owner's alone where it is made.
///
/// # Errors
/// When it cannot be opened.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder, which is its owner's alone, where there is none.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    if fs::metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn about(path: &Path, what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} decision record `{}`: {error}", path.display()))
}
