//! How far two short answers agree: the share of their words that both have, lowered where their numbers differ.
//!
//! It is Dice's coefficient over the words as often as they stand (L. R. Dice, "Measures of the amount of ecologic
//! association between species", Ecology 26, 1945; over words the "F1" by which answers to questions are usually held
//! against each other), times the same over their numbers alone: two answers that differ in nothing but their result do
//! not agree.

use std::collections::BTreeMap;

/// From 0, nothing in common, to 1, the same words; none where neither says anything.
#[must_use]
pub fn agreement(one: &str, other: &str) -> Option<f32> {
    let (one, other) = (words(one), words(other));
    let all = dice(&one, &other)?;
    let numbers = |words: &[String]| -> Vec<String> {
        words
            .iter()
            .filter(|word| word.trim_start_matches('-').starts_with(char::is_numeric))
            .cloned()
            .collect()
    };
    // Where neither has a number, words are all there is.
    let values = dice(&numbers(&one), &numbers(&other)).unwrap_or(1.0);
    Some(all * values)
}

/// Twice what both have over what each has; none where neither has any.
fn dice(one: &[String], other: &[String]) -> Option<f32> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in one {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut shared = 0;
    for word in other {
        if let Some(count) = counts.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    let total = one.len() + other.len();
    #[expect(clippy::cast_precision_loss, reason = "short answers have far fewer words than 2^24")]
    (total > 0).then(|| (2 * shared) as f32 / total as f32)
}

/// The words of a text in small letters, without what stands between them. A number is one word with its sign and its
/// decimals and without what parts its thousands; where words are written together, each character is one.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let digit_follows = rest.peek().is_some_and(char::is_ascii_digit);
        let begins = word.is_empty() && digit_follows;
        let in_number = word.ends_with(|last: char| last.is_ascii_digit()) && digit_follows;
        match letter {
            _ if is_by_itself(letter) => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.push(letter.to_string());
            }
            _ if letter.is_alphanumeric() => word.extend(letter.to_lowercase()),
            '-' | '−' if begins => word.push('-'),
            '.' | ':' | '/' if in_number => word.push(letter),
            ',' | '\'' | '’' | '_' if in_number => {}
            _ => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Whether a character is a word: in Han, kana, Hangul, Thai, Lao, Khmer and Burmese words are not parted, or carry what other
/// languages have as words of their own.
fn is_by_itself(letter: char) -> bool {
    matches!(letter, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(one: &str, other: &str) -> f32 {
        agreement(one, other).unwrap()
    }

    #[test]
    fn words_count_and_not_how_they_are_set() {
        assert_eq!(of("Paris.", "**paris**"), 1.0);
        assert_eq!(of("The capital is Paris!", "the capital: is Paris"), 1.0);
        assert_eq!(of("Paris", "London"), 0.0);
        assert_eq!(of("Paris", ""), 0.0);
        assert_eq!(agreement("", " … "), None);
        let half = of("It is Paris", "It is Lyon or Nice");
        assert!((half - 0.5).abs() < 1e-6, "{half}");
        assert_eq!(of("no no no", "no"), 0.5, "as often as it stands");
    }

    #[test]
    fn numbers_that_differ_are_no_agreement() {
        assert_eq!(of("The answer is 42.", "The answer is 57."), 0.0);
        assert_eq!(of("It costs 1,250.50 euros", "it costs 1250.50 euros."), 1.0);
        assert_eq!(of("The result: 7", "The result: -7"), 0.0);
        assert_eq!(of("3.14", "314"), 0.0);
        assert!(of("Three apples and 4 pears", "Three apples and four pears") < 0.1);
        let list = of("1. Bread 2. Milk", "1. Bread 2. Milk 3. Eggs");
        assert!(list > 0.5 && list < 1.0, "{list}");
    }

    #[test]
    fn characters_are_words_where_words_are_written_together() {
        assert_eq!(of("首都是巴黎", "首都是巴黎。"), 1.0);
        assert!((of("首都是巴黎", "首都是里昂") - 0.6).abs() < 1e-6);
        assert!((of("東京です", "京都です") - 0.75).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn it_is_a_share_and_the_same_either_way(one in "\\PC{0,40}", other in "\\PC{0,40}") {
            let said = agreement(&one, &other);
            prop_assert_eq!(said, agreement(&other, &one));
            prop_assert!(said.is_none_or(|share| (0.0..=1.0).contains(&share)));
            prop_assert!(agreement(&one, &one).is_none_or(|share| share == 1.0));
        }
    }
}
