//! Reads an invariant: `never "X" [with "Y"]… beyond "ZONE"`, `never "X" [with "Y"]… to "TARGET"`, either with
//! `for tenant "T"` or `for workflow "W"` after it, or both.
//!
//! `unless declassified by "N"` leaves out what a declassification lowers. X and Y are a label (this one or a higher,
//! before anything is lowered), a kind of finding, or `opaque:KIND`; all at once must not
//! get there.

use super::ProveError;
use crate::inspect::OpaqueKind;
use crate::policy::{Atom, Policy};
use crate::suggest::did_you_mean;
use crate::target::{Selector, Target, Zone};

/// An invariant.
pub(super) struct Sentence {
    pub text: String,
    /// What must all be there.
    pub things: Vec<Atom>,
    pub bound: Bound,
    /// Declassifications of which it does not speak.
    pub unless: Vec<String>,
}

/// Where it must not go then.
pub(super) enum Bound {
    Beyond(Zone),
    To(Selector),
}

impl Bound {
    pub fn forbids(&self, target: &Target) -> bool {
        match self {
            Self::Beyond(zone) => target.zone() > *zone,
            Self::To(selector) => selector.takes(target),
        }
    }
}

/// Reads a sentence in the words of a policy.
pub(super) fn read(text: &str, policy: &Policy) -> Result<Sentence, ProveError> {
    let reader = Reader { text, policy };
    let mut words = split(text).ok_or_else(|| reader.unreadable("a quote that is not closed"))?.into_iter();
    reader.expect(words.next(), "never")?;
    let mut things = vec![reader.thing(words.next())?];
    loop {
        match words.next() {
            Some(Word::Plain("with" | "and")) => things.push(reader.thing(words.next())?),
            Some(Word::Plain("beyond")) => {
                let bound = Bound::Beyond(reader.zone(words.next())?);
                return reader.end(words, things, bound);
            }
            Some(Word::Plain("to")) => {
                let bound = Bound::To(reader.selector(words.next())?);
                return reader.end(words, things, bound);
            }
            other => return Err(reader.unexpected(other)),
        }
    }
}

#[derive(Clone, Copy)]
enum Word<'a> {
    Plain(&'a str),
    Quoted(&'a str),
}

/// Words and quoted names in turn; none where a quote stays open.
fn split(text: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut pieces = text.split('"');
    words.extend(pieces.next().unwrap_or_default().split_whitespace().map(Word::Plain));
    while let Some(quoted) = pieces.next() {
        words.push(Word::Quoted(quoted));
        words.extend(pieces.next()?.split_whitespace().map(Word::Plain));
    }
    Some(words)
}

struct Reader<'a> {
    text: &'a str,
    policy: &'a Policy,
}

impl Reader<'_> {
    fn expect(&self, word: Option<Word<'_>>, wanted: &str) -> Result<(), ProveError> {
        match word {
            Some(Word::Plain(word)) if word.eq_ignore_ascii_case(wanted) => Ok(()),
            other => Err(self.unexpected(other)),
        }
    }

    fn quoted<'w>(&self, word: Option<Word<'w>>) -> Result<&'w str, ProveError> {
        match word {
            Some(Word::Quoted(name)) => Ok(name),
            other => Err(self.unexpected(other)),
        }
    }

    /// What stands after the bound: for whom, and nothing else.
    fn end<'w>(
        &self,
        mut words: impl Iterator<Item = Word<'w>>,
        mut things: Vec<Atom>,
        bound: Bound,
    ) -> Result<Sentence, ProveError> {
        let mut unless = Vec::new();
        while let Some(word) = words.next() {
            if let Word::Plain("unless") = word {
                self.expect(words.next(), "declassified")?;
                self.expect(words.next(), "by")?;
                unless.push(self.declassification(self.quoted(words.next())?)?);
                continue;
            }
            let Word::Plain("for" | "and") = word else { return Err(self.unexpected(Some(word))) };
            things.push(match words.next() {
                Some(Word::Plain("tenant")) => Atom::Tenant(self.quoted(words.next())?.to_owned()),
                Some(Word::Plain("workflow")) => Atom::Workflow(self.quoted(words.next())?.to_owned()),
                other => return Err(self.unexpected(other)),
            });
        }
        Ok(Sentence { text: self.text.to_owned(), things, bound, unless })
    }

    fn declassification(&self, name: &str) -> Result<String, ProveError> {
        let names = self.policy.declassifications().iter().map(|known| known.name.as_str());
        let known = self.policy.declassification(name).map(|known| known.name.clone());
        known.ok_or_else(|| self.unknown("declassification", name, did_you_mean(name, names)))
    }

    fn thing(&self, word: Option<Word<'_>>) -> Result<Atom, ProveError> {
        let name = self.quoted(word)?;
        if let Some(kind) = name.strip_prefix("opaque:") {
            let known = OpaqueKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let names = OpaqueKind::ALL.map(OpaqueKind::as_str);
            return known
                .map(Atom::Opaque)
                .ok_or_else(|| self.unknown("opaque kind", kind, did_you_mean(kind, names)));
        }
        let (label_name, kind_name) = match name.split_once(':') {
            Some(("label", name)) => (Some(name), None),
            Some(("finding", name)) => (None, Some(name)),
            _ => (Some(name), Some(name)),
        };
        let label = label_name.and_then(|name| self.policy.labels().named(name).ok()).map(Atom::LabelMin);
        let kind = kind_name.and_then(|name| self.policy.kinds().named(name)).map(Atom::found);
        match (label, kind) {
            (Some(_), Some(_)) => {
                Err(ProveError::Ambiguous { text: self.text.to_owned(), name: name.to_owned() })
            }
            (Some(thing), None) | (None, Some(thing)) => Ok(thing),
            (None, None) => Err(self.unknown("label or finding kind", name, self.mend(name))),
        }
    }

    fn mend(&self, name: &str) -> String {
        let labels: Vec<_> = self.policy.labels().all().collect();
        let labels = labels.iter().map(|label| self.policy.labels().name(*label));
        if OpaqueKind::ALL.iter().any(|kind| kind.as_str() == name) {
            return format!("; did you mean `opaque:{name}`?");
        }
        did_you_mean(name, labels.chain(self.policy.kinds().names()))
    }

    fn zone(&self, word: Option<Word<'_>>) -> Result<Zone, ProveError> {
        let name = self.quoted(word)?;
        let names = Zone::ALL.map(Zone::as_str);
        let mend = || format!("{}; a zone is device, premises or cloud", did_you_mean(name, names));
        let known = Zone::ALL.into_iter().find(|zone| zone.as_str() == name);
        known.ok_or_else(|| self.unknown("zone", name, mend()))
    }

    fn selector(&self, word: Option<Word<'_>>) -> Result<Selector, ProveError> {
        let name = self.quoted(word)?;
        let unknown = |mend| self.unknown("target", name, mend);
        let selector: Selector = name
            .parse()
            .map_err(|_| unknown("; a target is `upstream/model`, `upstream/*` or `zone:NAME`".to_owned()))?;
        let catalogue = self.policy.catalogue();
        // A zone may be empty; a name that names nothing is a slip that would prove itself.
        if matches!(selector, Selector::Zone(_)) || catalogue.iter().any(|target| selector.takes(target)) {
            return Ok(selector);
        }
        Err(unknown(did_you_mean(name, catalogue.iter().map(|target| target.name()))))
    }

    fn unknown(&self, what: &'static str, name: &str, mend: String) -> ProveError {
        ProveError::Unknown { text: self.text.to_owned(), what, name: name.to_owned(), mend }
    }

    fn unexpected(&self, word: Option<Word<'_>>) -> ProveError {
        self.unreadable(&match word {
            None => "its end".to_owned(),
            Some(Word::Plain(word)) => format!("`{word}`"),
            Some(Word::Quoted(name)) => format!("`\"{name}\"`"),
        })
    }

    fn unreadable(&self, near: &str) -> ProveError {
        ProveError::Sentence { text: self.text.to_owned(), near: near.to_owned() }
    }
}
