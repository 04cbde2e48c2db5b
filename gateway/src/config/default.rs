//! The configuration that applies where there is no file: the models that were pulled, or the starter where none was, and
//! each cloud whose usual key variable is set.
//!
//! It is written as a file would be, and read like one, so that nothing holds for it alone.

use super::env::Env;
use super::hub;
use crate::hub::Store;
use crate::hub::catalogue::{self, Capability};

/// A cloud, and the variable in which its users keep their key.
struct Cloud {
    name: &'static str,
    key: &'static str,
    base_url: &'static str,
    model: &'static str,
    dialect: &'static str,
    effort_field: Option<&'static str>,
}

const CLOUDS: [Cloud; 9] = [
    Cloud {
        name: "openai",
        key: "OPENAI_API_KEY",
        base_url: "${OPENAI_BASE_URL:-https://api.openai.com/v1}",
        model: "gpt-5.1",
        dialect: "openai",
        effort_field: Some("reasoning_effort"),
    },
    Cloud {
        name: "anthropic",
        key: "ANTHROPIC_API_KEY",
        // Not by `ANTHROPIC_BASE_URL`: clients on this machine may be pointed to this gateway by it.
        base_url: "https://api.anthropic.com/v1",
        model: "claude-sonnet-4-5",
        dialect: "anthropic",
        effort_field: None,
    },
    Cloud {
        name: "openrouter",
        key: "OPENROUTER_API_KEY",
        base_url: "https://openrouter.ai/api/v1",
        model: "openrouter/auto",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "groq",
        key: "GROQ_API_KEY",
        base_url: "https://api.groq.com/openai/v1",
        model: "openai/gpt-oss-120b",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "mistral",
        key: "MISTRAL_API_KEY",
        base_url: "https://api.mistral.ai/v1",
        model: "mistral-large-latest",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "deepseek",
        key: "DEEPSEEK_API_KEY",
        base_url: "https://api.deepseek.com/v1",
        model: "deepseek-chat",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "xai",
        key: "XAI_API_KEY",
        base_url: "https://api.x.ai/v1",
        model: "grok-4",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "together",
        key: "TOGETHER_API_KEY",
        base_url: "https://api.together.xyz/v1",
        model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        dialect: "openai",
        effort_field: None,
    },
    Cloud {
        name: "gemini",
        key: "GEMINI_API_KEY",
        base_url: "https://generativelanguage.googleapis.com/v1beta",
        model: "gemini-2.5-pro",
        dialect: "gemini",
        effort_field: None,
    },
];

const STARTER: &str = "[[model]]\nname = \"starter\"\nsource = \"bundled:starter\"\n";

/// The default configuration as TOML. Warnings name what was pulled and is not used.
pub fn text(env: &Env, warnings: &mut Vec<String>) -> String {
    let (models, chats) = pulled(env, warnings);
    let mut text = if chats { models } else { format!("{STARTER}{models}") };
    for cloud in CLOUDS.iter().filter(|cloud| env.filled(cloud.key).is_some()) {
        let Cloud { name, key, base_url, model, dialect, effort_field } = cloud;
        text.push_str(&format!(
            "\n[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\ndialect = \"{dialect}\"\n\
             base_url = \"{base_url}\"\napi_key = \"${{{key}}}\"\nmodels = [\"{model}\"]\n"
        ));
        if let Some(field) = effort_field {
            text.push_str(&format!("effort_field = \"{field}\"\n"));
        }
    }
    text
}

/// The models that were pulled, and whether one of them answers chats. The last one pulled is taken in at the start and stands
/// first, so that it is the one which answers; older ones are taken in when they are asked for by name.
fn pulled(env: &Env, warnings: &mut Vec<String>) -> (String, bool) {
    let store = hub::folder_without_file(env).map(Store::at);
    let mut found = store.as_ref().map(Store::all).unwrap_or_default();
    found.sort_by(|(_, one), (_, other)| other.pulled_at.cmp(&one.pulled_at));
    let (mut text, mut chats) = (String::new(), false);
    let mut names = Vec::new();
    for (source, _) in found {
        if let Some(Err(error)) = store.as_ref().map(|store| store.resolve(&source)) {
            warnings.push(format!("not used: {error}"));
            continue;
        }
        let known = catalogue::find(&source.to_string());
        let name = known.map_or_else(|| plain(&source.to_string()), |entry| entry.name.clone());
        if names.contains(&name) {
            warnings.push(format!("`{source}` is not used: another model is called `{name}`, too"));
            continue;
        }
        let embeds = known.is_some_and(|entry| !entry.capabilities.contains(&Capability::Chat));
        let how = match (embeds, chats) {
            (true, _) => "embeddings = true\n",
            (false, false) => "",
            (false, true) => "load = \"on-demand\"\n",
        };
        chats |= !embeds;
        text.push_str(&format!("\n[[model]]\nname = \"{name}\"\nsource = \"{source}\"\n{how}"));
        names.push(name);
    }
    (text, chats)
}

/// A name for a model that the catalogue does not know: that of its file.
fn plain(source: &str) -> String {
    let file = source.rsplit('/').next().unwrap_or_default();
    let stem = file.split('@').next().unwrap_or_default().trim_end_matches(".gguf").to_lowercase();
    let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    stem.chars().map(fits).take(64).collect()
}
