//! What is kept of an answer of the device that was verified: what came of it, and what it used where another is given.

use std::sync::Arc;

use hearthgate_rules::target::Target;

use super::end::cost_of;
use super::{Exchange, Tokens};
use crate::audit::VerifiedRecord;
use crate::price::Rate;

/// Why an answer is sure, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its tokens are likely.
    Sure,
    /// Nothing says how likely they are: it counts as sure.
    Untold,
    /// They are not.
    Unlikely,
    /// It says that it will not or cannot answer, or nothing at all.
    Refused,
    /// It had no room for all of it.
    Cut,
    /// A tool call in it is none.
    Malformed,
    /// It was not there in time.
    Late,
}

impl Why {
    /// Its name in records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Untold => "untold",
            Self::Unlikely => "unlikely",
            Self::Refused => "refused",
            Self::Cut => "cut",
            Self::Malformed => "malformed",
            Self::Late => "late",
        }
    }

    /// Whether the answer is given as it is.
    #[must_use]
    pub fn is_sure(self) -> bool {
        matches!(self, Self::Sure | Self::Untold)
    }
}

/// What came of an answer that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It was sure and was given.
    Kept,
    /// Another was given in its place.
    Escalated,
    /// It was not sure, nobody else answered, and it was given.
    Returned,
    /// The client went away before another came, or it was decided anew.
    Abandoned,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Escalated => "escalated",
            Self::Returned => "returned",
            Self::Abandoned => "abandoned",
        }
    }
}

/// An answer that was verified.
pub(super) struct Verified {
    target: Arc<Target>,
    end: End,
    why: Why,
    likelihood: Option<f32>,
    /// What it used, while it is not the answer.
    aside: Option<Aside>,
}

struct Aside {
    rate: Option<Rate>,
    tokens: Option<Tokens>,
    finish: Option<&'static str>,
    engine: Option<String>,
}

impl Aside {
    fn cost_usd(&self) -> Option<f64> {
        Some(self.rate?.cost_usd(self.tokens?))
    }
}

impl Exchange {
    /// The answer is sure, by this likelihood, and is given.
    pub fn kept(&mut self, why: Why, likelihood: Option<f32>) {
        let Some(target) = self.target.clone() else { return };
        self.let_go();
        self.verified = Some(Verified { target, end: End::Kept, why, likelihood, aside: None });
    }

    /// The answer is not sure, and others are asked: what it used is put aside, and the next target is no fallback.
    pub fn set_aside(&mut self, why: Why, likelihood: Option<f32>) {
        self.let_go();
        let Some(target) = self.target.take() else { return };
        let aside = Aside {
            rate: self.rate.take(),
            tokens: self.tokens.take(),
            finish: self.finish.take(),
            engine: self.engine.take(),
        };
        self.verified = Some(Verified { target, end: End::Abandoned, why, likelihood, aside: Some(aside) });
    }

    /// Another has answered in its place.
    pub fn escalated(&mut self) {
        if let Some(verified) = &mut self.verified {
            verified.end = End::Escalated;
        }
    }

    /// Nobody else has answered: what was put aside is the answer.
    pub fn take_back(&mut self) {
        let Some(verified) = &mut self.verified else { return };
        verified.end = End::Returned;
        let Some(Aside { rate, tokens, finish, engine }) = verified.aside.take() else { return };
        self.target = Some(Arc::clone(&verified.target));
        (self.rate, self.tokens, self.finish, self.engine) = (rate, tokens, finish, engine);
    }

    /// Nobody else has answered, and of what was put aside there is no whole answer: the same target answers anew.
    pub fn answers_anew(&mut self) {
        if let Some(verified) = &mut self.verified {
            verified.end = End::Returned;
            self.target = Some(Arc::clone(&verified.target));
        }
    }

    /// The target that answered and was not sure, where another's answer is given in its place.
    pub(super) fn stood_in_for(&self) -> Option<&Arc<Target>> {
        let verified = self.verified.as_ref().filter(|verified| verified.end == End::Escalated);
        verified.map(|verified| &verified.target)
    }

    /// What came of verifying, in a word, where something was verified.
    #[must_use]
    pub fn verified(&self) -> Option<&'static str> {
        self.verified.as_ref().map(|verified| verified.end.as_str())
    }

    /// What was put aside for good cost something all the same.
    fn let_go(&mut self) {
        let aside = self.verified.take().and_then(|verified| Some((verified.target, verified.aside?)));
        let Some((target, aside)) = aside else { return };
        self.charge(&target, cost_of(aside.rate, aside.tokens));
        self.spent_aside.0 += aside.tokens.map_or(0, |tokens| tokens.input.saturating_add(tokens.output));
        self.spent_aside.1 += aside.cost_usd().unwrap_or(0.0);
    }

    /// What is put aside: tokens, and USD where their price is known.
    pub(super) fn aside(&self) -> (u64, f64) {
        let (tokens, cost) = self.spent_aside;
        let aside = self.verified.as_ref().and_then(|verified| verified.aside.as_ref());
        let own = aside.and_then(|aside| aside.tokens).unwrap_or_default();
        let own_cost = aside.and_then(Aside::cost_usd).unwrap_or(0.0);
        (tokens.saturating_add(own.input).saturating_add(own.output), cost + own_cost)
    }

    /// Counts what came of verifying, at the end.
    pub(super) fn count_verified(&self) {
        let Some(Verified { target, end, why, aside, .. }) = &self.verified else { return };
        self.app.metrics.verified(target.name(), end.as_str(), why.as_str());
        if let Some(aside) = aside {
            self.charge(target, cost_of(aside.rate, aside.tokens));
        }
    }

    /// As the record has it.
    pub(super) fn verified_record(&self) -> Option<VerifiedRecord<'_>> {
        let Verified { target, end, why, likelihood, aside } = self.verified.as_ref()?;
        let tokens = aside.as_ref().and_then(|aside| aside.tokens);
        Some(VerifiedRecord {
            target: target.name(),
            outcome: end.as_str(),
            reason: why.as_str(),
            likelihood: *likelihood,
            tokens_in: tokens.map(|tokens| tokens.input),
            tokens_out: tokens.map(|tokens| tokens.output),
            cost_usd: aside.as_ref().and_then(Aside::cost_usd),
        })
    }
}
