//! OpenAI's chat completions: requests outwards, answers and errors inwards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hearthgate_engines::{ChatChunk, FinishReason, TokenLogprob, Usage};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Document, Edit, Malformed, Value, quote, skim_items, skim_members};
use hearthgate_rules::target::{Effort, EffortField, Target};

use crate::exchange::Tokens;

/// The event that ends a good stream.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Writes a request for an upstream that speaks this dialect.
///
/// The body is the client's own, with a closed list of changes: `model`; `stream_options.include_usage` on
/// streams, whose effect is hidden from a client that did not ask for it; and the effort, where the upstream
/// takes one and the client named none.
///
/// # Errors
/// None: every field of this dialect can be said in it.
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let mut edits = vec![Edit::Set("model", quote(target.model()))];
    if request.stream() && !request.include_usage() {
        edits.push(Edit::Set("stream_options", with_usage(request.body().get("stream_options"))));
    }
    let told = request.body().present("reasoning_effort").is_some();
    if target.effort_field() == EffortField::ReasoningEffort && !told {
        let value = match effort {
            Effort::Quick => "\"low\"",
            Effort::Deliberate => "\"high\"",
        };
        edits.push(Edit::Set("reasoning_effort", value.to_owned()));
    }
    Ok(request.document().render(&edits))
}

/// The client's stream options, with the usage asked for.
fn with_usage(options: Option<Value<'_>>) -> String {
    let others = options.into_iter().flat_map(Value::members).filter(|(key, _)| *key != "include_usage");
    let mut json = String::from("{");
    for (key, value) in others {
        json.push_str(&quote(key));
        json.push(':');
        json.push_str(&value.render());
        json.push(',');
    }
    json.push_str("\"include_usage\":true}");
    json
}

/// What is answered: a chat, or a text that is gone on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/completions`
    Text,
}

/// What is the same in every part of one answer.
#[derive(Debug, Clone)]
pub struct Head {
    /// `chatcmpl-…`
    pub id: String,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// The model that answers.
    pub model: String,
    /// Whether the client asked for the usage on a stream.
    pub include_usage: bool,
    /// What is answered.
    pub surface: Surface,
}

impl Head {
    fn open(&self, object: &str) -> String {
        let object = if self.surface == Surface::Text { "text_completion" } else { object };
        format!(
            "{{\"id\":{},\"object\":\"{object}\",\"created\":{},\"model\":{}",
            quote(&self.id),
            self.created,
            quote(&self.model),
        )
    }

    /// The first event of a choice: whose turn it is.
    pub fn first(&self, choice: usize, out: &mut Vec<u8>) {
        if self.surface == Surface::Text {
            return;
        }
        self.event(out, choice, "{\"role\":\"assistant\",\"content\":\"\"}", "null", None);
    }

    /// The event for one chunk of a choice.
    pub fn chunk(&self, choice: usize, chunk: &ChatChunk, out: &mut Vec<u8>) {
        if self.surface == Surface::Text {
            return self.text_chunk(choice, chunk, out);
        }
        let mut delta = |delta: &str| self.event(out, choice, delta, "null", None);
        match chunk {
            ChatChunk::Content(text) => delta(&format!("{{\"content\":{}}}", quote(text))),
            ChatChunk::Reasoning(text) => delta(&format!("{{\"reasoning_content\":{}}}", quote(text))),
            ChatChunk::ToolCall { index, id, name, arguments } => {
                let call = tool_call(Some(*index), id.as_deref(), name.as_deref(), arguments);
                delta(&format!("{{\"tool_calls\":[{call}]}}"));
            }
            ChatChunk::Logprobs(tokens) => self.event(out, choice, "{}", &logprobs(tokens), None),
            ChatChunk::Finish { reason, .. } => self.event(out, choice, "{}", "null", Some(*reason)),
        }
    }

    fn text_chunk(&self, choice: usize, chunk: &ChatChunk, out: &mut Vec<u8>) {
        let choice = match chunk {
            ChatChunk::Content(text) => text_choice(choice, text, &[], None),
            ChatChunk::Logprobs(tokens) => text_choice(choice, "", tokens, None),
            ChatChunk::Finish { reason, .. } => text_choice(choice, "", &[], Some(*reason)),
            // What goes on with a text neither thinks nor calls.
            ChatChunk::Reasoning(_) | ChatChunk::ToolCall { .. } => return,
        };
        let usage = if self.include_usage { ",\"usage\":null" } else { "" };
        let event = format!("data: {},\"choices\":[{choice}]{usage}}}\n\n", self.open(""));
        out.extend_from_slice(event.as_bytes());
    }

    /// What follows the last event of the last choice.
    pub fn last(&self, usage: &Usage, cost_usd: Option<f64>, out: &mut Vec<u8>) {
        if self.include_usage {
            let head = self.open("chat.completion.chunk");
            let event =
                format!("data: {head},\"choices\":[],\"usage\":{}}}\n\n", usage_json(usage, cost_usd));
            out.extend_from_slice(event.as_bytes());
        }
        out.extend_from_slice(DONE);
    }

    fn event(
        &self,
        out: &mut Vec<u8>,
        choice: usize,
        delta: &str,
        logprobs: &str,
        finish: Option<FinishReason>,
    ) {
        let head = self.open("chat.completion.chunk");
        let finish = finish.map_or_else(|| "null".to_owned(), |reason| quote(reason.as_openai()));
        let usage = if self.include_usage { ",\"usage\":null" } else { "" };
        let event = format!(
            "data: {head},\"choices\":[{{\"index\":{choice},\"delta\":{delta},\"logprobs\":{logprobs},\"finish_reason\":{finish}}}]{usage}}}\n\n"
        );
        out.extend_from_slice(event.as_bytes());
    }

    /// An answer in one piece.
    #[must_use]
    pub fn whole(
        &self,
        choices: &[(Gathered, FinishReason)],
        usage: &Usage,
        cost_usd: Option<f64>,
    ) -> String {
        let choices: Vec<_> = choices
            .iter()
            .enumerate()
            .map(|(index, (gathered, reason))| match self.surface {
                Surface::Chat => gathered.choice(index, *reason),
                Surface::Text => text_choice(index, &gathered.content, &gathered.logprobs, Some(*reason)),
            })
            .collect();
        format!(
            "{},\"choices\":[{}],\"usage\":{}}}",
            self.open("chat.completion"),
            choices.join(","),
            usage_json(usage, cost_usd),
        )
    }
}

/// One of the choices of a text completion.
fn text_choice(index: usize, text: &str, told: &[TokenLogprob], reason: Option<FinishReason>) -> String {
    let list = |items: Vec<String>| format!("[{}]", items.join(","));
    let letters = |bytes: &[u8]| quote(&String::from_utf8_lossy(bytes));
    let logprobs = if told.is_empty() {
        "null".to_owned()
    } else {
        let top = |token: &TokenLogprob| {
            let top = token.top.iter().map(|(bytes, logprob)| format!("{}:{logprob:?}", letters(bytes)));
            format!("{{{}}}", top.collect::<Vec<_>>().join(","))
        };
        format!(
            "{{\"tokens\":{},\"token_logprobs\":{},\"top_logprobs\":{},\"text_offset\":{}}}",
            list(told.iter().map(|token| letters(&token.bytes)).collect()),
            list(told.iter().map(|token| format!("{:?}", token.logprob)).collect()),
            list(told.iter().map(top).collect()),
            list(told.iter().map(|token| token.offset.to_string()).collect()),
        )
    };
    let reason = reason.map_or_else(|| "null".to_owned(), |reason| quote(reason.as_openai()));
    format!(
        "{{\"text\":{},\"index\":{index},\"logprobs\":{logprobs},\"finish_reason\":{reason}}}",
        quote(text)
    )
}

/// The embeddings of texts, as numbers or as the bytes of their 32-bit floats.
#[must_use]
pub fn embeddings(model: &str, embeddings: &[Vec<f32>], tokens: u64, base64: bool) -> String {
    let numbers = |embedding: &Vec<f32>| {
        if base64 {
            let bytes: Vec<u8> = embedding.iter().flat_map(|number| number.to_le_bytes()).collect();
            return quote(&BASE64.encode(bytes));
        }
        format!("[{}]", embedding.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>().join(","))
    };
    let data: Vec<_> = embeddings
        .iter()
        .enumerate()
        .map(|(index, embedding)| {
            format!("{{\"object\":\"embedding\",\"index\":{index},\"embedding\":{}}}", numbers(embedding))
        })
        .collect();
    format!(
        "{{\"object\":\"list\",\"data\":[{}],\"model\":{},\"usage\":{{\"prompt_tokens\":{tokens},\"total_tokens\":{tokens}}}}}",
        data.join(","),
        quote(model),
    )
}

/// How likely the tokens of a text were.
fn logprobs(tokens: &[TokenLogprob]) -> String {
    let token = |bytes: &[u8], logprob: f32| {
        format!(
            "\"token\":{},\"logprob\":{logprob:?},\"bytes\":{bytes:?}",
            quote(&String::from_utf8_lossy(bytes))
        )
    };
    let one = |told: &TokenLogprob| {
        let top: Vec<_> =
            told.top.iter().map(|(bytes, logprob)| format!("{{{}}}", token(bytes, *logprob))).collect();
        format!("{{{},\"top_logprobs\":[{}]}}", token(&told.bytes, told.logprob), top.join(","))
    };
    format!("{{\"content\":[{}],\"refusal\":null}}", tokens.iter().map(one).collect::<Vec<_>>().join(","))
}

/// An answer that is gathered to be sent in one piece.
#[derive(Default)]
pub struct Gathered {
    content: String,
    reasoning: String,
    calls: Vec<Call>,
    logprobs: Vec<TokenLogprob>,
}

#[derive(Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

impl Gathered {
    /// Adds a chunk that is not the last.
    pub fn add(&mut self, chunk: ChatChunk) {
        match chunk {
            ChatChunk::Content(text) => self.content.push_str(&text),
            ChatChunk::Reasoning(text) => self.reasoning.push_str(&text),
            ChatChunk::Logprobs(tokens) => self.logprobs.extend(tokens),
            ChatChunk::ToolCall { index, id, name, arguments } => {
                if self.calls.len() <= index {
                    self.calls.resize_with(index + 1, Call::default);
                }
                if let Some(call) = self.calls.get_mut(index) {
                    call.id.push_str(&id.unwrap_or_default());
                    call.name.push_str(&name.unwrap_or_default());
                    call.arguments.push_str(&arguments);
                }
            }
            ChatChunk::Finish { .. } => {}
        }
    }

    /// As one of an answer's choices.
    fn choice(&self, index: usize, reason: FinishReason) -> String {
        let calls: Vec<_> = self
            .calls
            .iter()
            .map(|call| tool_call(None, Some(&call.id), Some(&call.name), &call.arguments))
            .collect();
        let content = if self.content.is_empty() && !calls.is_empty() {
            "null".to_owned()
        } else {
            quote(&self.content)
        };
        let mut message = format!("{{\"role\":\"assistant\",\"content\":{content},\"refusal\":null");
        if !self.reasoning.is_empty() {
            message.push_str(&format!(",\"reasoning_content\":{}", quote(&self.reasoning)));
        }
        if !calls.is_empty() {
            message.push_str(&format!(",\"tool_calls\":[{}]", calls.join(",")));
        }
        message.push('}');
        let logprobs = if self.logprobs.is_empty() { "null".to_owned() } else { logprobs(&self.logprobs) };
        format!(
            "{{\"index\":{index},\"message\":{message},\"logprobs\":{logprobs},\"finish_reason\":{}}}",
            quote(reason.as_openai()),
        )
    }
}

fn tool_call(index: Option<usize>, id: Option<&str>, name: Option<&str>, arguments: &str) -> String {
    let index = index.map(|index| format!("\"index\":{index},")).unwrap_or_default();
    let id = id.map(|id| format!("\"id\":{},\"type\":\"function\",", quote(id))).unwrap_or_default();
    let name = name.map(|name| format!("\"name\":{},", quote(name))).unwrap_or_default();
    format!("{{{index}{id}\"function\":{{{name}\"arguments\":{}}}}}", quote(arguments))
}

fn usage_json(usage: &Usage, cost_usd: Option<f64>) -> String {
    let cost = cost_usd.map(|cost| format!(",\"cost_usd\":{}", usd(cost))).unwrap_or_default();
    format!(
        "{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{}}},\"completion_tokens_details\":{{\"reasoning_tokens\":{}}}{cost}}}",
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.prompt_tokens + usage.completion_tokens,
        usage.cached_tokens,
        usage.reasoning_tokens,
    )
}

/// An amount in USD with as many digits as a single token may cost.
#[must_use]
pub fn usd(amount: f64) -> String {
    let text = format!("{amount:.9}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

/// What the gateway looks for in an answer or a chunk of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The tokens used, if it says so.
    pub tokens: Option<Tokens>,
    /// Whether it has a `usage`, even an empty one.
    pub usage: bool,
    /// Whether it is an error.
    pub error: bool,
    /// Whether it holds any choice.
    pub choices: bool,
    /// Whether a choice has come to its end.
    pub finishes: bool,
}

impl Seen {
    /// Looks through an answer once, without keeping it.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn of(answer: &[u8]) -> Result<Self, Malformed> {
        let answer = std::str::from_utf8(answer).map_err(|_| Malformed)?;
        let mut seen = Self::default();
        skim_members(answer, |key, value| match key {
            "choices" => seen.choices(value),
            "error" => seen.error = value != "null",
            "usage" => {
                seen.usage = true;
                seen.tokens = tokens(value);
            }
            _ => {}
        })?;
        Ok(seen)
    }

    fn choices(&mut self, choices: &str) {
        // What is shown has been checked already.
        let _checked = skim_items(choices, |choice| {
            self.choices = true;
            let _checked = skim_members(choice, |key, value| {
                self.finishes |= key == "finish_reason" && value != "null";
            });
        });
    }
}

fn tokens(usage: &str) -> Option<Tokens> {
    let mut tokens = Tokens::default();
    skim_members(usage, |key, count| match key {
        "prompt_tokens" => tokens.input = count.parse().unwrap_or(0),
        "completion_tokens" => tokens.output = count.parse().unwrap_or(0),
        _ => {}
    })
    .ok()?;
    usage.starts_with('{').then_some(tokens)
}

/// The usage object of a chunk with the cost put in.
#[must_use]
pub fn usage_with_cost(chunk: &Document, cost_usd: f64) -> Vec<u8> {
    let usage = chunk.root().get("usage").map(Value::render).unwrap_or_default();
    let with_cost = match usage.strip_suffix('}') {
        Some("{") => format!("{{\"cost_usd\":{}}}", usd(cost_usd)),
        Some(open) => format!("{open},\"cost_usd\":{}}}", usd(cost_usd)),
        None => usage,
    };
    chunk.render(&[Edit::Set("usage", with_cost)])
}

/// An error in this dialect.
#[derive(Debug, Clone)]
pub struct ErrorBody<'a> {
    /// For people.
    pub message: &'a str,
    /// OpenAI's `type`.
    pub kind: &'a str,
    /// The field at fault.
    pub param: Option<&'a str>,
    /// For programs.
    pub code: &'a str,
}

impl ErrorBody<'_> {
    /// As a JSON object.
    #[must_use]
    pub fn render(&self) -> String {
        format!(
            "{{\"error\":{{\"message\":{},\"type\":{},\"param\":{},\"code\":{}}}}}",
            quote(self.message),
            quote(self.kind),
            self.param.map_or_else(|| "null".to_owned(), quote),
            quote(self.code),
        )
    }

    /// As an event in a stream that has begun.
    #[must_use]
    pub fn event(&self) -> Vec<u8> {
        format!("data: {}\n\n", self.render()).into_bytes()
    }
}
