//! Germany, Austria, Switzerland, France, Belgium and the Netherlands.

use super::dates::{day_month, is_date};
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, luhn, mod11_10, value, weighted};
use crate::inspect::hits::{COMPANY_ID, HEALTH_ID};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "de-steuer-id",
        forms: &[("99 999 999 999", 0.75), ("99999999999", SPOKEN)],
        holds: steuer_id,
        cues: &[
            "steuer id",
            "steueridentifikation",
            "steuerliche id",
            "identifikationsnummer",
            "idnr",
            "id nr",
            "steuernummer",
            "steuer nr",
            "tax id",
            "tin ",
        ],
        // The Federal Central Tax Office's own.
        examples: &["86095742719", "47036892816", "65929970489", "57549285017", "25768131411"],
        ..FORMAT
    },
    Format {
        name: "de-rentenversicherung",
        forms: &[("99 999999 A 999", 0.9), ("99999999A999", 0.8), ("99 99 99 99 A 99 9", 0.9)],
        holds: rentenversicherung,
        cues: &[
            "rentenversicherung",
            "sozialversicherung",
            "versicherungsnummer",
            "rvnr",
            "sv nummer",
            "svnr",
            "rv nummer",
        ],
        examples: &["15070649C103", "65170839J003"],
        ..FORMAT
    },
    Format {
        name: "de-steuernummer",
        forms: &[
            ("99/999/99999", SPOKEN),
            ("999/999/99999", SPOKEN),
            ("999/9999/9999", SPOKEN),
            ("99 999 99999", SPOKEN),
            ("999 999 99999", SPOKEN),
            ("99/9999/9999", SPOKEN),
            ("9*10-11", SPOKEN),
            ("9999999999999", SPOKEN),
        ],
        cues: &["steuernummer", "steuer nr", "st nr", "stnr", "finanzamt"],
        loose: true,
        ..FORMAT
    },
    Format {
        name: "de-krankenversicherung",
        kind: HEALTH_ID,
        forms: &[("A999999999", SPOKEN), ("A 999 999 999", SPOKEN)],
        holds: krankenversicherung,
        cues: &[
            "krankenversicher",
            "versichertennummer",
            "versicherten nr",
            "kvnr",
            "krankenkasse",
            "gesundheitskarte",
            "egk ",
        ],
        examples: &["A123456780"],
        ..FORMAT
    },
    Format {
        name: "at-svnr",
        forms: &[("9999 999999", 0.7), ("9999999999", SPOKEN), ("9999/999999", 0.7), ("9999 99 99 99", 0.7)],
        holds: svnr,
        cues: &["svnr", "sv nr", "sv nummer", "sozialversicherung", "versicherungsnummer", "e card"],
        examples: &["1237010180"],
        ..FORMAT
    },
    Format {
        name: "ch-ahv",
        forms: &[("999 9999 9999 99", 0.95), ("9999999999999", 0.7)],
        holds: ahv,
        cues: &["ahv", "avs ", "oasi", "navs", "sozialversicherung", "numero d assure", "social security"],
        // The Central Compensation Office's specimen card.
        examples: &["7569217076985", "7561234567897"],
        ..FORMAT
    },
    Format {
        name: "ch-uid",
        kind: COMPANY_ID,
        forms: &[("AAA-999.999.999", 0.9), ("AAA999999999", 0.8)],
        holds: uid,
        cues: &["uid ", "ide "],
        ..FORMAT
    },
    Format {
        name: "fr-nir",
        forms: &[
            ("9 99 99 99 999 999 99", 0.95),
            ("9 99 99 9A 999 999 99", 0.95),
            ("999999999999999", SPOKEN),
            ("999999A99999999", 0.8),
            ("9999999999999 99", 0.85),
            ("999999A999999 99", 0.85),
        ],
        holds: nir,
        cues: NIR,
        examples: NIR_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "fr-nir-alone",
        forms: &[("999999999999999", 0.7)],
        // As most are: neither a first registration under way nor a month that is not known.
        holds: |number| {
            nir(number) && matches!(number.first(), Some(b'1' | b'2')) && value(number, 3..5) <= 12
        },
        cues: NIR,
        examples: NIR_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "fr-spi",
        forms: &[("9999999999999", SPOKEN), ("99 99 999 999 999", SPOKEN)],
        holds: |number| digit(number, 0) < 4 && value(number, 0..10) % 511 == value(number, 10..13),
        cues: &["numero fiscal", "spi ", "reference fiscale", "identifiant fiscal", "nif "],
        ..FORMAT
    },
    Format {
        name: "fr-siren",
        kind: COMPANY_ID,
        forms: &[("999 999 999", SPOKEN), ("999999999", SPOKEN)],
        holds: luhn,
        cues: &["siren", "rcs "],
        examples: &["732829320"],
        ..FORMAT
    },
    Format {
        name: "fr-siret",
        kind: COMPANY_ID,
        forms: &[("999 999 999 99999", 0.7), ("99999999999999", SPOKEN)],
        // The post's own branches sum up their digits instead.
        holds: |number| {
            luhn(number) || number.starts_with(b"356000000") && weighted(number, &[1; 14]).is_multiple_of(5)
        },
        cues: &["siret"],
        examples: &["73282932000074"],
        ..FORMAT
    },
    Format {
        name: "be-national-number",
        forms: &[
            ("99.99.99-999.99", 0.95),
            ("99999999999", SPOKEN),
            ("99 99 99 999 99", 0.75),
            ("999999-999-99", 0.8),
            ("999999 999 99", 0.75),
        ],
        holds: national_number,
        cues: &[
            "rijksregister",
            "registre national",
            "numero national",
            "nationaal nummer",
            "insz",
            "niss ",
            "national number",
            "national register",
            "nrn ",
            "bis nummer",
        ],
        examples: &["85073003328", "93051822361"],
        ..FORMAT
    },
    Format {
        name: "be-enterprise",
        kind: COMPANY_ID,
        forms: &[
            ("9999.999.999", 0.7),
            ("9999999999", SPOKEN),
            ("AA9999999999", SPOKEN),
            ("AA 9999.999.999", SPOKEN),
        ],
        holds: enterprise,
        cues: &["ondernemingsnummer", "numero d entreprise", "kbo ", "bce ", "btw", "tva", "vat "],
        ..FORMAT
    },
    Format {
        name: "nl-bsn",
        forms: &[
            ("999999999", SPOKEN),
            ("9999.99.999", SPOKEN),
            ("999 999 999", SPOKEN),
            ("99999999", SPOKEN),
        ],
        holds: bsn,
        cues: &["bsn", "burgerservice", "sofi", "citizen service"],
        examples: &["111222333", "123456782"],
        ..FORMAT
    },
    Format {
        name: "eu-vat",
        kind: COMPANY_ID,
        forms: &[
            ("AA99999999", SPOKEN),
            ("AA999999999", SPOKEN),
            ("AA9999999999", SPOKEN),
            ("AA99999999999", SPOKEN),
            ("AA999999999999", SPOKEN),
            ("AAA99999999", SPOKEN),
            ("AA999999999A99", SPOKEN),
            ("AAX9999999X", SPOKEN),
            ("AA 999 999 999", SPOKEN),
            ("AA 999999999", SPOKEN),
        ],
        holds: |number| number.first_chunk().is_some_and(|country| MEMBERS.contains(country)),
        cues: &[
            "vat ",
            "ust id",
            "ustid",
            "umsatzsteuer",
            "tva ",
            "btw",
            "iva ",
            "partita iva",
            "p iva",
            "moms",
            "alv ",
            "dph",
            "uid ",
        ],
        loose: true,
        ..FORMAT
    },
];

const NIR: &[&str] = &[
    "nir ",
    "securite sociale",
    "secu",
    "carte vitale",
    "numero d inscription",
    "immatriculation",
    "assure social",
    "nss ",
];

/// The specimen card, and the article that explains the number.
const NIR_EXAMPLES: &[&str] = &["269054958815780", "255081416802538"];

/// Members of the Union as their VAT numbers begin.
const MEMBERS: [[u8; 2]; 28] = [
    *b"AT", *b"BE", *b"BG", *b"CY", *b"CZ", *b"DE", *b"DK", *b"EE", *b"EL", *b"ES", *b"FI", *b"FR", *b"HR",
    *b"HU", *b"IE", *b"IT", *b"LT", *b"LU", *b"LV", *b"MT", *b"NL", *b"PL", *b"PT", *b"RO", *b"SE", *b"SI",
    *b"SK", *b"XI",
];

/// No zero first; of the first ten digits one stands twice or three times and no other more than once (Federal
/// Central Tax Office, since 2016); ISO 7064 mod 11,10.
fn steuer_id(number: &[u8]) -> bool {
    let body = number.get(..10).unwrap_or_default();
    let count = |digit: u8| body.iter().filter(|byte| **byte == digit).count();
    let repeated: Vec<usize> = (b'0'..=b'9').map(count).filter(|count| *count > 1).collect();
    !number.starts_with(b"0") && matches!(repeated.as_slice(), [2 | 3]) && mod11_10(number)
}

/// Area, date of birth, initial, serial, check (German pension insurance, VKVV section 2).
fn rentenversicherung(number: &[u8]) -> bool {
    let letter = number.get(8).copied().unwrap_or(b'A').wrapping_sub(b'A') + 1;
    let mut digits = [0_u8; 12];
    let head = number.iter().take(8).copied();
    let middle = [b'0' + letter / 10, b'0' + letter % 10];
    for (place, digit) in digits.iter_mut().zip(head.chain(middle).chain(number.iter().skip(9).copied())) {
        *place = digit;
    }
    let products = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1].into_iter().enumerate();
    let sum: u32 = products
        .map(|(place, weight)| weight * digit(&digits, place))
        .map(|product| product / 10 + product % 10)
        .sum();
    let day = value(number, 2..4) % 50;
    is_date(day, value(number, 4..6)) && value(number, 0..2) >= 2 && sum % 10 == digit(number, 11)
}

/// Letter as two digits, weights 1 and 2 in turn, cross sums (section 290 SGB V).
fn krankenversicherung(number: &[u8]) -> bool {
    let letter = u32::from(number.first().copied().unwrap_or(b'A').wrapping_sub(b'A')) + 1;
    let digits = [letter / 10, letter % 10].into_iter().chain((1..9).map(|place| digit(number, place)));
    let products = digits.zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight);
    products.map(|product| product / 10 + product % 10).sum::<u32>() % 10 == digit(number, 9)
}

/// Serial, check, date of birth (Austrian social insurance).
fn svnr(number: &[u8]) -> bool {
    let sum = weighted(number, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    !number.starts_with(b"0") && sum % 11 == digit(number, 3) && day_month(number, 4, 6)
}

/// The country and the check of an EAN-13 (Central Compensation Office).
fn ahv(number: &[u8]) -> bool {
    number.starts_with(b"756")
        && weighted(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Mod 11 (Federal Statistical Office).
fn uid(number: &[u8]) -> bool {
    let Some(digits) = number.strip_prefix(b"CHE") else { return false };
    (11 - weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11 == digit(digits, 8)
}

/// Sex, year, month, department, commune, order; key mod 97 (INSEE).
fn nir(number: &[u8]) -> bool {
    let (mut digits, mut less) = ([0_u8; 15], 0);
    for (place, byte) in digits.iter_mut().zip(number) {
        *place = *byte;
    }
    // Corsica's departments, 2A and 2B, count as 19 and 18.
    if let [_, _, _, _, _, two, letter @ (b'A' | b'B'), ..] = &mut digits {
        less = if *letter == b'A' { 1_000_000 } else { 2_000_000 };
        if *two != b'2' {
            return false;
        }
        *letter = b'0';
    } else if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let month = value(&digits, 3..5);
    let key = value(&digits, 13..15);
    matches!(digits.first(), Some(b'1'..=b'4' | b'7' | b'8'))
        && matches!(month, 1..=12 | 20 | 30..=42)
        && value(&digits, 5..10) > 1000
        && (1..=97).contains(&key)
        && 97 - (value(&digits, 0..13) - less) % 97 == key
}

/// Date of birth, serial, mod 97; a two before those born since 2000 (Royal Decree of 3 April 1984).
fn national_number(number: &[u8]) -> bool {
    let (body, check) = (value(number, 0..9), value(number, 9..11));
    let month = value(number, 2..4) % 20;
    let dated = is_date(value(number, 4..6), month) || month == 0 && value(number, 2..4) <= 40;
    dated && (97 - body % 97 == check || 97 - (body + 2_000_000_000) % 97 == check)
}

fn enterprise(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"BE").unwrap_or(number);
    digits.len() == 10
        && matches!(digits.first(), Some(b'0' | b'1'))
        && 97 - value(digits, 0..8) % 97 == value(digits, 8..10)
}

/// The eleven test, the last digit counting minus one (Logisch Ontwerp BSN).
fn bsn(number: &[u8]) -> bool {
    let mut digits = [b'0'; 9];
    for (place, digit) in digits.iter_mut().rev().zip(number.iter().rev()) {
        *place = *digit;
    }
    (weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2, 10])).is_multiple_of(11)
}
