//! The benchmark: one load, several ways to the same upstream, in one run.
//!
//! A mock upstream runs as a process of its own; direct, nginx, HAProxy, a bare proxy on the gateway's own
//! stack and the gateway are measured against it in turn, round by round, so that a noisy neighbour hits all of them. Figures are medians of rounds; ratios
//! to nginx are taken within a round. The client shares the cores, so it is as light as it can be made.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "a tool that measures time on loopback, and whose failure is its user's answer"
)]

mod corpus;
mod floor;
mod load;
mod mock;
mod options;
mod proc;
mod report;
mod socket;
mod subjects;

use std::process::ExitCode;

use corpus::Corpus;
use load::Measured;
use options::{Cell, Options};
use report::Row;
use subjects::Subject;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "mock") {
        mock::serve();
        return ExitCode::SUCCESS;
    }
    if let [first, mock] = arguments.as_slice()
        && first == "floor"
    {
        floor::serve(mock.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(&arguments) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(64);
        }
    };
    run(&options)
}

fn run(options: &Options) -> ExitCode {
    let subjects = subjects::start_all(options);
    let corpus = Corpus::new();
    let mut rows = Vec::new();
    for round in 0..options.rounds {
        for cell in &options.cells {
            for subject in &subjects {
                let measured = measure(subject, *cell, &corpus, options);
                eprintln!("round {} {cell} {}: {measured}", round + 1, subject.name);
                rows.push(Row { round, cell: *cell, subject: subject.name, measured });
            }
        }
    }
    let peaks: Vec<_> = subjects.iter().map(|s| (s.name, proc::peak_bytes(s.pid()))).collect();
    println!("{}", report::markdown(&rows, &peaks, options));
    if let Some(path) = &options.json
        && let Err(error) = std::fs::write(path, report::json(&rows, &peaks, options))
    {
        eprintln!("cannot write `{path}`: {error}");
        return ExitCode::FAILURE;
    }
    let failed: Vec<_> = rows.iter().filter(|row| row.measured.is_failure()).collect();
    for row in &failed {
        eprintln!("failed: {} {} round {}: {}", row.subject, row.cell, row.round + 1, row.measured);
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(subject: &Subject, cell: Cell, corpus: &Corpus, options: &Options) -> Measured {
    load::drive(subject.address, subject.pid(), cell, corpus, options.seconds)
}
