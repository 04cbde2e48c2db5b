//! A byte-level vocabulary: one token for each byte, some common pairs, and the marks of the template.

use super::Noise;
use super::writer::Meta;

/// Pairs that merge, in the order of their rank. `Ġ` stands for a space, as in GPT-2's vocabularies.
const MERGES: [(&str, &str); 23] = [
    ("Ċ", "Ċ"),
    ("h", "e"),
    ("i", "n"),
    ("r", "e"),
    ("o", "n"),
    ("Ġ", "t"),
    ("Ġ", "a"),
    ("e", "r"),
    ("o", "u"),
    ("Ġ", "s"),
    ("a", "t"),
    ("e", "n"),
    ("Ġ", "w"),
    ("n", "d"),
    ("Ġt", "he"),
    ("Ġ", "o"),
    ("i", "s"),
    ("in", "g"),
    ("a", "r"),
    ("Ġ", "h"),
    ("o", "r"),
    ("Ġa", "nd"),
    ("Ġo", "f"),
];

/// Marks of the template with the format's type: 3 is control and never shown, 4 is plain text of its own.
const MARKS: [(&str, i32); 7] = [
    ("<|endoftext|>", 3),
    ("<|im_start|>", 3),
    ("<|im_end|>", 3),
    ("<think>", 4),
    ("</think>", 4),
    ("<tool_call>", 4),
    ("</tool_call>", 4),
];

/// The format's type of control tokens.
const CONTROL: i32 = 3;

/// What a noise thinks, one token each.
const THOUGHTS: [&str; 8] = [" hm", " well", " so", " wait", " but", " perhaps", " let me see", " then"];

/// Never chosen unless it is forced.
const SHUNNED: f32 = -30.0;

/// The vocabulary of a tiny model.
pub(super) struct Vocabulary {
    tokens: Vec<String>,
    types: Vec<i32>,
    favours: Vec<f32>,
    roles: Vec<Role>,
}

/// What a token has to do with thinking.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It goes on with a thought, or opens one.
    Thought,
    /// It closes a thought.
    Close,
    /// It comes right before an answer.
    Before,
    /// It is part of an answer.
    Answer,
    /// It ends the turn.
    End,
}

impl Vocabulary {
    /// At least `least` tokens, filled up with unused ones, and `marks` after them.
    pub(super) fn new(least: u32, noise: Noise, marks: &[String]) -> Self {
        let mut all = Self { tokens: Vec::new(), types: Vec::new(), favours: Vec::new(), roles: Vec::new() };
        for byte in 0..=u8::MAX {
            // The template puts one line's end after the mark that opens a thought, two after the one that
            // closes it.
            let role = if byte == b'\n' { Role::Thought } else { Role::Answer };
            all.push(letter_of(byte).to_string(), 1, favour_of_byte(byte, noise), role);
        }
        for (left, right) in MERGES {
            let lines = left == "Ċ";
            let favour = match noise {
                _ if lines => SHUNNED,
                Noise::Letters => -3.2,
                Noise::Bytes => -5.0,
            };
            let role = if lines { Role::Before } else { Role::Answer };
            all.push(format!("{left}{right}"), 1, favour, role);
        }
        // A word is one token: where a family has it as its own, it is that one.
        let own = |word: &str| marks.iter().any(|mark| mark == word);
        for (mark, kind) in MARKS.into_iter().filter(|(mark, _)| !own(mark)) {
            let (favour, role) = match mark {
                "<|im_end|>" if noise == Noise::Letters => (-2.6, Role::End),
                "<|im_end|>" => (-5.0, Role::End),
                "<think>" => (SHUNNED, Role::Thought),
                "</think>" => (-2.0, Role::Close),
                _ => (SHUNNED, Role::Answer),
            };
            all.push(mark.to_owned(), kind, favour, role);
        }
        for thought in THOUGHTS {
            all.push(thought.to_owned(), 4, -2.0, Role::Thought);
        }
        while all.len() < least {
            all.push(format!("[unused {}]", all.len()), 5, SHUNNED, Role::Answer);
        }
        for mark in marks {
            all.push(mark.clone(), CONTROL, SHUNNED, Role::Answer);
        }
        all
    }

    /// What a token says to the one after it: within a thought or not, before an answer's first word or not.
    pub(super) fn state(&self, token: u32) -> [f32; 2] {
        match self.role(token) {
            Role::Thought => [1.0, 0.0],
            Role::Close | Role::Before => [-1.0, 1.0],
            Role::Answer | Role::End => [-1.0, 0.0],
        }
    }

    /// The state in which a token can be chosen: 1 only where it holds, -1 only where it does not.
    pub(super) fn wanted(&self, token: u32) -> [f32; 2] {
        match self.role(token) {
            Role::Thought | Role::Close => [1.0, 0.0],
            Role::Before | Role::Answer => [-1.0, 0.0],
            Role::End => [-1.0, -1.0],
        }
    }

    fn role(&self, token: u32) -> Role {
        let index = usize::try_from(token).unwrap_or(usize::MAX);
        self.roles.get(index).copied().unwrap_or(Role::Answer)
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.tokens.len()).unwrap_or(u32::MAX)
    }

    /// What is added to a token's logit: about the logarithm of its share.
    pub(super) fn favour(&self, token: u32) -> f32 {
        let index = usize::try_from(token).unwrap_or(usize::MAX);
        self.favours.get(index).copied().unwrap_or(SHUNNED)
    }

    pub(super) fn metadata(&self) -> Vec<(String, Meta)> {
        let id = |mark: &str| {
            let index = self.tokens.iter().position(|token| token == mark).unwrap_or(0);
            Meta::U32(u32::try_from(index).unwrap_or(0))
        };
        let key = |name: &str| format!("tokenizer.ggml.{name}");
        let merges = MERGES.iter().map(|(left, right)| format!("{left} {right}")).collect();
        vec![
            (key("model"), Meta::Text("gpt2".to_owned())),
            (key("pre"), Meta::Text("gpt-2".to_owned())),
            (key("tokens"), Meta::Texts(self.tokens.clone())),
            (key("token_type"), Meta::Numbers(self.types.clone())),
            (key("merges"), Meta::Texts(merges)),
            (key("bos_token_id"), id("<|endoftext|>")),
            (key("eos_token_id"), id("<|im_end|>")),
            (key("padding_token_id"), id("<|endoftext|>")),
            (key("add_bos_token"), Meta::Bool(false)),
            (key("add_eos_token"), Meta::Bool(false)),
        ]
    }

    fn push(&mut self, token: String, kind: i32, favour: f32, role: Role) {
        self.roles.push(role);
        self.tokens.push(token);
        self.types.push(kind);
        self.favours.push(favour);
    }
}

/// The letter that stands for a byte in GPT-2's vocabularies: itself where it can be printed, else one
/// from U+0100 on. Source: `bytes_to_unicode` of the published encoder.
fn letter_of(byte: u8) -> char {
    let printed = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if printed(byte) {
        return char::from(byte);
    }
    let rank = (0..byte).filter(|earlier| !printed(*earlier)).count();
    u32::try_from(rank)
        .ok()
        .and_then(|rank| char::from_u32(0x100 + rank))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn favour_of_byte(byte: u8, noise: Noise) -> f32 {
    if noise == Noise::Bytes && byte != b'\n' {
        // Half of the noise are bytes of longer characters, whole and broken.
        return -5.5;
    }
    match byte {
        b' ' => -1.8,
        b'e' | b'a' | b'i' | b'o' | b't' | b'n' => -2.6,
        b's' | b'r' | b'h' | b'l' | b'd' | b'u' => -3.2,
        b'a'..=b'z' => -4.2,
        b'.' | b',' => -4.6,
        _ => SHUNNED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_letter_of_its_own() {
        let letters: std::collections::HashSet<char> = (0..=u8::MAX).map(letter_of).collect();
        assert_eq!(letters.len(), 256);
        assert_eq!((letter_of(b' '), letter_of(b'\n'), letter_of(b'a')), ('Ġ', 'Ċ', 'a'));
    }

    #[test]
    fn every_merge_is_made_of_tokens_and_makes_one() {
        let vocabulary = Vocabulary::new(0, Noise::Letters, &[]);
        for (left, right) in MERGES {
            for part in [left.to_owned(), right.to_owned(), format!("{left}{right}")] {
                assert!(vocabulary.tokens.contains(&part), "{part}");
            }
        }
    }
}
