//! Numbers whose digits are written otherwise.

use crate::language::Language;

/// Fewer digits are no number that means anybody: they stay as they are.
const DIGITS_MIN: usize = 5;

/// The zeros of the digits that people write: ASCII, Arabic, Persian, Devanagari, fullwidth.
const ZEROS: [u32; 5] = [0x30, 0x660, 0x6F0, 0x966, 0xFF10];

pub(super) fn spaced(digits: &[char], _: &Language) -> String {
    joined(digits, " ")
}

pub(super) fn dotted(digits: &[char], _: &Language) -> String {
    joined(digits, ".")
}

pub(super) fn dashed(digits: &[char], _: &Language) -> String {
    joined(digits, "-")
}

pub(super) fn spelled(digits: &[char], language: &Language) -> String {
    let word = |digit: &char| language.digits.get(value(*digit)?).copied();
    digits.iter().filter_map(word).collect::<Vec<_>>().join(language.gap)
}

/// Keycaps: the digit, a variation selector, and an enclosing box.
pub(super) fn emoji(digits: &[char], _: &Language) -> String {
    digits.iter().filter_map(|digit| Some(format!("{}\u{FE0F}\u{20E3}", value(*digit)?))).collect()
}

/// Rewrites each run of digits in a private stretch that has enough of them. Single marks within a run, as
/// people write them into numbers, are left out.
pub(super) fn rewrite(part: &str, write: impl Fn(&[char]) -> String) -> String {
    if part.chars().filter(|c| value(*c).is_some()).count() < DIGITS_MIN {
        return part.to_owned();
    }
    let mut written = String::with_capacity(part.len() * 2);
    let mut run = Vec::new();
    let mut rest = part.chars().peekable();
    while let Some(c) = rest.next() {
        let within = !run.is_empty() && rest.peek().is_some_and(|next| value(*next).is_some());
        if value(c).is_some() {
            run.push(c);
        } else if !(within && matches!(c, ' ' | '-' | '.' | '/')) {
            written.push_str(&write(&run));
            run.clear();
            written.push(c);
        }
    }
    written + &write(&run)
}

fn joined(digits: &[char], gap: &str) -> String {
    digits.iter().map(char::to_string).collect::<Vec<_>>().join(gap)
}

fn value(c: char) -> Option<usize> {
    let value = |zero: &u32| u32::from(c).checked_sub(*zero).filter(|value| *value < 10);
    ZEROS.iter().find_map(value).and_then(|value| usize::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::language;

    #[test]
    fn runs_are_rewritten_and_the_rest_stays() {
        let with = |write: fn(&[char], &Language) -> String, code: &str, part: &str| {
            rewrite(part, |run| write(run, language(code)))
        };
        assert_eq!(with(spaced, "en", "DE89 3704, then"), "DE8 9 3 7 0 4, then");
        assert_eq!(with(dotted, "en", "4155-5501"), "4.1.5.5.5.5.0.1");
        assert_eq!(with(dashed, "ar", "١٠٠٥٦"), "١-٠-٠-٥-٦");
        assert_eq!(with(spelled, "de", "Tel 10 203"), "Tel eins null zwei null drei");
        assert_eq!(with(spelled, "zh", "10203"), "一零二零三");
        assert_eq!(with(emoji, "en", "10203").chars().count(), 15);
        assert_eq!(with(spaced, "en", "bed 12, floor 3"), "bed 12, floor 3");
    }
}
