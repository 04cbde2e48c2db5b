//! TLS upstreams: trusted by a file of roots, or not at all.

use std::io::Write as _;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;

use super::server::Peer;
use super::*;

/// A certificate of its own making, as a server and as a file of roots.
pub(super) fn certificate() -> (TlsAcceptor, NamedTempFile) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(made.cert.pem().as_bytes()).expect("written");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a server");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), file)
}

pub(super) fn https(server: &Server, roots: &NamedTempFile) -> config::Upstream {
    let url = format!("https://localhost:{}/v1", server.port());
    config::Upstream { ca_file: Some(roots.path().to_owned()), ..upstream(&url) }
}

#[tokio::test]
async fn a_server_whose_root_is_in_the_file() {
    let server = Server::start().await;
    let (acceptor, roots) = certificate();
    let client = Client::new(https(&server, &roots));
    let served = async {
        let stream = acceptor.accept(server.accept().await.into_stream()).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        let mut peer = Peer::new(stream);
        peer.answer(json("1")).await;
        peer.answer(json("2")).await;
    };
    let asked = async { [client.text().await, client.text().await] };
    assert_eq!(join!(asked, served).0, ["1", "2"]);
}

#[tokio::test]
async fn a_server_whose_root_is_another() {
    let server = Server::start().await;
    let ((acceptor, _), (_, others)) = (certificate(), certificate());
    let client = Client::new(https(&server, &others));
    let served = async { acceptor.accept(server.accept().await.into_stream()).await.map(drop) };
    let (error, served) = join!(client.error(Expect::Json), served);
    assert!(matches!(error, CloudError::Tls { .. }), "{error:?}");
    assert!(!error.retryable() && served.is_err());
}

#[tokio::test]
async fn a_server_that_never_shakes_hands() {
    let server = Server::start().await;
    let (_, roots) = certificate();
    let client = Client::new(config::Upstream { connect_timeout: SHORT, ..https(&server, &roots) });
    let (error, peer) = join!(client.error(Expect::Json), server.accept());
    assert!(matches!(error, CloudError::ConnectTimeout), "{error:?}");
    assert!(error.retryable());
    drop(peer);
}

#[test]
fn roots_that_cannot_be_read_are_named() {
    let (empty, missing) = (NamedTempFile::new().expect("a file"), "/nonexistent/roots.pem".into());
    for file in [empty.path().to_owned(), missing] {
        let shown = file.display().to_string();
        let with = config::Upstream { ca_file: Some(file), ..upstream("https://localhost/v1") };
        let Err(error) = Upstreams::new(&[with], None) else { panic!("accepted") };
        let said = error.to_string();
        assert!(said.contains("`up`") && said.contains(&shown), "{said}");
    }
}

#[test]
fn what_is_no_url_of_an_upstream_is_refused() {
    for url in ["ftp://host/v1", "/v1"] {
        let Err(error) = Upstreams::new(&[upstream(url)], None) else { panic!("accepted {url}") };
        assert!(error.to_string().contains("`base_url`"), "{error}");
    }
}

/// A server that asks for a certificate of these roots.
fn asking(made: &rcgen::CertifiedKey<rcgen::KeyPair>, of: &rcgen::Certificate) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(of.der().clone()).expect("a root");
    let verifier =
        rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a server");
    TlsAcceptor::from(Arc::new(config))
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_is_shown_it() {
    let server = Server::start().await;
    let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (of_server, of_client) = (made(), made());
    let acceptor = asking(&of_server, &of_client.cert);
    let roots = file(&of_server.cert.pem());
    let (certificate, key) = (file(&of_client.cert.pem()), file(&of_client.signing_key.serialize_pem()));
    let own = config::Tls { certificate: certificate.path().to_owned(), key: key.path().to_owned() };
    let access = config::Access { certificate: Some(own.clone()), ..config::Access::default() };
    let client = Client::new(config::Upstream { access, ..https(&server, &roots) });
    let served = async {
        let stream = acceptor.accept(server.accept().await.into_stream()).await.expect("a handshake");
        let shown = stream.get_ref().1.peer_certificates().map(|chain| chain[0].clone());
        Peer::new(stream).answer(json("1")).await;
        shown
    };
    let (text, shown) = join!(client.text(), served);
    assert_eq!((text.as_str(), shown.as_ref()), ("1", Some(of_client.cert.der())));

    // Without it nothing is answered.
    let client = Client::new(https(&server, &roots));
    let served = async { acceptor.accept(server.accept().await.into_stream()).await.map(drop) };
    let (_error, served) = join!(client.error(Expect::Json), served);
    assert!(served.is_err());

    let swapped = config::Tls { certificate: key.path().to_owned(), key: certificate.path().to_owned() };
    let access = config::Access { certificate: Some(swapped), ..config::Access::default() };
    let Err(error) = Upstreams::new(&[config::Upstream { access, ..https(&server, &roots) }], None) else {
        panic!("taken")
    };
    assert!(error.to_string().contains("`client_certificate`"), "{error}");
}
