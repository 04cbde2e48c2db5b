//! What is known of prices and context windows: data, in `prices.toml`, and above it what the site says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Catalogue;
use serde::Deserialize;

use super::check::Check;
use super::error::ConfigError;
use super::file::{PriceFile, WindowFile};
use super::{Price, Told, Upstream, Window};
use crate::price::{Prices, Rate};

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    // It comes with the program; a test reads it.
    toml::from_str::<File>(include_str!("prices.toml")).map(|file| file.model).unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: Vec<Row>,
}

/// What is known of one model at one provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    host: String,
    name: String,
    input_usd_per_million: Option<f64>,
    output_usd_per_million: Option<f64>,
    cached_usd_per_million: Option<f64>,
    written_usd_per_million: Option<f64>,
    long: Option<Long>,
    context_tokens: Option<u64>,
    as_of: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    above_tokens: u64,
    input_usd_per_million: f64,
    output_usd_per_million: f64,
    cached_usd_per_million: Option<f64>,
    written_usd_per_million: Option<f64>,
}

impl Row {
    fn rate(&self) -> Option<Rate> {
        let long = self.long.as_ref().map(|long| {
            let prices = Prices {
                input: long.input_usd_per_million,
                output: long.output_usd_per_million,
                cached: long.cached_usd_per_million,
                written: long.written_usd_per_million,
            };
            (long.above_tokens, prices)
        });
        let usual = Prices {
            input: self.input_usd_per_million?,
            output: self.output_usd_per_million?,
            cached: self.cached_usd_per_million,
            written: self.written_usd_per_million,
        };
        Some(Rate { usual, long })
    }

    fn told(&self) -> Told {
        Told::Provider { source: self.source.clone(), as_of: self.as_of.clone() }
    }
}

/// The row of a model at a host. One whose name is the model's own goes before one that it only begins with.
fn row(host: &str, model: &str) -> Option<&'static Row> {
    let of = ROWS.iter().filter(|row| row.host == host && belongs(model, &row.name));
    of.max_by_key(|row| row.name.len())
}

/// Whether a name is a row's, or goes on with nothing but a date or `latest`. A name that goes on otherwise is another model.
fn belongs(model: &str, name: &str) -> bool {
    let Some(rest) = model.strip_prefix(name) else { return false };
    let Some(rest) = rest.strip_prefix(['-', '@']) else { return rest.is_empty() };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    rest == "latest" || digits == 8 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// What the site says in `[[price]]`, and what is known of its other targets.
pub fn prices(
    check: &Check<'_>,
    raw: &[PriceFile],
    catalogue: &Catalogue,
    upstreams: &[Upstream],
) -> Result<Vec<Price>, ConfigError> {
    let mut targets = BTreeSet::new();
    let mut prices = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let at = |key: &str| format!("price[{index}].{key}");
        check.once(&at("target"), &raw.target, &mut targets)?;
        known_target(check, &at("target"), &raw.target, catalogue)?;
        let usd = |key: &str, usd: f64| match usd {
            usd if usd.is_finite() && (0.0..=1e6).contains(&usd) => Ok(usd),
            usd => check.fault(&at(key), format!("{usd} is out of bounds; write 0 to 1000000")),
        };
        let usd_if = |key: &str, value: Option<f64>| value.map(|value| usd(key, value)).transpose();
        let usual = Prices {
            input: usd("input_usd_per_million", raw.input_usd_per_million)?,
            output: usd("output_usd_per_million", raw.output_usd_per_million)?,
            cached: usd_if("cached_usd_per_million", raw.cached_usd_per_million)?,
            written: usd_if("written_usd_per_million", raw.written_usd_per_million)?,
        };
        let rate = Rate { usual, long: None };
        prices.push(Price { target: raw.target.clone(), rate, told: Told::Site });
    }
    for (target, row) in of_providers(upstreams) {
        if let Some(rate) = row.rate().filter(|_| !targets.contains(target.as_str())) {
            prices.push(Price { target, rate, told: row.told() });
        }
    }
    Ok(prices)
}

/// What the site says in `[[window]]`, and what is known of its other targets.
pub fn windows(
    check: &Check<'_>,
    raw: &[WindowFile],
    catalogue: &Catalogue,
    upstreams: &[Upstream],
) -> Result<Vec<Window>, ConfigError> {
    let mut targets = BTreeSet::new();
    let mut windows = Vec::new();
    for (index, raw) in raw.iter().enumerate() {
        let at = |key: &str| format!("window[{index}].{key}");
        check.once(&at("target"), &raw.target, &mut targets)?;
        known_target(check, &at("target"), &raw.target, catalogue)?;
        if !upstreams.iter().any(|upstream| raw.target.starts_with(&format!("{}/", upstream.name))) {
            return check.fault(
                &at("target"),
                "is a model of this process, whose window is the `context_tokens` of its `[[model]]`",
            );
        }
        let context_tokens = check.number(&at("context_tokens"), raw.context_tokens, 64..=1_000_000_000)?;
        windows.push(Window { target: raw.target.clone(), context_tokens, told: Told::Site });
    }
    for (target, row) in of_providers(upstreams) {
        if let Some(context_tokens) = row.context_tokens.filter(|_| !targets.contains(target.as_str())) {
            windows.push(Window { target, context_tokens, told: row.told() });
        }
    }
    Ok(windows)
}

/// The targets of which something is known.
fn of_providers(upstreams: &[Upstream]) -> impl Iterator<Item = (String, &'static Row)> {
    upstreams.iter().flat_map(|upstream| {
        let host = upstream.base_url.host().unwrap_or_default();
        let known = move |model: &String| Some((format!("{}/{model}", upstream.name), row(host, model)?));
        upstream.models.iter().filter_map(known)
    })
}

fn known_target(
    check: &Check<'_>,
    key: &str,
    target: &str,
    catalogue: &Catalogue,
) -> Result<(), ConfigError> {
    if catalogue.iter().any(|known| known.name() == target) {
        return Ok(());
    }
    let mend = did_you_mean(target, catalogue.iter().map(|known| known.name()));
    check.fault(key, format!("unknown target `{target}`{mend}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_dated_sourced_and_of_use() {
        assert!(ROWS.len() > 20);
        let mut seen = BTreeSet::new();
        for row in ROWS.iter() {
            assert!(seen.insert((&row.host, &row.name)), "{} stands there twice", row.name);
            assert!(row.source.starts_with("https://"), "{}", row.name);
            let (year, month) = row.as_of.split_once('-').expect("a month");
            assert!(("2025".."2100").contains(&year) && ("01"..="12").contains(&month), "{}", row.name);
            assert_eq!(row.input_usd_per_million.is_some(), row.output_usd_per_million.is_some());
            assert!(row.rate().is_some() || row.context_tokens.is_some(), "{}", row.name);
            for Prices { input, output, cached, written } in row
                .rate()
                .into_iter()
                .flat_map(|rate| [Some(rate.usual), rate.long.map(|(_, long)| long)])
                .flatten()
            {
                assert!(0.0 < input && input < output && output < 1000.0, "{}", row.name);
                assert!(cached.is_none_or(|cached| 0.0 < cached && cached < input), "{}", row.name);
                assert!(written.is_none_or(|written| input < written && written < output), "{}", row.name);
            }
            assert!(row.context_tokens.is_none_or(|tokens| (1000..10_000_000).contains(&tokens)));
        }
    }

    #[test]
    fn a_model_is_found_at_its_own_provider_and_with_a_date() {
        let of = |host, model| row(host, model).map(|row| row.name.as_str());
        let (openai, anthropic) = ("api.openai.com", "api.anthropic.com");
        assert_eq!(of(openai, "gpt-5.1"), Some("gpt-5.1"));
        assert_eq!(of(openai, "gpt-5.1-2025-11-13"), Some("gpt-5.1"));
        assert_eq!(of(openai, "gpt-4o-2024-05-13"), Some("gpt-4o-2024-05-13"));
        assert_eq!(of(openai, "gpt-4o-2024-08-06"), Some("gpt-4o"));
        assert_eq!(of(anthropic, "claude-sonnet-4-5-20250929"), Some("claude-sonnet-4-5"));
        assert_eq!(of(anthropic, "claude-3-5-haiku-latest"), Some("claude-3-5-haiku"));
    }

    #[test]
    fn another_model_and_another_provider_are_unknown() {
        for (host, model) in [
            ("api.openai.com", "gpt-5.1-codex"),
            ("api.openai.com", "gpt-5-pro"),
            ("api.openai.com", "gpt-5.10"),
            ("api.anthropic.com", "claude-opus-4-9"),
            ("api.anthropic.com", "claude-opus-5-6"),
            ("localhost", "gpt-5.1"),
        ] {
            assert!(row(host, model).is_none(), "{model} at {host}");
        }
    }
}
