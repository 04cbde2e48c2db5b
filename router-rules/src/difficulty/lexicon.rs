//! Words that tell how hard a demand is. A word is known by its first eight letters.

use std::sync::LazyLock;

/// What a word speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    /// A proof or a derivation.
    Proof,
    /// Work that takes thought: to design, to weigh, to find the fault.
    Deep,
    /// Work of some length: to explain, to plan, to write.
    Middling,
    /// Work that takes little: to convert, to translate, to greet.
    Light,
    /// A bound on the answer.
    Constraint,
    /// A case among others.
    Condition,
    /// Mathematics.
    Maths,
    /// Programs and the machines that they run on.
    Code,
    /// Law, medicine, science: where half-knowledge shows.
    Field,
}

const WORDS: [(Sign, &[&str]); 9] = [
    (
        Sign::Proof,
        &[
            "prove",
            "proof",
            "disprove",
            "derive",
            "theorem",
            "lemma",
            "formalize",
            "rigorous",
            "counterexample",
        ],
    ),
    (
        Sign::Middling,
        &[
            "explain",
            "describe",
            "plan",
            "compare",
            "contrast",
            "write",
            "create",
            "outline",
            "discuss",
            "draft",
            "recommend",
            "why",
            "pros",
            "cons",
            "advantages",
            "essay",
            "steps",
        ],
    ),
    (
        Sign::Deep,
        &[
            "design",
            "architect",
            "analyze",
            "analyse",
            "analysis",
            "debug",
            "optimize",
            "optimise",
            "implement",
            "refactor",
            "diagnose",
            "evaluate",
            "critique",
            "verify",
            "justify",
            "reconcile",
            "synthesize",
            "tradeoffs",
            "trade",
            "strategy",
            "complexity",
            "concurrent",
            "distributed",
            "deadlock",
            "race",
            "consistency",
            "migrate",
            "investigate",
            "algorithm",
        ],
    ),
    (
        Sign::Light,
        &[
            "hello",
            "hi",
            "hey",
            "thanks",
            "thank",
            "translate",
            "convert",
            "capital",
            "spell",
            "spelling",
            "rewrite",
            "rephrase",
            "shorten",
            "summarize",
            "summarise",
            "synonym",
            "define",
            "weather",
            "joke",
            "greeting",
            "grammar",
            "celsius",
            "fahrenheit",
            "miles",
            "kilometers",
            "good",
            "morning",
            "proofread",
            "title",
            "polite",
        ],
    ),
    (
        Sign::Constraint,
        &[
            "must",
            "should",
            "without",
            "exactly",
            "least",
            "most",
            "ensure",
            "constraint",
            "constraints",
            "only",
            "assume",
            "assuming",
            "given",
            "subject",
            "satisfy",
            "satisfies",
            "require",
            "requires",
            "required",
            "requirements",
            "cannot",
            "never",
            "always",
            "within",
            "limit",
            "guarantee",
            "guarantees",
            "maximize",
            "minimize",
            "avoid",
            "support",
            "handle",
        ],
    ),
    (
        Sign::Condition,
        &[
            "if",
            "unless",
            "otherwise",
            "else",
            "whenever",
            "suppose",
            "except",
            "provided",
            "whether",
            "statement",
            "case",
            "cases",
            "nor",
            "not",
        ],
    ),
    (
        Sign::Maths,
        &[
            "integral",
            "derivative",
            "matrix",
            "prime",
            "polynomial",
            "group",
            "ring",
            "field",
            "vector",
            "probability",
            "equation",
            "eigenvalue",
            "function",
            "continuous",
            "converges",
            "compute",
            "calculate",
            "isomorphic",
            "abelian",
            "subgroup",
            "homomorphism",
            "graph",
            "modulo",
            "variance",
            "expectation",
            "sum",
            "product",
            "integer",
            "integers",
            "finite",
            "infinite",
            "degree",
            "linear",
            "remainder",
            "permutation",
            "per",
            "percent",
            "ratio",
            "total",
            "velocity",
            "entropy",
            "quantum",
            "electron",
            "momentum",
        ],
    ),
    (
        Sign::Code,
        &[
            "code",
            "function",
            "class",
            "def",
            "async",
            "await",
            "thread",
            "mutex",
            "compile",
            "compiler",
            "python",
            "rust",
            "java",
            "javascript",
            "typescript",
            "sql",
            "kernel",
            "database",
            "api",
            "kubernetes",
            "regex",
            "pointer",
            "segfault",
            "stacktrace",
            "traceback",
            "exception",
            "return",
            "import",
            "struct",
            "schema",
            "query",
            "cache",
            "transaction",
            "server",
            "latency",
            "throughput",
            "scheduler",
        ],
    ),
    (
        Sign::Field,
        &[
            "plaintiff",
            "defendant",
            "statute",
            "liability",
            "contract",
            "jurisdiction",
            "constitutional",
            "patient",
            "diagnosis",
            "enzyme",
            "protein",
            "reaction",
            "molecule",
            "gene",
            "genes",
            "chromosome",
            "hypothesis",
            "equilibrium",
            "fiscal",
            "monetary",
            "elasticity",
            "ethical",
            "moral",
            "negligence",
            "clinical",
            "therapy",
        ],
    ),
];

/// The words by their keys, and a filter that most other words fail.
struct Table {
    words: Vec<(u64, Sign)>,
    filter: [u64; 128],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let keyed = WORDS.iter().flat_map(|(sign, words)| words.iter().map(|word| (key(word.as_bytes()), *sign)));
    let mut words: Vec<_> = keyed.collect();
    words.sort_by_key(|(key, _)| *key);
    words.dedup_by_key(|(key, _)| *key);
    let mut filter = [0; 128];
    for (key, _) in &words {
        let (place, bit) = place(*key);
        if let Some(bits) = filter.get_mut(place) {
            *bits |= bit;
        }
    }
    Table { words, filter }
});

/// What a word speaks of, whatever its case.
pub(super) fn sign(word: &[u8]) -> Option<Sign> {
    let table = &*TABLE;
    let wanted = key(word);
    let (place, bit) = place(wanted);
    table.filter.get(place).filter(|bits| **bits & bit != 0)?;
    let at = table.words.binary_search_by_key(&wanted, |(key, _)| *key).ok()?;
    table.words.get(at).map(|(_, sign)| *sign)
}

fn key(word: &[u8]) -> u64 {
    word.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte | 0x20))
}

fn place(key: u64) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 51;
    (usize::try_from(hash >> 6).unwrap_or(0), 1 << (hash & 63))
}
