//! What is told of a decision: to the record, to the metrics, and to the caller in headers.

use std::sync::Arc;

use hearthgate_rules::decision::{Decision, Outcome};
use http::HeaderMap;

use crate::app::Site;
use crate::ask::Ask;
use crate::audit::{AuditError, DecisionRecord, Found, HomeRecord, Noted};
use crate::auth::Identity;
use crate::exchange::Exchange;
use crate::respond::set;
use crate::worker::Worker;

/// Records a decision before anything is sent.
///
/// # Errors
/// When the record cannot be written; nothing may be sent then.
pub async fn decision(
    worker: &Worker,
    site: &Arc<Site>,
    identity: &Identity,
    ask: &Ask,
    found: &Found,
    decision: &Decision,
    exchange: &mut Exchange,
) -> Result<(), AuditError> {
    let workflow = ask.workflow.as_deref().or(identity.workflow.as_deref());
    let device = decision.target().and_then(|target| site.engines.get(target.name()));
    let record = DecisionRecord {
        request_id: exchange.id(),
        caller: &identity.name,
        tenant: identity.tenant.as_deref(),
        workflow,
        key_workflow: identity.workflow.as_deref().filter(|own| Some(*own) != workflow),
        workflow_configured: workflow == identity.workflow.as_deref() || is_configured(site, workflow),
        dialect: exchange.dialect(),
        found,
        decision,
        policy_digest: &site.config.policy_digest,
        model_digest: device.map(|engine| engine.model().digest.as_str()),
    };
    let noted = worker.app.audit.decision(&record);
    if noted.is_ok() {
        // From here on it has an outcome, also if its caller goes away before the line is written.
        exchange.decided(decision);
    }
    written(worker, noted).await?;
    if let Outcome::Allow(permit) = &decision.outcome {
        worker.app.metrics.permit(permit.zone());
    }
    Ok(())
}

/// Whether a workflow's name is the configuration's own word.
fn is_configured(site: &Site, workflow: Option<&str>) -> bool {
    let mut known = site.config.workflows.iter().map(|known| Some(known.name.as_str()));
    let mut charged = site.config.budgets.list.iter().map(|budget| budget.workflow.as_deref());
    workflow.is_some() && (known.any(|known| known == workflow) || charged.any(|charged| charged == workflow))
}

/// Records a request that has no way out, before it is answered.
///
/// # Errors
/// When the record cannot be written; nothing may be answered then.
pub async fn home(
    worker: &Worker,
    identity: &Identity,
    path: &'static str,
    exchange: &mut Exchange,
) -> Result<(), AuditError> {
    let record = HomeRecord {
        request_id: exchange.id(),
        caller: &identity.name,
        tenant: identity.tenant.as_deref(),
        key_workflow: identity.workflow.as_deref(),
        path,
    };
    let noted = worker.app.audit.home(&record);
    if noted.is_ok() {
        exchange.stays_home();
    }
    written(worker, noted).await
}

/// Waits until a line is with the operating system.
async fn written(worker: &Worker, noted: Result<Noted<'_>, AuditError>) -> Result<(), AuditError> {
    let written = match noted {
        Ok(noted) => noted.written().await.map(|_| ()),
        Err(error) => Err(error),
    };
    written.inspect_err(|_| worker.app.metrics.audit_failure())
}

/// Tells the caller what was decided.
pub fn tell(decision: &Decision, headers: &mut HeaderMap) {
    set(headers, "x-hearthgate-label", decision.label());
    if let Some(difficulty) = decision.verdict.difficulty {
        set(headers, "x-hearthgate-band", difficulty.band.as_str());
    }
    if let Some(effort) = decision.effort {
        set(headers, "x-hearthgate-effort", effort.as_str());
    }
    if let Some((by, _)) = decision.declassified() {
        set(headers, "x-hearthgate-declassified", by);
    }
    if let Some(rule) = &decision.rule {
        set(headers, "x-hearthgate-rule", rule);
    }
}
