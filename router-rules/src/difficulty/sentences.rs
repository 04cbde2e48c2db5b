//! A text, taken apart: what is asked, and what is only shown. Code, quotations and long passages that ask
//! nothing are material; what a demand says of itself, and what is no sentence, counts for nothing.

use super::code::{self, Evidence};
use super::fold::fold;
use super::lexicon::{Hit, Hits, Sign};
use super::marks::{self, marks};
use super::shown::{closing, is_combined, looks_like_code, option, without_quotations};
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

/// A claim before a colon is no longer.
const CLAIM_BYTES: usize = 60;

/// A demand's verb begins within so many bytes of its sentence, in scripts where verbs come first.
const VERB_BYTES: usize = 24;

/// Reads a text, and gives what of it is asked.
pub(super) fn read(text: &str) -> Tally {
    let (head, tail) = ends(text);
    let between = tail.and_then(|tail| text.get(head.len()..text.len() - tail.len())).unwrap_or_default();
    let unread = between.len();
    let mut reader = Reader::default();
    for part in [Some(head), Some(between), tail].into_iter().flatten() {
        fences(part).for_each(|(mark, _)| reader.fences.count(mark));
    }
    reader.lines(head);
    if let Some(tail) = tail {
        // What goes on where the reading stops asks only where it can be seen to.
        reader.end_block();
        if let Some(last) = reader.blocks.last_mut() {
            last.goes_on = !head.ends_with('\n');
        }
        fences(between).for_each(|(mark, line)| reader.pass(mark, line));
        reader.block.went_on = !between.ends_with('\n');
        reader.lines(tail);
    }
    reader.end_block();
    reader.finish(unread)
}

/// The lines of a text that begin or end code, each with its mark.
fn fences(text: &str) -> impl Iterator<Item = (Mark, &str)> {
    let has = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    let lines = (has("```") || has("~~~")).then(|| text.lines());
    lines.into_iter().flatten().map(str::trim).filter_map(|line| Some((fence(line)?, line)))
}

/// What code stands between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Backticks,
    Tildes,
}

/// The mark of a line that begins or ends code.
fn fence(bare: &str) -> Option<Mark> {
    let marks = [("```", Mark::Backticks), ("~~~", Mark::Tildes)];
    marks.into_iter().find(|(written, _)| bare.starts_with(written)).map(|(_, mark)| mark)
}

/// Which code is open. What is never closed was never opened: else the demand could hide behind it.
#[derive(Default)]
struct Fences {
    open: Option<Mark>,
    /// Lines of each mark that are yet to come.
    backticks: usize,
    tildes: usize,
}

impl Fences {
    fn count(&mut self, mark: Mark) {
        *self.left(mark) += 1;
    }

    fn left(&mut self, mark: Mark) -> &mut usize {
        match mark {
            Mark::Backticks => &mut self.backticks,
            Mark::Tildes => &mut self.tildes,
        }
    }

    /// Takes one of these lines, and says whether it changes anything.
    fn pass(&mut self, mark: Mark) -> bool {
        let left = self.left(mark);
        *left = left.saturating_sub(1);
        let closes = *left > 0;
        match self.open {
            Some(open) if open == mark => self.open = None,
            None if closes => self.open = Some(mark),
            _ => return false,
        }
        true
    }
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
    /// What would close the quotation that it begins with, and whether it ends with that.
    close: Option<char>,
    quoted: bool,
    /// Cut off where the reading stops, or where it goes on.
    goes_on: bool,
    went_on: bool,
}

impl Block {
    /// Whether it is a quotation, or part of a passage that is not read whole.
    fn shown(&self) -> bool {
        self.quoted || self.goes_on || self.went_on
    }

    /// Whether the block asks, and is not only shown.
    fn demands(&self) -> bool {
        if self.quoted {
            false
        } else if self.bytes > PASSAGE_BYTES || self.goes_on || self.went_on {
            self.begins && !self.went_on || self.ends && !self.goes_on
        } else {
            self.asks
        }
    }
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    block: Block,
    fences: Fences,
    /// Whether what stands between fences is a program; none where they do not say.
    fence: Option<bool>,
    code_bytes: usize,
    code_lines: usize,
    labelled: u32,
    combined: u32,
    hits: Hits,
    /// What is shown of code, wherever.
    code: Evidence,
}

impl Reader {
    fn lines(&mut self, text: &str) {
        for line in text.lines() {
            let bare = line.trim();
            if let Some(mark) = fence(bare) {
                self.pass(mark, bare);
                continue;
            }
            self.look_for_code(line);
            if !self.fenced()
                && let Some(answer) = option(bare)
            {
                self.labelled += 1;
                self.combined += u32::from(is_combined(answer));
            }
            if self.fenced() || looks_like_code(line) {
                self.code_bytes += line.len();
                self.code_lines += 1;
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

    /// Takes a line that begins or ends code.
    fn pass(&mut self, mark: Mark, line: &str) {
        if self.fences.pass(mark) {
            self.fence = code::fence(line).filter(|_| self.fenced());
        }
    }

    fn fenced(&self) -> bool {
        self.fences.open.is_some()
    }

    fn look_for_code(&mut self, line: &str) {
        // What is not read between the ends of a text may have closed the fence.
        let shown = match self.fence.filter(|_| self.fenced()) {
            Some(program) => program,
            None => code::is_program(line) || self.fenced() && looks_like_code(line),
        };
        if shown {
            self.code.show();
        }
    }

    fn end_block(&mut self) {
        if self.block.bytes > 0 {
            self.blocks.push(std::mem::take(&mut self.block));
        }
    }

    fn line(&mut self, line: &str) {
        if self.block.bytes == 0 {
            let first =
                line.chars().next().filter(|first| matches!(first, '"' | '“' | '«' | '„' | '「' | '『'));
            self.block.close = first.map(closing);
        }
        // A passage that began where nothing was read ends with the only quotation mark that can be seen of it.
        let last = self.block.went_on
            && line.ends_with(['"', '”', '»', '」', '』'])
            && line.matches('"').count() <= 1;
        self.block.quoted = last || self.block.close.is_some_and(|close| line.ends_with(close));
        self.block.bytes += line.len();
        self.block.lines += 1;
        let listed = is_listed(line);
        self.block.listed += usize::from(listed);
        let mut start = 0;
        for (at, letter) in marks(marks::ends, line) {
            let end = at + letter.len_utf8();
            let piece = line.get(start..at).unwrap_or_default();
            let next = line.get(end..).and_then(|rest| rest.chars().next());
            if ends_sentence(letter, next) || matches!(letter, ':' | '：') && self.is_claim(piece) {
                self.sentence(line.get(start..end).unwrap_or_default());
                start = end;
            }
        }
        self.sentence(line.get(start..).unwrap_or_default());
        self.block.tally.steps += u32::from(listed);
    }

    /// Whether a few words before a colon say no more than how hard or small what follows is.
    fn is_claim(&mut self, piece: &str) -> bool {
        if piece.len() > CLAIM_BYTES {
            return false;
        }
        self.hits.read(&fold(piece));
        let hits = &mut self.hits.found;
        drop_claimed(hits);
        hits.iter().any(|hit| hit.sign == Sign::Claim) && !hits.iter().any(is_verb)
    }

    fn sentence(&mut self, raw: &str) {
        let raw = raw.trim();
        let bare = without_quotations(raw);
        let folded = fold(&bare);
        if folded.as_str().len() < 3 {
            return;
        }
        self.hits.read(&folded);
        self.block.tally.code.name(&self.hits.named);
        if marks::may_name(raw) {
            self.block.tally.code.read_names(raw);
        }
        let hits = &mut self.hits.found;
        drop_claimed(hits);
        let text = folded.as_str();
        let foreign = !text.is_ascii() && text.chars().filter(|letter| *letter >= '\u{370}').count() > 3;
        let asked = bare.trim_end().ends_with(['?', '？', '؟']);
        let verb = hits
            .iter()
            .filter(|hit| is_verb(hit))
            .any(|hit| foreign || hit.sign == Sign::Last || hit.start <= VERB_BYTES);
        let claimed = hits.iter().any(|hit| hit.sign == Sign::Claim);
        let plain = hits.iter().any(|hit| hit.sign == Sign::Plain);
        let known = hits.iter().any(|hit| !matches!(hit.sign, Sign::Plain | Sign::Claim));
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
        let real = plain || foreign;
        tally.count(hits, &folded, foreign, real);
        if real {
            tally.measure(&bare);
        }
    }

    fn finish(self, unread: usize) -> Tally {
        let asked = self.blocks.iter().any(Block::demands);
        let all_shown = self.blocks.iter().all(Block::shown);
        let mut all = Tally::default();
        all.code = self.code;
        all.material = unread + self.code_bytes;
        all.code_lines = u32::from(self.code_lines > 1);
        all.labelled = self.labelled;
        all.options = self.combined;
        for block in self.blocks {
            let list = block.listed * 2 >= block.lines && block.bytes <= LIST_BYTES;
            let small = list || block.bytes <= SHOWN_BYTES;
            let alone = !asked && (all_shown || !block.shown());
            if block.demands() || alone || small && !block.quoted {
                all.add(block.tally);
            } else {
                all.material += block.bytes;
            }
        }
        all
    }
}

/// Takes out what is part of a claim: the "short" of "short question" is no bound.
fn drop_claimed(hits: &mut Vec<Hit>) {
    if hits.iter().all(|hit| hit.sign != Sign::Claim) {
        return;
    }
    let claims: Vec<_> =
        hits.iter().filter(|hit| hit.sign == Sign::Claim).map(|hit| hit.start..hit.end).collect();
    let free = |hit: &Hit| !claims.iter().any(|claim| hit.start < claim.end && claim.start < hit.end);
    hits.retain(|hit| hit.sign == Sign::Claim || free(hit));
}

/// Whether a word is of those that demands are led by.
fn is_verb(hit: &Hit) -> bool {
    matches!(hit.sign, Sign::Proof | Sign::Deep | Sign::Work | Sign::Light | Sign::Last)
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
