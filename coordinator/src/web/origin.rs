//! Where a request comes from, how it asks to be answered, and the id under which it is logged.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Uri};
use data_encoding::BASE32_NOPAD;
use protocol::text::{Name, Path};
use tower_http::request_id::{MakeRequestId, RequestId};

use super::caller::AtTheConsole;

/// Facts of one request that are no argument of it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Nothing when the listener does not say.
    pub address: Option<IpAddr>,
    /// The request's id.
    pub request: String,
    pub hx: Hx,
    pub agent: Option<Path>,
    kind: Kind,
}

/// Addresses that programs use, and that are not described in OpenAPI.
const PROGRAMS: [&str; 3] = ["/metrics", "/healthz", "/ws"];

/// Which form of an answer htmx asks for. It is only a wish: it never decides what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hx {
    Full,
    Partial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
    Program,
}

/// Eighty random bits for each request; what the client calls it is not trusted.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestIds;

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).ok()?;
        let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
        HeaderValue::from_str(&text).ok().map(RequestId::new)
    }
}

/// What another question in the same request's place has to carry of it. What a router has found in the path is not
/// among it: a second router would find it once more.
pub fn carried(extensions: &Extensions) -> Extensions {
    fn carry<T: Clone + Send + Sync + 'static>(from: &Extensions, to: &mut Extensions) {
        if let Some(known) = from.get::<T>() {
            to.insert(known.clone());
        }
    }
    let mut carried = Extensions::new();
    carry::<ConnectInfo<SocketAddr>>(extensions, &mut carried);
    carry::<RequestId>(extensions, &mut carried);
    carry::<AtTheConsole>(extensions, &mut carried);
    carried
}

impl Origin {
    pub fn of(request: &Request) -> Self {
        Self::from_pieces(request.uri(), request.headers(), request.extensions())
    }

    fn from_pieces(uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let address = extensions.get::<ConnectInfo<SocketAddr>>();
        let request = extensions
            .get::<RequestId>()
            .and_then(|id| id.header_value().to_str().ok());
        let agent = headers
            .get(USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        let path = uri.path();
        let program = path == "/api"
            || path.starts_with("/api/")
            || super::api::serves(path)
            || PROGRAMS.contains(&path);
        Self {
            address: address.map(|info| info.0.ip().to_canonical()),
            request: request.unwrap_or("none").to_owned(),
            hx: Hx::of(headers),
            agent: agent.and_then(Path::fitted),
            kind: if program { Kind::Program } else { Kind::Page },
        }
    }

    /// Whether the answer is read by a program rather than by a person.
    pub fn is_program(&self) -> bool {
        self.kind == Kind::Program
    }

    pub fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.is_loopback())
    }

    pub fn address_name(&self) -> Option<Name> {
        Name::new(self.address?.to_string()).ok()
    }

    pub fn request_name(&self) -> Option<Name> {
        Name::new(self.request.clone()).ok()
    }
}

impl Hx {
    /// `HX-Request-Type` tells a request for a region from one for a page.
    pub fn of(headers: &HeaderMap) -> Self {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        if is("hx-request", "true") && !is("hx-request-type", "full") {
            Self::Partial
        } else {
            Self::Full
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_pieces(
            &parts.uri,
            &parts.headers,
            &parts.extensions,
        ))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Hx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}
