//! What is wished of an answer, and which targets are expected to keep to it: time to its beginning, and cost.
//!
//! What is reckoned here orders the targets of a permit ([`Leaning`]) and gives none away. Nothing of a request is looked at
//! but how long it is and whether its answer is to be streamed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::{Follows, Leaning, Pace};
use hearthgate_rules::target::{Target, Zone};

use crate::app::{App, Site};
use crate::config::Wish;
use crate::exchange::Tokens;
use crate::memory::Turn;
use crate::pace::{ANSWER_TOKENS, Expected};
use crate::price::Rate;

/// Bytes of text that a token stands for on average.
const BYTES_PER_TOKEN: u64 = 4;

/// The shortest beginning that a provider keeps by itself, in tokens, and how long it does
/// (<https://platform.openai.com/docs/guides/prompt-caching>,
/// <https://docs.claude.com/en/docs/build-with-claude/prompt-caching>).
const CACHED_TOKENS_MIN: u64 = 1024;
const CACHED_FOR: Duration = Duration::from_secs(5 * 60);

/// Reckons for one request.
pub struct Reckoning<'a> {
    app: &'a App,
    site: &'a Site,
    streamed: bool,
    prompt_tokens: u64,
    answer_tokens_max: Option<u64>,
    now: Instant,
}

impl<'a> Reckoning<'a> {
    /// For this request, as things are now.
    #[must_use]
    pub fn of(app: &'a App, site: &'a Site, request: &ChatRequest, now: Instant) -> Self {
        let bytes = u64::try_from(request.document().source_bytes()).unwrap_or(u64::MAX);
        Self {
            app,
            site,
            streamed: request.stream(),
            prompt_tokens: bytes.div_ceil(BYTES_PER_TOKEN),
            answer_tokens_max: request.max_tokens(),
            now,
        }
    }

    /// What the order of targets leans on.
    #[must_use]
    pub fn leaning(&self, wish: Wish, before: Option<Turn>) -> Leaning {
        Leaning {
            late: wish.latency.map(|within| self.late(within)).unwrap_or_default(),
            dear: wish.cost_usd.map(|usd| self.dear(usd)).unwrap_or_default(),
            pace: if self.site.config.policy.asks_pace() { self.pace() } else { BTreeMap::new() },
            follows: before.map(|turn| self.follows(turn)),
        }
    }

    fn targets(&self) -> impl Iterator<Item = &'a Target> {
        self.site.config.policy.catalogue().iter().map(|target| &**target)
    }

    fn expected(&self, target: &Target) -> Expected {
        let load = self.site.engines.get(target.name()).map(|engine| engine.load());
        let known = self.app.paces.known(target.name());
        known.map_or(Expected::Unknown, |pacing| pacing.expected(self.streamed, load.as_ref(), self.now))
    }

    /// Those that are expected to begin later, the soonest first; one that is being tried for the first time last.
    fn late(&self, within: Duration) -> Vec<String> {
        let late = self.targets().filter_map(|target| {
            let time = match self.expected(target) {
                Expected::Unknown => return None,
                Expected::Tried => Duration::MAX,
                Expected::Within(time) => time,
            };
            (time > within).then(|| (time, target.name().to_owned()))
        });
        let mut late: Vec<_> = late.collect();
        late.sort();
        late.into_iter().map(|(_, name)| name).collect()
    }

    fn pace(&self) -> BTreeMap<String, Pace> {
        let pace = |target: &Target| match self.expected(target) {
            Expected::Unknown => None,
            Expected::Tried => Some(Pace::Slower),
            Expected::Within(time) => Some(Pace::of(time)),
        };
        self.targets().filter_map(|target| Some((target.name().to_owned(), pace(target)?))).collect()
    }

    /// Those that are expected to cost more, the cheapest first; what is not known last. A model in this process sends no
    /// bill, so without a price of the site's own it keeps to any cost.
    fn dear(&self, usd: f64) -> Vec<String> {
        let unknown_passes =
            |target: &Target| target.zone() == Zone::Device || self.site.config.choice.unknown_prices_pass;
        let mut dear: Vec<_> = self
            .targets()
            .filter_map(|target| match self.cost(target.name(), 0) {
                Some(cost) => (cost > usd).then_some((cost, target)),
                None => (!unknown_passes(target)).then_some((f64::INFINITY, target)),
            })
            .collect();
        dear.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        dear.into_iter().map(|(_, target)| target.name().to_owned()).collect()
    }

    /// What a target is expected to cost, where so much of the prompt is in its cache; none where no price is known.
    fn cost(&self, target: &str, cached: u64) -> Option<f64> {
        let rate = *self.site.rates.get(target)?;
        let mean = self.app.paces.known(target).and_then(|pacing| pacing.answer_tokens());
        let output = mean.unwrap_or(ANSWER_TOKENS);
        let output = self.answer_tokens_max.map_or(output, |most| output.min(most));
        let input = self.prompt_tokens;
        Some(rate.cost_usd(Tokens { input, output, cached: cached.min(input), ..Tokens::default() }))
    }

    /// Where the conversation was before, and which targets cost more than to go on there while that is cheap.
    fn follows(&self, turn: Turn) -> Follows {
        let warm =
            self.now.saturating_duration_since(turn.at) <= CACHED_FOR && turn.read >= CACHED_TOKENS_MIN;
        let cheap = |rate: &Rate| rate.usual.cached.is_some();
        let here = self.site.rates.get(&*turn.target).is_some_and(cheap);
        let own = if warm && here { self.cost(&turn.target, turn.read) } else { None };
        let saves: BTreeSet<String> = match own {
            None => BTreeSet::new(),
            Some(own) => {
                let others = self.targets().map(Target::name).filter(|name| **name != *turn.target);
                let dearer = |name: &&str| self.cost(name, 0).is_some_and(|cost| cost > own);
                others.filter(dearer).map(str::to_owned).collect()
            }
        };
        Follows { target: turn.target.to_string(), band: turn.band, saves }
    }
}
