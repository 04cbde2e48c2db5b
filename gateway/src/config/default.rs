//! The configuration that applies where there is no file: the device model, and each cloud whose usual key
//! variable is set.
//!
//! It is written as a file would be, and read like one, so that nothing holds for it alone.

use super::env::Env;

/// A cloud that speaks OpenAI's dialect, and the variable in which its users keep their key.
struct Cloud {
    name: &'static str,
    key: &'static str,
    base_url: &'static str,
    model: &'static str,
    effort_field: &'static str,
}

const CLOUDS: [Cloud; 8] = [
    Cloud {
        name: "openai",
        key: "OPENAI_API_KEY",
        base_url: "${OPENAI_BASE_URL:-https://api.openai.com/v1}",
        model: "gpt-5.1",
        effort_field: "reasoning_effort",
    },
    Cloud {
        name: "openrouter",
        key: "OPENROUTER_API_KEY",
        base_url: "https://openrouter.ai/api/v1",
        model: "openrouter/auto",
        effort_field: "none",
    },
    Cloud {
        name: "groq",
        key: "GROQ_API_KEY",
        base_url: "https://api.groq.com/openai/v1",
        model: "openai/gpt-oss-120b",
        effort_field: "none",
    },
    Cloud {
        name: "mistral",
        key: "MISTRAL_API_KEY",
        base_url: "https://api.mistral.ai/v1",
        model: "mistral-large-latest",
        effort_field: "none",
    },
    Cloud {
        name: "deepseek",
        key: "DEEPSEEK_API_KEY",
        base_url: "https://api.deepseek.com/v1",
        model: "deepseek-chat",
        effort_field: "none",
    },
    Cloud {
        name: "xai",
        key: "XAI_API_KEY",
        base_url: "https://api.x.ai/v1",
        model: "grok-4",
        effort_field: "none",
    },
    Cloud {
        name: "together",
        key: "TOGETHER_API_KEY",
        base_url: "https://api.together.xyz/v1",
        model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
        effort_field: "none",
    },
    Cloud {
        name: "gemini",
        key: "GEMINI_API_KEY",
        base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
        model: "gemini-2.5-pro",
        effort_field: "none",
    },
];

/// Keys of clouds whose own dialect this version does not speak.
const NOT_YET: [(&str, &str); 1] = [("ANTHROPIC_API_KEY", "Anthropic")];

/// The default configuration as TOML.
pub fn text(env: &Env) -> String {
    let mut text = "[[model]]\nname = \"starter\"\nsource = \"bundled:starter\"\n".to_owned();
    for cloud in CLOUDS.iter().filter(|cloud| env.filled(cloud.key).is_some()) {
        let Cloud { name, key, base_url, model, effort_field } = cloud;
        text.push_str(&format!(
            "\n[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\ndialect = \"openai\"\n\
             base_url = \"{base_url}\"\napi_key = \"${{{key}}}\"\nmodels = [\"{model}\"]\n\
             effort_field = \"{effort_field}\"\n"
        ));
    }
    text
}

/// What a person who set one of these keys should know.
pub fn warnings(env: &Env) -> Vec<String> {
    let set = NOT_YET.iter().filter(|(key, _)| env.filled(key).is_some());
    set.map(|(key, cloud)| {
        format!("`{key}` is set, but {cloud}'s own dialect comes with a later version; it is not used")
    })
    .collect()
}
