//! The gateway of the demonstration: this program once more, as a child.

use std::fs::{self, DirBuilder};
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::Value;

use crate::cli::CliError;

/// The longest that it may take to load its model and listen.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running gateway. It ends, and its folder goes, when this is dropped.
pub struct Gateway {
    child: Ended,
    address: SocketAddr,
    folder: Folder,
}

impl Gateway {
    /// Starts a gateway whose cloud is at `cloud`, and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started; what it said is in the message.
    pub fn start(cloud: SocketAddr) -> Result<Self, CliError> {
        let folder = Folder::new()?;
        let file = folder.0.join("hearthgate.toml");
        fs::write(&file, configuration(cloud))?;
        let log = folder.0.join("serve.log");
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--config").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
        // Overrides of the user's own gateway are not for this one.
        let overrides = std::env::vars_os().map(|(name, _)| name);
        for name in overrides.filter(|name| name.to_string_lossy().starts_with("HEARTHGATE_")) {
            command.env_remove(name);
        }
        let mut child = Ended(command.spawn()?);
        let lines = child.0.stdout.take().map(read);
        let line = lines.and_then(|lines| lines.recv_timeout(START_TIMEOUT).ok());
        let Some(address) = line.as_deref().and_then(listening) else {
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(CliError::Failed(format!("the gateway did not start\n{}", said.trim_end())));
        };
        Ok(Self { child, address, folder })
    }

    /// Where it listens for clients.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its decision record.
    pub fn record(&self) -> PathBuf {
        self.folder.0.join("audit.jsonl")
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("pid", &self.child.0.id()).finish_non_exhaustive()
    }
}

fn configuration(cloud: SocketAddr) -> String {
    format!(
        r#"[server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"

[[model]]
name = "starter"
source = "bundled:starter"

[[upstream]]
name = "stand-in"
zone = "cloud"
dialect = "openai"
base_url = "http://{cloud}/v1"
models = ["frontier"]

[[price]]
target = "stand-in/frontier"
input_usd_per_million = 1.25
output_usd_per_million = 10.0

[[price]]
target = "device/starter"
input_usd_per_million = 0.0
output_usd_per_million = 0.0

[audit]
file = "audit.jsonl"
"#
    )
}

/// Where the gateway says that it listens.
fn listening(line: &str) -> Option<SocketAddr> {
    let said: Value = serde_json::from_str(line).ok()?;
    said.get("listen")?.as_str()?.parse().ok()
}

/// Gives the first line that the child says, and reads on, so that the child never waits for a reader.
fn read(output: ChildStdout) -> Receiver<String> {
    let (first, lines) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _only_the_first_is_waited_for = first.try_send(line);
        }
    });
    lines
}

/// A child that ends when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Nobody is served any more, so there is nothing to drain. It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder of our own that goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let name = format!("hearthgate-demo-{}-{}", std::process::id(), crate::clock::unix_micros());
        let path = std::env::temp_dir().join(name);
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Made by us, or an error: a folder that is there already could be somebody else's.
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Self(path) = self;
        let _ = remove(path);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_a_good_one() {
        let folder = Folder::new().unwrap();
        let file = folder.0.join("hearthgate.toml");
        fs::write(&file, configuration(([127, 0, 0, 1], 9).into())).unwrap();
        let config = crate::config::Config::load(Some(&file), &crate::config::Env::default());
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.upstreams.len(), 1);
        assert_eq!(config.audit.file, Some(folder.0.join("audit.jsonl")));
    }

    #[test]
    fn the_line_about_listening_is_read() {
        let line = r#"{"event":"listening","listen":"127.0.0.1:81","admin":"127.0.0.1:82"}"#;
        assert_eq!(listening(line), Some(([127, 0, 0, 1], 81).into()));
        assert_eq!(listening("something else"), None);
    }
}
