//! Letters that look alike, stand in another order, or have something unseen between them.

use crate::draw::Draw;

const ZERO_WIDTH: [char; 4] = ['\u{200B}', '\u{2060}', '\u{FEFF}', '\u{200D}'];

const BIDI: [char; 11] = [
    '\u{200E}', '\u{200F}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{2066}', '\u{2067}',
    '\u{2068}', '\u{2069}', '\u{061C}',
];

/// Latin, then the letters of other scripts that look like it: Cyrillic first, Greek after it.
const ALIKE: [(char, &str); 34] = [
    ('a', "а"),
    ('c', "с"),
    ('e', "е"),
    ('h', "һ"),
    ('i', "і"),
    ('j', "ј"),
    ('o', "оο"),
    ('p', "р"),
    ('s', "ѕ"),
    ('v', "ν"),
    ('x', "х"),
    ('y', "у"),
    ('A', "АΑ"),
    ('B', "ВΒ"),
    ('C', "С"),
    ('E', "ЕΕ"),
    ('H', "НΗ"),
    ('I', "ІΙ"),
    ('J', "Ј"),
    ('K', "КΚ"),
    ('M', "МΜ"),
    ('N', "Ν"),
    ('O', "ОΟ"),
    ('P', "РΡ"),
    ('S', "Ѕ"),
    ('T', "ТΤ"),
    ('X', "ХΧ"),
    ('Y', "ҮΥ"),
    ('Z', "Ζ"),
    ('d', "ԁ"),
    ('q', "ԛ"),
    ('w', "ԝ"),
    ('u', "υ"),
    ('l', "ӏ"),
];

/// The first letters of alphabets in Mathematical Alphanumeric Symbols that have no holes: bold, bold italic,
/// bold script, sans-serif, sans-serif bold, monospace; and their digit zero, where they have one.
const ALPHABETS: [(u32, Option<u32>); 6] = [
    (0x1D400, Some(0x1D7CE)),
    (0x1D468, None),
    (0x1D4D0, None),
    (0x1D5A0, Some(0x1D7E2)),
    (0x1D5D4, Some(0x1D7EC)),
    (0x1D670, Some(0x1D7F6)),
];

pub(super) fn zero_width(text: &str, draw: &mut Draw) -> String {
    between(text, draw, |draw| draw.pick(&ZERO_WIDTH))
}

pub(super) fn bidi_marks(text: &str, draw: &mut Draw) -> String {
    between(text, draw, |draw| draw.pick(&BIDI))
}

/// Written backwards under an override that shows it forwards. Unicode TR 36, section 3.
pub(super) fn bidi_override(text: &str, _: &mut Draw) -> String {
    let lines = text.split('\n').map(|line| format!("\u{202E}{}\u{202C}", backwards(line)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn tag_noise(text: &str, draw: &mut Draw) -> String {
    between(text, draw, |draw| tag(draw.pick(&['a', 'e', 'i', 'o', 'u', '1', ' '])?))
}

/// ASCII as invisible tag characters, which a model may read all the same.
pub(super) fn tag_text(text: &str, _: &mut Draw) -> String {
    text.chars().map(|c| tag(c).unwrap_or(c)).collect()
}

pub(super) fn soft_hyphens(text: &str, draw: &mut Draw) -> String {
    between(text, draw, |_| Some('\u{00AD}'))
}

/// About half of the letters that have a twin in Cyrillic or Greek, or from Cyrillic in Latin.
pub(super) fn homoglyphs(text: &str, draw: &mut Draw) -> String {
    let mut first = true;
    let swap = |c: char| {
        let Some(twin) = twin(c, draw) else { return c };
        let keep = !first && draw.one_in(2);
        first = false;
        if keep { c } else { twin }
    };
    text.chars().map(swap).collect()
}

pub(super) fn fullwidth(text: &str, _: &mut Draw) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}

pub(super) fn mathematical(text: &str, draw: &mut Draw) -> String {
    let Some((letters, zero)) = draw.pick(&ALPHABETS) else { return text.to_owned() };
    let style = |c: char| {
        let code = u32::from(c);
        let styled = match c {
            'A'..='Z' => Some(letters + code - u32::from('A')),
            'a'..='z' => Some(letters + 26 + code - u32::from('a')),
            '0'..='9' => zero.map(|zero| zero + code - u32::from('0')),
            _ => None,
        };
        styled.and_then(char::from_u32).unwrap_or(c)
    };
    text.chars().map(style).collect()
}

pub(super) fn reversed(text: &str, _: &mut Draw) -> String {
    backwards(text)
}

pub(super) fn rot13(text: &str, _: &mut Draw) -> String {
    let turn = |c: char, first: char| {
        let turned = (u32::from(c) - u32::from(first) + 13) % 26 + u32::from(first);
        char::from_u32(turned).unwrap_or(c)
    };
    let turn = |c: char| match c {
        'a'..='z' => turn(c, 'a'),
        'A'..='Z' => turn(c, 'A'),
        other => other,
    };
    text.chars().map(turn).collect()
}

pub(super) fn upper(text: &str) -> String {
    text.to_uppercase()
}

pub(super) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// As a dictated text: no mark stays that ends or begins a word. Marks within words and numbers stay.
pub(super) fn no_punctuation(text: &str) -> String {
    let mark = |c: char| {
        matches!(
            c,
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '(' | ')' | '«' | '»' | '„' | '“' | '”' | '…'
        ) || matches!(c, '‘' | '’' | '–' | '—' | '¿' | '¡' | '،' | '؛' | '؟' | '।')
    };
    // These stand between words that no space parts.
    let east_asian = |c: char| {
        matches!(c, '。' | '、' | '，' | '；' | '：' | '！' | '？' | '「' | '」' | '（' | '）' | '《' | '》')
    };
    let spaced = text.replace(east_asian, " ");
    let words = spaced.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        let gap = word.get(bare.len()..).unwrap_or_default();
        format!("{}{gap}", bare.trim_matches(mark))
    });
    words.collect()
}

/// Something between about half of the characters, and always after the first.
fn between(text: &str, draw: &mut Draw, mut insert: impl FnMut(&mut Draw) -> Option<char>) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    for (at, c) in text.chars().enumerate() {
        if at == 1 || (at > 1 && draw.one_in(2)) {
            written.extend(insert(draw));
        }
        written.push(c);
    }
    written
}

fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

fn tag(c: char) -> Option<char> {
    let shift = |c| char::from_u32(u32::from(c) + 0xE0000);
    (c == ' ' || c.is_ascii_graphic()).then_some(c).and_then(shift)
}

fn twin(c: char, draw: &mut Draw) -> Option<char> {
    if let Some((_, twins)) = ALIKE.iter().find(|(latin, _)| *latin == c) {
        return draw.pick(&twins.chars().collect::<Vec<_>>());
    }
    ALIKE.iter().find(|(_, twins)| twins.starts_with(c)).map(|(latin, _)| *latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rewrites_as_it_says() {
        let draw = || Draw::of(&["test"]);
        assert_eq!(fullwidth("A1 b", &mut draw()), "Ａ１ ｂ");
        assert_eq!(rot13("Hello, 1 Zoë", &mut draw()), "Uryyb, 1 Mbë");
        assert_eq!(reversed("añb", &mut draw()), "bña");
        assert_eq!(no_punctuation("Hi, Dr. O'Neil! (a@b.co) 3.5"), "Hi Dr O'Neil a@b.co 3.5");
        assert_eq!(no_punctuation("你好，李雷。"), "你好 李雷 ");
        assert!(tag_text("Ann é", &mut draw()).chars().all(|c| c == 'é' || u32::from(c) > 0xE0000));
        let hidden = zero_width("Ann", &mut draw());
        assert!(hidden.chars().count() > 3 && hidden.replace(ZERO_WIDTH, "") == "Ann");
        assert_ne!(homoglyphs("Anna", &mut draw()), "Anna");
        assert_ne!(homoglyphs("Анна", &mut draw()), "Анна");
        assert!(mathematical("Ann", &mut draw()).chars().all(|c| u32::from(c) > 0x1D3FF));
    }
}
