//! What is asked and what is answered, in each dialect.

use hearthgate_tests::fake_cloud::Behaviour;
use serde_json::{Value, json};

/// A dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoken {
    OpenAi,
    Anthropic,
    /// OpenAI's other surface, which clients speak and no upstream is spoken to in.
    Responses,
    /// Gemini's own API, which no client speaks.
    Gemini,
    /// AWS Bedrock's, which no client speaks.
    Bedrock,
}

impl Spoken {
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Responses => "responses",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::Anthropic => "/v1/messages",
            Self::Responses => "/v1/responses",
            Self::Gemini | Self::Bedrock => panic!("no client speaks it"),
        }
    }
}

/// What is told apart.
pub const CASES: [&str; 5] = ["hello", "tools", "thinking", "refusal", "error"];

/// A request of a case in a dialect, plain.
pub fn request(case: &str, dialect: Spoken) -> Value {
    match (case, dialect) {
        ("tools", Spoken::OpenAi) => openai_tools(),
        ("tools", Spoken::Anthropic) => anthropic_tools(),
        ("tools", Spoken::Responses) => responses_tools(),
        (_, Spoken::Gemini | Spoken::Bedrock) => panic!("no client speaks it"),
        ("thinking", Spoken::Responses) => {
            json!({ "model": "auto", "reasoning": { "effort": "medium", "summary": "auto" }, "input": "Which is larger?" })
        }
        (_, Spoken::Responses) => json!({
            "model": "auto", "temperature": 0.5, "max_output_tokens": 200, "user": "u-1", "store": false,
            "instructions": "Be brief.", "metadata": { "of": "a test" },
            "input": [
                { "role": "user", "content": "Hello" },
                { "type": "message", "role": "user", "content": [
                    { "type": "input_text", "text": "What is in it?" },
                    { "type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,iVBORw0KGgo=" }
                ] }
            ]
        }),
        ("thinking", Spoken::OpenAi) => {
            json!({ "model": "auto", "reasoning_effort": "medium", "messages": [{ "role": "user", "content": "Which is larger?" }] })
        }
        ("thinking", Spoken::Anthropic) => json!({
            "model": "auto", "max_tokens": 9000, "thinking": { "type": "enabled", "budget_tokens": 4096 },
            "messages": [{ "role": "user", "content": "Which is larger?" }]
        }),
        (_, Spoken::OpenAi) => json!({
            "model": "auto", "temperature": 0.5, "max_completion_tokens": 200, "stop": ["END"], "user": "u-1",
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Hello" },
                { "role": "user", "content": [
                    { "type": "text", "text": "What is in it?" },
                    { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } }
                ] }
            ]
        }),
        (_, Spoken::Anthropic) => json!({
            "model": "auto", "temperature": 0.5, "max_tokens": 200, "stop_sequences": ["END"],
            "metadata": { "user_id": "u-1" }, "system": "Be brief.",
            "messages": [{ "role": "user", "content": [
                { "type": "text", "text": "Hello", "cache_control": { "type": "ephemeral" } },
                { "type": "text", "text": "What is in it?" },
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" } }
            ] }]
        }),
    }
}

pub fn schema() -> Value {
    json!({ "type": "object", "properties": { "what": { "type": "string" } }, "required": ["what"] })
}

fn openai_tools() -> Value {
    let call = |id: &str, what: &str| {
        let arguments = json!({ "what": what }).to_string();
        json!({ "id": id, "type": "function", "function": { "name": "look_up", "arguments": arguments } })
    };
    json!({
        "model": "auto", "parallel_tool_calls": false, "tool_choice": "auto",
        "tools": [{ "type": "function", "function": {
            "name": "look_up", "description": "Looks it up.", "parameters": schema()
        } }],
        "messages": [
            { "role": "user", "content": "Compare a and b." },
            { "role": "assistant", "content": "Looking.", "tool_calls": [call("call_1", "a"), call("call_2", "b")] },
            { "role": "tool", "tool_call_id": "call_1", "content": "one" },
            { "role": "tool", "tool_call_id": "call_2", "content": [{ "type": "text", "text": "two" }] },
            { "role": "user", "content": "And c?" }
        ]
    })
}

fn anthropic_tools() -> Value {
    let call = |id: &str, what: &str| json!({ "type": "tool_use", "id": id, "name": "look_up", "input": { "what": what } });
    let result =
        |id: &str, content: Value| json!({ "type": "tool_result", "tool_use_id": id, "content": content });
    json!({
        "model": "auto", "max_tokens": 1024,
        "tool_choice": { "type": "auto", "disable_parallel_tool_use": true },
        "tools": [{ "name": "look_up", "description": "Looks it up.", "input_schema": schema() }],
        "messages": [
            { "role": "user", "content": "Compare a and b." },
            { "role": "assistant", "content": [
                { "type": "text", "text": "Looking." }, call("call_1", "a"), call("call_2", "b")
            ] },
            { "role": "user", "content": [
                result("call_1", json!("one")),
                result("call_2", json!([{ "type": "text", "text": "two" }])),
                { "type": "text", "text": "And c?" }
            ] }
        ]
    })
}

fn responses_tools() -> Value {
    let call = |id: &str, what: &str| {
        let arguments = json!({ "what": what }).to_string();
        json!({ "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": "look_up", "arguments": arguments, "status": "completed" })
    };
    let output =
        |id: &str, output: Value| json!({ "type": "function_call_output", "call_id": id, "output": output });
    json!({
        "model": "auto", "parallel_tool_calls": false, "tool_choice": "auto",
        "tools": [{ "type": "function", "name": "look_up", "description": "Looks it up.", "parameters": schema() }],
        "input": [
            { "role": "user", "content": "Compare a and b." },
            { "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": "Hm." }], "encrypted_content": null },
            { "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [
                { "type": "output_text", "text": "Looking.", "annotations": [] }
            ] },
            call("call_1", "a"),
            call("call_2", "b"),
            output("call_1", json!("one")),
            output("call_2", json!([{ "type": "input_text", "text": "two" }])),
            { "role": "user", "content": "And c?" }
        ]
    })
}

/// What a provider of a dialect answers.
pub fn answer(case: &str, dialect: Spoken) -> Behaviour {
    match dialect {
        Spoken::OpenAi => openai_answer(case),
        Spoken::Anthropic => anthropic_answer(case),
        Spoken::Gemini => gemini_answer(case),
        Spoken::Bedrock => bedrock_answer(case),
        Spoken::Responses => panic!("no upstream is spoken to in it"),
    }
}

fn openai_answer(case: &str) -> Behaviour {
    let call = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "look_up", "arguments": arguments } });
    let (message, finish) = match case {
        "tools" => {
            let calls = json!([call("call_3", "{\"what\":\"c\"}"), call("call_4", "{}")]);
            (json!({ "role": "assistant", "content": "Once more.", "tool_calls": calls }), "tool_calls")
        }
        "thinking" => {
            (json!({ "role": "assistant", "reasoning_content": "Both are.", "content": "Neither." }), "stop")
        }
        "refusal" => {
            (json!({ "role": "assistant", "content": null, "refusal": "I will not." }), "content_filter")
        }
        "error" => {
            let error = json!({ "error": { "message": "Not like this.", "type": "invalid_request_error", "param": "x", "code": null } });
            return Behaviour::Status { code: 400, body: Some(error.to_string()), retry_after: None };
        }
        _ => (json!({ "role": "assistant", "content": "Hello to you." }), "stop"),
    };
    let usage = json!({
        "prompt_tokens": 20, "completion_tokens": 7, "total_tokens": 27,
        "prompt_tokens_details": { "cached_tokens": 12 }, "completion_tokens_details": { "reasoning_tokens": 3 }
    });
    Behaviour::Choice(json!({ "message": message, "finish_reason": finish, "usage": usage }))
}

fn anthropic_answer(case: &str) -> Behaviour {
    let answer = match case {
        "tools" => json!({ "stop_reason": "tool_use", "content": [
            { "type": "text", "text": "Once more." },
            { "type": "tool_use", "id": "toolu_3", "name": "look_up", "input": { "what": "c" } },
            { "type": "tool_use", "id": "toolu_4", "name": "look_up", "input": {} }
        ] }),
        "thinking" => json!({ "stop_reason": "end_turn", "content": [
            { "type": "thinking", "thinking": "Both are.", "signature": "c2VhbGVk" },
            { "type": "text", "text": "Neither." }
        ] }),
        "refusal" => {
            json!({ "stop_reason": "refusal", "content": [{ "type": "text", "text": "I will not." }] })
        }
        "error" => {
            let error = hearthgate_tests::anthropic::error("Not like this.", "invalid_request_error");
            return Behaviour::Status { code: 400, body: Some(error.to_string()), retry_after: None };
        }
        _ => json!({ "stop_reason": "end_turn", "content": [{ "type": "text", "text": "Hello to you." }] }),
    };
    Behaviour::Message(answer)
}

fn gemini_answer(case: &str) -> Behaviour {
    let answer = match case {
        "tools" => json!({ "finishReason": "STOP", "parts": [
            { "text": "Once more." },
            { "functionCall": { "name": "look_up", "args": { "what": "c" } }, "thoughtSignature": SEAL },
            { "functionCall": { "id": "own-1", "name": "look_up" } }
        ] }),
        "thinking" => json!({ "finishReason": "STOP", "parts": [
            { "text": "Both are.", "thought": true }, { "text": "Neither.", "thoughtSignature": SEAL }
        ] }),
        "refusal" => json!({ "finishReason": "SAFETY", "parts": [{ "text": "I will not." }] }),
        "error" => {
            let error = hearthgate_tests::gemini::error(400, "Not like this.", "INVALID_ARGUMENT");
            return Behaviour::Status { code: 400, body: Some(error.to_string()), retry_after: None };
        }
        _ => json!({ "finishReason": "STOP", "parts": [{ "text": "Hello to you." }] }),
    };
    Behaviour::Candidate(answer)
}

fn bedrock_answer(case: &str) -> Behaviour {
    let answer = match case {
        "tools" => json!({ "stopReason": "tool_use", "content": [
            { "text": "Once more." },
            { "toolUse": { "toolUseId": "tooluse_3", "name": "look_up", "input": { "what": "c" } } },
            { "toolUse": { "toolUseId": "tooluse_4", "name": "look_up", "input": {} } }
        ] }),
        "thinking" => json!({ "stopReason": "end_turn", "content": [
            { "reasoningContent": { "reasoningText": { "text": "Both are.", "signature": SEAL } } },
            { "reasoningContent": { "redactedContent": SEAL } },
            { "text": "Neither." }
        ] }),
        "refusal" => json!({ "stopReason": "content_filtered", "content": [{ "text": "I will not." }] }),
        "error" => {
            let error = hearthgate_tests::bedrock::error("Not like this.");
            return Behaviour::Status { code: 400, body: Some(error.to_string()), retry_after: None };
        }
        _ => json!({ "stopReason": "end_turn", "content": [{ "text": "Hello to you." }] }),
    };
    Behaviour::Converse(answer)
}

/// What a provider seals.
pub const SEAL: &str = "c2VhbGVkIGJ5IGl0cyBwcm92aWRlcg==";

/// A request for an answer of this schema, in a dialect.
pub fn formatted(dialect: Spoken) -> Value {
    let schema = schema();
    let mut body = match dialect {
        Spoken::OpenAi => {
            let named = json!({ "name": "found", "strict": true, "schema": schema });
            json!({ "response_format": { "type": "json_schema", "json_schema": named }, "messages": [{ "role": "user", "content": "What?" }] })
        }
        Spoken::Anthropic => json!({
            "output_config": { "format": { "type": "json_schema", "schema": schema } }, "max_tokens": 8000,
            "messages": [{ "role": "user", "content": "What?" }]
        }),
        _ => {
            json!({ "text": { "format": { "type": "json_schema", "name": "found", "schema": schema } }, "input": "What?" })
        }
    };
    body["model"] = json!("auto");
    body
}
