//! Makes up a text that a regular expression matches, for counterexamples.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Texts that are tried: enough that check digits of two places come right.
const TRIES: u32 = 2000;

/// The longest text that is made.
const BYTES_MAX: usize = 1024;

/// The first text made for the expression that fits; drawn at random, and the same each time.
pub(super) fn of(hir: &Hir, fits: impl Fn(&str) -> bool) -> Option<String> {
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    (0..TRIES).find_map(|_| {
        let mut text = String::new();
        draw.write(hir, &mut text);
        (!text.is_empty() && fits(&text)).then_some(text)
    })
}

/// Knuth's MMIX generator.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 40).unwrap_or(0) % most.max(1)
    }

    fn write(&mut self, hir: &Hir, text: &mut String) {
        if text.len() > BYTES_MAX {
            return;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => text.extend(self.one_of(class)),
            HirKind::Repetition(repeat) => {
                // Once where it may be left out: what is optional often makes a match more than a bare number.
                let least = if repeat.max == Some(0) { 0 } else { repeat.min.max(1) };
                (0..least.min(1024)).for_each(|_| self.write(&repeat.sub, text));
            }
            HirKind::Capture(group) => self.write(&group.sub, text),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part, text)),
            HirKind::Alternation(ways) => {
                let at = self.below(ways.len());
                if let Some(way) = ways.get(at) {
                    self.write(way, text);
                }
            }
        }
    }

    /// A digit or letter of a class where it has one, else its first character.
    fn one_of(&mut self, class: &Class) -> Option<char> {
        let has = |char: char| match class {
            Class::Unicode(class) => class.iter().any(|range| range.start() <= char && char <= range.end()),
            Class::Bytes(class) => u8::try_from(char)
                .is_ok_and(|byte| class.iter().any(|r| r.start() <= byte && byte <= r.end())),
        };
        let plain: Vec<char> =
            ('0'..='9').chain('A'..='Z').chain('a'..='z').filter(|char| has(*char)).collect();
        let first = match class {
            Class::Unicode(class) => class.iter().next().map(|range| range.start()),
            Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
        };
        let at = self.below(plain.len());
        plain.get(at).copied().or(first)
    }
}
