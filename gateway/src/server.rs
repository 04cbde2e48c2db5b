//! Listening and serving: sockets, their bounds, and the drain.

mod idle;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::body::Body;
use crate::config::Server;
use crate::worker::Worker;

use idle::{Activity, Close, Kept};
pub use tls::Acceptor;

/// How long accepting rests after a fault such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A handler of requests.
pub type Handle<F> = fn(Arc<Worker>, SocketAddr, Request<Incoming>) -> F;

/// What a listener needs to serve.
pub struct Serving<F> {
    /// The socket.
    pub listener: TcpListener,
    /// TLS, if clients are to speak it.
    pub tls: Option<Acceptor>,
    /// The bounds.
    pub bounds: Server,
    /// Open connections, shared by all workers.
    pub connections: Arc<Semaphore>,
    /// Who answers.
    pub handle: Handle<F>,
    /// Turns true when no more is to be accepted.
    pub draining: watch::Receiver<bool>,
}

/// Accepts and serves until the drain, then lets what runs come to its end within the deadline.
///
/// # Errors
/// When the socket cannot be watched.
pub async fn serve<F>(worker: Arc<Worker>, serving: Serving<F>) -> io::Result<()>
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let Serving { listener, tls, bounds, connections, handle, mut draining } = serving;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let builder = builder(&bounds);
    // What every connection listens to; it is closed once none is left.
    let drain = watch::Sender::new(());
    loop {
        let (slot, accepted) = tokio::select! {
            _ = draining.wait_for(|draining| *draining) => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Without it, a small answer waits for the client's delayed acknowledgement of the one before.
        let _unsupported = stream.set_nodelay(true);
        let (worker, builder, drain) = (Arc::clone(&worker), builder.clone(), drain.subscribe());
        worker.app.metrics.connection_opened();
        let within = bounds.header_timeout;
        let open = Open { worker, _slot: slot, within, drain };
        match tls.clone() {
            None => {
                tokio::spawn(connection(builder, TokioIo::new(stream), peer, handle, open));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(within, tls.accept(stream)).await {
                        connection(builder, TokioIo::new(stream), peer, handle, open).await;
                    }
                });
            }
        }
    }
    drop(listener);
    drain.send_replace(());
    let _late = tokio::time::timeout(bounds.drain_timeout, drain.closed()).await;
    Ok(())
}

/// What an open connection holds.
struct Open {
    worker: Arc<Worker>,
    _slot: Option<OwnedSemaphorePermit>,
    /// How long it may be idle.
    within: Duration,
    drain: watch::Receiver<()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.app.metrics.connection_closed();
    }
}

/// Waits for room, then for a client: past the bound, clients wait in the listen queue of the kernel.
async fn accept(
    listener: &tokio::net::TcpListener,
    connections: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, io::Result<(tokio::net::TcpStream, SocketAddr)>) {
    let slot = Arc::clone(connections).acquire_owned().await.ok();
    (slot, listener.accept().await)
}

async fn connection<I, F>(
    builder: auto::Builder<TokioExecutor>,
    io: TokioIo<I>,
    peer: SocketAddr,
    handle: Handle<F>,
    mut open: Open,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let activity = Arc::new(Activity::default());
    let (worker, seen) = (Arc::clone(&open.worker), Arc::clone(&activity));
    let service = service_fn(move |request: Request<Incoming>| {
        let asked = seen.begin(request.version());
        let answer = handle(Arc::clone(&worker), peer, request);
        async move { Ok::<_, std::convert::Infallible>(answer.await.map(|body| Kept::new(body, asked))) }
    });
    let mut served = pin!(builder.serve_connection(io, service));
    let within = open.within;
    let close = async {
        tokio::select! {
            _drains = open.drain.changed() => Close::Gracefully,
            close = activity.idle(within) => close,
        }
    };
    // A connection that fails has a client that went away or broke the protocol; the requests that it
    // carried are counted by their exchanges.
    tokio::select! {
        _ended = served.as_mut() => return,
        close = close => match close {
            Close::AtOnce => return,
            Close::Gracefully => served.as_mut().graceful_shutdown(),
        },
    }
    let _ended = served.await;
}

fn builder(bounds: &Server) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Without a timer hyper keeps no deadline at all.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_headers(bounds.header_count_max)
        .max_buf_size(bounds.header_bytes_max.max(8 << 10));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(bounds.header_bytes_max).unwrap_or(u32::MAX))
        .max_concurrent_streams(256)
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}
