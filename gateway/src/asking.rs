//! What a decision is made of beside the request itself: who asks, what they wish, and where the conversation has been.
//!
//! All of it only tightens, or orders what is permitted. Nothing of a request is kept here but how its turns are known.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::judge::{Caller, Judged};
use hearthgate_rules::label::Label;

use crate::app::{App, Site};
use crate::ask::{self, Ask};
use crate::auth::Identity;
use crate::budget::Charge;
use crate::clock;
use crate::config::{Wish, in_workflows};
use crate::exchange::{Exchange, Wished};
use crate::memory::Turn;
use crate::wish::Reckoning;

/// What one request is decided on beside itself and its caller.
pub struct Asking {
    /// What is wished of the answer, and whose it is.
    wished: Wished,
    /// Whether the answer is to come as a stream.
    streamed: bool,
    /// The target that began the loop of tools which the request goes on with.
    begun: Option<Arc<str>>,
    /// Where the conversation was before.
    before: Option<Turn>,
}

impl Asking {
    /// Of a request, as the configuration is now; and who asks, with the tightest of what the key and the workflows say and
    /// what the request asks for.
    pub fn of(
        app: &App,
        site: &Site,
        (identity, ask): (&Identity, &Ask),
        request: &ChatRequest,
        exchange: &mut Exchange,
    ) -> (Self, Caller) {
        let (mut caller, wish) = caller(site, identity, ask, request);
        caller.zone = [caller.zone, exchange.held_within()].into_iter().flatten().min();
        let (memory, whose, stay) = (&app.memory, identity.whose(), site.config.choice.stay);
        let tool_loop = request.tool_loop().map(|of| (memory.loop_of(&whose, &of.asked), of.open));
        exchange.belongs_to(tool_loop.map(|(print, _)| print));
        let open = tool_loop.filter(|(_, open)| *open);
        let opening = request.opening().filter(|_| !stay.is_zero());
        let turns = opening.map(|of| (memory.conversation_of(&whose, &of.words), of.answered));
        let answered = turns.filter(|(_, answered)| *answered);
        let mut wished = Wished {
            wish,
            effort: caller.effort,
            effort_in_body: ask.effort.is_none() && ask::effort_of(request).is_some(),
            tier: ask::tier_of(request).is_some(),
            charge: Charge { caller: caller.name.clone(), workflow: caller.workflow.clone() },
            conversation: turns.map(|(print, _)| print),
            ..Wished::default()
        };
        wished.asked(site.config.policy.asked(request.model()));
        let asking = Self {
            wished,
            streamed: request.stream(),
            begun: open.and_then(|(print, _)| memory.loop_begun_by(&print)),
            before: answered.and_then(|(print, _)| memory.last_turn(&print, stay, clock::now())),
        };
        (asking, caller)
    }

    /// The state of the world that it is decided in, but for what the device model says of itself; and the exchange is told
    /// what is wished.
    pub fn signals(
        mut self,
        app: &App,
        site: &Site,
        judged: &Judged,
        conversation: Option<Label>,
        exchange: &mut Exchange,
    ) -> Signals {
        let leaning =
            Reckoning::of(app, site, judged.request(), clock::now()).leaning(self.wished.wish, self.before);
        self.wished.late.clone_from(&leaning.late);
        self.wished.dear.clone_from(&leaning.dear);
        let budget = app.budgets.state(&self.wished.charge, clock::unix_seconds());
        exchange.wishes(self.wished, self.streamed);
        let stays = self.begun.map(|target| target.to_string());
        Signals { budget, stays, conversation, leaning, ..site.signals() }
    }
}

/// Who asks, with the tightest of what the key and the workflows say and what the request asks for; and what is wished.
fn caller(site: &Site, identity: &Identity, ask: &Ask, request: &ChatRequest) -> (Caller, Wish) {
    let of_key = identity.caller();
    // Decided again after a reload, a request has what its key has now.
    let key = site.config.keys.iter().find(|key| key.name == identity.name);
    let held = |role: &String| key.is_some_and(|key| key.roles.contains(role));
    let mut caller = Caller {
        workflow: ask.workflow.clone().or(of_key.workflow),
        label: [of_key.label, ask.label, key.and_then(|key| key.label)].into_iter().max().flatten(),
        zone: [of_key.zone, ask.zone, key.and_then(|key| key.zone)].into_iter().flatten().min(),
        effort: ask.effort.or_else(|| ask::effort_of(request)),
        roles: of_key.roles.into_iter().filter(held).collect(),
        declassify: ask.declassify.clone(),
        ..of_key
    };
    let of_workflows = in_workflows(&mut caller, identity.workflow.as_deref(), &site.config.workflows);
    let of_key = key.map(|key| key.wish).unwrap_or_default();
    (caller, ask.wish.with(of_key).with(of_workflows))
}
