//! Logging in with a passkey alone: what it shows stands for a password and a second factor at once.

use axum::extract::State as Handle;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use language::{Word, word};
use serde::Deserialize;
use ui::links;
use ui::pages::login_passkey::{self as page, Asked, Manner, PasskeyLoginView};

use super::html;
use super::login::{NextQuery, begin};
use crate::passkeys::Site;
use crate::passkeys::challenge::Act;
use crate::secrets::random;
use crate::web::entrance::With;
use crate::web::entrance::passkey::{self, AtSite};
use crate::web::error::WebError;
use crate::web::forms::{AskedFor, PageForm, again};
use crate::web::frame::Frame;
use crate::web::gate::local_path;
use crate::web::origin::Origin;
use crate::web::session::{cookie, with_cookie};
use crate::web::{Web, wall};

/// Ties a challenge to the browser that asked for it.
const COOKIE: &str = "__Host-palisade-passkey";
const WRONG: Word = word!("This passkey opens no account here, or its answer came too late.");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyForm {
    answer: String,
    next: Option<String>,
}

pub async fn show(
    Handle(web): Handle<Web>,
    AtSite(site): AtSite,
    headers: HeaderMap,
    frame: Frame,
    AskedFor(query): AskedFor<NextQuery>,
) -> Result<Response, WebError> {
    let Some(site) = site else {
        return Ok(
            Redirect::to(&links::login(query.next.as_deref().and_then(local_path))).into_response(),
        );
    };
    let next = query.next.filter(|next| local_path(next).is_some());
    let view = PasskeyLoginView {
        next,
        manner: Manner::AtOnce,
        ..PasskeyLoginView::default()
    };
    asked(&web, &site, (&headers, &frame), view, |page| html(&page))
}

pub async fn enter(
    Handle(web): Handle<Web>,
    (origin, AtSite(site)): (Origin, AtSite),
    headers: HeaderMap,
    frame: Frame,
    PageForm(form): PageForm<PasskeyForm>,
) -> Result<Response, WebError> {
    let site = site.ok_or(WebError::NoSuchPage)?;
    let next = form.next.as_deref().and_then(local_path);
    let browser = cookie(&headers, COOKIE).unwrap_or_default();
    let shown = (form.answer.as_str(), browser);
    if let Some(operator) = passkey::identify(&web, (&origin, &site), shown).await? {
        let by = (&operator.name, With::Passkey);
        return begin(&web, &origin, &headers, by, next.unwrap_or("/")).await;
    }
    let view = PasskeyLoginView {
        next: next.map(str::to_owned),
        error: Some(WRONG.now().to_owned()),
        ..PasskeyLoginView::default()
    };
    asked(&web, &site, (&headers, &frame), view, |page| again(&page))
}

/// The page with a fresh question for this browser in it.
fn asked(
    web: &Web,
    site: &Site,
    (headers, frame): (&HeaderMap, &Frame),
    view: PasskeyLoginView,
    answer: impl FnOnce(maud::Markup) -> Response,
) -> Result<Response, WebError> {
    let broken = |_| WebError::Broken;
    let browser = match cookie(headers, COOKIE) {
        Some(browser) if browser.len() == 22 => browser.to_owned(),
        _ => BASE64URL_NOPAD.encode(&random::<16>().map_err(broken)?),
    };
    let challenge = web.challenges.ask(Act::Enter, &browser, wall());
    let view = PasskeyLoginView {
        asked: Asked {
            site: site.name.clone(),
            challenge: challenge.map_err(broken)?,
            known: Vec::new(),
        },
        ..view
    };
    let shell = web.shell(&frame.clone().signed_in(None));
    let cookie =
        format!("{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600");
    let plain = browser
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let page = answer(page::page(&shell, &view));
    Ok(if plain {
        with_cookie(&cookie, page)
    } else {
        page
    })
}
