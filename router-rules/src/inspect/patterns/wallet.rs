//! Wallets by their checks: Bitcoin and its kin (base58check; bech32 of BIP-173 and bech32m of BIP-350) and
//! Ethereum (the capitals of EIP-55). Private keys in the same writing are secrets.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::inspect::cursor::{at, before, run, slice};
use crate::inspect::examples;
use crate::inspect::hits::{SECRET, WALLET};
use crate::inspect::scan::Scan;
use crate::inspect::words::Words;

/// Words that make forty hexadecimal digits without capitals a wallet.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "wallet",
        "eth",
        "send ",
        "metamask",
        "address",
        "usdt",
        "usdc",
        "crypto",
        "deposit",
        "brieftasche",
        "portefeuille",
        "cartera",
        "billetera",
        "carteira",
        "portafoglio",
        "portmonnee",
        "portfel",
        "cuzdan",
        "кошел",
        "钱包",
        "地址",
        "ウォレット",
        "지갑",
        "محفظة",
        "वॉलेट",
    ])
});

/// The longest of them, an extended private key, and some room.
const LENGTH_MAX: usize = 120;

pub(in crate::inspect) fn at_long_word(scan: &mut Scan<'_>, start: usize) {
    let wanted = scan.detectors.wanted;
    let text = scan.text;
    let first = at(text, start);
    // What each begins with; most long words begin otherwise.
    if !(wanted.has(WALLET) || wanted.has(SECRET))
        || !matches!(
            first,
            b'0' | b'1' | b'3' | b'5' | b'b' | b'B' | b'l' | b'D' | b'T' | b'L' | b'M' | b'K' | b'x'
        )
        || matches!(before(text, start), b'/' | b'+' | b'_' | b'-' | b'.')
    {
        return;
    }
    let end = run(text, start, LENGTH_MAX, |byte| byte.is_ascii_alphanumeric());
    let word = slice(text, start, end);
    let found = match first {
        b'0' => ethereum(text, start, word).then_some(WALLET),
        b'b' | b'B' | b'l' if bech32(word) => Some(WALLET),
        _ => base58check(word),
    };
    if let Some(kind) = found.filter(|kind| wanted.has(*kind) && !examples::is_wallet(word)) {
        scan.key_end = end;
        scan.hits.push(kind, start, end, 0.95);
    }
}

/// `0x` and forty digits whose capitals hold the check; without capitals, where wallets are spoken of.
fn ethereum(text: &[u8], start: usize, word: &[u8]) -> bool {
    let Some(digits) = word.strip_prefix(b"0x").filter(|digits| digits.len() == 40) else { return false };
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let lower = digits.iter().any(|byte| (b'a'..=b'f').contains(byte));
    let upper = digits.iter().any(|byte| (b'A'..=b'F').contains(byte));
    if !(lower && upper) {
        return WORDS.before(text, start, 64);
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    digits
        .iter()
        .zip(nibbles)
        .all(|(digit, nibble)| digit.is_ascii_digit() || digit.is_ascii_uppercase() == (nibble >= 8))
}

/// The letters of base58: no `0`, `O`, `I` and `l`.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// What a word in base58 with a valid check is, by its version: wallets of Bitcoin, Litecoin, Dogecoin and Tron;
/// private keys, alone (WIF) or extended (BIP-32).
fn base58check(word: &[u8]) -> Option<crate::inspect::KindId> {
    const BYTES_MAX: usize = 82;
    let kind = match word.len() {
        26..=35 => WALLET,
        51 | 52 | 111 => SECRET,
        _ => return None,
    };
    let mut bytes = [0_u8; BYTES_MAX];
    let mut used = 0;
    for letter in word {
        let mut carry = u32::try_from(BASE58.iter().position(|known| known == letter)?).ok()?;
        for byte in bytes.iter_mut().rev().take(used) {
            carry += u32::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xFF).ok()?;
            carry >>= 8;
        }
        while carry > 0 {
            used += 1;
            *bytes.iter_mut().rev().nth(used - 1)? = u8::try_from(carry & 0xFF).ok()?;
            carry >>= 8;
        }
    }
    let length = match word.len() {
        26..=35 => 25,
        51 => 37,
        52 => 38,
        _ => 82,
    };
    let payload = bytes.get(BYTES_MAX - length..)?;
    let (body, check) = payload.split_at_checked(length - 4)?;
    let version = *body.first()?;
    let known = match kind {
        WALLET => matches!(version, 0x00 | 0x05 | 0x30 | 0x32 | 0x1E | 0x41),
        _ if length == 82 => word.starts_with(b"xprv"),
        _ => matches!(version, 0x80 | 0xB0),
    };
    let hash = Sha256::digest(Sha256::digest(body));
    (known && used <= length && hash.get(..4) == Some(check)).then_some(kind)
}

/// The letters of bech32.
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Whether a word is an address of a witness: `bc1…` or `ltc1…`, 14 to 74 letters.
fn bech32(word: &[u8]) -> bool {
    let lower = word.to_ascii_lowercase();
    let mixed = word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
    let Some(head) = [&b"bc"[..], b"ltc"]
        .into_iter()
        .find(|head| lower.strip_prefix(*head).is_some_and(|rest| rest.starts_with(b"1")))
    else {
        return false;
    };
    let data = lower.get(head.len() + 1..).unwrap_or_default();
    if mixed || !(14..=71).contains(&data.len()) {
        return false;
    }
    let letters = data.iter().map(|letter| BECH32.iter().position(|known| known == letter));
    let head = head.iter().map(|byte| byte >> 5).chain([0]).chain(head.iter().map(|byte| byte & 31));
    let values = head.map(|value| Some(usize::from(value))).chain(letters);
    let mut check = 1_u32;
    for value in values {
        let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else { return false };
        check = polymod(check) ^ value;
    }
    matches!(check, 1 | 0x2BC8_30A3)
}

fn polymod(check: u32) -> u32 {
    const GENERATORS: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
    let top = check >> 25;
    GENERATORS
        .iter()
        .zip(0..)
        .filter(|(_, bit)| top >> bit & 1 == 1)
        .fold((check & 0x01FF_FFFF) << 5, |check, (generator, _)| check ^ generator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_examples_hold() {
        for wallet in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ] {
            assert_eq!(base58check(wallet.as_bytes()), Some(WALLET), "{wallet}");
        }
        for wallet in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ] {
            assert!(bech32(wallet.as_bytes()), "{wallet}");
        }
        for wallet in
            ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"]
        {
            assert!(ethereum(b"", 0, wallet.as_bytes()), "{wallet}");
        }
        assert_eq!(base58check(b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"), Some(SECRET));
    }

    #[test]
    fn one_changed_letter_breaks_each_check() {
        assert_eq!(base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), None);
        assert!(!bech32(b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        assert!(!ethereum(b"", 0, b"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    }
}
