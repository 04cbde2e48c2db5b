//! What several dialects of clients can say goes to every provider in the same words, whichever of them says it. With the way there and
//! back between the two that are spoken outwards, too, this is for every pair: nothing is lost that both can say.

use hearthgate_rules::chat::Dialect;

use super::*;
use crate::dialect::carry;

/// The upstreams' dialects.
const UPSTREAMS: [UpstreamDialect; 4] =
    [UpstreamDialect::OpenAi, UpstreamDialect::Anthropic, UpstreamDialect::Gemini, UpstreamDialect::Bedrock];

/// A request as it comes.
fn request_of(body: Value, dialect: Dialect) -> ChatRequest {
    ChatRequest::read(dialect, body.to_string()).expect("a request")
}

/// What a provider is sent.
fn sent(request: &ChatRequest, to: UpstreamDialect) -> Value {
    let target = target(EffortField::None);
    // A body that is passed on as it is, is not written anew.
    let written = match (request.dialect(), to) {
        (Dialect::OpenAiChat, UpstreamDialect::OpenAi) => {
            openai::write::encode(request, &target, Effort::Quick)
        }
        (from, to) => carry::encode(from, to)(request, &target, Effort::Quick),
    };
    serde_json::from_slice(&written.expect("carried")).expect("JSON")
}

/// Without fields that not all of them know.
fn without(mut body: Value, fields: &[&str]) -> Value {
    let members = body.as_object_mut().expect("an object");
    fields.iter().for_each(|field| drop(members.remove(*field)));
    body
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A chat in the words of responses.
fn as_response(body: &Value) -> Value {
    let said = |role: &str, content: &Value| {
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        let parts = list(content).into_iter().map(|part| match part["text"].as_str() {
            Some(text) => json!({ "type": kind, "text": text }),
            None => json!({ "type": "input_image", "detail": "auto", "image_url": part["image_url"]["url"] }),
        });
        let content = if content.is_string() && role != "assistant" {
            content.clone()
        } else {
            content.as_str().map_or_else(|| parts.collect(), |text| json!([{ "type": kind, "text": text }]))
        };
        json!({ "type": "message", "role": role, "content": content })
    };
    let items = list(&body["messages"]).into_iter().flat_map(|message| {
        let role = message["role"].as_str().expect("a role");
        if role == "tool" {
            let (call, output) = (&message["tool_call_id"], &message["content"]);
            return vec![json!({ "type": "function_call_output", "call_id": call, "output": output })];
        }
        let text = (!message["content"].is_null()).then(|| said(role, &message["content"]));
        let calls = list(&message["tool_calls"]).into_iter().map(|call| {
            let function = &call["function"];
            json!({ "type": "function_call", "call_id": call["id"], "name": function["name"], "arguments": function["arguments"] })
        });
        text.into_iter().chain(calls).collect()
    });
    let tools = list(&body["tools"]).into_iter().map(|tool| {
        let mut tool = tool["function"].clone();
        tool["type"] = json!("function");
        tool
    });
    let mut told = without(body.clone(), &["messages", "max_completion_tokens", "stream_options"]);
    told["input"] = items.collect();
    told["tools"] = tools.collect();
    told["max_output_tokens"] = body["max_completion_tokens"].clone();
    if body["tool_choice"].is_object() {
        told["tool_choice"] = json!({ "type": "function", "name": body["tool_choice"]["function"]["name"] });
    }
    told
}

/// A chat in Ollama's words.
fn as_ollama(body: &Value) -> Value {
    let messages = list(&body["messages"]).into_iter().map(|message| {
        let mut told =
            json!({ "role": message["role"], "content": message["content"].as_str().unwrap_or_default() });
        for part in list(&message["content"]) {
            match part["text"].as_str() {
                Some(text) => told["content"] = json!(text),
                None => {
                    let url = part["image_url"]["url"].as_str().expect("an image");
                    told["images"] = json!([url.split_once(',').expect("data").1]);
                }
            }
        }
        if message["role"] == "tool" {
            told["tool_call_id"] = message["tool_call_id"].clone();
        }
        let calls = list(&message["tool_calls"]).into_iter().map(|call| {
            let function = &call["function"];
            let arguments: Value =
                serde_json::from_str(function["arguments"].as_str().expect("text")).expect("JSON");
            json!({ "id": call["id"], "function": { "name": function["name"], "arguments": arguments } })
        });
        let calls: Vec<_> = calls.collect();
        if !calls.is_empty() {
            told["tool_calls"] = json!(calls);
        }
        told
    });
    json!({
        "model": body["model"], "messages": messages.collect::<Vec<_>>(), "tools": body["tools"], "stream": body["stream"] == true,
        "options": {
            "temperature": body["temperature"], "top_p": body["top_p"], "num_predict": body["max_completion_tokens"],
            "stop": body["stop"]
        }
    })
}

/// What neither Gemini nor Bedrock can be told, or is told without.
const OF_FEW: [&str; 2] = ["parallel_tool_calls", "user"];

proptest! {
    #[test]
    fn a_message_request_goes_out_as_the_same_chat(request in request()) {
        for to in [UpstreamDialect::Gemini, UpstreamDialect::Bedrock] {
            let mut body = without(request.clone(), &OF_FEW);
            if body["tool_choice"] == "none" {
                body["tool_choice"] = json!("auto");
            }
            let chat = ChatRequest::openai(body.to_string()).expect("a request");
            let message = to_anthropic(&body, Effort::Quick, EffortField::None).to_string();
            let message = ChatRequest::anthropic(message).expect("a message request");
            prop_assert_eq!(sent(&message, to), sent(&chat, to));
        }
    }

    #[test]
    fn a_response_goes_out_as_the_same_chat(request in request()) {
        for to in UPSTREAMS {
            let few: &[&str] =
                if matches!(to, UpstreamDialect::Gemini | UpstreamDialect::Bedrock) { &OF_FEW } else { &[] };
            let mut body = without(without(request.clone(), &["stop"]), few);
            if body["tool_choice"] == "none" {
                body["tool_choice"] = json!("auto");
            }
            let chat = ChatRequest::openai(body.to_string()).expect("a request");
            let response = request_of(as_response(&body), Dialect::OpenAiResponses);
            prop_assert_eq!(sent(&response, to), sent(&chat, to));
        }
    }

    #[test]
    fn an_ollama_chat_goes_out_as_the_same_chat(request in request()) {
        for to in UPSTREAMS {
            let mut body = without(request.clone(), &["parallel_tool_calls", "user", "tool_choice"]);
            for tool in body["tools"].as_array_mut().expect("tools") {
                drop(tool["function"].as_object_mut().expect("a function").remove("strict"));
            }
            let chat = ChatRequest::openai(body.to_string()).expect("a request");
            let ollama = request_of(as_ollama(&body), Dialect::Ollama);
            prop_assert_eq!(sent(&ollama, to), sent(&chat, to));
        }
    }
}
