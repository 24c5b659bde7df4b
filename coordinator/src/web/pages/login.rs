//! Logging in and out.

use axum::extract::State as Handle;
use axum::http::HeaderMap;
use axum::response::Response;
use language::{Word, word};
use protocol::text::Name;
use serde::Deserialize;
use ui::pages::login::{self, LoginView, Passkeys, Provider};

use super::html;
use crate::oidc::settings::OidcSettings;
use crate::passkeys::Site;
use crate::web::caller::Caller;
use crate::web::entrance::passkey::AtSite;
use crate::web::entrance::{self, Shown, With};
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, PageForm, again};
use crate::web::frame::Frame;
use crate::web::gate::local_path;
use crate::web::metrics::LoginOutcome;
use crate::web::origin::Origin;
use crate::web::session::password::Typed;
use crate::web::session::{self, Fresh};
use crate::web::tongue::greeted;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

const WRONG: Word = word!("Name or password is wrong.");

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    pub next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginForm {
    name: String,
    password: Typed,
    /// Of an authenticator, where the account has one.
    code: Option<Typed>,
    next: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    AtSite(site): AtSite,
    frame: Frame,
    AskedFor(query): AskedFor<NextQuery>,
) -> Response {
    let view = LoginView {
        next: query.next.filter(|next| local_path(next).is_some()),
        provider: provider(&web),
        passkeys: passkeys(site.as_ref()),
        ..LoginView::default()
    };
    let frame = frame.signed_in(None);
    html(&login::page(&web.shell(&frame), &view))
}

pub async fn enter(
    Handle(web): Handle<Web>,
    (origin, AtSite(site)): (Origin, AtSite),
    headers: HeaderMap,
    frame: Frame,
    PageForm(form): PageForm<LoginForm>,
) -> Result<Response, WebError> {
    let shown = Shown {
        name: &form.name,
        password: form.password.as_str(),
        code: form.code.as_ref().map_or("", Typed::as_str),
    };
    match entrance::identify(&web, &origin, &shown).await? {
        Some((operator, with)) => {
            let next = form.next.as_deref().and_then(local_path).unwrap_or("/");
            begin(&web, &origin, &headers, (&operator.name, with), next).await
        }
        None => Ok(refused(&web, (&frame, site.as_ref()), &form)),
    }
}

/// A new id at every login, so that one planted before is worth nothing.
pub(super) async fn begin(
    web: &Web,
    origin: &Origin,
    headers: &HeaderMap,
    (name, with): (&Name, With),
    next: &str,
) -> Result<Response, WebError> {
    let fresh = Fresh::new(name, origin, wall())?;
    let change = Change {
        before: None,
        after: with.words(),
    };
    let act = Trail::of(name, origin).act("user.log_in", name.as_str(), change);
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
    greeted(web, name, fresh.enter(next))
}

/// Whether `oidc.toml` is there.
fn provider(web: &Web) -> Provider {
    match &web.home {
        Some(home) if OidcSettings::are_there(home) => Provider::Offered,
        _ => Provider::None,
    }
}

fn passkeys(site: Option<&Site>) -> Passkeys {
    site.map_or(Passkeys::NotHere, |_| Passkeys::Offered)
}

fn refused(web: &Web, (frame, site): (&Frame, Option<&Site>), form: &LoginForm) -> Response {
    let next = form.next.as_deref().and_then(local_path);
    let view = LoginView {
        name: form.name.chars().take(64).collect(),
        error: Some(WRONG.now().to_owned()),
        next: next.map(str::to_owned),
        provider: provider(web),
        passkeys: passkeys(site),
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
