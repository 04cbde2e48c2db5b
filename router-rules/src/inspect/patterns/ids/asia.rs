//! Asia, the Arab states, Africa, Australia and New Zealand.

use super::dates::day_month;
use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{digit, luhn, mod11_2, value, verhoeff, weighted};
use crate::inspect::hits::{COMPANY_ID, HEALTH_ID};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "in-aadhaar",
        forms: &[("9999 9999 9999", SPOKEN), ("999999999999", SPOKEN)],
        holds: aadhaar,
        cues: AADHAAR,
        // The Authority's own numbers for tests.
        examples: AADHAAR_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "in-aadhaar-alone",
        forms: &[("9999 9999 9999", 0.6)],
        // Three years are written the same way.
        holds: |number| {
            let year = |place| matches!(value(number, place..place + 2), 19 | 20);
            aadhaar(number) && !(year(0) || year(4) || year(8))
        },
        cues: AADHAAR,
        examples: AADHAAR_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "in-pan",
        forms: &[("AAAAA9999A", 0.8)],
        holds: |number| number.get(3) == Some(&b'P'),
        cues: &["pan ", "permanent account", "income tax", "पैन"],
        examples: &["AAAPL1234C", "ABCPE1234F", "AFZPK7190K"],
        ..FORMAT
    },
    Format {
        name: "in-pan-company",
        kind: COMPANY_ID,
        forms: &[("AAAAA9999A", 0.7)],
        holds: |number| number.get(3).is_some_and(|kind| b"ABCFGHJLTK".contains(kind)),
        cues: &["pan ", "permanent account", "income tax"],
        examples: &["AAAAA1234A"],
        ..FORMAT
    },
    Format {
        name: "in-gstin",
        kind: COMPANY_ID,
        forms: &[("99AAAAA9999AXAX", 0.85)],
        holds: |number| (1..=38).contains(&value(number, 0..2)) && number.get(13) == Some(&b'Z'),
        cues: &["gst"],
        examples: &["27AAPFU0939F1ZV", "22AAAAA0000A1Z5"],
        ..FORMAT
    },
    Format {
        name: "cn-resident-id",
        forms: &[
            ("99999999999999999X", 0.95),
            ("999999 99999999 999X", 0.95),
            ("999999 9999 9999 999X", 0.95),
        ],
        holds: resident_id,
        cues: &["身份证", "身分證", "身份號", "居民身份", "resident id", "id card", "shenfenzheng"],
        // GB 11643-1999's own.
        examples: &["11010519491231002X", "440524188001010014"],
        ..FORMAT
    },
    Format {
        name: "cn-resident-id-old",
        forms: &[("999999999999999", SPOKEN)],
        holds: |number| province(number) && day_month(number, 10, 8),
        cues: &["身份证", "身分證", "居民身份", "resident id"],
        ..FORMAT
    },
    Format {
        name: "cn-company",
        kind: COMPANY_ID,
        forms: &[("XXXXXXXXXXXXXXXXXX", SPOKEN)],
        holds: |number| matches!(number.first(), Some(b'1' | b'5' | b'9' | b'A' | b'Y')),
        cues: &["统一社会信用代码", "信用代码", "uscc", "unified social credit"],
        ..FORMAT
    },
    Format {
        name: "hk-id",
        forms: &[("A999999(X)", 0.9), ("AA999999(X)", 0.9), ("A999999X", SPOKEN)],
        holds: hkid,
        cues: &["hkid", "hong kong id", "身份證", "身份证"],
        examples: &["A1234563", "G123456A"],
        ..FORMAT
    },
    Format {
        name: "tw-id",
        forms: &[("A999999999", SPOKEN)],
        holds: taiwan,
        cues: &["身分證", "身份證", "national id", "統一編號"],
        examples: &["A123456789"],
        ..FORMAT
    },
    Format {
        name: "jp-my-number",
        forms: &[("9999 9999 9999", SPOKEN), ("999999999999", SPOKEN)],
        holds: my_number,
        cues: &["マイナンバ", "個人番号", "my number", "mynumber", "individual number"],
        examples: &["123456789018"],
        ..FORMAT
    },
    Format {
        name: "kr-rrn",
        forms: &[("999999-9999999", 0.85), ("9999999999999", SPOKEN)],
        // Those given out since October 2020 have no check digit.
        holds: |number| day_month(number, 4, 2) && digit(number, 6) < 9,
        cues: &["주민등록번호", "주민번호", "주민등록", "외국인등록", "resident registration", "rrn "],
        ..FORMAT
    },
    Format {
        name: "kr-company",
        kind: COMPANY_ID,
        forms: &[("999-99-99999", SPOKEN), ("9999999999", SPOKEN)],
        holds: |number| {
            let sum = weighted(number, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + digit(number, 8) * 5 / 10;
            (10 - sum % 10) % 10 == digit(number, 9)
        },
        cues: &["사업자등록", "사업자번호", "business registration"],
        ..FORMAT
    },
    Format {
        name: "sg-nric",
        forms: &[("A9999999A", 0.85)],
        holds: nric,
        cues: &["nric", "fin ", "singapore"],
        examples: &["S1234567D"],
        ..FORMAT
    },
    Format {
        name: "ae-emirates-id",
        forms: &[("999-9999-9999999-9", 0.95), ("999999999999999", SPOKEN)],
        holds: |number| number.starts_with(b"784") && (1900..=2099).contains(&value(number, 3..7)),
        cues: &["emirates id", "الهوية"],
        ..FORMAT
    },
    Format {
        name: "sa-national-id",
        forms: &[("9999999999", SPOKEN)],
        holds: |number| matches!(number.first(), Some(b'1' | b'2')) && luhn(number),
        cues: &["الهوية", "رقم الهويه", "الاقامة", "iqama", "national id", "saudi id"],
        ..FORMAT
    },
    Format {
        name: "eg-national-id",
        forms: &[("99999999999999", SPOKEN)],
        holds: |number| matches!(number.first(), Some(b'2' | b'3')) && day_month(number, 5, 3),
        cues: &["الرقم القومي", "الهوية", "national id"],
        ..FORMAT
    },
    Format {
        name: "il-id",
        forms: &[("999999999", SPOKEN)],
        holds: luhn,
        cues: &["תעודת זהות", "teudat zehut", "מספר זהות", "israeli id"],
        ..FORMAT
    },
    Format {
        name: "za-id",
        forms: &[("9999999999999", SPOKEN), ("999999 9999 999", SPOKEN)],
        holds: |number| day_month(number, 4, 2) && digit(number, 10) < 3 && luhn(number),
        cues: &["id number", "id no", "identity number", "sa id", "south african"],
        examples: &["8001015009087"],
        ..FORMAT
    },
    Format {
        name: "au-tfn",
        forms: &[
            ("999 999 999", SPOKEN),
            ("999999999", SPOKEN),
            ("99 999 999", SPOKEN),
            ("99999999", SPOKEN),
        ],
        holds: tfn,
        cues: &["tfn", "tax file"],
        examples: &["123456782", "876543210"],
        ..FORMAT
    },
    Format {
        name: "au-medicare",
        kind: HEALTH_ID,
        forms: &[
            ("9999 99999 9", 0.75),
            ("9999 99999 9/9", 0.8),
            ("9999 99999 9 9", SPOKEN),
            ("9999999999", SPOKEN),
            ("99999999999", SPOKEN),
        ],
        holds: |number| {
            matches!(number.first(), Some(b'2'..=b'6'))
                && weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == digit(number, 8)
        },
        cues: &["medicare"],
        examples: &["2123456701", "21234567011", "2428778132"],
        ..FORMAT
    },
    Format {
        name: "au-abn",
        kind: COMPANY_ID,
        forms: &[("99 999 999 999", SPOKEN), ("99999999999", SPOKEN)],
        holds: |number| {
            (weighted(number, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) + 890 - 10).is_multiple_of(89)
                && !number.starts_with(b"0")
        },
        cues: &["abn ", "australian business"],
        examples: &["51824753556", "53004085616"],
        ..FORMAT
    },
    Format {
        name: "nz-ird",
        forms: &[("999 999 999", SPOKEN), ("99 999 999", SPOKEN), ("9*8-9", SPOKEN)],
        holds: ird,
        cues: &["ird "],
        examples: &["49091850", "136410132"],
        ..FORMAT
    },
    Format {
        name: "nz-nhi",
        kind: HEALTH_ID,
        forms: &[("AAA9999", SPOKEN), ("AAA99AX", SPOKEN)],
        holds: |number| !number.iter().take(3).any(|byte| matches!(byte, b'I' | b'O')),
        cues: &["nhi "],
        examples: &["ZZZ0016", "ZZZ0024"],
        ..FORMAT
    },
];

const AADHAAR: &[&str] = &["aadhaar", "aadhar", "adhaar", "adhar", "uidai", "uid ", "आधार"];

const AADHAAR_EXAMPLES: &[&str] =
    &["999941057058", "999971658847", "999933119405", "999955183433", "999990501894"];

/// Neither zero nor one first; Verhoeff's check (UIDAI, "A UID numbering scheme").
fn aadhaar(number: &[u8]) -> bool {
    matches!(number.first(), Some(b'2'..=b'9')) && verhoeff(number)
}

fn province(number: &[u8]) -> bool {
    matches!(value(number, 0..2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}

/// Place, date of birth, serial, ISO 7064 mod 11-2 (GB 11643).
fn resident_id(number: &[u8]) -> bool {
    province(number)
        && (1880..=2099).contains(&value(number, 6..10))
        && day_month(number, 12, 10)
        && number.last().is_some_and(|check| check.is_ascii_digit() || *check == b'X')
        && mod11_2(number)
}

/// Letters from ten on, a missing first one as 36; mod 11 with ten as A.
fn hkid(number: &[u8]) -> bool {
    let value =
        |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') + 10 });
    let Some((check, body)) = number.split_last() else { return false };
    let start = if body.len() == 7 { 36 * 9 } else { 0 };
    let weights = (2..=9_u32).rev().skip(8 - body.len().min(8));
    let sum: u32 = body.iter().zip(weights).map(|(&byte, weight)| value(byte) * weight).sum();
    (check.is_ascii_digit() || *check == b'A') && (sum + start + value(*check)).is_multiple_of(11)
}

/// A letter as two digits, sex, serial, check (Ministry of the Interior).
fn taiwan(number: &[u8]) -> bool {
    const ORDER: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let place = number.first().and_then(|letter| ORDER.iter().position(|known| known == letter));
    let Some(code) = place.and_then(|place| u32::try_from(place + 10).ok()) else { return false };
    let sum = code / 10 + code % 10 * 9 + weighted(number, &[0, 8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(number.get(1), Some(b'1' | b'2' | b'8' | b'9')) && sum.is_multiple_of(10)
}

/// Mod 11 (Ordinance 85 of the Ministry of Internal Affairs, 2014).
fn my_number(number: &[u8]) -> bool {
    let rest = weighted(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    (if rest < 2 { 0 } else { 11 - rest }) == digit(number, 11)
}

/// Weights 2, 7, 6, 5, 4, 3, 2; a letter by mod 11, of a row that the first letter tells.
fn nric(number: &[u8]) -> bool {
    let body = number.get(1..).unwrap_or_default();
    let sum = weighted(body, &[2, 7, 6, 5, 4, 3, 2]);
    let (extra, letters): (u32, &[u8; 11]) = match number.first() {
        Some(b'S') => (0, b"JZIHGFEDCBA"),
        Some(b'T') => (4, b"JZIHGFEDCBA"),
        Some(b'F') => (0, b"XWUTRQPNMLK"),
        Some(b'G') => (4, b"XWUTRQPNMLK"),
        Some(b'M') => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    let rest = usize::try_from((sum + extra) % 11).unwrap_or(0);
    let rest = if number.starts_with(b"M") { 10 - rest } else { rest };
    number.last() == letters.get(rest)
}

/// Mod 11 (Australian Taxation Office).
fn tfn(number: &[u8]) -> bool {
    let weights: &[u32] =
        if number.len() == 8 { &[10, 7, 8, 4, 6, 3, 5, 1] } else { &[1, 4, 3, 7, 5, 8, 6, 9, 10] };
    weighted(number, weights).is_multiple_of(11)
}

/// Mod 11, and once more with other weights where ten is left (Inland Revenue).
fn ird(number: &[u8]) -> bool {
    let mut digits = [b'0'; 9];
    for (place, digit) in digits.iter_mut().rev().zip(number.iter().rev()) {
        *place = *digit;
    }
    let check = |weights: &[u32]| (11 - weighted(&digits, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 { check(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    (10_000_000..150_000_000).contains(&value(&digits, 0..9)) && check == digit(&digits, 8)
}
