//! Why a model could not be had. Messages name the thing and the mend; no token is ever in one.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a model could not be had, or is not there.
#[derive(Debug, Error)]
pub enum HubError {
    /// The configuration gives no folder, and neither does the environment.
    #[error("there is no folder for models: `~` needs the variable `HOME`; set it, or `[hub] folder`")]
    NoFolder,
    /// Nothing has been pulled.
    #[error("`{name}` is not pulled; run `hearthgate models pull {name}{flags}`")]
    NotPulled {
        /// What is to be pulled.
        name: String,
        /// The rest of the command.
        flags: String,
    },
    /// It was pulled, but is not as it was.
    #[error("`{}` is damaged: {what}; run `hearthgate models pull {name}{flags}` to have it anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What is to be pulled.
        name: String,
        /// The rest of the command.
        flags: String,
    },
    /// The hub cannot be reached.
    #[error(
        "{why}\nto do without the hub, place\n{place}\nand run the same command again, which checks it and takes it in"
    )]
    Offline {
        /// Why it cannot be reached.
        why: String,
        /// A line for each file: where it comes from, and where it goes.
        place: String,
    },
    /// The hub said no.
    #[error("{0}")]
    Refused(String),
    /// The hub's answers cannot be right.
    #[error("{0}")]
    Untrustworthy(String),
    /// It broke off, and trying again did not help.
    #[error("{why}; {kept_bytes} of {bytes} bytes are kept: run the same command again to go on from there")]
    Broken {
        /// What went wrong at last.
        why: String,
        /// Bytes on disk.
        kept_bytes: u64,
        /// Bytes in all.
        bytes: u64,
    },
    /// The disk is too small.
    #[error(
        "`{}` has {free_bytes} bytes free, and {needed_bytes} are needed ({keep_bytes} of them to stay free, `[hub] keep_free_mb`); make room, or set `[hub] folder` to another disk",
        folder.display()
    )]
    Space {
        /// Where it was to lie.
        folder: PathBuf,
        /// What is free.
        free_bytes: u64,
        /// What is needed, with what is to stay free.
        needed_bytes: u64,
        /// What is to stay free.
        keep_bytes: u64,
    },
    /// What came is not what was promised.
    #[error("`{name}` has the SHA-256 {found}, and {by} says {promised}; it was thrown away: {mend}")]
    Digest {
        /// The file.
        name: String,
        /// Its digest.
        found: String,
        /// What was promised.
        promised: String,
        /// By whom.
        by: &'static str,
        /// What to do.
        mend: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl HubError {
    /// For `map_err`: a fault of this path.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}
