//! The corpus: one JSON object per line, one file per language, `private/` and `clean/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use crate::stored::Half;
use crate::stored::{conceal, reveal};

/// One of the two sides of the corpus.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// Requests that must not reach a cloud.
    Private,
    /// Requests that may.
    Clean,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Private, Self::Clean];

    fn folder(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Clean => "clean",
        }
    }
}

/// One request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Which side it is of.
    pub side: Side,
    /// Its name, unique in the corpus.
    pub id: String,
    /// The two letters of its language.
    pub language: String,
    /// The kind of what is private, or the category of what is clean.
    pub group: String,
    /// What the user sends.
    pub text: String,
    /// The stretches of the text that must not leave; none in a clean one.
    pub private: Vec<String>,
    /// Whether its misses may be read.
    pub half: Half,
}

/// Every request, and a digest of the files.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Private ones first, by language and in the order of their files.
    pub entries: Vec<Entry>,
    /// SHA-256 of the files' bytes, in hexadecimal.
    pub digest: String,
}

/// A line of a file of `private/`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivateLine {
    id: String,
    kind: String,
    text: String,
    private: Vec<String>,
}

/// A line of a file of `clean/`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CleanLine {
    id: String,
    category: String,
    text: String,
}

impl Corpus {
    /// Where the corpus lies in the repository.
    #[must_use]
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
    }

    /// Reads every file of a folder.
    ///
    /// # Errors
    /// When a file cannot be read, or a line of it is not what it should be: the file and line are named.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut entries = Vec::new();
        let mut digest = Sha256::new();
        for side in Side::ALL {
            for file in files(&folder.join(side.folder()))? {
                let text = fs::read_to_string(&file)?;
                digest.update(text.as_bytes());
                entries.extend(read(side, &file, &text)?);
            }
        }
        Ok(Self { entries, digest: hex(&digest.finalize()) })
    }

    /// The entries of one side.
    pub fn side(&self, side: Side) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.side == side)
    }
}

/// Copies a corpus that was written elsewhere, with its secrets concealed, and says how many lines it had.
///
/// # Errors
/// As [`Corpus::load`], and when a file cannot be written.
pub fn import(from: &Path, to: &Path) -> io::Result<usize> {
    let corpus = Corpus::load(from)?;
    for side in Side::ALL {
        let folder = to.join(side.folder());
        fs::create_dir_all(&folder)?;
        let mut languages: Vec<&str> = corpus.side(side).map(|entry| entry.language.as_str()).collect();
        languages.dedup();
        for language in languages {
            let of_language = corpus.side(side).filter(|entry| entry.language == language);
            let lines = of_language.map(stored_line).collect::<Result<String, _>>()?;
            fs::write(folder.join(format!("{language}.jsonl")), lines)?;
        }
    }
    Ok(corpus.entries.len())
}

/// An entry as a line of its file.
///
/// # Errors
/// None that is known: the types can be written.
pub fn stored_line(entry: &Entry) -> Result<String, serde_json::Error> {
    let secret = entry.group == "secret";
    let hide = |text: &String| conceal(text, secret);
    let (id, group, text) = (entry.id.clone(), entry.group.clone(), hide(&entry.text));
    let line = match entry.side {
        Side::Private => {
            let private = entry.private.iter().map(hide).collect();
            serde_json::to_string(&PrivateLine { id, kind: group, text, private })?
        }
        Side::Clean => serde_json::to_string(&CleanLine { id, category: group, text })?,
    };
    Ok(line + "\n")
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(side: Side, file: &Path, text: &str) -> io::Result<Vec<Entry>> {
    let language = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let lines = text.lines().enumerate();
    let entries = lines.map(|(at, line)| {
        entry(side, language, line)
            .map_err(|error| io::Error::other(format!("{} line {}: {error}", file.display(), at + 1)))
    });
    entries.collect()
}

fn entry(side: Side, language: &str, line: &str) -> Result<Entry, serde_json::Error> {
    let (id, group, text, private) = match side {
        Side::Private => {
            let line: PrivateLine = serde_json::from_str(line)?;
            (line.id, line.kind, line.text, line.private)
        }
        Side::Clean => {
            let line: CleanLine = serde_json::from_str(line)?;
            (line.id, line.category, line.text, Vec::new())
        }
    };
    Ok(Entry {
        side,
        half: Half::of(&id),
        id,
        language: language.to_owned(),
        group,
        text: reveal(&text),
        private: private.iter().map(|part| reveal(part)).collect(),
    })
}
