//! `${VAR}` in a configuration, against a reader that goes over the text one character at a time.

#[expect(dead_code, reason = "the gateway's own file, of which not everything is used here")]
#[path = "../../../gateway/src/config/env.rs"]
mod env;
#[path = "../../../gateway/src/config/interpolate.rs"]
mod gateways;

use env::Env;
use gateways::Fault;

/// Completes a text with a few variables.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let env = Env::from([("A", "one"), ("B_2", "${A} $${"), ("EMPTY", ""), ("BLANK", " ")]);
    let done = gateways::interpolate(text, &env);
    assert_eq!(done, one_by_one(text, &env));
    match done {
        Ok(done) => assert!(text.contains("${") || done == text),
        Err(fault) => assert!(!fault.message().is_empty()),
    }
}

fn one_by_one(text: &str, env: &Env) -> Result<String, Fault> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("$${") {
            done.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let end = after.find('}').ok_or(Fault::Open)?;
            done.push_str(value(&after[..end], env)?);
            rest = &after[end + 1..];
        } else {
            done.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    Ok(done)
}

fn value<'a>(inside: &'a str, env: &'a Env) -> Result<&'a str, Fault> {
    let name = inside.find(":-").map_or(inside, |at| &inside[..at]);
    let usable = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if name.is_empty() || name.starts_with(|char: char| char.is_ascii_digit()) || !name.chars().all(usable) {
        return Err(Fault::Name(name.to_owned()));
    }
    let known = env.get(name);
    if name.len() == inside.len() {
        return known.ok_or_else(|| Fault::Unset(name.to_owned()));
    }
    Ok(known.filter(|value| !value.trim().is_empty()).unwrap_or(&inside[name.len() + 2..]))
}
