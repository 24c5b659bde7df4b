//! Logins: an opaque id in a cookie, its hash in the store, an hour idle and a day at most.

use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use protocol::text::Name;
use protocol::time::Timestamp;
use zeroize::Zeroizing;

use super::error::WebError;
use super::origin::Origin;
use crate::store::Reader;
use crate::store::operators::Operator;
use crate::store::secret_hash::SecretHash;
use crate::store::sessions::Session;

pub mod limits;
pub mod password;

pub const COOKIE_NAME: &str = "__Host-palisade";
/// A session ends when it is not used for this long.
pub const IDLE: Duration = Duration::from_secs(3600);
/// A session ends after this long in any case.
pub const ABSOLUTE: Duration = Duration::from_secs(24 * 3600);
/// How exactly the store knows when a session was used.
pub const TOUCH: Duration = Duration::from_secs(60);

/// A session that is about to begin; the id leaves only in the cookie.
#[derive(Debug)]
pub struct Fresh {
    id: Zeroizing<[u8; 32]>,
    pub hash: SecretHash,
    pub session: Session,
}

impl Fresh {
    pub fn new(operator: &Name, origin: &Origin, now: Timestamp) -> Result<Self, WebError> {
        let mut id = Zeroizing::new([0; 32]);
        getrandom::fill(id.as_mut_slice()).map_err(|_| WebError::Broken)?;
        let session = Session {
            operator: operator.clone(),
            created: now,
            seen: now,
            expires: now.saturating_add(ABSOLUTE),
            address: origin.address_name(),
            agent: origin.agent.clone(),
        };
        let hash = SecretHash::of_session(id.as_slice());
        Ok(Self { id, hash, session })
    }

    /// Hands out the cookie and leads on.
    pub fn enter(&self, next: &str) -> Response {
        with_cookie(&self.cookie(), Redirect::to(next).into_response())
    }

    /// Hands out the cookie with a page.
    pub fn enter_with(&self, page: Response) -> Response {
        with_cookie(&self.cookie(), page)
    }

    fn cookie(&self) -> Zeroizing<String> {
        let id = Zeroizing::new(BASE64URL_NOPAD.encode(self.id.as_slice()));
        Zeroizing::new(format!(
            "{COOKIE_NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}",
            id.as_str(),
            ABSOLUTE.as_secs()
        ))
    }
}

/// Takes the cookie back and leads on.
pub fn leave(next: &str) -> Response {
    let cookie = format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let mut response = Redirect::to(next).into_response();
    let cleared = HeaderValue::from_static("\"cache\", \"storage\"");
    let name = HeaderName::from_static("clear-site-data");
    response.headers_mut().insert(name, cleared);
    with_cookie(&cookie, response)
}

/// The same answer with a cookie in it, which no log shows.
pub fn with_cookie(cookie: &str, mut response: Response) -> Response {
    let value = HeaderValue::from_str(cookie);
    let mut value = value.expect("a cookie is made of letters, digits and signs");
    value.set_sensitive(true);
    response.headers_mut().append(SET_COOKIE, value);
    response
}

/// The hash of the session id that a browser shows, if it shows one.
pub fn shown(headers: &HeaderMap) -> Option<SecretHash> {
    let text = cookie(headers, COOKIE_NAME)?;
    let id = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
    (id.len() == 32).then(|| SecretHash::of_session(&id))
}

/// A cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    let mut found = pairs.filter_map(|pair| pair.trim().split_once('='));
    found.find_map(|(key, value)| (key == name).then_some(value))
}

/// The session and its operator, if both are still good.
pub fn find(
    reader: &Reader,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Option<(Session, Operator)>, WebError> {
    let session = reader.session(hash, now)?;
    let Some(session) = session.filter(|session| now.since(session.seen) < IDLE) else {
        return Ok(None);
    };
    if reader.barred(&session.operator)?.is_some() {
        return Ok(None);
    }
    let operator = reader.operator(&session.operator)?;
    Ok(operator.map(|operator| (session, operator)))
}
