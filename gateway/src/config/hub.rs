//! The `[hub]` section: where models are pulled from, and where they are kept.

use std::path::{Path, PathBuf};

use http::Uri;
use secrecy::SecretString;

use super::check::Check;
use super::env::Env;
use super::error::ConfigError;
use super::file::HubFile;
use super::interpolate::interpolate;
use super::proxy::Proxies;
use super::{Hub, target};
use crate::hub::is_loopback;

const FOLDER: &str = "${XDG_DATA_HOME:-~/.local/share}/hearthgate/models";
const FOLDER_VARIABLE: &str = "HEARTHGATE_HUB__FOLDER";
const ENDPOINT: &str = "https://huggingface.co";
const ENDPOINT_VARIABLE: &str = "HF_ENDPOINT";
const TOKEN_VARIABLE: &str = "HF_TOKEN";

/// The section. Warnings name what is not used of the environment.
pub fn hub(
    check: &Check<'_>,
    raw: &HubFile,
    file: Option<&Path>,
    env: &Env,
    proxies: &Proxies,
    warnings: &mut Vec<String>,
) -> Result<Hub, ConfigError> {
    // What comes from variables of the environment alone is not worth refusing a start.
    let folder = match &raw.folder {
        Some(folder) => Some(check.source.path("hub.folder", folder)?),
        // Whoever pulls nothing needs no home.
        None => usual(FOLDER, env).and_then(|folder| check.source.path("hub.folder", &folder).ok()),
    };
    let mut notes = Vec::new();
    let endpoint = match &raw.endpoint {
        Some(written) => endpoint(check, written)?,
        None => match env.filled(ENDPOINT_VARIABLE).map(|set| endpoint(check, set)) {
            Some(Ok(set)) => set,
            unusable => {
                if unusable.is_some() {
                    notes.push(format!(
                        "`{ENDPOINT_VARIABLE}` is not a hub that can be asked with TLS; `{ENDPOINT}` is asked instead"
                    ));
                }
                endpoint(check, ENDPOINT)?
            }
        },
    };
    let number = |key: &str, value: Option<u64>, default, most| {
        check.number::<u64>(&format!("hub.{key}"), value.unwrap_or(default), 0..=most)
    };
    let connections = check.number("hub.connections", raw.connections.unwrap_or(4), 1..=16)?;
    let ca_file = raw.ca_file.as_ref().map(|file| check.source.path("hub.ca_file", file)).transpose()?;
    let token = token(check, raw.token.as_deref(), env, &mut notes)?;
    warnings.extend(notes.iter().cloned());
    Ok(Hub {
        folder,
        endpoint,
        token,
        ca_file,
        proxies: proxies.clone(),
        connections,
        retries: check.number("hub.retries", raw.retries.unwrap_or(5), 0..=100)?,
        connect_timeout: check.millis("hub.connect_timeout_ms", raw.connect_timeout_ms, 10_000)?,
        stall_timeout: check.millis("hub.stall_timeout_ms", raw.stall_timeout_ms, 30_000)?,
        keep_free_bytes: number("keep_free_mb", raw.keep_free_mb, 1024, 1 << 40)? << 20,
        notes,
        flags: file.map(|file| format!(" --config {}", quoted(file))).unwrap_or_default(),
    })
}

fn endpoint(check: &Check<'_>, text: &str) -> Result<Uri, ConfigError> {
    let endpoint = target::base_url(check, "hub.endpoint", text)?;
    if endpoint.scheme_str() == Some("https") || is_loopback(&endpoint) {
        return Ok(endpoint);
    }
    check.fault(
        "hub.endpoint",
        "is spoken to without TLS, so that anybody on the way could change models or read the token; write `https://`",
    )
}

/// The token of the file, which may be empty (`${HF_TOKEN:-}`), or that of the environment.
fn token(
    check: &Check<'_>,
    written: Option<&str>,
    env: &Env,
    notes: &mut Vec<String>,
) -> Result<Option<SecretString>, ConfigError> {
    if let Some(written) = written {
        return target::api_key(check, "hub.token", Some(written).filter(|token| !token.is_empty()));
    }
    let Some(token) = env.filled(TOKEN_VARIABLE).map(str::trim) else { return Ok(None) };
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(token.into()));
    }
    notes.push(format!(
        "`{TOKEN_VARIABLE}` holds white space or characters that no header can carry; it is not used"
    ));
    Ok(None)
}

fn usual(text: &str, env: &Env) -> Option<String> {
    interpolate(text, env).ok()
}

/// The folder of models where there is no file to name one.
pub fn folder_without_file(env: &Env) -> Option<PathBuf> {
    let text = env.filled(FOLDER_VARIABLE).map(str::to_owned).or_else(|| usual(FOLDER, env))?;
    match text.strip_prefix("~/") {
        Some(below_home) => Some(Path::new(env.filled("HOME")?).join(below_home)),
        None => Some(PathBuf::from(text)),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+=:,@%".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
