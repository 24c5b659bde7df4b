//! Receivers of every temper: one that takes it, one that sends elsewhere, one that drips, one with a wrong certificate.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use webhook::post::{Message, PostError, Roots, post};
use webhook::secret::Secret;

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn message() -> Message {
    Message {
        id: "0011223344556677".to_owned(),
        second: 1_795_254_000,
        body: br#"{"type":"test"}"#.to_vec(),
    }
}

/// Reads one request and answers it; hands out the request.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"}") {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "the request ends with its body");
        heard.extend_from_slice(&piece[..count]);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(heard).unwrap()
}

/// What a receiver without TLS hears, and what the sender makes of its answer.
async fn told(answer: &'static str) -> (String, Result<(), PostError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook?k=1", listener.local_addr().unwrap());
    let receiver = async {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, answer).await
    };
    let address = address.parse().unwrap();
    let secret = Secret::from_bytes([7; 32]);
    let message = message();
    tokio::join!(receiver, post(&address, &secret, &message, Roots::System))
}

#[tokio::test]
async fn a_receiver_gets_one_signed_request_and_its_success_is_delivery() {
    let (heard, outcome) = told(TAKEN).await;
    outcome.expect("it was taken");
    for part in [
        "POST /hook?k=1 HTTP/1.1\r\n",
        "content-type: application/json\r\n",
        "webhook-id: 0011223344556677\r\n",
        "webhook-timestamp: 1795254000\r\n",
        "webhook-signature: v1,skEOIyDYSOWmbOmk5O/M6Z5x89bXFTpcgv0N1VpN/NA=\r\n",
        "\r\n\r\n{\"type\":\"test\"}",
    ] {
        assert!(heard.contains(part), "`{part}` is missing in\n{heard}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_refusal_is_no_delivery() {
    let away = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n\r\n";
    let sorry = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\nno";
    for (answer, status) in [(away, 307), (sorry, 500)] {
        let (_, outcome) = told(answer).await;
        assert!(matches!(outcome, Err(PostError::Refused(found)) if found.as_u16() == status));
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let head = "x-y: z\r\n".repeat(10_000);
    let endless = format!("HTTP/1.1 200 OK\r\n{head}\r\n").leak();
    let (_, outcome) = told(endless).await;
    assert!(matches!(outcome, Err(PostError::Broken(_))), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_says_nothing_is_left_after_ten_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let began = tokio::time::Instant::now();
    let outcome = post(
        &address.parse().unwrap(),
        &Secret::from_bytes([7; 32]),
        &message(),
        Roots::System,
    )
    .await;
    assert!(matches!(outcome, Err(PostError::TooLate)), "{outcome:?}");
    assert_eq!(began.elapsed(), webhook::post::PATIENCE);
}

#[tokio::test]
async fn over_tls_a_receiver_must_be_who_its_address_says() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let stranger = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let elsewhere = rcgen::generate_simple_self_signed(vec!["10.9.9.9".to_owned()]).unwrap();
    let (right, other, third) = (
        made.cert.der().to_vec(),
        stranger.cert.der().to_vec(),
        elsewhere.cert.der().to_vec(),
    );
    assert!(over_tls(&made, &[right]).await.is_ok());
    let refused = over_tls(&made, &[other]).await;
    assert!(matches!(refused, Err(PostError::Connect(_))), "{refused:?}");
    let refused = over_tls(&elsewhere, &[third]).await;
    assert!(matches!(refused, Err(PostError::Connect(_))), "{refused:?}");
    let refused = over_tls(&made, &[]).await;
    assert!(matches!(refused, Err(PostError::NoRoots)), "{refused:?}");
}

async fn over_tls(
    shown: &rcgen::CertifiedKey<rcgen::KeyPair>,
    trusted: &[Vec<u8>],
) -> Result<(), PostError> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(shown.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}/hook", listener.local_addr().unwrap());
    let receiver = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        if let Ok(stream) = acceptor.accept(stream).await {
            serve(stream, TAKEN).await;
        }
    });
    let outcome = post(
        &address.parse().unwrap(),
        &Secret::from_bytes([7; 32]),
        &message(),
        Roots::These(trusted),
    )
    .await;
    receiver.abort();
    outcome
}
