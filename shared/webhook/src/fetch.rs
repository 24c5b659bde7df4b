//! One request with its answer: for the few places whose word is needed, not only its receipt.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::address::{Address, Cover};
use crate::post::{AGENT, HEAD_BYTES, PATIENCE, PostError, Roots, trusting};

/// Bytes of an answer that are read.
pub const ANSWER_BYTES: usize = 256 * 1024;

/// What is asked.
#[derive(Clone, Copy)]
pub enum Ask<'a> {
    Get,
    /// A form, with the `Authorization` header that goes with it.
    Form {
        body: &'a Zeroizing<String>,
        authorization: &'a Zeroizing<String>,
    },
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "Get",
            Self::Form { .. } => "Form(hidden)",
        })
    }
}

/// Why there is no answer that could be used.
#[derive(Debug, Error)]
pub enum FetchError {
    #[error(transparent)]
    Post(#[from] PostError),
    #[error("the answer is {status}: {says}")]
    Refused { status: StatusCode, says: String },
    #[error("the answer is longer than {ANSWER_BYTES} bytes, or broke off")]
    Body,
}

/// The body of an answer of 200 to 299; redirects are not followed.
pub async fn fetch(
    address: &Address,
    ask: Ask<'_>,
    roots: Roots<'_>,
) -> Result<Vec<u8>, FetchError> {
    tokio::time::timeout(PATIENCE, attempt(address, ask, roots))
        .await
        .map_err(|_| PostError::TooLate)?
}

async fn attempt(address: &Address, ask: Ask<'_>, roots: Roots<'_>) -> Result<Vec<u8>, FetchError> {
    let request = request(address, ask)?;
    let stream = TcpStream::connect((address.host.as_str(), address.port))
        .await
        .map_err(PostError::Connect)?;
    match address.cover {
        Cover::Loopback => exchange(stream, request).await,
        Cover::Tls => {
            let name = ServerName::try_from(address.host.clone())
                .map_err(|error| PostError::Tls(rustls::Error::General(error.to_string())))?;
            let connector = TlsConnector::from(Arc::new(trusting(roots)?));
            let stream = connector.connect(name, stream).await;
            exchange(stream.map_err(PostError::Connect)?, request).await
        }
    }
}

fn request(address: &Address, ask: Ask<'_>) -> Result<Request<Full<Bytes>>, PostError> {
    let body = match ask {
        Ask::Get => Bytes::new(),
        Ask::Form { body, .. } => Bytes::copy_from_slice(body.as_bytes()),
    };
    let mut request = Request::new(Full::new(body));
    *request.uri_mut() = address
        .path()
        .parse()
        .expect("it is the path of an address");
    let headers = request.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| PostError::Name);
    headers.insert(HOST, value(address.authority())?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Ask::Form { authorization, .. } = ask {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        let mut shown = value(authorization)?;
        shown.set_sensitive(true);
        headers.insert(AUTHORIZATION, shown);
        *request.method_mut() = Method::POST;
    }
    Ok(request)
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Vec<u8>, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(PostError::Broken)?;
    let asked = async {
        let response = sender.send_request(request).await;
        let response = response.map_err(PostError::Broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect();
        let body = body.await.map_err(|_| FetchError::Body)?.to_bytes();
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let says = String::from_utf8_lossy(&body).chars().take(200).collect();
        Err(FetchError::Refused { status, says })
    };
    let (mut asked, mut connection) = (std::pin::pin!(asked), std::pin::pin!(connection));
    // A connection that ends may have brought the answer before.
    tokio::select! {
        biased;
        answer = &mut asked => answer,
        _ = &mut connection => asked.await,
    }
}
