//! A text, taken apart: what is asked, and what is only shown. Code, quotations and long passages that ask
//! nothing are material; what a demand says of itself, and what is no sentence, counts for nothing.

use super::fold::fold;
use super::lexicon::{Hit, Sign, hits};
use super::tally::Tally;

/// Bytes of a text that are read at its head and at its tail. Demands stand at either end of what they are
/// about; a long text between is material.
const HEAD_BYTES: usize = 1536;
const TAIL_BYTES: usize = 640;

/// A line that is longer stands for itself, and a block that asks nothing and is longer is material.
const LINE_BYTES: usize = 360;
const SHOWN_BYTES: usize = 240;
/// A block that is longer asks only if it begins or ends with what asks.
const PASSAGE_BYTES: usize = 700;
/// The same for lists, which say what is wanted one by one.
const LIST_BYTES: usize = 1000;

/// A demand's verb begins within so many bytes of its sentence, in scripts where verbs come first.
const VERB_BYTES: usize = 24;

/// Reads a text, and gives what of it is asked.
pub(super) fn read(text: &str) -> Tally {
    let mut reader = Reader::default();
    let (head, tail) = ends(text);
    reader.lines(head);
    if let Some(tail) = tail {
        reader.end_block();
        reader.fenced = false;
        reader.lines(tail);
    }
    reader.end_block();
    let unread = text.len() - head.len() - tail.map_or(0, str::len);
    reader.finish(unread)
}

/// The parts of a text that are read.
fn ends(text: &str) -> (&str, Option<&str>) {
    if text.len() <= HEAD_BYTES + TAIL_BYTES {
        return (text, None);
    }
    let head = text.get(..text.floor_char_boundary(HEAD_BYTES)).unwrap_or_default();
    let tail = text.get(text.ceil_char_boundary(text.len() - TAIL_BYTES)..);
    (head, tail)
}

/// What stands between blank lines.
#[derive(Default)]
struct Block {
    tally: Tally,
    asks: bool,
    /// Whether its first and its last sentence ask.
    begins: bool,
    ends: bool,
    sentences: usize,
    bytes: usize,
    lines: usize,
    listed: usize,
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    block: Block,
    fenced: bool,
    code_bytes: usize,
    hits: Vec<Hit>,
}

impl Reader {
    fn lines(&mut self, text: &str) {
        for line in text.lines() {
            let bare = line.trim();
            if bare.starts_with("```") || bare.starts_with("~~~") {
                self.fenced = !self.fenced;
                continue;
            }
            if self.fenced || looks_like_code(line) {
                self.code_bytes += line.len();
            } else if bare.is_empty() {
                self.end_block();
            } else if bare.starts_with('>') {
                self.block.bytes += bare.len();
            } else {
                if bare.len() > LINE_BYTES {
                    self.end_block();
                }
                self.line(bare);
                if bare.len() > LINE_BYTES {
                    self.end_block();
                }
            }
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.bytes > 0 {
            self.blocks.push(block);
        }
    }

    fn line(&mut self, line: &str) {
        self.block.bytes += line.len();
        self.block.lines += 1;
        let listed = is_listed(line);
        self.block.listed += usize::from(listed);
        self.block.tally.options += u32::from(is_combined_option(line));
        let mut start = 0;
        let mut letters = line.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, next)| *next);
            if ends_sentence(letter, next) {
                let end = at + letter.len_utf8();
                self.sentence(line.get(start..end).unwrap_or_default());
                start = end;
            }
        }
        self.sentence(line.get(start..).unwrap_or_default());
        self.block.tally.steps += u32::from(listed);
    }

    fn sentence(&mut self, raw: &str) {
        let bare = without_quotations(raw);
        let folded = fold(&bare);
        if folded.len() < 3 {
            return;
        }
        hits(&folded, &mut self.hits);
        let foreign = folded.chars().filter(|letter| *letter >= '\u{370}').count() > 3;
        let asked = bare.trim_end().ends_with(['?', '？', '؟']);
        let is_verb =
            |hit: &&Hit| matches!(hit.sign, Sign::Proof | Sign::Deep | Sign::Work | Sign::Light | Sign::Last);
        let verb = self
            .hits
            .iter()
            .filter(is_verb)
            .any(|hit| foreign || hit.sign == Sign::Last || hit.start <= VERB_BYTES);
        let claimed = self.hits.iter().any(|hit| hit.sign == Sign::Claim);
        let plain = self.hits.iter().any(|hit| hit.sign == Sign::Plain);
        let known = self.hits.iter().any(|hit| !matches!(hit.sign, Sign::Plain | Sign::Claim));
        // What a demand says of itself, and what has no word that sentences are made of.
        if claimed && !verb && !asked || !known && !plain {
            return;
        }
        let asks = asked || verb;
        self.block.asks |= asks;
        self.block.begins |= asks && self.block.sentences == 0;
        self.block.ends = asks;
        self.block.sentences += 1;
        let tally = &mut self.block.tally;
        tally.questions += u32::from(asked);
        tally.count(&self.hits, &folded, foreign);
        if plain || foreign {
            tally.measure(&bare, &folded);
        }
    }

    fn finish(self, unread: usize) -> Tally {
        let asked = self.blocks.iter().any(|block| block.asks);
        let mut all = Tally::default();
        all.material = unread + self.code_bytes;
        all.code_lines = u32::from(self.code_bytes > 0);
        for block in self.blocks {
            let asks = if block.bytes > PASSAGE_BYTES { block.begins || block.ends } else { block.asks };
            let list = block.listed * 2 >= block.lines && block.bytes <= LIST_BYTES;
            if asks || !asked || list || block.bytes <= SHOWN_BYTES {
                all.add(block.tally);
            } else {
                all.material += block.bytes;
            }
        }
        all
    }
}

fn ends_sentence(letter: char, next: Option<char>) -> bool {
    match letter {
        '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
        '。' | '！' | '？' | '؟' | '।' | ';' | '；' => true,
        _ => false,
    }
}

fn is_listed(line: &str) -> bool {
    let mut letters = line.chars();
    match letters.next() {
        Some('-' | '*' | '•' | '–') => letters.next() == Some(' '),
        Some('0'..='9') => {
            let rest = letters.as_str().trim_start_matches(|letter: char| letter.is_ascii_digit());
            rest.starts_with(['.', ')'])
        }
        Some('(') => matches!(letters.nth(1), Some(')')),
        _ => false,
    }
}

/// "C. True, False": an answer that is made of answers.
fn is_combined_option(line: &str) -> bool {
    let Some(rest) = line.get(1..).and_then(|rest| rest.strip_prefix([')', '.'])) else { return false };
    let parts: Vec<_> = rest.split([',', ';']).map(str::trim).collect();
    line.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && (2..=4).contains(&parts.len())
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 12 && part.split(' ').count() <= 2)
}

fn looks_like_code(line: &str) -> bool {
    let bare = line.trim();
    let ends = bare.ends_with([';', '{', '}']) || bare.ends_with("):") || bare.ends_with("/>");
    let begins = [
        "def ", "import ", "from ", "#include", "class ", "return ", "const ", "let ", "SELECT ", "at java",
        "</",
    ];
    let begins = begins.iter().any(|word| bare.starts_with(word)) && bare.contains(['(', '=', '.', '<', ';']);
    let stamped = bare.get(..10).is_some_and(is_date) || (bare.starts_with('[') && bare.contains("] "));
    ends && bare.contains(['(', '=', '{', '}', '<'])
        || begins && (line.starts_with([' ', '\t']) || bare.ends_with([';', ')', ':']))
        || stamped
}

/// A line of a log begins with the day.
fn is_date(text: &str) -> bool {
    text.bytes()
        .enumerate()
        .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// The text without what stands between quotation marks.
fn without_quotations(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = rest.char_indices().find(|(at, letter)| opens(rest, *at, *letter)) {
        let inner = at + open.len_utf8();
        let (before, after) = rest.split_at_checked(inner).unwrap_or((rest, ""));
        let close = closing(open);
        let end = after.char_indices().find(|(at, letter)| {
            let next = after.get(at + letter.len_utf8()..).and_then(|rest| rest.chars().next());
            *letter == close && (close != '\'' || !next.is_some_and(char::is_alphanumeric))
        });
        let Some((end, letter)) = end else { break };
        out.push_str(before);
        out.push(' ');
        rest = after.get(end + letter.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn opens(text: &str, at: usize, letter: char) -> bool {
    match letter {
        '"' | '“' | '«' | '„' | '「' | '『' | '`' => true,
        '\'' | '‘' => {
            !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric)
        }
        _ => false,
    }
}

fn closing(open: char) -> char {
    match open {
        '“' => '”',
        '«' => '»',
        '„' => '“',
        '「' => '」',
        '『' => '』',
        '‘' => '’',
        other => other,
    }
}
