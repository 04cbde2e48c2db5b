//! Signs requests to AWS (Signature Version 4): the head says who asks, and the signature that nobody else wrote it or the body.
//!
//! The key itself goes nowhere. What is signed is what is sent: path, host, time and the digest of the body.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::CloudError;
use super::credentials::Keys;
use crate::clock;
use crate::config::Aws;

/// The name by which Bedrock's requests are signed.
const SERVICE: &str = "bedrock";

/// Signs for one upstream.
pub struct Signer {
    keys: Arc<Keys>,
    region: String,
    /// Scheme and host.
    origin: String,
}

impl Signer {
    /// With these keys, for an upstream at this URL.
    ///
    /// # Errors
    /// When nothing can be signed with them.
    pub fn new(aws: &Aws, base_url: &Uri) -> Result<Self, String> {
        let keys = Keys::of(&aws.keys)?;
        let scheme = base_url.scheme_str().unwrap_or("https");
        let authority = base_url.authority().ok_or("`base_url` has no host")?;
        let signer = Self { keys, region: aws.region.clone(), origin: format!("{scheme}://{authority}") };
        match signer.sign(&Uri::from_static("/"), b"", clock::unix_micros()) {
            // Others may come yet; until then nothing leaves.
            Ok(_) | Err(CloudError::NoKeys) => Ok(signer),
            Err(_) => Err("nothing can be signed with the keys of AWS".to_owned()),
        }
    }

    /// The headers that sign a `POST` of this body at this time.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, path: &Uri, body: &[u8], unix_micros: u64) -> Result<HeaderMap, CloudError> {
        let failed = || CloudError::NotConfigured;
        let identity = self.keys.at(unix_micros).ok_or(CloudError::NoKeys)?.into();
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(unix_micros);
        let params = SigningParams::builder().identity(&identity).region(&self.region).name(SERVICE);
        let params = params.time(time).settings(SigningSettings::default()).build().map_err(|_| failed())?;
        let url = format!("{}{path}", self.origin);
        let headers = [("content-type", "application/json")].into_iter();
        let request = SignableRequest::new("POST", url, headers, SignableBody::Bytes(body));
        let signed = sign(request.map_err(|_| failed())?, &params.into()).map_err(|_| failed())?;
        let (instructions, _) = signed.into_parts();
        instructions
            .headers()
            .map(|(name, value)| {
                let mut value = HeaderValue::from_str(value).ok()?;
                value.set_sensitive(true);
                Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
            })
            .collect::<Option<_>>()
            .ok_or_else(failed)
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::config::AwsKeys;

    fn signed(token: Option<&str>, path: &'static str, body: &[u8]) -> HeaderMap {
        let keys = AwsKeys::Given {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: token.map(Into::into),
        };
        let aws = Aws { keys, region: "eu-central-1".to_owned() };
        let base = Uri::from_static("https://bedrock-runtime.eu-central-1.amazonaws.com");
        let signer = Signer::new(&aws, &base).expect("a signer");
        signer.sign(&Uri::from_static(path), body, 1_440_938_160_000_000).expect("signed")
    }

    fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
        use hmac::{Hmac, Mac as _};

        let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
        hmac.update(text);
        hmac.finalize().into_bytes().to_vec()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn it_is_what_the_description_of_version_4_says() {
        let path = "/model/anthropic.claude-v1%3A0/converse";
        let headers = signed(None, path, b"{}");
        // Written out by the description, step by step: the path is encoded once more, names of headers are in order.
        let canonical = format!(
            "POST\n/model/anthropic.claude-v1%253A0/converse\n\ncontent-type:application/json\n\
             host:bedrock-runtime.eu-central-1.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
             content-type;host;x-amz-date\n{}",
            hex(&Sha256::digest(b"{}"))
        );
        let scope = "20150830/eu-central-1/bedrock/aws4_request";
        let text = format!(
            "AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\n{}",
            hex(&Sha256::digest(canonical.as_bytes()))
        );
        let mut key = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_vec();
        for part in scope.split('/') {
            key = hmac(&key, part.as_bytes());
        }
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=content-type;host;x-amz-date, Signature={}",
            hex(&hmac(&key, text.as_bytes()))
        );
        assert_eq!(headers["authorization"], expected);
        assert_eq!(headers["x-amz-date"], "20150830T123600Z");
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn the_usual_port_is_not_signed() {
        let keys = AwsKeys::Given {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "of-an-example".into(),
            session_token: None,
        };
        let aws = Aws { keys, region: "eu-central-1".to_owned() };
        let signed = |base| {
            let signer = Signer::new(&aws, &Uri::from_static(base)).expect("a signer");
            signer.sign(&Uri::from_static("/a"), b"{}", 0).expect("signed")["authorization"].clone()
        };
        assert_eq!(signed("https://host:443"), signed("https://host"));
        assert_ne!(signed("https://host:8443"), signed("https://host"));
    }

    #[test]
    fn a_session_is_told_and_other_bytes_have_another_signature() {
        let headers = signed(Some("of-a-session"), "/a", b"{}");
        assert_eq!(headers["x-amz-security-token"], "of-a-session");
        assert_ne!(headers["authorization"], signed(Some("of-a-session"), "/a", b"{ }")["authorization"]);
        assert!(!format!("{headers:?}").contains("of-a-session"));
    }
}
