//! `${VAR}` in the strings of a configuration.
//!
//! - `${VAR}` is the variable's value; a variable that is not set is an error.
//! - `${VAR:-text}` is `text` where the variable is not set or empty; it holds no `}`.
//! - `$${` stands for `${`. Any other `$` stands for itself.
//!
//! What a variable holds is never read again for `${`.

use super::env::Env;

/// Why a string could not be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A variable that is not set.
    Unset(String),
    /// `${` without `}`.
    Open,
    /// Something between the braces that no variable is called.
    Name(String),
}

impl Fault {
    /// In words, with the mend.
    pub fn message(&self) -> String {
        match self {
            Self::Unset(name) => {
                format!("variable `{name}` is not set; set it, or write `${{{name}:-default}}`")
            }
            Self::Open => "`${` has no `}`; write `$${` for the characters themselves".to_owned(),
            Self::Name(name) => format!("`{name}` is not a variable's name; write `${{NAME}}`"),
        }
    }
}

/// Puts the variables into a string.
pub fn interpolate(text: &str, env: &Env) -> Result<String, Fault> {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(escaped) = before.strip_suffix('$') {
            done.push_str(escaped);
            done.push_str("${");
            rest = after;
            continue;
        }
        done.push_str(before);
        let (inside, after) = after.split_once('}').ok_or(Fault::Open)?;
        done.push_str(value(inside, env)?);
        rest = after;
    }
    done.push_str(rest);
    Ok(done)
}

fn value<'a>(inside: &'a str, env: &'a Env) -> Result<&'a str, Fault> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    if !begins || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Fault::Name(name.to_owned()));
    }
    match default {
        Some(default) => Ok(env.filled(name).unwrap_or(default)),
        None => env.get(name).ok_or_else(|| Fault::Unset(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_in_what_is_set() {
        let env = Env::from([("A", "one"), ("EMPTY", ""), ("DEEP", "${A}")]);
        let cases = [
            ("plain $5 $", "plain $5 $"),
            ("${A}", "one"),
            ("<${A}-${A}>", "<one-one>"),
            ("${EMPTY}", ""),
            ("${EMPTY:-two}", "two"),
            ("${NONE:-}", ""),
            ("${NONE:-http://x/$y:-z}", "http://x/$y:-z"),
            ("${A:-two}", "one"),
            ("$${A}", "${A}"),
            ("$${A} ${A}", "${A} one"),
            ("${DEEP}", "${A}"),
        ];
        for (text, expected) in cases {
            assert_eq!(interpolate(text, &env).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let env = Env::default();
        assert_eq!(interpolate("${NONE}", &env), Err(Fault::Unset("NONE".into())));
        assert_eq!(interpolate("a ${NONE", &env), Err(Fault::Open));
        assert_eq!(interpolate("${}", &env), Err(Fault::Name(String::new())));
        assert_eq!(interpolate("${1A}", &env), Err(Fault::Name("1A".into())));
        assert_eq!(interpolate("${A B:-x}", &env), Err(Fault::Name("A B".into())));
    }
}
