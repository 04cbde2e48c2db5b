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
        let (tools, tool_choice) = tools(body)?;
        let schema = schema(body)?;
        if schema.is_some() && tools.is_some() && tool_choice.as_deref() != Some("none") {
            let reason = "together with `tools`, it cannot hold its answer to a format";
            return Err(EngineError::UnsupportedField { field: "response_format", reason });
        }
        let named = body.present("tool_choice").is_some_and(|choice| choice.kind() == Kind::Object);
        let deliberate = effort == Effort::Deliberate;
        let job = Self {
            messages: messages(request),
            tools,
            tool_choice,
            schema,
            // One that is named is called once.
            parallel_tool_calls: !named
                && body.get("parallel_tool_calls").and_then(Value::as_bool).unwrap_or(true),
            thinking: Thinking {
                enabled: Some(deliberate),
                // Models that think whatever they are told are stopped.
                budget_tokens: (!deliberate).then_some(0),
                effort: Some(if deliberate { "high" } else { "low" }),
            },
            sampling: sampling(body)?,
            stop: stop(body),
            max_tokens: max_tokens(request)?,
            logprobs: logprobs(body)?,
            prompt: None,
            owner: None,
            deadline: None,
        };
        job.check()?;
        Ok(job)
    }
}

/// Answers to one request at most.
pub const CHOICES_MAX: u64 = 16;

impl Job {
    /// How many answers a chat request asks for.
    ///
    /// # Errors
    /// When that is none, or more than 16.
    pub fn choices(request: &ChatRequest) -> Result<u64, EngineError> {
        let range = "between 1 and 16";
        let n = whole(request.body(), "n", range)?.map_or(1, u64::from);
        let fault = EngineError::InvalidSampling { parameter: "n", range };
        if (1..=CHOICES_MAX).contains(&n) { Ok(n) } else { Err(fault) }
    }
}

fn refuse_unsupported(body: Value<'_>) -> Result<(), EngineError> {
    let unsupported = |field, reason| Err(EngineError::UnsupportedField { field, reason });
    if body.present("functions").is_some() || body.present("function_call").is_some() {
        return unsupported("functions", "use `tools`");
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

/// The tools, and which of them may or must be called. Where one is named it is the only one that the model is shown.
fn tools(body: Value<'_>) -> Result<(Option<String>, Option<String>), EngineError> {
    let tools = body.present("tools").filter(|tools| tools.items().next().is_some());
    let Some(choice) = body.present("tool_choice") else { return Ok((tools.map(Value::render), None)) };
    if let Some(word) = choice.as_str() {
        return Ok((tools.map(Value::render), Some(word.to_owned())));
    }
    let name_of =
        |value: Value<'_>| value.get("function").and_then(|function| function.str("name")).map(str::to_owned);
    let unknown = EngineError::InvalidSampling {
        parameter: "tool_choice",
        range: "auto, none, required, or {\"type\":\"function\",\"function\":{\"name\":…}} with the name of one of `tools`",
    };
    let Some(name) = name_of(choice) else { return Err(unknown) };
    let named = tools.and_then(|tools| tools.items().find(|tool| name_of(*tool).as_ref() == Some(&name)));
    match named {
        Some(tool) => Ok((Some(format!("[{}]", tool.render())), Some("required".to_owned()))),
        None => Err(unknown),
    }
}

/// The schema that the answer is to follow.
fn schema(body: Value<'_>) -> Result<Option<String>, EngineError> {
    let Some(format) = body.present("response_format") else { return Ok(None) };
    let fault = |range| EngineError::InvalidSampling { parameter: "response_format", range };
    match format.str("type") {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(r#"{"type":"object"}"#.to_owned())),
        Some("json_schema") => {
            let schema = format.get("json_schema").and_then(|named| named.get("schema"));
            let schema =
                schema.filter(|schema| schema.kind() == Kind::Object && schema.members().next().is_some());
            schema
                .map(|schema| Some(schema.render()))
                .ok_or(fault("a `json_schema` with a `schema` that is an object"))
        }
        _ => Err(fault("of type text, json_object or json_schema")),
    }
}

fn logprobs(body: Value<'_>) -> Result<Option<u8>, EngineError> {
    let wanted = body.get("logprobs").and_then(Value::as_bool) == Some(true);
    let range = "between 0 and 20, with `logprobs` on";
    let top = whole(body, "top_logprobs", range)?;
    match top.map_or(Ok(0), u8::try_from) {
        Ok(top) if wanted => Ok(Some(top)),
        Ok(_) if top.is_none() => Ok(None),
        _ => Err(EngineError::InvalidSampling { parameter: "top_logprobs", range }),
    }
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

pub(crate) fn sampling(body: Value<'_>) -> Result<Sampling, EngineError> {
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

pub(crate) fn whole(
    body: Value<'_>,
    parameter: &'static str,
    range: &'static str,
) -> Result<Option<u32>, EngineError> {
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

pub(crate) fn stop(body: Value<'_>) -> Vec<String> {
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
    fn a_named_tool_is_the_only_one_and_must_be_called() {
        let tools = r#","tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}]"#;
        let all = job(&format!(r#"{tools},"tool_choice":"required""#)).unwrap();
        assert_eq!(all.tool_choice.as_deref(), Some("required"));
        assert!(all.tools.unwrap().contains("\"f\""));
        let one = job(&format!(r#"{tools},"tool_choice":{{"type":"function","function":{{"name":"g"}}}}"#))
            .unwrap();
        assert_eq!((one.tool_choice.as_deref(), one.parallel_tool_calls), (Some("required"), false));
        assert_eq!(one.tools.as_deref(), Some(r#"[{"type":"function","function":{"name":"g"}}]"#));
    }

    #[test]
    fn a_format_is_a_schema() {
        let schema = |format: &str| job(&format!(r#","response_format":{format}"#)).unwrap().schema;
        assert_eq!(schema(r#"{"type":"text"}"#), None);
        assert_eq!(schema(r#"{"type":"json_object"}"#).as_deref(), Some(r#"{"type":"object"}"#));
        let own =
            r#"{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"integer"}}}"#;
        assert_eq!(schema(own).as_deref(), Some(r#"{"type":"integer"}"#));
    }

    #[test]
    fn choices_are_counted() {
        let choices = |n: &str| {
            let body = format!(r#"{{"model":"auto","messages":[{{"role":"user","content":"x"}}]{n}}}"#);
            ChatRequest::openai(body).map(|request| Job::choices(&request))
        };
        for (n, count) in [("", 1), (r#","n":null"#, 1), (r#","n":3"#, 3)] {
            assert_eq!(choices(n).unwrap(), Ok(count));
        }
        // What is no whole number is no request.
        for n in ["0", "17", "-1"] {
            let Ok(refused) = choices(&format!(r#","n":{n}"#)) else { continue };
            assert!(matches!(refused, Err(EngineError::InvalidSampling { parameter: "n", .. })), "{n}");
        }
    }

    #[test]
    fn probabilities_are_asked_for() {
        assert_eq!(job("").unwrap().logprobs, None);
        assert_eq!(job(r#","logprobs":true"#).unwrap().logprobs, Some(0));
        assert_eq!(job(r#","logprobs":true,"top_logprobs":5"#).unwrap().logprobs, Some(5));
    }

    #[test]
    fn refuses_what_it_cannot_do_by_name() {
        for (rest, field) in [
            (
                r#","response_format":{"type":"json_object"},"tools":[{"type":"function","function":{"name":"f"}}]"#,
                "response_format",
            ),
            (r#","modalities":["text","audio"]"#, "modalities"),
        ] {
            match job(rest) {
                Err(EngineError::UnsupportedField { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{rest}: {other:?}"),
            }
        }
        assert!(matches!(job(r#","temperature":1e999"#), Err(EngineError::InvalidSampling { .. })));
        for rest in [
            r#","response_format":{"type":"json_schema"}"#,
            r#","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":[]}}"#,
            r#","response_format":{"type":"xml"}"#,
            r#","top_logprobs":3"#,
            r#","logprobs":true,"top_logprobs":21"#,
            r#","logprobs":true,"top_logprobs":1000"#,
            r#","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}}"#,
            r#","tool_choice":{"type":"function","function":{"name":"g"}}"#,
            r#","tool_choice":{}"#,
        ] {
            assert!(matches!(job(rest), Err(EngineError::InvalidSampling { .. })), "{rest}");
        }
        assert!(matches!(job(r#","max_tokens":-4"#), Err(EngineError::InvalidSampling { .. })));
    }
}
