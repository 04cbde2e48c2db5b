//! Addresses of network cards, where a word says that they are (IEEE 802: six bytes in hexadecimal).

use super::Leads;
use crate::inspect::cursor::{at, before, run};
use crate::inspect::dictionary::Topic;
use crate::inspect::examples;
use crate::inspect::hits::DEVICE_ID;
use crate::inspect::scan::Scan;

pub(super) const LEADS: &Leads = &[(
    &[DEVICE_ID],
    Topic::Mac,
    "mac, macaddr, macaddress, hwaddr, ether, bssid, ethernet, bluetooth, hardware address, physical address, wlan, \
     wifi, dirección física, adresse physique, mac-адрес, mac地址, macアドレス, mac주소+",
)];

/// How far after its word an address may begin.
const REACH: usize = 40;

/// Looks after a word for an address.
pub(in crate::inspect) fn at_word(scan: &mut Scan<'_>, end: usize) {
    let text = scan.text;
    let found = (end..end + REACH)
        .take_while(|from| *from < text.len() && at(text, *from) != b'\n')
        .find_map(|from| {
            let begins = at(text, from).is_ascii_hexdigit() && !before(text, from).is_ascii_alphanumeric();
            let (bytes, to) = begins.then(|| address(text, from)).flatten()?;
            Some((bytes, from, to))
        });
    let Some((bytes, from, to)) = found.filter(|(_, from, _)| *from >= scan.told_end) else { return };
    scan.told_end = to;
    if !examples::is_mac(bytes) {
        scan.hits.push(DEVICE_ID, from, to, 0.85);
    }
}

/// Six bytes with colons or dashes between, or three groups of four digits with points.
fn address(text: &[u8], start: usize) -> Option<([u8; 6], usize)> {
    let mark = at(text, run(text, start, 4, |byte| byte.is_ascii_hexdigit()));
    let group = match mark {
        b':' | b'-' => 2,
        b'.' => 4,
        _ => return None,
    };
    let mut bytes = [0_u8; 6];
    let mut here = start;
    for digit in 0..12 {
        if digit > 0 && digit % group == 0 {
            if at(text, here) != mark {
                return None;
            }
            here += 1;
        }
        let value = char::from(at(text, here)).to_digit(16)?;
        let byte = bytes.get_mut(digit / 2)?;
        *byte = *byte << 4 | u8::try_from(value).ok()?;
        here += 1;
    }
    let whole = !at(text, here).is_ascii_alphanumeric() && at(text, here) != mark;
    whole.then_some((bytes, here))
}
