//! What is measured: the direct path, plain proxies where they are installed, and the gateway.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::options::Options;

/// One way to the mock; its process ends when it is dropped.
pub struct Subject {
    pub name: &'static str,
    pub address: SocketAddr,
    child: Child,
    _folder: Option<TempDir>,
}

impl Subject {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // A polite end lets nginx end its workers.
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the mock and everything in front of it that is wanted and to be had.
pub fn start_all(options: &Options) -> Vec<Subject> {
    let direct = of_our_own("direct", &["mock"]);
    let mock = direct.address;
    let mut subjects = vec![direct];
    let mut add = |name: &'static str, start: &dyn Fn() -> Result<Subject, String>| {
        if options.wants(name) {
            match start() {
                Ok(subject) => subjects.push(subject),
                Err(reason) => eprintln!("without {name}: {reason}"),
            }
        }
    };
    add("nginx", &|| nginx(mock));
    add("haproxy", &|| haproxy(mock));
    add("floor", &|| Ok(of_our_own("floor", &["floor", &mock.to_string()])));
    let full = options.policy.as_ref().map_or_else(
        || Ok(FULL_POLICY.to_owned()),
        |path| fs::read_to_string(path).map_err(|e| format!("cannot read `{path}`: {e}")),
    );
    add("gateway", &|| gateway("gateway", mock, &full.clone()?, options));
    add("gateway-patterns", &|| gateway("gateway-patterns", mock, PATTERNS_POLICY, options));
    add("gateway-no-judging", &|| gateway("gateway-no-judging", mock, NO_JUDGING_POLICY, options));
    subjects
}

/// A part of this program, as a process of its own.
fn of_our_own(name: &'static str, arguments: &[&str]) -> Subject {
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let line = first_line(&mut child);
    let address = line.trim().parse().unwrap_or_else(|_| panic!("{name} did not start"));
    Subject { name, address, child, _folder: None }
}

fn nginx(mock: SocketAddr) -> Result<Subject, String> {
    let (folder, address) = (TempDir::new().map_err(text)?, free_address());
    let path = folder.path().display();
    // Workers would drop to a user who cannot enter the folder.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let config = format!(
        "daemon off; worker_processes 2; {user} pid {path}/pid; error_log {path}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_buffer_size 64k; client_max_body_size 64m; client_body_temp_path {path}/body;
  proxy_temp_path {path}/proxy; fastcgi_temp_path {path}/fastcgi; uwsgi_temp_path {path}/uwsgi; scgi_temp_path {path}/scgi;
  upstream mock {{ server {mock}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen {address};
    location / {{ proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }}
  }}
}}
"
    );
    let file = write(&folder, "nginx.conf", &config)?;
    let mut command = Command::new(find("nginx")?);
    command.arg("-p").arg(folder.path()).arg("-c").arg(file).arg("-e").arg(folder.path().join("error.log"));
    plain_proxy("nginx", command, address, folder)
}

fn haproxy(mock: SocketAddr) -> Result<Subject, String> {
    let (folder, address) = (TempDir::new().map_err(text)?, free_address());
    let config = format!(
        "global
  nbthread 2
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  option http-no-delay
  http-reuse always
frontend front
  bind {address}
  default_backend back
backend back
  server mock {mock}
"
    );
    let file = write(&folder, "haproxy.cfg", &config)?;
    let mut command = Command::new(find("haproxy")?);
    command.arg("-db").arg("-q").arg("-f").arg(file);
    plain_proxy("haproxy", command, address, folder)
}

fn plain_proxy(
    name: &'static str,
    mut command: Command,
    address: SocketAddr,
    folder: TempDir,
) -> Result<Subject, String> {
    let child = command.stdout(Stdio::null()).spawn().map_err(text)?;
    let subject = Subject { name, address, child, _folder: Some(folder) };
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        if Instant::now() > deadline {
            return Err("it does not listen after 10 s".to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(subject)
}

/// All labels may go out, so that whatever is judged, the mock answers.
const FULL_POLICY: &str = include_str!("full.policy.toml");
const PATTERNS_POLICY: &str = include_str!("patterns.policy.toml");
const NO_JUDGING_POLICY: &str = include_str!("no-judging.policy.toml");

fn gateway(name: &'static str, mock: SocketAddr, policy: &str, options: &Options) -> Result<Subject, String> {
    let program = gateway_binary(options)?;
    let folder = TempDir::new().map_err(text)?;
    let config = include_str!("gateway.toml").replace("{mock}", &mock.to_string());
    let config = write(&folder, "hearthgate.toml", &config)?;
    write(&folder, "policy.toml", policy)?;
    let log = fs::File::create(folder.path().join("stderr.log")).map_err(text)?;
    let mut child = Command::new(program)
        .arg("serve")
        .arg("--config")
        .arg(config)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(text)?;
    let line = first_line(&mut child);
    let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
    let address = said["listen"].as_str().and_then(|address| address.parse().ok());
    let Some(address) = address else {
        let _ = child.kill();
        let _ = child.wait();
        let log = fs::read_to_string(folder.path().join("stderr.log")).unwrap_or_default();
        return Err(format!("it did not start: {line}{log}"));
    };
    Ok(Subject { name, address, child, _folder: Some(folder) })
}

/// As given, or named by `HEARTHGATE_BIN`, or beside this program.
fn gateway_binary(options: &Options) -> Result<PathBuf, String> {
    let given = options.gateway.as_ref().map(PathBuf::from);
    let named = || std::env::var_os("HEARTHGATE_BIN").map(PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.join("hearthgate"));
    let path = given.or_else(named).or_else(beside).unwrap_or_default();
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("no gateway at `{}`; give --gateway PATH", path.display()))
    }
}

fn first_line(child: &mut Child) -> String {
    let Some(stdout) = child.stdout.take() else { return String::new() };
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    let _ = reader.read_line(&mut line);
    // Later lines are read and dropped, so that the child never waits for us.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    line
}

fn find(program: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where ordinary users do not look.
    let folders =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .ok_or_else(|| "not installed".to_owned())
}

/// A port that was free a moment ago; the plain proxies cannot be asked which one they got.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap()
}

fn write(folder: &TempDir, name: &str, content: &str) -> Result<PathBuf, String> {
    let path: &Path = folder.path();
    fs::write(path.join(name), content).map_err(text)?;
    Ok(path.join(name))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn text(error: std::io::Error) -> String {
    error.to_string()
}
