//! Numbers that states, insurers, banks and makers give: made here with their checks, from their registers'
//! rules and not from the detectors, written as people write them, and found where they stand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests may fail"
)]

#[path = "ids/makers.rs"]
mod makers;

use std::collections::BTreeSet;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::inspect::{BUILTIN_KINDS, Detectors, Kinds, inspect, is_matter};
use makers::{MAKERS, Maker, Rng};
use proptest::prelude::*;
use serde_json::json;

const KINDS: [&str; 6] =
    ["national-id", "health-id", "bank-account", "company-id", "vehicle-id", "device-id"];

fn detectors(kinds: &[&str]) -> Detectors {
    let wanted: BTreeSet<_> = kinds.iter().map(|&kind| kind.to_owned()).collect();
    Detectors::new(&Kinds::builtin(), &wanted, &[]).unwrap()
}

/// What is found in a text: kind and stretch.
fn found(text: &str, detectors: &Detectors) -> Vec<(String, String)> {
    let body = json!({"model": "auto", "messages": [{"role": "user", "content": text}]});
    let request = ChatRequest::openai(body.to_string()).unwrap();
    let kinds = Kinds::builtin();
    let named =
        |span: &hearthgate_rules::inspect::Span| text[span.start as usize..span.end as usize].to_owned();
    let findings = inspect(&request, detectors).findings;
    findings.iter().map(|finding| (kinds.name(finding.kind).to_owned(), named(&finding.span))).collect()
}

/// A number as a mask writes it: `#` is its next character.
fn written(number: &str, mask: &str) -> String {
    let mut characters = number.chars();
    let text =
        mask.chars().map(|place| if place == '#' { characters.next().unwrap() } else { place }).collect();
    assert_eq!(characters.next(), None, "{number} in {mask}");
    text
}

fn all() -> &'static Detectors {
    static ALL: std::sync::OnceLock<Detectors> = std::sync::OnceLock::new();
    ALL.get_or_init(|| {
        detectors(&BUILTIN_KINDS.into_iter().filter(|kind| !is_matter(kind)).collect::<Vec<_>>())
    })
}

fn missed(maker: &Maker, seed: u64) -> Vec<String> {
    let number = (maker.make)(&mut Rng(seed));
    let mut missed = Vec::new();
    let mut expect = |text: &str, written: &str| {
        let expected = (maker.kind.to_owned(), written.to_owned());
        let found = found(text, all());
        if !found.contains(&expected) {
            missed.push(format!("{}: {written:?} in {text:?}, found {found:?}", maker.name));
        }
    };
    for mask in maker.masks.iter().chain(maker.alone) {
        let number = written(&number, mask);
        for sentence in maker.sentences {
            expect(&sentence.replace("{}", &number), &number);
        }
    }
    for mask in maker.alone {
        let number = written(&number, mask);
        expect(&format!("Please look at {number} again."), &number);
    }
    missed
}

#[test]
fn every_kind_of_number_is_found_in_a_sentence_of_its_language() {
    let wrong: Vec<_> =
        MAKERS.iter().flat_map(|maker| (1..=20).flat_map(|seed| missed(maker, seed * 7919))).collect();
    assert!(wrong.is_empty(), "{} missed\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Digits at random, of every length.
fn runs(seed: u64, length: usize) -> String {
    let mut rng = Rng(seed);
    let first = char::from(b'1' + rng.below(9) as u8);
    std::iter::once(first).chain((1..length).map(|_| char::from(b'0' + rng.below(10) as u8))).collect()
}

#[test]
fn digits_at_random_are_nobodys() {
    let detectors = detectors(&KINDS);
    let mut wrong = Vec::new();
    for length in 6..=20 {
        for seed in 0..1000 {
            let run = runs(seed * 31 + length as u64, length);
            wrong.extend(found(&format!("Order {run} has come, row 7."), &detectors));
        }
    }
    // At most one in ten thousand; these are fifteen thousand.
    assert!(wrong.len() <= 1, "{wrong:?}");
}

#[test]
fn a_changed_check_digit_is_no_number() {
    let detectors = detectors(&KINDS);
    let mut kept = 0;
    let mut all = 0;
    for maker in MAKERS.iter().filter(|maker| maker.checked) {
        for seed in 1..=20 {
            let number = (maker.make)(&mut Rng(seed * 104_729));
            let mut digits: Vec<char> = number.chars().collect();
            let last = digits.iter().rposition(char::is_ascii_digit).unwrap();
            digits[last] = char::from_digit((digits[last].to_digit(10).unwrap() + 1) % 10, 10).unwrap();
            let text = maker.sentences[0].replace("{}", &digits.iter().collect::<String>());
            all += 1;
            kept += usize::from(found(&text, &detectors).iter().any(|(kind, _)| kind == maker.kind));
        }
    }
    // Words that speak of several numbers, and numbers of other kinds that fit by chance.
    assert!(kept * 12 <= all, "{kept} of {all}");
}

#[test]
fn a_list_that_is_announced_once_is_found_whole() {
    let nhs = MAKERS.iter().find(|maker| maker.name == "uk-nhs").unwrap();
    let numbers: Vec<_> = (1..=5).map(|seed| written(&(nhs.make)(&mut Rng(seed)), "### ### ####")).collect();
    let text = format!("NHS numbers to merge: {}.", numbers.join(", Mrs Smith from the other ward, "));
    let found: Vec<_> = found(&text, &detectors(&["health-id"])).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, numbers);
}

#[test]
fn a_key_says_what_its_number_is() {
    let make = |name: &str| (MAKERS.iter().find(|maker| maker.name == name).unwrap().make)(&mut Rng(5));
    let detectors = detectors(&KINDS);
    for (key, name) in [
        ("nhs_number", "uk-nhs"),
        ("patientNhsNumber", "uk-nhs"),
        ("cpf", "br-cpf"),
        ("steuerId", "de-steuer-id"),
        ("codice_fiscale", "it-codice-fiscale"),
        ("身份证号", "cn-resident-id"),
        ("routingNumber", "us-routing"),
    ] {
        let body = json!({"model": "auto", "messages": [{"role": "user", "content": "hi"}], "metadata": {key: make(name)}});
        let request = ChatRequest::openai(body.to_string()).unwrap();
        assert_eq!(inspect(&request, &detectors).findings.len(), 1, "{key}");
    }
}

proptest! {
    #[test]
    fn a_number_is_found_where_it_stands(
        seed in 1_u64..1 << 40, which in 0..MAKERS.len(), lead in "[ a-zé“\u{4e2d}]{0,90}", tail in "[ .a-zé”]{0,30}",
    ) {
        let maker = &MAKERS[which];
        let number = (maker.make)(&mut Rng(seed));
        let mask = maker.masks.iter().chain(maker.alone).next().unwrap();
        let number = written(&number, mask);
        let sentence = maker.sentences[0].replace("{}", &number);
        let text = format!("{lead}. {sentence} {tail}");
        let expected = (maker.kind.to_owned(), number);
        prop_assert!(found(&text, all()).contains(&expected), "{}: {expected:?} in {text:?}", maker.name);
    }
}
