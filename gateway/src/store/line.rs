//! The form of a line: `{"v":1,"id":"…","at":MICROS,"key":"NAME","enc":"BASE64","sealed":"BASE64"}`.
//!
//! What stands before `,"enc"` is bound to the content as its associated data, byte for byte, so that neither id nor time can
//! be changed unseen. Any implementation of HPKE can read it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hearthgate_rules::json::quote;

use super::StoreError;
use super::seal::{PrivateKey, PublicKey, Sealed};

const ENC: &str = ",\"enc\":\"";
const SEALED: &str = "\",\"sealed\":\"";
const END: &str = "\"}\n";
const KEY: &str = ",\"key\":\"";

/// The line of a content.
pub(super) fn seal(key: &PublicKey, id: &str, at: u64, content: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut line = format!("{},\"at\":{at}{KEY}{}\"", head(id), key.name());
    let Sealed { key, text } = key.seal(content, line.as_bytes())?;
    line.reserve(ENC.len() + SEALED.len() + END.len() + 64 + text.len().div_ceil(3) * 4);
    line.push_str(ENC);
    BASE64.encode_string(key, &mut line);
    line.push_str(SEALED);
    BASE64.encode_string(text, &mut line);
    line.push_str(END);
    Ok(line.into_bytes())
}

/// Whether a line says that it is of this request.
pub(super) fn is_of(line: &[u8], id: &str) -> bool {
    line.strip_prefix(head(id).as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b',')))
}

/// The content of a line.
pub(super) fn open(line: &[u8], key: &PrivateKey) -> Result<Vec<u8>, StoreError> {
    let line = std::str::from_utf8(line).map_err(|_| StoreError::Changed)?;
    let line = line.strip_suffix(END).ok_or(StoreError::Torn)?;
    let (bound, rest) = line.split_once(ENC).ok_or(StoreError::Changed)?;
    let (enc, text) = rest.split_once(SEALED).ok_or(StoreError::Changed)?;
    let sealed_for = bound.split_once(KEY).and_then(|(_, name)| name.strip_suffix('"'));
    let sealed_for = sealed_for.ok_or(StoreError::Changed)?;
    let given = key.public().name();
    if sealed_for != given {
        // It stands there as anybody may have written it: a name is sixteen digits, or it is none.
        let digits =
            sealed_for.len() == given.len() && sealed_for.bytes().all(|byte| byte.is_ascii_hexdigit());
        let other = || StoreError::OtherKey { sealed_for: sealed_for.to_owned(), given };
        return Err(if digits { other() } else { StoreError::Changed });
    }
    let decoded = |text: &str| BASE64.decode(text).map_err(|_| StoreError::Changed);
    key.open(&Sealed { key: decoded(enc)?, text: decoded(text)? }, bound.as_bytes())
}

fn head(id: &str) -> String {
    format!("{{\"v\":1,\"id\":{}", quote(id))
}
