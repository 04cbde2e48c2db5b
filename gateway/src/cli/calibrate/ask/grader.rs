//! Who is right: the site's own graders.

use hearthgate_rules::json::{Kind, Value};
use regex::Regex;

use super::command::Program;
use super::question::Question;
use crate::cli::labelled::unknown;

/// The largest that a compiled pattern may be.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// The longest number that is read: what is longer is none that anybody asks for.
const NUMBER_BYTES_MAX: usize = 64;

const NAMES: [&str; 6] = ["exact", "contains", "regex", "number", "json", "command"];

/// How an answer is graded.
pub(super) enum Grader {
    /// It is this, but for white space around it.
    Exact(String),
    /// It holds each of these.
    Contains(Vec<String>),
    /// It is matched somewhere.
    Matches(Regex),
    /// Its last number is this.
    Number(f64),
    /// It is JSON of this value.
    Json(serde_json::Value),
    /// The site's own program says so; this is what it is told to expect.
    Command(serde_json::Value),
}

impl Grader {
    /// Reads one. What it expects is never repeated.
    pub fn read(value: Value<'_>) -> Result<Self, String> {
        if value.kind() != Kind::Object {
            return Err("`grader` must be an object".to_owned());
        }
        let mut members = value.members();
        let (Some((name, expected)), None) = (members.next(), members.next()) else {
            return Err(format!("`grader` must have one member of {}", NAMES.join(", ")));
        };
        let text =
            || expected.as_str().map(str::to_owned).ok_or_else(|| format!("`{name}` must be a string"));
        match name {
            "exact" => Ok(Self::Exact(text()?.trim().to_owned())),
            "contains" => contains(expected).map(Self::Contains),
            "regex" => {
                let pattern = regex::RegexBuilder::new(&text()?).size_limit(PATTERN_BYTES_MAX).build();
                pattern.map(Self::Matches).map_err(|_| "`regex` is no pattern, or too large a one".to_owned())
            }
            "number" => {
                let number = expected.as_number().and_then(|digits| digits.parse().ok());
                let number = number.filter(|number: &f64| number.is_finite());
                number.map(Self::Number).ok_or_else(|| "`number` must be a number".to_owned())
            }
            "json" => value_of(expected).map(Self::Json),
            "command" => value_of(expected).map(Self::Command),
            other => Err(unknown("grader", other, &NAMES)),
        }
    }

    /// Whether an answer is right; none where the program could not tell.
    pub fn is_right(&self, question: &Question, answer: &str, program: Option<&Program>) -> Option<bool> {
        match self {
            Self::Command(expected) => program?.is_right(&question.prompt(), answer, expected),
            other => other.tells(answer),
        }
    }

    /// The same, where no program has to be asked.
    fn tells(&self, answer: &str) -> Option<bool> {
        Some(match self {
            Self::Exact(expected) => answer.trim() == expected,
            Self::Contains(texts) => texts.iter().all(|text| answer.contains(text.as_str())),
            Self::Matches(pattern) => pattern.is_match(answer),
            Self::Number(expected) => last_number(answer).is_some_and(|number| near(number, *expected)),
            Self::Json(expected) => {
                serde_json::from_str(unfenced(answer)).is_ok_and(|value| alike(&value, expected))
            }
            Self::Command(_) => return None,
        })
    }
}

fn contains(expected: Value<'_>) -> Result<Vec<String>, String> {
    let fault = || "`contains` must be a string or a list of strings, none of them empty".to_owned();
    let texts: Option<Vec<String>> = match expected.kind() {
        Kind::Array => expected.items().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => expected.as_str().map(|text| vec![text.to_owned()]),
    };
    texts.filter(|texts| !texts.is_empty() && texts.iter().all(|text| !text.is_empty())).ok_or_else(fault)
}

fn value_of(value: Value<'_>) -> Result<serde_json::Value, String> {
    serde_json::from_str(&value.render()).map_err(|_| "what the grader expects cannot be read".to_owned())
}

/// The last number of a text; commas between digits part thousands.
fn last_number(text: &str) -> Option<f64> {
    let digits = |c: char| c.is_ascii_digit();
    let end = text.rfind(digits)? + 1;
    let upto = text.get(..end)?;
    let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E' | '\u{2212}');
    let start = upto.rfind(|c: char| !part(c)).map_or(0, |at| at + upto.get(at..).map_or(1, first_bytes));
    let start = upto.ceil_char_boundary(start.max(end.saturating_sub(NUMBER_BYTES_MAX)));
    let run: String = upto.get(start..)?.replace('\u{2212}', "-").replace(',', "");
    // The longest end of what could be a number that is one: `3-4` ends in 4, and so does `e4`.
    let starts = run.char_indices().map(|(at, _)| at);
    let parsed = starts.filter_map(|at| {
        let tail = run.get(at..)?;
        // A sign after a digit is between two numbers.
        let joined = tail.starts_with(['-', '+']) && run.get(..at)?.ends_with(|c: char| c.is_ascii_digit());
        let number: f64 = tail.parse().ok()?;
        (!joined && tail.starts_with(['-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']))
            .then_some(number)
    });
    parsed.into_iter().find(|number| number.is_finite())
}

fn first_bytes(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1.0)
}

/// What stands in the fence of a text, if it is one.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inside = || {
        let (_, rest) = text.split_once("```")?;
        let (_, rest) = rest.split_once('\n')?;
        rest.rsplit_once("```").map(|(inside, _)| inside)
    };
    inside().unwrap_or(text).trim()
}

/// Whether two values are one: members in any order, numbers by what they are worth.
fn alike(one: &serde_json::Value, other: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| near(one, other))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let has =
                |(name, value): (&String, &Json)| other.get(name).is_some_and(|other| alike(value, other));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::json::Document;
    use proptest::prelude::*;

    use super::*;

    fn right(grader: &str, answer: &str) -> bool {
        let document = Document::parse(grader).unwrap();
        Grader::read(document.root()).unwrap().tells(answer).unwrap()
    }

    #[test]
    fn each_grader_tells_right_from_wrong() {
        for (grader, answer, expected) in [
            (r#"{"exact":" Paris\n"}"#, "Paris ", true),
            (r#"{"exact":"Paris"}"#, "Paris.", false),
            (r#"{"contains":"Paris"}"#, "It is Paris.", true),
            (r#"{"contains":["Paris","France"]}"#, "It is Paris.", false),
            (r#"{"regex":"(?i)^paris\\b"}"#, "Paris, of course", true),
            (r#"{"regex":"^paris$"}"#, "Paris", false),
            (r#"{"number":1234.5}"#, "First 3, so the sum is **1,234.50** EUR.", true),
            (r#"{"number":4}"#, "3-4", true),
            (r#"{"number":-4}"#, "x = -4", true),
            (r#"{"number":-4}"#, "x = \u{2212}4.", true),
            (r#"{"number":1500}"#, "about 1.5e3", true),
            (r#"{"number":2}"#, "version v2", true),
            (r#"{"number":2}"#, "none", false),
            (r#"{"json":{"a":1,"b":[true,null]}}"#, "```json\n{\"b\":[true,null],\"a\":1.0}\n```", true),
            (r#"{"json":{"a":1}}"#, r#"{"a":1,"b":2}"#, false),
            (r#"{"json":[1,2]}"#, "[2,1]", false),
            (r#"{"json":"x"}"#, "x", false),
        ] {
            assert_eq!(right(grader, answer), expected, "{grader} of {answer}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_too_odd_to_be_graded(answer in any::<String>(), number in -1e6_f64..1e6) {
            let _ = last_number(&answer);
            let _ = unfenced(&answer);
            let told = last_number(&format!("{answer} and so {number}"));
            prop_assert!(told.is_some_and(|told| near(told, number)), "{told:?}");
        }
    }
}
