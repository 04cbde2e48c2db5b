//! Whether a demand speaks of code: lines that are program text, words that only programs have, and words that say so
//! in company alone.
//!
//! It is apart from the score: nothing here makes a demand harder or easier. Ordinary words ("the script of a film",
//! "the function of the liver", "a school class") say nothing by themselves: of words that programs share with the
//! rest of the world, it takes two different ones.

use std::sync::LazyLock;

use regex::Regex;

use super::lexicon::Sign;
use super::tally::{SEED, hash};

/// A word that speaks of code, or seems to, in a folded sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) sign: Sign,
    /// Which word it is, as [`word`] tells it.
    pub(super) word: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What speaks of code.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Evidence {
    /// Program text is shown, or something named that only programs have.
    sure: bool,
    /// A word that programs share with the rest of the world.
    hint: Option<u32>,
    /// Another one.
    hints: bool,
}

impl Evidence {
    /// Whether it suffices.
    pub(super) fn suffices(self) -> bool {
        self.sure || self.hints
    }

    /// Program text is shown.
    pub(super) fn show(&mut self) {
        self.sure = true;
    }

    /// Takes the words of a sentence. A word that is part of another thing's name is none: "a ball python", "the dress
    /// code".
    pub(super) fn name(&mut self, words: &[Named]) {
        let (others, words): (Vec<&Named>, Vec<&Named>) =
            words.iter().partition(|word| word.sign == Sign::Namesake);
        let is_part = |word: &Named| others.iter().any(|of| word.start < of.end && of.start < word.end);
        // Where one python is a snake, so are the others of its sentence.
        let other: Vec<u32> = words.iter().filter(|word| is_part(word)).map(|word| word.word).collect();
        for word in words.iter().filter(|word| !other.contains(&word.word)) {
            if word.sign == Sign::Program { self.sure = true } else { self.hint(word.word) }
        }
    }

    /// Takes over what another text shows.
    pub(super) fn add(&mut self, other: Self) {
        self.sure |= other.sure;
        self.hints |= other.hints;
        other.hint.into_iter().for_each(|word| self.hint(word));
    }

    fn hint(&mut self, word: u32) {
        self.hints |= self.hint.is_some_and(|known| known != word);
        self.hint.get_or_insert(word);
    }
}

/// A number for a word, the same for one and for many of it, and in every language that has it.
pub(super) fn word(folded: &str) -> u32 {
    hash(SEED, folded.trim().trim_end_matches('s').as_bytes())
}

/// What is written between fences that is no program.
const PLAIN: [&str; 10] =
    ["text", "txt", "plain", "plaintext", "md", "markdown", "csv", "tsv", "log", "email"];

/// Whether a fence says that a program follows; none where it says nothing.
pub(super) fn fence(line: &str) -> Option<bool> {
    let tag = line.trim_start_matches(['`', '~']).trim().to_ascii_lowercase();
    let tag = tag.split([' ', '{', ',']).next().filter(|tag| !tag.is_empty())?;
    Some(!PLAIN.contains(&tag))
}

/// Whether a line is, or holds, the text of a program.
pub(super) fn is_program(line: &str) -> bool {
    // Without one of these no line below is met.
    let marks =
        |byte| matches!(byte, b'(' | b'{' | b':' | b';' | b'=' | b'<' | b'"' | b'`' | b'.' | b'#' | b'-');
    let may = line.bytes().any(marks)
        || line.bytes().filter(u8::is_ascii_uppercase).count() > 1
        || line.starts_with([' ', '\t'])
        || line.contains("import ");
    may && PROGRAM.as_ref().is_some_and(|program| program.is_match(line))
}

/// Builds the automaton.
pub(super) fn warm() {
    LazyLock::force(&PROGRAM);
}

/// Lines of programs as they are written: definitions, statements, queries, markup, traces, names of files, calls.
/// `\w` and `\b` are of ASCII here.
const LINES: &[&str] = &[
    // Definitions.
    r"^\s*(?:async )?def \w+\(",
    r"^\s*(?:\w+ )*class (?:[A-Z]\w*\s*[:({<]|\w+\(.*\):|\w+(?: extends \w+)?\s*\{)",
    r"^\s*(?:pub(?:\(\w+\))? )?(?:async |unsafe |const )*fn \w+\s*[(<]",
    r"^\s*func (?:\(.*\) )?\w+\(",
    r"\bfunction\*? ?\w*\([\w\s,={}\[\]]*\)\s*\{",
    r"^\s*(?:export )?(?:const|let|var|val|auto|final) (?:mut )?[\w{\[][\w ,:<>{}\[\]&*?]*=[^=].*[;({\[\x22'`]",
    r"^\s*(?:public|private|protected|static) [\w<>\[\], ]+[({=;]",
    r"^\s*(?:type|struct|interface|enum|impl|trait) \w[\w<>, :]*\{",
    r"^\s*@[A-Z]\w+(?:\(.*\))?\s*$",
    // What it is made of.
    r"^\s*#\s*(?:include\s*[<\x22]|define \w|ifdef |ifndef |pragma |!/)",
    r"^\s*import [\w.]+(?: as \w+)?;?\s*$",
    r"^\s*from [\w.]+ import \w",
    r"^\s*import .* from [\x22']",
    r"^\s*(?:using|package|use|require|namespace) [\w.:\\{}, ]+;",
    // Statements.
    r"(?:\w\(|\w\[|\w = |\w==|->|::|=>|\+=|-=|\+\+).*[;{]\s*(?://.*)?$",
    r"^\s*\}?\s*(?:if|for|while|switch|catch|foreach) ?\(.*(?:[{;]\s*$|==|!=|&&|\|\||\+\+|<=|>=)",
    r"^\s*(?:\}\s*)?else\s*(?:if .*)?\{|^\s+(?:return|raise|throw|yield) \S|^\s+(?:for|while|if|elif|with|try|except|else)\b.*:\s*$",
    r"^\s*[a-z_][\w.]*\.[\w.]+\(.*\)\s*;?\s*$|^\s*[a-z_]\w{3,}\(.*[\x22'].*\)\s*;?\s*$|\b(?:print|println|printf|len|range|malloc|sizeof|memcpy|strcpy|console\.log)\(",
    r"^\s*\w+ (?:=|\+=|:=) (?:\[|\{|\x22|'|\w+[.\[(])",
    // Calls and names within a sentence.
    r"\b[a-zA-Z_]\w{2,}\(\)|\b[a-z_]\w+\.[a-z_]\w+\(|\b[a-zA-Z_]\w+::[a-zA-Z_]",
    r"\b[A-Z]\w*[a-z](?:Error|Exception)\b|\berror(?:\[E| TS| CS| C)\d|\bTraceback \(most recent|^\s*File \x22.*\x22, line \d|^\s*at [\w.$<>]+\(.*\)",
    r"\][.]\w+\(|\bdata\.frame\b|(?:^|\s)--[a-z][a-z-]{2,}(?:[\s=`,.?]|$)|\s-O[0-3s]\b|\s-ffast-math|`(?:git|docker|npm|pip|cargo|kubectl|make) ",
    r"\w == \S|\w\)? (?:===|!==|&&) \S|\w\+\+[;)]",
    r"`[^`\s]*[\w)\]][(){}\[\]=<>;/\\$:.*&|_-]+[^`]*`|`[$./\\-][^`]*`|`[\w.]+ --?\w",
    r"\b[Cc]\+\+|\bC#(?:[,.?!)]| (?:code|class|async|app|program|project|method|list|string|linq|api|version|\d))",
    // Queries.
    r"\bSELECT\b.*\bFROM\b|\bselect \* from\b|^\s*SELECT \S|\b(?:INSERT INTO|CREATE (?:TABLE|INDEX|VIEW)|ALTER TABLE|DELETE FROM|LEFT JOIN|INNER JOIN|GROUP BY|ORDER BY)\b|\bUPDATE \w+ SET\b",
    // Markup, build files, shells.
    r"</?(?:div|span|ul|li|table|tr|td|html|body|head|script|style|button|form|input|svg|template|section|nav|img)\b[^>]*>",
    r"^(?:WORKDIR|ENTRYPOINT|COPY|ENV|EXPOSE) \S|^FROM [\w./-]+:[\w.-]+|^CMD \[",
    r"^\s*[$%>] (?:sudo |cd |ls |git |docker |npm |pip |cargo |make |curl |kubectl |python|\./)",
];

static PROGRAM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let ascii =
        LINES.join("|").replace(r"\b", r"(?-u:\b)").replace(r"\w", "[0-9A-Za-z_]").replace(r"\d", "[0-9]");
    Regex::new(&ascii).ok()
});

/// Names of files that hold programs; not in an address, where they say nothing.
const ENDINGS: [&str; 24] = [
    "py", "js", "ts", "tsx", "jsx", "rs", "go", "java", "cpp", "hpp", "cc", "cs", "rb", "kt", "sql", "sh",
    "css", "yml", "yaml", "toml", "ipynb", "vue", "ps1", "tf",
];

impl Evidence {
    /// Takes the names of a sentence that are no words: those of files that hold programs say all, those that are
    /// written as programs write them (`countWords`, `count_words`) say so in company.
    pub(super) fn read_names(&mut self, sentence: &str) {
        let apart = |letter: char| letter.is_whitespace() || "()[]{},;\"'`<>".contains(letter);
        for name in sentence.split(apart).map(|name| name.trim_end_matches(['.', ':', '?', '!'])) {
            if is_file(name) {
                self.show();
            } else if is_identifier(name) {
                self.hint(word(name));
            }
        }
    }
}

fn is_file(name: &str) -> bool {
    let (stem, ending) = name.rsplit_once('.').unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./\\".contains(letter);
    !stem.is_empty() && ENDINGS.contains(&ending) && stem.chars().all(plain) && !stem.starts_with("www.")
}

fn is_identifier(name: &str) -> bool {
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || name.len() < 5 {
        return false;
    }
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut pairs = name.as_bytes().windows(2).skip(2);
    let humped = |pair: &[u8]| {
        pair.first().is_some_and(u8::is_ascii_uppercase) && pair.last().is_some_and(u8::is_ascii_lowercase)
    };
    plain && (name.trim_matches('_').contains('_') || pairs.any(humped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_text_is_known_and_prose_is_not() {
        assert!(PROGRAM.is_some());
        for line in [
            "def add(x, l=[]):",
            "    return l + [x]",
            "fn greet(hour: u8) -> &'static str {",
            "#include <stdio.h>",
            "SELECT name FROM users WHERE id = 1",
            "<div class=\"box\">",
            "print(\"hello\")",
            "why does `ls -la` show that",
            "ok but arr.push(x) gives undefined",
            "TypeError: x is not a function",
            "from collections import deque",
            "const f = (x) => x * 2;",
            "FROM node:20",
            "is std::atomic enough",
            "for (int i = 0; i < n; i++) {",
        ] {
            assert!(is_program(line), "{line}");
        }
        for line in [
            "(a) the Tenant shall pay the rent (monthly, in advance);",
            "Dear parents, the class trip (see below) is on Monday;",
            "for example: apples, pears and plums",
            "Let f(x) = x^2 + 1 and g(x) = f(f(x)).",
            "The script of the film (2019) was written in Rome.",
            "2026-11-23 Meeting with the board (two hours)",
            "[Anna] See you at 8 (or 9)!",
            "import duties on steel rose in May",
            "She said: return the book.",
            "Ingredients: 200 g flour, 2 eggs; mix.",
            "I study C# minor scales",
            "It costs $30 (incl. VAT); call me.",
            "class schedule:",
            "- [ ] buy milk",
        ] {
            assert!(!is_program(line), "{line}");
        }
    }

    #[test]
    fn files_of_programs_are_known_by_their_names() {
        let names = |sentence: &str| {
            let mut evidence = Evidence::default();
            evidence.read_names(sentence);
            evidence.suffices()
        };
        for yes in [
            "what does script.sh do",
            "fix src/main.rs, please",
            "is Node.js dead?",
            "upgrade api/schemas.py.",
            "rename countWords to count_words",
        ] {
            assert!(names(yes), "{yes}");
        }
        for no in [
            "see https://example.com/a.js",
            "e.g. this",
            "README.md",
            "write to ana@firma.rs",
            "www.firma.rs",
            "an iPhone, an iPad and macOS",
            "getUserName or getUserName",
        ] {
            assert!(!names(no), "{no}");
        }
    }

    #[test]
    fn fences_say_what_follows() {
        assert_eq!(fence("```rust"), Some(true));
        assert_eq!(fence("~~~ C++"), Some(true));
        assert_eq!(fence("```text"), Some(false));
        assert_eq!(fence("```"), None);
    }
}
