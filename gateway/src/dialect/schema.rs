//! Schemas of answers, as providers take them that want every object closed.

use hearthgate_rules::json::{Kind, Value};

use super::write::{Object, array};

/// What says of an object elsewhere what it may hold.
const COMBINED: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A schema whose objects say that they hold nothing but what is named: Anthropic and AWS refuse one that does not. Whatever fits it
/// fits the schema as it came. An object stays as it is that says itself what else it may hold, or is combined of several: those
/// would shut each other out.
pub fn closed(schema: Value<'_>) -> String {
    let has = |name: &str| schema.get(name).is_some();
    let object = has("properties") || schema.str("type") == Some("object");
    if schema.kind() != Kind::Object || object && COMBINED.into_iter().any(has) {
        return schema.render();
    }
    let same = |told: Object, (key, value): (&str, Value<'_>)| told.json(key, &within(key, value));
    let told = schema.members().fold(Object::new(), same);
    told.json_if("additionalProperties", (object && !has("additionalProperties")).then_some("false")).done()
}

/// What stands under a key of a schema.
fn within(key: &str, value: Value<'_>) -> String {
    match (key, value.kind()) {
        ("properties" | "$defs" | "definitions", Kind::Object) => {
            let named = |told: Object, (name, schema): (&str, Value<'_>)| told.json(name, &closed(schema));
            value.members().fold(Object::new(), named).done()
        }
        ("anyOf" | "prefixItems", Kind::Array) => array(&value.items().map(closed).collect::<Vec<_>>()),
        ("items", _) => closed(value),
        _ => value.render(),
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::json::Document;
    use serde_json::{Value as Told, json};

    use super::*;

    fn told(schema: &Told) -> Told {
        let text = schema.to_string();
        let document = Document::parse(text.as_bytes()).unwrap();
        serde_json::from_str(&closed(document.root())).unwrap()
    }

    #[test]
    fn every_object_is_closed_that_does_not_say_otherwise() {
        let word = json!({ "type": "string" });
        let open = json!({ "type": "object", "properties": {
            // Names, and no words of the schema's.
            "properties": { "type": "array", "items": { "properties": { "a": word } } },
            "type": { "anyOf": [{ "type": "object" }, { "type": "null" }] },
            "any": { "type": "object", "additionalProperties": word }
        }, "$defs": { "d": { "type": "object", "properties": {} } } });
        let shut = json!({ "type": "object", "additionalProperties": false, "properties": {
            "properties": { "type": "array", "items": { "properties": { "a": word }, "additionalProperties": false } },
            "type": { "anyOf": [{ "type": "object", "additionalProperties": false }, { "type": "null" }] },
            "any": { "type": "object", "additionalProperties": word }
        }, "$defs": { "d": { "type": "object", "properties": {}, "additionalProperties": false } } });
        assert_eq!(told(&open), shut);
        assert_eq!(told(&shut), shut);
    }

    #[test]
    fn what_is_none_and_what_would_shut_itself_out_stays() {
        let parts = json!([{ "type": "object", "properties": { "a": {} } }, { "properties": { "b": {} } }]);
        for schema in [
            json!({ "type": "object", "anyOf": parts }),
            json!({ "allOf": parts }),
            json!({ "oneOf": parts }),
            json!({ "enum": [{ "type": "object" }] }),
            json!({ "type": 7, "items": 1, "properties": [] , "additionalProperties": true }),
            json!(true),
        ] {
            assert_eq!(told(&schema), schema);
        }
    }
}
