//! «Did you mean»: the nearest known name to one that is not known.

/// Says `; did you mean `x`?` where a candidate is near enough, else nothing.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(nearness, _)| *nearness > 0.78)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// Adds a suggestion to a message of serde's about an unknown field or variant, which lists the known ones.
#[must_use]
pub fn with_suggestion(message: &str) -> String {
    let known =
        message.split_once("expected ").map(|(before, after)| (backticked(before), backticked(after)));
    let Some((unknown, known)) = known else { return message.to_owned() };
    let Some(name) = unknown.last().filter(|_| message.contains("unknown ")) else {
        return message.to_owned();
    };
    format!("{message}{}", did_you_mean(name, known.iter().copied()))
}

fn backticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_nearest() {
        assert_eq!(did_you_mean("crad", ["card", "iban"]), "; did you mean `card`?");
        assert_eq!(did_you_mean("zzz", ["card", "iban"]), "");
    }

    #[test]
    fn reads_the_known_names_from_serde() {
        let message = "unknown field `lisen`, expected one of `listen`, `admin_listen`";
        assert!(with_suggestion(message).ends_with("; did you mean `listen`?"));
        assert_eq!(with_suggestion("invalid type"), "invalid type");
    }
}
