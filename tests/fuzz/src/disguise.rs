//! Encoded text: what is wrapped in what, and how often, is drawn from the input; then it is inspected as any other.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use hearthgate_rules::json::quote;

use crate::inspect::inspected;
use crate::site::POLICIES;

/// How often something is wrapped.
const LAYERS_MAX: usize = 6;

/// The longest text that is made.
const LENGTH_MAX: usize = 64 << 10;

/// The longest text that is packed, and the longest of a bomb: more than is unpacked of one.
const PACKED_MAX: usize = 64 << 10;
const BOMB_MAX: usize = 2 << 20;

/// The size from which on a packed text is a bomb.
const BOMB: usize = 15;

/// The size of the first layer by which the tagger is asked for, and the longest text that it is asked of.
const TAGGED: u8 = 2;
const TAGGED_MAX: usize = 1 << 10;

/// Wraps the text after the recipe; a byte of `0` ends the recipe.
pub fn check(data: &[u8]) {
    let end = data.iter().take(LAYERS_MAX).position(|byte| *byte == 0).unwrap_or(LAYERS_MAX.min(data.len()));
    let (recipe, rest) = data.split_at(end);
    let mut text = rest.get(1..).unwrap_or_default().to_vec();
    for layer in recipe {
        text = wrap(*layer, &text);
        text.truncate(LENGTH_MAX);
    }
    let text = String::from_utf8_lossy(&text);
    let body = format!(r#"{{"model":"auto","messages":[{{"role":"user","content":{}}}]}}"#, quote(&text));
    // The tagger takes a hundred times as long as the patterns, and a second for a megabyte.
    let tagged = recipe.first().is_some_and(|layer| layer >> 4 == TAGGED) && text.len() < TAGGED_MAX;
    inspected(&body, POLICIES[usize::from(!tagged)].detectors());
}

/// The lower half of the layer says which, the upper half how large or how often.
fn wrap(layer: u8, text: &[u8]) -> Vec<u8> {
    let size = usize::from(layer >> 4);
    match layer & 15 {
        0 => STANDARD.encode(text).into_bytes(),
        1 => URL_SAFE_NO_PAD.encode(text).into_bytes(),
        2 => lines(&STANDARD.encode(text), 76),
        3 => each(text, |out, byte| write!(out, "{byte:02x}")),
        4 => each(text, |out, byte| write!(out, "{byte:02X}:")),
        5 => each(text, |out, byte| write!(out, "%{byte:02X}")),
        6 => each(text, |out, byte| write!(out, "={byte:02X}")),
        7 => String::from_utf8_lossy(text)
            .chars()
            .map(|char| format!("&#{};", u32::from(char)))
            .collect::<String>()
            .into_bytes(),
        8 => String::from_utf8_lossy(text)
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect::<String>()
            .into_bytes(),
        9 => STANDARD.encode(gzip(text, size)).into_bytes(),
        10 => STANDARD.encode(zlib(text, size)).into_bytes(),
        11 => text.repeat(1 << size.min(10)),
        12 => text.iter().rev().copied().collect(),
        13 => text.iter().map(|byte| rot13(*byte)).collect(),
        14 => [b"So: ", text, b"== and so on, as said."].concat(),
        _ => STANDARD.encode(text.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<u8>>()).into_bytes(),
    }
}

fn each(text: &[u8], one: impl Fn(&mut String, u8) -> std::fmt::Result) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() * 3);
    text.iter().for_each(|byte| one(&mut out, *byte).expect("a string takes all"));
    out.into_bytes()
}

fn lines(text: &str, width: usize) -> Vec<u8> {
    text.as_bytes().chunks(width).collect::<Vec<_>>().join(b"\r\n".as_slice())
}

/// Packed over and over, as a bomb is.
fn repeated(text: &[u8], size: usize, mut pack: impl FnMut(&[u8])) {
    let (times, most) = if size == BOMB { (usize::MAX, BOMB_MAX) } else { (1 << size, PACKED_MAX) };
    (0..times.min(most / text.len().max(1)).max(1)).for_each(|_| pack(text));
}

fn gzip(text: &[u8], size: usize) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    repeated(text, size, |text| packer.write_all(text).expect("memory takes all"));
    packer.finish().expect("memory takes all")
}

fn zlib(text: &[u8], size: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    repeated(text, size, |text| packer.write_all(text).expect("memory takes all"));
    packer.finish().expect("memory takes all")
}

fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        other => other,
    }
}
