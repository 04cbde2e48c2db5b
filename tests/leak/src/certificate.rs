//! The certificate: tables in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write};

use crate::outside::Outside;
use crate::run::Outcome;
use crate::speed::Speed;
use crate::stats::Share;
use crate::tally::{Class, Halves, by, drawn, held_plain};

/// What a certificate says beside its rates.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The day, as `2026-01-31`.
    pub date: String,
    /// The command that made it.
    pub command: String,
    /// The corpus's digest.
    pub corpus: String,
    /// Which detectors were run.
    pub detectors: String,
    /// How long a verdict took.
    pub speed: Speed,
    /// Other people's texts.
    pub outside: Vec<Outside>,
}

/// Writes the certificate.
#[must_use]
pub fn certificate(circumstances: &Circumstances, outcomes: &[Outcome<'_>]) -> String {
    let mut page = Page(String::new());
    page.opening(circumstances, outcomes);
    page.classes(outcomes);
    page.plain(outcomes);
    page.evasive(outcomes);
    page.clean(outcomes);
    page.outside(&circumstances.outside);
    page.speed(circumstances.speed);
    page.method();
    page.0
}

/// A share as tables have it: the rate, its bounds, and the count.
#[must_use]
pub fn shown(share: Share) -> String {
    if share.total == 0 {
        return "–".to_owned();
    }
    let (low, high) = share.bounds();
    let percent = |value: f64| format!("{:.2}", value * 100.0);
    let (rate, low, high) = (percent(share.rate()), percent(low), percent(high));
    format!("{rate}% ({low} to {high}), {} of {}", share.hits, share.total)
}

struct Page(String);

impl Page {
    fn line(&mut self, line: impl Display) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn opening(&mut self, circumstances: &Circumstances, outcomes: &[Outcome<'_>]) {
        let Circumstances { date, command, corpus, detectors, .. } = circumstances;
        let plain = outcomes.iter().filter(|outcome| outcome.evasion.is_none());
        let (mut private, mut clean) = (0_u32, 0_u32);
        for outcome in plain {
            let count = if Class::of(outcome) == Class::Plain { &mut private } else { &mut clean };
            *count += 1;
        }
        let languages: BTreeSet<_> = outcomes.iter().map(|outcome| &outcome.entry.language).collect();
        let languages = languages.len();
        let hidden = outcomes.iter().filter(|outcome| outcome.evasion.is_some()).count();
        self.line("# Leak certificate\n");
        self.line(
            "How often the shipped policy would let a private request out to a cloud, and how often it would \
             hold a clean one back. Written by a program: do not edit.\n",
        );
        self.line(format!("- Date: {date}"));
        self.line(format!("- Command: `{command}`"));
        self.line(format!("- Detectors: {detectors}"));
        self.line(format!(
            "- Corpus: {private} private texts, {clean} clean ones, {languages} languages; SHA-256 `{corpus}`"
        ));
        self.line(format!("- Disguised texts: {hidden}"));
        self.line(
            "\nEvery rate has its exact 95% bounds (Clopper and Pearson) and its count. **Read the column of the sealed \
             half.** The tagger is trained on the open half, whose rates say nothing of other texts. The sealed \
             half's misses are counted and never shown; both halves have the same writers, so other people's requests \
             may fare worse. In Arabic, Russian and Turkish what stands around the text in a few places is held by \
             itself (`tests/leak/tests/certificate.rs` names them), so these say nothing there.\n",
        );
    }

    fn classes(&mut self, outcomes: &[Outcome<'_>]) {
        self.line("## In short\n");
        self.line("| | aim | all | open half | sealed half |\n|---|---|---|---|---|");
        let counts = by(outcomes, |outcome| Some(Class::of(outcome)));
        for class in Class::ALL {
            if class == Class::Evasive {
                let one_each = by(outcomes, |outcome| drawn(outcome).then_some(()));
                let counts = one_each.get(&()).copied().unwrap_or_default();
                self.row("private, one disguise each, drawn: judged open", Some(class.aim()), counts);
            }
            let counts = counts.get(&class).copied().unwrap_or_default();
            self.row(class.title(), Some(class.aim()), counts);
        }
        self.line(
            "\nA text in forty disguises is not forty texts: the bounds of the row over every disguise are \
             narrower than they should be. Those of the row with one each are right.\n",
        );
    }

    fn plain(&mut self, outcomes: &[Outcome<'_>]) {
        self.line("## Private, plain: judged open\n");
        self.table("kind", outcomes, Class::Plain, |outcome| &outcome.entry.group);
        self.table("language", outcomes, Class::Plain, |outcome| &outcome.entry.language);
        self.line("Percent by kind and language:\n");
        self.grid("kind", outcomes, Class::Plain, |outcome| &outcome.entry.group);
    }

    fn evasive(&mut self, outcomes: &[Outcome<'_>]) {
        let evasion = |outcome: &Outcome<'_>| outcome.evasion.map_or("", |evasion| evasion.name);
        self.line("## Private, disguised: judged open\n");
        self.table("disguise", outcomes, Class::Evasive, evasion);
        self.table("kind", outcomes, Class::Evasive, |outcome| &outcome.entry.group);
        self.table("language", outcomes, Class::Evasive, |outcome| &outcome.entry.language);
        self.line("Percent by disguise and language:\n");
        self.grid("disguise", outcomes, Class::Evasive, evasion);
        self.line("### Opened by the disguise\n");
        self.line(
            "Of the texts that are held back when nothing hides them, those that are open in the disguise:\n",
        );
        let held = held_plain(outcomes);
        let held = outcomes.iter().filter(|outcome| held.contains(outcome.entry.id.as_str()));
        let held: Vec<_> = held.cloned().collect();
        self.table("disguise", &held, Class::Evasive, evasion);
    }

    fn clean(&mut self, outcomes: &[Outcome<'_>]) {
        self.line("## Clean: held back\n");
        for class in [Class::Tempting, Class::Ordinary, Class::Code] {
            self.line(format!("### {}\n", class.title()));
            if class != Class::Code {
                self.table("category", outcomes, class, |outcome| &outcome.entry.group);
            }
            self.table("language", outcomes, class, |outcome| &outcome.entry.language);
        }
    }

    fn outside(&mut self, outside: &[Outside]) {
        if outside.is_empty() {
            return;
        }
        self.line("## Other people's texts\n");
        self.line("Read from files that are not part of the repository.\n");
        self.line("| file | what | share |\n|---|---|---|");
        for Outside { file, shares } in outside {
            for (what, share) in shares {
                self.line(format!("| `{file}` | {what} | {} |", shown(*share)));
            }
        }
        self.line("");
    }

    fn speed(&mut self, speed: Speed) {
        let micros = |time: std::time::Duration| time.as_nanos().div_ceil(1000);
        self.line("## Speed\n");
        self.line(format!(
            "Parsing and judging one plain text (median {} bytes) on one core, uncached: p50 {} µs, p99 {} µs.\n",
            speed.bytes,
            micros(speed.p50),
            micros(speed.p99)
        ));
    }

    fn method(&mut self) {
        self.line("## How it is made\n");
        self.line(
            "Each text is the user's message of a chat request and is judged by the policy that ships, over one \
             target on the device, one on the premises and one in a cloud. It is judged open when its label's \
             ceiling is the cloud. A disguise rewrites the whole text or the private stretches alone (a hash \
             of its id says which) or puts the text elsewhere in the body; it counts only where it changes a \
             private stretch. Digits are rewritten in stretches that have at least five. Padding is put before \
             one text in eight. Letter case is left alone in secrets. A clean text is «tempting» by its \
             category; the clean half was written without sight of the rules.\n",
        );
        self.line(
            "What this does not show: texts in other languages, disguises that nobody thought of, and people \
             who write unlike those who wrote the corpus, which was made for this purpose and holds no \
             real person's data.",
        );
    }

    fn table<'a>(
        &mut self,
        head: &str,
        outcomes: &'a [Outcome<'a>],
        class: Class,
        key: impl Fn(&'a Outcome<'a>) -> &'a str,
    ) {
        self.line(format!("| {head} | all | open half | sealed half |\n|---|---|---|---|"));
        for (name, counts) in by(outcomes, |outcome| (Class::of(outcome) == class).then(|| key(outcome))) {
            self.row(name, None, counts);
        }
        self.line("");
    }

    fn row(&mut self, name: &str, aim: Option<&str>, counts: Halves) {
        let aim = aim.map(|aim| format!(" {aim} |")).unwrap_or_default();
        let (all, open, sealed) = (shown(counts.both()), shown(counts.open), shown(counts.sealed));
        self.line(format!("| {name} |{aim} {all} | {open} | {sealed} |"));
    }

    /// Rates of both halves, one column per language.
    fn grid<'a>(
        &mut self,
        head: &str,
        outcomes: &'a [Outcome<'a>],
        class: Class,
        key: impl Fn(&'a Outcome<'a>) -> &'a str,
    ) {
        let cells: BTreeMap<(&str, &str), Halves> = by(outcomes, |outcome| {
            (Class::of(outcome) == class).then(|| (key(outcome), outcome.entry.language.as_str()))
        });
        let rows: BTreeSet<&str> = cells.keys().map(|(row, _)| *row).collect();
        let columns: BTreeSet<&str> = cells.keys().map(|(_, column)| *column).collect();
        let joined = |cells: Vec<String>| cells.join(" | ");
        self.line(format!(
            "| {head} | {} |",
            joined(columns.iter().map(|name| (*name).to_owned()).collect())
        ));
        self.line(format!("|---|{}", "---|".repeat(columns.len())));
        for row in rows {
            let percent = |column: &&str| {
                let share = cells.get(&(row, *column)).copied().unwrap_or_default().both();
                if share.total == 0 { "–".to_owned() } else { format!("{:.0}", share.rate() * 100.0) }
            };
            self.line(format!("| {row} | {} |", joined(columns.iter().map(percent).collect())));
        }
        self.line("");
    }
}
