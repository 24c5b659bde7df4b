//! The one-time link behind which the first administrator is made.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::Response;
use language::say;
use protocol::text::Name;
use serde::Deserialize;
use ui::pages::setup::{self, SetupView};
use ui::parts::form::Field;

use super::html;
use crate::accounts::names::new_account_name;
use crate::store::fault::ChangeError;
use crate::store::operators::{Operator, Role};
use crate::store::secret_hash::SecretHash;
use crate::store::setup::Redemption;
use crate::web::acts::sentence;
use crate::web::error::WebError;
use crate::web::forms::{Named, PageForm, again, dressed};
use crate::web::frame::Frame;
use crate::web::origin::Origin;
use crate::web::session::Fresh;
use crate::web::session::password::{Typed, weakness};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupForm {
    name: String,
    password: Typed,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(token): Named<String>,
) -> Result<Response, WebError> {
    if !waits(&web, &token)? {
        return Ok(over(&web, &frame));
    }
    Ok(html(&page(
        &web,
        &frame,
        token,
        Field::default(),
        Field::default(),
    )))
}

pub async fn create(
    Handle(web): Handle<Web>,
    origin: Origin,
    frame: Frame,
    Named(token): Named<String>,
    PageForm(form): PageForm<SetupForm>,
) -> Result<Response, WebError> {
    web.guards.logins.pace(&origin)?;
    if !waits(&web, &token)? {
        return Ok(over(&web, &frame));
    }
    let name = match check(&form) {
        Ok(name) => name,
        Err((name, password)) => return Ok(again(&page(&web, &frame, token, name, password))),
    };
    let password = web.guards.passwords.hash(form.password.as_str()).await?;
    let operator = Operator {
        name: name.clone(),
        role: Role::Admin,
        created: wall(),
        password,
    };
    let fresh = Fresh::new(&name, &origin, wall())?;
    match store(&web, &origin, &token, operator, &fresh).await {
        Ok(()) => Ok(fresh.enter("/")),
        Err(WebError::NoSuch(_)) => Ok(over(&web, &frame)),
        Err(WebError::AlreadySo(_)) => {
            let taken = Field::wrong(form.name.clone(), say!("Somebody has this name already."));
            Ok(again(&page(&web, &frame, token, taken, Field::default())))
        }
        Err(WebError::Invalid(flaws)) => {
            let why = flaws.first().map(|flaw| sentence(&flaw.what));
            let alike = Field::wrong(form.name.clone(), why.unwrap_or_default());
            Ok(again(&page(&web, &frame, token, alike, Field::default())))
        }
        Err(error) => Err(error),
    }
}

/// The link is used up, the account made and the person let in, all at once or not at all.
async fn store(
    web: &Web,
    origin: &Origin,
    token: &str,
    operator: Operator,
    fresh: &Fresh,
) -> Result<(), WebError> {
    let hash = SecretHash::of_setup_token(token.as_bytes());
    let (session_hash, session) = (fresh.hash, fresh.session.clone());
    let change = Change {
        after: Some("admin"),
        ..Change::default()
    };
    let act = Trail::of(&operator.name, origin).act("user.create", operator.name.as_str(), change);
    web.change(move |changes| {
        match changes.redeem_setup_token(&hash, wall())? {
            Redemption::Redeemed => {}
            Redemption::Expired | Redemption::Unknown => {
                return Err(ChangeError::Missing("setup link"));
            }
        }
        changes.add_operator(&operator)?;
        changes.open_session(&session_hash, &session)?;
        changes.audit(act).map(drop)
    })
    .await
}

fn waits(web: &Web, token: &str) -> Result<bool, WebError> {
    let hash = SecretHash::of_setup_token(token.as_bytes());
    let waiting = web.reader.setup_token()?;
    Ok(waiting.is_some_and(|waiting| waiting.hash == hash && wall() < waiting.expires))
}

fn check(form: &SetupForm) -> Result<Name, (Field, Field)> {
    let name = form.name.trim();
    let weak = weakness(form.password.as_str(), name);
    match (new_account_name(name), weak) {
        (Ok(name), None) => Ok(name),
        (named, weak) => {
            let error = named.err().map(|error| sentence(&error.to_string()));
            let name = Field {
                value: name.to_owned(),
                error,
            };
            let password = Field {
                value: String::new(),
                error: weak.map(str::to_owned),
            };
            Err((name, password))
        }
    }
}

fn page(web: &Web, frame: &Frame, token: String, name: Field, password: Field) -> maud::Markup {
    let view = SetupView::Form {
        token,
        name,
        password,
    };
    setup::page(&web.shell(&frame.clone().signed_in(None)), &view)
}

/// Used, expired and never made look the same.
fn over(web: &Web, frame: &Frame) -> Response {
    let shell = web.shell(&frame.clone().signed_in(None));
    dressed(StatusCode::GONE, &setup::page(&shell, &SetupView::Expired))
}
