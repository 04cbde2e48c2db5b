//! The road of every request, from judging on, for a command: no listener, no client, one request after another.
//!
//! INVARIANT: what is sent outside was decided and recorded by `handle::decide` and is sent by `dispatch`, on a permit that was
//! narrowed to the one target that is asked, so no other sees it, not even where that one fails.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::Outcome;
use hearthgate_rules::suggest::did_you_mean;
use hearthgate_rules::target::Target;
use http::{HeaderMap, StatusCode};
use tokio::runtime::{Builder, Runtime};

use super::super::super::CliError;
use crate::app::{App, Site};
use crate::ask::Ask;
use crate::audit::Audit;
use crate::auth::Identity;
use crate::budget::Budgets;
use crate::dispatch::{self, Answer};
use crate::exchange::Exchange;
use crate::limits::Limiter;
use crate::memory::Memory;
use crate::metrics::Metrics;
use crate::respond::Fault;
use crate::worker::Worker;
use crate::{clock, handle, reload};

/// Whom the record names, where no key is.
const CALLER: &str = "calibrate";

/// A site that answers, and nobody who connects to it.
pub(super) struct Road {
    worker: Arc<Worker>,
    site: Arc<Site>,
    identity: Identity,
    runtime: Runtime,
}

/// What a model said.
pub(super) struct Answered {
    pub text: String,
    /// What it cost; none where that is not known.
    pub cost_usd: Option<f64>,
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The policy does not permit it to go there.
    NotPermitted,
    /// It went, or was to go, and nothing came of it; the gateway's own word for why.
    Failed(&'static str),
    /// Its decision could not be recorded, so it was not sent.
    Unrecorded,
}

impl Road {
    /// Loads the site as a gateway does, its policy proved and its models there.
    pub fn open(config_file: Option<&Path>, caller: Option<&str>) -> Result<Self, CliError> {
        let site = reload::load(config_file, None).map_err(CliError::Unusable)?;
        let identity = identity(&site, caller)?;
        let audit = Audit::open(site.config.audit.file.as_deref()).map_err(|error| {
            let mend = "a gateway may be writing it; name another for this command by HEARTHGATE_AUDIT__FILE";
            CliError::Unusable(format!("{error}; {mend}"))
        })?;
        let limiter = Limiter::new(&site.config);
        let metrics = Metrics::new().map_err(|error| CliError::Failed(error.to_string()))?;
        let memory = Arc::new(Memory::new(site.config.memory).map_err(CliError::Failed)?);
        let config_file = config_file.map(Path::to_owned);
        // Read and never written: a gateway may be keeping them, and this command has bounds of its own.
        let budgets =
            Budgets::open(&site.config.budgets, clock::unix_seconds()).map_err(CliError::Unusable)?;
        let app = Arc::new(App::new(site, metrics, audit, limiter, memory, budgets, config_file));
        let (site, worker) = (app.site(), Arc::new(Worker::new(app)));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { worker, site, identity, runtime })
    }

    /// Whether the policy lets a request go to a target, as things are. Nothing is recorded, since nothing is sent.
    pub fn permits(&self, request: &ChatRequest, target: &Target) -> bool {
        let mut signals = self.site.signals();
        // One that has failed lately is asked all the same: that says nothing of what it may see.
        signals.down.clear();
        let judged = self.site.config.policy.judge(request.clone(), self.identity.caller());
        match judged.decide(&signals).outcome {
            Outcome::Allow(permit) => !permit.only(target.name()).targets().is_empty(),
            Outcome::Refuse(_) => false,
        }
    }

    /// Asks a target, and no other.
    pub fn ask(&self, request: ChatRequest, target: &Target) -> Result<Answered, Unanswered> {
        let answered = self.runtime.block_on(self.exchange(request, target));
        self.worker.app.flush_audit();
        answered
    }

    async fn exchange(&self, request: ChatRequest, target: &Target) -> Result<Answered, Unanswered> {
        let mut exchange = Exchange::begin(&self.worker.app, Dialect::OpenAiChat);
        match self.road(request, target, &mut exchange).await {
            Ok((answer, body)) => {
                let cost_usd = exchange.cost_usd();
                // What is told to nobody closes the exchange all the same.
                let _told = answer.into_response(exchange, &mut HeaderMap::new());
                let text = text(&body).ok_or(Unanswered::Failed("answer_unreadable"))?;
                Ok(Answered { text, cost_usd })
            }
            Err(fault) => {
                let (status, code) =
                    fault.as_ref().map_or((StatusCode::FORBIDDEN, "no_permitted_target"), told);
                exchange.close(status, Some(code));
                Err(match fault {
                    None | Some(Fault::Refused { .. }) => Unanswered::NotPermitted,
                    Some(Fault::Audit) => Unanswered::Unrecorded,
                    Some(_) => Unanswered::Failed(code),
                })
            }
        }
    }

    /// Decides, records and sends; no fault where the permit does not name the target.
    async fn road(
        &self,
        request: ChatRequest,
        target: &Target,
        exchange: &mut Exchange,
    ) -> Result<(Answer, Bytes), Option<Fault>> {
        let (worker, site, identity) = (&self.worker, &self.site, &self.identity);
        let mut headers = HeaderMap::new();
        // What is asked of a model of this process does not leave it.
        let ask = Ask { zone: Some(target.zone()), ..Ask::default() };
        let permit = handle::decide(worker, site, identity, &ask, request, exchange, &mut headers).await?;
        let permit = permit.only(target.name());
        if permit.targets().is_empty() {
            return Err(None);
        }
        let site = Arc::clone(site);
        let answer = dispatch::dispatch(worker, site, identity, &ask, permit, exchange, &mut headers).await?;
        match answer {
            Answer::Whole(body) => Ok((Answer::Whole(body.clone()), body)),
            // No stream was asked for.
            Answer::Device(_) | Answer::Relay(_) => Err(Some(Fault::Internal)),
        }
    }
}

fn told(fault: &Fault) -> (StatusCode, &'static str) {
    (fault.status(), fault.code())
}

/// As whom is asked: a configured key's caller, or nobody in particular.
fn identity(site: &Site, caller: Option<&str>) -> Result<Identity, CliError> {
    let Some(name) = caller else {
        let name = CALLER.to_owned();
        return Ok(Identity {
            name,
            tenant: None,
            workflow: None,
            label: None,
            zone: None,
            roles: Vec::new(),
        });
    };
    let keys = &site.config.keys;
    let key = keys.iter().find(|key| key.name == name).ok_or_else(|| {
        let mend = did_you_mean(name, keys.iter().map(|key| key.name.as_str()));
        CliError::Unusable(format!("no configured key is called `{name}`{mend}"))
    })?;
    Ok(Identity {
        name: key.name.clone(),
        tenant: key.tenant.clone(),
        workflow: key.workflow.clone(),
        label: key.label,
        zone: key.zone,
        // What is measured is not lowered for anybody.
        roles: Vec::new(),
    })
}

/// The text of an answer's first choice; empty where it says none.
fn text(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let message = answer.get("choices")?.get(0)?.get("message")?;
    Some(message.get("content").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}
