//! A counterexample, pasted into `explain`, is decided as it claims.

use hearthgate_rules::chat::Dialect;
use hearthgate_rules::decision::Outcome;
use hearthgate_rules::difficulty::Band;
use hearthgate_rules::inspect::BUILTIN_KINDS;
use hearthgate_rules::prove::{Counterexample, prove};

use super::support::{explain, policy};

/// The only counterexample of a policy, after its line has been decided for real.
fn shown(text: &str) -> Counterexample {
    let policy = policy(text);
    let proof = prove(&policy).unwrap();
    let (_, counterexample) = proof.broken().next().unwrap_or_else(|| panic!("{proof}"));
    let decision = explain(&policy, &counterexample.line);
    let target = counterexample.target.as_deref().unwrap();
    let Outcome::Allow(permit) = &decision.outcome else {
        panic!("{}\n{}\n{:?}", counterexample.sentence, counterexample.line, decision.reasons_as_text());
    };
    let names: Vec<_> = permit.targets().iter().map(|target| target.name()).collect();
    assert!(names.contains(&target), "{names:?}\n{}\n{}", counterexample.sentence, counterexample.line);
    assert_eq!(decision.verdict.label, counterexample.case.label(&policy), "{}", counterexample.line);
    assert!(!counterexample.line.contains('\n'));
    counterexample.clone()
}

fn out_when(when: &str, invariant: &str) -> String {
    format!(
        "[[route]]\nname = \"out\"\nwhen = {{ {when} }}\nto = [\"frontier/big\", \"device/*\"]\n\
         [[route]]\nname = \"home\"\nto = [\"device/*\"]\n[[invariant]]\ntext = 'never {invariant}'\n"
    )
}

#[test]
fn circumstances_are_shown() {
    for (when, word) in [
        ("tenant = \"hr\"", "tenant hr"),
        ("workflow = \"nightly\"", "workflow nightly"),
        ("budget = \"exhausted\"", "budget exhausted"),
        ("health = { \"rack/qwen\" = \"down\" }", "rack/qwen down"),
        ("model = \"big\"", "asking for model big"),
        ("label = \"internal\"", "label raised to internal"),
    ] {
        let found = shown(&out_when(when, "\"public\" to \"frontier/big\""));
        // A client may also ask for the target by name, and does where that is plainer.
        let asked = found.case.model != "auto";
        assert!(asked || found.sentence.contains(word), "{}", found.sentence);
    }
}

#[test]
fn a_target_that_is_down_is_shown_where_all_are() {
    let text = "[[route]]\nname = \"out\"\nwhen = { health = { \"frontier/big\" = \"down\" }, model = \"auto\" }\n\
        to = [\"frontier/big\", \"device/*\"]\n[[route]]\nname = \"home\"\nwhen = { model = \"auto\" }\nto = [\"device/*\"]\n\
        [[route]]\nname = \"no\"\nrefuse = \"auto only\"\n[[invariant]]\ntext = 'never \"public\" to \"frontier/big\"'";
    let found = shown(text);
    assert_eq!(found.case.down.len(), 4, "{}", found.sentence);
}

#[test]
fn every_kind_that_is_detected_is_shown_in_a_text_that_has_it() {
    for kind in BUILTIN_KINDS.into_iter().filter(|kind| *kind != "person") {
        for count in [1, 3] {
            let text = format!(
                "{}[[rule]]\nname = \"r\"\nwhen = {{ count = {{ {kind} = {count} }} }}\nlabel = \"internal\"\n",
                out_when(
                    "label = \"internal\"",
                    &format!("\"{kind}\" with \"internal\" to \"frontier/big\"")
                )
            );
            let found = shown(&text);
            let policy = policy(&text);
            let decision = explain(&policy, &found.line);
            let of_kind =
                |finding: &&hearthgate_rules::inspect::Finding| policy.kinds().name(finding.kind) == kind;
            assert!(decision.verdict.findings.iter().any(|finding| of_kind(&finding)), "{}", found.line);
        }
    }
}

#[test]
fn a_sites_own_word_is_shown() {
    let text = format!(
        "[[terms]]\nname = \"project\"\nwords = [\"Project Lighthouse\"]\n{}",
        out_when("count = { project = 2 }", "\"project\" to \"frontier/big\"")
    );
    let found = shown(&text);
    assert!(found.line.contains("Project Lighthouse"), "{}", found.line);
}

#[test]
fn what_cannot_be_read_is_shown() {
    for kind in ["image", "audio", "file", "reference", "url", "block"] {
        let text = format!(
            "[opaque]\n{kind} = \"public\"\n{}",
            out_when(&format!("opaque = [\"{kind}\"]"), &format!("\"opaque:{kind}\" to \"frontier/big\""))
        );
        let found = shown(&text);
        assert!(found.sentence.contains(&format!("opaque:{kind}")), "{}", found.sentence);
    }
}

#[test]
fn every_band_is_shown() {
    for band in Band::ALL {
        let when = format!("band = \"{}\", model = \"auto\"", band.as_str());
        let text = out_when(&when, "\"public\" beyond \"premises\"")
            .replace("name = \"home\"\n", "name = \"home\"\nwhen = { model = \"auto\" }\n")
            .replace("[[invariant]]", "[[route]]\nname = \"no\"\nrefuse = \"auto only\"\n[[invariant]]");
        let found = shown(&text);
        assert_eq!(found.case.band, band, "{}", found.line);
    }
}

#[test]
fn code_is_shown_and_its_absence_too_in_every_dialect_and_band() {
    for (dialect, code) in Dialect::ALL.into_iter().flat_map(|dialect| [(dialect, true), (dialect, false)]) {
        for band in Band::ALL {
            let (surface, of) = (dialect.as_str(), band.as_str());
            let when = format!("code = {code}, dialect = \"{surface}\", band = \"{of}\", model = \"auto\"");
            let text = out_when(&when, "\"public\" to \"frontier/big\"")
                .replace("name = \"home\"\n", "name = \"home\"\nwhen = { model = \"auto\" }\n")
                .replace("[[invariant]]", "[[route]]\nname = \"no\"\nrefuse = \"auto only\"\n[[invariant]]");
            let found = shown(&text);
            assert_eq!((found.case.dialect, found.case.code), (dialect, code), "{}", found.line);
            let told = explain(&policy(&text), &found.line).verdict.difficulty.unwrap();
            assert_eq!((told.code, told.band), (code, band), "{}", found.line);
            assert_eq!(found.sentence.contains("speaking of code"), code, "{}", found.sentence);
        }
    }
}

/// Nothing but what the route asks for gets anywhere, so that the case has to be of its dialect.
#[test]
fn every_dialect_is_shown_in_its_own_words() {
    for dialect in Dialect::ALL {
        let out = |more: &str, invariant: &str| {
            out_when(&format!("dialect = \"{}\", model = \"auto\"{more}", dialect.as_str()), invariant)
                .replace("name = \"home\"\n", "name = \"home\"\nwhen = { model = \"auto\" }\n")
                .replace("[[invariant]]", "[[route]]\nname = \"no\"\nrefuse = \"auto only\"\n[[invariant]]")
        };
        for band in Band::ALL {
            let band = band.as_str();
            let found = shown(&out(&format!(", band = \"{band}\""), "\"public\" to \"frontier/big\""));
            assert_eq!((found.case.dialect, found.case.band.as_str()), (dialect, band), "{}", found.line);
        }
        // Anthropic's messages know no audio, and Ollama's no files either; the proof counts on them all the same, as on the
        // safe side.
        let file = (dialect != Dialect::Ollama).then_some("file");
        let audio = file.filter(|_| dialect != Dialect::AnthropicMessages).map(|_| "audio");
        for kind in ["image", "reference", "url", "block"].into_iter().chain(file).chain(audio) {
            let policy =
                out(&format!(", opaque = [\"{kind}\"]"), &format!("\"opaque:{kind}\" to \"frontier/big\""));
            let found = shown(&format!("[opaque]\n{kind} = \"public\"\n{policy}"));
            assert_eq!(found.case.dialect, dialect, "{}", found.line);
            assert!(found.sentence.contains(&format!("opaque:{kind}")), "{}", found.sentence);
        }
        let rule = "[[rule]]\nname = \"r\"\nwhen = { count = { card = 2 } }\nlabel = \"internal\"\n";
        let found = shown(&format!(
            "{}{rule}",
            out(", label = \"internal\"", "\"card\" with \"internal\" to \"frontier/big\"")
        ));
        assert_eq!(found.case.dialect, dialect, "{}", found.line);
    }
}
