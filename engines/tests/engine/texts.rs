//! Texts without a chat: gone on with, and embedded.

use hearthgate_engines::tiny::{self, TinySpec};
use hearthgate_engines::{Engine as _, EngineError, Job, LocalConfig, LocalEmbedder, Longer, Plain};

use super::support::{answer, ask, config, file, four_slots};

#[tokio::test]
async fn a_text_and_its_tokens_are_gone_on_with_alike() {
    let home = four_slots();
    let text = "once upon a time";
    let job = |prompt, seed| Job { prompt: Some(prompt), ..ask("", seed) };
    let tokens = home.engine.tokenize(text).unwrap();
    let mut letters = 0;
    for seed in 0..6 {
        let by_text = answer(&home, job(Plain::Text(text.into()), seed)).await;
        let by_tokens = answer(&home, job(Plain::Tokens(tokens.clone()), seed)).await;
        assert_eq!(by_text.content, by_tokens.content);
        assert_eq!(by_text.usage.prompt_tokens, tokens.len() as u64);
        assert!(by_text.reasoning.is_empty());
        letters += by_text.content.len();
    }
    assert!(letters > 0);
    for tokens in [vec![], vec![-1], vec![i32::MAX]] {
        let refused = home.engine.generate(job(Plain::Tokens(tokens), 1));
        assert!(matches!(refused, Err(EngineError::InvalidSampling { parameter: "prompt", .. })));
    }
    let refused = home.engine.generate(job(Plain::Tokens(vec![5; 600]), 1));
    assert!(matches!(refused, Err(EngineError::PromptTooLong { tokens: 600, .. })));
}

#[test]
fn an_embedding_depends_on_its_text_alone() {
    let (_folder, path) = file(&tiny::generate(&TinySpec::default()));
    let embedder = LocalEmbedder::open(&path, &LocalConfig { context_tokens: 64, ..config() }).unwrap();
    let embed = |texts: &[&str]| {
        let texts: Vec<_> = texts.iter().map(|text| Plain::Text((*text).to_owned())).collect();
        embedder.embed(&texts, Longer::Refuse, &|| false)
    };
    let (alone, tokens) = embed(&["a red rose"]).unwrap();
    let (among, _) = embed(&["a blue sea", "a red rose", "something else"]).unwrap();
    assert_eq!(alone[0], among[1]);
    assert_eq!(alone[0].len(), embedder.dimensions());
    assert!(tokens > 0);
    assert!(matches!(embed(&["word ".repeat(60).as_str()]), Err(EngineError::PromptTooLong { .. })));
    let cut = |text: String| embedder.embed(&[Plain::Text(text)], Longer::Cut, &|| false).unwrap();
    let (long, tokens) = cut("word ".repeat(60));
    assert_eq!((long, tokens), (cut("word ".repeat(90)).0, 64), "what does not fit counts for nothing");
    assert_eq!(cut("a red rose".to_owned()).0, alone);
    assert!(matches!(embed(&[""]), Err(EngineError::InvalidSampling { parameter: "input", .. })));
    let gone = embedder.embed(&[Plain::Text("a red rose".into())], Longer::Refuse, &|| true);
    assert!(gone.is_err() || gone.is_ok_and(|(embeddings, _)| embeddings[0] == alone[0]));
    assert_eq!(embed(&["a red rose"]).unwrap().0, alone);
}
