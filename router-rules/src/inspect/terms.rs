//! Term lists: the product's own of health, and the site's.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::cursor::is_word;
use super::dictionary::{Cue, Term, Topic};
use super::hits::{HEALTH, Hits};
use super::view::fold;
use super::{KindId, TermList};

/// The most terms that the lists of a site may have together.
const TERMS_MAX: usize = 100_000;

/// The longest term, in bytes.
const TERM_BYTES_MAX: usize = 256;

const HEALTH_TERMS: &str = include_str!("terms/health.txt");

/// Terms that do not stand between word boundaries: scripts that write no spaces, and bare symbols.
#[derive(Clone, Debug)]
pub(super) struct LooseTerms {
    automaton: AhoCorasick,
    kinds: Vec<KindId>,
}

impl LooseTerms {
    pub(super) fn scan(&self, text: &[u8], hits: &mut Hits) {
        for found in self.automaton.find_iter(text) {
            if let Some(kind) = self.kinds.get(found.pattern().as_usize()) {
                hits.push(*kind, found.start(), found.end(), 1.0);
            }
            if hits.is_full() {
                return;
            }
        }
    }
}

/// Leads of the product's own that stand inside runs of letters: Chinese and Japanese write no spaces.
#[derive(Clone, Debug)]
pub(super) struct InnerLeads {
    automaton: AhoCorasick,
    topics: Vec<Topic>,
}

impl InnerLeads {
    pub(super) fn new(leads: Vec<(String, Topic)>) -> Result<Option<Self>, String> {
        let (words, topics): (Vec<_>, Vec<_>) = leads.into_iter().unzip();
        if words.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(&words)
            .map_err(|error| error.to_string())?;
        Ok(Some(Self { automaton, topics }))
    }

    pub(super) fn scan(&self, text: &[u8], mut look: impl FnMut(Topic, usize, usize)) {
        for found in self.automaton.find_iter(text) {
            if let Some(topic) = self.topics.get(found.pattern().as_usize()) {
                look(*topic, found.start(), found.end());
            }
        }
    }
}

/// The product's health terms as cues.
pub(super) fn health() -> impl Iterator<Item = (String, Cue)> {
    let lines = HEALTH_TERMS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let words = lines.flat_map(|line| match line.strip_suffix('+') {
        Some(word) => vec![word.to_owned(), format!("{word}s")],
        None => vec![line.to_owned()],
    });
    // Hyphens and spaces stand for each other.
    words.map(|word| cue(HEALTH, &word.replace('-', " "), 0, 0.6))
}

/// A site's terms: those that stand between word boundaries, and the others.
type SiteTerms = (Vec<(String, Cue)>, Option<LooseTerms>);

/// The site's lists as cues, and those of their terms that are looked for as bare strings.
pub(super) fn of_site(lists: &[TermList]) -> Result<SiteTerms, String> {
    let count: usize = lists.iter().map(|list| list.words.len()).sum();
    if count > TERMS_MAX {
        return Err(format!("{count} terms are more than {TERMS_MAX}"));
    }
    let mut cues = Vec::new();
    let mut loose = Vec::new();
    let mut kinds = Vec::new();
    for list in lists {
        for word in &list.words {
            if word.len() > TERM_BYTES_MAX {
                return Err(format!("a term is longer than {TERM_BYTES_MAX} bytes"));
            }
            if word.chars().any(is_bare_symbol) {
                loose.push(word.to_lowercase());
                kinds.push(list.kind);
                continue;
            }
            let folded = normal(word);
            match folded.bytes().position(is_word) {
                Some(lead) if !writes_no_spaces(&folded) => cues.push(cue(list.kind, &folded, lead, 1.0)),
                _ if folded.is_empty() => {}
                _ => {
                    loose.push(folded);
                    kinds.push(list.kind);
                }
            }
        }
    }
    let automaton = || {
        AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(&loose)
            .map_err(|error| error.to_string())
    };
    let loose = if loose.is_empty() { None } else { Some(LooseTerms { automaton: automaton()?, kinds }) };
    Ok((cues, loose))
}

fn cue(kind: KindId, text: &str, lead: usize, confidence: f32) -> (String, Cue) {
    let term = Term { kind, text: text.into(), lead, confidence };
    (text.get(lead..).unwrap_or_default().to_owned(), Cue::Term(term))
}

/// A term as texts are folded, in lower case, with single spaces.
fn normal(word: &str) -> String {
    let folded = fold(word).map_or_else(|| word.to_owned(), |folded| folded.view.text);
    folded.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether folding would make a space of it.
fn is_bare_symbol(char: char) -> bool {
    !char.is_ascii()
        && fold(char.encode_utf8(&mut [0; 4])).is_some_and(|folded| folded.view.text == " ")
        && !char.is_whitespace()
}

fn writes_no_spaces(text: &str) -> bool {
    // Thai to Khmer, and from Hangul on: scripts without spaces, or with endings that hang on the word.
    text.chars().any(|char| matches!(char, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'))
}
