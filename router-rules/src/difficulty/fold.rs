//! Letters as the lexicon has them: small, without the accents of Latin script, words parted by one space.

/// Folds a sentence; a space stands before and after every word.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            'a'..='z' => out.push(letter),
            '\'' | '\u{2019}' if !ends_short(rest.as_str()) => space(&mut out),
            _ => push(letter, &mut out),
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

fn push(letter: char, out: &mut String) {
    match letter {
        'a'..='z' | '0'..='9' => out.push(letter),
        'A'..='Z' => out.push(letter.to_ascii_lowercase()),
        // What is left out parts no word: "don't" is one word, "l'algorithme" is two.
        '\'' | '\u{2019}' | '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{200B}'..='\u{200F}' => {}
        _ if letter.is_ascii() => space(out),
        'ß' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        // Vowel signs of Devanagari are no letters to Unicode, yet part of the word.
        '\u{900}'..='\u{963}' => out.push(letter),
        _ if !letter.is_alphanumeric() => space(out),
        _ => {
            letter.to_lowercase().filter(|small| *small != '\u{307}').for_each(|small| out.push(base(small)))
        }
    }
}

/// Whether a word ends with what stands behind an apostrophe in English.
fn ends_short(rest: &str) -> bool {
    let mut letters = rest.chars();
    matches!(letters.next(), Some('t' | 's')) && !letters.next().is_some_and(char::is_alphanumeric)
}

fn space(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The letter under an accent.
fn base(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ű' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        other => other,
    }
}
