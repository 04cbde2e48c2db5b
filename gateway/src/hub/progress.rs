//! How far a pull has come, told to a person on standard error: a line that is drawn over on a terminal, else a line at
//! each beginning alone.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;

/// Between two drawings.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// No line is longer, so that none wraps on a usual terminal.
const WIDTH: usize = 79;

/// Whoever wants to know how far it is.
pub trait Progress: Send + Sync {
    /// Something of so many bytes begins, some of which are there.
    fn begin(&self, what: &str, bytes: u64, done: u64);
    /// So many bytes are there in all.
    fn reach(&self, done: u64);
    /// A sentence for the person who waits.
    fn note(&self, sentence: &str);
    /// It is over, well or not.
    fn end(&self);
}

/// For this process: a bar on a terminal, quiet lines elsewhere.
#[must_use]
pub fn for_stderr() -> Arc<dyn Progress> {
    if io::stderr().is_terminal() { Arc::new(Bar::default()) } else { Arc::new(Lines) }
}

/// A size as people read it.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let tenths = |unit: u64| bytes.saturating_mul(10).saturating_add(unit / 2) / unit;
    let (mut unit, mut index) = (1000, 0);
    while tenths(unit) >= 10_000 && index + 1 < UNITS.len() {
        (unit, index) = (unit * 1000, index + 1);
    }
    let tenths = tenths(unit);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(index).copied().unwrap_or_default())
}

struct Lines;

impl Progress for Lines {
    fn begin(&self, what: &str, bytes: u64, done: u64) {
        let begun = if done > 0 { format!(", {} are there", size(done)) } else { String::new() };
        say(&format!("{what} ({}{begun})\n", size(bytes)));
    }

    fn reach(&self, _done: u64) {}

    fn note(&self, sentence: &str) {
        say(&format!("{sentence}\n"));
    }

    fn end(&self) {}
}

#[derive(Default)]
struct Bar(Mutex<Option<Drawn>>);

struct Drawn {
    what: String,
    bytes: u64,
    done: u64,
    begun_with: u64,
    begun: Instant,
    last: Option<Instant>,
}

impl Bar {
    fn with(&self, change: impl FnOnce(&mut Option<Drawn>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Bar {
    fn begin(&self, what: &str, bytes: u64, done: u64) {
        let drawn =
            Drawn { what: what.to_owned(), bytes, done, begun_with: done, begun: clock::now(), last: None };
        self.with(|slot| slot.insert(drawn).draw());
    }

    fn reach(&self, done: u64) {
        self.with(|slot| {
            if let Some(drawn) = slot {
                drawn.done = done;
                drawn.draw();
            }
        });
    }

    fn note(&self, sentence: &str) {
        self.with(|slot| {
            say(&format!("\r{:WIDTH$}\r{sentence}\n", ""));
            if let Some(drawn) = slot {
                drawn.last = None;
                drawn.draw();
            }
        });
    }

    fn end(&self) {
        self.with(|slot| {
            if let Some(mut drawn) = slot.take() {
                drawn.last = None;
                drawn.draw();
                say("\n");
            }
        });
    }
}

impl Drawn {
    fn draw(&mut self) {
        let now = clock::now();
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < DRAW_EVERY) {
            return;
        }
        self.last = Some(now);
        let millis = u64::try_from(now.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX);
        say(&format!("\r{:WIDTH$}", self.line(millis)));
    }

    fn line(&self, millis: u64) -> String {
        let percent = self.done.saturating_mul(100).checked_div(self.bytes).unwrap_or(100).min(100);
        let come = self.done.saturating_sub(self.begun_with);
        let rate = come.saturating_mul(1000).checked_div(millis).unwrap_or(0);
        let left = self.bytes.saturating_sub(self.done).checked_div(rate);
        let left = left.filter(|left| *left > 0).map(|left| format!(" {}:{:02} left", left / 60, left % 60));
        let figures =
            format!("{percent:>3}% of {} {}/s{}", size(self.bytes), size(rate), left.unwrap_or_default());
        let room = WIDTH.saturating_sub(figures.len() + 1);
        let what: String = self.what.chars().take(room).collect();
        format!("{what} {figures}")
    }
}

fn say(text: &str) {
    let mut out = io::stderr().lock();
    // Whoever has closed it does not want to know.
    let _unsaid = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_suits() {
        let told: Vec<_> = [0, 999, 1000, 999_949, 999_950, 639_446_688, 18_556_685_824].map(size).into();
        assert_eq!(told, ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "639.4 MB", "18.6 GB"]);
    }

    #[test]
    fn a_line_says_how_much_how_fast_and_how_long() {
        let drawn = Drawn {
            what: "a-name-that-is-far-too-long-for-a-line-of-this-width-and-is-cut-where-it-must-be.gguf"
                .to_owned(),
            bytes: 200_000_000,
            done: 100_000_000,
            begun_with: 50_000_000,
            begun: clock::now(),
            last: None,
        };
        let line = drawn.line(1000);
        assert!(line.ends_with(" 50% of 200.0 MB 50.0 MB/s 0:02 left"), "{line}");
        assert!(line.len() <= WIDTH, "{line}");
        assert!(Drawn { bytes: 0, done: 0, ..drawn }.line(0).contains("100%"));
    }
}
