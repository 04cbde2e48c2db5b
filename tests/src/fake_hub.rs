//! A stand-in for the model hub on loopback: one origin that names files as Hugging Face does, and another, the store of
//! the bytes, that it redirects to. It stalls, resets and lies as told, and keeps the head of every request.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The commit that `main` is at, and `refs/pr/7`.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// What the address of a file in the store is signed with. It is as good as a key, so nobody may print it.
pub const SIGNATURE: &str = "signed-address-of-the-store";

/// A hub that runs until it is dropped.
#[derive(Debug)]
pub struct FakeHub {
    address: SocketAddr,
    state: Arc<State>,
    listeners: [JoinHandle<()>; 2],
}

/// How it answers.
#[derive(Clone, Debug)]
pub struct Manner {
    /// The bytes come from the store, not from the hub itself.
    pub redirect: bool,
    /// Where that redirect leads instead.
    pub location: Option<String>,
    /// The hub names size and digest itself (`x-linked-size`, `x-linked-etag`).
    pub linked: bool,
    /// It says that the file is this long.
    pub bytes_said: Option<usize>,
    /// It says that the file has this digest.
    pub digest_said: Option<String>,
    /// Parts of a file can be had.
    pub ranges: bool,
    /// Whoever reads needs this token, and whose it is has accepted the licence.
    pub token: Option<String>,
    /// Every request at the hub is refused with this status and `x-error-code`.
    pub refusal: Option<(u16, String)>,
    /// What befalls the next answers with bytes, one each.
    pub faults: Vec<Fault>,
    /// Before this many-th GET at the hub, counted from 0, the files become these bytes.
    pub change_at: Option<(usize, Vec<u8>)>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            redirect: true,
            location: None,
            linked: true,
            bytes_said: None,
            digest_said: None,
            ranges: true,
            token: None,
            refusal: None,
            faults: Vec::new(),
            change_at: None,
        }
    }
}

/// What befalls an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection is reset after so many bytes.
    Reset(usize),
    /// The connection is closed after so many bytes, as if all were well.
    Close(usize),
    /// It stands still after so many bytes, until [`FakeHub::release`].
    Stall(usize),
    /// Its first byte is another one.
    Flip,
    /// This status instead.
    Status(u16),
    /// None.
    None,
}

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// At the store, not at the hub.
    pub at_store: bool,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    headers: BTreeMap<String, String>,
}

impl Asked {
    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte and the last that it asks for.
    #[must_use]
    pub fn range(&self) -> Option<(usize, usize)> {
        let (from, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((from.parse().ok()?, last.parse().ok()?))
    }
}

#[derive(Debug)]
struct State {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
    gate: watch::Sender<bool>,
    store: SocketAddr,
}

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<String, Vec<u8>>,
    manner: Manner,
    asked: Vec<Asked>,
    gets: usize,
    stalls: usize,
    sent_bytes: usize,
}

impl FakeHub {
    /// Starts on free ports of loopback, with nothing in it.
    pub async fn start() -> Self {
        let hub = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = hub.local_addr().unwrap();
        let state = Arc::new(State {
            inner: Mutex::new(Inner::default()),
            changed: watch::Sender::new(()),
            gate: watch::Sender::new(false),
            store: store.local_addr().unwrap(),
        });
        let listen = |socket, at_store| tokio::spawn(listen(socket, at_store, Arc::clone(&state)));
        let listeners = [listen(hub, false), listen(store, true)];
        Self { address, state, listeners }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts a file into a repository.
    pub fn put(&self, repository: &str, file: &str, bytes: &[u8]) {
        self.state.lock().files.insert(format!("{repository}/{file}"), bytes.to_vec());
    }

    /// How the next requests are answered; stalls hold again.
    pub fn set(&self, manner: Manner) {
        let mut inner = self.state.lock();
        inner.manner = manner;
        inner.gets = 0;
        drop(inner);
        self.state.gate.send_replace(false);
    }

    /// Lets every stalled answer go on.
    pub fn release(&self) {
        self.state.gate.send_replace(true);
    }

    /// The requests since the start, or since this was asked last.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().asked)
    }

    /// Bytes of files that were sent since the start, or since this was asked last.
    pub fn take_sent(&self) -> usize {
        std::mem::take(&mut self.state.lock().sent_bytes)
    }

    /// Waits until `count` answers, counted from the start, stand still.
    pub async fn stalled(&self, count: usize) {
        let until = async {
            let mut changes = self.state.changed.subscribe();
            while self.state.lock().stalls < count {
                let _ = changes.changed().await;
            }
        };
        crate::bounded("a stalled answer", until).await;
    }
}

impl Drop for FakeHub {
    fn drop(&mut self) {
        self.listeners.iter().for_each(JoinHandle::abort);
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn stall(&self) {
        self.lock().stalls += 1;
        self.changed.send_replace(());
        let _ = self.gate.subscribe().wait_for(|open| *open).await;
    }
}

/// Bytes that look like nothing, the same for the same seed.
#[must_use]
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}

/// The SHA-256 of bytes in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn listen(socket: TcpListener, at_store: bool, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = socket.accept().await {
        connections.spawn(serve(stream, at_store, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

/// One request per connection: a pull opens one for each.
async fn serve(mut stream: TcpStream, at_store: bool, state: Arc<State>) {
    let Some(asked) = read(&mut stream, at_store).await else { return };
    let answer = state.lock().answer(&asked, state.store);
    if stream.write_all(&answer.head()).await.is_err() || asked.method == "HEAD" {
        return;
    }
    let (until, then) = match answer.fault {
        Fault::Reset(count) | Fault::Close(count) | Fault::Stall(count) => {
            (count.min(answer.body.len()), answer.fault)
        }
        other => (answer.body.len(), other),
    };
    if stream.write_all(&answer.body[..until]).await.is_err() {
        return;
    }
    state.lock().sent_bytes += until;
    match then {
        Fault::Reset(_) => {
            let _ = stream.set_zero_linger();
        }
        Fault::Stall(_) => {
            state.stall().await;
            if stream.write_all(&answer.body[until..]).await.is_ok() {
                state.lock().sent_bytes += answer.body.len() - until;
            }
        }
        Fault::Close(_) | Fault::Flip | Fault::Status(_) | Fault::None => {
            let _ = stream.shutdown().await;
        }
    }
}

async fn read(stream: &mut TcpStream, at_store: bool) -> Option<Asked> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    head.parse(&bytes).ok()?;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Some(Asked {
        at_store,
        method: head.method?.to_owned(),
        target: head.path?.to_owned(),
        headers: head.headers.iter().map(|h| (h.name.to_ascii_lowercase(), text(h.value))).collect(),
    })
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    fault: Fault,
}

impl Answer {
    fn new(status: u16, headers: Vec<(&'static str, String)>) -> Self {
        Self { status, headers, body: Vec::new(), fault: Fault::None }
    }

    fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.headers.iter().any(|(name, _)| *name == "content-length") {
            head.push_str("content-length: 0\r\n");
        }
        (head + "\r\n").into_bytes()
    }
}

impl Inner {
    fn answer(&mut self, asked: &Asked, store: SocketAddr) -> Answer {
        self.asked.push(asked.clone());
        if asked.at_store {
            let path = asked.target.split('?').next().unwrap_or_default();
            return self.bytes(asked, path.trim_start_matches("/store/"));
        }
        if asked.method == "GET" {
            if let Some((_, bytes)) = self.manner.change_at.take_if(|(at, _)| *at == self.gets) {
                self.files.values_mut().for_each(|file| file.clone_from(&bytes));
            }
            self.gets += 1;
        }
        let refuse = |status, code: &str| Answer::new(status, vec![("x-error-code", code.to_owned())]);
        if let Some((status, code)) = &self.manner.refusal {
            return refuse(*status, code);
        }
        if let Some(token) = &self.manner.token {
            match asked.header("authorization") {
                None => return refuse(401, "GatedRepo"),
                Some(bearer) if bearer != format!("Bearer {token}") => return refuse(403, "GatedRepo"),
                Some(_) => {}
            }
        }
        if asked.target == "/" {
            return Answer::new(200, Vec::new());
        }
        let Some((repository, rest)) = asked.target[1..].split_once("/resolve/") else {
            return refuse(404, "");
        };
        let (revision, file) = rest.split_once('/').unwrap_or_default();
        if !self.files.keys().any(|name| name.starts_with(&format!("{repository}/"))) {
            return refuse(401, "RepoNotFound");
        }
        if ![COMMIT, "main", "refs%2Fpr%2F7"].contains(&revision) {
            return refuse(404, "RevisionNotFound");
        }
        let name = format!("{repository}/{file}");
        let Some(bytes) = self.files.get(&name) else { return refuse(404, "EntryNotFound") };
        let mut said = vec![("x-repo-commit", COMMIT.to_owned())];
        if self.manner.linked {
            let digest = self.manner.digest_said.clone().unwrap_or_else(|| sha256(bytes));
            said.push(("x-linked-etag", format!("\"{digest}\"")));
            said.push(("x-linked-size", self.manner.bytes_said.unwrap_or(bytes.len()).to_string()));
        }
        if self.manner.redirect || self.manner.location.is_some() {
            let there = format!("http://{store}/store/{name}?signature={SIGNATURE}");
            said.push(("location", self.manner.location.clone().unwrap_or(there)));
            return Answer::new(302, said);
        }
        let mut answer = self.bytes(asked, &name);
        answer.headers.extend(said);
        answer
    }

    /// A file, or a part of it.
    fn bytes(&mut self, asked: &Asked, name: &str) -> Answer {
        let Some(bytes) = self.files.get(name) else { return Answer::new(404, Vec::new()) };
        let fault = if asked.method == "GET" && !self.manner.faults.is_empty() {
            self.manner.faults.remove(0)
        } else {
            Fault::None
        };
        if let Fault::Status(status) = fault {
            return Answer::new(status, Vec::new());
        }
        // An etag of the store's own, as stores have.
        let etag = format!("\"store-{}\"", &sha256(bytes)[..16]);
        let etag = if self.manner.linked { etag } else { format!("W/{etag}") };
        let same = asked.header("if-range").is_none_or(|known| known == etag);
        let range = asked.range().filter(|_| self.manner.ranges && same);
        // What lies beyond the end is left out, as servers do.
        let range = range.map(|(from, last)| (from, last.min(bytes.len() - 1)));
        if range.is_some_and(|(from, last)| from > last) {
            return Answer::new(416, Vec::new());
        }
        let (status, mut body) = match range {
            Some((from, last)) => (206, bytes[from..=last].to_vec()),
            None => (200, bytes.clone()),
        };
        let mut headers = vec![("etag", etag), ("content-length", body.len().to_string())];
        if let Some((from, last)) = range {
            headers.push(("content-range", format!("bytes {from}-{last}/{}", bytes.len())));
        }
        if matches!(fault, Fault::Flip) {
            body[0] ^= 1;
        }
        Answer { status, headers, body, fault }
    }
}
