//! What is measured, and how long.

use std::fmt;

/// One kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Requests under way at once, each on a connection of its own.
    pub concurrency: usize,
    /// Bytes of a request's body, about.
    pub body_bytes: usize,
    /// Whether a stream is asked for.
    pub stream: bool,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.stream { "stream" } else { "plain" };
        write!(f, "c{}-{}k-{kind}", self.concurrency, self.body_bytes / 1024)
    }
}

/// The command line, understood.
#[derive(Debug)]
pub struct Options {
    pub quick: bool,
    pub rounds: usize,
    /// Measured seconds per cell and subject; a warm-up of a fifth comes before.
    pub seconds: f64,
    pub cells: Vec<Cell>,
    pub only: Option<Vec<String>>,
    pub gateway: Option<String>,
    pub policy: Option<String>,
    pub json: Option<String>,
}

const USAGE: &str = "usage: bench [--quick] [--rounds N] [--seconds S] [--cells c32-1k-plain,…] \
    [--only direct,nginx,haproxy,floor,gateway,gateway-patterns,gateway-no-judging] [--gateway PATH] [--policy FILE] [--json FILE]";

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let quick = arguments.iter().any(|argument| argument == "--quick");
        let mut options = Self {
            quick,
            rounds: if quick { 1 } else { 3 },
            seconds: if quick { 0.3 } else { 2.0 },
            cells: if quick { quick_cells() } else { all_cells() },
            only: None,
            gateway: None,
            policy: None,
            json: None,
        };
        let mut rest = arguments.iter().filter(|argument| *argument != "--quick");
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or(USAGE)?;
            options.set(name, value)?;
        }
        Ok(options)
    }

    /// Whether a subject of this name is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|wanted| wanted == name))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match name {
            "--rounds" => self.rounds = value.parse().map_err(|_| USAGE)?,
            "--seconds" => self.seconds = value.parse().map_err(|_| USAGE)?,
            "--cells" => self.cells = chosen(&list())?,
            "--only" => self.only = Some(list()),
            "--gateway" => self.gateway = Some(value.to_owned()),
            "--policy" => self.policy = Some(value.to_owned()),
            "--json" => self.json = Some(value.to_owned()),
            _ => return Err(USAGE.to_owned()),
        }
        Ok(())
    }
}

fn all_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for stream in [false, true] {
        for body_bytes in [1024, 32 * 1024] {
            for concurrency in [1, 32, 256] {
                cells.push(Cell { concurrency, body_bytes, stream });
            }
        }
    }
    cells
}

fn quick_cells() -> Vec<Cell> {
    let small = |cell: &Cell| cell.concurrency == 32 || (cell.concurrency == 1 && cell.body_bytes == 1024);
    all_cells().into_iter().filter(small).collect()
}

fn chosen(names: &[String]) -> Result<Vec<Cell>, String> {
    let find = |name: &String| {
        let found = all_cells().into_iter().find(|cell| cell.to_string() == *name);
        found.ok_or_else(|| {
            let known: Vec<_> = all_cells().iter().map(Cell::to_string).collect();
            format!("unknown cell `{name}`; there are {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}
