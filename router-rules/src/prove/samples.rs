//! Texts that show what a case speaks of: made up, never anyone's.
//!
//! Numbers carry the check digits that detectors ask for: Luhn's (ISO/IEC 7812-1) for cards, mod 97
//! (ISO 13616) for IBANs. Each sample of a kind differs from the others, so that they count apart.

use std::ops::Range;

use crate::chat::{ChatRequest, Dialect};
use crate::difficulty::{self, Difficulty};
use crate::inspect::{KindId, OpaqueKind, inspect};
use crate::json::quote;
use crate::policy::{Confidence, Policy};

/// More samples of one kind than this are not written out.
const SAMPLES_MAX: u32 = 1000;

/// What makes a demand harder, little by little.
const DEMAND: [&str; 13] = [
    "Say hello in French.",
    "Then say in two sentences why greetings differ between languages.",
    "Compare three of them in a short table.",
    "Explain step by step how the customs came about.",
    "The table must have at most three rows.",
    "Analyse what the customs have in common, and evaluate which of them will last.",
    "Write a function in Rust that picks the greeting by the hour:\n```rust\nfn greet(hour: u8) -> &'static str {\n    todo!()\n}\n```",
    "It must not allocate, must handle daylight saving time, and must return at most 12 bytes.",
    "Prove that it is correct for every hour, and derive the bound on its size.",
    "Refactor it to be lock-free, debug the race that this brings, and optimise its memory ordering.",
    "Design an architecture in which it stays consistent under network partitions, with its trade-offs.",
    "Derive the expected number of retries, $E[n] = \\sum_{k=1}^{\\infty} k p (1-p)^{k-1}$, and prove that it converges.",
    "Finally, evaluate three alternatives critically, with a rigorous argument for each.",
];

/// What makes a demand speak of code, and little harder.
const CODE: [&str; 2] = ["What does `git status` show?", "Say hello in Python."];

/// Demands, roughly from easy to hard: many, so that some fall into a narrow band; first those that seldom speak of
/// code, then those that all do.
pub(super) fn demands() -> impl Iterator<Item = String> {
    let plain =
        || (1..=DEMAND.len()).flat_map(|count| DEMAND.windows(count)).map(|sentences| sentences.join(" "));
    let code = CODE.into_iter().map(str::to_owned);
    plain().chain(code).chain(plain().flat_map(|demand| CODE.map(|code| format!("{demand} {code}"))))
}

/// How hard a body is, as the policy sets it, and whether it speaks of code.
pub(super) fn difficulty(dialect: Dialect, body: &str, policy: &Policy) -> Option<Difficulty> {
    let request = ChatRequest::read(dialect, body).ok()?;
    Some(difficulty::assess(&request, policy.thresholds()))
}

/// Different findings of a kind by number, as sure as asked where some sample is.
pub(super) fn findings(
    policy: &Policy,
    kind: KindId,
    numbers: Range<u32>,
    fits: impl Fn(Confidence) -> bool,
) -> impl Iterator<Item = String> {
    let numbers = numbers.start..numbers.end.min(SAMPLES_MAX);
    let forms = forms(policy, kind, 0);
    let fit = |text: &String| confidence(policy, kind, text).is_some_and(&fits);
    let at = if forms.len() == 1 || numbers.is_empty() { Some(0) } else { forms.iter().position(fit) };
    let at = at.unwrap_or(0);
    numbers.filter_map(move |number| self::forms(policy, kind, number).into_iter().nth(at))
}

/// The forms in which a finding can be written, the plainest first.
fn forms(policy: &Policy, kind: KindId, number: u32) -> Vec<String> {
    if let Some(own) = policy.example(kind) {
        return vec![format!("Note {number}: {own}."), own.to_owned()];
    }
    let name = policy.kinds().name(kind);
    let mut forms = vec![builtin(name, number)];
    forms.extend(less_sure(name, number));
    forms
}

/// How sure the detectors are of a kind in a text; none where they do not find it.
fn confidence(policy: &Policy, kind: KindId, text: &str) -> Option<Confidence> {
    let body = format!(r#"{{"model":"auto","messages":[{{"role":"system","content":{}}}]}}"#, quote(text));
    let request = ChatRequest::openai(body).ok()?;
    let findings = inspect(&request, policy.detectors()).findings;
    let of_kind = findings.iter().filter(|finding| finding.kind == kind);
    of_kind.map(|finding| Confidence::of(finding.confidence)).max()
}

/// The same in a dialect's own words.
pub(super) fn opaque_in(dialect: Dialect, kind: OpaqueKind) -> Option<&'static str> {
    match (dialect, kind) {
        (Dialect::AnthropicMessages, OpaqueKind::Image) => Some(
            r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAANSUhEUg=="}}"#,
        ),
        (Dialect::AnthropicMessages, OpaqueKind::File) => Some(
            r#"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQK"}}"#,
        ),
        (Dialect::AnthropicMessages, OpaqueKind::Reference) => {
            Some(r#"{"type":"document","source":{"type":"file","file_id":"file-abc123"}}"#)
        }
        (Dialect::OpenAiResponses, OpaqueKind::Image) => {
            Some(r#"{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="}"#)
        }
        (Dialect::OpenAiResponses, OpaqueKind::File) => Some(
            r#"{"type":"input_file","filename":"notes.pdf","file_data":"data:application/pdf;base64,JVBERi0xLjQK"}"#,
        ),
        (Dialect::OpenAiResponses, OpaqueKind::Reference) => {
            Some(r#"{"type":"input_file","file_id":"file-abc123"}"#)
        }
        // Its contents are texts, and a list holds images alone.
        (Dialect::Ollama, OpaqueKind::Image) => Some(r#""iVBORw0KGgoAAAANSUhEUg==""#),
        (Dialect::Ollama, _) => None,
        _ => opaque(kind),
    }
}

/// What stands beside the messages of Ollama's, whose contents hold no parts; none where nothing there is of this kind.
pub(super) fn beside_ollama(kind: OpaqueKind) -> Option<&'static str> {
    match kind {
        OpaqueKind::Reference => Some(r#""options":{"file_id":"file-abc123"}"#),
        OpaqueKind::Block => Some(r#""tools":[{"type":"hologram"}]"#),
        _ => None,
    }
}

/// A content part of a kind that cannot be read; none where it is no part, or a short one cannot be.
pub(super) fn opaque(kind: OpaqueKind) -> Option<&'static str> {
    match kind {
        OpaqueKind::Image => Some(
            r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="}}"#,
        ),
        OpaqueKind::Audio => {
            Some(r#"{"type":"input_audio","input_audio":{"data":"UklGRiQAAABXQVZF","format":"wav"}}"#)
        }
        OpaqueKind::File => Some(
            r#"{"type":"file","file":{"filename":"notes.pdf","file_data":"data:application/pdf;base64,JVBERi0xLjQK"}}"#,
        ),
        OpaqueKind::Reference => Some(r#"{"type":"file","file":{"file_id":"file-abc123"}}"#),
        OpaqueKind::Block => Some(r#"{"type":"hologram","hologram":{"data":"AAAA"}}"#),
        OpaqueKind::Encoded => Some(concat!(
            r#"{"type":"text","text":"8+7nsF7zrzDkzUguisrnqAcgjxJhvQ/t0+Fku5b/gSvqx9AqwaF1yQ8jm803ysUihABttRrw4MvW"#,
            "kmWK1iyf1QfRnkR+mQUe9/lasOVhodbEncrXtgCKzQprr8kzikpt8YQE1JfFkiYutXwH3r7ooPdF4l1Oz3R/sFFk4/co6xg1mxOCvciD",
            "6/uWrCNAuvUlx2xohCOJ6eR/jxdayLxDl7lG86lHiAnz258RhSb2kZ+joiUm87wWoa60lfIn6g//g8PCgyQplzuD6qnG9eHslQ+elvYL",
            r#""}"#,
        )),
        OpaqueKind::Language => Some(
            r#"{"type":"text","text":"Þetta er saga um lítinn bát sem sigldi út á fjörðinn í morgun og kom ekki aftur fyrr en um kvöldið."}"#,
        ),
        OpaqueKind::Url | OpaqueKind::Unscanned => None,
    }
}

/// A field of the body that stands for a kind that cannot be read.
pub(super) fn opaque_field(kind: OpaqueKind) -> Option<&'static str> {
    (kind == OpaqueKind::Url).then_some(r#""web_search_options":{}"#)
}

fn builtin(kind: &str, number: u32) -> String {
    match kind {
        "email" => format!("Write to maria.keller{number}@keller-bakery.de."),
        // A range that is kept free for films, so that it rings nowhere.
        "phone" => format!("Call +49 30 23125{number:03}."),
        "card" => format!("Card {}.", card(number)),
        "iban" => format!("Pay to {}.", iban(number)),
        "us-ssn" => format!("SSN {}-{:02}-{:04}.", 501 + number / 9000, 21 + number % 70, 1001 + number),
        "ip" => format!("The host is 93.184.{}.{}.", 1 + number / 250, 1 + number % 250),
        "private-key" => format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----",
            letters(BASE64, 64, number),
            letters(BASE64, 64, number + SAMPLES_MAX),
        ),
        "api-key" => format!("AKIA{}", letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, number)),
        "jwt" => format!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMDAxIn0.{}",
            letters(LETTERS, 43, number)
        ),
        "password" => format!("password = \"{}\"", letters(BASE64, 14, number)),
        "person" => format!("{} has called.", person(number)),
        "health" => format!("Note {number} speaks of diabetes."),
        "national-id" => format!("Her national insurance number is JG {:06} A.", 103_029 + 7 * number),
        "health-id" => format!(
            "Her Medicare number is 3FK{}-HM{}-RD{:02}.",
            number / 1000 % 10,
            number / 100 % 10,
            number % 100
        ),
        "bank-account" => format!("Her account number is {}.", 40_713_029 + 7 * number),
        "company-id" => format!("Its EIN is 38-{:07}.", 2_071_302 + 7 * number),
        "vehicle-id" => format!("Its licence plate is KDW {:04}.", 2071 + number),
        "device-id" => format!("Its IMEI is {}.", with_luhn(&format!("35875611{:06}", 20_713 + 7 * number))),
        "secret" => format!("session_key = \"{}\"", letters(LETTERS, 40, number)),
        "internal-host" => format!("Connect to db-{number}.acme.internal:5432."),
        "birth-date" => {
            format!("Date of birth: {:02}.{:02}.{}.", 1 + number % 28, 1 + number % 12, 1940 + number / 20)
        }
        "address" => format!("Send it to Lindenstraße {}, 10969 Berlin.", 1 + number),
        "geo" => format!("I live at 52.{}, 13.40495.", 52_000 + number),
        "wallet" => format!("My wallet is 0x{}.", letters("0123456789abcdef", 40, number)),
        "seed-phrase" => format!("Seed phrase: {}.", seed_words(number)),
        "card-code" => format!("Its CVV is {:03}.", 200 + number % 700),
        "card-track" => format!(";{}=2812101{:08}?", card(number), 10_000 + number),
        "special-category" => format!("Note {number} speaks of a Buddhist."),
        "criminal-record" => format!("Note {number}: a criminal record."),
        "privileged" => format!("PRIVILEGED AND CONFIDENTIAL\nMemo {number} to the client."),
        "source-header" => format!("// Proprietary and confidential.\nconst BUILD: u32 = {number};"),
        _ => matter(kind, number),
    }
}

/// Somebody's matter, as the tagger reads it.
fn matter(kind: &str, number: u32) -> String {
    let who = person(number);
    match kind {
        "private-health" => format!(
            "{who} was admitted to ward {number} with a relapse of her multiple sclerosis; her neurologist wants to \
             change the medication, and she has asked us not to tell her employer about the diagnosis."
        ),
        "private-hr" => format!(
            "Our employee {who} in team {number} has been on sick leave since May; HR wants to give her a final \
             written warning and end her contract."
        ),
        "private-legal" => format!(
            "{} is my client in case {number}: the divorce, the custody of her son and the lawsuit against her \
             former husband.",
            untitled(number)
        ),
        "private-finance" => format!(
            "{who} owes us 14,300 euros on loan {number}, her wages have been garnished twice, and she asks to pay \
             the arrears in instalments."
        ),
        "private-minor" => format!(
            "Our daughter Mia Keller, {} years old, in class {number} of the primary school, was bullied again; her \
             teacher wrote to us about her behaviour and her grades.",
            6 + number % 9
        ),
        "private-customer" => format!(
            "Complaint of our customer {who} about order {number}: the parcel never arrived at her address and she \
             wants a refund for her account."
        ),
        "private-contact" => format!(
            "My address is {} Birch Lane, Leeds LS6 2AB; please write to me there and not at the office.",
            1 + number
        ),
        "private-personal" => format!(
            "I have never told anybody, but my wife and I have slept in separate rooms for {number} months, I am in \
             love with a man from our parish, and I am afraid of what my family will say."
        ),
        "private-business" => format!(
            "Not public yet: we will buy our competitor for 48 million and close plant 4 in June; please write the \
             memo for the board. (Note {number})"
        ),
        other => format!("{other} {number}"),
    }
}

/// Twelve words that tell apart as many wallets as are asked for.
fn seed_words(number: u32) -> String {
    const WORDS: [&str; 16] = [
        "river", "copper", "lantern", "orchard", "velvet", "magnet", "harbor", "cactus", "window", "saddle",
        "pepper", "island", "ribbon", "canyon", "falcon", "meadow",
    ];
    let word = |place: u32| {
        // Four words spell the number in hexadecimal; the others follow in order.
        let at = if place < 4 { ((number >> (place * 4)) + place * 4) % 16 } else { place };
        usize::try_from(at).ok().and_then(|at| WORDS.get(at).copied()).unwrap_or("river")
    };
    (0..12).map(word).collect::<Vec<_>>().join(" ")
}

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Forms of which detectors are less sure.
fn less_sure(kind: &str, number: u32) -> Vec<String> {
    match kind {
        "person" => vec![format!("Dear {},", person(number)), format!("Name: {}", untitled(number))],
        "phone" => vec![format!("Call 06 12 34 {:02} {:02}.", 10 + number / 90 % 90, 10 + number % 90)],
        "password" => vec![format!("My password is {}.", letters(BASE64, 14, number))],
        _ => Vec::new(),
    }
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Letters that look drawn at random and are the same each time (Knuth's MMIX generator).
fn letters(alphabet: &str, count: usize, seed: u32) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = u64::from(seed) + 0x9E37_79B9;
    let draw = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 40).unwrap_or(0) % alphabet.len();
        alphabet.get(at).copied().unwrap_or('A')
    };
    (0..count).map(draw).collect()
}

fn person(number: u32) -> String {
    let title = if number.is_multiple_of(2) { "Mrs." } else { "Dr." };
    format!("{title} {}", untitled(number))
}

fn untitled(number: u32) -> String {
    const FIRST: [&str; 8] = ["Maria", "Thomas", "Anna", "Peter", "Julia", "Michael", "Laura", "Daniel"];
    const LAST: [&str; 8] = ["Keller", "Schmidt", "Miller", "Johnson", "Fischer", "Brown", "Weber", "Wilson"];
    let pick = |names: [&'static str; 8], at: u32| {
        usize::try_from(at % 8).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
    };
    format!("{} {}", pick(FIRST, number), pick(LAST, number / 8))
}

fn card(number: u32) -> String {
    with_luhn(&format!("45391488{:07}", 341_000 + number))
}

fn with_luhn(head: &str) -> String {
    let digits = head.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

fn iban(number: u32) -> String {
    let account = format!("37040044{:010}", 812_013_900 + number);
    // `DE00` put last, its letters as two digits each.
    let remainder =
        format!("{account}131400").bytes().fold(0, |rest, byte| (rest * 10 + u32::from(byte - b'0')) % 97);
    format!("DE{:02}{account}", 98 - remainder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_right() {
        for number in [0, 1, 7, 99, 999] {
            let digits = card(number).bytes().rev().map(|byte| u32::from(byte - b'0')).collect::<Vec<_>>();
            let doubled = digits.iter().enumerate().map(|(place, digit)| {
                let weighted = digit * if place % 2 == 1 { 2 } else { 1 };
                if weighted > 9 { weighted - 9 } else { weighted }
            });
            assert_eq!(doubled.sum::<u32>() % 10, 0, "{number}");
        }
        assert_eq!(iban(0), "DE07370400440812013900");
    }

    #[test]
    fn samples_of_a_kind_differ() {
        for kind in crate::inspect::BUILTIN_KINDS {
            let samples: std::collections::BTreeSet<_> =
                (0..64).map(|number| builtin(kind, number)).collect();
            assert_eq!(samples.len(), 64, "{kind}");
        }
    }
}
