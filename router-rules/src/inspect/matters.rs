//! Private matters: what the learned tagger reads in a text, as findings.
//!
//! Two things are found: that a stretch tells of somebody's private matter, and of which sort; and who and where
//! in it is named. A name by itself is none.

use super::hits::{
    ADDRESS, Hits, NAMED, PERSON, PRIVATE_BUSINESS, PRIVATE_CONTACT, PRIVATE_CUSTOMER, PRIVATE_FINANCE,
    PRIVATE_HEALTH, PRIVATE_HR, PRIVATE_LEGAL, PRIVATE_MINOR, PRIVATE_PERSONAL, Wanted,
};
use super::tagger::{Entity, EntityKind, Segment, TOPICS, Tagger};
use super::{KindId, examples};

/// The kind of each of [`TOPICS`].
const KINDS: [KindId; TOPICS.len()] = [
    PRIVATE_HEALTH,
    PRIVATE_HR,
    PRIVATE_LEGAL,
    PRIVATE_FINANCE,
    PRIVATE_MINOR,
    PRIVATE_CUSTOMER,
    PRIVATE_CONTACT,
    PRIVATE_PERSONAL,
    PRIVATE_BUSINESS,
];

/// From here on a window counts as private by itself. Chosen with [`WITH_NAME_MIN`] on the open half of the leak
/// corpus; `docs/measurements.md` says what other choices would cost.
const ALONE_MIN: f32 = 0.4;

/// From here on it does where somebody or somewhere is named in it.
const WITH_NAME_MIN: f32 = 0.1;

/// From here on a name or an address is one.
const NAME_MIN: f32 = 0.7;

/// From here on something may be a name.
const NOTED_MIN: f32 = 0.5;

/// From here on a private window is about a topic; the likeliest counts in any case.
const TOPIC_MIN: f32 = 0.5;

/// The shortest text that can tell of anything, in bytes.
const TEXT_MIN: usize = 12;

/// Whether a policy asks for anything that only the tagger finds.
pub(super) fn are_wanted(wanted: Wanted) -> bool {
    KINDS.into_iter().any(|kind| wanted.has(kind))
}

/// Reads a text. Says whether much of it is in a language that nobody has validated.
pub(super) fn read(text: &str, wanted: Wanted, hits: &mut Hits) -> bool {
    if text.len() < TEXT_MIN {
        return false;
    }
    let reading = Tagger::bundled().read(text);
    let names: Vec<&Entity> = reading.entities.iter().filter(|entity| is_name(entity, text)).collect();
    let is_private = |segment: &Segment| {
        let next = names.partition_point(|name| name.end <= segment.start);
        let named = names.get(next).is_some_and(|name| name.start < segment.end);
        segment.private >= if named { WITH_NAME_MIN } else { ALONE_MIN }
    };
    let private: Vec<&Segment> = reading.segments.iter().filter(|segment| is_private(segment)).collect();
    let mut runs: [Option<Run>; KINDS.len()] = [None; KINDS.len()];
    for segment in &private {
        let likeliest = segment.topics.iter().copied().fold(f32::MIN, f32::max);
        for ((run, kind), share) in runs.iter_mut().zip(KINDS).zip(segment.topics) {
            if wanted.has(kind) && (share >= TOPIC_MIN || share >= likeliest) {
                Run::extend(run, kind, segment, hits);
            }
        }
    }
    for (run, kind) in runs.into_iter().zip(KINDS) {
        if let Some(run) = run {
            run.close(kind, hits);
        }
    }
    // A name by itself is let through: only where the matter is private does it tell of somebody.
    for name in names {
        let next = private.partition_point(|segment| segment.end <= name.start);
        if private.get(next).is_none_or(|segment| segment.start >= name.end) {
            continue;
        }
        let kind = if name.kind == EntityKind::Person { PERSON } else { ADDRESS };
        if wanted.has(kind) {
            hits.push(kind, name.start, name.end, name.confidence);
        }
    }
    if wanted.has(PERSON) {
        note(text, &reading.entities, hits);
    }
    reading.is_foreign()
}

/// Notes what may be a name, for when something else makes the request private: then a likely one is worth
/// remembering, whosever it is.
fn note(text: &str, entities: &[Entity], hits: &mut Hits) {
    let mut likely = entities.iter().filter(|entity| entity.confidence >= NOTED_MIN).peekable();
    while let Some(first) = likely.next() {
        let mut end = first.end;
        // A name may be read word by word.
        while let Some(next) = likely.next_if(|next| next.start <= end + 1) {
            end = end.max(next.end);
        }
        let end = end + capitals(text.get(end..).unwrap_or_default());
        hits.push(NAMED, first.start, end, first.confidence);
    }
}

/// How far words with a capital go on after a name.
fn capitals(after: &str) -> usize {
    const WORDS_MAX: usize = 2;
    let mut end = 0;
    for _ in 0..WORDS_MAX {
        let Some(word) = after.get(end..).and_then(|rest| rest.strip_prefix(' ')) else { break };
        let letters = word.find(|char: char| !char.is_alphabetic()).unwrap_or(word.len());
        if !word.starts_with(char::is_uppercase) || letters < 2 {
            break;
        }
        end += 1 + letters;
    }
    end
}

/// Whether somebody or somewhere is named, and not a placeholder that stands for anybody.
fn is_name(entity: &Entity, text: &str) -> bool {
    let written = text.get(entity.start..entity.end).unwrap_or_default();
    let name = match entity.kind {
        EntityKind::Person => !examples::is_anybody(written.as_bytes()),
        EntityKind::Address => true,
        EntityKind::Organisation => false,
    };
    name && entity.confidence >= NAME_MIN
}

/// Windows in a row that are about one thing.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    confidence: f32,
}

impl Run {
    fn extend(run: &mut Option<Self>, kind: KindId, segment: &Segment, hits: &mut Hits) {
        match run {
            Some(run) if segment.start <= run.end => {
                run.end = run.end.max(segment.end);
                run.confidence = run.confidence.max(segment.private);
            }
            _ => {
                if let Some(done) = run.take() {
                    done.close(kind, hits);
                }
                *run = Some(Self { start: segment.start, end: segment.end, confidence: segment.private });
            }
        }
    }

    fn close(self, kind: KindId, hits: &mut Hits) {
        hits.push(kind, self.start, self.end, self.confidence);
    }
}
