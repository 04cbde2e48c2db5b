//! The end of a request: what is counted, settled and recorded of it, once.

use hearthgate_rules::target::{Target, Zone};
use http::StatusCode;

use super::{ABANDONED, Exchange, Rate, Tokens};
use crate::audit::OutcomeRecord;
use crate::clock;
use crate::metrics::{Cost, RequestLabels};

/// What a client that went away before its answer's end is counted as (nginx's number for it).
const CLIENT_GONE: u16 = 499;

/// What tokens cost at a price, as far as both are known.
pub(super) fn cost_of(rate: Option<Rate>, tokens: Option<Tokens>) -> Cost {
    match (rate, tokens) {
        (None, _) => Cost::NoPrice,
        (Some(_), None) => Cost::NoUsage,
        (Some(rate), Some(tokens)) => Cost::Usd(rate.cost_usd(tokens)),
    }
}

impl Exchange {
    /// It has ended: counts, settles and records it, once.
    pub fn close(&mut self, status: StatusCode, error: Option<&'static str>) {
        self.close_as(status.as_u16(), error);
    }

    /// An answer that had begun is of no use, and another may be asked for. Its price is not known.
    pub fn of_no_use(&self) {
        if let Some(target) = &self.target {
            self.charge(target, cost_of(self.rate, None));
        }
    }

    fn close_as(&mut self, status: u16, error: Option<&'static str>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        self.settle();
        self.count(status, error);
        self.stay(status);
        if self.recorded {
            self.record(status, error);
        }
    }

    /// Counts the tokens used; where nobody was sent anything, none were. An answer that was cut off without its
    /// usage costs its prompt, for which the ticket stands where nobody has told more, and a token for each piece that came.
    fn settle(&mut self) {
        let Some(ticket) = self.ticket.take() else { return };
        let own = match self.tokens {
            Some(tokens) => tokens.input.saturating_add(tokens.output),
            None if self.sent => self.prompt.unwrap_or(0).max(ticket.prompt()).saturating_add(self.pieces),
            None => 0,
        };
        ticket.settle(own.saturating_add(self.aside().0));
    }

    fn count(&self, status: u16, error: Option<&'static str>) {
        let metrics = &self.app.metrics;
        let target = self.target.as_deref();
        let decided = self.decided.as_ref();
        let labels = RequestLabels {
            route: decided.and_then(|decided| decided.route.as_deref()),
            zone: target.map(Target::zone),
            label: decided.map(|decided| decided.label.as_str()),
            band: decided.and_then(|decided| decided.band),
            effort: decided.and_then(|decided| decided.effort),
            target: target.map(Target::name),
            status,
        };
        let request = metrics.request(&labels);
        request.ended(clock::now().saturating_duration_since(self.started));
        if let Some(after) = self.first_byte {
            request.first_token(after);
        }
        if let Some(overhead) = self.overhead {
            request.overhead(overhead);
        }
        if let Some(tokens) = self.tokens {
            request.tokens(tokens.input, tokens.output);
        }
        let reasoning = self.tokens.and_then(|tokens| tokens.reasoning);
        if let (Some(target), Some(reasoning)) =
            (target.filter(|target| target.zone() > Zone::Device), reasoning)
        {
            metrics.thought(target.name(), labels.effort, reasoning);
        }
        // One that was cut off has its price as well.
        let answered = self.tokens.is_some() || self.pieces > 0 || self.first_byte.is_some() || status < 300;
        if let Some(target) = target.filter(|_| answered) {
            self.charge(target, cost_of(self.rate, self.tokens));
            self.unmet().into_iter().for_each(|wish| metrics.unmet(wish));
        }
        self.count_verified();
        if let (Some(target), Some(ABANDONED)) = (target, self.hedge) {
            metrics.hedged(target.name(), ABANDONED);
        }
        if let Some(reason) = error.filter(|_| target.is_none()) {
            metrics.refusal(reason);
        }
    }

    /// Counts what an answer of a target cost.
    pub(super) fn charge(&self, target: &Target, cost: Cost) {
        self.app.metrics.cost(target.name(), cost);
        // A model in this process sends no bill: where it has no price, there is nothing to miss.
        if target.zone() > Zone::Device || matches!(cost, Cost::Usd(_)) {
            self.app.budgets.spend(&self.wished.charge, cost, clock::unix_seconds());
        }
    }

    fn record(&self, status: u16, error: Option<&'static str>) {
        let unmet = self.unmet();
        let recorded = self.app.audit.outcome(&OutcomeRecord {
            request_id: &self.id,
            target: self.target.as_ref().map(|target| target.name()),
            status,
            tokens_in: self.tokens.map(|tokens| tokens.input),
            tokens_out: self.tokens.map(|tokens| tokens.output),
            reasoning_tokens: self.tokens.and_then(|tokens| tokens.reasoning),
            cost_usd: self.cost_usd(),
            unmet: if status < 300 { &unmet } else { &[] },
            attempts: self.attempts,
            fallbacks: self.fallbacks,
            hedge: self.hedge,
            verified: self.verified_record(),
            finish: self.finish,
            engine: self.engine.as_deref(),
            stored: self.content == Some(true),
            error,
        });
        if recorded.is_err() {
            self.app.metrics.audit_failure();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.close_as(CLIENT_GONE, Some("client_gone"));
    }
}
