//! Walking a chain from its first line to its last.

use std::io::{self, BufRead, Read as _};

use super::LINE_BYTES_MAX;
use super::line::{self, GENESIS};

/// A chain without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// When the first and the last were written, in microseconds since the Unix epoch; none in an empty one.
    pub span: Option<(u64, u64)>,
    /// The hash of the last line: note it elsewhere, and a cut end shows against it.
    pub head: String,
}

/// Where a chain breaks, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

/// Walks a chain; the inner error is its first break.
///
/// # Errors
/// When it cannot be read.
pub fn verify(mut file: impl BufRead) -> io::Result<Result<Verified, Broken>> {
    let mut expected = GENESIS;
    let mut verified = Verified { records: 0, span: None, head: line::as_text(&GENESIS).to_owned() };
    let mut bytes = Vec::new();
    while next_line(&mut file, &mut bytes)? {
        let number = verified.records + 1;
        let broken = |why: String| Ok(Err(Broken { line: number, why }));
        if bytes.last() != Some(&b'\n') {
            return broken("it is torn: a crash cut it, or a gateway is writing it just now".to_owned());
        }
        let link = match line::read(&bytes) {
            Ok(link) => link,
            Err(why) => return broken(why.to_owned()),
        };
        if link.seq != number {
            return broken(format!("it is record {} and should be record {number}", link.seq));
        }
        if link.prev != expected {
            return broken("it does not follow the line before it".to_owned());
        }
        expected = link.hash;
        verified.records = number;
        verified.span = Some((verified.span.map_or(link.at, |(first, _)| first), link.at));
    }
    line::as_text(&expected).clone_into(&mut verified.head);
    Ok(Ok(verified))
}

/// Reads one line with its newline, and no more than the longest; false at the end.
pub(super) fn next_line(file: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let limit = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
    Ok(file.by_ref().take(limit).read_until(b'\n', bytes)? > 0)
}
