use super::*;
use crate::inspect::Kinds;

fn pattern(regex: &str, checksum: Option<&str>) -> Result<Pattern, PatternError> {
    let mut kinds = Kinds::builtin();
    Pattern::new(kinds.add("own").unwrap(), regex, checksum)
}

fn found<'t>(patterns: &[&str], text: &'t str) -> Vec<&'t str> {
    let patterns = patterns.iter().map(|regex| pattern(regex, None).unwrap()).collect();
    let mut hits = Hits::with_room(1000);
    hits.allow(usize::MAX);
    Patterns::new(patterns).unwrap().scan(text.as_bytes(), &mut hits);
    hits.take().into_iter().map(|hit| &text[hit.start..hit.end]).collect()
}

#[test]
fn what_cannot_be_looked_for_quickly_is_refused_with_the_mend() {
    for (regex, says) in [
        (r"\bCASE-\d+", r"write `(?-u:\b)` for `\b`"),
        (r"CASE\B", r"write `(?-u:\b)`"),
        (r"(?i)\b{start}case", r"write `(?-u:\b)`"),
        (r"(CASE", "cannot be read at byte 0: unclosed group"),
        (r"[0-9]*", "matches where there is nothing at all"),
        (r"(?:x|)", "matches where there is nothing at all"),
        (r"a{1025}", "only matches more than 1024 bytes"),
        (r"(?-u:\xFF)", "cannot be read at byte"),
        (r"\w{900}", "compiles to more than 1048576 bytes"),
        (r"(?=x)y", "look-around"),
        (r"(x)\1", "backreferences"),
    ] {
        let error = pattern(regex, None).expect_err(regex).to_string();
        assert!(error.contains(says), "{regex}: {error}");
    }
    assert!(pattern(r"(?-u:\b)CASE-\d+(?-u:\b)", Some("luhn")).is_ok());
}

#[test]
fn the_first_group_is_what_is_found() {
    assert_eq!(found(&[r"case (\d+)"], "in case 417 and case 9"), ["417", "9"]);
    assert_eq!(found(&[r"case (?:no )?\d+"], "in case no 417"), ["case no 417"]);
    assert_eq!(found(&[r"case(?: (\d+))?"], "in this case"), ["case"]);
}

#[test]
fn several_patterns_are_found_at_once() {
    let mut texts = found(&[r"A-\d+", r"B-\d+", r"C-\d+"], "B-1, A-2, A-3, D-4");
    texts.sort_unstable();
    assert_eq!(texts, ["A-2", "A-3", "B-1"]);
}

#[test]
fn a_match_is_found_wherever_it_stands_in_a_window() {
    for before in (0..3).chain(WINDOW - 14..WINDOW + 2).chain(2 * WINDOW - MATCH_MAX - 14..2 * WINDOW) {
        for after in [0, 1, WINDOW] {
            let text = format!("{}CASE-1234567{}", ".".repeat(before), "y".repeat(after));
            assert_eq!(found(&[r"CASE-\d+"], &text), ["CASE-1234567"], "{before} {after}");
            let ends = found(&[r"CASE-\d+$"], &text);
            assert_eq!(ends.len(), usize::from(after == 0), "{before} {after}");
        }
    }
    let long = format!("{}A{}Z{}", " ".repeat(WINDOW - 100), "b".repeat(MATCH_MAX - 2), " ".repeat(WINDOW));
    assert_eq!(found(&["Ab+Z"], &long).len(), 1);
}

#[test]
fn work_is_paid_for_and_grows_with_the_text() {
    // One search of this looks to the end of its window and matches one letter.
    let greedy = pattern(r"[A-Z]|.*[^A-Z]", None).unwrap();
    let spent = |bytes: usize| {
        let mut hits = Hits::with_room(usize::MAX);
        hits.allow(usize::MAX);
        greedy.scan(&vec![b'A'; bytes], &mut hits);
        assert_eq!(hits.len(), bytes);
        hits.spent()
    };
    assert_eq!(spent(20_000), 2 * spent(10_000));

    let mut hits = Hits::with_room(usize::MAX);
    hits.allow(100_000);
    greedy.scan(&vec![b'A'; 10_000], &mut hits);
    assert!(hits.is_full() && hits.len() < 200, "{}", hits.len());
}

#[test]
fn examples_are_found() {
    for (regex, checksum) in [
        (r"(?-u:\b)CASE-\d{8}(?-u:\b)", Some("luhn")),
        (r"[A-Z0-9]{18}[0-9]{2}", Some("mod97")),
        (r"(?i)client\s+no\.?\s*([0-9]{9}[0-9X])", Some("mod11")),
        (r"(?:AB|CD)-[0-9a-f]{6,}", None),
        (r"^Ref: [α-ω]+$", None),
    ] {
        let pattern = pattern(regex, checksum).unwrap();
        let example = pattern.example();
        assert_eq!(example.is_some(), !regex.contains('^'), "{regex} {example:?}");
        assert!(example.iter().all(|text| pattern.stands_in(text)));
    }
}
