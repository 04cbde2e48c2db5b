//! What is counted of a demand. Every count is bounded where it becomes a feature.

use super::code::Evidence;
use super::fold::Folded;
use super::lexicon::{Hit, SIGNS, Sign};
use super::marks::{marks, measured};

/// N-grams of a demand that are looked up.
const GRAMS_MAX: usize = 512;
/// Sentences that begin as something to look up and are longer ask for more than that, in folded bytes.
const LOOKUP_BYTES: usize = 90;
/// A look-up begins within so many bytes of its sentence.
const LEAD_BYTES: usize = 5;
/// A clause is at least so long.
const CLAUSE_BYTES: usize = 12;
/// Letters of a word that tell it from others.
const STEM_LETTERS: usize = 6;

/// Counts of one text.
#[derive(Default, Debug, Clone)]
pub(super) struct Tally {
    counts: [u32; SIGNS],
    /// Sentences that ask for little, and nothing else.
    pub(super) slight: u32,
    pub(super) questions: u32,
    pub(super) clauses: u32,
    pub(super) numbers: u32,
    pub(super) symbols: u32,
    pub(super) steps: u32,
    /// Answers to choose from, and those among them that are made of answers.
    pub(super) labelled: u32,
    pub(super) options: u32,
    pub(super) code_lines: u32,
    /// What speaks of code.
    pub(super) code: Evidence,
    pub(super) material: usize,
    /// Letters of the words that are no claims, in bytes.
    pub(super) letters: usize,
    /// Hashes of words and of pairs of words, each once.
    pub(super) grams: Vec<u32>,
}

impl Tally {
    /// How often a sign was met.
    pub(super) fn of(&self, sign: Sign) -> u32 {
        self.counts.get(sign as usize).copied().unwrap_or(0)
    }

    /// Takes over what another text shows.
    pub(super) fn add(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
        self.slight += other.slight;
        self.questions += other.questions;
        self.clauses += other.clauses;
        self.numbers += other.numbers;
        self.symbols += other.symbols;
        self.steps += other.steps;
        self.labelled += other.labelled;
        self.options += other.options;
        self.code_lines += other.code_lines;
        self.code.add(other.code);
        self.letters = self.letters.saturating_add(other.letters);
        self.material = self.material.saturating_add(other.material);
        if self.grams.is_empty() {
            self.grams = other.grams;
        } else {
            let room = GRAMS_MAX.saturating_sub(self.grams.len());
            self.grams.extend(other.grams.into_iter().take(room));
        }
    }

    /// Counts the words of a sentence. What is only the object of a small task, such as a translation, is not
    /// work itself. Numbers count in a `real` sentence alone.
    pub(super) fn count(&mut self, hits: &[Hit], folded: &Folded, foreign: bool, real: bool) {
        let claims: Vec<_> = hits.iter().filter(|hit| hit.sign == Sign::Claim).copied().collect();
        let shown = hits.iter().rposition(|hit| hit.sign == Sign::Last);
        let looked_up = folded.as_str().len() <= LOOKUP_BYTES;
        let (mut object, mut worked) = (false, false);
        for (at, hit) in hits.iter().enumerate().filter(|(_, hit)| hit.sign != Sign::Claim) {
            let sign = match hit.sign {
                Sign::Lookup if !(looked_up && (foreign || hit.start <= LEAD_BYTES)) => continue,
                sign => sign,
            };
            let small = matches!(sign, Sign::Light | Sign::Lookup | Sign::Last);
            let is_work = matches!(sign, Sign::Proof | Sign::Deep | Sign::Work);
            let told = matches!(
                sign,
                Sign::Maths
                    | Sign::Field
                    | Sign::System
                    | Sign::Fault
                    | Sign::Puzzle
                    | Sign::Code
                    | Sign::Produce
            );
            let before_last = shown.is_some_and(|shown| at < shown);
            if (object || before_last) && (is_work || told) {
                continue;
            }
            object = match sign {
                Sign::Then => false,
                _ => object || small && !worked,
            };
            worked |= is_work;
            if let Some(count) = self.counts.get_mut(sign as usize) {
                *count = count.saturating_add(1);
            }
        }
        self.slight += u32::from(object || shown.is_some() && !worked);
        self.gather(folded, &claims, real);
    }

    /// Counts what is no word: clauses, symbols of formulas.
    pub(super) fn measure(&mut self, raw: &str) {
        let mut clause = 0;
        self.clauses += 1;
        for (at, letter) in marks(measured, raw) {
            match letter {
                ',' | ';' | ':' | '(' | '–' | '—' | '，' | '、' | '；' | '：' | '（' | '،' => {
                    let end = at + letter.len_utf8();
                    self.clauses += u32::from(end - clause >= CLAUSE_BYTES);
                    clause = end;
                }
                '^' | '=' | '<' | '>' | '\\' | '²' | '³' | '·' | '×' | '√' | '∂' | '∇' | '∞' | '∑' | '∏'
                | '∫' | '≤' | '≥' | '≠' | '≡' | '∈' | '∉' | '⊂' | '⊆' | '∩' | '∪' | '∀' | '∃' | '→' | '↦'
                | '∘' | '−' => {
                    self.symbols += 1;
                }
                _ => {}
            }
        }
    }

    /// Words and pairs of words; letters by twos where words are not parted.
    fn gather(&mut self, folded: &Folded, claims: &[Hit], real: bool) {
        let mut last = None;
        for (start, word) in folded.words() {
            if claims.iter().any(|claim| start < claim.end && claim.start <= start + word.len()) {
                last = None;
                continue;
            }
            self.letters += word.len();
            let Some(first) = word.bytes().next() else { continue };
            self.numbers += u32::from(real && word.len() <= 6 && first.is_ascii_digit());
            // Letters from U+3000 on begin with this byte or a higher one.
            if first >= 0xE3 && word.starts_with(|letter| ('\u{3040}'..='\u{9FFF}').contains(&letter)) {
                self.letters_by_twos(word);
                last = None;
                continue;
            }
            let (mut alone, mut pair) = (SEED, hashed(last.unwrap_or(SEED), b' '));
            for byte in stem(word.as_bytes()) {
                (alone, pair) = (hashed(alone, *byte), hashed(pair, *byte));
            }
            self.gram(alone);
            if last.is_some() {
                self.gram(pair);
            }
            last = Some(alone);
        }
    }

    fn letters_by_twos(&mut self, word: &str) {
        for (letter, next) in word.chars().zip(word.chars().skip(1)) {
            let letter = hash(SEED, letter.encode_utf8(&mut [0; 4]).as_bytes());
            self.gram(hash(letter, next.encode_utf8(&mut [0; 4]).as_bytes()));
        }
    }

    fn gram(&mut self, gram: u32) {
        if self.grams.len() < GRAMS_MAX {
            self.grams.push(gram);
        }
    }
}

/// FNV-1a, 32 bits (the Fowler/Noll/Vo hash, draft-eastlake-fnv).
pub(super) const SEED: u32 = 0x811C_9DC5;

pub(super) fn hash(seed: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(seed, |hash, byte| hashed(hash, *byte))
}

fn hashed(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// The first letters of a word.
fn stem(word: &[u8]) -> &[u8] {
    let first = word.get(..STEM_LETTERS).unwrap_or(word);
    if first.is_ascii() {
        return first;
    }
    // A letter begins with whatever does not go on with one.
    let begins = word.iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    let end = begins.map(|(at, _)| at).nth(STEM_LETTERS).unwrap_or(word.len());
    word.get(..end).unwrap_or(word)
}
