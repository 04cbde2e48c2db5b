//! Vehicles and devices.

use super::{FORMAT, Format, SPOKEN};
use crate::inspect::checksum::{luhn, value};
use crate::inspect::hits::{DEVICE_ID, VEHICLE_ID};

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "vin",
        kind: VEHICLE_ID,
        forms: &[("XXXXXXXXXXXXXXXXX", SPOKEN)],
        // Europe's makers keep no check digit.
        holds: vin,
        cues: VIN,
        examples: VIN_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "vin-alone",
        kind: VEHICLE_ID,
        forms: &[("XXXXXXXXXXXXXXXXX", 0.8)],
        holds: |number| vin(number) && vin_check(number),
        cues: VIN,
        examples: VIN_EXAMPLES,
        ..FORMAT
    },
    Format {
        name: "imei",
        kind: DEVICE_ID,
        forms: &[("999999999999999", SPOKEN), ("99-999999-999999-9", 0.9), ("99 999999 999999 9", 0.85)],
        holds: |number| value(number, 0..2) > 0 && luhn(number),
        cues: &["imei", "device id", "序列号", "串号"],
        examples: &["490154203237518", "352099001761481"],
        ..FORMAT
    },
    Format {
        name: "imsi",
        kind: DEVICE_ID,
        forms: &[("999999999999999", SPOKEN)],
        holds: |number| (2..=7).contains(&value(number, 0..1)),
        cues: &["imsi"],
        ..FORMAT
    },
    Format {
        name: "iccid",
        kind: DEVICE_ID,
        forms: &[("99999999999999999999", SPOKEN), ("9999999999999999999", SPOKEN)],
        holds: |number| number.starts_with(b"89"),
        cues: &["iccid", "sim card", "sim number"],
        ..FORMAT
    },
    Format {
        name: "plate",
        kind: VEHICLE_ID,
        forms: PLATES,
        cues: &[
            "licence plate",
            "license plate",
            "licence no",
            "number plate",
            "plate n",
            "plate:",
            "plates",
            "vehicle registration",
            "registration number",
            "reg number",
            "car reg",
            "kennzeichen",
            "plaque",
            "immatricul",
            "matricula",
            "targa",
            "kenteken",
            "tablica rejestracyjna",
            "tablice",
            "rejestracyjn",
            "plaka",
            "placa",
            "registreringsnummer",
            "rekisterinumero",
            "госномер",
            "номерной знак",
            "гос номер",
            "车牌",
            "車牌",
            "ナンバープレート",
            "차량번호",
            "번호판",
            "لوحة",
            "नंबर प्लेट",
            "रजिस्ट्रेशन",
        ],
        loose: true,
        ..FORMAT
    },
];

const VIN: &[&str] = &[
    "vin ",
    "vehicle identification",
    "vehicle id",
    "chassis",
    "fahrgestell",
    "fahrzeug ident",
    "fin ",
    "bastidor",
    "telaio",
    "chassi",
    "numer vin",
    "chassisnummer",
    "sasi no",
    "şasi",
    "идентификационный номер",
    "车架",
    "車架",
    "車台番号",
    "차대번호",
    "شاسيه",
];

const VIN_EXAMPLES: &[&str] =
    &["1M8GDM9AXKP042788", "1HGCM82633A004352", "5GZCZ43D13S812715", "JH4KA7561PC008269"];

/// Letters but I, O and Q; the last four are digits; letters and digits both (ISO 3779).
fn vin(number: &[u8]) -> bool {
    let letters = number.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    !number.iter().any(|byte| b"IOQ".contains(byte))
        && number.get(13..).unwrap_or_default().iter().all(u8::is_ascii_digit)
        && (2..=13).contains(&letters)
}

/// Mod 11 at the ninth place (49 CFR 565.15).
fn vin_check(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |byte: u8| match byte {
        b'A'..=b'I' => u32::from(byte - b'A') + 1,
        b'J'..=b'R' => u32::from(byte - b'J') + 1,
        b'S'..=b'Z' => u32::from(byte - b'S') + 2,
        _ => u32::from(byte.wrapping_sub(b'0')),
    };
    let sum: u32 = number.iter().zip(WEIGHTS).map(|(&byte, weight)| value(byte) * weight).sum();
    let check = number.get(8).copied().unwrap_or(0);
    if sum % 11 == 10 { check == b'X' } else { check == b'0' + u8::try_from(sum % 11).unwrap_or(0) }
}

/// How plates are written, the longer forms of a country first.
const PLATES: &[(&str, f32)] = &[
    // The United Kingdom, Ireland, India.
    ("AA99 AAA", SPOKEN),
    ("AA99AAA", SPOKEN),
    ("A999 AAA", SPOKEN),
    ("A999AAA", SPOKEN),
    ("999 A 99999", SPOKEN),
    ("999-A-99999", SPOKEN),
    ("AA 99 AA 9999", SPOKEN),
    ("AA99AA9999", SPOKEN),
    ("AA99 AA 9999", SPOKEN),
    // North America, Sweden, Finland, the Baltic states, Australia.
    ("AAA 999", SPOKEN),
    ("AAA999", SPOKEN),
    ("AAA 9999", SPOKEN),
    ("AAA9999", SPOKEN),
    ("9AAA999", SPOKEN),
    ("999 AAA", SPOKEN),
    ("999AAA", SPOKEN),
    ("AAA 99A", SPOKEN),
    ("AAA99A", SPOKEN),
    // France, Italy, Belgium, Spain, Portugal.
    ("AA 999 AA", SPOKEN),
    ("AA999AA", SPOKEN),
    ("9 AAA 999", SPOKEN),
    ("9999 AAA", SPOKEN),
    ("9999AAA", SPOKEN),
    ("99 AA 99", SPOKEN),
    ("AA 99 AA", SPOKEN),
    ("AA 99 99", SPOKEN),
    ("99 99 AA", SPOKEN),
    // Germany and Austria.
    ("A-A 9", SPOKEN),
    ("A-A 99", SPOKEN),
    ("A-A 999", SPOKEN),
    ("A-A 9999", SPOKEN),
    ("A-AA 9", SPOKEN),
    ("A-AA 99", SPOKEN),
    ("A-AA 999", SPOKEN),
    ("A-AA 9999", SPOKEN),
    ("AA-A 99", SPOKEN),
    ("AA-A 999", SPOKEN),
    ("AA-A 9999", SPOKEN),
    ("AA-AA 9", SPOKEN),
    ("AA-AA 99", SPOKEN),
    ("AA-AA 999", SPOKEN),
    ("AA-AA 9999", SPOKEN),
    ("AAA-A 99", SPOKEN),
    ("AAA-A 999", SPOKEN),
    ("AAA-AA 99", SPOKEN),
    ("AAA-AA 999", SPOKEN),
    ("A-99999A", SPOKEN),
    ("A 99999A", SPOKEN),
    // The Netherlands.
    ("99 AAA 9", SPOKEN),
    ("9 AAA 99", SPOKEN),
    ("AA 999 A", SPOKEN),
    ("A 999 AA", SPOKEN),
    ("AAA 99 A", SPOKEN),
    ("A 99 AAA", SPOKEN),
    // Poland, Turkey, Brazil, Russia in Latin letters.
    ("AA 99999", SPOKEN),
    ("AA 9999A", SPOKEN),
    ("AAA 99AA", SPOKEN),
    ("AA99999", SPOKEN),
    ("99 A 9999", SPOKEN),
    ("99 AA 999", SPOKEN),
    ("99 AA 9999", SPOKEN),
    ("99 AAA 99", SPOKEN),
    ("99 AAA 999", SPOKEN),
    ("AAA9A99", SPOKEN),
    ("A999AA99", SPOKEN),
    ("A999AA999", SPOKEN),
];
