//! Small catalogues and policies, and requests through them.

use std::sync::Arc;

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::Decision;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::{BudgetState, Policy, PolicyError, PolicyFile};
use hearthgate_rules::target::{Catalogue, EffortField, Target, Zone};

/// One target at home, one on the premises, two in clouds that share a model's name.
pub fn catalogue() -> Catalogue {
    [
        Target::device("starter"),
        Target::upstream("rack", "qwen", Zone::Premises, EffortField::None),
        Target::upstream("frontier", "big", Zone::Cloud, EffortField::ReasoningEffort),
        Target::upstream("second", "big", Zone::Cloud, EffortField::None),
    ]
    .map(Arc::new)
    .into()
}

pub fn try_policy(text: &str) -> Result<Policy, PolicyError> {
    Policy::compile(&PolicyFile::parse(text)?, catalogue(), Zone::Cloud)
}

pub fn policy(text: &str) -> Arc<Policy> {
    Arc::new(try_policy(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// A request with one message of a user.
pub fn prompt(model: &str, text: &str) -> ChatRequest {
    let body = serde_json::json!({"model": model, "messages": [{"role": "user", "content": text}]});
    ChatRequest::openai(body.to_string()).unwrap()
}

/// A line for `explain --jsonl` taken apart as the command does it: what is not the request is not judged.
pub fn explain(policy: &Arc<Policy>, line: &str) -> Decision {
    let mut body: serde_json::Value = serde_json::from_str(line).unwrap();
    let around = body.as_object_mut().unwrap().remove("hearthgate").unwrap_or_default();
    let text = |name: &str| around[name].as_str().map(str::to_owned);
    let caller = Caller {
        name: text("caller").unwrap_or_default(),
        tenant: text("tenant"),
        workflow: text("workflow"),
        key_workflow: None,
        label: text("label").map(|name| policy.labels().named(&name).unwrap()),
        zone: text("zone").map(|name| name.parse().unwrap()),
        effort: None,
        roles: policy.declassifications().iter().map(|known| known.role.clone()).collect(),
        declassify: text("declassify"),
    };
    let down = around["health"].as_object().into_iter().flatten();
    let signals = Signals {
        down: down.filter(|(_, state)| *state == "down").map(|(name, _)| name.clone()).collect(),
        budget: match text("budget").as_deref() {
            Some("exhausted") => BudgetState::Exhausted,
            Some("low") => BudgetState::Low,
            _ => BudgetState::Ample,
        },
        ..Signals::default()
    };
    let dialect = Dialect::ALL.into_iter().find(|dialect| around["dialect"] == dialect.as_str());
    let request = ChatRequest::read(dialect.unwrap_or(Dialect::OpenAiChat), body.to_string());
    policy.judge(request.unwrap(), caller).decide(&signals)
}

/// The TOML files of a folder beside these tests, by name.
pub fn files(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}
