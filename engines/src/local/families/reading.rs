//! Answers of every family: read whole, in any pieces, and token by token.

use super::family::{self, Family, Said};
use super::{Faults, Gathered, Home, PLAIN, home, job};

fn each(check: impl Fn(&mut Faults, &Family, &Home, &Said)) {
    let mut faults = Faults::default();
    for family in family::all() {
        let home = home(&family);
        for said in &family.answer {
            check(&mut faults, &family, &home, said);
        }
    }
}

/// What is gathered from an answer that comes in pieces that end at these bytes.
fn in_pieces(home: &Home, said: &Said, ends: impl IntoIterator<Item = usize>) -> Gathered {
    let mut reader = home.reader(&job(PLAIN, said.thinking, said.tools));
    let mut gathered = Gathered::default();
    let bytes = said.text.as_bytes();
    let mut from = 0;
    for to in ends.into_iter().chain([bytes.len()]) {
        gathered.add(reader.take(&bytes[from..to]));
        from = to;
    }
    gathered.add(reader.finish());
    gathered
}

fn expected(said: &Said) -> Gathered {
    Gathered { content: said.content.clone(), reasoning: said.reasoning.clone(), calls: said.calls.clone() }
}

#[test]
fn every_family_is_read_as_it_is_meant() {
    each(|faults, family, home, said| {
        faults.check(family, &said.name, &in_pieces(home, said, []), &expected(said));
    });
}

#[test]
fn a_stream_says_the_same_whatever_its_pieces() {
    each(|faults, family, home, said| {
        let whole = expected(said);
        let len = said.text.len();
        let mut check = |ends: Vec<usize>| {
            let read = in_pieces(home, said, ends.iter().copied());
            faults.check(family, &format!("{} in pieces to {ends:?}", said.name), &read, &whole);
        };
        check((1..len).collect());
        for at in 1..len {
            check(vec![at]);
        }
        let mut state = 1_u64;
        for _ in 0..20 {
            let ends = (1..len).filter(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state >> 61 == 0
            });
            check(ends.collect());
        }
    });
}

#[test]
fn control_words_in_an_answer_are_read_as_their_tokens() {
    each(|faults, family, home, said| {
        let mut reader = home.reader(&job(PLAIN, said.thinking, said.tools));
        let mut gathered = Gathered::default();
        for token in home.tokens(family, &said.text) {
            gathered.add(reader.push(token, None));
        }
        gathered.add(reader.finish());
        faults.check(family, &said.name, &gathered, &expected(said));
    });
}

#[test]
fn every_family_ends_its_turn() {
    let mut faults = Faults::default();
    for family in family::all() {
        let home = home(&family);
        for mark in &family.marks {
            let ends = home.engine.model.ends_turn(home.token_of(&family, mark));
            faults.check(&family, mark, &ends, &family.ends.contains(mark));
        }
    }
}
