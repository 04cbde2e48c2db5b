//! What of a request does not go with it where it is written anew: names of fields, for its client to be told.
//!
//! Nothing that an answer depends on is left out, that is refused. The names are those of this file, or the configuration's: never
//! a client's own.

use std::collections::BTreeSet;

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::{Kind, Value};
use hearthgate_rules::target::Target;

use super::openai::read::says_nothing;
use crate::config::UpstreamDialect;

/// Blocks, tools and turns that are looked at: what more of them leave out has been told by then.
const LOOKED_AT_MAX: usize = 10_000;

/// Fields of a body that no provider of another dialect is told.
const OF_OPENAI: [&str; 4] = ["metadata", "prediction", "prompt_cache_key", "prompt_cache_retention"];
const OF_ANTHROPIC: [&str; 1] = ["service_tier"];
const OF_OLLAMA: [&str; 4] = ["keep_alive", "shift", "top_logprobs", "truncate"];

/// Who asks, which only some providers are told.
const ASKERS: [&str; 3] = ["metadata", "safety_identifier", "user"];

/// Members of blocks, messages and tools.
const OF_PARTS: [&str; 6] =
    ["annotations", "cache_control", "citations", "detail", "eager_input_streaming", "encrypted_content"];

/// The names of what a request says and a target is not told; `to` is none for a model of this process.
#[must_use]
pub fn names(request: &ChatRequest, to: Option<UpstreamDialect>, target: &Target) -> Vec<String> {
    let (body, from) = (request.body(), request.dialect());
    let mut names = BTreeSet::new();
    let mut add = |name: &str, value: Value<'_>| {
        if !is_empty(value) {
            names.insert(name.to_owned());
        }
    };
    let same = matches!(
        (from, to),
        (Dialect::OpenAiChat, Some(UpstreamDialect::OpenAi) | None)
            | (Dialect::AnthropicMessages, Some(UpstreamDialect::Anthropic))
    );
    if !same {
        let fields: &[&str] = match from {
            Dialect::OpenAiChat | Dialect::OpenAiResponses => &OF_OPENAI,
            Dialect::AnthropicMessages => &OF_ANTHROPIC,
            Dialect::Ollama => &OF_OLLAMA,
        };
        let told_of_askers = matches!(to, Some(UpstreamDialect::OpenAi | UpstreamDialect::Anthropic));
        for (name, value) in body.members() {
            let asker = ASKERS.contains(&name) && !told_of_askers;
            if fields.contains(&name) || asker {
                add(name, value);
            }
        }
        let caches = to == Some(UpstreamDialect::Bedrock) && target.manner().caches;
        body.present("cache_control")
            .filter(|_| !caches)
            .into_iter()
            .for_each(|told| add("cache_control", told));
        for part in parts(request).take(LOOKED_AT_MAX) {
            for (name, value) in part.members() {
                if OF_PARTS.contains(&name) && !(name == "cache_control" && caches) {
                    add(name, value);
                }
            }
        }
    }
    if to == Some(UpstreamDialect::OpenAi) {
        // What a server does not take was left out because nothing depends on it, or the request would have been refused.
        let refused = |name: &str| target.quirks().refuses.iter().any(|refused| refused == name);
        for (name, value) in body.members().filter(|(name, _)| refused(name)) {
            let empty = says_nothing(name, value)
                || matches!(name, "stream_options" | "tool_choice" | "parallel_tool_calls");
            if !empty {
                add(name, value);
            }
        }
    }
    names.into_iter().collect()
}

/// Tools, messages, and what stands in them, to the depth that dialects have.
fn parts(request: &ChatRequest) -> impl Iterator<Item = Value<'_>> {
    let body = request.body();
    let lists = ["system", "tools"].into_iter().filter_map(move |name| body.get(name)).flat_map(Value::items);
    let said = request.messages().flat_map(|message| {
        let blocks = content(message);
        let within: Vec<_> = blocks.iter().flat_map(|block| content(*block)).collect();
        let images: Vec<_> = blocks.iter().filter_map(|block| block.get("image_url")).collect();
        [message].into_iter().chain(blocks).chain(within).chain(images)
    });
    lists.chain(said)
}

fn content(of: Value<'_>) -> Vec<Value<'_>> {
    of.get("content").into_iter().flat_map(Value::items).collect()
}

fn is_empty(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null => true,
        Kind::String => matches!(value.as_str(), Some("" | "auto" | "default")),
        Kind::Array => value.items().next().is_none(),
        Kind::Object => value.members().next().is_none(),
        Kind::Bool => value.as_bool() == Some(false),
        Kind::Number => false,
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::target::{EffortField, Manner, Quirks, Zone};
    use serde_json::json;

    use super::*;

    fn left_out(
        dialect: Dialect,
        body: &serde_json::Value,
        to: Option<UpstreamDialect>,
        target: &Target,
    ) -> String {
        let request = ChatRequest::read(dialect, body.to_string()).expect("a request");
        names(&request, to, target).join(",")
    }

    fn target() -> Target {
        Target::upstream("up", "m", Zone::Cloud, EffortField::None)
    }

    #[test]
    fn what_no_provider_of_another_dialect_is_told_is_named() {
        use UpstreamDialect::{Anthropic, Bedrock, Gemini, OpenAi};
        let cached = json!({ "type": "ephemeral" });
        let message = json!({ "model": "m", "max_tokens": 5, "metadata": { "user_id": "u" }, "service_tier": "standard_only",
            "system": [{ "type": "text", "text": "s", "cache_control": cached }],
            "messages": [{ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": [
                { "type": "text", "text": "x", "citations": [{ "type": "of-a-kind" }] }] }] }] });
        let told = |to, target: &Target| left_out(Dialect::AnthropicMessages, &message, to, target);
        assert_eq!(told(Some(Anthropic), &target()), "");
        assert_eq!(told(Some(OpenAi), &target()), "cache_control,citations,service_tier");
        assert_eq!(told(Some(Gemini), &target()), "cache_control,citations,metadata,service_tier");
        assert_eq!(told(None, &target()), "cache_control,citations,metadata,service_tier");
        let caching = target().with_manner(Manner { caches: true, ..Manner::default() });
        assert_eq!(told(Some(Bedrock), &caching), "citations,metadata,service_tier");
        let chat = json!({ "model": "m", "prompt_cache_key": "k", "user": "u", "service_tier": "auto", "messages": [
            { "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "https://x.example", "detail": "high" } }] }] });
        let told = |to, target: &Target| left_out(Dialect::OpenAiChat, &chat, to, target);
        assert_eq!(told(Some(OpenAi), &target()), "");
        assert_eq!(told(Some(Anthropic), &target()), "detail,prompt_cache_key");
        assert_eq!(told(Some(Bedrock), &target()), "detail,prompt_cache_key,user");
        let strict = target().with_quirks(Quirks { refuses: vec!["user".to_owned()], ..Quirks::default() });
        assert_eq!(told(Some(OpenAi), &strict), "user");
        let local = json!({ "model": "m", "prompt": "x", "keep_alive": "5m" });
        assert_eq!(left_out(Dialect::Ollama, &local, Some(OpenAi), &target()), "keep_alive");
    }

    #[test]
    fn what_a_client_calls_its_own_things_is_never_told() {
        let body = json!({ "model": "m", "max_tokens": 5, "tools": [{ "name": "f", "input_schema": { "cache_control": { "a": 1 } } }],
            "messages": [{ "role": "user", "content": "x" },
                { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": { "user": "ann", "detail": "d" } }] }] });
        assert_eq!(left_out(Dialect::AnthropicMessages, &body, Some(UpstreamDialect::Gemini), &target()), "");
    }
}
