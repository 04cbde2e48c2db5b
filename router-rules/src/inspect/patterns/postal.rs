//! Postal addresses by their structure: a word for a street, a number, and a postcode with a town, as the
//! countries of fifteen languages write them. A street alone counts where its form leaves no doubt.

mod east;

use super::Leads;
use crate::inspect::KindId;
use crate::inspect::cursor::{at, before, is_word, run, run_back, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples;
use crate::inspect::hits::ADDRESS;
use crate::inspect::scan::Scan;

const KINDS: &[KindId] = &[ADDRESS];

pub(super) const LEADS: &Leads = &[
    (
        KINDS,
        Topic::NumberThenStreet,
        "street, st, road, rd, avenue, ave, lane, ln, drive, dr, boulevard, blvd, court, ct, close, crescent, terrace, way, \
         place, pl, square, parkway, pkwy, highway, hwy, gardens, grove, mews, nagar, marg",
    ),
    (
        KINDS,
        Topic::NumberThenWord,
        "rue, avenue, boulevard, bd, place, chemin, allée, impasse, quai, route, cours, square, faubourg",
    ),
    (
        KINDS,
        Topic::StreetThenNumber,
        "calle, c, avenida, avda, av, paseo, plaza, camino, carrera, rua, travessa, praça, estrada, alameda, via, viale, corso, \
         piazza, piazzale, vicolo, ul, ulica, ulicy, al, aleja, os, osiedle, улица, улице, ул, проспект, пр, переулок, пер, \
         шоссе, набережная, бульвар, площадь, caddesi, cad, cd, sokak, sokağı, sok, sk, bulvarı, mahallesi, mah, شارع, طريق, حي, \
         गली, मकान, सड़क, मार्ग, नगर",
    ),
];

/// The longest street with its name, in bytes.
const STREET_MAX: usize = 64;

/// `12 Oak Tree Lane, Leeds LS1 4AP`, from its `Lane`.
pub(in crate::inspect) fn number_then_street(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let capital = at(text, start).is_ascii_uppercase();
    // Other languages put the number last: `Plaza …`, `Place …`; and a word in lower case is only a word.
    let Some(from) = numbered(text, start).filter(|from| capital && *from >= scan.told_end) else { return };
    keep(scan, from, end, 0.75);
}

/// The number before one to four capitalised words that end at `end`.
fn numbered(text: &[u8], end: usize) -> Option<usize> {
    let mut here = end;
    for words in 0..5 {
        let gap = run_back(text, here, 2, |byte| byte == b' ');
        let word = run_back(text, gap, 24, |byte| is_word(byte) || matches!(byte, b'\'' | b'-' | b'.'));
        let bytes = slice(text, word, gap);
        let first = *bytes.first()?;
        if gap == here && words > 0 {
            return None;
        }
        if first.is_ascii_digit() {
            return (words > 0 && is_house(bytes) && !is_word(before(text, word))).then_some(word);
        }
        let small = matches!(bytes, b"of" | b"the" | b"de" | b"la" | b"du" | b"and");
        if !first.is_ascii_uppercase() && !small && first.is_ascii() {
            return None;
        }
        here = word;
    }
    None
}

/// One to five digits, perhaps with a letter: `12b`; or `5th`, which is the name of a street.
fn is_house(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=5).contains(&digits) && bytes.len() <= digits + 1
}

/// `12 bis, rue de la Paix, 75002 Paris`, from its `rue`.
pub(in crate::inspect) fn number_then_word(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let gap = run_back(text, start, 2, |byte| byte == b' ' || byte == b',');
    let word = run_back(text, gap, 6, is_word);
    let (number, number_end) = match slice(text, word, gap) {
        b"bis" | b"ter" | b"quater" => {
            let end = run_back(text, word, 1, |byte| byte == b' ');
            (run_back(text, end, 5, |byte| byte.is_ascii_digit()), end)
        }
        _ => (word, gap),
    };
    if number < scan.told_end
        || !is_house(slice(text, number, number_end))
        || gap == start
        || is_word(before(text, number))
    {
        return;
    }
    let name = street_name(text, end);
    let named = slice(text, end, name).iter().any(u8::is_ascii_uppercase);
    // `3 place names` and `the 2 avenue options` name nothing; `12, rue de la paix` may be in lower case.
    if name > end && (named || tail(text, name).is_some()) {
        keep(scan, number, name, 0.8);
    }
}

/// The end of up to five words of a name, particles among them.
fn street_name(text: &[u8], start: usize) -> usize {
    const SMALL: [&[u8]; 22] = [
        b"de", b"du", b"des", b"la", b"le", b"les", b"l", b"d", b"del", b"los", b"las", b"el", b"da", b"do",
        b"dos", b"das", b"e", b"y", b"dei", b"della", b"di", b"et",
    ];
    let mut end = start;
    let mut here = start + usize::from(at(text, start) == b'.');
    here = run(text, here, 2, |byte| byte == b' ' || byte == b'/');
    for _ in 0..6 {
        let word_end = run(text, here, 24, |byte| is_word(byte) || byte == b'-');
        let word = slice(text, here, word_end);
        if ["no", "nr", "numero", "km"].iter().any(|mark| word.eq_ignore_ascii_case(mark.as_bytes())) {
            break;
        }
        let small = SMALL.iter().any(|small| word.eq_ignore_ascii_case(small));
        let first = word.first().copied().unwrap_or(0);
        if !(first.is_ascii_uppercase() || !first.is_ascii() || small) || word_end - start > STREET_MAX {
            break;
        }
        if !small {
            end = word_end;
        }
        let joint = matches!(at(text, word_end), b'\'' | b' ' | b'.');
        here = run(text, word_end, 2, |byte| matches!(byte, b'\'' | b' ' | b'.'));
        if !joint {
            break;
        }
    }
    end
}

/// `Calle Mayor 5`, `ул. Ленина, д. 5, кв. 12`, `Atatürk Caddesi No: 12`, from the word for the street.
pub(in crate::inspect) fn street_then_number(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let word = slice(text, start, end);
    let short = word.len() <= 2
        || ["mah", "cad", "sok"].iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    let pointed = matches!(at(text, end), b'.' | b'/');
    let capital = at(text, start).is_ascii_uppercase() || !at(text, start).is_ascii();
    // `C/ Mayor 5` is a street, `C. About 10` an answer.
    let initial = word.len() == 1 && at(text, end) != b'/';
    if start < scan.told_end || short && !pointed || initial {
        return;
    }
    let name = street_name(text, end);
    let (number, number_end) = match house_after(text, name) {
        Some(found) => found,
        None => return,
    };
    let turkish = name == end && start > 0;
    let from = if turkish { own_name(text, start) } else { Some(start) };
    let Some(from) = from.filter(|_| number > name) else { return };
    let tailed = || tail(text, number_end).is_some();
    // Italian and Spanish write their street words small; so does English its `via`.
    if capital || pointed || turkish || tailed() {
        keep(scan, from, number_end, 0.75);
    }
}

/// The capitalised words before a Turkish word for a street; none where there are none.
fn own_name(text: &[u8], start: usize) -> Option<usize> {
    let mut from = start;
    for _ in 0..3 {
        let gap = run_back(text, from, 1, |byte| byte == b' ');
        let word = run_back(text, gap, 24, is_word);
        let first = at(text, word);
        if word == gap || (first.is_ascii() && !first.is_ascii_uppercase()) {
            break;
        }
        from = word;
    }
    (from < start).then_some(from)
}

/// The number that follows a street's name: `12`, `, 12`, `nº 12`, `No: 12`, `д. 12`, `नंबर 12`.
fn house_after(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let gap = run(text, start, 3, |byte| matches!(byte, b',' | b' ' | b'.'));
    const MARKS: [&str; 13] =
        ["number ", "numero ", "no:", "no.", "no ", "nr.", "nr ", "n.", "д.", "д ", "дом ", "رقم ", "नंबर "];
    let mark =
        MARKS.iter().find(|mark| slice(text, gap, gap + mark.len()).eq_ignore_ascii_case(mark.as_bytes()));
    let number = gap + mark.map_or(0, |mark| mark.len());
    let number = run(text, number, 2, |byte| matches!(byte, b' ' | b'.' | b':'));
    let digits = run(text, number, 6, |byte| byte.is_ascii_digit());
    let end = digits + usize::from(at(text, digits).is_ascii_alphabetic() && !is_word(at(text, digits + 1)));
    let slash = if matches!(at(text, end), b'/' | b'-') {
        run(text, end + 1, 4, |byte| byte.is_ascii_digit())
    } else {
        end
    };
    let end = if slash > end + 1 { slash } else { end };
    let fits = (1..=5).contains(&(digits - number))
        && number > start
        && !is_word(at(text, end))
        && at(text, end) != b'%';
    fits.then_some((number, end))
}

/// Endings of streets that need nothing more than a number, and those that are endings of other words too.
const ENDINGS: [&[u8]; 8] =
    ["straße".as_bytes(), b"strasse", b"str", b"gasse", b"allee", b"straat", b"gracht", b"steenweg"];
const WEAK_ENDINGS: [&[u8]; 14] = [
    b"weg", b"platz", b"ring", b"damm", b"ufer", b"laan", b"plein", b"kade", b"singel", b"dijk", b"hof",
    b"markt", b"linden", b"graben",
];

/// `Lindenstraße 12, 10969 Berlin`, from its number; and the East's, where the number stands in the name.
pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize, end: usize) -> bool {
    let text = scan.text;
    if !scan.detectors.wanted.has(ADDRESS) || end - start > 5 || start < scan.told_end {
        return false;
    }
    let previous = before(text, start);
    let eastern = !previous.is_ascii() || previous == b' ' && !before(text, start - 1).is_ascii();
    if let Some((from, to)) = eastern.then(|| east::around(text, start, end)).flatten() {
        scan.told_end = to;
        scan.number_end = to;
        scan.hits.push(ADDRESS, from, to, 0.85);
        return true;
    }
    if previous != b' ' {
        return false;
    }
    let word_end = run_back(text, start - 1, 1, |byte| byte == b'.');
    let word = run_back(text, word_end, 32, |byte| is_word(byte) || byte == b'-');
    let bytes = slice(text, word, word_end);
    if bytes.len() < 3
        || !matches!(bytes.last(), Some(b'e' | b'r' | b't' | b'g' | b'z' | b'm' | b'n' | b'l' | b'k' | b'f'))
    {
        return false;
    }
    let letter = usize::from(at(text, end).is_ascii_alphabetic() && !is_word(at(text, end + 1)));
    let number_end = end + letter;
    let lower = bytes.to_ascii_lowercase();
    let capital = bytes.first().is_some_and(|first| first.is_ascii_uppercase() || !first.is_ascii());
    let ends = |endings: &[&[u8]]| {
        endings.iter().any(|ending| lower.ends_with(ending) && lower.len() > ending.len() + 1)
    };
    let strong = capital && (ends(&ENDINGS) || matches!(lower.as_slice(), b"strasse" | b"str"));
    let weak = capital && (ends(&WEAK_ENDINGS) || WEAK_ENDINGS.contains(&lower.as_slice()));
    if is_word(at(text, number_end)) || at(text, number_end) == b':' {
        return false;
    }
    if strong || weak && tail(text, number_end).is_some() {
        keep(scan, word, number_end, 0.8);
        return true;
    }
    false
}

/// What postcodes look like: `9` for a digit, `A` for a capital.
const POSTCODES: [&[u8]; 15] = [
    b"99999-9999",
    b"99999-999",
    b"AA9A 9AA",
    b"AA99 9AA",
    b"AA9 9AA",
    b"A9A 9AA",
    b"A99 9AA",
    b"A9 9AA",
    b"9999-999",
    b"9999 AA",
    b"9999AA",
    b"99-999",
    b"999999",
    b"999 99",
    b"99999",
];

/// How far after the street its postcode may begin.
const TAIL_MAX: usize = 72;

/// The end of the postcode, and of the town after it, that follow a street.
fn tail(text: &[u8], start: usize) -> Option<usize> {
    let reach = run(text, start, TAIL_MAX, |byte| byte != 0 && byte != b';' && byte != b'?');
    let mut previous = before(text, start);
    (start..reach).find_map(|place| {
        let begins = at(text, place).is_ascii_alphanumeric() && !is_word(previous);
        previous = at(text, place);
        let end = begins.then(|| postcode(text, place)).flatten()?;
        let town = run(text, end, 2, |byte| byte == b' ' || byte == b',');
        let town_end = run(text, town, 24, |byte| is_word(byte) && !byte.is_ascii_digit() || byte == b'-');
        let capital = at(text, town).is_ascii_uppercase() || !at(text, town).is_ascii();
        Some(if town > end && capital && town_end > town + 1 { town_end } else { end })
    })
}

fn postcode(text: &[u8], start: usize) -> Option<usize> {
    // Most words and numbers are told from a postcode by how they begin.
    let digits = run(text, start, 7, |byte| byte.is_ascii_digit()) - start;
    let letters = run(text, start, 3, |byte| byte.is_ascii_uppercase()) - start;
    let begins =
        (2..=6).contains(&digits) || (1..=2).contains(&letters) && at(text, start + letters).is_ascii_digit();
    if !begins {
        return None;
    }
    let fits = |shape: &&&[u8]| {
        let end = start + shape.len();
        let same = shape.iter().zip(slice(text, start, end)).all(|(shape, byte)| match shape {
            b'9' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_uppercase(),
            other => other == byte,
        });
        same && end <= text.len() && !is_word(at(text, end)) && at(text, end) != b'.'
    };
    POSTCODES.iter().find(fits).map(|shape| start + shape.len())
}

/// Keeps an address, with the postcode and the town that follow it.
fn keep(scan: &mut Scan<'_>, from: usize, to: usize, confidence: f32) {
    let tail = tail(scan.text, to);
    let end = tail.unwrap_or(to);
    scan.told_end = end;
    if !examples::is_address(slice(scan.text, from, end)) {
        scan.hits.push(ADDRESS, from, end, if tail.is_some() { 0.9 } else { confidence });
    }
}
