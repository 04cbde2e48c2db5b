//! Who an upstream is: what the word for its dialect stands for, where it is asked, and in which header it has its key.

use std::str::FromStr;

use hearthgate_rules::suggest::did_you_mean;
use http::HeaderName;
use http::Uri;

use super::check::Check;
use super::error::ConfigError;
use super::file::UpstreamFile;
use super::{Aws, AwsKeys, Endpoint, UpstreamDialect};

/// What of an upstream goes by its provider.
pub struct Provider {
    pub dialect: UpstreamDialect,
    pub endpoint: Endpoint,
    pub api_key_header: HeaderName,
    pub aws: Option<Aws>,
}

/// The words for a dialect. Azure's is OpenAI's, asked elsewhere.
const WORDS: [&str; 5] = ["openai", "azure", "anthropic", "gemini", "bedrock"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    OpenAi,
    Azure,
    Anthropic,
    Gemini,
    Bedrock,
}

impl FromStr for Word {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "openai" => Ok(Self::OpenAi),
            "azure" => Ok(Self::Azure),
            "anthropic" => Ok(Self::Anthropic),
            "gemini" => Ok(Self::Gemini),
            "bedrock" => Ok(Self::Bedrock),
            _ => {
                let all = WORDS.map(|word| format!("`{word}`")).join(", ");
                Err(format!(
                    "unknown dialect `{name}`{}; this version speaks {all}",
                    did_you_mean(name, WORDS)
                ))
            }
        }
    }
}

impl Word {
    fn dialect(self) -> UpstreamDialect {
        match self {
            Self::OpenAi | Self::Azure => UpstreamDialect::OpenAi,
            Self::Anthropic => UpstreamDialect::Anthropic,
            Self::Gemini => UpstreamDialect::Gemini,
            Self::Bedrock => UpstreamDialect::Bedrock,
        }
    }

    fn api_key_header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::OpenAi | Self::Bedrock => "authorization",
            Self::Azure => "api-key",
            Self::Anthropic => "x-api-key",
            Self::Gemini => "x-goog-api-key",
        })
    }
}

/// Headers that are the gateway's own, whatever a site writes.
const OWN: [&str; 9] = [
    "host",
    "user-agent",
    "content-type",
    "content-length",
    "accept",
    "connection",
    "transfer-encoding",
    "anthropic-version",
    "proxy-authorization",
];

/// Reads what goes by the provider.
pub fn provider(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    base_url: &Uri,
) -> Result<Provider, ConfigError> {
    let word = raw.dialect.as_ref().map(|word| check.word(&at("dialect"), word)).transpose()?;
    let word = word.unwrap_or(Word::OpenAi);
    let api_key_header = match raw.api_key_header.as_deref() {
        None => word.api_key_header(),
        Some(name) => {
            let header = HeaderName::from_str(name).ok().filter(|header| !OWN.contains(&header.as_str()));
            header.ok_or_else(|| {
                let mend = "write one such as `authorization` or `api-key`";
                check.source.fault(&at("api_key_header"), format!("`{name}` is no header for a key; {mend}"))
            })?
        }
    };
    if let Some(what) = misplaced(word, base_url) {
        return check.fault(&at("base_url"), what);
    }
    if let Some(model) = raw.models.iter().find(|model| word == Word::Gemini && model.starts_with("models/"))
    {
        let mend = "write it without, as `gemini-2.5-pro`";
        return check.fault(
            &at("models"),
            format!("`{model}` begins with `models/`, which stands in the path; {mend}"),
        );
    }
    let endpoint = endpoint(check, at, raw, word, base_url)?;
    Ok(Provider {
        dialect: word.dialect(),
        endpoint,
        api_key_header,
        aws: aws(check, at, raw, word, base_url)?,
    })
}

/// What is wrong with a URL that its provider has nothing below.
fn misplaced(word: Word, base_url: &Uri) -> Option<&'static str> {
    match (word, base_url.path().trim_end_matches('/')) {
        (Word::Azure, path) if path.ends_with("/openai") => {
            Some("ends in `/openai`; leave that out for a deployment's path, or write `/openai/v1`")
        }
        (Word::Gemini, "") => Some("names no version of the API; end it with one such as `/v1beta`"),
        _ => None,
    }
}

/// The keys of AWS. A key of Bedrock's own is an `api_key` like any other, and needs none of them.
fn aws(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    word: Word,
    base_url: &Uri,
) -> Result<Option<Aws>, ConfigError> {
    let told = [
        ("aws_access_key_id", &raw.aws_access_key_id),
        ("aws_secret_access_key", &raw.aws_secret_access_key),
        ("aws_session_token", &raw.aws_session_token),
        ("aws_region", &raw.aws_region),
    ];
    // A variable that is set to nothing, as `${VAR:-}`, is none.
    let told = told.map(|(key, value)| (key, value.as_deref().filter(|value| !value.is_empty())));
    if let Some((key, _)) = told.iter().find(|(_, value)| value.is_some() && word != Word::Bedrock) {
        return check.fault(&at(key), "this dialect has no such key; leave it out");
    }
    let kept = [
        ("aws_credentials_file", raw.aws_credentials_file.is_some()),
        ("aws_profile", raw.aws_profile.is_some()),
        ("aws_credential_process", raw.aws_credential_process.is_some()),
    ];
    let kept_elsewhere = kept.iter().find(|(_, told)| *told).map(|(key, _)| *key);
    if let Some(key) = kept_elsewhere.filter(|_| word != Word::Bedrock) {
        return check.fault(&at(key), "this dialect has no such key; leave it out");
    }
    let [(_, id), (_, secret), (_, token), (_, region)] = told;
    let plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some((key, _)) = told.iter().find(|(_, value)| value.is_some_and(|value| !plain(value))) {
        return check.fault(&at(key), "holds white space or characters that no header can carry");
    }
    let goes_with_keys = [("aws_session_token", token), ("aws_region", region)];
    if let Some((key, _)) =
        goes_with_keys.iter().find(|(_, told)| told.is_some() && id.is_none() && raw.api_key.is_some())
    {
        return check
            .fault(&at(key), "goes with keys of AWS, and an `api_key` needs none of it; leave it out");
    }
    if let Some(key) = kept_elsewhere {
        if raw.api_key.is_some() || id.is_some() || secret.is_some() || token.is_some() {
            return check.fault(&at(key), "stands beside other keys; leave the one or the others out");
        }
        let keys = kept_keys(check, at, raw)?;
        return Ok(Some(Aws { keys, region: region_told(check, at, region, base_url)? }));
    }
    let (id, secret) = match (id, secret, raw.api_key.is_some()) {
        (Some(id), Some(secret), false) => (id, secret),
        (Some(_), Some(_), true) => {
            return check.fault(&at("api_key"), "stands beside keys of AWS; leave the one or the others out");
        }
        (None, None, true) => return Ok(None),
        (None, None, false) if word != Word::Bedrock => return Ok(None),
        (None, ..) if word != Word::Bedrock => return Ok(None),
        (None, ..) => {
            let mend = "set it and `aws_secret_access_key`, `aws_credentials_file`, `aws_credential_process`, or an `api_key` of Bedrock's";
            return check.fault(&at("aws_access_key_id"), format!("is missing or empty; {mend}"));
        }
        (Some(_), None, _) => {
            return check.fault(
                &at("aws_secret_access_key"),
                "is missing or empty; it goes with `aws_access_key_id`",
            );
        }
    };
    let keys = AwsKeys::Given {
        access_key_id: id.to_owned(),
        secret_access_key: secret.into(),
        session_token: token.map(Into::into),
    };
    Ok(Some(Aws { keys, region: region_told(check, at, region, base_url)? }))
}

/// Keys that a file holds, or a command prints.
fn kept_keys(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
) -> Result<AwsKeys, ConfigError> {
    match (&raw.aws_credentials_file, &raw.aws_credential_process) {
        (Some(_), Some(_)) => {
            check.fault(&at("aws_credential_process"), "stands beside a file; leave the one or the other out")
        }
        (Some(path), None) if path.is_empty() => {
            check.fault(&at("aws_credentials_file"), "is empty; name a file")
        }
        (Some(path), None) => {
            let profile = raw.aws_profile.clone().filter(|profile| !profile.is_empty());
            Ok(AwsKeys::File { path: path.into(), profile: profile.unwrap_or_else(|| "default".to_owned()) })
        }
        (None, Some(_)) if raw.aws_profile.is_some() => {
            check.fault(&at("aws_profile"), "goes with `aws_credentials_file`; leave it out")
        }
        (None, Some(command)) if command.first().is_none_or(String::is_empty) => {
            let mend = "names no command; write it and its arguments, each a string of the list";
            check.fault(&at("aws_credential_process"), mend)
        }
        (None, Some(command)) => Ok(AwsKeys::Process(command.clone())),
        (None, None) => check.fault(&at("aws_profile"), "goes with `aws_credentials_file`; name the file"),
    }
}

fn region_told(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    region: Option<&str>,
    base_url: &Uri,
) -> Result<String, ConfigError> {
    let region = region.or_else(|| region_of(base_url.host().unwrap_or_default()));
    let mend = "is missing, and the host does not tell it; write one such as `eu-central-1`";
    region.map(str::to_owned).ok_or_else(|| check.source.fault(&at("aws_region"), mend))
}

/// The region in the name of one of Bedrock's hosts: `bedrock-runtime.REGION.amazonaws.com`, and what stands in place of its
/// first word in networks of one's own.
fn region_of(host: &str) -> Option<&str> {
    let (before, _) = host.split_once(".amazonaws.com").or_else(|| host.split_once(".vpce.amazonaws.com"))?;
    before.rsplit('.').find(|part| part.split('-').count() >= 3 && !part.starts_with("bedrock"))
}

/// Azure has a path for every deployment, asked in a version of its API, and beside it `/openai/v1`, which needs none.
fn endpoint(
    check: &Check<'_>,
    at: &impl Fn(&str) -> String,
    raw: &UpstreamFile,
    word: Word,
    base_url: &Uri,
) -> Result<Endpoint, ConfigError> {
    let version = raw.api_version.clone();
    let key = at("api_version");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if let Some(version) =
        version.as_ref().filter(|version| version.is_empty() || !version.chars().all(plain))
    {
        return check.fault(&key, format!("`{version}` is no version; write one such as `2024-10-21`"));
    }
    match (word, version) {
        (Word::Azure, version) if base_url.path().ends_with("/openai/v1") => {
            Ok(version.map_or(Endpoint::Usual, Endpoint::Version))
        }
        (Word::Azure, Some(version)) => Ok(Endpoint::Deployments(version)),
        (Word::Azure, None) => check.fault(
            &key,
            "is missing; write the version of Azure's API such as `2024-10-21`, or end `base_url` with `/openai/v1`",
        ),
        (_, None) => Ok(Endpoint::Usual),
        (_, Some(_)) => check.fault(&key, "this dialect has no such key; leave it out"),
    }
}
