//! Asks a model in this process how sure it is of its own answer: it says the first tokens of it, and how likely the least
//! likely of them was.
//!
//! The policy says when this is worth the while ([`Judged::probe`]). Nothing leaves the process. What the model has read
//! for it is there when it is to answer the same request.

use std::sync::Arc;

use hearthgate_engines::{Engine, EngineError, EngineStatus, Job, Owner};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::difficulty::{Probe, Probed};
use hearthgate_rules::judge::Judged;
use hearthgate_rules::label::Label;
use hearthgate_rules::target::Effort;

use crate::app::Site;
use crate::auth::Identity;
use crate::dialect::carry;
use crate::exchange::Exchange;
use crate::worker::Worker;
use crate::{clock, device};

/// Requests larger than this are not asked about: reading them alone takes longer than anybody would wait.
const BYTES_MAX: usize = 64 << 10;

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
    let owner = Owner { caller: identity.name.as_str().into(), label: label.into() };
    let target = probe.target.name();
    // Whatever goes wrong, the score counts.
    let Some((engine, job)) = question(site, judged, probe, owner) else {
        worker.app.metrics.probed(target, Probed::Untold, None);
        return Some(Probed::Untold);
    };
    let from = clock::now();
    let said = tokio::time::timeout(probe.timeout, likelihood(engine, job));
    let probed = match exchange.wait(Box::pin(said)).await {
        Ok(Ok(Some(likelihood))) => probe.outcome(likelihood),
        _ => Probed::Untold,
    };
    let took = clock::now().saturating_duration_since(from);
    worker.app.metrics.probed(target, probed, Some(took));
    Some(probed)
}

/// The model and what it is asked; none where it has no time for it.
fn question<'a>(
    site: &'a Site,
    judged: &Judged,
    probe: &Probe,
    owner: Owner,
) -> Option<(&'a Arc<dyn Engine>, Job)> {
    let engine = site.engines.get(probe.target.name())?;
    let load = engine.load();
    // One that would have to be loaded first is not asked: that takes longer, and another may have to go for it.
    let loaded = engine.status() == EngineStatus::Ready && load.memory_bytes > 0;
    let free = load.running + load.queued < load.slots;
    let small = judged.request().document().source_bytes() <= BYTES_MAX;
    if !(loaded && free && small) {
        return None;
    }
    let request = carry::at_home(judged.request()).ok()?;
    let mut job = Job::from_chat(&request, Effort::Quick).ok()?;
    job.max_tokens = Some(probe.tokens);
    job.sampling.temperature = Some(0.0);
    job.logprobs = Some(0);
    job.owner = Some(owner);
    job.deadline = Some(clock::now() + probe.timeout);
    Some((engine, job))
}

/// How likely the least likely of the first tokens of its answer is.
async fn likelihood(engine: &Arc<dyn Engine>, job: Job) -> Result<Option<f32>, EngineError> {
    // The grammar of a format or of tools may take its time.
    let here = job.schema.is_none() && job.tools.is_none();
    device::start(engine, vec![job], 1, here).await?.least_likelihood().await
}
