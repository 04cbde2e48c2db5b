//! The floor: the least that a proxy on hyper and tokio does. It reads each request whole, sends its bytes on, and passes the
//! answer on as it comes; it reads no JSON and knows no rules. What the gateway costs above it is the gateway's own.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self as client, SendRequest};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// As many as the gateway has on two cores, each with a loop, connections and a pool of its own.
const WORKERS: usize = 2;

type Pool = Rc<RefCell<Vec<SendRequest<Full<Bytes>>>>>;

/// Serves on a free port, printed on the first line, until the parent ends.
pub fn serve(mock: SocketAddr) {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let listener = listener.try_clone().unwrap();
            std::thread::spawn(move || worker(listener, mock))
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
}

fn worker(listener: std::net::TcpListener, mock: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        let listener = TcpListener::from_std(listener).unwrap();
        let pool = Pool::default();
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let pool = Rc::clone(&pool);
            let service = service_fn(move |request| pass(request, mock, Rc::clone(&pool)));
            tokio::task::spawn_local(server::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

async fn pass(
    request: Request<hyper::body::Incoming>,
    mock: SocketAddr,
    pool: Pool,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Ok(Response::default()) };
    let body = body.to_bytes();
    let request = |body| {
        let request = Request::builder().method(&head.method).uri(&head.uri);
        let request = request.header("host", mock.to_string()).header("content-type", "application/json");
        request.body(Full::new(body)).unwrap()
    };
    // One that was left in the middle of an answer, as clients do at the end of a round, is closed.
    let mut free = None;
    while let Some(mut sender) = { pool.borrow_mut().pop() } {
        if sender.ready().await.is_ok() {
            free = Some(sender);
            break;
        }
    }
    let mut sender = match free {
        Some(sender) => sender,
        None => connect(mock).await,
    };
    let answer = match sender.send_request(request(body.clone())).await {
        Ok(answer) => answer,
        Err(_) => {
            sender = connect(mock).await;
            sender.send_request(request(body)).await.unwrap()
        }
    };
    pool.borrow_mut().push(sender);
    let (head, body) = answer.into_parts();
    Ok(Response::from_parts(head, body.boxed()))
}

async fn connect(mock: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(mock).await.unwrap();
    let _ = stream.set_nodelay(true);
    let (sender, connection) = client::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::task::spawn_local(connection);
    sender
}
