//! Poland, Czechia, Slovakia, Romania, Hungary, Bulgaria, Croatia, Russia and Ukraine.

use super::dates::{day_month, is_date};
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, mod11_10, value, weighted};
use crate::inspect::hits::COMPANY_ID;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "pl-pesel",
        forms: &[("99999999999", SPOKEN)],
        holds: pesel,
        cues: &["pesel"],
        // The Ministry's specimens.
        examples: &["44051401359", "44051401458", "02070803628"],
        ..FORMAT
    },
    Format {
        name: "pl-nip",
        kind: COMPANY_ID,
        forms: &[
            ("999-999-99-99", 0.7),
            ("999-99-99-999", 0.7),
            ("9999999999", SPOKEN),
            ("AA9999999999", SPOKEN),
        ],
        holds: |number| {
            let digits = number.strip_prefix(b"PL").unwrap_or(number);
            weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(digits, 9)
        },
        cues: &["nip ", "nip-ue", "identyfikacji podatkowej", "vat "],
        ..FORMAT
    },
    Format {
        name: "pl-regon",
        kind: COMPANY_ID,
        forms: &[("999999999", SPOKEN), ("99999999999999", SPOKEN)],
        holds: |number| {
            weighted(number, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == digit(number, 8)
                && (number.len() == 9
                    || weighted(number, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10
                        == digit(number, 13))
        },
        cues: &["regon"],
        examples: &["123456785"],
        ..FORMAT
    },
    Format {
        name: "pl-dowod",
        forms: &[("AAA999999", SPOKEN), ("AAA 999999", SPOKEN)],
        holds: dowod,
        cues: &["dowod", "dowód", "dowodu", "osobisty", "osobistego"],
        examples: &["ABS123456", "ABA300000"],
        ..FORMAT
    },
    Format {
        name: "cz-rodne-cislo",
        forms: &[("999999/9999", 0.85), ("9999999999", SPOKEN)],
        holds: |number| {
            let month = value(number, 2..4) % 50;
            is_date(value(number, 4..6), if month > 20 { month - 20 } else { month })
                && value(number, 0..10).is_multiple_of(11)
        },
        cues: &["rodne c", "rodneho c", "r c ", "rc "],
        ..FORMAT
    },
    Format {
        name: "ro-cnp",
        forms: &[("9999999999999", SPOKEN)],
        holds: |number| {
            digit(number, 0) > 0
                && day_month(number, 5, 3)
                && weighted(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 % 10 == digit(number, 12)
        },
        cues: &["cnp ", "cod numeric personal"],
        ..FORMAT
    },
    Format {
        name: "hu-taj",
        forms: &[("999 999 999", SPOKEN), ("999999999", SPOKEN)],
        holds: |number| weighted(number, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == digit(number, 8),
        cues: &["taj ", "tajszam", "taj-szam"],
        ..FORMAT
    },
    Format {
        name: "bg-egn",
        forms: &[("9999999999", SPOKEN)],
        holds: |number| {
            is_date(value(number, 4..6), value(number, 2..4) % 20)
                && weighted(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == digit(number, 9)
        },
        cues: &["егн", "egn "],
        examples: &["7523169263"],
        ..FORMAT
    },
    Format {
        name: "hr-oib",
        forms: &[("99999999999", SPOKEN)],
        holds: mod11_10,
        cues: &["oib ", "osobni identifikacijski"],
        ..FORMAT
    },
    Format {
        name: "ru-snils",
        forms: &[("999-999-999 99", 0.9), ("999-999-999-99", 0.8), ("99999999999", SPOKEN)],
        holds: |number| {
            u64::from(weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100) == value(number, 9..11)
        },
        cues: &["снилс", "snils"],
        examples: &["11223344595"],
        ..FORMAT
    },
    Format {
        name: "ru-inn",
        forms: &[("999999999999", SPOKEN)],
        holds: |number| {
            weighted(number, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == digit(number, 10)
                && weighted(number, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == digit(number, 11)
        },
        cues: &["инн", "inn "],
        examples: &["500100732259"],
        ..FORMAT
    },
    Format {
        name: "ru-inn-company",
        kind: COMPANY_ID,
        forms: &[("9999999999", SPOKEN)],
        holds: |number| weighted(number, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == digit(number, 9),
        cues: &["инн", "inn "],
        examples: &["7830002293"],
        ..FORMAT
    },
    Format {
        name: "ru-passport",
        forms: &[
            ("99 99 999999", SPOKEN),
            ("9999 999999", SPOKEN),
            ("9999999999", SPOKEN),
            ("9999  999999", SPOKEN),
        ],
        cues: &["паспорт", "серия"],
        loose: true,
        ..FORMAT
    },
    Format {
        name: "ua-rnokpp",
        forms: &[("9999999999", SPOKEN)],
        holds: |number| {
            let sum = weighted(number, &[0, 5, 7, 9, 4, 6, 10, 5, 7]) + 10 * digit(number, 0);
            sum % 11 % 10 == digit(number, 9)
        },
        cues: &["рнокпп", "іпн", "ідентифікаційний"],
        ..FORMAT
    },
];

/// Date of birth (the century in the month), serial, weights 1, 3, 7, 9 (Act on the population register).
fn pesel(number: &[u8]) -> bool {
    is_date(value(number, 4..6), value(number, 2..4) % 20)
        && weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Weights 7, 3, 1 over the series, A being ten, and the digits, of which the first is the check.
fn dowod(number: &[u8]) -> bool {
    let value =
        |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') + 10 });
    let sum: u32 =
        number.iter().zip([7, 3, 1, 9, 7, 3, 1, 7, 3]).map(|(&byte, weight)| value(byte) * weight).sum();
    sum.is_multiple_of(10)
}
