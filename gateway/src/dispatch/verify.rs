//! Verifying what the device answers before it is given: where it is not sure, the permit's targets further out are asked,
//! and where none of them answers, it is given after all.
//!
//! Everything here borrows the permit of the request: another answer is asked for at its targets and nowhere else.

mod refusal;

use std::sync::Arc;
use std::time::Instant;

use hearthgate_engines::{EngineError, Job};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::Permitted;
use hearthgate_rules::policy::{Measure, Verify};
use hearthgate_rules::target::Target;

use super::here::{Here, device};
use super::{Answer, Tried, writer};
use crate::app::{App, Site};
use crate::auth::Identity;
use crate::clock;
use crate::device::{Whole, jobs, put};
use crate::dialect::event::Finish;
use crate::exchange::{Exchange, Why};
use crate::likelihood::Likelihood;
use crate::respond::Fault;

/// What came of verifying an answer.
pub enum Verified {
    /// It is sure, or nothing says that it is not.
    Kept(Answer),
    /// It is not sure, and others are to be asked.
    Unsure(Unsure),
    /// There is none.
    Failed(Fault),
}

/// An answer that is not sure, while others are asked.
pub struct Unsure {
    target: Arc<Target>,
    /// None where it did not come to an end of its own.
    whole: Option<Whole>,
}

/// Has the device answer, and verifies that.
pub async fn attempt(
    app: &App,
    site: &Site,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    (index, verify): (usize, Verify),
    exchange: &mut Exchange,
) -> Verified {
    let Some(target) = permit.targets().get(index) else { return Verified::Failed(Fault::Internal) };
    exchange.attempt(site, target);
    let here = match Here::of(site, identity, permit, target, exchange) {
        Ok(here) => here,
        Err(fault) => return Verified::Failed(fault),
    };
    let since = clock::now();
    // Whoever is asked after it is to have time as well.
    let share = exchange.share((permit.targets().len() - index, permit.targets().len()));
    let until = (since + verify.timeout).min(share.map_or(since + verify.timeout, |share| share.until()));
    exchange.sent();
    let said = tokio::time::timeout_at(until.into(), answered(here, permit, verify, until));
    let said = exchange.wait(Box::pin(said)).await;
    app.metrics.verification_took(target.name(), clock::now().saturating_duration_since(since));
    let unsure = |whole| Verified::Unsure(Unsure { target: Arc::clone(target), whole });
    let said = match said {
        Ok(Ok(said)) => said,
        Err(_) | Ok(Err(EngineError::Deadline)) => {
            exchange.set_aside(Why::Late, None);
            return unsure(None);
        }
        Ok(Err(error)) => return Verified::Failed(Fault::Engine(error)),
    };
    said.whole.tell(exchange);
    let why = judged(&verify, &said, permit.request().dialect());
    let Said { whole, likelihood, bounded } = said;
    if why.is_sure() {
        exchange.kept(why, likelihood);
        let writer = writer(site, identity, permit.request(), target, exchange);
        return Verified::Kept(Answer::Whole(whole.written(&writer, exchange)));
    }
    exchange.set_aside(why, likelihood);
    // One that only this bound has cut off is not what its client asked for, and a call that is none is of no use to anybody.
    let useful = why != Why::Malformed && (why != Why::Cut || !bounded);
    unsure(useful.then_some(whole))
}

/// What the device says.
struct Said {
    whole: Whole,
    likelihood: Option<f32>,
    /// Whether it had less room than its client gave it.
    bounded: bool,
}

async fn answered(
    here: Here<'_>,
    permit: &Permitted<ChatRequest>,
    verify: Verify,
    until: Instant,
) -> Result<Said, EngineError> {
    let Here { engine, model, request, owner } = here;
    let mut jobs = jobs(model, &request, permit.effort(), owner)?;
    let told = jobs.iter().any(|job| job.logprobs.is_some());
    let bounded = jobs.iter().any(|job| job.max_tokens.is_none_or(|most| most > verify.tokens));
    for Job { max_tokens, logprobs, deadline, .. } in &mut jobs {
        *max_tokens = Some(max_tokens.unwrap_or(verify.tokens).min(verify.tokens));
        logprobs.get_or_insert(0);
        *deadline = Some(deadline.unwrap_or(until).min(until));
    }
    let whole = put(engine, &request, jobs).await?.whole().await?;
    Ok(Said { likelihood: likelihood(verify.measure, &whole), whole: whole.telling(told), bounded })
}

/// How sure an answer is, all of its choices.
fn judged(verify: &Verify, said: &Said, dialect: Dialect) -> Why {
    if said.whole.call_fault(dialect).is_some() {
        return Why::Malformed;
    }
    let choices = said.whole.choices();
    if choices.iter().any(|choice| choice.finish == Some(Finish::Length)) {
        return Why::Cut;
    }
    if choices.iter().any(refusal::is_one) {
        return Why::Refused;
    }
    match said.likelihood.and_then(|likelihood| verify.is_sure(likelihood)) {
        None => Why::Untold,
        Some(true) => Why::Sure,
        Some(false) => Why::Unlikely,
    }
}

/// How likely its tokens are; none where nothing says so.
fn likelihood(measure: Measure, whole: &Whole) -> Option<f32> {
    let of = whole.choices().iter().filter_map(|choice| Likelihood::of(&choice.logprobs));
    of.reduce(Likelihood::lesser).map(|likelihood| match measure {
        Measure::Mean => likelihood.mean,
        Measure::Least => likelihood.least,
    })
}

impl Unsure {
    /// Whether there is a whole answer, which can be given at once.
    pub fn is_whole(&self) -> bool {
        self.whole.is_some()
    }

    /// Gives it after all.
    pub async fn given(
        self,
        site: &Site,
        identity: &Identity,
        permit: &Permitted<ChatRequest>,
        exchange: &mut Exchange,
    ) -> Tried {
        let Self { target, whole } = self;
        let Some(whole) = whole else {
            exchange.answers_anew();
            return device(site, identity, permit, &target, exchange).await;
        };
        exchange.take_back();
        let writer = writer(site, identity, permit.request(), &target, exchange);
        Tried::Answered(Answer::Whole(whole.written(&writer, exchange)))
    }
}
