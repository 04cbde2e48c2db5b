//! What a site looks for itself, and what it does not search: terms, patterns, allowed texts.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{AllowFile, PolicyError, PolicyFile, RuleFile, WhenFile, packs};
use crate::inspect::{Allowed, Detectors, KindId, Kinds, PATTERNS_MAX, Pattern, TermList};

/// What a policy's detectors are made of.
pub(super) struct Own {
    pub kinds: Kinds,
    pub detectors: Detectors,
    /// A text in which a kind of the site's own is found.
    pub examples: BTreeMap<KindId, String>,
    /// The names of texts that are not searched.
    pub allowed: Vec<String>,
    /// Digests of what each is, by name: to tell whether two policies mean the same by it.
    pub definitions: BTreeMap<String, [u8; 32]>,
}

impl Own {
    pub fn of(file: &PolicyFile) -> Result<Self, PolicyError> {
        let mut kinds = Kinds::builtin();
        let mut examples = BTreeMap::new();
        let terms = terms(file, &mut kinds, &mut examples)?;
        let patterns = patterns(file, &mut kinds, &mut examples)?;
        let allowed = file.allow.iter().map(allowed).collect::<Result<Vec<_>, _>>()?;
        let wanted = packs::kinds_used(file);
        let detectors = Detectors::new(&kinds, &wanted, &terms)
            .map_err(|message| PolicyError::Detectors { message })?
            .with_patterns(patterns)
            .with_allowed(allowed);
        let allowed = file.allow.iter().map(|allow| allow.name.clone()).collect();
        Ok(Self { kinds, detectors, examples, allowed, definitions: definitions(file) })
    }
}

/// The rules of lists and patterns that give a label themselves.
pub(super) fn rules(file: &PolicyFile) -> Vec<RuleFile> {
    let terms = file.terms.iter().map(|list| ("terms", &list.name, &list.label));
    let patterns = file.pattern.iter().map(|pattern| ("patterns", &pattern.name, &pattern.label));
    let rule = |(group, name, label): (&str, &String, &Option<String>)| {
        let when = WhenFile { any: vec![name.clone()], ..WhenFile::default() };
        Some(RuleFile { name: format!("{group}/{name}"), when, label: label.clone()? })
    };
    terms.chain(patterns).filter_map(rule).collect()
}

fn definitions(file: &PolicyFile) -> BTreeMap<String, [u8; 32]> {
    let terms = file.terms.iter().map(|list| (&list.name, format!("terms {:?}", list.words)));
    let patterns =
        file.pattern.iter().map(|own| (&own.name, format!("pattern {:?} {:?}", own.regex, own.checksum)));
    let allowed = file.allow.iter().map(|allow| (&allow.name, format!("allow {:?}", allow.sha256)));
    let all = terms.chain(patterns).chain(allowed);
    all.map(|(name, means)| (name.clone(), Sha256::digest(means).into())).collect()
}

type Examples = BTreeMap<KindId, String>;

fn terms(
    file: &PolicyFile,
    kinds: &mut Kinds,
    examples: &mut Examples,
) -> Result<Vec<TermList>, PolicyError> {
    let mut terms = Vec::new();
    for list in &file.terms {
        let kind = add(kinds, &list.name)?;
        if list.words.iter().any(|word| word.trim().is_empty()) {
            return Err(PolicyError::EmptyTerm { list: list.name.clone() });
        }
        examples.extend(list.words.first().map(|word| (kind, word.clone())));
        terms.push(TermList { kind, words: list.words.clone() });
    }
    Ok(terms)
}

fn patterns(
    file: &PolicyFile,
    kinds: &mut Kinds,
    examples: &mut Examples,
) -> Result<Vec<Pattern>, PolicyError> {
    if file.pattern.len() > PATTERNS_MAX {
        return Err(PolicyError::ManyPatterns { count: file.pattern.len() });
    }
    let mut patterns = Vec::new();
    for own in &file.pattern {
        let kind = add(kinds, &own.name)?;
        let pattern = Pattern::new(kind, &own.regex, own.checksum.as_deref());
        let pattern = pattern.map_err(|error| PolicyError::Pattern { pattern: own.name.clone(), error })?;
        examples.extend(pattern.example().map(|example| (kind, example)));
        patterns.push(pattern);
    }
    Ok(patterns)
}

fn add(kinds: &mut Kinds, name: &str) -> Result<KindId, PolicyError> {
    kinds.add(name).ok_or_else(|| PolicyError::Twice { what: "finding kind", name: name.to_owned() })
}

fn allowed(file: &AllowFile) -> Result<Allowed, PolicyError> {
    let unreadable = || PolicyError::NoDigest { name: file.name.clone() };
    let digits = file.sha256.as_bytes();
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |pair: &[u8; 2]| Some(value(pair.first()?)? << 4 | value(pair.last()?)?);
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    let digest = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let digest = digest.filter(|_| rest.is_empty()).ok_or_else(unreadable)?;
    Ok(Allowed { name: file.name.as_str().into(), digest })
}
