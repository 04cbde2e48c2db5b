//! Asks a model in this process how sure it is of its own answer: it says the first tokens of it, and how likely the least
//! likely of them was.
//!
//! The policy says when this is worth the while ([`Judged::probe`]). Nothing leaves the process. What the model has read
//! for it is there when it is to answer the same request.

use hearthgate_engines::{EngineError, EngineStatus, Holding, Job, Owner};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::difficulty::{Probe, Probed};
use hearthgate_rules::judge::Judged;
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
    let from = clock::now();
    let label = site.config.policy.labels().name(judged.verdict().label);
    let owner = Owner { caller: identity.name.as_str().into(), label: label.into() };
    let asked = tokio::time::timeout(probe.timeout, likelihood(site, judged, probe, owner));
    let said = exchange.wait(Box::pin(asked)).await;
    // Whatever goes wrong, the score counts.
    let probed = match said {
        Ok(Ok(Some(likelihood))) => probe.outcome(likelihood),
        _ => Probed::Untold,
    };
    let took = clock::now().saturating_duration_since(from);
    worker.app.metrics.probed(probe.target.name(), probed, took);
    Some(probed)
}

/// How likely the least likely of the first tokens of its answer is; none where the model has no time for it.
async fn likelihood(
    site: &Site,
    judged: &Judged,
    probe: &Probe,
    owner: Owner,
) -> Result<Option<f32>, EngineError> {
    let Some(engine) = site.engines.get(probe.target.name()) else { return Ok(None) };
    let load = engine.load();
    let busy = engine.status() != EngineStatus::Ready || load.queued > 0 || load.running >= load.slots;
    let large = judged.request().document().source_bytes() > BYTES_MAX;
    if busy || large {
        return Ok(None);
    }
    // One that would have to be loaded first is not asked: that takes longer, and another may have to go for it.
    let Holding::Held(_hold) = engine.hold() else { return Ok(None) };
    let Ok(request) = carry::at_home(judged.request()) else { return Ok(None) };
    let mut job = Job::from_chat(&request, Effort::Quick)?;
    job.max_tokens = Some(probe.tokens);
    job.sampling.temperature = Some(0.0);
    job.logprobs = Some(0);
    job.owner = Some(owner);
    job.deadline = Some(clock::now() + probe.timeout);
    // The grammar of a format or of tools may take its time.
    let here = job.schema.is_none() && job.tools.is_none();
    device::start(engine, vec![job], 1, here).await?.least_likelihood().await
}
