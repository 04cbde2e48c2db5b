//! Whether an answer of the device is none: it says nothing, or that it will not or cannot help or does not know.
//!
//! Only how it begins counts, in the words that models use for it; whatever else says no stays an answer. Whoever is taken
//! for refusing wrongly costs an answer further out, which the permit allows anyway.

use crate::dialect::event::{Event, Gathered};

/// How many characters of an answer may hold the words: its first sentence or two.
const BEGINNING: usize = 160;

/// By language, in small letters, with straight apostrophes, parted by bars.
const WORDS: [&str; 12] = [
    // English
    "i can't help|i cannot help|i can't assist|i cannot assist|i can't answer|i cannot answer|\
     i can't provide|i cannot provide|i can't do that|i cannot do that|i am unable to|i'm unable to|\
     i am not able to|i'm not able to|i won't be able to|as an ai|i don't know|i do not know|i'm not sure|\
     i am not sure|i have no information|i don't have information|i cannot give|i can't give|i cannot see|\
     i can't see|i do not understand|i don't understand|is too hard for",
    // German
    "kann ich nicht helfen|kann ich nicht beantworten|kann dir nicht helfen|kann ihnen nicht helfen|\
     ich weiß es nicht|das weiß ich nicht|ich bin nicht in der lage|ich bin mir nicht sicher",
    // French
    "je ne peux pas|je ne suis pas en mesure|je ne sais pas|je ne suis pas sûr",
    // Spanish
    "no puedo ayudar|no puedo responder|no puedo proporcionar|no lo sé|no estoy seguro",
    // Italian
    "non posso aiutar|non posso rispondere|non sono in grado|non lo so|non sono sicuro",
    // Portuguese
    "não posso ajudar|não posso responder|não consigo|não sei",
    // Dutch
    "ik kan je niet helpen|ik kan u niet helpen|ik kan niet helpen|ik weet het niet|ik ben niet in staat",
    // Polish
    "nie mogę pomóc|nie mogę odpowiedzieć|nie wiem|nie jestem w stanie",
    // Russian
    "я не могу|я не знаю",
    // Turkish
    "yardımcı olamam|bilmiyorum",
    // Arabic and Hindi
    "لا أستطيع|لا أعرف|मैं मदद नहीं कर सकता|मुझे नहीं पता",
    // Chinese, Japanese, Korean
    "我无法|我不知道|お答えできません|わかりません|도와드릴 수 없|모르겠습니다",
];

/// Whether an answer refuses.
#[must_use]
pub fn is_one(answer: &Gathered) -> bool {
    let calls = answer.parts.iter().any(|part| matches!(part, Event::Call { .. }));
    let refuses = answer.parts.iter().any(|part| matches!(part, Event::Refusal(_)));
    let text = answer.joined(|part| match part {
        Event::Text(text) => Some(text),
        _ => None,
    });
    refuses || !calls && (text.trim().is_empty() || begins_with_one(&text))
}

fn begins_with_one(text: &str) -> bool {
    let beginning = text.chars().take(BEGINNING).flat_map(char::to_lowercase);
    let beginning: String = beginning.map(|letter| if letter == '’' { '\'' } else { letter }).collect();
    WORDS.iter().flat_map(|words| words.split('|')).any(|words| beginning.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(text: &str) -> bool {
        is_one(&Gathered { parts: vec![Event::Text(text.to_owned())], ..Gathered::default() })
    }

    #[test]
    fn what_begins_so_is_none() {
        for text in [
            "I'm sorry, but I can’t help with that.",
            "I do not know.",
            "As an AI language model, I have no opinion.",
            // As the bundled model says it (`engines/starter/abilities/unknown.py`).
            "That is too hard for a small model like me. You can pull a larger model with `hearthgate models pull`.",
            "I cannot give medical advice. Please ask a doctor.",
            "I cannot see or hear that. I only see what you write here.",
            "Dabei kann ich nicht helfen.",
            "Désolé, je ne peux pas répondre.",
            "Lo siento, no puedo ayudarte con eso.",
            "抱歉，我无法回答这个问题。",
            "申し訳ありませんが、お答えできません。",
            "   ",
        ] {
            assert!(refuses(text), "{text}");
        }
    }

    #[test]
    fn what_only_speaks_of_it_is_an_answer() {
        for text in [
            "No. A prime has two divisors, and 1 has one.",
            "You cannot divide by zero.",
            "She said that she could not come.",
        ] {
            assert!(!refuses(text), "{text}");
        }
        let late = format!("{} I cannot help it.", "The play goes on. ".repeat(12));
        assert!(!refuses(&late));
    }

    #[test]
    fn nothing_but_a_call_is_an_answer() {
        let call =
            Event::Call { index: 0, id: None, name: Some("ls".to_owned()), arguments: "{}".to_owned() };
        assert!(!is_one(&Gathered { parts: vec![call], ..Gathered::default() }));
        assert!(is_one(&Gathered::default()));
    }
}
