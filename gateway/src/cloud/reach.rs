//! Which addresses a name may stand for.
//!
//! Names of clouds are looked up in a system that others write: one that suddenly stands for an address of the site's own would
//! have the gateway ask a machine behind its walls, with a key and a request (DNS rebinding, server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses among these that belong to the public Internet.
pub fn public(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    addresses.into_iter().filter(|address| is_public(address.ip())).collect()
}

/// Whether an address is none of those that IANA's special-purpose registries keep from the public Internet (RFC 6890), nor one
/// that holds such an address of IPv4.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        // This network; carrier-grade NAT; protocol assignments; benchmarks; reserved, with the broadcast address.
        [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => true,
        _ => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
    };
    !(special || ip.is_documentation() || ip.is_multicast())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        // IPv4 by NAT64, with its local prefix, and by 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
        [0x64, 0xff9b, 1, ..] => false,
        // Protocol assignments (Teredo and others), documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is 2000::/3; the rest is loopback, local, multicast or not given out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> bool {
        is_public(text.parse().expect("an address"))
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        for ip in ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.15.0.1", "192.0.1.1", "2606:4700::1111"] {
            assert!(is(ip), "{ip}");
        }
        assert!(is("64:ff9b::1.1.1.1") && is("2002:101:101::1") && is("::ffff:1.1.1.1"));
    }

    #[test]
    fn addresses_of_ones_own_are_not() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:a00:1::1",
            "::10.0.0.1",
        ] {
            assert!(!is(ip), "{ip}");
        }
    }

    #[test]
    fn what_is_private_is_left_out() {
        let addresses: Vec<SocketAddr> =
            ["10.0.0.1:443", "1.1.1.1:443"].iter().map(|text| text.parse().expect("an address")).collect();
        assert_eq!(public(addresses.clone()), addresses[1..]);
    }
}
