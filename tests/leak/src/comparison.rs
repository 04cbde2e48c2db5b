//! Our detectors next to others, on the same texts in one run.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::body;
use crate::certificate::shown;
use crate::corpus::{Corpus, Entry, Half, Side};
use crate::draw::Draw;
use crate::evasion::EVASIONS;
use crate::judge::Judge;
use crate::others::{self, Answer};
use crate::outside::{Counts, Line};
use crate::run::Outcome;
use crate::stats::Share;
use crate::tally::Class;

/// Who is compared, in the order of the columns.
const SUBJECTS: usize = 5;

/// From which score on presidio's findings count in its second column.
const SURE: f64 = 0.5;

/// Both of our judges: the shipped policy, and the same without what the tagger finds.
#[derive(Clone, Debug)]
pub struct Ours {
    /// Patterns and views alone.
    pub patterns: Judge,
    /// Everything.
    pub whole: Judge,
}

/// A text, and what each made of it.
struct Row {
    text: String,
    held: [bool; SUBJECTS],
    spans: [Vec<(usize, usize)>; SUBJECTS],
    /// Nanoseconds of patterns and views, of the whole verdict, of presidio and of detect-secrets.
    times: [u64; 4],
}

/// The page of figures.
///
/// # Errors
/// When the others cannot be asked, or a body is no request.
pub fn page(
    corpus: &Corpus,
    ours: &Ours,
    python: &Path,
    also: &[(String, Vec<Line>)],
) -> Result<String, String> {
    let entries: Vec<&Entry> = corpus.entries.iter().filter(|entry| entry.half == Half::Sealed).collect();
    let mut bodies: Vec<String> = entries.iter().map(|entry| body::user(&entry.text)).collect();
    let disguised: Vec<String> = entries.iter().filter_map(|entry| disguise(entry)).collect();
    let outside = also.iter().flat_map(|(_, lines)| lines.iter().map(|line| body::user(line.text())));
    bodies.extend(disguised.iter().cloned());
    bodies.extend(outside);
    let texts = bodies.iter().map(|body| words(body)).collect::<Result<Vec<_>, _>>()?;
    let answers = others::ask(python, &texts).map_err(|error| error.to_string())?;
    let rows = bodies.iter().zip(texts).zip(&answers.answers);
    let rows = rows.map(|((body, text), answers)| row(body, text, answers, ours));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let mut page = Page::new(&answers.names);
    let (plain, rest) = rows.split_at(entries.len());
    let (hidden, rest) = rest.split_at(disguised.len());
    page.pointed(&entries, plain);
    page.held(&entries, plain, hidden);
    page.by_language(&entries, plain);
    page.outside(also, rest);
    page.speed(&rows);
    Ok(page.0)
}

/// The body that hides the entry in the one way that is drawn for it.
fn disguise(entry: &Entry) -> Option<String> {
    let names = EVASIONS.map(|evasion| evasion.name);
    let drawn = Draw::of(&["disguise", &entry.id]).pick(&names)?;
    let evasion = EVASIONS.iter().find(|evasion| evasion.name == drawn)?;
    (entry.side == Side::Private).then(|| evasion.body(entry)).flatten()
}

/// Every key and string of a body but the dialect's own keys and the names of the model and of roles, a line each: what others are asked about.
fn words(body: &str) -> Result<String, String> {
    fn collect(value: &Value, words: &mut Vec<String>) {
        match value {
            Value::String(text) => words.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    if !matches!(key.as_str(), "model" | "role" | "messages" | "content" | "type" | "text") {
                        words.push(key.clone());
                    }
                    if !matches!(key.as_str(), "model" | "role" | "type") {
                        collect(value, words);
                    }
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    collect(&serde_json::from_str(body).map_err(|error| error.to_string())?, &mut out);
    Ok(out.join("\n"))
}

#[expect(clippy::disallowed_methods, reason = "this measures time; no verdict depends on it")]
fn row(body: &str, text: String, answers: &[Answer; 2], ours: &Ours) -> Result<Row, String> {
    let see = |judge: &Judge| {
        let start = Instant::now();
        let seen = judge.see(body).map_err(|error| error.to_string())?;
        let time = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let spans: Vec<_> = seen.found.iter().map(|found| (found.start, found.end)).collect();
        Ok::<_, String>((!seen.open, spans, time))
    };
    let (patterns_held, patterns, patterns_time) = see(&ours.patterns)?;
    let (held, whole, time) = see(&ours.whole)?;
    let [presidio, secrets] = answers;
    let spans = |answer: &Answer, least: f64| -> Vec<_> {
        answer.0.iter().filter(|found| found.3 >= least).map(|found| (found.1, found.2)).collect()
    };
    let theirs = [spans(presidio, 0.0), spans(presidio, SURE), spans(secrets, 0.0)];
    let [any, sure, keys] = theirs;
    Ok(Row {
        text,
        held: [patterns_held, held, !any.is_empty(), !sure.is_empty(), !keys.is_empty()],
        spans: [patterns, whole, any, sure, keys],
        times: [patterns_time, time, presidio.1 * 1000, secrets.1 * 1000],
    })
}

struct Page(String);

impl Page {
    fn new(names: &[String; 2]) -> Self {
        let [presidio, secrets] = names;
        Self(format!(
            "- Others: {presidio} (all its recognisers of patterns, of every country, asked of every text; **no learned model \
             of names**, which presidio is usually run with), {secrets} (all of them, filters as they come).\n\n\
             Only the sealed half of the corpus counts, which our detectors were not made on. Theirs were made for other \
             purposes: detect-secrets for keys in source code, presidio to point at identifiers, not to judge whether a \
             request is private. *Sure* counts presidio's findings from a score of {SURE} on.\n\n",
        ))
    }

    fn head(&mut self, title: &str, words: &str, first: &str) {
        let _ = write!(
            self.0,
            "## {title}\n\n{words}\n\n| {first} | Hearthgate, patterns and views | Hearthgate, with the tagger | \
             presidio | presidio, sure | detect-secrets |\n|---|---|---|---|---|---|\n"
        );
    }

    fn row(&mut self, name: &str, shares: &[Share; SUBJECTS]) {
        let cells = shares.map(|share| format!(" {} |", shown(share))).concat();
        let _ = writeln!(self.0, "| {name} |{cells}");
    }

    fn rows<'a>(&mut self, counted: impl Iterator<Item = (&'a str, [bool; SUBJECTS])>) {
        let mut shares: BTreeMap<&str, [Share; SUBJECTS]> = BTreeMap::new();
        for (name, hits) in counted {
            let counts = shares.entry(name).or_default();
            counts.iter_mut().zip(hits).for_each(|(share, hit)| share.add(hit));
        }
        for (name, shares) in &shares {
            self.row(name, shares);
        }
        self.0.push('\n');
    }

    fn pointed(&mut self, entries: &[&Entry], rows: &[Row]) {
        self.head(
            "Private texts in which a finding lies on a private stretch",
            "The share of texts where at least one finding overlaps at least one stretch that must not leave.",
            "kind",
        );
        let private = entries.iter().zip(rows).filter(|(entry, _)| entry.side == Side::Private);
        self.rows(private.map(|(entry, row)| {
            let stretches: Vec<_> = entry
                .private
                .iter()
                .flat_map(|part| row.text.match_indices(part.as_str()).map(|(at, _)| (at, at + part.len())))
                .collect();
            let on = |spans: &Vec<(usize, usize)>| {
                spans.iter().any(|span| stretches.iter().any(|place| span.0 < place.1 && place.0 < span.1))
            };
            (entry.group.as_str(), row.spans.each_ref().map(on))
        }));
    }

    fn held(&mut self, entries: &[&Entry], rows: &[Row], hidden: &[Row]) {
        self.head(
            "Held back",
            "What a router would hold back: ours by the label of the shipped policy, with and without its pack \
             `matters`; the others whenever they find anything. For private texts more is better, for clean ones less.",
            "texts",
        );
        let plain = entries.iter().zip(rows).map(|(entry, row)| {
            let seen = crate::judge::Seen { open: true, reasons: Vec::new(), found: Vec::new() };
            let name = match Class::of(&Outcome { entry, evasion: None, seen }) {
                Class::Plain | Class::Evasive => "1. private, plain",
                Class::Tempting => "3. clean but tempting",
                Class::Ordinary => "4. clean, ordinary",
                Class::Code => "5. clean, code",
            };
            (name, row.held)
        });
        self.rows(plain.chain(hidden.iter().map(|row| ("2. private, one disguise each", row.held))));
    }

    fn by_language(&mut self, entries: &[&Entry], rows: &[Row]) {
        for (side, title) in [(Side::Private, "Private, plain: held back"), (Side::Clean, "Clean: held back")]
        {
            self.head(title, "By language.", "language");
            let of_side = entries.iter().zip(rows).filter(|(entry, _)| entry.side == side);
            self.rows(of_side.map(|(entry, row)| (entry.language.as_str(), row.held)));
        }
    }

    fn outside(&mut self, also: &[(String, Vec<Line>)], mut rows: &[Row]) {
        if also.is_empty() {
            return;
        }
        self.head("Other people's texts", "Read from files that are not part of the repository.", "file");
        for (file, lines) in also {
            let (mine, rest) = rows.split_at(lines.len().min(rows.len()));
            rows = rest;
            let counts: [Vec<(String, Share)>; SUBJECTS] = std::array::from_fn(|subject| {
                let mut counts = Counts::default();
                for (line, row) in lines.iter().zip(mine) {
                    counts.add(line, !row.held.get(subject).copied().unwrap_or_default());
                }
                counts.shares()
            });
            let [first, ..] = &counts;
            for (at, (what, _)) in first.iter().enumerate() {
                let shares =
                    counts.each_ref().map(|all| all.get(at).map(|(_, share)| *share).unwrap_or_default());
                self.row(&format!("`{file}`: {what}"), &shares);
            }
        }
        self.0.push('\n');
    }

    fn speed(&mut self, rows: &[Row]) {
        self.0.push_str(
            "## Time\n\nMicroseconds a text, one thread each, in this run: ours with parsing of the body and its label, \
             presidio and detect-secrets as their Python calls take.\n\n| | p50 | p99 |\n|---|---|---|\n",
        );
        let names =
            ["Hearthgate, patterns and views", "Hearthgate, with the tagger", "presidio", "detect-secrets"];
        for (at, name) in names.into_iter().enumerate() {
            let mut times: Vec<u64> = rows.iter().filter_map(|row| row.times.get(at).copied()).collect();
            times.sort_unstable();
            let of = |share: usize| {
                times.get(times.len() * share / 100).copied().unwrap_or_default().div_ceil(1000)
            };
            let _ = writeln!(self.0, "| {name} | {} | {} |", of(50), of(99));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_asked_about_every_string_and_key_of_the_caller() {
        let body = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"one"}]}],
            "metadata":{"two":["three",4]}}"#;
        assert_eq!(words(body).as_deref(), Ok("one\nmetadata\ntwo\nthree"));
    }

    #[test]
    fn what_others_are_asked_of_a_plain_text_is_the_text() {
        assert_eq!(words(&body::user("Good \"morning\"\nto you")).as_deref(), Ok("Good \"morning\"\nto you"));
    }
}
