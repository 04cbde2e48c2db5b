//! Numbers that states, insurers, banks and makers give: each is a [`Format`] in the table of its region.
//!
//! A format tells how the number is written, what it must hold (check digits, dates, ranges) and the words that
//! are said of it. Where form and check leave little to chance, the number is found wherever it stands; where
//! they do not, a word must say what it is, or one of its kind must stand shortly before it.

mod americas;
mod asia;
mod britain;
mod cues;
mod dates;
mod east;
mod form;
mod index;
mod nordic;
mod papers;
mod south;
mod things;
mod west;

pub(in crate::inspect) use cues::Heard;
pub(in crate::inspect) use index::Index;

use super::super::cursor::{at, before, run, run_back};
use super::super::scan::Scan;
use crate::inspect::KindId;
use form::Written;

/// How one number is written and told.
struct Format {
    /// What it is, for whoever reads the table and its tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "it names the row for readers and tests"))]
    name: &'static str,
    kind: KindId,
    /// The ways to write it, each with how sure it is where nothing is said of it; [`SPOKEN`] where that is not
    /// enough. The language is told in [`form`].
    forms: &'static [(&'static str, f32)],
    /// Whether its letters (in capitals) and digits, without separators, can be one.
    holds: fn(&[u8]) -> bool,
    /// Words said of it, before or after; with a space at the end, whole words only.
    cues: &'static [&'static str],
    /// Whether nothing but its words tells it: then they stand before it, and close.
    loose: bool,
    /// Numbers in published documents and samples, which are nobody's.
    examples: &'static [&'static str],
}

/// The form alone is not enough.
const SPOKEN: f32 = 0.0;

/// How sure a number is whose words are there.
const CONFIDENCE_SPOKEN: f32 = 0.95;

/// The same where nothing can be checked.
const CONFIDENCE_LOOSE: f32 = 0.7;

/// What most rows share.
const FORMAT: Format = Format {
    name: "",
    kind: crate::inspect::hits::NATIONAL_ID,
    forms: &[],
    holds: |_| true,
    cues: &[],
    loose: false,
    examples: &[],
};

/// Every table, the loosest last: of two formats that fit a number equally, the first is taken.
const TABLES: [&[Format]; 9] = [
    britain::FORMATS,
    west::FORMATS,
    south::FORMATS,
    nordic::FORMATS,
    east::FORMATS,
    americas::FORMATS,
    asia::FORMATS,
    things::FORMATS,
    papers::FORMATS,
];

/// A number that was found.
pub(super) struct Id {
    format: usize,
    kind: KindId,
    start: usize,
    end: usize,
    confidence: f32,
    /// Whether its words are there.
    pub(super) spoken: bool,
}

/// How far a number may stand from the one before it in a list that is announced once.
const LIST_REACH: usize = 96;

/// The most letters that a number's first group of digits may have before it.
const LETTERS_MAX: usize = 8;

/// The longest group of letters and digits.
const GROUP_MAX: usize = 20;

/// Looks for a number whose first digits begin at `start`.
pub(super) fn at_digits(scan: &mut Scan<'_>, start: usize) -> Option<Id> {
    let (text, detectors) = (scan.text, scan.detectors);
    let index = detectors.ids.as_ref()?;
    let group = run_back(text, start, LETTERS_MAX, |byte| byte.is_ascii_alphabetic());
    let previous = before(text, group);
    if previous.is_ascii_alphanumeric() {
        return None;
    }
    let end = run(text, start, GROUP_MAX + 1, |byte| byte.is_ascii_alphanumeric());
    // Most numbers are short and stand alone.
    let goes_on = matches!(at(text, end), b' ' | b'-' | b'.' | b'/' | b'(')
        && (at(text, end + 1).is_ascii_digit() || at(text, end + 1).is_ascii_uppercase());
    let headed = matches!(previous, b' ' | b'-')
        && group.checked_sub(2).is_some_and(|last| at(text, last).is_ascii_uppercase());
    if end - group < 6 && !goes_on && !headed {
        return None;
    }
    let around = index::Around::of_group(text, group);
    let mut said = None;
    let mut best: Option<Id> = None;
    for way in index.ways(start - group, end - group, around) {
        let Some(written) = way.read(text, group) else { continue };
        let said = *said.get_or_insert_with(|| scan.heard.around(&index.cues, text, group, end));
        let spoken = said.of(way.format, way.loose) || is_listed(scan, way.format, way.loose, written.start);
        if !(spoken || way.confidence > SPOKEN && written.stands_alone(text)) {
            continue;
        }
        let confidence = match (spoken, way.loose) {
            (true, false) => CONFIDENCE_SPOKEN,
            (true, true) => CONFIDENCE_LOOSE,
            _ => way.confidence,
        };
        let better = best
            .as_ref()
            .is_none_or(|best| (spoken, written.end, confidence) > (best.spoken, best.end, best.confidence));
        if better && !is_placeholder(written.number()) && way.holds(written.number()) {
            let Written { start, end, .. } = written;
            best = Some(Id { format: way.format, kind: way.kind, start, end, confidence, spoken });
        }
    }
    best
}

/// Whether a number of the same format was found shortly before.
fn is_listed(scan: &Scan<'_>, format: usize, loose: bool, start: usize) -> bool {
    let close = |(known, end): (usize, usize)| known == format && start.saturating_sub(end) <= LIST_REACH;
    !loose && scan.id_found.is_some_and(close)
}

pub(super) fn keep(scan: &mut Scan<'_>, id: &Id) {
    scan.hits.push(id.kind, id.start, id.end, id.confidence);
    scan.number_end = id.end;
    scan.id_found = Some((id.format, id.end));
}

/// Whether the digits are one digit over and over, or count up or down: nobody's number. The last two may be
/// check digits.
fn is_placeholder(number: &[u8]) -> bool {
    let mut digits = [0_u8; form::NUMBER_MAX];
    let mut count = 0;
    for (place, digit) in digits.iter_mut().zip(number.iter().filter(|byte| byte.is_ascii_digit())) {
        *place = *digit;
        count += 1;
    }
    if count < 6 {
        return false;
    }
    let told = if count < 8 { count } else { count - 2 };
    let steps = |step: u8| {
        digits.get(..told).unwrap_or_default().windows(2).all(|pair| match *pair {
            [one, next] => (one - b'0' + step) % 10 == next - b'0',
            _ => true,
        })
    };
    steps(0) || steps(1) || steps(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_well_formed_and_nobodys() {
        let examples =
            |format: &'static Format| format.examples.iter().map(move |example| (format, *example));
        let wrong: Vec<_> = TABLES
            .into_iter()
            .flatten()
            .flat_map(examples)
            .filter(|(format, example)| !(format.holds)(example.as_bytes()))
            .map(|(format, example)| (format.name, example))
            .collect();
        assert_eq!(wrong, []);
    }

    /// Numbers from the manuals of registers and from python-stdnum's documentation.
    const PUBLISHED: [(&str, &str); 35] = [
        ("uk-utr", "1955839661"),
        ("uk-vat", "GB980780684"),
        ("es-seguridad-social", "281234567840"),
        ("es-cif", "J99216582"),
        ("pt-nipc", "501964843"),
        ("tr-vkn", "4540536920"),
        ("tr-kimlik", "17291716060"),
        ("gr-afm", "094259216"),
        ("gr-amka", "01013099997"),
        ("ar-cuit", "20055361682"),
        ("cl-rut", "760864285"),
        ("mx-curp", "BOXW310820HNERXN09"),
        ("ro-cnp", "1630615123457"),
        ("hr-oib", "33392005961"),
        ("ua-rnokpp", "1759013776"),
        ("il-id", "039337423"),
        ("za-id", "7503305044089"),
        ("is-kennitala", "4504013150"),
        ("no-organisasjonsnummer", "988077917"),
        ("no-fodselsnummer", "15108695088"),
        ("fi-y-tunnus", "20774740"),
        ("se-organisationsnummer", "1234567897"),
        ("dk-cpr-alone", "2110625629"),
        ("fr-spi", "3023217600053"),
        ("be-enterprise", "0403019261"),
        ("kr-company", "1168200276"),
        ("kr-company", "2208162517"),
        ("ch-uid", "CHE100155212"),
        ("us-routing", "111000025"),
        ("us-routing", "021000021"),
        ("pl-nip", "8567346215"),
        ("cz-rodne-cislo", "7103192745"),
        ("hu-taj", "111111110"),
        ("au-medicare", "2428778132"),
        ("it-partita-iva", "00743110157"),
    ];

    #[test]
    fn published_numbers_hold() {
        let format = |name: &str| TABLES.into_iter().flatten().find(|format| format.name == name).unwrap();
        let wrong: Vec<_> =
            PUBLISHED.into_iter().filter(|(name, number)| !(format(name).holds)(number.as_bytes())).collect();
        assert_eq!(wrong, []);
    }

    #[test]
    fn every_format_can_be_told() {
        for format in TABLES.into_iter().flatten() {
            let spoken_only = format.forms.iter().any(|(_, alone)| *alone == SPOKEN);
            assert!(!spoken_only || !format.cues.is_empty(), "{}", format.name);
        }
    }

    #[test]
    fn runs_are_placeholders() {
        for number in ["111111111", "123456789", "1234567890", "98765432100", "AB123456C", "12345678909"] {
            assert!(is_placeholder(number.as_bytes()), "{number}");
        }
        for number in ["536228145", "9434765919", "AB123457C"] {
            assert!(!is_placeholder(number.as_bytes()), "{number}");
        }
    }
}
