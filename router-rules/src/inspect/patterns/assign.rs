//! Secrets by the name that they are given: `password = …`, `"api_key": "…"`, "my password is …".

use crate::inspect::KindId;
use crate::inspect::cursor::{at, before, goes_on, is_word, run, run_back, slice, spoken_before};
use crate::inspect::hits::{API_KEY, PASSWORD};
use crate::inspect::scan::Scan;

/// The longest name and value that are read.
const NAME_MAX: usize = 48;
const VALUE_MAX: usize = 128;

/// Endings of the names of passwords, without separators and in lower case.
const PASSWORD_NAMES: [&[u8]; 13] = [
    b"password",
    b"passwd",
    b"passwort",
    b"pwd",
    b"passphrase",
    b"passcode",
    b"kennwort",
    b"motdepasse",
    b"contrasena",
    b"secret",
    b"credential",
    b"credentials",
    b"userpass",
];

/// The same of keys and tokens.
const KEY_NAMES: [&[u8]; 12] = [
    b"apikey",
    b"secretkey",
    b"accesskey",
    b"authkey",
    b"privatekey",
    b"signingkey",
    b"encryptionkey",
    b"masterkey",
    b"accountkey",
    b"token",
    b"apisecret",
    b"authtoken",
];

/// Names too short to be the ending of another.
const PASSWORD_WHOLE: [&[u8]; 5] = [b"pass", b"pw", b"dbpass", b"pin", b"psw"];

/// The kind of secret that a name promises.
pub(in crate::inspect) fn named(name: &[u8]) -> Option<KindId> {
    let mut plain = [0_u8; NAME_MAX];
    let mut length = 0;
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    for (place, letter) in plain.iter_mut().zip(letters) {
        *place = letter.to_ascii_lowercase();
        length += 1;
    }
    let name = plain.get(..length)?;
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = name.get(..length - digits)?;
    // What most names end with is told apart by one byte.
    if !matches!(name.last(), Some(b'd' | b't' | b'e' | b'l' | b's' | b'y' | b'n' | b'w' | b'a')) {
        return None;
    }
    if PASSWORD_WHOLE.contains(&name) {
        return Some(PASSWORD);
    }
    // `client_secret` and `secret_key` are an application's; any other secret is as good as a password.
    if KEY_NAMES.iter().any(|ending| name.ends_with(ending)) || name.ends_with(b"clientsecret") {
        return Some(API_KEY);
    }
    PASSWORD_NAMES.iter().any(|ending| name.ends_with(ending)).then_some(PASSWORD)
}

/// Whether a value stands for a secret rather than being one.
pub(in crate::inspect) fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&str; 37] = [
        "null",
        "none",
        "nil",
        "true",
        "false",
        "undefined",
        "string",
        "str",
        "text",
        "required",
        "optional",
        "redacted",
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "token",
        "changeme",
        "placeholder",
        "todo",
        "tbd",
        "hidden",
        "masked",
        "removed",
        "empty",
        "unknown",
        "bool",
        "boolean",
        "varchar",
        "int",
        "integer",
        "number",
        "any",
        "object",
        "bytes",
        "value",
    ];
    let first = value.first().copied().unwrap_or(0);
    let opens = matches!(first, b'<' | b'$' | b'{' | b'[' | b'(' | b'%' | b'@');
    let masked = value.iter().all(|byte| b"*.xX#_-?=:".contains(byte)) || value.starts_with("•".as_bytes());
    let word = WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let yours = ["your", "my_", "example", "enter_", "insert"].iter().any(|head| goes_on(value, 0, head))
        && value.iter().any(|byte| b"_- ".contains(byte) || byte.is_ascii_uppercase());
    opens || masked || word || yours
}

/// Whether a value is code that leads to a secret: a call, a path, a variable.
fn is_code(value: &[u8]) -> bool {
    let call = value.iter().any(|byte| matches!(byte, b'(' | b'['));
    let path = value.contains(&b'.')
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'.' || *byte == b'_');
    call || path
}

/// `name = value` and `name: value`, from the mark between them.
pub(in crate::inspect) fn at_mark(scan: &mut Scan<'_>, mark: usize) {
    let text = scan.text;
    if mark < scan.value_end {
        return;
    }
    let Some(kind) = name_before(text, mark) else { return };
    if !scan.detectors.wanted.has(kind) {
        return;
    }
    let Some(value) = value_after(text, mark + 1) else { return };
    let bytes = slice(text, value.start, value.end);
    let bare_word =
        !value.quoted && (is_code(bytes) || bytes.iter().all(u8::is_ascii_alphabetic) && bytes.len() < 6);
    if bare_word
        || is_placeholder(bytes)
        || !is_enough(kind, bytes, value.quoted)
        || value.start < scan.key_end
    {
        return;
    }
    scan.value_end = value.end;
    scan.hits.push(kind, value.start, value.end, 0.85);
}

/// Whether a value can be a secret of its kind.
fn is_enough(kind: KindId, value: &[u8], quoted: bool) -> bool {
    let digits = value.iter().any(u8::is_ascii_digit);
    let mixed = value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
    if kind == PASSWORD {
        value.len() >= 4 || quoted && value.len() >= 3
    } else {
        value.len() >= 8 && (digits || mixed && value.len() >= 16) && !value.contains(&b' ')
    }
}

/// The value of a member whose key promises a secret, as a string or number of its own.
pub(in crate::inspect) fn is_secret_value(kind: KindId, value: &str) -> bool {
    let bytes = value.trim().as_bytes();
    bytes.len() <= VALUE_MAX * 8 && !is_placeholder(bytes) && is_enough(kind, bytes, true)
}

fn name_before(text: &[u8], mark: usize) -> Option<KindId> {
    // `==`, `!=`, `<=`, `::` and `://` assign nothing; `:=` and `=>` do, by their other half.
    let end = mark - usize::from(before(text, mark) == b':' && at(text, mark) == b'=');
    if matches!(before(text, end), b'=' | b'!' | b'<' | b'>' | b':') || at(text, mark + 1) == at(text, mark) {
        return None;
    }
    let end = run_back(text, end, 2, |byte| byte == b' ' || byte == b'\t');
    let end = run_back(text, end, 3, |byte| matches!(byte, b'"' | b'\'' | b'\\' | b']' | b'`' | b'*'));
    // The last letter alone tells most names apart before they are read.
    if !is_word(before(text, end)) {
        return None;
    }
    let start = run_back(text, end, NAME_MAX, |byte| is_word(byte) || matches!(byte, b'_' | b'-' | b'.'));
    let name = slice(text, start, end);
    named(name).or_else(|| two_words(text, start, name))
}

/// `API key: …`, `access token: …`: a name of two words.
fn two_words(text: &[u8], start: usize, name: &[u8]) -> Option<KindId> {
    let second = ["key", "token", "secret", "phrase", "word", "code"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word.as_bytes()));
    if !second || before(text, start) != b' ' {
        return None;
    }
    let first = run_back(text, start - 1, 16, is_word);
    named(&[slice(text, first, start - 1), name].concat())
}

struct Value {
    start: usize,
    end: usize,
    quoted: bool,
}

fn value_after(text: &[u8], start: usize) -> Option<Value> {
    let start = start + usize::from(at(text, start) == b'>');
    let start = run(text, start, 4, |byte| byte == b' ' || byte == b'\t' || byte == b'*');
    let escaped = usize::from(at(text, start) == b'\\');
    let quote = at(text, start + escaped);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let start = start + escaped + 1;
        let end = run(text, start, VALUE_MAX, |byte| byte != quote && byte != b'\n' && byte != b'\\');
        return (end > start).then_some(Value { start, end, quoted: true });
    }
    let end = bare_end(text, start);
    (end > start).then_some(Value { start, end, quoted: false })
}

/// The end of a value without quotes: at white space or what closes it, less the sentence's own marks.
fn bare_end(text: &[u8], start: usize) -> usize {
    let mut end = run(text, start, VALUE_MAX, |byte| {
        !byte.is_ascii_whitespace() && !b"\"'`,;&<>|)]}".contains(&byte) && byte != 0
    });
    while end > start && matches!(before(text, end), b'.' | b'?' | b'\\') {
        end -= 1;
    }
    end
}

/// What follows `is` when nothing is told: what the password is like.
const NOT_TOLD: [&str; 40] = [
    "wrong",
    "incorrect",
    "correct",
    "invalid",
    "expired",
    "required",
    "weak",
    "strong",
    "not",
    "too",
    "the",
    "a",
    "an",
    "stored",
    "hashed",
    "encrypted",
    "sent",
    "used",
    "set",
    "being",
    "case",
    "empty",
    "secure",
    "safe",
    "lost",
    "forgotten",
    "reset",
    "changed",
    "needed",
    "missing",
    "leaked",
    "compromised",
    "what",
    "that",
    "in",
    "on",
    "at",
    "still",
    "never",
    "always",
];

/// "my password is …", from its `password`.
pub(in crate::inspect) fn spoken(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    if !scan.detectors.wanted.has(PASSWORD) {
        return;
    }
    let word_end = run(text, start, 16, is_word);
    let Some(verb_end) = verb_after(text, word_end) else { return };
    let quote = at(text, verb_end);
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let value = verb_end + usize::from(quoted);
    let end = if quoted {
        run(text, value, 80, |byte| byte != quote && byte != b'\n')
    } else {
        bare_end(text, value)
    };
    let bytes = slice(text, value, end);
    let odd = bytes
        .iter()
        .any(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation() && !b"'-".contains(byte));
    let owned = spoken_before(text, start, 24, &["my", "our", "his", "her", "their", "your", "the"]);
    let ends = matches!(at(text, end), 0 | b'.' | b',' | b'\n' | b'!' | b';') || end >= text.len();
    let told = quoted || odd || owned && ends;
    if bytes.len() >= 4
        && told
        && !NOT_TOLD.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()))
        && !is_placeholder(bytes)
    {
        scan.hits.push(PASSWORD, value, end, 0.75);
    }
}

/// The place after `is` or `was`, if one follows within the clause.
fn verb_after(text: &[u8], start: usize) -> Option<usize> {
    let clause =
        run(text, start, 48, |byte| !matches!(byte, b'.' | b'\n' | b'?' | b'!' | b';' | b':' | b','));
    (start..clause).find_map(|place| {
        [" is ", " was ", " to "]
            .iter()
            .find(|verb| goes_on(text, place, verb))
            .map(|verb| place + verb.len())
    })
}
