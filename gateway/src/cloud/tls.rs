//! Whom TLS upstreams are trusted by: the system's roots, and a file of the site's own.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

/// TLS 1.2 and 1.3 by ring, HTTP/1.1, no client certificate.
///
/// # Errors
/// When there is no root to trust, or the file has none.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let roots = ca_file.map_or(Ok(Vec::new()), roots)?;
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))
        .map_err(|error| format!("no roots to trust ({error}); install ca-certificates or set `ca_file`"))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
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
