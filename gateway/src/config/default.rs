//! The configuration that applies where there is no file: the device model, and each cloud whose usual key
//! variable is set.
//!
//! It is written as a file would be, and read like one, so that nothing holds for it alone.

use super::env::Env;

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
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        model: "gemini-2.5-pro",
        dialect: "openai",
        effort_field: None,
    },
];

/// The default configuration as TOML.
pub fn text(env: &Env) -> String {
    let mut text = "[[model]]\nname = \"starter\"\nsource = \"bundled:starter\"\n".to_owned();
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
