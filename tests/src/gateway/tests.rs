//! The harness itself, tried on a shell script in the gateway's place.

use super::*;

const STAND_IN: &str = r#"
case $1 in
serve) ;;
echo) cat; echo to-stderr >&2; exit 3 ;;
*) echo "config refused: \`$1\`" >&2; exit 64 ;;
esac
trap 'echo reloaded >&2' HUP
trap 'echo drained; echo canary-in-a-file > record.jsonl; exit 7' TERM
echo 'a log line' >&2
echo '{"event":"listening","listen":"127.0.0.1:4001","admin":"127.0.0.1:4002"}'
while :; do read -r line || :; done
"#;

fn stand_in() -> Setup {
    Setup::new("x = 1").file("stand-in.sh", STAND_IN).program(&["/bin/sh", "stand-in.sh"])
}

#[tokio::test]
async fn ports_signals_words_and_files_are_seen() {
    let mut gateway = stand_in().start().await;
    assert_eq!(gateway.address().port(), 4001);
    assert_eq!(gateway.admin_address().port(), 4002);
    gateway.said("a log line").await;
    assert!(gateway.leaks(b"a log line") && !gateway.leaks(b"canary"));
    gateway.sighup();
    // A signal may come just before `read` blocks; a line wakes it.
    let mut stdin = gateway.child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stdin, b"\n").await.unwrap();
    gateway.said("reloaded").await;
    gateway.sigterm();
    // It may have ended already.
    let _ = tokio::io::AsyncWriteExt::write_all(&mut stdin, b"\n").await;
    assert_eq!(gateway.exit().await.code(), Some(7));
    assert!(gateway.leaks(b"canary-in-a-file"));
    assert!(gateway.finished().await.stdout.ends_with("drained\n"));
}

#[tokio::test]
async fn a_refusal_to_start_is_given_with_its_words() {
    let setup = Setup::new("x = 1").program(&["/bin/sh", "-c", "echo bad key >&2; exit 64"]);
    let refused = setup.try_start().await.unwrap_err();
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(64), "bad key\n"));
}

#[tokio::test]
async fn a_command_is_fed_and_heard() {
    let finished = stand_in().command(&["echo"], b"input").await;
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(3), "input"));
    assert_eq!(finished.stderr, "to-stderr\n");
}
