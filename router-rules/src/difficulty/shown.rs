//! What of a text is only shown: code, logs, quotations; and the answers of a question that has some to choose from.

use std::borrow::Cow;

use super::marks::{marks, quotes};

/// What stands behind the letter of an answer to choose: "B. nine", "(c) ten".
pub(super) fn option(line: &str) -> Option<&str> {
    let line = line.strip_prefix('(').unwrap_or(line);
    let rest = line.strip_prefix(|letter: char| matches!(letter, 'A'..='J' | 'a'..='j'))?;
    rest.strip_prefix([')', '.', ':']).filter(|rest| rest.starts_with(' '))
}

/// "True, False": an answer that is made of answers.
pub(super) fn is_combined(answer: &str) -> bool {
    let parts: Vec<_> = answer.split([',', ';']).map(str::trim).collect();
    (2..=4).contains(&parts.len())
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 12 && part.split(' ').count() <= 2)
}

/// Whether a line is one of a program, of mark-up or of a log.
pub(super) fn looks_like_code(line: &str) -> bool {
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
pub(super) fn without_quotations(text: &str) -> Cow<'_, str> {
    let first = |rest| marks(quotes, rest).find(|(at, letter)| opens(rest, *at, *letter));
    if first(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = first(rest) {
        let inner = at + open.len_utf8();
        let (before, after) = rest.split_at_checked(inner).unwrap_or((rest, ""));
        let close = closing(open);
        let mut ends = after.match_indices(close).filter_map(|(end, close)| after.get(end + close.len()..));
        let end = ends.find(|rest| close != '\'' || !rest.starts_with(char::is_alphanumeric));
        let Some(behind) = end else { break };
        out.push_str(before);
        out.push(' ');
        rest = behind;
    }
    out.push_str(rest);
    Cow::Owned(out)
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

/// What closes a quotation.
pub(super) fn closing(open: char) -> char {
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
