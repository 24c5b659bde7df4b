//! Files over plain HTTP: what they are is proved by metadata, so the transport proves nothing.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a server has to begin, and again for every [`PIECE_BYTES`].
pub const PATIENCE: Duration = Duration::from_secs(10);
const PIECE_BYTES: usize = 64 * 1024;
const HEAD_BYTES: usize = 16 * 1024;
const AGENT: &str = concat!("palisade-tuf-client/", env!("CARGO_PKG_VERSION"));

#[derive(Debug, Error)]
pub enum HttpError {
    #[error("{0} is not an http:// address")]
    Address(String),
    #[error("cannot connect to {0}")]
    Connect(String, #[source] std::io::Error),
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    #[error("the answer is {0}")]
    Refused(StatusCode),
    #[error("the server is slower than {PIECE_BYTES} bytes in {0:?}")]
    Slow(Duration),
    #[error("the file is longer than {0} bytes")]
    TooLong(usize),
    #[error("the piece was refused")]
    Piece(#[source] anyhow::Error),
}

#[derive(Debug)]
pub struct Http {
    runtime: Runtime,
    patience: Duration,
}

impl Http {
    pub fn new(patience: Duration) -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, patience })
    }

    /// A file of at most `max_bytes`; `None` where the server has none.
    pub fn get(&self, url: &str, max_bytes: usize) -> Result<Option<Vec<u8>>, HttpError> {
        let mut bytes = Vec::new();
        let answer = self.stream(url, |piece| {
            if bytes.len() + piece.len() > max_bytes {
                return Err(HttpError::TooLong(max_bytes));
            }
            bytes.extend_from_slice(piece);
            Ok(())
        });
        match answer {
            Ok(()) => Ok(Some(bytes)),
            Err(HttpError::Refused(StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Hands on a file piece by piece, until one is refused.
    pub fn stream(
        &self,
        url: &str,
        take: impl FnMut(&[u8]) -> Result<(), HttpError>,
    ) -> Result<(), HttpError> {
        let patience = self.patience;
        self.runtime.block_on(async {
            // Ends with the request, and the connection with it.
            let mut connections = JoinSet::new();
            let response = timeout(patience, begin(url, &mut connections));
            let response = response.await.map_err(|_| HttpError::Slow(patience))??;
            if response.status() != StatusCode::OK {
                return Err(HttpError::Refused(response.status()));
            }
            read(response.into_body(), patience, take).await
        })
    }
}

async fn begin(
    url: &str,
    connections: &mut JoinSet<Result<(), hyper::Error>>,
) -> Result<Response<Incoming>, HttpError> {
    let bad = || HttpError::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| bad())?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
    let authority = authority.ok_or_else(bad)?;
    let host = authority.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| HttpError::Connect(authority.to_string(), error))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES.max(PIECE_BYTES))
        .handshake(TokioIo::new(stream))
        .await?;
    connections.spawn(connection);
    let request = Request::get(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(HOST, authority.as_str())
        .header(USER_AGENT, AGENT)
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| bad())?;
    Ok(sender.send_request(request).await?)
}

/// A server that sends a byte now and then would otherwise hold us for ever.
async fn read(
    mut body: Incoming,
    patience: Duration,
    mut take: impl FnMut(&[u8]) -> Result<(), HttpError>,
) -> Result<(), HttpError> {
    loop {
        let piece = timeout(patience, read_piece(&mut body, &mut take)).await;
        if piece.map_err(|_| HttpError::Slow(patience))?? == Piece::Last {
            return Ok(());
        }
    }
}

#[derive(PartialEq, Eq)]
enum Piece {
    Full,
    Last,
}

async fn read_piece(
    body: &mut Incoming,
    take: &mut impl FnMut(&[u8]) -> Result<(), HttpError>,
) -> Result<Piece, HttpError> {
    let mut received = 0;
    while received < PIECE_BYTES {
        let Some(frame) = body.frame().await else {
            return Ok(Piece::Last);
        };
        if let Some(bytes) = frame?.data_ref() {
            received += bytes.len();
            take(bytes)?;
        }
    }
    Ok(Piece::Full)
}

/// An address under `base`; whatever a path may not contain is quoted.
pub fn address(base: &str, path: &str) -> String {
    let mut address = base.to_owned();
    if !base.ends_with('/') {
        address.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that answers this much, then nothing until it is left.
    fn stalling(begins_with: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody calls");
            // An answer to nothing would be an error of another kind.
            let mut request = vec![0; 1024];
            let _ = stream.read(&mut request).expect("somebody asks");
            stream.write_all(begins_with).expect("somebody listens");
            let _ = stream.read_to_end(&mut request);
        });
        format!("http://{address}/timestamp.json")
    }

    #[test]
    fn probe_a_server_that_stalls_is_left() {
        let http = Http::new(Duration::from_millis(100)).expect("a runtime starts");
        for begins_with in [
            b"".as_slice(),
            b"HTTP/1.1 200",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        ] {
            let answer = http.get(&stalling(begins_with), 1024);
            assert!(matches!(answer, Err(HttpError::Slow(_))), "{answer:?}");
        }
    }

    #[test]
    fn what_a_path_may_not_contain_is_quoted() {
        assert_eq!(
            address("http://h/m", "a/b c?#%.é"),
            "http://h/m/a/b%20c%3F%23%25.%C3%A9"
        );
        assert_eq!(address("http://h/m/", "@"), "http://h/m/@");
    }
}
