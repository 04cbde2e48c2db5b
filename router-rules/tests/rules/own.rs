//! A site's own patterns are paid for: what the budget does not reach is unread, and has the highest label.

use hearthgate_rules::decide::Signals;
use hearthgate_rules::inspect::OpaqueKind;
use hearthgate_rules::judge::Caller;

use super::support::{policy, prompt};

const HOME: &str = "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n";

/// What cannot be read of a text, by a policy with these patterns, and how many findings there are.
fn read(patterns: &[&str], text: &str) -> (Vec<OpaqueKind>, usize) {
    let pattern = |(number, regex): (usize, &&str)| {
        format!("[[pattern]]\nname = \"own-{number}\"\nregex = '{regex}'\nchecksum = \"luhn\"\n")
    };
    let patterns: String = patterns.iter().enumerate().map(pattern).collect();
    let policy = policy(&format!("{patterns}{HOME}"));
    let decision = policy.judge(prompt("auto", text), Caller::default()).decide(&Signals::default());
    let opaque: Vec<_> = decision.verdict.opaque.iter().map(|opaque| opaque.kind).collect();
    assert_eq!(decision.label() == "restricted", opaque.contains(&OpaqueKind::Unscanned));
    (opaque, decision.verdict.findings.len())
}

#[test]
fn a_pattern_that_looks_far_ahead_again_and_again_runs_out() {
    // Each letter is a candidate, is found after a look to the end of the window, and holds no check.
    let text = "A".repeat(40_000);
    assert_eq!(read(&["[A-Z]|.*[^A-Z]"], &text), (vec![OpaqueKind::Unscanned], 0));
    assert_eq!(read(&["[A-Z]{6}-[0-9]{6}"], &text), (vec![], 0));
}

#[test]
fn ordinary_patterns_over_ordinary_texts_do_not() {
    let patterns: Vec<_> =
        (0..40).map(|number| format!("(?-u:\\b)[A-Z]{{2}}{number}-([0-9]{{8}})(?-u:\\b)")).collect();
    let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
    let line = "The order AB7-79927398 of the bakery came on the third of May, was paid and was sent. ";
    let (opaque, found) = read(&patterns, &line.repeat(4000));
    assert_eq!((opaque, found), (vec![], 4000));
}
