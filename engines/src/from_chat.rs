//! From a chat request as it was received to a [`Job`].
//!
//! What the device model cannot do is refused by name, so that the next target may; fields that only tell a
//! provider how to run its service (`store`, `metadata`, `user` …) have no meaning here and are left.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::{Kind, Value, quote};
use hearthgate_rules::target::Effort;

use crate::{EngineError, Job, Sampling, Thinking};

impl Job {
    /// The job that a chat request asks for.
    ///
    /// # Errors
    /// When it asks for something that the device model cannot do, or a number is out of range.
    pub fn from_chat(request: &ChatRequest, effort: Effort) -> Result<Self, EngineError> {
        let body = request.body();
        refuse_unsupported(body)?;
        let tool_choice = body.present("tool_choice");
        let job = Self {
            messages: messages(request),
            tools: body.present("tools").filter(|tools| tools.items().next().is_some()).map(Value::render),
            tool_choice: tool_choice
                .map(|choice| choice.as_str().map_or_else(|| choice.render(), str::to_owned)),
            parallel_tool_calls: body.get("parallel_tool_calls").and_then(Value::as_bool).unwrap_or(true),
            thinking: Thinking { enabled: Some(effort == Effort::Deliberate), budget_tokens: None },
            sampling: sampling(body)?,
            stop: stop(body),
            max_tokens: max_tokens(request)?,
        };
        job.check()?;
        Ok(job)
    }
}

fn refuse_unsupported(body: Value<'_>) -> Result<(), EngineError> {
    let unsupported = |field, reason| Err(EngineError::UnsupportedField { field, reason });
    if body.present("n").and_then(Value::as_number).is_some_and(|n| n != "1") {
        return unsupported("n", "it gives one answer at a time");
    }
    if body.get("logprobs").and_then(Value::as_bool) == Some(true) || body.present("top_logprobs").is_some() {
        return unsupported("logprobs", "it does not report probabilities");
    }
    if body.present("functions").is_some() || body.present("function_call").is_some() {
        return unsupported("functions", "use `tools`");
    }
    let format = body.present("response_format").and_then(|format| format.str("type"));
    if format.is_some_and(|format| format != "text") {
        return unsupported("response_format", "it answers in plain text");
    }
    let sound = |modalities: Value<'_>| modalities.items().any(|modality| modality.as_str() != Some("text"));
    if body.present("audio").is_some() || body.present("modalities").is_some_and(sound) {
        return unsupported("modalities", "it answers in text");
    }
    if body.present("web_search_options").is_some() {
        return unsupported("web_search_options", "it has no network");
    }
    Ok(())
}

/// The messages as JSON. `developer` is OpenAI's newer word for `system`; chat templates know the older one.
fn messages(request: &ChatRequest) -> String {
    let messages: Vec<_> = request.messages().map(message).collect();
    format!("[{}]", messages.join(","))
}

fn message(message: Value<'_>) -> String {
    if message.str("role") != Some("developer") {
        return message.render();
    }
    let members = message.members().map(|(key, value)| {
        let value = if key == "role" { quote("system") } else { value.render() };
        format!("{}:{value}", quote(key))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn sampling(body: Value<'_>) -> Result<Sampling, EngineError> {
    let sampling = Sampling {
        temperature: float(body, "temperature"),
        top_p: float(body, "top_p"),
        top_k: whole(body, "top_k", "between 0 and 1000")?,
        min_p: float(body, "min_p"),
        presence_penalty: float(body, "presence_penalty"),
        frequency_penalty: float(body, "frequency_penalty"),
        repeat_penalty: float(body, "repeat_penalty"),
        seed: seed(body),
        logit_bias: logit_bias(body)?,
    };
    Ok(sampling)
}

/// The number in a field; what overflows is infinite, and so out of every range.
fn float(body: Value<'_>, name: &str) -> Option<f32> {
    body.present(name).and_then(Value::as_number)?.parse().ok()
}

fn whole(body: Value<'_>, parameter: &'static str, range: &'static str) -> Result<Option<u32>, EngineError> {
    let Some(digits) = body.present(parameter).and_then(Value::as_number) else { return Ok(None) };
    digits.parse().map(Some).map_err(|_| EngineError::InvalidSampling { parameter, range })
}

/// The seed; a negative one is another number of the same 64 bits.
fn seed(body: Value<'_>) -> Option<u64> {
    let digits = body.present("seed").and_then(Value::as_number)?;
    digits.parse::<u64>().ok().or_else(|| digits.parse::<i64>().ok().map(i64::cast_unsigned))
}

fn logit_bias(body: Value<'_>) -> Result<Vec<(i32, f32)>, EngineError> {
    let fault = || EngineError::InvalidSampling {
        parameter: "logit_bias",
        range: "an object of token ids to numbers between -100 and 100",
    };
    let entry = |(token, bias): (&str, Value<'_>)| {
        let bias = bias.as_number().and_then(|digits| digits.parse().ok());
        Ok((token.parse().map_err(|_| fault())?, bias.ok_or_else(fault)?))
    };
    body.present("logit_bias").into_iter().flat_map(Value::members).map(entry).collect()
}

fn stop(body: Value<'_>) -> Vec<String> {
    let Some(stop) = body.present("stop") else { return Vec::new() };
    let texts = if stop.kind() == Kind::Array { stop.items().collect() } else { vec![stop] };
    texts.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn max_tokens(request: &ChatRequest) -> Result<Option<u32>, EngineError> {
    let parameter = "max_tokens";
    let named =
        ["max_completion_tokens", "max_tokens"].iter().any(|name| request.body().present(name).is_some());
    match request.max_tokens() {
        Some(tokens) => Ok(Some(u32::try_from(tokens).unwrap_or(u32::MAX))),
        None if named => Err(EngineError::InvalidSampling { parameter, range: "at least 1" }),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(rest: &str) -> Result<Job, EngineError> {
        let body =
            format!(r#"{{"model":"auto","messages":[{{"role":"developer","content":"be kind"}}]{rest}}}"#);
        Job::from_chat(&ChatRequest::openai(body).unwrap(), Effort::Quick)
    }

    #[test]
    fn carries_every_parameter() {
        let job = job(
            r#","temperature":0.5,"top_p":0.9,"top_k":7,"min_p":0.1,"presence_penalty":1,"frequency_penalty":-1,
               "seed":-1,"logit_bias":{"12":-100},"stop":["a","b"],"max_completion_tokens":9,"max_tokens":5"#,
        )
        .unwrap();
        assert_eq!(job.messages, r#"[{"role":"system","content":"be kind"}]"#);
        assert_eq!((job.sampling.temperature, job.sampling.top_k), (Some(0.5), Some(7)));
        assert_eq!(job.sampling.seed, Some(u64::MAX));
        assert_eq!(job.sampling.logit_bias, [(12, -100.0)]);
        assert_eq!(job.stop, ["a", "b"]);
        assert_eq!(job.max_tokens, Some(9));
        assert_eq!(job.thinking.enabled, Some(false));
    }

    #[test]
    fn refuses_what_it_cannot_do_by_name() {
        for (rest, field) in [
            (r#","n":2"#, "n"),
            (r#","logprobs":true"#, "logprobs"),
            (r#","response_format":{"type":"json_object"}"#, "response_format"),
            (r#","modalities":["text","audio"]"#, "modalities"),
        ] {
            match job(rest) {
                Err(EngineError::UnsupportedField { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{rest}: {other:?}"),
            }
        }
        assert!(matches!(job(r#","temperature":1e999"#), Err(EngineError::InvalidSampling { .. })));
        assert!(matches!(job(r#","max_tokens":-4"#), Err(EngineError::InvalidSampling { .. })));
    }
}
