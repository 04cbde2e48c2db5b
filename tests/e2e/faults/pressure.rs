//! A client that stops reading stops its provider: nothing of a stream is gathered on the way.

use std::io;
use std::time::Duration;

use hearthgate_tests::anthropic::ask_stream;
use hearthgate_tests::bounded;
use hearthgate_tests::configs::{all_to_cloud, one_cloud};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat_stream;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::ASKED;

/// More than the sockets on the way hold together, with what a gateway has of one piece.
const HELD_MAX: usize = 40 << 20;

/// How long nothing more has to be taken, for a stream to stand still.
const STILL: Duration = Duration::from_millis(500);

/// What a provider has got rid of.
#[derive(Clone, Copy, Default)]
struct Poured {
    bytes: usize,
    still: bool,
}

/// Answers one request with a stream that never ends, as fast as it is taken.
async fn pour(listener: TcpListener, told: watch::Sender<Poured>) -> io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    let mut asked = [0; 64 << 10];
    // A short request comes in one piece, and what would be missing of it is read by nobody.
    let _ = stream.read(&mut asked).await?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    write(&stream, head.as_bytes(), &told).await?;
    let delta = json!({ "content": "x".repeat(16 << 10) });
    let chunk = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
    let event = format!("data: {chunk}\n\n");
    loop {
        write(&stream, event.as_bytes(), &told).await?;
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8], told: &watch::Sender<Poured>) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => {
                bytes = &bytes[written..];
                told.send_modify(|poured| *poured = Poured { bytes: poured.bytes + written, still: false });
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if tokio::time::timeout(STILL, stream.writable()).await.is_err() {
                    told.send_modify(|poured| poured.still = true);
                    stream.writable().await?;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_stops_reading_stops_its_provider() {
    for (path, body) in
        [("/v1/chat/completions", chat_stream("auto", ASKED)), ("/v1/messages", ask_stream("auto", ASKED))]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, mut poured) = watch::channel(Poured::default());
        let provider = tokio::spawn(pour(listener, told));
        let gateway =
            Setup::new(&one_cloud(&format!("http://{address}/v1"))).policy(&all_to_cloud()).start().await;
        let mut stream = gateway.client().open("POST", path, body.to_string().into()).await;
        assert!(stream.part().await.is_some(), "{path}");
        let stands = poured.wait_for(|poured| poured.still || poured.bytes > HELD_MAX);
        let stood = *bounded("the provider to be stopped", stands).await.unwrap();
        assert!(stood.still && stood.bytes <= HELD_MAX, "{path}: {} bytes were taken", stood.bytes);
        while poured.borrow().bytes < stood.bytes + (1 << 20) {
            assert!(stream.part().await.is_some(), "{path}: it goes on with its client");
        }
        stream.hang_up();
        assert!(bounded("the provider to be left", provider).await.unwrap().is_err(), "{path}");
    }
}
