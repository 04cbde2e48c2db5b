//! The readers of answers: whatever a provider says, calls come in their order, an answer ends once, and a whole one that is read
//! has an end.

use hearthgate_rules::json::Document;

use crate::dialect::event::{Event, Usage};
use crate::dialect::openai::answer::{Malformed, Unread};
use crate::dialect::{anthropic, bedrock, gemini, openai};

/// What one of the dialects' readers has, by the names that they share.
trait Reads: Default {
    fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed>;
    fn is_over(&self) -> bool;
}

macro_rules! reads {
    ($($dialect:ident),*) => {
        $(impl Reads for $dialect::answer::Reader {
            fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
                $dialect::answer::Reader::take(self, data, out)
            }

            fn is_over(&self) -> bool {
                self.done || self.error.is_some()
            }
        })*
    };
}

reads!(openai, anthropic, gemini, bedrock);

/// Reads lines as the events of a stream, and all of them as an answer in one piece, in the dialect that the first byte says.
pub fn check(data: &[u8]) {
    let Some((&dialect, told)) = data.split_first() else { return };
    match dialect % 4 {
        0 => stream::<openai::answer::Reader>(told),
        1 => stream::<anthropic::answer::Reader>(told),
        2 => stream::<gemini::answer::Reader>(told),
        _ => stream::<bedrock::answer::Reader>(told),
    }
    let Ok(answer) = Document::parse(told) else { return };
    let whole: Result<(Vec<Event>, Option<Usage>), Unread> = match dialect % 4 {
        0 => openai::answer::whole(answer.root()),
        1 => anthropic::answer::whole(answer.root()),
        2 => gemini::answer::whole(answer.root()),
        _ => bedrock::answer::whole(answer.root()),
    };
    if let Ok((events, _)) = whole {
        assert!(matches!(events.last(), Some(Event::End(_))), "it has an end");
        holds(&events, false);
    }
}

fn stream<R: Reads>(told: &[u8]) {
    let (mut reader, mut events) = (R::default(), Vec::new());
    for line in told.split(|byte| *byte == b'\n') {
        if reader.take(line, &mut events).is_err() || reader.is_over() {
            break;
        }
    }
    holds(&events, true);
}

/// `ordered`: whether calls have been put into their order, as those of a stream are.
fn holds(events: &[Event], ordered: bool) {
    let mut begun = 0;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Call { index, .. } if ordered => {
                assert!(*index <= begun, "no call is left out");
                begun = begun.max(index + 1);
            }
            Event::End(_) => assert_eq!(at + 1, events.len(), "nothing follows the end"),
            _ => {}
        }
    }
}
