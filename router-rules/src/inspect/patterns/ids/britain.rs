//! The United Kingdom and Ireland.

use super::dates::is_date;
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, value, weighted};
use crate::inspect::hits::{BANK_ACCOUNT, COMPANY_ID, HEALTH_ID};

pub(super) const FORMATS: &[Format] = &[
    // The sort code and the number of an account, as they are given together.
    Format {
        name: "uk-account",
        kind: BANK_ACCOUNT,
        forms: &[
            ("99-99-99 / 99999999", 0.8),
            ("99-99-99 99999999", 0.8),
            ("99-99-99, 99999999", 0.8),
            ("99-99-99/99999999", 0.8),
        ],
        cues: &["sort code", "account", "monzo", "transfer"],
        ..FORMAT
    },
    Format {
        name: "uk-nhs",
        kind: HEALTH_ID,
        forms: &[("999 999 9999", SPOKEN), ("9999999999", SPOKEN)],
        holds: nhs,
        cues: &["nhs", "national health service", "chi number", "chi no", "h&c number"],
        // The NHS data dictionary's example.
        examples: &["9434765919", "4505577104"],
        ..FORMAT
    },
    Format {
        name: "uk-nino",
        forms: &[
            ("AA999999A", 0.8),
            ("AA 99 99 99 A", 0.9),
            ("AA 999999 A", 0.85),
            ("AA 999 999 A", 0.7),
            ("AA999999", SPOKEN),
            ("AA 99 99 99", SPOKEN),
        ],
        holds: nino,
        cues: &["nino ", "national insurance", "ni number", "ni no", "nat ins"],
        ..FORMAT
    },
    Format {
        name: "uk-utr",
        forms: &[("9999999999", SPOKEN), ("99999 99999", SPOKEN)],
        holds: utr,
        cues: &["utr ", "unique taxpayer", "self assessment", "tax reference"],
        ..FORMAT
    },
    Format {
        name: "uk-driver",
        forms: &[("XXXXX999999XX9AA", 0.9), ("AAAAA 999999 XX9AA", 0.9)],
        holds: driver,
        cues: &["driving licen", "driver licen", "driver s licen", "dvla", "licence n"],
        // The specimen licence.
        examples: &["MORGA753116SM9IJ", "MORGA657054SM9IJ"],
        ..FORMAT
    },
    Format {
        name: "uk-vat",
        kind: COMPANY_ID,
        forms: &[
            ("AA999999999", SPOKEN),
            ("AA 999 9999 99", SPOKEN),
            ("999 9999 99", SPOKEN),
            ("999999999", SPOKEN),
        ],
        holds: vat,
        cues: &["vat "],
        ..FORMAT
    },
    Format {
        name: "ie-pps",
        forms: &[("9999999A", SPOKEN), ("9999999AA", SPOKEN), ("9999999 A", SPOKEN), ("9999999 AA", SPOKEN)],
        holds: pps,
        cues: &["pps", "personal public service", "uimhir psp", "psp"],
        examples: &["1234567T", "1234567FA", "6433435F"],
        ..FORMAT
    },
];

/// Modulus 11 (NHS data dictionary, NHS NUMBER); 999 begins numbers for tests.
fn nhs(number: &[u8]) -> bool {
    let check = 11 - weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    check % 11 == digit(number, 9) && !number.starts_with(b"999")
}

/// Letters that are given out (HMRC, National Insurance Manual NIM39110).
fn nino(number: &[u8]) -> bool {
    const NEVER: [&[u8]; 7] = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    let [first, second, _, _, _, _, _, _, suffix @ ..] = number else { return false };
    !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && !NEVER.contains(&&[*first, *second][..])
        && suffix.iter().all(|letter| (b'A'..=b'D').contains(letter))
}

/// HMRC's check digit, the first of the ten.
fn utr(number: &[u8]) -> bool {
    let sum = weighted(number.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
    let place = usize::try_from(sum % 11).unwrap_or(0);
    number.first() == b"21987654321".get(place)
}

/// Surname, decade, month (51 to 62 for women), day, year, initials (DVLA, INF45/1).
fn driver(number: &[u8]) -> bool {
    let (month, day) = (value(number, 6..8), value(number, 8..10));
    let name = number.get(..5).unwrap_or_default();
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let padded = name.iter().skip(letters).chain(number.get(11..13).unwrap_or_default());
    letters >= 1
        && padded.clone().all(|byte| *byte == b'9' || byte.is_ascii_alphabetic())
        && name.iter().skip(letters).all(|byte| *byte == b'9')
        && is_date(day, if month > 50 { month - 50 } else { month })
}

/// HMRC's check mod 97, in its old form and its new (9755).
fn vat(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"GB").unwrap_or(number);
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]);
    digits.len() == 9 && digits.iter().all(u8::is_ascii_digit) && matches!(sum % 97, 0 | 42)
}

/// Mod 23, the second letter counting nine times (Revenue Commissioners, since 2013).
fn pps(number: &[u8]) -> bool {
    let second = number.get(8).copied().unwrap_or(b'W');
    let extra = if second == b'W' { 0 } else { u32::from(second.wrapping_sub(b'A')) + 1 };
    let sum = weighted(number, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra;
    let place = usize::try_from(sum % 23).unwrap_or(0);
    (second == b'W' || second.is_ascii_uppercase() && second <= b'I')
        && number.get(7) == b"WABCDEFGHIJKLMNOPQRSTUV".get(place)
}
