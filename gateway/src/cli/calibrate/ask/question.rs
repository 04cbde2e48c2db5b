//! A prompt that both models are asked, and how its answers are graded.

use std::path::Path;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::json::{Document, Edit, Value, quote};
use hearthgate_rules::target::Target;
use sha2::{Digest as _, Sha256};

use super::grader::Grader;
use crate::cli::CliError;
use crate::cli::labelled::{each, object, request};
use crate::config::Config;
use crate::exchange::Tokens;
use crate::price::Rate;

/// What a line may be longer than a body: above all for what the grader expects.
const GRADER_BYTES_MAX: usize = 64 << 10;

/// What a line may have.
const MEMBERS: [&str; 6] = ["prompt", "messages", "body", "id", "band", "grader"];

/// A prompt and its grader.
pub(super) struct Question {
    /// Its line, from 1 on.
    pub number: usize,
    pub grader: Grader,
    /// A digest of its line and of whom it is asked: by this it is known to have been asked.
    pub asked: String,
    /// The members that its labelled line takes over, as JSON.
    pub kept: Vec<(&'static str, String)>,
    request: ChatRequest,
}

/// Reads the prompts, whole and without a fault.
pub(super) fn read(path: &Path, config: &Config, targets: (&str, &str)) -> Result<Vec<Question>, CliError> {
    let longest = config.server.body_bytes_max.saturating_add(GRADER_BYTES_MAX);
    let questions = each(path, longest, |bytes, number| question(bytes, number, targets))?;
    if questions.is_empty() {
        return Err(CliError::Unusable(format!("`{}` holds no prompt", path.display())));
    }
    Ok(questions)
}

fn question(bytes: &[u8], number: usize, (local, cloud): (&str, &str)) -> Result<Question, String> {
    let bytes = bytes.trim_ascii();
    let document = Document::parse(bytes).map_err(|error| error.to_string())?;
    let root = object(&document, &MEMBERS)?;
    if root.present("band").is_some_and(|band| !matches!(band.as_str(), Some("easy" | "moderate" | "hard"))) {
        return Err("`band` must be easy, moderate or hard".to_owned());
    }
    let grader = root.present("grader").ok_or("`grader` is missing; see `--help` for what it may be")?;
    let grader = Grader::read(grader)?;
    let digest = Sha256::new()
        .chain_update(bytes)
        .chain_update([0])
        .chain_update(local)
        .chain_update([0])
        .chain_update(cloud)
        .finalize();
    let kept = ["id", "prompt", "messages", "body", "band"];
    let kept = kept.into_iter().filter_map(|name| Some((name, root.present(name)?.render())));
    Ok(Question {
        number,
        grader,
        asked: format!("{digest:x}"),
        kept: kept.collect(),
        request: request(root)?,
    })
}

impl Question {
    /// The request for a target by its name: in one piece, one choice, and bounded.
    pub fn to(&self, target: &Target, answer_tokens: u32) -> Result<ChatRequest, CliError> {
        let mut edits = vec![
            Edit::Set("model", quote(target.name())),
            Edit::Remove("stream"),
            Edit::Remove("stream_options"),
            Edit::Remove("n"),
        ];
        if self.request.max_tokens().is_none() {
            let word = if target.manner().newer_bound { "max_completion_tokens" } else { "max_tokens" };
            edits.push(Edit::Set(word, answer_tokens.to_string()));
        }
        // Its fault could name a place, which may be named by its writer.
        let unreadable = |_| CliError::Failed(format!("the prompt of line {} cannot be asked", self.number));
        ChatRequest::openai(self.request.document().render(&edits)).map_err(unreadable)
    }

    /// The most that asking it can cost: no token is shorter than a byte, and no answer longer than its bound.
    pub fn most_usd(&self, rate: Rate, answer_tokens: u32) -> f64 {
        let input = u64::try_from(self.request.document().source_bytes()).unwrap_or(u64::MAX);
        let output = self.request.max_tokens().unwrap_or(u64::from(answer_tokens));
        rate.cost_usd(Tokens { input, output, ..Tokens::default() })
    }

    /// What was asked, as JSON: for the site's own grading program.
    pub fn prompt(&self) -> String {
        let body: Value<'_> = self.request.body();
        body.present("messages").map_or_else(|| "null".to_owned(), Value::render)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> String {
        question(line.as_bytes(), 1, ("device/a", "b/c")).err().unwrap_or_default()
    }

    #[test]
    fn a_line_has_a_prompt_and_a_grader_and_faults_say_nothing_of_them() {
        let line = r#"{"id":7,"prompt":"Nightjar?","band":"easy","grader":{"exact":"yes"}}"#;
        let read = question(line.as_bytes(), 3, ("device/a", "b/c")).unwrap();
        assert_eq!(read.number, 3);
        let kept = [("id", "7"), ("prompt", "\"Nightjar?\""), ("band", "\"easy\"")];
        assert_eq!(read.kept, kept.map(|(name, json)| (name, json.to_owned())));
        let other = question(line.as_bytes(), 3, ("device/a", "b/d")).unwrap();
        assert_ne!(read.asked, other.asked);
        for (members, words) in [
            (r#""prompt":"Nightjar""#, "`grader` is missing"),
            (r#""prompt":"Nightjar","grader":{"exakt":"x"}"#, "did you mean `exact`?"),
            (r#""prompt":"Nightjar","grader":{"exact":"a","regex":"b"}"#, "one member"),
            (r#""prompt":"Nightjar","grader":{"regex":"("}"#, "`regex`"),
            (r#""prompt":"Nightjar","grader":{"number":"x"}"#, "`number` must be a number"),
            (r#""prompt":"Nightjar","grader":{"contains":[]}"#, "`contains`"),
            (r#""prompt":"Nightjar","local":true,"grader":{"exact":"a"}"#, "unknown key `local`"),
            (r#""grader":{"exact":"a"}"#, "give one of `prompt`"),
        ] {
            let fault = fault(&format!("{{{members}}}"));
            assert!(fault.contains(words) && !fault.contains("Nightjar"), "{members}: {fault}");
        }
    }

    #[test]
    fn it_is_asked_in_one_piece_and_bounded() {
        let line = r#"{"body":{"model":"x","stream":true,"n":3,"messages":[{"role":"user","content":"Hi"}]},"grader":{"exact":"a"}}"#;
        let read = question(line.as_bytes(), 1, ("device/a", "b/c")).unwrap();
        let request = read.to(&Target::device("a"), 9).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&request.document().render(&[])).unwrap();
        assert_eq!(body["model"], "device/a");
        assert_eq!(body["max_tokens"], 9);
        assert!(body.get("stream").is_none() && body.get("n").is_none());
    }
}
