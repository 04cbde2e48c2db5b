//! How soon each target begins its answers: running means of what was measured.
//!
//! It outlives a reload. Times are passed in. Only names of the configuration get here, and nothing of a request but its
//! times and the number of its tokens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use hearthgate_engines::{EngineLoad, Usage};

/// How much the newest counts for in a mean.
const WEIGHT: f64 = 0.25;

/// What nobody has asked for so long is not known any longer, and so is tried again.
const STALE: Duration = Duration::from_secs(60);

/// An attempt that was given up tells something of a target of which nothing is known only from here on.
const TELLING: f64 = 1.0;

/// The most targets, over all reloads; of later ones nothing is known.
const TARGETS_MAX: usize = 4096;

/// Tokens of an answer where none of the target's is known yet.
pub const ANSWER_TOKENS: u64 = 512;

/// The means of every target.
#[derive(Default)]
pub struct Paces(RwLock<HashMap<String, Arc<Pacing>>>);

/// What is expected of a target.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Expected {
    /// Nothing is known, and nobody is trying.
    Unknown,
    /// Nothing is known yet, and somebody is trying: nobody else should.
    Tried,
    /// So long to an answer's beginning.
    Within(Duration),
}

/// The means of one target.
#[derive(Default)]
pub struct Pacing(Mutex<Means>);

#[derive(Default)]
struct Means {
    /// To the beginning of an answer that comes as a stream.
    streamed: Option<Mean>,
    /// To an answer that comes whole.
    whole: Option<Mean>,
    /// For a place among those that are answered, in this process.
    wait: Option<Mean>,
    answer_tokens: Option<f64>,
    under_way: u32,
}

#[derive(Clone, Copy)]
struct Mean {
    seconds: f64,
    at: Instant,
}

impl Means {
    fn of(&mut self, streamed: bool) -> &mut Option<Mean> {
        if streamed { &mut self.streamed } else { &mut self.whole }
    }
}

fn observe(mean: &mut Option<Mean>, seconds: f64, at: Instant) {
    let known = mean.filter(|mean| at.saturating_duration_since(mean.at) <= STALE);
    let seconds = known.map_or(seconds, |mean| mean.seconds + WEIGHT * (seconds - mean.seconds));
    *mean = Some(Mean { seconds, at });
}

/// It takes that long at least.
fn observe_at_least(mean: &mut Option<Mean>, seconds: f64, at: Instant) {
    if seconds > mean.map_or(TELLING, |mean| mean.seconds) {
        *mean = Some(Mean { seconds, at });
    }
}

impl Paces {
    /// The means of a target; those that are kept nowhere, where there are too many.
    pub fn of(&self, target: &str) -> Arc<Pacing> {
        if let Some(known) = self.known(target) {
            return known;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= TARGETS_MAX && !all.contains_key(target) {
            return Arc::default();
        }
        Arc::clone(all.entry(target.to_owned()).or_default())
    }

    /// The means of a target, where anything is known of it.
    pub fn known(&self, target: &str) -> Option<Arc<Pacing>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(target).map(Arc::clone)
    }
}

impl Pacing {
    /// How long a request that came now would wait for its answer's beginning: with what waits for a model in this process.
    pub fn expected(&self, streamed: bool, load: Option<&EngineLoad>, now: Instant) -> Expected {
        let mut means = self.lock();
        // What is under way will tell soon enough.
        let under_way = means.under_way > 0;
        let fresh = |mean: &Mean| under_way || now.saturating_duration_since(mean.at) <= STALE;
        let mean = means.of(streamed).filter(fresh);
        let Some(mean) = mean else {
            return if under_way { Expected::Tried } else { Expected::Unknown };
        };
        let answer = means.whole.map_or(mean.seconds, |whole| whole.seconds);
        let wait = load.map_or(0.0, |load| turns(load) * answer);
        Duration::try_from_secs_f64(mean.seconds + wait).map_or(Expected::Unknown, Expected::Within)
    }

    /// Tokens that an answer has on average, where some are known.
    pub fn answer_tokens(&self) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of token counts is one"
        )]
        self.lock().answer_tokens.map(|tokens| tokens.round() as u64)
    }

    /// An answer had so many tokens.
    pub fn answered(&self, tokens: u64) {
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let tokens = tokens as f64;
        let mut means = self.lock();
        let known = means.answer_tokens.unwrap_or(tokens);
        means.answer_tokens = Some(known + WEIGHT * (tokens - known));
    }

    /// A model in this process has answered, and says itself what took how long.
    fn answered_here(&self, usage: &Usage, now: Instant) {
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let mut means = self.lock();
        observe(&mut means.streamed, seconds(usage.prefill_us), now);
        observe(&mut means.whole, seconds(usage.prefill_us.saturating_add(usage.decode_us)), now);
        observe(&mut means.wait, seconds(usage.queue_wait_us), now);
    }

    /// The means, in seconds: to the beginning of a streamed answer, to a whole one, and for a place.
    pub fn seconds(&self) -> [Option<f64>; 3] {
        let means = self.lock();
        [means.streamed, means.whole, means.wait].map(|mean| mean.map(|mean| mean.seconds))
    }

    fn lock(&self) -> MutexGuard<'_, Means> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many answers' time passes before one more request has its turn.
fn turns(load: &EngineLoad) -> f64 {
    if load.running < load.slots {
        return 0.0;
    }
    let count = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    (count(load.queued) + 1.0) / count(load.slots).max(1.0)
}

/// An attempt at a target, from when it is made until its answer begins.
pub struct Visit {
    pacing: Arc<Pacing>,
    since: Instant,
    streamed: bool,
    /// Whether the target says itself how long it takes.
    tells: bool,
    told: bool,
}

impl Visit {
    /// Begins one.
    #[must_use]
    pub fn new(pacing: Arc<Pacing>, streamed: bool, tells: bool, now: Instant) -> Self {
        pacing.lock().under_way += 1;
        Self { pacing, since: now, streamed, tells, told: false }
    }

    /// The answer has begun.
    pub fn begun(&mut self, now: Instant) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let mut means = self.pacing.lock();
        means.under_way = means.under_way.saturating_sub(1);
        if !self.tells {
            let took = now.saturating_duration_since(self.since).as_secs_f64();
            observe(means.of(self.streamed), took, now);
        }
    }

    /// The answer of a model in this process has ended, which says itself what took how long.
    pub fn answered_here(&mut self, usage: &Usage, now: Instant) {
        self.begun(now);
        self.pacing.answered_here(usage, now);
    }

    /// The means of its target.
    #[must_use]
    pub fn pacing(&self) -> &Pacing {
        &self.pacing
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.told {
            let now = crate::clock::now();
            let mut means = self.pacing.lock();
            means.under_way = means.under_way.saturating_sub(1);
            let took = now.saturating_duration_since(self.since).as_secs_f64();
            observe_at_least(means.of(self.streamed), took, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn visit(paces: &Paces, took: Duration, now: Instant) {
        Visit::new(paces.of("a/b"), true, false, now).begun(now + took);
    }

    fn expected(paces: &Paces, now: Instant) -> Option<f64> {
        match paces.of("a/b").expected(true, None, now) {
            Expected::Within(time) => Some(time.as_secs_f64()),
            _ => None,
        }
    }

    #[test]
    fn a_mean_follows_what_is_measured_and_is_forgotten() {
        let (paces, now) = (Paces::default(), crate::clock::now());
        assert_eq!(paces.of("a/b").expected(true, None, now), Expected::Unknown);
        visit(&paces, SECOND, now);
        assert_eq!(expected(&paces, now + SECOND), Some(1.0));
        for _ in 0..30 {
            visit(&paces, SECOND / 10, now + SECOND);
        }
        assert!(expected(&paces, now + SECOND).is_some_and(|mean| mean < 0.11));
        assert_eq!(
            paces.of("a/b").expected(false, None, now),
            Expected::Unknown,
            "whole answers take their own time"
        );
        assert_eq!(expected(&paces, now + 2 * SECOND + STALE), None);
    }

    #[test]
    fn what_is_tried_is_not_tried_twice_and_what_gave_up_was_slow() {
        let (paces, now) = (Paces::default(), crate::clock::now());
        let trying =
            Visit::new(paces.of("a/b"), true, false, now.checked_sub(3 * SECOND).expect("a while ago"));
        assert_eq!(paces.of("a/b").expected(true, None, now), Expected::Tried);
        drop(trying);
        assert!(expected(&paces, crate::clock::now()).is_some_and(|mean| mean >= 3.0));
        let (fast, now) = (Paces::default(), crate::clock::now());
        drop(Visit::new(fast.of("a/b"), true, false, now));
        assert_eq!(expected(&fast, now), None, "what fails at once is not fast");
    }

    #[test]
    fn a_full_queue_takes_the_time_of_the_answers_before() {
        let (pacing, now) = (Pacing::default(), crate::clock::now());
        let usage =
            Usage { prefill_us: 100_000, decode_us: 1_900_000, queue_wait_us: 5_000, ..Usage::default() };
        pacing.answered_here(&usage, now);
        let within = |running, queued| {
            let load = EngineLoad { slots: 2, running, queued, ..EngineLoad::default() };
            match pacing.expected(true, Some(&load), now) {
                Expected::Within(time) => time.as_secs_f64(),
                other => panic!("{other:?}"),
            }
        };
        assert!((within(1, 0) - 0.1).abs() < 1e-6);
        assert!((within(2, 0) - 1.1).abs() < 1e-6);
        assert!((within(2, 3) - 4.1).abs() < 1e-6);
        assert_eq!(pacing.seconds()[2], Some(0.005));
    }

    #[test]
    fn answers_have_a_mean_length() {
        let pacing = Pacing::default();
        assert_eq!(pacing.answer_tokens(), None);
        pacing.answered(100);
        pacing.answered(200);
        assert_eq!(pacing.answer_tokens(), Some(125));
    }
}
