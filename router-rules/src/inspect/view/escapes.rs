//! Escapes: percent-encoding, HTML's character references, quoted-printable, and those of strings in code and
//! JSON. All are resolved in one view: a text seldom mixes them, and is read as received too.

use memchr::memchr3;

use super::mapped::Mapped;

/// The text with its escapes resolved; none where there is none.
pub(super) fn resolve(text: &str) -> Option<Mapped> {
    let mut view: Option<Mapped> = None;
    let bytes = text.as_bytes();
    let next_other = |from: usize| memchr3(b'%', b'&', b'\\', bytes.get(from..)?).map(|found| from + found);
    let mut copied = 0;
    let is_quoted = next_quoted(bytes, 0, false).is_some();
    // `=` is looked for by itself: it is far more often no escape.
    let (mut other, mut quoted) = (next_other(0), next_quoted(bytes, 0, is_quoted));
    while let Some(here) = [other, quoted].into_iter().flatten().min() {
        let at = match run(text, here) {
            Some((resolved, length)) => {
                let view = view.get_or_insert_with(|| Mapped::with_capacity(text.len()));
                view.copy(text.get(copied..here).unwrap_or_default(), copied);
                view.replace(here, length, |out| out.push_str(&resolved));
                copied = here + length;
                copied
            }
            None => here + 1,
        };
        if other.is_some_and(|other| other < at) {
            other = next_other(at);
        }
        if quoted.is_some_and(|quoted| quoted < at) {
            quoted = next_quoted(bytes, at, is_quoted);
        }
    }
    let mut view = view?;
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// Where `=` with two hexadecimal digits or a line's end stands next.
fn next_quoted(bytes: &[u8], from: usize, is_quoted: bool) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr(b'=', bytes.get(at..)?)?;
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let line_end = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        // A line that ends in `=` is broken softly only where the text is known to be quoted: base64 ends so too.
        if quoted_byte(rest).is_some() || line_end && is_quoted {
            return Some(at);
        }
        at += 1;
    }
}

/// What an escape, or a run of escaped bytes of one character, says, and how long it is.
fn run(text: &str, at: usize) -> Option<(String, usize)> {
    let bytes = text.as_bytes().get(at..)?;
    match bytes.first()? {
        b'%' => encoded_bytes(bytes, |rest| hex_byte(rest.strip_prefix(b"%")?).map(|byte| (byte, 3))),
        b'=' if bytes.get(1) == Some(&b'\n') => Some((String::new(), 2)),
        b'=' if bytes.get(1..3) == Some(b"\r\n") => Some((String::new(), 3)),
        b'=' => encoded_bytes(bytes, |rest| quoted_byte(rest.strip_prefix(b"=")?).map(|byte| (byte, 3))),
        b'\\' => backslash(bytes),
        b'&' => reference(bytes),
        _ => None,
    }
}

/// The bytes of one character, each escaped.
fn encoded_bytes(bytes: &[u8], read: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Option<(String, usize)> {
    let (first, mut length) = read(bytes)?;
    let width = match first {
        0..0x80 => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        // Latin-1, as old mailers write it.
        _ => return Some((char::from(first).to_string(), length)),
    };
    let mut gathered = vec![first];
    while gathered.len() < width {
        let Some((byte, used)) = bytes.get(length..).and_then(&read) else { break };
        gathered.push(byte);
        length += used;
    }
    match String::from_utf8(gathered) {
        Ok(char) => Some((char, length)),
        Err(_) => read(bytes).map(|(byte, used)| (char::from(byte).to_string(), used)),
    }
}

fn backslash(bytes: &[u8]) -> Option<(String, usize)> {
    let char = |char: char| Some((char.to_string(), 2));
    match bytes.get(1)? {
        b'n' => char('\n'),
        b'r' => char('\r'),
        b't' => char('\t'),
        b'"' => char('"'),
        b'\'' => char('\''),
        b'/' => char('/'),
        b'x' => encoded_bytes(bytes, |rest| hex_byte(rest.strip_prefix(b"\\x")?).map(|byte| (byte, 4))),
        b'u' if bytes.get(2) == Some(&b'{') => {
            let digits: Vec<_> =
                bytes.iter().skip(3).take(7).take_while(|byte| byte.is_ascii_hexdigit()).copied().collect();
            let ends = bytes.get(3 + digits.len()) == Some(&b'}');
            let code = hex_number(&digits).filter(|_| ends)?;
            Some((char::from_u32(code)?.to_string(), digits.len() + 4))
        }
        b'u' => {
            let first = hex_number(bytes.get(2..6)?)?;
            if (0xD800..0xDC00).contains(&first) && bytes.get(6..8) == Some(b"\\u") {
                let second = hex_number(bytes.get(8..12)?)?;
                let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                return Some((char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + low)?.to_string(), 12));
            }
            Some((char::from_u32(first)?.to_string(), 6))
        }
        _ => None,
    }
}

/// Named references that stand for what identifiers are made of or parted by.
const NAMED: [(&[u8], char); 16] = [
    (b"amp", '&'),
    (b"lt", '<'),
    (b"gt", '>'),
    (b"quot", '"'),
    (b"apos", '\''),
    (b"nbsp", ' '),
    (b"commat", '@'),
    (b"period", '.'),
    (b"colon", ':'),
    (b"equals", '='),
    (b"lowbar", '_'),
    (b"hyphen", '-'),
    (b"dash", '-'),
    (b"ndash", '-'),
    (b"sol", '/'),
    (b"plus", '+'),
];

fn reference(bytes: &[u8]) -> Option<(String, usize)> {
    let rest = bytes.get(1..)?;
    let body = rest.iter().take(12).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    let name = rest.get(..body)?;
    let ended = rest.get(body) == Some(&b';');
    let length = 1 + body + usize::from(ended);
    let code = match name.strip_prefix(b"#") {
        Some(number) => match number.strip_prefix(b"x").or_else(|| number.strip_prefix(b"X")) {
            Some(hex) => hex_number(hex)?,
            None => std::str::from_utf8(number).ok()?.parse().ok()?,
        },
        None => {
            let (_, char) = NAMED.iter().find(|(known, _)| *known == name && ended)?;
            return Some((char.to_string(), length));
        }
    };
    Some((char::from_u32(code)?.to_string(), length))
}

fn hex_byte(bytes: &[u8]) -> Option<u8> {
    u8::try_from(hex_number(bytes.get(..2)?)?).ok()
}

/// As quoted-printable has it: upper case only, so that `a=bc` in code is no escape.
fn quoted_byte(bytes: &[u8]) -> Option<u8> {
    let two = bytes.get(..2)?;
    two.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')).then(|| hex_byte(two)).flatten()
}

fn hex_number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 7 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}
