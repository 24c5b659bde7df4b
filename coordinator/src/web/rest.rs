//! What a client still sends when its answer is ready is read first: a connection that is closed over unread bytes
//! takes the answer with it, or the next request on it (RFC 9112, section 9.6).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt as _};

/// Bytes that are read for nobody, and how long that may take. Whoever sends more is told that the connection ends.
const MOST: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn read_first(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let keeps_alive = request.version() <= Version::HTTP_11;
    let rest = Rest::default();
    let request = request.map(|body| rest.lend(body));
    let mut response = next.run(request).await;
    if !rest.is_read().await && keeps_alive {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// Where a body comes back to that was not read to its end.
#[derive(Clone, Default)]
struct Rest(Arc<Mutex<Option<BodyDataStream>>>);

impl Rest {
    fn lend(&self, body: Body) -> Body {
        Body::from_stream(Lent {
            stream: Some(body.into_data_stream()),
            home: self.clone(),
        })
    }

    /// Reads what came back; says whether that was all.
    async fn is_read(&self) -> bool {
        let returned = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut stream) = returned else {
            return true;
        };
        let all = async {
            let mut read = 0;
            while let Some(part) = stream.next().await {
                let Ok(bytes) = part else { return false };
                read += bytes.len();
                if read > MOST {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(PATIENCE, all).await.unwrap_or(false)
    }
}

/// A body in the hands of whoever answers.
struct Lent {
    /// Nothing after its end.
    stream: Option<BodyDataStream>,
    home: Rest,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let polled = stream.poll_next_unpin(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.stream = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut home = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        *home = self.stream.take();
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn connect() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it has one");
        let app = Router::new()
            .route("/", post(async || "not read"))
            .layer(from_fn(read_first));
        tokio::spawn(async move { axum::serve(listener, app).await });
        TcpStream::connect(address).await.expect("it listens")
    }

    async fn head_of_answer(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"not read") {
            let mut next = [0; 512];
            let count = stream.read(&mut next).await.expect("it is readable");
            assert_ne!(count, 0, "closed without an answer: {bytes:?}");
            bytes.extend_from_slice(&next[..count]);
        }
        String::from_utf8_lossy(&bytes).to_lowercase()
    }

    #[tokio::test]
    async fn a_body_that_comes_late_and_is_not_wanted_leaves_the_connection_usable() {
        let mut stream = connect().await;
        for _ in 0..3 {
            let head = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\n";
            stream.write_all(head).await.expect("the head is sent");
            tokio::time::sleep(Duration::from_millis(50)).await;
            stream.write_all(b"later").await.expect("the body is sent");
            let head = head_of_answer(&mut stream).await;
            assert!(!head.contains("connection: close"), "{head}");
        }
    }

    #[tokio::test]
    async fn whoever_does_not_send_what_was_announced_is_told_that_the_connection_ends() {
        let mut stream = connect().await;
        let head = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\n";
        stream.write_all(head).await.expect("the head is sent");
        let head = head_of_answer(&mut stream).await;
        assert!(head.contains("connection: close"), "{head}");
    }
}
