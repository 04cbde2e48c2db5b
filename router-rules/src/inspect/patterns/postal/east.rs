//! Addresses of China, Japan and Korea: written from the country down to the door, the number last.

use memchr::memmem;

use crate::inspect::cursor::{before, ended, is_word, run, run_back, slice};

/// The longest address, in bytes: some forty characters.
const ADDRESS_MAX: usize = 128;

/// The address around a number, if its word for a street, block or house stands beside it.
pub(super) fn around(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    chinese(text, start, end).or_else(|| japanese(text, start, end)).or_else(|| korean(text, start, end))
}

fn is_part(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

fn holds(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some())
}

/// `北京市朝阳区建国路88号3单元502室`.
fn chinese(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let house = ["号", "號"].iter().any(|word| slice(text, end, end + word.len()) == word.as_bytes());
    let street = ["路", "街", "道", "巷", "弄", "村", "里", "胡同", "大道"]
        .iter()
        .any(|word| ended(text, start, word));
    let alley = ["弄", "巷"].iter().any(|word| slice(text, end, end + word.len()) == word.as_bytes());
    if !(house || alley) || !street {
        return None;
    }
    let from = run_back(text, start, ADDRESS_MAX, is_part);
    let to = run(text, end, ADDRESS_MAX / 2, |byte| is_part(byte) && byte != b'-');
    Some(trimmed(text, from, start, to))
}

/// `東京都渋谷区神南1-2-3`, `神南1丁目2番3号`.
fn japanese(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let blocks = slice(text, end, end + "丁目".len()) == "丁目".as_bytes();
    let dashed = super::at(text, end) == b'-' && super::at(text, end + 1).is_ascii_digit();
    if !(blocks || dashed) || before(text, start).is_ascii() {
        return None;
    }
    let from = run_back(text, start, ADDRESS_MAX, is_part);
    let place = slice(text, from, start);
    let town = holds(place, &["区", "町", "市", "村", "郡"])
        && (blocks || holds(place, &["都", "府", "県", "道", "区"]));
    let to = run(text, end, 40, |byte| byte.is_ascii_digit() || byte == b'-' || !byte.is_ascii());
    let to = if dashed { run(text, end, 16, |byte| byte.is_ascii_digit() || byte == b'-') } else { to };
    town.then(|| trimmed(text, from, start, to))
}

/// `서울특별시 강남구 테헤란로 123`: decomposed, as texts are folded.
fn korean(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    const RO: &str = "\u{1105}\u{1169}";
    const GIL: &str = "\u{1100}\u{1175}\u{11AF}";
    const AREAS: [&str; 5] = [
        "\u{1100}\u{116E} ",
        "\u{1109}\u{1175} ",
        "\u{1100}\u{116E}\u{11AB} ",
        "\u{1103}\u{1169}\u{11BC} ",
        "\u{1103}\u{1169} ",
    ];
    let road = start - usize::from(before(text, start) == b' ');
    if !(ended(text, road, RO) || ended(text, road, GIL)) {
        return None;
    }
    let from =
        run_back(text, road, ADDRESS_MAX, |byte| !byte.is_ascii() || byte == b' ' || byte.is_ascii_digit());
    let place = slice(text, from, road);
    if !holds(place, &AREAS) {
        return None;
    }
    let from = from + place.iter().take_while(|byte| **byte < 0xC0).count();
    let to =
        if super::at(text, end) == b'-' { run(text, end + 1, 4, |byte| byte.is_ascii_digit()) } else { end };
    Some((from, to))
}

/// Without the words of the sentence before it: from the province or the city on, where one is named.
fn trimmed(text: &[u8], from: usize, start: usize, to: usize) -> (usize, usize) {
    let from = (from..start).find(|place| super::at(text, *place) >= 0xC0).unwrap_or(from);
    let place = slice(text, from, start);
    let led = ["住在", "地址是", "住所は", "地址", "住所", "位于", "寄到", "自宅は"]
        .iter()
        .filter_map(|word| memmem::rfind(place, word.as_bytes()).map(|found| found + word.len()))
        .max();
    (from + led.unwrap_or(0), to)
}
