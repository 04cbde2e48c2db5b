//! Models that share this process's memory: loaded when they are asked for, unloaded when another needs their room.
//!
//! One model is loaded at a time. To make room for it, the one whose last job was begun longest ago goes first, once its
//! answers have ended; while it waits for them, jobs for it wait as well. A model that would not fit is refused.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::local::{LocalEngine, ModelFile};
use crate::machine::{self, Needed};
use crate::{Engine, EngineError, EngineLoad, EngineStatus, Generation, Job, LocalConfig, ModelCard, clock};

/// How often a model that is to go is asked whether its answers have ended.
const IDLE_POLL: Duration = Duration::from_millis(5);
/// What a caller is told to wait for who found no room.
const RETRY_AFTER_MS: u64 = 1000;

/// What models may take together, and which of them are there.
pub struct Fleet {
    /// Bytes; `u64::MAX` where only the machine's memory is a bound.
    bytes_max: AtomicU64,
    /// Bytes that are spoken for by what is never unloaded and no member.
    reserved: AtomicU64,
    /// Held by whoever loads.
    turn: Mutex<()>,
    members: Mutex<Vec<Weak<Member>>>,
    uses: AtomicU64,
    tell: fn(&Event<'_>),
}

/// What happens to a model.
#[derive(Debug)]
pub enum Event<'a> {
    /// It is in memory.
    Loaded {
        /// Which.
        model: &'a str,
        /// How long that took.
        took: Duration,
        /// Its layers that graphics cards compute, and all it has; none where there is no card to compute on.
        on_cards: Option<(u32, u32)>,
    },
    /// It has made room.
    Unloaded {
        /// Which.
        model: &'a str,
        /// For which other one.
        made_room_for: &'a str,
    },
    /// It could not be loaded.
    Failed {
        /// Which.
        model: &'a str,
        /// Why not.
        error: &'a EngineError,
    },
}

/// When a model is loaded, and whether it may be unloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Residence {
    /// At its first job only.
    pub on_demand: bool,
    /// It never makes room for another.
    pub pinned: bool,
}

/// A model of a fleet.
pub struct Resident(Arc<Member>);

struct Member {
    fleet: Arc<Fleet>,
    name: String,
    file: ModelFile,
    config: LocalConfig,
    card: ModelCard,
    pinned: bool,
    engine: RwLock<Option<LocalEngine>>,
    waiting: Mutex<Waiting>,
    /// Jobs for which it must stay where it is.
    holds: AtomicUsize,
    /// It is to make room: no job is begun any more.
    leaving: AtomicBool,
    /// The number of its last use: the lowest is the one used longest ago.
    used: AtomicU64,
    loads: AtomicU64,
}

/// Jobs that wait until the model is loaded.
#[derive(Default)]
struct Waiting {
    loading: bool,
    jobs: Vec<oneshot::Sender<Result<Hold, EngineError>>>,
}

/// Keeps a model in memory for as long as it lives.
pub struct Hold {
    member: Option<Arc<Member>>,
}

impl Hold {
    /// For what is always in memory.
    #[must_use]
    pub fn none() -> Self {
        Self { member: None }
    }

    fn of(member: &Arc<Member>) -> Self {
        member.holds.fetch_add(1, Ordering::AcqRel);
        Self { member: Some(Arc::clone(member)) }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(member) = &self.member {
            member.holds.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Whether a model is in memory.
pub enum Holding {
    /// It is, and stays there for the hold's life.
    Held(Hold),
    /// It is being loaded, or waits for room.
    Loading(oneshot::Receiver<Result<Hold, EngineError>>),
}

impl Fleet {
    /// A fleet that may take so many bytes; none: as many as the machine has. `tell` hears what happens.
    #[must_use]
    pub fn new(bytes_max: Option<u64>, tell: fn(&Event<'_>)) -> Arc<Self> {
        Arc::new(Self {
            bytes_max: AtomicU64::new(bytes_max.unwrap_or(u64::MAX)),
            reserved: AtomicU64::new(0),
            turn: Mutex::default(),
            members: Mutex::default(),
            uses: AtomicU64::new(0),
            tell,
        })
    }

    /// Changes what it may take. What is loaded stays until another needs room.
    pub fn bound(&self, bytes_max: Option<u64>, reserved: u64) {
        self.bytes_max.store(bytes_max.unwrap_or(u64::MAX), Ordering::Release);
        self.reserved.store(reserved, Ordering::Release);
    }

    /// Takes a model in.
    ///
    /// # Errors
    /// Those of [`LocalEngine::open`], and [`EngineError::NoRoom`] for one that would not fit.
    pub fn open(
        self: &Arc<Self>,
        name: &str,
        path: &Path,
        config: &LocalConfig,
        residence: Residence,
    ) -> Result<Resident, EngineError> {
        let file = ModelFile::read(path, config)?;
        let member = Arc::new(Member {
            card: file.facts(config)?,
            fleet: Arc::clone(self),
            name: name.to_owned(),
            file,
            config: config.clone(),
            pinned: residence.pinned,
            engine: RwLock::new(None),
            waiting: Mutex::default(),
            holds: AtomicUsize::new(0),
            leaving: AtomicBool::new(false),
            used: AtomicU64::new(0),
            loads: AtomicU64::new(0),
        });
        let (needed, bytes_max) = (member.needed().total(), self.room());
        if needed > bytes_max {
            return Err(EngineError::NoRoom { needed_mb: needed >> 20, free_mb: bytes_max >> 20 });
        }
        lock(&self.members).push(Arc::downgrade(&member));
        if !residence.on_demand {
            self.load(&member, |loaded| loaded)?;
        }
        Ok(Resident(member))
    }

    /// Loads a model where it is not loaded, and does what is to be done before it could be unloaded again.
    fn load<T>(&self, member: &Arc<Member>, then: impl FnOnce(Result<(), EngineError>) -> T) -> T {
        let _turn = lock(&self.turn);
        let loaded = if member.loaded() { Ok(()) } else { self.load_now(member) };
        then(loaded)
    }

    fn load_now(&self, member: &Arc<Member>) -> Result<(), EngineError> {
        let begun = clock::now();
        let started = self.make_room(member).and_then(|()| LocalEngine::start(&member.file, &member.config));
        match started {
            Ok(engine) => {
                let on_cards = engine.model().on_cards;
                *member.engine.write().unwrap_or_else(PoisonError::into_inner) = Some(engine);
                member.used.store(self.next_use(), Ordering::Release);
                member.loads.fetch_add(1, Ordering::AcqRel);
                (self.tell)(&Event::Loaded { model: &member.name, took: begun.elapsed(), on_cards });
                Ok(())
            }
            Err(error) => {
                (self.tell)(&Event::Failed { model: &member.name, error: &error });
                Err(error)
            }
        }
    }

    /// Unloads others until there is room.
    fn make_room(&self, wanted: &Arc<Member>) -> Result<(), EngineError> {
        let until = clock::now() + wanted.config.queue_wait_max;
        loop {
            let loaded: Vec<_> = self.members().into_iter().filter(|member| member.loaded()).collect();
            let taken = loaded.iter().map(|member| member.needed().total()).fold(0, u64::saturating_add);
            let free = self.room().saturating_sub(taken);
            let free = machine::free_memory().map_or(free, |of_machine| free.min(of_machine));
            // What a model may come to keep is asked of the budget alone: of the machine it takes it as it comes.
            let in_budget = self.room().saturating_sub(taken) >= wanted.needed().total();
            if in_budget && free >= wanted.needed().at_load() {
                return Ok(());
            }
            let others = loaded.iter().filter(|member| !member.pinned && !Arc::ptr_eq(member, wanted));
            let Some(oldest) = others.min_by_key(|member| member.used.load(Ordering::Acquire)) else {
                return Err(EngineError::NoRoom {
                    needed_mb: wanted.needed().total() >> 20,
                    free_mb: free >> 20,
                });
            };
            oldest.leave(until)?;
            (self.tell)(&Event::Unloaded { model: &oldest.name, made_room_for: &wanted.name });
        }
    }

    /// Bytes for members.
    fn room(&self) -> u64 {
        self.bytes_max.load(Ordering::Acquire).saturating_sub(self.reserved.load(Ordering::Acquire))
    }

    fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::AcqRel) + 1
    }

    fn members(&self) -> Vec<Arc<Member>> {
        let mut members = lock(&self.members);
        members.retain(|member| member.strong_count() > 0);
        members.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Member {
    fn needed(&self) -> &Needed {
        self.file.needed()
    }

    fn loaded(&self) -> bool {
        self.engine.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Unloads it once nothing holds it. Gives up when it takes too long.
    fn leave(&self, until: Instant) -> Result<(), EngineError> {
        self.leaving.store(true, Ordering::Release);
        let left = loop {
            let mut engine = self.engine.write().unwrap_or_else(PoisonError::into_inner);
            if self.holds.load(Ordering::Acquire) == 0 {
                drop(engine.take());
                break Ok(());
            }
            drop(engine);
            if clock::now() >= until {
                break Err(EngineError::QueueFull { retry_after_ms: RETRY_AFTER_MS });
            }
            std::thread::sleep(IDLE_POLL);
        };
        self.leaving.store(false, Ordering::Release);
        left
    }

    /// Loads it on a thread of its own, and tells all that wait.
    fn load_beside(self: &Arc<Self>) {
        let member = Arc::clone(self);
        let work = move || {
            member.fleet.load(&member, |loaded| {
                let jobs = {
                    let mut waiting = lock(&member.waiting);
                    waiting.loading = false;
                    std::mem::take(&mut waiting.jobs)
                };
                for job in jobs {
                    // One that waits no more takes its hold with it.
                    let _ = job.send(loaded.clone().map(|()| Hold::of(&member)));
                }
            });
        };
        if std::thread::Builder::new().name("hearthgate-load".to_owned()).spawn(work).is_err() {
            // Those who wait see that nobody will tell them.
            let mut waiting = lock(&self.waiting);
            waiting.loading = false;
            waiting.jobs.clear();
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let engine = self.engine.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // The last to let go may be an event loop: the memory of a model is not given back there.
        let _ = std::thread::Builder::new().spawn(move || drop(engine));
    }
}

impl Engine for Resident {
    fn model(&self) -> &ModelCard {
        &self.0.card
    }

    fn status(&self) -> EngineStatus {
        let engine = self.0.engine.read().unwrap_or_else(PoisonError::into_inner);
        engine.as_ref().map_or(EngineStatus::Ready, Engine::status)
    }

    fn load(&self) -> EngineLoad {
        let member = &self.0;
        let engine = member.engine.read().unwrap_or_else(PoisonError::into_inner);
        let waiting = lock(&member.waiting).jobs.len();
        let load = engine.as_ref().map(Engine::load).unwrap_or_default();
        EngineLoad {
            slots: member.config.slots,
            queued: load.queued + waiting,
            queue_depth_max: member.config.queue_depth_max,
            memory_bytes: if engine.is_some() { member.needed().total() } else { 0 },
            loads: member.loads.load(Ordering::Acquire),
            ..load
        }
    }

    fn hold(&self) -> Holding {
        let member = &self.0;
        member.used.store(member.fleet.next_use(), Ordering::Release);
        // Counted before it is looked at, so that it does not leave in between.
        let hold = Hold::of(member);
        if !member.leaving.load(Ordering::Acquire) && member.loaded() {
            return Holding::Held(hold);
        }
        drop(hold);
        let (told, told_to) = oneshot::channel();
        let mut waiting = lock(&member.waiting);
        if waiting.jobs.len() >= member.config.slots + member.config.queue_depth_max {
            let _ = told.send(Err(EngineError::QueueFull { retry_after_ms: RETRY_AFTER_MS }));
            return Holding::Loading(told_to);
        }
        waiting.jobs.push(told);
        let begin = !std::mem::replace(&mut waiting.loading, true);
        drop(waiting);
        if begin {
            member.load_beside();
        }
        Holding::Loading(told_to)
    }

    fn generate(&self, job: Job) -> Result<Generation, EngineError> {
        let member = &self.0;
        let mut hold = Hold::of(member);
        if !member.loaded() {
            drop(hold);
            hold = member.fleet.load(member, |loaded| loaded.map(|()| Hold::of(member)))?;
        }
        let engine = member.engine.read().unwrap_or_else(PoisonError::into_inner);
        let engine = engine.as_ref().ok_or(EngineError::Cancelled)?;
        Ok(engine.generate(job)?.holding(hold))
    }

    fn count(&self, job: &Job) -> Result<u64, EngineError> {
        let member = &self.0;
        let mut hold = Hold::of(member);
        if !member.loaded() {
            drop(hold);
            hold = member.fleet.load(member, |loaded| loaded.map(|()| Hold::of(member)))?;
        }
        let engine = member.engine.read().unwrap_or_else(PoisonError::into_inner);
        let counted = engine.as_ref().ok_or(EngineError::Cancelled)?.count(job);
        drop(hold);
        counted
    }
}

// Nothing under these locks can panic half-way, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
