//! `hearthgate models recommend`

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use hearthgate_engines::machine::free_memory;
use hearthgate_engines::speed::{self, Speed};
use serde::Serialize;

use super::super::{CliError, Ended};
use crate::hub::catalogue::{self, Capability, Entry, GoodFor};
use crate::hub::progress::size;

/// Share of the free memory that a model may take, in percent.
const MEMORY_PERCENT: u64 = 80;
/// The conversation for which memory and times are told.
const CONTEXT_TOKENS: u64 = 8192;
const PROMPT_TOKENS: f64 = 1000.0;
/// Keys and values of a token, where the catalogue does not say: as many as a model of 14 billion weights has.
const KV_BYTES_PER_TOKEN: u64 = 163_840;
/// What computing takes beside that.
const COMPUTE_BYTES: u64 = 400 << 20;
/// Answers of these lengths: one at once, and one with a thought before it.
const QUICK_TOKENS: f64 = 100.0;
const DELIBERATE_TOKENS: f64 = 1000.0;
/// What a model has to reach to be recommended: to write as people read, and to begin while they wait.
const SMALL: Pace = Pace { tokens_per_s: 12.0, first_token_s: 8.0 };
/// The same for one that may take its time, and has to be able to think.
const LARGE: Pace = Pace { tokens_per_s: 4.0, first_token_s: 40.0 };

struct Pace {
    tokens_per_s: f64,
    first_token_s: f64,
}

#[derive(Serialize)]
struct Advice<'a> {
    machine: Machine,
    small: Option<&'a str>,
    large: Option<&'a str>,
    models: Vec<Estimate<'a>>,
    not_estimated: Vec<Unknown<'a>>,
}

/// A model that chats and of which too little is known here to foretell anything.
#[derive(Serialize)]
struct Unknown<'a> {
    name: &'a str,
    lacks: Lack,
}

/// What is not known of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Lack {
    /// How large its file is.
    Size,
    /// How many weights a token goes through.
    Weights,
}

#[derive(Serialize)]
struct Machine {
    cores: usize,
    memory_free_bytes: Option<u64>,
    decode_gb_per_s: f64,
    prefill_weights_per_ns: f64,
    gpu: Option<&'static str>,
}

/// What a model would do on this machine.
#[derive(Serialize)]
struct Estimate<'a> {
    name: &'a str,
    good_for: &'a [GoodFor],
    fits: bool,
    memory_bytes: u64,
    tokens_per_s: f64,
    first_token_s: f64,
    quick_s: f64,
    deliberate_s: Option<f64>,
}

/// Measures this machine and says which models suit it.
pub(super) fn run(json: bool) -> Ended {
    let cores = available_parallelism().map_or(1, usize::from);
    if !json {
        eprintln!("measuring with {cores} threads, some ten seconds …");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = std::env::temp_dir().join(format!("hearthgate-{}", std::process::id()));
    // One that is there already is another's.
    fs::create_dir(&folder)?;
    let measured = runtime.block_on(speed::measure(&folder, cores));
    fs::remove_dir_all(&folder)?;
    let speed =
        measured.map_err(|error| CliError::Failed(format!("cannot measure this machine: {error}")))?;
    let advice = advise(&speed, free_memory(), gpu(), catalogue::all());
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&advice).unwrap_or_default())?;
    } else {
        print(&advice, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A graphics card that is seen, and whether this build computes on it.
fn gpu() -> Option<&'static str> {
    let there = Path::new("/dev/nvidia0").exists() || Path::new("/dev/kfd").exists();
    let built = cfg!(any(feature = "cuda", feature = "vulkan", feature = "rocm", feature = "metal"));
    match (there, built) {
        (false, _) => None,
        (true, false) => {
            Some("there is one, and this build has no support for it (features cuda, vulkan, rocm)")
        }
        (true, true) => Some("there is one; it is not measured, and what is told is for the processor"),
    }
}

fn advise<'a>(speed: &Speed, memory: Option<u64>, gpu: Option<&'static str>, all: &'a [Entry]) -> Advice<'a> {
    let room = memory.map_or(u64::MAX, |bytes| bytes / 100 * MEMORY_PERCENT);
    let (mut models, mut not_estimated) = (Vec::new(), Vec::new());
    for entry in all.iter().filter(|entry| entry.capabilities.contains(&Capability::Chat)) {
        match estimate(speed, room, entry) {
            Ok(estimate) => models.push(estimate),
            Err(lacks) => not_estimated.push(Unknown { name: &entry.name, lacks }),
        }
    }
    models.sort_by_key(|model| model.memory_bytes);
    let everyday = |model: &&Estimate<'_>| {
        !model.good_for.contains(&GoodFor::Coder) && !model.good_for.contains(&GoodFor::Vision)
    };
    // The largest that keeps the pace; of two alike the one that is named first.
    let best = |pace: &Pace, suits: fn(&Estimate<'_>) -> bool| {
        let keeps = |model: &&Estimate<'_>| {
            model.fits && model.tokens_per_s >= pace.tokens_per_s && model.first_token_s <= pace.first_token_s
        };
        models
            .iter()
            .filter(everyday)
            .filter(|model| suits(model))
            .filter(keeps)
            .max_by_key(|model| model.memory_bytes)
            .map(|model| model.name)
    };
    let machine = Machine {
        cores: speed.threads,
        memory_free_bytes: memory,
        decode_gb_per_s: rounded(speed.decode_bytes_per_s / 1e9),
        prefill_weights_per_ns: rounded(speed.prefill_weights_per_s / 1e9),
        gpu,
    };
    let small = best(&SMALL, |_| true);
    let large = best(&LARGE, |model| model.deliberate_s.is_some());
    Advice { small, large, machine, models, not_estimated }
}

fn estimate<'a>(speed: &Speed, room: u64, entry: &'a Entry) -> Result<Estimate<'a>, Lack> {
    let bytes = entry.bytes.ok_or(Lack::Size)?;
    let (weights, active) = weights(&entry.parameters).ok_or(Lack::Weights)?;
    let cache = CONTEXT_TOKENS.min(entry.context_tokens.map_or(u64::MAX, u64::from)) * KV_BYTES_PER_TOKEN;
    let memory_bytes = bytes + cache + COMPUTE_BYTES;
    let tokens_per_s = speed.tokens_per_s(bytes as f64 * active / weights);
    let first_token_s = speed.read_s(PROMPT_TOKENS, active);
    let thinks = entry.capabilities.contains(&Capability::Thinking);
    Ok(Estimate {
        name: &entry.name,
        good_for: &entry.good_for,
        fits: memory_bytes <= room,
        memory_bytes,
        tokens_per_s: rounded(tokens_per_s),
        first_token_s: rounded(first_token_s),
        quick_s: rounded(first_token_s + QUICK_TOKENS / tokens_per_s),
        deliberate_s: thinks.then(|| rounded(first_token_s + DELIBERATE_TOKENS / tokens_per_s)),
    })
}

/// One decimal: estimates know no more.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// All weights, and those that a token goes through: `8B`, or `30.5B, 3.3B active`.
fn weights(text: &str) -> Option<(f64, f64)> {
    let number = |part: &str| {
        let part = part.trim().trim_end_matches("active").trim();
        let (digits, factor) = match (part.strip_suffix('B'), part.strip_suffix('M')) {
            (Some(digits), _) => (digits, 1e9),
            (None, Some(digits)) => (digits, 1e6),
            (None, None) => return None,
        };
        digits.parse::<f64>().ok().map(|number| number * factor)
    };
    match text.split_once(',') {
        Some((all, active)) => Some((number(all)?, number(active)?)),
        None => number(text).map(|all| (all, all)),
    }
}

fn print(advice: &Advice<'_>, out: &mut impl Write) -> io::Result<()> {
    let machine = &advice.machine;
    let memory = machine.memory_free_bytes.map_or_else(|| "unknown".to_owned(), size);
    writeln!(
        out,
        "this machine: {} cores, {memory} of memory free; of weights it takes {:.1} GB a second while writing, and {:.1} a nanosecond while reading",
        machine.cores, machine.decode_gb_per_s, machine.prefill_weights_per_ns
    )?;
    if let Some(gpu) = machine.gpu {
        writeln!(out, "graphics card: {gpu}")?;
    }
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
        let note = if model.fits { "" } else { "  does not fit" };
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

/// What is recommended, and what to do without where nothing is.
fn advised(small: Option<&str>, large: Option<&str>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn speed(gigabytes: f64) -> Speed {
        Speed { threads: 2, decode_bytes_per_s: gigabytes * 1e9, prefill_weights_per_s: gigabytes * 5e9 }
    }

    #[test]
    fn every_size_of_the_catalogue_can_be_read() {
        // Of those told by what they are as good as, nobody knows what a token goes through.
        let unknown = |entry: &&Entry| entry.parameters.starts_with('E');
        for entry in catalogue::all().iter().filter(|entry| !unknown(entry)) {
            assert!(
                weights(&entry.parameters).is_some_and(|(all, active)| active <= all && active > 0.0),
                "{}",
                entry.name
            );
        }
        assert_eq!(weights("30.5B, 3.3B active"), Some((30.5e9, 3.3e9)));
        assert_eq!(weights("270M"), Some((270e6, 270e6)));
        assert_eq!(weights("many"), None);
    }

    #[test]
    fn what_is_recommended_fits_and_a_faster_machine_is_told_of_larger_ones() {
        let of = |name: Option<&str>, advice: &Advice<'_>| {
            name.and_then(|name| {
                advice.models.iter().find(|model| model.name == name).map(|model| model.memory_bytes)
            })
        };
        let mut before = (None, None);
        for gigabytes in [1.0, 10.0, 50.0, 400.0] {
            let advice = advise(&speed(gigabytes), Some(64 << 30), None, catalogue::all());
            let now = (of(advice.small, &advice), of(advice.large, &advice));
            assert!(
                now.0 >= before.0 && now.1 >= before.1 && now.1 >= now.0,
                "{gigabytes}: {now:?} after {before:?}"
            );
            before = now;
        }
        assert!(before.0.is_some());
        let narrow = advise(&speed(400.0), Some(2 << 30), None, catalogue::all());
        assert!(of(narrow.large, &narrow).is_none_or(|bytes| bytes < 2 << 30));
        assert!(narrow.models.iter().any(|model| !model.fits));
        assert_eq!(advise(&speed(0.1), Some(64 << 30), None, catalogue::all()).small, None);
    }

    #[test]
    fn what_is_to_think_can_and_a_machine_that_has_only_one_is_told_so() {
        let mut told = std::collections::BTreeSet::new();
        for tenths in 10..=4000 {
            let advice = advise(&speed(f64::from(tenths) / 10.0), Some(256 << 30), None, catalogue::all());
            let thinks = |name: &str| {
                advice.models.iter().any(|model| model.name == name && model.deliberate_s.is_some())
            };
            assert!(advice.large.is_none_or(thinks), "{tenths}: {:?}", advice.large);
            let words = advised(advice.small, advice.large);
            for name in [advice.small, advice.large].into_iter().flatten() {
                assert!(words.contains(&format!("hearthgate models pull {name}")), "{words}");
            }
            told.insert((advice.small.is_some(), advice.large.is_some()));
        }
        assert!(told.contains(&(false, true)) && told.contains(&(true, true)), "{told:?}");
        assert!(
            advised(None, Some("large")).contains("for quick answers:      none here writes 12 tokens/s")
        );
        assert!(advised(Some("small"), None).contains("for deliberate answers: none here thinks"));
        assert_eq!(advised(Some("one"), Some("one")).lines().count(), 1);
    }

    #[test]
    fn every_model_that_chats_is_estimated_or_named_with_what_is_not_known() {
        let advice = advise(&speed(50.0), Some(64 << 30), None, catalogue::all());
        let chats = catalogue::all().iter().filter(|entry| entry.capabilities.contains(&Capability::Chat));
        assert_eq!(advice.models.len() + advice.not_estimated.len(), chats.count());
        let mut printed = Vec::new();
        print(&advice, &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(!advice.not_estimated.is_empty());
        for model in &advice.not_estimated {
            let line = printed.lines().find(|line| line.starts_with(model.name)).unwrap();
            assert!(line.contains("not estimated: "), "{line}");
        }
    }
}
