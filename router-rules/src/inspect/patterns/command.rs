//! Secrets that a command or a phrase announces: passwords after a letter (`mysql -pS3cr3t`), seeds of one-time
//! passwords, keys of instant payments.

use super::Leads;
use crate::inspect::cursor::{at, before, goes_on, joins, run, slice, variety};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples::is_placeholder;
use crate::inspect::hits::{BANK_ACCOUNT, PASSWORD, SECRET};
use crate::inspect::scan::Scan;

/// The names of the commands, and the words for the others.
pub(super) const LEADS: &Leads = &[
    (
        &[PASSWORD],
        Topic::Command,
        "mysql, mysqldump, mysqladmin, mysqlimport, mariadb, redis, sshpass, ldapsearch, mongodump, mongosh, smbclient, sqlcmd, \
         curl, wget",
    ),
    (
        &[SECRET],
        Topic::Totp,
        "totp, otp, 2fa, mfa, authenticator, google authenticator, authy, 二段階認証, 双因素, 인증앱",
    ),
    (&[BANK_ACCOUNT], Topic::Pix, "pix"),
];

/// How far after a command its password may stand.
const LINE_MAX: usize = 160;

/// The letter that each command's password follows, and whether a space stands between.
const OPTIONS: [(&str, &[u8], bool); 14] = [
    ("mysqldump", b"-p", false),
    ("mysqladmin", b"-p", false),
    ("mysqlimport", b"-p", false),
    ("mysql", b"-p", false),
    ("mariadb", b"-p", false),
    ("redis", b"-a", true),
    ("sshpass", b"-p", true),
    ("ldapsearch", b"-w", true),
    ("mongodump", b"-p", true),
    ("mongosh", b"-p", true),
    ("smbclient", b"-U", true),
    ("sqlcmd", b"-P", true),
    ("curl", b"-u", true),
    ("wget", b"-u", true),
];

/// Looks for a password after the name of a command.
pub(in crate::inspect) fn at_name(scan: &mut Scan<'_>, start: usize, end: usize) {
    let text = scan.text;
    let Some((name, option, spaced)) = OPTIONS.iter().find(|(name, _, _)| goes_on(text, start, name)) else {
        return;
    };
    let line = run(text, end, LINE_MAX, |byte| byte != b'\n' && byte != b'|');
    let found = (end..line)
        .find(|place| before(text, *place) == b' ' && slice(text, *place, place + option.len()) == *option);
    let Some(place) = found.map(|place| place + option.len()) else { return };
    let gap = usize::from(at(text, place) == b' ');
    if *spaced != (gap == 1) && !(gap == 0 && *spaced && *name == "sshpass") {
        return;
    }
    let quote = at(text, place + gap);
    let quoted = matches!(quote, b'\'' | b'"');
    let from = place + gap + usize::from(quoted);
    let to =
        run(
            text,
            from,
            80,
            |byte| if quoted { byte != quote } else { byte.is_ascii_graphic() && byte != b'`' },
        );
    // `curl -u user:password`, `smbclient -U user%password`.
    let inner = slice(text, from, to).iter().position(|byte| matches!(byte, b':' | b'%'));
    let from = match (*name, inner) {
        ("curl" | "wget" | "smbclient", Some(mark)) => from + mark + 1,
        ("curl" | "wget" | "smbclient", None) => return,
        _ => from,
    };
    let value = slice(text, from, to);
    let odd = quoted || value.iter().any(|byte| !byte.is_ascii_lowercase());
    if value.len() >= 4 && odd && !is_placeholder(value) && !scan.value.contains(&from) {
        scan.value = from..to;
        scan.hits.push(PASSWORD, from, to, 0.85);
    }
}

/// How far after a word a seed may stand, and how long it is in base32 (RFC 4648, section 6; RFC 6238).
const SEED_REACH: usize = 64;
const SEED_MIN: usize = 16;
const SEED_MAX: usize = 64;

/// Looks for the seed of one-time passwords.
pub(in crate::inspect) fn totp(scan: &mut Scan<'_>, end: usize) {
    let text = scan.text;
    let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    let mut at_word = end;
    let close = run(text, end, SEED_REACH, |byte| byte != b'\n');
    while at_word < close {
        if at(text, at_word) == b' ' {
            at_word += 1;
            continue;
        }
        let reach = run(text, at_word, SEED_MAX + 16, |byte| base32(byte) || byte == b' ');
        let stop = reach - slice(text, at_word, reach).iter().rev().take_while(|byte| **byte == b' ').count();
        let letters: Vec<u8> =
            slice(text, at_word, stop).iter().copied().filter(|byte| *byte != b' ').collect();
        let digits = letters.iter().filter(|byte| byte.is_ascii_digit()).count();
        let whole = !before(text, at_word).is_ascii_alphanumeric() && !at(text, stop).is_ascii_alphanumeric();
        if whole && (SEED_MIN..=SEED_MAX).contains(&letters.len()) && digits >= 2 && variety(&letters) >= 8 {
            scan.hits.push(SECRET, at_word, stop, 0.85);
            return;
        }
        at_word = stop.max(at_word + 1);
    }
}

/// `chave pix: <UUID>` (Banco Central do Brasil, Manual de Padrões para Iniciação do Pix: random keys).
pub(in crate::inspect) fn pix(scan: &mut Scan<'_>, end: usize) {
    const REACH: usize = 64;
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let text = scan.text;
    let close = run(text, end, REACH, |byte| byte != b'\n');
    let found = (end..close).find_map(|start| {
        let mut here = start;
        for (place, length) in GROUPS.into_iter().enumerate() {
            let stop = run(text, here, length + 1, |byte| byte.is_ascii_hexdigit());
            let parted = place == 4 || at(text, stop) == b'-';
            if stop - here != length || !parted {
                return None;
            }
            here = stop + usize::from(place < 4);
        }
        (!before(text, start).is_ascii_alphanumeric() && !joins(text, here)).then_some((start, here))
    });
    if let Some((start, end)) = found {
        scan.hits.push(BANK_ACCOUNT, start, end, 0.9);
    }
}
