//! Why a configuration was refused. Configurations are the site's own words, so they may stand in these
//! messages; values that are keys may not.

use std::fmt;
use std::io;
use std::path::PathBuf;

use hearthgate_rules::policy::PolicyError;
use hearthgate_rules::prove::{Proof, ProveError};
use thiserror::Error;

/// Why a configuration was refused. The program exits with 64.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A value, or the lack of one.
    #[error("{place}: {message}")]
    Value {
        /// Where it stands.
        place: Place,
        /// What is wrong, with the mend.
        message: String,
    },
    /// A policy that makes no sense.
    #[error("{policy}: {error}")]
    Policy {
        /// Which policy.
        policy: String,
        /// What is wrong with it.
        error: PolicyError,
    },
    /// A policy that cannot be proved either way.
    #[error("{policy}: {error}")]
    Unprovable {
        /// Which policy.
        policy: String,
        /// Why not.
        error: ProveError,
    },
    /// A policy with a statement that does not hold. The proof has the case that shows it.
    #[error("{policy}: {}; `hearthgate check` shows the case", broken(proof))]
    Unproved {
        /// Which policy.
        policy: String,
        /// What holds and what does not.
        proof: Box<Proof>,
    },
}

fn broken(proof: &Proof) -> String {
    let texts: Vec<_> =
        proof.broken().map(|(statement, _)| format!("does not hold: {}", statement.text)).collect();
    texts.join("; ")
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// Its name; `the default configuration` where there is none.
        file: String,
        /// From 1, where it is known.
        line: Option<usize>,
        /// Such as `upstream[0].zone`; empty for the whole file.
        key: String,
    },
    /// In a variable of the environment.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable `{name}`"),
            Self::File { file, line, key } => {
                write!(f, "{file}")?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                if key.is_empty() { Ok(()) } else { write!(f, ", `{key}`") }
            }
        }
    }
}
