//! `demo`: it runs, ends, and shows each prompt where it belongs.

use hearthgate_tests::gateway::Setup;

#[tokio::test]
async fn the_demo_shows_where_prompts_go() {
    let shown = Setup::new("").command(&["demo"], b"").await;
    assert_eq!(shown.code, Some(0), "{}{}", shown.stdout, shown.stderr);
    let row = |beginning: &str| {
        let line = shown.stdout.lines().find(|line| line.starts_with(beginning));
        line.unwrap_or_else(|| panic!("no row {beginning:?} in {}", shown.stdout))
    };
    assert!(row("prompt").contains("label") && row("prompt").contains("cost"));
    let cases = [
        ("What is the capital of France?", "public", "(device)"),
        ("Prove that there are infinitely many", "public", "(cloud)"),
        ("Design a lock-free", "public", "(cloud)"),
        ("Invite ", "confidential", "(device)"),
        ("Charge the card", "restricted", "(device)"),
        ("Pay 120 euros", "restricted", "(device)"),
        ("Settle card", "restricted", "(device)"),
        ("Prove that the halting problem", "restricted", "(device)"),
        ("Prove the spectral theorem", "public", "(device)"),
        ("I want the cloud for my card", "restricted", "(device)"),
    ];
    for (prompt, label, zone) in cases {
        let row = row(prompt);
        assert!(row.contains(label) && row.contains(zone), "{row}");
    }
    for words in ["very small", "stand-in", "none of the", "chain unbroken"] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

#[tokio::test]
async fn the_demo_does_not_use_the_users_own_settings() {
    let setup = Setup::new("")
        .env("HEARTHGATE_SERVER__LISTEN", "127.0.0.1:1")
        .env("OPENAI_API_KEY", "sk-of-the-user")
        .env("OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    let shown = setup.command(&["demo"], b"").await;
    assert_eq!(shown.code, Some(0), "{}{}", shown.stdout, shown.stderr);
    assert!(!shown.stdout.contains("openai/"), "{}", shown.stdout);
}
