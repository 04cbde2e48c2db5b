//! Hearthgate: a hybrid routing gateway for language models.
//!
//! Applications speak to it as they speak to a provider. It judges each request, answers private or easy
//! ones with a model in its own process, and lets out only what its policy permits.

mod admin;
mod app;
mod ask;
mod asking;
mod audit;
mod auth;
mod body;
mod budget;
mod calibrate;
mod cli;
mod clock;
mod cloud;
mod config;
mod count;
mod device;
mod dialect;
mod dispatch;
mod exchange;
mod explain;
mod handle;
mod home;
mod hub;
mod judging;
mod likelihood;
mod limits;
mod log;
mod memory;
mod metrics;
mod models;
mod ollama;
mod openapi;
mod pace;
mod price;
mod probe;
mod read;
mod record;
mod relay;
mod reload;
mod repeat;
mod respond;
mod responses;
mod serve;
mod server;
mod store;
mod window;
mod wish;
mod worker;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(missing) = hearthgate_engines::machine::missing_cpu_features() {
        log::warn(&format!(
            "this processor lacks {missing}, which this program was built for (x86-64-v3, 2013 and later)"
        ));
        return ExitCode::from(64);
    }
    // OpenMP reads its settings when the library is loaded, so this may start the program once more.
    if let Err(error) = hearthgate_engines::ensure_passive_openmp() {
        log::warn(&format!("OpenMP keeps its threads spinning, which slows a busy machine: {error}"));
    }
    cli::run()
}
