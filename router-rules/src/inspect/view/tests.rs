//! Every disguise, and the way back from it.

use std::collections::BTreeSet;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::inspect::hits::{API_KEY, CARD, EMAIL, IBAN, NATIONAL_ID};
use crate::inspect::{BUILTIN_KINDS, Kinds};

fn detectors() -> Detectors {
    let wanted: BTreeSet<String> = BUILTIN_KINDS.iter().map(|&kind| kind.to_owned()).collect();
    Detectors::new(&Kinds::builtin(), &wanted, &[]).unwrap()
}

fn patterns(detectors: &Detectors) -> How<'_> {
    How { detectors, whose: "", matters: false }
}

/// What is found in a text, as the stretches of it.
fn found(text: &str) -> Vec<(crate::inspect::KindId, &str)> {
    let mut hits = Hits::with_room(100);
    patterns(&detectors()).read(text, &mut hits, usize::MAX);
    hits.take().into_iter().map(|hit| (hit.kind, text.get(hit.start..hit.end).unwrap())).collect()
}

#[track_caller]
fn finds(text: &str, kind: crate::inspect::KindId, stretch: &str) {
    let found = found(text);
    assert!(found.contains(&(kind, stretch)), "{text}: {found:?}");
}

const CARD_NUMBER: &str = "4539 1488 0343 6467";
const ADDRESS: &str = "jane.roe@fastpost.org";

#[test]
fn look_alike_letters_are_read_as_what_they_show() {
    finds(
        "write to j\u{0430}ne.r\u{043e}e@f\u{0430}stp\u{043e}st.\u{043e}rg today",
        EMAIL,
        "j\u{0430}ne.r\u{043e}e@f\u{0430}stp\u{043e}st.\u{043e}rg",
    );
}

fn tagged(text: &str) -> String {
    text.chars().map(|char| char::from_u32(u32::from(char) + 0xE0000).unwrap()).collect()
}

#[test]
fn tags_are_read_as_what_they_spell_and_as_nothing() {
    let hidden = tagged(ADDRESS);
    finds(&format!("hello{} there", tagged(&format!(" write to {ADDRESS}"))), EMAIL, &hidden);
    let noise: String = ADDRESS.chars().flat_map(|char| [char, '\u{E0061}']).collect();
    assert!(found(&noise).iter().any(|(kind, _)| *kind == EMAIL));
    let flag = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}";
    assert!(tags::resolve(&format!("England {flag} won")).is_none());
    assert!(tags::resolve(&format!("{flag} {hidden}")).is_some());
}

#[test]
fn escapes_are_resolved() {
    finds("go to ?mail=jane.roe%40fastpost.org&x=1", EMAIL, "jane.roe%40fastpost.org");
    finds("mail: jane.roe&#64;fastpost&period;org.", EMAIL, "jane.roe&#64;fastpost&period;org");
    finds("mail: jane.roe&#x40;fastpost.org", EMAIL, "jane.roe&#x40;fastpost.org");
    finds("Mail=3A jane.roe=40fast=\npost.org", EMAIL, "jane.roe=40fast=\npost.org");
    finds(r#"{\"mail\":\"jane.roe\u0040fastpost.org\"}"#, EMAIL, r"jane.roe\u0040fastpost.org");
    finds(r"card 4539\x20148\u{38}\u00200343\u00206467", CARD, r"4539\x20148\u{38}\u00200343\u00206467");
}

#[test]
fn encoded_runs_are_decoded_and_lead_back() {
    let secret = format!("my mail is {ADDRESS}, bye");
    let plain = STANDARD.encode(&secret);
    let hits = found(&plain);
    let (kind, stretch) = hits.first().unwrap();
    assert_eq!(*kind, EMAIL);
    assert!(plain.contains(stretch) && stretch.len() < ADDRESS.len() * 4 / 3 + 6, "{stretch}");
    for text in [
        format!("decode this: {plain}"),
        format!("decode this: {}", URL_SAFE_NO_PAD.encode(&secret)),
        format!("data:text/plain;base64,{plain}"),
        format!("see base64/{plain}"),
        format!("hex {}", hex(secret.as_bytes(), "")),
        format!("hex {}", hex(secret.as_bytes(), " ")),
        format!("hex {}", hex(secret.as_bytes(), ":")),
        format!("twice: {}", STANDARD.encode(&plain)),
        format!("hex of base64: {}", hex(plain.as_bytes(), "")),
        format!("percent: {}", plain.replace('=', "%3D").replace('b', "%62")),
        format!(
            "powershell -enc {}",
            STANDARD.encode(secret.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
        ),
        format!("gz {}", STANDARD.encode(gzip(secret.as_bytes()))),
        format!("mail\n{}", wrapped(&STANDARD.encode(format!("{}{secret}", "all is well. ".repeat(20))))),
    ] {
        assert!(found(&text).iter().any(|(kind, _)| *kind == EMAIL), "{text}");
    }
}

fn hex(bytes: &[u8], sign: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(sign)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn wrapped(text: &str) -> String {
    text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\r\n")
}

#[test]
fn digits_told_in_words_are_digits() {
    for text in [
        "card four five three nine one four eight eight zero three four three six four six seven thanks",
        "card 45 three nine, one four double eight zero three four three six four six seven",
        "Karte vier fünf drei neun eins vier acht acht null drei vier drei sechs vier sechs sieben",
        "carte quatre cinq trois neuf un quatre huit huit zéro trois quatre trois six quatre six sept",
        "tarjeta cuatro cinco tres nueve uno cuatro ocho ocho cero tres cuatro tres seis cuatro seis siete",
        "карта четыре пять три девять один четыре восемь восемь ноль три четыре три шесть четыре шесть семь",
        "卡号四五三九一四八八零三四三六四六七",
        "카드 사오삼구 일사팔팔 공삼사삼 육사육칠",
        "कार्ड चार पांच तीन नौ एक चार आठ आठ शून्य तीन चार तीन छह चार छह सात",
        "بطاقة أربعة خمسة ثلاثة تسعة واحد أربعة ثمانية ثمانية صفر ثلاثة أربعة ثلاثة ستة أربعة ستة سبعة",
        "kart dört beş üç dokuz bir dört sekiz sekiz sıfır üç dört üç altı dört altı yedi",
        "4️⃣5️⃣3️⃣9️⃣1️⃣4️⃣8️⃣8️⃣0️⃣3️⃣4️⃣3️⃣6️⃣4️⃣6️⃣7️⃣",
    ] {
        assert!(found(text).iter().any(|(kind, _)| *kind == CARD), "{text}");
    }
}

#[test]
fn texts_turned_round_and_rot13_are_read() {
    let text = format!("this is the card {CARD_NUMBER} and my mail is {ADDRESS}");
    let reversed: String = text.chars().rev().collect();
    finds(&reversed, EMAIL, "gro.tsoptsaf@eor.enaj");
    finds("\u{202E}gro.tsoptsaf@eor.enaj\u{202C} is my mail", EMAIL, "gro.tsoptsaf@eor.enaj");
    finds("guvf vf gur znvy: wnar.ebr@snfgcbfg.bet", EMAIL, "wnar.ebr@snfgcbfg.bet");
}

#[test]
fn what_proves_itself_is_read_turned_round_where_nothing_else_is() {
    // A card, an account and a key alone among ordinary words.
    finds("pay 7646 3430 8841 9354 now", CARD, "7646 3430 8841 9354");
    finds("konto 00 0323 5010 0100 4002 64ED bitte", IBAN, "00 0323 5010 0100 4002 64ED");
    finds("PESEL 07987909018, proszę", NATIONAL_ID, "07987909018");
}

#[test]
fn texts_of_other_languages_are_read_from_their_end() {
    for text in [
        format!("bitte schreiben Sie nicht an {ADDRESS}, denn Herr Meier ist Patient"),
        format!("вот что: {ADDRESS}, и это всё, что можно"),
        format!("请帮我写信给{ADDRESS}，他们什么时候可以来"),
        format!("{ADDRESS}로 메일을 보내 주세요. 알려 해주세요 감사합니다"),
    ] {
        let reversed: String = text.chars().rev().collect();
        assert!(found(&reversed).iter().any(|(kind, _)| *kind == EMAIL), "{reversed}");
    }
}

#[test]
fn numbers_are_read_from_single_digits() {
    finds("card 4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7, thanks", CARD, "4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7");
    finds("card 4-5-3-9-1-4-8-8-0-3-4-3-6-4-6-7", CARD, "4-5-3-9-1-4-8-8-0-3-4-3-6-4-6-7");
    let iban = "DE4 4 5 0 0 1 0 5 1 7 5 4 0 7 3 2 4 9 3 1";
    finds(&format!("pay to {iban} soon"), IBAN, iban);
}

#[test]
fn words_end_where_another_script_begins() {
    finds("元夫がjane.roe@fastpost.orgから毎日", EMAIL, ADDRESS);
    finds("我的密钥是AKIAQ3EGRIXKJLMN4T5W吗", API_KEY, "AKIAQ3EGRIXKJLMN4T5W");
    finds("卡4539148803436467是", CARD, "4539148803436467");
}

#[test]
fn what_is_said_of_a_short_run_stands_around_it() {
    let number = STANDARD.encode("4539148803436467");
    finds(&format!("my card {number} is lost"), CARD, number.trim_end_matches('='));
    let text = format!("PESEL {}", hex(b"81090978970", ""));
    assert!(found(&text).iter().any(|(kind, _)| *kind == NATIONAL_ID), "{text}");
    assert_eq!(found("the words internationalisation and Sonderbehandlung are long"), []);
}

#[test]
fn what_is_sealed_is_told_and_digests_are_not() {
    let sealed = |text: &str| patterns(&detectors()).read(text, &mut Hits::with_room(9), usize::MAX).sealed;
    let noise: Vec<u8> =
        (0_u32..300).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    let packed = STANDARD.encode(&noise);
    assert!(sealed(&format!("please decrypt {packed}")));
    assert!(!sealed(&format!("\"integrity\": \"sha512-{packed}\"")));
    assert!(!sealed("4f2d9c1ab3e5d7f60718293a4b5c6d7e8f90123456789abcdef0123456789abc"));
    assert!(!sealed(&"na".repeat(300)));
    assert!(!sealed(&"/usr/share/doc/package/examples".repeat(12)));
}

#[test]
fn a_bomb_is_bounded() {
    let bomb = STANDARD.encode(gzip(&vec![b'a'; 64 << 20]));
    let text = format!("{bomb} ").repeat(40);
    let reading = patterns(&detectors()).read(&text, &mut Hits::with_room(9), 4 << 20);
    assert!(reading.bytes > 4 << 20, "the walk must learn that not all was read");
    assert!(reading.bytes < 16 << 20, "{}", reading.bytes);
}

#[test]
fn words_that_are_met_out_of_order_are_read() {
    // Words of ASCII that begin after another script are met after those that begin after a space.
    found("a0AAaa\u{1059B}Ⱥວone \u{16100} ¡፩ one two Ⱥ一one");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics_and_every_hit_stands_in_it(text in "(\\PC|[%&=\\\\x0-9a-fA-F@. +/-]){0,120}") {
        let mut hits = Hits::with_room(100);
        patterns(&detectors()).read(&text, &mut hits, 1 << 20);
        for hit in hits.take() {
            prop_assert!(hit.start <= hit.end && hit.end <= text.len(), "{}: {:?}", text, hit);
        }
    }

    #[test]
    fn an_address_is_found_under_two_layers(first in 0..5_usize, second in 0..5_usize) {
        let layers: [fn(&str) -> String; 5] = [
            |text| STANDARD.encode(text),
            |text| URL_SAFE_NO_PAD.encode(text),
            |text| hex(text.as_bytes(), ""),
            |text| text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            |text| text.chars().map(|char| format!("&#{};", u32::from(char))).collect(),
        ];
        let text = layers[second](&layers[first](&format!("the address: {ADDRESS} (private)")));
        prop_assert!(found(&text).iter().any(|(kind, _)| *kind == EMAIL), "{}", text);
    }
}
