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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_luhn(digits: &[u8]) -> Vec<u8> {
        let candidates = (b'0'..=b'9').map(|check| [digits, &[check]].concat());
        candidates.into_iter().find(|number| luhn(number)).unwrap()
    }

    proptest! {
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
