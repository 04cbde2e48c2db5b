//! What is asked now: the user's turns since the assistant's last answer, and what they show.

use super::lexicon::Sign;
use super::sentences;
use super::tally::Tally;
use crate::chat::{ChatRequest, Turn};
use crate::json::Value;

/// User turns since the last answer that are read.
const TURNS_MAX: usize = 4;

/// The words of a last turn that sends the demand before it back have no more letters than this, in bytes.
const RETRY_BYTES: usize = 140;

/// A question with fewer options is as open as any other.
const CLOSED_OPTIONS: u32 = 3;

/// The current demand of a request.
pub(super) struct Demand {
    pub(super) tally: Tally,
    tools: u32,
    schema: bool,
    /// Tools have been called and not answered upon.
    open_loop: u32,
    retried: bool,
}

/// Reads the current demand of a request.
pub(super) fn read(request: &ChatRequest) -> Demand {
    let turns = request.turns();
    let open: Vec<_> = turns.iter().rev().take_while(|turn| turn.role != "assistant" || turn.calls).collect();
    let mut tally = Tally::default();
    for turn in open.iter().filter(|turn| turn.asks()).take(TURNS_MAX) {
        turn.texts().for_each(|text| tally.add(sentences::read(text)));
    }
    let retried = tally.letters + tally.material <= RETRY_BYTES && tally.of(Sign::Retry) > 0;
    if retried {
        let earlier = turns.iter().rev().skip(open.len()).find(|turn| turn.asks());
        earlier.into_iter().flat_map(Turn::texts).for_each(|text| tally.add(sentences::read(text)));
    }
    let body = request.body();
    let tools = body.get("tools").into_iter().flat_map(Value::items).take(64).count();
    let within = |name: &str| body.present(name)?.present("format");
    let format =
        body.present("response_format").or_else(|| within("output_config")).or_else(|| within("text"));
    Demand {
        tally,
        tools: u32::try_from(tools).unwrap_or(0),
        schema: format.and_then(|format| format.str("type")) == Some("json_schema"),
        open_loop: open.iter().map(|turn| turn.results).sum(),
        retried,
    }
}

/// How many features there are.
pub(super) const FEATURES: usize = 42;

impl Demand {
    /// Whether it speaks of code.
    pub(super) fn speaks_of_code(&self) -> bool {
        self.tally.code.suffices()
    }

    /// Whether one of some options is to be chosen.
    pub(super) fn closed(&self) -> bool {
        self.tally.labelled >= CLOSED_OPTIONS
    }

    /// What the demand shows, each in 0..1.
    pub(super) fn features(&self) -> [(&'static str, f32); FEATURES] {
        let tally = &self.tally;
        let of = |sign| tally.of(sign);
        let work = of(Sign::Proof) + of(Sign::Deep) + of(Sign::Work);
        let only = |yes: bool| if yes { 1.0 } else { 0.0 };
        let met =
            |signs: &[Sign]| u32::try_from(signs.iter().filter(|sign| of(**sign) > 0).count()).unwrap_or(0);
        let expert = met(&[
            Sign::Proof,
            Sign::Deep,
            Sign::Maths,
            Sign::Fault,
            Sign::System,
            Sign::Puzzle,
            Sign::Field,
        ]);
        let broad = met(&[Sign::Bound, Sign::Cond, Sign::Relate, Sign::Then, Sign::Produce, Sign::Code])
            + u32::from(tally.numbers > 1)
            + u32::from(tally.clauses > 4);
        // Judging several cases at once: statements in the text, or answers that are made of answers.
        let cases =
            if tally.options >= 3 || of(Sign::Case) >= 2 && tally.options > 0 { 4 } else { of(Sign::Case) };
        [
            ("proof", part(of(Sign::Proof), 0, 1)),
            ("more proof", part(of(Sign::Proof), 1, 3)),
            ("deep work", part(of(Sign::Deep), 0, 1)),
            ("more deep work", part(of(Sign::Deep), 1, 4)),
            ("work", part(of(Sign::Work), 0, 1)),
            ("more work", part(of(Sign::Work), 1, 4)),
            ("light work alone", only(tally.slight > 0 && work == 0)),
            ("light work", part(of(Sign::Light) + of(Sign::Last), 0, 1)),
            ("a look-up", part(of(Sign::Lookup), 0, 1)),
            ("small talk", only(of(Sign::Chat) > 0 && work == 0)),
            ("constraints", part(of(Sign::Bound), 0, 2)),
            ("many constraints", part(of(Sign::Bound), 2, 8)),
            ("conditions", part(of(Sign::Cond), 0, 2)),
            ("many conditions", part(of(Sign::Cond), 2, 8)),
            ("mathematics", part(of(Sign::Maths), 0, 2)),
            ("much mathematics", part(of(Sign::Maths), 2, 6)),
            ("code", part(of(Sign::Code), 0, 2)),
            ("much code", part(of(Sign::Code), 2, 6)),
            ("code shown", part(tally.code_lines, 0, 1)),
            ("faults", part(of(Sign::Fault), 0, 3)),
            ("systems", part(of(Sign::System), 0, 2)),
            ("much of systems", part(of(Sign::System), 2, 6)),
            ("puzzles", part(of(Sign::Puzzle), 0, 3)),
            ("expert fields", part(of(Sign::Field), 0, 3)),
            ("quantities", part(of(Sign::Relate), 0, 4)),
            ("numbers", part(tally.numbers, 0, 3)),
            ("many numbers", part(tally.numbers, 3, 10)),
            ("formulas", part(tally.symbols, 0, 3)),
            ("many formulas", part(tally.symbols, 3, 16)),
            ("whole works", part(of(Sign::Produce), 0, 2)),
            ("cases to judge", part(cases, 1, 4)),
            ("questions", part(tally.questions, 1, 4)),
            ("clauses", part(tally.clauses, 1, 5)),
            ("many clauses", part(tally.clauses, 5, 12)),
            ("very many clauses", part(tally.clauses, 12, 28)),
            ("steps", part(tally.steps, 0, 6)),
            ("signs of experts", part(expert, 1, 3)),
            ("many signs of experts", part(expert, 3, 5)),
            ("sides of work", if work > 0 { part(broad, 0, 4) } else { 0.0 }),
            ("sides of anything", part(broad, 1, 6)),
            ("tools and schemas", part(self.tools + if self.schema { 4 } else { 0 }, 0, 12)),
            ("an open tool loop, a retry", part(self.open_loop + if self.retried { 3 } else { 0 }, 0, 6)),
        ]
    }
}

/// How far a count lies between two others.
fn part(count: u32, from: u16, to: u16) -> f32 {
    let count = u16::try_from(count).unwrap_or(u16::MAX).clamp(from, to);
    f32::from(count - from) / f32::from(to - from)
}
