//! From a request without a chat (OpenAI's completions and embeddings) to what the engines take.

use hearthgate_rules::json::{Kind, Value};

use crate::from_chat::{CHOICES_MAX, sampling, stop, whole};
use crate::{EngineError, Job, Plain};

/// Texts of one request at most.
const TEXTS_MAX: usize = 2048;
/// Prompts of one completion request at most.
const PROMPTS_MAX: usize = 64;
/// Tokens of a completion that names no number, as OpenAI has it.
const MAX_TOKENS_DEFAULT: u32 = 16;

/// A completion request: each of its prompts so many times.
pub struct Completions {
    /// One for each answer, those of one prompt next to each other.
    pub jobs: Vec<Job>,
    /// Answers to each prompt.
    pub choices: usize,
}

impl Completions {
    /// Reads the body of a completion request.
    ///
    /// # Errors
    /// When it asks for something that the device model cannot do, or a value is out of range.
    pub fn from_body(body: Value<'_>) -> Result<Self, EngineError> {
        refuse_unsupported(body)?;
        check_kinds(body)?;
        let range = "between 1 and 16";
        let choices = whole(body, "n", range)?.map_or(1, u64::from);
        if !(1..=CHOICES_MAX).contains(&choices) {
            return Err(EngineError::InvalidSampling { parameter: "n", range });
        }
        let prompts = plains(body, "prompt", PROMPTS_MAX)?;
        let mut jobs = Vec::new();
        for prompt in prompts {
            for choice in 0..choices {
                let mut sampling = sampling(body)?;
                sampling.seed = sampling.seed.map(|seed| seed.wrapping_add(choice));
                let job = Job {
                    prompt: Some(prompt.clone()),
                    sampling,
                    stop: stop(body),
                    max_tokens: Some(whole(body, "max_tokens", "at least 1")?.unwrap_or(MAX_TOKENS_DEFAULT)),
                    logprobs: logprobs(body)?,
                    ..Job::default()
                };
                job.check()?;
                jobs.push(job);
            }
        }
        Ok(Self { jobs, choices: usize::try_from(choices).unwrap_or(1) })
    }
}

/// The texts of an embedding request.
///
/// # Errors
/// When there are none, too many, or something else than texts or lists of tokens.
pub fn inputs(body: Value<'_>) -> Result<Vec<Plain>, EngineError> {
    plains(body, "input", TEXTS_MAX)
}

fn refuse_unsupported(body: Value<'_>) -> Result<(), EngineError> {
    let unsupported = |field, reason| Err(EngineError::UnsupportedField { field, reason });
    if body.get("echo").and_then(Value::as_bool) == Some(true) {
        return unsupported("echo", "it gives what it says, and not the prompt");
    }
    if body.present("suffix").is_some() {
        return unsupported("suffix", "it goes on with a text, and fills no gap in one");
    }
    if body
        .present("best_of")
        .is_some_and(|best| best.as_number() != body.get("n").map_or(Some("1"), Value::as_number))
    {
        return unsupported("best_of", "it gives every answer that it makes; use `n`");
    }
    Ok(())
}

fn check_kinds(body: Value<'_>) -> Result<(), EngineError> {
    let number = ["temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty", "repeat_penalty"];
    let fault = |parameter, range| Err(EngineError::InvalidSampling { parameter, range });
    for name in number.into_iter().chain(["seed", "n", "max_tokens", "logprobs", "top_k"]) {
        if body.present(name).is_some_and(|value| value.as_number().is_none()) {
            return fault(name, "a number");
        }
    }
    if body.present("stream").is_some_and(|value| value.as_bool().is_none()) {
        return fault("stream", "true or false");
    }
    let texts = |stop: Value<'_>| stop.as_str().is_some() || stop.items().all(|item| item.as_str().is_some());
    if body.present("stop").is_some_and(|stop| !texts(stop)) {
        return fault("stop", "a text or a list of texts");
    }
    Ok(())
}

fn logprobs(body: Value<'_>) -> Result<Option<u8>, EngineError> {
    let range = "between 0 and 5";
    let fault = EngineError::InvalidSampling { parameter: "logprobs", range };
    let told = whole(body, "logprobs", range)?.map(u8::try_from).transpose();
    told.ok().filter(|told| told.is_none_or(|told| told <= 5)).ok_or(fault)
}

/// A text, a list of tokens, or a list of either.
fn plains(body: Value<'_>, parameter: &'static str, max: usize) -> Result<Vec<Plain>, EngineError> {
    let fault = |range| EngineError::InvalidSampling { parameter, range };
    let range = "a text that is not empty, a list of tokens, or a list of either";
    let value = body.present(parameter).ok_or(fault("there"))?;
    let one = |value: Value<'_>| match value.kind() {
        Kind::String => {
            value.as_str().filter(|text| !text.is_empty()).map(|text| Plain::Text(text.to_owned()))
        }
        Kind::Array => {
            let tokens: Option<Vec<i32>> =
                value.items().map(|token| token.as_number().and_then(|token| token.parse().ok())).collect();
            tokens.filter(|tokens| !tokens.is_empty()).map(Plain::Tokens)
        }
        _ => None,
    };
    if let Some(plain) = one(value) {
        return Ok(vec![plain]);
    }
    let plains: Option<Vec<Plain>> =
        (value.kind() == Kind::Array).then(|| value.items().map(one).collect()).flatten();
    let plains = plains.filter(|plains| !plains.is_empty()).ok_or(fault(range))?;
    if plains.len() > max {
        Err(fault("a list that is not longer than the engine takes"))
    } else {
        Ok(plains)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearthgate_rules::json::Document;

    fn read(rest: &str) -> Result<Completions, EngineError> {
        let document = Document::parse(format!("{{{rest}}}")).unwrap();
        Completions::from_body(document.root())
    }

    #[test]
    fn prompts_are_texts_or_tokens() {
        let prompts = |rest: &str| {
            read(rest)
                .unwrap()
                .jobs
                .into_iter()
                .filter_map(|job| job.prompt)
                .map(|prompt| match prompt {
                    Plain::Text(text) => text,
                    Plain::Tokens(tokens) => format!("{tokens:?}"),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(prompts(r#""prompt":"a""#), ["a"]);
        assert_eq!(prompts(r#""prompt":["a","b"],"n":2"#), ["a", "a", "b", "b"]);
        assert_eq!(prompts(r#""prompt":[1,2]"#), ["[1, 2]"]);
        assert_eq!(prompts(r#""prompt":[[1],[2,3]]"#), ["[1]", "[2, 3]"]);
    }

    #[test]
    fn what_it_cannot_do_is_refused_by_name() {
        for (rest, name) in [
            ("", "prompt"),
            (r#""prompt":"""#, "prompt"),
            (r#""prompt":[]"#, "prompt"),
            (r#""prompt":[1.5]"#, "prompt"),
            (r#""prompt":{}"#, "prompt"),
            (r#""prompt":"a","n":0"#, "n"),
            (r#""prompt":"a","logprobs":6"#, "logprobs"),
            (r#""prompt":"a","logprobs":true"#, "logprobs"),
            (r#""prompt":"a","temperature":"hot""#, "temperature"),
            (r#""prompt":"a","stop":[1]"#, "stop"),
            (r#""prompt":"a","max_tokens":0"#, "max_tokens"),
        ] {
            match read(rest).err() {
                Some(EngineError::InvalidSampling { parameter, .. }) => assert_eq!(parameter, name, "{rest}"),
                other => panic!("{rest}: {other:?}"),
            }
        }
        for (rest, name) in [
            (r#""prompt":"a","echo":true"#, "echo"),
            (r#""prompt":"a","suffix":"b""#, "suffix"),
            (r#""prompt":"a","best_of":3"#, "best_of"),
        ] {
            match read(rest).err() {
                Some(EngineError::UnsupportedField { field, .. }) => assert_eq!(field, name),
                other => panic!("{rest}: {other:?}"),
            }
        }
    }
}
