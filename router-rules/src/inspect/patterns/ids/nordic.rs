//! Sweden, Norway, Denmark, Finland and Iceland.

use super::dates::{day_month, is_date, is_time};
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, luhn, value, weighted};
use crate::inspect::hits::COMPANY_ID;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "se-personnummer",
        forms: &[
            ("999999-9999", SPOKEN),
            ("99999999-9999", SPOKEN),
            ("9999999999", SPOKEN),
            ("999999999999", SPOKEN),
            ("999999 9999", SPOKEN),
        ],
        holds: |number| personnummer(number) && !number.ends_with(b"1212121212"),
        cues: SWEDISH,
        examples: SWEDISH_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "se-personnummer-alone",
        forms: &[("999999-9999", 0.7), ("999999+9999", 0.8), ("99999999-9999", 0.8), ("99999999+9999", 0.9)],
        // A day and a time are written the same way.
        holds: |number| personnummer(number) && !is_time(number, number.len().saturating_sub(4)),
        cues: SWEDISH,
        examples: SWEDISH_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "se-organisationsnummer",
        kind: COMPANY_ID,
        forms: &[("999999-9999", SPOKEN), ("9999999999", SPOKEN)],
        holds: |number| digit(number, 2) >= 2 && luhn(number),
        cues: &["organisationsnummer", "org nr", "orgnr", "organisation number", "momsnummer"],
        ..FORMAT
    },
    Format {
        name: "no-fodselsnummer",
        forms: &[("999999 99999", 0.8), ("99999999999", SPOKEN), ("99 99 99 99999", 0.8)],
        holds: fodselsnummer,
        cues: &[
            "fødselsnummer",
            "fodselsnummer",
            "foedselsnummer",
            "personnummer",
            "fnr",
            "d nummer",
            "fødselsnr",
            "birth number",
        ],
        ..FORMAT
    },
    Format {
        name: "no-organisasjonsnummer",
        kind: COMPANY_ID,
        forms: &[("999 999 999", SPOKEN), ("999999999", SPOKEN)],
        holds: |number| {
            matches!(number.first(), Some(b'8' | b'9'))
                && (11 - weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == digit(number, 8)
        },
        cues: &["organisasjonsnummer", "org nr", "orgnr"],
        ..FORMAT
    },
    Format {
        name: "dk-cpr",
        forms: &[("999999-9999", SPOKEN), ("9999999999", SPOKEN), ("999999 9999", SPOKEN)],
        // The check has been given up for those born on some days.
        holds: |number| day_month(number, 0, 2),
        cues: &["cpr", "personnummer", "personnr", "pers nr"],
        examples: &["0707614285", "0101010101"],
        ..FORMAT
    },
    Format {
        name: "dk-cpr-alone",
        forms: &[("999999-9999", 0.65)],
        holds: |number| {
            day_month(number, 0, 2)
                && weighted(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
                && !is_time(number, 6)
        },
        cues: &["cpr"],
        examples: &["0707614285"],
        ..FORMAT
    },
    Format {
        name: "fi-hetu",
        forms: &[("999999-999X", 0.9), ("999999+999X", 0.9), ("999999A999X", 0.9)],
        holds: hetu,
        cues: &[
            "hetu",
            "henkilötunnus",
            "henkilotunnus",
            "sotu",
            "personbeteckning",
            "personal identity code",
        ],
        // The Digital and Population Data Services Agency's.
        examples: &["131052308T", "131052A308T"],
        ..FORMAT
    },
    Format {
        name: "fi-y-tunnus",
        kind: COMPANY_ID,
        forms: &[("9999999-9", SPOKEN)],
        holds: |number| (11 - weighted(number, &[7, 9, 10, 5, 8, 4, 2]) % 11) % 11 == digit(number, 7),
        cues: &["y tunnus", "business id", "fo nummer"],
        ..FORMAT
    },
    Format {
        name: "is-kennitala",
        forms: &[("999999-9999", SPOKEN), ("9999999999", SPOKEN)],
        holds: |number| {
            is_date(value(number, 0..2) % 40, value(number, 2..4))
                && (11 - weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == digit(number, 8)
        },
        cues: &["kennitala", "kt "],
        examples: &["1201743399"],
        ..FORMAT
    },
];

const SWEDISH: &[&str] = &[
    "personnummer",
    "personnr",
    "pers nr",
    "pnr",
    "samordningsnummer",
    "personal identity number",
    "person number",
];

/// Those of the Tax Agency's leaflets and of everybody's articles.
const SWEDISH_EXAMPLES: &[&str] = &["8112189876", "198112189876", "6709199530", "6408233234"];

/// Date of birth (plus 60 for those who are no residents), serial, Luhn's check (SKV 704).
fn personnummer(number: &[u8]) -> bool {
    let Some(short) = number.len().checked_sub(10).and_then(|from| number.get(from..)) else { return false };
    let century = number.len() == 10 || matches!(value(number, 0..2), 18..=20);
    let day = value(short, 4..6);
    century && is_date(if day > 60 { day - 60 } else { day }, value(short, 2..4)) && luhn(short)
}

/// Date of birth (day plus 40 for those who are no residents), serial, two checks mod 11 (Skatteetaten).
fn fodselsnummer(number: &[u8]) -> bool {
    let day = value(number, 0..2);
    is_date(if day > 40 { day - 40 } else { day }, value(number, 2..4))
        && weighted(number, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// Date of birth, a sign for the century, serial (900 and up are for tests), check by mod 31.
fn hetu(number: &[u8]) -> bool {
    let sign = if number.len() == 11 { number.get(6).copied() } else { Some(b'-') };
    let serial = value(number, number.len().saturating_sub(4)..number.len().saturating_sub(1));
    let rest = usize::try_from((value(number, 0..6) * 1000 + serial) % 31).unwrap_or(0);
    sign.is_some_and(|sign| b"-ABCDEFYXWVU".contains(&sign))
        && day_month(number, 0, 2)
        && (2..900).contains(&serial)
        && number.last() == b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(rest)
}
