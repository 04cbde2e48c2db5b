//! Codes that open doors, safes and alarms, as they are told: "the gate code is 4471#", "Tresor 4-19-33-8".

use super::Leads;
use crate::inspect::cursor::{at, before, goes_on, joins, run, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples::is_run;
use crate::inspect::hits::PASSWORD;
use crate::inspect::scan::Scan;

/// Words for such codes, and for what has a combination.
pub(super) const LEADS: &Leads = &[
    (
        &[PASSWORD],
        Topic::Code,
        "door code, gate code, alarm code, entry code, entrance code, lockbox code, lock code, safe code, keypad code, \
         unlock code, garage code, building code is, alarm panel, security code for the alarm, türcode, torcode, \
         alarmcode, zugangscode, haustürcode, schließfachcode, entsperrcode, digicode, code d entrée, code de la porte, \
         code du portail, code alarme, code de l alarme, code de déverrouillage, code de l immeuble, código de la puerta, código del portal, \
         código de la alarma, código del garaje, código do portão, código da porta, código do alarme, codice allarme, \
         codice cancello, codice del cancello, codice portone, codice della porta, deurcode, poortcode, \
         code van de deur, code van het alarm, code van het sleutelkastje, kod do domofonu, kod do bramy, kod do drzwi, kod alarmu, \
         kod do furtki, kapı kodu, alarm kodu, kapının kodu, apartman kodu, код домофона, код от домофона, код подъезда, \
         код от двери, код от ворот, код сигнализации, код замка, 门禁密码, 门锁密码, 门禁码, 門禁密碼, 裏口の暗証番号, \
         玄関の暗証番号, 解錠番号, 현관 비번, 현관 비밀번호+, 공동현관, 도어락+, كود باب, كود الباب, رمز الباب, رمز الإنذار, \
         كود البوابة, गेट का कोड, दरवाज़े का कोड, अलार्म का कोड, लॉकर का कोड",
    ),
    (
        &[PASSWORD],
        Topic::Combination,
        "safe combination, combination of the safe, combination to the safe, combination for the safe, combination lock, \
         combination of the lock, locker combination, tresor, tresorcode, zahlenschloss, coffre fort, code du coffre, combinaison du coffre, \
         caja fuerte, candado, cofre, cassaforte, combinazione, kluis, cijferslot, sejf, sejfu, kasanın kodu, kasa şifresi, \
         сейф, сейфа, сейфу, 保险柜, 保險櫃, 保险箱, 金庫, 금고+, رمز الخزنة, الخزنة, तिजोरी",
    ),
];

/// How far after its word a code may stand, within the sentence.
const REACH: usize = 64;

/// Looks after a word for the code that it speaks of.
pub(in crate::inspect) fn told(scan: &mut Scan<'_>, topic: Topic, start: usize, end: usize) {
    if !scan.detectors.wanted.has(PASSWORD) || start < scan.key_end {
        return;
    }
    let text = scan.text;
    let to = sentence(text, end);
    // Machines have codes of alarms too.
    let alarm = slice(text, start, end).windows(4).any(|window| window.eq_ignore_ascii_case(b"larm"));
    let found = match topic {
        Topic::Code => code(text, end, to)
            .filter(|found| !alarm || opens(text, *found))
            .or_else(|| groups(text, end, to)),
        _ => groups(text, end, to).or_else(|| turns(text, end, to)),
    };
    if let Some((from, to)) = found.filter(|(from, _)| !scan.value.contains(from)) {
        scan.value = from..to;
        scan.hits.push(PASSWORD, from, to, 0.7);
    }
}

type Found = Option<(usize, usize)>;

/// Where the sentence ends, at most so far.
pub(super) fn sentence(text: &[u8], start: usize) -> usize {
    let stop = slice(text, start, start + REACH)
        .windows(2)
        .position(|pair| matches!(pair, [b'\n' | b'?' | b';', _] | [b'.' | b'!', b' ' | b'\n']));
    start + stop.unwrap_or_else(|| slice(text, start, start + REACH).len())
}

/// Four to eight digits, or letters and digits, with or without the key that ends it: `0815*`, `48B27`.
fn code(text: &[u8], start: usize, end: usize) -> Found {
    let mut place = start;
    loop {
        place = run(text, place, end.saturating_sub(place), |byte| !byte.is_ascii_digit());
        if place >= end {
            return None;
        }
        let from = place - prefix(text, place);
        let to = run(text, place, 12, |byte| byte.is_ascii_alphanumeric());
        let bytes = slice(text, from, to);
        let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        let letters = bytes.len() - digits;
        let small = bytes.iter().any(u8::is_ascii_lowercase);
        let alone = !is_part(text, from, to) && !is_measured(text, to);
        let year = bytes.len() == 4 && (bytes.starts_with(b"19") || bytes.starts_with(b"20"));
        let said = matches!(at(text, to), b'#' | b'*') || is_said(text, from);
        if alone && (4..=8).contains(&digits) && letters <= 2 && !small && !is_run(bytes) && (!year || said) {
            let key = usize::from(matches!(at(text, to), b'#' | b'*'));
            return Some((from, to + key));
        }
        place = to.max(place + 1);
    }
}

/// Whether a code is told as one: after a verb or a mark, or with the key that ends it.
fn opens(text: &[u8], (from, to): (usize, usize)) -> bool {
    is_said(text, from) || matches!(before(text, to), b'#' | b'*')
}

/// How many letters stand right before a digit: `B27`.
fn prefix(text: &[u8], place: usize) -> usize {
    let letters = slice(text, place.saturating_sub(2), place).iter().rev();
    letters.take_while(|byte| byte.is_ascii_uppercase()).count()
}

/// Whether a stretch is a part of something longer: a number with groups, a time, a path.
fn is_part(text: &[u8], from: usize, to: usize) -> bool {
    let behind = at(text, to);
    let goes_on =
        matches!(behind, b'.' | b',' | b'/' | b':' | b'-') && at(text, to + 1).is_ascii_alphanumeric();
    joins(text, to) && behind.is_ascii()
        || goes_on
        || before(text, from).is_ascii_alphanumeric()
        || matches!(before(text, from), b'.' | b'/' | b'-' | b'+' | b'$' | b'_')
}

/// Whether a verb or a mark stands right before.
fn is_said(text: &[u8], from: usize) -> bool {
    let head = slice(text, from.saturating_sub(8), from);
    [&b" is "[..], b" ist ", b" est ", b" es ", b" to ", b": ", b":", b"= ", b"=", b" auf ", b"\xE3\x81\xAF"]
        .iter()
        .any(|verb| head.ends_with(verb))
}

/// Whether a unit follows: a price or a weight opens nothing.
fn is_measured(text: &[u8], to: usize) -> bool {
    let space = usize::from(at(text, to) == b' ');
    let units = [
        "eur", "€", "usd", "$", "£", "kg", "zł", "zl", "tl", "руб", "₽", "元", "円", "원", "₹", "%", "mm",
        "cm", "m ", "lbs", "dollar", "pound",
    ];
    units.iter().any(|unit| goes_on(text, to + space, unit) || goes_on(text, to, unit))
}

/// Three to six groups of one or two digits: `4-19-33-8`.
fn groups(text: &[u8], start: usize, end: usize) -> Found {
    let mut place = start;
    loop {
        place = run(text, place, end.saturating_sub(place), |byte| !byte.is_ascii_digit());
        if place >= end {
            return None;
        }
        let to = run(text, place, 24, |byte| byte.is_ascii_digit() || byte == b'-');
        let to = if before(text, to) == b'-' { to - 1 } else { to };
        let parts = slice(text, place, to).split(|byte| *byte == b'-');
        let fits = parts.clone().all(|part| matches!(part.len(), 1 | 2));
        if fits && (3..=6).contains(&parts.count()) && !is_part(text, place, to) {
            return Some((place, to));
        }
        place = to.max(place + 1);
    }
}

/// Ways to turn a dial.
const TURNS: [&str; 28] = [
    "left",
    "right",
    "links",
    "rechts",
    "gauche",
    "droite",
    "izquierda",
    "derecha",
    "esquerda",
    "direita",
    "sinistra",
    "destra",
    "lewo",
    "prawo",
    "влево",
    "вправо",
    "налево",
    "направо",
    "左",
    "右",
    "왼",
    "오른",
    "오 ",
    "يمين",
    "يسار",
    "दाएँ",
    "बाएँ",
    "sağa",
];

/// `12 left, 31 right`: two short numbers, and a way to turn.
fn turns(text: &[u8], start: usize, end: usize) -> Found {
    let clause = slice(text, start, end);
    let turned = TURNS
        .iter()
        .any(|way| clause.windows(way.len()).any(|window| window.eq_ignore_ascii_case(way.as_bytes())));
    let mut numbers = Vec::new();
    let mut place = start;
    while place < end {
        let from = run(text, place, end - place, |byte| !byte.is_ascii_digit());
        let to = run(text, from, 8, |byte| byte.is_ascii_digit());
        if matches!(to - from, 1 | 2) {
            numbers.push((from, to));
        }
        place = to.max(from + 1);
    }
    let (first, last) = (numbers.first()?, numbers.last()?);
    (turned && numbers.len() >= 2).then_some((first.0, last.1))
}
