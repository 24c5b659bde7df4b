//! Tokens for programs, made, rotated and revoked on one's account page.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Redirect, Response};
use language::say;
use protocol::time::Timestamp;
use serde::Deserialize;
use ui::links;
use ui::pages::account::{self as page, TokenView};
use ui::parts::form::Field;
use zeroize::Zeroizing;

use super::account::{allows, view};
use super::html;
use crate::access::{TermsError, TokenTerms};
use crate::store::api_tokens::{ApiToken, Reach};
use crate::web::Web;
use crate::web::acts::accounts as acts;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::error::{Flaw, WebError};
use crate::web::forms::{Named, PageForm, again};
use crate::web::frame::Frame;
use crate::web::trail::Trail;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenForm {
    name: String,
    role: String,
    reach: String,
    area: String,
    days: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderForm {
    order: String,
}

pub async fn make(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    frame: Frame,
    PageForm(form): PageForm<TokenForm>,
) -> Result<Response, WebError> {
    let terms = match terms(&form, &caller) {
        Ok(terms) => terms,
        Err(error) => return refused(&web, &caller, &frame, &form, &error),
    };
    let (secret, granted) = acts::make_token(&web, (&caller, &trail), &terms).await?;
    Ok(shown(&web, &frame, &secret, &granted))
}

fn terms(form: &TokenForm, caller: &Caller) -> Result<TokenTerms, TermsError> {
    let reach = (form.reach == page::fields::READING).then_some(Reach::Reading);
    let area = Some(form.area.clone()).filter(|area| !area.is_empty());
    let areas: Vec<String> = area.into_iter().collect();
    let days = match form.days.trim() {
        "" => None,
        days => Some(days.parse().map_err(|_| TermsError::Days)?),
    };
    let named = (form.name.as_str(), form.role.as_str());
    TokenTerms::new(named, reach, &areas, days, caller.role)
}

fn refused(
    web: &Web,
    caller: &Caller,
    frame: &Frame,
    form: &TokenForm,
    error: &TermsError,
) -> Result<Response, WebError> {
    let mut view = view(web, caller)?;
    let typed = |text: &str| Field::new(text.chars().take(64).collect::<String>());
    (view.new_token.name, view.new_token.days) = (typed(&form.name), typed(&form.days));
    let said = Some(sentence(&error.to_string()));
    match error {
        TermsError::Name(_) => view.new_token.name.error = said,
        TermsError::Days => view.new_token.days.error = said,
        TermsError::Role(_) | TermsError::Beyond | TermsError::Area(_) => {
            view.new_token.error = said;
        }
    }
    Ok(again(&page::page(&web.shell(frame), &view)))
}

fn shown(web: &Web, frame: &Frame, secret: &Zeroizing<String>, granted: &ApiToken) -> Response {
    let view = TokenView {
        name: granted.name.to_string(),
        token: secret.to_string(),
        allows: allows(granted),
        expires_ms: granted.expires.map(Timestamp::as_millis),
    };
    html(&page::token_page(&web.shell(frame), &view))
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
    frame: Frame,
    PageForm(form): PageForm<OrderForm>,
) -> Result<Response, WebError> {
    let token = acts::token(&web, &caller, &id)?;
    match form.order.as_str() {
        "rotate" => {
            let rotated = acts::rotate_token(&web, (&caller, &trail), token).await?;
            Ok(shown(&web, &frame, &rotated.0, &rotated.1))
        }
        "revoke" => {
            acts::revoke_token(&web, &trail, token).await?;
            web.notes
                .flashes
                .put(&caller, say!("The token works no more."));
            Ok(Redirect::to(links::account()).into_response())
        }
        _ => Err(WebError::Invalid(vec![Flaw::new(
            "order",
            say!("use rotate or revoke"),
        )])),
    }
}
