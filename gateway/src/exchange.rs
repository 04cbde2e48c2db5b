//! What is kept of one request from its arrival to its end: for headers, metrics and the record.
//!
//! It holds no text. Whoever answers closes it; one that is dropped unclosed is a client that went away.

mod end;
mod verified;
mod wished;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearthgate_engines::{FinishReason, Usage};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::Decision;
use hearthgate_rules::difficulty::Band;
use hearthgate_rules::label::Label;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::target::{Effort, Target, Zone};

use self::verified::Verified;
pub use self::verified::Why;
pub use self::wished::Wished;
use crate::app::{App, Site};
use crate::auth::Whose;
use crate::clock;
use crate::cloud::race::Hedged;
use crate::cloud::{CloudError, Share};
use crate::dialect::carry;
use crate::limits::Ticket;
use crate::memory::LoopPrint;
use crate::pace::Visit;
pub use crate::price::Rate;
use crate::responses::{Keeper, Thread};

/// What becomes of a second attempt where the first and it are both given up.
const ABANDONED: &str = "abandoned";

/// One request and its answer, in numbers.
pub struct Exchange {
    app: Arc<App>,
    id: String,
    dialect: Dialect,
    started: Instant,
    /// Time in which the gateway waited for others: the client's body, the engine, the upstream.
    waited: Duration,
    overhead: Option<Duration>,
    first_byte: Option<Duration>,
    decided: Option<Decided>,
    /// Whether its content was to be stored, and whether it was.
    content: Option<bool>,
    /// Whether the record knows of it, so that it is to know its outcome.
    recorded: bool,
    rate: Option<Rate>,
    target: Option<Arc<Target>>,
    tool_loop: Option<LoopPrint>,
    thread: Thread,
    may_reach: Option<Zone>,
    ticket: Option<Ticket>,
    tokens: Option<Tokens>,
    /// Of an answer whose usage is not told yet: its prompt's tokens, where those are, and pieces that came.
    prompt: Option<u64>,
    pieces: u64,
    finish: Option<&'static str>,
    engine: Option<String>,
    attempts: u32,
    sent: bool,
    fallbacks: u32,
    hedge: Option<&'static str>,
    verified: Option<Verified>,
    /// Of answers that were put aside for good: tokens, and USD.
    spent_aside: (u64, f64),
    deadline: Option<Instant>,
    wished: Wished,
    streamed: bool,
    visit: Option<Visit>,
    closed: bool,
}

/// What was decided, as far as it is counted.
struct Decided {
    route: Option<String>,
    label: String,
    /// The label that was found, which nothing has lowered.
    found: Label,
    band: Option<Band>,
    effort: Option<Effort>,
}

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Of the prompt, all of it.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
    /// Those of `input` that were read from a provider's cache.
    pub cached: u64,
    /// Those of `input` that were put into it.
    pub written: u64,
    /// Those of `output` that were thinking; none where nobody says.
    pub reasoning: Option<u64>,
}

impl Exchange {
    /// A request has come.
    #[must_use]
    pub fn begin(app: &Arc<App>, dialect: Dialect) -> Self {
        Self {
            app: Arc::clone(app),
            id: app.next_request_id(),
            dialect,
            started: clock::now(),
            waited: Duration::ZERO,
            overhead: None,
            first_byte: None,
            decided: None,
            content: None,
            recorded: false,
            rate: None,
            target: None,
            tool_loop: None,
            thread: Thread::default(),
            may_reach: None,
            ticket: None,
            tokens: None,
            prompt: None,
            pieces: 0,
            finish: None,
            engine: None,
            attempts: 0,
            sent: false,
            fallbacks: 0,
            hedge: None,
            verified: None,
            spent_aside: (0, 0.0),
            deadline: None,
            wished: Wished::default(),
            streamed: false,
            visit: None,
            closed: false,
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it came.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The surface on which it came in.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Waits for others, and does not count the time as the gateway's own.
    pub async fn wait<T>(&mut self, others: impl Future<Output = T>) -> T {
        let from = clock::now();
        let got = others.await;
        self.waited_since(from);
        got
    }

    /// It has waited for others since then.
    pub fn waited_since(&mut self, from: Instant) {
        self.waited += clock::now().saturating_duration_since(from);
    }

    /// The caller's reservation, to be settled at the end.
    pub fn admitted(&mut self, ticket: Ticket) {
        self.ticket = Some(ticket);
    }

    /// What was decided, and that the record has it noted.
    pub fn decided(&mut self, decision: &Decision) {
        self.decided = Some(Decided {
            route: decision.rule.clone(),
            label: decision.label().to_owned(),
            found: decision.label_found(),
            band: decision.verdict.difficulty.map(|difficulty| difficulty.band),
            effort: decision.effort,
        });
        self.wished.decided(decision);
        self.recorded = true;
    }

    /// That it has no way out and needs no decision, and that the record has it noted.
    pub fn stays_home(&mut self) {
        self.recorded = true;
    }

    /// The label that was found, for a request whose content was not yet to be stored.
    #[must_use]
    pub fn label_to_store(&self) -> Option<Label> {
        let decided = self.decided.as_ref().filter(|_| self.content.is_none());
        decided.map(|decided| decided.found)
    }

    /// Its content was to be stored, and was or was not.
    pub fn content(&mut self, stored: bool) {
        self.content = Some(stored);
    }

    /// One more attempt at a target.
    pub fn attempt(&mut self, site: &Site, target: &Arc<Target>) {
        self.attempts += 1;
        if let Some(last) = self.target.as_ref().filter(|last| *last != target) {
            self.fallbacks += 1;
            self.app.metrics.fallback(last.name(), target.name());
        }
        self.rate = site.rates.get(target.name()).copied();
        let here = target.zone() == Zone::Device;
        let pacing = self.app.paces.of(target.name());
        let to = site.upstreams.dialect(target);
        self.wished.native = to.is_some_and(|to| carry::is_passed_on(self.dialect, to));
        self.wished.messages = self.dialect == Dialect::AnthropicMessages;
        self.visit = Some(Visit::new(pacing, self.streamed, here, clock::now()));
        self.target = Some(Arc::clone(target));
    }

    /// The attempt is on its way: from here on somebody may read the request, and have it paid.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// A second attempt beside one at the same target is on its way. What becomes of it is told later; where nobody does, because
    /// nobody waits any longer, it was abandoned.
    pub fn hedging(&mut self) {
        self.attempts += 1;
        self.hedge = Some(ABANDONED);
    }

    /// What became of a second attempt.
    pub fn hedged(&mut self, hedged: Hedged) {
        let Some(word) = hedged.as_str() else { return };
        if hedged != Hedged::Withheld {
            self.hedge = Some(word);
        }
        if let Some(target) = &self.target {
            self.app.metrics.hedged(target.name(), word);
        }
    }

    /// Its answer has to begin this long after it came.
    pub fn due(&mut self, within: Option<Duration>) {
        self.deadline = within.map(|within| self.started + within);
    }

    /// By when its answer has to begin.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What a target may take of the time until then, where so many of so many are to be asked yet.
    #[must_use]
    pub fn share(&self, of: (usize, usize)) -> Option<Share> {
        let deadline = self.deadline?;
        let within = deadline.saturating_duration_since(self.started);
        Some(Share::of(deadline, within, of, clock::now()))
    }

    /// Whether that time is over.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| clock::now() >= deadline)
    }

    /// The answer that had begun failed.
    pub fn upstream_failed(&self, error: &CloudError) {
        if let Some(target) = &self.target {
            self.app.metrics.upstream_error(target.name(), error.code());
        }
    }

    /// The target that answers, or was tried last.
    #[must_use]
    pub fn target(&self) -> Option<&Arc<Target>> {
        self.target.as_ref()
    }

    /// Notes what it goes on from, and whether it is to be gone on from.
    pub fn goes_on(&mut self, thread: Thread) {
        self.thread = thread;
    }

    /// The label that it has at least, for what it goes on from.
    #[must_use]
    pub fn floor(&self, policy: &Policy) -> Option<Label> {
        self.thread.floor(policy)
    }

    /// The outermost zone that it may reach, for what it goes on from.
    #[must_use]
    pub fn held_within(&self) -> Option<Zone> {
        self.thread.zone()
    }

    /// The outermost zone that it may reach, before anything lowers its label.
    pub fn may_reach(&mut self, zone: Zone) {
        self.may_reach = Some(zone);
    }

    /// The response that it goes on from.
    #[must_use]
    pub fn previous(&self) -> Option<&str> {
        self.thread.previous.as_deref()
    }

    /// What keeps its answer, where it is to be gone on from.
    #[must_use]
    pub fn keeper(&self, site: &Site, whose: Whose, request: &ChatRequest) -> Option<Keeper> {
        let label = self.decided.as_ref().filter(|_| self.thread.store)?.found;
        let label = site.config.policy.labels().name(label).to_owned();
        let zone = self.may_reach.unwrap_or(Zone::Device);
        Some(Keeper::new(&self.app.responses, whose, (label, zone), request))
    }

    /// Notes which loop of tools the request belongs to.
    pub fn belongs_to(&mut self, tool_loop: Option<LoopPrint>) {
        self.tool_loop = tool_loop;
    }

    /// Remembers that the target which answers has the loop of tools now, if there is one.
    pub fn remember_loop(&self) {
        if let (Some(print), Some(target)) = (self.tool_loop, &self.target) {
            self.app.memory.keep_loop(print, target.name());
        }
    }

    /// What the target's tokens cost; none where no price is known.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// So many more pieces of an answer came, and maybe word of how long its prompt is.
    pub fn came(&mut self, pieces: usize, prompt: Option<u64>) {
        self.pieces = self.pieces.saturating_add(u64::try_from(pieces).unwrap_or(u64::MAX));
        self.prompt = prompt.or(self.prompt);
    }

    /// The tokens used, and why the answer ended.
    pub fn used(&mut self, tokens: Tokens, finish: Option<&'static str>) {
        self.tokens = Some(tokens);
        self.finish = finish;
        if let Some(visit) = self.visit.as_ref().filter(|_| tokens.output > 0) {
            visit.pacing().answered(tokens.output);
        }
    }

    /// What an answer of a model in this process used, and why it ended.
    pub fn answered_here(&mut self, usage: &Usage, reason: FinishReason, engine: String) {
        self.engine = Some(engine);
        // What a model in this process has read before costs what its price says, like the rest.
        let (input, output) = (usage.prompt_tokens, usage.completion_tokens);
        let reasoning = Some(usage.reasoning_tokens);
        self.used(Tokens { input, output, reasoning, ..Tokens::default() }, Some(reason.as_openai()));
        if let Some(visit) = &mut self.visit {
            visit.answered_here(usage, clock::now());
        }
        let effort = self.decided.as_ref().and_then(|decided| decided.effort);
        if let Some(target) = &self.target {
            self.app.metrics.answered_here(target.name(), effort, usage);
            self.app.metrics.queue_wait(target.name(), Duration::from_micros(usage.queue_wait_us));
        }
    }

    /// How the answer of a model in this process came about: a JSON object of digests and numbers.
    pub fn made_by(&mut self, engine: String) {
        self.engine = Some(engine);
    }

    /// The label that was found, or that counts by default.
    #[must_use]
    pub fn label(&self) -> &str {
        self.decided.as_ref().map_or("", |decided| &decided.label)
    }

    /// What it cost so far, with what was put aside; none where no price or no usage is known.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        Some(self.rate?.cost_usd(self.tokens?) + self.aside().1)
    }

    /// The answer is about to be written: what was not waiting so far is the gateway's own time.
    pub fn answering(&mut self) -> Duration {
        let own = clock::now().saturating_duration_since(self.started).saturating_sub(self.waited);
        *self.overhead.get_or_insert(own)
    }

    /// The first part of the answer is being written.
    pub fn first_byte(&mut self, now: Instant) {
        self.first_byte.get_or_insert(now.saturating_duration_since(self.started));
        if let Some(visit) = &mut self.visit {
            visit.begun(now);
        }
    }
}
