//! `hearthgate demo`: a gateway, a stand-in for a cloud, and a dozen prompts that show what it does.
//!
//! Everything is on loopback. The gateway is this program once more, as a child with a configuration of its
//! own in a folder that is removed afterwards.

mod client;
mod gateway;
mod prompts;
mod stand_in;

use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::{CliError, Ended};
use client::Answer;
use gateway::Gateway;
use prompts::{PROMPTS, Prompt};
use stand_in::StandIn;

/// The longest that one prompt may take; the starter model answers within a second or two.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

const INTRODUCTION: &str = "\
Two things first. The model in this process is the starter, a very small one: what the demo shows is where
requests go, and not how well they are answered. And the cloud is a stand-in: a small server
inside this program, on this machine, that says the same sentence to everything. Its prices are made up.
";

/// Runs the demonstration.
pub(super) fn run() -> Ended {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(show());
    runtime.shutdown_background();
    ended
}

async fn show() -> Ended {
    let stand_in = StandIn::start().await?;
    let gateway = Gateway::start(stand_in.address())?;
    let mut out = io::stdout();
    writeln!(out, "{INTRODUCTION}")?;
    writeln!(out, "gateway on {}, stand-in cloud on {}\n", gateway.address(), stand_in.address())?;
    writeln!(
        out,
        "{}",
        row(["prompt", "label", "band", "answered by", "effort", "first token", "cost (USD)"])
    )?;
    for prompt in &PROMPTS {
        let asked = timeout(ANSWER_TIMEOUT, client::ask(gateway.address(), prompt)).await;
        let answer = asked
            .map_err(|_| CliError::Failed("the gateway took too long to answer".to_owned()))?
            .map_err(|error| CliError::Failed(format!("the gateway could not be asked: {error}")))?;
        writeln!(out, "{}", told(prompt, &answer))?;
    }
    let sound = seen(&stand_in, &mut out)?;
    recorded(&gateway, &mut out)?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(prompt: &Prompt, answer: &Answer) -> String {
    let header = |name| answer.header(name).unwrap_or("-").to_owned();
    let target = if answer.status == 200 { header("x-hearthgate-target") } else { answer.status.to_string() };
    let target = format!("{target} ({})", header("x-hearthgate-zone"));
    let millis = answer.first_token.as_secs_f64() * 1000.0;
    let first_token = format!("{millis:.1} ms{}", if prompt.streamed { " s" } else { "" });
    row([
        &prompt.shortened(),
        &header("x-hearthgate-label"),
        &header("x-hearthgate-band"),
        &target,
        &header("x-hearthgate-effort"),
        &first_token,
        answer.cost_usd.as_deref().unwrap_or("-"),
    ])
}

fn row([prompt, label, band, target, effort, first_token, cost]: [&str; 7]) -> String {
    format!("{prompt:<44} {label:<12} {band:<8} {target:<26} {effort:<10} {first_token:>12} {cost:>10}")
}

/// Says what reached the stand-in; false where something private is among it.
fn seen(stand_in: &StandIn, out: &mut impl io::Write) -> io::Result<bool> {
    writeln!(out, "\n\"s\" marks streamed answers; of the others the first token comes with all the rest.")?;
    let bodies = stand_in.seen();
    writeln!(out, "\nthe stand-in cloud was sent {} requests:", bodies.len())?;
    let holds = |body: &[u8], text: &str| body.windows(text.len().max(1)).any(|part| part == text.as_bytes());
    for body in &bodies {
        let prompt = PROMPTS.iter().find(|prompt| holds(body, prompt.mark));
        let text = prompt.map_or_else(|| "(none of the demo's prompts)".to_owned(), Prompt::shortened);
        writeln!(out, "  {text}")?;
    }
    let private: Vec<_> = PROMPTS.iter().filter(|prompt| prompt.stays_home).collect();
    let leaked: Vec<_> =
        private.iter().filter(|prompt| bodies.iter().any(|body| holds(body, prompt.mark))).collect();
    if leaked.is_empty() {
        writeln!(out, "none of the {} private ones is among them.", private.len())?;
    } else {
        writeln!(out, "A PRIVATE PROMPT LEFT THE GATEWAY; please report this:")?;
        leaked.iter().try_for_each(|prompt| writeln!(out, "  {}", prompt.shortened()))?;
    }
    Ok(leaked.is_empty())
}

fn recorded(gateway: &Gateway, out: &mut impl io::Write) -> io::Result<()> {
    let record = File::open(gateway.record())?;
    match crate::audit::verify(BufReader::new(record))? {
        Ok(verified) => {
            writeln!(out, "\nthe decision record has {} lines, chain unbroken.", verified.records)
        }
        Err(broken) => {
            writeln!(out, "\nthe decision record is broken at line {}: {}", broken.line, broken.why)
        }
    }
}
