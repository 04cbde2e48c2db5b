//! What was wished of an answer, and where it was not kept to.

use std::sync::Arc;
use std::time::Duration;

use hearthgate_rules::decision::{Decision, Reason};
use hearthgate_rules::difficulty::Band;
use hearthgate_rules::policy::Asked;
use hearthgate_rules::target::{Effort, EffortField, Target, Zone};

use super::{Exchange, Tokens};
use crate::budget::Charge;
use crate::clock;
use crate::config::Wish;
use crate::memory::{LoopPrint, Turn};

/// What one request wishes, and whose it is.
#[derive(Default)]
pub struct Wished {
    /// Time and cost.
    pub wish: Wish,
    /// The targets that it asks for by name; none where it leaves that to the policy.
    pub targets: Vec<Arc<Target>>,
    /// How long it wishes the model to think.
    pub effort: Option<Effort>,
    /// Whether its body says so.
    pub effort_in_body: bool,
    /// Whether it asks for a tier of a provider's service.
    pub tier: bool,
    /// Whether its body goes to the target in its own words.
    pub native: bool,
    /// Whether these are Anthropic's, to which no thinking is added that the client did not ask for.
    pub messages: bool,
    /// The names of targets that are expected to begin later.
    pub late: Vec<String>,
    /// The names of targets that are expected to cost more.
    pub dear: Vec<String>,
    /// Whom its answer is charged to.
    pub charge: Charge,
    /// What its conversation is known by, where that is kept.
    pub conversation: Option<LoopPrint>,
    /// The band that was decided on.
    pub band: Option<Band>,
    /// Whether the policy chose the target for this turn alone: another was down, or a loop of tools goes on there.
    pub passing: bool,
}

impl Wished {
    /// Notes the targets that stand for what a request asks for.
    pub fn asked(&mut self, asked: Option<Asked>) {
        self.targets = match asked {
            Some(Asked::Targets(targets)) => targets,
            Some(Asked::Auto) | None => Vec::new(),
        };
    }

    /// Notes what was decided.
    pub fn decided(&mut self, decision: &Decision) {
        self.band = Some(decision.verdict.difficulty.map_or(Band::Hard, |difficulty| difficulty.band));
        let passing = |reason: &Reason| matches!(reason, Reason::Down { .. } | Reason::Stays { .. });
        self.passing = decision.reasons.iter().any(passing);
    }

    /// The wishes that an answer of this target does not keep to, as far as is known: after this long to its beginning, and at
    /// this cost.
    pub fn unmet(
        &self,
        target: &Target,
        after: Option<Duration>,
        cost_usd: Option<f64>,
    ) -> Vec<&'static str> {
        let other = !self.targets.is_empty() && self.targets.iter().all(|asked| **asked != *target);
        let late = self.wish.latency.zip(after).is_some_and(|(wished, after)| after > wished);
        let dear = self.wish.cost_usd.is_some_and(|wished| match cost_usd {
            Some(cost) => cost > wished,
            None => self.dear.iter().any(|dear| dear == target.name()),
        });
        // A model that is told nothing of it thinks as long as it does.
        let added = !(self.native && self.messages) || self.effort == Some(Effort::Quick);
        let own = self.effort_in_body && self.native;
        let told = target.effort_field() != EffortField::None && added || own;
        let untold = target.zone() > Zone::Device && !told;
        // What has to be written anew for a provider is refused where it names one; a model in this process has none.
        let tier = self.tier && !self.native;
        let unmet = [
            (other, "model"),
            (late, "latency"),
            (dear, "cost"),
            (untold && self.effort.is_some(), "effort"),
            (tier, "service_tier"),
        ];
        unmet.into_iter().filter(|(unmet, _)| *unmet).map(|(_, wish)| wish).collect()
    }
}

impl Exchange {
    /// What it wishes, and whether its answer is to come as a stream.
    pub fn wishes(&mut self, wished: Wished, streamed: bool) {
        self.wished = wished;
        self.streamed = streamed;
    }

    /// The wishes that the answer which is about to begin does not keep to.
    #[must_use]
    pub fn unmet(&self) -> Vec<&'static str> {
        let Some(target) = &self.target else { return Vec::new() };
        let after = self.first_byte.unwrap_or_else(|| clock::now().saturating_duration_since(self.started));
        self.wished.unmet(target, Some(after), self.cost_usd())
    }

    /// Whether asking the device model how sure it is leaves at least as long for the answer to begin in.
    #[must_use]
    pub fn leaves_time_for(&self, asking: Duration) -> bool {
        self.wished.wish.latency.is_none_or(|latency| latency >= asking.saturating_mul(2))
    }

    /// Whether to ask this target for another answer goes against what is wished: it is expected to cost more or to begin
    /// later, or there is an answer and its time is up.
    #[must_use]
    pub fn wishes_no_other_of(&self, target: &Target, answered: bool) -> bool {
        let Wished { late, dear, wish, .. } = &self.wished;
        let beyond = late.iter().chain(dear).any(|name| name == target.name());
        let waited = clock::now().saturating_duration_since(self.started);
        beyond || answered && wish.latency.is_some_and(|latency| waited >= latency)
    }

    /// Remembers where its conversation was answered. What stood in for another, and what was asked for by
    /// name, is not stayed with; where it stood in for one that was not sure, that one is asked again next time.
    pub(super) fn stay(&self, status: u16) {
        let (Some(print), Some(target), Some(band)) =
            (self.wished.conversation, &self.target, self.wished.band)
        else {
            return;
        };
        if (200..300).contains(&status)
            && self.fallbacks == 0
            && !self.wished.passing
            && self.wished.targets.is_empty()
        {
            let (target, read) = match self.stood_in_for() {
                Some(unsure) => (unsure, 0),
                None => (target, self.tokens.map_or(0, |tokens| self.read(tokens))),
            };
            let turn = Turn { target: target.name().into(), band, read, at: clock::now() };
            self.app.memory.keep_turn(print, turn);
        }
    }

    /// Tokens of its prompt that its provider keeps: those that it says, or all of a prompt whose provider keeps what it reads
    /// without being asked, and asks nothing for that.
    fn read(&self, tokens: Tokens) -> u64 {
        let unasked =
            self.rate.is_some_and(|rate| rate.usual.cached.is_some() && rate.usual.written.is_none());
        if unasked { tokens.input } else { tokens.cached.saturating_add(tokens.written).min(tokens.input) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_to_is_told() {
        let (near, far) = (
            Arc::new(Target::upstream("a", "near", Zone::Cloud, EffortField::ReasoningEffort)),
            Target::upstream("a", "far", Zone::Cloud, EffortField::None),
        );
        let second = Duration::from_secs(1);
        let wished = Wished {
            wish: Wish { latency: Some(second), cost_usd: Some(0.01) },
            targets: vec![Arc::clone(&near)],
            effort: Some(Effort::Quick),
            dear: vec!["a/far".to_owned()],
            ..Wished::default()
        };
        assert_eq!(wished.unmet(&near, Some(second), Some(0.01)), Vec::<&str>::new());
        assert_eq!(wished.unmet(&near, Some(2 * second), Some(0.02)), ["latency", "cost"]);
        assert_eq!(wished.unmet(&far, None, None), ["model", "cost", "effort"]);
        let native = Wished {
            native: true,
            effort_in_body: true,
            ..Wished { effort: Some(Effort::Quick), ..Wished::default() }
        };
        assert_eq!(
            native.unmet(&far, None, None),
            Vec::<&str>::new(),
            "it is told in the client's own words"
        );
        let budget = Target::upstream("a", "claude", Zone::Cloud, EffortField::ThinkingBudget);
        let messages = |effort, native, effort_in_body| {
            Wished { messages: true, effort: Some(effort), native, effort_in_body, ..Wished::default() }
                .unmet(&budget, None, None)
        };
        assert_eq!(
            messages(Effort::Deliberate, true, false),
            ["effort"],
            "no thinking is added to Anthropic's own words"
        );
        for (effort, native, in_body) in [
            (Effort::Quick, true, false),
            (Effort::Deliberate, true, true),
            (Effort::Deliberate, false, false),
        ] {
            assert_eq!(
                messages(effort, native, in_body),
                Vec::<&str>::new(),
                "{effort:?} {native} {in_body}"
            );
        }
        assert_eq!(Wished::default().unmet(&far, Some(second), Some(9.0)), Vec::<&str>::new());
        let device = Target::device("small");
        let tiered = |native| Wished { tier: true, native, ..Wished::default() }.unmet(&device, None, None);
        assert_eq!((tiered(false), tiered(true)), (vec!["service_tier"], vec![]));
        let hurried = Wished { effort: Some(Effort::Quick), ..Wished::default() };
        assert_eq!(hurried.unmet(&device, None, None), Vec::<&str>::new());
    }
}
