//! A fake cloud: every provider whose API we speak, on loopback, that keeps every byte it receives.
//!
//! It speaks HTTP/1.1 on the bare socket, so that it can break the protocol at any byte, and so that what it
//! keeps is what came over the wire and not what a library made of it. It must never forget a byte or answer
//! what a real provider would refuse.

mod api;
mod record;
mod script;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use api::Api;
pub use record::Received;
pub use script::{Behaviour, Point};

use record::Record;

/// A provider that runs until it is dropped.
#[derive(Debug)]
pub struct FakeCloud {
    address: SocketAddr,
    state: Arc<State>,
    listener: JoinHandle<()>,
}

impl FakeCloud {
    /// Starts on a free port of loopback; answers [`Behaviour::Chat`] until told otherwise.
    pub async fn start() -> Self {
        Self::start_with_key(None).await
    }

    /// The same; any request without this key, where its dialect wants it, is refused with 401.
    pub async fn start_with_key(key: Option<&str>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let state = Arc::new(State::new(key));
        let listener = tokio::spawn(wire::listen(socket, Arc::clone(&state)));
        Self { address, state, listener }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `base_url` for a gateway's configuration.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The `base_url` for an upstream whose paths begin otherwise: `` for Azure's deployments.
    #[must_use]
    pub fn url_below(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From here on requests in OpenAI's dialect with one of these fields, or a message with one, are refused: as `extra_forbidden`,
    /// with 422.
    pub fn forbid(&self, fields: &[&str]) {
        self.state.lock().forbidden = fields.iter().map(|field| (*field).to_owned()).collect();
    }

    /// From here on requests in OpenAI's dialect are refused as this server refuses them: `mistral` or `deepseek`.
    pub fn strict_as(&self, server: &'static str) {
        self.state.lock().strict_as = Some(server);
    }

    /// How the next chat requests are answered; a [`Behaviour::Sequence`] starts anew, and stalls hold again.
    pub fn set(&self, behaviour: Behaviour) {
        let mut inner = self.state.lock();
        inner.behaviour = behaviour;
        inner.answered = 0;
        drop(inner);
        self.state.gate.send_replace(false);
    }

    /// Lets every stalled answer go on, and every one that would stall, until the next [`FakeCloud::set`].
    pub fn release(&self) {
        self.state.gate.send_replace(true);
    }

    /// The requests so far that were read to their end, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.state.lock().record.requests.clone()
    }

    /// The chat requests among them.
    #[must_use]
    pub fn chats(&self) -> Vec<Received> {
        self.requests().into_iter().filter(Received::is_chat).collect()
    }

    /// Every byte so far, by connection in order of acceptance.
    #[must_use]
    pub fn connections(&self) -> Vec<Vec<u8>> {
        self.state.lock().record.connections.clone()
    }

    /// Whether `needle` arrived: in the bytes as they came, in a body without its chunk framing, and in both
    /// after undoing JSON escapes (up to three deep, as in tool arguments) and percent encoding.
    #[must_use]
    pub fn contains(&self, needle: &[u8]) -> bool {
        self.state.lock().record.contains(needle)
    }

    /// Everything that arrived, in every view that [`FakeCloud::contains`] looks at, for a search of one's own.
    #[must_use]
    pub fn views(&self) -> Vec<Vec<u8>> {
        self.state.lock().record.views().collect()
    }

    /// What a real provider would have refused, in words: malformed HTTP, wrong path, missing fields.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.state.lock().record.complaints.clone()
    }

    /// How often a client left while an answer to it was under way.
    #[must_use]
    pub fn hang_ups(&self) -> usize {
        self.state.lock().record.hang_ups
    }

    /// Waits until a client has left a running answer `count` times.
    pub async fn hung_up(&self, count: usize) {
        crate::bounded("a hang-up", self.state.until(|inner| inner.record.hang_ups >= count)).await;
    }

    /// Waits until `count` requests have been read to their end.
    pub async fn received(&self, count: usize) {
        crate::bounded("requests", self.state.until(|inner| inner.record.requests.len() >= count)).await;
    }

    /// Waits until `count` answers, counted from the start, have stood still at a [`Behaviour::Stall`].
    pub async fn stalled(&self, count: usize) {
        crate::bounded("a stalled answer", self.state.until(|inner| inner.stalls >= count)).await;
    }
}

impl Drop for FakeCloud {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What the connections share with the test.
#[derive(Debug)]
struct State {
    key: Option<String>,
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
    gate: watch::Sender<bool>,
}

#[derive(Debug)]
struct Inner {
    behaviour: Behaviour,
    answered: usize,
    stalls: usize,
    forbidden: Vec<String>,
    strict_as: Option<&'static str>,
    record: Record,
}

impl State {
    fn new(key: Option<&str>) -> Self {
        let (record, forbidden) = (Record::default(), Vec::new());
        let inner =
            Inner { behaviour: Behaviour::Chat, answered: 0, stalls: 0, forbidden, strict_as: None, record };
        Self {
            key: key.map(str::to_owned),
            inner: Mutex::new(inner),
            changed: watch::Sender::new(()),
            gate: watch::Sender::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What is refused of requests besides.
    fn wants(&self) -> (Vec<String>, Option<&'static str>) {
        let inner = self.lock();
        (inner.forbidden.clone(), inner.strict_as)
    }

    /// Changes the record and wakes whoever waits for it.
    fn note<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let value = change(&mut self.lock());
        self.changed.send_replace(());
        value
    }

    async fn until(&self, holds: impl Fn(&Inner) -> bool) {
        let mut changes = self.changed.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        while !holds(&self.lock()) {
            let _ = changes.changed().await;
        }
    }

    async fn stall(&self) {
        self.note(|inner| inner.stalls += 1);
        let _ = self.gate.subscribe().wait_for(|open| *open).await;
    }
}

#[cfg(test)]
mod tests;
