//! The patterns: each is told where something may begin and looks there, over a bounded stretch.

pub(super) mod address;
pub(super) mod assign;
pub(super) mod birth;
pub(super) mod code;
pub(super) mod command;
pub(super) mod device;
pub(super) mod entropy;
pub(super) mod geo;
pub(super) mod heading;
pub(super) mod host;
pub(super) mod iban;
pub(super) mod ids;
pub(super) mod keys;
pub(super) mod manifest;
pub(super) mod number;
pub(super) mod payment;
pub(super) mod person;
pub(super) mod phone;
pub(super) mod postal;
pub(super) mod prose;
pub(super) mod seed;
pub(super) mod special;
pub(super) mod token;
pub(super) mod wallet;

use super::Detectors;
use super::dictionary::{Lead, Topic};
use super::hits::Wanted;
use super::words::folded;

/// The words and phrases near which a pattern looks, for the kinds that are wanted: those that are looked up as
/// words, and those that stand inside runs of letters.
pub(super) fn leads(wanted: Wanted) -> (Vec<Lead>, Vec<(String, Topic)>) {
    let lists =
        [prose::LEADS, birth::LEADS, postal::LEADS, seed::LEADS, device::LEADS, host::LEADS, manifest::LEADS]
            .into_iter()
            .chain([geo::LEADS, token::LEADS, command::LEADS])
            .chain([heading::LEADS, payment::LEADS, special::LEADS, code::LEADS]);
    let mut leads = Vec::new();
    let mut inner = Vec::new();
    for (kinds, topic, words) in lists.flatten() {
        if !kinds.iter().any(|kind| wanted.has(*kind)) {
            continue;
        }
        for word in words.split(',').map(str::trim) {
            let open = word.strip_suffix('+');
            let phrase = folded(open.unwrap_or(word));
            if Detectors::writes_no_spaces(&phrase) {
                inner.push((phrase, *topic));
                continue;
            }
            let large = if topic.is_written_large() { large(&phrase) } else { Vec::new() };
            for phrase in [phrase].into_iter().chain(large) {
                leads.push(Lead { phrase: phrase.into(), topic: *topic, open: open.is_some() });
            }
        }
    }
    (leads, inner)
}

/// A phrase with a capital, and in capitals, where its letters are not those of ASCII: only those are looked up in any
/// case.
fn large(phrase: &str) -> Vec<String> {
    let mut chars = phrase.chars();
    let capital: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    let forms = [capital, phrase.to_uppercase()].map(|form| form.to_ascii_lowercase());
    let mut forms: Vec<String> = forms.into_iter().filter(|form| form != phrase).collect();
    forms.dedup();
    forms
}

/// Leads of one topic: for which kinds, and the words, with commas between; `+` after one that may go on.
pub(super) type Leads = [(&'static [super::KindId], Topic, &'static str)];
