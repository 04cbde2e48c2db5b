//! Spain, Italy, Portugal, Turkey and Greece.

use super::dates::{day_month, is_date, is_day};
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, luhn, value, weighted};
use crate::inspect::hits::COMPANY_ID;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "es-dni",
        forms: &[
            ("99999999-A", 0.9),
            ("99.999.999-A", 0.95),
            ("99.999.999 A", 0.9),
            ("99999999 A", SPOKEN),
            ("99 999 999 A", 0.8),
        ],
        holds: dni,
        cues: DNI_CUES,
        examples: DNI_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "es-dni-plain",
        forms: &[("99999999A", 0.7)],
        // A day and a letter is what builds are named by.
        holds: |number| dni(number) && !is_day(number),
        cues: DNI_CUES,
        examples: DNI_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "es-nie",
        forms: &[
            ("A9999999A", 0.85),
            ("A-9999999-A", 0.95),
            ("A-9999999A", 0.9),
            ("A9999999-A", 0.9),
            ("A 9999999 A", 0.9),
        ],
        holds: nie,
        cues: &["nie ", "extranjero", "nif ", "identidad"],
        examples: &["X1234567L", "Y1234567X", "Z1234567R", "X0000000T"],
        ..FORMAT
    },
    Format {
        name: "es-cif",
        kind: COMPANY_ID,
        forms: &[
            ("A99999999", SPOKEN),
            ("A-99999999", SPOKEN),
            ("A9999999A", SPOKEN),
            ("A-9999999-A", SPOKEN),
        ],
        holds: cif,
        cues: &["cif ", "nif ", "identificacion fiscal"],
        examples: &["A58818501"],
        ..FORMAT
    },
    Format {
        name: "es-seguridad-social",
        forms: &[
            ("99 99999999 99", SPOKEN),
            ("99/99999999/99", 0.8),
            ("99/9999999999", SPOKEN),
            ("999999999999", SPOKEN),
        ],
        holds: seguridad_social,
        cues: &["seguridad social", "nuss", "naf ", "afiliacion", "nss ", "social security"],
        ..FORMAT
    },
    Format {
        name: "it-codice-fiscale",
        forms: &[
            ("AAAAAAXXAXXAXXXA", 0.95),
            ("AAA AAA XXAXX AXXXA", 0.95),
            ("AAA AAA XXAXXAXXXA", 0.95),
            ("AAAAAA XXAXX AXXXA", 0.95),
        ],
        holds: codice_fiscale,
        cues: &["codice fiscale", "cod fisc", "c f ", "cf ", "codice fisc", "steuernummer"],
        // The Revenue Agency's and everybody's Mario Rossi.
        examples: &["RSSMRA85T10A562S", "RSSMRA80A01H501U", "RSSMRA70A01H501S", "MRTMTT91D08F205J"],
        ..FORMAT
    },
    Format {
        name: "it-partita-iva",
        kind: COMPANY_ID,
        forms: &[("99999999999", SPOKEN), ("AA99999999999", SPOKEN)],
        holds: |number| luhn(number.strip_prefix(b"IT").unwrap_or(number)),
        cues: &["partita iva", "p iva", "piva", "vat "],
        examples: &["12345678903", "00743110157"],
        ..FORMAT
    },
    Format {
        name: "pt-nif",
        forms: &[("999999999", SPOKEN), ("999 999 999", SPOKEN)],
        holds: |number| {
            nif(number) && (matches!(number.first(), Some(b'1'..=b'3')) || number.starts_with(b"45"))
        },
        cues: &[
            "nif ",
            "contribuinte",
            "numero fiscal",
            "identificacao fiscal",
            "numero de identificacao fiscal",
        ],
        ..FORMAT
    },
    Format {
        name: "pt-nipc",
        kind: COMPANY_ID,
        forms: &[("999999999", SPOKEN), ("999 999 999", SPOKEN)],
        holds: |number| nif(number) && matches!(number.first(), Some(b'5'..=b'9')),
        cues: &["nipc", "nif ", "pessoa coletiva", "contribuinte"],
        ..FORMAT
    },
    Format {
        name: "pt-niss",
        forms: &[("99999999999", SPOKEN), ("999 999 999 99", SPOKEN)],
        holds: |number| {
            matches!(number.first(), Some(b'1' | b'2'))
                && 9 - weighted(number, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10 == digit(number, 10)
        },
        cues: &["niss", "seguranca social"],
        ..FORMAT
    },
    Format {
        name: "pt-cartao-cidadao",
        forms: &[("99999999 9 AX9", 0.8), ("999999999AX9", SPOKEN), ("999999999AA9", 0.7)],
        holds: cartao_cidadao,
        cues: &["cartao de cidadao", "cartao cidadao", "cc ", "bilhete de identidade"],
        examples: &["000000000ZZ4"],
        ..FORMAT
    },
    Format {
        name: "tr-kimlik",
        forms: &[("99999999999", SPOKEN), ("999 999 999 99", SPOKEN)],
        holds: kimlik,
        cues: &["kimlik", "tckn", "tckno", "tc no", "t c no", "tc ", "t.c", "vatandaslik", "vatandaşlık"],
        examples: &["10000000146"],
        ..FORMAT
    },
    Format {
        name: "tr-vkn",
        kind: COMPANY_ID,
        forms: &[("9999999999", SPOKEN)],
        holds: vkn,
        cues: &["vkn", "vergi"],
        ..FORMAT
    },
    Format {
        name: "gr-amka",
        forms: &[("99999999999", SPOKEN)],
        holds: |number| day_month(number, 0, 2) && luhn(number),
        cues: &["amka", "αμκα"],
        ..FORMAT
    },
    Format {
        name: "gr-afm",
        forms: &[("999999999", SPOKEN)],
        holds: |number| weighted(number, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digit(number, 8),
        cues: &["afm ", "αφμ", "α φ μ"],
        ..FORMAT
    },
];

const DNI_CUES: &[&str] = &["dni", "nif ", "documento nacional", "documento de identidad", "identidad"];

/// The Ministry's specimens.
const DNI_EXAMPLES: &[&str] = &["12345678Z", "00000000T", "99999999R", "00000001R", "00000023T"];

const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The letter is the number mod 23 (Royal Decree 1553/2005).
fn dni(number: &[u8]) -> bool {
    letter_of(value(number, 0..8)) == number.get(8).copied()
}

/// The same with the first letter as 0, 1 or 2.
fn nie(number: &[u8]) -> bool {
    let Some(first) = number.first().filter(|byte| (b'X'..=b'Z').contains(*byte)) else { return false };
    letter_of(u64::from(first - b'X') * 10_000_000 + value(number, 1..8)) == number.get(8).copied()
}

fn letter_of(number: u64) -> Option<u8> {
    usize::try_from(number % 23).ok().and_then(|at| LETTERS.get(at)).copied()
}

/// Kind of company, province, serial; a digit or letter by Luhn's sum (Order EHA/451/2008).
fn cif(number: &[u8]) -> bool {
    let [kind, digits @ .., check] = number else { return false };
    let sum: u32 = (0..7)
        .map(|place| digit(digits, place) * if place % 2 == 0 { 2 } else { 1 })
        .map(|product| product / 10 + product % 10)
        .sum();
    let control = (10 - sum % 10) % 10;
    let letter = usize::try_from(control).ok().and_then(|at| b"JABCDEFGHI".get(at));
    let as_digit = *check == b'0' + u8::try_from(control).unwrap_or(0);
    b"ABCDEFGHJNPQRSUVW".contains(kind)
        && (as_digit && !b"PQRSNW".contains(kind) || letter == Some(check) && !b"ABEH".contains(kind))
}

/// Province, serial, mod 97; a short serial is put before its province without zeros (TGSS).
fn seguridad_social(number: &[u8]) -> bool {
    let (province, serial) = (value(number, 0..2), value(number, 2..10));
    let shift = if serial < 10_000_000 { 10_000_000 } else { 100_000_000 };
    (1..=66).contains(&province) && (serial + province * shift) % 97 == value(number, 10..12)
}

/// Values of the characters in odd places, digits and letters alike (Ministerial Decree of 23 December 1976).
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Name, year, month as a letter, day (plus 40 for women), place, check; digits may be letters where two people
/// would have the same.
fn codice_fiscale(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let value =
        |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') });
    let odd = |byte: u8| usize::try_from(value(byte)).ok().and_then(|at| ODD.get(at)).copied().unwrap_or(0);
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, &byte)| if place % 2 == 0 { odd(byte) } else { value(byte) })
        .sum();
    let plain = |place: usize| {
        let byte = number.get(place).copied().unwrap_or(0);
        let swapped = b"LMNPQRSTUV".iter().position(|letter| *letter == byte);
        if byte.is_ascii_digit() {
            Some(u64::from(byte - b'0'))
        } else {
            swapped.and_then(|at| u64::try_from(at).ok())
        }
    };
    let month = number.get(8).and_then(|letter| b"ABCDEHLMPRST".iter().position(|known| known == letter));
    let (Some(month), Some(tens), Some(units)) = (month, plain(9), plain(10)) else { return false };
    let day = tens * 10 + units;
    let digits = [6, 7, 12, 13, 14].into_iter().all(|place| plain(place).is_some());
    digits
        && is_date(if day > 40 { day - 40 } else { day }, u64::try_from(month).unwrap_or(0) + 1)
        && u32::from(check.wrapping_sub(b'A')) == sum % 26
}

/// Mod 11, ten and eleven as zero (Decree-Law 14/2013).
fn nif(number: &[u8]) -> bool {
    let rest = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (if rest < 2 { 0 } else { 11 - rest }) == digit(number, 8)
}

/// Luhn's check over digits and letters, A being ten.
fn cartao_cidadao(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &byte)| {
            let value = if byte.is_ascii_digit() {
                u32::from(byte - b'0')
            } else {
                u32::from(byte.wrapping_sub(b'A')) + 10
            };
            let value = if place % 2 == 1 { value * 2 } else { value };
            if place % 2 == 1 && value > 9 { value - 9 } else { value }
        })
        .sum();
    number.len() == 12 && sum.is_multiple_of(10)
}

/// Two check digits (General Directorate of Civil Registration).
fn kimlik(number: &[u8]) -> bool {
    let odd = weighted(number, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(number, &[0, 1, 0, 1, 0, 1, 0, 1]);
    !number.starts_with(b"0")
        && (odd * 7 + 90 - even) % 10 == digit(number, 9)
        && weighted(number, &[1; 10]) % 10 == digit(number, 10)
}

/// The Revenue Administration's check.
fn vkn(number: &[u8]) -> bool {
    let sum: u32 = (0..9_u32)
        .zip(number)
        .map(|(place, byte)| {
            let shifted = (u32::from(byte - b'0') + 9 - place) % 10;
            let product = shifted * (1 << (9 - place)) % 9;
            if shifted != 0 && product == 0 { 9 } else { product }
        })
        .sum();
    (10 - sum % 10) % 10 == digit(number, 9)
}
