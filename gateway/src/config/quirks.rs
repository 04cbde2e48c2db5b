//! What servers that speak OpenAI's dialect do otherwise: data, in `quirks.toml`, and what a site adds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Quirks;
use serde::Deserialize;

use super::UpstreamDialect;
use super::check::Check;
use super::error::ConfigError;
use super::file::UpstreamFile;

static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
    // It comes with the program; a test reads it.
    toml::from_str::<File>(include_str!("quirks.toml")).map(|file| file.server).unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    server: Vec<Server>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    name: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    refuses: Vec<String>,
    #[serde(default)]
    refuses_in_messages: Vec<String>,
    #[serde(default)]
    renames: BTreeMap<String, String>,
    #[serde(default)]
    developer_is_system: bool,
    call_id_chars: Option<usize>,
    #[serde(default)]
    thoughts_in_tool_loops: bool,
}

/// Fewer would not tell calls apart, more are nowhere asked for.
const CALL_ID_CHARS: std::ops::RangeInclusive<usize> = 8..=40;

/// What no request is one without.
const NEEDED: [&str; 3] = ["model", "messages", "stream"];

/// The quirks of an upstream at this host: those of the server that is named, else of the one that is known by its host, and
/// what the site adds.
pub fn quirks(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    dialect: UpstreamDialect,
    host: &str,
) -> Result<Quirks, ConfigError> {
    let told = [
        ("quirks", raw.quirks.is_some()),
        ("refuses", !raw.refuses.is_empty()),
        ("refuses_in_messages", !raw.refuses_in_messages.is_empty()),
        ("renames", !raw.renames.is_empty()),
        ("call_id_chars", raw.call_id_chars.is_some()),
        ("thoughts_in_tool_loops", raw.thoughts_in_tool_loops.is_some()),
    ];
    if dialect != UpstreamDialect::OpenAi {
        let key = told.iter().find(|(_, told)| *told);
        let fault =
            |(key, _): &(&str, bool)| check.fault(&at(key), "this dialect has no such key; leave it out");
        return key.map_or_else(|| Ok(Quirks::default()), fault);
    }
    let known = match raw.quirks.as_deref() {
        Some("none") => None,
        Some(name) => {
            let known = SERVERS.iter().find(|server| server.name == name);
            let names = || SERVERS.iter().map(|server| server.name.as_str()).chain(["none"]);
            let all = || names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Some(known.ok_or_else(|| {
                let mend = did_you_mean(name, names());
                check
                    .source
                    .fault(&at("quirks"), format!("unknown server `{name}`{mend}; write one of {}", all()))
            })?)
        }
        None => at_host(host),
    };
    let mut quirks = known.map(Server::quirks).unwrap_or_default();
    if let Some(name) =
        raw.refuses_in_messages.iter().find(|name| ["role", "content", ""].contains(&name.as_str()))
    {
        return check
            .fault(&at("refuses_in_messages"), format!("`{name}` is in every message; leave it out"));
    }
    for (key, names) in [("refuses", &raw.refuses), ("renames", &raw.renames.keys().cloned().collect())] {
        if let Some(name) = names.iter().find(|name| name.is_empty() || NEEDED.contains(&name.as_str())) {
            return check.fault(&at(key), format!("`{name}` is in every request; leave it out"));
        }
    }
    if raw.call_id_chars.is_some_and(|chars| !CALL_ID_CHARS.contains(&chars)) {
        let (least, most) = (CALL_ID_CHARS.start(), CALL_ID_CHARS.end());
        return check.fault(&at("call_id_chars"), format!("an id has {least} to {most} letters and digits"));
    }
    quirks.call_id_chars = raw.call_id_chars.or(quirks.call_id_chars);
    quirks.thoughts_in_tool_loops = raw.thoughts_in_tool_loops.unwrap_or(quirks.thoughts_in_tool_loops);
    quirks.refuses.extend(raw.refuses.iter().cloned());
    quirks.refuses_in_messages.extend(raw.refuses_in_messages.iter().cloned());
    // The first that names a field counts.
    let known = std::mem::replace(&mut quirks.renames, raw.renames.clone().into_iter().collect());
    quirks.renames.extend(known);
    Ok(quirks)
}

/// The name of the server that an upstream of OpenAI's dialect is known to be, at all of its hosts.
pub fn server<'a>(raw: &UpstreamFile, mut hosts: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let name = |server: &'static Server| server.name.as_str();
    if let Some(told) = raw.quirks.as_deref() {
        return SERVERS.iter().find(|server| server.name == told).map(name);
    }
    let first = at_host(hosts.next()?).map(name)?;
    hosts.all(|host| at_host(host).map(name) == Some(first)).then_some(first)
}

/// The names of servers that are known.
pub fn servers() -> impl Iterator<Item = &'static str> {
    SERVERS.iter().map(|server| server.name.as_str())
}

/// The server that is known by this host.
fn at_host(host: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|server| server.hosts.iter().any(|known| known == host))
}

/// Whether the servers at two hosts are known to take different things, where the site does not say which server it is.
pub fn differ(raw: &UpstreamFile, one: &str, other: &str) -> bool {
    let quirks = |host| at_host(host).map(Server::quirks).unwrap_or_default();
    let openai = raw.dialect.as_deref().is_none_or(|word| word == "openai");
    openai && raw.quirks.is_none() && quirks(one) != quirks(other)
}

impl Server {
    fn quirks(&self) -> Quirks {
        Quirks {
            refuses: self.refuses.clone(),
            refuses_in_messages: self.refuses_in_messages.clone(),
            renames: self.renames.clone().into_iter().collect(),
            developer_is_system: self.developer_is_system,
            call_id_chars: self.call_id_chars,
            thoughts_in_tool_loops: self.thoughts_in_tool_loops,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_host_tells_it_from_another() {
        let raw: UpstreamFile =
            toml::from_str("name = \"a\"\nzone = \"cloud\"\nbase_url = \"x\"").expect("a file");
        assert!(differ(&raw, "api.example", "api.mistral.ai") && differ(&raw, "api.x.ai", "api.mistral.ai"));
        assert!(!differ(&raw, "api.example", "eu.api.example") && !differ(&raw, "api.x.ai", "api.x.ai"));
        let named = UpstreamFile { quirks: Some("none".to_owned()), ..raw };
        assert!(!differ(&named, "api.example", "api.mistral.ai"));
    }

    #[test]
    fn what_comes_with_the_program_can_be_read() {
        assert!(SERVERS.len() >= 10);
        let mut names: Vec<_> = SERVERS.iter().map(|server| &server.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SERVERS.len());
        assert!(
            SERVERS
                .iter()
                .filter_map(|server| server.call_id_chars)
                .all(|chars| CALL_ID_CHARS.contains(&chars))
        );
        let needed = |name: &String| NEEDED.contains(&name.as_str());
        assert!(!SERVERS.iter().any(|server| server.refuses.iter().chain(server.renames.keys()).any(needed)));
    }
}
