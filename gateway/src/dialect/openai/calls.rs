//! Tells the tool calls of one stream apart. The dialect numbers them, and not every server does so well.

use super::answer::Malformed;
use crate::dialect::event::Event;

/// The calls of one stream so far.
#[derive(Default)]
pub struct Calls {
    /// How many have begun.
    begun: usize,
    /// The number on the wire of the one that began last, and its id.
    last: Option<(usize, Option<String>)>,
}

impl Calls {
    /// Gives a part of a call its place among all calls of the answer, in the order in which they begin. Whether there is
    /// anything in it.
    ///
    /// Some servers give every call the number 0, and tell them apart by their ids; others give every part of a call an id of
    /// its own. So a call of the same number is a new one where both its id and a name are told.
    ///
    /// # Errors
    /// When it goes on with a call after another has begun: the other is on its way to the client by then.
    pub fn place(&mut self, part: &mut Event) -> Result<bool, Malformed> {
        let Event::Call { index, id, name, arguments } = part else { return Ok(true) };
        let told = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        let begins = match &self.last {
            None => true,
            Some((number, known)) => *index > *number || told(id) && told(name) && *id != *known,
        };
        if begins {
            self.begun += 1;
            self.last = Some((*index, id.clone()));
        } else if self.last.as_ref().is_some_and(|(number, _)| number != index) {
            return if arguments.is_empty() { Ok(false) } else { Err(Malformed) };
        }
        *index = self.begun.saturating_sub(1);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(index: usize, id: &str, name: &str, arguments: &str) -> Event {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Event::Call { index, id: some(id), name: some(name), arguments: arguments.to_owned() }
    }

    fn places(parts: &[Event]) -> Result<Vec<usize>, Malformed> {
        let mut calls = Calls::default();
        let mut places = Vec::new();
        for part in parts {
            let mut part = part.clone();
            if calls.place(&mut part)?
                && let Event::Call { index, .. } = part
            {
                places.push(index);
            }
        }
        Ok(places)
    }

    #[test]
    fn calls_are_told_apart_by_number_or_by_id() {
        let numbered =
            [call(0, "a", "f", ""), call(0, "", "", "{}"), call(1, "b", "f", "{"), call(1, "", "", "}")];
        assert_eq!(places(&numbered), Ok(vec![0, 0, 1, 1]));
        let unnumbered = [call(0, "a", "f", "{}"), call(0, "b", "f", "{}"), call(0, "c", "g", "{}")];
        assert_eq!(places(&unnumbered), Ok(vec![0, 1, 2]));
        let with_an_id_each = [call(0, "a", "f", ""), call(0, "b", "", "{"), call(0, "c", "", "}")];
        assert_eq!(places(&with_an_id_each), Ok(vec![0, 0, 0]));
        let repeated = [call(0, "a", "f", "{"), call(0, "a", "f", "}")];
        assert_eq!(places(&repeated), Ok(vec![0, 0]));
        let from_one = [call(1, "a", "f", "{}"), call(2, "b", "f", "{}")];
        assert_eq!(places(&from_one), Ok(vec![0, 1]));
    }

    #[test]
    fn a_call_does_not_go_on_after_the_next_has_begun() {
        let after = |arguments: &str| {
            places(&[call(0, "a", "f", "{"), call(1, "b", "f", "{}"), call(0, "", "", arguments)])
        };
        assert_eq!(after("}"), Err(Malformed));
        assert_eq!(after(""), Ok(vec![0, 1]), "nothing is lost of it");
    }
}
