//! `hearthgate serve`: everything is loaded and proved before anything binds.

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hearthgate_rules::difficulty;
use http::Response;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;

use crate::app::{App, Site};
use crate::audit::Audit;
use crate::body::Body;
use crate::budget::Budgets;
use crate::config::{Model, ModelSource};
use crate::limits::Limiter;
use crate::memory::Memory;
use crate::metrics::Metrics;
use crate::server::{self, Acceptor, Handle, Serving};
use crate::worker::Worker;
use crate::{admin, clock, handle, log, reload, responses, store};

/// The exit code of a configuration that cannot be used (`EX_USAGE` of sysexits).
pub const EXIT_CONFIG: u8 = 64;

/// Threads beside a worker for what blocks: name look-ups, reloads, the reading and judging of long requests, the
/// rendering of large chats. More than judging can take up, so that nothing else waits for it.
const BLOCKING_THREADS_MAX: usize = 8;

/// How long the record of an outcome waits for a decision with which it is written.
const OUTCOME_WAITS: Duration = Duration::from_millis(5);

/// How long what was spent may wait to be written down.
const BUDGETS_WAIT: Duration = Duration::from_secs(1);

/// Connections that the admin port has at a time.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// Serves until a signal ends it.
pub fn run(config_file: Option<&Path>) -> ExitCode {
    log::keep_panics_short();
    let site = match reload::load(config_file, None) {
        Ok(site) => site,
        Err(message) => {
            log::warn(&message);
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    let tls = match site.config.server.tls.as_ref().map(Acceptor::new).transpose() {
        Ok(tls) => tls,
        Err(error) => {
            log::warn(&error.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    match start(site, tls, config_file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            log::warn(&message);
            ExitCode::FAILURE
        }
    }
}

fn start(site: Site, tls: Option<Acceptor>, config_file: Option<&Path>) -> Result<(), String> {
    let bounds = site.config.server.clone();
    let audit = Audit::open(site.config.audit.file.as_deref()).map_err(|error| error.to_string())?;
    let limiter = Limiter::new(&site.config);
    let clients = bind(bounds.listen, "server.listen")?;
    let admins = bind(bounds.admin_listen, "server.admin_listen")?;
    let metrics = Metrics::new().map_err(|error| error.to_string())?;
    metrics.learn(&site.config.policy);
    let memory = Arc::new(Memory::new(site.config.memory)?);
    difficulty::warm();
    let budgets = Budgets::open(&site.config.budgets, clock::unix_seconds())?;
    let config_file = config_file.map(Path::to_owned);
    let app = Arc::new(App::new(site, metrics, audit, limiter, memory, budgets, config_file));
    // Whoever reads that the gateway listens may send a signal at once.
    let events = runtime().map_err(|error| error.to_string())?;
    let signals = events.block_on(async { Signals::watch() }).map_err(|error| error.to_string())?;

    watch_engines(&app);
    let connections = Arc::new(Semaphore::new(bounds.connections_max));
    let mut workers = Vec::new();
    for index in 0..bounds.workers {
        let serving = Serving {
            listener: clients.try_clone().map_err(|error| error.to_string())?,
            tls: tls.clone(),
            bounds: bounds.clone(),
            connections: Arc::clone(&connections),
            handle: handle::handle,
            draining: app.draining.subscribe(),
        };
        workers.push(spawn(&format!("worker-{index}"), Arc::clone(&app), serving)?);
    }
    let admin = Serving {
        listener: admins.try_clone().map_err(|error| error.to_string())?,
        tls: None,
        bounds: bounds.clone(),
        connections: Arc::new(Semaphore::new(ADMIN_CONNECTIONS_MAX)),
        handle: admin::handle,
        draining: app.draining.subscribe(),
    };
    workers.push(spawn("admin", Arc::clone(&app), admin)?);

    announce(&clients, &admins).map_err(|error| error.to_string())?;
    if app.config_file.is_none() {
        offer(&app.site().config.models);
    }
    drop((clients, admins));
    events.spawn(write_outcomes(Arc::clone(&app)));
    events.block_on(signals.until_the_end(&app));
    log::info("draining: open requests may end, no new ones are taken");
    app.draining.send_replace(true);
    for worker in workers {
        let _panicked = worker.join();
    }
    app.flush_audit();
    save(&app.budgets);
    log::info("stopped");
    Ok(())
}

/// Has each scrape look at the queues and breakers as they are then.
fn watch_engines(app: &Arc<App>) {
    let weak = Arc::downgrade(app);
    app.metrics.on_scrape(move |metrics| {
        let Some(app) = weak.upgrade() else { return };
        let site = app.site();
        metrics.set_memory(app.memory.counts(), app.memory.since_seconds());
        metrics.set_responses(app.responses.counts());
        metrics.set_budgets(&app.budgets.standing(clock::unix_seconds()));
        let paced = site.config.policy.catalogue().iter();
        metrics.set_paces(
            paced.filter_map(|target| Some((target.name(), app.paces.known(target.name())?.seconds()))),
        );
        metrics.set_store(site.store.as_ref().map_or(0, |store| store.bytes()));
        for (name, engine) in &site.engines {
            let load = engine.load();
            metrics.set_queue(name, load.queued, load.running, load.slots);
            metrics.set_memory_of_model(name, &load);
        }
        for target in site.config.policy.catalogue().iter() {
            if let Some(state) = site.upstreams.breaker(target.name()) {
                metrics.set_breaker(target.name(), state);
            }
        }
        let targets = site.config.policy.catalogue().iter();
        metrics.set_upstreams(targets.filter_map(|target| {
            let (running, endpoints) = site.upstreams.load(target.name())?;
            Some((target.name(), running, endpoints))
        }));
    });
}

/// Writes down what has been spent. What cannot be written is tried again.
fn save(budgets: &Budgets) {
    if let Err(message) = budgets.save() {
        log::warn(&message);
    }
}

/// Writes out how requests ended where no decision does so soon.
async fn write_outcomes(app: Arc<App>) {
    loop {
        app.audit.lines_wait().await;
        tokio::time::sleep(OUTCOME_WAITS).await;
        app.flush_audit();
    }
}

/// One thread with its own event loop.
fn spawn<F>(name: &str, app: Arc<App>, serving: Serving<F>) -> Result<JoinHandle<()>, String>
where
    F: Future<Output = Response<Body>> + Send + 'static,
    Handle<F>: Send,
{
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .map_err(|error| error.to_string())?;
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let worker = Arc::new(Worker::new(app));
        if let Err(error) = runtime.block_on(server::serve(worker, serving)) {
            log::warn(&format!("a worker has stopped: {error}"));
        }
        // What still runs after the drain's deadline is dropped with the event loop.
        runtime.shutdown_background();
    });
    thread.map_err(|error| error.to_string())
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_THREADS_MAX).build()
}

fn bind(address: std::net::SocketAddr, key: &str) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address)
        .map_err(|error| format!("cannot listen on {address} (`{key}`): {error}; choose another address"))?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(listener)
}

/// Says on standard output where the gateway listens, in a line for programs.
fn announce(clients: &TcpListener, admins: &TcpListener) -> io::Result<()> {
    let (listen, admin) = (clients.local_addr()?, admins.local_addr()?);
    log::info(&format!("listening on {listen}, admin on {admin}"));
    let mut out = io::stdout();
    writeln!(out, "{{\"event\":\"listening\",\"listen\":\"{listen}\",\"admin\":\"{admin}\"}}")?;
    out.flush()
}

/// What to do about a device on which only the starter answers.
fn offer(models: &[Model]) {
    use hearthgate_engines::ModelSource as Here;
    let starter = |model: &Model| matches!(model.source, ModelSource::Here(Here::BundledStarter));
    if models.iter().filter(|model| !model.embeddings).all(starter) {
        log::info(
            "only the starter answers on this device: `hearthgate models recommend` says which larger model suits it; once \
             one is pulled and this process is told to reload, that one takes the starter's place",
        );
    }
}

/// The signals that a gateway listens to.
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Reloads on SIGHUP, and has what is kept go when it is over its time; returns on SIGTERM or SIGINT.
    async fn until_the_end(mut self, app: &Arc<App>) {
        let mut look = tokio::time::interval(store::LOOK_EVERY);
        let mut tidy = tokio::time::interval(responses::LOOK_EVERY);
        let mut spent = tokio::time::interval(BUDGETS_WAIT);
        loop {
            tokio::select! {
                _ = look.tick() => {
                    if let Some(store) = &app.site().store {
                        store.erase_beside();
                    }
                }
                _ = tidy.tick() => {
                    app.responses.tidy(clock::now());
                    // What a request under way at a reload has kept since for a caller that is gone.
                    let site = app.site();
                    app.responses.keep_only(|caller| site.keys.knows(caller));
                }
                _ = spent.tick(), if app.budgets.file().is_some() => {
                    let budgets = Arc::clone(&app.budgets);
                    // The message is in the log.
                    let _saved = tokio::task::spawn_blocking(move || save(&budgets)).await;
                }
                _ = self.hangup.recv() => {
                    // The message is in the log.
                    let _kept_old = reload::reload(app).await;
                }
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
            }
        }
    }
}
