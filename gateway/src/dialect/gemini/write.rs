//! Writes a [`Chat`] as a `generateContent` request. The model and whether it is streamed stand in the path.

use std::collections::HashMap;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Value, quote};
use hearthgate_rules::target::{Effort, EffortField, Target};

use crate::dialect::chat::{
    Chat, Choice, Part, Role, Source, Turn, What, arguments_of, cannot, is_failure, turns_of,
};
use crate::dialect::effort::Level;
use crate::dialect::write::{Object, array, texts};

/// The largest budget of thought that every model takes.
const THINKING_TOKENS_MAX: u64 = 24_576;

/// What Google's reference gives for calls that another model has made, or whose seal is lost: without it models of the third
/// generation refuse them (<https://ai.google.dev/gemini-api/docs/thought-signatures>).
const NO_SEAL: &str = "skip_thought_signature_validator";

/// Fields that few dialects know, and what they are called here.
const OWN: [(&str, &str); 3] =
    [("seed", "seed"), ("presence_penalty", "presencePenalty"), ("frequency_penalty", "frequencyPenalty")];

/// Writes a request, with what its provider has sealed of earlier answers or without it.
///
/// # Errors
/// When it says what this dialect cannot.
pub fn written(
    request: &ChatRequest,
    target: &Target,
    effort: Effort,
    seals: bool,
) -> Result<Vec<u8>, EncodeError> {
    let chat = Chat::read(request)?;
    chat.knows(&OWN.map(|(name, _)| name))?;
    chat.says_no_more(request)?;
    let mut writer = Contents { seals, wants_seals: wants_seals(target), ..Contents::default() };
    chat.turns.iter().try_for_each(|turn| writer.turn(turn))?;
    if writer.contents.is_empty() {
        return Err(cannot(turns_of(request), "there is nothing in it to answer; say something"));
    }
    let mut body = Object::new();
    let system: Vec<_> =
        chat.system.iter().filter(|text| !text.is_empty()).map(|text| text_part(text)).collect();
    if !system.is_empty() {
        body = body.json("systemInstruction", &Object::new().json("parts", &array(&system)).done());
    }
    body = body.json("contents", &array(&writer.contents));
    if !chat.tools.is_empty() {
        body = body.json("tools", &tools(&chat)).json_if("toolConfig", tool_config(&chat).as_deref());
    }
    let config = config(&chat, target, effort);
    Ok(body.json_if("generationConfig", config.as_deref()).done().into_bytes())
}

/// Whether calls without a seal are refused: by the models that are told a level of thought.
fn wants_seals(target: &Target) -> bool {
    target.manner().effort_field == EffortField::ThinkingLevel
}

#[derive(Default)]
struct Contents<'a> {
    contents: Vec<String>,
    /// The name of each call, by its id: a result has to say it.
    names: HashMap<&'a str, &'a str>,
    seals: bool,
    wants_seals: bool,
}

impl<'a> Contents<'a> {
    fn turn(&mut self, turn: &'a Turn<'a>) -> Result<(), EncodeError> {
        match turn.role {
            Role::User => self.user(turn),
            Role::Assistant => self.model(turn),
        }
    }

    /// What tools say stands by itself, before what the user says beside it.
    fn user(&mut self, turn: &'a Turn<'a>) -> Result<(), EncodeError> {
        let (mut results, mut said) = (Vec::new(), Vec::new());
        for part in &turn.parts {
            match &part.what {
                What::Result { id, content } => results.push(self.result(part, id, content)?),
                _ => said.extend(user_part(part)?),
            }
        }
        self.say("user", &results);
        self.say("user", &said);
        Ok(())
    }

    fn model(&mut self, turn: &'a Turn<'a>) -> Result<(), EncodeError> {
        let mut parts: Vec<String> = Vec::new();
        let (mut seal, mut called) = (None, false);
        for (at, part) in turn.parts.iter().enumerate() {
            match &part.what {
                What::Seal(sealed) => seal = self.seals.then_some(*sealed),
                What::Redacted(_) => {}
                // Without a seal it is no thought to anybody.
                What::Thought(text) => {
                    let rest = turn.parts.get(at + 1..).unwrap_or_default();
                    if self.seals && !text.is_empty() && is_sealed(rest) {
                        parts.push(Object::new().text("text", text).json("thought", "true").done());
                    }
                }
                What::Text("") => {}
                What::Text(text) => {
                    let text = Object::new().text("text", text);
                    parts.push(text.text_if("thoughtSignature", seal.take()).done());
                }
                What::Call { id, name, arguments } => {
                    self.names.insert(id, name);
                    // Of calls that are made together the first has the seal.
                    let lost = (self.wants_seals && !called).then_some(NO_SEAL);
                    called = true;
                    let call = Object::new().text("id", id).text("name", name);
                    let call = call.json("args", &arguments_of(part, arguments)?).done();
                    let call = Object::new().json("functionCall", &call);
                    parts.push(call.text_if("thoughtSignature", seal.take().or(lost)).done());
                }
                _ => return Err(cannot(part.at, "its dialect takes no such content from the model")),
            }
        }
        if let Some(seal) = seal {
            parts.push(Object::new().text("text", "").text("thoughtSignature", seal).done());
        }
        self.say("model", &parts);
        Ok(())
    }

    fn say(&mut self, role: &str, parts: &[String]) {
        if !parts.is_empty() {
            self.contents.push(Object::new().text("role", role).json("parts", &array(parts)).done());
        }
    }

    fn result(&self, part: &Part<'_>, id: &str, content: &[Part<'_>]) -> Result<String, EncodeError> {
        let name = self.names.get(id).ok_or_else(|| {
            cannot(
                part.at,
                "its dialect names the tool that speaks; send the call of this id before its result",
            )
        })?;
        let said = content.iter().map(|part| match part.what {
            What::Text(text) => Ok(text),
            _ => Err(cannot(part.at, "its dialect takes what a tool says as text alone")),
        });
        let word = if is_failure(part) { "error" } else { "output" };
        let response = Object::new().text(word, &said.collect::<Result<String, _>>()?).done();
        let result = Object::new().text("id", id).text("name", name).json("response", &response).done();
        Ok(Object::new().json("functionResponse", &result).done())
    }
}

/// Whether a thought is followed by its seal: before anything else than thoughts.
fn is_sealed(rest: &[Part<'_>]) -> bool {
    let next = rest.iter().find(|part| !matches!(part.what, What::Thought(_)));
    next.is_some_and(|part| matches!(part.what, What::Seal(_)))
}

fn text_part(text: &str) -> String {
    Object::new().text("text", text).done()
}

fn user_part(part: &Part<'_>) -> Result<Vec<String>, EncodeError> {
    let bytes = |source: &Source<'_>| match source {
        Source::Data { media_type, data } => {
            let data = Object::new().text("mimeType", media_type).text("data", data).done();
            Ok(Object::new().json("inlineData", &data).done())
        }
        Source::Url(_) => Err(cannot(part.at, "its provider fetches no web addresses; send the bytes")),
    };
    match &part.what {
        What::Text("") => Ok(Vec::new()),
        What::Text(text) => Ok(vec![text_part(text)]),
        What::Image(source) => Ok(vec![bytes(source)?]),
        What::Document(source, title) => {
            let title = title.filter(|title| !title.is_empty()).map(text_part);
            Ok(title.into_iter().chain([bytes(source)?]).collect())
        }
        What::Audio { format, data } => {
            let media_type = match *format {
                "wav" => "audio/wav",
                "mp3" => "audio/mp3",
                _ => return Err(cannot(part.at, "its dialect takes no sound of this format")),
            };
            Ok(vec![bytes(&Source::Data { media_type, data })?])
        }
        _ => Err(cannot(part.at, "its dialect takes no such content from a user")),
    }
}

fn tools(chat: &Chat<'_>) -> String {
    let tools: Vec<_> = chat
        .tools
        .iter()
        .map(|tool| {
            let schema = tool.schema.filter(|schema| !is_bare(*schema)).map(Value::render);
            Object::new()
                .text("name", tool.name)
                .text_if("description", tool.description)
                .json_if("parametersJsonSchema", schema.as_deref())
                .done()
        })
        .collect();
    array(&[Object::new().json("functionDeclarations", &array(&tools)).done()])
}

/// Whether a schema stands for no arguments: Google refuses one that is written out.
fn is_bare(schema: Value<'_>) -> bool {
    let empty = |value: Value<'_>| value.members().next().is_none() && value.items().next().is_none();
    schema.members().all(|(key, value)| match key {
        "type" => value.as_str() == Some("object"),
        "properties" | "required" => empty(value),
        // What else may be given is an argument, too.
        "additionalProperties" => value.as_bool() == Some(false),
        "$schema" => true,
        _ => false,
    })
}

fn tool_config(chat: &Chat<'_>) -> Option<String> {
    let strict = chat.tools.iter().any(|tool| tool.strict);
    let config = match chat.choice {
        None | Some(Choice::Auto) if strict => Object::new().text("mode", "VALIDATED"),
        None => return None,
        Some(Choice::Auto) => Object::new().text("mode", "AUTO"),
        Some(Choice::None) => Object::new().text("mode", "NONE"),
        Some(Choice::Any) => Object::new().text("mode", "ANY"),
        Some(Choice::Tool(name)) => {
            Object::new().text("mode", "ANY").json("allowedFunctionNames", &array(&[quote(name)]))
        }
    };
    Some(Object::new().json("functionCallingConfig", &config.done()).done())
}

fn config(chat: &Chat<'_>, target: &Target, effort: Effort) -> Option<String> {
    let mut config = Object::new()
        .json_if("maxOutputTokens", chat.answer_tokens)
        .json_if("temperature", chat.temperature.and_then(Value::as_number))
        .json_if("topP", chat.top_p)
        .json_if("topK", chat.top_k)
        .json_if("stopSequences", (!chat.stops.is_empty()).then(|| texts(&chat.stops)).as_deref());
    for (name, value) in &chat.few {
        let own = OWN.iter().find(|(known, _)| known == name);
        config = config.json_if(own.map_or(*name, |(_, own)| own), value.as_number());
    }
    if let Some(format) = &chat.format {
        config = config
            .text("responseMimeType", "application/json")
            .json_if("responseJsonSchema", format.schema.map(Value::render).as_deref());
    }
    let most = chat.answer_tokens.and_then(|digits| digits.parse().ok());
    let thinking = thinking(chat.level.unwrap_or_else(|| Level::of(effort)), target, most);
    let config = config.json_if("thinkingConfig", thinking.as_deref()).done();
    (config != "{}").then_some(config)
}

/// How long to think: in tokens or in words, never both.
fn thinking(level: Level, target: &Target, most: Option<u64>) -> Option<String> {
    let manner = target.manner();
    let mut thinks = level > Level::Minimal;
    let told = match manner.effort_field {
        EffortField::ThinkingBudget => {
            let least = u64::from(manner.thinking_tokens_min.unwrap_or(0));
            // Thoughts count towards the answer's bound, of which half is the answer's.
            let room = most.map_or(THINKING_TOKENS_MAX, |most| (most / 2).min(THINKING_TOKENS_MAX));
            let budget = level.budget().unwrap_or(0).min(room);
            let budget = match budget < least {
                true if manner.thinking_optional => 0,
                true => least,
                false => budget,
            };
            thinks &= budget > 0;
            Object::new().json("thinkingBudget", &budget.to_string())
        }
        EffortField::ThinkingLevel => Object::new().text("thinkingLevel", level.as_gemini(manner.levels)),
        _ => return None,
    };
    Some(told.json_if("includeThoughts", thinks.then_some("true")).done())
}
