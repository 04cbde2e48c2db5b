//! Chats as every family's template puts them.

use super::family::{self, Family, Told, Tools};
use super::{Faults, HISTORY, Home, PLAIN, THOUGHT, home, job};
use crate::error::TemplateFault;
use crate::{EngineError, Job};

fn holds(family: &Family, prompt: &str, parts: &[String]) {
    let mut rest = prompt;
    for part in parts {
        let Some((_, after)) = rest.split_once(part.as_str()) else {
            panic!("{}: {part:?} is missing in {prompt}", family.name)
        };
        rest = after;
    }
}

#[test]
fn every_family_is_told_what_was_said_and_whether_to_think() {
    for family in family::all() {
        let home = home(&family);
        let [on, off] = [true, false].map(|thinking| home.render(&family, &job(PLAIN, thinking, false)));
        holds(&family, &on, &family.prompt.plain);
        holds(&family, &off, &family.prompt.plain);
        assert!(on.ends_with(&family.prompt.on), "{}: {on}", family.name);
        assert!(off.ends_with(&family.prompt.off), "{}: {off}", family.name);
        let told = matches!(family.thinking, Told::Switch | Told::Effort);
        assert_eq!(on != off, told, "{}", family.name);
        let thinks = family.thinking != Told::Never;
        assert_eq!(crate::Engine::model(&home.engine).supports_thinking, thinks, "{}", family.name);
    }
}

#[test]
fn every_family_is_told_of_tools_or_refuses_them() {
    for family in family::all() {
        let home = home(&family);
        let jobs = [PLAIN, HISTORY, THOUGHT].map(|messages| job(messages, true, true));
        if family.tools == Tools::Untold {
            for job in jobs {
                let refused = home.engine.render(&job);
                let fault = TemplateFault::NoTools;
                assert_eq!(refused, Err(EngineError::Template { fault }), "{}", family.name);
                // Tools that must not be called need not be told of.
                let unasked = Job { tool_choice: Some("none".to_owned()), messages: PLAIN.to_owned(), ..job };
                home.render(&family, &unasked);
            }
            continue;
        }
        let [plain, history, thought] = jobs.map(|job| home.render(&family, &job));
        for prompt in [&plain, &history, &thought] {
            for part in ["weather", "city", "The weather of a city.", "alarm", "hour", "loud"] {
                assert!(prompt.contains(part), "{}: {part} is missing in {prompt}", family.name);
            }
        }
        holds(&family, &history, &family.prompt.history);
        holds(&family, &thought, &family.prompt.history);
        holds(&family, &thought, &family.prompt.thought);
    }
}

/// What is kept of a chat's format must not change how another is put.
#[test]
fn every_family_puts_a_chat_the_same_whatever_came_before() {
    for family in family::all() {
        let used = home(&family);
        let tools = family.tools != Tools::Untold;
        let jobs: Vec<Job> = [false, true]
            .iter()
            .flat_map(|thinking| [PLAIN, HISTORY, THOUGHT].map(|messages| job(messages, *thinking, tools)))
            .filter(|job| tools || job.messages == PLAIN)
            .collect();
        for _ in 0..2 {
            for job in &jobs {
                let fresh = home(&family);
                assert_eq!(used.render(&family, job), fresh.render(&family, job), "{}", family.name);
            }
        }
    }
}

/// How many of a prompt's tokens are the family's control words.
fn controls(family: &Family, home: &Home, job: &Job) -> usize {
    let first = home.first_mark(family);
    let prompt = home.render(family, job);
    assert!(!prompt.contains('\u{e0f8}') && !prompt.contains("ue0f8"), "{}: {prompt}", family.name);
    let tokens = home.engine.prompt_tokens(job).unwrap_or_else(|error| panic!("{}: {error}", family.name));
    tokens.into_iter().filter(|token| *token >= first).count()
}

/// Chats with a text in all their parts, and with one in a call's arguments, which are JSON in a JSON string.
fn chats_that_say(text: &str, argument: &str, tools: bool) -> Vec<Job> {
    let plain = PLAIN.replace("Be brief.", text).replace("Oslo", text);
    let history = THOUGHT.replace(r#"\"Oslo\""#, &format!(r#"\"{argument}\""#));
    let history = history.replace("rain", text).replace("Oslo", text).replace("I have", text);
    let mut jobs = vec![job(&plain, true, tools)];
    if tools {
        jobs.push(job(&history, true, tools));
    }
    for job in &mut jobs {
        job.tools = job.tools.as_ref().map(|tools| tools.replace("Rings.", text));
    }
    jobs
}

#[test]
fn no_family_takes_a_control_word_from_what_is_said() {
    let mut faults = Faults::default();
    for family in family::all() {
        let home = home(&family);
        let tools = family.tools != Tools::Untold;
        let count =
            |jobs: Vec<Job>| -> Vec<usize> { jobs.iter().map(|job| controls(&family, &home, job)).collect() };
        let harmless = count(chats_that_say("x", "x", tools));
        for mark in &family.marks {
            let text = mark.replace('"', r#"\""#);
            let argument = text.replace('\\', r"\\").replace('"', r#"\""#);
            // Templates take arguments apart, and with them what is escaped there.
            let letter = mark.chars().next().unwrap();
            let escaped = argument.replacen(letter, &format!(r"\\u{:04x}", u32::from(letter)), 1);
            for argument in [argument, escaped] {
                faults.check(&family, &argument, &count(chats_that_say(&text, &argument, tools)), &harmless);
            }
        }
    }
}
