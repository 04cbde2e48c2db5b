//! Passwords and PINs that are told in a sentence, in fifteen languages: "my password is …", "das Kennwort
//! lautet …", "密码是…".

use super::Leads;
use super::assign::{bare_end, is_code, is_pin};
use super::code::sentence;
use crate::inspect::cursor::{at, before, ended, goes_on, joins, run, slice, spoken_before};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples::is_placeholder;
use crate::inspect::hits::PASSWORD;
use crate::inspect::scan::Scan;

/// Words for passwords and PINs.
pub(super) const LEADS: &Leads = &[
    (&[PASSWORD], Topic::Password, "password, passphrase, passcode, passwd, pwd, token, secret"),
    (
        &[PASSWORD],
        Topic::PasswordLatin,
        "passwort, kennwort, mot de passe, contraseña, clave, senha, palavra passe, parola, wachtwoord, hasło, hasłem, \
         şifre, şifrem, şifremiz, şifresi, şifresini, şifreyi, parolam, parolamız, parolası, parolasını, parolayı, pass, pw, mdp, code d accès, chiave, chiave wifi, \
         clave wifi, clé wifi, clé du wifi, klucz wifi, wifi key, wifi sleutel, wlan schlüssel, password wifi, \
         passwörter, credentials, recovery codes, backup codes, recovery code, backup code, mots de passe, wachtwoorden, zugangsdaten, identifiants, credenciales, credenciais, credenziali, \
         inloggegevens, dane logowania, giriş bilgileri, contraseñas, senhas, wachtzin, hasła, heslo, lösenord",
    ),
    (
        &[PASSWORD],
        Topic::PasswordScript,
        "пароль, паролем, пароля, 密码, 密碼, 口令, パスワード, 暗証番号, 비밀번호+, 비번+, 패스워드+, 암호+, \
         كلمة المرور, كلمة السر, كلمة مرور, كلمة سر, الباسورد, باسورد, باسوورد, وباسوورد, الباسوورد, وباسورد, والباسورد, кодовое слово, парол+, 登录密码, ログインパス, 비밀 번호+, पासकोड, पासवर्ड+, الرقم السري, رمز الدخول, पासवर्ड, कूटशब्द",
    ),
    (
        &[PASSWORD],
        Topic::Pin,
        "pin, pincode, pinkod, pini, pinim, pin kodu, pincodes, code de la carte, code de carte, code carte bleue, \
         пин код, пинкода, geheimzahl, código secreto, code secret, codice segreto, pinzahl, пин, пинкод, 暗証番号, \
         密码, 비밀번호+, الرقم السري, पिन",
    ),
    (
        &[PASSWORD],
        Topic::NetworkKey,
        "key, schlüssel, clé, sleutel, chiave, llave, clave, chave, klucz, ключ, anahtarı",
    ),
];

/// How far after its word a value may stand, within the clause.
const CLAUSE_MAX: usize = 48;

/// Looks after a word for a password.
pub(in crate::inspect) fn told(scan: &mut Scan<'_>, topic: Topic, start: usize, end: usize) {
    // After a mark of assignment the value is looked for by its name.
    let assigned = topic == Topic::Password && matches!(at(scan.text, end), b'=' | b':');
    if !scan.detectors.wanted.has(PASSWORD) || start < scan.key_end || assigned {
        return;
    }
    let found = match topic {
        Topic::Password => option(scan.text, start, end)
            .or_else(|| english(scan.text, start, end))
            .or_else(|| latin(scan.text, end, false)),
        Topic::PasswordLatin => latin(scan.text, end, true),
        Topic::PasswordScript => script(scan.text, end),
        Topic::NetworkKey => network_key(scan.text, start, end),
        _ => pin(scan.text, end),
    };
    // "token" and "secret" stand before many words that only look like one.
    let speaks = match topic {
        Topic::Password => goes_on(scan.text, start, "pass"),
        topic => matches!(topic, Topic::PasswordLatin | Topic::PasswordScript),
    };
    let further = || speaks.then(|| strange(scan.text, end)).flatten();
    let found = found.or_else(further);
    if let Some((from, to)) = found.filter(|(from, _)| !scan.value.contains(from)) {
        scan.value = from..to;
        scan.hits.push(PASSWORD, from, to, 0.75);
    }
}

type Found = Option<(usize, usize)>;

/// `--password hunter2`, and `login … password …` of netrc files.
fn option(text: &[u8], start: usize, end: usize) -> Found {
    let flag = ended(text, start, "--") || ended(text, start, "-db-") || ended(text, start, "--admin-");
    let netrc =
        || spoken_before(text, start, 80, &["machine "]) && spoken_before(text, start, 48, &["login "]);
    if at(text, end) != b' ' || !(flag || netrc()) {
        return None;
    }
    let (from, to) = value_at(text, end + 1);
    let bytes = slice(text, from, to);
    (bytes.len() >= 4 && !bytes.starts_with(b"-") && !is_placeholder(bytes) && !is_code(bytes))
        .then_some((from, to))
}

/// "my password is …": a word that can be one, or any word where it is somebody's and ends the sentence.
fn english(text: &[u8], start: usize, end: usize) -> Found {
    let verb_end = after(text, end, &[" is ", " was ", " to "])?;
    let (from, to) = value_at(text, verb_end);
    let bytes = slice(text, from, to);
    let owned = spoken_before(text, start, 24, &["my", "our", "his", "her", "their", "your", "the"]);
    let ends = matches!(at(text, to), 0 | b'.' | b',' | b'\n' | b'!' | b';') || to >= text.len();
    let secret_word = goes_on(text, start, "pass");
    let told = is_quoted(text, from) || is_odd(bytes) || owned && ends && secret_word;
    let not_told = NOT_TOLD.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()));
    (bytes.len() >= 4 && told && !not_told && !is_placeholder(bytes)).then_some((from, to))
}

/// Verbs between the word and its value, in languages of Latin letters.
const VERBS: [&str; 14] = [
    " ist ", " lautet ", " war ", " est ", " es ", " era ", " e ", " is ", " luidt ", " jest ", " to ",
    " brzmi ", " : ", " auf ",
];

fn latin(text: &[u8], end: usize, verbless: bool) -> Found {
    let after_verb = after(text, end, &VERBS);
    // Turkish needs no verb.
    let near = run(text, end, 3, |byte| matches!(byte, b' ' | b':'));
    let near = (verbless && near > end).then_some(near);
    [after_verb, near].into_iter().flatten().find_map(|place| {
        let (from, to) = value_at(text, place);
        is_told(text, from, to).then_some((from, to))
    })
}

/// The first word of ASCII after a word of another script, within the clause.
fn script(text: &[u8], end: usize) -> Found {
    // 密码学 is the study of ciphers.
    if slice(text, end, text.len()).starts_with("学".as_bytes()) {
        return None;
    }
    let from = run(text, end, CLAUSE_MAX, |byte| !byte.is_ascii() || b" :=\"'`-".contains(&byte));
    let (_, to) = value_at(text, from);
    let to = run(text, from, to - from, |byte| byte.is_ascii());
    is_told(text, from, to).then_some((from, to))
}

/// The key of a wireless network, right after its word where such a network is spoken of.
fn network_key(text: &[u8], start: usize, end: usize) -> Found {
    if !spoken_before(text, start, 56, &["wifi", "wi-fi", "wlan"]) {
        return None;
    }
    let odd = |(from, to): &(usize, usize)| to - from >= 6 && is_told(text, *from, *to);
    let near = run(text, end, 3, |byte| matches!(byte, b' ' | b':' | b'='));
    let right_after = (near > end).then(|| value_at(text, near)).filter(odd);
    right_after.or_else(|| after(text, end, &VERBS).map(|place| value_at(text, place)).filter(odd))
}

/// A word of the same sentence that no language has: capitals, small letters and digits in one, or letters and digits
/// right after a mark that tells.
fn strange(text: &[u8], start: usize) -> Found {
    let end = sentence(text, start);
    let mut place = start;
    while place < end {
        let from = run(text, place, end - place, |byte| !byte.is_ascii_graphic());
        let to = run(text, from, 80, |byte| byte.is_ascii_graphic());
        let opened = slice(text, from, to).iter().take_while(|byte| b"\"'`(<[*".contains(byte)).count();
        let closed =
            slice(text, from, to).iter().rev().take_while(|byte| b"\"'`)>],.;:!?*".contains(byte)).count();
        let word = (from + opened, to.saturating_sub(closed).max(from + opened));
        let told =
            slice(text, start, from).trim_ascii_end().last().is_some_and(|byte| matches!(byte, b':' | b'='));
        if is_strange(slice(text, word.0, word.1), told) && !joins(text, word.1) {
            return Some(word);
        }
        place = to.max(from + 1);
    }
    None
}

fn is_strange(word: &[u8], told: bool) -> bool {
    let count = |fits: fn(&u8) -> bool| word.iter().filter(|byte| fits(byte)).count();
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let digits = count(u8::is_ascii_digit);
    let marks = word.iter().filter(|byte| b"!#$%&*@^_+~-".contains(byte)).count();
    let plain = upper + lower + digits + marks == word.len();
    let address = word.contains(&b'@') && word.contains(&b'.');
    let stem = word.trim_ascii().split(|byte| byte.is_ascii_digit()).next().unwrap_or_default();
    let stem = stem.strip_suffix(b"-").unwrap_or(stem);
    let thing = THINGS.iter().any(|thing| stem.eq_ignore_ascii_case(thing.as_bytes()));
    let mixed = upper > 0 && lower > 1 && (digits > 1 || digits == 1 && marks > 0);
    let said = told && digits > 0 && lower + upper > 2 && !word.contains(&b'_');
    (6..=64).contains(&word.len()) && plain && !address && !thing && (mixed || said) && !is_placeholder(word)
}

/// What is written with a number behind it.
const THINGS: [&str; 48] = [
    "windows",
    "office",
    "ios",
    "android",
    "iphone",
    "ipad",
    "sha",
    "wpa",
    "oauth",
    "base",
    "utf",
    "http",
    "tls",
    "ssl",
    "aes",
    "rsa",
    "pbkdf",
    "argon",
    "bcrypt",
    "scrypt",
    "python",
    "java",
    "php",
    "mysql",
    "ubuntu",
    "debian",
    "macos",
    "chrome",
    "firefox",
    "outlook",
    "exchange",
    "sharepoint",
    "playstation",
    "xbox",
    "galaxy",
    "pixel",
    "kubernetes",
    "postgres",
    "postgresql",
    "version",
    "level",
    "room",
    "covid",
    "figure",
    "table",
    "node",
    "web",
    "min",
];

/// Four to eight digits after a word for a PIN; six alone are an Indian postal code as well.
fn pin(text: &[u8], end: usize) -> Found {
    let clause =
        run(text, end, 48, |byte| !matches!(byte, b'.' | b'\n' | b'?' | b'!' | b';' | b',' | b'0'..=b'9'));
    let to = run(text, clause, 9, |byte| byte.is_ascii_digit());
    let verb = || {
        slice(text, end, clause)
            .windows(4)
            .any(|window| matches!(window, b" is " | b" ist" | b" est" | b" es "))
    };
    let far = clause - end > 28 || to - clause == 6;
    let fits = is_pin(slice(text, clause, to)) && (!far || verb());
    (fits && !joins(text, to) && !is_word_ascii(before(text, clause))).then_some((clause, to))
}

fn is_word_ascii(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'#' | b'-' | b'/')
}

fn is_told(text: &[u8], from: usize, to: usize) -> bool {
    let bytes = slice(text, from, to);
    bytes.len() >= 4
        && (is_odd(bytes) || is_quoted(text, from) && bytes.is_ascii() && !bytes.contains(&b' '))
        && !is_placeholder(bytes)
        && !is_code(bytes)
}

/// Whether no word of a language looks like this.
fn is_odd(bytes: &[u8]) -> bool {
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().any(u8::is_ascii_alphabetic);
    let marks = bytes.iter().any(|byte| byte.is_ascii_punctuation() && !b"'-.,:/()\"".contains(byte));
    digits > 0 && letters || marks || digits >= 4 && bytes.iter().all(u8::is_ascii_digit)
}

fn is_quoted(text: &[u8], from: usize) -> bool {
    matches!(before(text, from), b'"' | b'\'' | b'`')
}

/// A value with or without quotes.
fn value_at(text: &[u8], place: usize) -> (usize, usize) {
    let quote = at(text, place);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let from = place + 1;
        return (from, run(text, from, 80, |byte| byte != quote && byte != b'\n'));
    }
    let end = bare_end(text, place);
    let marks = slice(text, place, end).iter().rev().take_while(|byte| matches!(byte, b'!' | b',')).count();
    // What a password ends with cannot be told from the sentence's own mark, unless there are two.
    (place, if marks == 1 && at(text, end) == 0 { end - 1 } else { end })
}

/// The place after the first of these verbs, if one follows within the clause.
fn after(text: &[u8], start: usize, verbs: &[&str]) -> Option<usize> {
    let clause =
        run(text, start, CLAUSE_MAX, |byte| !matches!(byte, b'.' | b'\n' | b'?' | b'!' | b';' | b','));
    (start..clause)
        .filter(|place| at(text, *place) == b' ')
        .find_map(|place| verbs.iter().find(|verb| goes_on(text, place, verb)).map(|verb| place + verb.len()))
}

/// What follows `is` when nothing is told: what the password is like.
const NOT_TOLD: [&str; 44] = [
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
    "something",
    "anything",
    "mandatory",
    "accepted",
];
