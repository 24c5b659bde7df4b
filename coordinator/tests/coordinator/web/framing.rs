//! Requests whose end can be read in two ways: nobody gets a second request in behind the back of whoever read the first.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::rig::Rig;

/// What comes back for these bytes until the server hangs up or falls silent.
async fn answers(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(bytes).await.expect("they are sent");
    let mut heard = Vec::new();
    let read = stream.read_to_end(&mut heard);
    let _silent = tokio::time::timeout(Duration::from_millis(700), read).await;
    String::from_utf8_lossy(&heard).into_owned()
}

async fn listen(rig: &Rig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it has one");
    let app = rig
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// One answer follows the body of the one before without a line between them.
fn statuses(answers: &str) -> Vec<&str> {
    let answers = answers.split("HTTP/1.1 ").skip(1);
    answers.filter_map(|answer| answer.get(..3)).collect()
}

/// The forms of RFC 9112, sections 5 and 6, that two readers disagree about, and in each a request that one of them sees.
const AMBIGUOUS: [(&str, &str); 9] = [
    (
        "two lengths",
        "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 32\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "two lengths in one",
        "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 0, 32\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "a length with a sign",
        "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: +0\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "a space before the colon",
        "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length : 32\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "a folded line",
        "POST /login HTTP/1.1\r\nhost: a\r\nx: 1\r\n content-length: 32\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "a coding that is no coding",
        "POST /login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "chunked, and then something else",
        "POST /login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "a length beside chunks",
        "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 37\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
    (
        "chunks of HTTP/1.0",
        "POST /login HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /login HTTP/1.1\r\nhost: a\r\n\r\n",
    ),
];

#[tokio::test]
async fn no_request_hides_behind_one_that_can_be_read_in_two_ways() {
    let (rig, _) = Rig::with_admin().await;
    let address = listen(&rig).await;
    for (what, bytes) in AMBIGUOUS {
        let heard = answers(address, bytes.as_bytes()).await;
        assert!(statuses(&heard).len() <= 1, "{what}: {heard}");
        assert!(!statuses(&heard).contains(&"200"), "{what}: {heard}");
    }
}

#[tokio::test]
async fn two_requests_in_one_piece_are_two() {
    let (rig, _) = Rig::with_admin().await;
    let address = listen(&rig).await;
    let request = "GET /login HTTP/1.1\r\nhost: a\r\n\r\n";
    let heard = answers(address, request.repeat(2).as_bytes()).await;
    assert_eq!(statuses(&heard), ["200", "200"], "{heard}");
}

/// Story: a request that was too long at its head was refused without a word, and its sender could not tell why.
#[tokio::test]
async fn a_head_that_is_too_long_is_refused_in_words() {
    let (rig, _) = Rig::with_admin().await;
    let address = listen(&rig).await;
    let path = format!("/api/v1/devices?q={}", "a".repeat(9_000));
    let many: String = (0..70).map(|at| format!("x-{at}: 1\r\n")).collect();
    let long = format!("x: {}\r\n", "a".repeat(17_000));
    for (path, headers, status, word) in [
        (path.as_str(), "", "414", "address-too-long"),
        ("/api/v1/devices", many.as_str(), "431", "headers-too-large"),
        ("/api/v1/devices", long.as_str(), "431", "headers-too-large"),
    ] {
        let asked = format!("GET {path} HTTP/1.1\r\nhost: a\r\n{headers}connection: close\r\n\r\n");
        let answer = answers(address, asked.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains(word), "{answer}");
    }
}
