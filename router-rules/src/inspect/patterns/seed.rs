//! The words that restore a wallet (BIP-39): twelve to twenty-four short words in a row after a phrase that
//! announces them. Which words they may be is not known here; their shape and their number are.

use super::Leads;
use crate::inspect::cursor::{at, run, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples;
use crate::inspect::hits::SEED_PHRASE;
use crate::inspect::scan::Scan;

pub(super) const LEADS: &Leads = &[(
    &[SEED_PHRASE],
    Topic::Seed,
    "seed phrase, seed words, seed, recovery phrase, recovery words, recovery seed, secret phrase, backup phrase, wallet phrase, \
     secret recovery phrase, mnemonic, mnemonics, mnemonic phrase, bip39, bip 39, wiederherstellungsphrase, \
     wiederherstellungswörter, seedphrase, mnemonik, phrase de récupération, phrase secrète, phrase mnémonique, frase semilla, \
     palabras semilla, frase de recuperación, frase de recuperação, palavras de recuperação, frase semente, frase seme, \
     frase di recupero, parole di recupero, herstelzin, herstelwoorden, herstelzinnen, fraza odzyskiwania, słowa odzyskiwania, \
     kurtarma kelimeleri, kurtarma ifadesi, gizli kelimeler, сид фраза, сид фразу, мнемоническая фраза, мнемоника, \
     фраза восстановления, 助记词, 恢复短语, シードフレーズ, リカバリーフレーズ, ニーモニック, 시드 구문+, 복구 구문+, \
     니모닉+, عبارة الاسترداد, العبارة السرية, كلمات الاسترداد, रिकवरी फ्रेज, सीड फ्रेज",
)];

/// How far after its announcement the first word may stand.
const REACH: usize = 72;

/// Words of ordinary sentences that the list does not have.
const NOT_LISTED: [&str; 24] = [
    "the", "and", "for", "are", "was", "your", "from", "have", "has", "not", "but", "our", "his", "her",
    "its", "they", "which", "were", "been", "would", "could", "should", "with", "use",
];

/// Looks after an announcement for the words.
pub(in crate::inspect) fn at_phrase(scan: &mut Scan<'_>, end: usize) {
    let text = scan.text;
    if end < scan.told_end {
        return;
    }
    // The words begin after a mark, a new line or a verb; each such place is tried.
    let reach = end + REACH;
    let starts = (end..reach.min(text.len())).filter(|place| {
        let mark = matches!(at(text, *place), b':' | b'\n' | b'"' | b'\'' | b'`' | b'=' | b'-' | b'>');
        mark || [" is ", " ist ", " est ", " es ", " e ", "are "]
            .iter()
            .any(|verb| slice(text, *place, place + verb.len()) == verb.as_bytes())
            || *place == end
            || !at(text, *place).is_ascii() && at(text, place + 1).is_ascii()
    });
    let found = starts.take(4).find_map(|place| {
        let after = run(text, place, 5, |byte| !byte.is_ascii_alphanumeric() || !byte.is_ascii());
        let after = ["is ", "ist ", "est ", "es ", "e ", "are "]
            .iter()
            .find(|verb| slice(text, after, after + verb.len()) == verb.as_bytes())
            .map_or(after, |verb| run(text, after + verb.len(), 2, |byte| !byte.is_ascii_alphanumeric()));
        words(text, after).map(|to| (after, to))
    });
    if let Some((from, to)) = found {
        scan.told_end = to;
        scan.hits.push(SEED_PHRASE, from, to, 0.9);
    }
}

/// The end of a run of exactly as many words as a phrase may have.
fn words(text: &[u8], start: usize) -> Option<usize> {
    let mut here = start;
    let mut end = start;
    let mut count = 0_usize;
    let mut different: Vec<&[u8]> = Vec::new();
    while count <= 24 {
        // `1. apple 2. banana`
        let number = run(text, here, 2, |byte| byte.is_ascii_digit());
        let dotted = if number > here {
            run(text, number, 2, |byte| matches!(byte, b'.' | b')' | b' ' | b':'))
        } else {
            here
        };
        let from = if dotted > number { run(text, dotted, 2, |byte| byte == b' ') } else { here };
        let to = run(text, from, 9, |byte| byte.is_ascii_alphabetic());
        let word = slice(text, from, to);
        if !(3..=8).contains(&word.len())
            || word.iter().skip(1).any(u8::is_ascii_uppercase) && !word.iter().all(u8::is_ascii_uppercase)
        {
            break;
        }
        if NOT_LISTED.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes())) {
            return None;
        }
        count += 1;
        end = to;
        if !different.contains(&word) {
            different.push(word);
        }
        // The words of a phrase hardly repeat.
        if count == 6 && different.len() < 4 {
            return None;
        }
        let next = run(text, to, 4, |byte| matches!(byte, b' ' | b',' | b'\n' | b'\r' | b'-' | b'|' | b';'));
        if next == to || slice(text, to, next) == b"\n\n" {
            break;
        }
        here = next;
    }
    let phrase = slice(text, start, end);
    (matches!(count, 12 | 15 | 18 | 21 | 24)
        && different.len() * 3 >= count * 2
        && !examples::is_seed(phrase))
    .then_some(end)
}
