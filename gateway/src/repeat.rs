//! Whether a request may be sent twice at the same time.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::Value;

/// Members by which a provider keeps something, or acts beyond its answer.
const ACTS: [&str; 5] = ["web_search_options", "mcp_servers", "container", "background", "store"];

/// Whether two answers to a request do no more than one: it is not streamed, nothing is to be kept of it, and its tools are
/// called by the client alone.
#[must_use]
pub fn is_safe(request: &ChatRequest) -> bool {
    let body = request.body();
    let acts = |name: &&str| body.present(name).is_some_and(|value| value.as_bool() != Some(false));
    let tools = body.get("tools");
    let mut tools = tools.into_iter().flat_map(Value::items);
    // Tools that a provider runs itself have types of their own.
    let called_here = |tool: Value<'_>| matches!(tool.str("type"), None | Some("function" | "custom"));
    !request.stream() && !ACTS.iter().any(acts) && tools.all(called_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(more: &str) -> bool {
        let body =
            format!("{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]{more}}}");
        is_safe(&ChatRequest::openai(body).expect("sound"))
    }

    #[test]
    fn only_what_does_nothing_but_answer() {
        assert!(safe(""));
        assert!(safe(r#","store":false,"tools":[{"type":"function","function":{"name":"f"}}]"#));
        assert!(!safe(r#","stream":true"#));
        assert!(!safe(r#","store":true"#));
        assert!(!safe(r#","web_search_options":{}"#));
        assert!(!safe(r#","tools":[{"type":"web_search_preview"}]"#));
    }
}
