//! `hearthgate models recommend`

mod print;
mod seen;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;

use hearthgate_engines::cards::{self, Card};
use hearthgate_engines::machine::free_memory;
use hearthgate_engines::speed::{self, Speed};
use serde::Serialize;

use super::super::{CliError, Ended};
use crate::hub::catalogue::{self, Capability, Entry, GoodFor};
use print::print;
use seen::Seen;

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
    #[serde(flatten)]
    processor: Pair,
    cards: Vec<FoundCard>,
    /// All of them together, where they could be measured.
    cards_speed: Option<Pair>,
    /// Why models are estimated for the processor although there are cards.
    cards_left: Option<String>,
    cards_not_used: Vec<Seen>,
}

/// A speed as it is told.
#[derive(Serialize)]
struct Pair {
    decode_gb_per_s: f64,
    prefill_weights_per_ns: f64,
}

/// A card that this build computes on.
#[derive(Serialize)]
struct FoundCard {
    name: String,
    title: String,
    memory_bytes: u64,
    free_bytes: u64,
    integrated: bool,
}

/// What was measured and found.
struct Findings {
    processor: Speed,
    memory_free_bytes: Option<u64>,
    cards: Vec<Card>,
    /// What the cards do together, or why nobody knows; none where there are none.
    on_cards: Option<Result<Speed, String>>,
    not_used: Vec<Seen>,
}

/// What models are put on.
struct Places<'a> {
    processor: &'a Speed,
    memory_bytes: u64,
    cards: Option<OnCards<'a>>,
}

struct OnCards<'a> {
    speed: &'a Speed,
    room_bytes: u64,
    /// Their memory is the machine's.
    integrated: bool,
}

/// What a model would do on this machine.
#[derive(Serialize)]
struct Estimate<'a> {
    name: &'a str,
    good_for: &'a [GoodFor],
    fits: bool,
    memory_bytes: u64,
    /// How much of it graphics cards hold and compute.
    on_cards_percent: u64,
    tokens_per_s: f64,
    first_token_s: f64,
    quick_s: f64,
    deliberate_s: Option<f64>,
}

/// Measures this machine and says which models suit it.
pub(super) fn run(json: bool) -> Ended {
    let found = look(json)?;
    let advice = advise(&found, catalogue::all());
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&advice).unwrap_or_default())?;
    } else {
        print(&advice, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn look(quiet: bool) -> Result<Findings, CliError> {
    let cores = available_parallelism().map_or(1, usize::from);
    let cards = cards::all();
    if !quiet {
        let and_cards = if cards.is_empty() { "" } else { " and on the graphics card" };
        eprintln!("measuring with {cores} threads{and_cards}, some ten seconds …");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = std::env::temp_dir().join(format!("hearthgate-{}", std::process::id()));
    // One that is there already is another's.
    fs::create_dir(&folder)?;
    let processor = runtime.block_on(speed::measure(&folder, cores, false));
    let on_cards = (!cards.is_empty()).then(|| runtime.block_on(speed::measure(&folder, cores, true)));
    fs::remove_dir_all(&folder)?;
    let processor =
        processor.map_err(|error| CliError::Failed(format!("cannot measure this machine: {error}")))?;
    let not_used = if cards.is_empty() { seen::all(Path::new("/"), seen::ask_nvidia) } else { Vec::new() };
    let on_cards = on_cards.map(|measured| measured.map_err(|error| error.to_string()));
    Ok(Findings { processor, memory_free_bytes: free_memory(), cards, on_cards, not_used })
}

impl Findings {
    fn room_bytes(&self) -> u64 {
        self.memory_free_bytes.map_or(u64::MAX, |bytes| bytes / 100 * MEMORY_PERCENT)
    }

    /// What models are put on, and why not on cards where there are some.
    fn places(&self) -> (Places<'_>, Option<String>) {
        let (speed, left) = match &self.on_cards {
            None => (None, None),
            Some(Ok(speed)) if answer_s(speed) < answer_s(&self.processor) => (Some(speed), None),
            Some(Ok(_)) => {
                (None, Some("the processor is faster: `gpu_layers = 0` under [[model]]".to_owned()))
            }
            Some(Err(fault)) => (None, Some(format!("not measured: {fault}"))),
        };
        let cards = speed.map(|speed| OnCards {
            speed,
            room_bytes: cards::room_bytes(&self.cards, COMPUTE_BYTES),
            integrated: self.cards.iter().all(|card| card.integrated),
        });
        (Places { processor: &self.processor, memory_bytes: self.room_bytes(), cards }, left)
    }
}

/// What tells the faster of two: a quick answer of a model with a billion weights of a byte each.
fn answer_s(speed: &Speed) -> f64 {
    speed.read_s(PROMPT_TOKENS, 1e9) + QUICK_TOKENS / speed.tokens_per_s(1e9)
}

fn advise<'a>(found: &Findings, all: &'a [Entry]) -> Advice<'a> {
    let (places, cards_left) = found.places();
    let (mut models, mut not_estimated) = (Vec::new(), Vec::new());
    for entry in all.iter().filter(|entry| entry.capabilities.contains(&Capability::Chat)) {
        match estimate(&places, entry) {
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
        cores: found.processor.threads,
        memory_free_bytes: found.memory_free_bytes,
        processor: Pair::of(&found.processor),
        cards: found.cards.iter().map(FoundCard::of).collect(),
        cards_speed: found.on_cards.as_ref().and_then(|measured| measured.as_ref().ok()).map(Pair::of),
        cards_left,
        cards_not_used: found.not_used.clone(),
    };
    let small = best(&SMALL, |_| true);
    let large = best(&LARGE, |model| model.deliberate_s.is_some());
    Advice { small, large, machine, models, not_estimated }
}

fn estimate<'a>(places: &Places<'_>, entry: &'a Entry) -> Result<Estimate<'a>, Lack> {
    let bytes = entry.bytes.ok_or(Lack::Size)?;
    let (weights, active) = weights(&entry.parameters).ok_or(Lack::Weights)?;
    let cache = CONTEXT_TOKENS.min(entry.context_tokens.map_or(u64::MAX, u64::from)) * KV_BYTES_PER_TOKEN;
    let held = bytes + cache;
    let cards = places.cards.as_ref();
    let on_cards_percent = cards.map_or(0, |cards| (cards.room_bytes / (held / 100).max(1)).min(100));
    let spared = if cards.is_some_and(|cards| !cards.integrated) { held / 100 * on_cards_percent } else { 0 };
    let share = on_cards_percent as f64 / 100.0;
    let processor = places.processor;
    let faster = cards.map_or(processor, |cards| cards.speed);
    // Layers are computed one after the other, wherever they are.
    let both = |time: &dyn Fn(&Speed) -> f64| share * time(faster) + (1.0 - share) * time(processor);
    let token_s = both(&|speed| 1.0 / speed.tokens_per_s(bytes as f64 * active / weights));
    let first_token_s = both(&|speed| speed.read_s(PROMPT_TOKENS, active));
    let thinks = entry.capabilities.contains(&Capability::Thinking);
    Ok(Estimate {
        name: &entry.name,
        good_for: &entry.good_for,
        fits: held + COMPUTE_BYTES - spared <= places.memory_bytes,
        memory_bytes: held + COMPUTE_BYTES,
        on_cards_percent,
        tokens_per_s: rounded(1.0 / token_s),
        first_token_s: rounded(first_token_s),
        quick_s: rounded(first_token_s + QUICK_TOKENS * token_s),
        deliberate_s: thinks.then(|| rounded(first_token_s + DELIBERATE_TOKENS * token_s)),
    })
}

impl Pair {
    fn of(speed: &Speed) -> Self {
        Self {
            decode_gb_per_s: rounded(speed.decode_bytes_per_s / 1e9),
            prefill_weights_per_ns: rounded(speed.prefill_weights_per_s / 1e9),
        }
    }
}

impl FoundCard {
    fn of(card: &Card) -> Self {
        let Card { name, title, memory_bytes, free_bytes, integrated } = card.clone();
        Self { name, title, memory_bytes, free_bytes, integrated }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn speed(gigabytes: f64) -> Speed {
        Speed { threads: 2, decode_bytes_per_s: gigabytes * 1e9, prefill_weights_per_s: gigabytes * 5e9 }
    }

    /// A machine without cards.
    fn plain(gigabytes: f64, memory_free_bytes: u64) -> Findings {
        Findings {
            processor: speed(gigabytes),
            memory_free_bytes: Some(memory_free_bytes),
            cards: Vec::new(),
            on_cards: None,
            not_used: Vec::new(),
        }
    }

    /// A machine of 16 GB with a card.
    fn with_card(free_bytes: u64, integrated: bool, gigabytes: f64) -> Findings {
        let card = Card {
            name: "Vulkan0".to_owned(),
            title: "a good card".to_owned(),
            memory_bytes: 24 << 30,
            free_bytes,
            integrated,
        };
        Findings { cards: vec![card], on_cards: Some(Ok(speed(gigabytes))), ..plain(20.0, 16 << 30) }
    }

    fn estimated<'a, 'b>(advice: &'b Advice<'a>, name: &str) -> &'b Estimate<'a> {
        advice.models.iter().find(|model| model.name == name).unwrap()
    }

    fn printed(advice: &Advice<'_>) -> String {
        let mut printed = Vec::new();
        print(advice, &mut printed).unwrap();
        String::from_utf8(printed).unwrap()
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
            let advice = advise(&plain(gigabytes, 64 << 30), catalogue::all());
            let now = (of(advice.small, &advice), of(advice.large, &advice));
            assert!(
                now.0 >= before.0 && now.1 >= before.1 && now.1 >= now.0,
                "{gigabytes}: {now:?} after {before:?}"
            );
            before = now;
        }
        assert!(before.0.is_some());
        let narrow = advise(&plain(400.0, 2 << 30), catalogue::all());
        assert!(of(narrow.large, &narrow).is_none_or(|bytes| bytes < 2 << 30));
        assert!(narrow.models.iter().any(|model| !model.fits));
        assert_eq!(advise(&plain(0.1, 64 << 30), catalogue::all()).small, None);
    }

    #[test]
    fn what_is_to_think_can_and_a_machine_that_has_only_one_is_told_so() {
        let mut told = std::collections::BTreeSet::new();
        for tenths in 10..=4000 {
            let advice = advise(&plain(f64::from(tenths) / 10.0, 256 << 30), catalogue::all());
            let thinks = |name: &str| {
                advice.models.iter().any(|model| model.name == name && model.deliberate_s.is_some())
            };
            assert!(advice.large.is_none_or(thinks), "{tenths}: {:?}", advice.large);
            let words = print::advised(advice.small, advice.large);
            for name in [advice.small, advice.large].into_iter().flatten() {
                assert!(words.contains(&format!("hearthgate models pull {name}")), "{words}");
            }
            told.insert((advice.small.is_some(), advice.large.is_some()));
        }
        assert!(told.contains(&(false, true)) && told.contains(&(true, true)), "{told:?}");
        assert!(
            print::advised(None, Some("large"))
                .contains("for quick answers:      none here writes 12 tokens/s")
        );
        assert!(print::advised(Some("small"), None).contains("for deliberate answers: none here thinks"));
        assert_eq!(print::advised(Some("one"), Some("one")).lines().count(), 1);
    }

    #[test]
    fn every_model_that_chats_is_estimated_or_named_with_what_is_not_known() {
        let advice = advise(&plain(50.0, 64 << 30), catalogue::all());
        let chats = catalogue::all().iter().filter(|entry| entry.capabilities.contains(&Capability::Chat));
        assert_eq!(advice.models.len() + advice.not_estimated.len(), chats.count());
        let printed = printed(&advice);
        assert!(!advice.not_estimated.is_empty());
        for model in &advice.not_estimated {
            let line = printed.lines().find(|line| line.starts_with(model.name)).unwrap();
            assert!(line.contains("not estimated: "), "{line}");
        }
    }

    #[test]
    fn a_model_is_told_for_the_card_as_far_as_it_fits_there() {
        let without = advise(&plain(20.0, 16 << 30), catalogue::all());
        let with = advise(&with_card(24 << 30, false, 400.0), catalogue::all());
        let whole = estimated(&with, "qwen3-14b");
        assert_eq!((whole.on_cards_percent, whole.fits), (100, true));
        let before = estimated(&without, "qwen3-14b");
        assert!(
            whole.tokens_per_s > before.tokens_per_s * 15.0 && whole.first_token_s < before.first_token_s
        );
        assert_eq!(whole.memory_bytes, before.memory_bytes);
        // 19.9 GB in all: more than the machine has, less than it has with the card.
        let part = estimated(&with, "qwen3-30b-a3b");
        assert!(part.fits && !estimated(&without, "qwen3-30b-a3b").fits);

        let half = advise(&with_card(6 << 30, false, 400.0), catalogue::all());
        let part = estimated(&half, "qwen3-14b");
        assert!((20..80).contains(&part.on_cards_percent), "{}", part.on_cards_percent);
        assert!(part.tokens_per_s > before.tokens_per_s && part.tokens_per_s < whole.tokens_per_s);
        let printed = printed(&half);
        for words in
            ["graphics card Vulkan0: a good card, 25.8 GB, 6.4 GB free", "400.0 GB a second", "% on the card"]
        {
            assert!(printed.contains(words), "{words}: {printed}");
        }
    }

    #[test]
    fn a_card_in_the_machines_own_memory_makes_no_room() {
        let with = advise(&with_card(24 << 30, true, 400.0), catalogue::all());
        let large = estimated(&with, "qwen3-30b-a3b");
        assert!(!large.fits && large.on_cards_percent == 100);
    }

    #[test]
    fn a_card_that_does_not_help_is_said_to_and_left_out() {
        let same = |advice: &Advice<'_>| {
            let plain = advise(&plain(20.0, 16 << 30), catalogue::all());
            let times = |advice: &Advice<'_>| {
                advice
                    .models
                    .iter()
                    .map(|model| (model.on_cards_percent, model.tokens_per_s))
                    .collect::<Vec<_>>()
            };
            assert_eq!(times(advice), times(&plain));
        };
        let slow = advise(&with_card(24 << 30, false, 10.0), catalogue::all());
        same(&slow);
        assert!(printed(&slow).contains("the processor is faster: `gpu_layers = 0`"), "{}", printed(&slow));
        let broken =
            Findings { on_cards: Some(Err("no driver".to_owned())), ..with_card(24 << 30, false, 0.0) };
        let broken = advise(&broken, catalogue::all());
        same(&broken);
        assert!(printed(&broken).contains("not measured: no driver"), "{}", printed(&broken));
    }

    #[test]
    fn a_card_that_this_build_does_not_compute_on_is_named_with_what_would() {
        let seen = Seen { name: "NVIDIA A2".to_owned(), memory_bytes: Some(16 << 30), feature: "cuda" };
        let found = Findings { not_used: vec![seen], ..plain(20.0, 16 << 30) };
        let printed = printed(&advise(&found, catalogue::all()));
        let line = printed.lines().find(|line| line.contains("NVIDIA A2")).unwrap();
        assert!(line.contains("17.2 GB") && line.contains("cuda"), "{line}");
    }
}
