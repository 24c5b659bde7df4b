//! One request, and whether somebody took it: no redirects, no body read, nothing kept for a next time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::address::{Address, Cover, Reach};
use crate::secret::Secret;

/// A receiver has this long for everything: its name, the connection, its answer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer's head; of its body none is read.
pub(crate) const HEAD_BYTES: usize = 16 * 1024;
pub(crate) const AGENT: &str = concat!("palisade/", env!("CARGO_PKG_VERSION"));

/// What is said, and under which name.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same for every attempt and every sender: a receiver takes it once.
    pub id: String,
    /// Unix seconds at which it is signed.
    pub second: u64,
    /// JSON.
    pub body: Vec<u8>,
}

/// Which authorities' word on a host is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roots<'a> {
    /// Those that the system trusts, read anew for each message.
    System,
    /// These certificates, as DER.
    These(&'a [Vec<u8>]),
}

/// How a message shows from whom it is.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// As Standard Webhooks describes it.
    Signed(&'a Secret),
    /// A token in its header, for receivers that know no signatures.
    Bearer(&'a Zeroizing<String>),
    Nothing,
}

/// Why nobody took the message.
#[derive(Debug, Error)]
pub enum PostError {
    #[error("no answer within {} s", PATIENCE.as_secs())]
    TooLate,
    #[error("the receiver is on this machine or in a private network: allow that, or name another")]
    NotPublic,
    #[error("cannot connect: {0}")]
    Connect(#[source] std::io::Error),
    #[error("the system has no authorities to trust: install ca-certificates")]
    NoRoots,
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the answer is {0}, not a success")]
    Refused(StatusCode),
    #[error("the message's name does not fit into a header")]
    Name,
}

/// Sends a signed message; success is an answer of 200 to 299.
pub async fn post(
    address: &Address,
    secret: &Secret,
    message: &Message,
    roots: Roots<'_>,
) -> Result<(), PostError> {
    let proof = Proof::Signed(secret);
    send(address, proof, message, roots, Reach::Anywhere).await
}

/// The same, with another proof, and no further than one says.
pub async fn send(
    address: &Address,
    proof: Proof<'_>,
    message: &Message,
    roots: Roots<'_>,
    reach: Reach,
) -> Result<(), PostError> {
    tokio::time::timeout(PATIENCE, attempt(address, proof, message, roots, reach))
        .await
        .map_err(|_| PostError::TooLate)?
}

async fn attempt(
    address: &Address,
    proof: Proof<'_>,
    message: &Message,
    roots: Roots<'_>,
    reach: Reach,
) -> Result<(), PostError> {
    let request = request(address, proof, message)?;
    let found = tokio::net::lookup_host((address.host.as_str(), address.port))
        .await
        .map_err(PostError::Connect)?;
    let allowed: Vec<_> = found.filter(|found| reach.allows(found.ip())).collect();
    if allowed.is_empty() {
        return Err(PostError::NotPublic);
    }
    let stream = TcpStream::connect(allowed.as_slice())
        .await
        .map_err(PostError::Connect)?;
    let status = match address.cover {
        Cover::Loopback => exchange(stream, request).await?,
        Cover::Tls => {
            let name = ServerName::try_from(address.host.clone())
                .map_err(|error| rustls::Error::General(error.to_string()))?;
            let connector = TlsConnector::from(Arc::new(trusting(roots)?));
            let stream = connector.connect(name, stream).await;
            exchange(stream.map_err(PostError::Connect)?, request).await?
        }
    };
    if status.is_success() {
        Ok(())
    } else {
        Err(PostError::Refused(status))
    }
}

fn request(
    address: &Address,
    proof: Proof<'_>,
    message: &Message,
) -> Result<Request<Full<Bytes>>, PostError> {
    let mut request = Request::new(Full::new(Bytes::from(message.body.clone())));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = address
        .path()
        .parse()
        .expect("it is the path of an address");
    let headers = request.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| PostError::Name);
    headers.insert(HOST, value(address.authority())?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", value(&message.id)?);
    headers.insert("webhook-timestamp", HeaderValue::from(message.second));
    match proof {
        Proof::Signed(secret) => {
            let signature = secret.sign(&message.id, message.second, &message.body);
            headers.insert("webhook-signature", value(&signature)?);
        }
        Proof::Bearer(token) => {
            let shown = Zeroizing::new(format!("Bearer {}", token.as_str()));
            let mut shown = value(&shown)?;
            shown.set_sensitive(true);
            headers.insert(AUTHORIZATION, shown);
        }
        Proof::Nothing => {}
    }
    Ok(request)
}

/// Writes the request and waits for the head of the answer; the rest goes with the connection.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, PostError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await?;
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(sender.send_request(request));
    // A connection that ends may have brought the answer before.
    let response = tokio::select! {
        biased;
        response = &mut answer => response?,
        _ = &mut connection => answer.await?,
    };
    Ok(response.status())
}

pub(crate) fn trusting(roots: Roots<'_>) -> Result<ClientConfig, PostError> {
    let mut store = RootCertStore::empty();
    let known = match roots {
        Roots::System => rustls_native_certs::load_native_certs().certs,
        Roots::These(known) => known.iter().map(|der| der.clone().into()).collect(),
    };
    store.add_parsable_certificates(known);
    if store.is_empty() {
        return Err(PostError::NoRoots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(config)
}
