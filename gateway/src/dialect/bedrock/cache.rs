//! Where a provider is asked to cache what stands before: Anthropic's `cache_control` as Converse's `cachePoint`.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CachePointBlock.html>

use hearthgate_rules::json::Value;

use crate::dialect::chat::Part;
use crate::dialect::write::Object;

/// The block for what a client asks, with the time that it names.
pub fn point(told: Value<'_>) -> String {
    let point = Object::new().text("type", "default").text_if("ttl", told.str("ttl"));
    Object::new().json("cachePoint", &point.done()).done()
}

/// The block that follows a part of a turn, where the client asks for one there. Parts that were one block have one behind the last.
pub fn after(parts: &[Part<'_>], at: usize) -> Option<String> {
    let part = parts.get(at)?;
    let told = part.at.present("cache_control")?;
    let next = parts.get(at + 1).is_some_and(|next| next.at.pointer() == part.at.pointer());
    (!next).then(|| point(told))
}
