//! Answers that every family is held to, said by noise: calls that must be made, schemas.

use super::family::{self, Family, Told, Tools};
use super::{Faults, Gathered, Home, PLAIN, home, job};
use crate::error::TemplateFault;
use crate::{ChatChunk, Engine as _, EngineError, Job, Sampling};

const PET: &str = r#"{"type":"object","properties":{"kind":{"enum":["cat","dog"]},"tame":{"type":"boolean"}},
    "required":["kind","tame"],"additionalProperties":false}"#;
const FEED: &str = r#"[{"type":"function","function":{"name":"feed","description":"Feeds it.","parameters":{"type":"object",
    "properties":{"well":{"type":"boolean"}},"required":["well"],"additionalProperties":false}}}]"#;

/// A job that is short of words, whatever the family.
fn short(job: Job, seed: u64) -> Job {
    let sampling = Sampling { seed: Some(seed), ..Sampling::default() };
    Job { sampling, max_tokens: Some(1500), ..job }
}

/// Whether a family may think before it answers.
fn thinks(family: &Family, told: bool) -> bool {
    told || family.thinking == Told::Effort
}

async fn answer(home: &Home, job: Job) -> Result<Gathered, EngineError> {
    let mut generation = home.engine.generate(job)?;
    let mut gathered = Gathered::default();
    while let Some(chunk) = generation.next().await {
        match chunk? {
            ChatChunk::Finish { .. } => {}
            chunk => gathered.add(vec![chunk]),
        }
    }
    Ok(gathered)
}

fn closely(json: &str) -> String {
    json.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[tokio::test]
async fn every_family_calls_a_tool_that_must_be_called() {
    let mut faults = Faults::default();
    for family in family::all().into_iter().filter(|family| family.tools != Tools::Untold) {
        let home = home(&family);
        for (seed, thinking) in [(1, false), (2, false), (3, true), (4, true)] {
            let mut job = short(job(PLAIN, thinking, false), seed);
            job.tools = Some(FEED.to_owned());
            job.tool_choice = Some("required".to_owned());
            job.parallel_tool_calls = false;
            job.thinking.budget_tokens = Some(if thinking { 6 } else { 0 });
            match answer(&home, job).await {
                // Noise may think on and on.
                Ok(said) if thinks(&family, thinking) && said.calls.is_empty() && said.content.is_empty() => {
                }
                Ok(said) if family.loose => {
                    let fed = said.content.is_empty() && said.calls.iter().all(|call| call.name == "feed");
                    faults.check(&family, &format!("{said:?}"), &fed, &true);
                }
                Ok(said) => faults.check(&family, &format!("{said:?}"), &is_fed(&said), &true),
                Err(error) => faults.check(&family, &error.to_string(), &false, &true),
            }
        }
    }
}

fn is_fed(said: &Gathered) -> bool {
    let [call] = said.calls.as_slice() else { return false };
    let arguments = closely(&call.arguments);
    call.name == "feed" && [r#"{"well":true}"#, r#"{"well":false}"#].contains(&arguments.as_str())
}

#[tokio::test]
async fn every_family_keeps_to_a_schema_or_says_that_it_cannot() {
    let mut faults = Faults::default();
    for family in family::all() {
        let home = home(&family);
        for (seed, thinking) in [(1, false), (2, false), (3, true)] {
            let mut job = Job { schema: Some(PET.to_owned()), ..short(job(PLAIN, thinking, false), seed) };
            job.thinking.budget_tokens = Some(if thinking { 6 } else { 0 });
            match answer(&home, job).await {
                Err(EngineError::Template { fault: TemplateFault::NoSchema }) if !family.schema => {}
                Ok(said) if thinks(&family, thinking) && said.content.is_empty() => {}
                Ok(said) => {
                    let fit = family.schema && is_a_pet(&said.content);
                    faults.check(&family, &format!("{said:?}"), &fit, &true);
                }
                Err(error) => faults.check(&family, &error.to_string(), &false, &true),
            }
        }
    }
}

fn is_a_pet(json: &str) -> bool {
    let pets =
        ["cat", "dog"].map(|kind| [true, false].map(|tame| format!(r#"{{"kind":"{kind}","tame":{tame}}}"#)));
    pets.as_flattened().contains(&closely(json))
}
