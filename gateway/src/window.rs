//! Whether a request can fit what a target reads at once.
//!
//! Tokens are not counted here: each model has its own. What is told is how many there are at least, and a target is passed over
//! only where even those are too many. What a request has above that is for its provider to say.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::{Kind, Value};
use hearthgate_rules::target::Target;

use crate::app::Site;
use crate::respond::Fault;

/// What of a body the model reads.
const READ: [&str; 5] = ["messages", "input", "system", "instructions", "tools"];

/// Members whose text is no text to the model: pictures, files, what providers have sealed.
const NOT_TEXT: [&str; 7] =
    ["data", "file_data", "image_url", "url", "signature", "encrypted_content", "file_id"];

/// The tokens that a request has at least, counted when that is first asked for.
#[derive(Default)]
pub struct Needed(Option<u64>);

impl Needed {
    /// Why a target cannot take the request, where its window is known and too small.
    pub fn beyond(&mut self, site: &Site, request: &ChatRequest, target: &Target) -> Option<Fault> {
        let window = *site.windows.get(target.name())?;
        // A word and what parts it from the next are two bytes.
        let bytes = u64::try_from(request.document().source_bytes()).unwrap_or(u64::MAX);
        if bytes / 2 < window {
            return None;
        }
        let tokens_min = *self.0.get_or_insert_with(|| tokens_min(request));
        (tokens_min >= window).then(|| Fault::TooLong {
            target: target.name().to_owned(),
            window,
            tokens_min,
        })
    }
}

/// How many tokens a request has at least.
///
/// Tokenisers of the models that are served split texts at white space, between letters and digits, and digits after three
/// (the split patterns of `tiktoken`'s encodings and of Llama 3; SentencePiece with `split_by_whitespace` and `split_digits`).
/// So each run of letters is a token at least, and so are three digits; signs may be part of a neighbour.
#[must_use]
pub fn tokens_min(request: &ChatRequest) -> u64 {
    let read = request.body().members().filter(|(name, _)| READ.contains(name));
    read.map(|(_, value)| of_value(value)).sum()
}

fn of_value(value: Value<'_>) -> u64 {
    match value.kind() {
        Kind::String => value.as_str().map_or(0, of_text),
        Kind::Array => value.items().map(of_value).sum(),
        Kind::Object => {
            let text = value.members().filter(|(name, _)| !NOT_TEXT.contains(name));
            text.map(|(_, value)| of_value(value)).sum()
        }
        _ => 0,
    }
}

fn of_text(text: &str) -> u64 {
    #[derive(PartialEq)]
    enum Run {
        Letters,
        Digits(u8),
        Other,
    }
    if text.starts_with("data:") {
        return 0;
    }
    let (mut tokens, mut run) = (0, Run::Other);
    for c in text.chars() {
        let next = match c {
            // `don't` may be one token.
            '\'' | '\u{2019}' if run == Run::Letters => Run::Letters,
            c if c.is_numeric() => match run {
                Run::Digits(count @ 1..=2) => Run::Digits(count + 1),
                _ => Run::Digits(1),
            },
            // Marks (accents that stand by themselves) are neither letters nor the end of a word.
            c if c.is_alphabetic() || !c.is_ascii() && !c.is_whitespace() => Run::Letters,
            _ => Run::Other,
        };
        let begins = match (&run, &next) {
            (_, Run::Other) | (Run::Letters, Run::Letters) => false,
            (_, Run::Letters) => c.is_alphabetic(),
            (_, Run::Digits(count)) => *count == 1,
        };
        tokens += u64::from(begins);
        run = next;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_digits_count_and_signs_do_not() {
        for (text, tokens) in [
            ("", 0),
            ("Hello, world!", 2),
            ("don't stop", 2),
            ("1234567 a1", 5),
            ("== -- ==", 0),
            ("über\u{301} naïve", 2),
            ("数学和语言", 1),
            ("snake_case", 2),
            ("data:image/png;base64,AAAA BBBB", 0),
        ] {
            assert_eq!(of_text(text), tokens, "{text}");
        }
    }

    #[test]
    fn what_the_model_does_not_read_as_text_does_not_count() {
        let request = ChatRequest::openai(
            r#"{"model":"a b c","messages":[{"role":"user","content":[{"type":"text","text":"one two"},
               {"type":"image_url","image_url":{"url":"data:x y z"}}]}],"user":"x y z"}"#,
        );
        // `user`, `text`, the two words, `image_url`: the roles and types cost tokens, too, or stand for some.
        assert_eq!(tokens_min(&request.expect("sound")), 6);
    }
}
