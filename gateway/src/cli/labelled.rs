//! Labelled prompts: a file with a prompt on each line, and what two models made of it.
//!
//! `eval` and `calibrate` read them. A fault names file and line; what a prompt says is never repeated.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use hearthgate_rules::chat::{ChatRequest, RequestError};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::{Decision, Outcome, Reason};
use hearthgate_rules::difficulty::{Band, Difficulty, Thresholds, assess};
use hearthgate_rules::json::{Document, Kind, Value, quote};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Zone;

use super::CliError;
use crate::calibrate::{Costs, Label, Place, Right};
use crate::config::Config;

/// What a line may be longer than a body, for what is known of it.
const LABEL_BYTES_MAX: usize = 4 << 10;

/// Lines that are read of a file.
const LINES_MAX: usize = 1_000_000;

/// The longest name that a message repeats: a longer one is no slip of the pen.
const NAME_BYTES_MAX: usize = 24;

/// What a line may have.
const MEMBERS: [&str; 12] = [
    "prompt",
    "messages",
    "body",
    "local",
    "cloud",
    "local_cost_usd",
    "cloud_cost_usd",
    "band",
    "id",
    "local_target",
    "cloud_target",
    "asked",
];

pub(super) const FORMAT: &str = "Each line of FILE is a JSON object:
  prompt           the message of a user; or `messages`, a list; or `body`, the body of an OpenAI chat completion
  local, cloud     whether the local and the cloud model answered right: true, false, or a number in 0..1; both or neither
                   (for `calibrate --table`, `local` will do)
  local_cost_usd, cloud_cost_usd   what the answers cost (optional; what is left out is unknown, not nothing)
  band             easy, moderate or hard, as a person finds it (optional where `local` and `cloud` are given)
  id               anything (optional)
  local_target, cloud_target   whose answers they were (optional; `--ask` writes them, and `asked`, by which it goes on)";

/// A request, and what is known of it.
pub(super) struct Line {
    /// Its number in the file, from 1 on.
    pub number: usize,
    pub request: ChatRequest,
    pub label: Label,
    /// Whether the local model answered right, whatever is known of the other.
    pub local: Option<f64>,
    /// The local model whose answer it was, where that is told.
    pub local_target: Option<String>,
}

/// Of whose answers it has to be known together whether they are right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Graded {
    /// Of both models, or of neither.
    Both,
    /// Of the local model alone.
    Local,
}

/// Reads a file, whole and without a fault.
pub(super) fn read(path: &Path, config: &Config, graded: Graded) -> Result<Vec<Line>, CliError> {
    let longest = config.server.body_bytes_max.saturating_add(LABEL_BYTES_MAX);
    let lines = each(path, longest, |bytes, number| line(bytes, number, graded))?;
    if lines.is_empty() {
        let none = format!("`{}` holds no labelled prompt; see `--help` for what a line has", path.display());
        return Err(CliError::Unusable(none));
    }
    Ok(lines)
}

/// Reads each line of a file that is not empty, none longer than this.
pub(super) fn each<T>(
    path: &Path,
    longest: usize,
    read: impl Fn(&[u8], usize) -> Result<T, String>,
) -> Result<Vec<T>, CliError> {
    let unreadable = |error| CliError::Unusable(format!("cannot read `{}`: {error}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let limit = u64::try_from(longest).unwrap_or(u64::MAX);
    let (mut lines, mut bytes, mut number) = (Vec::new(), Vec::new(), 0_usize);
    loop {
        bytes.clear();
        if file.by_ref().take(limit).read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            break;
        }
        number += 1;
        let fault = |why| CliError::Unusable(format!("`{}`, line {number}: {why}", path.display()));
        if bytes.len() >= longest && bytes.last() != Some(&b'\n') {
            return Err(fault("the line is longer than a request may be".to_owned()));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if lines.len() >= LINES_MAX {
            return Err(fault(format!("a file may hold {LINES_MAX} prompts at most")));
        }
        lines.push(read(&bytes, number).map_err(fault)?);
    }
    Ok(lines)
}

fn line(bytes: &[u8], number: usize, graded: Graded) -> Result<Line, String> {
    let document = Document::parse(bytes.trim_ascii())
        .map_err(|error| format!("{error}; what is not known is left out: JSON has no `NaN`"))?;
    let root = object(&document, &MEMBERS)?;
    let local_usd = cost(root, "local_cost_usd")?;
    let costs = Costs { local_usd, cloud_usd: cost(root, "cloud_cost_usd")? };
    let local = right(root, "local")?;
    let alone = graded == Graded::Local && right(root, "cloud")?.is_none();
    let both = if alone { None } else { outcomes(root)? };
    let label = Label { right: both, costs, band: root.present("band").map(band).transpose()? };
    if label.right.is_none() && label.band.is_none() && !(alone && local.is_some()) {
        return Err("nothing is known of it; give `local` and `cloud`, or `band`".to_owned());
    }
    for name in ["local_target", "cloud_target", "asked"] {
        if root.present(name).is_some_and(|value| value.as_str().is_none()) {
            return Err(format!("`{name}` must be a string"));
        }
    }
    let local_target = root.present("local_target").and_then(Value::as_str).map(str::to_owned);
    Ok(Line { number, request: request(root)?, label, local, local_target })
}

/// The object of a line, which has no other members than these.
pub(super) fn object<'a>(document: &'a Document, known: &[&str]) -> Result<Value<'a>, String> {
    let root = document.root();
    if root.kind() != Kind::Object {
        return Err("a line must be a JSON object".to_owned());
    }
    let stranger = root.members().map(|(name, _)| name).find(|name| !known.contains(name));
    stranger.map_or(Ok(root), |name| Err(unknown("key", name, known)))
}

/// The request of a line.
pub(super) fn request(root: Value<'_>) -> Result<ChatRequest, String> {
    let given = ["prompt", "messages", "body"].map(|name| root.present(name));
    let body = match given {
        [Some(prompt), None, None] => {
            let prompt = quote(prompt.as_str().ok_or("`prompt` must be a string")?);
            format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{prompt}}}]}}"#)
        }
        [None, Some(messages), None] => format!(r#"{{"model":"auto","messages":{}}}"#, messages.render()),
        [None, None, Some(body)] => body.render(),
        _ => return Err("give one of `prompt`, `messages` and `body`".to_owned()),
    };
    ChatRequest::openai(body).map_err(|error| match error {
        // What it names else is a place, and places within may be named by their writer.
        RequestError::Json(error) => error.fault.to_string(),
        of_shape => format!("no chat completion: {of_shape}"),
    })
}

/// How right the answers are; of one model alone that says nothing of the choice between two.
fn outcomes(root: Value<'_>) -> Result<Option<Right>, String> {
    match (right(root, "local")?, right(root, "cloud")?) {
        (Some(local), Some(cloud)) => Ok(Some(Right { local, cloud })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err("`local` is missing; give both it and `cloud`, or neither".to_owned()),
        (Some(_), None) => Err("`cloud` is missing; give both it and `local`, or neither".to_owned()),
    }
}

fn right(root: Value<'_>, name: &str) -> Result<Option<f64>, String> {
    let Some(value) = root.present(name) else { return Ok(None) };
    let number = match value.as_bool() {
        Some(right) => Some(f64::from(u8::from(right))),
        None => value.as_number().and_then(|digits| digits.parse().ok()),
    };
    let inside = number.filter(|number| (0.0..=1.0).contains(number));
    inside.map(Some).ok_or_else(|| format!("`{name}` must be true, false or a number in 0..1"))
}

fn cost(root: Value<'_>, name: &str) -> Result<Option<f64>, String> {
    let Some(value) = root.present(name) else { return Ok(None) };
    let number: Option<f64> = value.as_number().and_then(|digits| digits.parse().ok());
    let known = number.filter(|number| number.is_finite() && *number >= 0.0);
    known.map(Some).ok_or_else(|| format!("`{name}` must be a number of dollars, 0 or more"))
}

fn band(value: Value<'_>) -> Result<Band, String> {
    let names = Band::ALL.map(Band::as_str);
    let name = value.as_str().ok_or_else(|| format!("`band` must be one of {}", names.join(", ")))?;
    Band::ALL.into_iter().find(|band| band.as_str() == name).ok_or_else(|| unknown("band", name, &names))
}

/// Repeats a name only where it can be one.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.len() > NAME_BYTES_MAX || !name.bytes().all(plain) {
        return format!("unknown {what}; known are {}", known.join(", "));
    }
    format!("unknown {what} `{name}`{}", did_you_mean(name, known.iter().copied()))
}

/// What a policy makes of a request.
pub(super) struct Judged {
    /// How hard it is.
    pub difficulty: Difficulty,
    /// What its band is cut by: the chance that the device model fails to which it falls, where that is known, else its score.
    pub measure: f32,
    /// Where it goes.
    pub place: Place,
    /// Whether what it holds may reach the cloud.
    pub may_leave: bool,
}

/// Judges and decides a request, with nothing known of who asks.
pub(super) fn decide(policy: &Arc<Policy>, request: ChatRequest) -> Judged {
    let judged = policy.judge(request, Caller::default());
    let unasked = match judged.verdict() {
        verdict if verdict.difficulty.is_some() => None,
        // INVARIANT: what could not be judged counts as hard.
        verdict if verdict.fault().is_some() => {
            Some(Difficulty { score: 1.0, band: Band::Hard, code: false })
        }
        // A policy that does not ask has a score to be told all the same.
        _ => Some(assess(judged.request(), policy.thresholds())),
    };
    let decision = judged.decide(&Signals::default());
    let hardest = Difficulty { score: 1.0, band: Band::Hard, code: false };
    let difficulty = unasked.or(decision.verdict.difficulty).unwrap_or(hardest);
    let measure = decision.chance.as_ref().map_or(difficulty.score, |chance| chance.fails);
    let may_leave = policy.ceiling(decision.verdict.label) == Zone::Cloud;
    Judged { difficulty, measure, place: place(&decision), may_leave }
}

fn place(decision: &Decision) -> Place {
    match (&decision.outcome, decision.target()) {
        (Outcome::Allow(_), Some(target)) if target.zone() == Zone::Cloud => Place::Cloud,
        (Outcome::Allow(_), Some(_)) if kept(decision) => Place::KeptHome,
        (Outcome::Allow(_), Some(_)) => Place::Home,
        _ => Place::Refused,
    }
}

/// Whether a cloud target was named and lies beyond what its label may reach. Where nothing may leave at all, that is no
/// matter of privacy.
fn kept(decision: &Decision) -> bool {
    let policy = decision.policy();
    let cloud = |name: &str| {
        policy.catalogue().iter().any(|target| target.name() == name && target.zone() == Zone::Cloud)
    };
    policy.outermost() == Zone::Cloud
        && decision.reasons.iter().any(|reason| match reason {
            Reason::BeyondCeiling { target, .. } => cloud(target),
            _ => false,
        })
}

/// Says what of a policy is not played on a file: what it has the device model say of its own answers.
pub(super) fn warn_of_what_is_not_played(policy: &Policy) {
    if policy.probe().is_some() {
        crate::log::warn(
            "the policy has a `[difficulty.probe]`, and nobody is asked here: scores alone cut the bands",
        );
    }
    if policy.routes().iter().any(|route| route.verify.is_some()) {
        crate::log::warn(
            "the policy has answers verified, and none is here: what begins on the device counts as its own",
        );
    }
}

/// The same policy with bands that begin elsewhere.
pub(super) fn with_bands(policy: &Policy, moderate: f32, hard: f32) -> Result<Arc<Policy>, CliError> {
    let thresholds = Thresholds::new(moderate, hard).map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(Arc::new(policy.with_thresholds(thresholds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line_of: &str) -> String {
        line(line_of.as_bytes(), 1, Graded::Both).err().unwrap_or_default()
    }

    #[test]
    fn a_line_has_a_prompt_messages_or_a_body() {
        for (members, texts) in [
            (r#""prompt":"a \"b\"""#, 1),
            (r#""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#, 2),
            (r#""body":{"model":"auto","messages":[{"role":"user","content":"a"}]}"#, 1),
        ] {
            let read = line(format!(r#"{{{members},"local":0.5,"cloud":true}}"#).as_bytes(), 1, Graded::Both)
                .unwrap();
            assert_eq!(read.request.messages().count(), texts);
            let right = Some(Right { local: 0.5, cloud: 1.0 });
            assert_eq!(read.label, Label { right, ..Label::default() });
        }
        let both = r#"{"prompt":"a","messages":[],"local":0,"cloud":1}"#;
        assert_eq!(fault(both), "give one of `prompt`, `messages` and `body`");
        assert_eq!(fault(r#"{"local":0,"cloud":1}"#), "give one of `prompt`, `messages` and `body`");
    }

    #[test]
    fn what_is_optional_is_read_and_null_is_absent() {
        let read = line(
            br#"{"id":[1],"prompt":"a","local":false,"cloud":1,"band":"hard","local_cost_usd":0,"cloud_cost_usd":null}"#,
            1,
            Graded::Both,
        );
        let label = Label {
            right: Some(Right { local: 0.0, cloud: 1.0 }),
            costs: Costs { local_usd: Some(0.0), cloud_usd: None },
            band: Some(Band::Hard),
        };
        assert_eq!(read.unwrap().label, label);
        let band_alone = line(br#"{"prompt":"a","local":null,"band":"easy"}"#, 1, Graded::Both);
        assert_eq!(band_alone.unwrap().label, Label { band: Some(Band::Easy), ..Label::default() });
        let local_alone = line(br#"{"prompt":"a","local":0.5}"#, 1, Graded::Local).unwrap();
        assert_eq!((local_alone.local, local_alone.label), (Some(0.5), Label::default()));
        let neither = line(br#"{"prompt":"a"}"#, 1, Graded::Local).err().unwrap_or_default();
        assert!(neither.contains("nothing is known of it"), "{neither}");
    }

    #[test]
    fn faults_say_what_to_mend_and_never_what_a_prompt_says() {
        for (members, words) in [
            (r#""promt":"Nightjar","local":0,"cloud":1"#, "unknown key `promt`; did you mean `prompt`?"),
            (
                r#""Nightjar is our secret":1,"prompt":"a","local":0,"cloud":1"#,
                "unknown key; known are prompt,",
            ),
            (r#""prompt":"Nightjar","cloud":1"#, "`local` is missing"),
            (r#""prompt":"Nightjar","local":null,"cloud":1"#, "`local` is missing"),
            (r#""prompt":"Nightjar","local":1"#, "`cloud` is missing"),
            (r#""prompt":"Nightjar","id":"Nightjar""#, "give `local` and `cloud`, or `band`"),
            (r#""prompt":"Nightjar","local":2,"cloud":1"#, "`local` must be true, false or a number in 0..1"),
            (r#""prompt":"Nightjar","local":0,"cloud":"Nightjar""#, "`cloud` must be true"),
            (r#""prompt":"Nightjar","local":0,"cloud":1e999"#, "`cloud` must be true"),
            (r#""prompt":"Nightjar","local":NaN,"cloud":1"#, "JSON has no `NaN`"),
            (r#""prompt":"Nightjar","local":0,"cloud":1,"cloud_cost_usd":-1"#, "0 or more"),
            (
                r#""prompt":"Nightjar","local":0,"cloud":1,"band":"hrad""#,
                "unknown band `hrad`; did you mean `hard`?",
            ),
            (r#""prompt":"a","prompt":"Nightjar","local":0,"cloud":1"#, "the same key twice"),
            (
                r#""messages":[{"role":"user","content":7,"x":"Nightjar"}],"local":0,"cloud":1"#,
                "/messages/0/content",
            ),
            (r#""prompt":["Nightjar"],"local":0,"cloud":1"#, "`prompt` must be a string"),
        ] {
            let fault = fault(&format!("{{{members}}}"));
            assert!(fault.contains(words), "{members}: {fault}");
            assert!(!fault.contains("Nightjar"), "{fault}");
        }
        assert_eq!(fault("[]"), "a line must be a JSON object");
    }
}
