//! `calibrate --ask`: asks the device model and a cloud target, has the site's own graders say who was right, and writes a
//! labelled line for each prompt as it is answered.
//!
//! Every request goes the road that a client's goes (`road.rs`): it is judged, decided, recorded and sent on a permit. What the
//! policy does not permit to leave is asked of nobody. What a prompt or an answer says is written into the labelled file and
//! told to the site's own grading program, and stands nowhere else.

mod command;
mod grader;
mod labels;
mod question;
mod road;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::{Target, Zone};
use serde_json::{Value, json};

use self::command::Program;
use self::grader::Grader;
use self::labels::Labels;
use self::question::Question;
use self::road::{Answered, Road, Unanswered};
use super::CliError;
use crate::calibrate::Costs;
use crate::config::Config;
use crate::price::Rate;

pub(super) const EXAMPLES: &str = "With --ask, each line of PROMPTS.jsonl has `prompt`, `messages` or `body`, perhaps `id` and `band`, and `grader`, one of
  {\"exact\": \"TEXT\"}        the answer is this, but for white space around it
  {\"contains\": \"TEXT\"}     it holds this, or each text of a list
  {\"regex\": \"PATTERN\"}     it is matched somewhere
  {\"number\": 42}           its last number is this
  {\"json\": VALUE}          it is JSON, perhaps in a fence, and this value
  {\"command\": VALUE}       --grader-command exits with 0; it reads {\"prompt\", \"answer\", \"expected\"} on its standard input
Both models are asked through the configuration, each request judged, decided, recorded and sent like a client's. What may not
leave is asked of nobody and counted. FILE grows line by line; run again, the command goes on where it stopped.";

/// Prompts in a row that may fail before asking stops.
const FAILURES_MAX: u32 = 5;

/// How often is told how far it is.
const TELL_EVERY: usize = 20;

#[derive(Args)]
pub(super) struct Options {
    /// Ask both models these prompts first, and have the answers graded.
    #[arg(long, value_name = "PROMPTS.jsonl")]
    ask: Option<PathBuf>,
    /// The model of this process that is asked; by default the first that answers chats.
    #[arg(long, value_name = "MODEL", requires = "ask")]
    local: Option<String>,
    /// The cloud target that is asked; by default the first.
    #[arg(long, value_name = "TARGET", requires = "ask")]
    cloud: Option<String>,
    /// Ask as the caller of this key, with what its key allows; by default as nobody in particular.
    #[arg(long, value_name = "NAME", requires = "ask")]
    caller: Option<String>,
    /// Ask at most so many requests in this run, of both models together.
    #[arg(long, value_name = "N", requires = "ask", default_value_t = 1000, value_parser = RangedU64ValueParser::<u32>::new().range(2..))]
    requests_max: u32,
    /// Spend at most this in this run. No request is sent that could cost more than what is left.
    #[arg(long, value_name = "USD", requires = "ask", default_value_t = 10.0, value_parser = super::dollars)]
    cost_max: f64,
    /// The bound of an answer, where a prompt's body has none.
    #[arg(long, value_name = "N", requires = "ask", default_value_t = 1024, value_parser = RangedU64ValueParser::<u32>::new().range(1..=1_000_000))]
    answer_tokens_max: u32,
    /// The program that says who is right, for `command` graders.
    #[arg(long, value_name = "PROGRAM", requires = "ask")]
    grader_command: Option<PathBuf>,
    /// How long it may take.
    #[arg(long, value_name = "MS", requires = "ask", default_value_t = 10_000, value_parser = RangedU64ValueParser::<u32>::new().range(1..=3_600_000))]
    grader_timeout_ms: u32,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Asked {
    local: String,
    cloud: String,
    /// Prompts in the file.
    prompts: usize,
    /// Those that were labelled in an earlier run.
    before: usize,
    /// Those labelled in this one.
    labelled: usize,
    /// Those that may not leave.
    not_permitted: usize,
    /// Those that a model did not answer.
    failed: usize,
    /// Those that the grading program could not tell of.
    ungraded: usize,
    /// Requests of this run.
    requests: u32,
    /// What they cost; what an upstream did not tell is counted as the most that it can be.
    cost_usd: f64,
    /// Which bound ended it before the end of the file.
    stopped_by: Option<&'static str>,
}

impl Asked {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "local_target": self.local,
            "cloud_target": self.cloud,
            "prompts": self.prompts,
            "labelled_before": self.before,
            "labelled": self.labelled,
            "not_permitted": self.not_permitted,
            "failed": self.failed,
            "ungraded": self.ungraded,
            "requests": self.requests,
            "cost_usd": self.cost_usd,
            "stopped_by": self.stopped_by,
        })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "asked {} and {}: {}", self.local, self.cloud, self.in_words())?;
        if let Some(bound) = self.stopped_by {
            writeln!(out, "stopped by --{bound}; run again, it goes on from there")?;
        }
        writeln!(out)
    }

    fn in_words(&self) -> String {
        let Self { prompts, before, labelled, not_permitted, failed, ungraded, requests, cost_usd, .. } =
            self;
        format!(
            "of {prompts} prompts {labelled} labelled, {before} before; {not_permitted} not permitted, {failed} failed, \
             {ungraded} ungraded; {requests} requests, {cost_usd:.4} USD"
        )
    }
}

/// Asks, where that is wanted, and writes labelled lines into the file.
pub(super) fn run(
    config_file: Option<&Path>,
    config: &Config,
    arguments: &Options,
    file: &Path,
) -> Result<Option<Asked>, CliError> {
    let Some(prompts) = &arguments.ask else { return Ok(None) };
    let program = arguments
        .grader_command
        .as_ref()
        .map(|path| Program::new(path, Duration::from_millis(u64::from(arguments.grader_timeout_ms))));
    let local = target(config, arguments.local.as_deref(), Zone::Device)?;
    let cloud = target(config, arguments.cloud.as_deref(), Zone::Cloud)?;
    let rate =
        |target: &str| config.prices.iter().find(|price| price.target == target).map(|price| price.rate);
    let Some(price) = rate(cloud.name()) else {
        return Err(CliError::Unusable(format!(
            "what `{}` costs is not known, so --cost-max cannot be kept: add a `[[price]]` for it",
            cloud.name()
        )));
    };
    let questions = question::read(prompts, config, (local.name(), cloud.name()))?;
    let commands = questions.iter().find(|question| matches!(question.grader, Grader::Command(_)));
    if let Some(question) = commands.filter(|_| program.is_none()) {
        let why = "its grader is a command, and no --grader-command is given";
        return Err(CliError::Unusable(format!("`{}`, line {}: {why}", prompts.display(), question.number)));
    }
    let (labels, done) = Labels::open(file, (local.name(), cloud.name()))?;
    let road = Road::open(config_file, arguments.caller.as_deref())?;
    let bounds = Bounds {
        requests: arguments.requests_max,
        cost_usd: arguments.cost_max,
        answer_tokens: arguments.answer_tokens_max,
    };
    let asked = Asked {
        local: local.name().to_owned(),
        cloud: cloud.name().to_owned(),
        prompts: questions.len(),
        ..Asked::default()
    };
    let mut asking = Asking { road, labels, program, local, cloud, price, bounds, asked, in_a_row: 0 };
    for (count, question) in questions.iter().enumerate() {
        if done.contains(&question.asked) {
            asking.asked.before += 1;
        } else if !asking.one(question)? {
            break;
        }
        if (count + 1) % TELL_EVERY == 0 {
            crate::log::info(&format!("calibrate: {}", asking.asked.in_words()));
        }
    }
    Ok(Some(asking.asked))
}

/// The target that is asked: the one that is named, or the first of its zone.
fn target<'a>(config: &'a Config, name: Option<&str>, zone: Zone) -> Result<&'a Target, CliError> {
    let of_zone = || config.policy.catalogue().iter().filter(|target| target.zone() == zone);
    let Some(name) = name else {
        let none =
            || CliError::Unusable(format!("--ask: the configuration has no target in the zone {zone}"));
        return of_zone().next().map(|target| &**target).ok_or_else(none);
    };
    let known =
        of_zone().find(|target| target.name() == name || zone == Zone::Device && target.model() == name);
    known.map(|target| &**target).ok_or_else(|| {
        let mend = did_you_mean(name, of_zone().map(|target| target.name()));
        CliError::Unusable(format!("no target in the zone {zone} is called `{name}`{mend}"))
    })
}

/// What asking may take.
struct Bounds {
    requests: u32,
    cost_usd: f64,
    answer_tokens: u32,
}

struct Asking<'a> {
    road: Road,
    labels: Labels,
    program: Option<Program>,
    local: &'a Target,
    cloud: &'a Target,
    /// What the cloud target costs.
    price: Rate,
    bounds: Bounds,
    asked: Asked,
    /// Prompts in a row that failed.
    in_a_row: u32,
}

impl Asking<'_> {
    /// Asks both models one question. Says whether it may go on.
    fn one(&mut self, question: &Question) -> Result<bool, CliError> {
        let outwards = question.to(self.cloud, self.bounds.answer_tokens)?;
        if !self.road.permits(&outwards, self.cloud) {
            self.asked.not_permitted += 1;
            return Ok(true);
        }
        let most = question.most_usd(self.price, self.bounds.answer_tokens);
        if self.asked.requests + 2 > self.bounds.requests {
            self.asked.stopped_by = Some("requests-max");
            return Ok(false);
        }
        if self.asked.cost_usd + most > self.bounds.cost_usd {
            self.asked.stopped_by = Some("cost-max");
            return Ok(false);
        }
        let homewards = question.to(self.local, self.bounds.answer_tokens)?;
        self.asked.requests += 1;
        let Some(local) = self.heard(self.road.ask(homewards, self.local))? else { return Ok(true) };
        self.asked.requests += 1;
        let said = self.road.ask(outwards, self.cloud);
        // What was not told is counted as the most that it can have been; what failed may have been billed.
        self.asked.cost_usd += said.as_ref().map_or(most, |said| said.cost_usd.unwrap_or(most));
        let Some(cloud) = self.heard(said)? else { return Ok(true) };
        self.in_a_row = 0;
        let program = self.program.as_ref();
        let grade = |answered: &Answered| question.grader.is_right(question, &answered.text, program);
        let (Some(right_local), Some(right_cloud)) = (grade(&local), grade(&cloud)) else {
            self.asked.ungraded += 1;
            return Ok(true);
        };
        let costs = Costs { local_usd: local.cost_usd, cloud_usd: cloud.cost_usd };
        self.labels.write(question, (right_local, right_cloud), costs)?;
        self.asked.labelled += 1;
        Ok(true)
    }

    /// An answer, or that there is none; several in a row end it.
    fn heard(&mut self, said: Result<Answered, Unanswered>) -> Result<Option<Answered>, CliError> {
        match said {
            Ok(answered) => Ok(Some(answered)),
            Err(Unanswered::NotPermitted) => {
                self.asked.not_permitted += 1;
                Ok(None)
            }
            Err(Unanswered::Unrecorded) => Err(CliError::Failed(
                "the decision record cannot be written, so nothing more is asked".to_owned(),
            )),
            Err(Unanswered::Failed(code)) => {
                self.asked.failed += 1;
                self.in_a_row += 1;
                if self.in_a_row < FAILURES_MAX {
                    return Ok(None);
                }
                let told = self.asked.in_words();
                Err(CliError::Failed(format!(
                    "{FAILURES_MAX} prompts in a row have failed, the last with `{code}`; what is labelled stands in the \
                     file, and the same command goes on from there ({told})"
                )))
            }
        }
    }
}
