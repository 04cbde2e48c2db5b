//! Encodings that a model reads or a tool undoes.

use std::fmt::Write;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::draw::Draw;

pub(super) fn base64(text: &str, _: &mut Draw) -> String {
    STANDARD.encode(text)
}

pub(super) fn base64url(text: &str, _: &mut Draw) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub(super) fn base64_twice(text: &str, _: &mut Draw) -> String {
    STANDARD.encode(STANDARD.encode(text))
}

pub(super) fn gzip_base64(text: &str, _: &mut Draw) -> String {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let packed = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish());
    packed.map_or_else(|_| text.to_owned(), |packed| STANDARD.encode(packed))
}

pub(super) fn hex(text: &str, draw: &mut Draw) -> String {
    let lower = crate::corpus::hex(text.as_bytes());
    if draw.one_in(2) { lower.to_uppercase() } else { lower }
}

pub(super) fn percent(text: &str, _: &mut Draw) -> String {
    each_byte(text, |written, byte| write!(written, "%{byte:02X}"))
}

/// Decimal or hexadecimal.
pub(super) fn html_entities(text: &str, draw: &mut Draw) -> String {
    let decimal = draw.one_in(2);
    let entity = |c: char| {
        let code = u32::from(c);
        if decimal { format!("&#{code};") } else { format!("&#x{code:X};") }
    };
    text.chars().map(entity).collect()
}

/// Every byte, with soft line breaks. RFC 2045, section 6.7.
pub(super) fn quoted_printable(text: &str, _: &mut Draw) -> String {
    let mut column = 0;
    each_byte(text, |written, byte| {
        if column >= 72 {
            written.push_str("=\r\n");
            column = 0;
        }
        column += 3;
        write!(written, "={byte:02X}")
    })
}

pub(super) fn json_escapes(text: &str, _: &mut Draw) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn each_byte(text: &str, mut put: impl FnMut(&mut String, u8) -> std::fmt::Result) -> String {
    let mut written = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        // Writing into a string cannot fail.
        let _ = put(&mut written, byte);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encodes_as_it_says() {
        let draw = || Draw::of(&["test"]);
        assert_eq!(base64("Zoë?>", &mut draw()), "Wm/Dqz8+");
        assert_eq!(base64url("Zoë?>", &mut draw()), "Wm_Dqz8-");
        assert_eq!(base64_twice("a", &mut draw()), "WVE9PQ==");
        assert_eq!(hex("Zoë", &mut draw()).to_lowercase(), "5a6fc3ab");
        assert_eq!(percent("é a", &mut draw()), "%C3%A9%20%61");
        assert_eq!(json_escapes("é😀", &mut draw()), "\\u00e9\\ud83d\\ude00");
        assert!(["&#233;", "&#xE9;"].contains(&html_entities("é", &mut draw()).as_str()));
        let long = quoted_printable(&"a".repeat(30), &mut draw());
        assert!(long.contains("=\r\n") && long.lines().all(|line| line.len() <= 76));
        assert!(gzip_base64("Zoë", &mut draw()).starts_with("H4sI"));
    }
}
