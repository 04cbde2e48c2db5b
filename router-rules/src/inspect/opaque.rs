//! Parts of a request that cannot be read: what a provider would see and the detectors do not.

use super::OpaqueKind;
use crate::chat::Dialect;
use crate::json::{Kind, Value};

/// What an item of a message's content is, by its type; none where it can be read.
pub(super) fn of_part(dialect: Dialect, part: Value<'_>) -> Option<OpaqueKind> {
    if dialect == Dialect::Ollama {
        // Its contents are texts; what stands in a list is an image.
        return Some(OpaqueKind::Image);
    }
    let Some(kind) = part.str("type") else {
        return (part.kind() == Kind::Object).then_some(OpaqueKind::Block);
    };
    match dialect {
        Dialect::OpenAiChat => of_openai_part(kind, part),
        Dialect::AnthropicMessages => of_anthropic_block(kind, part),
        Dialect::OpenAiResponses => of_responses_part(kind, part),
        Dialect::Ollama => None,
    }
}

fn of_openai_part(kind: &str, part: Value<'_>) -> Option<OpaqueKind> {
    match kind {
        "text" | "input_text" | "output_text" | "refusal" => None,
        "image_url" | "input_image" | "image" | "image_file" => Some(OpaqueKind::Image),
        "input_audio" | "audio" => Some(OpaqueKind::Audio),
        "file" | "input_file" => Some(of_file(part)),
        _ => Some(OpaqueKind::Block),
    }
}

fn of_responses_part(kind: &str, part: Value<'_>) -> Option<OpaqueKind> {
    match kind {
        "summary_text" | "reasoning_text" => None,
        // A stored image is told by its `file_id`.
        _ => of_openai_part(kind, part),
    }
}

/// What an item of a request for a response is, by its type; none where it can be read.
pub(super) fn of_item(item: Value<'_>) -> Option<OpaqueKind> {
    match item.str("type").unwrap_or("message") {
        "message" | "function_call" | "function_call_output" => None,
        "custom_tool_call" | "custom_tool_call_output" => None,
        "reasoning" => {
            item.str("encrypted_content").filter(|sealed| !sealed.is_empty()).map(|_| OpaqueKind::Block)
        }
        "item_reference" => Some(OpaqueKind::Reference),
        _ => Some(OpaqueKind::Block),
    }
}

/// What calls a tool and what answers one is read leaf by leaf; what a provider has sealed is not to be read.
fn of_anthropic_block(kind: &str, block: Value<'_>) -> Option<OpaqueKind> {
    match kind {
        "text" | "tool_use" | "tool_result" | "search_result" => None,
        "thinking" => block.str("signature").filter(|seal| !seal.is_empty()).map(|_| OpaqueKind::Block),
        "image" => Some(OpaqueKind::Image),
        "document" => match block.get("source").and_then(|source| source.str("type")) {
            Some("text" | "content") => None,
            Some("base64") => Some(OpaqueKind::File),
            Some("url") => Some(OpaqueKind::Url),
            Some("file") => Some(OpaqueKind::Reference),
            _ => Some(OpaqueKind::Block),
        },
        _ => Some(OpaqueKind::Block),
    }
}

fn of_file(part: Value<'_>) -> OpaqueKind {
    let inner = part.present("file").unwrap_or(part);
    let named_only = inner.present("file_data").is_none() && inner.present("file_id").is_some();
    if named_only { OpaqueKind::Reference } else { OpaqueKind::File }
}

/// The member of a block that only its provider can read, where it has one.
pub(super) fn seal_of(block: Value<'_>) -> Option<&'static str> {
    match block.str("type") {
        Some("thinking") => Some("signature"),
        Some("redacted_thinking") => Some("data"),
        Some("reasoning") => Some("encrypted_content"),
        _ => None,
    }
}

/// What a tool would bring in: none for functions, whose schemas are read like all else.
pub(super) fn of_tool(dialect: Dialect, tool: Value<'_>) -> Option<OpaqueKind> {
    let Some(kind) = tool.str("type") else {
        // Anthropic's functions need no type.
        let untyped = tool.kind() == Kind::Object && dialect != Dialect::AnthropicMessages;
        return untyped.then_some(OpaqueKind::Block);
    };
    match (dialect, kind) {
        (Dialect::OpenAiChat | Dialect::OpenAiResponses, "function" | "custom")
        | (Dialect::AnthropicMessages, "custom")
        | (Dialect::Ollama, "function") => None,
        (Dialect::OpenAiChat | Dialect::OpenAiResponses, "file_search") => Some(OpaqueKind::Reference),
        (Dialect::OpenAiResponses, "mcp") => Some(OpaqueKind::Url),
        _ if kind.starts_with("web_search") || kind.starts_with("web_fetch") => Some(OpaqueKind::Url),
        _ => Some(OpaqueKind::Block),
    }
}

/// What a field of a request's own names that lies elsewhere.
pub(super) fn of_field(dialect: Dialect, key: &str, value: Value<'_>) -> Option<OpaqueKind> {
    match (dialect, key) {
        (Dialect::AnthropicMessages, "mcp_servers") if value.items().next().is_some() => {
            Some(OpaqueKind::Url)
        }
        (Dialect::AnthropicMessages, "container") | (Dialect::OpenAiResponses, "prompt")
            if !value.is_null() =>
        {
            Some(OpaqueKind::Reference)
        }
        _ => None,
    }
}

/// What a member's key says of its value, wherever it stands.
pub(super) fn of_member(key: &str, value: Value<'_>) -> Option<OpaqueKind> {
    let told = value.as_str().is_some_and(|text| !text.is_empty());
    match key {
        "file_id" | "previous_response_id" if told => Some(OpaqueKind::Reference),
        "file_url" | "server_url" if told => Some(OpaqueKind::Url),
        "web_search_options" if value.kind() == Kind::Object => Some(OpaqueKind::Url),
        _ => None,
    }
}

/// Whether a text is nothing but encoded bytes: unreadable, and known to be so by the part it stands in.
pub(super) fn is_blob(text: &str) -> bool {
    const PREFIX_MAX: usize = 128;
    let head = text.get(..text.len().min(PREFIX_MAX)).unwrap_or_default();
    let payload = if head.starts_with("data:") {
        head.find(";base64,").and_then(|at| text.get(at + ";base64,".len()..)).unwrap_or_default()
    } else {
        text
    };
    let encoded = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    payload.len() >= 256 && payload.bytes().all(encoded)
}
