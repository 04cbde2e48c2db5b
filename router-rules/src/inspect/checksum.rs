//! Check digits, so that a number that only looks like one is not taken for one.

/// Whether decimal digits hold Luhn's check (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([false, true].into_iter().cycle())
        .map(|(digit, double)| {
            let value = u32::from(digit.wrapping_sub(b'0'));
            let doubled = value * 2;
            if !double {
                value
            } else if doubled > 9 {
                doubled - 9
            } else {
                doubled
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether an IBAN without separators holds its check (ISO 13616, by ISO/IEC 7064 mod 97-10).
pub(super) fn mod97(iban: &[u8]) -> bool {
    let (head, tail) = iban.split_at(iban.len().min(4));
    let remainder = tail.iter().chain(head).fold(0_u32, |remainder, byte| {
        let byte = byte.to_ascii_uppercase();
        if byte.is_ascii_digit() {
            (remainder * 10 + u32::from(byte - b'0')) % 97
        } else {
            (remainder * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97
        }
    });
    remainder == 1
}

/// The value of a decimal digit at a place; zero beyond the end.
pub(super) fn digit(number: &[u8], place: usize) -> u32 {
    number.get(place).map_or(0, |byte| u32::from(byte.wrapping_sub(b'0') % 10))
}

/// The number that some of the digits spell.
pub(super) fn value(number: &[u8], places: std::ops::Range<usize>) -> u64 {
    let digits = number.get(places).unwrap_or_default();
    digits.iter().fold(0, |value, byte| value * 10 + u64::from(byte.wrapping_sub(b'0') % 10))
}

/// The sum of the digits, each times its weight.
pub(super) fn weighted(number: &[u8], weights: &[u32]) -> u32 {
    weights.iter().enumerate().map(|(place, weight)| weight * digit(number, place)).sum()
}

/// Whether decimal digits hold Verhoeff's check (J. Verhoeff, "Error Detecting Decimal Codes", 1969).
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const STEP: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut check = 0;
    for (place, byte) in digits.iter().rev().enumerate() {
        let mut digit = u32::from(byte.wrapping_sub(b'0'));
        for _ in 0..place % 8 {
            digit = usize::try_from(digit).ok().and_then(|at| STEP.get(at)).copied().unwrap_or(0);
        }
        check = dihedral(check, digit);
    }
    check == 0
}

/// The product in the group of the symmetries of a pentagon: turns are 0 to 4, mirrorings 5 to 9.
fn dihedral(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right) % 5,
        (false, true) => 5 + (left - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// Whether decimal digits hold ISO/IEC 7064's hybrid check mod 11,10.
pub(super) fn mod11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, byte| {
        let sum = (product + u32::from(byte.wrapping_sub(b'0'))) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(check.wrapping_sub(b'0'))) % 10 == 1
}

/// Whether digits with a last digit or `X` hold ISO/IEC 7064's check mod 11-2.
pub(super) fn mod11_2(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let sum = body.iter().fold(0, |sum, byte| (sum + u32::from(byte.wrapping_sub(b'0'))) * 2 % 11);
    let check = if *check == b'X' { 10 } else { u32::from(check.wrapping_sub(b'0')) };
    check <= 10 && (sum + check) % 11 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_luhn(digits: &[u8]) -> Vec<u8> {
        let candidates = (b'0'..=b'9').map(|check| [digits, &[check]].concat());
        candidates.into_iter().find(|number| luhn(number)).unwrap()
    }

    #[test]
    fn published_numbers_hold() {
        // Verhoeff's own example; ISO/IEC 7064's examples for mod 11,10 and mod 11-2.
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert!(mod11_10(b"07945") && !mod11_10(b"07944"));
        assert!(mod11_2(b"079X") && mod11_2(b"07940") && !mod11_2(b"0790"));
    }

    proptest! {
        #[test]
        fn one_changed_digit_breaks_verhoeff(digits in "[0-9]{11}", at in 0_usize..12, by in 1_u8..10) {
            let candidates = (b'0'..=b'9').map(|check| [digits.as_bytes(), &[check]].concat());
            let mut number = candidates.into_iter().find(|number| verhoeff(number)).unwrap();
            number[at] = b'0' + (number[at] - b'0' + by) % 10;
            prop_assert!(!verhoeff(&number));
        }

        #[test]
        fn one_changed_digit_breaks_luhn(digits in "[0-9]{11,18}", at in 0_usize..12, by in 1_u8..10) {
            let mut number = with_luhn(digits.as_bytes());
            number[at] = b'0' + (number[at] - b'0' + by) % 10;
            prop_assert!(!luhn(&number));
        }

        #[test]
        fn one_changed_digit_breaks_mod_97(body in "[A-Z]{4}[0-9]{14}", at in 8_usize..22, by in 1_u8..10) {
            let ibans = (2..99).map(|check| format!("GB{check:02}{body}").into_bytes());
            let mut iban = ibans.into_iter().find(|iban| mod97(iban)).unwrap();
            iban[at] = b'0' + (iban[at] - b'0' + by) % 10;
            prop_assert!(!mod97(&iban));
        }
    }
}
