//! Logging in and out.

use std::time::Duration;

use axum::extract::State as Handle;
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::text::Name;
use serde::Deserialize;
use ui::pages::login::{self, LoginView};

use super::html;
use crate::store::operators::Operator;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, PageForm, again};
use crate::web::frame::Frame;
use crate::web::gate::local_path;
use crate::web::metrics::LoginOutcome;
use crate::web::origin::Origin;
use crate::web::session::limits::{Limit, neighbourhood};
use crate::web::session::password::{Match, Typed};
use crate::web::session::{self, Fresh};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

const WRONG: &str = "Name or password is wrong.";

/// Who may try how often. An address is paced; an account never is, because that would let a
/// stranger lock its owner out: where one account is tried from everywhere, each try takes longer.
#[derive(Debug)]
pub struct Attempts {
    by_address: Limit<u128>,
    by_name: Limit<String>,
    /// Failures that reach the audit trail, so that a stranger cannot make it grow at will.
    noted: Limit<()>,
}

const BY_ADDRESS: u32 = 10;
const ADDRESS_REFILL: Duration = Duration::from_secs(6);
const BY_NAME: u32 = 20;
const NAME_REFILL: Duration = Duration::from_secs(30);
const SLOWED_BY: Duration = Duration::from_secs(3);
const NOTED: u32 = 60;
const NOTED_REFILL: Duration = Duration::from_secs(60);

impl Default for Attempts {
    fn default() -> Self {
        Self {
            by_address: Limit::new(BY_ADDRESS, ADDRESS_REFILL),
            by_name: Limit::new(BY_NAME, NAME_REFILL),
            noted: Limit::new(NOTED, NOTED_REFILL),
        }
    }
}

impl Attempts {
    /// Takes one of an address's tries.
    pub fn pace(&self, origin: &Origin) -> Result<(), WebError> {
        let taken = self.by_address.take(&neighbourhood(origin.address), wall());
        taken.map_err(|wait| WebError::TooMany { wait })
    }

    async fn slow_down(&self, name: &str) {
        let key: String = name.chars().take(64).collect();
        if self.by_name.take(&key, wall()).is_err() {
            tokio::time::sleep(SLOWED_BY).await;
        }
    }

    /// Only the name is forgiven: who has an account of his own must not buy guesses with it.
    fn forgive(&self, name: &Name) {
        self.by_name.forgive(&name.to_string());
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginForm {
    name: String,
    password: Typed,
    next: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    AskedFor(query): AskedFor<NextQuery>,
) -> Response {
    let view = LoginView {
        next: query.next.filter(|next| local_path(next).is_some()),
        ..LoginView::default()
    };
    let frame = frame.signed_in(None);
    html(&login::page(&web.shell(&frame), &view))
}

pub async fn enter(
    Handle(web): Handle<Web>,
    origin: Origin,
    headers: HeaderMap,
    frame: Frame,
    PageForm(form): PageForm<LoginForm>,
) -> Result<Response, WebError> {
    let name = form.name.trim();
    let attempts = &web.guards.logins;
    attempts
        .pace(&origin)
        .inspect_err(|_| web.metrics.login(LoginOutcome::Paced))?;
    attempts.slow_down(name).await;
    let operator = match Name::new(name) {
        Ok(name) => web.reader.operator(&name)?,
        Err(_) => None,
    };
    let kept = operator.as_ref().map(|operator| operator.password.clone());
    let passwords = &web.guards.passwords;
    let compared = passwords.matches(form.password.as_str(), kept).await?;
    match (compared, operator) {
        (Match::Same, Some(operator)) => {
            attempts.forgive(&operator.name);
            let next = form.next.as_deref().and_then(local_path).unwrap_or("/");
            begin(&web, &origin, &headers, &operator.name, next).await
        }
        (_, operator) => {
            note_refusal(&web, &origin, operator.as_ref()).await?;
            Ok(refused(&web, &frame, &form))
        }
    }
}

/// A new id at every login, so that one planted before is worth nothing.
async fn begin(
    web: &Web,
    origin: &Origin,
    headers: &HeaderMap,
    name: &Name,
    next: &str,
) -> Result<Response, WebError> {
    let fresh = Fresh::new(name, origin, wall())?;
    let act = Trail::of(name, origin).act("user.log_in", name.as_str(), Change::default());
    let (hash, opened, before) = (fresh.hash, fresh.session.clone(), session::shown(headers));
    let before = match before {
        Some(before) => web.reader.session(&before, wall())?.map(|_| before),
        None => None,
    };
    web.change(move |changes| {
        if let Some(before) = before {
            changes.close_session(&before)?;
        }
        changes.open_session(&hash, &opened)?;
        changes.audit(act)
    })
    .await?;
    web.metrics.login(LoginOutcome::Entered);
    Ok(fresh.enter(next))
}

/// A name that nobody has is not written down: it may be a password in the wrong field.
async fn note_refusal(
    web: &Web,
    origin: &Origin,
    operator: Option<&Operator>,
) -> Result<(), WebError> {
    web.metrics.login(LoginOutcome::Refused);
    if web.guards.logins.noted.take(&(), wall()).is_err() {
        return Ok(());
    }
    let stranger = Name::new("nobody").expect("a short word is a name");
    let trail = Trail::of(&stranger, origin);
    let object = operator.map_or("an unknown name", |operator| operator.name.as_str());
    trail
        .note(web, "user.log_in_refused", object, Change::default())
        .await
}

fn refused(web: &Web, frame: &Frame, form: &LoginForm) -> Response {
    let next = form.next.as_deref().and_then(local_path);
    let view = LoginView {
        name: form.name.chars().take(64).collect(),
        error: Some(WRONG.to_owned()),
        next: next.map(str::to_owned),
    };
    let frame = frame.clone().signed_in(None);
    again(&login::page(&web.shell(&frame), &view))
}

pub async fn leave(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
) -> Result<Response, WebError> {
    let act = trail.act("user.log_out", caller.name.as_str(), Change::default());
    let session = caller.session().ok_or(WebError::SignedOut)?;
    web.change(move |changes| {
        changes.close_session(&session)?;
        changes.audit(act)
    })
    .await?;
    Ok(session::leave(ui::links::route::LOGIN))
}
