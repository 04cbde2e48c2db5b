//! `hearthgate store`: the key that stored content is sealed for.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::{CliError, Ended};
use crate::log;
use crate::store::PrivateKey;

#[derive(Subcommand)]
pub(super) enum Arguments {
    /// Make the key for stored content: the private half into a file, the public one for the configuration.
    ///
    /// The gateway needs the public half alone, and can read nothing that it has stored. Keep the file on another machine, where
    /// requests are replayed; without it what is stored is lost. A file that is there is not written over.
    #[command(after_help = "Examples:
  hearthgate store keygen store.key                prints the line for [store]
  hearthgate replay req-3f2a6c1d9b8e70450000001c --store-key store.key")]
    Keygen {
        /// Where the private half goes; only its owner may read it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Makes a key.
pub(super) fn run(arguments: &Arguments) -> Ended {
    let Arguments::Keygen { file } = arguments;
    let key = PrivateKey::generate()
        .map_err(|_| CliError::Failed("the system gives no random numbers".to_owned()))?;
    let public = key.public();
    write(file, &key).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            CliError::Failed(format!("`{}` is there already; a key is not written over", file.display()))
        }
        _ => CliError::Failed(format!("cannot write `{}`: {error}", file.display())),
    })?;
    writeln!(io::stdout(), "public_key = \"{public}\"")?;
    log::info(&format!(
        "the line belongs under `[store]`; `{}` opens what is stored for it, so keep it away from the gateway's machine",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, key: &PrivateKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(
        file,
        "# The private key of a Hearthgate store; what it opens was sealed for\n# {}",
        key.public()
    )?;
    writeln!(file, "{}", key.written().expose_secret())?;
    file.sync_all()
}
