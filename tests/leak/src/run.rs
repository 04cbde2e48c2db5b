//! Judges the corpus, plain and disguised, on every core.

use std::thread;

use crate::body;
use crate::corpus::{Corpus, Entry, Side};
use crate::draw::Draw;
use crate::evasion::{EVASIONS, Evasion};
use crate::judge::{Judge, Seen};

/// How many disguised texts of how many the test judges.
pub const SAMPLE_ONE_IN: u64 = 48;

/// A text that was judged.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// Which text.
    pub entry: &'a Entry,
    /// How it was hidden; none where it was not.
    pub evasion: Option<&'static Evasion>,
    /// What was seen.
    pub seen: Seen,
}

impl Outcome<'_> {
    /// Whether it is one of those that should not be: a private text judged open, a clean one held back.
    #[must_use]
    pub fn missed(&self) -> bool {
        match self.entry.side {
            Side::Private => self.seen.open,
            Side::Clean => !self.seen.open,
        }
    }

    /// Its name: the id of the text, and the evasion's.
    #[must_use]
    pub fn name(&self) -> String {
        match self.evasion {
            Some(evasion) => format!("{} {}", self.entry.id, evasion.name),
            None => self.entry.id.clone(),
        }
    }
}

/// How much of the corpus is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Every text in every disguise that fits it.
    Whole,
    /// Every plain text, and one disguised one in [`SAMPLE_ONE_IN`], chosen by a hash.
    Sample,
}

/// Judges the corpus; outcomes are in its order.
///
/// # Errors
/// The name of a text whose body is no request, and why.
pub fn run<'a>(
    corpus: &'a Corpus,
    judge: &Judge,
    extent: Extent,
    threads: usize,
) -> Result<Vec<Outcome<'a>>, String> {
    let share = corpus.entries.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let work = |entries: &'a [Entry]| move || judge_all(entries, judge, extent);
        let workers: Vec<_> = corpus.entries.chunks(share).map(|part| scope.spawn(work(part))).collect();
        let mut outcomes = Vec::new();
        for worker in workers {
            outcomes.extend(worker.join().map_err(|_| "a worker failed".to_owned())??);
        }
        Ok(outcomes)
    })
}

fn judge_all<'a>(entries: &'a [Entry], judge: &Judge, extent: Extent) -> Result<Vec<Outcome<'a>>, String> {
    let mut outcomes = Vec::new();
    for entry in entries {
        outcomes.push(outcome(entry, None, &body::user(&entry.text), judge)?);
        for evasion in EVASIONS.iter().filter(|evasion| wanted(entry, evasion, extent)) {
            if let Some(body) = evasion.body(entry) {
                outcomes.push(outcome(entry, Some(evasion), &body, judge)?);
            }
        }
    }
    Ok(outcomes)
}

fn wanted(entry: &Entry, evasion: &Evasion, extent: Extent) -> bool {
    let sampled = || Draw::of(&["sample", evasion.name, &entry.id]).one_in(SAMPLE_ONE_IN);
    entry.side == Side::Private && (extent == Extent::Whole || sampled())
}

fn outcome<'a>(
    entry: &'a Entry,
    evasion: Option<&'static Evasion>,
    body: &str,
    judge: &Judge,
) -> Result<Outcome<'a>, String> {
    let name =
        || Outcome { entry, evasion, seen: Seen { open: false, reasons: vec![], found: vec![] } }.name();
    let seen = judge.see(body).map_err(|error| format!("{}: {error}", name()))?;
    Ok(Outcome { entry, evasion, seen })
}
