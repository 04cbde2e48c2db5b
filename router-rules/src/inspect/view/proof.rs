//! Findings that prove themselves: by check digits, by a prefix that their maker publishes, by a form that nothing
//! else has. Of a view that may make sense of anything, only these are kept.

use crate::inspect::checksum::luhn;
use crate::inspect::cursor::variety;
use crate::inspect::hits::{
    API_KEY, BANK_ACCOUNT, CARD, EMAIL, HEALTH_ID, Hit, IBAN, JWT, NATIONAL_ID, PHONE, PRIVATE_KEY, WALLET,
};

/// From here on a number was checked, and not only spoken of.
const CHECKED_MIN: f32 = 0.71;

/// From here on its words stand beside it.
const SPOKEN_MIN: f32 = 0.95;

/// How many sorts of digits and separators a card has at least.
const DIGITS_MIN: u32 = 5;

/// Whether a finding in this text proves itself.
pub(super) fn is_proven(text: &str, hit: &Hit) -> bool {
    let found = || text.get(hit.start..hit.end).unwrap_or_default();
    match hit.kind {
        NATIONAL_ID | BANK_ACCOUNT => is_checked(found(), hit),
        // A published test card turned round is one that could have been issued.
        CARD => variety(found().as_bytes()) >= DIGITS_MIN,
        EMAIL => has_top_level(found()),
        PHONE => found().starts_with('+'),
        _ => has_form(text, hit),
    }
}

/// Whether a number was checked; one of digits alone must also be spoken of, and make no sense the other way round:
/// Luhn's check often holds both ways, and what is nobody's forwards is nobody's backwards.
fn is_checked(number: &str, hit: &Hit) -> bool {
    if number.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return hit.confidence >= CHECKED_MIN;
    }
    let forwards: Vec<u8> = number.bytes().rev().filter(u8::is_ascii_digit).collect();
    hit.confidence >= SPOKEN_MIN && !luhn(&forwards)
}

/// The same of a text in rot13, which leaves digits and the form of an e-mail address as they are.
pub(super) fn has_form(text: &str, hit: &Hit) -> bool {
    match hit.kind {
        NATIONAL_ID | HEALTH_ID => {
            let found = text.get(hit.start..hit.end).unwrap_or_default();
            is_checked(found, hit) && found.bytes().any(|byte| byte.is_ascii_alphabetic())
        }
        IBAN | JWT | PRIVATE_KEY | WALLET => true,
        API_KEY => hit.confidence >= 0.95,
        _ => false,
    }
}

/// The top levels of most addresses (IANA, root zone database).
const TOP_LEVELS: [&str; 52] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "io", "app", "dev", "me", "co", "eu", "us", "uk", "ca",
    "au", "nz", "ie", "in", "za", "de", "at", "ch", "fr", "be", "lu", "es", "mx", "ar", "cl", "pt", "br",
    "it", "nl", "pl", "tr", "ru", "ua", "by", "kz", "cn", "tw", "hk", "sg", "jp", "kr", "sa", "ae", "eg",
    "ma", "se",
];

fn has_top_level(address: &str) -> bool {
    let (_, top) = address.rsplit_once('.').unwrap_or_default();
    TOP_LEVELS.iter().any(|known| top.eq_ignore_ascii_case(known))
}
