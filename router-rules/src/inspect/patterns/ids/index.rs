//! The written forms of all formats that are wanted, by what their first digits look like.

use super::cues::Cues;
use super::form::{Written, expand, read};
use super::{GROUP_MAX, LETTERS_MAX, SPOKEN, TABLES};
use crate::inspect::KindId;
use crate::inspect::cursor::{at, before, run};
use crate::inspect::hits::Wanted;

/// The formats that are wanted, compiled.
#[derive(Clone)]
pub(in crate::inspect) struct Index {
    pub(super) cues: Cues,
    /// By the letters before the first digit of the group that it stands in, the group's length, and the next's.
    buckets: Vec<Vec<Way>>,
}

/// One way to write a number of one format.
#[derive(Clone)]
pub(super) struct Way {
    form: Box<[u8]>,
    /// How many bytes stand before the group with the first digit.
    head: usize,
    /// What stands around that group.
    around: Around,
    pub(super) format: usize,
    pub(super) kind: KindId,
    pub(super) confidence: f32,
    pub(super) loose: bool,
    holds: fn(&[u8]) -> bool,
    examples: &'static [&'static str],
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("buckets", &self.buckets.len()).finish_non_exhaustive()
    }
}

impl Index {
    /// The formats of these kinds; none where no kind is wanted.
    pub(in crate::inspect) fn new(wanted: Wanted) -> Option<Self> {
        let formats =
            || TABLES.into_iter().flatten().enumerate().filter(|(_, format)| wanted.has(format.kind));
        formats().next()?;
        let cues =
            Cues::new(formats().flat_map(|(at, format)| format.cues.iter().map(move |cue| (*cue, at))));
        let mut buckets = vec![Vec::new(); bucket(LETTERS_MAX, GROUP_MAX, Some(GROUP_MAX)) + 1];
        for (at, format) in formats() {
            for (form, confidence) in format.forms {
                for form in expand(form) {
                    let way = Way {
                        head: head(&form),
                        around: Around::of_group(form.as_bytes(), head(&form)),
                        form: form.as_bytes().into(),
                        format: at,
                        kind: format.kind,
                        confidence: if format.loose { SPOKEN } else { *confidence },
                        loose: format.loose,
                        holds: format.holds,
                        examples: format.examples,
                    };
                    for bucket in way.buckets() {
                        if let Some(bucket) = buckets.get_mut(bucket) {
                            bucket.push(way.clone());
                        }
                    }
                }
            }
        }
        Some(Self { cues, buckets })
    }

    /// The ways to write a number whose first group of digits has so many letters first, and is so long.
    pub(super) fn ways(&self, letters: usize, length: usize, around: Around) -> impl Iterator<Item = &Way> {
        let known = letters <= LETTERS_MAX && length <= GROUP_MAX;
        let of = move |next| {
            let bucket = known.then(|| bucket(letters, length, next));
            bucket.and_then(|bucket| self.buckets.get(bucket)).map_or(&[][..], Vec::as_slice)
        };
        of(None).iter().chain(of(Some(around.next))).filter(move |way| way.around.allows(around))
    }
}

/// What stands around the first group with digits: it tells most forms apart before they are read.
#[derive(Clone, Copy)]
pub(super) struct Around {
    before: u8,
    after: u8,
    /// The length of the next group.
    next: usize,
}

impl Around {
    /// Around the group of letters and digits that begins here, in a text or in a form.
    pub(super) fn of_group(text: &[u8], group: usize) -> Self {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric();
        let end = run(text, group, GROUP_MAX, is_part);
        Self {
            before: before(text, group),
            after: at(text, end),
            next: run(text, end + 1, GROUP_MAX, is_part) - (end + 1),
        }
    }

    fn allows(self, text: Self) -> bool {
        let fits = |wanted: u8, byte: u8| match wanted {
            0 => true,
            b' ' => matches!(byte, b' ' | b'-' | b'.'),
            _ => byte == wanted,
        };
        fits(self.before, text.before) && fits(self.after, text.after)
    }
}

impl Way {
    pub(super) fn read(&self, text: &[u8], group: usize) -> Option<Written> {
        read(&self.form, self.head, text, group)
    }

    pub(super) fn holds(&self, number: &[u8]) -> bool {
        (self.holds)(number) && !self.examples.iter().any(|example| example.as_bytes() == number)
    }

    fn buckets(&self) -> impl Iterator<Item = usize> {
        let group = self.form.get(self.head..).unwrap_or_default();
        let length = group.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let group = group.get(..length).unwrap_or_default();
        let least = group.iter().take_while(|byte| **byte == b'A').count();
        let most = group.iter().take_while(|byte| **byte != b'9').count();
        let next = (self.around.after != 0).then_some(self.around.next);
        (least..=most.min(LETTERS_MAX)).map(move |letters| bucket(letters, length, next))
    }
}

/// The place of the forms whose first groups are like this; of those that have but one group, where there is no
/// next.
fn bucket(letters: usize, length: usize, next: Option<usize>) -> usize {
    (letters * (GROUP_MAX + 1) + length) * (GROUP_MAX + 2) + next.map_or(0, |next| next + 1)
}

/// Where the group begins in which a form's first digit may stand.
fn head(form: &str) -> usize {
    let digit = form.bytes().position(|byte| matches!(byte, b'9' | b'X')).unwrap_or(0);
    let before = form.as_bytes().get(..digit).unwrap_or_default();
    before.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |mark| mark + 1)
}
