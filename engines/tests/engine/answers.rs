//! What is answered: text, counts, stops, seeds, biases, thinking, tools.

use hearthgate_engines::tiny::{Architecture, Noise, TinySpec, Weights};
use hearthgate_engines::{Engine as _, EngineError, FinishReason, Job, Sampling, Thinking};

use super::support::{answer, ask, config, counts, four_slots, home, read};

#[tokio::test]
async fn every_architecture_and_format_answers_in_letters() {
    for architecture in [Architecture::Llama, Architecture::Qwen3] {
        for weights in [Weights::F32, Weights::F16, Weights::Q8, Weights::Q4] {
            let home = home(&TinySpec { architecture, weights, ..TinySpec::default() }, &config());
            let mut letters = 0;
            for seed in 0..4 {
                let whole = answer(&home, ask("hello", seed)).await;
                let legible = |c: char| c.is_ascii_lowercase() || " .,".contains(c);
                assert!(
                    whole.content.chars().all(legible),
                    "{architecture:?} {weights:?}: {}",
                    whole.content
                );
                letters += whole.content.len();
            }
            assert!(letters > 40, "{architecture:?} {weights:?} said {letters} letters in four turns");
        }
    }
}

#[tokio::test]
async fn turns_end_of_their_own_accord_and_the_mark_is_not_shown() {
    let home = four_slots();
    let mut stops = 0;
    for seed in 0..20 {
        let whole = answer(&home, Job { max_tokens: Some(200), ..ask("hello", seed) }).await;
        assert!(!whole.content.contains("<|"), "{}", whole.content);
        stops += usize::from(whole.finish == Some(FinishReason::Stop));
    }
    assert!(stops >= 15, "{stops} of 20 ended");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answer_alone_and_among_neighbours() {
    let home = four_slots();
    let long = "word ".repeat(60);
    let mut alone = Vec::new();
    for seed in 0..4 {
        alone.push(answer(&home, ask(&long, seed)).await);
    }
    assert!(alone.iter().any(|whole| whole.content != alone[0].content), "seeds matter");
    for _ in 0..3 {
        let jobs: Vec<_> = (0..4).map(|seed| home.engine.generate(ask(&long, seed)).unwrap()).collect();
        for (generation, before) in jobs.into_iter().zip(&alone) {
            let whole = read(generation).await.unwrap();
            assert_eq!(whole.content, before.content);
            assert_eq!(counts(&whole), counts(before));
        }
    }
}

#[tokio::test]
async fn usage_counts_the_tokens_of_prompt_and_answer() {
    let home = four_slots();
    let job = Job { max_tokens: Some(12), ..ask("hello there", 3) };
    let whole = answer(&home, job.clone()).await;
    let rendered = home.engine.render(&job).unwrap();
    // Marks are one token each; between them the text is split as text.
    let marks = ["<|im_start|>", "<|im_end|>", "<think>", "</think>"];
    let mut rest = vec![rendered.as_str()];
    for mark in marks {
        rest = rest.into_iter().flat_map(|part| part.split(mark)).collect();
    }
    let count = |text: &str| home.engine.count_tokens(text).unwrap();
    let expected = rest.iter().map(|part| count(part)).sum::<usize>() + rest.len() - 1;
    assert_eq!(whole.usage.prompt_tokens, expected as u64);
    // Without penalties noise seldom spells a merge letter by letter, so the text splits as it was made.
    assert!(whole.usage.completion_tokens <= 12);
    assert!(count(&whole.content) as u64 <= whole.usage.completion_tokens);
    assert_eq!(whole.usage.reasoning_tokens, 0);
}

#[tokio::test]
async fn max_tokens_cuts_exactly() {
    let home = four_slots();
    let end = home.engine.tokenize("x").unwrap();
    assert_eq!(end.len(), 1);
    for max in [1, 2, 7, 33] {
        // Forcing one letter keeps the turn from ending.
        let sampling = Sampling { logit_bias: vec![(end[0], 100.0)], ..Sampling::default() };
        let whole = answer(&home, Job { sampling, max_tokens: Some(max), ..ask("hello", 1) }).await;
        assert_eq!(whole.content, "x".repeat(max as usize));
        assert_eq!(whole.finish, Some(FinishReason::Length));
        assert_eq!(whole.usage.completion_tokens, u64::from(max));
    }
}

#[tokio::test]
async fn without_max_tokens_the_context_is_the_end() {
    let home = four_slots();
    let x = home.engine.tokenize("x").unwrap()[0];
    let sampling = Sampling { logit_bias: vec![(x, 100.0)], ..Sampling::default() };
    let whole = answer(&home, Job { sampling, max_tokens: None, ..ask("hello", 1) }).await;
    assert_eq!(whole.finish, Some(FinishReason::Length));
    let context = u64::from(home.engine.model().context_length);
    assert_eq!(whole.usage.prompt_tokens + whole.usage.completion_tokens, context);
}

#[tokio::test]
async fn a_bias_bans_and_forces_tokens() {
    let home = four_slots();
    let token = |text: &str| home.engine.tokenize(text).unwrap()[0];
    let letters = ["e", "a", "i", "o", "t", "n", " "];
    let ban = letters.iter().map(|letter| (token(letter), -100.0)).collect();
    let sampling = Sampling { logit_bias: ban, seed: Some(5), ..Sampling::default() };
    let free = answer(&home, ask("hello", 5)).await;
    let bound = answer(&home, Job { sampling, ..ask("hello", 5) }).await;
    assert_ne!(free.content, bound.content);
    let single = |c: char| letters.contains(&c.to_string().as_str());
    // Merged tokens such as "the" still hold them, so compare what stands alone: the share must drop.
    let share = |text: &str| text.chars().filter(|c| single(*c)).count() * 100 / text.len().max(1);
    assert!(share(&bound.content) < share(&free.content), "{} / {}", bound.content, free.content);
    let foreign = Sampling { logit_bias: vec![(1 << 30, 1.0)], ..Sampling::default() };
    let refused = home.engine.generate(Job { sampling: foreign, ..ask("hello", 5) });
    assert!(matches!(refused, Err(EngineError::InvalidSampling { parameter: "logit_bias", .. })));
}

#[tokio::test]
async fn temperature_zero_is_the_same_for_all_seeds() {
    let home = four_slots();
    let greedy = |seed| Job {
        sampling: Sampling { temperature: Some(0.0), seed: Some(seed), ..Sampling::default() },
        ..ask("hello", seed)
    };
    assert_eq!(answer(&home, greedy(1)).await.content, answer(&home, greedy(2)).await.content);
    let top = |seed| Job {
        sampling: Sampling { top_k: Some(1), seed: Some(seed), ..Sampling::default() },
        ..ask("hello", seed)
    };
    assert_eq!(answer(&home, top(1)).await.content, answer(&home, greedy(2)).await.content);
}

#[tokio::test]
async fn penalties_spread_the_letters() {
    let home = four_slots();
    let job = |penalty| Job {
        sampling: Sampling { frequency_penalty: Some(penalty), seed: Some(1), ..Sampling::default() },
        max_tokens: Some(200),
        ..ask("hello", 1)
    };
    let most = |text: &str| {
        let count = |c| text.chars().filter(|other| *other == c).count();
        text.chars().map(count).max().unwrap_or(0) * 1000 / text.len().max(1)
    };
    let mut spread = (0, 0);
    for seed in 0..6 {
        let with = |penalty| {
            let mut job = job(penalty);
            job.sampling.seed = Some(seed);
            job
        };
        spread.0 += most(&answer(&home, with(0.0)).await.content);
        spread.1 += most(&answer(&home, with(2.0)).await.content);
    }
    assert!(spread.1 < spread.0, "{spread:?}");
}

#[tokio::test]
async fn a_stop_string_ends_the_answer_and_is_not_in_it() {
    let home = four_slots();
    let mut matched = 0;
    for seed in 0..12 {
        let free = answer(&home, Job { max_tokens: Some(60), ..ask("hello", seed) }).await;
        // Any three letters from the middle, which span tokens more often than not.
        let Some(stop) = free.content.get(8..11).map(str::to_owned) else { continue };
        let job = Job { max_tokens: Some(60), stop: vec![stop.clone(), "zzzz".into()], ..ask("hello", seed) };
        let cut = answer(&home, job).await;
        let end = free.content.find(&stop).unwrap();
        assert_eq!(cut.content, free.content[..end], "stopped at {stop:?}");
        assert_eq!(cut.finish, Some(FinishReason::Stop));
        assert!(cut.usage.completion_tokens <= free.usage.completion_tokens);
        matched += 1;
    }
    assert!(matched >= 6, "only {matched} answers were long enough");
}

#[tokio::test]
async fn text_is_whole_utf8_whatever_bytes_the_model_says() {
    let home = home(&TinySpec { noise: Noise::Bytes, ..TinySpec::default() }, &config());
    let mut replaced = 0;
    for seed in 0..12 {
        let whole = answer(&home, Job { max_tokens: Some(80), ..ask("hello", seed) }).await;
        replaced += whole.content.matches('\u{FFFD}').count();
    }
    assert!(replaced > 50, "the model says broken characters: {replaced}");
    // A character of four bytes, byte by byte: each is forced while it is its turn.
    let crab = home.engine.tokenize("🦀").unwrap();
    assert_eq!(crab.len(), 4);
    let bias = crab.iter().map(|token| (*token, 100.0)).collect();
    let sampling = Sampling { logit_bias: bias, seed: Some(1), ..Sampling::default() };
    let whole = answer(&home, Job { sampling, max_tokens: Some(200), ..ask("hello", 1) }).await;
    assert!(whole.content.chars().all(|c| c == '\u{FFFD}' || u32::from(c) > 0x7f), "{}", whole.content);
}

#[tokio::test]
async fn thinking_is_told_apart_and_its_budget_holds() {
    let home = four_slots();
    let think = |budget_tokens| Job {
        thinking: Thinking { enabled: Some(true), budget_tokens, effort: None },
        max_tokens: Some(300),
        ..ask("hello", 2)
    };
    let mut thought = 0;
    for seed in 0..6 {
        let mut job = think(Some(5));
        job.sampling.seed = Some(seed);
        let whole = answer(&home, job).await;
        assert!(!whole.content.contains("think>") && !whole.reasoning.contains("think>"));
        // White space around a thought is not shown, and a token may begin with it.
        let thought_tokens = home.engine.count_tokens(&format!(" {}", whole.reasoning)).unwrap();
        assert!(thought_tokens <= 5, "{}", whole.reasoning);
        assert!(whole.usage.reasoning_tokens <= 5 + 2, "{:?}", whole.usage);
        thought += usize::from(!whole.reasoning.is_empty() && !whole.content.is_empty());
    }
    assert!(thought >= 3, "{thought} of 6 thought and answered");
    let whole = answer(&home, ask("hello", 2)).await;
    assert_eq!(whole.reasoning, "", "thinking was off");
}

const TOOLS: &str = r#"[{"type":"function","function":{"name":"weather","description":"the weather",
    "parameters":{"type":"object","properties":{"day":{"type":"boolean"}},"required":["day"],
    "additionalProperties":false}}}]"#;

#[tokio::test]
async fn a_demanded_tool_call_is_a_call() {
    let home = four_slots();
    // Noise never begins a call by itself; once it has begun, every further token is the grammar's doing.
    let begin = ["<tool_call>", "\n"].map(|text| home.engine.tokenize(text).unwrap());
    let bias = begin.iter().map(|tokens| (tokens[0], 60.0)).collect();
    let job = Job {
        tools: Some(TOOLS.to_owned()),
        tool_choice: Some("\"required\"".to_owned()),
        sampling: Sampling {
            logit_bias: bias,
            frequency_penalty: Some(2.0),
            seed: Some(4),
            ..Sampling::default()
        },
        max_tokens: Some(150),
        ..ask("hello", 4)
    };
    let whole = answer(&home, job).await;
    // Whether a second one is begun before the tokens run out is the noise's own affair.
    assert!(!whole.calls.is_empty(), "{whole:?}");
    assert!([Some(FinishReason::ToolCalls), Some(FinishReason::Length)].contains(&whole.finish));
    assert_eq!(whole.calls[0].0, "weather");
    let arguments: String = whole.calls[0].1.chars().filter(|c| !c.is_whitespace()).collect();
    assert!([r#"{"day":true}"#, r#"{"day":false}"#].contains(&arguments.as_str()), "{arguments}");
}

#[tokio::test]
async fn tools_that_are_not_called_leave_an_answer() {
    let home = four_slots();
    let job = Job { tools: Some(TOOLS.to_owned()), ..ask("hello", 4) };
    let whole = answer(&home, job).await;
    assert!(whole.calls.is_empty());
    assert!(!whole.content.is_empty(), "{whole:?}");
}
