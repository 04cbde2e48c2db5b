//! `hearthgate serve`: everything is loaded and proved before anything binds.

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;

use http::Response;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use crate::app::{App, Site};
use crate::audit::Audit;
use crate::body::Body;
use crate::limits::Limiter;
use crate::metrics::Metrics;
use crate::server::{self, Acceptor, Handle, Serving};
use crate::worker::Worker;
use crate::{admin, handle, log, reload};

/// The exit code of a configuration that cannot be used (`EX_USAGE` of sysexits).
pub const EXIT_CONFIG: u8 = 64;

/// Connections that the admin port has at a time.
const ADMIN_CONNECTIONS_MAX: usize = 64;

/// Serves until a signal ends it.
pub fn run(config_file: Option<&Path>) -> ExitCode {
    let site = match reload::load(config_file, None) {
        Ok(site) => site,
        Err(message) => {
            log::warn(&message);
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    match start(site, config_file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            log::warn(&message);
            ExitCode::FAILURE
        }
    }
}

fn start(site: Site, config_file: Option<&Path>) -> Result<(), String> {
    let bounds = site.config.server.clone();
    let tls = bounds.tls.as_ref().map(Acceptor::new).transpose().map_err(|error| error.to_string())?;
    let audit = Audit::open(site.config.audit.file.as_deref()).map_err(|error| error.to_string())?;
    let limiter = Limiter::new(&site.config);
    let clients = bind(bounds.listen, "server.listen")?;
    let admins = bind(bounds.admin_listen, "server.admin_listen")?;
    let metrics = Metrics::new().map_err(|error| error.to_string())?;
    metrics.learn(&site.config.policy);
    let app = Arc::new(App::new(site, metrics, audit, limiter, config_file.map(Path::to_owned)));

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
    drop((clients, admins));
    let signals = runtime().map_err(|error| error.to_string())?;
    signals.block_on(watch_signals(&app)).map_err(|error| error.to_string())?;
    log::info("draining: open requests may end, no new ones are taken");
    app.draining.send_replace(true);
    for worker in workers {
        let _panicked = worker.join();
    }
    log::info("stopped");
    Ok(())
}

/// Has each scrape look at the queues and breakers as they are then.
fn watch_engines(app: &Arc<App>) {
    let weak = Arc::downgrade(app);
    app.metrics.on_scrape(move |metrics| {
        let Some(app) = weak.upgrade() else { return };
        let site = app.site();
        for (name, engine) in &site.engines {
            let load = engine.load();
            metrics.set_queue(name, load.queued, load.running, load.slots);
        }
        for target in site.config.policy.catalogue().iter() {
            if let Some(state) = site.upstreams.breaker(target.name()) {
                metrics.set_breaker(target.name(), state);
            }
        }
    });
}

/// One thread with its own event loop.
fn spawn<F>(name: &str, app: Arc<App>, serving: Serving<F>) -> Result<JoinHandle<()>, String>
where
    F: Future<Output = Response<Body>> + Send + 'static,
    Handle<F>: Send,
{
    let runtime = runtime().map_err(|error| error.to_string())?;
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
    Builder::new_current_thread().enable_all().max_blocking_threads(4).build()
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

/// Reloads on SIGHUP; returns on SIGTERM or SIGINT.
async fn watch_signals(app: &Arc<App>) -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        tokio::select! {
            _ = hangup.recv() => {
                // The message is in the log.
                let _kept_old = reload::reload(app).await;
            }
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        }
    }
}
