//! What is asked now: the user's turns since the assistant's last answer, read once and within bounds.

use super::Feature;
use super::lexicon::{Sign, sign};
use crate::chat::{ChatRequest, Dialect, role_of_item};
use crate::json::{Kind, Value};

/// Bytes of a text that are read at its head and at its tail. Demands stand at either end of what they are
/// about; a long text between is material, and counts by its size.
const HEAD_BYTES: usize = 1536;
const TAIL_BYTES: usize = 512;

/// User turns since the last answer that are read.
const TURNS_MAX: usize = 4;

/// What was counted.
#[derive(Default)]
pub(super) struct Demand {
    bytes: usize,
    words: u32,
    letters: u32,
    proof: u32,
    deep: u32,
    middling: u32,
    light: u32,
    constraints: u32,
    conditions: u32,
    maths: u32,
    code: u32,
    field: u32,
    symbols: u32,
    digits: u32,
    questions: u32,
    steps: u32,
    tools: u32,
    schema: bool,
}

/// Reads the current demand of a request.
pub(super) fn read(request: &ChatRequest) -> Demand {
    let mut demand = Demand::default();
    let turns = turns(request);
    let since = turns.iter().rev().take_while(|turn| turn.role != "assistant" || turn.calls);
    for turn in since.filter(|turn| turn.role == "user").take(TURNS_MAX) {
        turn.content.into_iter().for_each(|content| demand.content(content));
    }
    let body = request.body();
    let tools = body.get("tools").into_iter().flat_map(Value::items).take(64).count();
    demand.tools = u32::try_from(tools).unwrap_or(0);
    let within = |name: &str| body.present(name)?.present("format");
    let format =
        body.present("response_format").or_else(|| within("output_config")).or_else(|| within("text"));
    demand.schema = format.and_then(|format| format.str("type")) == Some("json_schema");
    demand
}

/// One side's turn, as far as it matters here.
struct Turn<'a> {
    role: &'a str,
    /// Whether it calls tools, and so awaits what they say.
    calls: bool,
    content: Option<Value<'a>>,
}

fn turn(message: Value<'_>) -> Turn<'_> {
    let role = message.str("role").unwrap_or_default();
    Turn { role, calls: calls(message), content: message.present("content") }
}

fn turns(request: &ChatRequest) -> Vec<Turn<'_>> {
    if request.dialect() != Dialect::OpenAiResponses {
        return request.messages().map(turn).collect();
    }
    // There, what the model thinks, says and calls in one turn are items of their own.
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for item in request.messages() {
        let (role, calls) = role_of_item(item);
        match turns.last_mut().filter(|last| role == "assistant" && last.role == role) {
            Some(last) => last.calls |= calls,
            None => {
                let text = Some(item).filter(|item| item.kind() == Kind::String);
                turns.push(Turn { role, calls, content: text.or_else(|| item.present("content")) });
            }
        }
    }
    turns
}

/// Whether a turn of the assistant's calls tools, and so awaits what they say.
fn calls(message: Value<'_>) -> bool {
    let blocks = message.get("content").into_iter().flat_map(Value::items);
    message.present("tool_calls").is_some()
        || blocks.into_iter().any(|block| block.str("type") == Some("tool_use"))
}

impl Demand {
    /// Each feature in 0..1, with its weight in log odds.
    ///
    /// The weights are set by hand, by what people agree on; they await a head that is learned and measured.
    pub(super) fn features(&self) -> [Feature; 16] {
        let feature = |name, value: f32, weight| Feature { name, value: value.clamp(0.0, 1.0), weight };
        // Even the largest count is exact enough in single precision once it is bounded.
        let share =
            |count: u32, full: u16| f32::from(u16::try_from(count).unwrap_or(u16::MAX)) / f32::from(full);
        let long_words = if self.words > 3 { share(self.letters, 1) / share(self.words, 1) } else { 4.0 };
        // A greeting before a real demand does not make it easy.
        let work = self.middling.saturating_add(self.deep).saturating_add(self.proof);
        let light = share(self.light.min(1), 1) / (1.0 + 2.0 * share(work, 1));
        [
            feature("length", size(self.bytes, 30.0, 2_000.0), 1.8),
            feature("material", size(self.bytes, 2_000.0, 40_000.0), 0.8),
            feature("long words", (long_words - 4.2) / 2.0, 0.4),
            feature("proof", share(self.proof, 1), 2.6),
            feature("middling work", share(self.middling, 1), 1.4),
            feature("deep work", share(self.deep, 3), 2.6),
            feature("light work", light, -1.8),
            feature("constraints", share(self.constraints, 6), 1.2),
            feature("conditions", share(self.conditions, 6), 0.7),
            feature("mathematics", share(self.maths, 4) + share(self.symbols, 24), 1.3),
            feature("code", share(self.code, 6), 1.3),
            feature("numbers", share(self.digits, 24), 0.6),
            feature("expert field", share(self.field, 3), 0.6),
            feature("questions", share(self.questions.saturating_sub(1), 4), 0.5),
            feature("steps", share(self.steps.saturating_sub(1), 6), 0.5),
            feature("tools and schemas", share(self.tools, 16) + if self.schema { 0.5 } else { 0.0 }, 0.6),
        ]
    }

    fn content(&mut self, content: Value<'_>) {
        match content.kind() {
            Kind::String => self.text(content.as_str().unwrap_or_default()),
            _ => {
                content.items().take(16).filter_map(|part| part.str("text")).for_each(|text| self.text(text))
            }
        }
    }

    fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.bytes = self.bytes.saturating_add(bytes.len());
        let tail = bytes.len().saturating_sub(TAIL_BYTES).max(HEAD_BYTES);
        self.stretch(bytes.get(..HEAD_BYTES).unwrap_or(bytes));
        self.stretch(bytes.get(tail..).unwrap_or_default());
    }

    fn stretch(&mut self, text: &[u8]) {
        for line in text.split(|&byte| byte == b'\n') {
            self.line_start(line.trim_ascii_start());
        }
        let mut word = 0;
        for (at, byte) in text.iter().enumerate() {
            if byte.is_ascii_alphabetic() {
                word += 1;
                continue;
            }
            self.word(text.get(at - word..at).unwrap_or_default());
            word = 0;
            self.mark(*byte);
        }
        self.word(text.get(text.len() - word..).unwrap_or_default());
    }

    fn line_start(&mut self, line: &[u8]) {
        let (first, second, third) = (line.first().copied(), line.get(1).copied(), line.get(2).copied());
        match (first, second, third) {
            (Some(b'0'..=b'9'), Some(b'.' | b')'), _) | (Some(b'-' | b'*'), Some(b' '), _) => self.steps += 1,
            (Some(b'`'), Some(b'`'), Some(b'`')) => self.code += 2,
            _ => {}
        }
    }

    fn mark(&mut self, byte: u8) {
        match byte {
            b'?' => self.questions += 1,
            b'^' | b'\\' | b'=' | b'+' | b'*' | b'<' | b'>' | b'|' => self.symbols += 1,
            b'{' | b'}' | b';' => self.code += 1,
            b'0'..=b'9' => self.digits += 1,
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8]) {
        if word.is_empty() {
            return;
        }
        self.words += 1;
        self.letters = self.letters.saturating_add(u32::try_from(word.len()).unwrap_or(u32::MAX));
        let count = match sign(word) {
            None => return,
            Some(Sign::Proof) => &mut self.proof,
            Some(Sign::Middling) => &mut self.middling,
            Some(Sign::Deep) => &mut self.deep,
            Some(Sign::Light) => &mut self.light,
            Some(Sign::Constraint) => &mut self.constraints,
            Some(Sign::Condition) => &mut self.conditions,
            Some(Sign::Maths) => &mut self.maths,
            Some(Sign::Code) => &mut self.code,
            Some(Sign::Field) => &mut self.field,
        };
        *count += 1;
    }
}

/// How far a size lies between two others, by its logarithm.
fn size(bytes: usize, from: f32, to: f32) -> f32 {
    let bytes = f32::from(u16::try_from(bytes).unwrap_or(u16::MAX)).max(1.0);
    ((bytes / from).ln() / (to / from).ln()).clamp(0.0, 1.0)
}
