//! Opens connections to upstreams: name, TCP, a proxy's tunnel where there is one, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

use super::bell::Bell;
use super::{CloudError, reach};
use crate::config::Proxy;

/// Where an upstream is, and how it is trusted.
pub struct Origin {
    host: String,
    port: u16,
    tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
    proxy: Option<Proxy>,
    /// Its name may stand for public addresses alone.
    public: bool,
}

impl Origin {
    /// Reads scheme, host and port of a URL; `tls` is asked for an `https` one only.
    ///
    /// # Errors
    /// When it is neither `http` nor `https`, has no usable host, or TLS cannot be set up; when a proxy would see what is said.
    pub fn new(
        url: &Uri,
        proxy: Option<Proxy>,
        tls: impl FnOnce() -> Result<Arc<ClientConfig>, String>,
    ) -> Result<Self, String> {
        let host = url.host().ok_or("`base_url` has no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let (port, tls) = match url.scheme_str() {
            Some("http") => (80, None),
            Some("https") => {
                let name = ServerName::try_from(host.clone())
                    .map_err(|_| format!("`base_url`: `{host}` is no host name for TLS"))?;
                (443, Some((name, tls()?)))
            }
            _ => return Err("`base_url` must begin with http:// or https://".to_owned()),
        };
        if proxy.is_some() && tls.is_none() {
            return Err("`base_url` must begin with https:// where a proxy is on the way".to_owned());
        }
        Ok(Self { host, port: url.port_u16().unwrap_or(port), tls, proxy, public: false })
    }

    /// Whose name may stand for public addresses alone. An address that stands in the URL itself is what the site says, and so
    /// is `localhost`; where a proxy is on the way, the name is looked up there.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = self.host != "localhost" && self.host.parse::<IpAddr>().is_err();
        self
    }

    /// Opens a connection by this time.
    pub async fn connect(&self, deadline: Instant, bell: Arc<Bell>) -> Result<Stream, CloudError> {
        let opened = timeout_at(deadline, self.open(deadline)).await;
        Ok(Stream { wire: opened.map_err(|_| CloudError::ConnectTimeout)??, bell })
    }

    async fn open(&self, deadline: Instant) -> Result<Line, CloudError> {
        let tcp = match &self.proxy {
            None => self.direct(deadline).await,
            Some(proxy) => {
                self.tunnel(proxy, deadline).await.map_err(|source| CloudError::Connect { source })
            }
        }?;
        let Some((name, config)) = &self.tls else { return Ok(Line::Plain(tcp)) };
        match TlsConnector::from(Arc::clone(config)).connect(name.clone(), tcp).await {
            Ok(stream) => Ok(Line::Tls(Box::new(stream))),
            // What rustls itself refuses is marked so; the rest is the network's.
            Err(source) if source.kind() == io::ErrorKind::InvalidData => Err(CloudError::Tls { source }),
            Err(source) => Err(CloudError::Connect { source }),
        }
    }

    async fn direct(&self, deadline: Instant) -> Result<TcpStream, CloudError> {
        let connect = |source| CloudError::Connect { source };
        let mut addresses = addresses(&self.host, self.port).await.map_err(connect)?;
        if self.public {
            addresses = reach::public(addresses);
            if addresses.is_empty() {
                return Err(CloudError::PrivateAddress);
            }
        }
        tcp(&addresses, deadline).await.map_err(connect)
    }

    /// Has a proxy connect to the host. The name is looked up there.
    async fn tunnel(&self, proxy: &Proxy, deadline: Instant) -> io::Result<TcpStream> {
        let line = tcp(&addresses(&proxy.host, proxy.port).await?, deadline).await?;
        let unusable = |error: http::Error| io::Error::other(error.to_string());
        let destination =
            Uri::builder().scheme("https").authority(authority(&self.host, self.port)).path_and_query("/");
        let destination = destination.build().map_err(unusable)?;
        let mut tunnel = Tunnel::new(destination.clone(), Opened(Some(line)));
        if let Some(authorization) = &proxy.authorization {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        // Its errors hold no header.
        let opened = tunnel.call(destination).await;
        opened.map(TokioIo::into_inner).map_err(|error| io::Error::other(format!("by the proxy: {error}")))
    }
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A connection that is there already, for [`Tunnel`], which asks for one.
struct Opened(Option<TcpStream>);

impl Service<Uri> for Opened {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        std::future::ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// What a name stands for; at least one address.
async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
    let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// Tries the addresses of a host in turn, each with its share of the time that is left, so that one
/// which swallows packets does not use up all of it.
async fn tcp(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (left, address) in (1_u32..).zip(addresses).map(|(tried, address)| {
        (u32::try_from(addresses.len()).unwrap_or(u32::MAX).saturating_sub(tried).saturating_add(1), address)
    }) {
        let now = Instant::now();
        let share = now + deadline.saturating_duration_since(now) / left;
        #[expect(clippy::disallowed_methods, reason = "this is where upstreams are connected to")]
        let opened = timeout_at(share, TcpStream::connect(address)).await;
        match opened {
            Ok(Ok(stream)) => {
                // Nagle's algorithm against delayed acknowledgements costs 40 ms per request.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// A connection that counts what it reads.
pub struct Stream {
    wire: Line,
    bell: Arc<Bell>,
}

enum Line {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        let before = buf.filled().len();
        let polled = match &mut stream.wire {
            Line::Plain(line) => Pin::new(line).poll_read(cx, buf),
            Line::Tls(line) => Pin::new(line).poll_read(cx, buf),
        };
        stream.bell.count_read(buf.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().wire {
            Line::Plain(line) => Pin::new(line).poll_write(cx, buf),
            Line::Tls(line) => Pin::new(line).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().wire {
            Line::Plain(line) => Pin::new(line).poll_write_vectored(cx, bufs),
            Line::Tls(line) => Pin::new(line).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.wire {
            Line::Plain(line) => line.is_write_vectored(),
            Line::Tls(line) => line.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Line::Plain(line) => Pin::new(line).poll_flush(cx),
            Line::Tls(line) => Pin::new(line).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Line::Plain(line) => Pin::new(line).poll_shutdown(cx),
            Line::Tls(line) => Pin::new(line).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn nothing_is_delayed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let origin =
            Origin::new(&url.parse().expect("a url"), None, || panic!("no TLS is needed")).expect("sound");
        let deadline = Instant::now() + Duration::from_secs(60);
        let stream = origin.connect(deadline, Arc::default()).await.expect("connected");
        let Line::Plain(tcp) = stream.wire else { panic!("TLS") };
        assert!(tcp.nodelay().expect("an option"));
    }

    /// Whether anything was connected to by this name.
    async fn reached(host: &str, public: bool) -> Result<(), CloudError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let url = format!("http://{host}:{port}/v1").parse().expect("a url");
        let mut origin = Origin::new(&url, None, || panic!("no TLS is needed")).expect("sound");
        if public {
            origin = origin.public();
        }
        let opened = origin.connect(Instant::now() + Duration::from_secs(60), Arc::default()).await;
        opened.map(|_| ())
    }

    #[tokio::test]
    async fn a_name_that_turns_private_is_not_connected_to() {
        // Written otherwise, since `localhost` itself is taken for what the site says.
        assert!(reached("LOCALHOST", false).await.is_ok());
        let error = reached("LOCALHOST", true).await.expect_err("refused");
        assert!(matches!(error, CloudError::PrivateAddress) && !error.retryable(), "{error:?}");
        assert!(reached("localhost", true).await.is_ok() && reached("127.0.0.1", true).await.is_ok());
    }
}
