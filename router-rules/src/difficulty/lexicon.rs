//! Words that tell how hard a demand is, in every supported language: `lexicon.txt`, read once.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::code::{self, Named};
use super::fold::{Folded, fold};
use super::trie::Trie;

/// What a word speaks of. The order is that of their counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    /// A proof or a derivation.
    Proof,
    /// Work that takes thought: to design, to weigh, to find the fault.
    Deep,
    /// Work of some length: to explain, to plan, to write.
    Work,
    /// Work that takes little: to convert, to translate; what stands after it is its object.
    Light,
    /// The same in languages where the verb comes last: what stands before it is its object.
    Last,
    /// Something to look up.
    Lookup,
    /// Greetings and small talk.
    Chat,
    /// A bound on the answer.
    Bound,
    /// A case among others.
    Cond,
    /// Mathematics.
    Maths,
    /// Programs.
    Code,
    /// What goes wrong in programs and machines.
    Fault,
    /// Systems that are large or shared.
    System,
    /// A search, a bound, a strategy.
    Puzzle,
    /// Law, medicine, science, money.
    Field,
    /// How quantities hang together.
    Relate,
    /// A long or whole answer.
    Produce,
    /// Something to be judged case by case.
    Case,
    /// The next thing to do.
    Then,
    /// The last answer was not good, or is to go on.
    Retry,
    /// What a demand says of itself.
    Claim,
    /// A small word that every sentence has.
    Plain,
    /// What only programs have. It and the next two are not counted: see `code.rs`.
    Program,
    /// What programs have, and other things too.
    Hint,
    /// Something else that has the name of one of the two before.
    Namesake,
}

/// How many signs there are.
pub(super) const SIGNS: usize = 25;

const NAMES: [(&str, Sign); SIGNS] = [
    ("proof", Sign::Proof),
    ("deep", Sign::Deep),
    ("work", Sign::Work),
    ("light", Sign::Light),
    ("last", Sign::Last),
    ("lookup", Sign::Lookup),
    ("chat", Sign::Chat),
    ("bound", Sign::Bound),
    ("cond", Sign::Cond),
    ("maths", Sign::Maths),
    ("code", Sign::Code),
    ("fault", Sign::Fault),
    ("system", Sign::System),
    ("puzzle", Sign::Puzzle),
    ("field", Sign::Field),
    ("relate", Sign::Relate),
    ("produce", Sign::Produce),
    ("case", Sign::Case),
    ("then", Sign::Then),
    ("retry", Sign::Retry),
    ("claim", Sign::Claim),
    ("plain", Sign::Plain),
    ("program", Sign::Program),
    ("hint", Sign::Hint),
    ("namesake", Sign::Namesake),
];

/// Languages whose words stand anywhere in a run of letters.
const RUNNING: [&str; 3] = ["zh", "ja", "ar"];

/// A word that was met in a folded sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) sign: Sign,
    pub(super) start: usize,
    pub(super) end: usize,
}

struct Lexicon {
    /// Every word, for sentences with letters beyond ASCII: there a word may stand anywhere.
    anywhere: AhoCorasick,
    /// Those of ASCII letters, for sentences of them.
    ascii: Trie,
    words: Vec<Word>,
}

/// What a word of the file says.
#[derive(Clone, Copy)]
struct Word {
    sign: Sign,
    /// Which word it is, of those that speak of code.
    code: Option<u32>,
}

static LEXICON: LazyLock<Option<Lexicon>> = LazyLock::new(|| {
    let (patterns, signs) = entries().into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    let ascii = Trie::new((0..).zip(patterns.iter().map(String::as_str)))?;
    let speaks_of_code = |sign| matches!(sign, Sign::Program | Sign::Hint | Sign::Namesake);
    let code = |sign: Sign, pattern: &str| speaks_of_code(sign).then(|| code::word(pattern));
    let words =
        patterns.iter().zip(signs).map(|(word, sign)| Word { sign, code: code(sign, word) }).collect();
    let anywhere = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(patterns)
        .ok()?;
    Some(Lexicon { anywhere, ascii, words })
});

/// The words of the file as they stand in folded sentences, where each word has a space on either side.
fn entries() -> Vec<(String, Sign)> {
    let mut entries = Vec::new();
    for line in include_str!("lexicon.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((head, words)) = line.split_once(':') else { continue };
        let Some((name, language)) = head.split_once(' ') else { continue };
        let Some((_, sign)) = NAMES.iter().find(|(known, _)| *known == name) else { continue };
        for word in words.split_whitespace() {
            let whole = word.ends_with('_');
            let mut folded = fold(&word.replace(['_', '+'], " ")).as_str().trim_end().to_owned();
            if RUNNING.contains(&language) {
                folded = folded.trim_start().to_owned();
            } else if whole {
                folded.push(' ');
            }
            entries.push((folded, *sign));
        }
    }
    entries
}

/// Builds the automaton.
pub(super) fn warm() {
    LazyLock::force(&LEXICON);
}

/// The words of a folded sentence that are known, by their ends, and apart from them those that speak of code. A word
/// and its own beginning count once a sign.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) found: Vec<Hit>,
    pub(super) named: Vec<Named>,
    /// Room for what is not yet in order.
    met: Vec<(usize, usize, Word)>,
}

impl Hits {
    /// Takes the words of a sentence in place of those of the last one.
    pub(super) fn read(&mut self, folded: &Folded) {
        self.found.clear();
        self.named.clear();
        let Some(lexicon) = &*LEXICON else { return };
        let word = |number: usize| lexicon.words.get(number).copied();
        let text = folded.as_str();
        if !text.is_ascii() {
            for met in lexicon.anywhere.find_overlapping_iter(text) {
                word(met.pattern().as_usize())
                    .into_iter()
                    .for_each(|word| self.take(word, met.start(), met.end()));
            }
            return;
        }
        let mut met = std::mem::take(&mut self.met);
        lexicon.ascii.each(folded, |at| {
            met.extend(
                at.words.iter().filter_map(|number| Some((at.end, at.start, word(usize::from(*number))?))),
            );
        });
        // As they are met above: by their ends, the longest first.
        met.sort_by_key(|(end, start, _)| (*end, *start));
        met.drain(..).for_each(|(end, start, word)| self.take(word, start, end));
        self.met = met;
    }

    fn take(&mut self, word: Word, start: usize, end: usize) {
        let Word { sign, code } = word;
        if let Some(word) = code {
            self.named.push(Named { sign, word, start, end });
            return;
        }
        let same = |old: &&mut Hit| old.sign == sign && old.start == start;
        match self.found.iter_mut().rev().take(4).find(same) {
            Some(old) => old.end = end,
            None => self.found.push(Hit { sign, start, end }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str) -> Vec<Sign> {
        let mut hits = Hits::default();
        hits.read(&fold(text));
        hits.found.into_iter().map(|hit| hit.sign).filter(|sign| *sign != Sign::Plain).collect()
    }

    #[test]
    fn every_line_of_the_file_is_read() {
        let lines =
            include_str!("lexicon.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let head = line.split(' ').next().unwrap();
            assert!(NAMES.iter().any(|(name, _)| *name == head), "{line}");
        }
        for (at, (name, sign)) in NAMES.iter().enumerate() {
            assert_eq!(*sign as usize, at, "{name}");
        }
        assert!(LEXICON.is_some() && entries().iter().all(|(word, _)| !word.trim().is_empty()));
    }

    #[test]
    fn words_are_known_in_their_languages() {
        for (text, sign) in [
            ("Prove it.", Sign::Proof),
            ("Beweise das!", Sign::Proof),
            ("Démontrez le résultat", Sign::Proof),
            ("Докажите это", Sign::Proof),
            ("请证明这个定理", Sign::Proof),
            ("증명하시오", Sign::Proof),
            ("सिद्ध कीजिए", Sign::Proof),
            ("Zaprojektuj bazę", Sign::Deep),
            ("kanıtlayın", Sign::Proof),
            ("برهن ذلك", Sign::Proof),
        ] {
            assert!(signs(text).contains(&sign), "{text}: {:?}", signs(text));
        }
        assert!(!signs("The provenance is unclear").contains(&Sign::Proof));
    }
}
