//! Secrets by the name that they are given: `password = …`, `"api_key": "…"`.

use std::sync::LazyLock;

use super::entropy::is_drawn;
use crate::inspect::KindId;
use crate::inspect::cursor::{at, before, is_word, run, run_back, slice};
use crate::inspect::examples::{is_placeholder, is_run};
use crate::inspect::hits::{API_KEY, PASSWORD, SECRET};
use crate::inspect::scan::Scan;
use crate::inspect::words::folded;

/// The longest name and value that are read.
const NAME_MAX: usize = 48;
const VALUE_MAX: usize = 128;

/// Endings of the names of passwords, without separators and in lower case.
const PASSWORD_NAMES: [&[u8]; 30] = [
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
    b"depasse",
    b"palavrapasse",
    b"senha",
    b"wachtwoord",
    "hasło".as_bytes(),
    b"sifre",
    b"sifrem",
    b"sifresi",
    b"parolam",
    "пароль".as_bytes(),
    "密码".as_bytes(),
    "密碼".as_bytes(),
    "口令".as_bytes(),
    "暗証番号".as_bytes(),
    "كلمةالمرور".as_bytes(),
    "كلمةالسر".as_bytes(),
    b"passkey",
];

/// Words for passwords that mean other things too: only a value that no word is speaks for them.
const AMBIGUOUS_NAMES: [&[u8]; 5] = [b"parola", b"clave", b"codigo", b"chave", b"losung"];

/// The same, of scripts whose marks are written apart when folded.
static FOLDED_NAMES: LazyLock<Vec<String>> =
    LazyLock::new(|| ["パスワード", "비밀번호", "암호", "패스워드", "पासवर्ड", "कूटशब्द"].map(folded).into());

/// Endings of the names of other secrets, which are told by their values too.
const SECRET_NAMES: [&[u8]; 22] = [
    b"key",
    b"token",
    b"salt",
    b"cookie",
    b"session",
    b"sessionid",
    b"sessid",
    b"webhook",
    b"sas",
    b"sig",
    b"signature",
    b"seed",
    b"auth",
    b"authorization",
    b"dsn",
    b"cred",
    b"creds",
    b"hmac",
    b"private",
    b"secrets",
    b"pepper",
    b"cert",
];

/// Names that end like those of secrets and are none.
const OPEN_NAMES: [&[u8]; 12] = [
    b"publickey",
    b"pubkey",
    b"primarykey",
    b"foreignkey",
    b"cachekey",
    b"sortkey",
    b"hashkey",
    b"partitionkey",
    b"pagetoken",
    b"nexttoken",
    b"continuationtoken",
    b"sshkey",
];

/// The same of keys and tokens.
const KEY_NAMES: [&[u8]; 14] = [
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
    b"sharedkey",
    b"licensekey",
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
    let last = name.last()?;
    if last.is_ascii() && !b"acdeghklmnrstwy".contains(last) {
        return None;
    }
    if OPEN_NAMES.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    if PASSWORD_WHOLE.contains(&name) {
        return Some(PASSWORD);
    }
    // `client_secret` and `secret_key` are an application's; any other secret is as good as a password.
    if KEY_NAMES.iter().any(|ending| name.ends_with(ending)) || name.ends_with(b"clientsecret") {
        return Some(API_KEY);
    }
    let folded = || !last.is_ascii() && FOLDED_NAMES.iter().any(|ending| name.ends_with(ending.as_bytes()));
    let password = PASSWORD_NAMES.iter().any(|ending| name.ends_with(ending)) || folded();
    let other =
        || SECRET_NAMES.iter().any(|ending| name.ends_with(ending)) || AMBIGUOUS_NAMES.contains(&name);
    if password { Some(PASSWORD) } else { other().then_some(SECRET) }
}

/// Whether a value is code that leads to a secret: a call, a path, a variable.
pub(super) fn is_code(value: &[u8]) -> bool {
    let call = value.iter().any(|byte| matches!(byte, b'(' | b'['));
    let path = value.contains(&b'.')
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'.' || *byte == b'_');
    call || path
}

/// `name = value` and `name: value`, from the mark between them.
pub(in crate::inspect) fn at_mark(scan: &mut Scan<'_>, mark: usize) {
    let text = scan.text;
    if scan.value.contains(&mark) {
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
    if kind == PASSWORD && is_pin_name(text, mark) && !is_pin(bytes) {
        return;
    }
    scan.value = value.start..value.end;
    scan.hits.push(kind, value.start, value.end, 0.85);
}

/// `pin: 4821` opens something; `pin: GPIO17` is a pin.
fn is_pin_name(text: &[u8], mark: usize) -> bool {
    let end = run_back(text, mark, 4, |byte| !is_word(byte));
    let start = run_back(text, end, 4, is_word);
    slice(text, start, end).eq_ignore_ascii_case(b"pin")
}

pub(super) fn is_pin(value: &[u8]) -> bool {
    (4..=8).contains(&value.len()) && value.iter().all(u8::is_ascii_digit) && !is_run(value)
}

/// Whether a value can be a secret of its kind.
fn is_enough(kind: KindId, value: &[u8], quoted: bool) -> bool {
    if kind == SECRET {
        return is_drawn(value);
    }
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
    let second = ["key", "token", "secret", "phrase", "word", "code", "passe", "المرور", "السر"]
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
pub(super) fn bare_end(text: &[u8], start: usize) -> usize {
    let mut end = run(text, start, VALUE_MAX, |byte| {
        !byte.is_ascii_whitespace() && !b"\"'`,;&<>|)]}".contains(&byte) && byte != 0
    });
    while end > start && matches!(before(text, end), b'.' | b'?' | b'\\') {
        end -= 1;
    }
    end
}
