use proptest::prelude::*;
use serde_json::Value;

use super::{EntityKind, FILE, Language, Tagger, weights::Weights};

/// What the trainer's own network says of some texts, written by `tagger/evaluate.py --golden`.
const GOLDEN: &str = include_str!("../../../tests/golden/tagger.jsonl");

const LETTER: &str = "Dear Dr Whitcombe, I saw your patient Marjorie Ellison today. Her breast cancer has spread to \
                      the liver and she has not told her husband yet. Please ring me.";

const FILLER: &str = "The bridge was built in three years and has two lanes in each direction. ";

#[test]
fn reads_as_the_trainer_does() {
    let mut count = 0;
    for line in GOLDEN.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap();
        let reading = Tagger::bundled().read(text);
        let expected = row["private"].as_f64().unwrap();
        assert!(
            (f64::from(reading.private()) - expected).abs() < 1e-3,
            "{text}: {} {expected}",
            reading.private()
        );
        let entities: Vec<_> = reading
            .entities
            .iter()
            .map(|found| serde_json::json!([found.kind.as_str(), &text[found.start..found.end]]))
            .collect();
        assert_eq!(Value::from(entities), row["entities"], "{text}");
        // The trainer says it for texts of one window.
        if let Some(language) = row["language"].as_str() {
            assert_eq!(reading.language.as_str(), language, "{text}");
        }
        count += 1;
    }
    assert!(count >= 30);
}

#[test]
fn a_private_letter_is_told_from_an_encyclopedia() {
    let reading = Tagger::bundled().read(LETTER);
    assert!(reading.private() > 0.8, "{}", reading.private());
    let topics = reading.segments[0].topics;
    assert!(topics[1..].iter().all(|other| topics[0] > *other), "{topics:?}");
    let mut persons = reading.entities.iter().filter(|found| found.kind == EntityKind::Person);
    assert!(persons.any(|found| LETTER[found.start..found.end].contains("Whitcombe")));
    let general =
        "Breast cancer is the most common cancer in women. Explain how it spreads and how it is treated.";
    assert!(Tagger::bundled().read(general).private() < 0.2);
}

#[test]
fn a_letter_is_found_wherever_it_stands() {
    for sentences in [0, 1, 3, 40, 62, 64, 66, 68, 70, 130, 300] {
        let before = FILLER.repeat(sentences);
        let text = format!("{before}{LETTER} {}", FILLER.repeat(9));
        let reading = Tagger::bundled().read(&text);
        let best = reading.segments.iter().max_by(|a, b| a.private.total_cmp(&b.private)).unwrap();
        assert!(best.private > 0.5, "after {sentences} sentences: {}", best.private);
        assert!(best.start < before.len() + LETTER.len() && best.end > before.len());
    }
}

#[test]
fn windows_cover_the_text() {
    let text = FILLER.repeat(400);
    let reading = Tagger::bundled().read(&text);
    assert_eq!(reading.segments.first().unwrap().start, 0);
    assert_eq!(reading.segments.last().unwrap().end, text.trim_end().len());
    for pair in reading.segments.windows(2) {
        assert!(pair[0].start < pair[1].start && pair[1].start < pair[0].end);
    }
}

#[test]
fn what_is_not_seen_changes_nothing() {
    let hidden = LETTER.replace("cancer", "can\u{200B}cer").replace("Ellison", "Elli\u{AD}son");
    let (plain, hidden) = (Tagger::bundled().read(LETTER), Tagger::bundled().read(&hidden));
    assert_eq!(plain.private().to_bits(), hidden.private().to_bits());
}

#[test]
fn languages_without_figures_are_reported() {
    for text in [
        "Jag skulle vilja veta hur man ansöker om föräldrapenning när barnet är sjukt.",
        "Πώς μπορώ να κάνω αίτηση για άδεια από τη δουλειά μου;",
        "ฉันอยากรู้วิธีสมัครงานใหม่ที่โรงเรียน",
        "Szeretném megtudni, hogyan lehet szabadságot kérni a munkahelyemen.",
    ] {
        assert!(Tagger::bundled().read(text).is_foreign(), "{text}");
    }
    for (text, language) in [
        ("Wie beantrage ich Urlaub bei meinem Arbeitgeber und wie lange vorher?", Language::German),
        ("How do I ask my employer for leave, and how long before?", Language::English),
        ("如何向雇主申请休假，需要提前多久？", Language::Chinese),
        ("休暇を申請するにはどうすればいいですか。", Language::Japanese),
        ("fn main() { let total: usize = items.iter().map(|item| item.len()).sum(); }", Language::Code),
        ("Let α + β = γ, then sin(α) ≤ 1 for every angle of the triangle.", Language::English),
    ] {
        let reading = Tagger::bundled().read(text);
        assert_eq!(reading.language, language, "{text}");
        assert!(!reading.is_foreign(), "{text}");
    }
}

#[test]
fn nothing_is_said_of_blank_text() {
    for text in ["", " \t ", "\u{200B}"] {
        let reading = Tagger::bundled().read(text);
        assert!(reading.segments.is_empty() && reading.entities.is_empty() && !reading.is_foreign());
        assert!(reading.private() <= 0.0);
    }
}

#[test]
fn the_checksum_is_that_of_zlib() {
    assert_eq!(super::crc::crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn a_broken_file_makes_everything_private() {
    let leak = |bytes: Vec<u8>| -> &'static [u8] { Box::leak(bytes.into_boxed_slice()) };
    let mut flipped = FILE.to_vec();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(Weights::read(FILE).is_some());
    assert!(Weights::read(leak(flipped)).is_none());
    assert!(Weights::read(leak(FILE[..FILE.len() - 1].to_vec())).is_none());
    assert!(Weights::read(&[]).is_none());
    let broken = Tagger { weights: None };
    assert!(broken.read("hello").private() >= 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_has_a_reading(text in "(\\PC|[a-zA-Z .\n]|[äéßİ中日の한글אاअ०٣]|\u{200d}){0,400}") {
        let reading = Tagger::bundled().read(&text);
        let mut last = 0;
        for entity in &reading.entities {
            prop_assert!(entity.start >= last && entity.end > entity.start);
            prop_assert!(text.get(entity.start..entity.end).is_some());
            prop_assert!((0.0..=1.0001).contains(&entity.confidence));
            last = entity.end;
        }
        for segment in &reading.segments {
            prop_assert!(text.get(segment.start..segment.end).is_some());
            prop_assert!((0.0..=1.0).contains(&segment.private));
        }
        prop_assert_eq!(&Tagger::bundled().read(&text), &reading);
    }
}
