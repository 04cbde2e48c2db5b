//! What is printed in documents, standards and films so that everyone may print it, and what only stands for a
//! value: neither counts as a finding. One table per kind, each with where it comes from.

use core::net::{Ipv4Addr, Ipv6Addr};

/// Domains kept for documents and tests (RFC 2606, RFC 6761).
const DOMAINS: [&[u8]; 8] = [
    b"example.com",
    b"example.org",
    b"example.net",
    b"example.edu",
    b"example",
    b"test",
    b"invalid",
    b"localhost",
];

/// Endings of files that have an `@` in their names: `icon@2x.png`.
const FILES: [&[u8]; 9] = [b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"css", b"js", b"ts"];

/// Whether a domain is nobody's.
pub(super) fn is_domain(domain: &[u8]) -> bool {
    let under =
        |name: &[u8]| domain.strip_suffix(name).is_some_and(|head| head.is_empty() || head.ends_with(b"."));
    let label = |label: &[u8]| EXAMPLE_LABELS.contains(&label);
    let labels = || domain.split(|byte| *byte == b'.');
    DOMAINS.into_iter().chain(FILES).any(under) || domain.contains(&b'.') && labels().any(label)
}

/// `example` under any country's top level, and as other languages write it.
const EXAMPLE_LABELS: [&[u8]; 8] =
    [b"example", b"exemple", b"ejemplo", b"exemplo", b"esempio", b"beispiel", b"voorbeeld", b"przyklad"];

/// Cards that the payment services publish for tests (the developer pages of Stripe, Adyen, `PayPal` and
/// Braintree, of 2024).
const CARDS: [&[u8]; 34] = [
    b"4111111111111111",
    b"4242424242424242",
    b"4012888888881881",
    b"4000056655665556",
    b"4000000000000002",
    b"4000000000000077",
    b"4000000000000341",
    b"4000000000003220",
    b"4000000000009995",
    b"4000002500003155",
    b"4000002760003184",
    b"4000008260000000",
    b"4222222222222",
    b"4917610000000000",
    b"4988438843884305",
    b"5555555555554444",
    b"5105105105105100",
    b"5200828282828210",
    b"5431111111111111",
    b"5454545454545454",
    b"5500000000000004",
    b"2223003122003222",
    b"2223000048400011",
    b"378282246310005",
    b"371449635398431",
    b"378734493671000",
    b"370000000000002",
    b"6011111111111117",
    b"6011000990139424",
    b"6011000000000004",
    b"3056930009020004",
    b"30569309025904",
    b"38520000023237",
    b"3530111333300000",
];

/// Whether a card is one of those for tests, or its digits are all alike.
pub(super) fn is_card(digits: &[u8]) -> bool {
    CARDS.contains(&digits) || is_run(digits)
}

/// The examples of the SWIFT IBAN registry, release 99, and of national banks' pages, without separators.
const IBANS: [&[u8]; 38] = [
    b"AD1200012030200359100100",
    b"AE070331234567890123456",
    b"AL47212110090000000235698741",
    b"AT611904300234573201",
    b"BA391290079401028494",
    b"BE68539007547034",
    b"BG80BNBG96611020345678",
    b"BR1800360305000010009795493C1",
    b"CH9300762011623852957",
    b"CY17002001280000001200527600",
    b"CZ6508000000192000145399",
    b"DE89370400440532013000",
    b"DE91100000000123456789",
    b"DK5000400440116243",
    b"EE382200221020145685",
    b"ES9121000418450200051332",
    b"FI2112345600000785",
    b"FR1420041010050500013M02606",
    b"FR7630006000011234567890189",
    b"GB29NWBK60161331926819",
    b"GB82WEST12345698765432",
    b"GB33BUKB20201555555555",
    b"GR1601101250000000012300695",
    b"HR1210010051863000160",
    b"HU42117730161111101800000000",
    b"IE29AIBK93115212345678",
    b"IL620108000000099999999",
    b"IT60X0542811101000000123456",
    b"LT121000011101001000",
    b"LU280019400644750000",
    b"NL91ABNA0417164300",
    b"NO9386011117947",
    b"PL61109010140000071219812874",
    b"PT50000201231234567890154",
    b"RO49AAAA1B31007593840000",
    b"SA0380000000608010167519",
    b"SE4550000000058398257466",
    b"TR330006100519786457841326",
];

/// Whether an account is an example.
pub(super) fn is_iban(iban: &[u8]) -> bool {
    IBANS.iter().any(|example| iban.eq_ignore_ascii_case(example))
}

/// Social security numbers that were printed in advertisements and pamphlets (Social Security Administration,
/// "Social Security Cards Issued by Woolworth"; POMS RM 10201.035).
pub(super) fn is_ssn(digits: &[u8]) -> bool {
    matches!(digits, b"078051120" | b"219099999" | b"457555462" | b"123456789") || is_run(digits)
}

/// Numbers kept for films and documents, as they begin after the country's code or the trunk zero: Ofcom's
/// "Telephone numbers for drama", the ACMA's "Phone numbers for use in TV shows, films and creative works",
/// and ARCEP's decision 2018-0881.
const DRAMA: [&[u8]; 21] = [
    b"2079460", b"7700900", b"1632960", b"1134960", b"1144960", b"1154960", b"1164960", b"1174960",
    b"1184960", b"1214960", b"1314960", b"1414960", b"1514960", b"1614960", b"1914980", b"8081570",
    b"3069990", b"19900", b"26191", b"63998", b"491570",
];

/// Whether a telephone number rings nowhere: 555-0100 to 555-0199 (North American Numbering Plan), those kept
/// for films, digits all alike or in order.
pub(super) fn is_phone(digits: &[u8]) -> bool {
    let last_seven = digits.len().checked_sub(7).and_then(|from| digits.get(from..)).unwrap_or_default();
    let nanp = digits.len() <= 13 && last_seven.starts_with(b"55501");
    let codes: [&[u8]; 6] = [b"0044", b"0061", b"0033", b"44", b"61", b"33"];
    let code = codes.into_iter().find(|code| digits.len() >= 11 && digits.starts_with(code));
    let plain = code.and_then(|code| digits.get(code.len()..)).unwrap_or(digits);
    let plain = plain.strip_prefix(b"0").unwrap_or(plain);
    let drama = (9..=10).contains(&plain.len()) && DRAMA.iter().any(|head| plain.starts_with(head));
    // Digits of which the last seven are alike, and the number of China's first mobile network, stand for any.
    let rounded = is_run(last_seven) && last_seven.first() == last_seven.last();
    nanp || drama || rounded || digits.ends_with(b"13800138000") || is_run(digits) || is_run(plain)
}

/// Addresses that lead nowhere: this host, loopback, broadcast, link-local, and the blocks for documents
/// (RFC 1122, RFC 3927, RFC 5737).
pub(super) fn is_ipv4(address: Ipv4Addr) -> bool {
    address.is_unspecified()
        || address.is_loopback()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_link_local()
        || COMMON_HOSTS.contains(&address.octets())
}

/// What every router and resolver is called, and every manual prints.
const COMMON_HOSTS: [[u8; 4]; 9] = [
    [10, 0, 0, 1],
    [192, 168, 0, 1],
    [192, 168, 1, 1],
    [192, 168, 1, 254],
    [172, 17, 0, 1],
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [1, 1, 1, 1],
    [9, 9, 9, 9],
];

/// The same of version 6 (RFC 4291, RFC 3849, RFC 9637).
pub(super) fn is_ipv6(address: Ipv6Addr) -> bool {
    let head = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unicast_link_local()
        || matches!(head, [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..])
}

/// Keys of documentation: Amazon's, Stripe's, and what holds one of these words.
const KEYS: [&[u8]; 2] = [b"sk_test_4eC39HqLyjWDarjtT1zdp7dc", b"sk_test_BQokikJOvBiI2HlWgH4olfQ2"];
const KEY_WORDS: [&[u8]; 9] =
    [b"EXAMPLE", b"example", b"xxxx", b"XXXX", b"0000000000", b"your", b"YOUR", b"placeholder", b"REDACTED"];

/// Whether a key is printed in documentation, or was written to stand for one.
pub(super) fn is_key(key: &[u8]) -> bool {
    KEYS.contains(&key) || KEY_WORDS.iter().any(|word| holds(key, word)) || is_sequence(key)
}

/// Whether most of a key's body counts or spells: `1234567890abcdef…`.
fn is_sequence(key: &[u8]) -> bool {
    let steps =
        key.windows(2).filter(|pair| matches!(pair, [one, two] if two.wrapping_sub(*one) == 1)).count();
    steps * 3 >= key.len() * 2
}

/// The token that jwt.io shows, by its claims: John Doe, in the form of 2015 and of 2017.
const JWT_CLAIMS: [&[u8]; 4] = [
    b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWV9.",
    b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.",
    b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWUsImlhdCI6MTUxNjIzOTAyMn0.",
    b".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
];

/// Whether a token is the one that everybody prints.
pub(super) fn is_jwt(token: &[u8]) -> bool {
    JWT_CLAIMS.iter().any(|claims| holds(token, claims))
}

/// Wallets of standards and of history: EIP-55's, BIP-173's and BIP-350's examples, the first block's, and
/// those that burn.
const WALLETS: [&[u8]; 16] = [
    b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    b"1BitcoinEaterAddressDontSendf59kuE",
    b"1111111111111111111114oLvT2",
    b"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    b"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    b"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    b"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    b"bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    b"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    b"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    b"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    b"0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    b"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    b"0xdAC17F958D2ee523a2206206994597C13D831ec7",
    b"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
];

/// Whether a wallet is an example, or nobody's.
pub(super) fn is_wallet(wallet: &[u8]) -> bool {
    WALLETS.iter().any(|known| wallet.eq_ignore_ascii_case(known)) || super::cursor::variety(wallet) < 8
}

/// Network cards of documents (RFC 7042, section 2.1.2), of Wikipedia's article, and of no card at all.
pub(super) fn is_mac(bytes: [u8; 6]) -> bool {
    matches!(
        bytes,
        [0x00, 0x00, 0x5E, 0x00, 0x53, _]
            | [0x00, 0x1B, 0x44, 0x11, 0x3A, 0xB7]
            | [0x00, 0x11, 0x22, 0x33, 0x44, 0x55]
            | [0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF]
            | [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC]
            | [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB]
    ) || bytes.windows(2).all(|pair| matches!(pair, [one, two] if one == two))
}

/// Addresses of forms, films and heads of state, in lower case.
const ADDRESSES: [&[u8]; 13] = [
    b"123 main st",
    b"123 fake st",
    b"123 any st",
    b"123 example",
    b"123 elm st",
    b"1600 pennsylvania ave",
    b"1600 amphitheatre p",
    b"10 downing st",
    b"221b baker st",
    b"742 evergreen ter",
    b"4 privet drive",
    b"350 fifth ave",
    b"musterstr",
];

/// Whether an address is one that everybody knows.
pub(super) fn is_address(address: &[u8]) -> bool {
    let lower = address.to_ascii_lowercase();
    ADDRESSES.iter().any(|known| lower.starts_with(known))
}

/// What a seed phrase of a standard or a tool begins with (BIP-39's vectors, Hardhat's).
const SEEDS: [&[u8]; 4] =
    [b"abandon abandon", b"legal winner thank", b"letter advice cage", b"test test test"];

/// Whether a phrase is a test's.
pub(super) fn is_seed(phrase: &[u8]) -> bool {
    SEEDS.iter().any(|known| phrase.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known)))
}

/// Names that stand for anybody: of forms, manuals and court files, folded and in lower case.
const ANYBODY: [&str; 32] = [
    "john doe",
    "jane doe",
    "joe bloggs",
    "john q public",
    "max mustermann",
    "erika mustermann",
    "maria mustermann",
    "erika musterfrau",
    "mustermann",
    "musterfrau",
    "mario rossi",
    "jan kowalski",
    "anna kowalska",
    "juan perez",
    "juan nadie",
    "fulano de tal",
    "fulano",
    "joao silva",
    "jean dupont",
    "marie dupont",
    "jan jansen",
    "piet jansen",
    "jan modaal",
    "ivan ivanov",
    "иван иванов",
    "иванов иван",
    "ali veli",
    "ahmet yılmaz",
    "foo bar",
    "alice",
    "bob",
    "lorem ipsum",
];

/// Whether a name stands for anybody.
pub(super) fn is_anybody(name: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(name).to_lowercase();
    ANYBODY.contains(&lower.trim())
}

/// Names of hosts that every machine has: Docker's, Google's metadata, Kubernetes' own.
pub(super) fn is_host(host: &[u8]) -> bool {
    let lower = host.to_ascii_lowercase();
    let known: [&[u8]; 4] = [
        b"host.docker.internal",
        b"gateway.docker.internal",
        b"metadata.google.internal",
        b"kubernetes.default",
    ];
    known.iter().any(|name| lower.starts_with(name))
        || ["example", "your", "my-", "foo", "bar"].iter().any(|head| lower.starts_with(head.as_bytes()))
        || holds(&lower, b".example.")
}

/// Words that stand for a value, whole.
const PLACEHOLDERS: [&str; 56] = [
    "demo",
    "hunter2",
    "sample",
    "letmein",
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
    "apikey",
    "api_key",
    "api-key",
    "access_token",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "placeholder",
    "todo",
    "tbd",
    "fixme",
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
    "mypassword",
    "mysecret",
    "passwort",
    "kennwort",
    "contrasena",
    "user",
    "username",
];

/// What a value holds that stands for another.
const PLACEHOLDER_PARTS: [&[u8]; 14] = [
    b"buraya",
    b"ersetzen",
    b"example",
    b"changeme",
    b"placeholder",
    b"xxxx",
    b"redacted",
    b"dummy",
    b"process.env",
    b"os.environ",
    b"getenv",
    b"secrets.",
    b"{{",
    b"<your",
];

/// Whether a value stands for a secret rather than being one, as it is written or in base64.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    use base64::Engine as _;
    const ENCODED_MAX: usize = 64;
    let encoded = (4..=ENCODED_MAX).contains(&value.len())
        && value.len().is_multiple_of(4)
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
    let decoded = || base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
    is_plain_placeholder(value)
        || encoded && {
            let decoded = decoded();
            decoded.len() >= 3 && decoded.iter().all(u8::is_ascii_graphic) && is_plain_placeholder(&decoded)
        }
}

fn is_plain_placeholder(value: &[u8]) -> bool {
    let first = value.first().copied().unwrap_or(0);
    let opens = matches!(first, b'<' | b'$' | b'{' | b'[' | b'(' | b'@' | b'?')
        || first == b'%' && (value.ends_with(b"%") || value.len() <= 3 || value.starts_with(b"%("));
    let masked = value.iter().all(|byte| b"*.xX#_-?=:".contains(byte)) || value.starts_with("•".as_bytes());
    let word = PLACEHOLDERS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let yours = ["your", "my_", "my-", "enter_", "insert", "replace"]
        .iter()
        .any(|head| value.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head.as_bytes())))
        && value.iter().any(|byte| b"_- ".contains(byte) || byte.is_ascii_uppercase())
        && !value.iter().any(u8::is_ascii_digit);
    opens || masked || word || yours || {
        let lower = value.to_ascii_lowercase();
        PLACEHOLDER_PARTS.iter().any(|part| holds(&lower, part))
    }
}

/// Whether digits are all alike, or count up or down from end to end.
pub(super) fn is_run(digits: &[u8]) -> bool {
    let step = |by: u8| {
        let next = move |one: u8| b'0' + (one.wrapping_sub(b'0') + by) % 10;
        digits.windows(2).all(move |pair| matches!(pair, [one, two] if *two == next(*one)))
    };
    digits.len() >= 6 && (step(0) || step(1) || step(9))
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::checksum::{luhn, mod97};

    #[test]
    fn the_examples_are_what_they_are_examples_of() {
        for card in CARDS {
            assert!(luhn(card), "{}", String::from_utf8_lossy(card));
        }
        for iban in IBANS {
            assert!(mod97(iban), "{}", String::from_utf8_lossy(iban));
        }
    }

    #[test]
    fn runs_are_told_from_numbers() {
        for run in ["111111", "123456789", "987654321", "1234567890"] {
            assert!(is_run(run.as_bytes()), "{run}");
        }
        assert!(!is_run(b"112345678"));
        assert!(!is_run(b"12345"));
    }
}
