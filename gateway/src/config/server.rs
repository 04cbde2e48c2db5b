//! The sections about this gateway itself: listeners, client keys, limits, the record.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::thread::available_parallelism;
use std::time::Duration;

use hearthgate_rules::label::Labels;
use hearthgate_rules::target::Zone;

use super::check::Check;
use super::env::Env;
use super::error::ConfigError;
use super::file::{AuditFile, ConfigFile, KeyFile, LimitsFile, MemoryFile, ResponsesFile};
use super::interpolate::interpolate;
use super::{Audit, Key, Limits, Memory, Responses, Server, Tls, choice};
use crate::auth::LOCAL;

const LISTEN: &str = "127.0.0.1:8080";
const ADMIN_LISTEN: &str = "127.0.0.1:9090";
const AUDIT_FILE: &str = "${XDG_STATE_HOME:-~/.local/state}/hearthgate/audit.jsonl";
const MIB: u64 = 1 << 20;

/// The least room for a request's head that the HTTP/1 reader works with.
const HEADER_BYTES_LEAST: u64 = 8 << 10;

/// The `[server]` section.
pub fn server(check: &Check<'_>, raw: &ConfigFile) -> Result<Server, ConfigError> {
    let raw = &raw.server;
    let outermost = raw.outermost_zone.as_ref().map(|zone| check.word("server.outermost_zone", zone));
    let admin_key = raw.admin_key_sha256.as_ref().map(|hex| check.sha256("server.admin_key_sha256", hex));
    let workers = u64::try_from(available_parallelism().map_or(1, usize::from)).unwrap_or(1);
    let count = |key: &str, value: Option<u64>, default: u64, least: u64, most: u64| {
        check.number::<usize>(&format!("server.{key}"), value.unwrap_or(default), least..=most)
    };
    let millis = |key: &str, value, default_ms| check.millis(&format!("server.{key}"), value, default_ms);
    Ok(Server {
        listen: address(check, "server.listen", raw.listen.as_deref().unwrap_or(LISTEN))?,
        admin_listen: address(
            check,
            "server.admin_listen",
            raw.admin_listen.as_deref().unwrap_or(ADMIN_LISTEN),
        )?,
        admin_key_sha256: admin_key.transpose()?,
        outermost_zone: outermost.transpose()?.unwrap_or(Zone::Cloud),
        tls: tls(check, raw.tls_certificate.as_deref(), raw.tls_key.as_deref())?,
        workers: count("workers", raw.workers, workers.min(1024), 1, 1024)?,
        connections_max: count("connections_max", raw.connections_max, 4096, 1, 1_000_000)?,
        header_bytes_max: count("header_bytes_max", raw.header_bytes_max, 64 << 10, HEADER_BYTES_LEAST, MIB)?,
        header_count_max: count("header_count_max", raw.header_count_max, 100, 1, 10_000)?,
        body_bytes_max: count("body_bytes_max", raw.body_bytes_max, 20 * MIB, 1, 1024 * MIB)?,
        header_timeout: millis("header_timeout_ms", raw.header_timeout_ms, 10_000)?,
        body_timeout: millis("body_timeout_ms", raw.body_timeout_ms, 30_000)?,
        judge_timeout: millis("judge_timeout_ms", raw.judge_timeout_ms, 30_000)?,
        deadline: raw.deadline_ms.map(|ms| millis("deadline_ms", Some(ms), ms)).transpose()?,
        drain_timeout: millis("drain_timeout_ms", raw.drain_timeout_ms, 30_000)?,
    })
}

/// The `[[key]]` list.
pub fn keys(check: &Check<'_>, raw: &[KeyFile], labels: &Labels) -> Result<Vec<Key>, ConfigError> {
    let mut names = BTreeSet::new();
    let mut hashes = BTreeSet::new();
    let mut keys = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let at = |key: &str| format!("key[{index}].{key}");
        check.once(&at("name"), &raw.name, &mut names)?;
        if raw.name == LOCAL {
            // What is kept of callers without keys would be this one's, and the other way round.
            return check
                .fault(&at("name"), format!("`{LOCAL}` is the name of callers without a key; give another"));
        }
        let sha256 = check.sha256(&at("sha256"), &raw.sha256)?;
        if !hashes.insert(sha256) {
            return check.fault(&at("sha256"), "another key has the same hash; give each caller its own key");
        }
        let label = raw.label.as_ref().map(|name| {
            labels.named(name).map_err(|error| check.source.fault(&at("label"), error.to_string()))
        });
        keys.push(Key {
            name: check.name(&at("name"), &raw.name)?,
            sha256,
            tenant: check.words(&at("tenant"), raw.tenant.as_ref())?,
            workflow: check.words(&at("workflow"), raw.workflow.as_ref())?,
            label: label.transpose()?,
            zone: raw.zone.as_ref().map(|zone| check.word(&at("zone"), zone)).transpose()?,
            roles: raw.roles.iter().map(|role| check.name(&at("roles"), role)).collect::<Result<_, _>>()?,
            limits: per_minute(
                check,
                &format!("key[{index}]"),
                raw.requests_per_minute,
                raw.tokens_per_minute,
            )?,
            wish: choice::wish(check, &format!("key[{index}]"), raw.latency_max_ms, raw.cost_max_usd)?,
        });
    }
    Ok(keys)
}

/// A section with limits.
pub fn limits(check: &Check<'_>, section: &str, raw: &LimitsFile) -> Result<Limits, ConfigError> {
    per_minute(check, section, raw.requests_per_minute, raw.tokens_per_minute)
}

/// The `[audit]` section.
pub fn audit(check: &Check<'_>, raw: &AuditFile, env: &Env) -> Result<Audit, ConfigError> {
    if raw.enabled == Some(false) {
        return Ok(Audit { file: None });
    }
    let usual =
        interpolate(AUDIT_FILE, env).map_err(|fault| check.source.fault("audit.file", fault.message()))?;
    let file = check.source.path("audit.file", raw.file.as_ref().unwrap_or(&usual))?;
    Ok(Audit { file: Some(file) })
}

/// The `[memory]` section.
pub fn memory(check: &Check<'_>, raw: &MemoryFile) -> Result<Memory, ConfigError> {
    const DAY: u64 = 24 * 60;
    let minutes: u64 = check.number("memory.minutes", raw.minutes.unwrap_or(60), 1..=DAY)?;
    let count = |key: &str, value: Option<u64>, default| {
        check.number::<usize>(&format!("memory.{key}"), value.unwrap_or(default), 0..=10_000_000)
    };
    Ok(Memory {
        keep: Duration::from_secs(minutes * 60),
        entries: count("entries", raw.entries, 100_000)?,
        entries_per_caller: count("entries_per_caller", raw.entries_per_caller, 20_000)?,
    })
}

/// The `[responses]` section.
pub fn responses(check: &Check<'_>, raw: &ResponsesFile) -> Result<Responses, ConfigError> {
    const MONTH: u64 = 30 * 24 * 60;
    let minutes: u64 = check.number("responses.minutes", raw.minutes.unwrap_or(24 * 60), 1..=MONTH)?;
    let count: usize = check.number("responses.count", raw.count.unwrap_or(1000), 0..=1_000_000)?;
    let megabytes: usize = check.number("responses.megabytes", raw.megabytes.unwrap_or(64), 1..=1 << 20)?;
    Ok(Responses {
        keep: Duration::from_secs(minutes * 60),
        count: if raw.enabled == Some(false) { 0 } else { count },
        bytes: megabytes << 20,
    })
}

/// That whoever can reach a listener from another machine needs a key there.
pub fn refuse_open_doors(check: &Check<'_>, server: &Server, keys: &[Key]) -> Result<(), ConfigError> {
    if keys.is_empty() && !is_loopback(server.listen) {
        let message = format!(
            "`{}` is reachable from other machines and no client key is configured; \
             add a `[[key]]`, or listen on `127.0.0.1`",
            server.listen
        );
        return check.fault("server.listen", message);
    }
    if server.admin_key_sha256.is_none() && !is_loopback(server.admin_listen) {
        let message = format!(
            "`{}` is reachable from other machines and no admin key is configured; \
             set `server.admin_key_sha256`, or listen on `127.0.0.1`",
            server.admin_listen
        );
        return check.fault("server.admin_listen", message);
    }
    if server.listen == server.admin_listen && server.listen.port() != 0 {
        return check.fault("server.admin_listen", "is the same as `server.listen`; use another port");
    }
    Ok(())
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn address(check: &Check<'_>, key: &str, text: &str) -> Result<SocketAddr, ConfigError> {
    // `localhost` is what people write; which address a resolver gives it is not ours to guess.
    let numeric =
        text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        check.source.fault(
            key,
            format!("`{text}` is not an address with a port, such as `127.0.0.1:8080` or `[::1]:8080`"),
        )
    })
}

fn tls(check: &Check<'_>, certificate: Option<&str>, key: Option<&str>) -> Result<Option<Tls>, ConfigError> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Tls {
            certificate: check.source.path("server.tls_certificate", certificate)?,
            key: check.source.path("server.tls_key", key)?,
        })),
        (Some(_), None) => {
            check.fault("server.tls_certificate", "has no `tls_key` beside it; set both or neither")
        }
        (None, Some(_)) => {
            check.fault("server.tls_key", "has no `tls_certificate` beside it; set both or neither")
        }
    }
}

fn per_minute(
    check: &Check<'_>,
    section: &str,
    requests: Option<u64>,
    tokens: Option<u64>,
) -> Result<Limits, ConfigError> {
    let most = u64::from(u32::MAX);
    Ok(Limits {
        requests_per_minute: check.optional(&format!("{section}.requests_per_minute"), requests, 1..=most)?,
        tokens_per_minute: check.optional(&format!("{section}.tokens_per_minute"), tokens, 1..=most)?,
    })
}
