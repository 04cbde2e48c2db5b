//! Reads and checks the header of a GGUF file, before llama.cpp sees it.
//!
//! llama.cpp asserts on much of what it reads, and an assertion ends the process. So every number that it
//! trusts is checked here: counts and lengths against the file, tensors against their types, offsets and
//! the file's end, the vocabulary against itself, the shape of the network against its bounds.
//!
//! The format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 2 and 3.

mod facts;
mod read;
mod rules;
mod split;
mod tensor;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

pub use facts::{Facts, TemplateFacts};
use read::Source;
pub(crate) use tensor::TensorType;

/// Key of our own: true where the weights are random, and answers therefore noise.
pub const RANDOM_WEIGHTS: &str = "hearthgate.random_weights";

/// What every GGUF file begins with.
pub(crate) const MAGIC: [u8; 4] = *b"GGUF";

/// Why a file is no sound model. Texts hold names from the file, never contents of a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GgufError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is something else.
    #[error("it is not a GGUF file ({0})")]
    Foreign(&'static str),
    /// Another version of the format.
    #[error("GGUF version {0} is not supported, only 2 and 3")]
    Version(u32),
    /// The file ends before what it promises.
    #[error("it is truncated: {what} needs {need} bytes, the file has {have}")]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// Bytes that the file should have.
        need: u64,
        /// Bytes that it has.
        have: u64,
    },
    /// A number or name that cannot be right.
    #[error("it is corrupt: {0}")]
    Corrupt(String),
    /// A sound file that is no model which can chat.
    #[error("it is not a language model: {0}")]
    Unsuited(String),
}

/// A value of the header. Arrays are kept only where a rule needs them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Array(Array),
}

/// What is kept of an array.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    /// The format's number for the type of its members.
    pub(crate) kind: u32,
    pub(crate) len: u64,
    /// The members, where they are whole numbers.
    pub(crate) numbers: Vec<i64>,
    /// Digests of the members, where they are strings: enough to find twins.
    pub(crate) twins: bool,
}

/// A tensor's entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dims: Vec<u64>,
    pub(crate) kind: TensorType,
}

/// A header that has passed every check.
#[derive(Debug)]
pub struct Header {
    values: HashMap<String, Value>,
    tensors: Vec<Tensor>,
}

impl Header {
    /// A text value.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        match self.values.get(key)? {
            Value::Unsigned(number) => Some(*number),
            Value::Signed(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A yes or no.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.values.get(key)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A number under the architecture's own name.
    pub(crate) fn of_architecture(&self, key: &str) -> Option<u64> {
        self.number(&format!("{}.{key}", self.text("general.architecture").unwrap_or_default()))
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    pub(crate) fn array(&self, key: &str) -> Option<&Array> {
        match self.values.get(key)? {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Whether all matrices are of these types.
    pub(crate) fn weights_are(&self, types: &[TensorType]) -> bool {
        let matrix = |tensor: &&Tensor| tensor.dims.iter().filter(|dim| **dim > 1).count() > 1;
        self.tensors.iter().filter(matrix).all(|tensor| types.contains(&tensor.kind))
    }

    /// Number of weights.
    pub(crate) fn parameters(&self) -> u64 {
        let weights = |tensor: &Tensor| tensor.dims.iter().copied().fold(1, u64::saturating_mul);
        self.tensors.iter().map(weights).fold(0, u64::saturating_add)
    }

    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    pub(crate) fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// Checks a file; of a split model, the first part and all that belong to it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_file(path: &Path) -> Result<Header, GgufError> {
    let mut header = read_file(path)?;
    let files = split::files(path, &header)?;
    for (part, file) in (1..).zip(&files).skip(1) {
        let missing = |error| match error {
            GgufError::Io(error) => {
                GgufError::Unsuited(format!("part {part} of it, `{}`: {error}", file.display()))
            }
            error => error,
        };
        split::join(&mut header, part, read_file(file).map_err(missing)?)?;
    }
    if files.len() > 1 {
        split::check_whole(&header)?;
    }
    rules::check(&header)?;
    Ok(header)
}

/// Every file of a model that has been checked: of a split one, all parts.
///
/// # Errors
/// As [`check_file`], where its name tells no parts.
pub fn files(path: &Path, header: &Header) -> Result<Vec<PathBuf>, GgufError> {
    split::files(path, header)
}

fn read_file(path: &Path) -> Result<Header, GgufError> {
    let file = File::open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(GgufError::Foreign("not a plain file"));
    }
    read(BufReader::with_capacity(1 << 16, file), facts.len())
}

/// Checks a header of a file that has `len` bytes in all.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(input: impl Read, len: u64) -> Result<Header, GgufError> {
    let header = read(input, len)?;
    if header.number("split.count").is_some_and(|parts| parts > 1) {
        return Err(GgufError::Unsuited("it is one part of a split file; name the file itself".to_owned()));
    }
    rules::check(&header)?;
    Ok(header)
}

/// Reads a header, and checks all of it that does not ask for the whole model.
fn read(input: impl Read, len: u64) -> Result<Header, GgufError> {
    let mut source = Source::new(input, len);
    let magic = source.magic()?;
    if magic != MAGIC {
        return Err(GgufError::Foreign(guess(magic)));
    }
    match source.u32("the version")? {
        2 | 3 => {}
        // Written on a machine of the other byte order.
        version if version.swap_bytes() < 4 => {
            return Err(GgufError::Foreign("its byte order is big-endian"));
        }
        version => return Err(GgufError::Version(version)),
    }
    let tensor_count = source.count("tensors", 1 << 16, 24)?;
    let value_count = source.count("metadata keys", 1 << 16, 12)?;
    let mut values = HashMap::new();
    for _ in 0..value_count {
        let key = source.string("a key", 1 << 10)?;
        if key.is_empty() {
            return Err(GgufError::Corrupt("a key is empty".to_owned()));
        }
        let value = source.value(&key)?;
        if let Some(_twin) = values.insert(key.clone(), value) {
            return Err(GgufError::Corrupt(format!("key `{key}` is there twice")));
        }
    }
    let alignment = rules::alignment(&values)?;
    // The first part of a split file may hold the metadata alone.
    let empty = tensor_count == 0 && values.contains_key("split.count");
    let tensors = if empty { Vec::new() } else { tensor::read_all(&mut source, tensor_count, alignment)? };
    Ok(Header { values, tensors })
}

fn guess(magic: [u8; 4]) -> &'static str {
    match &magic {
        b"FUGG" => "its byte order is big-endian",
        [b'P', b'K', ..] => "it looks like a zip archive, perhaps a PyTorch checkpoint",
        [0x89, b'P', b'N', b'G'] => "it looks like an image",
        b"lmgg" | b"fmgg" | b"tjgg" => "it has llama.cpp's older format; convert it",
        [0x1f, 0x8b, ..] => "it looks compressed; unpack it first",
        b"vers" => "it looks like a pointer of Git LFS; fetch the file itself",
        [b'<', ..] => "it looks like a web page; was the download complete?",
        _ => "its first bytes are not `GGUF`",
    }
}
