//! What a header tells a person about the model.

use super::Header;

/// What a model file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `general.name`
    pub name: Option<String>,
    /// `general.architecture`
    pub architecture: String,
    /// `general.license`
    pub licence: Option<String>,
    /// Number of weights.
    pub parameters: u64,
    /// How most of them are stored, in llama.cpp's words; none where the file does not say.
    pub quantisation: Option<&'static str>,
    /// Tokens that a conversation may hold.
    pub context_tokens: Option<u64>,
    /// Numbers of an embedding.
    pub width: Option<u64>,
    /// What its chat template speaks of; none where it has no template.
    pub template: Option<TemplateFacts>,
    /// It pools what it reads: it embeds texts, and answers no chats.
    pub pools: bool,
}

/// What a chat template speaks of. It is read as text here, not run: a word may stand in it and do little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateFacts {
    /// Tools.
    pub tools: bool,
    /// Thoughts.
    pub thinking: bool,
    /// A switch that says whether to think (`enable_thinking`).
    pub thinking_switch: bool,
    /// A field that says how long to think (`reasoning_effort`).
    pub effort_field: bool,
}

impl Header {
    /// What it tells of the model.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let architecture = self.text("general.architecture").unwrap_or_default().to_owned();
        let number = |key: &str| self.number(&format!("{architecture}.{key}"));
        let template = self.text("tokenizer.chat_template");
        Facts {
            name: self.text("general.name").map(str::to_owned),
            licence: self.text("general.license").map(str::to_owned),
            parameters: self.parameters(),
            quantisation: self.number("general.file_type").and_then(file_type),
            context_tokens: number("context_length"),
            width: number("embedding_length"),
            template: template.map(TemplateFacts::read),
            pools: number("pooling_type").is_some_and(|kind| kind > 0),
            architecture,
        }
    }
}

impl TemplateFacts {
    fn read(template: &str) -> Self {
        let speaks = |words: &[&str]| words.iter().any(|word| template.contains(word));
        let (thinking_switch, effort_field) = (speaks(&["enable_thinking"]), speaks(&["reasoning_effort"]));
        let thinking =
            thinking_switch || effort_field || speaks(&["<think>", "[THINK]", "reasoning_content"]);
        Self { tools: speaks(&["tools"]), thinking, thinking_switch, effort_field }
    }
}

/// The names of `llama_ftype` in `llama.h`.
fn file_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::check;
    use crate::tiny::{Architecture, TinySpec, generate};

    fn facts(spec: &TinySpec) -> Facts {
        let bytes = generate(spec);
        check(bytes.as_slice(), u64::try_from(bytes.len()).unwrap()).unwrap().facts()
    }

    #[test]
    fn a_model_tells_of_itself() {
        let spec = TinySpec {
            architecture: Architecture::Qwen3,
            context: 512,
            name: "own".to_owned(),
            ..TinySpec::default()
        };
        let told = facts(&spec);
        assert_eq!((told.name.as_deref(), told.architecture.as_str()), (Some("own"), "qwen3"));
        assert_eq!((told.context_tokens, told.width, told.pools), (Some(512), Some(64), false));
        assert!(told.parameters > 10_000, "{told:?}");
        let template = told.template.unwrap();
        assert!(template.tools && template.thinking && template.thinking_switch, "{template:?}");
    }

    #[test]
    fn a_template_tells_no_more_than_its_words() {
        let plain = facts(&TinySpec { template: Some("{{ messages }}".to_owned()), ..TinySpec::default() });
        let nothing =
            TemplateFacts { tools: false, thinking: false, thinking_switch: false, effort_field: false };
        assert_eq!(plain.template, Some(nothing));
        let effort = "{{ reasoning_effort }}".to_owned();
        let effort = facts(&TinySpec { template: Some(effort), ..TinySpec::default() }).template.unwrap();
        assert!(effort.effort_field && effort.thinking && !effort.thinking_switch);
    }
}
