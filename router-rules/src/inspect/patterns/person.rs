//! Names of people where the words around them say that they are names. A first, honest reading: it takes no
//! capital letter for a person, so a name alone is missed.

use crate::inspect::cursor::{at, before, ended, goes_on, is_word, run, slice};
use crate::inspect::dictionary::PersonCue;
use crate::inspect::examples;
use crate::inspect::hits::PERSON;
use crate::inspect::scan::Scan;

/// Words that are looked up, with what they promise.
pub(in crate::inspect) const CUES: [(&str, PersonCue); 62] = [
    ("mr", PersonCue::Honorific),
    ("mrs", PersonCue::Honorific),
    ("ms", PersonCue::Honorific),
    ("miss", PersonCue::Honorific),
    ("mx", PersonCue::Honorific),
    ("dr", PersonCue::Honorific),
    ("doctor", PersonCue::Honorific),
    ("prof", PersonCue::Honorific),
    ("professor", PersonCue::Honorific),
    ("nurse", PersonCue::Honorific),
    ("mme", PersonCue::Honorific),
    ("mlle", PersonCue::Honorific),
    ("monsieur", PersonCue::Honorific),
    ("madame", PersonCue::Honorific),
    ("herr", PersonCue::Honorific),
    ("frau", PersonCue::Honorific),
    ("senor", PersonCue::Honorific),
    ("senora", PersonCue::Honorific),
    ("sra", PersonCue::Honorific),
    ("name", PersonCue::Name),
    ("patient", PersonCue::Role),
    ("client", PersonCue::Role),
    ("employee", PersonCue::Role),
    ("customer", PersonCue::Role),
    ("applicant", PersonCue::Role),
    ("candidate", PersonCue::Role),
    ("defendant", PersonCue::Role),
    ("plaintiff", PersonCue::Role),
    ("claimant", PersonCue::Role),
    ("tenant", PersonCue::Role),
    ("student", PersonCue::Role),
    ("witness", PersonCue::Role),
    ("beneficiary", PersonCue::Role),
    ("policyholder", PersonCue::Role),
    ("colleague", PersonCue::Kin),
    ("coworker", PersonCue::Kin),
    ("boss", PersonCue::Kin),
    ("manager", PersonCue::Kin),
    ("neighbour", PersonCue::Kin),
    ("neighbor", PersonCue::Kin),
    ("wife", PersonCue::Kin),
    ("husband", PersonCue::Kin),
    ("partner", PersonCue::Kin),
    ("son", PersonCue::Kin),
    ("daughter", PersonCue::Kin),
    ("brother", PersonCue::Kin),
    ("sister", PersonCue::Kin),
    ("mother", PersonCue::Kin),
    ("father", PersonCue::Kin),
    ("aunt", PersonCue::Kin),
    ("uncle", PersonCue::Kin),
    ("cousin", PersonCue::Kin),
    ("friend", PersonCue::Kin),
    ("girlfriend", PersonCue::Kin),
    ("boyfriend", PersonCue::Kin),
    ("dear", PersonCue::Salutation),
    ("regards", PersonCue::Close),
    ("sincerely", PersonCue::Close),
    ("faithfully", PersonCue::Close),
    ("truly", PersonCue::Close),
    ("wishes", PersonCue::Close),
    ("cheers", PersonCue::Close),
];

/// Capitalised words that follow such cues and name nobody.
const NOBODY: [&str; 65] = [
    "sir",
    "madam",
    "team",
    "all",
    "hiring",
    "manager",
    "customer",
    "customers",
    "colleague",
    "colleagues",
    "friend",
    "friends",
    "valued",
    "support",
    "service",
    "services",
    "care",
    "portal",
    "management",
    "relations",
    "server",
    "side",
    "success",
    "experience",
    "data",
    "satisfaction",
    "records",
    "record",
    "id",
    "number",
    "name",
    "information",
    "the",
    "diary",
    "god",
    "lord",
    "santa",
    "president",
    "editor",
    "committee",
    "board",
    "members",
    "member",
    "everyone",
    "recruiter",
    "handbook",
    "benefits",
    "engagement",
    "api",
    "app",
    "library",
    "loan",
    "union",
    "history",
    "portal",
    "safety",
    "admissions",
    "recruitment",
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "miss",
    "doctor",
];

/// Endings of the names of organisations.
const ORGANISATIONS: [&str; 14] = [
    "inc",
    "corp",
    "corporation",
    "ltd",
    "limited",
    "llc",
    "gmbh",
    "company",
    "co",
    "group",
    "university",
    "bank",
    "plc",
    "ag",
];

pub(in crate::inspect) fn at_cue(scan: &mut Scan<'_>, start: usize, cue: PersonCue) {
    if start < scan.name_end || !scan.detectors.wanted.has(PERSON) {
        return;
    }
    let text = scan.text;
    let after = run(text, start, 16, |byte| byte.is_ascii_alphabetic());
    let lower = at(text, start).is_ascii_lowercase();
    let found = match cue {
        PersonCue::Honorific => honorific(text, start, after),
        PersonCue::Name => introduced(text, start, after),
        PersonCue::Role => role(text, after, lower),
        PersonCue::Kin => kin(text, start, after),
        PersonCue::Salutation => salutation(text, after, lower),
        PersonCue::Close => close(text, after),
    };
    if let Some((from, to, confidence)) = found {
        scan.name_end = to;
        if !examples::is_anybody(slice(text, from, to)) {
            scan.hits.push(PERSON, from, to, confidence);
        }
    }
}

type Found = Option<(usize, usize, f32)>;

/// `Dr. Mary Jones`: the name, without the title.
fn honorific(text: &[u8], start: usize, after: usize) -> Found {
    // A title is written with a capital; `ms` alone is a unit.
    if !at(text, start).is_ascii_uppercase() {
        return None;
    }
    let point = after + usize::from(at(text, after) == b'.');
    let from = spaces(text, point);
    let (to, _) = name(text, from)?;
    (from > after).then_some((from, to, 0.85))
}

/// `my name is …`, `Name: …`, `full name: …`.
fn introduced(text: &[u8], start: usize, after: usize) -> Found {
    if goes_on(text, after, " is ") {
        let from = after + 4;
        let (to, words) = name(text, from)?;
        let owned =
            ["my ", "his ", "her ", "full ", "their ", "'s "].iter().any(|word| ended(text, start, word));
        return (owned || words >= 2).then_some((from, to, if owned { 0.85 } else { 0.6 }));
    }
    let mark = run(text, after, 2, |byte| byte == b'"' || byte == b'*');
    if at(text, mark) != b':' {
        return None;
    }
    let from = run(text, mark + 1, 4, |byte| matches!(byte, b' ' | b'"' | b'*' | b'\t'));
    let (to, words) = name(text, from)?;
    let personal =
        ["full", "first", "last", "patient", "employee", "customer", "client", "contact", "sur", "applicant"]
            .iter()
            .any(|word| ended(text, start, word) || ended(text, start.saturating_sub(1), word));
    let organisation = ORGANISATIONS.iter().any(|ending| ended(text, to, &format!(" {ending}")));
    ((personal || words >= 2) && !organisation).then_some((from, to, if personal { 0.85 } else { 0.6 }))
}

/// `patient John Smith`, `Patient: Mary Jones`; one name is enough in the middle of a sentence.
fn role(text: &[u8], after: usize, lower: bool) -> Found {
    let mark = usize::from(matches!(at(text, after), b':' | b','));
    let from = spaces(text, after + mark);
    let (to, words) = name(text, from)?;
    let enough = from > after && (words >= 2 || lower && mark == 0);
    enough.then_some((from, to, if words >= 2 { 0.8 } else { 0.6 }))
}

/// `my wife Anna`, `his boss, Tom Reed`.
fn kin(text: &[u8], start: usize, after: usize) -> Found {
    let owned =
        ["my ", "his ", "her ", "our ", "their ", "your ", "'s "].iter().any(|word| ended(text, start, word));
    if !owned {
        return None;
    }
    let comma = usize::from(at(text, after) == b',');
    let from = spaces(text, after + comma);
    let (to, _) = name(text, from)?;
    (from > after + comma).then_some((from, to, 0.75))
}

/// `Dear Anna,`
fn salutation(text: &[u8], after: usize, lower: bool) -> Found {
    let from = spaces(text, after);
    let (to, _) = name(text, from)?;
    let opens = !lower && from > after && matches!(at(text, to), b',' | b':' | b'\n' | b'!');
    opens.then_some((from, to, 0.7))
}

/// `Best regards,` and the name on the next line.
fn close(text: &[u8], after: usize) -> Found {
    let comma = after + usize::from(at(text, after) == b',');
    let from = run(text, comma, 6, |byte| byte.is_ascii_whitespace());
    if !slice(text, comma, from).contains(&b'\n') {
        return None;
    }
    let (to, _) = name(text, from)?;
    let ends =
        matches!(at(text, to), 0 | b'\n' | b'\r' | b',') || at(text, to) == b' ' && at(text, to + 1) == b'\n';
    ends.then_some((from, to, 0.75))
}

fn spaces(text: &[u8], start: usize) -> usize {
    run(text, start, 3, |byte| byte == b' ' || byte == b'\t')
}

/// Words in a name.
const NAME_WORDS_MAX: usize = 4;

const PARTICLES: [&str; 14] =
    ["van", "von", "der", "den", "de", "del", "della", "da", "di", "la", "le", "bin", "al", "el"];

/// The end of the name that begins here, and how many capitalised words it has.
fn name(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut end = start;
    let mut words = 0;
    let mut here = start;
    while words < NAME_WORDS_MAX {
        let word_end = run(text, here, 32, |byte| {
            is_word(byte) && !byte.is_ascii_digit() || byte == b'\'' || byte == b'-'
        });
        let word = slice(text, here, word_end);
        let possessive = if word.ends_with(b"'s") { 2 } else { 0 };
        let word = slice(word, 0, word.len() - possessive);
        let particle = words > 0 && PARTICLES.iter().any(|particle| word == particle.as_bytes());
        if !particle {
            if !capitalised(word) || NOBODY.iter().any(|nobody| word.eq_ignore_ascii_case(nobody.as_bytes()))
            {
                break;
            }
            words += 1;
            end = here + word.len();
        }
        let initial = word.len() == 1 && at(text, word_end) == b'.';
        here = word_end + usize::from(initial);
        if possessive > 0 || at(text, here) != b' ' {
            break;
        }
        here += 1;
    }
    // An initial alone, or a capital in the middle of a word, is no name.
    let whole = !is_word(at(text, end)) && end - start >= 2 && before(text, end) != b'-';
    (words > 0 && whole).then_some((end, words))
}

fn capitalised(word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return false };
    // `JSON` and `API` are no names, `Smith` and `McKay` are; whole names in capitals are left to a tagger.
    first.is_uppercase() && (word.len() == 1 || chars.any(char::is_lowercase))
}
