//! Dates of birth: a date beside a word that says so, in fifteen languages.

use std::sync::LazyLock;

use super::Leads;
use crate::inspect::cursor::{at, before, is_word, run, run_back, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::hits::BIRTH_DATE;
use crate::inspect::scan::Scan;
use crate::inspect::words::Words;

const KINDS: &[crate::inspect::KindId] = &[BIRTH_DATE];

/// Nouns speak for themselves; a verb is also said of those whom history knows.
pub(super) const LEADS: &Leads = &[
    (
        KINDS,
        Topic::Birth,
        "dob, d o b, date of birth, birth date, birthdate, birthday, birthdays, geburtsdatum, geburtstag, geb, \
         date de naissance, jour de naissance, fecha de nacimiento, cumpleaños, data de nascimento, nascimento, \
         data di nascita, compleanno, geboortedatum, verjaardag, data urodzenia, doğum tarihi, doğum tarihim, doğum günü, \
         дата рождения, даты рождения, день рождения, д р, 出生日期, 生日, 出生年月日, 生年月日, 誕生日, 생년월일+, 생일+, \
         출생일+, تاريخ الميلاد, تاريخ ميلاده, تاريخ ميلادي, مواليد, जन्मतिथि, जन्म तिथि, जन्म तारीख, जन्मदिन",
    ),
    (
        KINDS,
        Topic::Born,
        "born, geboren, né, née, naissance, nacido, nacida, nací, nació, nascido, nascida, nasci, nasceu, nato, nata, \
         nació el, urodzony, urodzona, urodzony, urodziłem, urodziłam, ur, doğumlu, doğumluyum, doğdu, doğdum, \
         родился, родилась, рожден, 出生, 生まれ, 출생, 태어났+, 태어난, ولد, ولدت, मैं जन्मा, जन्म",
    ),
];

/// Words of somebody's own: what a verb of birth is said of when it is no history.
static OWN: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "i ",
        "i'm",
        "my ",
        "me ",
        "our ",
        "we ",
        "his ",
        "her ",
        "patient",
        "client",
        "customer",
        "employee",
        "applicant",
        "son ",
        "daughter",
        "mr",
        "mrs",
        "ms ",
        "dr ",
        "child",
        "baby",
        "wife",
        "husband",
        "tenant",
        "insured",
        "ich ",
        "mein",
        "unser",
        "herr ",
        "frau ",
        "patientin",
        "kind ",
        "sohn",
        "tochter",
        "je ",
        "mon ",
        "ma ",
        "notre",
        "mme",
        "madame",
        "monsieur",
        "fils",
        "fille",
        "soussigne",
        "yo ",
        "mi ",
        "nuestr",
        "senor",
        "sra",
        "paciente",
        "hijo",
        "hija",
        "eu ",
        "meu",
        "minha",
        "nosso",
        "nossa",
        "filho",
        "filha",
        "utente",
        "io ",
        "mio",
        "mia ",
        "nostr",
        "sig",
        "figlio",
        "figlia",
        "paziente",
        "sottoscritt",
        "ik ",
        "mijn",
        "onze",
        "zoon",
        "dochter",
        "dhr",
        "mevr",
        "patient",
        "ja ",
        "moj",
        "moja",
        "nasz",
        "pan ",
        "pani ",
        "syn ",
        "corka",
        "pacjent",
        "ben ",
        "benim",
        "oglum",
        "kizim",
        "hasta",
        "bey",
        "hanim",
        "я ",
        "мой",
        "моя",
        "мне",
        "наш",
        "сын",
        "дочь",
        "пациент",
        "гражданин",
        "г-н",
        "我",
        "他",
        "她",
        "患者",
        "先生",
        "女士",
        "私",
        "さん",
        "様",
        "나는",
        "저는",
        "제",
        "내",
        "환자",
        "씨",
        "أنا",
        "ابني",
        "ابنتي",
        "المريض",
        "السيد",
        "मेरा",
        "मेरी",
        "मैं",
        "मेरे",
        "मरीज",
        "रोगी",
        "श्री",
    ])
});

/// How far from its word a date may begin.
const REACH: usize = 36;

/// Looks around a word for a date.
pub(in crate::inspect) fn at_word(scan: &mut Scan<'_>, topic: Topic, start: usize, end: usize) {
    let text = scan.text;
    let personal = || {
        let labelled = matches!(at(text, run(text, end, 2, |byte| byte == b' ' || byte == b'"')), b':');
        labelled || OWN.before(text, start, 48)
    };
    if start < scan.told_end || topic == Topic::Born && !personal() {
        return;
    }
    let Some((from, to)) = date_after(text, end).or_else(|| date_before(text, start)) else { return };
    scan.told_end = to.max(end);
    scan.hits.push(BIRTH_DATE, from, to, if topic == Topic::Birth { 0.9 } else { 0.75 });
}

fn date_after(text: &[u8], end: usize) -> Option<(usize, usize)> {
    let reach = run(text, end, REACH, |byte| !byte.is_ascii_digit() && !matches!(byte, b'?' | b'!' | b';'));
    if !at(text, reach).is_ascii_digit() {
        return None;
    }
    // `March 4, 1985` begins with its month.
    let gap = run_back(text, reach, 2, |byte| byte == b' ' || byte == b'.');
    let month = run_back(text, gap, 30, is_word).max(end);
    let starts = if gap < reach && gap - month >= 3 && is_month(slice(text, month, gap)) {
        [month, reach]
    } else {
        [reach, reach]
    };
    starts.into_iter().find_map(|from| Some((from, date(text, from)?)))
}

/// `1985年3月4日生まれ`, `4 Mart 1985 doğumlu`.
fn date_before(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let reach = start.saturating_sub(32);
    let mut previous = before(text, reach);
    (reach..start).find_map(|from| {
        let begins = at(text, from).is_ascii_digit() && !previous.is_ascii_alphanumeric();
        previous = at(text, from);
        let end = begins.then(|| date(text, from)).flatten()?;
        let near = slice(text, end, start).iter().all(|byte| !byte.is_ascii_alphanumeric());
        (end <= start && start - end <= 12 && near).then_some((from, end))
    })
}

/// Words at the beginning of dates in the languages that write the month first.
fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    MONTHS.iter().any(|month| word.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(month.as_bytes())))
}

/// The end of the date that begins here: day, month and year in some order, a year in which one now alive can
/// have been born.
fn date(text: &[u8], start: usize) -> Option<usize> {
    let mut here = start;
    let mut parts = [(0_u32, 0_usize); 3];
    let mut count = 0;
    let mut worded = false;
    while count < 3 {
        if at(text, here).is_ascii_digit() {
            let end = run(text, here, 5, |byte| byte.is_ascii_digit());
            let value =
                slice(text, here, end).iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
            *parts.get_mut(count)? = (value, end - here);
            count += 1;
            here = end;
        } else if !worded && is_word(at(text, here)) {
            let end = run(text, here, 36, |byte| is_word(byte) && !byte.is_ascii_digit());
            worded = end - here >= 3;
            here = end;
        } else {
            return None;
        }
        if count + usize::from(worded) >= 3 && parts.iter().take(count).any(|(_, length)| *length == 4) {
            break;
        }
        here = separator(text, here);
    }
    let parts = parts.get(..count)?;
    let end = here;
    let year = parts.iter().find(|(_, length)| *length == 4).map(|(year, _)| *year);
    let short = parts.iter().filter(|(value, length)| *length <= 2 && (1..=31).contains(value)).count();
    let year_fits = match year {
        Some(year) => (1915..=2035).contains(&year) && short + 1 == count,
        // `04.03.85`, but no version and no section.
        None => !worded && count == 3 && parts.iter().all(|(_, length)| *length == 2),
    };
    let month = worded || parts.iter().any(|(value, length)| *length <= 2 && (1..=12).contains(value));
    (year_fits && month && !at(text, end).is_ascii_digit()).then_some(end)
}

/// What stands between the parts of a date: points, slashes, dashes, `de`, `年` and `月`, an ordinal's letters.
fn separator(text: &[u8], start: usize) -> usize {
    let ordinal = ["st", "nd", "rd", "th", "er", "º"].iter().find(|mark| {
        slice(text, start, start + mark.len()).eq_ignore_ascii_case(mark.as_bytes())
            && at(text, start).is_ascii_alphabetic()
            && before(text, start).is_ascii_digit()
    });
    let here = start + ordinal.map_or(0, |mark| mark.len());
    let here = run(text, here, 3, |byte| matches!(byte, b'.' | b'/' | b'-' | b' ' | b','));
    let of = ["de ", "of ", "del ", "年", "月", "\u{1102}\u{1167}\u{11AB}", "\u{110B}\u{116F}\u{11AF}"]
        .iter()
        .find(|word| slice(text, here, here + word.len()) == word.as_bytes());
    let here = here + of.map_or(0, |word| word.len());
    run(text, here, 2, |byte| byte == b' ')
}
