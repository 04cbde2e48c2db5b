//! The decision table: what a person reads is what happens.

use hearthgate_rules::policy::{SHIPPED, table::table};

use super::support::policy;

#[test]
fn the_shipped_table_reads_as_it_should() {
    assert_eq!(table(&policy(SHIPPED)), include_str!("../golden/shipped-table.txt"));
}

#[test]
fn circumstances_have_their_own_rows() {
    let text = "[alias]\nfast = \"device/starter\"\n\"*\" = \"auto\"\n\
        [[route]]\nname = \"broke\"\nwhen = { budget = \"exhausted\", label = \"public\" }\nto = [\"device/*\"]\n\
        [[route]]\nname = \"code-at-home\"\nwhen = { code = true }\nto = [\"device/*\"]\n\
        [[route]]\nname = \"hr\"\nwhen = { tenant = [\"hr\", \"legal\"] }\nrefuse = \"not for you\"\n\
        [[route]]\nname = \"out\"\nto = [\"zone:cloud\", \"zone:premises\", \"device/*\"]\n";
    let table = table(&policy(text));
    for line in [
        "except with budget exhausted",
        "except with code",
        "except with tenant hr or tenant legal",
        "  public  easy            cloud      broke  quick",
        "  any other name  as the routes say",
        "  fast            device/starter",
    ] {
        assert!(table.lines().any(|known| known.starts_with(line)), "no `{line}` in\n{table}");
    }
    assert!(table.contains("refused: refused_by_policy"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 110), "{table}");
}

#[test]
fn long_lists_stay_within_a_page() {
    let words: Vec<_> =
        (0..30).map(|number| format!("[[terms]]\nname = \"list-{number}\"\nwords = [\"w\"]\n")).collect();
    let names: Vec<_> = (0..30).map(|number| format!("\"list-{number}\"")).collect();
    let text = format!(
        "{}[[rule]]\nname = \"a-rule-with-quite-a-long-name-that-goes-on\"\nwhen = {{ any = [{}] }}\nlabel = \"internal\"\n[[route]]\nname = \"home\"\nto = [\"device/*\"]\n",
        words.concat(),
        names.join(", ")
    );
    let table = table(&policy(&text));
    assert!(table.lines().all(|line| line.chars().count() <= 110), "{table}");
    assert!(table.contains("list-29"), "{table}");
}

#[test]
fn what_is_told_of_findings_and_for_whom_is_shown() {
    let text = "[[allow]]\nname = \"house-prompt\"\nsha256 = \"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\"\n\
        [[pattern]]\nname = \"case-number\"\nregex = 'CASE-[0-9]{6}'\nlabel = \"internal\"\n\
        [[ceiling_for]]\ntenant = \"clinic\"\nworkflow = [\"triage\", \"night\"]\nceiling = { public = \"premises\", confidential = \"device\" }\n\
        [[rule]]\nname = \"patient\"\nlabel = \"restricted\"\n\
        when = { near = [{ kinds = [\"person\", \"health\"], within = 200 }], count = { person = 2 }, confidence = { person = 0.8 } }\n\
        [[route]]\nname = \"beside-a-card\"\nwhen = { near = [{ kinds = [\"email\", \"card\"], within = 50 }] }\nto = [\"device/*\"]\n\
        [[route]]\nname = \"out\"\nto = [\"zone:cloud\", \"zone:premises\", \"device/*\"]\n";
    let table = table(&policy(text));
    for line in [
        "except with tenant clinic and workflow triage or workflow night",
        "except with email near card (within 50 bytes)",
        "tighter ceilings",
        "  public        premises   tenant clinic and workflow triage or workflow night",
        "  confidential  device     tenant clinic and workflow triage or workflow night",
        "  internal      rule patterns/case-number  case-number",
        "what is not searched",
        "  house-prompt  a whole string of a system or developer message, known by its SHA-256",
    ] {
        assert!(table.lines().any(|known| known == line), "no `{line}` in\n{table}");
    }
    assert!(table.contains("2 person at least 0.8 sure and person"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 110), "{table}");
}
