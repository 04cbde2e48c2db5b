//! `hearthgate replay`: what a new policy would have made of the decisions in the record.
//!
//! It opens no socket and loads no model. Of every decision it prints names, never a text: there is none in a record.

mod answer;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use hearthgate_rules::policy::Policy;
use hearthgate_rules::replay::{Lack, Reach};
use serde_json::json;

use self::answer::Content;
use self::told::{Told, Verdict};
use super::{CliError, Ended};
use crate::audit::{Decided, Reader, verify};
use crate::config::{Config, Env};

/// Nothing is known to leave newly, but not all that was asked could be told.
const EXIT_IN_PART: u8 = 3;

pub(super) const EXAMPLES: &str = "Examples:
  hearthgate replay --policy new.toml
  hearthgate replay --policy new.toml --config hearthgate.toml --log /var/lib/hearthgate/audit.jsonl
  hearthgate replay req-3f2a6c1d9b8e70450000001c --request body.json
  hearthgate replay req-3f2a6c1d9b8e70450000001c --store-key store.key
  hearthgate replay --policy new.toml --json | jq 'select(.verdict == \"leaves\")'

The record holds no text, so findings are taken as they were. What the new policy looks for besides (terms, patterns,
packs) is named at the end; whatever else cannot be told is counted, with what is lacking.

With an ID and the request's body, or the key of a store that has it, the model that answered then answers again with the seed of
the record, alone and deterministically, and the answer is printed; the record holds a digest by which it is known to be the same.

With --json each decision gives one line, `{\"seq\",\"at\",\"id\",\"caller\",\"verdict\",\"was\",\"now\",\"lacks\"}`, where the
verdict is `same`, `moves`, `leaves` or `untold`, and the last line is `{\"summary\":…}`.

Exit codes with an ID: 0 where the answer is the same, 1 where it is another, 64 where the request cannot be replayed.
Exit codes with a policy: 0 where no request would newly leave to a zone further out, 1 where some would, 3 where none is known to but
the record is broken, or with --strict where some cannot be told; 64 for an unusable configuration or policy.";

#[derive(Args)]
#[command(group(ArgGroup::new("content").args(["request", "store_key"])))]
pub(super) struct Arguments {
    /// A request that a model of the process answered: it is answered again, and the answers are compared.
    #[arg(value_name = "ID", conflicts_with_all = ["policy", "json", "strict"], requires = "content")]
    id: Option<String>,
    /// The request's body once more, since the record holds no content (`-`: standard input).
    #[arg(long, value_name = "FILE", requires = "id")]
    request: Option<PathBuf>,
    /// The private key of the store that has the request's body (`hearthgate store keygen`).
    #[arg(long, value_name = "FILE", requires = "id")]
    store_key: Option<PathBuf>,
    /// The store's folder; that of the configuration where none is named.
    #[arg(long, value_name = "FOLDER", requires = "store_key")]
    store: Option<PathBuf>,
    /// The policy to decide under.
    #[arg(long, value_name = "FILE", required_unless_present = "id")]
    policy: Option<PathBuf>,
    /// The decision record; that of the configuration where none is named.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print one JSON line per decision, and a summary.
    #[arg(long)]
    json: bool,
    /// Exit with 3 where a decision cannot be told.
    #[arg(long)]
    strict: bool,
}

/// Decides every recorded decision anew.
pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Ended {
    let config = Config::load_unproved(config, &Env::process())?;
    let none =
        || CliError::Unusable("the configuration keeps no decision record; name one with --log".to_owned());
    let log = arguments.log.as_ref().or(config.audit.file.as_ref()).ok_or_else(none)?;
    let Some(new) = &arguments.policy else {
        let id = arguments.id.as_deref().unwrap_or_default();
        let content = match &arguments.store_key {
            Some(key) => Content::Stored { key, folder: arguments.store.as_deref() },
            None => Content::Given(arguments.request.as_deref().unwrap_or(Path::new("-"))),
        };
        return answer::run(&config, log, id, content);
    };
    let policy = super::policy::load(&config, new)?;
    let whole = verify(open(log)?)?;
    let lines = match &whole {
        Ok(verified) => verified.records,
        Err(broken) => broken.line.saturating_sub(1),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    if !arguments.json {
        told::heading(log, &whole, new, &mut out)?;
    }
    let replay = Replay { config: &config, policy: &policy, json: arguments.json };
    let tally = replay.lines(open(log)?, lines, &mut out)?;
    if arguments.json {
        writeln!(out, "{}", json!({"summary": tally.to_json(&policy, &whole)}))?;
    } else {
        tally.write(&policy, &mut out)?;
    }
    out.flush()?;
    if let Err(broken) = &whole {
        crate::log::warn(&format!(
            "`{}` is broken at line {}: {}; only what stands before it was decided anew",
            log.display(),
            broken.line,
            broken.why
        ));
    }
    Ok(match () {
        () if tally.leave > 0 => ExitCode::FAILURE,
        () if whole.is_err() || arguments.strict && tally.untold > 0 => ExitCode::from(EXIT_IN_PART),
        () => ExitCode::SUCCESS,
    })
}

fn open(path: &Path) -> Result<BufReader<File>, CliError> {
    let file = File::open(path)
        .map_err(|error| CliError::Failed(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(BufReader::new(file))
}

struct Replay<'a> {
    config: &'a Config,
    policy: &'a Policy,
    json: bool,
}

impl Replay<'_> {
    /// Goes over so many lines, whose chain holds.
    fn lines(&self, mut log: impl BufRead, lines: u64, out: &mut impl Write) -> io::Result<Tally> {
        let mut reader = Reader::default();
        let mut tally = Tally::default();
        let mut line = Vec::new();
        for _ in 0..lines {
            line.clear();
            if log.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let Some(was) = reader.read(&line) else { continue };
            let told = self.decide(was, &reader, &mut tally);
            tally.count(&told);
            if self.json {
                writeln!(out, "{}", told.to_json(self.policy))?;
            } else if matches!(told.verdict, Verdict::Moves | Verdict::Leaves) {
                writeln!(out, "{}", told.row(self.policy))?;
            }
        }
        Ok(tally)
    }

    fn decide(&self, was: Decided, reader: &Reader, tally: &mut Tally) -> Told {
        // The policy of the configuration is at hand, so that its terms and patterns can be held against the new ones.
        let at_hand = (was.policy == self.config.policy_digest).then_some(&*self.config.policy);
        let sight = reader.sight(&was.policy).cloned().map(|sight| sight.shared(at_hand, self.policy));
        if let Some(sight) = &sight {
            tally.blind.extend(sight.blind(self.policy));
        }
        let now = match was.past.as_ref().zip(sight) {
            Some((past, sight)) => past.under(self.policy, &sight),
            None => Err(BTreeSet::from([Lack::Age])),
        };
        let verdict = match &now {
            Err(_) => Verdict::Untold,
            Ok(now) if Reach::of(now).is_beyond(was.reach) => Verdict::Leaves,
            Ok(now) if told::moves(&was, now, self.policy) => Verdict::Moves,
            Ok(_) => Verdict::Same,
        };
        Told { was, now, verdict }
    }
}

/// How many decisions came out how.
#[derive(Default)]
struct Tally {
    same: u64,
    moved: u64,
    leave: u64,
    untold: u64,
    lacks: BTreeMap<Lack, u64>,
    /// Kinds that the new policy looks for and the record does not know.
    blind: BTreeSet<String>,
}

impl Tally {
    fn count(&mut self, told: &Told) {
        match told.verdict {
            Verdict::Same => self.same += 1,
            Verdict::Moves => self.moved += 1,
            Verdict::Leaves => self.leave += 1,
            Verdict::Untold => self.untold += 1,
        }
        for lack in told.now.as_ref().err().into_iter().flatten() {
            *self.lacks.entry(lack.clone()).or_insert(0) += 1;
        }
    }
}
