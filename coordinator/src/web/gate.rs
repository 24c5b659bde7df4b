//! The one place that lets requests through doors: who asks, whether that is enough, and how often.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use protocol::time::Timestamp;
use ui::links;

use super::caller::{Caller, Credential, Need, Reporter};
use super::error::WebError;
use super::origin::{Hx, Origin};
use super::session::limits::{Limit, neighbourhood};
use super::session::{self, TOUCH};
use super::{Web, wall};
use crate::logbook::KEY_PREFIX;
use crate::store::secret_hash::SecretHash;

/// Requests that one address may send at once, and how fast they come back.
const BURST: u32 = 600;
const REFILL: Duration = Duration::from_millis(10);
/// How exactly the store knows when a token was used.
const TOKEN_TOUCH: Duration = Duration::from_secs(600);
const TOKEN_PREFIX: &str = "plsd_pat_";

/// How many requests each address has left.
#[derive(Debug)]
pub struct Requests(Limit<u128>);

impl Requests {
    /// Takes one; the error says how long until there is another.
    pub fn take(&self, address: &u128, now: Timestamp) -> Result<(), Duration> {
        self.0.take(address, now)
    }
}

impl Default for Requests {
    fn default() -> Self {
        Self(Limit::new(BURST, REFILL))
    }
}

/// The layer that keeps one address from taking the time of all.
pub async fn pace(State(web): State<Web>, request: Request, next: Next) -> Response {
    let address = neighbourhood(Origin::of(&request).address);
    match web.guards.requests.take(&address, wall()) {
        Ok(()) => next.run(request).await,
        Err(wait) => WebError::TooMany { wait }.into_response(),
    }
}

/// Whether what the caller of an open stream has shown still holds.
pub fn holds(web: &Web, caller: &Caller) -> bool {
    match caller.credential {
        Credential::Session(hash) => {
            matches!(session::find(&web.reader, &hash, wall()), Ok(Some(_)))
        }
        Credential::Token(hash) => matches!(web.reader.api_token(&hash, wall()), Ok(Some(_))),
    }
}

/// The layer of every door: finds the caller, and turns away who may not pass.
pub async fn admit(
    State((web, need)): State<(Web, Need)>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = Origin::of(&request);
    if need == Need::Report
        && let Some(shown) = request.headers().get(AUTHORIZATION)
        && let Some(key) = bearer(shown, KEY_PREFIX)
    {
        let found = web.reader.log_key(&SecretHash::of_log_key(key.as_bytes()));
        return match found {
            Ok(Some(granted)) => {
                request.extensions_mut().insert(Reporter(granted.device));
                next.run(request).await
            }
            Ok(None) => WebError::SignedOut.into_response(),
            Err(error) => WebError::from(error).into_response(),
        };
    }
    let caller = match find(&web, &origin, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let local = need == Need::SeeOrLocal && origin.is_loopback();
    match &caller {
        _ if need == Need::Nothing || local => {}
        None => return turned_away(&origin, &request),
        Some(caller) if !need.allows(caller.role) => {
            let mut response = WebError::NotAllowed.into_response();
            response.extensions_mut().insert(caller.clone());
            return response;
        }
        Some(_) => {}
    }
    let Some(caller) = caller else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    response
}

async fn find(web: &Web, origin: &Origin, headers: &HeaderMap) -> Result<Option<Caller>, WebError> {
    if origin.is_program()
        && let Some(shown) = headers.get(AUTHORIZATION)
    {
        return by_token(web, shown).await;
    }
    match session::shown(headers) {
        Some(hash) => by_session(web, hash).await,
        None => Ok(None),
    }
}

async fn by_session(web: &Web, hash: SecretHash) -> Result<Option<Caller>, WebError> {
    let now = wall();
    let Some((session, operator)) = session::find(&web.reader, &hash, now)? else {
        return Ok(None);
    };
    if now.since(session.seen) >= TOUCH {
        web.change(move |changes| changes.touch_session(&hash, now))
            .await?;
    }
    Ok(Some(Caller {
        name: operator.name.clone(),
        account: operator.name.clone(),
        role: operator.role,
        credential: Credential::Session(hash),
    }))
}

async fn by_token(web: &Web, shown: &HeaderValue) -> Result<Option<Caller>, WebError> {
    let Some(token) = bearer(shown, TOKEN_PREFIX) else {
        return Ok(None);
    };
    let (hash, now) = (SecretHash::of_api_token(token.as_bytes()), wall());
    let Some(granted) = web.reader.api_token(&hash, now)? else {
        return Ok(None);
    };
    if is_stale(granted.used, now) {
        web.change(move |changes| changes.touch_api_token(&hash, now))
            .await?;
    }
    Ok(Some(Caller {
        name: granted.name,
        account: granted.operator,
        role: granted.role,
        credential: Credential::Token(hash),
    }))
}

fn bearer<'a>(shown: &'a HeaderValue, prefix: &str) -> Option<&'a str> {
    let (scheme, token) = shown.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_ours = scheme.eq_ignore_ascii_case("bearer") && token.starts_with(prefix);
    is_ours.then_some(token)
}

fn is_stale(used: Option<Timestamp>, now: Timestamp) -> bool {
    used.is_none_or(|used| now.since(used) >= TOKEN_TOUCH)
}

/// A page leads to the login; htmx is told to, because it would put a redirect's target into a region.
fn turned_away(origin: &Origin, request: &Request) -> Response {
    if origin.is_program() {
        return WebError::SignedOut.into_response();
    }
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let asked = request.uri().path_and_query().map(PathAndQuery::as_str);
    let wanted = match origin.hx {
        Hx::Full => asked.filter(|_| reading),
        Hx::Partial => None,
    };
    let login = links::login(wanted.and_then(local_path));
    if request.headers().contains_key("hx-request") {
        let to = HeaderValue::from_str(&login).expect("links are percent-encoded");
        return (StatusCode::NO_CONTENT, [("hx-redirect", to)]).into_response();
    }
    Redirect::to(&login).into_response()
}

/// A path of ours to return to, and nothing that a browser could take for another site.
pub fn local_path(path: &str) -> Option<&str> {
    let plain = path.len() <= 1024 && !path.chars().any(|c| c.is_control() || c == '\\');
    let local = path.starts_with('/') && !path.starts_with("//");
    let page = !["/login", "/logout", "/events", "/api/", "/setup/"]
        .iter()
        .any(|door| path.starts_with(door));
    (plain && local && page).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_paths_are_returned_to() {
        for path in ["/", "/devices?status=silent", "/mesh?view=table"] {
            assert_eq!(local_path(path), Some(path));
        }
        for path in [
            "",
            "devices",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/\tevil",
            "javascript:alert(1)",
            "/logout",
            "/events?page=overview",
        ] {
            assert_eq!(local_path(path), None, "{path}");
        }
    }
}
