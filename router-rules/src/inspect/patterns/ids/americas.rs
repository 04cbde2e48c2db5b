//! The United States, Canada, Brazil, Mexico, Argentina and Chile. (The social security number is a kind of its
//! own, in `number.rs`.)

use super::dates::day_month;
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, luhn, value, weighted};
use crate::inspect::hits::{BANK_ACCOUNT, COMPANY_ID, HEALTH_ID};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "us-itin",
        forms: &[("999-99-9999", 0.85), ("999 99 9999", SPOKEN), ("999999999", SPOKEN)],
        holds: itin,
        cues: &["itin", "individual taxpayer", "taxpayer id", "tax id", "tin "],
        ..FORMAT
    },
    Format {
        name: "us-ein",
        kind: COMPANY_ID,
        forms: &[("99-9999999", SPOKEN), ("999999999", SPOKEN)],
        holds: ein,
        cues: &["ein ", "fein ", "employer id", "federal tax", "federal id", "tax id", "taxpayer id", "tin "],
        ..FORMAT
    },
    Format {
        name: "us-npi",
        kind: HEALTH_ID,
        forms: &[("9999999999", SPOKEN)],
        holds: npi,
        cues: &["npi ", "national provider", "provider id", "provider number"],
        // The example of the standard's check digit.
        examples: &["1234567893"],
        ..FORMAT
    },
    Format {
        name: "us-dea",
        kind: HEALTH_ID,
        forms: &[("AA9999999", SPOKEN), ("A99999999", SPOKEN)],
        holds: dea,
        cues: &["dea ", "prescriber", "controlled substance"],
        examples: &["AB1234563", "F91234563"],
        ..FORMAT
    },
    Format {
        name: "us-medicare",
        kind: HEALTH_ID,
        forms: &[("9AX9-AX9-AA99", 0.95), ("9AX9AX9AA99", 0.75)],
        holds: mbi,
        cues: &["mbi ", "medicare"],
        // The specimen card's.
        examples: &["1EG4TE5MK73", "1EG4TE5MK72"],
        ..FORMAT
    },
    Format {
        name: "us-routing",
        kind: BANK_ACCOUNT,
        forms: &[("999999999", SPOKEN), ("9999-9999-9", SPOKEN)],
        holds: routing,
        cues: &["routing", "aba ", "rtn ", "transit number", "ach "],
        ..FORMAT
    },
    Format {
        name: "ca-sin",
        forms: &[("999-999-999", 0.65), ("999 999 999", SPOKEN), ("999999999", SPOKEN)],
        // Zero and eight begin none; nine is for temporary residents.
        holds: |number| !matches!(number.first(), Some(b'0' | b'8')) && luhn(number),
        cues: &["sin ", "social insurance", "numero d assurance sociale", "assurance sociale", "nas "],
        examples: &["130692544", "123456782"],
        ..FORMAT
    },
    Format {
        name: "ca-ohip",
        kind: HEALTH_ID,
        forms: &[
            ("9999 999 999", SPOKEN),
            ("9999 999 999 AA", 0.8),
            ("9999999999", SPOKEN),
            ("9999999999AA", SPOKEN),
            ("9999-999-999-AA", 0.85),
        ],
        holds: |number| number.get(..10).is_some_and(luhn),
        cues: &["ohip", "health card", "health insurance", "carte sante"],
        ..FORMAT
    },
    Format {
        name: "br-cpf",
        forms: &[
            ("999.999.999-99", 0.95),
            ("999999999-99", 0.75),
            ("99999999999", SPOKEN),
            ("999 999 999 99", SPOKEN),
        ],
        holds: cpf,
        cues: &["cpf", "cadastro de pessoa", "contribuinte"],
        examples: &["12345678909", "11144477735", "52998224725"],
        ..FORMAT
    },
    Format {
        name: "br-cnpj",
        kind: COMPANY_ID,
        forms: &[
            ("99.999.999/9999-99", 0.95),
            ("99999999/9999-99", 0.9),
            ("99999999999999", SPOKEN),
            ("XX.XXX.XXX/XXXX-99", 0.95),
            ("AA.XXX.XXX/XXXX-99", 0.95),
            ("XXXXXXXXXXXX99", SPOKEN),
        ],
        holds: cnpj,
        cues: &["cnpj", "cadastro nacional da pessoa"],
        examples: &["11222333000181", "11444777000161", "12ABC34501DE35"],
        ..FORMAT
    },
    Format {
        name: "br-pis",
        forms: &[("999.99999.99-9", 0.85), ("99999999999", SPOKEN)],
        holds: |number| {
            (11 - weighted(number, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == digit(number, 10)
        },
        cues: &["pis ", "pasep", "nis ", "nit "],
        ..FORMAT
    },
    Format {
        name: "br-cns",
        kind: HEALTH_ID,
        forms: &[("999 9999 9999 9999", 0.8), ("999999999999999", SPOKEN)],
        holds: |number| {
            matches!(number.first(), Some(b'1' | b'2' | b'7'..=b'9'))
                && weighted(number, &[15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        },
        cues: &["cns ", "cartao nacional de saude", "cartao sus", "cartao do sus"],
        ..FORMAT
    },
    Format {
        name: "mx-curp",
        forms: &[("AAAA999999AAAAAAX9", 0.95)],
        holds: |number| matches!(number.get(10), Some(b'H' | b'M' | b'X')) && day_month(number, 8, 6),
        cues: &["curp"],
        examples: &["HEGG560427MVZRRL04"],
        ..FORMAT
    },
    Format {
        name: "mx-rfc",
        forms: &[("AAAA999999XXX", 0.7)],
        holds: |number| day_month(number, 8, 6),
        cues: &["rfc ", "registro federal"],
        examples: &["XEXX010101000", "XAXX010101000", "GODE561231GR8"],
        ..FORMAT
    },
    Format {
        name: "ar-cuit",
        forms: &[("99-99999999-9", 0.8), ("99999999999", SPOKEN)],
        holds: |number| {
            matches!(value(number, 0..2), 20 | 23..=27 | 30 | 33 | 34)
                && (11 - weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == digit(number, 10)
        },
        cues: &["cuit", "cuil"],
        ..FORMAT
    },
    Format {
        name: "cl-rut",
        forms: &[("99.999.999-X", 0.85), ("9.999.999-X", 0.8), ("99999999-X", SPOKEN), ("9999999-X", SPOKEN)],
        holds: rut,
        cues: &["rut ", "run ", "rol unico"],
        examples: &["123456785"],
        ..FORMAT
    },
];

/// Groups that are given out (IRS Publication 4757).
fn itin(number: &[u8]) -> bool {
    number.starts_with(b"9") && matches!(value(number, 3..5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

/// Prefixes of the campuses (IRS, "How EINs are assigned and valid EIN prefixes").
fn ein(number: &[u8]) -> bool {
    matches!(value(number, 0..2), 1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99)
}

/// Luhn's check with the card issuer prefix 80840, whose digits sum up to 24 (45 CFR 162.406).
fn npi(number: &[u8]) -> bool {
    let sum: u32 = (0..10)
        .map(|place| digit(number, place) * if place % 2 == 0 { 2 } else { 1 })
        .map(|product| product / 10 + product % 10)
        .sum();
    matches!(number.first(), Some(b'1' | b'2')) && (sum + 24).is_multiple_of(10)
}

/// Registrant's kind, initial or nine, six digits, check (21 CFR 1301).
fn dea(number: &[u8]) -> bool {
    let digits = number.get(2..).unwrap_or_default();
    let kind = number.first().is_some_and(|letter| b"ABCDEFGHJKLMPRSTUX".contains(letter));
    let initial = number.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'9');
    kind && initial && weighted(digits, &[1, 2, 1, 2, 1, 2]) % 10 == digit(digits, 6)
}

/// Letters but S, L, O, I, B, Z; no zero first (CMS, "Understanding the MBI format").
fn mbi(number: &[u8]) -> bool {
    let barred = number.iter().any(|byte| b"SLOIBZ".contains(byte));
    // All of its characters could be digits only where digits may stand.
    !barred && !number.starts_with(b"0")
}

/// Prefixes of the Federal Reserve's districts, and the American Bankers Association's check.
fn routing(number: &[u8]) -> bool {
    matches!(value(number, 0..2), 1..=12 | 21..=32 | 61..=72 | 80)
        && weighted(number, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

/// Mod 11 twice, ten as zero (Receita Federal).
fn cpf(number: &[u8]) -> bool {
    let check = |sum: u32| sum * 10 % 11 % 10;
    check(weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(number, 9)
        && check(weighted(number, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(number, 10)
}

/// The same for companies; letters, which may stand since July 2026, count by their ASCII code less 48.
fn cnpj(number: &[u8]) -> bool {
    let sum = |weights: &[u32]| -> u32 {
        number.iter().zip(weights).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum()
    };
    let check = |sum: u32| if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    number.len() == 14
        && check(sum(&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(number, 12)
        && check(sum(&[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digit(number, 13)
}

/// Mod 11 with ten as K (Servicio de Registro Civil).
fn rut(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let sum: u32 = body
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    match 11 - sum % 11 {
        10 => *check == b'K',
        rest => u32::from(check.wrapping_sub(b'0')) == rest % 11,
    }
}
