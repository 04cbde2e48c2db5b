use std::sync::Arc;

use super::*;
use crate::policy::PolicyFile;

#[test]
fn what_is_more_or_surer_or_nearer_implies_the_less() {
    let file = PolicyFile::parse("[[route]]\nname = \"home\"\nto = [\"device/*\"]\n").unwrap();
    let policy = Policy::compile(&file, Arc::from([]), Zone::Cloud).unwrap();
    let kind = |name: &str| policy.kinds().named(name).unwrap();
    let found =
        |name: &str, count, sure| Atom::Finding { kind: kind(name), count, confidence: Confidence::of(sure) };
    let near = |kinds: &[(&str, f32)], within| {
        let kinds = kinds.iter().map(|(name, sure)| (kind(name), Confidence::of(*sure)));
        Atom::Near(Near { kinds: kinds.collect(), within })
    };
    let atoms = [
        found("email", 1, 0.0),
        found("email", 3, 0.0),
        found("email", 1, 0.5),
        found("email", 1, 0.9),
        found("email", 3, 0.9),
        found("card", 1, 0.0),
        near(&[("email", 0.0), ("card", 0.0)], 100),
        near(&[("email", 0.0), ("card", 0.0)], 200),
        near(&[("email", 0.9), ("card", 0.0)], 100),
        near(&[("email", 0.0), ("card", 0.0), ("health", 0.0)], 100),
    ];
    // Which of them follow from each, besides itself.
    let follow: [&[usize]; 10] = [
        &[],
        &[0],
        &[0],
        &[0, 2],
        &[0, 1, 2, 3],
        &[],
        &[0, 5, 7],
        &[0, 5],
        &[0, 2, 3, 5, 6, 7],
        &[0, 5, 6, 7],
    ];
    let space = Space::new(&policy, &atoms.iter().cloned().collect()).unwrap();
    let formulas: Vec<Bdd> = atoms.iter().map(|atom| space.atom(atom).unwrap().unwrap()).collect();
    for (one, follow) in follow.iter().enumerate() {
        for other in 0..atoms.len() {
            let implies = space.and_not(&formulas[one], &formulas[other]).unwrap().is_false();
            assert_eq!(
                implies,
                one == other || follow.contains(&other),
                "{:?}, {:?}",
                atoms[one],
                atoms[other]
            );
        }
        // And the plainest case in which it holds is one.
        let case = space.witness(&formulas[one]).unwrap();
        assert!(case.holds(&atoms[one], None), "{:?}: {case:?}", atoms[one]);
    }
}
