//! Whether a value looks drawn at random: by its classes of characters, how often they change, and its entropy
//! (C. E. Shannon, "A Mathematical Theory of Communication", 1948).

/// Lengths of digests in hexadecimal: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
const DIGESTS: [usize; 6] = [32, 40, 56, 64, 96, 128];

/// The shortest and the longest value that is judged.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=256;

/// Whether a value is drawn at random and no identifier, digest, path or lock-file's hash.
pub(super) fn is_drawn(value: &[u8]) -> bool {
    let value = value.strip_suffix(b"==").or(value.strip_suffix(b"=")).unwrap_or(value);
    let text = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/.~!#$%&*@^".contains(&byte);
    LENGTHS.contains(&value.len())
        && value.iter().all(|byte| text(*byte))
        && !is_known(value)
        && changes(value) * 6 >= value.len()
        && bits(value) >= least(value)
}

/// UUIDs, digests, hashes with their names, public keys, and names with words in them.
fn is_known(value: &[u8]) -> bool {
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let uuid = value.len() == 36
        && value.iter().zip(0..).all(|(byte, at)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let named =
        [&b"sha1-"[..], b"sha256-", b"sha384-", b"sha512-", b"md5-", b"h1:", b"AAAAB3", b"AAAAC3", b"ssh-"];
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let path = value.iter().filter(|byte| matches!(byte, b'/' | b'.')).count() * 8 > value.len();
    // One digit after words that are written together is a name with a number.
    let run = |run: &[u8]| run.len() >= 4 && run.iter().all(u8::is_ascii_lowercase);
    let words = digits < 2 && value.windows(4).any(run);
    hex && DIGESTS.contains(&value.len())
        || uuid
        || path
        || words
        || digits == 0
        || letters == 0
        || named.iter().any(|head| value.starts_with(head))
        || super::super::examples::is_placeholder(value)
}

/// How often one class of characters follows another: words and numbers change seldom, what is drawn often.
fn changes(value: &[u8]) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|pair| matches!(pair, [one, two] if class(*one) != class(*two) && class(*one) != 3 && class(*two) != 3))
        .count()
}

/// Bits per character, by how often each stands in the value.
fn bits(value: &[u8]) -> f32 {
    let mut counts = [0_u16; 128];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(byte & 0x7F)) {
            *count += 1;
        }
    }
    let total: f32 = counts.iter().map(|count| f32::from(*count)).sum();
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f32::from(*count) / total);
    -shares.map(|share| share * share.log2()).sum::<f32>()
}

/// What is asked of a value of this length: some tenths less than one drawn from its alphabet has.
fn least(value: &[u8]) -> f32 {
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    match value.len() {
        _ if hex => 2.9,
        ..20 => 3.2,
        20..32 => 3.5,
        _ => 3.9,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_only_looks_drawn_is_known() {
        for value in [
            "550e8400-e29b-41d4-a716-446655440000",
            "d41d8cd98f00b204e9800998ecf8427e",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg",
            "user_session_handler_v2_final",
            "getUserAccessTokenFromRequest2",
            "/usr/local/share/keys/v2/id.pem",
            "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7",
            "aaaaaaaaaaaaaaaa1111111111",
            "2024-11-22T10:15:30.000000Z",
            "com.acme.session.Store2Factory",
        ] {
            assert!(!is_drawn(value.as_bytes()), "{value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn nearly_all_that_is_drawn_is_told(value in "[a-zA-Z0-9]{24,48}") {
            // One in some thousands has too few changes or repeats too much.
            prop_assume!(changes(value.as_bytes()) * 6 >= value.len() && bits(value.as_bytes()) > 3.9);
            prop_assume!(value.bytes().filter(u8::is_ascii_digit).count() > 1);
            // Four x in a row stand for something else, whatever their case.
            prop_assume!(!crate::inspect::examples::is_placeholder(value.as_bytes()));
            let told = value.bytes().all(|byte| byte.is_ascii_alphabetic()) || is_drawn(value.as_bytes());
            prop_assert!(told, "{value}");
        }
    }
}
