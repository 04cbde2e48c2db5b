//! Checksums by name, for a site's own patterns.
//!
//! All but the two of letters read the digits of a match alone, whatever stands between them.

use super::PatternError;
use crate::inspect::checksum;
use crate::suggest::did_you_mean;

/// A check that a match must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Check {
    /// Luhn's (ISO/IEC 7812-1, annex B): cards and many customer numbers.
    Luhn,
    /// ISO/IEC 7064 mod 97-10 over digits and letters, the check digits last: legal entities, creditors.
    Mod97,
    /// The same with the first four characters put last, as an IBAN has it (ISO 13616).
    Iban,
    /// Weights 1, 2, 3 … from the last digit on; the sum is a multiple of 11, and a last `X` counts ten: ISBN-10.
    Mod11,
    /// ISO/IEC 7064 mod 11-2: a last `X` counts ten.
    Mod11And2,
    /// ISO/IEC 7064 mod 11,10.
    Mod11And10,
    /// Weights 1 and 3 in turn from the last digit on; the sum is a multiple of 10: GTIN, EAN, ISBN-13.
    Gtin,
    /// Verhoeff's (J. Verhoeff, "Error Detecting Decimal Codes", 1969).
    Verhoeff,
}

impl Check {
    const ALL: [(&str, Self); 8] = [
        ("luhn", Self::Luhn),
        ("mod97", Self::Mod97),
        ("iban", Self::Iban),
        ("mod11", Self::Mod11),
        ("mod11-2", Self::Mod11And2),
        ("mod11-10", Self::Mod11And10),
        ("gtin", Self::Gtin),
        ("verhoeff", Self::Verhoeff),
    ];

    pub(super) fn named(name: &str) -> Result<Self, PatternError> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, check)| *check);
        known.ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known);
            let mend = format!("{}; there are {}", did_you_mean(name, names), names.join(", "));
            PatternError::UnknownChecksum { name: name.to_owned(), mend }
        })
    }

    /// Whether a match holds it; two characters at least must be there.
    pub(super) fn holds(self, text: &[u8]) -> bool {
        let keeps = match self {
            Self::Mod97 | Self::Iban => u8::is_ascii_alphanumeric,
            _ => u8::is_ascii_digit,
        };
        let mut kept: Vec<u8> = text.iter().copied().filter(keeps).collect();
        let last = text.iter().rev().find(|byte| byte.is_ascii_alphanumeric());
        if matches!(self, Self::Mod11 | Self::Mod11And2)
            && last.is_some_and(|byte| byte.eq_ignore_ascii_case(&b'x'))
        {
            kept.push(b'X');
        }
        let least = if self == Self::Iban { 5 } else { 2 };
        kept.len() >= least && self.holds_for(&kept)
    }

    fn holds_for(self, kept: &[u8]) -> bool {
        match self {
            Self::Luhn => checksum::luhn(kept),
            Self::Iban => checksum::mod97(kept),
            Self::Mod97 => {
                // ISO 13616 is this check with the end put first.
                let (body, check) = kept.split_at(kept.len().saturating_sub(4));
                checksum::mod97(&[check, body].concat())
            }
            Self::Mod11 => weighted(kept, |place| place + 1).is_multiple_of(11),
            Self::Mod11And2 => checksum::mod11_2(kept),
            Self::Mod11And10 => checksum::mod11_10(kept),
            Self::Gtin => weighted(kept, |place| if place % 2 == 0 { 1 } else { 3 }).is_multiple_of(10),
            Self::Verhoeff => checksum::verhoeff(kept),
        }
    }
}

/// The value of a digit, or of `X`.
fn value(byte: u8) -> u32 {
    if byte == b'X' { 10 } else { u32::from(byte.wrapping_sub(b'0') % 10) }
}

/// The sum of the digits, each times the weight of its place from the end.
fn weighted(digits: &[u8], weight: impl Fn(u32) -> u32) -> u32 {
    digits.iter().rev().zip(0..).map(|(byte, place)| value(*byte) * weight(place)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_hold_and_their_neighbours_do_not() {
        for (name, right, wrong) in [
            ("luhn", "7992 7398-713", "7992 7398-714"),
            // The legal entity of the Global Legal Entity Identifier Foundation.
            ("mod97", "506700GE1G29325QX363", "506700GE1G29325QX364"),
            ("iban", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"),
            ("mod11", "ISBN 0-8044-2957-X", "ISBN 0-8044-2957-1"),
            ("mod11", "0-306-40615-2", "0-306-40651-2"),
            // The standard's own examples.
            ("mod11-2", "079X", "0790"),
            ("mod11-10", "07945", "07946"),
            ("gtin", "978-0-306-40615-7", "978-0-306-40615-6"),
            ("verhoeff", "2363", "2364"),
        ] {
            let check = Check::named(name).unwrap();
            assert!(check.holds(right.as_bytes()), "{name} {right}");
            assert!(!check.holds(wrong.as_bytes()), "{name} {wrong}");
            assert!(!check.holds(b"") && !check.holds(b"-"), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let error = Check::named("lunh").unwrap_err().to_string();
        assert!(
            error.contains("unknown checksum `lunh`; did you mean `luhn`?; there are luhn, mod97"),
            "{error}"
        );
    }
}
