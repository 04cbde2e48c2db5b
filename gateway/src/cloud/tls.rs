//! Whom TLS upstreams are trusted by: the system's roots, and a file of the site's own; and whom they may trust: a certificate
//! that is shown to those that ask for one.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;

use crate::config::Tls;

/// TLS 1.2 and 1.3 by ring, HTTP/1.1, and this client certificate.
///
/// # Errors
/// When there is no root to trust, or a file has not what it should have.
pub fn client_config(ca_file: Option<&Path>, own: Option<&Tls>) -> Result<Arc<ClientConfig>, String> {
    let roots = ca_file.map_or(Ok(Vec::new()), roots)?;
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))
        .map_err(|error| format!("no roots to trust ({error}); install ca-certificates or set `ca_file`"))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let (chain, key) = identity(own)?;
            let unfit = |error| format!("`client_certificate` and `client_key` are of no use: {error}");
            builder.with_client_auth_cert(chain, key).map_err(unfit)?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A certificate's chain, and its key.
fn identity(own: &Tls) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let certificate = own.certificate.display();
    let chain =
        CertificateDer::pem_file_iter(&own.certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain =
        chain.map_err(|error| format!("`client_certificate` `{certificate}` cannot be read: {error}"))?;
    if chain.is_empty() {
        return Err(format!("`client_certificate` `{certificate}` holds no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&own.key)
        .map_err(|error| format!("`client_key` `{}` cannot be read: {error}", own.key.display()))?;
    Ok((chain, key))
}

fn roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |error| format!("`ca_file` `{}` cannot be read: {error}", path.display());
    let roots = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let roots = roots.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if roots.is_empty() {
        return Err(format!("`ca_file` `{}` holds no certificate", path.display()));
    }
    Ok(roots)
}
