//! What a permit asks of a model in this process.

use std::sync::Arc;

use hearthgate_engines::{Engine, Owner};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::Permitted;
use hearthgate_rules::target::Target;

use super::{Answer, Tried, unsaid, writer};
use crate::app::Site;
use crate::auth::Identity;
use crate::config::Model;
use crate::device;
use crate::dialect::carry;
use crate::exchange::Exchange;
use crate::respond::Fault;

/// What a model in this process answers with, and what it is asked.
pub struct Here<'a> {
    pub engine: &'a Arc<dyn Engine>,
    pub model: &'a Model,
    pub request: ChatRequest,
    pub owner: Owner,
}

impl<'a> Here<'a> {
    /// What a target of this process is asked by a permit.
    ///
    /// # Errors
    /// When there is no such model, or it cannot be told the request.
    pub fn of(
        site: &'a Site,
        identity: &Identity,
        permit: &Permitted<ChatRequest>,
        target: &Target,
        exchange: &Exchange,
    ) -> Result<Self, Fault> {
        let model = site.config.models.iter().find(|model| model.name == target.model());
        let (Some(engine), Some(model)) = (site.engines.get(target.name()), model) else {
            return Err(Fault::Internal);
        };
        // What the model has read is used again for the same caller and label alone.
        let owner = identity.owner(exchange.label());
        let request = carry::at_home(permit.request()).map_err(unsaid)?;
        Ok(Self { engine, model, request, owner })
    }
}

/// Has a model in this process answer.
pub async fn device(
    site: &Site,
    identity: &Identity,
    permit: &Permitted<ChatRequest>,
    target: &Arc<Target>,
    exchange: &mut Exchange,
) -> Tried {
    exchange.attempt(site, target);
    let Here { engine, model, request, owner } = match Here::of(site, identity, permit, target, exchange) {
        Ok(here) => here,
        Err(fault) => return Tried::Failed(fault),
    };
    exchange.sent();
    let begun = device::begin(engine, model, &request, permit.effort(), owner);
    let begun = match exchange.wait(begun).await {
        Ok(begun) => begun,
        Err(error) => return Tried::Failed(Fault::Engine(error)),
    };
    let writer = writer(site, identity, permit.request(), target, exchange);
    if request.stream() {
        return Tried::Answered(Answer::Device(Box::new((begun, writer))));
    }
    match device::gather(begun, &writer, exchange).await {
        Ok(body) => Tried::Answered(Answer::Whole(body)),
        Err(fault) => Tried::Failed(fault),
    }
}
