//! What a card carries besides its number: the code on its back, and the tracks of its stripe (ISO/IEC 7813).

use super::Leads;
use crate::inspect::cursor::{at, before, is_word, run, slice};
use crate::inspect::dictionary::Topic;
use crate::inspect::hits::CARD_CODE;
use crate::inspect::scan::Scan;

/// Words for the code.
pub(super) const LEADS: &Leads = &[(
    &[CARD_CODE],
    Topic::CardCode,
    "cvv, cvc, cvv2, cvc2, cvn, card security code, security code, card verification, verification code, \
     kartenprüfnummer, prüfnummer, sicherheitscode, cryptogramme, cryptogramme visuel, code de sécurité, \
     código de seguridad, código de segurança, codice di sicurezza, beveiligingscode, kod bezpieczeństwa, \
     güvenlik kodu, код безопасности, 安全码, 卡验证码, セキュリティコード, 보안코드+, 보안 코드+, رمز الأمان, رمز التحقق, \
     सुरक्षा कोड",
)];

/// How far after its word a code may stand.
const REACH: usize = 24;

/// Codes that documentation shows.
const EXAMPLES: [&[u8]; 6] = [b"000", b"111", b"123", b"999", b"0000", b"1234"];

/// Looks after a word for three or four digits.
pub(in crate::inspect) fn code(scan: &mut Scan<'_>, end: usize) {
    let text = scan.text;
    let from = run(text, end, REACH, |byte| !byte.is_ascii_digit() && !matches!(byte, b'\n' | b'?' | b'!'));
    let to = run(text, from, 5, |byte| byte.is_ascii_digit());
    let digits = slice(text, from, to);
    let whole =
        matches!(digits.len(), 3 | 4) && !is_ascii_word(at(text, to)) && !is_ascii_word(before(text, from));
    if whole && !EXAMPLES.contains(&digits) {
        scan.hits.push(CARD_CODE, from, to, 0.8);
    }
}

fn is_ascii_word(byte: u8) -> bool {
    is_word(byte) && byte.is_ascii()
}

/// The longest name on the first track.
const NAME_MAX: usize = 26;

/// The track around a card's number, if there is one: `%B…^NAME^YYMM…?` or `;…=YYMM…?`. Says where it begins and ends.
pub(super) fn track(text: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let digits = |from: usize| run(text, from, 40, |byte| byte.is_ascii_digit());
    let dated = |from: usize| {
        let month = slice(text, from + 2, from + 4);
        let valid = (b"01".as_slice()..=b"12".as_slice()).contains(&month);
        // Expiry and service code at least.
        (valid && digits(from) >= from + 7).then(|| digits(from))
    };
    match at(text, end) {
        b'^' => {
            let name = run(text, end + 1, NAME_MAX, |byte| byte != b'^' && byte != b'\n');
            let to = (at(text, name) == b'^').then(|| dated(name + 1)).flatten()?;
            let begins = if before(text, start) == b'B' { start - 1 } else { start };
            Some((begins, to))
        }
        b'=' => Some((start, dated(end + 1)?)),
        _ => None,
    }
}
