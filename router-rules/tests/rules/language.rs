//! The policy language, shown by cases: `language/NAME.policy.toml` with `language/NAME.cases.toml`.

use std::sync::Arc;

use hearthgate_rules::policy::cases::CaseFile;
use hearthgate_rules::prove::prove;

use super::support::{files, policy};

#[test]
fn every_case_is_decided_as_it_says() {
    let files = files("language");
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, text) in &files {
        let Some(name) = name.strip_suffix(".policy") else { continue };
        let policy = policy(text);
        let proof = prove(&policy).unwrap();
        assert!(proof.holds(), "{name}\n{proof}");
        let (_, cases) = files.iter().find(|(cases, _)| *cases == format!("{name}.cases")).unwrap();
        for report in
            CaseFile::parse(cases).unwrap_or_else(|error| panic!("{name}: {error}")).run(&Arc::clone(&policy))
        {
            count += 1;
            wrong.extend(report.differences.iter().map(|what| format!("{name}, {}: {what}", report.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 50, "{count} cases");
}
