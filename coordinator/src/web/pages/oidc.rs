//! Logging in with an identity provider: out to it, and back with a code.

use axum::extract::State as Handle;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use ui::pages::login as page;

use super::html;
use super::login::NextQuery;
use crate::accounts::names::{account_name, new_account_name};
use crate::oidc::identity::Identity;
use crate::oidc::settings::OidcSettings;
use crate::oidc::{self, Callback, OidcError};
use crate::store::federated::{Entrance, Subject};
use crate::store::operators::Role;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;
use crate::web::frame::Frame;
use crate::web::gate::local_path;
use crate::web::metrics::LoginOutcome;
use crate::web::origin::Origin;
use crate::web::session::{self, Fresh, with_cookie};
use crate::web::tongue::greeted;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

/// Ties a login to the browser that began it. `Lax`, because the provider's site leads back.
const COOKIE: &str = "__Host-palisade-login";

pub async fn begin(
    Handle(web): Handle<Web>,
    origin: Origin,
    AskedFor(query): AskedFor<NextQuery>,
) -> Result<Response, WebError> {
    let home = web.home.as_ref().ok_or(WebError::NoSuchPage)?;
    if !OidcSettings::are_there(home) {
        return Err(WebError::NoSuchPage);
    }
    web.guards.logins.pace(&origin)?;
    let next = query.next.filter(|next| local_path(next).is_some());
    let begun = oidc::begin(home, &web.notes.oidc, next, wall()).await;
    let begun = begun.map_err(|error| unusable(&error))?;
    let cookie = format!(
        "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600",
        begun.browser.as_str()
    );
    Ok(with_cookie(
        &cookie,
        Redirect::to(&begun.url).into_response(),
    ))
}

/// What is wrong with the provider or the settings is for the log; people are told that it failed.
fn unusable(error: &OidcError) -> WebError {
    match error {
        OidcError::Unknown | OidcError::Provider(_) | OidcError::Identity(_) => {
            tracing::info!(%error, "a login at the provider is refused");
            WebError::NotAllowed
        }
        _ => {
            tracing::warn!(%error, "the provider cannot be used");
            WebError::Busy
        }
    }
}

pub async fn finish(
    Handle(web): Handle<Web>,
    origin: Origin,
    headers: HeaderMap,
    frame: Frame,
    AskedFor(callback): AskedFor<Callback>,
) -> Result<Response, WebError> {
    let home = web.home.as_ref().ok_or(WebError::NoSuchPage)?;
    if !OidcSettings::are_there(home) {
        return Err(WebError::NoSuchPage);
    }
    // Not paced as a try: a state is good once, and nothing is asked of the provider without one.
    let browser = session::cookie(&headers, COOKIE).unwrap_or_default();
    let finished = oidc::finish(home, &web.notes.oidc, (&callback, browser), wall()).await;
    let (identity, settings, next) = finished.map_err(|error| unusable(&error))?;
    let fresh = enter(&web, &origin, &identity, &settings).await?;
    web.metrics.login(LoginOutcome::Entered);
    let next = next.as_deref().and_then(local_path).unwrap_or("/");
    let frame = frame.signed_in(None);
    let mut page = html(&page::entered_page(&web.shell(&frame), next));
    let onwards = HeaderValue::from_str(&format!("0; url={next}"));
    if let Ok(onwards) = onwards {
        page.headers_mut().insert("refresh", onwards);
    }
    let over = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    let page = with_cookie(&over, fresh.enter_with(page));
    greeted(&web, &fresh.session.operator, page)
}

/// Account, role, session and audit entry, all at once or not at all.
async fn enter(
    web: &Web,
    origin: &Origin,
    identity: &Identity,
    settings: &OidcSettings,
) -> Result<Fresh, WebError> {
    let name = account_name(&identity.name).map_err(|_| WebError::NotAllowed)?;
    let Some(role) = settings.role(&identity.groups) else {
        return refuse(web, origin, "in no group that has a role").await;
    };
    let subject = Subject::new(&settings.issuer, &identity.subject);
    let known = web.reader.federated(subject)?;
    if known.is_none() && new_account_name(&identity.name).is_err() {
        return refuse(web, origin, "the name cannot be told from another").await;
    }
    let account = known.unwrap_or_else(|| name.clone());
    if web.reader.barred(&account)?.is_some() {
        return refuse(web, origin, "the account is shut").await;
    }
    let fresh = Fresh::new(&account, origin, wall())?;
    let (hash, opened) = (fresh.hash, fresh.session.clone());
    let trail = Trail::of(&account, origin);
    let entered = web
        .change(move |changes| {
            let entrance = changes.enter_federated(subject, (&account, role), wall())?;
            for act in acts(&trail, &entrance, role) {
                changes.audit(act)?;
            }
            changes.open_session(&hash, &opened)
        })
        .await;
    match entered {
        Ok(()) => Ok(fresh),
        Err(WebError::AlreadySo(_)) => refuse(web, origin, "a local account has this name").await,
        Err(WebError::Invalid(_)) => {
            refuse(web, origin, "the name looks like that of an account").await
        }
        Err(error) => Err(error),
    }
}

fn acts(trail: &Trail, entrance: &Entrance, role: Role) -> Vec<crate::store::audit::Act> {
    let after = Some(role.word());
    match entrance {
        Entrance::Made(name) => {
            let change = Change {
                before: None,
                after,
            };
            vec![
                trail.act("user.create_by_provider", name.as_str(), change),
                trail.act("user.log_in", name.as_str(), Change::default()),
            ]
        }
        Entrance::Known { name, before } => {
            let mut acts = Vec::new();
            if *before != role {
                let before = Some(before.word());
                acts.push(trail.act("user.role", name.as_str(), Change { before, after }));
            }
            acts.push(trail.act("user.log_in", name.as_str(), Change::default()));
            acts
        }
    }
}

async fn refuse(web: &Web, origin: &Origin, why: &'static str) -> Result<Fresh, WebError> {
    web.metrics.login(LoginOutcome::Refused);
    crate::web::entrance::note_refused_provider(web, origin, why).await?;
    Err(WebError::NotAllowed)
}
