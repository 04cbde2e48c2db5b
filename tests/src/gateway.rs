//! The gateway as a user runs it: the real binary as a process, with a configuration in a folder of its own.
//!
//! Everything that it prints or writes there is kept, so that a test can look for what must not be in it.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use memchr::memmem;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::client::Client;

/// The binary under test: `HEARTHGATE_BIN`, else `hearthgate` in the profile folder of the test's executable.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("HEARTHGATE_BIN") {
        return PathBuf::from(path);
    }
    let test = std::env::current_exe().unwrap();
    // target/PROFILE/deps/e2e-… for a test, target/PROFILE/bench for a binary.
    let folder = test.parent().unwrap();
    let profile = if folder.ends_with("deps") { folder.parent().unwrap() } else { folder };
    profile.join("hearthgate")
}

/// What a gateway is started with.
#[derive(Debug)]
pub struct Setup {
    folder: TempDir,
    given: Vec<PathBuf>,
    program: Vec<OsString>,
    environment: Vec<(String, String)>,
    without_file: bool,
    typed: Option<String>,
}

impl Setup {
    /// With this `hearthgate.toml`. It should bind port 0; the policy beside it is `policy.toml`.
    #[must_use]
    pub fn new(config: &str) -> Self {
        let setup = Self {
            folder: TempDir::new().unwrap(),
            given: Vec::new(),
            program: vec![binary().into()],
            environment: Vec::new(),
            without_file: false,
            typed: None,
        };
        setup.file("hearthgate.toml", config)
    }

    /// With this `policy.toml`.
    #[must_use]
    pub fn policy(self, policy: &str) -> Self {
        self.file("policy.toml", policy)
    }

    /// With a further file in the gateway's folder.
    #[must_use]
    pub fn file(mut self, name: &str, content: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        self.given.push(path);
        self
    }

    /// With an environment variable; none are inherited but `PATH`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this program in the gateway's place; the gateway's arguments follow its own.
    #[must_use]
    pub fn program(mut self, program: &[&str]) -> Self {
        self.program = program.iter().map(OsString::from).collect();
        self
    }

    /// Serving the default configuration, but for the addresses: on ports of the system's choice.
    #[must_use]
    pub fn without_file(mut self) -> Self {
        self.without_file = true;
        self.env("HEARTHGATE_SERVER__LISTEN", "127.0.0.1:0")
            .env("HEARTHGATE_SERVER__ADMIN_LISTEN", "127.0.0.1:0")
    }

    /// At a terminal, where this has been typed: its standard input and standard error are one.
    #[must_use]
    pub fn terminal(mut self, typed: &str) -> Self {
        self.typed = Some(typed.to_owned());
        self
    }

    /// Runs `serve` and waits until it listens.
    ///
    /// # Panics
    /// When it exits instead; what it said is in the message.
    pub async fn start(self) -> Gateway {
        match self.try_start().await {
            Ok(gateway) => gateway,
            Err(refusal) => panic!("gateway did not start: {refusal:?}"),
        }
    }

    /// Runs `serve`, and gives what it said where it refuses to start.
    ///
    /// # Errors
    /// When the process ends before it listens.
    pub async fn try_start(self) -> Result<Gateway, Finished> {
        let arguments = ["serve", "--config", "hearthgate.toml"];
        let (child, output) = self.spawn(if self.without_file { &arguments[..1] } else { &arguments });
        let mut gateway = Gateway {
            child,
            output,
            listen: None,
            admin: None,
            given: self.given.into(),
            folder: self.folder,
        };
        let found =
            crate::bounded("the gateway to listen", gateway.output.find("\"event\":\"listening\"")).await;
        let Some(line) = found else { return Err(gateway.finished().await) };
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
        gateway.listen = said["listen"].as_str().and_then(|text| text.parse().ok());
        gateway.admin = said["admin"].as_str().and_then(|text| text.parse().ok());
        Ok(gateway)
    }

    /// Runs any command of the binary in this folder to its end, with `input` as standard input.
    pub async fn command(&self, arguments: &[&str], input: &[u8]) -> Finished {
        let (mut child, output) = self.spawn(arguments);
        let mut stdin = child.stdin.take().unwrap();
        let feed = async move {
            use tokio::io::AsyncWriteExt as _;
            // A command that reads no input closes the pipe early; that is its right.
            let _ = stdin.write_all(input).await;
        };
        let (status, ()) = crate::bounded("a command", async { tokio::join!(child.wait(), feed) }).await;
        crate::bounded("a command's output", output.closed()).await;
        output.finished(status.unwrap())
    }

    /// Starts any command of the binary in this folder.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Running {
        let (child, output) = self.spawn(arguments);
        Running { child, output }
    }

    /// The gateway's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn spawn(&self, arguments: &[&str]) -> (Child, Output) {
        let (program, first) = self.program.split_first().unwrap();
        let terminal = self.typed.as_deref().map(Terminal::open);
        let end = || terminal.as_ref().map_or_else(Stdio::piped, Terminal::end);
        let mut child = Command::new(program)
            .args(first)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(end())
            .stdout(Stdio::piped())
            .stderr(end())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| {
                panic!("cannot run {} ({e}): build the gateway or set HEARTHGATE_BIN", program.display())
            });
        let output = Output::default();
        output.gather(child.stdout.take().unwrap(), |said| &mut said.stdout);
        match terminal {
            Some(terminal) => output.gather(terminal.screen(), |said| &mut said.stderr),
            None => output.gather(child.stderr.take().unwrap(), |said| &mut said.stderr),
        }
        (child, output)
    }
}

/// A terminal without a person at it.
struct Terminal {
    near: fs::File,
    far: fs::File,
}

impl Terminal {
    /// A new one, at which this has been typed.
    fn open(typed: &str) -> Self {
        let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&near).unwrap();
        unlockpt(&near).unwrap();
        let name = ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
        let far = fs::OpenOptions::new().read(true).write(true).open(name).unwrap();
        let mut near = fs::File::from(near);
        near.write_all(typed.as_bytes()).unwrap();
        Self { near, far }
    }

    /// The end that a process has.
    fn end(&self) -> Stdio {
        self.far.try_clone().unwrap().into()
    }

    /// What processes write on it. Ends with the last of them.
    fn screen(self) -> pipe::Receiver {
        // No pipe, but read like one: a thread that waited for it would be waited for in its turn.
        pipe::Receiver::from_file_unchecked(self.near).unwrap()
    }
}

/// A command under way; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    output: Output,
}

impl Running {
    /// Presses Ctrl-C.
    ///
    /// # Panics
    /// When it has ended.
    pub fn interrupt(&self) {
        let id = self.child.id().expect("the command runs");
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::INT).unwrap();
    }

    /// Waits until it has printed a line with `text`, and gives that.
    ///
    /// # Panics
    /// When it ends without.
    pub async fn said(&self, text: &str) -> String {
        let found = crate::bounded(text, self.output.find(text)).await;
        found.unwrap_or_else(|| panic!("the command ended without saying {text:?}"))
    }

    /// Waits for its end.
    pub async fn finished(mut self) -> Finished {
        let status = crate::bounded("a command", self.child.wait()).await.unwrap();
        crate::bounded("a command's output", self.output.closed()).await;
        self.output.finished(status)
    }
}

/// A process that has ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
}

/// A running gateway; killed when dropped.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    output: Output,
    listen: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    given: Mutex<Vec<PathBuf>>,
    folder: TempDir,
}

impl Gateway {
    /// Where clients are served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listen.expect("the gateway said where it listens")
    }

    /// Where metrics and the like are served.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.expect("the gateway said where its admin port is")
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// A client of its admin port.
    #[must_use]
    pub fn admin(&self) -> Client {
        Client::new(self.admin_address())
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it has ended and been waited for.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the gateway runs")
    }

    /// Its folder: configuration, policy, and whatever it writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in its folder, then asks it to reload; see [`Gateway::said`] to wait for that.
    pub fn reload(&self, name: &str, content: &str) {
        let path = self.folder.path().join(name);
        // Whole at once: a reload that runs already may read it now.
        let written = self.folder.path().join("written");
        fs::write(&written, content).unwrap();
        fs::rename(written, &path).unwrap();
        self.given.lock().unwrap().push(path);
        self.sighup();
    }

    /// Asks it to reload.
    pub fn sighup(&self) {
        self.signal(Signal::HUP);
    }

    /// Asks it to drain and end.
    pub fn sigterm(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub async fn exit(&mut self) -> ExitStatus {
        crate::bounded("the gateway's exit", self.child.wait()).await.unwrap()
    }

    /// Waits for its end and gives all that it printed.
    pub async fn finished(mut self) -> Finished {
        let status = self.exit().await;
        crate::bounded("the gateway's output", self.output.closed()).await;
        self.output.finished(status)
    }

    /// Waits until it has printed a line with `text`, on either stream, and gives the first such line.
    ///
    /// # Panics
    /// When it ends without.
    pub async fn said(&self, text: &str) -> String {
        let found = crate::bounded(text, self.output.find(text)).await;
        found.unwrap_or_else(|| panic!("the gateway ended without saying {text:?}"))
    }

    /// What it has printed on standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().stderr).into_owned()
    }

    /// What it has printed on standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().stdout).into_owned()
    }

    /// Whether `needle` is in what it has printed, or in any file of its folder but the ones it was given.
    #[must_use]
    pub fn leaks(&self, needle: &[u8]) -> bool {
        let finder = memmem::Finder::new(needle);
        self.traces().iter().any(|trace| finder.find(trace).is_some())
    }

    /// What it has printed, and every file of its folder but the ones it was given.
    #[must_use]
    pub fn traces(&self) -> Vec<Vec<u8>> {
        let printed = {
            let said = self.output.lock();
            [said.stdout.clone(), said.stderr.clone()]
        };
        let given = self.given.lock().unwrap().clone();
        let written = files(self.folder.path()).into_iter().filter(|file| !given.contains(file));
        printed.into_iter().chain(written.map(|file| fs::read(file).unwrap_or_default())).collect()
    }
}

/// The files under `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[derive(Debug, Default)]
struct Said {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    closed: usize,
}

/// Both streams of a process, gathered as they come.
#[derive(Clone, Debug, Default)]
struct Output {
    said: Arc<Mutex<Said>>,
    changed: watch::Sender<()>,
}

impl Output {
    fn lock(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap()
    }

    fn gather(&self, mut from: impl AsyncRead + Unpin + Send + 'static, into: fn(&mut Said) -> &mut Vec<u8>) {
        let output = self.clone();
        tokio::spawn(async move {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = from.read(&mut bytes).await {
                into(&mut output.lock()).extend_from_slice(&bytes[..count]);
                output.changed.send_replace(());
            }
            output.lock().closed += 1;
            output.changed.send_replace(());
        });
    }

    /// The first whole line with `text`, once there is one; nothing when both streams end without.
    async fn find(&self, text: &str) -> Option<String> {
        let mut changes = self.changed.subscribe();
        loop {
            {
                let said = self.lock();
                let found = line_with(&said.stdout, text).or_else(|| line_with(&said.stderr, text));
                if found.is_some() || said.closed == 2 {
                    return found;
                }
            }
            let _ = changes.changed().await;
        }
    }

    async fn closed(&self) {
        let mut changes = self.changed.subscribe();
        while self.lock().closed < 2 {
            let _ = changes.changed().await;
        }
    }

    fn finished(&self, status: ExitStatus) -> Finished {
        let said = self.lock();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Finished { code: status.code(), stdout: text(&said.stdout), stderr: text(&said.stderr) }
    }
}

fn line_with(bytes: &[u8], text: &str) -> Option<String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n')?;
    let lines = String::from_utf8_lossy(&bytes[..whole]);
    lines.lines().find(|line| line.contains(text)).map(str::to_owned)
}

#[cfg(test)]
mod tests;
