//! Runs that are encoded as a whole: base64 (also of UTF-16, gzip and zlib) and hexadecimal.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::mapped::Mapped;
use super::runs;

/// The shortest run that is decoded: twelve bytes.
const RUN_MIN: usize = 16;

/// The shortest run that is decoded where it must be base64: by its padding, or by what it shows.
const PADDED_MIN: usize = 7;
const SHOWN_MIN: u32 = 11;

/// What is decoded to no more than this is read where it stands.
pub(super) const IN_PLACE_MAX: usize = 512;

/// A line of a run goes on in the next where it is at least this long (mail breaks at 76, PEM at 64).
const LINE_MIN: usize = 60;

/// What is unpacked of one compressed run.
const UNPACKED_MAX: u64 = 1 << 20;

/// From this length on, a run that shows nothing readable is sealed; digests and keys of usual length are not.
const SEALED_MIN: usize = 256;

/// What a run holds.
pub(super) enum Decoded {
    /// A text, and the run that it is decoded from.
    Text { view: Mapped, start: usize, end: usize },
    /// Nobody can say.
    Sealed,
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Shows what each encoded run of a text holds, until `show` says that it is enough.
pub(super) fn each(text: &str, mut show: impl FnMut(Decoded) -> bool) {
    let bytes = text.as_bytes();
    let (mut done, mut enough) = (0, false);
    let classes = |bytes| {
        let (letters, digits) = (runs::letters(bytes), runs::digits(bytes));
        let marks = runs::one_of(bytes, [b'+', b'/', b'-', b'_']);
        let hex = digits | (letters & (bytes | wide::u8x32::splat(0x20)).simd_lt(wide::u8x32::splat(b'g')));
        let signs = runs::one_of(bytes, [b' ', b':', b',']);
        [letters | digits | marks, hex, signs, runs::one_of(bytes, [b'='])]
    };
    runs::each_block(bytes, classes, |base, [encoding, hex, sign, padding]| {
        let pair = hex & hex >> 1 & sign >> 2;
        let pairs = runs::within(pair & pair >> 3 & pair >> 6 & pair >> 9);
        let long = runs::within(runs::long(encoding, SHOWN_MIN) | encoding & padding >> 1);
        let mut places = long | pairs;
        while places != 0 && !enough {
            let bit = places.trailing_zeros();
            places &= places - 1;
            let at = base + bit as usize;
            if at < done {
                continue;
            }
            let decoded = if long >> bit & 1 == 1 {
                let (start, end) = run_around(bytes, at, done);
                done = end;
                match end - start {
                    RUN_MIN.. => decode(text, start, end),
                    PADDED_MIN.. => short(text, start, end),
                    _ => None,
                }
            } else if let Some((start, end)) = spaced_hex(bytes, at + 2, done) {
                done = end;
                spaced(text, start, end)
            } else {
                None
            };
            enough = decoded.is_some_and(|decoded| !show(decoded));
        }
    });
}

/// A short run that can be nothing but base64.
fn short(text: &str, start: usize, end: usize) -> Option<Decoded> {
    let run = text.get(start..end)?;
    let after = text.as_bytes().get(end..).unwrap_or_default();
    let marks = after.iter().take_while(|byte| **byte == b'=').count();
    let ends = !after.get(marks).is_some_and(|byte| is_encoding(*byte));
    let padded = (1..=2).contains(&marks) && ends && (run.len() + marks).is_multiple_of(4);
    if !padded && (run.len() < SHOWN_MIN as usize || !may_show_ascii(run.as_bytes())) {
        return None;
    }
    let shown = String::from_utf8(from_base64(run)?).ok()?;
    let plain = shown.chars().all(|char| !char.is_control() && (padded || char.is_ascii()));
    let told = padded || shown.bytes().filter(u8::is_ascii_digit).count() >= 5 || shown.contains('@');
    let view = Mapped::scaled(shown, start, 3, 4);
    (plain && told).then_some(Decoded::Text { view, start, end: end + marks })
}

/// Whether the first bytes that a run of base64 stands for can be ASCII: most words are told from it by this.
fn may_show_ascii(run: &[u8]) -> bool {
    // Six bits of each character; the first byte's highest bit is the first character's.
    let high = |byte: u8| matches!(byte, b'g'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_');
    !run.iter().step_by(4).take(run.len() / 4).any(|byte| high(*byte))
}

fn spaced(text: &str, start: usize, end: usize) -> Option<Decoded> {
    let digits: Vec<u8> = text.get(start..end)?.bytes().filter(u8::is_ascii_hexdigit).collect();
    let shown = from_hex(&digits).and_then(as_text)?;
    Some(Decoded::Text { view: Mapped::scaled(shown, start, 1, 3), start, end })
}

fn is_encoding(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The run around a place, over the ends of long lines.
fn run_around(bytes: &[u8], at: usize, from: usize) -> (usize, usize) {
    let before = bytes.get(from..at).unwrap_or_default();
    let start = at - before.iter().rev().take_while(|byte| is_encoding(**byte)).count();
    let (mut end, mut line) = (at, start);
    loop {
        end += bytes.get(end..).unwrap_or_default().iter().take_while(|byte| is_encoding(**byte)).count();
        let rest = bytes.get(end..).unwrap_or_default();
        let gap = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        if gap == 0 || end - line < LINE_MIN || !rest.get(gap).is_some_and(|byte| is_encoding(*byte)) {
            return (start, end);
        }
        end += gap;
        line = end;
    }
}

fn decode(text: &str, start: usize, end: usize) -> Option<Decoded> {
    let run = text.get(start..end)?;
    let hex = run.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(shown) = hex.then(|| from_hex(run.as_bytes())).flatten().and_then(as_text) {
        return Some(Decoded::Text { view: Mapped::scaled(shown, start, 1, 2), start, end });
    }
    // A word before it may be stuck to it: `base64/SGVsbG8…`.
    let cuts = std::iter::once(0)
        .chain(run.bytes().zip(1..).filter(|(byte, _)| !byte.is_ascii_alphanumeric()).map(|(_, at)| at));
    let mut sealed = false;
    for cut in cuts.take(4) {
        let rest = run.get(cut..).unwrap_or_default();
        if rest.len() < RUN_MIN {
            break;
        }
        let Some(bytes) = from_base64(rest) else { continue };
        let shown = |view| Some(Decoded::Text { view, start: start + cut, end: end + padding(text, end) });
        if let Some(unpacked) = unpack(&bytes) {
            return shown(Mapped::whole(unpacked, start + cut, rest.len()));
        }
        if let Some(wide) = as_utf16(&bytes) {
            return shown(Mapped::scaled(wide, start + cut, 3, 8));
        }
        sealed |= cut == 0;
        if let Some(plain) = as_text(bytes) {
            return shown(Mapped::scaled(plain, start + cut, 3, 4));
        }
    }
    (sealed && is_sealed(text, run, start)).then_some(Decoded::Sealed)
}

/// How many marks of padding follow a run.
fn padding(text: &str, end: usize) -> usize {
    text.as_bytes().get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count()
}

fn from_base64(run: &str) -> Option<Vec<u8>> {
    let engine = if run.bytes().any(|byte| matches!(byte, b'-' | b'_')) { BASE64_URL } else { BASE64 };
    let mut packed: Vec<u8> = run.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if packed.len() % 4 == 1 {
        packed.pop();
    }
    engine.decode(&packed).ok()
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect())
        .flatten()
}

/// Bytes that are a text: UTF-8, hardly a control character.
fn as_text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let odd = text.chars().filter(|char| char.is_control() && !char.is_whitespace()).count();
    (text.len() >= 8 && odd * 50 <= text.len()).then_some(text)
}

/// ASCII in UTF-16, as one shell encodes its commands.
fn as_utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let plain = pairs.iter().filter(|[low, high]| *high == 0 && (0x20..0x7F).contains(low)).count();
    if pairs.len() < 8 || plain * 10 < pairs.len() * 9 {
        return None;
    }
    Some(pairs.iter().map(|[low, high]| if *high == 0 { char::from(*low) } else { ' ' }).collect())
}

fn unpack(bytes: &[u8]) -> Option<String> {
    let mut unpacked = Vec::new();
    let read = match bytes {
        [0x1F, 0x8B, ..] => flate2::read::GzDecoder::new(bytes).take(UNPACKED_MAX).read_to_end(&mut unpacked),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => {
            flate2::read::ZlibDecoder::new(bytes).take(UNPACKED_MAX).read_to_end(&mut unpacked)
        }
        _ => return None,
    };
    // What came before a fault has been unpacked all the same.
    let _cut_short = read.is_err();
    as_text(String::from_utf8_lossy(&unpacked).into_owned().into_bytes())
}

/// Whether a run that shows nothing is one that holds something: long, of all sorts of characters, and neither
/// a digest, nor a public key, nor what is known to be opaque by its media type.
fn is_sealed(text: &str, run: &str, start: usize) -> bool {
    if run.len() < SEALED_MIN {
        return false;
    }
    let before = text.get(super::floor(text, start.saturating_sub(64))..start).unwrap_or_default();
    let public = [
        "sha256-",
        "sha384-",
        "sha512-",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "CERTIFICATE-----",
        "PUBLIC KEY-----",
        "PGP SIGNATURE-----",
    ];
    if public.iter().any(|sign| before.trim_end_matches('\n').contains(sign)) {
        return false;
    }
    let mut counts = [0_usize; 128];
    for byte in run.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let (kinds, most) =
        (counts.iter().filter(|count| **count > 0).count(), counts.iter().max().copied().unwrap_or(0));
    kinds >= 40 && most * 12 < run.len()
}

/// Bytes as pairs of hexadecimal digits with one sign between: `4a 6f 68`, `4a:6f:68`.
fn spaced_hex(bytes: &[u8], at: usize, from: usize) -> Option<(usize, usize)> {
    let sign = *bytes.get(at)?;
    if !matches!(sign, b' ' | b':' | b',') {
        return None;
    }
    let pair = |at: usize| {
        let two = bytes.get(at..at + 2).unwrap_or_default();
        two.len() == 2 && two.iter().all(u8::is_ascii_hexdigit)
    };
    let mut start = at;
    while start >= from + 3 && pair(start - 2) && bytes.get(start - 3) == Some(&sign) {
        start -= 3;
    }
    let start = match start.checked_sub(2) {
        Some(first) if first >= from && pair(first) => first,
        _ => start + 1,
    };
    let mut end = start + 2;
    if !pair(start) {
        return None;
    }
    while bytes.get(end) == Some(&sign) && pair(end + 1) {
        end += 3;
    }
    (end - start >= 3 * 8).then_some((start, end))
}
