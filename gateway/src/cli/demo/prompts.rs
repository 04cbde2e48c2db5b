//! What the demonstration asks.

/// A prompt, and how it is sent.
pub struct Prompt {
    /// What a user writes.
    pub text: &'static str,
    /// A stretch of it that no other prompt has.
    pub mark: &'static str,
    /// The model asked for.
    pub model: &'static str,
    /// A header that goes with it.
    pub header: Option<(&'static str, &'static str)>,
    /// Whether the answer is streamed.
    pub streamed: bool,
    /// Whether it must not reach the cloud.
    pub stays_home: bool,
}

/// The most characters of a prompt in the table.
const SHOWN_MAX: usize = 42;

impl Prompt {
    const fn new(text: &'static str, mark: &'static str) -> Self {
        Self { text, mark, model: "auto", header: None, streamed: false, stays_home: false }
    }

    const fn streamed(mut self) -> Self {
        self.streamed = true;
        self
    }

    const fn private(mut self) -> Self {
        self.stays_home = true;
        self
    }

    const fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    const fn to(mut self, model: &'static str) -> Self {
        self.model = model;
        self
    }

    /// Its beginning, on one line. The demo's prompts are its own, so they may be shown.
    pub fn shortened(&self) -> String {
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= SHOWN_MAX {
            return line;
        }
        line.chars().take(SHOWN_MAX - 1).chain(['…']).collect()
    }
}

const HARD: &str = "Prove that there are infinitely many primes of the form 4k + 3. Then generalise: for which \
    residues a modulo m does an elementary argument of this kind work, and why does it fail for the others? \
    Derive each step, compare two approaches, and analyse where the argument breaks down.";

/// The prompts, in order.
pub const PROMPTS: [Prompt; 13] = [
    Prompt::new("What is the capital of France?", "capital of France"),
    Prompt::new("Say hello in Dutch.", "hello in Dutch").streamed(),
    Prompt::new(HARD, "of the form 4k + 3. Then"),
    Prompt::new(
        "Design a lock-free multi-producer queue in Rust. Prove that it is linearizable, analyse its memory \
         ordering step by step, compare it with two alternatives, and derive the worst-case complexity of \
         each operation under contention.",
        "lock-free multi-producer",
    )
    .streamed(),
    Prompt::new("Invite j.doe@northwind-mail.com to dinner.", "j.doe@").private(),
    Prompt::new("Charge the card 4539 1488 0343 6467.", "4539 1488").private(),
    Prompt::new("Pay 120 euros to DE07 3704 0044 0812 0139 00.", "DE07 3704").private(),
    Prompt::new(
        "Why does this fail? AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8vT2mKpL AKIAQX7RZ3NVJ5TWL2HD",
        "AKIAQX7R",
    )
    .private(),
    Prompt::new(
        "Mr. Martin Keller, born 1961, was diagnosed with type 2 diabetes and takes metformin. Prove or refute, \
         step by step, that his dose is optimal, and derive and compare alternative treatment plans.",
        "Martin Keller",
    )
    .private(),
    Prompt::new(
        "Settle card 5412 7539 8120 6472 first; then prove that every planar graph is five-colourable, derive \
         each lemma, and analyse why the argument does not give four colours.",
        "5412 7539",
    )
    .private(),
    Prompt::new(
        "Prove that the halting problem is undecidable, derive Rice's theorem from it, and analyse which \
         assumptions of the proof can be weakened. (Labelled restricted by its caller.)",
        "Labelled restricted",
    )
    .with("x-hearthgate-label", "restricted")
    .private(),
    Prompt::new(
        "Prove the spectral theorem for compact operators, derive each lemma, and compare two proofs. (Its \
         caller wants it kept on this device.)",
        "kept on this device",
    )
    .with("x-hearthgate-zone", "device")
    .private(),
    Prompt::new("I want the cloud for my card 3784 190273 56100!", "3784 190273")
        .to("stand-in/frontier")
        .private(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_in_its_prompt_and_in_no_other() {
        for prompt in &PROMPTS {
            let with = PROMPTS.iter().filter(|other| other.text.contains(prompt.mark));
            assert_eq!(with.count(), 1, "{}", prompt.mark);
            assert!(prompt.text.contains(prompt.mark), "{}", prompt.mark);
        }
    }

    #[test]
    fn shortened_prompts_fit_the_table() {
        assert!(PROMPTS.iter().all(|prompt| prompt.shortened().chars().count() <= SHOWN_MAX));
    }
}
