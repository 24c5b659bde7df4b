//! The one-time link behind which somebody who was invited chooses a password.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use ui::pages::invited::{self as page, InvitedView};
use ui::parts::form::Field;
use zeroize::Zeroizing;

use super::html;
use crate::store::fault::ChangeError;
use crate::store::invitations::Invitation;
use crate::store::operators::Operator;
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;
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
pub struct InvitedForm {
    password: Typed,
}

pub async fn show(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(token): Named<String>,
) -> Result<Response, WebError> {
    let hash = SecretHash::of_invitation(token.as_bytes());
    Ok(match web.reader.invitation(&hash, wall())? {
        Some(invitation) => html(&form(&web, &frame, token, &invitation, Field::default())),
        None => over(&web, &frame),
    })
}

pub async fn accept(
    Handle(web): Handle<Web>,
    origin: Origin,
    frame: Frame,
    Named(token): Named<String>,
    PageForm(typed): PageForm<InvitedForm>,
) -> Result<Response, WebError> {
    web.guards.logins.pace(&origin)?;
    let hash = SecretHash::of_invitation(token.as_bytes());
    let Some(invitation) = web.reader.invitation(&hash, wall())? else {
        return Ok(over(&web, &frame));
    };
    let password = typed.password.as_str();
    if let Some(weak) = weakness(password, invitation.name.as_str()) {
        let field = Field::wrong("", weak);
        return Ok(again(&form(&web, &frame, token, &invitation, field)));
    }
    let password = web.guards.passwords.hash(password).await?;
    let fresh = Fresh::new(&invitation.name, &origin, wall())?;
    match redeem(&web, &origin, (hash, &invitation), password, &fresh).await {
        Ok(()) => Ok(fresh.enter("/")),
        // Somebody else was faster, or the account is not what it was when the link was made.
        Err(WebError::NoSuch(_) | WebError::AlreadySo(_)) => Ok(over(&web, &frame)),
        Err(error) => Err(error),
    }
}

/// The link is used up, the account made or opened and the person let in, all at once or not at all.
async fn redeem(
    web: &Web,
    origin: &Origin,
    (hash, invitation): (SecretHash, &Invitation),
    password: Zeroizing<String>,
    fresh: &Fresh,
) -> Result<(), WebError> {
    let (session_hash, session) = (fresh.hash, fresh.session.clone());
    let action = match invitation.role {
        Some(_) => "user.create",
        None => "user.new_password",
    };
    let change = Change {
        after: invitation.role.map(Role::word),
        ..Change::default()
    };
    let name = &invitation.name;
    let act = Trail::of(name, origin).act(action, name.as_str(), change);
    web.change(move |changes| {
        let waiting = changes.redeem_invitation(&hash, wall())?;
        let waiting = waiting.ok_or(ChangeError::Missing("invitation"))?;
        match waiting.role {
            Some(role) => changes.add_operator(&Operator {
                name: waiting.name.clone(),
                role,
                created: wall(),
                password,
            })?,
            None => changes.set_password(&waiting.name, &password)?,
        }
        changes.open_session(&session_hash, &session)?;
        changes.audit(act).map(drop)
    })
    .await
}

fn form(
    web: &Web,
    frame: &Frame,
    token: String,
    invitation: &Invitation,
    password: Field,
) -> maud::Markup {
    let view = InvitedView::Form {
        token,
        name: invitation.name.to_string(),
        role: invitation.role.map(|role| role.to_string()),
        password,
    };
    page::page(&web.shell(&frame.clone().signed_in(None)), &view)
}

/// Used, expired and never made look the same.
fn over(web: &Web, frame: &Frame) -> Response {
    let shell = web.shell(&frame.clone().signed_in(None));
    dressed(StatusCode::GONE, &page::page(&shell, &InvitedView::Over))
}
