//! Request bodies: chat requests in made-up office English, each unlike every other.
//!
//! The text has figures, punctuation, escapes and letters outside ASCII in it, but nothing that a privacy policy
//! should find: what is measured is the cost of looking. (Where something is found, the gateway would keep the
//! request from the mock, and the run would say so.)

use std::io::Write as _;

/// Enough that a 32 KB body seldom has a sentence twice.
const SENTENCES: usize = 2048;

/// About how long one turn of a long conversation is.
const TURN_BYTES: usize = 4096;

pub struct Corpus {
    sentences: Vec<String>,
}

/// A small fast generator (Marsaglia's xorshift64*), seeded: the same run sends the same words.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 33) as usize) % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

impl Corpus {
    pub fn new() -> Self {
        let mut random = Random::new(7);
        Self { sentences: (0..SENTENCES).map(|_| sentence(&mut random)).collect() }
    }

    /// Writes the body of request number `serial` into `out`, `size` bytes long or a sentence more.
    pub fn body(&self, out: &mut Vec<u8>, serial: u64, size: usize, stream: bool, random: &mut Random) {
        out.clear();
        out.extend_from_slice(b"{\"model\":\"bench\",");
        if stream {
            out.extend_from_slice(b"\"stream\":true,");
        }
        out.extend_from_slice(b"\"temperature\":0.7,\"messages\":[");
        for turn in 0.. {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            let separator = if turn == 0 { "" } else { "," };
            let _ = write!(out, "{separator}{{\"role\":\"{role}\",\"content\":\"Regarding ");
            spell(out, serial);
            out.extend_from_slice(b": ");
            let end = size.min(out.len() + TURN_BYTES).saturating_sub(20);
            while out.len() < end {
                out.extend_from_slice(self.sentences[random.below(SENTENCES)].as_bytes());
            }
            out.extend_from_slice(b"\"}");
            // The last turn is the user's.
            if out.len() + 200 >= size && turn % 2 == 0 {
                break;
            }
        }
        out.extend_from_slice(b"]}");
    }
}

/// A number as a word: no two requests share it, and it looks like no identifier.
fn spell(out: &mut Vec<u8>, mut serial: u64) {
    for index in 0..10 {
        let letters: &[u8] = if index % 2 == 0 { b"bdfgklmnprst" } else { b"aeiou" };
        out.push(letters[(serial % letters.len() as u64) as usize]);
        serial /= letters.len() as u64;
    }
}

fn sentence(random: &mut Random) -> String {
    let (opening, subject, verb) = (random.pick(OPENINGS), random.pick(SUBJECTS), random.pick(VERBS));
    let (object, ending) = (random.pick(OBJECTS), random.pick(ENDINGS));
    let count = 2 + random.below(97);
    let detail = match random.below(8) {
        0 => format!(" (about {count} of them)"),
        1 => format!(", {count} percent more than planned"),
        2 => " \u{2014} or so the notes say \u{2014}".to_owned(),
        3 => format!(", as chapter {count}.{} puts it,", 1 + random.below(9)),
        4 => " in the \\\"old\\\" layout".to_owned(),
        5 => "; the caf\u{e9} version isn\u{2019}t finished".to_owned(),
        _ => String::new(),
    };
    format!("{opening} {subject} {verb} {object}{detail} {ending} ")
}

const OPENINGS: &[&str] = &[
    "Today",
    "In short,",
    "As far as I can see,",
    "Meanwhile",
    "To be fair,",
    "Before lunch",
    "On Monday",
    "At first",
    "Next quarter",
    "Without much noise",
    "For the second time",
    "Please note that",
    "After the review",
];
const SUBJECTS: &[&str] = &[
    "the build server",
    "our gardening club",
    "the new compiler",
    "a small sorting routine",
    "the library catalogue",
    "every parser in the tree",
    "the weather model",
    "a quiet committee",
    "the bridge design",
    "this recipe",
    "the museum\u{2019}s map",
    "one of the older scripts",
    "the train timetable",
    "the design group",
];
const VERBS: &[&str] = &[
    "improves",
    "replaces",
    "explains",
    "compares",
    "measures",
    "collects",
    "describes",
    "delays",
    "simplifies",
    "reorders",
    "translates",
    "summarises",
    "illustrates",
];
const OBJECTS: &[&str] = &[
    "the longest path through the graph",
    "a table of rainfall by region",
    "three chapters on bread",
    "the cache",
    "a proof by induction",
    "the colours of the poster",
    "several ways to brew tea",
    "the order of the slides",
    "an index over the archive",
    "the rules of the card game",
    "loops that could be folds",
    "the harbour lights",
];
const ENDINGS: &[&str] = &[
    "without changing the result.",
    "and nobody objected!",
    "which surprised me a little.",
    "so what should come first?",
    "because the tests were slow.",
    "as in the earlier draft.",
    "until the paint is dry.",
    "and the rest can wait.",
    "while keeping the notation.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_of_the_size_asked_and_never_the_same() {
        let (corpus, mut random, mut out) = (Corpus::new(), Random::new(1), Vec::new());
        let mut seen = std::collections::HashSet::new();
        for serial in 0..200 {
            for size in [1024, 32 * 1024] {
                corpus.body(&mut out, serial, size, serial % 2 == 0, &mut random);
                assert!(out.len() >= size - 100 && out.len() < size + 5000, "{}", out.len());
                let body: serde_json::Value = serde_json::from_slice(&out).unwrap();
                assert_eq!(body["messages"].as_array().unwrap().last().unwrap()["role"], "user");
                assert!(seen.insert(out.clone()));
            }
        }
    }
}
