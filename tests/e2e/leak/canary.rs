//! Canaries: texts that must not arrive at a cloud.
//!
//! Most are private in themselves, well formed to the last check digit, and each is drawn anew. Which forms
//! of private text the detectors know is not tried here (their own tests do that): the forms are the plain
//! ones, and what varies is where they stand.

use super::random::Random;

pub const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
pub const HEX: &str = "0123456789abcdef";
const ALNUM: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const UPPER_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// What a canary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Card,
    CardInGroups,
    Iban,
    Ssn,
    Email,
    Address,
    ApiKey,
    PrivateKey,
    Jwt,
    /// A made-up word: private only because the request says so elsewhere.
    Word,
}

impl Kind {
    /// Those that are private in themselves.
    pub const PRIVATE: [Self; 9] = [
        Self::Card,
        Self::CardInGroups,
        Self::Iban,
        Self::Ssn,
        Self::Email,
        Self::Address,
        Self::ApiKey,
        Self::PrivateKey,
        Self::Jwt,
    ];
}

/// A text that must not arrive, and the pieces by which it is looked for.
#[derive(Clone, Debug)]
pub struct Canary {
    pub kind: Kind,
    pub text: String,
    /// The text whole, and every piece of it that is long enough to be told from chance.
    pub needles: Vec<String>,
}

/// Shorter pieces might stand by chance in the hashes and times of a record.
const PIECE_MIN: usize = 12;

impl Canary {
    pub fn new(kind: Kind, random: &mut Random) -> Self {
        let (text, cores) = match kind {
            Kind::Card => with_core(card(random)),
            Kind::CardInGroups => {
                let digits = card(random);
                let separator = if random.chance(50) { " " } else { "-" };
                let groups: Vec<_> = (0..4).map(|group| &digits[group * 4..group * 4 + 4]).collect();
                (groups.join(separator), vec![digits.clone()])
            }
            Kind::Iban => with_core(iban(random)),
            Kind::Ssn => ssn(random),
            Kind::Email => {
                let local = random.text(LOWER, 12);
                (format!("{local}@{}.org", random.text(LOWER, 9)), vec![local])
            }
            Kind::Address => {
                let octet = |random: &mut Random| 100 + random.below(100);
                let [b, c, d] = [octet(random), octet(random), octet(random)];
                (format!("{}.{b}.{c}.{d}", 40 + random.below(50)), Vec::new())
            }
            Kind::ApiKey => api_key(random),
            Kind::PrivateKey => {
                let lines: Vec<_> = (0..3).map(|_| random.text(ALNUM, 64)).collect();
                let body = lines.join("\n");
                (format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"), lines)
            }
            Kind::Jwt => {
                let parts = [random.text(ALNUM, 30), random.text(ALNUM, 43)];
                // {"alg":"HS256","typ":"JWT"} and claims that begin with {"
                let text = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{}.{}", parts[0], parts[1]);
                (text, parts.to_vec())
            }
            Kind::Word => with_core(format!("canary{}", random.text(HEX, 14))),
        };
        let halves = cores.iter().flat_map(|core| {
            let (first, second) = core.split_at(core.len() / 2);
            [core.clone(), first.to_owned(), second.to_owned()]
        });
        let mut needles: Vec<_> = halves.filter(|piece| piece.len() >= PIECE_MIN).collect();
        needles.push(text.clone());
        Self { kind, text, needles }
    }
}

/// A text that is looked for in halves too.
fn with_core(text: String) -> (String, Vec<String>) {
    (text.clone(), vec![text])
}

/// Sixteen digits of one of the large issuers with their check digit (ISO/IEC 7812-1, annex B).
fn card(random: &mut Random) -> String {
    let head = *random.pick(&["4532", "5412", "6011", "4916"]);
    let mut digits = format!("{head}{}", random.digits(11));
    let sum: u32 = digits
        .chars()
        .rev()
        .zip(0..)
        .map(|(digit, place)| {
            let value = digit.to_digit(10).unwrap() * if place % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    digits.push(char::from_digit((10 - sum % 10) % 10, 10).unwrap());
    digits
}

/// An account number with its check digits (ISO 13616, ISO/IEC 7064 MOD 97-10).
fn iban(random: &mut Random) -> String {
    let (country, account) = match random.below(3) {
        0 => ("DE", random.digits(18)),
        1 => ("GB", format!("{}{}", random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4), random.digits(14))),
        _ => ("FR", random.digits(23)),
    };
    let rest = format!("{account}{country}00").chars().fold(0, |rest, letter| {
        let value = letter.to_digit(36).unwrap();
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    format!("{country}{:02}{account}", 98 - rest)
}

fn ssn(random: &mut Random) -> (String, Vec<String>) {
    let [area, group, serial] = [100 + random.below(500), 10 + random.below(89), 1000 + random.below(8999)];
    (format!("{area}-{group}-{serial}"), vec![format!("{area}{group}{serial}")])
}

fn api_key(random: &mut Random) -> (String, Vec<String>) {
    let (head, body) = match random.below(5) {
        0 => ("sk-proj-", random.text(ALNUM, 40)),
        1 => ("ghp_", random.text(ALNUM, 36)),
        2 => ("AKIA", random.text(UPPER_DIGITS, 16)),
        3 => ("xoxb-", random.text(ALNUM, 32)),
        _ => ("sk_live_", random.text(ALNUM, 24)),
    };
    // A key without a digit may be a word.
    let body = format!("{}7", &body[1..]);
    (format!("{head}{body}"), vec![body])
}
