//! The packs, each alone, over cases that are data: `packs/*.toml`, named as the pack.

use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::prove::prove;

use super::support::{files, policy};

const ROUTE: &str = "[[route]]\nname = \"out\"\nto = [\"frontier/big\", \"rack/qwen\", \"device/*\"]\n";

#[test]
fn each_holds_back_what_it_says_and_lets_questions_about_it_go() {
    let mut wrong = Vec::new();
    let mut packs = 0;
    for (pack, text) in files("packs") {
        packs += 1;
        let policy = policy(&format!("packs = [\"{pack}\"]\n{ROUTE}"));
        let cases = CaseFile::parse(&text).unwrap_or_else(|error| panic!("{pack}: {error}"));
        for report in cases.run(&policy) {
            wrong.extend(report.differences.iter().map(|why| format!("{pack}: {}: {why}", report.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(packs, 5);
}

#[test]
fn what_packs_promise_is_proved_of_them_together() {
    let text = format!(
        "packs = [\"pii\", \"secrets\", \"health\", \"matters\", \"gdpr\", \"hipaa\", \"pci\", \"source-code\", \"legal-privilege\"]\n{ROUTE}\
         [[invariant]]\ntext = 'never \"card-track\" beyond \"device\"'\n\
         [[invariant]]\ntext = 'never \"health\" with \"birth-date\" beyond \"device\"'\n\
         [[invariant]]\ntext = 'never \"privileged\" beyond \"device\"'\n\
         [[invariant]]\ntext = 'never \"source-header\" beyond \"premises\"'\n\
         [[invariant]]\ntext = 'never \"criminal-record\" with \"person\" beyond \"device\"'\n"
    );
    let proof = prove(&policy(&text)).unwrap();
    assert!(proof.holds(), "{proof}");
}
