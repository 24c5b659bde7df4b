//! The one place that lets requests through doors: who asks, whether that is enough, and how often.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use protocol::id::DeviceId;
use protocol::text::Name;
use protocol::time::Timestamp;
use ui::links;

use super::caller::{AtTheConsole, Caller, Credential, Need, Reporter};
use super::doors::Pass;
use super::error::WebError;
use super::origin::{Hx, Origin};
use super::session::limits::{Limit, neighbourhood};
use super::session::{self, TOUCH};
use super::{Web, wall};
use crate::keyed;
use crate::logbook::KEY_PREFIX;
use crate::permissions::Area;
use crate::store::api_tokens::{ApiToken, Reading};
use crate::store::secret_hash::SecretHash;

/// Requests that one address may send at once, and how fast they come back.
const BURST: u32 = 600;
const REFILL: Duration = Duration::from_millis(10);
/// How exactly the store knows when a token was used.
const TOKEN_TOUCH: Duration = Duration::from_secs(600);
const TOKEN_PREFIX: &str = "plsd_pat_";
/// How the header of every JSON Web Token begins: `{"`, in base 64.
const JWT_PREFIX: &str = "eyJ";
/// Requests that one account may send at once, from however many addresses, and how fast they come back.
const ACCOUNT_BURST: u32 = 1_200;
const ACCOUNT_REFILL: Duration = Duration::from_millis(10);
/// The same for a device with a key of its own.
const DEVICE_BURST: u32 = 60;
const DEVICE_REFILL: Duration = Duration::from_millis(500);

/// What one account, and one device, may ask for.
pub fn accounts() -> Limit<Name> {
    Limit::new(ACCOUNT_BURST, ACCOUNT_REFILL)
}

pub fn devices() -> Limit<DeviceId> {
    Limit::new(DEVICE_BURST, DEVICE_REFILL)
}

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
    match web.guards.requests.take(&address, (web.guards.clock)()) {
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
        Credential::Token(hash) => matches!(
            web.reader.api_token(&hash, wall()),
            Ok(Some(granted)) if matches!(stands(web, &granted), Ok(true))
        ),
        Credential::Grant(hash) => {
            let open = matches!(web.reader.grant(&hash, wall()), Ok(Some(_)));
            open && matches!(web.reader.barred(&caller.account), Ok(None))
        }
        Credential::Console => true,
    }
}

/// The layer of every door: finds the caller, and turns away who may not pass.
pub async fn admit(
    State((web, pass)): State<(Web, Pass)>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = Origin::of(&request);
    let need = pass.need;
    match by_device_key(&web, need, request.headers()) {
        Ok(None) => {}
        Ok(Some(reporter)) => {
            request.extensions_mut().insert(reporter);
            return next.run(request).await;
        }
        Err(error) => return error.into_response(),
    }
    let found = if request.extensions().get::<AtTheConsole>().is_some() {
        let caller = Caller::at_the_console();
        Ok(Some(Found {
            caller,
            token: None,
        }))
    } else {
        find(&web, &origin, request.headers()).await
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    let local = need == Need::SeeOrLocal && origin.is_loopback();
    let open = need == Need::Nothing || local;
    let Some(Found { caller, token }) = found else {
        if open {
            return next.run(request).await;
        }
        return turned_away(&origin, &request);
    };
    let may = need.allows(caller.role) && token.is_none_or(|token| reaches(&token, pass, &request));
    let now = (web.guards.clock)();
    let refused = if !open && !may {
        Some(WebError::NotAllowed)
    } else if let Err(wait) = web.guards.identities.take(&caller.account, now) {
        Some(WebError::TooMany { wait })
    } else {
        lacks_factor(&web, &caller, pass).unwrap_or_else(Some)
    };
    if let Some(error) = refused {
        let page = error == WebError::FactorMissing && !origin.is_program();
        let mut response = if page && *request.method() == Method::GET {
            Redirect::to(links::account()).into_response()
        } else {
            error.into_response()
        };
        response.extensions_mut().insert(caller);
        return response;
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    response
}

/// Whether the account has to show more than it can: it gets as far as its own pages, where that is changed.
fn lacks_factor(web: &Web, caller: &Caller, pass: Pass) -> Result<Option<WebError>, WebError> {
    let demand = web.facts.second_factor;
    let own = matches!(pass.area, Area::Own | Area::Entrance);
    if demand.is_nobody() || own || caller.credential == Credential::Console {
        return Ok(None);
    }
    let Some(operator) = web.reader.operator(&caller.account)? else {
        return Ok(None);
    };
    let unmet = demand.is_unmet(&web.reader, &operator)?;
    Ok(unmet.then_some(WebError::FactorMissing))
}

/// Whoever has shown a credential, and the token if it was one.
struct Found {
    caller: Caller,
    token: Option<ApiToken>,
}

fn reaches(token: &ApiToken, pass: Pass, request: &Request) -> bool {
    let reading = match *request.method() {
        Method::GET | Method::HEAD => Reading::Only,
        _ => Reading::AndWriting,
    };
    token.reaches(pass.area, reading)
}

/// The device that a key names, at doors where devices speak; nothing where no key of a device is shown.
fn by_device_key(web: &Web, need: Need, headers: &HeaderMap) -> Result<Option<Reporter>, WebError> {
    let Some(shown) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    if need == Need::Report
        && let Some(key) = bearer(shown, KEY_PREFIX)
    {
        let found = web
            .reader
            .log_key(&SecretHash::of_log_key(key.as_bytes()))?;
        let granted = found.ok_or(WebError::SignedOut)?;
        return Ok(Some(Reporter::Member(granted.device)));
    }
    if matches!(need, Need::Report | Need::Device)
        && let Some(key) = bearer(shown, keyed::KEY_PREFIX)
    {
        let device = web.reader.device_of_key(&keyed::hash(key))?;
        let device = device.ok_or(WebError::SignedOut)?;
        let taken = web.guards.devices.take(&device, (web.guards.clock)());
        taken.map_err(|wait| WebError::TooMany { wait })?;
        return Ok(Some(Reporter::Keyed(device)));
    }
    Ok(None)
}

async fn find(web: &Web, origin: &Origin, headers: &HeaderMap) -> Result<Option<Found>, WebError> {
    if origin.is_program()
        && let Some(shown) = headers.get(AUTHORIZATION)
    {
        if let Some(token) = bearer(shown, JWT_PREFIX) {
            let caller = by_access_token(web, token)?;
            return Ok(caller.map(|caller| Found {
                caller,
                token: None,
            }));
        }
        return by_token(web, shown).await;
    }
    let caller = match session::shown(headers) {
        Some(hash) => by_session(web, hash).await?,
        None => None,
    };
    Ok(caller.map(|caller| Found {
        caller,
        token: None,
    }))
}

/// Besides what the token says of itself, its grant has to be there and its account as it was.
fn by_access_token(web: &Web, token: &str) -> Result<Option<Caller>, WebError> {
    let now = wall();
    let claims = match web.tokens.read(token, now) {
        Ok(claims) => claims,
        Err(error) => {
            tracing::debug!(%error, "an access token is refused");
            return Ok(None);
        }
    };
    let (Ok(name), Some(grant)) = (Name::new(claims.sub), SecretHash::from_shown(&claims.sid))
    else {
        return Ok(None);
    };
    let granted = web.reader.grant(&grant, now)?;
    let operator = web.reader.operator(&name)?;
    let stands = granted.is_some_and(|granted| granted.operator == name)
        && web.reader.barred(&name)?.is_none();
    let operator = operator.filter(|operator| stands && operator.role.word() == claims.role);
    Ok(operator.map(|operator| Caller {
        name: operator.name.clone(),
        account: operator.name,
        role: operator.role,
        credential: Credential::Grant(grant),
    }))
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

async fn by_token(web: &Web, shown: &HeaderValue) -> Result<Option<Found>, WebError> {
    let Some(token) = bearer(shown, TOKEN_PREFIX) else {
        return Ok(None);
    };
    let (hash, now) = (SecretHash::of_api_token(token.as_bytes()), wall());
    let Some(granted) = web.reader.api_token(&hash, now)? else {
        return Ok(None);
    };
    if !stands(web, &granted)? {
        return Ok(None);
    }
    if is_stale(granted.used, now) {
        web.change(move |changes| changes.touch_api_token(&hash, now))
            .await?;
    }
    let caller = Caller {
        name: granted.name.clone(),
        account: granted.operator.clone(),
        role: granted.role,
        credential: Credential::Token(hash),
    };
    Ok(Some(Found {
        caller,
        token: Some(granted),
    }))
}

/// A token never does what its maker may not do any more.
fn stands(web: &Web, granted: &ApiToken) -> Result<bool, WebError> {
    if web.reader.barred(&granted.operator)?.is_some() {
        return Ok(false);
    }
    let maker = web.reader.operator(&granted.operator)?;
    Ok(maker.is_none_or(|maker| maker.role.includes(granted.role)))
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
    let page = ![
        "/login",
        "/logout",
        "/events",
        "/api/",
        "/setup/",
        "/invited/",
    ]
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
