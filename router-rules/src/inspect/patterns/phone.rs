//! Telephone numbers: international, North American, national with a trunk zero, and bare where they are
//! spoken of.

mod countries;

use std::sync::LazyLock;

use super::number::Groups;
use crate::inspect::cursor::{at, before, goes_on, run};
use crate::inspect::examples;
use crate::inspect::hits::PHONE;
use crate::inspect::scan::Scan;
use crate::inspect::words::Words;

/// How far back a word such as `phone` is looked for.
const REACH: usize = 32;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        // English
        "phone",
        "telephone",
        "tel",
        "mobile",
        "cell",
        "call",
        "fax",
        "whatsapp",
        "sms",
        "text me",
        "ring",
        "dial",
        "reach me",
        "reach us",
        "reach him",
        "reach her",
        "reach them",
        "answering",
        "voicemail",
        "landline",
        "number is",
        "contact",
        "signal",
        "hotline",
        // German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish
        "handy",
        "mobil",
        "rufnummer",
        "ruf ",
        "rückruf",
        "erreich",
        "anruf",
        "ruf mich",
        "téléphone",
        "portable",
        "appel",
        "joindre",
        "répond",
        "numéro",
        "teléfono",
        "móvil",
        "celular",
        "llám",
        "llama",
        "contesta",
        "número",
        "telefone",
        "telemóvel",
        "ligue",
        "liga",
        "atende",
        "contacto",
        "contato",
        "cellulare",
        "chiama",
        "numero",
        "recapito",
        "risponde",
        "telefoon",
        "mobiel",
        "bel ",
        "bereik",
        "nummer",
        "telefon",
        "komórk",
        "zadzwoń",
        "dzwoń",
        "odbiera",
        "numer",
        "cep",
        "ara ",
        "arayın",
        "numara",
        "iletişim",
        // Russian, Arabic, Hindi
        "телефон",
        "тел",
        "номер",
        "звон",
        "позвон",
        "моб",
        "набер",
        "отвеча",
        "هاتف",
        "جوال",
        "موبايل",
        "اتصل",
        "رقمي",
        "الرقم",
        "تلفون",
        "फोन",
        "फ़ोन",
        "मोबाइल",
        "नंबर",
        "कॉल",
        "संपर्क",
        // Chinese, Japanese, Korean
        "电话",
        "電話",
        "手机",
        "手機",
        "致电",
        "拨打",
        "联系",
        "聯絡",
        "携帯",
        "連絡",
        "전화",
        "휴대폰",
        "핸드폰",
        "연락처",
        "번호",
    ])
});

/// Words that follow a number in a list of ways to reach someone.
const WORDS_AFTER: [&str; 5] = [" office", " mobile", " cell", " fax", " (mobile"];

pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize, groups: &Groups) -> bool {
    let text = scan.text;
    let previous = before(text, start);
    if !scan.detectors.wanted.has(PHONE)
        || previous.is_ascii_alphanumeric()
        || matches!(previous, b'_' | b'.' | b'$' | b'/' | b'=')
    {
        return false;
    }
    if let Some(last) = account(text, start, groups) {
        scan.number_end = groups.end(last);
        return true;
    }
    let Some((first, last, confidence)) = number(text, start, groups) else { return false };
    let end = groups.end(last);
    if at(text, end).is_ascii_alphanumeric() && extension(text, end) == end {
        return false;
    }
    let end = extension(text, end);
    if groups.digits().get(..total(groups, last)).is_some_and(examples::is_phone) {
        scan.number_end = end;
        return true;
    }
    scan.hits.push(PHONE, first, end, confidence);
    scan.number_end = end;
    true
}

/// The last group of what is written like a card or an account and has failed its check: no telephone either.
fn account(text: &[u8], start: usize, groups: &Groups) -> Option<usize> {
    const SHAPES: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 2]];
    if before(text, start) == b'+' {
        return None;
    }
    let shape = SHAPES.into_iter().find(|shape| groups.shaped(shape, b" -."))?;
    let last = (shape.len()..groups.count()).take_while(|group| groups.len(*group) <= 4).last();
    Some(last.unwrap_or(shape.len() - 1))
}

/// Where the number begins, its last group, and how sure it is.
fn number(text: &[u8], start: usize, groups: &Groups) -> Option<(usize, usize, f32)> {
    let bracket = before(text, start) == b'(';
    let opening = start - usize::from(bracket);
    if before(text, opening) == b'+' {
        let last = (0..groups.count())
            .rev()
            .find(|last| groups.digits().get(..total(groups, *last)).is_some_and(countries::assigned))?;
        return Some((opening - 1, last, 0.9));
    }
    if let Some((last, confidence)) = north_american(groups, bracket) {
        return Some((opening, last, confidence));
    }
    if let Some(last) = brazilian(groups, bracket).or_else(|| russian(groups)) {
        return Some((opening, last, 0.8));
    }
    if let Some(last) = trunk_zero(groups) {
        return Some((opening, last, 0.7));
    }
    let last = whole(groups, 15)?;
    let digits = total(groups, last);
    let dated = is_date(groups);
    let may_be = (7..=15).contains(&digits) && !dated && groups.len(last) >= 2;
    let spoken = || {
        let end = groups.end(last);
        WORDS_AFTER.iter().any(|word| goes_on(text, end, word)) || WORDS.before(text, opening, REACH)
    };
    (may_be && spoken()).then_some((opening, last, 0.6))
}

/// The last group of the longest number of whole groups with no more digits than `most`.
fn whole(groups: &Groups, most: usize) -> Option<usize> {
    (0..groups.count()).rev().find(|last| total(groups, *last) <= most)
}

fn total(groups: &Groups, last: usize) -> usize {
    (0..=last).map(|group| groups.len(group)).sum()
}

/// Three, three and four digits, with or without a one before (North American Numbering Plan).
fn north_american(groups: &Groups, bracket: bool) -> Option<(usize, f32)> {
    let leads = groups.len(0) == 1 && groups.digits().first() == Some(&b'1')
        || groups.len(0) == 3
            && groups.digits().starts_with(b"001")
            && groups.len(1) == 3
            && groups.len(3) == 4;
    let shift = usize::from(leads);
    let lengths = [0, 1, 2].map(|group| groups.len(group + shift));
    let area = groups.digits().get(total(groups, 0) * shift)?;
    if lengths != [3, 3, 4] || !(b'2'..=b'9').contains(area) {
        return None;
    }
    let exchange = groups.digits().get(total(groups, 0) * shift + 3)?;
    let separators = [groups.separator(shift), groups.separator(shift + 1)];
    let spaced = separators == [b' ', b' '];
    let known = separators.iter().all(|separator| b" -.()/".contains(separator));
    let plain = bracket || leads || !spaced || (b'2'..=b'9').contains(exchange);
    (known && plain).then_some((2 + shift, if spaced && !bracket { 0.7 } else { 0.9 }))
}

/// `(11) 91234-5678`.
fn brazilian(groups: &Groups, bracket: bool) -> Option<usize> {
    let fits = groups.len(0) == 2
        && matches!(groups.len(1), 4 | 5)
        && groups.len(2) == 4
        && groups.separator(1) == b'-';
    (bracket && fits).then_some(2)
}

/// `8 (912) 345-67-89`.
fn russian(groups: &Groups) -> Option<usize> {
    let lengths = [0, 1, 2, 3, 4].map(|group| groups.len(group));
    let leads = groups.digits().starts_with(b"89") || groups.digits().starts_with(b"84");
    (leads && lengths == [1, 3, 3, 2, 2]).then_some(4)
}

/// A national number with its leading zero: `020 7123 4567`, `06 12 34 56 78`, `0049 30 1234567`.
fn trunk_zero(groups: &Groups) -> Option<usize> {
    let last = whole(groups, 15)?;
    let digits = total(groups, last);
    // Three, two and four digits are a social security number, be it one that was never given.
    let social = groups.shaped(&[3, 2, 4], b"- .");
    let leads = !social && groups.digits().first() == Some(&b'0') && (2..=5).contains(&groups.len(0));
    let kind = groups.separator(0);
    let uniform =
        (0..last).all(|group| groups.separator(group) == kind || group == 0 && b"/()".contains(&kind));
    let grouped = last >= 1 && (1..=last).all(|group| groups.len(group) >= 2);
    (leads && uniform && grouped && (9..=15).contains(&digits) && !is_date(groups)).then_some(last)
}

fn is_date(groups: &Groups) -> bool {
    let dated = match [groups.len(0), groups.len(1), groups.len(2)] {
        [1 | 2, 1 | 2, 4] => true,
        [4, 2, 2] => groups.digits().starts_with(b"19") || groups.digits().starts_with(b"20"),
        [2, 2, 2] => groups.count() == 3,
        _ => false,
    };
    // A time may follow.
    dated && b"-./ ".contains(&groups.separator(0)) && (groups.count() == 3 || groups.separator(2) == b' ')
}

/// The end of the number with its extension.
fn extension(text: &[u8], end: usize) -> usize {
    let space = usize::from(at(text, end) == b' ');
    let mark = ["extension ", "ext. ", "ext ", "ext.", "ext", "x"]
        .iter()
        .find(|mark| goes_on(text, end + space, mark));
    let Some(mark) = mark else { return end };
    let digits = end + space + mark.len();
    let after = run(text, digits, 6, |byte| byte.is_ascii_digit());
    if after == digits { end } else { after }
}
