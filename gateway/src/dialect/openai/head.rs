//! Answers in OpenAI's dialect: the parts of a stream, and whole ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hearthgate_engines::TokenLogprob;
use hearthgate_rules::json::quote;

use super::{DONE, usd};
use crate::dialect::event::{Event, Finish, Gathered, Usage};

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
    /// The seal of the call that comes next.
    pub seal: Option<String>,
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

    /// The event for one part of a choice.
    pub fn part(&mut self, choice: usize, part: &Event, out: &mut Vec<u8>) {
        if self.surface == Surface::Text {
            return self.text_part(choice, part, out);
        }
        let seal = self.seal.take();
        let mut delta = |delta: &str| self.event(out, choice, delta, "null", None);
        match part {
            Event::Text(text) => delta(&format!("{{\"content\":{}}}", quote(text))),
            Event::Reasoning(text) => delta(&format!("{{\"reasoning_content\":{}}}", quote(text))),
            Event::Refusal(text) => delta(&format!("{{\"refusal\":{}}}", quote(text))),
            Event::Call { index, id, name, arguments } => {
                let call =
                    tool_call(Some(*index), id.as_deref(), name.as_deref(), arguments, seal.as_deref());
                delta(&format!("{{\"tool_calls\":[{call}]}}"));
            }
            Event::Logprobs(tokens) => self.event(out, choice, "{}", &logprobs(tokens), None),
            Event::End(finish) => self.event(out, choice, "{}", "null", Some(*finish)),
            Event::SealOfNext(seal) => self.seal = Some(seal.clone()),
            // They have no place in it.
            Event::Seal(_) | Event::Redacted(_) => {}
        }
    }

    fn text_part(&self, choice: usize, part: &Event, out: &mut Vec<u8>) {
        let choice = match part {
            Event::Text(text) => text_choice(choice, text, &[], None),
            Event::Logprobs(tokens) => text_choice(choice, "", tokens, None),
            Event::End(finish) => text_choice(choice, "", &[], Some(*finish)),
            // What goes on with a text neither thinks nor calls.
            _ => return,
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

    fn event(&self, out: &mut Vec<u8>, choice: usize, delta: &str, logprobs: &str, finish: Option<Finish>) {
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
    pub fn whole(&self, choices: &[Gathered], usage: &Usage, cost_usd: Option<f64>) -> String {
        let choices: Vec<_> = choices
            .iter()
            .enumerate()
            .map(|(index, gathered)| match self.surface {
                Surface::Chat => choice_of(gathered, index),
                Surface::Text => {
                    let text = gathered.joined(text_of);
                    text_choice(index, &text, &gathered.logprobs, gathered.finish)
                }
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
fn text_choice(index: usize, text: &str, told: &[TokenLogprob], reason: Option<Finish>) -> String {
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
        numbers(embedding)
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

/// An embedding as an array.
#[must_use]
pub fn numbers(embedding: &[f32]) -> String {
    format!("[{}]", embedding.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>().join(","))
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

fn text_of(part: &Event) -> Option<&String> {
    if let Event::Text(text) = part { Some(text) } else { None }
}

/// As one of an answer's choices.
fn choice_of(gathered: &Gathered, index: usize) -> String {
    let content = gathered.joined(text_of);
    let reasoning = gathered.joined(|part| if let Event::Reasoning(text) = part { Some(text) } else { None });
    let refusal = gathered.joined(|part| if let Event::Refusal(text) = part { Some(text) } else { None });
    let (mut calls, mut seal) = (Vec::new(), None);
    for part in &gathered.parts {
        if let Event::Call { id, name, arguments, .. } = part {
            let (id, name) = (id.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default());
            calls.push(tool_call(None, Some(id), Some(name), arguments, seal));
        }
        seal = if let Event::SealOfNext(seal) = part { Some(seal.as_str()) } else { None };
    }
    let unsaid = content.is_empty() && (!calls.is_empty() || !refusal.is_empty());
    let content = if unsaid { "null".to_owned() } else { quote(&content) };
    let refusal = if refusal.is_empty() { "null".to_owned() } else { quote(&refusal) };
    let mut message = format!("{{\"role\":\"assistant\",\"content\":{content},\"refusal\":{refusal}");
    if !reasoning.is_empty() {
        message.push_str(&format!(",\"reasoning_content\":{}", quote(&reasoning)));
    }
    if !calls.is_empty() {
        message.push_str(&format!(",\"tool_calls\":[{}]", calls.join(",")));
    }
    message.push('}');
    let logprobs =
        if gathered.logprobs.is_empty() { "null".to_owned() } else { logprobs(&gathered.logprobs) };
    format!(
        "{{\"index\":{index},\"message\":{message},\"logprobs\":{logprobs},\"finish_reason\":{}}}",
        quote(gathered.finish.unwrap_or(Finish::Stop).as_openai()),
    )
}

/// A call, with its seal where Google's own surface of this dialect has it.
fn tool_call(
    index: Option<usize>,
    id: Option<&str>,
    name: Option<&str>,
    arguments: &str,
    seal: Option<&str>,
) -> String {
    let index = index.map(|index| format!("\"index\":{index},")).unwrap_or_default();
    let id = id.map(|id| format!("\"id\":{},\"type\":\"function\",", quote(id))).unwrap_or_default();
    let name = name.map(|name| format!("\"name\":{},", quote(name))).unwrap_or_default();
    let seal = seal
        .map(|seal| format!(",\"extra_content\":{{\"google\":{{\"thought_signature\":{}}}}}", quote(seal)));
    let seal = seal.unwrap_or_default();
    format!("{{{index}{id}\"function\":{{{name}\"arguments\":{}}}{seal}}}", quote(arguments))
}

fn usage_json(usage: &Usage, cost_usd: Option<f64>) -> String {
    let cost = cost_usd.map(|cost| format!(",\"cost_usd\":{}", usd(cost))).unwrap_or_default();
    let thought = usage.reasoning.map_or_else(String::new, |tokens| {
        format!(",\"completion_tokens_details\":{{\"reasoning_tokens\":{tokens}}}")
    });
    format!(
        "{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{}}}{thought}{cost}}}",
        usage.input,
        usage.output,
        usage.input + usage.output,
        usage.cached,
    )
}
