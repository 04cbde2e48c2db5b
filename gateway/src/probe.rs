//! Asks a model in this process how sure it is of its own answer: it says the first tokens of it, and how likely the least
//! likely of them was; or it says them twice, and how far the two agree.
//!
//! The policy says when this is worth the while ([`Judged::probe`]) and how. Nothing leaves the process. What the model has
//! read for it is read once for both attempts, and is there when it is to answer the same request.

mod agreement;

use std::sync::Arc;

use hearthgate_engines::{Engine, EngineError, EngineStatus, Job, Owner};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::difficulty::{Method, Probe, Probed};
use hearthgate_rules::judge::Judged;
use hearthgate_rules::label::Label;
use hearthgate_rules::target::Effort;

use crate::app::Site;
use crate::auth::Identity;
use crate::clock;
use crate::device::{self, Whole};
use crate::dialect::carry;
use crate::dialect::event::{Event, Gathered};
use crate::exchange::Exchange;
use crate::likelihood::Likelihood;
use crate::worker::Worker;

/// Requests larger than this are not asked about: reading them alone takes longer than anybody would wait.
const BYTES_MAX: usize = 64 << 10;

/// The seeds of two attempts: the same for every request, so that a deterministic model says the same of it again.
const SEEDS: [u64; 2] = [1, 2];

/// How freely two attempts choose their tokens: as engines do that nobody tells otherwise.
const TEMPERATURE: f32 = 0.8;

/// Asks where the policy wants it asked; none where it does not.
pub async fn ask(
    worker: &Worker,
    site: &Site,
    identity: &Identity,
    judged: &Judged,
    signals: &Signals,
    exchange: &mut Exchange,
) -> Option<Probed> {
    let probe = judged.probe(signals)?;
    let label = judged.verdict().label.join(signals.conversation.unwrap_or(Label::LOWEST));
    let label = site.config.policy.labels().name(label);
    let owner = identity.owner(label);
    let target = probe.target.name();
    // Whatever goes wrong, the score counts.
    let asked = question(site, judged, probe, owner).filter(|_| exchange.leaves_time_for(probe.timeout));
    let Some((engine, jobs)) = asked else {
        worker.app.metrics.probed(target, Probed::Untold);
        return Some(Probed::Untold);
    };
    let from = clock::now();
    let said = tokio::time::timeout(probe.timeout, said(engine, jobs));
    let said = exchange.wait(Box::pin(said)).await.ok().and_then(Result::ok);
    let measured = said.as_ref().and_then(|said| measured(probe.method, said));
    let probed = measured.map_or(Probed::Untold, |share| probe.outcome(share));
    worker.app.metrics.probed(target, probed);
    let took = clock::now().saturating_duration_since(from);
    worker.app.metrics.probing_took(target, took, said.as_ref().map(Whole::usage));
    Some(probed)
}

/// The model and what it is asked; none where it has no time for it.
fn question<'a>(
    site: &'a Site,
    judged: &Judged,
    probe: &Probe,
    owner: Owner,
) -> Option<(&'a Arc<dyn Engine>, Vec<Job>)> {
    let engine = site.engines.get(probe.target.name())?;
    let load = engine.load();
    // One that would have to be loaded first is not asked: that takes longer, and another may have to go for it.
    let loaded = engine.status() == EngineStatus::Ready && load.memory_bytes > 0;
    let small = judged.request().document().source_bytes() <= BYTES_MAX;
    let busy = load.running + load.queued;
    if !(loaded && small && busy < load.slots) {
        return None;
    }
    let request = carry::at_home(judged.request()).ok()?;
    let mut job = Job::from_chat(&request, Effort::Quick).ok()?;
    job.max_tokens = Some(probe.tokens);
    job.owner = Some(owner);
    job.deadline = Some(clock::now() + probe.timeout);
    let jobs = match probe.method {
        Method::Likelihood => {
            job.sampling.temperature = Some(0.0);
            job.logprobs = Some(0);
            vec![job]
        }
        Method::Agreement => {
            job.sampling.temperature = Some(TEMPERATURE);
            job.logprobs = None;
            let attempt = |seed| {
                let mut job = job.clone();
                job.sampling.seed = Some(seed);
                job
            };
            SEEDS.map(attempt).into()
        }
    };
    // Where there is one slot alone, two attempts take their turns in it.
    (busy == 0 || busy + jobs.len() <= load.slots).then_some((engine, jobs))
}

/// What it says.
async fn said(engine: &Arc<dyn Engine>, jobs: Vec<Job>) -> Result<Whole, EngineError> {
    // The grammar of a format or of tools may take its time.
    let here = jobs.iter().all(|job| job.schema.is_none() && job.tools.is_none());
    let attempts = jobs.len();
    device::start(engine, jobs, attempts, here).await?.whole().await
}

/// What that comes to, in 0..1; none where it says nothing of it.
fn measured(method: Method, said: &Whole) -> Option<f32> {
    match (method, said.choices()) {
        (Method::Likelihood, [said]) => Likelihood::of(&said.logprobs).map(|likelihood| likelihood.least),
        (Method::Agreement, [one, other]) => agreement::agreement(&words(one), &words(other)),
        _ => None,
    }
}

/// The words of an answer: its text, and what it calls.
fn words(said: &Gathered) -> String {
    let words = said.parts.iter().flat_map(|part| match part {
        Event::Text(text) => vec![text.as_str()],
        Event::Call { name, arguments, .. } => vec![name.as_deref().unwrap_or_default(), arguments],
        _ => Vec::new(),
    });
    words.collect::<Vec<_>>().join(" ")
}
