//! Numbers told digit by digit in words: «four one one one», «vier eins eins eins», 四一一一.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::mapped::Mapped;
use super::mirror;

/// Words for digits near one another that a text must hold before it is read so.
pub(super) const WORDS_MIN: u32 = 2;

/// Words and characters for digits of other scripts that a text must hold before it is read so.
const OTHERS_MIN: usize = 5;

/// Digits in a row, told in words or not, from which on they are written as digits.
const ROW_MIN: usize = 5;

/// Words for digits in the supported languages, folded and in lower case, with how many digits the next word
/// stands for where it is no digit itself.
const WORDS: &[(&str, Spoken)] = &[
    // English
    ("zero", D('0')),
    ("oh", D('0')),
    ("one", D('1')),
    ("two", D('2')),
    ("three", D('3')),
    ("four", D('4')),
    ("five", D('5')),
    ("six", D('6')),
    ("seven", D('7')),
    ("eight", D('8')),
    ("nine", D('9')),
    ("double", Times(2)),
    ("triple", Times(3)),
    ("treble", Times(3)),
    ("nought", D('0')),
    // German
    ("null", D('0')),
    ("eins", D('1')),
    ("ein", D('1')),
    ("zwei", D('2')),
    ("zwo", D('2')),
    ("drei", D('3')),
    ("vier", D('4')),
    ("funf", D('5')),
    ("fuenf", D('5')),
    ("sechs", D('6')),
    ("sieben", D('7')),
    ("acht", D('8')),
    ("neun", D('9')),
    // French
    ("un", D('1')),
    ("une", D('1')),
    ("deux", D('2')),
    ("trois", D('3')),
    ("quatre", D('4')),
    ("cinq", D('5')),
    ("sept", D('7')),
    ("huit", D('8')),
    ("neuf", D('9')),
    // Spanish, Portuguese, Italian
    ("cero", D('0')),
    ("uno", D('1')),
    ("una", D('1')),
    ("dos", D('2')),
    ("tres", D('3')),
    ("cuatro", D('4')),
    ("cinco", D('5')),
    ("seis", D('6')),
    ("siete", D('7')),
    ("ocho", D('8')),
    ("nueve", D('9')),
    ("um", D('1')),
    ("uma", D('1')),
    ("dois", D('2')),
    ("duas", D('2')),
    ("quatro", D('4')),
    ("meia", D('6')),
    ("sete", D('7')),
    ("oito", D('8')),
    ("nove", D('9')),
    ("due", D('2')),
    ("tre", D('3')),
    ("quattro", D('4')),
    ("cinque", D('5')),
    ("sei", D('6')),
    ("sette", D('7')),
    ("otto", D('8')),
    // Dutch
    ("nul", D('0')),
    ("een", D('1')),
    ("twee", D('2')),
    ("drie", D('3')),
    ("vijf", D('5')),
    ("zes", D('6')),
    ("zeven", D('7')),
    ("negen", D('9')),
    // Polish
    ("jeden", D('1')),
    ("dwa", D('2')),
    ("trzy", D('3')),
    ("cztery", D('4')),
    ("piec", D('5')),
    ("szesc", D('6')),
    ("siedem", D('7')),
    ("osiem", D('8')),
    ("dziewiec", D('9')),
    // Turkish
    ("sifir", D('0')),
    ("s\u{131}f\u{131}r", D('0')),
    ("bir", D('1')),
    ("iki", D('2')),
    ("uc", D('3')),
    ("dort", D('4')),
    ("bes", D('5')),
    ("alti", D('6')),
    ("alt\u{131}", D('6')),
    ("yedi", D('7')),
    ("sekiz", D('8')),
    ("dokuz", D('9')),
    // Russian
    ("ноль", D('0')),
    ("нуль", D('0')),
    ("один", D('1')),
    ("два", D('2')),
    ("три", D('3')),
    ("четыре", D('4')),
    ("пять", D('5')),
    ("шесть", D('6')),
    ("семь", D('7')),
    ("восемь", D('8')),
    ("девять", D('9')),
    // Arabic
    ("صفر", D('0')),
    ("واحد", D('1')),
    ("اثنان", D('2')),
    ("اثنين", D('2')),
    ("ثلاثة", D('3')),
    ("أربعة", D('4')),
    ("اربعة", D('4')),
    ("خمسة", D('5')),
    ("ستة", D('6')),
    ("سبعة", D('7')),
    ("ثمانية", D('8')),
    ("تسعة", D('9')),
    // Hindi
    ("शून्य", D('0')),
    ("एक", D('1')),
    ("दो", D('2')),
    ("तीन", D('3')),
    ("चार", D('4')),
    ("पांच", D('5')),
    ("पाँच", D('5')),
    ("छह", D('6')),
    ("छः", D('6')),
    ("सात", D('7')),
    ("आठ", D('8')),
    ("नौ", D('9')),
    // Japanese readings that stand as words
    ("ゼロ", D('0')),
    ("れい", D('0')),
    ("いち", D('1')),
    ("に", D('2')),
    ("さん", D('3')),
    ("よん", D('4')),
    ("ご", D('5')),
    ("ろく", D('6')),
    ("なな", D('7')),
    ("はち", D('8')),
    ("きゅう", D('9')),
];

/// Characters that are digits by themselves, without a word's ends around them.
const CHARACTERS: [(char, char); 32] = [
    ('〇', '0'),
    ('零', '0'),
    ('一', '1'),
    ('二', '2'),
    ('三', '3'),
    ('四', '4'),
    ('五', '5'),
    ('六', '6'),
    ('七', '7'),
    ('八', '8'),
    ('九', '9'),
    ('壹', '1'),
    ('贰', '2'),
    ('叁', '3'),
    ('肆', '4'),
    ('伍', '5'),
    ('陆', '6'),
    ('柒', '7'),
    ('捌', '8'),
    ('玖', '9'),
    ('幺', '1'),
    ('영', '0'),
    ('공', '0'),
    ('일', '1'),
    ('이', '2'),
    ('삼', '3'),
    ('사', '4'),
    ('오', '5'),
    ('육', '6'),
    ('칠', '7'),
    ('팔', '8'),
    ('구', '9'),
];

#[derive(Clone, Copy, PartialEq)]
enum Spoken {
    D(char),
    Times(usize),
}
use Spoken::{D, Times};

/// The words whose first letters the scan counts: those that are plain ASCII.
pub(in crate::inspect) fn cues() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word).filter(|word| word.is_ascii())
}

/// Words of ASCII letters by their bytes, the first lowest: what is said in Latin letters is looked up without
/// making a word of it.
static SHORT: LazyLock<Vec<(u64, Spoken)>> = LazyLock::new(|| {
    let mut short: Vec<_> =
        WORDS.iter().filter_map(|(word, said)| Some((short(word.as_bytes())?, *said))).collect();
    short.sort_unstable_by_key(|(key, _)| *key);
    short
});

/// Up to eight ASCII letters as a number, whatever their case.
fn short(word: &[u8]) -> Option<u64> {
    let letters = word.len() <= 8 && word.iter().all(u8::is_ascii_alphabetic);
    letters.then(|| word.iter().rev().fold(0, |key, byte| key << 8 | u64::from(byte | 0x20)))
}

static MEANINGS: LazyLock<HashMap<&str, Spoken>> = LazyLock::new(|| WORDS.iter().copied().collect());

/// What tells digits in other scripts, wherever it stands; none if it could not be compiled, and then every text is
/// looked through.
static BEYOND_ASCII: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = WORDS.iter().map(|(word, _)| (*word).to_owned()).filter(|word| !word.is_ascii());
    let characters = CHARACTERS.iter().map(|(char, _)| char.to_string());
    AhoCorasick::new(words.chain(characters).chain(["\u{20E3}".to_owned()])).ok()
});

/// What encloses a digit as a keycap.
static ENCLOSES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\u{20E3}"));

/// Whether a text may hold a row of digits told in another script than Latin.
pub(super) fn is_likely(text: &str) -> bool {
    let keycap = || ENCLOSES.find(text.as_bytes()).is_some();
    !text.is_ascii()
        && (mirror::other_script(text) || keycap())
        && BEYOND_ASCII.as_ref().is_none_or(|words| words.find_iter(text).nth(OTHERS_MIN - 1).is_some())
}

/// A text with its rows of digits, and where those stand that can be somebody's number.
pub(super) struct Told {
    pub(super) view: Mapped,
    pub(super) numbers: Vec<(usize, usize)>,
}

/// The text with rows of digits told in words as digits; none where there is no such row.
pub(super) fn resolve(text: &str) -> Option<Told> {
    let mut view: Option<Mapped> = None;
    let mut copied = 0;
    let mut row = Row::default();
    let mut numbers = Vec::new();
    let mut finish = |row: &mut Row, copied: &mut usize| {
        if row.words > 0 && (row.digits.len() >= ROW_MIN || row.is_stuck(text)) {
            let digits = row.digits.iter().filter_map(|(digit, _, _)| u8::try_from(*digit).ok());
            if row.words >= ROW_MIN && super::rows::is_number(&digits.collect::<Vec<_>>()) {
                numbers.push((row.start, row.end));
            }
            let view = view.get_or_insert_with(|| Mapped::with_capacity(text.len()));
            view.copy(text.get(*copied..row.start).unwrap_or_default(), *copied);
            for (digit, start, end) in &row.digits {
                view.replace(*start, end - start, |out| out.push(*digit));
            }
            *copied = row.end;
        }
        *row = Row::default();
    };
    let mut at = 0;
    while let Some(token) = Token::next(text, at) {
        let token = token.without_letters(text).unwrap_or(token);
        at = token.end;
        match token.spoken(text) {
            Some(Said::Digits(digits))
                if row.parted_well(text, token.start) && !row.is_whole(text, &token) =>
            {
                row.words += usize::from(token.word);
                row.add(&digits, &token);
            }
            Some(Said::Digits(digits)) => {
                finish(&mut row, &mut copied);
                row.words += usize::from(token.word);
                row.add(&digits, &token);
            }
            Some(Said::Times(times)) if row.parted_well(text, token.start) || row.digits.is_empty() => {
                row.times = times;
                row.begin(token.start);
                row.end = token.end;
            }
            _ => finish(&mut row, &mut copied),
        }
    }
    finish(&mut row, &mut copied);
    let mut view = view?;
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(Told { view, numbers })
}

/// Digits that follow one another.
#[derive(Default)]
struct Row {
    /// Each with the place where it is told.
    digits: Vec<(char, usize, usize)>,
    start: usize,
    end: usize,
    /// How many of them are told in words.
    words: usize,
    /// How often the next is meant.
    times: usize,
}

impl Row {
    fn begin(&mut self, start: usize) {
        if self.digits.is_empty() && self.end == 0 {
            self.start = start;
        }
    }

    fn add(&mut self, digits: &str, token: &Token) {
        self.begin(token.start);
        for digit in digits.chars() {
            for _ in 0..self.times.max(1) {
                self.digits.push((digit, token.start, token.end));
            }
        }
        self.times = 0;
        self.end = token.end;
    }

    /// Whether the row is long enough for a number, and a new line or digits that are written begin another.
    fn is_whole(&self, text: &str, next: &Token) -> bool {
        const WHOLE_MIN: usize = 8;
        let gap = text.get(self.end..next.start).unwrap_or_default();
        self.words >= WHOLE_MIN && (gap.contains('\n') || !next.word && next.end - next.start > 1)
    }

    /// Whether capital letters stand right before it, as in the number of an account: then two are enough.
    fn is_stuck(&self, text: &str) -> bool {
        let head = text.get(..self.start).unwrap_or_default();
        self.digits.len() >= 2 && head.ends_with(|char: char| char.is_ascii_uppercase())
    }

    /// Whether nothing but a little space and punctuation stands between the row and what comes at `start`.
    fn parted_well(&self, text: &str, start: usize) -> bool {
        const GAP_MAX: usize = 4;
        self.end == 0
            || text.get(self.end..start).is_some_and(|gap| {
                let gap = gap.trim_start_matches(KEYCAP);
                gap.len() <= GAP_MAX
                    && gap.chars().all(|char| {
                        matches!(char, ' ' | ',' | '-' | '.' | '/' | '\n' | '、' | '，' | '\u{a0}')
                    })
            })
    }
}

/// What makes a digit a keycap.
const KEYCAP: [char; 2] = ['\u{FE0F}', '\u{20E3}'];

/// A word, a run of digits, or a character that is a digit.
struct Token {
    start: usize,
    end: usize,
    word: bool,
}

enum Said {
    Digits(String),
    Times(usize),
}

impl Token {
    fn next(text: &str, from: usize) -> Option<Self> {
        let rest = text.get(from..)?;
        let (begin, first) = rest
            .char_indices()
            .find(|(_, char)| char.is_alphanumeric() || digit_character(*char).is_some())?;
        let start = from + begin;
        if digit_character(first).is_some() {
            return Some(Self { start, end: start + first.len_utf8(), word: true });
        }
        let digits = first.is_ascii_digit();
        let inside = |char: char| {
            if digits { char.is_ascii_digit() } else { joins(char) && digit_character(char).is_none() }
        };
        let tail = text.get(start..)?;
        let end = tail.char_indices().find(|(_, char)| !inside(*char)).map_or(tail.len(), |(at, _)| at);
        let end = end.max(first.len_utf8());
        let keycap = tail.get(end..).is_some_and(|rest| rest.starts_with(KEYCAP));
        Some(Self { start, end: start + end, word: !digits || keycap })
    }

    /// The word without capitals that stick to it: `DEeight`, `oneF`; none where that is no digit.
    fn without_letters(&self, text: &str) -> Option<Self> {
        let word = text.get(self.start..self.end)?;
        let capitals = |bytes: &mut dyn Iterator<Item = u8>| bytes.take_while(u8::is_ascii_uppercase).count();
        let (before, after) = (capitals(&mut word.bytes()), capitals(&mut word.bytes().rev()));
        if !self.word || before + after == 0 || before + after >= word.len() || before.max(after) > 2 {
            return None;
        }
        let cut = |before: usize, after: usize| Self {
            start: self.start + before,
            end: self.end - after,
            word: true,
        };
        [cut(before, 0), cut(0, after), cut(before, after)].into_iter().find(|token| {
            token.end - token.start < word.len() && matches!(token.spoken(text), Some(Said::Digits(_)))
        })
    }

    fn spoken(&self, text: &str) -> Option<Said> {
        let word = text.get(self.start..self.end)?;
        if word.starts_with(|char: char| char.is_ascii_digit()) {
            return Some(Said::Digits(word.to_owned()));
        }
        if let Some(digit) = word.chars().next().and_then(digit_character) {
            return Some(Said::Digits(digit.to_string()));
        }
        let said = |said| match said {
            D(digit) => Said::Digits(digit.to_string()),
            Times(times) => Said::Times(times),
        };
        if let Some(key) = short(word.as_bytes()) {
            let at = SHORT.binary_search_by_key(&key, |(key, _)| *key).ok()?;
            return SHORT.get(at).map(|(_, meaning)| said(*meaning));
        }
        // No word for a digit is longer, and none of ASCII alone.
        if word.len() > 24 || word.is_ascii() {
            return None;
        }
        let folded = super::fold(word).map(|folded| folded.view.text);
        let lower = folded.as_deref().unwrap_or(word).to_lowercase();
        let plain = word.to_lowercase();
        MEANINGS.get(lower.as_str()).or_else(|| MEANINGS.get(plain.as_str())).copied().map(said)
    }
}

/// Letters and the marks that stand on them.
fn joins(char: char) -> bool {
    char.is_alphabetic() || unicode_normalization::char::is_combining_mark(char)
}

fn digit_character(char: char) -> Option<char> {
    if char < '〇' {
        return None;
    }
    CHARACTERS.iter().find(|(known, _)| *known == char).map(|(_, digit)| *digit)
}
