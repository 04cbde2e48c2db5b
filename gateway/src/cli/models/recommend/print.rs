//! What `hearthgate models recommend` prints for people.

use std::io::{self, Write};

use super::{Advice, CONTEXT_TOKENS, LARGE, Lack, Machine, Pace, Pair, SMALL};
use crate::hub::progress::size;

pub(super) fn print(advice: &Advice<'_>, out: &mut impl Write) -> io::Result<()> {
    machine(&advice.machine, out)?;
    writeln!(
        out,
        "\nestimates for one conversation of {CONTEXT_TOKENS} tokens, a prompt of 1000, answers of 100 (quick) and 1000 (deliberate):"
    )?;
    writeln!(
        out,
        "{:<28} {:>10} {:>9} {:>12} {:>8} {:>11}",
        "", "memory", "tokens/s", "first token", "quick", "deliberate"
    )?;
    for model in &advice.models {
        let deliberate = model.deliberate_s.map_or_else(|| "-".to_owned(), |s| format!("{s:.0} s"));
        let note = match (model.fits, model.on_cards_percent) {
            (false, _) => "  does not fit".to_owned(),
            (true, 0) => String::new(),
            (true, 100) => "  on the card".to_owned(),
            (true, percent) => format!("  {percent}% on the card"),
        };
        writeln!(
            out,
            "{:<28} {:>10} {:>9.1} {:>10.1} s {:>6.0} s {:>11}{note}",
            model.name,
            size(model.memory_bytes),
            model.tokens_per_s,
            model.first_token_s,
            model.quick_s,
            deliberate
        )?;
    }
    let lacking = [
        (Lack::Size, "the size of its file is not known here"),
        (Lack::Weights, "how many weights a token goes through is not known here"),
    ];
    for (lack, why) in lacking {
        for model in advice.not_estimated.iter().filter(|model| model.lacks == lack) {
            writeln!(out, "{:<28} not estimated: {why}", model.name)?;
        }
    }
    writeln!(out, "\n{}", advised(advice.small, advice.large))
}

fn machine(machine: &Machine, out: &mut impl Write) -> io::Result<()> {
    let memory = machine.memory_free_bytes.map_or_else(|| "unknown".to_owned(), size);
    let cores = machine.cores;
    writeln!(out, "this machine: {cores} cores, {memory} of memory free; {}", takes(&machine.processor))?;
    for card in &machine.cards {
        let (memory, free) = (size(card.memory_bytes), size(card.free_bytes));
        let shared = if card.integrated { " of the machine's" } else { "" };
        writeln!(out, "graphics card {}: {}, {memory}{shared}, {free} free", card.name, card.title)?;
    }
    if let Some(speed) = &machine.cards_speed {
        writeln!(out, "  {}", takes(speed))?;
    }
    if let Some(why) = &machine.cards_left {
        writeln!(out, "  {why}; what follows is for the processor")?;
    }
    machine.cards_not_used.iter().try_for_each(|card| {
        let memory = card.memory_bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
        let (name, feature) = (&card.name, card.feature);
        writeln!(out, "graphics card: {name}{memory}; {}", mend(feature))
    })
}

/// What has to be done for a card to be computed on.
fn mend(feature: &str) -> String {
    let built = [
        ("cuda", cfg!(feature = "cuda")),
        ("rocm", cfg!(feature = "rocm")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("metal", cfg!(feature = "metal")),
    ];
    let has: Vec<_> = built.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if has.is_empty() {
        format!("not used: `HEARTHGATE_FEATURES={feature} deploy/run` builds a gateway that computes on it")
    } else {
        format!("not used: no driver shows it to this build (features {})", has.join(", "))
    }
}

fn takes(speed: &Pair) -> String {
    format!(
        "of weights it takes {:.1} GB a second while writing, and {:.1} a nanosecond while reading",
        speed.decode_gb_per_s, speed.prefill_weights_per_ns
    )
}

/// What is recommended, and what to do without where nothing is.
pub(super) fn advised(small: Option<&str>, large: Option<&str>) -> String {
    let pull = |name: &str| format!("hearthgate models pull {name}");
    let (quick, deliberate) = ("for quick answers:     ", "for deliberate answers:");
    let Pace { tokens_per_s, first_token_s } = SMALL;
    let none_quick =
        format!("none here writes {tokens_per_s:.0} tokens/s and begins within {first_token_s:.0} s");
    let Pace { tokens_per_s, first_token_s } = LARGE;
    let none_deliberate =
        format!("none here thinks, writes {tokens_per_s:.0} tokens/s and begins within {first_token_s:.0} s");
    match (small, large) {
        (Some(small), Some(large)) if small == large => {
            format!("for quick answers and deliberate ones: {}", pull(small))
        }
        (Some(small), Some(large)) => format!("{quick} {}\n{deliberate} {}", pull(small), pull(large)),
        (Some(small), None) => format!(
            "{quick} {}\n{deliberate} {none_deliberate}; it answers these too, or an [[upstream]] does",
            pull(small)
        ),
        (None, Some(large)) => format!(
            "{quick} {none_quick}; the starter answers simple things at once\n{deliberate} {}",
            pull(large)
        ),
        (None, None) => "none of them keeps pace here; the starter answers simple things: see \
                         `hearthgate models show starter`"
            .to_owned(),
    }
}
