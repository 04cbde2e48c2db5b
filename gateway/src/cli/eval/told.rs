//! What `eval` prints: tables for a person, or one JSON object.

use std::io::{self, Write};
use std::path::Path;

use hearthgate_rules::difficulty::{Band, Thresholds};
use serde_json::{Map, Value, json};

use super::bound::Bound;
use super::names::{key, name, rounded, shown, why_unknown};
use crate::calibrate::bootstrap::{Bounds, DRAWN_FROM_MIN, Measured};
use crate::calibrate::figures::{Decided, confusion, easy_sent_out, hard_kept_home};

/// Numbers of lines that a table names.
const LINES_TOLD: usize = 20;

/// Numbers of lines that JSON names.
const LINES_MAX: usize = 1000;

/// The figures, and what they are of.
pub(super) struct Told<'a> {
    pub file: &'a Path,
    /// The line of each prompt.
    pub numbers: &'a [usize],
    pub decided: &'a [Decided],
    pub thresholds: Thresholds,
    pub resamples: u32,
    pub seed: u64,
    pub figures: Vec<Measured>,
    pub bounds: Vec<Bound>,
}

impl Told<'_> {
    /// The bounds that do not hold.
    pub(super) fn broken(&self) -> Vec<String> {
        let broken = self.bound().filter(|(bound, measured)| !bound.holds(measured));
        broken.map(|(bound, measured)| self.told(bound, measured)).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let mut object = Map::new();
        let (moderate, hard) = (self.thresholds.moderate(), self.thresholds.hard());
        let bounds: Vec<_> = self.bound().map(|(bound, measured)| bound.to_json(measured)).collect();
        for (name, value) in [
            ("prompts", json!(self.decided.len())),
            ("outcomes", json!(self.outcomes())),
            ("moderate", json!(decimal(moderate))),
            ("hard", json!(decimal(hard))),
            ("resamples", json!(self.resamples)),
            ("seed", json!(self.seed)),
        ] {
            object.insert(name.to_owned(), value);
        }
        object.extend(self.figures.iter().map(|m| (key(m.figure).to_owned(), self.figure_json(m))));
        object.insert("confusion".to_owned(), confusion(self.decided).map_or(Value::Null, by_band));
        let lines = |numbers: Vec<usize>| json!(numbers.into_iter().take(LINES_MAX).collect::<Vec<_>>());
        object.insert("hard_kept_home_lines".to_owned(), lines(self.lines(hard_kept_home)));
        object.insert("easy_sent_out_lines".to_owned(), lines(self.lines(easy_sent_out)));
        object.insert("bounds".to_owned(), Value::Array(bounds));
        Value::Object(object)
    }

    fn figure_json(&self, measured: &Measured) -> Value {
        let interval = measured.amount.and_then(|_| measured.bounds.interval());
        let interval = interval.map(|(low, high)| json!([rounded(low), rounded(high)]));
        json!({
            "value": measured.amount.map(|amount| rounded(amount.value)),
            "prompts": measured.amount.and_then(|amount| whole(amount.mean_of?)),
            "interval95": interval,
            "unknown": measured.amount.is_none().then(|| why_unknown(measured.figure, self.outcomes() > 0)),
        })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (moderate, hard) = (self.thresholds.moderate(), self.thresholds.hard());
        writeln!(out, "{}: {} prompts", self.file.display(), self.decided.len())?;
        writeln!(out, "moderate from {moderate}, hard from {hard}")?;
        writeln!(out, "\n{:<32}{:>10}{:>9}   95 % interval", "", "figure", "prompts")?;
        for measured in &self.figures {
            self.row(measured, out)?;
        }
        if let Some(counts) = confusion(self.decided) {
            matrix(counts, out)?;
        }
        self.named("a person's hard kept home", hard_kept_home, out)?;
        self.named("a person's easy sent out", easy_sent_out, out)?;
        if !self.bounds.is_empty() {
            writeln!(out)?;
        }
        for (bound, measured) in self.bound() {
            let verdict = if bound.holds(measured) { "holds" } else { "broken" };
            writeln!(out, "{verdict:<8}{}", self.told(bound, measured))?;
        }
        let outcomes = self.outcomes();
        if (1..DRAWN_FROM_MIN).contains(&outcomes) {
            writeln!(out, "\noutcomes are known of {outcomes}: drawn intervals are too narrow for so few")?;
        }
        let (resamples, seed) = (self.resamples, self.seed);
        writeln!(out, "\nintervals are exact, or drawn {resamples} times with seed {seed}; nothing was sent")
    }

    fn row(&self, measured: &Measured, out: &mut impl Write) -> io::Result<()> {
        let figure = measured.figure;
        let Some(amount) = measured.amount else {
            let why = why_unknown(figure, self.outcomes() > 0);
            return writeln!(out, "{:<32}{:>10}{:>9}   {why}", name(figure), "unknown", "");
        };
        let to = |(low, high)| format!("{} to {}", shown(figure, low), shown(figure, high));
        let interval = match measured.bounds {
            Bounds::Exact(interval) => to(interval),
            Bounds::Drawn(interval) => format!("{} (drawn)", to(interval)),
            Bounds::SeldomTold => "none: too few draws tell it".to_owned(),
            Bounds::AllAlike => "none: every draw says the same".to_owned(),
        };
        let of = amount.mean_of.map_or(String::new(), |count| format!("{count:.0}"));
        writeln!(out, "{:<32}{:>10}{of:>9}   {interval}", name(figure), shown(figure, amount.value))
    }

    /// The lines of some prompts, as many as a person reads.
    fn named(&self, what: &str, which: fn(&Decided) -> bool, out: &mut impl Write) -> io::Result<()> {
        let lines = self.lines(which);
        if lines.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = lines.iter().take(LINES_TOLD).map(usize::to_string).collect();
        let more = match lines.len().saturating_sub(LINES_TOLD) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(out, "\n{what}, by line: {}{more}", told.join(", "))
    }

    fn lines(&self, which: fn(&Decided) -> bool) -> Vec<usize> {
        let prompts = self.decided.iter().zip(self.numbers);
        prompts.filter(|(prompt, _)| which(prompt)).map(|(_, number)| *number).collect()
    }

    /// Every bound with what it binds.
    fn bound(&self) -> impl Iterator<Item = (&Bound, &Measured)> {
        self.bounds.iter().filter_map(|bound| {
            self.figures.iter().find(|m| m.figure == bound.figure()).map(|measured| (bound, measured))
        })
    }

    fn told(&self, bound: &Bound, measured: &Measured) -> String {
        bound.told(measured, why_unknown(measured.figure, self.outcomes() > 0))
    }

    /// Prompts whose outcomes are known.
    fn outcomes(&self) -> usize {
        self.decided.iter().filter(|prompt| prompt.label.right.is_some()).count()
    }
}

fn matrix(counts: [[usize; 3]; 3], out: &mut impl Write) -> io::Result<()> {
    let [easy, moderate, hard] = Band::ALL.map(Band::as_str);
    writeln!(out, "\n{:<32}{easy:>10}{moderate:>10}{hard:>10}", "a person's band, and as judged")?;
    for (band, [easy, moderate, hard]) in Band::ALL.into_iter().zip(counts) {
        writeln!(out, "{:<32}{easy:>10}{moderate:>10}{hard:>10}", band.as_str())?;
    }
    Ok(())
}

/// By a person's band, then by that judged.
fn by_band(counts: [[usize; 3]; 3]) -> Value {
    let row = |row: [usize; 3]| {
        Band::ALL.into_iter().zip(row).map(|(band, n)| (band.as_str().to_owned(), json!(n)))
    };
    let rows = Band::ALL.into_iter().zip(counts);
    Value::Object(
        rows.map(|(band, counts)| (band.as_str().to_owned(), Value::Object(row(counts).collect()))).collect(),
    )
}

/// A count, which was summed as a number.
fn whole(count: f64) -> Option<u64> {
    format!("{count:.0}").parse().ok()
}

/// As its decimals say it, not as the nearest longer number does.
fn decimal(value: f32) -> Option<f64> {
    value.to_string().parse().ok()
}
